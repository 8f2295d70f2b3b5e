//! What people have looked at, as their clients tell it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    kernel::id::{Entity, Id},
    platform::clock::Time,
    products::model::Product,
};

/// Views that a client tells of at once, at the most.
pub const MAXIMUM_BATCH: usize = 50;
/// Views that are kept of one viewer at the most: the last ones.
pub const MAXIMUM_VIEWS: i64 = 500;
/// Products that one person does not want to be recommended, at the most: the last ones.
pub const MAXIMUM_DISMISSALS: i64 = 1_000;
/// Views of which a person tells within [`LATELY`] at the most. Who tells of more is a machine, of which nothing more is kept, whenever it says that
/// it looked.
pub const PEOPLE_SEE: i64 = 300;
/// As [`PEOPLE_SEE`].
pub const LATELY: TimeDelta = TimeDelta::hours(1);
/// For how long a client may keep a view to itself before it tells of it.
const LATE: TimeDelta = TimeDelta::days(1);

/// A guest who is told from others by a token. There is no row of one.
#[derive(Debug, Clone, Copy)]
pub struct Visitor;

impl Entity for Visitor {
    const PREFIX: &'static str = "visitor";
}

/// Somebody who is not signed in, and as whom they are told from others, if they show the token of a visitor.
#[derive(Debug, Clone, Copy)]
pub struct Guest(pub Option<Id<Visitor>>);

/// Where a view stands in its list.
pub type ViewKey = (Time, Uuid);

/// A view as a client tells it: just now, if it does not say when.
#[derive(Debug, Clone, Copy)]
pub struct View {
    pub product: Id<Product>,
    pub viewed_at: Option<Time>,
}

/// When products were looked at last.
pub type LastViews = BTreeMap<Id<Product>, Time>;

/// When products were looked at last, by what a client tells at `now`. What it says of the future was just now; of what was too long ago
/// it tells too late.
pub fn last_views(now: Time, told: impl IntoIterator<Item = View>) -> LastViews {
    let mut views = LastViews::new();
    for View { product, viewed_at } in told {
        let at = viewed_at.unwrap_or(now).min(now);
        if at >= now - LATE {
            note_view(&mut views, product, at);
        }
    }
    views
}

/// Takes another view in.
pub fn note_view(views: &mut LastViews, product: Id<Product>, at: Time) {
    let last = views.entry(product).or_insert(at);
    *last = at.max(*last);
}

crate::text_enum! {
    /// A part of what is kept of what you do.
    #[derive(async_graphql::Enum)]
    pub enum HistoryKind {
        /// What you have looked at: `viewer.recentlyViewed`.
        Views = "VIEWS",
        /// What you have looked for: `viewer.recentSearches`.
        Searches = "SEARCHES",
        /// What you do not want to be recommended: it may be recommended again.
        Dismissals = "DISMISSALS",
    }
}

/// A week, counted from the beginning of 1970. Views of one are kept together, and go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Week(pub i64);

impl Week {
    const SECONDS: i64 = 7 * 24 * 60 * 60;
    /// How many are prepared.
    const AHEAD: i64 = 4;

    /// The week of a time.
    pub fn of(time: Time) -> Self {
        Self(time.timestamp().div_euclid(Self::SECONDS))
    }

    /// When it begins.
    pub fn begin(self) -> Time {
        Time::UNIX_EPOCH + TimeDelta::seconds(self.0.saturating_mul(Self::SECONDS))
    }

    /// When it is over.
    pub fn end(self) -> Time {
        Self(self.0 + 1).begin()
    }

    /// The weeks that are to be prepared at a time. None that has begun: something may stand elsewhere already that is of it.
    pub fn to_come(now: Time) -> impl Iterator<Item = Self> {
        let Self(present) = Self::of(now);
        (1..=Self::AHEAD).map(move |ahead| Self(present + ahead))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(number: u128) -> Id<Product> {
        Id::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn of_each_product_the_last_view_counts() {
        let now: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let view = |number, back: Option<i64>| View {
            product: product(number),
            viewed_at: back.map(|seconds| now - TimeDelta::seconds(seconds)),
        };
        let day = 24 * 60 * 60;
        let told = [
            view(1, Some(60)),
            view(1, Some(30)),
            view(1, Some(90)),
            view(2, None),
            view(3, Some(-60)),
            view(4, Some(day)),
            view(5, Some(day + 1)),
        ];
        let views: Vec<_> = last_views(now, told).into_iter().collect();
        let ago = |number, seconds| (product(number), now - TimeDelta::seconds(seconds));
        assert_eq!(views, [ago(1, 30), ago(2, 0), ago(3, 0), ago(4, day)]);
    }

    #[test]
    fn weeks_follow_each_other() {
        let now: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let week = Week::of(now);
        assert!(week.begin() <= now && now < week.end());
        assert_eq!((Week::of(week.begin()), Week::of(week.end())), (week, Week(week.0 + 1)));
        let to_come: Vec<_> = Week::to_come(now).collect();
        assert_eq!(to_come, [1, 2, 3, 4].map(|ahead| Week(week.0 + ahead)));
        assert!(to_come.iter().all(|week| week.begin() > now));
    }
}
