//! Reporting reviews, and what the staff do about them.

use super::{lock, note_of_report};
use crate::{
    kernel::{id::Id, text},
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    products::{
        self,
        model::{Product, rating::RatingChange},
    },
    reviews::{
        error::ReviewError,
        model::{ReportReason, Review},
        policy, queries,
    },
    users::{
        self,
        model::{User, oneself},
    },
};

/// Asks the staff to look at a review.
pub async fn report_review(
    app: &App,
    caller: &Caller,
    key: Option<&str>,
    id: Id<Review>,
    reason: ReportReason,
    note: &str,
) -> Result<Id<Review>, ReviewError> {
    let user = oneself(caller)?;
    let input = (id, reason.as_str(), note);
    let key = key.map(|key| Key::new(&user, "reportReview", key, &input, Retention::Day)).transpose()?;
    let note = note_of_report(note)?;
    let asking = caller.clone();
    app.once(caller, key, move |tx| {
        let seen = queries::by_ids(tx.conn(), Some(user), &[id])?.pop();
        let seen = seen.filter(|(review, status, role)| policy::may_see(&asking, review, *status, *role));
        let (review, ..) = seen.ok_or_else(|| ReviewError::not_found("reviewId"))?;
        if review.author_id == user {
            return Err(ReviewError::Own);
        }
        let inserted = queries::insert_report(tx, id, user, reason, &note).map_err(|failure| match failure {
            gone if gone.violates("review_reports_review_id_fkey") => ReviewError::not_found("reviewId"),
            failure => failure.into(),
        })?;
        // What was reported and then edited is another review.
        let is_new = match review.edited_at {
            Some(edited_at) if !inserted => queries::renew_report(tx, id, user, (reason, &note), edited_at)?,
            _ => inserted,
        };
        if !is_new {
            return Err(ReviewError::AlreadyDone);
        }
        queries::set_reported(tx, id)?;
        Ok(id)
    })
    .await
}

/// Hides a review, for a reason that its author reads. Its stars count no more.
pub async fn hide_review(app: &App, caller: &Caller, id: Id<Review>, reason: &str) -> Result<Id<Review>, ReviewError> {
    oneself(caller)?;
    let reason = checked_reason(reason)?;
    app.db
        .write(caller, move |tx| {
            let author = hide(tx, id, &reason)?;
            users::service::audit(tx, author, None, &reason, &["hideReview"])?;
            Ok(id)
        })
        .await
}

/// A step: hides a review, for a reason that its author reads, and tells who that is.
///
/// # Errors
/// If it is hidden already, or there is none: then the caller rolls back.
pub fn hide(tx: &mut Tx<'_>, id: Id<Review>, reason: &str) -> Result<Id<User>, ReviewError> {
    let (review, product) = lock_with_author(tx, id)?;
    if review.is_hidden() {
        return Err(ReviewError::AlreadyDone);
    }
    queries::set_hidden(tx, id, Some(reason))?;
    let change = RatingChange { lost: Some(review.rating), gained: None };
    products::service::count_rating(tx, &product, change)?;
    Ok(review.author_id)
}

/// A step: shows a review again. False if it is not hidden, or there is none.
///
/// # Errors
/// If the database fails.
pub fn unhide(tx: &mut Tx<'_>, id: Id<Review>) -> Result<bool, ReviewError> {
    let (review, product) = match lock_with_author(tx, id) {
        Err(ReviewError::NotFound { .. }) => return Ok(false),
        found => found?,
    };
    if !review.is_hidden() {
        return Ok(false);
    }
    queries::set_hidden(tx, id, None)?;
    let change = RatingChange { lost: None, gained: Some(review.rating) };
    products::service::count_rating(tx, &product, change)?;
    Ok(true)
}

/// A step: a review that the caller sees.
///
/// # Errors
/// If the database fails.
pub fn seen_by(tx: &mut Tx<'_>, asking: &Caller, id: Id<Review>) -> Result<Option<Review>, ReviewError> {
    let user = oneself(asking)?;
    let found = queries::by_ids(tx.conn(), Some(user), &[id])?.pop();
    let seen = found.filter(|(review, status, role)| policy::may_see(asking, review, *status, *role));
    Ok(seen.map(|(review, ..)| review))
}

/// Finds that a review can be seen: shows it again if it was hidden, and settles what was reported about it.
pub async fn show_review(app: &App, caller: &Caller, id: Id<Review>, reason: &str) -> Result<Id<Review>, ReviewError> {
    oneself(caller)?;
    let reason = checked_reason(reason)?;
    app.db.write(caller, move |tx| show(tx, id, &reason)).await
}

fn show(tx: &mut Tx<'_>, id: Id<Review>, reason: &str) -> Result<Id<Review>, ReviewError> {
    let (review, product) = lock_with_author(tx, id)?;
    if !review.is_hidden() && review.reported_at.is_none() {
        return Err(ReviewError::AlreadyDone);
    }
    queries::set_hidden(tx, id, None)?;
    if review.is_hidden() {
        let change = RatingChange { lost: None, gained: Some(review.rating) };
        products::service::count_rating(tx, &product, change)?;
        // Who was only reported has not noticed anything.
        users::service::audit(tx, review.author_id, None, reason, &["showReview"])?;
    }
    Ok(id)
}

/// As [`lock`], with its author first, who is about to be told.
fn lock_with_author(tx: &mut Tx<'_>, id: Id<Review>) -> Result<(Review, Product), ReviewError> {
    let author = queries::by_id(tx.conn(), id)?.ok_or_else(|| ReviewError::not_found("reviewId"))?.author_id;
    users::service::lock_person(tx, author)?;
    lock(tx, id)
}

fn checked_reason(given: &str) -> Result<String, ReviewError> {
    text::line(given, 500).map_err(|error| ReviewError::Text { field: "reason".into(), error })
}
