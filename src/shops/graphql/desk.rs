//! A shop's desk: of each domain what its members see and do there.

use async_graphql::{Context, MergedObject};

use super::ShopsDesk;
use crate::{
    inventory::graphql::InventoryDesk,
    invoices::graphql::DocumentsDesk,
    kernel::id::Id,
    messages::graphql::{MessageSearchDesk, MessagesDesk},
    orders::graphql::{BooksDesk, ClaimsDesk, OrdersDesk, ReturnsDesk},
    payouts::graphql::PayoutsDesk,
    platform::gql::WireResult,
    porting::graphql::PortingDesk,
    products::graphql::ProductsDesk,
    promotions::graphql::PromotionsDesk,
    reviews::graphql::ReviewsDesk,
    shipping::graphql::ShippingDesk,
    shops::model::Desk,
};

/// A shop from the inside, as one of its members sees it. Only they do.
#[derive(MergedObject)]
pub struct ShopDesk(
    ProductsDesk,
    InventoryDesk,
    PortingDesk,
    MessagesDesk,
    MessageSearchDesk,
    ShippingDesk,
    OrdersDesk,
    ReturnsDesk,
    ClaimsDesk,
    BooksDesk,
    PayoutsDesk,
    DocumentsDesk,
    ReviewsDesk,
    PromotionsDesk,
    ShopsDesk,
);

impl ShopDesk {
    /// For the `Node` interface.
    pub async fn id(&self, _: &Context<'_>) -> WireResult<Id<Desk>> {
        Ok(self.14.0.id())
    }
}

impl From<Desk> for ShopDesk {
    fn from(desk: Desk) -> Self {
        let from = &desk;
        Self(
            from.into(),
            from.into(),
            from.into(),
            from.into(),
            from.into(),
            from.into(),
            from.into(),
            from.into(),
            from.into(),
            from.into(),
            from.into(),
            from.into(),
            from.into(),
            from.into(),
            ShopsDesk(desk),
        )
    }
}
