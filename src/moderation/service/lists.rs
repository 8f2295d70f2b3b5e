//! Cases for the staff, and decisions for those whom they concern.

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    moderation::{
        model::{Case, CaseFilter, Decision, TimeKey},
        queries,
    },
    platform::{app::App, caller::Caller},
    users::model::oneself,
};

/// A page of cases that concern neither the caller nor their shops, the one last that waits for the longest time.
///
/// # Errors
/// If the database fails.
pub async fn cases(
    app: &App,
    caller: &Caller,
    filter: CaseFilter,
    page: Page<TimeKey>,
) -> Result<Slice<Case>, Failure> {
    let reader = oneself(caller)?;
    app.db.read(move |conn| queries::cases(conn, reader, filter, &page)).await
}

/// How many such cases there are, counted to one more than 10,000.
///
/// # Errors
/// If the database fails.
pub async fn count_cases(app: &App, caller: &Caller, filter: CaseFilter) -> Result<i64, Failure> {
    let reader = oneself(caller)?;
    app.db.read(move |conn| queries::count_cases(conn, reader, filter)).await
}

/// A page of what was decided about the caller and what is theirs, the newest first.
///
/// # Errors
/// If the database fails.
pub async fn notices(app: &App, caller: &Caller, page: Page<Id<Decision>>) -> Result<Slice<Case>, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::notices_of(conn, user, &page)).await
}

/// How much was decided about the caller and what is theirs, counted to one more than 10,000.
///
/// # Errors
/// If the database fails.
pub async fn count_notices(app: &App, caller: &Caller) -> Result<i64, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::count_notices(conn, user)).await
}

/// A case.
///
/// # Errors
/// If the database fails.
pub async fn case(app: &App, id: Id<Case>) -> Result<Option<Case>, Failure> {
    app.db.read(move |conn| queries::by_id(conn, id)).await
}
