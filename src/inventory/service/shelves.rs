//! Locking the levels of variants, and writing down what moved.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    inventory::{
        model::{Location, MovementReason, Shelf},
        queries::{self, movements::NewMovement},
    },
    kernel::{error::Failure, id::Id},
    platform::db::Tx,
    products::model::Variant,
};

/// What moves in a transaction, by variant: in the order in which levels are locked.
pub type Shelves = BTreeMap<Id<Variant>, Shelf>;

/// Locks all levels of variants. A variant that does not exist is left out.
pub fn lock(tx: &mut Tx<'_>, variants: &[Id<Variant>]) -> Result<Shelves, Failure> {
    queries::lock_levels(tx, variants)?;
    // Read by a statement of its own: it sees the levels, too, that were made while this one waited for the locks of the others.
    let shelves = queries::shelves(tx.conn(), variants)?;
    Ok(shelves
        .into_iter()
        .map(|(terms, levels, reserved)| (terms.variant, Shelf::new(terms, levels, reserved)))
        .collect())
}

/// As [`lock`], of one that exists.
pub fn lock_one(tx: &mut Tx<'_>, variant: Id<Variant>) -> Result<Shelf, Failure> {
    lock(tx, &[variant])?.remove(&variant).ok_or_else(|| Failure::internal("a variant that is gone"))
}

/// Writes down what moved.
///
/// # Errors
/// If the database fails.
pub fn store<'a>(
    tx: &mut Tx<'_>,
    shelves: impl Iterator<Item = &'a Shelf> + Clone,
    cause: Option<Uuid>,
) -> Result<(), Failure> {
    let steps = |shelf: &'a Shelf| shelf.steps().map(|place| (shelf.terms.variant, *place));
    let steps: Vec<_> = shelves.clone().flat_map(steps).collect();
    if queries::move_levels(tx, &steps)? != steps.len() {
        return Err(Failure::internal("a level moved under its lock"));
    }
    let change = |shelf: &'a Shelf| Some((shelf.terms.variant, shelf.reserved_more())).filter(|(_, more)| *more != 0);
    queries::reservations::count_reserved(tx, &shelves.clone().filter_map(change).collect::<Vec<_>>())?;
    let mut rows = Vec::new();
    for shelf in shelves {
        for (location, reason, delta) in shelf.movements() {
            let delta = i32::try_from(delta).map_err(Failure::internal)?;
            rows.push(movement(tx, (shelf.terms.variant, location, delta), reason, cause));
        }
    }
    queries::movements::insert(tx, &rows)
}

pub fn movement(
    tx: &Tx<'_>,
    (variant_id, location_id, delta): (Id<Variant>, Id<Location>, i32),
    reason: MovementReason,
    cause_id: Option<Uuid>,
) -> NewMovement {
    let actor_id = tx.caller().in_person().map(|person| person.user);
    let (id, created_at) = (tx.new_uuid(), tx.now());
    NewMovement { id, variant_id, location_id, delta, reason, cause_id, actor_id, created_at }
}
