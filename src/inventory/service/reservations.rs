//! Holding pieces for whoever is about to order them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use data_encoding::HEXLOWER;
use uuid::Uuid;

use super::{
    orders::Taken,
    settle::{Turns, settle},
    shelves::{self, Shelves},
};
use crate::{
    inventory::{
        model::{Shelf, Shortage},
        queries::{self, reservations::Reservation},
    },
    kernel::{error::Failure, id::Id},
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::Variant,
};

/// For how long somebody holds anything at the most, however often they ask: then others have their turn.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// Reservations that are looked at by one transaction of the sweep.
const BATCH: i64 = 200;

/// A step: holds so many pieces of each variant for somebody, all of it or nothing; what they held before is let go of. Held for a while
/// from now on, and never longer than an hour after they began, counted by the line of `holder` if that is given. Of [`Taken::Short`] the
/// caller rolls back.
///
/// # Errors
/// If the database fails.
pub fn reserve(
    tx: &mut Tx<'_>,
    (holder, line): (Uuid, Option<&[u8]>),
    wanted: &BTreeMap<Id<Variant>, i32>,
    lasting: TimeDelta,
) -> Result<Taken, Failure> {
    let held = queries::reservations::of_holders(tx.conn(), &[holder])?;
    let variants: BTreeSet<_> = held.iter().map(|held| held.variant_id).chain(wanted.keys().copied()).collect();
    let mut shelves = shelves::lock(tx, &variants.into_iter().collect::<Vec<_>>())?;
    let unexpired = let_go_of(tx, &mut shelves, &[holder])?;
    let short = take_all(tx, &mut shelves, wanted, Shelf::hold)?;
    if !short.is_empty() {
        return Ok(Taken::Short(short));
    }
    write(tx, (holder, line), wanted, (began(tx, &unexpired), lasting))?;
    shelves::store(tx, shelves.values(), None)?;
    Ok(Taken::All(Turns::of(&shelves)))
}

/// A step: how many pieces are held from a line, but for what one of the holders has. Others who have something held from there wait until this
/// transaction ends.
///
/// # Errors
/// If the database fails.
pub fn held_from(tx: &mut Tx<'_>, line: &[u8], but_for: Uuid) -> Result<i64, Failure> {
    tx.lock_name(&format!("reservations-line {}", HEXLOWER.encode(line)))?;
    let now = tx.now();
    queries::reservations::held_from(tx.conn(), line, but_for, now)
}

/// A step: somebody wants so many pieces now, who may hold some, and takes over what `others` hold, who are no more. What is held beyond
/// what is wanted is let go of, and the rest is held for longer. The caller settles the turns at the end.
///
/// # Errors
/// If the database fails.
pub fn keep(
    tx: &mut Tx<'_>,
    holder: Uuid,
    others: &[Uuid],
    wanted: &BTreeMap<Id<Variant>, i32>,
    lasting: TimeDelta,
) -> Result<Turns, Failure> {
    let holders: Vec<_> = std::iter::once(holder).chain(others.iter().copied()).collect();
    let held = queries::reservations::of_holders(tx.conn(), &holders)?;
    if held.is_empty() {
        return Ok(Turns::default());
    }
    let variants: BTreeSet<_> = held.iter().map(|held| held.variant_id).collect();
    let mut shelves = shelves::lock(tx, &variants.into_iter().collect::<Vec<_>>())?;
    // What is there under the locks: others may have let go of what was over meanwhile.
    let unexpired = let_go_of(tx, &mut shelves, &holders)?;
    let mut kept = BTreeMap::<Id<Variant>, i32>::new();
    for reservation in &unexpired {
        if let Some(&wanted) = wanted.get(&reservation.variant_id) {
            let pieces = kept.entry(reservation.variant_id).or_default();
            *pieces = pieces.saturating_add(reservation.quantity).min(wanted);
        }
    }
    for (variant, quantity) in &kept {
        if let Some(shelf) = shelves.get_mut(variant) {
            shelf.reserve(*quantity);
        }
    }
    let line = unexpired.iter().find(|held| held.holder_id == holder).and_then(|held| held.line_key.as_deref());
    write(tx, (holder, line), &kept, (began(tx, &unexpired), lasting))?;
    shelves::store(tx, shelves.values(), None)?;
    Ok(Turns::of(&shelves))
}

/// Since when something is held without a break.
fn began(tx: &Tx<'_>, live: &[Reservation]) -> Time {
    live.iter().map(|reservation| reservation.since).min().unwrap_or_else(|| tx.now())
}

/// Writes down what somebody holds since a time, who is given so much longer from now on.
fn write(
    tx: &mut Tx<'_>,
    (holder_id, line): (Uuid, Option<&[u8]>),
    pieces: &BTreeMap<Id<Variant>, i32>,
    (since, lasting): (Time, TimeDelta),
) -> Result<(), Failure> {
    let expires_at = (tx.now() + lasting).min(since + LONGEST);
    let row = |(&variant_id, &quantity): (&Id<Variant>, &i32)| Reservation {
        holder_id,
        variant_id,
        quantity,
        since,
        expires_at,
        line_key: line.map(<[u8]>::to_vec),
    };
    queries::reservations::insert(tx, &pieces.iter().map(row).collect::<Vec<_>>())
}

/// A step: takes what is wanted from each shelf, if need be of what was held for a time that is over. Tells of what there is not enough:
/// then the caller rolls back.
pub(super) fn take_all(
    tx: &mut Tx<'_>,
    shelves: &mut Shelves,
    wanted: &BTreeMap<Id<Variant>, i32>,
    take: impl Fn(&mut Shelf, i32) -> bool,
) -> Result<Vec<Shortage>, Failure> {
    let attempt = |shelves: &mut Shelves, variant: Id<Variant>, quantity: i32| {
        shelves.get_mut(&variant).is_some_and(|shelf| take(shelf, quantity))
    };
    let refused: Vec<_> = wanted.iter().filter(|(id, quantity)| !attempt(shelves, **id, **quantity)).collect();
    let reserved: Vec<_> = refused.iter().map(|(id, _)| **id).filter(|id| is_reserved(shelves, *id)).collect();
    if !reserved.is_empty() {
        for (variant, quantity) in queries::reservations::delete_expired(tx, &reserved)? {
            let_go(shelves, variant, quantity);
        }
    }
    let mut short = Vec::new();
    for (&variant, &quantity) in refused {
        if !attempt(shelves, variant, quantity) {
            let available = shelves.get(&variant).map_or(0, |shelf| shelf.after().orderable_told());
            short.push(Shortage { variant, available });
        }
    }
    Ok(short)
}

fn is_reserved(shelves: &Shelves, variant: Id<Variant>) -> bool {
    shelves.get(&variant).is_some_and(|shelf| shelf.after().reserved > 0)
}

/// A step: lets go of all that holders hold of what is locked. Tells what of it was not over yet.
pub(super) fn let_go_of(tx: &mut Tx<'_>, shelves: &mut Shelves, holders: &[Uuid]) -> Result<Vec<Reservation>, Failure> {
    let mut gone = queries::reservations::delete_of(tx, holders)?;
    for reservation in &gone {
        let_go(shelves, reservation.variant_id, reservation.quantity);
    }
    let now = tx.now();
    gone.retain(|reservation| reservation.expires_at > now);
    Ok(gone)
}

fn let_go(shelves: &mut Shelves, variant: Id<Variant>, quantity: i32) {
    if let Some(shelf) = shelves.get_mut(&variant) {
        shelf.let_go(quantity);
    }
}

/// A step: of which variants somebody holds anything, be its time over or not.
pub(super) fn held_by(conn: &mut Conn, holder: Uuid) -> Result<Vec<Id<Variant>>, Failure> {
    let held = queries::reservations::of_holders(conn, &[holder])?;
    Ok(held.into_iter().map(|held| held.variant_id).collect())
}

/// Lets go of what was held for a time that is over.
///
/// # Errors
/// If the database fails; what was done before stays done.
pub async fn sweep_reservations(app: &App, caller: &Caller) -> Result<(), Failure> {
    let sweep = |tx: &mut Tx<'_>| -> Result<usize, Failure> {
        let now = tx.now();
        let variants = queries::reservations::variants_with_expired(tx.conn(), now, BATCH)?;
        if variants.is_empty() {
            return Ok(0);
        }
        let mut shelves = shelves::lock(tx, &variants)?;
        for (variant, quantity) in queries::reservations::delete_expired(tx, &variants)? {
            let_go(&mut shelves, variant, quantity);
        }
        shelves::store(tx, shelves.values(), None)?;
        settle(tx, &Turns::of(&shelves))?;
        Ok(variants.len())
    };
    app.db.write_in_batches(caller, sweep).await
}
