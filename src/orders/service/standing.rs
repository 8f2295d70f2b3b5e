//! By what it is told what can be done with an order, beside how the order stands.

use crate::{orders::model::Circumstances, payments, platform::app::App};

/// What the clock says, and the market lays down.
pub fn circumstances(app: &App) -> Circumstances {
    Circumstances {
        now: app.now(),
        takes_payments: payments::service::are_taken(app),
        returnable_for: app.market.checkout.returnable_for,
    }
}
