//! Lists of orders: a buyer's own, and what a shop has to do.

use async_graphql::{Context, Object};
use uuid::Uuid;

use super::{Order, OrderPart};
use crate::{
    kernel::page::PageArgs,
    orders::service,
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, AtOnce, COUNT_LIMIT, List, Listing, Total, WireResult},
    },
    shops::model::Desk,
};

/// What can be asked about orders.
#[derive(Default)]
pub struct OrdersQuery;

#[Object]
impl OrdersQuery {
    /// The order that the link in a mail leads to, for whoever has the link, for 90 days after it was placed: what was ordered
    /// and how far it has come. Null if there is none.
    async fn order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What stands for `{token}` in the link.", secret)] token: String,
    ) -> WireResult<Option<Order>> {
        Ok(service::order_by_link(ctx.app(), &token).await?.map(|(order, parts)| Order::with_parts(order, parts)))
    }
}

/// The orders' part of the viewer.
pub struct OrdersViewer(pub Caller);

#[Object]
impl OrdersViewer {
    /// What you ordered, newest first.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<AtOnce<List<AtOnce<Order>>>> {
        let listing = Listing::<(Time, Uuid)>::new("orders", &PageArgs { first, after, last, before })?;
        let rows = service::orders(ctx.app(), &self.0, listing.page.clone()).await?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_orders(&app, &caller, COUNT_LIMIT + 1).await }
        });
        Ok(listing.at_once(rows, |row| (row.order.placed_at, row.order.id.uuid()), total))
    }
}

/// The orders' part of a shop's desk.
pub struct OrdersDesk(Desk);

impl From<&Desk> for OrdersDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.clone())
    }
}

#[Object]
impl OrdersDesk {
    /// What the shop has to do, newest first; null if your role does not see orders.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<Option<AtOnce<List<AtOnce<OrderPart>>>>> {
        let shop = self.0.shop.id;
        let listing = Listing::<(Time, Uuid)>::new(("desk orders", shop), &PageArgs { first, after, last, before })?;
        let Some(rows) = service::parts(ctx.app(), &self.0, listing.page.clone()).await? else { return Ok(None) };
        let app = ctx.app().clone();
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_parts(&app, shop, COUNT_LIMIT + 1).await }
        });
        Ok(Some(listing.at_once(rows, |row| (row.part.placed_at, row.part.id.uuid()), total)))
    }
}
