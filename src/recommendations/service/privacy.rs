//! What people have looked at, and do not want to be recommended: told to them, and erased with them.

use serde_json::json;

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    recommendations::queries,
    users::model::{Bookmark, Chapter, ForgetLearned, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { name: "viewed-products", read: viewed_products },
    Chapter { name: "dismissed-products", read: dismissed_products },
];

fn viewed_products(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let views = queries::views(conn, user.uuid())?.into_iter();
    Ok(Told::all(views.map(|(product, at)| json!({"product": product, "viewedAt": at})).collect()))
}

fn dismissed_products(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let dismissals = queries::dismissals(conn, user)?.into_iter();
    Ok(Told::all(dismissals.map(|(product, at)| json!({"product": product, "createdAt": at})).collect()))
}

/// A step: nobody has looked at anything, or did not want it. What they ordered is [forgotten](super::forget) afterwards, by a job, so that it
/// is done whatever becomes of this process.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    queries::delete_views(tx, user.uuid(), Time::UNIX_EPOCH)?;
    queries::delete_tally(tx, user.uuid())?;
    queries::delete_dismissals(tx, user, Time::UNIX_EPOCH)?;
    tx.enqueue(&ForgetLearned { user })
}
