//! Rows of shops and their members.

mod profile;

pub use self::profile::*;

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{
        id::{Entity, Id},
        money::CurrencyCode,
        place::CountryCode,
    },
    platform::{clock::Time, jobs::JobBody},
    schema::{shop_members, shops},
    text_enum,
    users::model::User,
};

/// Members of a shop, and shops that a person has accepted, at the most.
pub const MAXIMUM_MEMBERS: i64 = 100;

/// Shops at the most to which a person was added and has not said anything yet.
pub const MAXIMUM_UNACCEPTED: i64 = 20;

/// Where a page of followed shops goes on: the last one first.
pub type FollowKey = (Time, Id<Shop>);

/// Shops that one person follows at the most.
pub const MAXIMUM_FOLLOWED: i64 = 5_000;

/// Tells somebody that others own a shop by now, or that they do not own it any more.
#[derive(Debug, Serialize, Deserialize)]
pub struct OwnersMail {
    pub shop: Id<Shop>,
    pub person: Id<User>,
    /// Whether they own it.
    pub is_owner: bool,
}

impl JobBody for OwnersMail {
    const KIND: &'static str = "shops.owners_mail";
}

/// A shop as everybody sees it.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Shop {
    pub id: Id<Shop>,
    pub handle: String,
    pub name: String,
    pub description: String,
    pub currency: CurrencyCode,
    pub country: CountryCode,
    pub version: i32,
    pub created_at: Time,
}

/// What is shown of a shop beside what it sells.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shops)]
pub struct Face {
    pub id: Id<Shop>,
    pub handle: String,
    pub name: String,
}

impl Entity for Shop {
    const PREFIX: &'static str = "shop";
}

text_enum! {
    /// What somebody does for a shop.
    #[derive(async_graphql::Enum)]
    pub enum ShopRole {
        /// May do everything, and decides who the members are.
        Owner = "OWNER",
        /// May do everything but decide who the members are, and where the shop's money goes.
        Manager = "MANAGER",
        /// Packs and sends orders, and keeps the stock.
        Fulfillment = "FULFILLMENT",
        /// Answers people, and sees their orders.
        Support = "SUPPORT",
    }
}

/// What a member may be allowed to do for a shop: see [`ShopRole::may`]. Products in all states, stock and the other members
/// are seen by all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    ManageMembers,
    SetUpPayouts,
    EditShop,
    EditProducts,
    AdjustStock,
    SeeOrders,
    FulfillOrders,
    CancelOrders,
    RefundOrders,
    AnswerMessages,
    SeeMoney,
}

/// A shop, and somebody who works for it.
pub type Worker = (Id<Shop>, Id<User>);

/// A person who works for a shop.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shop_members)]
pub struct Member {
    pub shop_id: Id<Shop>,
    pub user_id: Id<User>,
    pub role: ShopRole,
    pub created_at: Time,
    pub is_accepted: bool,
}

/// A shop as one of its members sees it. Its id is the shop's under another prefix.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shop_members)]
pub struct Desk {
    #[diesel(embed)]
    pub shop: Shop,
    pub role: ShopRole,
    pub is_accepted: bool,
}

impl Entity for Desk {
    const PREFIX: &'static str = "desk";
}

impl Desk {
    pub const fn id(&self) -> Id<Self> {
        Id::from_uuid(self.shop.id.uuid())
    }
}
