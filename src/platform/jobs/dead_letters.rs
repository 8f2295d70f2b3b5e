//! Jobs that failed too often: listed, run again, and forgotten after a while.

use chrono::TimeDelta;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::sql,
    sql_query,
    sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid},
};
use serde::Serialize;
use uuid::Uuid;

use super::{Job, JobState};
use crate::{
    kernel::{
        error::{DomainError, Failure, KeyReused, TransactionError, UserErrorCode, Verdict},
        id::Id,
        page::{Page, Slice},
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::jobs,
};

/// How long a job stays that has died.
const KEPT: TimeDelta = TimeDelta::days(90);

/// A page of the dead jobs, newest first.
///
/// # Errors
/// If the database fails.
pub fn dead(conn: &mut Conn, page: &Page<(Time, Uuid)>) -> Result<Slice<Job>, Failure> {
    let query = jobs::table.filter(sql::<Bool>("state = 'DEAD'")).select(Job::as_select()).into_boxed();
    let query = newest_first!(query, page, (jobs::created_at, jobs::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

/// How many jobs are dead, counted up to `limit`.
///
/// # Errors
/// If the database fails.
pub fn count_dead(conn: &mut Conn, limit: i64) -> Result<i64, Failure> {
    let rows = jobs::table.filter(sql::<Bool>("state = 'DEAD'")).select(jobs::id).limit(limit);
    Ok(Counted(rows).get_result(conn)?)
}

/// Makes a dead job due again, with all its attempts.
///
/// # Errors
/// [`ReplayError::NotDead`]; [`ReplayError::DueAlready`], then the caller rolls back; or if the database fails.
pub fn replay(tx: &mut Tx<'_>, id: Id<Job>) -> Result<Job, ReplayError> {
    let now = tx.now();
    let replayed = diesel::update(jobs::table.find(id).filter(jobs::state.eq(JobState::Dead)))
        .set((jobs::state.eq(JobState::Due), jobs::run_at.eq(now), jobs::attempts.eq(0)))
        .returning(Job::as_returning())
        .get_result(tx.conn())
        .optional()
        .map_err(Failure::from);
    let job = replayed.map_err(|failure| match failure {
        failure if failure.violates("jobs_unique_key") => ReplayError::DueAlready,
        failure => failure.into(),
    })?;
    tx.note_job();
    job.ok_or(ReplayError::NotDead)
}

/// Forgets jobs that died long ago, a bounded number at once. Returns how many. When one died is near when it would have run next.
///
/// # Errors
/// If the database fails.
pub fn forget_dead(tx: &mut Tx<'_>, limit: i64) -> Result<usize, Failure> {
    let before = tx.now() - KEPT;
    let query = sql_query(
        "DELETE FROM jobs WHERE state = 'DEAD' AND id = ANY (ARRAY(SELECT id FROM jobs \
          WHERE state = 'DEAD' AND created_at < $1 AND run_at < $1 ORDER BY created_at, id LIMIT $2))",
    );
    Ok(query.bind::<Timestamptz, _>(before).bind::<BigInt, _>(limit).execute(tx.conn())?)
}

/// Why a job is not replayed.
#[derive(Debug, thiserror::Error, Serialize, serde::Deserialize)]
pub enum ReplayError {
    #[error("there is no such dead job")]
    NotDead,
    #[error("another job does the same, and is due")]
    DueAlready,
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    #[serde(skip)]
    Failed(#[from] Failure),
}

impl TransactionError for ReplayError {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

impl DomainError for ReplayError {
    fn verdict(self) -> Verdict {
        match self {
            Self::NotDead => Verdict::at(UserErrorCode::NotFound, ["jobId"]),
            Self::DueAlready => Verdict::at(UserErrorCode::AlreadyDone, ["jobId"]),
            Self::KeyReused(_) => Verdict::refused(UserErrorCode::IdempotencyKeyReused),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
