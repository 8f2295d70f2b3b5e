//! What people have bought before.

use diesel::{
    QueryableByName,
    sql_types::{Integer, Timestamptz, Uuid as SqlUuid},
};
use serde::{Deserialize, Serialize};

use super::OrderLine;
use crate::{carts::model::Cart, kernel::id::Id, platform::clock::Time, products::model::Variant, text_enum};

/// Orders of somebody in which it is looked for, the last ones, and variants that are found there at the most.
pub const ORDERS_LOOKED_AT: i64 = 100;
pub const MAXIMUM_BOUGHT: i64 = 500;

/// A variant that somebody has bought, as they did so last.
#[derive(Debug, Clone, QueryableByName)]
pub struct BoughtBefore {
    #[diesel(sql_type = SqlUuid)]
    pub variant: Id<Variant>,
    /// How many pieces.
    #[diesel(sql_type = Integer)]
    pub quantity: i32,
    #[diesel(sql_type = Timestamptz)]
    pub placed_at: Time,
}

text_enum! {
    /// Why something was not put into a cart. New reasons may appear: keep a default branch.
    #[derive(async_graphql::Enum)]
    pub enum LeftOutReason {
        /// There is no more of it, or its shop has taken it from the market.
        NotForSale = "NOT_FOR_SALE",
        /// Its shop has set no price in the currency of the cart.
        CurrencyMissing = "CURRENCY_MISSING",
        /// The cart has as many lines as one may have.
        CartFull = "CART_FULL",
        /// Together with what is in the cart it would be more pieces than may be.
        TooManyPieces = "TOO_MANY_PIECES",
    }
}

/// What became of putting an order into a cart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PutAgain {
    pub cart: Id<Cart>,
    /// Lines that were not put in, and why.
    pub left_out: Vec<(Id<OrderLine>, LeftOutReason)>,
}
