//! What one shop has to do with an order, on the wire.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{ComplexObject, Context, SimpleObject};

use super::{
    Claim, Order, OrderEvent, OrderExplanation, OrderLine, OrderPartNote, OrderReturn, Refund, Shipment,
    explanation::of_part,
};
use crate::{
    invoices::{
        graphql::{CreditNote, Invoice},
        model::{Document, DocumentKind},
    },
    kernel::{address::StoredAddress, id::Id, money},
    messages::{self, graphql::Conversation, loaders::ConversationById},
    orders::{
        loaders::{
            ClaimsByPart, DocumentsByPart, NotesByPart, OrderById, PromisedUntil, RefundsByOrder, ReturnsByPart,
            ShipmentsByPart, StandingOfPart, StepsByOrder,
        },
        model::{
            self, AddedLine, AddedSums, FulfillmentState, FullPart, Opened, OrderLifecycle, OrderPartAction, Sums,
        },
        service,
    },
    payments::{self, model::PaymentState},
    platform::{
        clock::Time,
        gql::{Ask, AtHand, AtOnce, Money, Plain, WireResult, list_size},
    },
    shops::{self, graphql::Shop, loaders::ShopById},
    users::{
        graphql::{Address, User},
        loaders::UserById,
    },
};

/// What one shop has to do with an order. The order's buyer sees it, of a guest's order whoever has the owner's token, members of the shop, and the
/// market's staff.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OrderPart {
    /// Begins with `part_`.
    pub id: Id<model::OrderPart>,
    /// The number of the order.
    order_number: String,
    /// How far the order has come as a whole.
    order_lifecycle: OrderLifecycle,
    /// How much of the order is paid, by the ledger.
    order_payment_state: PaymentState,
    /// How far the shop has come.
    fulfillment_state: FulfillmentState,
    /// What was agreed: at most 200 lines, more of an order that another system took.
    #[graphql(directive = list_size::apply(5))]
    lines: Vec<AtOnce<OrderLine>>,
    /// What its buyer has added after it was paid, and has still to pay: they are among `lines` once that is done, and gone if it is not
    /// done in time. Until then the part is not packed. With `lines` at most 200.
    #[graphql(directive = list_size::apply(1))]
    added_lines: Vec<AtOnce<OrderLine>>,
    /// What its goods cost before anything is taken off.
    subtotal: Money,
    /// What is taken off goods and shipping.
    discount: Money,
    /// What it costs to send it, before anything is taken off.
    shipping: Money,
    /// The tax in the total.
    tax: Money,
    /// Whether prices contain the tax. Else it is added to them.
    is_tax_included: bool,
    /// What is paid for it: subtotal and shipping, less the discount, with the tax if it is added.
    total: Money,
    /// How it is sent, as the shop calls it; null if the shop says nothing of it.
    shipping_method: Option<String>,
    /// What took something off it, as the shop calls it.
    promotion: Option<String>,
    /// What of it goes back, or has gone back.
    amount_refunded: Money,
    /// What of it fell away before it was paid: what the shop could not send, and what its buyer did not want any more; all of it, if the
    /// order was called off before.
    amount_cancelled: Money,
    /// What is to be paid for `addedLines`: no part of the total before it is paid.
    amount_added: Money,
    /// What the buyer tells the shops about the order; null if nothing, and for who has a link to it alone.
    order_note: Option<String>,
    /// When it was agreed.
    placed_at: Time,
    #[graphql(skip)]
    shipping_address: Option<StoredAddress>,
    #[graphql(skip)]
    order: Id<model::Order>,
    #[graphql(skip)]
    shop: Id<shops::model::Shop>,
    #[graphql(skip)]
    buyer: Option<Id<crate::users::model::User>>,
    #[graphql(skip)]
    conversation: Option<Id<messages::model::Conversation>>,
    /// Of a guest's order that is shown by its owner's token.
    #[graphql(skip)]
    opened: Option<Arc<Opened>>,
}

impl Plain for OrderPart {
    fn concrete_type(&self) -> Cow<'static, str> {
        "OrderPart".into()
    }

    fn field(&self, name: &str) -> AtHand<'_> {
        match name {
            "id" => AtHand::Word(&self.id),
            "orderNumber" => AtHand::value(&self.order_number),
            "orderLifecycle" => AtHand::value(&self.order_lifecycle),
            "orderPaymentState" => AtHand::value(&self.order_payment_state),
            "fulfillmentState" => AtHand::value(&self.fulfillment_state),
            "subtotal" => AtHand::Object(&self.subtotal),
            "discount" => AtHand::Object(&self.discount),
            "shipping" => AtHand::Object(&self.shipping),
            "tax" => AtHand::Object(&self.tax),
            "isTaxIncluded" => AtHand::value(&self.is_tax_included),
            "total" => AtHand::Object(&self.total),
            "amountRefunded" => AtHand::Object(&self.amount_refunded),
            "amountCancelled" => AtHand::Object(&self.amount_cancelled),
            "amountAdded" => AtHand::Object(&self.amount_added),
            "orderNote" => AtHand::value(&self.order_note),
            "placedAt" => AtHand::value(&self.placed_at),
            _ => AtHand::NotYet,
        }
    }
}

impl From<FullPart> for OrderPart {
    fn from(row: FullPart) -> Self {
        let order_payment_state = row.order.payment_state();
        let amount_cancelled = row.fallen_away();
        let FullPart { part, order, lines, added } = row;
        let order = order.order;
        let money = |minor| money::Money::new(minor, order.currency).into();
        let sums = Sums::of_lines(&lines);
        let line = |line| AtOnce(OrderLine::new(line, order.currency));
        Self {
            id: part.id,
            order_lifecycle: order.status,
            order_payment_state,
            fulfillment_state: part.fulfillment_state,
            lines: lines.into_iter().map(line).collect(),
            amount_added: money(AddedSums::of(&added, order.currency).owed()),
            added_lines: added.iter().map(AddedLine::line).map(line).collect(),
            subtotal: money(sums.goods),
            discount: money(sums.discount),
            shipping: money(sums.shipping),
            tax: money(sums.tax),
            is_tax_included: !order.costs.tax_is_added,
            total: money(part.total),
            shipping_method: part.shipping_method,
            promotion: part.promotion,
            amount_refunded: money(part.refunded),
            amount_cancelled: money(amount_cancelled),
            shipping_address: order.shipping_address,
            order_number: order.number,
            order_note: order.note,
            placed_at: part.placed_at,
            order: order.id,
            shop: part.shop_id,
            buyer: order.buyer_id,
            conversation: part.conversation_id,
            opened: None,
        }
    }
}

impl OrderPart {
    /// A part of a guest's order, for who has the owner's token.
    pub(super) fn opened(part: FullPart, opened: Arc<Opened>) -> Self {
        Self { opened: Some(opened), ..part.into() }
    }

    async fn documents(&self, ctx: &Context<'_>) -> WireResult<Vec<Document>> {
        let Some(opened) = &self.opened else {
            return Ok(ctx.loader().load_one(DocumentsByPart(self.id)).await?.unwrap_or_default());
        };
        let own = opened.documents.iter().filter(|document| document.part_id == self.id.uuid());
        Ok(own.cloned().collect())
    }
}

#[ComplexObject]
impl OrderPart {
    /// Where it goes; null for orders that another system took.
    async fn shipping_address(&self) -> Option<Address> {
        self.shipping_address.as_ref()?.parse().map(Into::into)
    }

    /// The order as a whole; null for members of the shop, who see their part alone, and for who has come to the part by a token.
    async fn order(&self, ctx: &Context<'_>) -> WireResult<Option<Order>> {
        Ok(ctx.loader().load_one(OrderById(self.order)).await?.map(Into::into))
    }

    /// The shop.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Option<Shop>> {
        Ok(ctx.loader().load_one(ShopById(self.shop)).await?.map(Into::into))
    }

    /// Who ordered; null for a guest.
    async fn buyer(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(buyer) = self.buyer else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(buyer)).await?.map(Into::into))
    }

    /// Where buyer and shop talk about it; null for orders that another system took, and for who may not read it.
    async fn conversation(&self, ctx: &Context<'_>) -> WireResult<Option<Conversation>> {
        let Some(id) = self.conversation else { return Ok(None) };
        Ok(ctx.loader().load_one(ConversationById(id)).await?.map(Into::into))
    }

    /// Until when the money for its order is promised by the buyer's bank, where the market takes it when something is sent; null if nothing is promised,
    /// as before it is paid and once the money is here, and for who has a link to it alone.
    async fn authorized_until(&self, ctx: &Context<'_>) -> WireResult<Option<Time>> {
        if let Some(opened) = &self.opened {
            let promised = opened.payments.iter().filter(|payment| payment.authorized() > 0);
            return Ok(promised.filter_map(|payment| payment.authorized_until).min());
        }
        ctx.loader().load_one(PromisedUntil(self.id)).await
    }

    /// What you may do with it now, and with what belongs to it, by what you are to it and how it stands: what is not here is refused.
    /// Which shipment, return or claim it is that you may move, their `nextStatuses` say.
    #[graphql(directive = list_size::apply(3))]
    async fn allowed_actions(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderPartAction>> {
        let standing = ctx.loader().load_one(StandingOfPart(self.id)).await?;
        Ok(standing.map(|standing| standing.allowed(&service::circumstances(ctx.app()))).unwrap_or_default())
    }

    /// What of its money goes back, oldest first.
    #[graphql(directive = list_size::apply(2))]
    async fn refunds(&self, ctx: &Context<'_>) -> WireResult<Vec<Refund>> {
        let is_own = |refund: &payments::model::Refund| refund.part_id == Some(self.id.uuid());
        if let Some(opened) = &self.opened {
            let own = opened.refunds.iter().filter(|refund| is_own(refund));
            return Ok(own.map(|refund| Refund::opened(refund.clone(), opened)).collect());
        }
        let refunds = ctx.loader().load_one(RefundsByOrder(self.order)).await?.unwrap_or_default();
        Ok(refunds.into_iter().filter(is_own).map(Into::into).collect())
    }

    /// What it cost once it was paid, on paper; null before that, of what was free, of orders that were placed before there were
    /// invoices, and for members of the shop whose role does not see money.
    async fn invoice(&self, ctx: &Context<'_>) -> WireResult<Option<Invoice>> {
        let invoice = self.documents(ctx).await?.into_iter().find(|document| document.kind == DocumentKind::Invoice);
        Ok(invoice.map(Into::into))
    }

    /// What was added to it after that, on paper, oldest first: an invoice for each time that it was paid, at most 50. None where it has none,
    /// and for members of the shop whose role does not see money.
    #[graphql(directive = list_size::apply(1))]
    async fn supplementary_invoices(&self, ctx: &Context<'_>) -> WireResult<Vec<Invoice>> {
        let documents = self.documents(ctx).await?.into_iter();
        let invoices = documents.filter(|document| document.kind == DocumentKind::Invoice);
        Ok(invoices.skip(1).map(Into::into).collect())
    }

    /// What of its invoices goes back, oldest first, one for each of its refunds; none where it has no invoice, and for members of the
    /// shop whose role does not see money.
    #[graphql(directive = list_size::apply(2))]
    async fn credit_notes(&self, ctx: &Context<'_>) -> WireResult<Vec<CreditNote>> {
        let notes = self.documents(ctx).await?.into_iter().filter(|document| document.kind == DocumentKind::CreditNote);
        Ok(notes.map(Into::into).collect())
    }

    /// What the shop sends of it, oldest first: at most 100.
    #[graphql(directive = list_size::apply(2))]
    async fn shipments(&self, ctx: &Context<'_>) -> WireResult<Vec<Shipment>> {
        if let Some(opened) = &self.opened {
            let own = opened.shipments.iter().filter(|found| found.shipment.part_id == self.id);
            return Ok(own.map(|found| Shipment::opened(found.clone(), opened)).collect());
        }
        let shipments = ctx.loader().load_one(ShipmentsByPart(self.id)).await?.unwrap_or_default();
        Ok(shipments.into_iter().map(Into::into).collect())
    }

    /// What its buyer sends back of it, oldest first: at most 20.
    #[graphql(directive = list_size::apply(1))]
    async fn returns(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderReturn>> {
        let returns = ctx.loader().load_one(ReturnsByPart(self.id)).await?.unwrap_or_default();
        Ok(returns.into_iter().map(Into::into).collect())
    }

    /// What its buyer complains of, oldest first: at most 10.
    #[graphql(directive = list_size::apply(1))]
    async fn claims(&self, ctx: &Context<'_>) -> WireResult<Vec<Claim>> {
        let claims = ctx.loader().load_one(ClaimsByPart(self.id)).await?.unwrap_or_default();
        Ok(claims.into_iter().map(Into::into).collect())
    }

    /// What the shop's members have written down about it, newest last: at most 100. Null for the buyer, and for whoever else is neither
    /// one of them nor of the market's staff.
    #[graphql(directive = list_size::apply(2))]
    async fn notes(&self, ctx: &Context<'_>) -> WireResult<Option<Vec<OrderPartNote>>> {
        let notes = ctx.loader().load_one(NotesByPart(self.id)).await?;
        Ok(notes.map(|notes| notes.into_iter().map(Into::into).collect()))
    }

    /// How its money came about, entry by entry: what it costs, and what the shop has of it, oldest first. At most three entries a line, four of
    /// its own, three an addition and three a refund. Null for who does not see the shop's money: the buyer asks the order, and who has the owner's
    /// token of a guest's order is not told.
    #[graphql(directive = list_size::apply(30))]
    async fn explanation(&self, ctx: &Context<'_>) -> WireResult<Option<Vec<OrderExplanation>>> {
        of_part(ctx, self.id).await
    }

    /// What happened to it, oldest first.
    #[graphql(directive = list_size::apply(10))]
    async fn timeline(&self, ctx: &Context<'_>) -> WireResult<Vec<OrderEvent>> {
        let is_own = |step: &model::Step| step.part_id.is_none_or(|part| part == self.id);
        if let Some(opened) = &self.opened {
            let own = opened.steps.iter().filter(|step| is_own(step));
            return Ok(own.map(|step| OrderEvent::opened(step.clone(), opened)).collect());
        }
        let steps = ctx.loader().load_one(StepsByOrder(self.order)).await?.unwrap_or_default();
        Ok(steps.into_iter().filter(is_own).map(Into::into).collect())
    }
}
