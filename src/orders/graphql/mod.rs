//! Orders on the wire.

mod again;
mod books;
mod claims;
mod explanation;
mod guests;
mod lines;
mod lists;
mod mutations;
mod notes;
mod parts;
mod quote;
mod refunds;
mod returns;
mod sales;
mod shipments;
mod timeline;

pub use self::{
    again::{BuyAgainItem, BuyAgainMutation, BuyAgainViewer, OrderLineLeftOut},
    books::BooksDesk,
    claims::{Claim, ClaimsDesk, ClaimsMutation, StaffClaims},
    explanation::OrderExplanation,
    guests::GuestsMutation,
    lines::OrderLine,
    lists::{OrdersDesk, OrdersQuery, OrdersViewer, StaffOrders},
    mutations::OrdersMutation,
    notes::{NotesMutation, OrderPartNote},
    parts::OrderPart,
    quote::QuotesQuery,
    refunds::{Refund, RefundsMutation},
    returns::{OrderReturn, ReturnsDesk, ReturnsMutation},
    sales::StaffSales,
    shipments::{Shipment, ShipmentsMutation},
    timeline::OrderEvent,
};

use std::{borrow::Cow, sync::Arc};

use async_graphql::{ComplexObject, Context, SimpleObject, dataloader::DataLoader};

use super::{
    loaders::{OrderById, PartsByOrder, PaymentsByOrder, RefundsByOrder, StandingOfOrder, StepsByOrder},
    model::{self, Cancellation, FullPart, Opened, OrderAction, OrderCosts, OrderLifecycle, PaidOrder},
    service,
};
use crate::{
    kernel::{address::StoredAddress, id::Id, money},
    payments::{
        graphql::Payment,
        loaders::UnderWayOf,
        model::{PaymentIntent, PaymentState, RefundStatus},
    },
    platform::{
        clock::Time,
        events::Cursor,
        gql::{Ask, AtHand, AtOnce, Money, Plain, Reader, WireResult, list_size},
    },
    users::{
        graphql::{Address, User},
        loaders::UserById,
    },
};

/// What one buyer agreed to at one moment, perhaps with several shops. Its buyer sees it, and the market's staff; of a guest, whoever has the
/// owner's token.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Order {
    /// Begins with `order_`.
    pub id: Id<model::Order>,
    /// Short, to be spoken: `7K4M-92QX`. Of an order that another system took, the shop's handle and its number there:
    /// `online-retail/536365`.
    number: String,
    /// How far the order has come as a whole.
    lifecycle: OrderLifecycle,
    /// How much is paid, by the ledger.
    payment_state: PaymentState,
    /// What its goods cost before anything is taken off.
    subtotal: Money,
    /// What is taken off goods and shipping.
    discount: Money,
    /// What it costs to send it, before anything is taken off.
    shipping: Money,
    /// The tax in the total.
    tax: Money,
    /// What the tax is called where it goes: `VAT`; null if there is none.
    tax_name: Option<String>,
    /// Whether prices contain the tax. Else it is added to them.
    is_tax_included: bool,
    /// The code that took something off it; null also for who has a link to it alone.
    code: Option<String>,
    /// What is paid for it: subtotal and shipping, less the discount, with the tax if it is added.
    total: Money,
    /// What has been paid, less what went back.
    amount_paid: Money,
    /// What of the total goes back, or has gone back: see `amountRefundPending`.
    amount_refunded: Money,
    /// What of the total fell away before it was paid: what a shop could not send, and what its buyer did not want any more; all of it, if it
    /// was called off before.
    amount_cancelled: Money,
    /// What its buyer has added after it was paid, and has still to pay: no part of the total before that, and gone if it is not done in
    /// time.
    amount_added: Money,
    /// What is still to be paid, with what was added; 0 once it is called off.
    amount_owed: Money,
    /// When it was agreed.
    placed_at: Time,
    /// When it was called off; null unless it was.
    cancelled_at: Option<Time>,
    /// Why it was called off; null unless it was, and where that is not known.
    cancellation_reason: Option<Cancellation>,
    /// Until when it has to be paid: then it is called off, and what it holds is for sale again. It waits longer while a payment is being
    /// processed, two weeks at the most. If it is paid but for what was added to it, only that is taken out again then. Null if it waits for no
    /// money.
    payment_due_at: Option<Time>,
    /// What the buyer tells the shops; null if nothing, and for who has a link to it alone.
    note: Option<String>,
    /// Rises with every change.
    version: i32,
    #[graphql(skip)]
    buyer: Option<Id<crate::users::model::User>>,
    #[graphql(skip)]
    shipping_address: Option<StoredAddress>,
    /// Of an order that is shown by a link. Else they are read for who asks.
    #[graphql(skip)]
    parts: Option<Vec<FullPart>>,
    /// Of a guest's order that is shown by its owner's token.
    #[graphql(skip)]
    opened: Option<Arc<Opened>>,
}

impl Plain for Order {
    fn concrete_type(&self) -> Cow<'static, str> {
        "Order".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "id" => AtHand::Word(&self.id),
            "number" => AtHand::value(&self.number),
            "lifecycle" => AtHand::value(&self.lifecycle),
            "paymentState" => AtHand::value(&self.payment_state),
            "subtotal" => AtHand::Object(&self.subtotal),
            "discount" => AtHand::Object(&self.discount),
            "shipping" => AtHand::Object(&self.shipping),
            "tax" => AtHand::Object(&self.tax),
            "isTaxIncluded" => AtHand::value(&self.is_tax_included),
            "total" => AtHand::Object(&self.total),
            "amountPaid" => AtHand::Object(&self.amount_paid),
            "amountRefunded" => AtHand::Object(&self.amount_refunded),
            "amountCancelled" => AtHand::Object(&self.amount_cancelled),
            "amountAdded" => AtHand::Object(&self.amount_added),
            "amountOwed" => AtHand::Object(&self.amount_owed),
            "placedAt" => AtHand::value(&self.placed_at),
            "cancelledAt" => AtHand::value(&self.cancelled_at),
            "cancellationReason" => AtHand::value(&self.cancellation_reason),
            "paymentDueAt" => AtHand::value(&self.payment_due_at),
            "note" => AtHand::value(&self.note),
            "version" => AtHand::value(&self.version),
            _ => AtHand::NotYet,
        }
    }
}

impl From<PaidOrder> for Order {
    fn from(row: PaidOrder) -> Self {
        let payment_state = row.payment_state();
        let (amount_owed, amount_cancelled) = (row.still_owed(), row.fallen_away());
        let PaidOrder { order, paid } = row;
        let money = |minor| money::Money::new(minor, order.currency).into();
        let subtotal = order.subtotal();
        let OrderCosts { discount, shipping, tax, tax_is_added, tax_name, code } = order.costs;
        Self {
            id: order.id,
            lifecycle: order.status,
            payment_state,
            subtotal: money(subtotal),
            discount: money(discount),
            shipping: money(shipping),
            tax: money(tax),
            tax_name,
            is_tax_included: !tax_is_added,
            code,
            total: money(order.total),
            amount_paid: money(paid),
            amount_refunded: money(order.refunded),
            amount_cancelled: money(amount_cancelled),
            amount_added: money(order.added),
            amount_owed: money(amount_owed),
            shipping_address: order.shipping_address,
            number: order.number,
            placed_at: order.placed_at,
            cancelled_at: order.cancelled_at,
            cancellation_reason: order.cancellation,
            payment_due_at: order.payment_due_at.or(order.added_due_at),
            note: order.note,
            version: order.version,
            buyer: order.buyer_id,
            parts: None,
            opened: None,
        }
    }
}

impl Order {
    /// An order that is shown with these parts, whoever asks.
    fn with_parts(order: PaidOrder, parts: Vec<FullPart>) -> Self {
        Self { parts: Some(parts), ..order.into() }
    }

    /// A guest's order, for who has the owner's token.
    fn opened(opened: Opened) -> Self {
        let order = opened.order.clone();
        Self { opened: Some(Arc::new(opened)), ..order.into() }
    }

    /// The attempts to pay it that are shown to who asks.
    async fn attempts(&self, ctx: &Context<'_>) -> WireResult<Vec<PaymentIntent>> {
        Ok(match &self.opened {
            Some(opened) => opened.payments.clone(),
            None => ctx.loader().load_one(PaymentsByOrder(self.id)).await?.unwrap_or_default(),
        })
    }
}

#[ComplexObject]
impl Order {
    /// Where it goes; null for orders that another system took, and for who has a link to it alone.
    async fn shipping_address(&self) -> Option<Address> {
        self.shipping_address.as_ref()?.parse().map(Into::into)
    }

    /// Who ordered; null for a guest, and for who has a link to it alone.
    async fn buyer(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(buyer) = self.buyer else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(buyer)).await?.map(Into::into))
    }

    /// What you may do with it now, by what you are to it and how it stands: what is not here is refused. Nothing for who has a link
    /// to it alone.
    #[graphql(directive = list_size::apply(2))]
    async fn allowed_actions(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderAction>> {
        let standing = match &self.opened {
            Some(opened) => Some(opened.standing.clone()),
            None => ctx.loader().load_one(StandingOfOrder(self.id)).await?,
        };
        Ok(standing.map(|standing| standing.allowed(&service::circumstances(ctx.app()))).unwrap_or_default())
    }

    /// One part per shop, at most 200.
    #[graphql(directive = list_size::apply(2))]
    async fn parts(&self, ctx: &Context<'_>) -> WireResult<Vec<AtOnce<OrderPart>>> {
        if let Some(opened) = &self.opened {
            let parts = opened.parts.iter().map(|part| AtOnce(OrderPart::opened(part.clone(), Arc::clone(opened))));
            return Ok(parts.collect());
        }
        let parts = match &self.parts {
            Some(parts) => parts.clone(),
            None => ctx.loader().load_one(PartsByOrder(self.id)).await?.unwrap_or_default(),
        };
        Ok(parts.into_iter().map(AtOnce::of).collect())
    }

    /// What the buyer's bank has promised for it, and is not taken yet: where the market takes money when something is sent, an order is sent
    /// for it, and `UNPAID` until then. 0 for who has a link to it alone.
    async fn amount_authorized(&self, ctx: &Context<'_>) -> WireResult<Money> {
        let authorized: i64 = self.attempts(ctx).await?.iter().map(PaymentIntent::authorized).sum();
        Ok(money::Money::new(authorized, self.total.currency).into())
    }

    /// What payments are being processed for: the provider is asked for it, and nobody knows yet what becomes of that; some ways to pay
    /// take days. 0 for who has a link to it alone.
    async fn amount_processing(&self, ctx: &Context<'_>) -> WireResult<Money> {
        let processing: i64 = self.attempts(ctx).await?.iter().map(PaymentIntent::processing).sum();
        Ok(money::Money::new(processing, self.total.currency).into())
    }

    /// What is being taken of `amountAuthorized`: the provider is asked for it, and has not answered yet. 0 for who has a link to it alone.
    async fn amount_capture_pending(&self, ctx: &Context<'_>) -> WireResult<Money> {
        let payments = self.attempts(ctx).await?.into_iter().filter(|payment| payment.authorized() > 0);
        let pending = ctx.loader().load_many(payments.map(|payment| UnderWayOf(payment.id))).await?;
        let pending: i64 = pending.values().map(|under_way| under_way.captured).sum();
        Ok(money::Money::new(pending, self.total.currency).into())
    }

    /// What goes back and has not gone yet: it is on its way, or was tried in vain. It is still among `amountPaid`. 0 for who has a link to
    /// it alone.
    async fn amount_refund_pending(&self, ctx: &Context<'_>) -> WireResult<Money> {
        let refunds = match &self.opened {
            Some(opened) => opened.refunds.clone(),
            None => ctx.loader().load_one(RefundsByOrder(self.id)).await?.unwrap_or_default(),
        };
        let pending = refunds.iter().filter(|refund| refund.status != RefundStatus::Succeeded);
        let pending: i64 = pending.map(|refund| refund.amount).sum();
        Ok(money::Money::new(pending, self.total.currency).into())
    }

    /// The attempts to pay it, oldest first; none for who has a link to it alone.
    #[graphql(directive = list_size::apply(3))]
    async fn payments(&self, ctx: &Context<'_>) -> WireResult<Vec<Payment>> {
        Ok(self.attempts(ctx).await?.into_iter().map(Into::into).collect())
    }

    /// What of its money goes back, oldest first; none for who has a link to it alone.
    #[graphql(directive = list_size::apply(2))]
    async fn refunds(&self, ctx: &Context<'_>) -> WireResult<Vec<Refund>> {
        if let Some(opened) = &self.opened {
            return Ok(opened.refunds.iter().map(|refund| Refund::opened(refund.clone(), opened)).collect());
        }
        let refunds = ctx.loader().load_one(RefundsByOrder(self.id)).await?.unwrap_or_default();
        Ok(refunds.into_iter().map(Into::into).collect())
    }

    /// How its money came about, entry by entry: what it costs (`PRICE` to `DROPPED`, part by part), what was paid and given back, oldest first,
    /// and for the market's staff and members of a shop who see its money, what that has of it. At most three entries a line, eight a part, three an
    /// addition, one a payment and four a refund; none for who has a link to it, or the owner's token.
    #[graphql(directive = list_size::apply(60))]
    async fn explanation(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderExplanation>> {
        if self.parts.is_some() || self.opened.is_some() {
            return Ok(Vec::new());
        }
        explanation::of_order(ctx, self.id).await
    }

    /// What happened to it and to its parts, oldest first; none for who has a link to it alone.
    #[graphql(directive = list_size::apply(10))]
    async fn timeline(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderEvent>> {
        if let Some(opened) = &self.opened {
            return Ok(opened.steps.iter().map(|step| OrderEvent::opened(step.clone(), opened)).collect());
        }
        let steps = ctx.loader().load_one(StepsByOrder(self.id)).await?.unwrap_or_default();
        Ok(steps.into_iter().map(Into::into).collect())
    }
}

/// Something about an order has changed: its state, a payment, a part.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OrderChanged {
    /// The event's place in your stream.
    cursor: String,
    /// The order's version when it happened.
    version: i32,
    #[graphql(skip)]
    order: Id<model::Order>,
}

impl OrderChanged {
    /// The event as the loader's caller sees it; none if they see no part of the order (any more).
    pub async fn load(
        loader: &DataLoader<Reader>,
        cursor: Cursor,
        event: &model::OrderChanged,
    ) -> WireResult<Option<Self>> {
        let order = Id::from_uuid(event.order);
        let parts = loader.load_one(PartsByOrder(order)).await?.unwrap_or_default();
        Ok((!parts.is_empty()).then(|| Self { cursor: cursor.to_string(), version: event.version, order }))
    }
}

#[ComplexObject]
impl OrderChanged {
    /// The order as it is now; null for members of a shop, who see their part alone.
    async fn order(&self, ctx: &Context<'_>) -> WireResult<Option<Order>> {
        Ok(ctx.loader().load_one(OrderById(self.order)).await?.map(Into::into))
    }

    /// The parts that you see, as they are now: all of your own order's, and those of shops that you work for.
    async fn parts(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderPart>> {
        let parts = ctx.loader().load_one(PartsByOrder(self.order)).await?.unwrap_or_default();
        Ok(parts.into_iter().map(Into::into).collect())
    }
}
