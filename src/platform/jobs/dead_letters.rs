//! Jobs that failed too often: listed, and run again.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::sql,
    sql_types::{Bool, Timestamptz, Uuid as SqlUuid},
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
/// [`ReplayError::NotDead`], or if the database fails.
pub fn replay(tx: &mut Tx<'_>, id: Id<Job>) -> Result<Job, ReplayError> {
    let now = tx.now();
    let job = diesel::update(jobs::table.find(id).filter(jobs::state.eq(JobState::Dead)))
        .set((jobs::state.eq(JobState::Due), jobs::run_at.eq(now), jobs::attempts.eq(0)))
        .returning(Job::as_returning())
        .get_result(tx.conn())
        .optional()
        .map_err(Failure::from)?;
    tx.note_job();
    job.ok_or(ReplayError::NotDead)
}

/// Why a job is not replayed.
#[derive(Debug, thiserror::Error, Serialize, serde::Deserialize)]
pub enum ReplayError {
    #[error("there is no such dead job")]
    NotDead,
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
            Self::KeyReused(_) => Verdict::refused(UserErrorCode::IdempotencyKeyReused),
            Self::Failed(failure) => Verdict::Failed(failure),
        }
    }
}
