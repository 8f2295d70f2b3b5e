//! The keys that sign access tokens: made, rotated, and sealed under another master key.

use super::second_factor::rewrap_secrets;
use crate::{
    kernel::error::Failure,
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        crypto::{RETIREMENT_SECONDS, SealedKey},
        db::Tx,
    },
    users::queries,
};

/// Loads the keys that sign access tokens, and makes the first one.
///
/// # Errors
/// If the database fails, or the newest key does not open under the master key.
pub async fn load_signing_keys(app: &App) -> Result<(), Failure> {
    let retired_since = retired_since(app.now());
    let mut stored = app.db.read_apart(move |conn| queries::signing_keys(conn, retired_since)).await?;
    if stored.is_empty() {
        let key = SealedKey::generate(&app.master, &app.generator)?;
        stored = app
            .db
            .write(&Caller::system(), move |tx| {
                queries::lock_signing_keys(tx)?;
                if queries::signing_keys(tx.conn(), retired_since)?.is_empty() {
                    queries::insert_signing_key(tx, &key)?;
                }
                queries::signing_keys(tx.conn(), retired_since)
            })
            .await?;
    }
    app.keyring.load(&app.master, &stored)
}

/// Has a new key sign from now on. The one before verifies until the last token that it has signed has died. Returns the
/// new key's id.
///
/// # Errors
/// If the database fails.
pub async fn rotate_signing_key(app: &App) -> Result<String, Failure> {
    let key = SealedKey::generate(&app.master, &app.generator)?;
    let id = key.id.clone();
    let rotate = move |tx: &mut Tx<'_>| {
        queries::lock_signing_keys(tx)?;
        let now = tx.now();
        queries::insert_signing_key(tx, &key)?;
        queries::set_retired(tx, &key.id, now, retired_since(now))
    };
    app.db.write(&Caller::system(), rotate).await?;
    Ok(id)
}

/// Seals what the database holds sealed under the master key as it is now, so that the one before can be forgotten. Returns
/// how many secrets there are.
///
/// # Errors
/// If the database fails, or a secret opens under neither; then that one and those after it stay as they are.
pub async fn rewrap(app: &App) -> Result<usize, Failure> {
    let (master, generator) = (app.master.clone(), app.generator.clone());
    let reseal = move |tx: &mut Tx<'_>| {
        queries::lock_signing_keys(tx)?;
        let now = tx.now();
        let keys = queries::signing_keys(tx.conn(), retired_since(now))?;
        for key in &keys {
            queries::set_sealed(tx, &key.resealed(&master, &generator)?)?;
        }
        Ok::<_, Failure>(keys.len())
    };
    let keys = app.db.write(&Caller::system(), reseal).await?;
    Ok(keys + rewrap_secrets(app).await?)
}

fn retired_since(now: Time) -> Time {
    now - chrono::TimeDelta::seconds(RETIREMENT_SECONDS)
}
