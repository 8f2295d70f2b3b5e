//! What is told of products as it happens.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::events::EventBody;

/// What about a product changed. New kinds may appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProductAspect {
    /// What one of its variants costs.
    Price,
    /// How many pieces of a variant are to be had, as far as buyers are told.
    Stock,
    /// Whether it is for sale.
    Status,
    /// What is said of it, what it looks like, or which variants there are.
    Details,
}

/// Something about a product has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductChanged {
    pub product: Uuid,
    pub aspects: Vec<ProductAspect>,
    /// Whether everybody saw it before or sees it now. Of others only their members hear.
    pub is_public: bool,
}

impl EventBody for ProductChanged {
    const KIND: &'static str = "product_changed";
}
