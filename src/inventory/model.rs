//! Rows of locations and stock.

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::id::{Entity, Id},
    products::model::Variant,
    schema::{locations, stock_levels},
    shops::model::Shop,
    text_enum,
};

/// Pieces of a variant at a location, at the most; and moved at once.
pub const MAXIMUM_ON_HAND: i32 = 1_000_000_000;
pub const MAXIMUM_MOVED: i32 = 1_000_000;

/// A place where a shop keeps stock.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Location {
    pub id: Id<Location>,
    pub shop_id: Id<Shop>,
    pub name: String,
    pub is_default: bool,
}

impl Entity for Location {
    const PREFIX: &'static str = "location";
}

/// How many pieces of a variant lie at a location.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = stock_levels)]
pub struct StockLevel {
    pub variant_id: Id<Variant>,
    pub location_id: Id<Location>,
    pub on_hand: i32,
}

/// A level with what it is a level of.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = stock_levels)]
pub struct Stock {
    #[diesel(embed)]
    pub variant: Variant,
    #[diesel(embed)]
    pub location: Location,
    pub on_hand: i32,
}

text_enum! {
    /// Why a level moved.
    pub enum MovementReason {
        /// Pieces came in.
        Received = "RECEIVED",
        /// Somebody counted.
        Corrected = "CORRECTED",
        /// An order took pieces.
        Sold = "SOLD",
        /// An order gave its pieces back.
        Restocked = "RESTOCKED",
    }
}

/// How a level shall change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StockChange {
    /// By so many pieces, more or less.
    By(i32),
    /// To what was counted, if it still is what was expected.
    To { quantity: i32, expected: i32 },
}

/// A variant of which there is less than was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    pub variant: Id<Variant>,
    pub available: i32,
}
