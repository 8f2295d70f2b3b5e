//! What each role may do.

use super::model::{Permission, ShopRole};

/// Whether a member in this role has the permission.
pub const fn allows(role: ShopRole, permission: Permission) -> bool {
    match role {
        ShopRole::Owner => true,
        ShopRole::Manager => !matches!(permission, Permission::ManageMembers),
        ShopRole::Fulfillment => matches!(
            permission,
            Permission::SeeStock | Permission::AdjustStock | Permission::SeeOrders | Permission::FulfillOrders
        ),
        ShopRole::Support => {
            matches!(permission, Permission::SeeStock | Permission::SeeOrders | Permission::AnswerMessages)
        }
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
        let allowed = |role| all.into_iter().filter(|&permission| allows(role, permission)).collect::<Vec<_>>();
        assert_eq!(allowed(ShopRole::Owner), all);
        assert_eq!(allowed(ShopRole::Manager), all[1..]);
        assert_eq!(allowed(ShopRole::Fulfillment), [SeeStock, AdjustStock, SeeOrders, FulfillOrders]);
        assert_eq!(allowed(ShopRole::Support), [SeeStock, SeeOrders, AnswerMessages]);
    }
}
