//! What shops send, and what they call off, on the wire.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use super::{OrderLine, OrderPart, guests::part_of};
use crate::{
    kernel::id::Id,
    orders::{
        loaders::{PartById, ShipmentById, StandingOfPart},
        model::{self, FullShipment, Opened, Pieces, ShipmentStatus, Tracking},
        service::{self, CancelPart},
    },
    platform::{
        clock::Time,
        gql::{Ask, SignedInOnly, WireResult, list_size},
    },
    user_errors::{UserError, answer},
};

/// Pieces that a shop sends together. Whoever sees the part of the order sees it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Shipment {
    /// Begins with `shipment_`.
    pub id: Id<model::Shipment>,
    /// How far it has come.
    status: ShipmentStatus,
    /// Who carries it.
    carrier: Option<String>,
    /// By which the carrier knows it.
    tracking_number: Option<String>,
    /// Where it is followed on its way.
    tracking_url: Option<String>,
    /// When it was packed.
    created_at: Time,
    /// When it was sent; null until then.
    shipped_at: Option<Time>,
    /// When it arrived; null until then.
    delivered_at: Option<Time>,
    #[graphql(skip)]
    part: Id<model::OrderPart>,
    #[graphql(skip)]
    contents: Vec<model::ShipmentLine>,
    /// Of a guest's order that is shown by its owner's token.
    #[graphql(skip)]
    opened: Option<Arc<Opened>>,
}

impl From<FullShipment> for Shipment {
    fn from(row: FullShipment) -> Self {
        let FullShipment { shipment, lines, .. } = row;
        Self {
            id: shipment.id,
            status: shipment.status,
            carrier: shipment.carrier,
            tracking_number: shipment.tracking_number,
            tracking_url: shipment.tracking_url,
            created_at: shipment.created_at,
            shipped_at: shipment.shipped_at,
            delivered_at: shipment.delivered_at,
            part: shipment.part_id,
            contents: lines,
            opened: None,
        }
    }
}

impl Shipment {
    /// One of a guest's order, for who has the owner's token.
    pub(super) fn opened(row: FullShipment, opened: &Arc<Opened>) -> Self {
        Self { opened: Some(Arc::clone(opened)), ..row.into() }
    }
}

/// Pieces of a line in a shipment.
#[derive(SimpleObject)]
pub struct ShipmentLine {
    /// The line of the order.
    order_line: OrderLine,
    /// How many of it.
    quantity: i32,
}

#[ComplexObject]
impl Shipment {
    /// The part of the order that it belongs to.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        if let Some(opened) = &self.opened {
            return Ok(part_of(opened, self.part));
        }
        Ok(ctx.loader().load_one(PartById(self.part)).await?.map(Into::into))
    }

    /// What it may come to next, as its order stands now: what is packed leaves only if `SHIP` is possible. Nothing if it stays as it is.
    #[graphql(directive = list_size::apply(2))]
    async fn next_statuses(&self, ctx: &Context<'_>) -> WireResult<Vec<ShipmentStatus>> {
        let market = service::circumstances(ctx.app());
        let held_back = match &self.opened {
            // Only what is packed can be held back.
            _ if self.status != ShipmentStatus::Packed => None,
            Some(opened) => {
                let part = opened.parts.iter().find(|part| part.part.id == self.part);
                part.and_then(|part| part.held_back(opened.standing.money, &market))
            }
            None => {
                let standing = ctx.loader().load_one(StandingOfPart(self.part)).await?;
                standing.and_then(|standing| standing.held_back(&market))
            }
        };
        Ok(self.status.next_now(held_back).collect())
    }

    /// What is in it, at most 200 lines.
    #[graphql(directive = list_size::apply(5))]
    async fn lines(&self, ctx: &Context<'_>) -> WireResult<Vec<ShipmentLine>> {
        let part = match &self.opened {
            Some(opened) => opened.parts.iter().find(|part| part.part.id == self.part).cloned(),
            None => ctx.loader().load_one(PartById(self.part)).await?,
        };
        let Some(part) = part else { return Ok(Vec::new()) };
        let currency = part.order.order.currency;
        let line = |content: &model::ShipmentLine| {
            let line = part.lines.iter().find(|line| line.id == content.line_id)?.clone();
            Some(ShipmentLine { order_line: OrderLine::new(line, currency), quantity: content.quantity })
        };
        Ok(self.contents.iter().filter_map(line).collect())
    }
}

/// Some pieces of a line.
#[derive(InputObject)]
pub struct OrderPiecesInput {
    /// One of the part's lines.
    order_line_id: Id<model::OrderLine>,
    /// How many: 1 up to as many as are neither packed nor called off.
    quantity: i32,
}

impl From<OrderPiecesInput> for Pieces {
    fn from(input: OrderPiecesInput) -> Self {
        Self { line: input.order_line_id, quantity: input.quantity }
    }
}

fn pieces(lines: Option<Vec<OrderPiecesInput>>) -> Option<Vec<Pieces>> {
    lines.map(|lines| lines.into_iter().map(Into::into).collect())
}

/// What to pack, or to send at once.
#[derive(InputObject)]
pub struct CreateShipmentInput {
    /// A part of a shop that you work for; any, for the market's administrators.
    order_part_id: Id<model::OrderPart>,
    /// Which pieces, each line once; everything that is neither packed nor called off if absent.
    lines: Option<Vec<OrderPiecesInput>>,
    /// Whether it is on its way already. If not, it is packed.
    #[graphql(default)]
    is_shipped: bool,
    /// Who carries it, 1 to 100 characters.
    carrier: Option<String>,
    /// By which the carrier knows it, 1 to 100 characters.
    tracking_number: Option<String>,
    /// Where it is followed on its way: a URL with `https` or `http`, at most 2,000 characters.
    tracking_url: Option<String>,
    /// Why, 1 to 500 characters that the buyer reads: from the market's administrators. Members of the shop need none.
    reason: Option<String>,
    /// 1 to 255 characters that name this very intent. A repeat is the same shipment. Kept for 30 days.
    idempotency_key: String,
}

/// What `createShipment` answers.
#[derive(SimpleObject)]
pub struct CreateShipmentPayload {
    /// The shipment.
    shipment: Option<Shipment>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a shipment. What is absent stays.
#[derive(InputObject)]
pub struct UpdateShipmentInput {
    /// Which shipment.
    shipment_id: Id<model::Shipment>,
    /// What it has come to: one of its `nextStatuses`.
    status: Option<ShipmentStatus>,
    /// Who carries it, 1 to 100 characters.
    carrier: Option<String>,
    /// By which the carrier knows it, 1 to 100 characters.
    tracking_number: Option<String>,
    /// Where it is followed on its way: a URL with `https` or `http`, at most 2,000 characters.
    tracking_url: Option<String>,
    /// Why, 1 to 500 characters that the buyer reads: from the market's administrators. Members of the shop need none.
    reason: Option<String>,
}

/// What `updateShipment` answers.
#[derive(SimpleObject)]
pub struct UpdateShipmentPayload {
    /// The shipment.
    shipment: Option<Shipment>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What has arrived.
#[derive(InputObject)]
pub struct ConfirmDeliveryInput {
    /// A shipment of one of your orders.
    shipment_id: Id<model::Shipment>,
}

/// What `confirmDelivery` answers.
#[derive(SimpleObject)]
pub struct ConfirmDeliveryPayload {
    /// The shipment.
    shipment: Option<Shipment>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What a shop cannot send.
#[derive(InputObject)]
pub struct CancelOrderPartInput {
    /// Which part of an order.
    order_part_id: Id<model::OrderPart>,
    /// Which pieces, each line once; everything that is neither packed nor called off if absent.
    lines: Option<Vec<OrderPiecesInput>>,
    /// What the buyer is told, 1 to 500 characters.
    reason: String,
    /// 1 to 255 characters that name this very intent. Kept for 30 days.
    idempotency_key: String,
}

/// What `cancelOrderPart` answers.
#[derive(SimpleObject)]
pub struct CancelOrderPartPayload {
    /// The part.
    order_part: Option<OrderPart>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

async fn load(ctx: &Context<'_>, id: Option<Id<model::Shipment>>) -> WireResult<Option<Shipment>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(ShipmentById(id)).await?.map(Into::into))
}

#[derive(Default)]
pub struct ShipmentsMutation;

#[Object]
impl ShipmentsMutation {
    /// Packs pieces of a part of an order, or sends them at once. An order may be sent in as many shipments as it takes; where the
    /// market takes payments, once it is paid, or all that is owed is promised: with the first that is sent it is taken then. Not while the
    /// bank of whoever paid asks for the money. For members of the shop who send orders, and the market's administrators, who say why.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `ORDER_NOT_SHIPPABLE`, `ORDER_NOT_PAID`, `ORDER_DISPUTED`, `OUT_OF_RANGE`, `BLANK`,
    /// `TOO_LONG`, `TOO_MANY`, `INVALID`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn create_shipment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to pack.")] input: CreateShipmentInput,
    ) -> WireResult<CreateShipmentPayload> {
        let wanted = service::CreateShipment {
            part: input.order_part_id,
            pieces: pieces(input.lines),
            is_shipped: input.is_shipped,
            tracking: Tracking { carrier: input.carrier, number: input.tracking_number, url: input.tracking_url },
            reason: input.reason,
        };
        let result = service::create_shipment(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CreateShipmentPayload { shipment: load(ctx, id).await?, user_errors })
    }

    /// Moves a shipment on, or says how it is followed. What is packed is sent as `createShipment` would send it: not if what was promised
    /// for it came to nothing meanwhile, nor while the bank of whoever paid asks for the money. For members of the shop who send orders, and
    /// the market's administrators, who say why.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `TRANSITION_NOT_ALLOWED`, `ORDER_NOT_PAID`, `ORDER_DISPUTED`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_shipment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateShipmentInput,
    ) -> WireResult<UpdateShipmentPayload> {
        let wanted = service::UpdateShipment {
            shipment: input.shipment_id,
            status: input.status,
            tracking: Tracking { carrier: input.carrier, number: input.tracking_number, url: input.tracking_url },
            reason: input.reason,
        };
        let result = service::update_shipment(ctx.app(), ctx.caller(), wanted).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(UpdateShipmentPayload { shipment: load(ctx, id).await?, user_errors })
    }

    /// Says that a shipment of one of your orders has arrived.
    ///
    /// Codes: `NOT_FOUND`, `TRANSITION_NOT_ALLOWED`.
    #[graphql(guard = "SignedInOnly")]
    async fn confirm_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What has arrived.")] input: ConfirmDeliveryInput,
    ) -> WireResult<ConfirmDeliveryPayload> {
        let result = service::confirm_delivery(ctx.app(), ctx.caller(), input.shipment_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(ConfirmDeliveryPayload { shipment: load(ctx, id).await?, user_errors })
    }

    /// Calls off what a shop cannot send. It goes back into stock, and what was paid for it goes back to the buyer; what was not is
    /// owed no more. If nothing is left of an order, it is called off as a whole. For owners and managers of the shop, and the
    /// market's staff.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `ORDER_NOT_CANCELLABLE`, `ORDER_NOT_REFUNDABLE`, `PAYMENT_IN_PROGRESS`, `REFUND_STEP`, `TOO_MANY`,
    /// `OUT_OF_RANGE`, `BLANK`, `TOO_LONG`, `INVALID`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn cancel_order_part(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What cannot be sent.")] input: CancelOrderPartInput,
    ) -> WireResult<CancelOrderPartPayload> {
        let wanted = CancelPart { part: input.order_part_id, pieces: pieces(input.lines), reason: input.reason };
        let result = service::cancel_part(ctx.app(), ctx.caller(), wanted, &input.idempotency_key).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let order_part = match id {
            Some(id) => ctx.loader().load_one(PartById(id)).await?.map(Into::into),
            None => None,
        };
        Ok(CancelOrderPartPayload { order_part, user_errors })
    }
}
