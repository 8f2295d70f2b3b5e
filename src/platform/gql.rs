//! What every face needs of GraphQL: the request's context, errors on the wire, connections, guards.

mod at_once;
mod lists;
mod merged;
mod written;

use std::{borrow::Cow, hash::Hash, slice, sync::Arc};

use async_graphql::{
    Context, Error, ErrorExtensionValues, Guard, InputObject, MaybeUndefined, Positioned, SimpleObject, Value,
    dataloader::{DataLoader, Loader},
    parser::types::Selection,
};

pub use self::{
    at_once::{AtHand, AtOnce, Plain},
    lists::{COUNT_LIMIT, List, Listing, Total},
    merged::Merged,
    written::{count_objects, write_value},
};

use super::{
    app::App,
    caller::{Caller, StaffPermission},
    telemetry::{self, Operation},
};
use crate::kernel::{
    error::{ErrorCode, Failure},
    money::{self, CurrencyCode, Decimal},
    page::PageError,
};

/// A failure on its way to a client.
///
/// It has no `Display`, so that `?` on a library's error in a resolver does not compile: such errors become
/// [`Failure`]s first, which keep their cause from the client.
#[derive(Debug, Clone)]
pub struct WireError(Arc<Failure>);

/// What resolvers return.
pub type WireResult<T> = Result<T, WireError>;

impl From<Failure> for WireError {
    fn from(failure: Failure) -> Self {
        Self(Arc::new(failure))
    }
}

impl From<PageError> for WireError {
    fn from(error: PageError) -> Self {
        Failure::BadUserInput(error.to_string()).into()
    }
}

impl From<WireError> for Error {
    fn from(WireError(failure): WireError) -> Self {
        let code = failure.code();
        let message = match &*failure {
            Failure::BadUserInput(problem) => problem.clone(),
            Failure::Unauthenticated(None) => "Sign in first.".into(),
            Failure::Unauthenticated(Some(_)) => "The access token is not valid.".into(),
            Failure::Forbidden => "You may not do this.".into(),
            Failure::NotFound(what) => format!("There is no such {what} for you."),
            Failure::StepUpRequired { .. } => "Prove anew who you are: `stepUp`.".into(),
            Failure::QueryTooComplex { advice, .. } => advice.clone(),
            // Clients compare this text, by the protocol.
            Failure::PersistedQueryNotFound => "PersistedQueryNotFound".into(),
            Failure::DocumentNotTrusted => "Only documents that are trusted are run here.".into(),
            Failure::RateLimited { .. } => failure.to_string(),
            Failure::ConflictInProgress => {
                "The same operation is still in progress; try again with the same key.".into()
            }
            Failure::Timeout => "This took too long.".into(),
            Failure::Unavailable | Failure::Overloaded { .. } | Failure::Contention(_) => {
                "The service is busy; try again.".into()
            }
            Failure::Internal(_) | Failure::Constraint { .. } => {
                let request = telemetry::request();
                let trace = request.as_ref().and_then(|request| request.trace_id());
                tracing::error!(request = request.as_ref().map(|request| &request.id), trace, cause = ?failure, "a fault");
                "Something went wrong on our side.".into()
            }
        };
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code.as_str());
        extensions.set("isRetryable", code.is_retryable());
        match &*failure {
            Failure::Unauthenticated(Some(fault)) => extensions.set("reason", fault.as_str()),
            Failure::RateLimited { retry_after_seconds } | Failure::Overloaded { retry_after_seconds } => {
                extensions.set("retryAfterSeconds", *retry_after_seconds);
            }
            Failure::StepUpRequired { methods } => {
                let methods = methods.iter().map(|method| Value::from(*method)).collect();
                extensions.set("methods", Value::List(methods));
            }
            Failure::QueryTooComplex { limit, value, maximum, .. } => {
                extensions.set("limit", *limit);
                extensions.set("value", *value);
                extensions.set("maximum", *maximum);
            }
            _ if code == ErrorCode::Unavailable => extensions.set("retryAfterSeconds", 1_u64),
            _ => {}
        }
        Self { message, source: None, extensions: Some(extensions) }
    }
}

/// Reads for one caller and one request: what all loaders work with. Each domain implements `Loader` for it, by a key
/// type of its own.
#[derive(Clone)]
pub struct Reader {
    pub app: App,
    pub caller: Caller,
}

impl Reader {
    /// Fresh loaders for one request, whose statements count for this operation.
    pub fn loader(self, operation: Arc<Operation>) -> DataLoader<Self> {
        DataLoader::new(self, move |load| telemetry::spawn(Arc::clone(&operation), load))
            // Keys gather while resolvers of one level run; waiting for more costs a millisecond a level and gains nothing.
            .delay(std::time::Duration::ZERO)
    }
}

/// The request, as resolvers see it.
pub trait Ask {
    fn app(&self) -> &App;
    fn caller(&self) -> &Caller;
    fn loader(&self) -> &DataLoader<Reader>;
}

impl Ask for Context<'_> {
    fn app(&self) -> &App {
        self.data_unchecked::<App>()
    }

    fn caller(&self) -> &Caller {
        self.data_unchecked::<Caller>()
    }

    fn loader(&self) -> &DataLoader<Reader> {
        self.data_unchecked::<DataLoader<Reader>>()
    }
}

/// One row for a root field. Where it is the only one nothing can join it, and it waits for no others.
///
/// # Errors
/// As its loader.
pub async fn find<K>(ctx: &Context<'_>, key: K) -> WireResult<Option<<Reader as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Reader: Loader<K, Error = WireError>,
{
    match ctx.query_env.operation.node.selection_set.node.items.as_slice() {
        [Positioned { node: Selection::Field(_), .. }] => {
            Ok(ctx.loader().loader().load(slice::from_ref(&key)).await?.remove(&key))
        }
        _ => ctx.loader().load_one(key).await,
    }
}

/// A partial update: what is absent stays, an explicit null clears, a value sets.
pub fn change<T>(given: MaybeUndefined<T>) -> Option<Option<T>> {
    match given {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// A partial update of what cannot be cleared: what is absent stays, a value sets.
///
/// # Errors
/// `BAD_USER_INPUT` for an explicit null.
pub fn set<T>(given: MaybeUndefined<T>, field: &str) -> WireResult<Option<T>> {
    match given {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Err(Failure::BadUserInput(format!("`{field}` cannot be null; leave it out")).into()),
        MaybeUndefined::Value(value) => Ok(Some(value)),
    }
}

/// How many items a plain list is reckoned to have when an operation's cost is measured. Without it, ten.
#[async_graphql::TypeDirective(name = "listSize", location = "FieldDefinition")]
pub fn list_size(assumed_size: i32) {}

/// How many points a field costs beside the objects in its answer, each time that it is asked for.
#[async_graphql::TypeDirective(name = "cost", location = "FieldDefinition")]
pub fn cost(weight: i32) {}

/// Lets only people in who are signed in.
pub struct SignedInOnly;

impl Guard for SignedInOnly {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        match ctx.caller().signed_in() {
            Some(_) => Ok(()),
            None => Err(WireError::from(ctx.caller().not_signed_in()).into()),
        }
    }
}

/// Lets only those of the market's staff in who may do this.
pub struct StaffOnly(pub StaffPermission);

impl Guard for StaffOnly {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        SignedInOnly.check(ctx).await?;
        if ctx.caller().may(self.0) { Ok(()) } else { Err(WireError::from(Failure::Forbidden).into()) }
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct Money {
    /// The number, with exactly the digits of the currency: `10.00` in EUR, `10` in JPY.
    pub amount: Decimal,
    /// What it is a number of.
    pub currency: CurrencyCode,
}

impl Plain for Money {
    fn concrete_type(&self) -> Cow<'static, str> {
        "Money".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "amount" => AtHand::Word(&self.amount),
            "currency" => AtHand::Word(&self.currency),
            _ => AtHand::NotYet,
        }
    }
}

impl From<money::Money> for Money {
    fn from(money: money::Money) -> Self {
        Self { amount: money.amount(), currency: money.currency }
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct MoneyInput {
    /// The number, with no more decimals than the currency has: `10`, `10.5` or `10.50` in EUR.
    pub amount: Decimal,
    /// What it is a number of.
    pub currency: CurrencyCode,
}

impl TryFrom<MoneyInput> for money::Money {
    type Error = Failure;

    fn try_from(input: MoneyInput) -> Result<Self, Failure> {
        Self::from_decimal(input.amount, input.currency).map_err(|error| Failure::BadUserInput(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, read_to_string};

    use super::*;
    use crate::platform::caller::Request;

    #[test]
    fn a_fault_is_logged_with_its_request() {
        let log = Arc::new(tempfile::tempfile().unwrap());
        let lines = tracing_subscriber::fmt().json().with_writer(Arc::clone(&log)).finish();
        let request = Arc::new(Request { id: "request-7".into(), ..Request::default() });
        tracing::subscriber::with_default(lines, || {
            telemetry::part_of(&Operation::of(&request), || {
                Error::from(WireError::from(Failure::internal("the cause")))
            })
        });
        let mut file = &*log;
        file.rewind().unwrap();
        let log = read_to_string(file).unwrap();
        assert!(log.contains("\"request\":\"request-7\"") && log.contains("the cause"), "{log}");
    }
}
