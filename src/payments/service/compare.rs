//! What the provider says it has taken, and given back, held against what is booked.

pub mod disputes;

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::provider::{self, NoAnswer, TIMEOUT, named, within};
use crate::{
    kernel::{error::Failure, money::Money},
    payments::{
        model::PaymentIntent,
        queries::{self, refunds::GivenBack},
    },
    platform::{
        app::App,
        checks::{Difference, Finding, Remedy},
        clock::Time,
        db::Conn,
    },
};

/// Payments that are looked at at the most, and about how many a provider is asked at once.
const LOOKED_AT: i64 = 500;
const AT_ONCE: usize = 8;
/// For how long a payment may be under way until what was taken is booked. Whoever asks for it has heard of it by then.
const UNDER_WAY: TimeDelta = TimeDelta::hours(1);

/// What a provider says of payments, or of payouts, held against what is written down.
#[derive(Debug)]
pub struct Comparison {
    pub finding: Finding,
    /// Payments, or payouts, about which it was asked.
    pub asked: usize,
    /// Of them, those about which it gave no answer.
    pub unanswered: usize,
    /// Since when these are: later than was wanted if there are too many.
    pub since: Time,
}

/// Asks the provider what it has taken for its payments of the last days, and given back of them, and holds that against what is booked. None if the market
/// takes no payments. Outside every transaction.
///
/// # Errors
/// If the database fails.
pub async fn compare(app: &App, days: u16) -> Result<Option<Comparison>, Failure> {
    let Some(provider) = provider::of(app) else { return Ok(None) };
    let (intents, since) = newest(app, provider.name(), days).await?;
    let before = booked(app, &intents).await?;
    let answers: Vec<_> = stream::iter(&intents).map(|intent| asked(app, intent)).buffered(AT_ONCE).collect().await;
    let being_taken = being_taken(app, &intents).await?;
    // Money is booked after it was taken, or given back: what comes meanwhile is in order, too.
    let after = booked(app, &intents).await?;

    let (mut differences, mut unanswered) = (Vec::new(), 0);
    for (intent, answer) in intents.iter().zip(answers) {
        let Ok((taken, given)) = answer else {
            unanswered += 1;
            continue;
        };
        let (before, after) = (before.of(intent), after.of(intent));
        let is_begun = intent.status.is_live() && app.now() < intent.created_at + UNDER_WAY;
        let is_under_way = is_begun || being_taken.contains(&intent.id.uuid());
        let fits = before.taken <= taken.minor && (taken.minor <= after.taken || is_under_way);
        let booked = |minor| Money::new(minor, intent.currency).to_string();
        if !fits || taken.currency != intent.currency {
            let (expected, found) = (taken.to_string(), booked(after.taken));
            differences.push(Difference { thing: intent.id.to_string(), expected, found });
        }
        unanswered += usize::from(given.is_err());
        if let Ok(Some(given)) = given
            && !fits_between(given.minor, before.given, after.given)
        {
            let (expected, found) = (given.to_string(), booked(after.given.succeeded));
            differences.push(Difference { thing: format!("{} given back", intent.id), expected, found });
        }
    }
    let what = "what the provider has taken, and given back, is what is booked";
    let finding = Finding::of(what, Remedy::People, differences);
    Ok(Some(Comparison { finding, asked: intents.len(), unanswered, since }))
}

/// The provider's payments of the last days, and since when these are.
async fn newest(app: &App, provider: &'static str, days: u16) -> Result<(Vec<PaymentIntent>, Time), Failure> {
    let mut since = app.now() - TimeDelta::days(days.into());
    let mut intents = app.db.read_long(|conn| queries::newest(conn, LOOKED_AT)).await?;
    if let Some(oldest) = intents.last().filter(|_| i64::try_from(intents.len()) == Ok(LOOKED_AT)) {
        since = since.max(oldest.created_at);
    }
    intents.retain(|intent| intent.created_at >= since && intent.provider == provider);
    Ok((intents, since))
}

/// Whether so much can have been given back between two moments: all that had succeeded, and perhaps what was under way. What succeeded
/// may have come back meanwhile.
fn fits_between(given: i64, before: GivenBack, after: GivenBack) -> bool {
    let least = before.succeeded.min(after.succeeded);
    let most = (before.succeeded + before.open).max(after.succeeded + after.open);
    (least..=most).contains(&given)
}

/// What the provider has taken by a payment, and given back of it if it tells. Of what brought nothing nothing goes back.
async fn asked(app: &App, intent: &PaymentIntent) -> Result<(Money, Result<Option<Money>, NoAnswer>), NoAnswer> {
    let provider = named(app, &intent.provider)?;
    let taken = within(TIMEOUT, provider.taken(app, intent)).await?;
    if taken.minor == 0 {
        return Ok((taken, Ok(None)));
    }
    Ok((taken, within(TIMEOUT, provider.given_back(app, intent)).await))
}

/// What is booked of payments.
struct Booked {
    taken: HashMap<Uuid, i64>,
    given: HashMap<Uuid, GivenBack>,
}

/// What is booked of one.
struct BookedOf {
    taken: i64,
    given: GivenBack,
}

impl Booked {
    fn of(&self, intent: &PaymentIntent) -> BookedOf {
        let id = intent.id.uuid();
        let taken = self.taken.get(&id).copied().unwrap_or_default();
        BookedOf { taken, given: self.given.get(&id).copied().unwrap_or_default() }
    }
}

/// Those of which what is authorised is being taken.
async fn being_taken(app: &App, intents: &[PaymentIntent]) -> Result<HashSet<Uuid>, Failure> {
    let ids: Vec<Uuid> = intents.iter().map(|intent| intent.id.uuid()).collect();
    let since = app.now() - UNDER_WAY;
    app.db.read_long(move |conn| queries::captures::under_way(conn, &ids, since)).await
}

async fn booked(app: &App, intents: &[PaymentIntent]) -> Result<Booked, Failure> {
    let ids: Vec<Uuid> = intents.iter().map(|intent| intent.id.uuid()).collect();
    let read = move |conn: &mut Conn| {
        Ok(Booked { taken: queries::booked(conn, &ids)?, given: queries::refunds::given_back(conn, &ids)? })
    };
    app.db.read_long(read).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way_may_have_gone_back_or_not() {
        let of = |succeeded, open| GivenBack { succeeded, open };
        for (given, before, after, fits) in [
            (0, of(0, 0), of(0, 0), true),
            (1, of(0, 0), of(0, 0), false),
            (300, of(300, 0), of(300, 0), true),
            (200, of(300, 0), of(300, 0), false),
            (300, of(200, 100), of(200, 100), true),
            (200, of(200, 100), of(300, 0), true),
            // Asked for meanwhile, or come back.
            (100, of(0, 0), of(0, 100), true),
            (0, of(100, 0), of(0, 0), true),
        ] {
            assert_eq!(fits_between(given, before, after), fits, "{given} {before:?} {after:?}");
        }
    }
}
