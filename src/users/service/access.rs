//! What somebody may hear of has become more or less.

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::Tx,
    users::model::{AccessChanged, User, access_topic},
};

/// A step: has the open streams of somebody look anew at what they may tell. The caller holds the lock of what has changed.
///
/// # Errors
/// If the database fails.
pub fn tell_of_access(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    tx.emit(&AccessChanged { user }, &[access_topic(user)])
}
