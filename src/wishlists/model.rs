//! Rows of favourites, wish lists and their items.

use chrono::TimeDelta;
use diesel::{Queryable, QueryableByName, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    kernel::id::{Entity, Id},
    platform::{clock::Time, jobs::JobBody},
    products::model::{Product, Variant},
    schema::{wish_list_items, wish_lists},
    text_enum,
    users::model::User,
};

/// Favourites of one person at the most.
pub const MAXIMUM_FAVORITES: i64 = 10_000;
/// Wish lists of one person at the most.
pub const MAXIMUM_LISTS: i64 = 100;
/// Items of one wish list at the most.
pub const MAXIMUM_ITEMS: i32 = 1_000;
/// Pieces of one item at the most.
pub const MAXIMUM_QUANTITY: i32 = 10_000;

/// What people must have known a product to cost at the least, to be told that it costs `price` now: less by a twentieth.
pub fn told_from(price: i64) -> i64 {
    let less = price.saturating_add(18) / 19;
    price.saturating_add(less.max(1))
}

/// When somebody is told what costs less by `now`: at a time of the day of their own. So they hear of a product once a day at the
/// most, and what many like fills no queue all at once.
pub fn told_at(now: Time, user: Id<User>) -> Time {
    const DAY: u32 = 24 * 60 * 60;
    let own = i64::try_from(user.uuid().as_u128() % u128::from(DAY)).unwrap_or_default();
    // At least a second ahead: who was told just now is told tomorrow.
    let wait = (own - now.timestamp() - 1).rem_euclid(i64::from(DAY)) + 1;
    now + TimeDelta::seconds(wait)
}

/// Tells somebody that a product which they like costs less than they know.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PriceMail {
    pub product: Id<Product>,
    pub user: Id<User>,
}

impl JobBody for PriceMail {
    const KIND: &'static str = "wishlists.price_mail";
}

/// Where a favourite, or an item, stands in a list by time.
pub type TimeKey = (Time, Uuid);

text_enum! {
    /// Who sees a wish list besides its owner.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "WishListVisibility")]
    pub enum Visibility {
        /// Nobody.
        Private = "PRIVATE",
        /// Whoever has its link.
        Link = "LINK",
        /// Everybody but those whom the owner has blocked.
        Public = "PUBLIC",
    }
}

/// Products that somebody wishes for.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = wish_lists)]
pub struct WishList {
    pub id: Id<WishList>,
    pub owner_id: Id<User>,
    pub name: String,
    pub visibility: Visibility,
    /// What the link names; none while the list is private.
    pub link_id: Option<Id<WishListLink>>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Entity for WishList {
    const PREFIX: &'static str = "wishlist";
}

/// What the link to a wish list names. Each link is another one.
#[derive(Debug, Clone, Copy)]
pub struct WishListLink;

impl Entity for WishListLink {
    const PREFIX: &'static str = "wishlink";
}

/// Something that somebody wishes for.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = wish_list_items)]
pub struct Item {
    pub id: Id<Item>,
    pub wish_list_id: Id<WishList>,
    pub product_id: Id<Product>,
    pub variant_id: Option<Id<Variant>>,
    pub quantity: i32,
    pub note: String,
    pub created_at: Time,
}

impl Entity for Item {
    const PREFIX: &'static str = "wish";
}

/// What a wish list is made of.
#[derive(Debug, Clone, Serialize)]
pub struct CreateWishList {
    pub name: String,
    pub visibility: Visibility,
}

/// What is wished for.
#[derive(Debug, Clone)]
pub struct Wish {
    pub product: Id<Product>,
    pub variant: Option<Id<Variant>>,
    pub quantity: i32,
    pub note: String,
}

/// Whose view of a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The owner's: what is no longer for sale stands in it, too.
    Owner,
    /// Everybody else's.
    Others,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_of_a_twentieth_and_more() {
        for (price, known) in [(1, 2), (18, 19), (19, 20), (20, 22), (95, 100), (9_500, 10_000), (9_501, 10_002)] {
            assert_eq!(told_from(price), known, "{price}");
            assert!((known - price) * 20 >= known && (known - 1 - price) * 20 < known - 1, "{price}");
        }
        assert_eq!([0, i64::MAX].map(told_from), [1, i64::MAX]);
    }

    #[test]
    fn everybody_is_told_at_one_time_of_the_day() {
        let midnight: Time = "2026-11-20T00:00:00Z".parse().unwrap();
        for (user, own) in [(0, 0), (1, 1), (86_399, 86_399), (86_400, 0), (u128::MAX, 29_055)] {
            let user = Id::from_uuid(Uuid::from_u128(user));
            for second in [0, 1, 29_054, 29_055, 43_200, 86_399] {
                let now = midnight + TimeDelta::seconds(second);
                let then = told_at(now, user);
                assert!(now < then && then <= now + TimeDelta::days(1), "{now} {then}");
                assert_eq!((then - midnight).num_seconds() % 86_400, own, "{now} {then}");
            }
        }
    }
}
