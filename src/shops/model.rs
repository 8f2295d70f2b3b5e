//! Rows of shops and their members.

use diesel::{Queryable, Selectable};

use crate::{
    kernel::{
        id::{Entity, Id},
        money::CurrencyCode,
        place::CountryCode,
    },
    platform::clock::Time,
    schema::{shop_members, shops},
    text_enum,
    users::model::User,
};

/// Members of a shop, and shops of a person, at the most.
pub const MAXIMUM_MEMBERS: i64 = 100;

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

impl Entity for Shop {
    const PREFIX: &'static str = "shop";
}

text_enum! {
    /// What somebody does for a shop.
    #[derive(async_graphql::Enum)]
    pub enum ShopRole {
        /// May do everything, and decides who the members are.
        Owner = "OWNER",
        /// May do everything but decide who the members are.
        Manager = "MANAGER",
        /// Packs and sends orders, and keeps the stock.
        Fulfillment = "FULFILLMENT",
        /// Answers people, and sees their orders.
        Support = "SUPPORT",
    }
}

/// What a member may be allowed to do for a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    ManageMembers,
    EditShop,
    EditProducts,
    SeeStock,
    AdjustStock,
    SeeOrders,
    FulfillOrders,
    CancelOrders,
    AnswerMessages,
}

impl ShopRole {
    /// Whether a member in this role has the permission.
    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        match self {
            Self::Owner => true,
            Self::Manager => !matches!(permission, Permission::ManageMembers),
            Self::Fulfillment => matches!(
                permission,
                Permission::SeeStock | Permission::AdjustStock | Permission::SeeOrders | Permission::FulfillOrders
            ),
            Self::Support => {
                matches!(permission, Permission::SeeStock | Permission::SeeOrders | Permission::AnswerMessages)
            }
        }
    }
}

/// A person who works for a shop.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shop_members)]
pub struct Member {
    pub shop_id: Id<Shop>,
    pub user_id: Id<User>,
    pub role: ShopRole,
    pub created_at: Time,
}

/// A shop as one of its members sees it. Its id is the shop's under another prefix.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shop_members)]
pub struct Desk {
    #[diesel(embed)]
    pub shop: Shop,
    pub role: ShopRole,
}

impl Entity for Desk {
    const PREFIX: &'static str = "desk";
}

impl Desk {
    pub const fn id(&self) -> Id<Self> {
        Id::from_uuid(self.shop.id.uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_its_work_and_no_more() {
        use Permission::{
            AdjustStock, AnswerMessages, CancelOrders, EditProducts, EditShop, FulfillOrders, ManageMembers, SeeOrders,
            SeeStock,
        };
        let all = [
            ManageMembers,
            EditShop,
            EditProducts,
            SeeStock,
            AdjustStock,
            SeeOrders,
            FulfillOrders,
            CancelOrders,
            AnswerMessages,
        ];
        let allowed =
            |role: ShopRole| all.into_iter().filter(|&permission| role.allows(permission)).collect::<Vec<_>>();
        assert_eq!(allowed(ShopRole::Owner), all);
        assert_eq!(allowed(ShopRole::Manager), all[1..]);
        assert_eq!(allowed(ShopRole::Fulfillment), [SeeStock, AdjustStock, SeeOrders, FulfillOrders]);
        assert_eq!(allowed(ShopRole::Support), [SeeStock, SeeOrders, AnswerMessages]);
    }
}
