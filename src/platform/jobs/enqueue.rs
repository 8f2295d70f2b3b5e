//! Writing down what is to be done.

use diesel::{
    ExpressionMethods, Insertable, RunQueryDsl,
    dsl::sql,
    sql_types::{Bool, Timestamptz},
    upsert::DecoratableTarget,
};
use serde_json::Value;
use uuid::Uuid;

use super::JobBody;
use crate::{
    kernel::error::Failure,
    platform::{clock::Time, db::Tx},
    schema::jobs,
};

/// Jobs that are written down by one statement at the most.
const ROWS: usize = 1_000;

/// A job that is to run at a time. While one with its key is due, no second one is made.
#[derive(Debug)]
pub struct Planned<B> {
    pub body: B,
    pub run_at: Time,
    pub unique_key: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = jobs)]
pub(super) struct NewJob<'a> {
    pub(super) id: Uuid,
    pub(super) kind: &'a str,
    pub(super) payload: Value,
    pub(super) unique_key: Option<&'a str>,
    pub(super) run_at: Time,
    pub(super) created_at: Time,
}

impl Tx<'_> {
    /// Has a job run after this transaction.
    ///
    /// # Errors
    /// If the database fails.
    pub fn enqueue<B: JobBody>(&mut self, body: &B) -> Result<(), Failure> {
        self.enqueue_at(body, self.now(), None)
    }

    /// Has a job run at a time. While one with the same `unique_key` is due, no second one is made.
    ///
    /// # Errors
    /// If the database fails.
    pub fn enqueue_at<B: JobBody>(&mut self, body: &B, run_at: Time, unique_key: Option<&str>) -> Result<(), Failure> {
        let job = self.row(body, run_at, unique_key)?;
        diesel::insert_into(jobs::table).values(job).on_conflict_do_nothing().execute(self.conn())?;
        self.note_job();
        Ok(())
    }

    /// Has the job of this key run at a time, and no second one. One that has not begun runs at the earlier of both times. One that runs just now,
    /// or has failed, begins anew at this one, and its attempt of now settles it no more: so a job can plan itself again.
    ///
    /// # Errors
    /// If the database fails.
    pub fn enqueue_anew<B: JobBody>(&mut self, body: &B, run_at: Time, unique_key: &str) -> Result<(), Failure> {
        let job = self.row(body, run_at, Some(unique_key))?;
        self.write_anew(vec![job])
    }

    /// As [`Tx::enqueue_anew`], of several jobs of different keys, which are written down by one statement for every thousand.
    ///
    /// # Errors
    /// If the database fails.
    pub fn enqueue_planned_anew<B: JobBody>(&mut self, planned: &[Planned<B>]) -> Result<(), Failure> {
        for planned in planned.chunks(ROWS) {
            let rows = self.rows(planned)?;
            self.write_anew(rows)?;
        }
        Ok(())
    }

    fn write_anew(&mut self, rows: Vec<NewJob<'_>>) -> Result<(), Failure> {
        // Postgres knows its index `jobs_unique_key` by these words.
        diesel::insert_into(jobs::table)
            .values(rows)
            .on_conflict(jobs::unique_key)
            .filter_target(sql::<Bool>("state = 'DUE'"))
            .do_update()
            .set((
                jobs::run_at.eq(sql::<Timestamptz>(
                    "CASE WHEN jobs.attempts = 0 THEN least(jobs.run_at, excluded.run_at) ELSE excluded.run_at END",
                )),
                jobs::attempts.eq(0),
            ))
            .execute(self.conn())?;
        self.note_job();
        Ok(())
    }

    /// As [`Tx::enqueue`], of several jobs, which are written down by one statement for every thousand.
    ///
    /// # Errors
    /// If the database fails.
    pub fn enqueue_all<B: JobBody>(&mut self, bodies: impl IntoIterator<Item = B>) -> Result<(), Failure> {
        let now = self.now();
        let planned: Vec<_> = bodies.into_iter().map(|body| Planned { body, run_at: now, unique_key: None }).collect();
        self.enqueue_planned(&planned)
    }

    /// As [`Tx::enqueue_at`], of several jobs, which are written down by one statement for every thousand.
    ///
    /// # Errors
    /// If the database fails.
    pub fn enqueue_planned<B: JobBody>(&mut self, planned: &[Planned<B>]) -> Result<(), Failure> {
        for planned in planned.chunks(ROWS) {
            let rows = self.rows(planned)?;
            diesel::insert_into(jobs::table).values(rows).on_conflict_do_nothing().execute(self.conn())?;
            self.note_job();
        }
        Ok(())
    }

    fn rows<'a, B: JobBody>(&self, planned: &'a [Planned<B>]) -> Result<Vec<NewJob<'a>>, Failure> {
        planned.iter().map(|job| self.row(&job.body, job.run_at, job.unique_key.as_deref())).collect()
    }

    fn row<'a, B: JobBody>(&self, body: &B, run_at: Time, unique_key: Option<&'a str>) -> Result<NewJob<'a>, Failure> {
        let payload = serde_json::to_value(body).map_err(Failure::internal)?;
        Ok(NewJob { id: self.new_uuid(), kind: B::KIND, payload, unique_key, run_at, created_at: self.now() })
    }
}
