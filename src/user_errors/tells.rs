//! How the errors of each domain are told.

use super::{
    OutOfStockError, PriceChangedError, Tell, TooLargeError, UserError, code_not_applicable, plain, stale_version,
    texts, too_many_attempts,
};
use crate::{
    carts, inventory,
    kernel::{
        error::{DomainError, Failure, UserErrorCode},
        place::Language,
    },
    media, messages, orders,
    platform::jobs,
    porting, privacy, products, promotions, reviews, shipping, shops, taxes, users, wishlists,
};

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
            Self::Code(fault) => Ok(vec![code_not_applicable(&fault, language)]),
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
