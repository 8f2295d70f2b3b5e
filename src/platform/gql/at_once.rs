//! Objects that are answered at once as far as what is asked for is at hand.
//!
//! The library resolves each field of each object in a future of its own: boxed, queued and woken, although most fields
//! are plain values. On a page of products that was more than half of the server's work. [`AtOnce`] writes what is at hand
//! as a whole, awaits only fields that are not, and answers in the selection's order (GraphQL, section 7.2.2).

use std::{borrow::Cow, fmt::Display, sync::Arc};

use async_graphql::{
    ContainerType, ContextSelectionSet, InputType, Name, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, SelectionSet},
    registry::Registry,
};
use futures_util::future::{BoxFuture, join_all};

use super::{
    merged::Merged,
    written::{self, Fragments, Stop},
};

/// What a field of an object is before anything is awaited.
pub enum AtHand<'a> {
    /// A scalar, an enum's word, or null.
    Value(Value),
    Text(&'a str),
    /// Text in which nothing has to be escaped in JSON, such as an id.
    Word(&'a dyn Display),
    /// An object.
    Object(&'a dyn Plain),
    /// An object that is made for the answer.
    Made(Box<dyn Plain + 'a>),
    /// A list of objects.
    Objects(Box<dyn Iterator<Item = &'a dyn Plain> + 'a>),
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
    fn concrete_type(&self) -> Cow<'static, str>;

    /// Whether a fragment on this type applies; none where only the library knows.
    fn is(&self, condition: &str) -> Option<bool> {
        (condition == self.concrete_type()).then_some(true)
    }

    fn field(&self, name: &str) -> AtHand<'_>;
}

/// The answer to a selection of which something has to be awaited.
struct Answer<'a> {
    values: IndexMap<Name, Value>,
    /// Fields that are to be awaited, and keep their place.
    waiting: Vec<&'a Positioned<Field>>,
}

impl<'a> Answer<'a> {
    fn of(object: &dyn Plain, fragments: &'a Fragments, set: &'a SelectionSet) -> Result<Self, Stop> {
        let mut fields = Vec::with_capacity(set.items.len());
        written::collect(fragments, object, set, &mut fields)?;
        let mut answer = Self { values: IndexMap::with_capacity(fields.len()), waiting: Vec::new() };
        for field in fields {
            let value = match field.node.name.node.as_str() {
                "__typename" => Ok(Value::from(object.concrete_type())),
                name => match object.field(name) {
                    AtHand::Value(value) => Ok(value),
                    at_hand => written::field(fragments, at_hand, &field.node.selection_set.node),
                },
            };
            if value.is_err() {
                answer.waiting.push(field);
            }
            answer.values.insert(field.node.response_key().node.clone(), value.unwrap_or_default());
        }
        Ok(answer)
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
        if ctx.data_opt::<Arc<Merged>>().is_none_or(|merged| merged.holds(field)) {
            return by_library(&self.0, ctx, field).await;
        }
        let (fragments, set) = (&ctx.query_env.fragments, &ctx.item.node);
        let stopped = match written::object(fragments, &self.0, set) {
            Ok(value) => return Ok(value),
            Err(Stop::Awaited) => Answer::of(&self.0, fragments, set),
            Err(stop) => Err(stop),
        };
        match stopped {
            Ok(answer) => wait(&self.0, ctx, answer).await,
            Err(_) => by_library(&self.0, ctx, field).await,
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
