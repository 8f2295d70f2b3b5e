//! What the provider says it has sent to shops, held against the payouts that are written down.

use std::collections::HashMap;

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};

use crate::{
    kernel::{error::Failure, id::Id, money::Money},
    payments::{
        self,
        model::Sending,
        service::{
            Comparison,
            provider::{self, NoAnswer, Provider},
        },
    },
    payouts::{model::Payout, queries},
    platform::{
        app::App,
        checks::{Difference, Finding, Remedy},
        db::Conn,
    },
};

/// Payouts that are looked at at the most, and about how many a provider is asked at once.
const LOOKED_AT: i64 = 500;
const AT_ONCE: usize = 8;

/// Asks the provider what it has sent for the payouts of the last days, and where to, and holds that against what they say. None if the market
/// takes no payments. Outside every transaction.
///
/// # Errors
/// If the database fails.
pub async fn compare(app: &App, days: u16) -> Result<Option<Comparison>, Failure> {
    let Some(name) = provider::of(app).map(Provider::name) else { return Ok(None) };
    let mut since = app.now() - TimeDelta::days(days.into());
    let mut before = app.db.read_long(|conn| queries::newest_of_all(conn, LOOKED_AT)).await?;
    if let Some(oldest) = before.last().filter(|_| i64::try_from(before.len()) == Ok(LOOKED_AT)) {
        since = since.max(oldest.created_at);
    }
    before.retain(|payout| payout.created_at >= since && payout.provider == name);

    let answers: Vec<_> = stream::iter(&before).map(|payout| asked(app, payout)).buffered(AT_ONCE).collect().await;
    // What is sent, or comes back, meanwhile is in order, too.
    let ids: Vec<Id<Payout>> = before.iter().map(|payout| payout.id).collect();
    let after = app.db.read_long(move |conn: &mut Conn| queries::standing_of(conn, &ids)).await?;
    let after: HashMap<Id<Payout>, Payout> = after.into_iter().map(|payout| (payout.id, payout)).collect();

    let (mut differences, mut unanswered) = (Vec::new(), 0);
    for (payout, answer) in before.iter().zip(answers) {
        match answer {
            Err(NoAnswer) => unanswered += 1,
            Ok(Some(sendings)) => differences.extend(difference(payout, after.get(&payout.id), &sendings)),
            Ok(None) => {}
        }
    }
    let what = "what the provider has sent to shops is what was paid out";
    let finding = Finding::of(what, Remedy::People, differences);
    Ok(Some(Comparison { finding, asked: before.len(), unanswered, since }))
}

async fn asked(app: &App, payout: &Payout) -> Result<Option<Vec<Sending>>, NoAnswer> {
    payments::service::sendings(app, &payout.provider, &payout.last_asked()).await
}

/// Where what was sent is not what was paid out, as that stood before the provider was asked, and after.
fn difference(before: &Payout, after: Option<&Payout>, sendings: &[Sending]) -> Option<Difference> {
    let after = after.unwrap_or(before);
    let (least, most) = before.bounds();
    let (later_least, later_most) = after.bounds();
    let is_own =
        |sending: &Sending| sending.destination == before.destination && sending.amount.currency == before.currency;
    let sent: i64 = sendings.iter().map(|sending| sending.amount.minor).sum();
    let fits = (least.min(later_least)..=most.max(later_most)).contains(&sent);
    if fits && sendings.iter().all(is_own) {
        return None;
    }
    let to = |amount: Money, destination: &str| format!("{amount} to {destination}");
    let told: Vec<_> = sendings.iter().map(|sending| to(sending.amount, &sending.destination)).collect();
    let expected = if told.is_empty() { "nothing".to_owned() } else { told.join(", ") };
    let found = format!("{} {}", after.status, to(after.money(), &after.destination));
    Some(Difference { thing: before.id.to_string(), expected, found })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kernel::money::CurrencyCode, payouts::model::PayoutStatus};

    #[test]
    fn only_what_was_paid_out_was_sent_and_only_there() {
        let payout = |status, is_asked: bool| {
            let created_at = "2026-11-20T12:00:00Z".parse().unwrap();
            Payout {
                id: Id::from_uuid(uuid::Uuid::nil()),
                shop_id: Id::from_uuid(uuid::Uuid::nil()),
                amount: 900,
                currency: CurrencyCode::GBP,
                status,
                failure: None,
                attempt: 1,
                failures: 0,
                asked_at: is_asked.then_some(created_at),
                provider: "test".into(),
                destination: "own".into(),
                created_at,
            }
        };
        let (paid, failed) = (payout(PayoutStatus::Paid, true), payout(PayoutStatus::Failed, true));
        let (pending, waiting) = (payout(PayoutStatus::Pending, true), payout(PayoutStatus::Pending, false));
        let sent = |amount, to: &str| Sending { destination: to.into(), amount: Money::new(amount, CurrencyCode::GBP) };
        for (before, after, sendings, is_fine) in [
            (&paid, &paid, vec![sent(900, "own")], true),
            (&paid, &paid, vec![], false),
            (&paid, &paid, vec![sent(800, "own")], false),
            (&paid, &paid, vec![sent(900, "own"); 2], false),
            (&paid, &paid, vec![sent(900, "other")], false),
            (&failed, &failed, vec![], true),
            (&failed, &failed, vec![sent(900, "own")], false),
            (&pending, &pending, vec![], true),
            (&pending, &pending, vec![sent(900, "own")], true),
            (&waiting, &waiting, vec![], true),
            (&waiting, &waiting, vec![sent(900, "own")], false),
            // Sent, or come back, meanwhile.
            (&waiting, &paid, vec![sent(900, "own")], true),
            (&paid, &failed, vec![], true),
        ] {
            let found = difference(before, Some(after), &sendings);
            assert_eq!(found.is_none(), is_fine, "{before:?} {after:?} {sendings:?}");
        }
        let found = difference(&paid, None, &[]).unwrap();
        assert_eq!((found.expected.as_str(), found.found.as_str()), ("nothing", "PAID 9.00 GBP to own"));
    }
}
