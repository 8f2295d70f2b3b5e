//! The market's own side: for its staff.

use async_graphql::{Context, InputObject, MergedObject, Object, SimpleObject};
use uuid::Uuid;

use crate::{
    documents::graphql::StaffDocuments,
    kernel::{id::Id, page::PageArgs},
    messages::graphql::{StaffHeldMessages, StaffMessageFilters, StaffSupportCalls},
    moderation::graphql::StaffReports,
    orders::graphql::{StaffClaims, StaffOrders, StaffSales},
    payments::graphql::StaffDisputes,
    platform::{
        app::App,
        buckets,
        caller::{Caller, StaffPermission},
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, StaffOnly, Total, WireResult},
        idempotency,
        jobs::{self, Handlers},
    },
    reviews::graphql::StaffReviews,
    user_errors::{UserError, answer},
    users::graphql::{StaffApiKeys, StaffSelf},
};

/// Work in the background that failed too often to be tried again by itself.
#[derive(SimpleObject)]
pub struct Job {
    /// Begins with `job_`.
    id: Id<jobs::Job>,
    /// What it does.
    kind: String,
    /// How often it was tried.
    attempts: i32,
    /// Why the last attempt failed.
    last_error: Option<String>,
    /// When it was caused.
    created_at: Time,
}

impl From<jobs::Job> for Job {
    fn from(row: jobs::Job) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            attempts: row.attempts,
            last_error: row.last_error,
            created_at: row.created_at,
        }
    }
}

/// What the market's staff see.
#[derive(MergedObject, Default)]
pub struct Staff(
    StaffJobs,
    StaffDocuments,
    StaffApiKeys,
    StaffReviews,
    StaffReports,
    StaffMessageFilters,
    StaffHeldMessages,
    StaffSupportCalls,
    StaffOrders,
    StaffDisputes,
    StaffClaims,
    StaffSales,
    StaffSelf,
);

#[derive(Default)]
pub struct StaffJobs;

#[Object]
impl StaffJobs {
    /// Jobs that failed too often, newest first.
    #[graphql(guard = "StaffOnly(StaffPermission::ViewOperations)")]
    async fn dead_jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<Job>> {
        let listing = Listing::<(Time, Uuid)>::new("dead_jobs", &PageArgs { first, after, last, before })?;
        let page = listing.page.clone();
        let app = ctx.app().clone();
        let rows = app.db.read(move |conn| jobs::dead(conn, &page)).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { app.db.read_long(|conn| jobs::count_dead(conn, COUNT_LIMIT + 1)).await }
        });
        Ok(listing.connection(rows, |job| (job.created_at, job.id.uuid()), Job::from, total))
    }
}

#[derive(Default)]
pub struct StaffQuery;

#[Object]
impl StaffQuery {
    /// What the market's staff see; null for everybody else.
    async fn staff(&self, ctx: &Context<'_>) -> Option<Staff> {
        ctx.caller().staff_role().map(|_| Staff::default())
    }
}

/// Which job to run again.
#[derive(InputObject)]
pub struct ReplayJobInput {
    /// A dead job.
    job_id: Id<jobs::Job>,
}

/// What `replayJob` answers.
#[derive(SimpleObject)]
pub struct ReplayJobPayload {
    /// The job, which is due again.
    job: Option<Job>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct StaffMutation;

#[Object]
impl StaffMutation {
    /// Has a dead job tried again, with all its attempts. If another one that does the same is due meanwhile, there is nothing to try again
    /// (`ALREADY_DONE`). For admins.
    ///
    /// Codes: `NOT_FOUND`, `ALREADY_DONE`.
    #[graphql(guard = "StaffOnly(StaffPermission::ManageOperations)")]
    async fn replay_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ReplayJobInput,
    ) -> WireResult<ReplayJobPayload> {
        let replayed = ctx.app().db.write(ctx.caller(), move |tx| jobs::replay(tx, input.job_id)).await;
        let (job, user_errors) = answer(ctx, replayed).await?;
        Ok(ReplayJobPayload { job: job.map(Into::into), user_errors })
    }
}

/// Outcomes, buckets, or jobs, forgotten in one transaction.
const FORGET_BATCH: i64 = 5_000;

/// Adds what belongs to no domain.
pub fn handlers(handlers: Handlers<App>) -> Handlers<App> {
    handlers
        .every(chrono::TimeDelta::minutes(5), "api.forget_buckets", |app: App| async move {
            app.db.write_in_batches(&Caller::system(), |tx| buckets::forget_full(tx, FORGET_BATCH)).await
        })
        .every(chrono::TimeDelta::minutes(10), "api.forget_outcomes", |app: App| async move {
            app.db.write_in_batches(&Caller::system(), |tx| idempotency::forget_expired(tx, FORGET_BATCH)).await
        })
        .every(chrono::TimeDelta::hours(6), "api.forget_dead", |app: App| async move {
            app.db.write_in_batches(&Caller::system(), |tx| jobs::forget_dead(tx, FORGET_BATCH)).await
        })
}
