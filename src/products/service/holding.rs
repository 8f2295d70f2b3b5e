//! What the staff do about products, as steps of the moderation.

use uuid::Uuid;

use super::{settle::settle, telling::tell};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::{Conn, Tx},
    products::{
        model::{Product, ProductStatus},
        policy,
        queries::{self, ProductColumns, holds},
    },
    shops::{self, model::ShopRole},
    users::model::User,
};

/// A step: a product that somebody sees, and what they do for its shop, if anything.
///
/// # Errors
/// If the database fails.
pub fn seen_by(
    conn: &mut Conn,
    user: Id<User>,
    id: Id<Product>,
) -> Result<Option<(Product, Option<ShopRole>)>, Failure> {
    let Some(product) = queries::by_ids(conn, &[id])?.pop() else { return Ok(None) };
    let role = shops::service::membership(conn, user, product.card.shop_id)?;
    Ok(policy::may_see(product.card.status, role).then_some((product, role)))
}

/// A step: takes a product from the market, until [`put_back`] is called with the same cause. False if it is hidden already.
///
/// # Errors
/// If the database fails.
pub fn take_down(tx: &mut Tx<'_>, id: Id<Product>, cause: Uuid) -> Result<bool, Failure> {
    let Some(product) = queries::lock_product(tx, id)? else { return Ok(false) };
    let was_active = product.card.status == ProductStatus::Active;
    if !holds::insert_hold(tx, id, cause, was_active)? {
        return Ok(false);
    }
    let status = was_active.then_some(ProductStatus::Archived);
    change(tx, &product, &ProductColumns { status, publish_at: Some(None), ..ProductColumns::default() })?;
    Ok(true)
}

/// A step: has a product be what it was before it was hidden, unless its shop has made something else of it meanwhile. False if this very cause
/// does not hide it.
///
/// # Errors
/// If the database fails.
pub fn put_back(tx: &mut Tx<'_>, id: Id<Product>, cause: Uuid) -> Result<bool, Failure> {
    let Some(product) = queries::lock_product(tx, id)? else { return Ok(false) };
    let Some(was_active) = holds::delete_hold(tx, id, cause)? else { return Ok(false) };
    if was_active && product.card.status == ProductStatus::Archived {
        let status = Some(ProductStatus::Active);
        change(tx, &product, &ProductColumns { status, ..ProductColumns::default() })?;
    }
    Ok(true)
}

fn change(tx: &mut Tx<'_>, was: &Product, columns: &ProductColumns<'_>) -> Result<(), Failure> {
    let now = tx.now();
    let product = queries::set_product(tx, was.card.id, columns, now)?;
    settle(tx, &product, now)?;
    tell(tx, &product, was.card.status, &[])
}

/// Whether the staff have hidden a product.
pub(super) fn is_held(conn: &mut Conn, id: Id<Product>) -> Result<bool, Failure> {
    Ok(!holds::held(conn, &[id])?.is_empty())
}
