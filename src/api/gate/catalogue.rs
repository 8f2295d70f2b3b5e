use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::{
        self, parse_schema,
        types::{
            BaseType, ExecutableDocument, FieldDefinition, InputValueDefinition, OperationDefinition, OperationType,
            ServiceDocument, TypeKind, TypeSystemDefinition,
        },
    },
};

use super::inputs::{self, Given, Input, Lists};

/// Rows assumed of a list whose size nothing tells.
const PLAIN_LIST: u64 = 10;

/// What a mutation weighs of which the schema states nothing: it writes, though it answers with one object. Whoever does so as fast as their
/// points come back must not fill tables, queues and other people's streams.
const MUTATION_WEIGHT: u64 = 20;

/// What the gate knows of the schema: of each field, whether it is an object and how many, and of each input what it takes.
#[derive(Debug)]
pub struct Catalogue {
    types: HashMap<Name, Type>,
    inputs: HashMap<Name, Input>,
    lists: Lists,
    query: Name,
    mutation: Name,
    subscription: Name,
}

#[derive(Debug, Default)]
pub(super) struct Type {
    pub is_introspection: bool,
    fields: HashMap<Name, Field>,
}

#[derive(Debug)]
pub(super) struct Field {
    /// `Type.field`.
    pub coordinate: Arc<str>,
    pub of: Name,
    pub shape: Shape,
    /// Points beside those of its objects.
    pub weight: u64,
    /// Whether the schema states that.
    is_weighed: bool,
    /// Whether it may be null; then, for each list, whether its items may.
    pub nullable: Vec<bool>,
}

/// How many objects a field yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A scalar or an enum, or a list of them.
    Leaf,
    One,
    /// A plain list, with the size that is assumed of it.
    List(u64),
    /// A list cut by `first` or `last`, with the page's default.
    Page(u64),
    /// A list of as many as the argument `ids` names.
    ByIds,
    /// One connection, with its page's default.
    Connection(u64),
    /// `edges` and `nodes`: as many as the page of the connection that they are in.
    Rows,
}

impl Catalogue {
    /// Reads a schema in SDL, once.
    ///
    /// A type named `…Connection` is a connection. A plain list is taken to be as long as
    /// `@listSize(assumedSize: Int)` on its field says, else 10; nested lists multiply. A field
    /// costs what `@cost(weight: Int)` on it says beside its objects; of a mutation that says nothing it is 20.
    ///
    /// # Errors
    ///
    /// Fails if `sdl` is not a schema.
    pub fn from_sdl(sdl: &str) -> Result<Self, parser::Error> {
        let schema = parse_schema(sdl)?;
        let introspection = parse_schema(include_str!("introspection.graphql"))?;
        let leaves = leaves(&[&schema, &introspection]);

        let mut catalogue = Self {
            types: HashMap::new(),
            inputs: Input::built_in().collect(),
            lists: Lists::new(),
            query: Name::new("Query"),
            mutation: Name::new("Mutation"),
            subscription: Name::new("Subscription"),
        };
        for definition in introspection.definitions.into_iter().chain(schema.definitions) {
            match definition {
                TypeSystemDefinition::Schema(schema) => catalogue.set_roots(schema.node),
                TypeSystemDefinition::Type(ty) => {
                    let is_one_of = ty.node.directives.iter().any(|it| it.node.name.node == "oneOf");
                    if let TypeKind::InputObject(object) = &ty.node.kind {
                        catalogue.note_lists(&object.fields);
                    }
                    if let Some(input) = Input::read(&ty.node.kind, is_one_of) {
                        catalogue.inputs.insert(ty.node.name.node, input);
                        continue;
                    }
                    let fields = match ty.node.kind {
                        TypeKind::Object(object) => object.fields,
                        TypeKind::Interface(interface) => interface.fields,
                        _ => continue,
                    };
                    let name = ty.node.name.node;
                    catalogue.note_lists(fields.iter().flat_map(|field| &field.node.arguments));
                    let fields: Vec<_> =
                        fields.into_iter().map(|field| Field::read(&name, &field.node, &leaves)).collect();
                    catalogue.entry(name).fields.extend(fields);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        for (field, of) in [("__schema", "__Schema"), ("__type", "__Type")] {
            let coordinate = format!("{}.{field}", catalogue.query).into();
            let known = Field {
                coordinate,
                of: Name::new(of),
                shape: Shape::One,
                weight: 0,
                is_weighed: false,
                nullable: vec![true],
            };
            let field = (Name::new(field), known);
            catalogue.entry(catalogue.query.clone()).fields.extend([field]);
        }
        // Now that it is known which type the mutations are of: the schema may say so after them.
        if let Some(mutations) = catalogue.types.get_mut(&catalogue.mutation) {
            for mutation in mutations.fields.values_mut().filter(|mutation| !mutation.is_weighed) {
                mutation.weight = MUTATION_WEIGHT;
            }
        }
        Ok(catalogue)
    }

    fn set_roots(&mut self, schema: parser::types::SchemaDefinition) {
        for (root, name) in [
            (&mut self.query, schema.query),
            (&mut self.mutation, schema.mutation),
            (&mut self.subscription, schema.subscription),
        ] {
            if let Some(name) = name {
                *root = name.node;
            }
        }
    }

    fn entry(&mut self, name: Name) -> &mut Type {
        let is_introspection = name.starts_with("__");
        self.types.entry(name).or_insert_with(|| Type { is_introspection, fields: HashMap::new() })
    }

    pub(super) fn root(&self, operation: OperationType) -> Option<&Type> {
        self.get(match operation {
            OperationType::Query => &self.query,
            OperationType::Mutation => &self.mutation,
            OperationType::Subscription => &self.subscription,
        })
    }

    pub(super) fn get(&self, name: &Name) -> Option<&Type> {
        self.types.get(name)
    }

    pub(super) fn given(&self, operation: &OperationDefinition, variables: &Variables) -> Option<Given> {
        inputs::given(&self.inputs, operation, variables)
    }

    pub(super) fn is_predictable(&self, document: &ExecutableDocument) -> bool {
        inputs::is_predictable(&self.lists, document)
    }

    fn note_lists<'a>(&mut self, inputs: impl IntoIterator<Item = &'a Positioned<InputValueDefinition>>) {
        for input in inputs {
            let lists = nullable(&input.node.ty.node).len().saturating_sub(1);
            let known = self.lists.entry(input.node.name.node.clone()).or_default();
            *known = lists.max(*known);
        }
    }
}

impl Type {
    pub(super) fn field(&self, name: &Name) -> Option<&Field> {
        self.fields.get(name)
    }
}

impl Field {
    fn read(parent: &Name, field: &FieldDefinition, leaves: &HashSet<Name>) -> (Name, Self) {
        let (of, lists) = named(&field.ty.node.base);
        let argument = |name| field.arguments.iter().find(|argument| argument.node.name.node == name);
        let is_paged = argument("first").or(argument("last")).is_some();
        let page = argument("first")
            .and_then(|first| first.node.default_value.as_ref())
            .and_then(|default| integer(&default.node))
            .unwrap_or(PLAIN_LIST);
        let shape = if leaves.contains(of) {
            Shape::Leaf
        } else if lists == 0 && is_connection(of) {
            Shape::Connection(page)
        } else if lists == 0 {
            Shape::One
        } else if is_paged {
            Shape::Page(page)
        } else if is_connection(parent) {
            Shape::Rows
        } else if argument("ids").is_some() {
            Shape::ByIds
        } else {
            Shape::List(stated(field, "listSize", "assumedSize").unwrap_or(PLAIN_LIST).saturating_pow(lists))
        };
        let coordinate = format!("{parent}.{}", field.name.node).into();
        let weight = stated(field, "cost", "weight");
        let (weight, is_weighed) = (weight.unwrap_or(0), weight.is_some());
        let nullable = nullable(&field.ty.node);
        (field.name.node.clone(), Self { coordinate, of: of.clone(), shape, weight, is_weighed, nullable })
    }
}

fn is_connection(name: &Name) -> bool {
    name.ends_with("Connection")
}

fn stated(field: &FieldDefinition, directive: &str, argument: &str) -> Option<u64> {
    let directive = field.directives.iter().find(|it| it.node.name.node == directive)?;
    integer(&directive.node.get_argument(argument)?.node)
}

fn integer(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

/// The type's name and how many lists are around it.
fn named(base: &BaseType) -> (&Name, u32) {
    match base {
        BaseType::Named(name) => (name, 0),
        BaseType::List(inner) => {
            let (name, lists) = named(&inner.base);
            (name, lists.saturating_add(1))
        }
    }
}

/// Whether a value of the type may be null; then, for each list, whether its items may.
fn nullable(ty: &parser::types::Type) -> Vec<bool> {
    let mut levels = vec![ty.nullable];
    if let BaseType::List(items) = &ty.base {
        levels.extend(nullable(items));
    }
    levels
}

fn leaves(schemas: &[&ServiceDocument]) -> HashSet<Name> {
    let built_in = ["Int", "Float", "String", "Boolean", "ID"].map(Name::new);
    let declared = schemas.iter().flat_map(|schema| &schema.definitions).filter_map(|it| match it {
        TypeSystemDefinition::Type(ty) if matches!(ty.node.kind, TypeKind::Scalar | TypeKind::Enum(_)) => {
            Some(ty.node.name.node.clone())
        }
        _ => None,
    });
    built_in.into_iter().chain(declared).collect()
}
