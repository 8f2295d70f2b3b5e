//! What others learn of orders.

use crate::{
    kernel::{error::Failure, id::Id},
    orders::{
        model::{Chosen, Order},
        queries::learning as queries,
    },
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
};

/// A step: at most `limit` orders that are to be learned, because they were placed, paid or changed, or to be forgotten, because they were called
/// off. They are locked; those that somebody is just changing come another time.
///
/// # Errors
/// If the database fails.
pub fn lock_unlearned(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Chosen>, Failure> {
    queries::lock_unlearned(tx, limit)
}

/// A step: notes that locked orders are learned, or forgotten.
///
/// # Errors
/// If the database fails.
pub fn note_learned(tx: &mut Tx<'_>, orders: &[Id<Order>]) -> Result<(), Failure> {
    queries::set_learned(tx, orders)
}

/// What was ordered together lately: at most `limit` orders that hold, the newest first, after one if it is given; with when they were placed.
///
/// # Errors
/// If the database fails.
pub fn agreed(conn: &mut Conn, before: Option<(Time, Id<Order>)>, limit: i64) -> Result<Vec<(Time, Chosen)>, Failure> {
    queries::agreed(conn, before, limit)
}
