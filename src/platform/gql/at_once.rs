//! Objects that are answered at once as far as what is asked for is at hand.
//!
//! The library resolves each field of each object in a future of its own: boxed, queued and woken, although most fields
//! are plain values. On a page of products that was more than half of the server's work. [`AtOnce`] reads plain values
//! directly, awaits only the other fields, and answers in the selection's order (GraphQL, section 7.2.2).

use std::{borrow::Cow, collections::HashMap};

use async_graphql::{
    ContainerType, ContextSelectionSet, InputType, Name, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
    registry::Registry,
};
use futures_util::future::{BoxFuture, join_all};

/// What a field of an object is before anything is awaited.
pub enum AtHand<'a> {
    /// A scalar, an enum's word, or null.
    Value(Value),
    /// An object.
    Object(&'a dyn Plain),
    /// Has arguments, a guard, or something to read: its resolver knows.
    NotYet,
}

impl<'a> AtHand<'a> {
    pub fn value(value: &impl InputType) -> Self {
        Self::Value(value.to_value())
    }

    /// An object, or null.
    pub fn object<T: Plain>(object: Option<&'a T>) -> Self {
        object.map_or(Self::Value(Value::Null), |object| Self::Object(object))
    }
}

/// An object of which some fields are at hand.
///
/// **Invariant:** what it says of a field is what the field's resolver would say; a test compares them for each type.
pub trait Plain: Send + Sync {
    /// The name of the object's type; of a union, of the member that it is.
    fn concrete_type(&self) -> &'static str;

    /// Whether a fragment on this type applies; none where only the library knows.
    fn is(&self, condition: &str) -> Option<bool> {
        (condition == self.concrete_type()).then_some(true)
    }

    fn field(&self, name: &str) -> AtHand<'_>;
}

/// The answer to a selection while it is being put together.
struct Answer<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    values: IndexMap<Name, Value>,
    /// Fields that are to be awaited, and keep their place.
    waiting: Vec<&'a Positioned<Field>>,
}

/// A selection with something that only the library understands.
struct Unusual;

impl<'a> Answer<'a> {
    fn new(fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>, set: &SelectionSet) -> Self {
        Self { fragments, values: IndexMap::with_capacity(set.items.len()), waiting: Vec::new() }
    }

    fn add(&mut self, object: &dyn Plain, set: &'a SelectionSet) -> Result<(), Unusual> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.directives.is_empty() => self.add_field(object, field)?,
                Selection::FragmentSpread(spread) if spread.node.directives.is_empty() => {
                    let fragment = &self.fragments.get(&spread.node.fragment_name.node).ok_or(Unusual)?.node;
                    if object.is(&fragment.type_condition.node.on.node).ok_or(Unusual)? {
                        self.add(object, &fragment.selection_set.node)?;
                    }
                }
                Selection::InlineFragment(fragment) if fragment.node.directives.is_empty() => {
                    let condition = fragment.node.type_condition.as_ref();
                    if condition.map_or(Some(true), |on| object.is(&on.node.on.node)).ok_or(Unusual)? {
                        self.add(object, &fragment.node.selection_set.node)?;
                    }
                }
                _ => return Err(Unusual),
            }
        }
        Ok(())
    }

    fn add_field(&mut self, object: &dyn Plain, field: &'a Positioned<Field>) -> Result<(), Unusual> {
        let value = match field.node.name.node.as_str() {
            "__typename" => Some(Value::from(object.concrete_type())),
            name => match object.field(name) {
                AtHand::Value(value) => Some(value),
                AtHand::Object(inner) => self.whole(inner, &field.node.selection_set.node),
                AtHand::NotYet => None,
            },
        };
        if value.is_none() {
            self.waiting.push(field);
        }
        let key = field.node.response_key().node.clone();
        // A key that is asked for twice has to be merged.
        match self.values.insert(key, value.unwrap_or_default()) {
            None => Ok(()),
            Some(_) => Err(Unusual),
        }
    }

    /// The object, if all that is asked of it is at hand.
    fn whole(&self, object: &dyn Plain, set: &'a SelectionSet) -> Option<Value> {
        let mut answer = Answer::new(self.fragments, set);
        answer.add(object, set).ok()?;
        answer.waiting.is_empty().then_some(Value::Object(answer.values))
    }
}

/// An object that is answered at once as far as it can be. In the schema it is the object itself.
#[derive(Debug, Clone)]
pub struct AtOnce<T>(pub T);

impl<T> AtOnce<T> {
    pub fn of(row: impl Into<T>) -> Self {
        Self(row.into())
    }
}

impl<T: OutputType + ContainerType + Plain> OutputType for AtOnce<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let mut answer = Answer::new(&ctx.query_env.fragments, &ctx.item.node);
        match answer.add(&self.0, &ctx.item.node) {
            Ok(()) if answer.waiting.is_empty() => Ok(Value::Object(answer.values)),
            Ok(()) => wait(&self.0, ctx, answer).await,
            Err(Unusual) => by_library(&self.0, ctx, field).await,
        }
    }
}

/// Awaits what was not at hand.
///
/// Boxed, so that a type that leads to itself by way of others does not make a future of endless type.
fn wait<'a, T: ContainerType>(
    object: &'a T,
    ctx: &'a ContextSelectionSet<'a>,
    mut answer: Answer<'a>,
) -> BoxFuture<'a, ServerResult<Value>> {
    Box::pin(async move {
        let ask = async |field: &'a Positioned<Field>| object.resolve_field(&ctx.with_field(field)).await;
        let outcomes = join_all(answer.waiting.iter().map(|field| ask(field))).await;
        for (field, outcome) in answer.waiting.iter().zip(outcomes) {
            let key = &field.node.response_key().node;
            match outcome {
                Ok(value) => drop(answer.values.insert(key.clone(), value.unwrap_or_default())),
                // As the library does.
                Err(error) => {
                    ctx.add_error(error);
                    answer.values.shift_remove(key);
                }
            }
        }
        Ok(Value::Object(answer.values))
    })
}

fn by_library<'a, T: OutputType>(
    object: &'a T,
    ctx: &'a ContextSelectionSet<'a>,
    field: &'a Positioned<Field>,
) -> BoxFuture<'a, ServerResult<Value>> {
    Box::pin(object.resolve(ctx, field))
}
