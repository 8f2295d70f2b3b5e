//! What follows from stock that moved: whether products can be ordered, and who is told.

use std::collections::BTreeSet;

use super::shelves::Shelves;
use crate::{
    inventory::{
        model::{Left, SettleAvailability, Shelf, StockLow, TellOfAvailability, TellOfLowStock, Terms},
        queries,
    },
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller, db::Tx},
    products::{
        self,
        model::{Product, Variant},
    },
};

/// Products that are brought in line in one transaction.
const BATCH: i64 = 200;

/// What moved of variants whose levels are locked: to be settled in the same transaction, after everything else, for it locks
/// products.
#[must_use]
#[derive(Debug, Default)]
pub struct Turns(Vec<Turn>);

/// What was left of a variant, and what is.
#[derive(Debug, Clone, Copy)]
struct Turn {
    terms: Terms,
    before: Left,
    after: Left,
}

impl Turns {
    pub(super) fn of(shelves: &Shelves) -> Self {
        Self(shelves.values().map(|shelf| Turn::of(shelf, shelf.before())).collect())
    }

    /// Of one shelf, of which so much was left.
    pub(super) fn since(before: Left, shelf: &Shelf) -> Self {
        Self(vec![Turn::of(shelf, before)])
    }
}

impl Turn {
    fn of(shelf: &Shelf, before: Left) -> Self {
        Self { terms: shelf.terms, before, after: shelf.after() }
    }

    fn has_flipped(&self) -> bool {
        self.before.is_available() != self.after.is_available()
    }

    /// Whether buyers are told something else than before.
    fn is_told(&self) -> bool {
        let seen = |left: Left| (left.told(), left.availability());
        seen(self.before) != seen(self.after)
    }

    fn is_low_now(&self) -> bool {
        let threshold = self.terms.rule.low_stock_threshold.map(i64::from);
        threshold.is_some_and(|threshold| self.before.pieces > threshold && self.after.pieces <= threshold)
    }
}

/// A step: what follows from what moved. Where there is plenty it is nothing, and costs no statement.
pub fn settle(tx: &mut Tx<'_>, Turns(turns): &Turns) -> Result<(), Failure> {
    let flipped: BTreeSet<_> = turns.iter().filter(|turn| turn.has_flipped()).map(|turn| turn.terms.product).collect();
    let flipped: Vec<_> = flipped.into_iter().collect();
    if !flipped.is_empty() {
        let now = bring_in_line(tx, &flipped)?;
        let back: Vec<_> = now.iter().filter(|(_, is_available)| *is_available).map(|(id, _)| *id).collect();
        products::service::offer(tx, &back)?;
    }
    let told: BTreeSet<_> = turns.iter().filter(|turn| turn.is_told()).map(|turn| turn.terms.product).collect();
    products::service::tell_of_stock(tx, &told.into_iter().collect::<Vec<_>>())?;
    for turn in turns.iter().filter(|turn| turn.is_low_now()) {
        let Terms { variant, shop, .. } = turn.terms;
        tx.emit(&StockLow { variant: variant.uuid(), shop: shop.uuid() }, &[shop.uuid()])?;
    }
    let low = turns.iter().filter(|turn| turn.is_low_now());
    tx.enqueue_all(low.map(|turn| TellOfLowStock { variant: turn.terms.variant }))?;
    let back = turns.iter().filter(|turn| turn.has_flipped() && turn.after.is_available());
    let back: Vec<Id<Variant>> = back.map(|turn| turn.terms.variant).collect();
    if !back.is_empty() {
        let awaited = queries::notices::awaited(tx.conn(), &back)?;
        tx.enqueue_all(awaited.into_iter().map(|variant| TellOfAvailability { variant }))?;
    }
    Ok(())
}

/// A step: says of the products of new variants, each of which is locked or new, whether one can be ordered.
pub fn settle_new(tx: &mut Tx<'_>, variants: &[Id<Variant>]) -> Result<(), Failure> {
    let rows = queries::availability::of_products_with(tx.conn(), variants)?;
    let otherwise: Vec<_> = rows.into_iter().filter(|row| row.is != row.was).map(|row| (row.product, row.is)).collect();
    products::service::set_available(tx, &otherwise)
}

/// A step: has products say whether they can be ordered. Tells of those that said otherwise.
pub(super) fn bring_in_line(tx: &mut Tx<'_>, ids: &[Id<Product>]) -> Result<Vec<(Id<Product>, bool)>, Failure> {
    // Only under their locks it is seen what others have moved of the same products.
    products::service::hold(tx, ids)?;
    let rows = queries::availability::of_products(tx.conn(), ids)?;
    let now: Vec<_> = rows.into_iter().filter(|row| row.is != row.was).map(|row| (row.product, row.is)).collect();
    products::service::set_available(tx, &now)?;
    Ok(now)
}

/// Brings a batch of products in line with their stock.
pub async fn settle_availability(app: &App, caller: &Caller, job: SettleAvailability) -> Result<(), Failure> {
    app.db
        .write(caller, move |tx| {
            let ids = queries::availability::next_products(tx.conn(), job.after, BATCH)?;
            let Some(last) = ids.last() else { return Ok(()) };
            bring_in_line(tx, &ids)?;
            tx.enqueue(&SettleAvailability { after: Some(*last) })
        })
        .await
}
