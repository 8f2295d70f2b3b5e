//! Who may see a product.

use super::model::ProductStatus;
use crate::shops::model::ShopRole;

/// Whether somebody with this role in its shop (none for all others) may see a product.
pub const fn may_see(status: ProductStatus, role: Option<ShopRole>) -> bool {
    matches!(status, ProductStatus::Active) || role.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_members_see_what_is_not_for_sale() {
        for status in [ProductStatus::Draft, ProductStatus::Active, ProductStatus::Archived] {
            assert_eq!(may_see(status, None), status == ProductStatus::Active);
            assert!(may_see(status, Some(ShopRole::Support)));
        }
    }
}
