//! What each role may do.

use super::model::{Permission, ShopRole};

impl ShopRole {
    pub const ALL: [Self; 4] = [Self::Owner, Self::Manager, Self::Fulfillment, Self::Support];

    /// Whether a member in this role has the permission.
    pub const fn may(self, permission: Permission) -> bool {
        match self {
            Self::Owner => true,
            Self::Manager => !matches!(permission, Permission::ManageMembers | Permission::SetUpPayouts),
            Self::Fulfillment => {
                matches!(permission, Permission::AdjustStock | Permission::SeeOrders | Permission::FulfillOrders)
            }
            Self::Support => matches!(permission, Permission::SeeOrders | Permission::AnswerMessages),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_its_work_and_no_more() {
        use Permission::{
            AdjustStock, AnswerMessages, CancelOrders, EditProducts, EditShop, FulfillOrders, ManageMembers,
            RefundOrders, SeeMoney, SeeOrders, SetUpPayouts,
        };
        let all = [
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
        ];
        let allowed = |role: ShopRole| all.into_iter().filter(|&permission| role.may(permission)).collect::<Vec<_>>();
        assert_eq!(allowed(ShopRole::Owner), all);
        assert_eq!(allowed(ShopRole::Manager), all[2..]);
        assert_eq!(allowed(ShopRole::Fulfillment), [AdjustStock, SeeOrders, FulfillOrders]);
        assert_eq!(allowed(ShopRole::Support), [SeeOrders, AnswerMessages]);
    }
}
