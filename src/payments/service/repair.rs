//! Setting right what the checks of this domain find. Transfers stay as they are.

use uuid::Uuid;

use crate::{
    kernel::error::Failure,
    payments::queries::checks,
    platform::{
        app::App,
        caller::Caller,
        checks::{Difference, Mended, mend},
        db::Tx,
    },
};

/// Sets right what follows from other rows.
///
/// # Errors
/// If the database fails; what was set right before stays so.
pub async fn repair(app: &App, caller: &Caller) -> Result<Vec<Mended>, Failure> {
    Ok(vec![mend(&app.db, caller, &checks::BALANCES, reckon_balances).await?])
}

/// A step: balances are reckoned anew.
fn reckon_balances(tx: &mut Tx<'_>, accounts: &[Uuid]) -> Result<Vec<Difference>, Failure> {
    checks::lock(tx, accounts)?;
    checks::reckon_balances(tx, accounts)
}
