//! What providers tell of their own accord: kept as it came, once, and looked into by a job. None of it is believed but that something
//! has happened: what has, the provider is asked. So it does not matter in which order events come, how often, or how late.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    stripe,
    test_provider::NAME as TEST,
    test_webhooks::{self, About},
};
use crate::{
    kernel::{error::Failure, id::Id},
    payments::{
        model::{
            KeptEvent, PaymentIntent, PaymentStatus, ProcessProviderEvent, ProcessShopEvent, ProviderEvent, Refund,
            RefundStatus, ShopNews,
        },
        queries::{
            self,
            events::{self, NewEvent},
            refunds,
        },
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        jobs::JobBody,
    },
};

/// An event that a provider has signed, about what may be ours.
pub struct Told {
    pub provider: &'static str,
    pub event: String,
    pub about: Subject,
    pub body: Vec<u8>,
}

/// What an event is about.
#[derive(Debug, Clone)]
pub enum Subject {
    Payment(Id<PaymentIntent>),
    /// A payment, by the provider's name of it: ours, if we know it so.
    Named(String),
    /// The money of shops.
    Shops,
}

/// What the bodies of events are sealed for.
const SEALED_FOR: &str = "provider-event";

/// As what an event's body is sealed.
fn sealed_as(provider: &str, event: &str) -> String {
    format!("{provider} {event}")
}

/// Keeps an event, and has it looked into. One that came before is looked into again unless that is done.
///
/// # Errors
/// If the database fails: then the provider is to tell it again.
pub async fn receive(app: &App, caller: &Caller, told: Told) -> Result<(), Failure> {
    let Told { provider, event, about, body } = told;
    let sealed_body = app.master.seal(&app.generator, SEALED_FOR, &sealed_as(provider, &event), &body)?;
    let receive = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        let intent = match &about {
            Subject::Payment(intent) => Some(*intent),
            Subject::Named(name) => match queries::by_reference(tx.conn(), provider, name)? {
                Some(intent) => Some(intent.id),
                // Of another market in the same account.
                None => return Ok(()),
            },
            Subject::Shops => None,
        };
        let row =
            NewEvent { provider, event_id: &event, intent_id: intent, sealed_body: &sealed_body, received_at: now };
        if events::receive(tx, &row)? {
            let job = ProcessProviderEvent { provider: provider.to_owned(), event: event.clone() };
            have_looked_into(tx, job, intent.is_some())?;
        }
        Ok(())
    };
    app.db.write(caller, receive).await
}

/// A step: has an event be looked into, by whom it concerns.
fn have_looked_into(tx: &mut Tx<'_>, job: ProcessProviderEvent, is_about_payment: bool) -> Result<(), Failure> {
    let now = tx.now();
    let unique = |kind: &str| format!("{kind} {} {}", job.provider, job.event);
    if is_about_payment {
        tx.enqueue_anew(&job, now, &unique(ProcessProviderEvent::KIND))
    } else {
        let unique = unique(ProcessShopEvent::KIND);
        tx.enqueue_anew(&ProcessShopEvent { told: job }, now, &unique)
    }
}

/// The newest events that are kept, the newest first; only those that were not looked into, if that is wanted.
///
/// # Errors
/// If the database fails.
pub async fn kept_events(app: &App, is_unprocessed: bool, limit: i64) -> Result<Vec<KeptEvent>, Failure> {
    app.db.read_long(move |conn: &mut Conn| events::newest(conn, is_unprocessed, limit)).await
}

/// Has an event be looked into once more, though that was done. The provider is asked again, and what it says is taken note of as ever: what
/// is booked is booked no second time. False if none of that id is kept.
///
/// # Errors
/// If the database fails.
pub async fn replay_event(app: &App, caller: &Caller, event: String) -> Result<bool, Failure> {
    let replay = move |tx: &mut Tx<'_>| -> Result<bool, Failure> {
        let found = events::reopen(tx, &event)?;
        let is_kept = !found.is_empty();
        for (provider, intent) in found {
            let job = ProcessProviderEvent { provider, event: event.clone() };
            have_looked_into(tx, job, intent.is_some())?;
        }
        Ok(is_kept)
    };
    app.db.write(caller, replay).await
}

/// What is to be asked for because of an event.
pub enum News {
    Payment(Box<PaymentIntent>),
    /// Those of one payment that are under way, or may have come back.
    Refunds(Vec<Refund>),
    /// What the bank of its buyer takes back of a payment, or wants to.
    Disputes(Box<PaymentIntent>),
}

/// Refunds of one payment that are looked at at the most.
const LOOKED_AT: i64 = 200;

/// What an event is about; none if it was looked into before, is forgotten, or is about nothing of ours.
///
/// # Errors
/// If the database fails, or the event was sealed under another master key.
pub async fn news(app: &App, job: &ProcessProviderEvent) -> Result<Option<News>, Failure> {
    let Some(body) = open(app, job).await? else { return Ok(None) };
    match job.provider.as_str() {
        stripe::NAME => stripe_news(app, &body).await,
        TEST => match test_webhooks::event(&body) {
            Some(event) => app.db.read(move |conn: &mut Conn| test_news(conn, &event)).await,
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

async fn stripe_news(app: &App, body: &[u8]) -> Result<Option<News>, Failure> {
    match stripe::about(body) {
        Some(stripe::About::Payment(of)) => {
            Ok(app.db.read(move |conn: &mut Conn| own(conn, &of)).await?.and_then(payment_news))
        }
        Some(stripe::About::Refund { of, failed }) => {
            let read = move |conn: &mut Conn| match own(conn, &of)? {
                Some(intent) => refund_news(conn, &intent, failed.as_deref()),
                None => Ok(None),
            };
            app.db.read(read).await
        }
        Some(stripe::About::Dispute { payment }) => {
            let read = move |conn: &mut Conn| queries::by_reference(conn, stripe::NAME, &payment);
            Ok(app.db.read(read).await?.map(|intent| News::Disputes(Box::new(intent))))
        }
        Some(stripe::About::Shops(_)) | None => Ok(None),
    }
}

/// What an event about the money of shops is about; none as for [`news`]. Whose it is has still to be looked up.
///
/// # Errors
/// If the database fails, or the event was sealed under another master key.
pub async fn shop_news(app: &App, job: &ProcessShopEvent) -> Result<Option<ShopNews>, Failure> {
    let body = open(app, &job.told).await?.filter(|_| job.told.provider == stripe::NAME);
    Ok(match body.and_then(|body| stripe::about(&body)) {
        Some(stripe::About::Shops(news)) => Some(news),
        _ => None,
    })
}

/// An event as it came, unless it was looked into before, or is forgotten.
async fn open(app: &App, job: &ProcessProviderEvent) -> Result<Option<Vec<u8>>, Failure> {
    let wanted = job.clone();
    let read = move |conn: &mut Conn| events::event(conn, &wanted.provider, &wanted.event);
    let found = app.db.read(read).await?.filter(|event| event.processed_at.is_none());
    let Some(ProviderEvent { sealed_body, .. }) = found else { return Ok(None) };
    app.master.open(SEALED_FOR, &sealed_as(&job.provider, &job.event), &sealed_body).map(Some)
}

/// The payment that an event names, if it is ours: whoever has access to the account may write any of our ids into what is theirs.
fn own(conn: &mut Conn, named: &stripe::Named) -> Result<Option<PaymentIntent>, Failure> {
    let is_own = |intent: &PaymentIntent| {
        intent.provider == stripe::NAME && intent.reference.as_deref() == Some(named.payment.as_str())
    };
    Ok(queries::by_id(conn, named.intent)?.filter(is_own))
}

/// The test provider has no account in which others could write.
fn test_news(conn: &mut Conn, event: &test_webhooks::Event) -> Result<Option<News>, Failure> {
    let Some(intent) = queries::by_id(conn, event.payment)?.filter(|intent| intent.provider == TEST) else {
        return Ok(None);
    };
    match event.about {
        About::Payment => Ok(payment_news(intent)),
        About::Refund => refund_news(conn, &intent, None),
        About::Dispute => Ok(Some(News::Disputes(Box::new(intent)))),
    }
}

fn payment_news(intent: PaymentIntent) -> Option<News> {
    (intent.status != PaymentStatus::Succeeded).then(|| News::Payment(Box::new(intent)))
}

/// The refunds of a payment that are under way, and the one that is said to have failed.
fn refund_news(conn: &mut Conn, intent: &PaymentIntent, failed: Option<&str>) -> Result<Option<News>, Failure> {
    let has_come_back = |refund: &Refund| {
        refund.status == RefundStatus::Succeeded && failed.is_some() && refund.reference.as_deref() == failed
    };
    let mut all = refunds::of_intent(conn, intent.id, LOOKED_AT)?;
    all.retain(|refund| refund.status.is_open() || has_come_back(refund));
    Ok(Some(News::Refunds(all)))
}

/// A step: notes that an event was looked into. Returns the order whose payment it is about, if that is one of ours.
///
/// # Errors
/// If the database fails.
pub fn set_processed(tx: &mut Tx<'_>, job: &ProcessProviderEvent) -> Result<Option<Uuid>, Failure> {
    let Some(intent) = events::set_processed(tx, &job.provider, &job.event)? else { return Ok(None) };
    Ok(queries::by_id(tx.conn(), intent)?.map(|intent| intent.order_id))
}

/// Forgets events that came long ago.
///
/// # Errors
/// If the database fails.
pub async fn forget_events(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - TimeDelta::days(ProviderEvent::KEPT_DAYS);
        events::delete_old(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}

/// A step: forgets events about payments of orders whose buyer is erased, for they may say who paid.
///
/// # Errors
/// If the database fails.
pub fn forget_events_about(tx: &mut Tx<'_>, orders: &[Uuid]) -> Result<(), Failure> {
    events::delete_about(tx, orders)
}
