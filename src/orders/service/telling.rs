//! Who is told that an order was paid, or waits for no money, or what else happened to it, and the link by which its buyer comes to it.

use uuid::Uuid;

use super::{TOLD_STAFF, guests};
use crate::{
    kernel::{error::Failure, id::Id, money::Money},
    messages::model::OrderStep,
    notifications::{
        self,
        model::{Kind, News, Subject, SubjectKind, Topic},
    },
    orders::{
        model::{
            BuyerStepMail, FullPart, Order, OrderAuthorizedMail, OrderPaidMail, OrderPart, OrderPlacedMail, PaidOrder,
            RefundMail, RefundedFor, SaleMail, ShippedMail, ShopStepMail, StaffStepMail, Step,
        },
        queries,
    },
    payments::{self, model::PaymentStatus},
    platform::{app::App, caller::Caller, clock::Time, db::Conn, jobs::JobBody},
    shops::{
        self,
        model::{Permission, Shop},
    },
    users::{
        self,
        model::{Addressee, NotificationKind, User},
    },
};

/// Has everybody told of a payment who is concerned, or that none is waited for, each by a job of their own.
pub async fn tell_of_payment(app: &App, caller: &Caller, order: Id<Order>) -> Result<(), Failure> {
    app.db
        .write(caller, move |tx| {
            let Some(order) = queries::by_ids(tx.conn(), &[order])?.pop() else { return Ok(()) };
            let (id, buyer) = (order.order.id, order.order.buyer_id);
            let held = payments::service::authorized_for(tx.conn(), id.uuid(), order.order.currency)?;
            if held.minor > 0 {
                tx.enqueue(&OrderAuthorizedMail { order: id, buyer })?;
            } else if order.order.price() == 0 || has_brought_anything(tx.conn(), id)? {
                tx.enqueue(&OrderPaidMail { order: id, buyer, addition: None })?;
            } else if order.order.is_open() && order.order.payment_due_at.is_none() {
                tx.enqueue(&OrderPlacedMail { order: id, buyer })?;
            }
            let parts = queries::parts_of(tx.conn(), id)?;
            let shops: Vec<_> = parts.iter().map(|part| part.shop_id).collect();
            let people = shops::service::people_who_may(tx.conn(), &shops, Permission::SeeOrders)?;
            tx.enqueue_all(parts.iter().flat_map(|part| {
                let concerned = people.iter().filter(move |(shop, _)| *shop == part.shop_id);
                concerned.map(move |&(_, member)| SaleMail { part: part.id, member })
            }))
        })
        .await
}

/// Whether a payment for an order has brought money, wherever that is by now.
fn has_brought_anything(conn: &mut Conn, order: Id<Order>) -> Result<bool, Failure> {
    let payments = queries::payments_by_orders(conn, &[order])?;
    Ok(payments.iter().any(|(payment, _)| payment.status == PaymentStatus::Succeeded))
}

/// What the application tells of a step that people are told of; none of any other step.
pub const fn topic_of(step: OrderStep) -> Option<Topic> {
    Some(match step {
        OrderStep::Edited | OrderStep::AdditionPaid => Topic::OrderEdited,
        OrderStep::AdditionLapsed => Topic::AdditionLapsed,
        OrderStep::Cancelled => Topic::OrderCancelled,
        OrderStep::PiecesCancelled => Topic::PiecesCancelled,
        OrderStep::AuthorizationLost => Topic::AuthorizationLost,
        OrderStep::ReturnRequested => Topic::ReturnRequested,
        OrderStep::ReturnWithdrawn => Topic::ReturnWithdrawn,
        OrderStep::ReturnApproved => Topic::ReturnApproved,
        OrderStep::ReturnDeclined => Topic::ReturnDeclined,
        OrderStep::ReturnReceived => Topic::ReturnReceived,
        OrderStep::ClaimOpened => Topic::ClaimOpened,
        OrderStep::ClaimAnswered => Topic::ClaimAnswered,
        OrderStep::ClaimEscalated => Topic::ClaimEscalated,
        OrderStep::ClaimDecided => Topic::ClaimDecided,
        OrderStep::ClaimClosed => Topic::ClaimClosed,
        OrderStep::DisputeOpened => Topic::DisputeOpened,
        OrderStep::DisputeClosed => Topic::DisputeClosed,
        _ => return None,
    })
}

/// A buyer who is told by a job what has become of an order, and where they see it: by mail, and in the application of a topic and by the row of
/// what happened. A guest is told nothing in words of others, who may mean somebody else than the one who reads them: the order shows them.
pub async fn buyer_to_tell(
    app: &App,
    caller: &Caller,
    (order, buyer): (Id<Order>, Option<Id<User>>),
    (topic, source): (Option<Topic>, Uuid),
    job: impl JobBody,
) -> Result<Option<(Addressee, Order, String)>, Failure> {
    let paid = app.db.read(move |conn| queries::by_ids(conn, &[order])).await?.pop();
    let Some(PaidOrder { order, .. }) = paid else { return Ok(None) };
    // What a guest ordered may be somebody's by now.
    let person = match buyer.or(order.buyer_id) {
        Some(buyer) => {
            if let Some(topic) = topic {
                let subject = Subject { kind: SubjectKind::Order, id: order.id.uuid() };
                let news = News { user: buyer, kind: Kind::Orders, topic, subject, source };
                notifications::service::note(app, caller, news).await?;
            }
            users::service::told_now(app, caller, (buyer, NotificationKind::Orders), job).await?
        }
        None => guests::addressee(app, &order).await?,
    };
    let link = app.market.links.order.with(&app.master.row_token(LINK, order.id));
    Ok(person.map(|person| (person, order, link)))
}

/// A buyer who is told that money is on its way back.
pub struct RefundToTell {
    pub person: Addressee,
    /// The order, if it is a guest's.
    pub of_guest: Option<Id<Order>>,
    pub number: String,
    pub amount: Money,
    pub why: RefundedFor,
    pub link: String,
}

/// A buyer who is told that money is on its way back, and why.
pub async fn refund_to_tell(app: &App, caller: &Caller, job: RefundMail) -> Result<Option<RefundToTell>, Failure> {
    let RefundMail { refund, buyer } = job;
    let Some(refund) = app.db.read(move |conn| payments::service::refund(conn, refund)).await? else { return Ok(None) };
    let news = (Some(Topic::Refunded), refund.id.uuid());
    let told = buyer_to_tell(app, caller, (Id::from_uuid(refund.order_id), buyer), news, job).await?;
    Ok(told.map(|(person, order, link)| {
        let amount = refund.money();
        let why = match (refund.reason, refund.part_id) {
            (Some(_), _) if order.buyer_id.is_none() => RefundedFor::Unsaid,
            (Some(reason), _) => RefundedFor::Reason(reason),
            (None, Some(_)) => RefundedFor::Cancelled,
            (None, None) => RefundedFor::Excess,
        };
        RefundToTell { person, of_guest: order.of_guest(), number: order.number, amount, why, link }
    }))
}

/// A buyer who is told that something is on its way.
pub struct ShipmentToTell {
    pub person: Addressee,
    /// The order, if it is a guest's.
    pub of_guest: Option<Id<Order>>,
    pub number: String,
    /// Who carries it, by which number, and where it is followed: as much as is known.
    pub tracking: Vec<String>,
    pub link: String,
}

/// A buyer who is told that something is on its way.
pub async fn shipment_to_tell(app: &App, caller: &Caller, job: ShippedMail) -> Result<Option<ShipmentToTell>, Failure> {
    let ShippedMail { shipment, buyer } = job;
    let found = app.db.read(move |conn| queries::shipments::find(conn, shipment)).await?;
    let Some((shipment, order)) = found else { return Ok(None) };
    let news = (Some(Topic::Shipped), shipment.id.uuid());
    let told = buyer_to_tell(app, caller, (order, buyer), news, job).await?;
    let tracking = [shipment.carrier, shipment.tracking_number, shipment.tracking_url].into_iter().flatten();
    Ok(told.map(|(person, order, link)| {
        let tracking = tracking.filter(|_| order.buyer_id.is_some()).collect();
        ShipmentToTell { person, of_guest: order.of_guest(), number: order.number, tracking, link }
    }))
}

/// Somebody who is told what happened to an order.
pub struct StepToTell {
    pub person: Addressee,
    /// The order, if it is a guest's who is told.
    pub of_guest: Option<Id<Order>>,
    pub step: OrderStep,
    pub number: String,
    /// What is said about it by who did it.
    pub reason: String,
    /// Where they see more of it, or for somebody who works for a shop, where they end such mail.
    pub link: String,
}

/// A buyer who is told what happened to their order.
pub async fn buyer_step_to_tell(app: &App, caller: &Caller, job: BuyerStepMail) -> Result<Option<StepToTell>, Failure> {
    let BuyerStepMail { step, buyer } = job;
    let Some(step) = app.db.read(move |conn| queries::steps::find(conn, step)).await? else { return Ok(None) };
    let topic = topic_of(step.step).filter(|_| !step.step.is_hidden_from_buyers());
    let told = buyer_to_tell(app, caller, (step.order_id, buyer), (topic, step.id.uuid()), job).await?;
    Ok(told.map(|(person, order, link)| {
        let reason = step.reason.filter(|_| order.buyer_id.is_some()).unwrap_or_default();
        StepToTell { person, of_guest: order.of_guest(), step: step.step, number: order.number, reason, link }
    }))
}

/// Somebody who works for a shop and is told what happened to its part of an order.
pub async fn member_step_to_tell(app: &App, caller: &Caller, job: ShopStepMail) -> Result<Option<StepToTell>, Failure> {
    let ShopStepMail { step, member } = job;
    let found = move |conn: &mut Conn| -> Result<Option<(Step, Id<OrderPart>, String)>, Failure> {
        let Some(step) = queries::steps::find(conn, step)? else { return Ok(None) };
        // Of what happened to the whole order each hears who works for any of its shops.
        let parts = queries::parts_of(conn, step.order_id)?;
        let shops: Vec<_> = parts.iter().map(|part| part.shop_id).collect();
        let told = shops::service::people_who_may(conn, &shops, Permission::SeeOrders)?;
        let works_for = |shop: Id<Shop>| told.contains(&(shop, member));
        let is_told = |part: &&OrderPart| step.part_id.is_none_or(|only| only == part.id) && works_for(part.shop_id);
        let Some(part) = parts.iter().find(is_told).map(|part| part.id) else { return Ok(None) };
        let order = queries::by_ids(conn, &[step.order_id])?.pop();
        Ok(order.map(|order| (step, part, order.order.number)))
    };
    let Some((step, part, number)) = app.db.read(found).await? else { return Ok(None) };
    if let Some(topic) = topic_of(step.step) {
        let subject = Subject { kind: SubjectKind::OrderPart, id: part.uuid() };
        let news = News { user: member, kind: Kind::Shop, topic, subject, source: step.id.uuid() };
        notifications::service::note(app, caller, news).await?;
    }
    let person = users::service::told_now(app, caller, (member, NotificationKind::Shop), job).await?;
    let link = users::service::unsubscribe_url(app, member, NotificationKind::Shop);
    Ok(person.map(|person| {
        let reason = step.reason.unwrap_or_default();
        StepToTell { person, of_guest: None, step: step.step, number, reason, link }
    }))
}

/// One of the staff who is told what happened to an order.
pub struct StaffToTell {
    pub person: Addressee,
    pub step: OrderStep,
    pub number: String,
    /// Of a dispute, until when the bank waits for an answer, if it does.
    pub due_at: Option<Time>,
}

/// One of the staff who is told what happened to an order, whatever mail they prefer: it is their work. None if it is no longer.
pub async fn staff_to_tell(app: &App, job: StaffStepMail) -> Result<Option<StaffToTell>, Failure> {
    let StaffStepMail { step, person } = job;
    let read = move |conn: &mut Conn| -> Result<Option<(Step, String, Option<Time>)>, Failure> {
        let Some(step) = queries::steps::find(conn, step)? else { return Ok(None) };
        let Some(order) = queries::by_ids(conn, &[step.order_id])?.pop() else { return Ok(None) };
        let due_at = match step.about_id.filter(|_| step.step == OrderStep::DisputeOpened) {
            Some(dispute) => payments::service::answer_due(conn, Id::from_uuid(dispute))?,
            None => None,
        };
        let is_theirs = users::service::staff_may(conn, person, TOLD_STAFF)?;
        Ok(is_theirs.then_some((step, order.order.number, due_at)))
    };
    let Some((step, number, due_at)) = app.db.read(read).await? else { return Ok(None) };
    let person = users::service::addressee(app, person).await?;
    Ok(person.map(|person| StaffToTell { person, step: step.step, number, due_at }))
}

/// Somebody of a shop who is told of a sale.
pub struct SaleToTell {
    pub person: Addressee,
    pub shop: Shop,
    pub number: String,
    pub total: Money,
    pub unsubscribe: String,
}

/// Somebody who works for a shop and is told that it has sold something.
pub async fn member_to_tell(app: &App, caller: &Caller, job: SaleMail) -> Result<Option<SaleToTell>, Failure> {
    let SaleMail { part, member } = job;
    let Some((part, shop)) = app.db.read(move |conn| sale(conn, part, member)).await? else { return Ok(None) };
    let subject = Subject { kind: SubjectKind::OrderPart, id: part.part.id.uuid() };
    let (kind, topic, source) = (Kind::Shop, Topic::OrderSold, subject.id);
    let person = notifications::service::tell(app, caller, News { user: member, kind, topic, subject, source }, job);
    let person = person.await?;
    let unsubscribe = users::service::unsubscribe_url(app, member, NotificationKind::Shop);
    Ok(person.map(|person| {
        let (order, total) = (part.order.order, part.part.total - part.part.dropped);
        SaleToTell { person, shop, number: order.number, total: Money::new(total, order.currency), unsubscribe }
    }))
}

/// A part and its shop; none if the person works there no longer, or has not accepted that they do.
fn sale(conn: &mut Conn, part: Id<OrderPart>, member: Id<User>) -> Result<Option<(FullPart, Shop)>, Failure> {
    let Some(part) = queries::parts_by_ids(conn, &[part])?.pop() else { return Ok(None) };
    let told = shops::service::people_who_may(conn, &[part.part.shop_id], Permission::SeeOrders)?;
    let shop = shops::service::shops_by_ids(conn, &[part.part.shop_id])?.pop();
    Ok(shop.filter(|shop| told.contains(&(shop.id, member))).map(|shop| (part, shop)))
}

/// What the token of an order's link is for.
const LINK: &str = "link";

/// The order that the link in a mail names.
pub(super) fn linked(app: &App, token: &str) -> Option<Id<Order>> {
    app.master.row_of(LINK, token)
}

/// The order that the link in a mail names, with its parts, for whoever has the link: without who ordered it, where it goes, what the
/// shops were told, and its code, for mail is passed on. None if it is none of ours, too old, or its buyer is erased.
pub async fn order_by_link(app: &App, token: &str) -> Result<Option<(PaidOrder, Vec<FullPart>)>, Failure> {
    let Some(id) = linked(app, token) else { return Ok(None) };
    let now = app.now();
    let read = move |conn: &mut Conn| {
        let order = queries::by_ids(conn, &[id])?.pop();
        match order.filter(|order| now < order.order.placed_at + Order::LINK_LIFETIME) {
            Some(order) => Ok::<_, Failure>(Some((order, queries::parts_by_orders(conn, &[id])?))),
            None => Ok(None),
        }
    };
    let Some((mut order, mut parts)) = app.db.read(read).await? else { return Ok(None) };
    let buyer = order.order.buyer_id.take();
    (order.order.shipping_address, order.order.note, order.order.costs.code) = (None, None, None);
    for part in &mut parts {
        let order = &mut part.order.order;
        (order.buyer_id, order.shipping_address, order.note) = (None, None, None);
    }
    let is_there = match buyer {
        Some(buyer) => users::service::addressee(app, buyer).await?.is_some(),
        None => true,
    };
    Ok(is_there.then_some((order, parts)))
}
