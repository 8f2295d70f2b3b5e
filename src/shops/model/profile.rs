//! What a shop shows beside its name.

use diesel::{Queryable, Selectable};

use super::Shop;
use crate::{
    kernel::{address::StoredAddress, id::Id},
    media::model::Medium,
    platform::clock::Time,
    schema::{shop_policies, shop_profiles},
    text_enum,
};

/// Characters of a policy at the most.
pub const MAXIMUM_POLICY: usize = 20_000;

/// What a shop shows of itself. One that has said nothing has no row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shop_profiles)]
pub struct Profile {
    pub shop_id: Id<Shop>,
    pub banner_id: Option<Id<Medium>>,
    pub banner_text: String,
    pub ships_from: Option<StoredAddress>,
    #[diesel(embed)]
    pub holiday: HolidayColumns,
    pub holiday_note: String,
}

/// A profile with its picture.
#[derive(Debug, Clone)]
pub struct ShownProfile {
    pub profile: Profile,
    pub banner: Option<Medium>,
}

/// When a shop takes no orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = shop_profiles)]
pub struct HolidayColumns {
    pub holiday_from: Option<Time>,
    pub holiday_until: Option<Time>,
}

impl HolidayColumns {
    /// The time without orders, unless there is none, or none any more.
    #[must_use]
    pub fn holiday(&self, now: Time) -> Option<Holiday> {
        let holiday = Holiday { from: self.holiday_from?, until: self.holiday_until };
        holiday.until.is_none_or(|until| now < until).then_some(holiday)
    }
}

/// A time in which a shop takes no orders; without an end until the shop ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holiday {
    pub from: Time,
    pub until: Option<Time>,
}

impl Holiday {
    /// Whether it has begun and is not over.
    #[must_use]
    pub fn is_on(&self, now: Time) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

text_enum! {
    /// What a shop's policy is about.
    #[derive(PartialOrd, Ord, async_graphql::Enum)]
    pub enum ShopPolicyKind {
        /// How things are given back, and who pays for it.
        Returns = "RETURNS",
        /// How and when things are sent, and what it costs.
        Shipping = "SHIPPING",
        /// The terms of sale.
        Terms = "TERMS",
        /// What the shop does with what it knows of people.
        Privacy = "PRIVACY",
        /// Who stands behind the shop, where the law wants it told.
        LegalNotice = "LEGAL_NOTICE",
    }
}

/// What a shop tells buyers to know beforehand.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shop_policies)]
pub struct Policy {
    pub shop_id: Id<Shop>,
    pub kind: ShopPolicyKind,
    pub body: String,
    pub updated_at: Time,
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    #[test]
    fn a_holiday_begins_at_its_first_moment_and_is_over_at_its_end() {
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let columns = HolidayColumns { holiday_from: Some(at(10)), holiday_until: Some(at(20)) };
        let holiday = columns.holiday(at(5)).unwrap();
        assert_eq!([9, 10, 19, 20].map(|second| holiday.is_on(at(second))), [false, true, true, false]);
        assert!(columns.holiday(at(19)).is_some() && columns.holiday(at(20)).is_none());
        let open = HolidayColumns { holiday_from: Some(at(10)), holiday_until: None };
        assert!(open.holiday(at(1_000_000)).unwrap().is_on(at(1_000_000)));
        assert_eq!(HolidayColumns { holiday_from: None, holiday_until: None }.holiday(at(0)), None);
    }
}
