//! What people report about reviews.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper,
    sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid},
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    reviews::model::{MAXIMUM_REPORTS, Report, ReportReason, Review, TimeKey},
    schema::{review_reports, reviews},
    users::model::User,
};

/// Notes a report. False if the person has reported the review before.
///
/// # Errors
/// A violated `review_reports_review_id_fkey` if the review was just deleted.
pub fn insert_report(
    tx: &mut Tx<'_>,
    id: Id<Review>,
    reporter: Id<User>,
    reason: ReportReason,
    note: &str,
) -> Result<bool, Failure> {
    let now = tx.now();
    let row = (
        review_reports::review_id.eq(id),
        review_reports::reporter_id.eq(reporter),
        review_reports::reason.eq(reason),
        review_reports::note.eq(note),
        review_reports::created_at.eq(now),
    );
    Ok(diesel::insert_into(review_reports::table).values(row).on_conflict_do_nothing().execute(tx.conn())? == 1)
}

/// Says anew what somebody reported before a time. False if they did not.
pub fn renew_report(
    tx: &mut Tx<'_>,
    id: Id<Review>,
    reporter: Id<User>,
    (reason, note): (ReportReason, &str),
    before: Time,
) -> Result<bool, Failure> {
    let now = tx.now();
    let row = review_reports::table.find((id, reporter)).filter(review_reports::created_at.lt(before));
    let said = (review_reports::reason.eq(reason), review_reports::note.eq(note), review_reports::created_at.eq(now));
    Ok(diesel::update(row).set(said).execute(tx.conn())? == 1)
}

/// Has a review wait for the staff, from now on if it did not, unless they have hidden it.
pub fn set_reported(tx: &mut Tx<'_>, id: Id<Review>) -> Result<(), Failure> {
    let now = tx.now();
    let row = reviews::table.find(id).filter(reviews::reported_at.is_null().and(reviews::hidden_at.is_null()));
    diesel::update(row).set(reviews::reported_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// The reports about reviews, each review's last ones first, not more than are shown of one.
pub fn reports_of(conn: &mut Conn, ids: &[Id<Review>]) -> Result<Vec<Report>, Failure> {
    Ok(diesel::sql_query(
        "SELECT last.* FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL \
            (SELECT * FROM review_reports WHERE review_id = wanted.id ORDER BY created_at DESC, reporter_id LIMIT $2) last",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<BigInt, _>(MAXIMUM_REPORTS)
    .load(conn)?)
}

/// A page of the reviews that wait for the staff, the one last that waits for the longest time.
pub fn reported(conn: &mut Conn, page: &Page<TimeKey>) -> Result<Slice<Review>, Failure> {
    let waiting = reviews::table.filter(reviews::reported_at.is_not_null()).select(Review::as_select()).into_boxed();
    let at = reviews::reported_at.assume_not_null();
    let query = newest_first!(waiting, page, (at, reviews::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

pub fn count_reported(conn: &mut Conn, limit: i64) -> Result<i64, Failure> {
    let waiting = reviews::table.filter(reviews::reported_at.is_not_null());
    Ok(Counted(waiting.select(reviews::id).limit(limit)).get_result(conn)?)
}

/// A page of what somebody reported, newest first.
pub fn reports_by(conn: &mut Conn, reporter: Id<User>, page: &Page<TimeKey>) -> Result<Slice<Report>, Failure> {
    let own = review_reports::table.filter(review_reports::reporter_id.eq(reporter)).select(Report::as_select());
    let key = (review_reports::created_at, review_reports::review_id);
    let query = newest_first!(own.into_boxed(), page, (key.0, key.1): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

/// Deletes what was reported about reviews.
pub fn delete_reports(tx: &mut Tx<'_>, ids: &[Id<Review>]) -> Result<(), Failure> {
    diesel::delete(review_reports::table.filter(review_reports::review_id.eq_any(ids))).execute(tx.conn())?;
    Ok(())
}

/// Takes the words out of what somebody reported.
pub fn clear_notes(tx: &mut Tx<'_>, reporter: Id<User>) -> Result<(), Failure> {
    let own = review_reports::table.filter(review_reports::reporter_id.eq(reporter));
    diesel::update(own).set(review_reports::note.eq("")).execute(tx.conn())?;
    Ok(())
}
