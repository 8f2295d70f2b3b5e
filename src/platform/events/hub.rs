//! One log reader per process, and the fan-out to those who listen here.

use std::{
    collections::{HashMap, HashSet},
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
    time::{Instant, timeout},
};
use tokio_postgres::{AsyncMessage, Client, NoTls};
use uuid::Uuid;

use super::{
    Cursor, Recorded,
    passing::{CHANNEL, Passing, Recent},
    sequencer,
};
use crate::platform::db::Db;

/// How long a lost wake-up can go unnoticed.
const POLL: Duration = Duration::from_millis(500);
/// How rarely a connection that cannot be used is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// How long a statement of the log's own connection may take before the connection is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Events that a subscriber may have waiting before it is told that it lags.
const BACKLOG: usize = 1_024;
/// Events read from the log at once.
const PAGE: i64 = 500;

/// How often old partitions are looked for, and how old the events in them must be.
const TRIM_EVERY: Duration = Duration::from_hours(1);
const RETENTION_DAYS: i32 = 30;

/// Where the events of this process come by.
#[derive(Debug, Default)]
pub struct Hub {
    state: Mutex<State>,
    changed: Notify,
    recent: Recent,
}

#[derive(Debug, Default)]
struct State {
    /// The epoch and the position up to which events were handed out; none until the log was first seen.
    read: Option<(Uuid, i64)>,
    listeners: HashMap<Uuid, Vec<Listener>>,
    next_listener: u64,
}

#[derive(Debug, Clone)]
struct Listener {
    id: u64,
    inbox: mpsc::Sender<Heard>,
}

/// What comes to who listens.
#[derive(Debug, Clone)]
pub enum Heard {
    Recorded(Arc<Recorded>),
    /// It is in no log, so it comes in no order with what is.
    Passing(Arc<Passing>),
}

/// Somebody who listens to some topics, from a position on.
#[derive(Debug)]
pub struct Subscriber {
    /// The epoch and the position after which live events come; what came before is read from the log.
    pub epoch: Uuid,
    pub position: i64,
    inbox: mpsc::Receiver<Heard>,
    topics: Vec<Uuid>,
    id: u64,
    hub: Arc<Hub>,
}

/// The subscriber was too slow, or the log began a new epoch: it must come again with its cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the subscriber lags behind")]
pub struct Lagged;

impl Subscriber {
    /// What comes next.
    ///
    /// # Errors
    /// [`Lagged`]; nothing comes after it.
    pub async fn next(&mut self) -> Result<Heard, Lagged> {
        self.inbox.recv().await.ok_or(Lagged)
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let mut state = self.hub.lock();
        for topic in &self.topics {
            if let Some(listeners) = state.listeners.get_mut(topic) {
                listeners.retain(|listener| listener.id != self.id);
                if listeners.is_empty() {
                    state.listeners.remove(topic);
                }
            }
        }
    }
}

impl Hub {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to topics from now on. Waits until the log has been seen, 5 s at the most.
    pub async fn subscribe(self: &Arc<Self>, topics: Vec<Uuid>) -> Option<Subscriber> {
        timeout(Duration::from_secs(5), async {
            loop {
                let changed = self.changed.notified();
                if let Some(subscriber) = self.try_subscribe(&topics) {
                    return subscriber;
                }
                changed.await;
            }
        })
        .await
        .ok()
    }

    fn try_subscribe(self: &Arc<Self>, topics: &[Uuid]) -> Option<Subscriber> {
        let mut state = self.lock();
        let (epoch, position) = state.read?;
        let (sender, inbox) = mpsc::channel(BACKLOG);
        state.next_listener += 1;
        let id = state.next_listener;
        for topic in topics {
            state.listeners.entry(*topic).or_default().push(Listener { id, inbox: sender.clone() });
        }
        drop(state);
        Some(Subscriber { epoch, position, inbox, topics: topics.to_vec(), id, hub: Arc::clone(self) })
    }

    /// The position up to which events were handed out; none until the log was first seen.
    pub fn position(&self) -> Option<i64> {
        self.cursor().map(|cursor| cursor.position)
    }

    /// The same as a cursor.
    pub fn cursor(&self) -> Option<Cursor> {
        self.lock().read.map(|(epoch, position)| Cursor { epoch, position })
    }

    /// How many subscribers listen to at least one topic.
    pub fn subscribers(&self) -> usize {
        let state = self.lock();
        let mut ids: Vec<u64> = state.listeners.values().flatten().map(|listener| listener.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.len()
    }

    /// Hands events out, in order. Who cannot keep up loses their place, before they could miss one and get the next.
    fn publish(&self, events: Vec<Recorded>) {
        let mut state = self.lock();
        let mut lagging: HashSet<u64> = HashSet::new();
        for event in events {
            let event = Arc::new(event);
            let mut reached: HashSet<u64> = HashSet::new();
            for listener in event.topics.iter().filter_map(|topic| state.listeners.get(topic)).flatten() {
                let is_first = reached.insert(listener.id) && !lagging.contains(&listener.id);
                if is_first && listener.inbox.try_send(Heard::Recorded(Arc::clone(&event))).is_err() {
                    lagging.insert(listener.id);
                }
            }
            if let Some((_, position)) = state.read.as_mut() {
                *position = event.position;
            }
        }
        if !lagging.is_empty() {
            state.listeners.retain(|_, listeners| {
                listeners.retain(|listener| !lagging.contains(&listener.id));
                !listeners.is_empty()
            });
        }
    }

    /// Hands on what is in no log. Who has much waiting is not told: nobody lags for its sake.
    fn pass(&self, passing: Passing) {
        let passing = Arc::new(passing);
        let state = self.lock();
        for listener in state.listeners.get(&passing.topic).into_iter().flatten() {
            if listener.inbox.capacity() > BACKLOG / 2 {
                let _ = listener.inbox.try_send(Heard::Passing(Arc::clone(&passing)));
            }
        }
    }

    /// Whether a person may say again what [is passed on](super::pass_on) about a topic: by each process once in a few seconds, and
    /// about all topics together no faster than a human does.
    pub fn is_due(&self, topic: Uuid, person: Uuid) -> bool {
        self.recent.is_due(topic, person)
    }

    /// Takes note of the log's epoch and last position when it is first seen, and again when the epoch changes.
    fn note_log(&self, epoch: Uuid, last: i64) -> i64 {
        let mut state = self.lock();
        match state.read {
            Some((known, position)) if known == epoch => position,
            _ => {
                state.read = Some((epoch, last));
                state.listeners.clear();
                self.changed.notify_waiters();
                last
            }
        }
    }

    /// Reads the log, and sequences it when no other process does, until the task is aborted.
    pub fn start(self: &Arc<Self>, url: String, db: Db) -> JoinHandle<()> {
        let hub = Arc::clone(self);
        tokio::spawn(async move {
            let mut patience = Patience::default();
            loop {
                let begun = Instant::now();
                let outcome = hub.run(&url, &db).await;
                let (is_news, pause) = patience.after(begun.elapsed());
                if let Err(error) = outcome
                    && is_news
                {
                    tracing::warn!(%error, "the event log's connection was lost");
                }
                tokio::time::sleep(pause).await;
            }
        })
    }

    async fn run(self: &Arc<Self>, url: &str, db: &Db) -> Result<(), LogError> {
        let (mut client, mut connection) = timeout(PATIENCE, tokio_postgres::connect(url, NoTls)).await??;
        let notified = Arc::new(Notify::new());
        let (rung, hub) = (Arc::clone(&notified), Arc::clone(self));
        let driver = tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                match message {
                    AsyncMessage::Notification(said) if said.channel() == CHANNEL => {
                        // Of another version, perhaps. It is worth nothing later.
                        if let Ok(passing) = serde_json::from_str(said.payload()) {
                            hub.pass(passing);
                        }
                    }
                    AsyncMessage::Notification(_) => rung.notify_one(),
                    _ => {}
                }
            }
        });
        let outcome = self.follow(&mut client, db, &notified).await;
        driver.abort();
        outcome
    }

    async fn follow(&self, client: &mut Client, db: &Db, notified: &Notify) -> Result<(), LogError> {
        timeout(PATIENCE, client.batch_execute("LISTEN agora_outbox; LISTEN agora_events; LISTEN agora_passing"))
            .await??;
        let mut is_sequencer = false;
        let mut has_local_news = true;
        let mut trimmed = Instant::now();
        loop {
            if !is_sequencer && timeout(PATIENCE, sequencer::acquire(client)).await?? {
                timeout(PATIENCE, sequencer::adopt_cluster(client)).await??;
                is_sequencer = true;
            }
            if is_sequencer {
                if trimmed.elapsed() > TRIM_EVERY {
                    timeout(PATIENCE, sequencer::trim(client, RETENTION_DAYS)).await??;
                    trimmed = Instant::now();
                }
                if self.sequence_all(client).await? {
                    timeout(PATIENCE, client.batch_execute("NOTIFY agora_events")).await??;
                }
            } else if has_local_news {
                timeout(PATIENCE, client.batch_execute("NOTIFY agora_outbox")).await??;
            }
            timeout(PATIENCE, self.read_all(client)).await??;
            has_local_news = tokio::select! {
                () = db.wakers().events.notified() => true,
                () = notified.notified() => false,
                () = tokio::time::sleep(POLL) => false,
            };
            if client.is_closed() {
                return Err(LogError::Closed);
            }
        }
    }

    async fn sequence_all(&self, client: &mut Client) -> Result<bool, LogError> {
        let before = self.lock().read.map(|(_, position)| position);
        loop {
            let (last, more) = timeout(PATIENCE, sequencer::sequence(client)).await??;
            if !more {
                return Ok(before != Some(last));
            }
        }
    }

    async fn read_all(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        let row = client.query_one("SELECT epoch, last_position FROM event_log", &[]).await?;
        let last: i64 = row.try_get(1)?;
        let mut position = self.note_log(row.try_get(0)?, last);
        while position < last {
            let rows = client
                .query(
                    "SELECT position, kind, payload, topics, recorded_at FROM events \
                     WHERE position > $1 ORDER BY position LIMIT $2",
                    &[&position, &PAGE],
                )
                .await?;
            let mut events = Vec::with_capacity(rows.len());
            for row in rows {
                position = row.try_get(0)?;
                events.push(Recorded {
                    position,
                    kind: row.try_get(1)?,
                    payload: row.try_get(2)?,
                    topics: row.try_get(3)?,
                    recorded_at: row.try_get(4)?,
                });
            }
            if events.is_empty() {
                return Ok(());
            }
            self.publish(events);
        }
        Ok(())
    }
}

/// Told once, tried ever more rarely: until somebody migrates, or Postgres is back.
#[derive(Debug, Default)]
struct Patience {
    failures: u32,
}

impl Patience {
    /// After an attempt that lasted so long: whether its failure is news, and how long to wait before the next one.
    fn after(&mut self, lasted: Duration) -> (bool, Duration) {
        // What worked for a while and broke is another failure.
        if lasted > LONGEST_PAUSE {
            self.failures = 0;
        }
        let pause = POLL.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        (self.failures == 1, pause)
    }
}

/// Why the log's own connection is given up and made anew.
#[derive(Debug, thiserror::Error)]
enum LogError {
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
    #[error("Postgres did not answer in time")]
    TimedOut(#[from] tokio::time::error::Elapsed),
    #[error("the connection is closed")]
    Closed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_once_and_tried_ever_more_rarely() {
        let mut patience = Patience::default();
        let after: Vec<_> = (0..6).map(|_| patience.after(Duration::ZERO)).collect();
        assert_eq!(
            after.iter().map(|(is_news, _)| *is_news).collect::<Vec<_>>(),
            [true, false, false, false, false, false]
        );
        let milliseconds: Vec<_> = after.iter().map(|(_, pause)| pause.as_millis()).collect();
        assert_eq!(milliseconds, [500, 1_000, 2_000, 4_000, 4_000, 4_000]);
        assert_eq!(patience.after(Duration::from_mins(1)), (true, POLL));
    }
}
