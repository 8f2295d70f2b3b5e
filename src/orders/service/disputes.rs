//! What banks of buyers take back of payments: it is taken from the shops that have it, and theirs again if the market is right.

use super::{Happened, SettleError, books, emit_to, emit_to_all, tell_each_shop, tell_staff, write_step};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{Money, MoneyError},
    },
    messages::model::OrderStep,
    orders::{
        error::OrderError,
        model::{Order, OrderPart},
        queries::{
            self,
            additions::{self, PaidAddition},
        },
    },
    payments::{
        self,
        model::{AccountKind, AskAboutDisputes, Dispute, PaymentIntent, PaymentStatus, ToldDispute, TransferCause},
        service::{Heard, Movement},
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        jobs::Planned,
    },
};

/// Disputes that are looked at in one statement.
const BATCH: i64 = 500;

/// Has the provider asked about each dispute that is not over, in case nobody has told of it.
///
/// # Errors
/// If the database fails; what was begun before stays so.
pub async fn look_at_disputes(app: &App, caller: &Caller) -> Result<(), Failure> {
    let mut after: Option<Id<Dispute>> = None;
    loop {
        let read = move |conn: &mut Conn| payments::service::watched_disputes(conn, after, BATCH);
        let found = app.db.read(read).await?;
        let Some((last, _)) = found.last() else { return Ok(()) };
        after = Some(*last);
        let enqueue = move |tx: &mut Tx<'_>| {
            let run_at = tx.now();
            let jobs = found.iter().map(|&(_, payment)| AskAboutDisputes { payment });
            let planned = jobs.map(|body| Planned { unique_key: Some(body.key()), body, run_at });
            tx.enqueue_planned(&planned.collect::<Vec<_>>())
        };
        app.db.write(caller, enqueue).await?;
    }
}

/// Asks the provider about the disputes of a payment that has brought money, and takes note of what it says.
pub async fn ask_about_disputes(app: &App, caller: &Caller, payment: Id<PaymentIntent>) -> Result<(), SettleError> {
    let read = move |conn: &mut Conn| payments::service::by_id(conn, payment);
    let found = app.db.read(read).await.map_err(OrderError::from)?;
    let Some(intent) = found.filter(|intent| intent.status == PaymentStatus::Succeeded) else { return Ok(()) };
    let told = payments::service::disputes(app, &intent).await?;
    Ok(settle_disputes(app, caller, payment, told).await?)
}

/// Takes note of a provider's word about the disputes of a payment, whoever brings it and however often.
pub async fn settle_disputes(
    app: &App,
    caller: &Caller,
    payment: Id<PaymentIntent>,
    told: Vec<ToldDispute>,
) -> Result<(), OrderError> {
    for told in told {
        app.db.write(caller, move |tx| note_dispute(tx, payment, &told)).await?;
    }
    Ok(())
}

fn note_dispute(tx: &mut Tx<'_>, payment: Id<PaymentIntent>, told: &ToldDispute) -> Result<(), OrderError> {
    let Some(intent) = payments::service::by_id(tx.conn(), payment)? else { return Ok(()) };
    let Some(order) = queries::lock_order(tx, Id::from_uuid(intent.order_id))? else { return Ok(()) };
    let Some(heard) = payments::service::note_dispute(tx, payment, told)? else { return Ok(()) };
    if heard.has_taken() {
        take(tx, (&order, &intent), &heard)?;
    } else if heard.has_returned() {
        give_again(tx, &order, &heard.dispute)?;
    }
    tell(tx, &order, &heard)
}

/// Takes what the provider has taken from the shops that have it, by what they have of it: of what was added after the order was paid, those
/// that sold that. What none has is the market's loss: what was given back before, or was passed on to nobody.
fn take(tx: &mut Tx<'_>, (order, intent): (&Order, &PaymentIntent), heard: &Heard) -> Result<(), OrderError> {
    let dispute = &heard.dispute;
    let parts = queries::parts_of(tx.conn(), order.id)?;
    let kept: Vec<i64> = parts.iter().map(OrderPart::kept).collect();
    let of_shops = if books::is_passed_on(tx, order)? { heard.of_payment.min(kept.iter().sum()) } else { 0 };
    let mut movements = Vec::new();
    if of_shops > 0 {
        let added = additions::paid_for(tx.conn(), order.id)?;
        let brought: Vec<i64> = parts.iter().map(|part| left_of(intent.id, part, &added)).collect();
        let step = payments::service::provider::step(intent);
        let shares = shared(Money::new(of_shops, order.currency), (&brought, &kept), step)?;
        for (part, share) in parts.iter().zip(shares) {
            if share > 0 {
                queries::refunds::add_disputed(tx, part.id, share)?;
                let sums = (part.kept(), part.kept() - share);
                movements.extend(books::of_dispute(order, part, sums, dispute.id));
            }
        }
    }
    let rest = dispute.amount - of_shops.max(0);
    if rest > 0 {
        tracing::warn!(dispute = %dispute.id, rest, "a bank takes back what no shop has: it is the market's loss");
        movements.push(of_market(dispute, rest, TransferCause::Dispute));
    }
    Ok(payments::service::transfer(tx, &movements)?)
}

/// How much of what is kept of a part a payment has brought: that of what was added and paid by it, or of all that was not added later.
fn left_of(payment: Id<PaymentIntent>, part: &OrderPart, added: &[PaidAddition]) -> i64 {
    let is_own = |added: &PaidAddition| added.intent_id == Some(payment);
    let of_part = added.iter().filter(|added| added.part_id == part.id);
    if added.iter().any(is_own) {
        of_part.filter(|added| is_own(added)).map(|added| added.amount).sum::<i64>().min(part.kept())
    } else {
        (part.kept() - of_part.map(|added| added.kept).sum::<i64>()).max(0)
    }
}

/// How much of an amount is taken of each part: by what its payment has brought there, and what is more by the rest of what is kept. Of none more
/// than is kept.
fn shared(amount: Money, (brought, kept): (&[i64], &[i64]), step: i64) -> Result<Vec<i64>, MoneyError> {
    // What is left of each may have to go back by itself.
    let is_even = brought.iter().chain(kept).chain([&amount.minor]).all(|amount| amount % step == 0);
    let step = if is_even { step } else { 1 };
    let mut shares: Vec<i64> = vec![0; kept.len()];
    for of_parts in [brought, kept] {
        let left: Vec<i64> = of_parts.iter().zip(&shares).map(|(of_part, share)| of_part - share).collect();
        let rest = amount.minor - shares.iter().sum::<i64>();
        let rest = rest.min(left.iter().sum::<i64>());
        if rest > 0 {
            let more = Money::new(rest / step, amount.currency).allocate(&left)?;
            for (share, more) in shares.iter_mut().zip(more) {
                *share += more.minor * step;
            }
        }
    }
    Ok(shares)
}

/// Gives what the provider has given again to those from whom it was taken.
fn give_again(tx: &mut Tx<'_>, order: &Order, dispute: &Dispute) -> Result<(), OrderError> {
    let parts = queries::parts_of(tx.conn(), order.id)?;
    let mut movements = Vec::new();
    for taken in payments::service::taken_from(tx.conn(), dispute.id)? {
        let is_from =
            |part: &&OrderPart| taken.kind == AccountKind::Shop && taken.owner_id == Some(part.shop_id.uuid());
        match parts.iter().find(is_from) {
            Some(part) => {
                queries::refunds::add_disputed(tx, part.id, -taken.amount)?;
                let sums = (part.kept(), part.kept() + taken.amount);
                movements.extend(books::of_dispute(order, part, sums, dispute.id));
            }
            None => movements.push(of_market(dispute, taken.amount, TransferCause::DisputeReturned)),
        }
    }
    Ok(payments::service::transfer(tx, &movements)?)
}

/// What the market itself loses by a dispute, or gets again.
fn of_market(dispute: &Dispute, minor: i64, cause: TransferCause) -> Movement {
    let (market, provider) = ((AccountKind::Fees, None), (AccountKind::Provider, None));
    let is_taken = cause == TransferCause::Dispute;
    let (debit, credit) = if is_taken { (market, provider) } else { (provider, market) };
    Movement { debit, credit, amount: Money::new(minor, dispute.currency), cause, cause_id: dispute.id.uuid() }
}

/// Tells the shops, and whoever looks at the order, that a dispute has begun or is over. Of one that is over when it is first heard of, the
/// timelines say both, and people are told of its end alone.
fn tell(tx: &mut Tx<'_>, order: &Order, heard: &Heard) -> Result<(), OrderError> {
    let version = queries::set_changed(tx, order.id)?;
    let steps: &[OrderStep] = match (heard.is_opened(), heard.is_closed()) {
        (true, _) => &[OrderStep::DisputeOpened],
        (false, true) if heard.before.is_none() => &[OrderStep::DisputeOpened, OrderStep::DisputeClosed],
        (false, true) => &[OrderStep::DisputeClosed],
        (false, false) => return Ok(emit_to_all(tx, order, version)?),
    };
    let about = Some(heard.dispute.id.uuid());
    let parts = queries::parts_of(tx.conn(), order.id)?;
    let mut told = Vec::with_capacity(parts.len());
    for (number, &step) in steps.iter().enumerate() {
        let is_last = number + 1 == steps.len();
        for part in &parts {
            let noted = write_step(tx, order, &parts, &Happened { part: Some(part), about, ..Happened::all(step) })?;
            if !is_last {
                continue;
            }
            // However many shops it is about, it is one.
            if told.is_empty() && step == OrderStep::DisputeOpened {
                tell_staff(tx, noted)?;
            }
            told.push((part.shop_id, noted));
        }
    }
    tell_each_shop(tx, &told)?;
    Ok(emit_to(tx, order, version, &parts)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::money::CurrencyCode;

    #[test]
    fn who_sold_what_a_payment_was_for_loses_it() {
        let shares = |amount, brought: &[i64], kept: &[i64], step| {
            shared(Money::new(amount, CurrencyCode::GBP), (brought, kept), step).unwrap()
        };
        assert_eq!(shares(2_000, &[0, 2_000], &[10_000, 12_000], 1), [0, 2_000]);
        assert_eq!(shares(20_000, &[10_000, 10_000], &[10_000, 12_000], 1), [10_000, 10_000]);
        // What is more than that is borne by all that is left.
        assert_eq!(shares(600, &[0, 200], &[300, 300], 1), [300, 300]);
        assert_eq!(shares(300, &[0, 200], &[300, 300], 100), [100, 200]);
        assert_eq!(shares(400, &[0, 0], &[300, 100], 1), [300, 100]);
    }

    proptest! {
        #[test]
        fn all_is_taken_and_of_nobody_more_than_is_kept(
            parts in prop::collection::vec((0_i64..1_000_000, 0_i64..=100), 1..6), of in 0_i64..=100,
            step in prop_oneof![Just(1_i64), Just(10)],
        ) {
            let kept: Vec<i64> = parts.iter().map(|(kept, _)| kept * 10).collect();
            let brought: Vec<i64> = parts.iter().map(|(kept, own)| kept * own / 100 * 10).collect();
            let (whole, own): (i64, i64) = (kept.iter().sum(), brought.iter().sum());
            let amount = whole / 10 * of / 100 * 10;
            let shares = shared(Money::new(amount, CurrencyCode::GBP), (&brought, &kept), step).unwrap();
            prop_assert_eq!(shares.iter().sum::<i64>(), amount);
            for ((share, brought), kept) in shares.iter().zip(&brought).zip(&kept) {
                prop_assert!((0..=*kept).contains(share) && share % step == 0);
                let is_in_turn = if amount <= own { share <= brought } else { share >= brought };
                prop_assert!(is_in_turn);
            }
        }
    }
}
