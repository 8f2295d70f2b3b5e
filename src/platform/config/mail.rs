//! Options: where mail goes.

use std::path::PathBuf;

use clap::Args;
use secrecy::SecretString;

use super::{ConfigError, Mode, secret};

/// The mail server and the sender.
#[derive(Debug, Clone, Args)]
pub struct MailArgs {
    /// The mail server, as an `smtps://user:password@host` URL [default in development: the page /dev/mail]
    #[arg(long, env = "AGORA_SMTP_URL", global = true, hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<SecretString>,
    /// A file that holds the URL of the mail server
    #[arg(long, env = "AGORA_SMTP_URL_FILE", global = true, value_name = "FILE")]
    pub smtp_url_file: Option<PathBuf>,
    /// The sender of mail, such as `Agora <market@example.com>`
    #[arg(long, env = "AGORA_MAIL_FROM", global = true, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
}

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum MailSettings {
    Smtp { url: SecretString, from: String },
    Mailbox,
}

impl MailArgs {
    /// # Errors
    /// If something is missing, or given twice.
    pub(super) fn settings(&self, mode: Mode) -> Result<MailSettings, ConfigError> {
        let smtp_url = secret("--smtp-url", self.smtp_url.as_ref(), self.smtp_url_file.as_ref())?;
        match (smtp_url, &self.mail_from) {
            (Some(url), Some(from)) => Ok(MailSettings::Smtp { url, from: from.clone() }),
            (Some(_), None) => Err(ConfigError::MailFrom),
            (None, _) if mode == Mode::Production => {
                let reason = "people confirm their addresses by mail";
                Err(ConfigError::Missing { option: "--smtp-url", env: "AGORA_SMTP_URL", reason })
            }
            (None, _) => Ok(MailSettings::Mailbox),
        }
    }
}
