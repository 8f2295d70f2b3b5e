//! Why there is no demo market.

use crate::{
    inventory::error::StockError,
    kernel::error::{Failure, TransactionError},
    messages::error::MessageError,
    orders::error::OrderError,
    payments::error::PaymentError,
    products::error::ProductError,
    reviews::error::ReviewError,
    shops::error::ShopError,
    wishlists::error::WishListError,
};

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the database holds people already: a demo market is made in an empty one")]
    NotEmpty,
    #[error("assets/demo/products.csv: {0}")]
    Goods(String),
    #[error(transparent)]
    Shop(#[from] ShopError),
    #[error(transparent)]
    Product(#[from] ProductError),
    #[error(transparent)]
    Stock(#[from] StockError),
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error(transparent)]
    Payment(#[from] PaymentError),
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error(transparent)]
    Review(#[from] ReviewError),
    #[error(transparent)]
    WishList(#[from] WishListError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl TransactionError for DemoError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::NotEmpty | Self::Goods(_) => None,
            Self::Shop(error) => error.failure(),
            Self::Product(error) => error.failure(),
            Self::Stock(error) => error.failure(),
            Self::Message(error) => error.failure(),
            Self::Payment(error) => error.failure(),
            Self::Order(error) => error.failure(),
            Self::Review(error) => error.failure(),
            Self::WishList(error) => error.failure(),
            Self::Failed(failure) => Some(failure),
        }
    }
}
