//! What the test provider remembers: each act once, by its key. It is written in transactions of its own, as by an outside system, and
//! nothing of it follows from what is booked: so whatever is charged, given back or booked twice, or not at all, comes to light when the
//! two are held against each other.

use uuid::Uuid;

use super::{provider::NoAnswer, test_fees};
use crate::{
    kernel::{error::Failure, money::Money},
    payments::{
        model::{
            Act, ActKind, ActOutcome, Capture, Disbursement, DisputeMoney, DisputeStanding, DisputeStatus, Fee,
            PaymentIntent, Refund, ToldDispute,
        },
        queries::test_provider::{self as queries, NewAct},
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
    },
};

/// What it is to do, and whether it does that.
#[derive(Debug, Clone)]
pub struct Deed {
    key: String,
    kind: ActKind,
    payment: Option<Uuid>,
    destination: Option<String>,
    amount: Money,
    outcome: ActOutcome,
    standing: Option<DisputeStanding>,
    /// What it keeps for that.
    fee: Option<i64>,
}

impl Deed {
    fn of(intent: &PaymentIntent, kind: ActKind, key: String, minor: i64) -> Self {
        let (payment, amount) = (Some(intent.id.uuid()), Money::new(minor, intent.currency));
        Self { key, kind, payment, destination: None, amount, outcome: ActOutcome::Done, standing: None, fee: None }
    }

    /// A payment is taken once, or never.
    pub fn charge(intent: &PaymentIntent) -> Self {
        Self::of(intent, ActKind::Charge, charge_key(intent), intent.amount).taking_a_fee()
    }

    /// What was promised is taken once, or let go, whatever the key.
    pub(super) fn capture(intent: &PaymentIntent, wanted: &Capture) -> Self {
        let deed = Self::of(intent, ActKind::Capture, capture_key(intent), wanted.amount).taking_a_fee();
        if wanted.is_void() { deed.refused() } else { deed }
    }

    pub fn refund(intent: &PaymentIntent, refund: &Refund) -> Self {
        let key = format!("refund {} {}", refund.id.uuid(), refund.attempt);
        Self::of(intent, ActKind::Refund, key, refund.amount)
    }

    /// Of all attempts to send the same money one is sent at the most.
    pub(super) fn transfer(wanted: &Disbursement) -> Self {
        Self {
            key: transfer_key(wanted),
            kind: ActKind::Transfer,
            payment: None,
            destination: Some(wanted.destination.clone()),
            amount: wanted.amount,
            outcome: ActOutcome::Done,
            standing: None,
            fee: None,
        }
    }

    fn dispute(intent: &PaymentIntent, told: &ToldDispute) -> Self {
        let deed = Self::of(intent, ActKind::Dispute, dispute_key(&told.reference), told.amount.minor);
        let fee = told.fees.first().map(|fee| fee.amount.minor);
        Self { standing: Some(told.standing), fee, ..deed }
    }

    fn taking_a_fee(self) -> Self {
        Self { fee: Some(test_fees::of_payment(self.amount)), ..self }
    }

    /// It is not done, and never will be.
    #[must_use]
    pub(super) fn refused(self) -> Self {
        Self { outcome: ActOutcome::Refused, fee: None, ..self }
    }

    fn row(&self, tx: &Tx<'_>) -> NewAct<'_> {
        let (dispute_status, dispute_money) = match self.standing {
            Some(DisputeStanding { status, money }) => (Some(status), Some(money)),
            None => (None, None),
        };
        NewAct {
            key: &self.key,
            kind: self.kind,
            payment: self.payment,
            destination: self.destination.as_deref(),
            amount: self.amount.minor,
            currency: self.amount.currency,
            outcome: self.outcome,
            dispute_status,
            dispute_money,
            created_at: tx.now(),
            fee: self.fee,
        }
    }
}

pub(super) fn charge_key(intent: &PaymentIntent) -> String {
    format!("charge {}", intent.id.uuid())
}

pub(super) fn capture_key(intent: &PaymentIntent) -> String {
    format!("capture {}", intent.id.uuid())
}

pub(super) fn transfer_key(wanted: &Disbursement) -> String {
    format!("transfer {}", wanted.id)
}

pub(super) fn dispute_key(reference: &str) -> String {
    format!("dispute {reference}")
}

/// A step: does something, unless that was done, or refused, before. Returns what it came to then. In a transaction of others only where
/// nobody is asked, as when the demo market is made.
///
/// # Errors
/// If the database fails.
pub fn note(tx: &mut Tx<'_>, deed: &Deed) -> Result<Act, Failure> {
    let row = deed.row(tx);
    queries::once(tx, &row)
}

/// Does something, unless that was done, or refused, before. Returns what it came to then.
pub(super) async fn once(app: &App, deed: Deed) -> Result<Act, NoAnswer> {
    answered(app.db.write(&Caller::system(), move |tx| note(tx, &deed)).await)
}

/// What was done under a key.
pub(super) async fn by_key(app: &App, key: String) -> Result<Option<Act>, NoAnswer> {
    answered(app.db.read(move |conn: &mut Conn| queries::by_key(conn, &key)).await)
}

/// How much was moved for a payment by acts of some kinds.
pub(super) async fn moved(app: &App, intent: &PaymentIntent, kinds: &'static [ActKind]) -> Result<Money, NoAnswer> {
    let id = intent.id.uuid();
    let acts = answered(app.db.read_long(move |conn: &mut Conn| queries::about(conn, id)).await)?;
    let moved = acts.iter().filter(|act| kinds.contains(&act.kind) && act.outcome == ActOutcome::Done);
    Ok(Money::new(moved.map(|act| act.amount).sum(), intent.currency))
}

/// Notes how a dispute stands, unless it says nothing new.
pub(super) async fn note_dispute(app: &App, intent: &PaymentIntent, told: &ToldDispute) -> Result<(), NoAnswer> {
    let (deed, standing) = (Deed::dispute(intent, told), told.standing);
    let note = move |tx: &mut Tx<'_>| -> Result<(), Failure> {
        let before = queries::by_key(tx.conn(), &deed.key)?.and_then(|act| standing_of(&act));
        if before.is_some_and(|before| !standing.follows(before)) {
            return Ok(());
        }
        let row = deed.row(tx);
        queries::set_dispute(tx, &row)
    };
    answered(app.db.write(&Caller::system(), note).await)
}

/// The disputes of a payment, and how they stand.
pub(super) async fn disputes(app: &App, intent: &PaymentIntent) -> Result<Vec<(Act, DisputeStanding)>, NoAnswer> {
    let id = intent.id.uuid();
    let acts = answered(app.db.read(move |conn: &mut Conn| queries::about(conn, id)).await)?;
    Ok(acts.into_iter().filter_map(|act| standing_of(&act).map(|standing| (act, standing))).collect())
}

/// What it keeps of what it took by a charge; none if it took nothing, or did not remember that yet.
pub(super) async fn fee(app: &App, intent: &PaymentIntent) -> Result<Option<Fee>, NoAnswer> {
    let id = intent.id.uuid();
    let acts = answered(app.db.read(move |conn: &mut Conn| queries::about(conn, id)).await)?;
    let has_taken =
        |act: &&Act| matches!(act.kind, ActKind::Charge | ActKind::Capture) && act.outcome == ActOutcome::Done;
    Ok(acts.iter().find(has_taken).and_then(Act::fee))
}

fn standing_of(act: &Act) -> Option<DisputeStanding> {
    let (status, money): (Option<DisputeStatus>, Option<DisputeMoney>) = (act.dispute_status, act.dispute_money);
    Some(DisputeStanding { status: status?, money: money? })
}

fn answered<T>(result: Result<T, Failure>) -> Result<T, NoAnswer> {
    result.map_err(|error| {
        tracing::warn!(%error, "the test provider did not answer");
        NoAnswer
    })
}
