//! The face of every refusal: one interface, one list of codes, texts in the language of whoever asks.

mod texts;

pub use self::texts::text as message;

use async_graphql::{Context, Interface, SimpleObject};

use crate::{
    carts, inventory,
    kernel::{
        error::{DomainError, Failure, UserErrorCode, Verdict},
        place::Language,
    },
    media, messages, orders,
    platform::{
        clock::Time,
        gql::{Ask, Money, WireResult},
        jobs,
    },
    porting, privacy, products, reviews, shops, users, wishlists,
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

/// Somebody else changed it first: read it again, and change what is there now.
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

impl Tell for jobs::ReplayError {}

impl Tell for users::error::AccountError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::TooManyGuesses { retry_at } => Ok(vec![too_many_attempts(retry_at, language)]),
            Self::StaleVersion { current } => Ok(vec![stale_version("expectedVersion", current, language)]),
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for media::error::MediaError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::TooLarge { maximum } => {
                let code = UserErrorCode::TooLarge;
                let message = texts::text(code, language).into();
                let (field, maximum_bytes) =
                    (Some(vec!["byteSize".into()]), i32::try_from(maximum).unwrap_or(i32::MAX));
                Ok(vec![UserError::TooLarge(TooLargeError { message, code, field, maximum_bytes })])
            }
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for shops::error::ShopError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::StaleVersion { current } => Ok(vec![stale_version("expectedVersion", current, language)]),
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for products::error::ProductError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::StaleVersion { current } => Ok(vec![stale_version("expectedVersion", current, language)]),
            Self::StaleVariant { field, current } => Ok(vec![stale_version(&field, current, language)]),
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for inventory::error::StockError {}

impl Tell for porting::error::ProductImportError {}

impl Tell for messages::error::MessageError {}

impl Tell for wishlists::error::WishListError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::StaleVersion { current } => Ok(vec![stale_version("expectedVersion", current, language)]),
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for carts::error::CartError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::StaleVersion { current } => Ok(vec![stale_version("expectedVersion", current, language)]),
            Self::OutOfStock(lines) => {
                Ok(lines.iter().map(|line| out_of_stock(None, line.line, line.available, language)).collect())
            }
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

/// Of a line there is less than was asked for.
fn out_of_stock(field: Option<Vec<String>>, line: usize, available: i32, language: Language) -> UserError {
    let code = UserErrorCode::OutOfStock;
    let (message, line) = (texts::text(code, language).into(), Some(i32::try_from(line).unwrap_or(i32::MAX)));
    UserError::OutOfStock(OutOfStockError { message, code, field, line, available })
}

impl Tell for reviews::error::ReviewError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::StaleVersion { current } => Ok(vec![stale_version("expectedVersion", current, language)]),
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for privacy::error::PrivacyError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::TooSoon { retry_at } => Ok(vec![too_many_attempts(retry_at, language)]),
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for orders::error::OrderError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        let place = |line: usize| i32::try_from(line).unwrap_or(i32::MAX);
        let (error, is_of_cart) = match self {
            Self::OfCart(error) => (*error, true),
            error => (error, false),
        };
        let at = |line: usize, field: &str| {
            let field = ["lines".into(), line.to_string(), field.into()];
            if is_of_cart { orders::error::within_cart(&field) } else { field.to_vec() }
        };
        match error {
            Self::OutOfStock(lines) => {
                let short = |line: &orders::error::ShortLine| {
                    out_of_stock(Some(at(line.line, "quantity")), line.line, line.available, language)
                };
                Ok(lines.iter().map(short).collect())
            }
            Self::PriceChanged { line, old, new } => {
                let code = UserErrorCode::PriceChanged;
                let field = match line {
                    Some(line) => at(line, "expectedUnitPrice"),
                    None => vec!["expectedTotal".into()],
                };
                Ok(vec![UserError::PriceChanged(PriceChangedError {
                    message: texts::text(code, language).into(),
                    code,
                    field: Some(field),
                    line: line.map(place),
                    old_price: old.into(),
                    new_price: new.into(),
                })])
            }
            Self::Cart(carts::error::CartError::StaleVersion { current }) => {
                Ok(vec![stale_version("cart.expectedVersion", current, language)])
            }
            other => {
                let other = if is_of_cart { Self::OfCart(Box::new(other)) } else { other };
                plain(other.verdict(), language).map(|error| vec![error])
            }
        }
    }
}
