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
    let put = move |tx: &mut Tx<'_>| {
        tx.lock_name("trending searches")?;
        queries::set_trending(tx, &trends)
    };
    app.db.write(caller, put).await
}

/// What trends, that first which most people look for.
pub async fn trending_searches(app: &App) -> Result<Vec<String>, Failure> {
    app.db.read(queries::trending).await
}
