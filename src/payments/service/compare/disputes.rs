//! What the provider says that banks take back, held against what is known of that here.

use std::collections::HashMap;

use futures_util::{StreamExt, stream};

use super::{AT_ONCE, Comparison, UNDER_WAY, newest};
use crate::{
    kernel::{error::Failure, id::Id, money::Money},
    payments::{
        model::{Dispute, DisputeMoney, PaymentIntent, PaymentStatus, ToldDispute},
        queries::disputes as queries,
        service::{
            disputes,
            provider::{self, NoAnswer},
        },
    },
    platform::{
        app::App,
        checks::{Difference, Finding, Remedy},
        clock::Time,
        db::Conn,
    },
};

/// Asks the provider which disputes there are of its payments of the last days, and holds that against those that are known here, whose money is
/// what the ledger says. None if the market takes no payments. Outside every transaction.
///
/// # Errors
/// If the database fails.
pub async fn compare_disputes(app: &App, days: u16) -> Result<Option<Comparison>, Failure> {
    let Some(provider) = provider::of(app) else { return Ok(None) };
    let (mut intents, since) = newest(app, provider.name(), days).await?;
    // Of what brought nothing no bank takes anything back.
    intents.retain(|intent| intent.status == PaymentStatus::Succeeded);
    let before = known(app, &intents).await?;
    let answers: Vec<_> = stream::iter(&intents).map(|intent| asked(app, intent)).buffered(AT_ONCE).collect().await;
    // What is noted meanwhile is in order, too.
    let after = known(app, &intents).await?;
    let (mut differences, mut unanswered) = (Vec::new(), 0);
    for (intent, answer) in intents.iter().zip(answers) {
        let Ok(told) = answer else {
            unanswered += 1;
            continue;
        };
        let known = |at: &Known| at.get(&intent.id).cloned().unwrap_or_default();
        if !differing(&told, &known(&before), app.now()).is_empty() {
            differences.extend(differing(&told, &known(&after), app.now()));
        }
    }
    let what = "the disputes that the provider tells of are those that are known, and so is their money";
    let finding = Finding::of(what, Remedy::People, differences);
    Ok(Some(Comparison { finding, asked: intents.len(), unanswered, since }))
}

async fn asked(app: &App, intent: &PaymentIntent) -> Result<Vec<ToldDispute>, NoAnswer> {
    disputes(app, intent).await
}

/// The disputes that are known of some payments.
type Known = HashMap<Id<PaymentIntent>, Vec<Dispute>>;

async fn known(app: &App, intents: &[PaymentIntent]) -> Result<Known, Failure> {
    let ids: Vec<Id<PaymentIntent>> = intents.iter().map(|intent| intent.id).collect();
    let found = app.db.read_long(move |conn: &mut Conn| queries::of_intents(conn, &ids)).await?;
    let mut known = Known::new();
    for dispute in found {
        known.entry(dispute.intent_id).or_default().push(dispute);
    }
    Ok(known)
}

/// Where the disputes of a payment are not as the provider tells of them. Of one that has just begun it may tell in a moment.
fn differing(told: &[ToldDispute], known: &[Dispute], now: Time) -> Vec<Difference> {
    let is_known = |told: &ToldDispute| known.iter().any(|known| known.reference == told.reference);
    let has_just_begun = |told: &ToldDispute| told.since.is_some_and(|since| now < since + UNDER_WAY);
    let unknown = told.iter().filter(|told| !is_known(told) && !has_just_begun(told)).map(|told| Difference {
        thing: told.reference.clone(),
        expected: word(told.amount, told.standing.money),
        found: "no such dispute".into(),
    });
    let others = known.iter().filter_map(|known| {
        let told = told.iter().find(|told| told.reference == known.reference);
        told.is_none_or(|told| !fits(told, known)).then(|| Difference {
            thing: known.id.to_string(),
            expected: told.map_or_else(|| "no such dispute".into(), |told| word(told.amount, told.standing.money)),
            found: word(known.amount(), known.money),
        })
    });
    unknown.chain(others).collect()
}

/// Whether a dispute is as the provider tells of it, or will be: it is asked again about what is not over.
fn fits(told: &ToldDispute, known: &Dispute) -> bool {
    let is_same =
        told.standing.money == known.money && (known.money == DisputeMoney::Untouched || told.amount == known.amount());
    is_same || known.is_watched() && told.standing.follows(known.standing())
}

fn word(amount: Money, money: DisputeMoney) -> String {
    match money {
        DisputeMoney::Untouched => "nothing taken".into(),
        DisputeMoney::Taken => format!("{amount} taken"),
        DisputeMoney::Returned => format!("{amount} taken and given again"),
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;
    use crate::{
        kernel::money::CurrencyCode,
        payments::model::{DisputeStanding, DisputeStatus},
    };

    #[test]
    fn what_is_behind_is_told_unless_it_is_about_to_be_asked_for() {
        use DisputeMoney::{Returned, Taken, Untouched};
        use DisputeStatus::{Lost, NeedsResponse, Won};
        let now: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let told = |minor, status, money| ToldDispute {
            reference: "dp_1".into(),
            amount: Money::new(minor, CurrencyCode::GBP),
            reason: None,
            standing: DisputeStanding { status, money },
            due_by: None,
            since: Some(now - UNDER_WAY),
            fees: Vec::new(),
        };
        let known = |status, money| Dispute {
            id: Id::from_uuid(uuid::Uuid::from_u128(1)),
            intent_id: Id::from_uuid(uuid::Uuid::from_u128(2)),
            order_id: uuid::Uuid::from_u128(3),
            reference: "dp_1".into(),
            amount: 500,
            currency: CurrencyCode::GBP,
            reason: None,
            status,
            money,
            due_by: None,
            created_at: now,
        };
        for (told, known, count) in [
            (told(500, Lost, Taken), known(Lost, Taken), 0),
            (told(400, Lost, Taken), known(Lost, Taken), 1),
            (told(400, NeedsResponse, Untouched), known(NeedsResponse, Untouched), 0),
            (told(500, NeedsResponse, Taken), known(NeedsResponse, Untouched), 0),
            (told(500, Won, Returned), known(Won, Taken), 0),
            (told(500, Won, Returned), known(Lost, Taken), 1),
            // It cannot have been taken.
            (told(500, NeedsResponse, Untouched), known(NeedsResponse, Taken), 1),
        ] {
            assert_eq!(differing(from_ref(&told), from_ref(&known), now).len(), count, "{told:?} {known:?}");
        }
        assert_eq!(differing(&[], &[known(Lost, Taken)], now).len(), 1);
        let unknown = told(500, Lost, Taken);
        assert_eq!(
            differing(from_ref(&unknown), &[], now)[0].to_string(),
            "dp_1: expected 5.00 GBP taken, found no such dispute"
        );
        assert!(differing(&[unknown], &[], now - chrono::TimeDelta::seconds(1)).is_empty());
    }
}
