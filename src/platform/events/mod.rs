//! The log of what happened, and who hears of it.
//!
//! A transaction [emits](Tx::emit) an event as a row of `event_outbox`, under the lock of what it is about, so that one
//! thing's events are in order. After the commit the one [sequencer] moves the row into `events` and gives it its dense
//! position. Readers read by position. So the log has no gaps and nobody's long transaction holds it back.
//!
//! What is worth nothing a moment later has no row: it is [passed on](pass_on) to whoever listens just now.
//!
//! **Invariants:** rows hold ids and versions, never text of people; of what is in the log NOTIFY only wakes readers up, the
//! row is the truth.

mod cursor;
mod hub;
mod passing;
mod queries;
mod sequencer;
mod stream;

use diesel::{Insertable, RunQueryDsl};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

pub use self::{
    cursor::{Cursor, InvalidCursor},
    hub::{Heard, Hub, Lagged, Subscriber},
    passing::{Passing, pass_on},
    queries::{LogState, by_topics, count_outbox, log_state},
    stream::{Delivery, Interrupted, deliveries},
};
use super::{clock::Time, db::Tx};
use crate::{kernel::error::Failure, schema::event_outbox};

/// A kind of event: what its row holds.
pub trait EventBody: Serialize + DeserializeOwned {
    /// The word in the row. It never changes, and never means something else.
    const KIND: &'static str;
}

/// An event with its place in the log.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub position: i64,
    pub kind: String,
    pub payload: Value,
    pub topics: Vec<Uuid>,
    pub recorded_at: Time,
}

impl Recorded {
    /// The body, if the event is of this kind.
    ///
    /// # Errors
    /// If the row is of this kind but does not have its form.
    pub fn body<B: EventBody>(&self) -> Option<Result<B, Failure>> {
        (self.kind == B::KIND).then(|| serde_json::from_value(self.payload.clone()).map_err(Failure::internal))
    }
}

#[derive(Insertable)]
#[diesel(table_name = event_outbox)]
struct NewEvent<'a> {
    kind: &'a str,
    payload: Value,
    topics: &'a [Uuid],
    actor_id: Option<Uuid>,
    on_behalf_of: Option<Uuid>,
    session_id: Option<Uuid>,
    request_id: &'a str,
    recorded_at: Time,
}

impl Tx<'_> {
    /// Records an event for whoever listens to one of the topics: the ids of people, shops and products.
    ///
    /// The caller holds the lock of what the event is about.
    ///
    /// # Errors
    /// If the database fails.
    pub fn emit<B: EventBody>(&mut self, body: &B, topics: &[Uuid]) -> Result<(), Failure> {
        self.emit_all(&[(body, topics)])
    }

    /// As [`emit`](Self::emit), of several events, each with its topics, in one statement.
    ///
    /// # Errors
    /// If the database fails.
    pub fn emit_all<B: EventBody>(&mut self, events: &[(&B, &[Uuid])]) -> Result<(), Failure> {
        if events.is_empty() {
            return Ok(());
        }
        let caller = self.caller().clone();
        let signed_in = caller.in_person();
        let recorded_at = self.now();
        let rows = events.iter().map(|&(body, topics)| {
            Ok(NewEvent {
                kind: B::KIND,
                payload: serde_json::to_value(body).map_err(Failure::internal)?,
                topics,
                actor_id: signed_in.map(|person| person.user),
                on_behalf_of: caller.on_behalf().map(|on_behalf| on_behalf.person),
                session_id: signed_in.map(|person| person.session),
                request_id: &caller.request.id,
                recorded_at,
            })
        });
        let rows = rows.collect::<Result<Vec<_>, Failure>>()?;
        diesel::insert_into(event_outbox::table).values(rows).execute(self.conn())?;
        self.note_event();
        Ok(())
    }
}
