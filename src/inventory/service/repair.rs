//! Setting right what the checks of this domain find. Levels stay as they are: whoever counts changes them.

use uuid::Uuid;

use super::{
    settle::{Turns, bring_in_line, settle},
    shelves,
};
use crate::{
    inventory::{
        model::MovementReason,
        queries::{
            self,
            checks::{self, Unexplained},
        },
    },
    kernel::{
        error::Failure,
        id::{Entity, Id},
    },
    platform::{
        app::App,
        caller::Caller,
        checks::{Difference, Mended, mend},
        db::Tx,
    },
    products::model::Product,
};

/// Sets right what follows from other rows.
///
/// # Errors
/// If the database fails; what was set right before stays so.
pub async fn repair(app: &App, caller: &Caller) -> Result<Vec<Mended>, Failure> {
    Ok(vec![
        mend(&app.db, caller, &checks::LEVELS, explain_levels).await?,
        mend(&app.db, caller, &checks::RESERVES, recount_reserves).await?,
        mend(&app.db, caller, &checks::AVAILABILITY, settle_products).await?,
    ])
}

fn named<E: Entity>(ids: &[Uuid]) -> Vec<Id<E>> {
    ids.iter().copied().map(Id::from_uuid).collect()
}

/// A step: what the movements of a level do not explain is explained by one more.
fn explain_levels(tx: &mut Tx<'_>, variants: &[Uuid]) -> Result<Vec<Difference>, Failure> {
    let variants = named(variants);
    queries::lock_levels(tx, &variants)?;
    let (mut rows, mut explained) = (Vec::new(), Vec::new());
    for Unexplained { variant_id, location_id, level, moved } in checks::unexplained(tx.conn(), &variants)? {
        // What is more than a movement can say is still found, and left to people.
        let Ok(delta) = i32::try_from(level.saturating_sub(moved)) else { continue };
        rows.push(shelves::movement(tx, (variant_id, location_id, delta), MovementReason::Corrected, None));
        let thing = format!("{variant_id} at {location_id}");
        let (expected, found) = (format!("movements of {level}"), format!("movements of {moved}"));
        explained.push(Difference { thing, expected, found });
    }
    queries::movements::insert(tx, &rows)?;
    Ok(explained)
}

/// A step: what is held of variants is counted anew.
fn recount_reserves(tx: &mut Tx<'_>, variants: &[Uuid]) -> Result<Vec<Difference>, Failure> {
    let variants = named(variants);
    let mut shelves = shelves::lock(tx, &variants)?;
    let held = queries::reservations::sums(tx.conn(), &variants)?;
    let mut recounted = Vec::new();
    for (variant, shelf) in &mut shelves {
        shelf.recount(held.get(variant).copied().unwrap_or_default());
        if shelf.reserved_more() != 0 {
            let (expected, found) = (shelf.after().reserved.to_string(), shelf.before().reserved.to_string());
            recounted.push(Difference { thing: variant.to_string(), expected, found });
        }
    }
    shelves::store(tx, shelves.values(), None)?;
    settle(tx, &Turns::of(&shelves))?;
    Ok(recounted)
}

/// A step: products say whether they can be ordered.
fn settle_products(tx: &mut Tx<'_>, products: &[Uuid]) -> Result<Vec<Difference>, Failure> {
    let told = |(product, is_available): (Id<Product>, bool)| Difference {
        thing: product.to_string(),
        expected: is_available.to_string(),
        found: (!is_available).to_string(),
    };
    Ok(bring_in_line(tx, &named(products))?.into_iter().map(told).collect())
}
