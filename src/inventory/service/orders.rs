//! What orders do to stock.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{locations::default_location, making::merge, reservations, settle::Turns, shelves};
use crate::{
    inventory::{
        model::{MovementReason, Shelf, Shortage},
        queries,
    },
    kernel::{error::Failure, id::Id},
    platform::db::Tx,
    products::model::Variant,
};

/// What came of an order's taking.
pub enum Taken {
    /// Everything is taken. The caller settles the turns at the end.
    All(Turns),
    /// Nothing is: of these there is not enough.
    Short(Vec<Shortage>),
}

/// A step: an order takes pieces of all that it wants, or of nothing. All that is held for the `holder` is let go of.
///
/// # Errors
/// If `cause` has taken something before.
pub fn take(
    tx: &mut Tx<'_>,
    wanted: &[(Id<Variant>, i32)],
    cause: Uuid,
    holder: Option<Uuid>,
) -> Result<Taken, Failure> {
    let wanted = merge(wanted)?;
    let mut variants: BTreeSet<_> = wanted.keys().copied().collect();
    if let Some(holder) = holder {
        variants.extend(reservations::held_by(tx.conn(), holder)?);
    }
    let mut shelves = shelves::lock(tx, &variants.into_iter().collect::<Vec<_>>())?;
    if let Some(holder) = holder {
        reservations::let_go_of(tx, &mut shelves, &[holder])?;
    }
    let short = reservations::take_all(tx, &mut shelves, &wanted, Shelf::sell)?;
    if !short.is_empty() {
        return Ok(Taken::Short(short));
    }
    shelves::store(tx, shelves.values(), Some(cause))?;
    Ok(Taken::All(Turns::of(&shelves)))
}

/// A step: what a cause took goes back where it came from, once; a repeat does nothing. The caller settles the turns at the end.
pub fn restock(tx: &mut Tx<'_>, cause: Uuid) -> Result<Turns, Failure> {
    let sold = queries::movements::by_cause(tx.conn(), cause, MovementReason::Sold)?;
    let mut back: Vec<_> = sold.into_iter().map(|sold| (sold.variant_id, sold.location_id, -sold.delta)).collect();
    let places: Vec<_> = back.iter().map(|(_, location, _)| *location).collect();
    let held = queries::locations::hold(tx, &places)?;
    // To a place that is out of use by now nothing goes back.
    for closed in held.into_iter().filter(|location| !location.is_active) {
        let default = default_location(tx, closed.shop_id)?.id;
        for (_, location, _) in back.iter_mut().filter(|(_, location, _)| *location == closed.id) {
            *location = default;
        }
    }
    back.sort_unstable();
    for (variant, location, _) in back.iter().filter(|(_, location, _)| !places.contains(location)) {
        queries::ensure_level(tx, *variant, *location)?;
    }
    let variants: Vec<_> = back.iter().map(|(variant, ..)| *variant).collect();
    let mut shelves = shelves::lock(tx, &variants)?;
    // Looked at under the locks.
    if !queries::movements::by_cause(tx.conn(), cause, MovementReason::Restocked)?.is_empty() {
        return Ok(Turns::default());
    }
    for (variant, location, quantity) in back {
        if let Some(shelf) = shelves.get_mut(&variant) {
            shelf.put(location, quantity, MovementReason::Restocked);
        }
    }
    shelves::store(tx, shelves.values(), Some(cause))?;
    Ok(Turns::of(&shelves))
}
