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
    let most = Cart::maximum_reserved_from(caller.origin());
    let line = app.master.mac("guest carts", &[caller.origin().to_string().as_bytes()]);
    let reserve = move |tx: &mut Tx<'_>| {
        let cart = lock(tx, whose)?;
        if cart.version != expected_version {
            return Err(CartError::StaleVersion { current: cart.version });
        }
        let lines = queries::lines(tx.conn(), cart.id)?;
        if lines.is_empty() {
            return Err(CartError::Empty);
        }
        let wanted = lines.iter().map(|line| line.quantity).sum::<i32>();
        if wanted > cart.maximum_reserved() {
            return Err(CartError::TooManyReserved);
        }
        // Anybody may open as many carts as they like.
        let line = cart.owner_id.is_none().then_some(line.as_slice());
        if let Some(line) = line
            && inventory::service::held_from(tx, line, cart.id.uuid())? + i64::from(wanted) > most
        {
            return Err(CartError::TooManyReserved);
        }
        match inventory::service::reserve(tx, (cart.id.uuid(), line), &pieces(&lines), lasting)? {
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
