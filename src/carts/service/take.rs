//! A cart becomes an order.

use uuid::Uuid;

use super::{Whose, lock, raise};
use crate::{
    carts::{
        error::CartError,
        model::{Cart, Line},
        queries,
    },
    kernel::{error::Failure, id::Id, money::CurrencyCode},
    platform::db::Tx,
    users::{self, model::User},
};

/// What was in a cart.
pub struct Taken {
    /// For whom it may be held.
    pub holder: Uuid,
    pub currency: CurrencyCode,
    /// In the order in which they were added.
    pub lines: Vec<Line>,
}

/// A step: takes everything out of a person's cart that nobody has changed since `expected_version`. Its owner and it are locked before
/// anything that is done with its lines.
///
/// # Errors
/// If there is no such cart.
pub fn take(tx: &mut Tx<'_>, owner: Id<User>, expected_version: i32) -> Result<Taken, CartError> {
    users::service::lock_person(tx, owner)?.ok_or(Failure::Unauthenticated(None))?;
    let cart = queries::lock_of_person(tx, owner)?.ok_or(CartError::NoCart)?;
    take_out(tx, &cart, expected_version)
}

/// A step: the same of a guest's cart, of which the caller has shown the token.
///
/// # Errors
/// If there is no such cart (any more).
pub fn take_of_guest(tx: &mut Tx<'_>, cart: Id<Cart>, expected_version: i32) -> Result<Taken, CartError> {
    let cart = lock(tx, Whose::Guest(cart))?;
    take_out(tx, &cart, expected_version)
}

/// Takes everything out of a locked cart.
fn take_out(tx: &mut Tx<'_>, cart: &Cart, expected_version: i32) -> Result<Taken, CartError> {
    if cart.version != expected_version {
        return Err(CartError::StaleVersion { current: cart.version });
    }
    let lines = queries::lines(tx.conn(), cart.id)?;
    if !lines.is_empty() {
        queries::delete_lines(tx, cart.id)?;
        raise(tx, cart, 0)?;
    }
    Ok(Taken { holder: cart.id.uuid(), currency: cart.currency, lines })
}
