//! A lane: threads, connections and a bounded queue.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::r2d2::{ConnectionManager, Pool};
use tokio::sync::oneshot;

use super::{
    Conn, DbOptions,
    canceller::Canceller,
    session::{Session, SessionManager, SessionSettings},
    turn::Turn,
};
use crate::kernel::error::Failure;
use crate::platform::telemetry;

type Job = Box<dyn FnOnce(&Pool<SessionManager>) + Send>;

#[derive(Clone)]
pub(super) struct Lane {
    queue: Sender<Job>,
    canceller: Canceller,
}

impl Lane {
    pub fn open(
        name: &str,
        url: &str,
        options: &DbOptions,
        threads: u32,
        statements: Vec<String>,
        canceller: &Canceller,
    ) -> std::io::Result<Self> {
        let settings = SessionSettings { manager: ConnectionManager::new(url), statements };
        let pool = Pool::builder()
            .max_size(threads)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(2))
            .error_handler(Box::new(LogErrors))
            .build_unchecked(SessionManager(Arc::new(settings)));
        let (queue, jobs) = bounded::<Job>(options.queue);
        for number in 0..threads {
            let (jobs, pool): (Receiver<Job>, _) = (jobs.clone(), pool.clone());
            thread::Builder::new().name(format!("db-{name}-{number}")).spawn(move || {
                for job in jobs {
                    // A panic drops the job's channel, which its caller sees; the thread goes on.
                    let _ = catch_unwind(AssertUnwindSafe(|| job(&pool)));
                }
            })?;
        }
        Ok(Self { queue, canceller: canceller.clone() })
    }

    pub async fn read<T, E, F>(&self, mut work: F) -> Result<T, E>
    where
        F: FnMut(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Failure> + Send + 'static,
    {
        self.run(move |session, turn| {
            if !turn.open(&session.backend) {
                return Err(Failure::Unavailable.into());
            }
            let outcome = work(&mut session.conn);
            if outcome.is_ok() {
                return outcome;
            }
            if turn.close() && session.is_closed() && session.reconnect() && turn.open(&session.backend) {
                work(&mut session.conn)
            } else {
                outcome
            }
        })
        .await?
    }

    /// Queues a job and waits for its answer. A caller that goes away takes its queued job along, and has the statement
    /// cancelled that runs. The job opens its turn before its first statement, and closes it before COMMIT.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session, &Turn) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { turn: Arc::default(), canceller: &self.canceller };
        let turn = Arc::clone(&waiting.turn);
        let job: Job = Box::new(move |pool| {
            if !turn.is_wanted() {
                return;
            }
            let outcome = match pool.get() {
                Ok(mut session) => {
                    let running = Running(&turn);
                    let value = work(&mut session, &turn);
                    drop(running);
                    Ok((value, session.take_statements()))
                }
                Err(_) => Err(Failure::Unavailable),
            };
            let _ = answer.send(outcome);
        });
        self.queue.try_send(job).map_err(|_| Failure::Unavailable)?;
        let (value, statements) = answered.await.map_err(|_| Failure::internal("a database job panicked"))??;
        telemetry::count_statements(statements);
        Ok(value)
    }
}

/// Somebody who waits for a job. When they go away, so does the job.
struct Waiting<'a> {
    turn: Arc<Turn>,
    canceller: &'a Canceller,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.turn.abandon() {
            self.canceller.cancel(&self.turn);
        }
    }
}

/// A job that runs. However it ends, its turn is closed before its connection serves the next one.
struct Running<'a>(&'a Turn);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[derive(Debug)]
struct LogErrors;

impl diesel::r2d2::HandleError<diesel::r2d2::Error> for LogErrors {
    fn handle_error(&self, error: diesel::r2d2::Error) {
        tracing::warn!(%error, "no connection to Postgres");
    }
}
