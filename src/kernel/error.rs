//! The two kinds of bad news. A **refusal** is data in a payload: the client can act on it. A **failure** is a GraphQL
//! error with a code of one closed list: protocol, authorisation, overload, faults.

use std::error::Error;

use async_graphql::Enum;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    address::{AddressError, AddressFault},
    text::TextError,
};

/// The closed list of codes in `extensions.code` of a GraphQL error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    ParseFailed,
    ValidationFailed,
    BadUserInput,
    Unauthenticated,
    Forbidden,
    NotFound,
    StepUpRequired,
    QueryTooComplex,
    RateLimited,
    PersistedQueryNotFound,
    DocumentNotTrusted,
    Timeout,
    ConflictInProgress,
    Unavailable,
    Internal,
}

impl ErrorCode {
    /// The code as it stands in `extensions.code`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ParseFailed => "PARSE_FAILED",
            Self::ValidationFailed => "VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::StepUpRequired => "STEP_UP_REQUIRED",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::RateLimited => "RATE_LIMITED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::Timeout => "TIMEOUT",
            Self::ConflictInProgress => "CONFLICT_IN_PROGRESS",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }

    /// Whether the same request may succeed later without being changed.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::RateLimited | Self::Timeout | Self::ConflictInProgress | Self::Unavailable | Self::Internal
        )
    }
}

/// Why a token that is present does not sign anybody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    Expired,
    Revoked,
    Invalid,
}

impl TokenFault {
    /// The word in `extensions.reason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "EXPIRED",
            Self::Revoked => "REVOKED",
            Self::Invalid => "INVALID",
        }
    }
}

/// Why an operation has no answer at all. `Display` is for the log; what a client sees is made in `platform::gql`.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An input that no client following the schema's documentation sends: a broken cursor, a foreign id.
    #[error("bad input: {0}")]
    BadUserInput(String),
    /// Nobody is signed in (`None`), or the token is no good.
    #[error("not signed in ({0:?})")]
    Unauthenticated(Option<TokenFault>),
    #[error("not allowed")]
    Forbidden,
    /// What a stream is to tell of is not there for the caller, or not any more.
    #[error("{0} is not there")]
    NotFound(&'static str),
    /// Somebody is signed in, and has to prove anew who they are; `methods` are the ways to do so.
    #[error("needs a recent authentication")]
    StepUpRequired { methods: Vec<&'static str> },
    /// A limit on the shape of an operation; see `api::gate`.
    #[error("{limit} is {value}, at most {maximum} is allowed: {advice}")]
    QueryTooComplex { limit: &'static str, value: u64, maximum: u64, advice: String },
    /// A hash names a document that is not kept (any more). The client sends it in full.
    #[error("no document has this hash")]
    PersistedQueryNotFound,
    #[error("the document is not trusted")]
    DocumentNotTrusted,
    #[error("too many requests; try again in {retry_after_seconds} s")]
    RateLimited { retry_after_seconds: u64 },
    /// The first request with this idempotency key is still being worked on.
    #[error("the same operation is in progress")]
    ConflictInProgress,
    #[error("took too long")]
    Timeout,
    #[error("overloaded or stopping")]
    Unavailable,
    /// More is asked for than can be done in time. As `Unavailable`, but it is known when to come again.
    #[error("overloaded; try again in {retry_after_seconds} s")]
    Overloaded { retry_after_seconds: u64 },
    #[error("{0}")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
    /// A transaction that lost against another one and may be run again; `Db::write` does so.
    #[error("serialization failure or deadlock: {0}")]
    Contention(String),
    /// A constraint of the database said no; queries turn the names they expect into refusals.
    #[error("constraint {name} violated")]
    Constraint { name: String },
}

impl Failure {
    /// A fault of ours, with its cause.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// The code that a client sees.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::BadUserInput(_) => ErrorCode::BadUserInput,
            Self::Unauthenticated(_) => ErrorCode::Unauthenticated,
            Self::Forbidden => ErrorCode::Forbidden,
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::StepUpRequired { .. } => ErrorCode::StepUpRequired,
            Self::QueryTooComplex { .. } => ErrorCode::QueryTooComplex,
            Self::PersistedQueryNotFound => ErrorCode::PersistedQueryNotFound,
            Self::DocumentNotTrusted => ErrorCode::DocumentNotTrusted,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::ConflictInProgress => ErrorCode::ConflictInProgress,
            Self::Timeout => ErrorCode::Timeout,
            Self::Unavailable | Self::Overloaded { .. } | Self::Contention(_) => ErrorCode::Unavailable,
            Self::Internal(_) | Self::Constraint { .. } => ErrorCode::Internal,
        }
    }

    /// Whether a constraint of this name was violated.
    #[must_use]
    pub fn violates(&self, constraint: &str) -> bool {
        matches!(self, Self::Constraint { name } if name == constraint)
    }
}

/// How a domain's error reaches the client.
#[derive(Debug)]
pub enum Verdict {
    /// `userErrors` of the payload: what is wrong, and where in the input.
    Refused { code: UserErrorCode, field: Vec<String> },
    /// A GraphQL error.
    Failed(Failure),
}

impl Verdict {
    /// A refusal of the input as a whole.
    #[must_use]
    pub const fn refused(code: UserErrorCode) -> Self {
        Self::Refused { code, field: Vec::new() }
    }

    /// A refusal of a text; `field` is its path with dots.
    #[must_use]
    pub fn of_text(field: &str, error: TextError) -> Self {
        let code = match error {
            TextError::Blank => UserErrorCode::Blank,
            TextError::TooLong { .. } => UserErrorCode::TooLong,
            TextError::Control => UserErrorCode::Invalid,
        };
        Self::at(code, field.split('.'))
    }

    /// A refusal of an address that stands in `field`.
    #[must_use]
    pub fn of_address(field: &str, AddressError { field: part, fault }: AddressError) -> Self {
        match fault {
            AddressFault::Text(error) => Self::of_text(&format!("{field}.{part}"), error),
            AddressFault::TooMany => Self::at(UserErrorCode::TooMany, [field, &part]),
            AddressFault::NotOfTheCountry => Self::at(UserErrorCode::Invalid, [field, &part]),
        }
    }

    /// A refusal of one place in the input.
    pub fn at<T: ToString>(code: UserErrorCode, path: impl IntoIterator<Item = T>) -> Self {
        Self::Refused { code, field: path.into_iter().map(|step| step.to_string()).collect() }
    }
}

/// What a transaction can end with: a failure, or something that has one inside.
pub trait TransactionError: From<Failure> + Send + 'static {
    /// The failure inside, if it is one.
    fn failure(&self) -> Option<&Failure>;
}

impl TransactionError for Failure {
    fn failure(&self) -> Option<&Failure> {
        Some(self)
    }
}

/// An error enum of a domain. Its refusals are data, so that they can be stored with an idempotency key and told again.
pub trait DomainError: TransactionError + Error + Serialize + DeserializeOwned + From<KeyReused> {
    /// What the client is told.
    fn verdict(self) -> Verdict;

    /// Whether it is refused for now alone. Such a refusal is not kept with an idempotency key, which is as good as new when the time is
    /// over.
    fn is_for_now(&self) -> bool {
        false
    }
}

/// An idempotency key came back with another input than the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, serde::Deserialize)]
#[error("the idempotency key was used before with another input")]
pub struct KeyReused;

/// What a client can act on; the text for people is in `UserError.message`. New codes may appear at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Enum, serde::Serialize, serde::Deserialize)]
pub enum UserErrorCode {
    /// The market's staff keep you from this for a while, or for good: see `viewer.moderationNotices`.
    AccountSuspended,
    /// It can be ordered now: there is nothing to wait for.
    AlreadyAvailable,
    /// The person, shop, order or job already stands as the mutation would make it.
    AlreadyDone,
    /// The shop's balance does not cover what would go back: the market's staff decide, and may give it back.
    BalanceTooLow,
    /// A text that must not be empty is empty.
    Blank,
    /// The shop does not send this there.
    CannotShip,
    /// There is an open claim about this part already.
    ClaimOpen,
    /// The code takes nothing off this order.
    CodeNotApplicable,
    /// Amounts of several currencies cannot be in one order, or an amount is not in the shop's currency.
    CurrencyMismatch,
    /// The provider does not say that the address there was found to be yours, so no account here can be found or made by it.
    EmailNotVerified,
    /// The idempotency key was used before with another input.
    IdempotencyKeyReused,
    /// The account at the provider is linked with another account here, or another one of that provider is with yours.
    IdentityTaken,
    /// Something else still needs what would go.
    InUse,
    /// The value does not have the form that its description asks for, or cannot stand here.
    Invalid,
    /// The sign-in that was begun is over: it was completed, took too long, or was tried too often. Begin anew.
    InvalidChallenge,
    /// The code is wrong, was used, or is too old. Ask for another one.
    InvalidCode,
    /// The address or the password is wrong.
    InvalidCredentials,
    /// This is no address that mail can be sent to.
    InvalidEmail,
    /// This is no answer of an authenticator that was asked here, or its passkey is not known. Begin anew.
    InvalidPasskey,
    /// The refresh token is unknown, was used, or its session has ended. Sign in again.
    InvalidRefreshToken,
    /// The link was used, is too old, or is not whole. Ask for another one.
    InvalidToken,
    /// A shop keeps at least one owner.
    LastOwner,
    /// It is all that is left to sign in with. Choose a password first, or link another provider.
    LastSignInMethod,
    /// The message cannot be edited any more: it was deleted, or is older than a day.
    MessageNotEditable,
    /// It holds a word or a link that nobody sends here.
    MessageRefused,
    /// What the input names does not exist, or is not visible to you.
    NotFound,
    /// Your role does not allow this.
    NotPermitted,
    /// The bank of whoever paid asks for the money, or has all of it: nothing is sent.
    OrderDisputed,
    /// The order cannot be cancelled any more.
    OrderNotCancellable,
    /// Nothing can be claimed about this part: it is not paid, all of it went back, or it is too early or too late.
    OrderNotClaimable,
    /// This part cannot be edited, or not so: something of it is packed, it is over, or nothing can be added to it any more.
    OrderNotEditable,
    /// The order is not open for payment: it is paid, cancelled or completed.
    OrderNotPayable,
    /// The order is not paid yet.
    OrderNotPaid,
    /// Nothing of it can be given back: it is not paid, or all of it went back already, be it by the bank of whoever paid.
    OrderNotRefundable,
    /// Nothing of this part can be sent back: nothing has arrived lately that is not coming back already.
    OrderNotReturnable,
    /// There is nothing to send: all of it is packed or called off, or the order is over.
    OrderNotShippable,
    /// A number, a time or a place is outside the range that its description gives.
    OutOfRange,
    /// Fewer pieces are left than were ordered.
    OutOfStock,
    /// This market takes no passkeys.
    PasskeysUnavailable,
    /// The password is one of those that are tried first: it is on a list of common ones, or your address or name.
    PasswordCommon,
    /// The password is shorter than 10 or longer than 256 characters.
    PasswordLength,
    /// Another payment of this order is being processed.
    PaymentInProgress,
    /// This market takes no payments.
    PaymentsUnavailable,
    /// A price or the total is not the one that was expected.
    PriceChanged,
    /// The provider does not confirm who you are: the code was used or is too old, or its answer is not to be trusted. Begin again.
    ProviderRefused,
    /// The provider cannot be asked at the moment. Begin again later, or sign in otherwise.
    ProviderUnavailable,
    /// This market does not wake devices of this platform.
    PushUnavailable,
    /// The refund has not failed: it is being processed, or has been carried out.
    RefundNotFailed,
    /// The provider of the payment gives back multiples of a step alone: see `step`.
    RefundStep,
    /// The return URL is not on the market's list.
    ReturnUrlNotAllowed,
    /// The shop takes no orders at the moment: it is on holiday.
    ShopOnHoliday,
    /// It was changed first, by somebody else or on another device: read it again.
    StaleVersion,
    /// The password alone is not enough: a second factor is set up. Give that.
    SecondFactorRequired,
    /// The stock is not the one that was expected.
    StockChanged,
    /// As much of what you have sent is kept as may be of one person: delete some of it first.
    StorageExhausted,
    /// Another one has this name already.
    Taken,
    /// The file is larger than one may be.
    TooLarge,
    /// The text is longer than its description allows.
    TooLong,
    /// More items than the list may hold.
    TooMany,
    /// So many attempts failed that the next one has to wait.
    TooManyAttempts,
    /// As many of your orders wait for their money as may at once: pay one, or call one off.
    TooManyUnpaidOrders,
    /// It cannot come to this status from the one that it has.
    TransitionNotAllowed,
    /// Nothing was sent to the URL of the upload yet.
    UploadIncomplete,
}
