//! What orders do to stock.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{
    locations::default_location,
    making::merge,
    reservations,
    settle::Turns,
    shelves::{self, Shelves},
};
use crate::{
    inventory::{
        model::{MovementReason, Shelf, Shortage},
        queries::{self, movements::Held},
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
/// If the database fails.
pub fn take(
    tx: &mut Tx<'_>,
    wanted: &[(Id<Variant>, i32)],
    order: Uuid,
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
    shelves::store(tx, shelves.values(), Some(order))?;
    Ok(Taken::All(Turns::of(&shelves)))
}

/// What of an order's pieces goes back.
pub enum PutBack<'a> {
    Everything,
    /// So many pieces of these, or as many as it holds.
    Pieces(&'a BTreeMap<Id<Variant>, i32>),
    /// As [`PutBack::Pieces`], which its buyer has sent back.
    Returned(&'a BTreeMap<Id<Variant>, i32>),
}

impl PutBack<'_> {
    const fn reason(&self) -> MovementReason {
        match self {
            Self::Everything | Self::Pieces(_) => MovementReason::Restocked,
            Self::Returned(_) => MovementReason::Returned,
        }
    }
}

/// A step: what an order holds goes back where it came from, and never more than that. The caller holds the order's lock, and
/// settles the turns at the end.
///
/// # Errors
/// If the database fails.
pub fn restock(tx: &mut Tx<'_>, order: Uuid, wanted: &PutBack<'_>) -> Result<Turns, Failure> {
    let back = going_back(tx, order, wanted)?;
    let variants: Vec<_> = back.iter().map(|held| held.variant).collect();
    let mut shelves = shelves::lock(tx, &variants)?;
    put(&mut shelves, back, wanted.reason());
    shelves::store(tx, shelves.values(), Some(order))?;
    Ok(Turns::of(&shelves))
}

/// A step: as [`restock`] with pieces that go back, and as [`take`] with all that is wanted in their place, or nothing of it. All levels
/// are locked at once, so that two who do so never wait for each other in a ring.
///
/// # Errors
/// If the database fails.
pub fn exchange(
    tx: &mut Tx<'_>,
    order: Uuid,
    back: &BTreeMap<Id<Variant>, i32>,
    wanted: &[(Id<Variant>, i32)],
) -> Result<Taken, Failure> {
    let (wanted, pieces) = (merge(wanted)?, PutBack::Pieces(back));
    let back = going_back(tx, order, &pieces)?;
    let variants: BTreeSet<_> = wanted.keys().copied().chain(back.iter().map(|held| held.variant)).collect();
    let mut shelves = shelves::lock(tx, &variants.into_iter().collect::<Vec<_>>())?;
    put(&mut shelves, back, pieces.reason());
    let short = reservations::take_all(tx, &mut shelves, &wanted, Shelf::sell)?;
    if !short.is_empty() {
        return Ok(Taken::Short(short));
    }
    shelves::store(tx, shelves.values(), Some(order))?;
    Ok(Taken::All(Turns::of(&shelves)))
}

/// What of an order's pieces goes back where.
fn going_back(tx: &mut Tx<'_>, order: Uuid, wanted: &PutBack<'_>) -> Result<Vec<Held>, Failure> {
    let mut back = queries::movements::held_by(tx.conn(), order)?;
    if let PutBack::Pieces(wanted) | PutBack::Returned(wanted) = wanted {
        let mut left = (*wanted).clone();
        for held in &mut back {
            let left = left.entry(held.variant).or_default();
            held.quantity = held.quantity.min(*left);
            *left -= held.quantity;
        }
        back.retain(|held| held.quantity > 0);
    }
    let places: Vec<_> = back.iter().map(|held| held.location).collect();
    let locations = queries::locations::hold(tx, &places)?;
    // To a place that is out of use by now nothing goes back.
    for closed in locations.into_iter().filter(|location| !location.is_active) {
        let default = default_location(tx, closed.shop_id)?.id;
        for held in back.iter_mut().filter(|held| held.location == closed.id) {
            held.location = default;
        }
    }
    back.sort_unstable_by_key(|held| (held.variant, held.location));
    for held in back.iter().filter(|held| !places.contains(&held.location)) {
        queries::ensure_level(tx, held.variant, held.location)?;
    }
    Ok(back)
}

fn put(shelves: &mut Shelves, back: Vec<Held>, reason: MovementReason) {
    for held in back {
        if let Some(shelf) = shelves.get_mut(&held.variant) {
            shelf.put(held.location, held.quantity, reason);
        }
    }
}
