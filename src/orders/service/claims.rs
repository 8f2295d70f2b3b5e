//! Complaints: a buyer claims, the shop answers, and if that is not enough, the market's staff decide.

use chrono::TimeDelta;
use serde::Serialize;

use super::{
    Happened, books, in_person, note_step,
    refunds::{self, Side, lock_part},
    returns::{lock_own_part, said},
    tell_buyer, tell_shop, tell_staff,
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::Money,
        page::{Page, Slice},
    },
    orders::{
        error::OrderError,
        model::{Claim, ClaimDecision, ClaimKind, ClaimStatus, FullClaim, Order, OrderPart},
        policy,
        queries::{
            self, Position,
            claims::{self, ClaimsOf, NewClaim},
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
        model::{Desk, Permission},
    },
    users::model::{User, oneself},
};

/// What a buyer complains of.
#[derive(Debug, Clone, Serialize)]
pub struct OpenClaim {
    pub part: Id<OrderPart>,
    pub kind: ClaimKind,
    /// What is wanted back; everything that is left of the part's total if absent.
    pub amount: Option<Money>,
    /// What the shop is told.
    pub message: String,
}

/// Opens a claim about a part of an order, for the order's buyer.
pub async fn open_claim(app: &App, caller: &Caller, input: OpenClaim, key: &str) -> Result<Id<Claim>, OrderError> {
    let person = oneself(caller)?;
    let key = Key::new(&person, "openClaim", key, &input, Retention::Month)?;
    let message = said("message", Some(&input.message))?;
    let asking = caller.clone();
    app.once(caller, Some(key), move |tx| {
        let (order, part) = lock_own_part(tx, &asking, input.part)?;
        let is_passed_on = books::is_passed_on(tx, &order)?;
        if !part.is_claimable(&order, is_passed_on, input.kind, tx.now()) {
            return Err(OrderError::NotClaimable);
        }
        let others = claims::statuses_of(tx.conn(), part.id)?;
        if others.iter().any(|status| !status.is_over()) {
            return Err(OrderError::ClaimOpen);
        }
        if others.len() >= Claim::MAXIMUM {
            return Err(OrderError::TooManyClaims);
        }
        let amount = within(&part, &order, input.amount)?.unwrap_or(part.owed());
        if amount == 0 {
            return Err(OrderError::RefundAmount);
        }
        let (status, now) = (ClaimStatus::Open, tx.now());
        let claim = NewClaim {
            id: tx.new_id(),
            part_id: part.id,
            shop_id: part.shop_id,
            kind: input.kind,
            status,
            amount,
            currency: order.currency,
            due_at: status.lapses().map(|(_, after)| now + after),
            created_at: now,
        };
        claims::insert(tx, &claim)?;
        let actor = in_person(tx, person);
        note(tx, &order, &part, (claim.id, status), (message.as_deref(), actor))?;
        Ok(claim.id)
    })
    .await
}

/// What a shop says about a claim.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerClaim {
    pub id: Id<Claim>,
    /// What the buyer is told.
    pub message: String,
    /// What goes back at once; nothing if absent.
    pub amount: Option<Money>,
}

/// Answers a claim for the part's shop, with money or without.
pub async fn answer_claim(app: &App, caller: &Caller, input: AnswerClaim, key: &str) -> Result<Id<Claim>, OrderError> {
    let person = oneself(caller)?;
    let key = Key::new(&person, "answerClaim", key, &input, Retention::Month)?;
    let message = said("message", Some(&input.message))?;
    app.once(caller, Some(key), move |tx| {
        let claim = claims::find(tx.conn(), input.id)?.ok_or(OrderError::ClaimNotFound)?;
        shops::service::permit(tx.conn(), person, claim.shop_id, Permission::RefundOrders, "claimId")?;
        let (order, part, claim) = lock(tx, claim.id)?;
        let amount = within(&part, &order, input.amount)?.unwrap_or(0);
        let actor = in_person(tx, person);
        let answered = (ClaimStatus::Answered, None);
        give(tx, Side::Shop, (&order, &part), (&claim, answered), (amount, message.as_deref(), actor))?;
        Ok(claim.id)
    })
    .await
}

/// Has the market's staff decide on a claim that its shop has answered, for the order's buyer.
pub async fn escalate_claim(
    app: &App,
    caller: &Caller,
    id: Id<Claim>,
    message: Option<&str>,
) -> Result<Id<Claim>, OrderError> {
    by_buyer(app, caller, (id, ClaimStatus::Escalated), message).await
}

/// Ends a claim for the order's buyer, who asks for nothing more.
pub async fn withdraw_claim(app: &App, caller: &Caller, id: Id<Claim>) -> Result<Id<Claim>, OrderError> {
    by_buyer(app, caller, (id, ClaimStatus::Closed), None).await
}

async fn by_buyer(
    app: &App,
    caller: &Caller,
    (id, status): (Id<Claim>, ClaimStatus),
    message: Option<&str>,
) -> Result<Id<Claim>, OrderError> {
    let person = oneself(caller)?;
    let message = said("message", message)?;
    let asking = caller.clone();
    app.db
        .write(caller, move |tx| {
            let (order, part, claim) = lock(tx, id)?;
            if !policy::may_act(&asking, &order) {
                return Err(OrderError::ClaimNotFound);
            }
            // They may have said so before, and nobody heard the answer.
            if claim.status == status {
                return Ok(id);
            }
            let actor = in_person(tx, person);
            allow(&claim, status)?;
            claims::set_status(tx, id, status, None)?;
            note(tx, &order, &part, (id, status), (message.as_deref(), actor))?;
            Ok(id)
        })
        .await
}

/// What the market's staff decide.
#[derive(Debug, Clone, Serialize)]
pub struct DecideClaim {
    pub id: Id<Claim>,
    pub decision: ClaimDecision,
    /// What goes back if the buyer is right; what they want if absent.
    pub amount: Option<Money>,
    /// What both are told.
    pub reason: String,
}

/// Decides on a claim, for the market's staff. If the buyer is right, money goes back at the shop's cost.
pub async fn decide_claim(app: &App, caller: &Caller, input: DecideClaim, key: &str) -> Result<Id<Claim>, OrderError> {
    let person = oneself(caller)?;
    let key = Key::new(&person, "decideClaim", key, &input, Retention::Month)?;
    let reason = said("reason", Some(&input.reason))?;
    app.once(caller, Some(key), move |tx| {
        if !tx.caller().may(StaffPermission::RefundOrders) {
            return Err(OrderError::ClaimNotFound);
        }
        let (order, part, claim) = lock(tx, input.id)?;
        // Nobody decides in their own cause.
        if order.buyer_id == Some(person) || shops::service::membership(tx.conn(), person, claim.shop_id)?.is_some() {
            return Err(OrderError::NotImpartial);
        }
        let amount = within(&part, &order, input.amount)?;
        let amount = match (input.decision, amount) {
            (ClaimDecision::ForBuyer, Some(0)) | (ClaimDecision::ForShop, Some(1..)) => {
                return Err(OrderError::RefundAmount);
            }
            (ClaimDecision::ForBuyer, None) => claim.left().min(refunds::left_of(tx, &order, &part)?),
            (_, amount) => amount.unwrap_or(0),
        };
        refunds::audit(tx, &order, reason.as_deref().unwrap_or_default(), "decideClaim")?;
        let decided = (ClaimStatus::Decided, Some(input.decision));
        give(tx, Side::Staff, (&order, &part), (&claim, decided), (amount, reason.as_deref(), None))?;
        Ok(claim.id)
    })
    .await
}

/// Claims that go on by themselves in one run.
const BATCH: i64 = 1_000;
/// What failed is tried again after so long, so that it keeps no other waiting.
const AGAIN: TimeDelta = TimeDelta::hours(1);

/// Has claims go on that have waited for too long: those without an answer to the staff, those with one to their end. What fails for one
/// keeps no other waiting.
///
/// # Errors
/// The last of what failed.
pub async fn lapse_claims(app: &App, caller: &Caller) -> Result<(), OrderError> {
    let now = app.now();
    let due = app.db.read(move |conn| claims::due(conn, now, BATCH)).await?;
    let mut outcome = Ok(());
    for id in due {
        if let Err(error) = app.db.write(caller, move |tx| lapse(tx, id)).await {
            tracing::error!(claim = %id, ?error, "a claim that has waited could not go on");
            // If that fails, too, so would the others.
            let put_off = move |tx: &mut Tx<'_>| {
                let again = tx.now() + AGAIN;
                claims::put_off(tx, id, again)
            };
            app.db.write(caller, put_off).await?;
            outcome = Err(error);
        }
    }
    outcome
}

fn lapse(tx: &mut Tx<'_>, id: Id<Claim>) -> Result<(), OrderError> {
    let (order, part, claim) = lock(tx, id)?;
    match claim.status.lapses().filter(|_| claim.due_at.is_some_and(|due| due <= tx.now())) {
        Some((next, _)) => {
            claims::set_status(tx, id, next, None)?;
            note(tx, &order, &part, (id, next), (None, None))
        }
        None => Ok(()),
    }
}

/// A claim, as it is once the order is locked that it is about.
fn lock(tx: &mut Tx<'_>, id: Id<Claim>) -> Result<(Order, OrderPart, Claim), OrderError> {
    let part = claims::find(tx.conn(), id)?.ok_or(OrderError::ClaimNotFound)?.part_id;
    let (order, part) = lock_part(tx, part)?.ok_or(OrderError::ClaimNotFound)?;
    let claim = claims::find(tx.conn(), id)?.ok_or(OrderError::ClaimNotFound)?;
    Ok((order, part, claim))
}

/// An amount of a part's, in minor units.
fn within(part: &OrderPart, order: &Order, amount: Option<Money>) -> Result<Option<i64>, OrderError> {
    match amount {
        Some(amount) if amount.currency != order.currency => Err(OrderError::RefundCurrency),
        Some(amount) if !(0..=part.owed()).contains(&amount.minor) => Err(OrderError::RefundAmount),
        Some(amount) => Ok(Some(amount.minor)),
        None => Ok(None),
    }
}

fn allow(claim: &Claim, status: ClaimStatus) -> Result<(), OrderError> {
    if claim.status.next().contains(&status) { Ok(()) } else { Err(OrderError::NotFromHere) }
}

/// Moves a claim on, with money that goes back for it, or none, and tells of both.
fn give(
    tx: &mut Tx<'_>,
    side: Side,
    (order, part): (&Order, &OrderPart),
    (claim, (status, decision)): (&Claim, (ClaimStatus, Option<ClaimDecision>)),
    (amount, reason, actor): (i64, Option<&str>, Option<Id<User>>),
) -> Result<(), OrderError> {
    allow(claim, status)?;
    // Counted as what goes back for it as long as it is open.
    let granted = match amount {
        0 => None,
        amount => Some(refunds::grant_by(tx, side, order, (part, amount), reason)?),
    };
    claims::set_status(tx, claim.id, status, decision)?;
    note(tx, order, part, (claim.id, status), (reason, actor))?;
    if let Some(granted) = granted {
        refunds::tell(tx, order, &granted, actor)?;
    }
    Ok(())
}

/// A step: tells everybody concerned how far a claim has come.
pub(super) fn note(
    tx: &mut Tx<'_>,
    order: &Order,
    part: &OrderPart,
    (id, status): (Id<Claim>, ClaimStatus),
    (reason, actor): (Option<&str>, Option<Id<User>>),
) -> Result<(), OrderError> {
    let version = queries::set_changed(tx, order.id)?;
    let happened = Happened::all(status.step());
    let happened = Happened { part: Some(part), about: Some(id.uuid()), reason, actor, ..happened };
    let step = note_step(tx, order, version, &happened)?;
    if status == ClaimStatus::Escalated {
        tell_staff(tx, step)?;
    }
    match status {
        ClaimStatus::Open => tell_shop(tx, part, step)?,
        ClaimStatus::Answered => tell_buyer(tx, order, step)?,
        ClaimStatus::Closed if actor.is_some() && actor == order.buyer_id => tell_shop(tx, part, step)?,
        ClaimStatus::Escalated | ClaimStatus::Decided | ClaimStatus::Closed => {
            tell_buyer(tx, order, step)?;
            tell_shop(tx, part, step)?;
        }
    }
    Ok(())
}

/// A page of the claims about a shop, newest first. The face has a desk, so the caller is a member; the role decides.
pub async fn claims_about(
    app: &App,
    desk: &Desk,
    status: Option<ClaimStatus>,
    page: Page<Position>,
) -> Result<Option<Slice<FullClaim>>, Failure> {
    if !desk.role.may(Permission::SeeOrders) {
        return Ok(None);
    }
    let of = ClaimsOf { shop: Some(desk.shop.id), status };
    app.db.read(move |conn| claims::list(conn, of, &page)).await.map(Some)
}

/// How many claims there are about a shop, counted to `limit`.
pub async fn count_claims_about(
    app: &App,
    desk: &Desk,
    status: Option<ClaimStatus>,
    limit: i64,
) -> Result<i64, Failure> {
    let of = ClaimsOf { shop: Some(desk.shop.id), status };
    app.db.read_long(move |conn| claims::count(conn, of, limit)).await
}

/// A page of the market's claims that have come so far, newest first. For faces that only staff reach.
pub async fn claims_in(app: &App, status: ClaimStatus, page: Page<Position>) -> Result<Slice<FullClaim>, Failure> {
    let of = ClaimsOf { shop: None, status: Some(status) };
    app.db.read(move |conn| claims::list(conn, of, &page)).await
}

/// How many of the market's claims have come so far, counted to `limit`.
pub async fn count_claims_in(app: &App, status: ClaimStatus, limit: i64) -> Result<i64, Failure> {
    let of = ClaimsOf { shop: None, status: Some(status) };
    app.db.read_long(move |conn| claims::count(conn, of, limit)).await
}
