//! What banks of buyers take back, by the provider's word. Whose cost it is knows the domain that knows what was paid.

use uuid::Uuid;

use super::{
    fees,
    provider::{NoAnswer, TIMEOUT, named, within},
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    payments::{
        model::{Dispute, DisputeMoney, DisputeStanding, DisputeStatus, PaymentIntent, ToldDispute},
        queries::{
            self,
            disputes::{self, DisputeChange, DisputeOf, NewDispute, TakenFrom},
        },
    },
    platform::{
        app::App,
        clock::Time,
        db::{Conn, Tx},
    },
};

/// Asks the provider what the buyer's bank takes back of a payment, or wants to. Outside every transaction.
///
/// # Errors
/// [`NoAnswer`]: ask again.
pub async fn disputes(app: &App, intent: &PaymentIntent) -> Result<Vec<ToldDispute>, NoAnswer> {
    let provider = named(app, &intent.provider)?;
    within(TIMEOUT, provider.disputes(app, intent)).await
}

/// What is new about a dispute.
#[derive(Debug, Clone)]
pub struct Heard {
    pub dispute: Dispute,
    /// How it stood before; none if nothing was known of it.
    pub before: Option<DisputeStanding>,
    /// What of its payment is taken back by this, that had not gone back before. Below zero if it is given again.
    pub of_payment: i64,
}

impl Heard {
    fn was_taken(&self) -> bool {
        self.before.is_some_and(|before| before.money == DisputeMoney::Taken)
    }

    /// Whether the provider has taken the money by now, and had not before.
    pub fn has_taken(&self) -> bool {
        self.dispute.money == DisputeMoney::Taken && !self.was_taken()
    }

    /// Whether the provider has given again what it had taken.
    pub fn has_returned(&self) -> bool {
        self.dispute.money == DisputeMoney::Returned && self.was_taken()
    }

    /// Whether it has begun by now, perhaps once more.
    pub fn is_opened(&self) -> bool {
        self.dispute.status.is_open() && self.before.is_none_or(|before| !before.status.is_open())
    }

    /// Whether it has been decided by now.
    pub fn is_closed(&self) -> bool {
        !self.dispute.status.is_open() && self.before.is_none_or(|before| before.status.is_open())
    }
}

/// A step: takes note of a provider's word about a dispute. The caller holds the order's lock. None if it says nothing new.
///
/// # Errors
/// If the database fails.
pub fn note_dispute(tx: &mut Tx<'_>, payment: Id<PaymentIntent>, told: &ToldDispute) -> Result<Option<Heard>, Failure> {
    let Some(intent) = queries::lock_intent(tx, payment)? else { return Ok(None) };
    if told.amount.currency != intent.currency || told.amount.minor <= 0 {
        tracing::error!(payment = %intent.id, amount = %told.amount, "a dispute is about an amount that cannot be booked");
        return Ok(None);
    }
    let found = disputes::by_reference(tx.conn(), &intent.provider, &told.reference)?;
    let DisputeStanding { status, money } = told.standing;
    let dispute = match &found {
        None => {
            let now = tx.now();
            let dispute = NewDispute {
                id: tx.new_id(),
                intent_id: intent.id,
                order_id: intent.order_id,
                provider: &intent.provider,
                reference: &told.reference,
                amount: told.amount.minor,
                currency: intent.currency,
                reason: told.reason.as_deref(),
                status,
                money,
                due_by: told.due_by,
                created_at: now,
                updated_at: now,
            };
            Some(disputes::insert(tx, &dispute)?)
        }
        Some(found) if found.intent_id == intent.id && told.standing.follows(found.standing()) => {
            // What was taken stays what it is.
            let is_open = found.money == DisputeMoney::Untouched;
            let amount = if is_open { told.amount.minor } else { found.amount };
            let change = DisputeChange { status, money, amount, due_by: told.due_by };
            Some(disputes::set_standing(tx, found.id, &change)?)
        }
        Some(_) => None,
    };
    // What is charged for it may be new where nothing else is.
    let known = dispute.as_ref().or(found.as_ref()).filter(|known| known.intent_id == intent.id);
    if let Some(known) = known {
        let charged = fees::note(tx, &intent, Some(known.id), &told.fees)?;
        fees::book(tx, &charged)?;
    }
    let Some(dispute) = dispute else { return Ok(None) };
    let disputed = disputes::reckon_disputed(tx, intent.id)?;
    let before = found.map(|found| found.standing());
    Ok(Some(Heard { dispute, before, of_payment: disputed - intent.disputed }))
}

/// Where the money is of an order's disputes that are not decided, or won before it was given again: with the bank, if it is of any of
/// them. None if there is no such dispute.
///
/// # Errors
/// If the database fails.
pub fn undecided(conn: &mut Conn, order: Uuid) -> Result<Option<DisputeMoney>, Failure> {
    Ok(disputes::undecided(conn, order)?.into_iter().max_by_key(|money| *money == DisputeMoney::Taken))
}

/// Until when a bank waits for an answer in a dispute; none if it waits for none.
///
/// # Errors
/// If the database fails.
pub fn answer_due(conn: &mut Conn, dispute: Id<Dispute>) -> Result<Option<Time>, Failure> {
    let found = disputes::by_ids(conn, &[dispute])?.pop();
    Ok(found.filter(|found| found.status == DisputeStatus::NeedsResponse).and_then(|found| found.due_by))
}

/// From whose accounts the money of a dispute was taken.
///
/// # Errors
/// If the database fails.
pub fn taken_from(conn: &mut Conn, dispute: Id<Dispute>) -> Result<Vec<TakenFrom>, Failure> {
    disputes::taken_from(conn, dispute)
}

/// Some of the disputes of which something is still to be heard, each with its payment, in the order of their ids.
///
/// # Errors
/// If the database fails.
pub fn watched_disputes(conn: &mut Conn, after: Option<Id<Dispute>>, limit: i64) -> Result<Vec<DisputeOf>, Failure> {
    disputes::watched(conn, after, limit)
}

/// A page of the market's disputes that have come so far, those first that wait for an answer soonest. The face has asked whether the caller sees
/// them.
///
/// # Errors
/// If the database fails.
pub async fn disputes_in(
    app: &App,
    status: DisputeStatus,
    page: Page<(Time, Uuid)>,
) -> Result<Slice<Dispute>, Failure> {
    app.db.read(move |conn| disputes::list(conn, status, &page)).await
}

/// How many of them there are, counted to `limit`.
///
/// # Errors
/// If the database fails.
pub async fn count_disputes_in(app: &App, status: DisputeStatus, limit: i64) -> Result<i64, Failure> {
    app.db.read_long(move |conn| disputes::count(conn, status, limit)).await
}
