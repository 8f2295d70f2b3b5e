//! What others learn of orders.

use super::Order;
use crate::{kernel::id::Id, products::model::Product, users::model::User};

/// What somebody ordered together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub order: Id<Order>,
    /// Nobody in particular, and nobody any more who was erased.
    pub buyer: Option<Id<User>>,
    /// Whether it holds: it was not called off, and waits for no money. Nobody has anything suggested to others by orders that they never pay.
    pub is_agreed: bool,
    /// Its goods, line by line.
    pub products: Vec<Id<Product>>,
}
