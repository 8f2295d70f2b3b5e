//! Setting right what the checks of this domain find.

use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        app::App,
        caller::Caller,
        checks::{Difference, Mended, mend},
        db::Tx,
    },
    products::queries::{self, checks},
};

/// Sets right what follows from other rows.
///
/// # Errors
/// If the database fails; what was set right before stays so.
pub async fn repair(app: &App, caller: &Caller) -> Result<Vec<Mended>, Failure> {
    Ok(vec![mend(&app.db, caller, &checks::SAID, say_anew).await?])
}

/// A step: products say of themselves what their attributes and prices say.
fn say_anew(tx: &mut Tx<'_>, products: &[Uuid]) -> Result<Vec<Difference>, Failure> {
    let ids: Vec<_> = products.iter().copied().map(Id::from_uuid).collect();
    queries::hold(tx, &ids)?;
    checks::set_said(tx, products)
}
