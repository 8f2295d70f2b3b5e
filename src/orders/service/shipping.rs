//! Packing and sending what was ordered.

use serde::Serialize;
use url::Url;

use super::{
    Happened, captures, emit_to_all, in_person, note_step,
    refunds::{Side, audit, lock_part},
    standing::{circumstances, money_of},
};
use crate::{
    kernel::{error::Failure, id::Id, text},
    messages::model::OrderStep,
    orders::{
        error::OrderError,
        model::{
            Circumstances, FulfillmentState, HeldBack, Order, OrderLine, OrderPart, Pieces, Shipment, ShipmentStatus,
            ShippedMail, Tracking,
        },
        policy,
        queries::{
            self, returns,
            shipments::{self, Count, NewShipment},
        },
    },
    platform::{
        app::App,
        caller::{Caller, StaffPermission},
        db::Tx,
        idempotency::{Key, Retention},
    },
    shops::{
        self,
        error::ShopError,
        model::{Permission, Shop},
    },
    users::model::{User, signed_in},
};

/// What a shop packs, or sends at once.
#[derive(Debug, Clone, Serialize)]
pub struct CreateShipment {
    pub part: Id<OrderPart>,
    /// Everything that is neither packed nor called off if absent.
    pub pieces: Option<Vec<Pieces>>,
    pub is_shipped: bool,
    pub tracking: Tracking,
    /// Why the market's staff do it, which the buyer reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Packs pieces of a part for a member of its shop, or the market's staff.
pub async fn create_shipment(
    app: &App,
    caller: &Caller,
    input: CreateShipment,
    key: &str,
) -> Result<Id<Shipment>, OrderError> {
    let person = signed_in(caller)?;
    let key = Key::new(&person, "createShipment", key, &input, Retention::Month)?;
    let tracking = checked(&input.tracking)?;
    let market = circumstances(app);
    app.once(caller, Some(key), move |tx| {
        let shop = queries::shop_of_part(tx.conn(), input.part)?.ok_or(OrderError::PartNotFound)?;
        let side = permit(tx, person, shop, "orderPartId")?;
        let (order, part) = lock_part(tx, input.part)?.ok_or(OrderError::PartNotFound)?;
        let actor = account_for(tx, person, side, &order, ("createShipment", input.reason.as_deref()))?;
        if !order.is_open() {
            return Err(OrderError::NotShippable);
        }
        check_money(tx, &order, &part, &market)?;
        pack(tx, (&order, &part), &input, &tracking, actor)
    })
    .await
}

/// A step: nothing of a part is packed or leaves that is held back.
fn check_money(tx: &mut Tx<'_>, order: &Order, part: &OrderPart, market: &Circumstances) -> Result<(), OrderError> {
    let money = money_of(tx, order)?;
    let waits = if order.added > 0 { queries::additions::waiting_of_parts(tx.conn(), &[part.id])? } else { Vec::new() };
    match part.held_back(order, money, &waits, market) {
        None => Ok(()),
        Some(HeldBack::Disputed) => Err(OrderError::Disputed),
        Some(HeldBack::Unpaid) => Err(OrderError::NotPaid),
    }
}

/// A step: packs pieces of a part whose order is open, or sends them at once, for somebody who may.
///
/// # Errors
/// Why they cannot be packed: then the caller rolls back.
pub fn ship(tx: &mut Tx<'_>, input: &CreateShipment, actor: Id<User>) -> Result<Id<Shipment>, OrderError> {
    let tracking = checked(&input.tracking)?;
    let (order, part) = lock_part(tx, input.part)?.ok_or(OrderError::PartNotFound)?;
    pack(tx, (&order, &part), input, &tracking, Some(actor))
}

fn pack(
    tx: &mut Tx<'_>,
    (order, part): (&Order, &OrderPart),
    input: &CreateShipment,
    tracking: &Tracking,
    actor: Option<Id<User>>,
) -> Result<Id<Shipment>, OrderError> {
    let open = open(&shipments::goods_of(tx.conn(), part.id)?);
    let pieces = chosen(&open, input.pieces.as_deref())?.ok_or(OrderError::NotShippable)?;
    // All that is left may always be sent.
    let is_last = input.is_shipped && input.pieces.is_none();
    if !is_last && shipments::statuses_of(tx.conn(), part.id)?.len() >= Shipment::MAXIMUM {
        return Err(OrderError::TooManyShipments);
    }
    let (id, now) = (tx.new_id(), tx.now());
    let status = if input.is_shipped { ShipmentStatus::Shipped } else { ShipmentStatus::Packed };
    let shipment = NewShipment {
        id,
        part_id: part.id,
        status,
        carrier: tracking.carrier.as_deref(),
        tracking_number: tracking.number.as_deref(),
        tracking_url: tracking.url.as_deref(),
        created_at: now,
        shipped_at: input.is_shipped.then_some(now),
    };
    shipments::insert(tx, &shipment, &pieces)?;
    shipments::count(tx, Count::Packed, &pieces)?;
    tell(tx, order, part, (id, status), actor)?;
    Ok(id)
}

/// What changes about a shipment.
#[derive(Debug, Clone)]
pub struct UpdateShipment {
    pub shipment: Id<Shipment>,
    pub status: Option<ShipmentStatus>,
    pub tracking: Tracking,
    /// Why the market's staff do it, which the buyer reads.
    pub reason: Option<String>,
}

/// Moves a shipment on, or says how it is followed, for a member of its shop, or the market's staff.
pub async fn update_shipment(app: &App, caller: &Caller, input: UpdateShipment) -> Result<Id<Shipment>, OrderError> {
    let person = signed_in(caller)?;
    let tracking = checked(&input.tracking)?;
    let market = circumstances(app);
    app.db
        .write(caller, move |tx| {
            let (order, part, shipment) = lock_shipment(tx, input.shipment)?;
            let side = permit(tx, person, part.shop_id, "shipmentId")?;
            let actor = account_for(tx, person, side, &order, ("updateShipment", input.reason.as_deref()))?;
            shipments::set_tracking(tx, shipment.id, &tracking)?;
            if let Some(status) = input.status.filter(|status| *status != shipment.status) {
                // Since it was packed a promise may have come to nothing, or a bank have asked.
                if status == ShipmentStatus::Shipped && shipment.status.next().contains(&status) {
                    check_money(tx, &order, &part, &market)?;
                }
                proceed(tx, &order, &part, &shipment, status, actor)?;
            } else {
                let version = queries::set_changed(tx, order.id)?;
                emit_to_all(tx, &order, version)?;
            }
            Ok(shipment.id)
        })
        .await
}

/// Lets somebody act who sends orders for a shop, or for the market.
fn permit(tx: &mut Tx<'_>, person: Id<User>, shop: Id<Shop>, field: &str) -> Result<Side, OrderError> {
    match shops::service::permit(tx.conn(), person, shop, Permission::FulfillOrders, field) {
        Ok(()) => Ok(Side::Shop),
        Err(ShopError::NotFound { .. } | ShopError::NotPermitted)
            if tx.caller().may(StaffPermission::FulfillOrders) =>
        {
            Ok(Side::Staff)
        }
        Err(error) => Err(error.into()),
    }
}

/// Has the market's staff say why they do what they do, which is noted for the buyer. Returns who did it, as it is told.
fn account_for(
    tx: &mut Tx<'_>,
    person: Id<User>,
    side: Side,
    order: &Order,
    (action, reason): (&str, Option<&str>),
) -> Result<Option<Id<User>>, OrderError> {
    if side == Side::Staff {
        let reason = text::line(reason.unwrap_or_default(), 500);
        let reason = reason.map_err(|error| OrderError::Text { field: "reason".into(), error })?;
        audit(tx, order, &reason, action)?;
    }
    Ok(side.actor(tx, person))
}

/// Says that a shipment has arrived, for the order's buyer.
pub async fn confirm_delivery(app: &App, caller: &Caller, id: Id<Shipment>) -> Result<Id<Shipment>, OrderError> {
    let person = signed_in(caller)?;
    let asking = caller.clone();
    app.db
        .write(caller, move |tx| {
            let (order, part, shipment) = lock_shipment(tx, id)?;
            if !policy::may_act(&asking, &order) {
                return Err(OrderError::ShipmentNotFound);
            }
            // The shop, or the buyer on another device, may have said so before.
            if shipment.status != ShipmentStatus::Delivered {
                proceed(tx, &order, &part, &shipment, ShipmentStatus::Delivered, in_person(tx, person))?;
            }
            Ok(id)
        })
        .await
}

fn lock_shipment(tx: &mut Tx<'_>, id: Id<Shipment>) -> Result<(Order, OrderPart, Shipment), OrderError> {
    let (shipment, _) = shipments::find(tx.conn(), id)?.ok_or(OrderError::ShipmentNotFound)?;
    let (order, part) = lock_part(tx, shipment.part_id)?.ok_or(OrderError::ShipmentNotFound)?;
    // As it is under the lock.
    let (shipment, _) = shipments::find(tx.conn(), id)?.ok_or(OrderError::ShipmentNotFound)?;
    Ok((order, part, shipment))
}

/// A step: moves a shipment on whose order is locked.
fn proceed(
    tx: &mut Tx<'_>,
    order: &Order,
    part: &OrderPart,
    shipment: &Shipment,
    status: ShipmentStatus,
    actor: Option<Id<User>>,
) -> Result<(), OrderError> {
    if !shipment.status.next().contains(&status) {
        return Err(OrderError::Transition);
    }
    shipments::set_status(tx, shipment.id, status)?;
    if status == ShipmentStatus::Unpacked {
        let lines = shipments::lines_of(tx.conn(), shipment.id)?;
        let back: Vec<_> = lines.iter().map(|line| Pieces { line: line.line_id, quantity: -line.quantity }).collect();
        shipments::count(tx, Count::Packed, &back)?;
    }
    tell(tx, order, part, (shipment.id, status), actor)
}

/// Notes how far a part has come by what has happened to one of its shipments, and tells everybody concerned.
fn tell(
    tx: &mut Tx<'_>,
    order: &Order,
    part: &OrderPart,
    (shipment, status): (Id<Shipment>, ShipmentStatus),
    actor: Option<Id<User>>,
) -> Result<(), OrderError> {
    settle_fulfillment(tx, part)?;
    if status == ShipmentStatus::Shipped {
        captures::take(tx, order)?;
    }
    let version = queries::set_changed(tx, order.id)?;
    let step = match status {
        ShipmentStatus::Packed => OrderStep::Packed,
        ShipmentStatus::Shipped => OrderStep::Shipped,
        ShipmentStatus::Delivered => OrderStep::Delivered,
        ShipmentStatus::Unpacked => OrderStep::Unpacked,
    };
    let about = Some(shipment.uuid());
    note_step(tx, order, version, &Happened { part: Some(part), about, actor, ..Happened::all(step) })?;
    if status == ShipmentStatus::Shipped {
        tx.enqueue(&ShippedMail { shipment, buyer: order.buyer_id })?;
    }
    complete(tx, order)
}

/// A step: notes how far a shop has come with its part.
pub(super) fn settle_fulfillment(tx: &mut Tx<'_>, part: &OrderPart) -> Result<(), Failure> {
    let goods = shipments::goods_of(tx.conn(), part.id)?;
    let open = goods.iter().map(OrderLine::open).sum();
    let state = match FulfillmentState::of(open, &shipments::statuses_of(tx.conn(), part.id)?) {
        FulfillmentState::Delivered
            if goods.iter().map(|line| i64::from(line.packed)).sum::<i64>()
                == returns::received_of(tx.conn(), part.id)? =>
        {
            FulfillmentState::Returned
        }
        state => state,
    };
    if state == part.fulfillment_state { Ok(()) } else { shipments::set_fulfillment(tx, part.id, state) }
}

/// A step: an order of which everything has arrived, or was called off, is over.
pub(super) fn complete(tx: &mut Tx<'_>, order: &Order) -> Result<(), OrderError> {
    if shipments::outstanding(tx.conn(), order.id)? != (0, 0) {
        return Ok(());
    }
    match shipments::set_completed(tx, order.id)? {
        Some(version) => note_step(tx, order, version, &Happened::all(OrderStep::Completed)).map(drop),
        None => Ok(()),
    }
}

/// What of goods is neither packed nor called off.
pub(super) fn open(goods: &[OrderLine]) -> Vec<Pieces> {
    goods.iter().map(|line| Pieces { line: line.id, quantity: line.open() }).collect()
}

/// The wanted pieces of those that there are, or all of them; none if there are none.
pub(super) fn chosen(there: &[Pieces], wanted: Option<&[Pieces]>) -> Result<Option<Vec<Pieces>>, OrderError> {
    let Some(wanted) = wanted else {
        let all: Vec<_> = there.iter().filter(|pieces| pieces.quantity > 0).copied().collect();
        return Ok((!all.is_empty()).then_some(all));
    };
    if wanted.is_empty() || wanted.len() > there.len() {
        return Err(OrderError::Lines { is_empty: wanted.is_empty() });
    }
    for (place, pieces) in wanted.iter().enumerate() {
        let is_twice = wanted.iter().take(place).any(|other| other.line == pieces.line);
        let own = there.iter().find(|own| own.line == pieces.line).filter(|_| !is_twice);
        let own = own.ok_or(OrderError::LineNotFound { line: place })?;
        if !(1..=own.quantity).contains(&pieces.quantity) {
            return Err(OrderError::Quantity { line: place });
        }
    }
    Ok(Some(wanted.to_vec()))
}

/// Whatever is given is a line of text, and the link one that a browser follows.
fn checked(tracking: &Tracking) -> Result<Tracking, OrderError> {
    let line = |field: &str, value: &Option<String>, maximum: usize| match value {
        Some(value) => {
            let checked = text::line(value, maximum);
            checked.map(Some).map_err(|error| OrderError::Text { field: field.into(), error })
        }
        None => Ok(None),
    };
    let url = line("trackingUrl", &tracking.url, 2_000)?;
    if let Some(url) = &url {
        Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https")).ok_or(OrderError::TrackingUrl)?;
    }
    let (carrier, number) = (line("carrier", &tracking.carrier, 100)?, line("trackingNumber", &tracking.number, 100)?);
    Ok(Tracking { carrier, number, url })
}
