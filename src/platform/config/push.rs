//! Options: the accounts by which devices are woken.

use std::path::PathBuf;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ConfigError, secret};
use crate::platform::{
    crypto::{EcKey, RsaKey},
    http::Target,
    push::{ApnsSettings, COMMON, FcmSettings, Place, PushSettings, WebPushSettings},
};

/// The accounts, as they were given. Without any of them nothing is pushed.
#[derive(Debug, Clone, Args)]
pub struct PushArgs {
    /// The key that signs for Apple's push service, as Apple gives it (.p8) [default: no pushes to Apple's devices]
    #[arg(long, env = "AGORA_APNS_KEY", global = true, hide_env_values = true, value_name = "PEM")]
    pub apns_key: Option<SecretString>,
    /// A file that holds the key for Apple
    #[arg(long, env = "AGORA_APNS_KEY_FILE", global = true, value_name = "FILE")]
    pub apns_key_file: Option<PathBuf>,
    /// What Apple calls the key; needed with it
    #[arg(long, env = "AGORA_APNS_KEY_ID", global = true, value_name = "ID")]
    pub apns_key_id: Option<String>,
    /// What Apple calls the team that has the key; needed with it
    #[arg(long, env = "AGORA_APNS_TEAM_ID", global = true, value_name = "ID")]
    pub apns_team_id: Option<String>,
    /// The bundle id of the application that is woken; needed with the key
    #[arg(long, env = "AGORA_APNS_TOPIC", global = true, value_name = "ID")]
    pub apns_topic: Option<String>,
    /// Where Apple's push service is; `https://api.sandbox.push.apple.com` for builds in development
    #[arg(
        long,
        env = "AGORA_APNS_URL",
        global = true,
        default_value = "https://api.push.apple.com",
        value_name = "URL"
    )]
    #[arg(value_parser = Target::of_operator)]
    pub apns_url: Target,
    /// The service account for Google's Firebase Cloud Messaging, as Google gives it (JSON) [default: no pushes by Google]
    #[arg(long, env = "AGORA_FCM_ACCOUNT", global = true, hide_env_values = true, value_name = "JSON")]
    pub fcm_account: Option<SecretString>,
    /// A file that holds the service account
    #[arg(long, env = "AGORA_FCM_ACCOUNT_FILE", global = true, value_name = "FILE")]
    pub fcm_account_file: Option<PathBuf>,
    /// Where Firebase Cloud Messaging is; elsewhere for trials only
    #[arg(
        long,
        env = "AGORA_FCM_URL",
        global = true,
        default_value = "https://fcm.googleapis.com",
        value_name = "URL"
    )]
    #[arg(value_parser = Target::of_operator)]
    pub fcm_url: Target,
    /// Where Google gives tokens to the service account; elsewhere for trials only
    #[arg(long, env = "AGORA_FCM_TOKEN_URL", global = true, value_name = "URL")]
    #[arg(default_value = "https://oauth2.googleapis.com/token", value_parser = Target::of_operator)]
    pub fcm_token_url: Target,
    /// The private key by which browsers know the market: PEM, or 32 bytes in base64url [default: no pushes to browsers]
    #[arg(long, env = "AGORA_WEB_PUSH_KEY", global = true, hide_env_values = true, value_name = "KEY")]
    pub web_push_key: Option<SecretString>,
    /// A file that holds the key for browsers
    #[arg(long, env = "AGORA_WEB_PUSH_KEY_FILE", global = true, value_name = "FILE")]
    pub web_push_key_file: Option<PathBuf>,
    /// Whom browsers' push services write to, such as `mailto:market@example.com`; needed with the key
    #[arg(long, env = "AGORA_WEB_PUSH_CONTACT", global = true, value_name = "URL")]
    pub web_push_contact: Option<String>,
    /// Hosts of browsers' push services: names, `*.name` for all below one, or origins, which may be in a private network
    #[arg(long, env = "AGORA_WEB_PUSH_HOSTS", global = true, value_delimiter = ',', default_value = COMMON, value_name = "HOST")]
    pub web_push_hosts: Vec<Place>,
}

/// What is needed of a service account of Google's.
#[derive(Deserialize)]
struct Account {
    project_id: String,
    private_key_id: String,
    private_key: String,
    client_email: String,
}

impl PushArgs {
    /// # Errors
    /// If something is missing, given twice, or is not what its option is for.
    pub(super) fn settings(&self) -> Result<PushSettings, ConfigError> {
        Ok(PushSettings { apns: self.apns()?, fcm: self.fcm()?, web: self.web()? })
    }

    fn apns(&self) -> Result<Option<ApnsSettings>, ConfigError> {
        let Some(key) = secret("--apns-key", self.apns_key.as_ref(), self.apns_key_file.as_ref())? else {
            return Ok(None);
        };
        let wrong = |option, form| ConfigError::Push { option, form };
        let needed = |value: Option<&String>, option, env| match value {
            Some(value) if is_word(value) => Ok(value.clone()),
            Some(_) => Err(wrong(option, "a word of letters, digits, dots and hyphens")),
            None => Err(ConfigError::Missing { option, env, reason: "what Apple knows the key of --apns-key by" }),
        };
        Ok(Some(ApnsSettings {
            key: EcKey::parse(key.expose_secret())
                .map_err(|_| wrong("--apns-key", "a private key as Apple gives it"))?,
            key_id: needed(self.apns_key_id.as_ref(), "--apns-key-id", "AGORA_APNS_KEY_ID")?,
            team_id: needed(self.apns_team_id.as_ref(), "--apns-team-id", "AGORA_APNS_TEAM_ID")?,
            topic: needed(self.apns_topic.as_ref(), "--apns-topic", "AGORA_APNS_TOPIC")?,
            url: self.apns_url.clone(),
        }))
    }

    fn fcm(&self) -> Result<Option<FcmSettings>, ConfigError> {
        let Some(account) = secret("--fcm-account", self.fcm_account.as_ref(), self.fcm_account_file.as_ref())? else {
            return Ok(None);
        };
        let wrong =
            || ConfigError::Push { option: "--fcm-account", form: "a service account in JSON, with its private key" };
        let account: Account = serde_json::from_str(account.expose_secret()).map_err(|_| wrong())?;
        if !is_word(&account.project_id) {
            return Err(wrong());
        }
        Ok(Some(FcmSettings {
            project: account.project_id,
            email: account.client_email,
            key: RsaKey::parse(&account.private_key).map_err(|_| wrong())?,
            key_id: account.private_key_id,
            url: self.fcm_url.clone(),
            token_url: self.fcm_token_url.clone(),
        }))
    }

    fn web(&self) -> Result<Option<WebPushSettings>, ConfigError> {
        let (value, file) = (self.web_push_key.as_ref(), self.web_push_key_file.as_ref());
        let Some(key) = secret("--web-push-key", value, file)? else { return Ok(None) };
        let wrong = |option, form| ConfigError::Push { option, form };
        let contact = self.web_push_contact.clone().ok_or(ConfigError::Missing {
            option: "--web-push-contact",
            env: "AGORA_WEB_PUSH_CONTACT",
            reason: "whom browsers' push services write to",
        })?;
        if !contact.starts_with("mailto:") && !contact.starts_with("https://") {
            return Err(wrong("--web-push-contact", "a URL that begins with mailto: or https://"));
        }
        let key = EcKey::parse(key.expose_secret());
        let key = key.map_err(|_| wrong("--web-push-key", "a private key of P-256: PEM, or 32 bytes in base64url"))?;
        Ok(Some(WebPushSettings { key, contact, places: self.web_push_hosts.clone() }))
    }
}

/// Whether it can stand in a path and in a header.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 200
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches};

    use super::*;

    const KEY: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";

    fn read(arguments: &[&str]) -> Result<PushSettings, String> {
        let arguments = ["agora"].iter().chain(arguments);
        let matches = PushArgs::augment_args(Command::new("agora")).get_matches_from(arguments);
        PushArgs::from_arg_matches(&matches).unwrap().settings().map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_key_nothing_is_pushed() {
        let none = read(&[]).unwrap();
        assert!(none.apns.is_none() && none.fcm.is_none() && none.web.is_none());
    }

    #[test]
    fn an_account_is_given_whole_and_its_key_is_not_shown() {
        let web = ["--web-push-key", KEY, "--web-push-contact", "mailto:market@example.com"];
        let found = read(&web).unwrap();
        assert_eq!(found.web.as_ref().map(|web| web.places.len()), Some(5));
        assert!(!format!("{found:?}").contains(KEY));
        let apns = ["--apns-key", KEY, "--apns-key-id", "KEY", "--apns-team-id", "TEAM", "--apns-topic", "app.example"];
        assert!(read(&apns).unwrap().apns.is_some());
        for (arguments, said) in [
            (&web[..2], "--web-push-contact (AGORA_WEB_PUSH_CONTACT) is missing"),
            (&["--web-push-key", "none", "--web-push-contact", "mailto:a@example.com"], "--web-push-key: "),
            (&["--web-push-key", KEY, "--web-push-contact", "a@example.com"], "--web-push-contact: "),
            (&apns[..2], "--apns-key-id (AGORA_APNS_KEY_ID) is missing"),
            (&apns[..6], "--apns-topic (AGORA_APNS_TOPIC) is missing"),
            (&["--fcm-account", "{}"], "--fcm-account: "),
        ] {
            let error = read(arguments).unwrap_err();
            assert!(error.contains(said), "{error}");
            assert!(!error.contains(KEY), "{error}");
        }
    }
}
