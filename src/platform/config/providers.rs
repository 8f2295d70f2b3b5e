//! Options: with accounts of which other places people sign in.

use std::{collections::HashSet, env, fs, path::PathBuf};

use clap::Args;
use secrecy::SecretString;
use serde::Deserialize;

use super::{ConfigError, secret};
use crate::platform::{
    http::Target,
    oidc::{ProviderSettings, ResponseMode},
};

/// The providers.
#[derive(Debug, Clone, Args)]
pub struct ProviderArgs {
    /// A JSON file that names the OpenID Connect providers with whose accounts people sign in [default: none]
    #[arg(long, env = "AGORA_SIGN_IN_PROVIDERS", global = true, value_name = "FILE")]
    pub sign_in_providers: Option<PathBuf>,
}

/// A provider as it stands in the file. Its secret never does.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Entry {
    key: String,
    display_name: String,
    issuer: String,
    client_id: String,
    client_secret_file: Option<PathBuf>,
    client_secret_variable: Option<String>,
    #[serde(default = "default_scopes")]
    scopes: Vec<String>,
    response_mode: Option<ResponseMode>,
}

fn default_scopes() -> Vec<String> {
    ["openid", "email", "profile"].map(Into::into).into()
}

/// Providers at the most: they all stand on one screen.
const MOST: usize = 20;

impl ProviderArgs {
    /// # Errors
    /// What is wrong with the file, and at which provider.
    pub(super) fn settings(&self) -> Result<Vec<ProviderSettings>, ConfigError> {
        let Some(file) = &self.sign_in_providers else { return Ok(Vec::new()) };
        let option = "--sign-in-providers";
        let text = fs::read_to_string(file).map_err(|error| ConfigError::File { option, file: file.clone(), error })?;
        let wrong = |reason: String| ConfigError::Providers { file: file.clone(), reason };
        let entries: Vec<Entry> = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if entries.len() > MOST {
            return Err(wrong(format!("more than {MOST} providers")));
        }
        let (mut keys, mut issuers) = (HashSet::new(), HashSet::new());
        let parse = |entry: Entry| {
            if !keys.insert(entry.key.clone()) || !issuers.insert(entry.issuer.clone()) {
                return Err(wrong(format!("{}: another one has this key or this issuer", entry.key)));
            }
            let key = entry.key.clone();
            entry.settings().map_err(|fault| match fault {
                Fault::Wrong(reason) => wrong(format!("{key}: {reason}")),
                Fault::Secret(error) => error,
            })
        };
        entries.into_iter().map(parse).collect()
    }
}

enum Fault {
    Wrong(String),
    Secret(ConfigError),
}

impl Entry {
    fn settings(self) -> Result<ProviderSettings, Fault> {
        let wrong = |reason: &str| Fault::Wrong(reason.into());
        let is_key = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=32).contains(&self.key.len()) || !self.key.bytes().all(is_key) {
            return Err(wrong("`key` is 1 to 32 of a–z, 0–9 and -"));
        }
        if self.display_name.trim().is_empty() || self.client_id.is_empty() {
            return Err(wrong("`displayName` and `clientId` are not empty"));
        }
        if !self.scopes.iter().any(|scope| scope == "openid") {
            return Err(wrong("`scopes` holds `openid`"));
        }
        let target = Target::of_operator(&self.issuer).map_err(|fault| Fault::Wrong(format!("`issuer`: {fault}")))?;
        if target.url().query().is_some() {
            return Err(wrong("`issuer` has no query"));
        }
        let variable = self.client_secret_variable.as_ref().map(|name| {
            env::var(name).map(SecretString::from).map_err(|_| Fault::Wrong(format!("the variable {name} is not set")))
        });
        let variable = variable.transpose()?;
        let client_secret = secret("clientSecretVariable", variable.as_ref(), self.client_secret_file.as_ref());
        Ok(ProviderSettings {
            key: self.key,
            display_name: self.display_name.trim().to_owned(),
            issuer: self.issuer,
            target,
            client_id: self.client_id,
            client_secret: client_secret.map_err(Fault::Secret)?,
            scopes: self.scopes,
            response_mode: self.response_mode,
        })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(text: &str) -> Result<Vec<ProviderSettings>, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), " s3cret\n").unwrap();
        let file = folder.path().join("providers.json");
        fs::write(&file, text.replace("FOLDER", folder.path().to_str().unwrap())).unwrap();
        ProviderArgs { sign_in_providers: Some(file) }.settings().map_err(|error| error.to_string())
    }

    #[test]
    fn providers_stand_in_a_file_and_their_secrets_elsewhere() {
        let found = read(
            r#"[{"key": "google", "displayName": " Google ", "issuer": "https://accounts.google.com", "clientId": "1",
                 "clientSecretFile": "FOLDER/secret"},
                {"key": "apple", "displayName": "Apple", "issuer": "https://appleid.apple.com", "clientId": "2",
                 "scopes": ["openid", "email"], "responseMode": "form_post"}]"#,
        )
        .unwrap();
        let [google, apple] = &found[..] else { panic!("{found:?}") };
        assert_eq!(google.client_secret.as_ref().unwrap().expose_secret(), "s3cret");
        assert_eq!((google.display_name.as_str(), google.scopes.len()), ("Google", 3));
        assert!(apple.client_secret.is_none() && apple.response_mode == Some(ResponseMode::FormPost));
        assert!(!format!("{found:?}").contains("s3cret"));
        assert!(ProviderArgs { sign_in_providers: None }.settings().unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_with_a_provider_is_said() {
        let one = |more: &str| format!(r#"[{{"key": "a", "displayName": "A", "clientId": "1", {more}}}]"#);
        let issuer = r#""issuer": "https://a.example""#;
        for (text, said) in [
            ("{}".into(), "invalid type"),
            (one(r#""issuer": "http://a.example""#), "a: `issuer`: it does not begin with https://"),
            (one(&format!(r#"{issuer}, "clientSecret": "x""#)), "unknown field `clientSecret`"),
            (one(&format!(r#"{issuer}, "clientSecretVariable": "AGORA_NOT_SET""#)), "a: the variable AGORA_NOT_SET"),
            (one(&format!(r#"{issuer}, "clientSecretFile": "FOLDER/none""#)), "none cannot be read"),
            (one(&format!(r#"{issuer}, "scopes": ["email"]"#)), "`scopes` holds `openid`"),
            (one(issuer).replace("\"a\"", "\"A b\""), "`key` is 1 to 32"),
            (format!("[{0}, {0}]", one(issuer).trim_matches(['[', ']'])), "a: another one has this key"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
