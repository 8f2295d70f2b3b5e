//! Trying out cards: bounded before a provider is asked for money, by who pays, by line and by card. An attempt to pay is a guess at a card,
//! and counted as one. By payer and card it counts as wrong from its beginning, until it is known that the card was not declined: so of
//! many at once no more are carried out than one after the other. By line, and by what is wider than one, it counts once it is declined:
//! behind one there may be a stadium that pays at the same moment.

use std::{slice, time::Duration};

use chrono::TimeDelta;
use uuid::Uuid;

use super::provider;
use crate::{
    kernel::{error::Failure, id::Id},
    payments::{
        error::PaymentError,
        model::{OpenAttempt, PaymentIntent, PaymentStatus, Progress},
        queries::declines as queries,
    },
    platform::{
        app::App,
        caller::{Caller, Origin, network},
        db::{Conn, Tx},
    },
    users::{
        self,
        model::{GuessedAt, User},
    },
};

/// For how long it is waited for what a card is known by. Without that, an attempt counts by payer and line alone.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the keyed hashes are for by which attempts are counted.
const PURPOSE: &str = "declines";

/// Who tries to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payer {
    Person(Id<User>),
    /// Somebody without an account: all that is known of them is what they pay for.
    Guest {
        order: Uuid,
    },
}

/// What an attempt to pay is counted by, as keyed hashes; nothing where nobody pays.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// From its beginning on.
    begun: Vec<(GuessedAt, Vec<u8>)>,
    /// Once it is declined.
    line: Option<Vec<u8>>,
    crowd: Option<Vec<u8>>,
}

impl Counts {
    /// By what it is counted from its beginning on.
    fn keys(&self) -> Vec<Vec<u8>> {
        self.begun.iter().map(|(_, key)| key.clone()).collect()
    }

    /// By what it is counted once it is declined.
    fn of_places(&self) -> impl Iterator<Item = (GuessedAt, &Vec<u8>)> {
        let line = self.line.iter().map(|key| (GuessedAt::PayersLine, key));
        line.chain(self.crowd.iter().map(|key| (GuessedAt::PayersCrowd, key)))
    }
}

/// What an attempt of somebody to pay is counted by: themself (or, of a guest, the order), their line and what is wider, and the card behind a
/// method, if one is given, as far as its provider tells. Whoever has to wait anyway has no provider asked about anything. Outside every transaction.
///
/// # Errors
/// If the database fails.
pub async fn counts(app: &App, caller: &Caller, payer: Payer, method: Option<&str>) -> Result<Counts, Failure> {
    let key = |kind: &[u8], of: &[u8]| app.master.mac(PURPOSE, &[kind, of]).to_vec();
    let own = match payer {
        Payer::Person(person) => key(b"payer", person.uuid().as_bytes()),
        Payer::Guest { order } => key(b"order", order.as_bytes()),
    };
    let (line, crowd) = match caller.origin() {
        Origin::Line(line) => {
            let crowd = network(line).map(|network| key(b"network", network.to_string().as_bytes()));
            (Some(key(b"line", line.to_string().as_bytes())), crowd)
        }
        origin => (None, Some(key(b"machine", origin.to_string().as_bytes()))),
    };
    let mut counts = Counts { begun: vec![(GuessedAt::Payer, own)], line, crowd };
    let Some(method) = method else { return Ok(counts) };
    let (mut keys, now) = (counts.keys(), app.now());
    keys.extend(counts.of_places().map(|(_, key)| key.clone()));
    let waits = app.db.read(move |conn: &mut Conn| users::service::waits_until(conn, &keys, now)).await?;
    if waits.is_none()
        && let Some(card) = card(app, method).await
    {
        counts.begun.push((GuessedAt::Card, card));
    }
    Ok(counts)
}

/// What a card is counted by: the same whoever pays by it, however often it is handed over.
async fn card(app: &App, method: &str) -> Option<Vec<u8>> {
    let provider = provider::of(app).filter(|provider| provider.knows(method))?;
    let card = provider::within(PATIENCE, provider.card(app, method)).await.ok()??;
    Some(app.master.mac(PURPOSE, &[b"card", provider.name().as_bytes(), card.as_bytes()]).to_vec())
}

/// A step: counts an attempt that is about to begin.
///
/// # Errors
/// [`PaymentError::TooManyDeclines`] where so many were declined that this one has to wait: then it is not counted.
pub(super) fn count(tx: &mut Tx<'_>, counts: &Counts) -> Result<(), PaymentError> {
    if counts.begun.is_empty() {
        return Ok(());
    }
    let (now, mut waits) = (tx.now(), None);
    for (at, key) in counts.of_places() {
        let until = users::service::waits_until(tx.conn(), slice::from_ref(key), now)?;
        waits = waits.or(until.map(|until| (at, until)));
    }
    if waits.is_none() {
        waits = users::service::count_guess(tx, &counts.begun)?;
    }
    match waits {
        None => Ok(()),
        Some((by, retry_at)) => {
            tracing::warn!(?by, %retry_at, "cards may be tried out: an attempt to pay is refused after many that were declined");
            Err(PaymentError::TooManyDeclines { retry_at })
        }
    }
}

/// A step: keeps by what an attempt is counted that has begun.
pub(super) fn keep(tx: &mut Tx<'_>, intent: Id<PaymentIntent>, counts: &Counts) -> Result<(), Failure> {
    if counts.begun.is_empty() {
        return Ok(());
    }
    let begun_at = tx.now();
    let (line_key, crowd_key) = (counts.line.clone(), counts.crowd.clone());
    queries::insert(tx, &OpenAttempt { intent_id: intent, keys: counts.keys(), begun_at, line_key, crowd_key })
}

/// A step: hears what a provider says of an attempt that stood so until now. One that was declined stays counted, by its line and
/// what is wider from now on, too; one that was not is not counted any more, and changes nothing about others.
pub(super) fn hear(tx: &mut Tx<'_>, intent: &PaymentIntent, progress: &Progress) -> Result<(), Failure> {
    let is_declined = match progress {
        // Its buyer is about to do what it waits for, unless they have given it up.
        Progress::RequiresAction { .. } if intent.status != PaymentStatus::Cancelled => return Ok(()),
        Progress::Failed { reason } => reason.is_of_card(),
        // What takes days is no card.
        Progress::RequiresAction { .. }
        | Progress::Processing { .. }
        | Progress::Succeeded { .. }
        | Progress::Authorized { .. }
        | Progress::Captured { .. } => false,
    };
    match queries::close(tx, intent.id)? {
        Some(OpenAttempt { keys, begun_at, .. }) if !is_declined => users::service::give_back_guess(tx, keys, begun_at),
        Some(OpenAttempt { line_key, crowd_key, .. }) => {
            let line = line_key.map(|key| (GuessedAt::PayersLine, key));
            let crowd = crowd_key.map(|key| (GuessedAt::PayersCrowd, key));
            // Each for itself: of one that has to wait already no more is counted, and the other is to be counted all the same.
            for counted in line.into_iter().chain(crowd) {
                users::service::count_guess(tx, &[counted])?;
            }
            Ok(())
        }
        None => Ok(()),
    }
}

/// Forgets by what attempts are counted of which nobody heard the end.
///
/// # Errors
/// If the database fails.
pub async fn forget_open_attempts(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - TimeDelta::days(OpenAttempt::KEPT_DAYS);
        queries::delete_old(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
