//! How an order stands: by that it is decided what is done with it, and told what can be.

use crate::{
    kernel::error::Failure,
    orders::{
        model::{Circumstances, Order, OrderMoney},
        queries,
    },
    payments,
    platform::{app::App, db::Tx},
};

/// What the clock says, and the market lays down.
pub fn circumstances(app: &App) -> Circumstances {
    Circumstances {
        now: app.now(),
        takes_payments: payments::service::are_taken(app),
        returnable_for: app.market.checkout.returnable_for,
    }
}

/// A step: what has become of the money of a locked order. It is read once, and handed on to all that is decided by it under that lock.
pub(super) fn money_of(tx: &mut Tx<'_>, order: &Order) -> Result<OrderMoney, Failure> {
    Ok(queries::standing::moneys(tx.conn(), &[order.id])?.of(order.id))
}
