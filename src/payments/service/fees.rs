//! What providers keep for their work. It is the market's cost, whoever sold what was paid, and does not come back with what goes back.

use super::{
    Movement,
    provider::{NoAnswer, TIMEOUT, named, within},
    transfer,
};
use crate::{
    kernel::{error::Failure, id::Id, money::Money},
    payments::{
        model::{AccountKind, AskAboutFee, Dispute, Fee, PaymentIntent, PaymentStatus, ProviderFee, TransferCause},
        queries::{
            self,
            fees::{self, NewFee},
        },
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        jobs::{Afterwards, JobError},
    },
};

/// A step: writes down what the provider keeps of a locked payment, or for a dispute of it, each once. Returns what has to be booked for what
/// was new.
pub(super) fn note(
    tx: &mut Tx<'_>,
    intent: &PaymentIntent,
    dispute: Option<Id<Dispute>>,
    told: &[Fee],
) -> Result<Vec<Movement>, Failure> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = Vec::with_capacity(told.len());
    for fee in told {
        rows.push(NewFee {
            id: tx.new_uuid(),
            intent_id: intent.id,
            dispute_id: dispute,
            provider: &intent.provider,
            reference: &fee.reference,
            amount: fee.amount.minor,
            currency: fee.amount.currency,
            created_at: tx.now(),
        });
    }
    Ok(fees::insert(tx, &rows)?.iter().filter_map(movement).collect())
}

/// What is booked of a fee; of nothing, nothing.
fn movement(fee: &ProviderFee) -> Option<Movement> {
    let (market, provider) = ((AccountKind::ProviderFees, None), (AccountKind::Provider, None));
    let (debit, credit) = if fee.amount > 0 { (market, provider) } else { (provider, market) };
    let amount = Money::new(fee.amount.checked_abs()?, fee.currency);
    (fee.amount != 0).then_some(Movement { debit, credit, amount, cause: TransferCause::ProviderFee, cause_id: fee.id })
}

/// A step: writes transfers that need not be of one currency: a provider may settle in another one than was paid in.
pub(super) fn book(tx: &mut Tx<'_>, movements: &[Movement]) -> Result<(), Failure> {
    for of_one in movements.chunk_by(|one, next| one.amount.currency == next.amount.currency) {
        transfer(tx, of_one)?;
    }
    Ok(())
}

/// A step: has the provider be asked what it keeps of a payment, once this is over.
pub(super) fn ask_later(tx: &mut Tx<'_>, payment: Id<PaymentIntent>) -> Result<(), Failure> {
    let job = AskAboutFee { payment };
    tx.enqueue_at(&job, tx.now(), Some(&job.key()))
}

/// Asks the provider what it keeps of a payment that has brought money, and books that. If it does not say so yet, it is asked again.
///
/// # Errors
/// If it does not answer, or the database fails.
pub async fn ask_about_fee(app: &App, caller: &Caller, job: AskAboutFee) -> Result<(), JobError> {
    let read = move |conn: &mut Conn| queries::by_id(conn, job.payment);
    let found = app.db.read(read).await?.filter(|intent| intent.status == PaymentStatus::Succeeded);
    let Some(intent) = found else { return Ok(()) };
    let told = fee(app, &intent).await?;
    let note_fee = move |tx: &mut Tx<'_>| -> Result<(), Failure> {
        let Some(intent) = queries::lock_intent(tx, job.payment)? else { return Ok(()) };
        if let Some(fee) = &told {
            let movements = note(tx, &intent, None, std::slice::from_ref(fee))?;
            return book(tx, &movements);
        }
        let now = tx.now();
        if now >= intent.created_at + AskAboutFee::UNTIL {
            tracing::error!(payment = %intent.id, "nobody knows what the provider keeps of a payment");
            return Ok(());
        }
        tx.enqueue_anew(&job, now + AskAboutFee::AGAIN, &job.key())
    };
    Ok(app.db.write(caller, note_fee).await?)
}

async fn fee(app: &App, intent: &PaymentIntent) -> Result<Option<Fee>, NoAnswer> {
    let provider = named(app, &intent.provider)?;
    within(TIMEOUT, provider.fee(app, intent)).await
}

/// A step: has a provider be asked on, for a while, that has not answered what it keeps of a payment.
///
/// # Errors
/// If the database fails.
pub fn keep_asking_about_fee(tx: &mut Tx<'_>, job: AskAboutFee) -> Result<Afterwards, Failure> {
    let now = tx.now();
    let intent = queries::by_id(tx.conn(), job.payment)?;
    let goes_on = intent.is_some_and(|intent| now < intent.created_at + AskAboutFee::UNTIL);
    Ok(if goes_on { Afterwards::Again(AskAboutFee::AGAIN) } else { Afterwards::Dead })
}
