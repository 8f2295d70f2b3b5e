//! What many people look for these days.

use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
    },
    searches::{model, queries},
};

/// Finds anew what trends.
///
/// # Errors
/// If the database fails.
pub async fn find_trending(app: &App, caller: &Caller) -> Result<(), Failure> {
    let now = app.now();
    let find = move |conn: &mut Conn| {
        let sought = queries::sought(conn, now)?;
        if sought.is_empty() {
            return Ok(sought);
        }
        let answered = queries::answered(conn, &sought)?;
        Ok::<_, Failure>(model::trending(sought, answered, queries::shops(conn)?))
    };
    let trends = app.db.read_long(find).await?;
    app.db.write(caller, move |tx: &mut Tx<'_>| queries::set_trending(tx, &trends)).await
}

/// What trends, that first which most people look for.
pub async fn trending_searches(app: &App) -> Result<Vec<String>, Failure> {
    app.db.read(queries::trending).await
}
