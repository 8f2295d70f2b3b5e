//! What clients keep for people.

use serde_json::Value;

use crate::users::{
    error::AccountError,
    model::{ClientSettings, signed_in},
    queries,
};
use crate::{
    kernel::error::Failure,
    platform::{app::App, caller::Caller},
};

/// A value for a namespace.
#[derive(Debug, Clone)]
pub struct SettingsChange {
    pub namespace: String,
    /// Null forgets what is there.
    pub value: Value,
    /// The version that is there; 0 if nothing is. Whatever it is, if none.
    pub expected_version: Option<i32>,
}

/// Keeps a value for the caller, or forgets one. Returns what is kept now.
pub async fn set_client_settings(
    app: &App,
    caller: &Caller,
    change: SettingsChange,
) -> Result<Option<ClientSettings>, AccountError> {
    let user = signed_in(caller)?;
    let SettingsChange { namespace, value, expected_version } = change;
    if !ClientSettings::is_namespace(&namespace) {
        return Err(AccountError::InvalidNamespace);
    }
    let value = if value.is_null() { None } else { Some(value.to_string()) };
    if value.as_ref().is_some_and(|value| value.len() > ClientSettings::MAXIMUM_BYTES) {
        return Err(AccountError::SettingsTooLong);
    }
    app.db
        .write(caller, move |tx| {
            queries::lock_user(tx, user)?;
            let version = queries::client_settings_version(tx.conn(), user, &namespace)?;
            let current = version.unwrap_or(0);
            if expected_version.is_some_and(|expected| expected != current) {
                return Err(AccountError::StaleVersion { current });
            }
            let Some(value) = &value else {
                queries::delete_client_settings(tx, user, &namespace)?;
                return Ok(None);
            };
            if version.is_none() && queries::count_client_settings(tx.conn(), user)? >= ClientSettings::MAXIMUM {
                return Err(AccountError::TooManySettings);
            }
            Ok(Some(queries::set_client_settings(tx, user, &namespace, value)?))
        })
        .await
}

/// What clients keep for the caller, by namespace.
pub async fn client_settings(app: &App, caller: &Caller) -> Result<Vec<ClientSettings>, Failure> {
    let user = signed_in(caller)?;
    app.db.read(move |conn| queries::client_settings(conn, user)).await
}
