//! What is in a cart is held while its owner is about to order it.

use super::{lock, pieces, raise, whose};
use crate::{
    carts::{
        error::{CartError, ShortLine},
        model::Cart,
        queries,
    },
    inventory::{self, model::Shortage, service::Taken},
    kernel::id::Id,
    platform::{app::App, caller::Caller, db::Tx},
};

/// Holds what is in a cart that nobody has changed since `expected_version` for a while from now on: all of it, or nothing.
pub async fn reserve_cart(
    app: &App,
    caller: &Caller,
    token: Option<&str>,
    expected_version: i32,
) -> Result<Id<Cart>, CartError> {
    let whose = whose(app, caller, token)?;
    let lasting = app.market.checkout.reserved_for;
    let reserve = move |tx: &mut Tx<'_>| {
        let cart = lock(tx, whose)?;
        if cart.version != expected_version {
            return Err(CartError::StaleVersion { current: cart.version });
        }
        let lines = queries::lines(tx.conn(), cart.id)?;
        if lines.is_empty() {
            return Err(CartError::Empty);
        }
        if lines.iter().map(|line| line.quantity).sum::<i32>() > cart.maximum_reserved() {
            return Err(CartError::TooManyReserved);
        }
        match inventory::service::reserve(tx, cart.id.uuid(), &pieces(&lines), lasting)? {
            Taken::All(turns) => {
                raise(tx, &cart, lines.len())?;
                inventory::service::settle(tx, &turns)?;
                Ok(cart.id)
            }
            Taken::Short(short) => {
                let place = |short: &Shortage| {
                    let line = lines.iter().position(|line| line.variant_id == short.variant)?;
                    Some(ShortLine { line, available: short.available })
                };
                let mut short: Vec<_> = short.iter().filter_map(place).collect();
                short.sort_unstable_by_key(|short| short.line);
                Err(CartError::OutOfStock(short))
            }
        }
    };
    app.db.write(caller, reserve).await
}
