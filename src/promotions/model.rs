//! Promotions, and how they stand.

mod choosing;

use diesel::{Queryable, Selectable};
use uuid::Uuid;

pub use self::choosing::{Applied, Applying, Asked, Basket, CodeFault, Saving, choose};
use crate::{
    kernel::{
        id::{Entity, Id},
        money::{CurrencyCode, Money},
        rate::Rate,
    },
    platform::clock::Time,
    schema::{promotion_uses, promotions},
    shops::model::Shop,
    text_enum,
};

/// Promotions of a shop at the most, without those that were deleted.
pub const MAXIMUM_PROMOTIONS: i64 = 200;

/// Where a page of promotions goes on.
pub type PromotionKey = (Time, Id<Promotion>);

/// Where a page of somebody's uses goes on: an order, and a promotion that it has.
pub type UseKey = (Uuid, Id<Promotion>);

text_enum! {
    /// What a promotion takes off.
    #[derive(async_graphql::Enum)]
    pub enum PromotionKind {
        /// A share of what the shop's goods cost.
        Percentage = "PERCENTAGE",
        /// An amount of what the shop's goods cost.
        Amount = "AMOUNT",
        /// What the shop's shipping costs.
        FreeShipping = "FREE_SHIPPING",
    }
}

/// How a promotion stands. New values may appear at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum PromotionStatus {
    /// It has not begun.
    Scheduled,
    /// It applies now.
    Running,
    /// As many orders have it as may.
    UsedUp,
    /// Its time is over.
    Ended,
    /// The shop has switched it off.
    Paused,
}

/// What a shop takes off.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
pub struct Promotion {
    pub id: Id<Promotion>,
    pub shop_id: Id<Shop>,
    /// What buyers see.
    pub name: String,
    /// In upper case; none of one that applies by itself.
    pub code: Option<String>,
    pub kind: PromotionKind,
    /// In hundredths of a percent.
    pub rate: Option<i32>,
    /// Minor units of `currency`, as the minimum is.
    pub amount: Option<i64>,
    pub minimum_subtotal: Option<i64>,
    /// None where there are no amounts.
    pub currency: Option<CurrencyCode>,
    pub starts_at: Time,
    pub ends_at: Option<Time>,
    pub limit_total: Option<i32>,
    pub limit_per_person: Option<i32>,
    /// How many orders have it, if there is a limit in total; else 0.
    pub used: i32,
    pub is_active: bool,
    pub version: i32,
    pub created_at: Time,
}

impl Entity for Promotion {
    const PREFIX: &'static str = "promotion";
}

impl Promotion {
    pub fn percentage(&self) -> Option<Rate> {
        self.rate.and_then(Rate::from_basis_points)
    }

    pub fn amount_off(&self) -> Option<Money> {
        Some(Money::new(self.amount?, self.currency?))
    }

    pub fn minimum(&self) -> Option<Money> {
        Some(Money::new(self.minimum_subtotal?, self.currency?))
    }

    /// Whether as many orders have it as may.
    pub fn is_used_up(&self) -> bool {
        self.limit_total.is_some_and(|limit| self.used >= limit)
    }

    /// Whether its time is over.
    pub fn is_over(&self, now: Time) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }

    pub fn status(&self, now: Time) -> PromotionStatus {
        if self.is_over(now) {
            PromotionStatus::Ended
        } else if !self.is_active {
            PromotionStatus::Paused
        } else if self.is_used_up() {
            PromotionStatus::UsedUp
        } else if now < self.starts_at {
            PromotionStatus::Scheduled
        } else {
            PromotionStatus::Running
        }
    }
}

/// An order that has a promotion.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = promotion_uses)]
pub struct PromotionUse {
    pub promotion_id: Id<Promotion>,
    pub order_id: Uuid,
    pub currency: CurrencyCode,
    pub saved: i64,
    pub created_at: Time,
}

/// A code as it is kept and compared: 3 to 40 letters, digits and hyphens in upper case. None if that is not its form.
///
/// ```
/// # use agora::promotions::model::code;
/// assert_eq!(code(" spring-10 ").as_deref(), Some("SPRING-10"));
/// assert_eq!((code("ab"), code("a b c"), code("äöü")), (None, None, None));
/// ```
#[must_use]
pub fn code(given: &str) -> Option<String> {
    let given = given.trim();
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let fits = (3..=40).contains(&given.len()) && given.bytes().all(is_fine);
    fits.then(|| given.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{choosing::tests::promotion, *};

    #[test]
    fn a_code_has_three_to_forty_characters() {
        assert_eq!(code(&"x".repeat(40)), Some("X".repeat(40)));
        for wrong in ["", "  ", "no", "10%", "a_b", &"x".repeat(41)] {
            assert_eq!(code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_over_is_over_whatever_else_it_is() {
        let now = Time::UNIX_EPOCH + TimeDelta::days(10);
        let (before, after) = (now - TimeDelta::days(1), now + TimeDelta::days(1));
        let running = Promotion { starts_at: now, ..promotion(1) };
        let used_up = Promotion { limit_total: Some(2), used: 2, ..running.clone() };
        let paused = Promotion { is_active: false, ..used_up.clone() };
        for (promotion, status) in [
            (running.clone(), PromotionStatus::Running),
            (Promotion { ends_at: Some(after), ..running.clone() }, PromotionStatus::Running),
            (Promotion { starts_at: after, ..running }, PromotionStatus::Scheduled),
            (used_up, PromotionStatus::UsedUp),
            (paused.clone(), PromotionStatus::Paused),
            (Promotion { starts_at: before, ends_at: Some(now), ..paused }, PromotionStatus::Ended),
        ] {
            assert_eq!(promotion.status(now), status, "{promotion:?}");
        }
    }
}
