//! What many people have ordered lately.

use chrono::TimeDelta;

use crate::{kernel::id::Id, products::model::Product};

/// How far back orders count, and how many of them at the most: the last ones.
pub const TREND: TimeDelta = TimeDelta::days(14);
/// As [`TREND`].
pub const TREND_ORDERS: i64 = 20_000;
/// After so long what somebody has ordered counts half.
pub const TREND_HALF_LIFE: TimeDelta = TimeDelta::days(3);
/// Products of a list. Rows have the same bound.
pub const TREND_SIZE: i64 = 50;
/// Products of one shop in a list, whatever people order there: a fifth.
pub const TREND_OF_A_SHOP: i64 = 10;

/// The place of a list of what is ordered anywhere.
pub const ANYWHERE: &str = "*";

/// A product that many people have ordered lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    /// A country, or [`ANYWHERE`].
    pub place: String,
    pub rank: i16,
    pub product: Id<Product>,
    /// How many people.
    pub people: i32,
}
