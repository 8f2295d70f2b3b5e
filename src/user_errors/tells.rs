//! How the errors of each domain are told.

use super::{
    OutOfStockError, PriceChangedError, RefundStepError, Tell, TooLargeError, UserError, code_not_applicable, plain,
    stale_version, texts, too_many_attempts,
};
use crate::{
    carts, inventory,
    kernel::{
        error::{DomainError, Failure, UserErrorCode, Verdict},
        money::Money,
        place::Language,
    },
    media, messages, moderation, notifications, orders, payments, payouts,
    platform::jobs,
    porting, privacy, products, promotions, recommendations, reviews, searches, shipping, shops, taxes, users,
    wishlists,
};

impl Tell for jobs::ReplayError {}

impl Tell for payments::error::MethodError {}

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

impl Tell for notifications::error::NotificationError {}

impl Tell for recommendations::error::HistoryError {}

impl Tell for searches::error::SearchError {}

impl Tell for inventory::error::StockError {}

impl Tell for porting::error::ProductImportError {}

impl Tell for messages::error::MessageError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::TooSoon { retry_at } => Ok(vec![too_many_attempts(retry_at, language)]),
            Self::StaleVersion { current } => Ok(vec![stale_version("expectedVersion", current, language)]),
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for moderation::error::ModerationError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::TooSoon { retry_at } => Ok(vec![too_many_attempts(retry_at, language)]),
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for taxes::error::TaxError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::StaleVersion { current } => Ok(vec![stale_version("expectedVersion", current, language)]),
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for wishlists::error::WishListError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::StaleVersion { current } => Ok(vec![stale_version("expectedVersion", current, language)]),
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for shipping::error::ShippingError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        match self {
            Self::StaleVersion { current } => Ok(vec![stale_version("expectedVersion", current, language)]),
            other => plain(other.verdict(), language).map(|error| vec![error]),
        }
    }
}

impl Tell for promotions::error::PromotionError {
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

impl Tell for payouts::error::PayoutError {}

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

/// Something costs another price than was expected.
fn price_changed(field: Vec<String>, line: Option<usize>, (old, new): (Money, Money), language: Language) -> UserError {
    let code = UserErrorCode::PriceChanged;
    UserError::PriceChanged(PriceChangedError {
        message: texts::text(code, language).into(),
        code,
        field: Some(field),
        line: line.map(|line| i32::try_from(line).unwrap_or(i32::MAX)),
        old_price: old.into(),
        new_price: new.into(),
    })
}

impl Tell for orders::error::OrderError {
    fn tell(self, language: Language) -> Result<Vec<UserError>, Failure> {
        type Wrap = fn(Box<orders::error::OrderError>) -> orders::error::OrderError;
        let (error, of): (Self, Option<Wrap>) = match self {
            Self::OfCart(error) => (*error, Some(Self::OfCart)),
            Self::OfAdded(error) => (*error, Some(Self::OfAdded)),
            Self::OfRemoved(error) => (*error, Some(Self::OfRemoved)),
            error => (error, None),
        };
        // As the error without its data has it.
        let whole = |error: Self| match of {
            Some(of) => of(Box::new(error)),
            None => error,
        };
        let at = |error: Self| match whole(error).verdict() {
            Verdict::Refused { field, .. } => field,
            Verdict::Failed(_) => Vec::new(),
        };
        match error {
            Self::OutOfStock(lines) => {
                let short = |line: &orders::error::ShortLine| {
                    let field = at(Self::OutOfStock(vec![*line]));
                    out_of_stock(Some(field), line.line, line.available, language)
                };
                Ok(lines.iter().map(short).collect())
            }
            Self::PriceChanged { line, old, new } => {
                let field = at(Self::PriceChanged { line, old, new });
                Ok(vec![price_changed(field, line, (old, new), language)])
            }
            Self::DifferenceChanged { old, new } => {
                Ok(vec![price_changed(vec!["expectedDifference".into()], None, (old, new), language)])
            }
            Self::StaleVersion { current } => Ok(vec![stale_version("expectedVersion", current, language)]),
            Self::Code(fault) => Ok(vec![code_not_applicable(&fault, language)]),
            Self::RefundStep { step } => {
                let code = UserErrorCode::RefundStep;
                let message = texts::text(code, language).into();
                Ok(vec![UserError::RefundStep(RefundStepError { message, code, field: None, step: step.into() })])
            }
            Self::TooManyOfDay { retry_at }
            | Self::Payment(payments::error::PaymentError::TooManyDeclines { retry_at }) => {
                Ok(vec![too_many_attempts(retry_at, language)])
            }
            Self::Cart(carts::error::CartError::StaleVersion { current }) => {
                Ok(vec![stale_version("cart.expectedVersion", current, language)])
            }
            other => plain(whole(other).verdict(), language).map(|error| vec![error]),
        }
    }
}
