//! What somebody was told of, and what of it they have read.

use crate::{
    kernel::{
        error::Failure,
        page::{Page, Slice},
    },
    notifications::{
        error::NotificationError,
        model::{Marked, NewestKey, Notification, NotificationFilter},
        queries,
    },
    platform::{app::App, caller::Caller, db::Tx},
    users::model::oneself,
};

/// A page of what the caller was told of, newest first.
pub async fn notifications(
    app: &App,
    caller: &Caller,
    filter: NotificationFilter,
    page: Page<NewestKey>,
) -> Result<Slice<Notification>, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::page(conn, user, filter, &page)).await
}

/// How much the caller was told of, counted up to `limit`.
pub async fn count_notifications(
    app: &App,
    caller: &Caller,
    filter: NotificationFilter,
    limit: i64,
) -> Result<i64, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::count(conn, user, filter, limit)).await
}

/// Marks notifications of the caller's as read. What is not theirs changes nothing, and stops nothing of what is. Returns those that were
/// named, as they are now.
///
/// # Errors
/// If the one up to which is to be read is none of theirs, or more are named than may be at once.
pub async fn mark_read(app: &App, caller: &Caller, marked: Marked) -> Result<Vec<Notification>, NotificationError> {
    let user = oneself(caller)?;
    if matches!(&marked, Marked::Those(ids) if ids.len() > Notification::MARKED) {
        return Err(NotificationError::TooMany);
    }
    app.db
        .write(caller, move |tx: &mut Tx<'_>| match &marked {
            Marked::Those(ids) => {
                queries::set_read(tx, user, ids)?;
                Ok(queries::by_ids(tx.conn(), user, ids)?)
            }
            Marked::UpTo(id) => {
                let newest = queries::by_ids(tx.conn(), user, &[*id])?.pop();
                let newest =
                    newest.ok_or_else(|| NotificationError::NotFound { field: "notifications.upTo".into() })?;
                queries::set_read_up_to(tx, user, (newest.created_at, newest.id))?;
                Ok(queries::by_ids(tx.conn(), user, &[*id])?)
            }
        })
        .await
}

/// Forgets what people were told of after [`Notification::KEPT`].
pub async fn forget_notifications(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - Notification::KEPT;
        queries::delete_old(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
