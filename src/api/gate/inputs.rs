//! Whether variables are of the types that their operation says, so that nobody has to validate the same document again.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Variables,
    parser::types::{
        BaseType, ExecutableDocument, InputObjectType, OperationDefinition, Selection, SelectionSet, Type, TypeKind,
    },
};
use async_graphql_value::{ConstValue, Value};

/// What may be given of a type.
#[derive(Debug)]
pub(super) enum Input {
    Int,
    Float,
    String,
    Boolean,
    Id,
    /// Any value: how it is written, only its resolver knows.
    Scalar,
    Enum(HashSet<Name>),
    Object {
        fields: HashMap<Name, Field>,
        /// Exactly one field is given.
        is_one_of: bool,
    },
}

#[derive(Debug)]
pub(super) struct Field {
    ty: Type,
    has_default: bool,
}

/// Which variables of an operation are given, and which of them are null: two bits for each. A predictable document that
/// validation found nothing wrong with is as good with any other variables of their types of which the same are given and the
/// same are null: validation looks at nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given(u64);

impl Given {
    const VARIABLES: usize = 32;
}

impl Input {
    /// The types that every schema has.
    pub fn built_in() -> impl Iterator<Item = (Name, Self)> {
        let all = [
            ("Int", Self::Int),
            ("Float", Self::Float),
            ("String", Self::String),
            ("Boolean", Self::Boolean),
            ("ID", Self::Id),
        ];
        all.into_iter().map(|(name, input)| (Name::new(name), input))
    }

    /// None for a type of output.
    pub fn read(kind: &TypeKind, is_one_of: bool) -> Option<Self> {
        match kind {
            TypeKind::Scalar => Some(Self::Scalar),
            TypeKind::Enum(of) => Some(Self::Enum(of.values.iter().map(|it| it.node.value.node.clone()).collect())),
            TypeKind::InputObject(InputObjectType { fields }) => {
                let fields = fields.iter().map(|field| {
                    let (name, ty) = (field.node.name.node.clone(), field.node.ty.node.clone());
                    (name, Field { ty, has_default: field.node.default_value.is_some() })
                });
                Some(Self::Object { fields: fields.collect(), is_one_of })
            }
            _ => None,
        }
    }
}

/// Which variables are given. None if there are too many to tell, or if one of them may not be of its type.
pub(super) fn given(
    inputs: &HashMap<Name, Input>,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Option<Given> {
    let declared = &operation.variable_definitions;
    if declared.len() > Given::VARIABLES {
        return None;
    }
    declared.iter().try_fold(Given(0), |Given(bits), variable| {
        let state = match variables.get(&variable.node.name.node) {
            None => 0,
            Some(value) if !fits(inputs, &variable.node.var_type.node, value) => return None,
            Some(ConstValue::Null) => 1,
            Some(_) => 2,
        };
        Some(Given(bits << 2 | state))
    })
}

/// How many lists are within each other, at the most, in whatever input has some name.
pub(super) type Lists = HashMap<Name, usize>;

/// Whether validation holds each variable against the place where it stands. It does not in two cases: a fragment may be judged
/// by the variables of an operation that has no part in it, if there are several; and nobody looks into an object that stands
/// for a list of one.
pub(super) fn is_predictable(lists: &Lists, document: &ExecutableDocument) -> bool {
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    document.operations.iter().nth(1).is_none() && operations.chain(fragments).all(|set| is_predictable_in(lists, set))
}

fn is_predictable_in(lists: &Lists, set: &SelectionSet) -> bool {
    set.items.iter().all(|selection| match &selection.node {
        Selection::Field(field) => {
            let mut arguments = field.node.arguments.iter();
            arguments.all(|(name, value)| is_predictable_at(lists, &name.node, 0, &value.node))
                && is_predictable_in(lists, &field.node.selection_set.node)
        }
        Selection::InlineFragment(fragment) => is_predictable_in(lists, &fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => true,
    })
}

/// `depth` is how many lists there are between the name and the value.
fn is_predictable_at(lists: &Lists, name: &Name, depth: usize, value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(|item| is_predictable_at(lists, name, depth.saturating_add(1), item)),
        Value::Object(fields) => {
            let stands_for_a_list = lists.get(name).is_some_and(|&of| depth < of);
            !(stands_for_a_list && fields.values().any(has_variable))
                && fields.iter().all(|(name, value)| is_predictable_at(lists, name, 0, value))
        }
        _ => true,
    }
}

fn has_variable(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(has_variable),
        Value::Object(fields) => fields.values().any(has_variable),
        _ => false,
    }
}

/// Whether a value is of a type without being made one first: an item for a list is left to validation.
fn fits(inputs: &HashMap<Name, Input>, ty: &Type, value: &ConstValue) -> bool {
    match (&ty.base, value) {
        (_, ConstValue::Null) => ty.nullable,
        (BaseType::List(item), ConstValue::List(values)) => values.iter().all(|value| fits(inputs, item, value)),
        (BaseType::List(_), _) => false,
        (BaseType::Named(name), value) => match (inputs.get(name), value) {
            (Some(Input::Scalar), _)
            | (Some(Input::String | Input::Id), ConstValue::String(_))
            | (Some(Input::Boolean), ConstValue::Boolean(_))
            | (Some(Input::Float), ConstValue::Number(_)) => true,
            (Some(Input::Int | Input::Id), ConstValue::Number(number)) => number.is_i64(),
            (Some(Input::Enum(names)), ConstValue::String(name)) => names.contains(name.as_str()),
            (Some(Input::Object { fields, is_one_of }), ConstValue::Object(given)) => {
                let is_known = |(name, value): (&Name, &ConstValue)| {
                    fields.get(name).is_some_and(|field| fits(inputs, &field.ty, value))
                };
                let is_complete = || {
                    let mut needed = fields.iter().filter(|(_, field)| !field.ty.nullable && !field.has_default);
                    needed.all(|(name, _)| given.contains_key(name))
                };
                let is_one = || given.len() == 1 && given.values().all(|value| *value != ConstValue::Null);
                given.iter().all(is_known) && is_complete() && (!is_one_of || is_one())
            }
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::api::gate::Catalogue;

    const SDL: &str = r"
        directive @oneOf on INPUT_OBJECT
        scalar Day
        enum Sort { NEWEST PRICE }
        input By @oneOf { id: ID slug: String }
        input Range { least: Int! most: Int! = 9 days: [Day!] by: By others: [By!] }
        type Query { a(range: Range, ranges: [Range!], table: [[Range!]!]): Int }
    ";

    fn given(declared: &str, variables: Json) -> Option<Given> {
        let catalogue = Catalogue::from_sdl(SDL).unwrap();
        let document = parse_query(format!("query ({declared}) {{ a }}")).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        catalogue.given(&operation.node, &Variables::from_json(variables))
    }

    fn fits(ty: &str, value: &Json) -> bool {
        given(&format!("$v: {ty}"), json!({"v": value})).is_some()
    }

    #[test]
    fn values_are_of_their_types_or_left_to_validation() {
        for (ty, good, bad) in [
            ("Int", json!([1, -1, null]), json!([1.5, "1", true, 1e30, [1], {}])),
            ("Int!", json!([1]), json!([null])),
            ("Float", json!([1, 1.5]), json!(["1", true])),
            ("String", json!(["", null]), json!([1, true, ["a"]])),
            ("Boolean", json!([true, false]), json!(["true", 0])),
            ("ID", json!(["a", 7]), json!([1.5, true, {}])),
            ("Day", json!(["2026-01-01", 5]), json!([])),
            ("Day!", json!([{}]), json!([null])),
            ("Sort", json!(["PRICE", null]), json!(["price", "DEAREST", 0])),
            ("[Int!]", json!([[], [1, 2], null]), json!([1, [null], ["1"]])),
            ("[[Int]!]!", json!([[[1, null]], []]), json!([null, [1], [null]])),
            (
                "Range!",
                json!([{"least": 1}, {"least": 1, "days": null}, {"least": 1, "most": 2, "days": ["a"], "by": {"id": "a"}}]),
                json!([{}, {"least": null}, {"least": 1, "most": null}, {"least": 1, "other": 1}, {"least": "1"}, "1", [{"least": 1}]]),
            ),
            (
                "By",
                json!([{"id": "a"}, {"slug": "a"}]),
                json!([{}, {"id": null}, {"id": "a", "slug": "a"}, {"id": "a", "slug": null}, {"slug": 1}]),
            ),
            ("Unknown", json!([]), json!([1, "a", {}])),
        ] {
            for value in good.as_array().unwrap() {
                assert!(fits(ty, value), "{value} is a {ty}");
            }
            for value in bad.as_array().unwrap() {
                assert!(!fits(ty, value), "{value} is no {ty}");
            }
        }
    }

    #[test]
    fn what_is_given_and_what_is_null_is_told_apart() {
        let declared = "$a: Int, $b: String = \"b\"";
        let all = [
            json!({}),
            json!({"a": 1}),
            json!({"b": "x"}),
            json!({"a": null}),
            json!({"b": null}),
            json!({"a": null, "b": "x"}),
            json!({"a": 1, "b": "x"}),
        ]
        .map(|variables| given(declared, variables).unwrap());
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "{place}");
        }
        assert_eq!(given(declared, json!({"a": 7})), Some(all[1]), "the value does not matter");
        let many = |count: usize| (0..count).map(|number| format!("$v{number}: Int ")).collect::<Vec<_>>().concat();
        assert!(given(&many(32), json!({})).is_some() && given(&many(33), json!({})).is_none());
    }

    #[test]
    fn a_document_is_predictable_if_validation_looks_at_each_variable() {
        let catalogue = Catalogue::from_sdl(SDL).unwrap();
        for (document, wanted) in [
            ("query($r: Range!) { a(range: $r) }", true),
            ("query($n: Int!) { a(range: {least: $n}) }", true),
            ("query($n: Int!) { a(ranges: [{least: $n}]) }", true),
            ("query($n: Int!) { a(ranges: {least: $n}) }", false),
            ("query($r: [Range!]!) { a(ranges: $r) }", true),
            ("{ a(ranges: {least: 1}) }", true),
            ("query($n: Int!) { a(table: [[{least: $n}]]) }", true),
            ("query($n: Int!) { a(table: [{least: $n}]) }", false),
            ("query($n: ID!) { a(range: {others: {id: $n}}) }", false),
            ("query($n: ID!) { ...F } fragment F on Query { ... { a(range: {others: {id: $n}}) } }", false),
            ("query A { a } query B { a }", false),
        ] {
            assert_eq!(catalogue.is_predictable(&parse_query(document).unwrap()), wanted, "{document}");
        }
    }
}
