//! Options: the master key, and how secrets are given, of which each may stand in a file.

use std::{fs, path::PathBuf};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::ConfigError;
use crate::platform::crypto::MasterKey;

/// The master key, and the one before it while it is changed, as they were given.
#[derive(Debug, Clone, Args)]
pub struct MasterKeyArgs {
    /// 32 random bytes in base64, from which all secrets are derived [default in development: made and kept]
    #[arg(long, env = "AGORA_MASTER_KEY", global = true, hide_env_values = true, value_name = "BASE64")]
    pub master_key: Option<SecretString>,
    /// A file that holds the master key
    #[arg(long, env = "AGORA_MASTER_KEY_FILE", global = true, value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
    /// While the master key is changed: the one before, until `agora keys rewrap` has run [default: none]
    #[arg(long, env = "AGORA_MASTER_KEY_PREVIOUS", global = true, hide_env_values = true, value_name = "BASE64")]
    pub master_key_previous: Option<SecretString>,
    /// A file that holds the master key before
    #[arg(long, env = "AGORA_MASTER_KEY_PREVIOUS_FILE", global = true, value_name = "FILE")]
    pub master_key_previous_file: Option<PathBuf>,
}

impl MasterKeyArgs {
    /// The master key, if there is one, which still opens what the one before has closed.
    ///
    /// # Errors
    /// If a key is given twice, cannot be read or is none, or if the one before is given alone.
    pub(super) fn master_key(&self) -> Result<Option<MasterKey>, ConfigError> {
        let parsed = |key: Option<SecretString>| key.map(|key| key.expose_secret().parse::<MasterKey>()).transpose();
        let master_key = parsed(secret("--master-key", self.master_key.as_ref(), self.master_key_file.as_ref())?)?;
        let (value, file) = (self.master_key_previous.as_ref(), self.master_key_previous_file.as_ref());
        let previous = parsed(secret("--master-key-previous", value, file)?)?;
        match (master_key, previous) {
            (Some(key), Some(previous)) => Ok(Some(key.after(&previous))),
            (None, Some(_)) => {
                let reason = "the one that takes the place of --master-key-previous";
                Err(ConfigError::Missing { option: "--master-key", env: "AGORA_MASTER_KEY", reason })
            }
            (key, None) => Ok(key),
        }
    }
}

/// What is given by an option, or by the file that another one names.
///
/// # Errors
/// If both are given, or the file cannot be read.
pub(super) fn secret(
    option: &'static str,
    value: Option<&SecretString>,
    file: Option<&PathBuf>,
) -> Result<Option<SecretString>, ConfigError> {
    match (value, file) {
        (Some(_), Some(_)) => Err(ConfigError::Twice { option }),
        (Some(value), None) => Ok(Some(value.clone())),
        (None, Some(file)) => match fs::read_to_string(file) {
            Ok(text) => Ok(Some(text.trim().to_owned().into())),
            Err(error) => Err(ConfigError::File { option, file: file.clone(), error }),
        },
        (None, None) => Ok(None),
    }
}
