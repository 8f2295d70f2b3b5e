//! Cancels statements that nobody waits for any more, from a thread and a connection of its own.

use std::{io, sync::Arc, thread, time::Duration};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use prometheus::IntCounter;
use tokio::{
    runtime::{Builder, Runtime},
    time::timeout,
};
use tokio_postgres::{Client, NoTls};

use super::turn::{Sent, Turn};

/// Turns that may wait to be cancelled. One that finds no room is left to the statement's time limit.
const QUEUE: usize = 1_024;
/// How long making a connection, and one cancel, may take. A thread of a lane waits no longer for it.
const PATIENCE: Duration = Duration::from_secs(1);
/// A cancel that falls between two statements is ignored, so it is sent again for as long as the job runs, so often.
const AGAIN: Duration = Duration::from_millis(50);
const ATTEMPTS: u32 = 200;

/// Where turns go that nobody waits for. Cheap to clone; the thread ends with the last one.
#[derive(Debug, Clone)]
pub(super) struct Canceller(Sender<Arc<Turn>>);

impl Canceller {
    pub fn start(url: &str, sent: IntCounter) -> io::Result<Self> {
        let (abandoned, turns) = bounded(QUEUE);
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let line = Line { url: url.to_owned(), runtime, client: None, sent };
        thread::Builder::new().name("db-cancel".into()).spawn(move || serve(&turns, line))?;
        Ok(Self(abandoned))
    }

    /// Has what runs of a turn cancelled, soon.
    pub fn cancel(&self, turn: &Arc<Turn>) {
        let _ = self.0.try_send(Arc::clone(turn));
    }
}

fn serve(turns: &Receiver<Arc<Turn>>, mut line: Line) {
    // No more than there are threads of lanes: a turn that does not run leaves at once.
    let mut running: Vec<(Arc<Turn>, u32)> = Vec::new();
    loop {
        let next = if running.is_empty() {
            turns.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            turns.recv_timeout(AGAIN)
        };
        match next {
            Ok(turn) => running.push((turn, ATTEMPTS)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        running.extend(turns.try_iter().map(|turn| (turn, ATTEMPTS)));
        running.retain_mut(|(turn, attempts)| {
            *attempts -= 1;
            turn.cancel(|pid| line.cancel(pid)) && *attempts > 0
        });
    }
}

/// The canceller's own connection, made when it is first needed.
struct Line {
    url: String,
    runtime: Runtime,
    client: Option<Client>,
    sent: IntCounter,
}

impl Line {
    fn cancel(&mut self, pid: i32) -> Sent {
        let kept = self.client.take().filter(|client| !client.is_closed());
        let Some(client) = kept.or_else(|| self.connect()) else { return Sent::No };
        self.sent.inc();
        let asking = async { timeout(PATIENCE, client.query_one("SELECT pg_cancel_backend($1)", &[&pid])).await };
        match self.runtime.block_on(asking) {
            Ok(Ok(_)) => {
                self.client = Some(client);
                Sent::Arrived
            }
            _ => Sent::InDoubt,
        }
    }

    fn connect(&self) -> Option<Client> {
        let connecting = async { timeout(PATIENCE, tokio_postgres::connect(&self.url, NoTls)).await };
        match self.runtime.block_on(connecting) {
            Ok(Ok((client, connection))) => {
                self.runtime.spawn(connection);
                Some(client)
            }
            Ok(Err(error)) => {
                // The lanes warn: without Postgres there is nothing to cancel either.
                tracing::debug!(%error, "no connection to cancel statements with");
                None
            }
            Err(_) => None,
        }
    }
}
