//! Setting right what the checks of this domain find.

use uuid::Uuid;

use crate::{
    kernel::error::Failure,
    messages::queries::checks,
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
    Ok(vec![mend(&app.db, caller, &checks::LAST_NUMBERS, raise_last_numbers).await?])
}

/// A step: no number is given twice.
fn raise_last_numbers(tx: &mut Tx<'_>, conversations: &[Uuid]) -> Result<Vec<Difference>, Failure> {
    checks::lock(tx, conversations)?;
    checks::raise_last_numbers(tx, conversations)
}
