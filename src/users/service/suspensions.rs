//! Whom the staff keep from writing: steps of the moderation, and of whoever writes.

use uuid::Uuid;

use crate::users::{
    model::{User, Writer},
    queries,
};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
};

/// A step: somebody who is about to write something; none if there is nobody (any more).
///
/// # Errors
/// If the database fails.
pub fn writer(conn: &mut Conn, user: Id<User>) -> Result<Option<Writer>, Failure> {
    queries::writer(conn, user)
}

/// A step: keeps somebody from writing until a time, or for good, unless something does for longer. `cause` is what lets them write again by
/// [`end_suspension`]; what kept them from it for less is then for the caller to put again.
///
/// # Errors
/// If the database fails.
pub fn suspend(tx: &mut Tx<'_>, user: Id<User>, cause: Uuid, until: Option<Time>) -> Result<(), Failure> {
    queries::put_suspension(tx, user, cause, until)
}

/// A step: lets somebody write again, unless something else keeps them from it by now. Tells whether it did.
///
/// # Errors
/// If the database fails.
pub fn end_suspension(tx: &mut Tx<'_>, user: Id<User>, cause: Uuid) -> Result<bool, Failure> {
    queries::delete_suspension(tx, user, cause)
}

/// A step: somebody who is there, as everybody sees them.
///
/// # Errors
/// If the database fails.
pub fn person(conn: &mut Conn, user: Id<User>) -> Result<Option<User>, Failure> {
    queries::somebody(conn, user)
}
