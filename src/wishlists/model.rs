//! Rows of favourites, wish lists and their items.

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
}
