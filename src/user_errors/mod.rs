//! The face of every refusal: one interface, one list of codes, texts in the language of whoever asks.

mod tells;
mod texts;

pub use self::texts::text as message;

use async_graphql::{Context, Enum, Interface, SimpleObject};

use crate::{
    kernel::{
        error::{DomainError, Failure, UserErrorCode, Verdict},
        place::Language,
    },
    platform::{
        clock::Time,
        gql::{Ask, Money, WireResult},
    },
    promotions::model::CodeFault,
    users,
};

/// What is wrong with a mutation's input or the state it meets, in a form that a client can act on. New types and codes may
/// appear at any time: keep a default branch.
#[derive(Debug, Clone, Interface)]
#[graphql(
    field(name = "message", ty = "&String", desc = "For people, in the language of the request."),
    field(name = "code", ty = "&UserErrorCode", desc = "For programs."),
    field(
        name = "field",
        ty = "&Option<Vec<String>>",
        desc = "Where in the input, from the outside in, indexes as strings: `[\"lines\", \"2\", \"quantity\"]`. Null when it is about the input as a whole."
    )
)]
pub enum UserError {
    Plain(PlainUserError),
    StaleVersion(StaleVersionError),
    OutOfStock(OutOfStockError),
    PriceChanged(PriceChangedError),
    TooManyAttempts(TooManyAttemptsError),
    TooLarge(TooLargeError),
    CodeNotApplicable(CodeNotApplicableError),
    RefundStep(RefundStepError),
}

/// A refusal without data of its own.
#[derive(Debug, Clone, SimpleObject)]
pub struct PlainUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// For programs.
    pub code: UserErrorCode,
    /// Where in the input, from the outside in, indexes as strings. Null when it is about the input as a whole.
    pub field: Option<Vec<String>>,
}

/// It was changed first, by somebody else or on another device: read it again, and change what is there now.
#[derive(Debug, Clone, SimpleObject)]
pub struct StaleVersionError {
    /// For people, in the language of the request.
    pub message: String,
    /// For programs: `STALE_VERSION`.
    pub code: UserErrorCode,
    /// Where in the input, from the outside in.
    pub field: Option<Vec<String>>,
    /// The version by now.
    pub current: i32,
}

/// Fewer pieces are left than a line asks for. There is one of these for every line that is short.
#[derive(Debug, Clone, SimpleObject)]
pub struct OutOfStockError {
    /// For people, in the language of the request.
    pub message: String,
    /// For programs: `OUT_OF_STOCK`.
    pub code: UserErrorCode,
    /// Where in the input, from the outside in.
    pub field: Option<Vec<String>>,
    /// The line's place in the input, or in the cart, from 0; null when there are no lines.
    pub line: Option<i32>,
    /// How many pieces can be had; 100 if it is more.
    pub available: i32,
}

/// Something costs more or less than was expected.
#[derive(Debug, Clone, SimpleObject)]
pub struct PriceChangedError {
    /// For people, in the language of the request.
    pub message: String,
    /// For programs: `PRICE_CHANGED`.
    pub code: UserErrorCode,
    /// Where in the input, from the outside in.
    pub field: Option<Vec<String>>,
    /// The line's place in the input, or in the cart, from 0; null when it is about the total.
    pub line: Option<i32>,
    /// What was expected.
    pub old_price: Money,
    /// What it is now.
    pub new_price: Money,
}

/// So many attempts failed that the next one has to wait.
#[derive(Debug, Clone, SimpleObject)]
pub struct TooManyAttemptsError {
    /// For people, in the language of the request.
    pub message: String,
    /// For programs: `TOO_MANY_ATTEMPTS`.
    pub code: UserErrorCode,
    /// Where in the input, from the outside in.
    pub field: Option<Vec<String>>,
    /// From when on the next attempt is looked at. One before does not make it later.
    pub retry_at: Time,
}

/// A file is larger than one may be.
#[derive(Debug, Clone, SimpleObject)]
pub struct TooLargeError {
    /// For people, in the language of the request.
    pub message: String,
    /// For programs: `TOO_LARGE`.
    pub code: UserErrorCode,
    /// Where in the input, from the outside in.
    pub field: Option<Vec<String>>,
    /// How many bytes it may have.
    pub maximum_bytes: i32,
}

/// A code takes nothing off an order.
#[derive(Debug, Clone, SimpleObject)]
pub struct CodeNotApplicableError {
    /// For people, in the language of the request.
    pub message: String,
    /// For programs: `CODE_NOT_APPLICABLE`.
    pub code: UserErrorCode,
    /// Where in the input, from the outside in.
    pub field: Option<Vec<String>>,
    /// Why not.
    pub reason: CodeProblem,
    /// What has to be ordered of the shop for the code to count; null if that is not why.
    pub minimum: Option<Money>,
}

/// What would go back cannot be carried out by the provider of the payment.
#[derive(Debug, Clone, SimpleObject)]
pub struct RefundStepError {
    /// For people, in the language of the request.
    pub message: String,
    /// For programs: `REFUND_STEP`.
    pub code: UserErrorCode,
    /// Where in the input, from the outside in. Null, for there may be no amount in it.
    pub field: Option<Vec<String>>,
    /// What goes back has to be a multiple of this.
    pub step: Money,
}

/// Why a code takes nothing off an order. New reasons may appear at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CodeProblem {
    /// None of the order's shops has such a code.
    Unknown,
    /// It does not count yet.
    NotYet,
    /// It does not count any more.
    Over,
    /// It was used as often as it can be.
    UsedUp,
    /// You have used it as often as you can. What each person can use so often counts for no guest.
    UsedByYou,
    /// Too little is ordered of its shop.
    MinimumNotReached,
    /// It counts for orders in another currency.
    OtherCurrency,
    /// Something else takes off as much, or more, by itself.
    Outdone,
}

/// Why a code that was given takes nothing off.
pub fn code_not_applicable(fault: &CodeFault, language: Language) -> UserError {
    let code = UserErrorCode::CodeNotApplicable;
    let (reason, minimum) = match fault {
        CodeFault::Unknown => (CodeProblem::Unknown, None),
        CodeFault::NotYet => (CodeProblem::NotYet, None),
        CodeFault::Over => (CodeProblem::Over, None),
        CodeFault::UsedUp => (CodeProblem::UsedUp, None),
        CodeFault::UsedByYou => (CodeProblem::UsedByYou, None),
        CodeFault::MinimumNotReached { minimum } => (CodeProblem::MinimumNotReached, Some((*minimum).into())),
        CodeFault::OtherCurrency => (CodeProblem::OtherCurrency, None),
        CodeFault::Outdone => (CodeProblem::Outdone, None),
    };
    UserError::CodeNotApplicable(CodeNotApplicableError {
        message: texts::text(code, language).into(),
        code,
        field: Some(vec!["code".into()]),
        reason,
        minimum,
    })
}

/// A domain's error that can be told as a [`UserError`].
pub trait Tell: DomainError {
    /// The error with its data, or the failure that it is.
    ///
    /// # Errors
    /// If it is no refusal.
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        plain(self.verdict(), language).map(|error| vec![error])
    }
}

fn plain(verdict: Verdict, language: Language) -> Result<UserError, Failure> {
    match verdict {
        Verdict::Refused { code, field } => Ok(UserError::Plain(PlainUserError {
            message: texts::text(code, language).into(),
            code,
            field: (!field.is_empty()).then_some(field),
        })),
        Verdict::Failed(failure) => Err(failure),
    }
}

/// `field` is a path with dots.
fn stale_version(field: &str, current: i32, language: Language) -> UserError {
    let code = UserErrorCode::StaleVersion;
    UserError::StaleVersion(StaleVersionError {
        message: texts::text(code, language).into(),
        code,
        field: Some(field.split('.').map(Into::into).collect()),
        current,
    })
}

fn too_many_attempts(retry_at: Time, language: Language) -> UserError {
    let code = UserErrorCode::TooManyAttempts;
    let message = texts::text(code, language).into();
    UserError::TooManyAttempts(TooManyAttemptsError { message, code, field: None, retry_at })
}

/// What a mutation answers: its result, or why not.
///
/// # Errors
/// If there is a failure, which is no part of a payload.
pub async fn answer<T, E: Tell>(ctx: &Context<'_>, result: Result<T, E>) -> WireResult<(Option<T>, Vec<UserError>)> {
    match result {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(error) if error.failure().is_some() => match error.verdict() {
            Verdict::Failed(failure) => Err(failure.into()),
            Verdict::Refused { .. } => Err(Failure::internal("a failure was told as a refusal").into()),
        },
        Err(error) => {
            let language = users::service::surroundings(ctx.app(), ctx.caller()).await?.locale.language();
            Ok((None, error.tell(language)?))
        }
    }
}
