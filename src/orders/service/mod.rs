//! Placing, paying, sending and cancelling orders, and reading them.

mod additions;
mod again;
mod books;
mod cancel;
mod captures;
mod claims;
mod disputes;
mod documents;
mod edits;
mod export;
mod guests;
pub mod import;
mod learning;
mod lists;
mod notes;
mod overdue;
mod pay;
mod place;
mod privacy;
mod quote;
mod refunds;
mod returns;
mod sales;
mod shipping;
mod standing;
mod telling;
mod told;

pub use self::{
    again::{add_order_to_cart, bought_before},
    books::{count_shop_entries, pass_on_paid, shop_balances, shop_commission, shop_entries},
    cancel::{CancelPart, cancel_order, cancel_part},
    captures::{capture_before_end, carry_out_capture, keep_capturing},
    claims::{
        AnswerClaim, DecideClaim, OpenClaim, answer_claim, claims_about, claims_in, count_claims_about,
        count_claims_in, decide_claim, escalate_claim, lapse_claims, open_claim, withdraw_claim,
    },
    disputes::{ask_about_disputes, look_at_disputes, settle_disputes},
    documents::issue_documents,
    edits::edit_part,
    export::{ExportOrders, OrderRows, OrdersExportError, export_orders, orders_by_link, orders_csv_url},
    guests::{claim_order, count_mail, forget_guests, order_by_token, owner_token, place_guest_order},
    learning::{agreed, lock_unlearned, note_learned},
    lists::{all_orders, count_all_orders, count_orders, count_parts, orders, parts, parts_of},
    notes::{AddNote, add_note, remove_note},
    overdue::{call_off_overdue, call_off_unless_paid},
    pay::{PayOrder, SettleError, keep_asking, note_payment, pay_order, payment, settle, settle_unanswered},
    place::{place, place_order},
    privacy::{CHAPTERS, call_off_unpaid, erase, forget_addresses},
    quote::{AskedQuote, Source, quote},
    refunds::{
        RefundError, RefundPart, carry_out_refund, note_refund, note_silence, refund, refund_part, retry_refund,
    },
    returns::{
        ReceiveReturn, Received, RequestReturn, answer_return, count_returns_of_shop, receive_return, request_return,
        returns_of_shop, withdraw_return,
    },
    sales::{market_sales, shop_sales},
    shipping::{CreateShipment, UpdateShipment, confirm_delivery, create_shipment, ship, update_shipment},
    standing::circumstances,
    telling::*,
    told::process_event,
};
pub use super::queries::checks::CHECKS;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{
    error::OrderError,
    model::{BuyerStepMail, Order, OrderChanged, OrderPart, ShopStepMail, StaffStepMail, Step},
    queries::{self, steps::NewStep},
};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        self,
        model::{Conversation, OrderStep},
    },
    platform::{caller::StaffPermission, db::Tx},
    shops::{
        self,
        model::{Permission, Shop},
    },
    users::{self, model::User},
};

/// What those of the staff may do who are told what has to be decided about the money of orders.
const TOLD_STAFF: StaffPermission = StaffPermission::RefundOrders;

/// Who did something, unless one of the staff did it in their name: these read no messages.
fn in_person(tx: &Tx<'_>, person: Id<User>) -> Option<Id<User>> {
    tx.caller().on_behalf().is_none().then_some(person)
}

/// Tells the buyer and the shops that something about an order has changed. The caller holds the order's lock.
fn emit(
    tx: &mut Tx<'_>,
    order: Id<Order>,
    version: i32,
    buyer: Option<Id<User>>,
    shops: &[Id<Shop>],
) -> Result<(), Failure> {
    let topics: Vec<Uuid> = buyer.map(Id::uuid).into_iter().chain(shops.iter().map(|shop| shop.uuid())).collect();
    tx.emit(&OrderChanged { order: order.uuid(), version }, &topics)
}

/// As [`emit`], to the shops of all parts.
fn emit_to_all(tx: &mut Tx<'_>, order: &Order, version: i32) -> Result<(), Failure> {
    let parts = queries::parts_of(tx.conn(), order.id)?;
    emit_to(tx, order, version, &parts)
}

/// As [`emit`], to the shops of these parts, which are all of the order's.
fn emit_to(tx: &mut Tx<'_>, order: &Order, version: i32, parts: &[OrderPart]) -> Result<(), Failure> {
    let shops: Vec<_> = parts.iter().map(|part| part.shop_id).collect();
    emit(tx, order.id, version, order.buyer_id, &shops)
}

/// Something that happens to an order.
#[derive(Clone, Copy)]
struct Happened<'a> {
    step: OrderStep,
    /// To which part; to all of them if none is named.
    part: Option<&'a OrderPart>,
    /// Of a refund, a shipment, a return, a claim or a dispute, its id.
    about: Option<Uuid>,
    /// What is said about it by who does it.
    reason: Option<&'a str>,
    actor: Option<Id<User>>,
}

impl Happened<'_> {
    /// A step of all parts, by nobody in person.
    const fn all(step: OrderStep) -> Self {
        Self { step, part: None, about: None, reason: None, actor: None }
    }

    /// Whether it is the affair of the buyer and the market alone: money that went back at no shop's cost.
    const fn is_between_buyer_and_market(&self) -> bool {
        self.part.is_none() && matches!(self.step, OrderStep::Refunded | OrderStep::RefundFailed)
    }
}

/// Writes a step into an order's timeline.
fn insert_step(tx: &mut Tx<'_>, order: Id<Order>, what: &Happened<'_>) -> Result<Id<Step>, Failure> {
    let row = row_of(tx, order, what);
    let id = row.id;
    queries::steps::insert(tx, &[row])?;
    Ok(id)
}

fn row_of<'a>(tx: &Tx<'_>, order: Id<Order>, what: &Happened<'a>) -> NewStep<'a> {
    let &Happened { step, part, about, reason, actor } = what;
    NewStep {
        id: tx.new_id(),
        order_id: order,
        part_id: part.map(|part| part.id),
        step,
        actor_id: actor,
        about_id: about,
        reason,
        created_at: tx.now(),
    }
}

/// Has a buyer told by mail what happened to their order.
fn tell_buyer(tx: &mut Tx<'_>, order: &Order, step: Id<Step>) -> Result<(), Failure> {
    tx.enqueue(&BuyerStepMail { step, buyer: order.buyer_id })
}

/// Has those members of a part's shop told by mail what happened to it who give money back.
fn tell_shop(tx: &mut Tx<'_>, part: &OrderPart, step: Id<Step>) -> Result<(), Failure> {
    tell_each_shop(tx, &[(part.shop_id, step)])
}

/// As [`tell_shop`], of the shops of several parts, each of which something happened to.
fn tell_each_shop(tx: &mut Tx<'_>, told: &[(Id<Shop>, Id<Step>)]) -> Result<(), Failure> {
    let shops: Vec<_> = told.iter().map(|(shop, _)| *shop).collect();
    let people = shops::service::people_who_may(tx.conn(), &shops, Permission::RefundOrders)?;
    tx.enqueue_all(told.iter().flat_map(|&(shop, step)| {
        let concerned = people.iter().filter(move |(theirs, _)| *theirs == shop);
        concerned.map(move |&(_, member)| ShopStepMail { step, member })
    }))
}

/// Has those members of all shops of an order told by mail what happened to the whole of it who send things: each once.
fn tell_shops(tx: &mut Tx<'_>, order: &Order, step: Id<Step>) -> Result<(), Failure> {
    let shops: Vec<_> = queries::parts_of(tx.conn(), order.id)?.iter().map(|part| part.shop_id).collect();
    let people = shops::service::people_who_may(tx.conn(), &shops, Permission::FulfillOrders)?;
    let members: BTreeSet<_> = people.into_iter().map(|(_, member)| member).collect();
    tx.enqueue_all(members.into_iter().map(|member| ShopStepMail { step, member }))
}

/// Has those of the market's staff told by mail what happened to an order who decide about its money.
fn tell_staff(tx: &mut Tx<'_>, step: Id<Step>) -> Result<(), Failure> {
    let staff = users::service::staff_who_may(tx.conn(), TOLD_STAFF)?;
    tx.enqueue_all(staff.into_iter().map(|person| StaffStepMail { step, person }))
}

/// Writes a step into the timeline and the conversations of those of an order's parts that it happened to: they are locked in the order of
/// their ids, until the transaction ends. Who writes several tells of them once, by [`emit_to`].
fn write_step(tx: &mut Tx<'_>, order: &Order, parts: &[OrderPart], what: &Happened<'_>) -> Result<Id<Step>, Failure> {
    let id = insert_step(tx, order.id, what)?;
    let is_told = |part: &&OrderPart| what.part.is_none_or(|only| only.id == part.id);
    let is_said = !what.is_between_buyer_and_market() && !what.step.is_hidden_from_buyers();
    let concerned = parts.iter().filter(is_told).filter(|_| is_said);
    let posts: BTreeMap<_, _> = concerned.filter_map(|part| Some((part.conversation_id?, id.uuid()))).collect();
    messages::service::post_steps(tx, what.step, &posts, what.actor)?;
    Ok(id)
}

/// As [`write_step`], of several steps of one kind, each about something of its own: of a part, into its conversation, or of none, into none.
fn write_steps(
    tx: &mut Tx<'_>,
    order: &Order,
    (step, actor): (OrderStep, Option<Id<User>>),
    happened: &[(Option<&OrderPart>, Uuid)],
) -> Result<(), Failure> {
    if happened.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(happened.len());
    for &(part, about) in happened {
        rows.push(row_of(tx, order.id, &Happened { part, about: Some(about), actor, ..Happened::all(step) }));
    }
    queries::steps::insert(tx, &rows)?;
    // Into one conversation one after the other. With the first of each all are locked, in their order.
    let mut rounds: Vec<BTreeMap<Id<Conversation>, Uuid>> = Vec::new();
    for ((part, _), row) in happened.iter().zip(&rows) {
        let Some(conversation) = part.and_then(|part| part.conversation_id) else { continue };
        match rounds.iter_mut().find(|posts| !posts.contains_key(&conversation)) {
            Some(posts) => {
                posts.insert(conversation, row.id.uuid());
            }
            None => rounds.push(BTreeMap::from([(conversation, row.id.uuid())])),
        }
    }
    rounds.iter().try_for_each(|posts| messages::service::post_steps(tx, step, posts, actor))
}

/// As [`write_step`], and tells everybody concerned.
fn note_step(tx: &mut Tx<'_>, order: &Order, version: i32, what: &Happened<'_>) -> Result<Id<Step>, OrderError> {
    let parts = queries::parts_of(tx.conn(), order.id)?;
    let id = write_step(tx, order, &parts, what)?;
    emit_to(tx, order, version, &parts)?;
    Ok(id)
}
