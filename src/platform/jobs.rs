//! Work in the background: a table, claimed with `FOR UPDATE SKIP LOCKED`, tried again with exponential backoff.
//!
//! A job is enqueued in the transaction that caused it and runs at least once after it, so every handler is idempotent.
//! A claim is a lease: when a process dies, its jobs are due again. What failed too often is dead, unless its kind has it
//! tried again later: it can be listed and replayed, and is forgotten in the end. Calls to the outside happen only in jobs
//! or between two transactions.

mod dead_letters;
mod enqueue;

pub use self::{
    dead_letters::{ReplayError, count_dead, dead, forget_dead, replay},
    enqueue::Planned,
};

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use chrono::TimeDelta;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper, dsl::sql,
    sql_types::Bool,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::{sync::Semaphore, task::JoinHandle};
use uuid::Uuid;

use self::enqueue::NewJob;
use super::{
    caller::Caller,
    clock::Time,
    counted::Counted,
    db::{Conn, Db, Tx},
};
use crate::{
    kernel::{
        error::Failure,
        id::{Entity, Id},
    },
    schema::jobs,
    text_enum,
};

/// After how many attempts a job is dead.
pub const MAXIMUM_ATTEMPTS: i32 = 12;
/// How long a claim lasts; every handler is stopped before.
const LEASE: Duration = Duration::from_secs(90);
const HANDLER_TIMEOUT: Duration = Duration::from_mins(1);
/// How often due jobs are looked for without being woken.
const POLL: Duration = Duration::from_secs(1);
/// Jobs that run at once in one process.
const CONCURRENCY: usize = 8;

text_enum! {
    /// Whether a job is still tried.
    pub enum JobState { Due = "DUE", Dead = "DEAD" }
}

/// A job as it stands in the table.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Job {
    pub id: Id<Job>,
    pub kind: String,
    pub payload: Value,
    pub state: JobState,
    pub run_at: Time,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub created_at: Time,
}

impl Entity for Job {
    const PREFIX: &'static str = "job";
}

/// What a kind of job is given. Ids, never text of people.
pub trait JobBody: Serialize + DeserializeOwned + Send + 'static {
    /// The word in the row. It never changes.
    const KIND: &'static str;
}

/// Why an attempt did not succeed; it is logged, and stored with the job.
pub type JobError = Box<dyn std::error::Error + Send + Sync>;

type Running = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;
type Handler<S> = Arc<dyn Fn(S, Value) -> Running + Send + Sync>;
type LastStep = Arc<dyn Fn(&mut Tx<'_>, Value) -> Result<Afterwards, Failure> + Send + Sync>;

/// What becomes of a job that has failed for the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// It is dead until somebody replays it.
    Dead,
    /// The same one is due again after a while, with all its attempts.
    Again(TimeDelta),
}

/// Who does which kind of job. `S` is what handlers work with.
pub struct Handlers<S> {
    by_kind: HashMap<&'static str, Handler<S>>,
    recurring: HashMap<&'static str, TimeDelta>,
    last_steps: HashMap<&'static str, LastStep>,
}

impl<S> Default for Handlers<S> {
    fn default() -> Self {
        Self { by_kind: HashMap::new(), recurring: HashMap::new(), last_steps: HashMap::new() }
    }
}

impl<S: Clone + Send + 'static> Handlers<S> {
    /// Adds the handler of one kind.
    #[must_use]
    pub fn with<B: JobBody, E: Into<JobError>, F: Future<Output = Result<(), E>> + Send + 'static>(
        mut self,
        handler: impl Fn(S, B) -> F + Send + Sync + 'static,
    ) -> Self {
        let handler = Arc::new(handler);
        self.by_kind.insert(
            B::KIND,
            Arc::new(move |state, payload| {
                let handler = Arc::clone(&handler);
                Box::pin(async move {
                    let body = serde_json::from_value(payload)?;
                    handler(state, body).await.map_err(Into::into)
                })
            }),
        );
        self
    }

    /// Adds a job that comes again so long after it has run. There is one row of it, however many processes run, and nothing in it
    /// but its kind, which never changes.
    #[must_use]
    pub fn every<E: Into<JobError>, F: Future<Output = Result<(), E>> + Send + 'static>(
        mut self,
        interval: TimeDelta,
        kind: &'static str,
        handler: impl Fn(S) -> F + Send + Sync + 'static,
    ) -> Self {
        let handler = Arc::new(handler);
        self.by_kind.insert(
            kind,
            Arc::new(move |state, _| {
                let handler = Arc::clone(&handler);
                Box::pin(async move { handler(state).await.map_err(Into::into) })
            }),
        );
        self.recurring.insert(kind, interval);
        self
    }

    /// Adds what is done about a job of one kind that has failed for the last time, in the transaction in which it would die.
    #[must_use]
    pub fn at_death<B: JobBody>(
        mut self,
        step: impl Fn(&mut Tx<'_>, B) -> Result<Afterwards, Failure> + Send + Sync + 'static,
    ) -> Self {
        let last_step = move |tx: &mut Tx<'_>, payload: Value| -> Result<Afterwards, Failure> {
            step(tx, serde_json::from_value(payload).map_err(Failure::internal)?)
        };
        self.last_steps.insert(B::KIND, Arc::new(last_step));
        self
    }

    /// Sees to it that every recurring job has its row.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn schedule(&self, db: &Db) -> Result<(), Failure> {
        let recurring = self.recurring.clone();
        db.write(&Caller::system(), move |tx| {
            for (kind, interval) in &recurring {
                let (id, now) = (tx.new_uuid(), tx.now());
                let job = NewJob {
                    id,
                    kind,
                    payload: Value::Null,
                    unique_key: Some(kind),
                    run_at: now + *interval,
                    created_at: now,
                };
                diesel::insert_into(jobs::table).values(job).on_conflict_do_nothing().execute(tx.conn())?;
            }
            Ok(())
        })
        .await
    }
}

/// Runs due jobs until the task is aborted.
pub fn start<S: Clone + Send + Sync + 'static>(db: Db, handlers: Arc<Handlers<S>>, state: S) -> JoinHandle<()> {
    tokio::spawn(async move {
        let slots = Arc::new(Semaphore::new(CONCURRENCY));
        let mut is_failing = false;
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            match claim(&db).await {
                Ok(Some(job)) => {
                    is_failing = false;
                    let (db, handlers, state) = (db.clone(), Arc::clone(&handlers), state.clone());
                    tokio::spawn(async move {
                        run(&db, &handlers, state, job).await;
                        drop(slot);
                    });
                }
                outcome => {
                    drop(slot);
                    let has_failed = std::mem::replace(&mut is_failing, outcome.is_err());
                    if let Err(error) = outcome
                        && !has_failed
                    {
                        tracing::warn!(%error, "due jobs could not be looked up");
                    }
                    tokio::select! {
                        () = db.wakers().jobs.notified() => {}
                        () = tokio::time::sleep(POLL) => {}
                    }
                }
            }
        }
    })
}

/// Runs what is due, one after the other, until nothing is. Returns how many ran. For tests.
///
/// # Errors
/// If the database fails.
pub async fn run_due<S: Clone + Send + 'static>(db: &Db, handlers: &Handlers<S>, state: S) -> Result<usize, Failure> {
    let mut count = 0;
    while let Some(job) = claim(db).await? {
        run(db, handlers, state.clone(), job).await;
        count += 1;
    }
    Ok(count)
}

async fn claim(db: &Db) -> Result<Option<Job>, Failure> {
    db.write(&Caller::system(), |tx| {
        let now = tx.now();
        let due = jobs::table
            .filter(sql::<Bool>("state = 'DUE'"))
            .filter(jobs::run_at.le(now))
            .order((jobs::run_at, jobs::id))
            .select(jobs::id)
            .for_update()
            .skip_locked()
            .first::<Uuid>(tx.conn())
            .optional()?;
        let Some(id) = due else { return Ok(None) };
        let job = diesel::update(jobs::table.find(id))
            .set((jobs::run_at.eq(now + LEASE), jobs::attempts.eq(jobs::attempts + 1)))
            .returning(Job::as_returning())
            .get_result(tx.conn())?;
        Ok(Some(job))
    })
    .await
}

async fn run<S: Clone + Send + 'static>(db: &Db, handlers: &Handlers<S>, state: S, job: Job) {
    let outcome = match handlers.by_kind.get(job.kind.as_str()) {
        Some(handler) => {
            // A task of its own, so that a panic is an attempt that failed.
            let running = tokio::spawn(tokio::time::timeout(HANDLER_TIMEOUT, handler(state, job.payload.clone())));
            match running.await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => Err("it took too long".into()),
                Err(error) => Err(error.into()),
            }
        }
        None => Err(format!("no handler of {} in this program", job.kind).into()),
    };
    if let Err(error) = &outcome {
        tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempts, %error, "a job failed");
    }
    let error = outcome.err().map(|error| error.to_string());
    let (id, kind) = (job.id, job.kind.clone());
    let interval = handlers.recurring.get(kind.as_str()).copied();
    let last_step = handlers.last_steps.get(kind.as_str()).cloned();
    let settle = move |tx: &mut Tx<'_>| settle(tx, &job, interval, error.as_deref(), last_step.as_ref());
    let settled = db.write(&Caller::system(), settle).await;
    if let Err(error) = settled {
        tracing::warn!(job = %id, kind, %error, "a job's outcome could not be stored; it will run again");
    }
}

fn settle(
    tx: &mut Tx<'_>,
    job: &Job,
    interval: Option<TimeDelta>,
    error: Option<&str>,
    last_step: Option<&LastStep>,
) -> Result<(), Failure> {
    let (now, is_last) = (tx.now(), job.attempts >= MAXIMUM_ATTEMPTS);
    // As it was claimed: whoever has it run anew meanwhile has another run of it settled.
    let row = jobs::table.find(job.id).filter(jobs::attempts.eq(job.attempts)).filter(jobs::run_at.eq(job.run_at));
    match (error, interval) {
        (None, None) => {
            diesel::delete(row).execute(tx.conn())?;
        }
        (_, Some(interval)) => {
            diesel::update(row)
                .set((jobs::run_at.eq(now + interval), jobs::attempts.eq(0), jobs::last_error.eq(error)))
                .execute(tx.conn())?;
        }
        (Some(error), None) => {
            let state = if is_last { JobState::Dead } else { JobState::Due };
            let error: String = error.chars().take(500).collect();
            let run_at = now + backoff(job.attempts);
            let settled = diesel::update(row)
                .set((jobs::state.eq(state), jobs::run_at.eq(run_at), jobs::last_error.eq(error)))
                .execute(tx.conn())?;
            if let Some(last_step) = last_step.filter(|_| is_last && settled == 1)
                && let Afterwards::Again(pause) = last_step(tx, job.payload.clone())?
            {
                tracing::error!(job = %job.id, kind = job.kind, "a job has failed for long; it is tried again later");
                diesel::update(jobs::table.find(job.id))
                    .set((jobs::state.eq(JobState::Due), jobs::attempts.eq(0), jobs::run_at.eq(now + pause)))
                    .execute(tx.conn())?;
            }
        }
    }
    Ok(())
}

/// 2, 4, 8 … seconds, at most an hour.
fn backoff(attempts: i32) -> TimeDelta {
    TimeDelta::seconds(2_i64.saturating_pow(attempts.unsigned_abs()).min(3_600))
}

/// A job by its id.
///
/// # Errors
/// If the database fails.
pub fn by_id(conn: &mut Conn, id: Id<Job>) -> Result<Option<Job>, Failure> {
    Ok(jobs::table.find(id).select(Job::as_select()).first(conn).optional()?)
}

/// How many jobs are due now, counted up to `limit`.
///
/// # Errors
/// If the database fails.
pub fn count_due(conn: &mut Conn, now: Time, limit: i64) -> Result<i64, Failure> {
    let due = jobs::table.filter(sql::<Bool>("state = 'DUE'")).filter(jobs::run_at.le(now));
    Ok(Counted(due.select(jobs::id).limit(limit)).get_result(conn)?)
}
