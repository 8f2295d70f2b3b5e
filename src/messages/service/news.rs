//! Telling people of messages who are not looking: their devices soon, and by mail after a while.
//!
//! Nothing is done for this where a message is sent. Who is concerned is read from the log, for many messages at once.

use uuid::Uuid;

use crate::{
    kernel::error::Failure,
    messages::{
        model::{
            Seen,
            news::{DigestMail, PushMessages, ToWake, ToWrite, Waiting, Watch},
        },
        policy,
        queries::{self, news},
    },
    notifications::{self, model::Push},
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
        events::log_state,
        jobs::{JobError, Planned},
        texts,
    },
    users::{
        self,
        model::{Addressee, NotificationChannel, NotificationKind},
    },
};

/// Characters of a text that are pushed at the most.
const SHOWN: usize = 200;

/// A step: the messages that were sent up to a time and since this was asked last. At the first time, and after the database was restored,
/// none: whatever was before is no news. With them, whether so much was read that there may be more.
fn unwatched(tx: &mut Tx<'_>, watch: Watch, before: Time) -> Result<(Vec<Uuid>, bool), Failure> {
    let log = log_state(tx.conn())?;
    let found = news::lock_watch(tx, watch)?;
    let Some((epoch, position)) = found.filter(|place| place.0 == log.epoch && place.1 <= log.last_position) else {
        news::set_watch(tx, watch, (log.epoch, log.last_position))?;
        return Ok((Vec::new(), false));
    };
    let from = position.max(log.first_position - 1);
    let until = log.last_position.min(from + Watch::READ);
    let until = news::first_after(tx.conn(), (from, until), before)?.map_or(until, |later| later - 1);
    if until > position {
        news::set_watch(tx, watch, (epoch, until))?;
    }
    Ok((news::sent_between(tx.conn(), (from, until))?, until == from + Watch::READ))
}

/// Plans what wakes the devices of those who have not read what is new: for each device and conversation once.
pub async fn push_news(app: &App, caller: &Caller) -> Result<(), Failure> {
    let answering: Vec<_> = policy::answering().collect();
    app.db
        .write(caller, move |tx: &mut Tx<'_>| {
            let now = tx.now();
            let (sent, _) = unwatched(tx, Watch::Push, now)?;
            if sent.is_empty() {
                return Ok(());
            }
            let devices = news::to_wake(tx.conn(), &sent, (now - Watch::PUSHED_WITHIN, now), &answering)?;
            let planned = devices.into_iter().map(|ToWake { conversation_id, user_id, device_id, number }| {
                let (number, until) = (Some(number), now + Watch::PUSHED_WITHIN);
                let body =
                    PushMessages { conversation: conversation_id, number, device: device_id, user: user_id, until };
                Planned { body, run_at: now + Watch::READING, unique_key: None }
            });
            tx.enqueue_planned(&planned.collect::<Vec<_>>())
        })
        .await
}

/// Pushes to a device that there are messages, unless its person has read them meanwhile, is left alone, or does not want to hear of them.
///
/// # Errors
/// If another try may do.
pub async fn push_messages(app: &App, caller: &Caller, job: PushMessages) -> Result<(), JobError> {
    let (PushMessages { conversation, number, device, user, until }, now) = (job, app.now());
    let is_unread = move |seen: &Seen| {
        let newest = number.unwrap_or(seen.conversation.last_number);
        let is_muted = seen.marker.muted_until.is_some_and(|until| until > now);
        seen.marker.last_read_number < newest && !seen.marker.is_archived && !is_muted
    };
    let read = move |conn: &mut Conn| {
        let preferences = users::service::preferences_of(conn, user)?;
        if !preferences.takes(NotificationKind::Messages, NotificationChannel::Push) {
            return Ok(None);
        }
        let seen = queries::by_ids(conn, user, &[conversation])?.pop().and_then(policy::seen);
        let Some(seen) = seen.filter(is_unread) else { return Ok(None) };
        let text = if preferences.shows_text_in_pushes {
            news::newest_text(conn, conversation, user, &seen.marker)?
        } else {
            None
        };
        Ok::<_, Failure>(Some((preferences.quiet_until(now), text)))
    };
    let Some((quiet_until, text)) = app.db.read(read).await? else { return Ok(()) };
    if let Some(later) = quiet_until {
        // However much is written until then, it wakes a device once.
        let key = format!("push:{}:{}", conversation.uuid(), device.uuid());
        let later_job = PushMessages { number: None, until: later + Watch::PUSHED_WITHIN, ..job };
        let put_off = move |tx: &mut Tx<'_>| tx.enqueue_at(&later_job, later, Some(&key));
        return Ok(app.db.write(caller, put_off).await?);
    }
    let Some(person) = users::service::addressee(app, user).await? else { return Ok(()) };
    let unsaid = || texts::text(person.language, "push-message", &[]).unwrap_or_default();
    let (title, body) = match text {
        Some((name, text)) => (name, shortened(&text)),
        None => (unsaid(), String::new()),
    };
    let (kind, collapse, about) = (NotificationKind::Messages, conversation.uuid(), Some(conversation.to_string()));
    notifications::service::deliver(app, caller, Push { device, user, kind, title, body, collapse, about, until }).await
}

/// As much of a text as is pushed.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

/// Plans mail to those who have not read a message for a while: of each person's there is one at a time.
pub async fn digest_news(app: &App, caller: &Caller) -> Result<(), Failure> {
    app.db
        // All that is in the log stands between two messages, so one reading need not get to the end of it.
        .write_in_batches(caller, |tx: &mut Tx<'_>| {
            let now = tx.now();
            let (sent, has_more) = unwatched(tx, Watch::Digest, now - Watch::QUIET)?;
            if sent.is_empty() {
                return Ok(usize::from(has_more));
            }
            let people = news::to_write(tx.conn(), &sent, now)?;
            let planned = people.into_iter().map(|ToWrite { user_id, told_at }| {
                let body = DigestMail { user: user_id, is_again: false };
                let run_at = told_at.map_or(now, |told_at| now.max(told_at + Watch::BETWEEN));
                Planned { body, run_at, unique_key: Some(body.unique_key()) }
            });
            tx.enqueue_planned(&planned.collect::<Vec<_>>())?;
            Ok(usize::from(has_more))
        })
        .await
}

/// Somebody who is told by mail that messages wait for them.
pub struct DigestToTell {
    pub person: Addressee,
    pub waiting: Waiting,
    pub unsubscribe: String,
}

/// Somebody who is told by mail that messages wait for them; nobody who has read them, was told lately, or is about: who was seen just now
/// is told later, if at all.
pub async fn digest_to_tell(app: &App, caller: &Caller, job: DigestMail) -> Result<Option<DigestToTell>, Failure> {
    let (DigestMail { user, is_again }, now, kind) = (job, app.now(), NotificationKind::Messages);
    let read = move |conn: &mut Conn| {
        let told_at = news::told_at(conn, user)?;
        if told_at.is_some_and(|told_at| now < told_at + Watch::BETWEEN) {
            return Ok(None);
        }
        let waiting = news::waiting(conn, user, told_at, now)?;
        let is_about = news::is_seen_since(conn, user, now - Watch::QUIET)?;
        Ok::<_, Failure>((waiting.conversations > 0).then_some((waiting, is_about)))
    };
    let Some((waiting, is_about)) = app.db.read(read).await? else { return Ok(None) };
    if is_about {
        let again = DigestMail { user, is_again: !is_again };
        let put_off = move |tx: &mut Tx<'_>| {
            let later = tx.now() + Watch::QUIET;
            tx.enqueue_at(&again, later, Some(&again.unique_key()))
        };
        app.db.write(caller, put_off).await?;
        return Ok(None);
    }
    let person = users::service::told_now(app, caller, (user, kind), job).await?;
    let unsubscribe = users::service::unsubscribe_url(app, user, kind);
    Ok(person.map(|person| DigestToTell { person, waiting, unsubscribe }))
}

/// Notes that somebody has been told by mail what waits for them.
pub async fn note_digest(app: &App, caller: &Caller, job: DigestMail) -> Result<(), Failure> {
    let note = move |tx: &mut Tx<'_>| {
        if users::service::lock_person(tx, job.user)?.is_some() {
            news::set_told(tx, job.user)?;
        }
        Ok(())
    };
    app.db.write(caller, note).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_of_a_text_is_short_and_whole_characters() {
        assert_eq!(shortened("Hello"), "Hello");
        let long = "é".repeat(SHOWN);
        assert_eq!(shortened(&long), long);
        assert_eq!(shortened(&format!("{long}é")), format!("{long}…"));
    }
}
