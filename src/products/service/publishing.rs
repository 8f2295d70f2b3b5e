//! When products are for sale.

use chrono::Datelike;

use super::{Change, ProductChange, settle::settle_all, tell_all, values};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        app::App,
        caller::Caller,
        clock::{Time, stored},
        db::Tx,
    },
    products::{
        error::ProductError,
        model::{Details, Product, ProductStatus},
        queries::{self, ProductColumns, attributes},
    },
};

/// Products of one transaction.
const BATCH: usize = 50;
/// Transactions of one run; the next run goes on.
const MAXIMUM_BATCHES: usize = 100;

/// What changes about when a product is for sale. The inner `None` clears.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::option_option, reason = "absent stays, an explicit null clears")]
pub struct Moments {
    pub publish_at: Option<Option<Time>>,
    pub unpublish_at: Option<Option<Time>>,
}

/// When a locked product is for sale after a change at `now`.
///
/// # Errors
/// If a moment is over, if it would be taken from the market before it is there, or if it is there already.
pub fn plan(current: &Product, change: &ProductChange, now: Time) -> Result<Moments, ProductError> {
    let (publish_at, unpublish_at) =
        (change.publish_at.map(|at| at.map(stored)), change.unpublish_at.map(|at| at.map(stored)));
    // Who publishes it now does not wait for the moment any more.
    let is_published = change.status == Some(ProductStatus::Active) && publish_at.is_none();
    let publish_at = if is_published { Some(None) } else { publish_at };
    let (from, until) = (publish_at.flatten(), unpublish_at.flatten());
    let bad = |field: &str| Err(ProductError::BadMoment { field: field.into() });
    let is_to_come = |at: Time| at > now && at.year() <= 9_999;
    let is_active = change.status.unwrap_or(current.card.status) == ProductStatus::Active;
    if from.is_some_and(|at| is_active || !is_to_come(at)) {
        return bad("publishAt");
    }
    if until.is_some_and(|at| !is_to_come(at)) {
        return bad("unpublishAt");
    }
    let planned = publish_at.unwrap_or(current.details.publish_at);
    if let (Some(from_then), Some(until_then)) = (planned, unpublish_at.unwrap_or(current.details.unpublish_at))
        && from_then >= until_then
    {
        return bad(if from.is_some() { "publishAt" } else { "unpublishAt" });
    }
    Ok(Moments { publish_at, unpublish_at })
}

/// Publishes what it is time for, and takes from the market what it is time for. A product of which not everything is said that
/// its kind requires stays as it is, and waits for no moment any more.
pub async fn publish_due(app: &App, caller: &Caller) -> Result<(), Failure> {
    for _ in 0..MAXIMUM_BATCHES {
        let count = app.db.write(caller, publish_batch).await?;
        if count < BATCH {
            break;
        }
    }
    Ok(())
}

/// How many it was time for.
fn publish_batch(tx: &mut Tx<'_>) -> Result<usize, Failure> {
    let now = tx.now();
    let ids = queries::due(tx.conn(), now, i64::try_from(BATCH).unwrap_or(i64::MAX))?;
    let is_due = |at: Option<Time>| at.is_some_and(|at| at <= now);
    let (mut changed, mut were) = (Vec::new(), Vec::new());
    // Looked at again: only under its lock a product stands still.
    for Product { card, details } in queries::lock_products(tx, &ids)? {
        let columns = if is_due(details.unpublish_at) {
            let status = Some(ProductStatus::Archived);
            ProductColumns { status, publish_at: Some(None), unpublish_at: Some(None), ..ProductColumns::default() }
        } else if is_due(details.publish_at) {
            let status = is_complete(tx, card.id, &details)?.then_some(ProductStatus::Active);
            ProductColumns { status, publish_at: Some(None), ..ProductColumns::default() }
        } else {
            continue;
        };
        changed.push(queries::set_product(tx, card.id, &columns, now)?);
        were.push(card.status);
    }
    settle_all(tx, &changed, |_| now)?;
    let of_status = |(product, was)| Change { product, was, aspects: &[] };
    tell_all(tx, changed.iter().zip(were).map(of_status))?;
    Ok(ids.len())
}

fn is_complete(tx: &mut Tx<'_>, id: Id<Product>, details: &Details) -> Result<bool, Failure> {
    match values::attributes_of(tx, details.product_kind_id) {
        Ok(of_kind) => {
            let said = attributes::values(tx.conn(), id)?;
            Ok(values::complete(&of_kind, &said).is_ok())
        }
        Err(ProductError::Failed(failure)) => Err(failure),
        Err(_) => Ok(false),
    }
}
