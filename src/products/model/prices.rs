//! What variants cost: in several currencies, now and before.

use chrono::TimeDelta;
use diesel::{Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::{Product, Variant};
use crate::{
    kernel::{
        id::Id,
        money::{CurrencyCode, Money},
    },
    platform::{clock::Time, jobs::JobBody},
    schema::{price_changes, product_prices, variant_prices},
    users::model::User,
};

/// Currencies in which a variant has a price at the most, besides its shop's.
pub const MAXIMUM_CURRENCIES: usize = 20;

/// Products that are for sale may be a better offer than before: they cost less, or can be had again. Who likes them is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct BetterOffers {
    pub products: Vec<Id<Product>>,
    /// Of those who like the first one, who was asked last.
    pub after: Option<Id<User>>,
}

impl JobBody for BetterOffers {
    const KIND: &'static str = "products.better_offers";
}

/// How long before a price comes into force others count for the lowest one: by Directive 98/6/EC, article 6a.
pub const RECENT: TimeDelta = TimeDelta::days(30);

/// A price, in minor units, with what the shop compares it with, which is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    pub amount: i64,
    pub compare_at: Option<i64>,
}

/// What something shall cost in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GivenPrice {
    pub price: Money,
    pub compare_at: Option<Money>,
}

/// What somebody asks of a variant's prices; what is absent stays. The inner `None` clears.
#[derive(Debug, Clone, Default)]
#[allow(clippy::option_option, reason = "absent stays, an explicit null clears")]
pub struct AskedPrices {
    /// In the shop's currency.
    pub price: Option<Money>,
    pub compare_at_price: Option<Option<Money>>,
    /// All of them in other currencies.
    pub others: Option<Vec<GivenPrice>>,
}

/// As [`AskedPrices`], found to be in order; besides the price in the shop's currency.
#[derive(Debug, Clone, Default)]
#[allow(clippy::option_option, reason = "absent stays, an explicit null clears")]
pub struct NewPrices {
    pub compare_at: Option<Option<i64>>,
    pub others: Option<Vec<(CurrencyCode, Price)>>,
}

/// What a variant costs in one currency, as it was written into its history last.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = variant_prices)]
pub struct VariantPrice {
    pub variant_id: Id<Variant>,
    pub currency: CurrencyCode,
    pub amount: i64,
    pub compare_at_amount: Option<i64>,
    pub lowest_recent_amount: Option<i64>,
    pub is_for_sale: bool,
}

impl VariantPrice {
    pub const fn price(&self) -> Price {
        Price { amount: self.amount, compare_at: self.compare_at_amount }
    }
}

/// What the cheapest and the dearest variant of a product cost in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = product_prices)]
pub struct ProductPrice {
    pub product_id: Id<Product>,
    pub currency: CurrencyCode,
    pub price_min: i64,
    pub price_max: i64,
    pub is_active: bool,
}

/// What a variant cost in one currency from a moment on; without an amount it had no price in it any more.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = price_changes)]
pub struct PriceChange {
    pub id: i64,
    pub variant_id: Id<Variant>,
    pub currency: CurrencyCode,
    pub amount: Option<i64>,
    pub compare_at_amount: Option<i64>,
    pub lowest_recent_amount: Option<i64>,
    pub is_for_sale: bool,
    pub actor_id: Option<Id<User>>,
    pub created_at: Time,
}

/// As much of a [`PriceChange`] as says what was in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    pub amount: Option<i64>,
    pub is_for_sale: bool,
    pub created_at: Time,
}

/// The lowest price at which something was for sale in the 30 days before `now`, when another price comes into force; none if it
/// was not for sale then. `past` has its changes of these days, oldest first, after the last one before them, which tells what it cost
/// when they began. What was changed again in the same moment was never in force.
pub fn lowest_before(past: &[Past], now: Time) -> Option<i64> {
    let begin = now - RECENT;
    let ends = past.iter().skip(1).map(|next| next.created_at).chain([now]);
    let in_force = past.iter().zip(ends).filter(|(change, end)| *end > begin && *end > change.created_at);
    in_force.filter(|(change, _)| change.is_for_sale).filter_map(|(change, _)| change.amount).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> Time {
        "2026-11-20T12:00:00Z".parse::<Time>().unwrap() + TimeDelta::days(days)
    }

    /// Prices at which something was for sale, each from a day on; none of them from the day when it was not.
    fn lowest(past: &[(i64, Option<i64>)], now: Time) -> Option<i64> {
        let past = past.iter().map(|(day, amount)| Past { amount: *amount, is_for_sale: true, created_at: at(*day) });
        lowest_before(&past.collect::<Vec<_>>(), now)
    }

    #[test]
    fn what_was_in_force_when_the_thirty_days_began_counts() {
        assert_eq!(lowest(&[(-400, Some(100))], at(0)), Some(100));
        assert_eq!(lowest(&[(-400, Some(80)), (-10, Some(100))], at(0)), Some(80));
        assert_eq!(lowest(&[(-40, Some(80)), (-29, Some(100))], at(0)), Some(80));
        // It ended as they began, or an instant later.
        assert_eq!(lowest(&[(-40, Some(80)), (-30, Some(100))], at(0)), Some(100));
        assert_eq!(lowest(&[(-40, Some(80)), (-30, Some(100))], at(0) - TimeDelta::microseconds(1)), Some(80));
    }

    #[test]
    fn the_lowest_of_several_counts_however_short_it_was() {
        assert_eq!(lowest(&[(-20, Some(100)), (-10, Some(60)), (-9, Some(100))], at(0)), Some(60));
        // Never in force.
        assert_eq!(lowest(&[(-20, Some(100)), (-10, Some(60)), (-10, Some(90))], at(0)), Some(90));
        // A clock that was behind does not put it into force either.
        assert_eq!(lowest(&[(-20, Some(100)), (-10, Some(60)), (-11, Some(90))], at(0)), Some(90));
    }

    #[test]
    fn what_was_not_for_sale_does_not_count() {
        assert_eq!(lowest(&[], at(0)), None);
        // Younger than thirty days: since it is for sale.
        assert_eq!(lowest(&[(-3, Some(100))], at(0)), Some(100));
        // Made and lowered in one moment.
        assert_eq!(lowest(&[(0, Some(100))], at(0)), None);
        // There was no price in the currency for the whole time, or for some of it.
        assert_eq!(lowest(&[(-90, Some(100)), (-60, None)], at(0)), None);
        assert_eq!(lowest(&[(-90, Some(100)), (-20, None), (-5, Some(120))], at(0)), Some(100));
        let draft = Past { amount: Some(1), is_for_sale: false, created_at: at(-20) };
        assert_eq!(lowest_before(&[draft], at(0)), None);
        let shown = Past { amount: Some(100), is_for_sale: true, created_at: at(-10) };
        assert_eq!(lowest_before(&[draft, shown], at(0)), Some(100));
    }
}
