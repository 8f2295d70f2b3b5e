//! Somebody who has written in another database of the cluster, and does not end their transaction: what is newer than it is
//! not seen as settled by whoever asks Postgres for the oldest transaction that runs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};

use crate::harness::{cluster::count, trial::programs::Programs};

/// Where.
pub const DATABASE: &str = "elsewhere";
/// How often it is looked whether the transaction is still there: Postgres may have been killed.
const LOOK: Duration = Duration::from_millis(100);
/// Longer than it takes to begin a new one.
const PATIENCE: Duration = Duration::from_secs(30);

/// A transaction that is open, but for the moments after Postgres was killed.
pub struct Elsewhere {
    url: String,
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Begins it.
pub fn hold(programs: &Programs) -> Elsewhere {
    let (url, is_over) = (programs.url_of(DATABASE), Arc::new(AtomicBool::new(false)));
    let (own, over) = (url.clone(), Arc::clone(&is_over));
    let thread = thread::spawn(move || {
        while !over.load(Ordering::Relaxed) {
            if let Ok(mut connection) = PgConnection::establish(&own)
                && connection.batch_execute("BEGIN; CREATE TABLE held (id int); INSERT INTO held VALUES (1)").is_ok()
            {
                while !over.load(Ordering::Relaxed) && connection.batch_execute("SELECT 1").is_ok() {
                    thread::sleep(LOOK);
                }
            }
            thread::sleep(LOOK);
        }
    });
    Elsewhere { url, is_over, thread }
}

impl Elsewhere {
    /// Waits until it is there, and says for how many seconds it has been. None if it never comes.
    pub fn age(&self) -> Option<i64> {
        let sql = "SELECT coalesce(max(extract(epoch FROM now() - xact_start))::bigint, -1) AS count \
                   FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL";
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Ok(mut connection) = PgConnection::establish(&self.url) {
                let age = count(&mut connection, sql);
                if age >= 0 {
                    return Some(age);
                }
            }
            thread::sleep(LOOK);
        }
        None
    }

    pub fn end(self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}
