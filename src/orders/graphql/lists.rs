//! Lists of orders: a buyer's own, and what a shop has to do.

use async_graphql::{Context, InputObject, Object};
use chrono::Datelike;
use uuid::Uuid;

use super::{Order, OrderPart};
use crate::{
    kernel::{date::Date, error::Failure, page::PageArgs},
    orders::{
        model::{FulfillmentState, OrderFilter, OrderLifecycle, OrderSearch, ToBeSent},
        service,
    },
    payments::model::PaymentState,
    platform::{
        caller::{Caller, StaffPermission},
        clock::Time,
        gql::{Ask, AtOnce, COUNT_LIMIT, List, Listing, StaffOnly, Total, WireResult},
    },
    shops::model::Desk,
    users::model::signed_in,
};

/// Which of your orders a list has. What is absent does not narrow it.
#[derive(Default, InputObject)]
pub struct OrderFilterInput {
    /// Orders that have come so far as a whole.
    lifecycle: Option<OrderLifecycle>,
    /// Orders of which so much is paid.
    payment_state: Option<PaymentState>,
    /// Orders that have a part with which its shop has come so far.
    fulfillment_state: Option<FulfillmentState>,
    /// Orders that were placed then, or later.
    placed_from: Option<Time>,
    /// Orders that were placed before that.
    placed_before: Option<Time>,
    /// What there is to be found of an order: the beginning of its number, with or without the hyphen; the beginning of a SKU; or words
    /// of what a line is called, all of one line, or their beginnings. Case does not matter. At most 200 characters.
    query: Option<String>,
}

/// Which parts of orders a shop's list has. What is absent does not narrow it.
#[derive(Default, InputObject)]
pub struct OrderPartFilterInput {
    /// Parts of orders that have come so far as a whole.
    lifecycle: Option<OrderLifecycle>,
    /// Parts of orders of which so much is paid.
    payment_state: Option<PaymentState>,
    /// Parts with which the shop has come so far.
    fulfillment_state: Option<FulfillmentState>,
    /// Parts of which something can be packed now, or sent if it is packed: `PACK` or `SHIP` is among the `allowedActions` of who sends things
    /// for the shop. It makes no difference whether their money is here, or only promised by a bank. All the others if it is false.
    is_to_be_sent: Option<bool>,
    /// Parts of orders that were placed then, or later.
    placed_from: Option<Time>,
    /// Parts of orders that were placed before that.
    placed_before: Option<Time>,
    /// What there is to be found of a part: the beginning of its order's number, with or without the hyphen; something of the buyer's name,
    /// of a guest's order of the name to which it goes; the beginning of a SKU; or words of what a line is called, all of one line, or their
    /// beginnings. Case does not matter. At most 200 characters.
    query: Option<String>,
}

/// Which of the market's orders a list has. What is absent does not narrow it.
#[derive(Default, InputObject)]
pub struct StaffOrderFilterInput {
    /// Orders that have come so far as a whole.
    lifecycle: Option<OrderLifecycle>,
    /// Orders of which so much is paid.
    payment_state: Option<PaymentState>,
    /// Orders that were placed then, or later.
    placed_from: Option<Time>,
    /// Orders that were placed before that.
    placed_before: Option<Time>,
    /// The beginning of an order's number, or all of it, with or without the hyphen. Case does not matter. At most 200 characters.
    number: Option<String>,
}

impl StaffOrderFilterInput {
    fn filter(self) -> Result<OrderFilter, Failure> {
        let Self { lifecycle, payment_state, placed_from, placed_before, number: query } = self;
        OrderFilterInput { lifecycle, payment_state, fulfillment_state: None, placed_from, placed_before, query }
            .filter()
    }
}

impl OrderFilterInput {
    fn filter(self) -> Result<OrderFilter, Failure> {
        for time in [self.placed_from, self.placed_before].into_iter().flatten() {
            if !(1..=9_999).contains(&time.year()) {
                return Err(Failure::BadUserInput("an order is placed in one of the years 1 to 9999".into()));
            }
        }
        let query = self.query.unwrap_or_default();
        if query.chars().nth(200).is_some() {
            return Err(Failure::BadUserInput("what is looked for has at most 200 characters".into()));
        }
        Ok(OrderFilter {
            lifecycle: self.lifecycle,
            payment: self.payment_state,
            fulfillment: self.fulfillment_state,
            to_be_sent: None,
            placed_from: self.placed_from,
            placed_before: self.placed_before,
            search: OrderSearch::parse(&query),
        })
    }
}

impl OrderPartFilterInput {
    fn filter(self, takes_payments: bool) -> Result<OrderFilter, Failure> {
        let Self { lifecycle, payment_state, fulfillment_state, is_to_be_sent, placed_from, placed_before, query } =
            self;
        let of_order =
            OrderFilterInput { lifecycle, payment_state, fulfillment_state, placed_from, placed_before, query };
        let to_be_sent = is_to_be_sent.map(|is| ToBeSent { is, takes_payments });
        Ok(OrderFilter { to_be_sent, ..of_order.filter()? })
    }
}

/// What can be asked about orders.
#[derive(Default)]
pub struct OrdersQuery;

#[Object]
impl OrdersQuery {
    /// The order that the link in a mail leads to, for whoever has the link: what was ordered and how far it has come. And what a guest has
    /// ordered, for whoever has the `token` that `placeGuestOrder` answered: all that its buyer sees of it, until somebody claims it. Both for 90
    /// days after it was placed. Null if there is none.
    async fn order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What stands for `{token}` in the link, or what `placeGuestOrder` answered.", secret)]
        token: String,
    ) -> WireResult<Option<Order>> {
        if let Some(opened) = service::order_by_token(ctx.app(), &token).await? {
            return Ok(Some(Order::opened(opened)));
        }
        Ok(service::order_by_link(ctx.app(), &token).await?.map(|(order, parts)| Order::with_parts(order, parts)))
    }
}

/// The orders' part of the viewer.
pub struct OrdersViewer(pub Caller);

#[Object]
impl OrdersViewer {
    /// What you ordered, newest first.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: OrderFilterInput,
    ) -> WireResult<AtOnce<List<AtOnce<Order>>>> {
        let filter = filter.filter()?;
        let listing = Listing::<(Time, Uuid)>::new(("orders", &filter), &PageArgs { first, after, last, before })?;
        let rows = service::orders(ctx.app(), &self.0, filter.clone(), listing.page.clone()).await?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let total = Total::new(move || {
            let (app, caller, filter) = (app.clone(), caller.clone(), filter.clone());
            async move { service::count_orders(&app, &caller, filter, COUNT_LIMIT + 1).await }
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
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: OrderPartFilterInput,
    ) -> WireResult<Option<AtOnce<List<AtOnce<OrderPart>>>>> {
        let takes_payments = service::circumstances(ctx.app()).takes_payments;
        let (shop, filter) = (self.0.shop.id, filter.filter(takes_payments)?);
        let list = ("desk orders", shop, &filter);
        let listing = Listing::<(Time, Uuid)>::new(list, &PageArgs { first, after, last, before })?;
        let rows = service::parts(ctx.app(), &self.0, filter.clone(), listing.page.clone()).await?;
        let Some(rows) = rows else { return Ok(None) };
        let app = ctx.app().clone();
        let total = Total::new(move || {
            let (app, filter) = (app.clone(), filter.clone());
            async move { service::count_parts(&app, shop, filter, COUNT_LIMIT + 1).await }
        });
        Ok(Some(listing.at_once(rows, |row| (row.part.placed_at, row.part.id.uuid()), total)))
    }

    /// Where what was ordered of the shop on some days is to be had as a file in CSV, a row a line, with what of it was sent, came back and went
    /// back. Whoever has the URL has it, without signing in: for an hour at the least, for two at the most, and no longer than you see orders of
    /// the shop. Null if your role does not.
    async fn orders_csv_url(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day on which they were placed, in UTC.")] from: Date,
        #[graphql(desc = "The last day; at most 366 of them.")] until: Date,
    ) -> WireResult<Option<String>> {
        Ok(service::orders_csv_url(ctx.app(), signed_in(ctx.caller())?, &self.0, (from, until))?)
    }
}

/// The orders' part of the staff's side.
#[derive(Default)]
pub struct StaffOrders;

#[Object]
impl StaffOrders {
    /// All that was ever ordered on the market, newest first.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    #[graphql(guard = "StaffOnly(StaffPermission::ViewOrders)")]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: StaffOrderFilterInput,
    ) -> WireResult<AtOnce<List<AtOnce<Order>>>> {
        let filter = filter.filter()?;
        let list = ("staff orders", &filter);
        let listing = Listing::<(Time, Uuid)>::new(list, &PageArgs { first, after, last, before })?;
        let app = ctx.app().clone();
        let rows = service::all_orders(&app, filter.clone(), listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, filter) = (app.clone(), filter.clone());
            async move { service::count_all_orders(&app, filter, COUNT_LIMIT + 1).await }
        });
        Ok(listing.at_once(rows, |row| (row.order.placed_at, row.order.id.uuid()), total))
    }
}
