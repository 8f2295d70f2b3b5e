//! Giving money back: what somebody decides to give back of a part, and what came in beyond what was owed.

use serde::Serialize;

use super::{Happened, books, claims, documents, emit_to, emit_to_all, in_person, note_step, tell_staff, write_steps};
use crate::{
    kernel::{error::Failure, id::Id, money::Money, text},
    messages::model::OrderStep,
    orders::{
        error::OrderError,
        model::{CarryOutRefund, ClaimStatus, Order, OrderPart, RefundMail},
        queries::{self, refunds::Share},
    },
    payments::{
        self,
        model::{DisputeMoney, Refund, RefundProgress, RefundStatus, SettlePayment},
        service::{GiveBack, Refundable, provider::NoAnswer},
    },
    platform::{
        app::App,
        caller::{Caller, StaffPermission},
        db::{Conn, Tx},
        idempotency::{Key, Retention},
        jobs::{Afterwards, Planned},
    },
    shops::{self, model::Permission},
    users::{
        self,
        model::{User, oneself},
    },
};

/// What is to go back of what a part cost.
#[derive(Debug, Clone, Serialize)]
pub struct RefundPart {
    pub part: Id<OrderPart>,
    /// Everything that is left if absent.
    pub amount: Option<Money>,
    /// What the buyer is told.
    pub reason: String,
}

/// Gives back some of what a paid part cost, or all of it, at its shop's cost and the market's.
pub async fn refund_part(
    app: &App,
    caller: &Caller,
    input: RefundPart,
    key: &str,
) -> Result<Vec<Id<Refund>>, OrderError> {
    let person = oneself(caller)?;
    let key = Key::new(&person, "refundOrderPart", key, &input, Retention::Month)?;
    let reason = text::line(&input.reason, 500).map_err(|error| OrderError::Text { field: "reason".into(), error })?;
    app.once(caller, Some(key), move |tx| {
        let side = permit(tx, person, input.part, Permission::RefundOrders)?;
        let (order, part) = lock_part(tx, input.part)?.ok_or(OrderError::PartNotFound)?;
        if side == Side::Staff {
            audit(tx, &order, &reason, "refundOrderPart")?;
        }
        let actor = side.actor(tx, person);
        give_back(tx, side, (&order, &part), (input.amount, reason.as_str()), actor)
    })
    .await
}

/// A step: gives back some of what a paid part cost, or all of it, by the market's word, whatever its shop has.
///
/// # Errors
/// Why nothing is given back: then the caller rolls back.
pub fn refund(tx: &mut Tx<'_>, input: &RefundPart, actor: Id<User>) -> Result<Vec<Id<Refund>>, OrderError> {
    let (order, part) = lock_part(tx, input.part)?.ok_or(OrderError::PartNotFound)?;
    give_back(tx, Side::Staff, (&order, &part), (input.amount, input.reason.as_str()), Some(actor))
}

fn give_back(
    tx: &mut Tx<'_>,
    side: Side,
    (order, part): (&Order, &OrderPart),
    (amount, reason): (Option<Money>, &str),
    actor: Option<Id<User>>,
) -> Result<Vec<Id<Refund>>, OrderError> {
    let left = Money::new(part.kept(), order.currency);
    let amount = amount.unwrap_or(left);
    if amount.currency != left.currency {
        return Err(OrderError::RefundCurrency);
    }
    if left.minor == 0 {
        return Err(OrderError::NotRefundable);
    }
    let is_rest = amount == left;
    if !is_rest && payments::service::refunds_of_part(tx.conn(), part.id.uuid())? >= Refund::MAXIMUM {
        return Err(OrderError::TooManyRefunds);
    }
    let granted = grant_by(tx, side, order, (part, amount.minor), Some(reason))?;
    tell(tx, order, &granted, actor)
}

/// A step: whether a bank has money of a locked order's, and may give it again.
pub(super) fn is_withheld(tx: &mut Tx<'_>, order: &Order) -> Result<bool, Failure> {
    Ok(payments::service::undecided(tx.conn(), order.id.uuid())? == Some(DisputeMoney::Taken))
}

/// A step: what of a part of a locked order can still go back. Nobody knows as long as a bank has some of it, and may give it again.
pub(super) fn left_of(tx: &mut Tx<'_>, order: &Order, part: &OrderPart) -> Result<i64, OrderError> {
    if part.disputed > 0 && is_withheld(tx, order)? {
        return Err(OrderError::NotRefundable);
    }
    Ok(part.kept())
}

/// For whom somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Shop,
    Staff,
}

impl Side {
    /// Who did it, as it is told: of the staff, nobody in person.
    pub(super) fn actor(self, tx: &Tx<'_>, person: Id<User>) -> Option<Id<User>> {
        (self == Self::Shop).then(|| in_person(tx, person)).flatten()
    }
}

/// Lets somebody act who may do so for the market, or for the part's shop.
pub(super) fn permit(
    tx: &mut Tx<'_>,
    person: Id<User>,
    part: Id<OrderPart>,
    permission: Permission,
) -> Result<Side, OrderError> {
    let shop = queries::shop_of_part(tx.conn(), part)?.ok_or(OrderError::PartNotFound)?;
    if tx.caller().may(StaffPermission::RefundOrders) {
        return Ok(Side::Staff);
    }
    shops::service::permit(tx.conn(), person, shop, permission, "orderPartId")?;
    Ok(Side::Shop)
}

pub(super) fn lock_part(tx: &mut Tx<'_>, id: Id<OrderPart>) -> Result<Option<(Order, OrderPart)>, Failure> {
    let Some(order) = queries::order_of_part(tx.conn(), id)? else { return Ok(None) };
    let Some(order) = queries::lock_order(tx, order)? else { return Ok(None) };
    let part = queries::parts_of(tx.conn(), order.id)?.into_iter().find(|part| part.id == id);
    Ok(part.map(|part| (order, part)))
}

/// What staff did to an order's money is told to its buyer; of a guest's order, it is written down.
pub(super) fn audit(tx: &mut Tx<'_>, order: &Order, reason: &str, what: &str) -> Result<(), Failure> {
    match order.buyer_id {
        Some(buyer) => users::service::audit(tx, buyer, None, reason, &[what]),
        None => users::service::audit_of_guest(tx, order.id.uuid(), reason, what),
    }
}

/// What goes back of parts, booked and not yet told.
pub(super) struct Granted<'a>(Vec<(&'a OrderPart, Vec<Refund>)>);

/// A step: gives back some of what parts of a locked order have brought that was passed on. What they brought their shops is taken back from
/// there, and credited. Told by [`tell`], once no account is moved any more.
pub(super) fn grant<'a>(
    tx: &mut Tx<'_>,
    order: &Order,
    shares: &[(&'a OrderPart, i64)],
    reason: Option<&str>,
) -> Result<Granted<'a>, OrderError> {
    let Refundable { left, step } = payments::service::lock_refundable(tx, order.id.uuid())?;
    // What a bank has taken back cannot go back a second time.
    let is_taken = |(part, amount): &(&OrderPart, i64)| (part.kept() + 1..=part.owed()).contains(amount);
    let wanted = || shares.iter().map(|(_, amount)| *amount).sum::<i64>();
    let is_within = |(part, amount): &(&OrderPart, i64)| *amount <= part.kept();
    if shares.iter().any(is_taken) || shares.iter().all(is_within) && wanted() > left {
        return Err(OrderError::NotRefundable);
    }
    if shares.iter().any(|(_, amount)| amount % step != 0) {
        return Err(OrderError::RefundStep { step: Money::new(step, order.currency) });
    }
    let amounts: Vec<Share> = shares.iter().map(|(part, amount)| (part.id, *amount)).collect();
    if amounts.iter().any(|(_, amount)| *amount <= 0) || !queries::refunds::add(tx, order.id, &amounts)? {
        return Err(OrderError::RefundAmount);
    }
    queries::claims::add_refunded(tx, &amounts)?;
    let wanted = amounts.iter().map(|&(part, amount)| GiveBack {
        part: Some(part.uuid()),
        amount: Money::new(amount, order.currency),
        reason,
    });
    let refunds = payments::service::give_back(tx, order.id.uuid(), &wanted.collect::<Vec<_>>())?;
    let of = |part: &OrderPart| -> Vec<Refund> {
        refunds.iter().filter(|refund| refund.part_id == Some(part.id.uuid())).cloned().collect()
    };
    let mut granted: Vec<_> = shares.iter().map(|&(part, _)| (part, of(part))).collect();
    let sum = |refunds: &[Refund]| refunds.iter().map(|refund| refund.amount).sum::<i64>();
    if granted.iter().zip(&amounts).any(|((_, refunds), (_, amount))| sum(refunds) != *amount) {
        return Err(Failure::internal(format!("the payments of {} do not cover a refund", order.id)).into());
    }
    books::take_back(tx, order, &granted)?;
    documents::issue(tx, order)?;
    // Threads are written to in the order of their ids.
    granted.sort_unstable_by_key(|(part, _)| part.conversation_id);
    Ok(Granted(granted))
}

/// A step: as [`grant`], by the word of somebody for whom it is. A shop gives back what it has, and no more: what it was paid out before
/// the market would have to pay, whoever the buyer is. Where it has too little, the staff decide.
pub(super) fn grant_by<'a>(
    tx: &mut Tx<'_>,
    side: Side,
    order: &Order,
    (part, amount): (&'a OrderPart, i64),
    reason: Option<&str>,
) -> Result<Granted<'a>, OrderError> {
    if !books::is_passed_on(tx, order)? {
        return Err(OrderError::NotRefundable);
    }
    let granted = grant(tx, order, &[(part, amount)], reason)?;
    // All accounts that move are locked by now, in their order.
    if side == Side::Shop && books::is_in_debt(tx, order, part)? {
        return Err(OrderError::NotCovered);
    }
    Ok(granted)
}

/// A step: has what was granted carried out, and tells of it. A claim is settled by it of which nothing more is wanted.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    order: &Order,
    Granted(granted): &Granted<'_>,
    actor: Option<Id<User>>,
) -> Result<Vec<Id<Refund>>, OrderError> {
    let version = queries::set_changed(tx, order.id)?;
    let parts = queries::parts_of(tx.conn(), order.id)?;
    let begun = granted.iter().flat_map(|(part, refunds)| refunds.iter().map(move |refund| (Some(*part), refund)));
    begin(tx, order, &begun.collect::<Vec<_>>(), actor)?;
    emit_to(tx, order, version, &parts)?;
    let ids: Vec<_> = granted.iter().map(|(part, _)| part.id).collect();
    let settled = queries::claims::close_settled(tx, &ids)?;
    for (part, _) in granted {
        if let Some((_, claim)) = settled.iter().find(|(about, _)| *about == part.id) {
            claims::note(tx, order, part, (*claim, ClaimStatus::Closed), (None, actor))?;
        }
    }
    Ok(granted.iter().flat_map(|(_, refunds)| refunds).map(|refund| refund.id).collect())
}

/// A step: gives back what is `kept` for a locked order beyond what is `owed`: what came in, less what is on its way back already.
pub(super) fn give_back_excess(tx: &mut Tx<'_>, order: &Order, (kept, owed): (i64, i64)) -> Result<(), OrderError> {
    if kept > owed {
        let amount = Money::new(kept - owed, order.currency);
        let version = queries::set_changed(tx, order.id)?;
        let wanted = GiveBack { part: None, amount, reason: None };
        let refunds = payments::service::give_back(tx, order.id.uuid(), &[wanted])?;
        let begun: Vec<(Option<&OrderPart>, &Refund)> = refunds.iter().map(|refund| (None, refund)).collect();
        begin(tx, order, &begun, None)?;
        emit_to_all(tx, order, version)?;
    }
    Ok(())
}

/// Has refunds carried out, and writes each down as a step of the part at whose cost it is, if it is at one's.
fn begin(
    tx: &mut Tx<'_>,
    order: &Order,
    begun: &[(Option<&OrderPart>, &Refund)],
    actor: Option<Id<User>>,
) -> Result<(), Failure> {
    let now = tx.now();
    let planned = begun.iter().map(|(_, refund)| {
        let body = CarryOutRefund { refund: refund.id, attempt: refund.attempt };
        Planned { unique_key: Some(body.key()), run_at: now, body }
    });
    tx.enqueue_planned_anew(&planned.collect::<Vec<_>>())?;
    let happened: Vec<_> = begun.iter().map(|(part, refund)| (*part, refund.id.uuid())).collect();
    write_steps(tx, order, (OrderStep::Refunded, actor), &happened)
}

/// Has the provider give money back, and takes note of its word.
pub async fn carry_out_refund(app: &App, caller: &Caller, job: CarryOutRefund) -> Result<(), RefundError> {
    let CarryOutRefund { refund: id, attempt } = job;
    let read = move |conn: &mut Conn| {
        let Some(refund) = payments::service::refund(conn, id)? else { return Ok(None) };
        let intent = payments::service::by_id(conn, refund.intent_id)?;
        Ok::<_, Failure>(intent.map(|intent| (intent, refund)))
    };
    let Some((intent, refund)) = app.db.read(read).await.map_err(OrderError::from)? else { return Ok(()) };
    // What was given back, as the provider knows it by name, may have come back.
    let may_come_back = refund.status == RefundStatus::Succeeded && refund.reference.is_some();
    let is_asked_about = refund.status.is_open() || may_come_back;
    if !is_asked_about || refund.attempt != attempt {
        return Ok(());
    }
    let progress = match payments::service::carry_out(app, &intent, &refund).await {
        // It is asked on, for a provider may answer the same for a day, whatever that is.
        Err(NoAnswer) if refund.status == RefundStatus::Unanswered => None,
        answer => Some(answer?),
    };
    let note = move |tx: &mut Tx<'_>| {
        if let Some(progress) = &progress {
            note_refund(tx, &refund, progress)?;
        }
        if matches!(progress, None | Some(RefundProgress::Pending { .. })) {
            // In case nobody tells when it has come to an end.
            payments::service::ask_again(tx, &job, &job.key())?;
        }
        Ok::<_, OrderError>(())
    };
    Ok(app.db.write(caller, note).await?)
}

/// Why a refund is still open.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    #[error(transparent)]
    Order(#[from] OrderError),
}

/// A step: takes note of a provider's word about a refund as it was when the provider was asked.
///
/// # Errors
/// If the database fails.
pub fn note_refund(tx: &mut Tx<'_>, refund: &Refund, progress: &RefundProgress) -> Result<(), OrderError> {
    let Some(order) = queries::lock_order(tx, Id::from_uuid(refund.order_id))? else { return Ok(()) };
    let Some(refund) = payments::service::settle_refund(tx, refund, progress)? else {
        return Ok(());
    };
    if refund.status == RefundStatus::Failed {
        tracing::error!(refund = %refund.id, "a provider could not give money back");
        return note_not_done(tx, &order, &refund);
    }
    let version = queries::set_changed(tx, order.id)?;
    tx.enqueue(&RefundMail { refund: refund.id, buyer: order.buyer_id })?;
    Ok(emit_to_all(tx, &order, version)?)
}

/// A step: takes note that a provider has not said for too long what became of a refund. It is asked on every hour.
///
/// # Errors
/// If the database fails.
pub fn note_silence(tx: &mut Tx<'_>, job: CarryOutRefund) -> Result<Afterwards, Failure> {
    let CarryOutRefund { refund: id, attempt } = job;
    let again = Afterwards::Again(SettlePayment::AGAIN);
    let Some(refund) = payments::service::refund(tx.conn(), id)? else { return Ok(Afterwards::Dead) };
    if refund.status != RefundStatus::Processing {
        return Ok(again);
    }
    let Some(order) = queries::lock_order(tx, Id::from_uuid(refund.order_id))? else { return Ok(again) };
    let Some(refund) = payments::service::leave_unanswered(tx, (id, attempt))? else { return Ok(again) };
    tracing::error!(refund = %refund.id, "a provider does not say whether it gave money back");
    note_not_done(tx, &order, &refund).map_err(|error| match error {
        OrderError::Failed(failure) => failure,
        refused => Failure::internal(refused),
    })?;
    Ok(again)
}

/// Tells everybody concerned that a refund has to be tried again.
fn note_not_done(tx: &mut Tx<'_>, order: &Order, refund: &Refund) -> Result<(), OrderError> {
    let version = queries::set_changed(tx, order.id)?;
    let parts = queries::parts_of(tx.conn(), order.id)?;
    let part = parts.iter().find(|part| Some(part.id.uuid()) == refund.part_id);
    let about = Some(refund.id.uuid());
    let step = note_step(tx, order, version, &Happened { part, about, ..Happened::all(OrderStep::RefundFailed) })?;
    Ok(tell_staff(tx, step)?)
}

/// Has a refund tried again that the provider could not carry out, or about which it did not answer.
pub async fn retry_refund(app: &App, caller: &Caller, id: Id<Refund>) -> Result<Id<Refund>, OrderError> {
    let person = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            let refund = payments::service::refund(tx.conn(), id)?.ok_or(OrderError::RefundNotFound)?;
            let side = match refund.part_id {
                Some(part) => permit(tx, person, Id::from_uuid(part), Permission::RefundOrders),
                // At nobody's cost: the market's affair.
                None if tx.caller().may(StaffPermission::RefundOrders) => Ok(Side::Staff),
                None => Err(OrderError::RefundNotFound),
            };
            let side = side.map_err(|error| error.hidden(OrderError::RefundNotFound))?;
            let order = queries::lock_order(tx, Id::from_uuid(refund.order_id))?.ok_or(OrderError::RefundNotFound)?;
            // Staff always may: what is owed must never be stuck.
            if side == Side::Shop && refund.attempt >= Refund::MAXIMUM_ATTEMPTS {
                return Err(OrderError::TooManyAttempts);
            }
            let refund = payments::service::begin_again(tx, id)?.ok_or(OrderError::RefundNotFailed)?;
            if side == Side::Staff {
                audit(tx, &order, refund.reason.as_deref().unwrap_or_default(), "retryRefund")?;
            }
            let version = queries::set_changed(tx, order.id)?;
            let parts = queries::parts_of(tx.conn(), order.id)?;
            let part = parts.iter().find(|part| Some(part.id.uuid()) == refund.part_id);
            let actor = side.actor(tx, person);
            begin(tx, &order, &[(part, &refund)], actor)?;
            emit_to(tx, &order, version, &parts)?;
            Ok(id)
        })
        .await
}
