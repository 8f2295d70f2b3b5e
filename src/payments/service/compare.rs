//! What the provider says it has taken, held against what is booked.

use std::collections::HashMap;

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::provider::{self, NoAnswer, TIMEOUT};
use crate::{
    kernel::{error::Failure, money::Money},
    payments::{model::PaymentIntent, queries},
    platform::{
        app::App,
        checks::{Difference, Finding, Remedy},
        clock::Time,
    },
};

/// Payments that are looked at at the most, and about how many a provider is asked at once.
const LOOKED_AT: i64 = 500;
const AT_ONCE: usize = 8;
/// For how long a payment may be under way until what was taken is booked. Whoever asks for it has heard of it by then.
const UNDER_WAY: TimeDelta = TimeDelta::hours(1);

/// What a provider says of payments, held against the ledger.
#[derive(Debug)]
pub struct Comparison {
    pub finding: Finding,
    /// Payments about which it was asked.
    pub asked: usize,
    /// Of them, those about which it gave no answer.
    pub unanswered: usize,
    /// Since when these are: later than was wanted if there are too many.
    pub since: Time,
}

/// Asks the provider what it has taken for its payments of the last days, and holds that against what is booked. None if the market
/// takes no payments. Outside every transaction.
///
/// # Errors
/// If the database fails.
pub async fn compare(app: &App, days: u16) -> Result<Option<Comparison>, Failure> {
    let Some(provider) = provider::of(app) else { return Ok(None) };
    let mut since = app.now() - TimeDelta::days(days.into());
    let mut intents = app.db.read_long(|conn| queries::newest(conn, LOOKED_AT)).await?;
    if let Some(oldest) = intents.last().filter(|_| i64::try_from(intents.len()) == Ok(LOOKED_AT)) {
        since = since.max(oldest.created_at);
    }
    intents.retain(|intent| intent.created_at >= since && intent.provider == provider.name());

    let before = booked(app, &intents).await?;
    let answers: Vec<_> = stream::iter(&intents).map(|intent| taken(app, intent)).buffered(AT_ONCE).collect().await;
    // Money is booked after it was taken: what comes meanwhile is in order, too.
    let after = booked(app, &intents).await?;

    let (mut differences, mut unanswered) = (Vec::new(), 0);
    for (intent, answer) in intents.iter().zip(answers) {
        let Ok(taken) = answer else {
            unanswered += 1;
            continue;
        };
        let of = |booked: &HashMap<Uuid, i64>| booked.get(&intent.id.uuid()).copied().unwrap_or_default();
        let (before, after) = (of(&before), of(&after));
        let is_under_way = intent.status.is_live() && app.now() < intent.created_at + UNDER_WAY;
        let fits = before <= taken.minor && (taken.minor <= after || is_under_way);
        if !fits || taken.currency != intent.currency {
            let booked = Money::new(after, intent.currency);
            let (expected, found) = (taken.to_string(), booked.to_string());
            differences.push(Difference { thing: intent.id.to_string(), expected, found });
        }
    }
    let finding = Finding::of("what the provider has taken is what is booked", Remedy::People, differences);
    Ok(Some(Comparison { finding, asked: intents.len(), unanswered, since }))
}

async fn taken(app: &App, intent: &PaymentIntent) -> Result<Money, NoAnswer> {
    let provider = provider::of(app).filter(|provider| provider.name() == intent.provider).ok_or(NoAnswer)?;
    tokio::time::timeout(TIMEOUT, provider.taken(app, intent)).await.map_err(|_| NoAnswer)?
}

async fn booked(app: &App, intents: &[PaymentIntent]) -> Result<HashMap<Uuid, i64>, Failure> {
    let ids: Vec<Uuid> = intents.iter().map(|intent| intent.id.uuid()).collect();
    app.db.read_long(move |conn| queries::booked(conn, &ids)).await
}
