//! Files of products that people sent.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use diesel::{
    AsChangeset, Queryable, Selectable,
    deserialize::{FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{IsNull, Output, ToSql},
    sql_types::Jsonb,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Format, Policy};
use crate::{
    kernel::id::{Entity, Id},
    media::model::Upload,
    platform::{clock::Time, events::EventBody, import::Report, jobs::JobBody},
    schema::product_imports,
    shops::model::Shop,
    text_enum,
    users::model::User,
};

text_enum! {
    /// How far an import is.
    #[derive(async_graphql::Enum)]
    pub enum ProductImportState {
        /// It has not begun yet.
        Waiting = "WAITING",
        /// It goes on.
        Running = "RUNNING",
        /// All rows were read. Those that could be taken are taken, unless it was a dry run.
        Completed = "COMPLETED",
        /// Not every row could be taken, and by `REJECT_ALL` none is; or none would be, if it was only tried out.
        Refused = "REFUSED",
        /// It has ended early, see `failure`. What was taken before stays.
        Failed = "FAILED",
        /// It was called off. What was taken before stays.
        Cancelled = "CANCELLED",
    }
}

impl ProductImportState {
    /// Whether it may still take rows.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

text_enum! {
    /// Why an import has ended early.
    #[derive(async_graphql::Enum)]
    pub enum ProductImportFailure {
        /// The file is not what it should be: `failureText` says why.
        Unreadable = "UNREADABLE",
        /// It has more than 100,000 rows, or more than can be taken all or none: 5,000, fewer if that takes too long.
        TooManyRows = "TOO_MANY_ROWS",
        /// The file is gone: it is kept for two days.
        FileGone = "FILE_GONE",
        /// Whoever asked for it may not edit the shop's products any more.
        NotPermitted = "NOT_PERMITTED",
        /// The market could not go on with it. Ask for it again: what was taken is told as unchanged.
        Interrupted = "INTERRUPTED",
    }
}

/// A file of products that somebody sent, and what came of it.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct ProductImport {
    pub id: Id<ProductImport>,
    pub shop_id: Id<Shop>,
    pub user_id: Option<Id<User>>,
    pub upload_id: Id<Upload>,
    pub format: Option<Format>,
    pub policy: Policy,
    pub is_dry_run: bool,
    pub state: ProductImportState,
    pub failure: Option<ProductImportFailure>,
    pub failure_text: Option<String>,
    pub row_count: Option<i32>,
    #[diesel(embed)]
    pub progress: Progress,
    pub created_at: Time,
    pub progressed_at: Time,
    pub finished_at: Option<Time>,
}

impl Entity for ProductImport {
    const PREFIX: &'static str = "import";
}

impl ProductImport {
    /// Rows of a file at the most.
    pub const MAXIMUM_ROWS: i32 = 100_000;
    /// Rows of a file at the most of which all are taken or none; and those of one run of the job.
    pub const MAXIMUM_AT_ONCE: usize = 5_000;
    /// Rows of one transaction, but for those where all are taken or none: nobody else waits long.
    pub const BATCH: usize = 500;
    /// How many of the rows that were not taken are told one by one.
    pub const MAXIMUM_REJECTS: i32 = 1_000;
    /// How long one is kept.
    pub const KEPT: TimeDelta = TimeDelta::days(90);
    /// How long one may make no progress: longer than its job is tried.
    pub const PATIENCE: TimeDelta = TimeDelta::hours(3);
}

/// How far an import is, and what came of the rows.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = product_imports)]
pub struct Progress {
    /// Records that are done for good.
    pub record_count: i32,
    /// Their rows.
    pub rows_read: i32,
    pub created: i32,
    pub updated: i32,
    pub unchanged: i32,
    pub rejected: i32,
    pub rejections: Tally,
    pub notes: Tally,
}

impl Progress {
    /// So many more records with so many rows are done, of which this is told.
    pub fn add(&mut self, records: usize, rows: usize, report: &Report) {
        let small = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let count = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        self.record_count = self.record_count.saturating_add(small(records));
        self.rows_read = self.rows_read.saturating_add(small(rows));
        self.created = self.created.saturating_add(count(report.created));
        self.updated = self.updated.saturating_add(count(report.updated));
        self.unchanged = self.unchanged.saturating_add(count(report.unchanged));
        self.rejected = self.rejected.saturating_add(count(report.rejected()));
        self.rejections.add(&report.rejected);
        self.notes.add(&report.noted);
    }
}

/// How often what was so, by what it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Jsonb)]
pub struct Tally(pub BTreeMap<String, i32>);

impl Tally {
    fn add(&mut self, counts: &BTreeMap<String, u64>) {
        for (what, count) in counts {
            let what: String = what.chars().take(500).collect();
            let sum = self.0.entry(what).or_default();
            *sum = sum.saturating_add(i32::try_from(*count).unwrap_or(i32::MAX));
        }
    }
}

impl FromSql<Jsonb, Pg> for Tally {
    fn from_sql(bytes: PgValue<'_>) -> diesel::deserialize::Result<Self> {
        Ok(serde_json::from_value(FromSql::<Jsonb, Pg>::from_sql(bytes)?)?)
    }
}

impl ToSql<Jsonb, Pg> for Tally {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        // The version of the binary format.
        std::io::Write::write_all(out, &[1])?;
        serde_json::to_writer(out, self)?;
        Ok(IsNull::No)
    }
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Reject {
    pub line: i64,
    pub reason: String,
}

/// An import has begun, has gone on, or has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductImportChanged {
    pub import: Uuid,
}

impl EventBody for ProductImportChanged {
    const KIND: &'static str = "product_import_changed";
}

/// Goes on with an import.
#[derive(Debug, Serialize, Deserialize)]
pub struct GoOnWithImport {
    pub import: Id<ProductImport>,
}

impl JobBody for GoOnWithImport {
    const KIND: &'static str = "porting.go_on_with_import";
}
