//! Running the checks of all domains, and their repairs.

use crate::{
    inventory, invoices,
    kernel::error::Failure,
    messages, orders, payments, payouts,
    platform::{
        app::App,
        caller::Caller,
        checks::{Check, Finding, Mended},
    },
    products, promotions,
};

/// The checks of each domain.
pub const CHECKS: [&[Check]; 8] = [
    products::service::CHECKS,
    inventory::service::CHECKS,
    messages::service::CHECKS,
    payments::service::CHECKS,
    promotions::service::CHECKS,
    invoices::service::CHECKS,
    orders::service::CHECKS,
    payouts::service::CHECKS,
];

/// Makes all checks, as of one moment.
///
/// # Errors
/// If the database fails, or the tables are too large for the time that a check has.
pub async fn examine(app: &App) -> Result<Vec<Finding>, Failure> {
    app.db.read_snapshot(|conn| CHECKS.iter().copied().flatten().map(|check| check.run(conn)).collect()).await
}

/// Sets right what follows from other rows. Of each check so much at the most that this ends: what is left is still found.
///
/// # Errors
/// If the database fails; what was set right before stays so.
pub async fn repair(app: &App, caller: &Caller) -> Result<Vec<Mended>, Failure> {
    let mut mended = inventory::service::repair(app, caller).await?;
    mended.extend(messages::service::repair(app, caller).await?);
    mended.extend(payments::service::repair(app, caller).await?);
    mended.extend(promotions::service::repair(app, caller).await?);
    mended.extend(products::service::repair(app, caller).await?);
    Ok(mended)
}
