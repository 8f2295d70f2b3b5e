//! Rows of locations and stock.

mod shelf;

pub use self::shelf::{Availability, Left, Place, Shelf};

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
};

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    kernel::id::{Entity, Id},
    platform::{clock::Time, events::EventBody, jobs::JobBody},
    products::model::{Product, Variant},
    schema::{locations, stock_levels, stock_rules},
    shops::model::Shop,
    text_enum,
    users::model::User,
};

/// Pieces of a variant at a location, at the most; and moved at once.
pub const MAXIMUM_ON_HAND: i32 = 1_000_000_000;
pub const MAXIMUM_MOVED: i32 = 1_000_000;

/// Locations of a shop at the most.
pub const MAXIMUM_LOCATIONS: usize = 50;

/// Variants for which one person waits at the most.
pub const MAXIMUM_NOTICES: i64 = 500;

/// Where a page of what somebody waits for goes on: the last one first.
pub type NoticeKey = (Time, Id<Variant>);

/// A place where a shop keeps stock.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Location {
    pub id: Id<Location>,
    pub shop_id: Id<Shop>,
    pub name: String,
    pub is_default: bool,
    pub is_active: bool,
}

impl Entity for Location {
    const PREFIX: &'static str = "location";
}

/// How many pieces of a variant lie at a location, and how many were sold from there that are not. One of the two is 0.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = stock_levels)]
pub struct StockLevel {
    pub variant_id: Id<Variant>,
    pub location_id: Id<Location>,
    pub on_hand: i32,
    pub backordered: i32,
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
    pub backordered: i32,
}

/// What a shop has decided about the stock of a variant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Queryable, Selectable)]
#[diesel(table_name = stock_rules)]
pub struct StockRule {
    /// Pieces that may be sold though they are not there.
    pub backorder_limit: i32,
    /// At how many pieces, or fewer, it is low.
    pub low_stock_threshold: Option<i32>,
}

/// What a shelf is of, and by which rule it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub variant: Id<Variant>,
    pub product: Id<Product>,
    pub shop: Id<Shop>,
    pub default_location: Option<Id<Location>>,
    pub rule: StockRule,
}

/// There is little left of a variant, and there was more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StockLow {
    pub variant: Uuid,
    pub shop: Uuid,
}

impl EventBody for StockLow {
    const KIND: &'static str = "inventory.stock_low";
}

/// Has those told that a variant is low who keep the stock of its shop.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfLowStock {
    pub variant: Id<Variant>,
}

impl JobBody for TellOfLowStock {
    const KIND: &'static str = "inventory.tell_of_low_stock";
}

/// Tells somebody who works for a shop that a variant is low.
#[derive(Debug, Serialize, Deserialize)]
pub struct LowStockMail {
    pub variant: Id<Variant>,
    pub member: Id<User>,
}

impl JobBody for LowStockMail {
    const KIND: &'static str = "inventory.low_stock_mail";
}

/// Has those told that a variant can be ordered again who wait for it.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfAvailability {
    pub variant: Id<Variant>,
}

impl JobBody for TellOfAvailability {
    const KIND: &'static str = "inventory.tell_of_availability";
}

/// Tells somebody that a variant can be ordered again.
#[derive(Debug, Serialize, Deserialize)]
pub struct BackInStockMail {
    pub variant: Id<Variant>,
    pub user: Id<User>,
}

impl JobBody for BackInStockMail {
    const KIND: &'static str = "inventory.back_in_stock_mail";
}

/// Has products say whether they can be ordered, from the one after `after` on.
#[derive(Debug, Serialize, Deserialize)]
pub struct SettleAvailability {
    pub after: Option<Id<Product>>,
}

impl JobBody for SettleAvailability {
    const KIND: &'static str = "inventory.settle_availability";
}

text_enum! {
    /// Why stock moved.
    #[derive(async_graphql::Enum, PartialOrd, Ord)]
    pub enum MovementReason {
        /// Pieces came in.
        Received = "RECEIVED",
        /// Somebody counted.
        Corrected = "CORRECTED",
        /// An order took pieces.
        Sold = "SOLD",
        /// An order that was called off gave its pieces back.
        Restocked = "RESTOCKED",
        /// A buyer sent pieces back.
        Returned = "RETURNED",
        /// Pieces went from one location to another one.
        Moved = "MOVED",
    }
}

impl MovementReason {
    pub const ALL: [Self; 6] =
        [Self::Received, Self::Corrected, Self::Sold, Self::Restocked, Self::Returned, Self::Moved];
}

/// Why somebody who works for the shop changes stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, async_graphql::Enum)]
pub enum AdjustmentReason {
    /// Pieces came in.
    Received,
    /// Somebody counted.
    Corrected,
    /// A buyer sent pieces back.
    Returned,
}

impl From<AdjustmentReason> for MovementReason {
    fn from(reason: AdjustmentReason) -> Self {
        match reason {
            AdjustmentReason::Received => Self::Received,
            AdjustmentReason::Corrected => Self::Corrected,
            AdjustmentReason::Returned => Self::Returned,
        }
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

/// What is held for somebody.
#[derive(Debug, Clone, Default)]
pub struct Held {
    /// None if nothing is.
    pub until: Option<Time>,
    pub pieces: HashMap<Id<Variant>, i32>,
}

/// A variant of which there is less than was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    pub variant: Id<Variant>,
    pub available: i32,
}

/// Which levels a list has. What is absent does not narrow it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockFilter {
    pub location: Option<Id<Location>>,
    pub is_low: Option<bool>,
    /// What the SKU begins with.
    pub sku: Option<String>,
}

/// Cursors are tied to it, and there was none before: a page goes on in the next release.
impl Hash for StockFilter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if *self != Self::default() {
            (self.location, self.is_low, &self.sku).hash(state);
        }
    }
}

/// Which movements a list has. What is absent does not narrow it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct MovementFilter {
    pub variant: Option<Id<Variant>>,
    pub location: Option<Id<Location>>,
    pub reason: Option<MovementReason>,
}

/// Where a page of movements goes on: the last one first.
pub type MovementKey = (Time, Uuid);

/// A movement as the shop's members see it.
#[derive(Debug, Clone)]
pub struct Movement {
    pub id: Uuid,
    pub variant: Id<Variant>,
    pub location: Location,
    pub delta: i32,
    pub reason: MovementReason,
    /// The order that sold or restocked; what two movements from one location to another have in common.
    pub cause: Option<Uuid>,
    pub actor: Option<Id<User>>,
    pub created_at: Time,
}
