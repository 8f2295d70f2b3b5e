//! Options: the account with Stripe that carries payments out.

use std::path::PathBuf;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::{ConfigError, secret};
use crate::platform::http::Target;

/// The account, as it was given.
#[derive(Debug, Clone, Args)]
pub struct StripeArgs {
    /// The secret key of the account with Stripe, `sk_…` or a restricted `rk_…`; needed with `--payments stripe`
    #[arg(long, env = "AGORA_STRIPE_SECRET_KEY", global = true, hide_env_values = true, value_name = "KEY")]
    pub stripe_secret_key: Option<SecretString>,
    /// A file that holds the secret key
    #[arg(long, env = "AGORA_STRIPE_SECRET_KEY_FILE", global = true, value_name = "FILE")]
    pub stripe_secret_key_file: Option<PathBuf>,
    /// The publishable key of the account, `pk_…`, by which clients speak to Stripe; needed with `--payments stripe`
    #[arg(long, env = "AGORA_STRIPE_PUBLISHABLE_KEY", global = true, value_name = "KEY")]
    pub stripe_publishable_key: Option<String>,
    /// The signing secrets of the webhooks, `whsec_…`: one of each, or two while it is changed, with a comma between them
    #[arg(long, env = "AGORA_STRIPE_WEBHOOK_SECRETS", global = true, hide_env_values = true, value_name = "SECRETS")]
    pub stripe_webhook_secrets: Option<SecretString>,
    /// A file that holds the signing secrets, a line each
    #[arg(long, env = "AGORA_STRIPE_WEBHOOK_SECRETS_FILE", global = true, value_name = "FILE")]
    pub stripe_webhook_secrets_file: Option<PathBuf>,
    /// Where Stripe is; elsewhere for trials only
    #[arg(long, env = "AGORA_STRIPE_URL", global = true, default_value = "https://api.stripe.com", value_name = "URL")]
    #[arg(value_parser = Target::of_operator)]
    pub stripe_url: Target,
}

/// The account with Stripe.
#[derive(Debug, Clone)]
pub struct StripeSettings {
    pub secret_key: SecretString,
    /// No secret: clients are told.
    pub publishable_key: String,
    /// One of each place at which Stripe tells, or two while it is changed: any is good.
    pub webhook_secrets: Vec<SecretString>,
    pub url: Target,
    /// Whether the keys are of live mode, in which money moves.
    pub is_live: bool,
}

/// Signing secrets that are good at once: Stripe tells of payments and of the accounts of shops at two places, and either secret may be
/// in the middle of its change.
const MOST: usize = 4;

/// Whether a key is of live mode; none if it is no key of these kinds.
fn is_live(key: &str, kinds: &[&str]) -> Option<bool> {
    let rest = kinds.iter().find_map(|kind| key.strip_prefix(kind))?;
    let (mode, own) = rest.split_once('_')?;
    match mode {
        "live" if is_word(own) => Some(true),
        "test" if is_word(own) => Some(false),
        _ => None,
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl StripeArgs {
    /// # Errors
    /// If something is missing, given twice, or is not what its option is for: the publishable key is told to everybody.
    pub(super) fn settings(&self) -> Result<StripeSettings, ConfigError> {
        let missing = |option, env, reason| ConfigError::Missing { option, env, reason };
        let (value, file) = (self.stripe_secret_key.as_ref(), self.stripe_secret_key_file.as_ref());
        let secret_key = secret("--stripe-secret-key", value, file)?.ok_or_else(|| {
            missing("--stripe-secret-key", "AGORA_STRIPE_SECRET_KEY", "what Stripe knows this market by")
        })?;
        let publishable_key = self.stripe_publishable_key.clone().ok_or_else(|| {
            missing("--stripe-publishable-key", "AGORA_STRIPE_PUBLISHABLE_KEY", "what clients speak to Stripe by")
        })?;
        let (value, file) = (self.stripe_webhook_secrets.as_ref(), self.stripe_webhook_secrets_file.as_ref());
        let webhook_secrets = secret("--stripe-webhook-secrets", value, file)?.ok_or_else(|| {
            missing("--stripe-webhook-secrets", "AGORA_STRIPE_WEBHOOK_SECRETS", "what Stripe signs its news with")
        })?;
        let is_between = |character: char| character == ',' || character.is_whitespace();
        let webhook_secrets = webhook_secrets.expose_secret().split(is_between).filter(|secret| !secret.is_empty());
        let webhook_secrets: Vec<SecretString> = webhook_secrets.map(SecretString::from).collect();
        let is_signing = |secret: &SecretString| secret.expose_secret().strip_prefix("whsec_").is_some_and(is_word);
        if !(1..=MOST).contains(&webhook_secrets.len()) || !webhook_secrets.iter().all(is_signing) {
            return Err(ConfigError::WebhookSecrets);
        }
        let mode = |key: &str, kinds: &[&str], option, forms| {
            is_live(key, kinds).ok_or(ConfigError::StripeKey { option, forms })
        };
        let secret_mode =
            mode(secret_key.expose_secret(), &["sk_", "rk_"], "--stripe-secret-key", "sk_live_, rk_live_ or …_test_")?;
        let publishable_mode = mode(&publishable_key, &["pk_"], "--stripe-publishable-key", "pk_live_ or pk_test_")?;
        if secret_mode != publishable_mode {
            return Err(ConfigError::StripeModes);
        }
        let url = self.stripe_url.url();
        if url.path() != "/" || url.query().is_some() {
            return Err(ConfigError::StripeUrl);
        }
        let url = self.stripe_url.clone();
        Ok(StripeSettings { secret_key, publishable_key, webhook_secrets, url, is_live: secret_mode })
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches};

    use super::*;

    fn read(arguments: &[&str]) -> Result<StripeSettings, String> {
        let arguments = ["agora"].iter().chain(arguments);
        let matches = StripeArgs::augment_args(Command::new("agora")).get_matches_from(arguments);
        StripeArgs::from_arg_matches(&matches).unwrap().settings().map_err(|error| error.to_string())
    }

    #[test]
    fn an_account_is_given_whole_and_its_secrets_are_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets");
        std::fs::write(&file, "whsec_new\nwhsec_old\n").unwrap();
        let file = file.to_str().unwrap();
        let whole = ["--stripe-secret-key", "sk_test_1", "--stripe-publishable-key", "pk_test_1"];
        let found = read(&[&whole[..], &["--stripe-webhook-secrets-file", file]].concat()).unwrap();
        let secrets: Vec<_> = found.webhook_secrets.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(secrets, ["whsec_new", "whsec_old"]);
        assert_eq!(
            (found.publishable_key.as_str(), found.url.url().as_str()),
            ("pk_test_1", "https://api.stripe.com/")
        );
        assert!(!format!("{found:?}").contains("sk_test_1") && !format!("{found:?}").contains("whsec_"));
        for (arguments, said) in [
            (&whole[2..], "--stripe-secret-key"),
            (&whole[..2], "--stripe-publishable-key"),
            (&whole[..], "--stripe-webhook-secrets (AGORA_STRIPE_WEBHOOK_SECRETS) is missing"),
        ] {
            let error = read(arguments).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        assert!(!found.is_live);
        let too_many = "whsec_a,whsec_b,whsec_c,whsec_d,whsec_e";
        for secrets in ["", ",", too_many, "a", "whsec_", "whsec_a,sk_test_1"] {
            let error = read(&[&whole[..], &["--stripe-webhook-secrets", secrets]].concat()).unwrap_err();
            assert!(error.contains("one to four"), "{error}");
        }
    }

    #[test]
    fn no_secret_is_taken_for_what_everybody_is_told() {
        let read = |secret: &str, publishable: &str, url: &str| {
            let keys = ["--stripe-secret-key", secret, "--stripe-publishable-key", publishable];
            read(&[&keys[..], &["--stripe-webhook-secrets", "whsec_1", "--stripe-url", url]].concat())
        };
        let url = "https://api.stripe.com";
        assert!(read("rk_live_1", "pk_live_1", url).unwrap().is_live);
        for (secret, publishable, url, said) in [
            ("sk_live_1", "sk_live_1", url, "--stripe-publishable-key: it begins with pk_"),
            ("pk_live_1", "pk_live_1", url, "--stripe-secret-key: it begins with sk_"),
            ("", "pk_live_1", url, "--stripe-secret-key: it begins with sk_"),
            ("sk_live_", "pk_live_1", url, "--stripe-secret-key: it begins with sk_"),
            ("sk_live_1 ", "pk_live_1", url, "--stripe-secret-key: it begins with sk_"),
            ("sk_test_1", "pk_live_1", url, "mode"),
            ("sk_test_1", "pk_test_1", "https://api.stripe.com/?a", "--stripe-url"),
            ("sk_test_1", "pk_test_1", "https://api.stripe.com/v1", "--stripe-url"),
        ] {
            let error = read(secret, publishable, url).unwrap_err();
            assert!(error.contains(said), "{error}");
            assert!(!error.contains("_live_1"), "{error}");
        }
    }
}
