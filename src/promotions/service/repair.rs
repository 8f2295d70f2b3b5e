//! Setting right what the checks of this domain find.

use uuid::Uuid;

use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        checks::{Difference, Mended, mend},
        db::Tx,
    },
    promotions::queries::checks,
};

/// Sets right what follows from other rows.
///
/// # Errors
/// If the database fails; what was set right before stays so.
pub async fn repair(app: &App, caller: &Caller) -> Result<Vec<Mended>, Failure> {
    Ok(vec![mend(&app.db, caller, &checks::USES, recount).await?])
}

/// A step: promotions count the orders that have them.
fn recount(tx: &mut Tx<'_>, promotions: &[Uuid]) -> Result<Vec<Difference>, Failure> {
    checks::lock(tx, promotions)?;
    checks::recount(tx, promotions)
}
