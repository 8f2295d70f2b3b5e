//! Signing in with an account at another place: OpenID Connect, with the authorization code flow, PKCE (RFC 7636), `state`,
//! `nonce`, and one redirect URI for each provider (RFC 9700).
//!
//! **Invariants:** what a provider says is believed only after its ID token was verified; a provider that is slow, gone or
//! wrong costs those who sign in with it, and nobody else; it is asked for its configuration and its keys at most once in
//! [`PAUSE`], however many ask.

mod cached;
mod discovery;
mod exchange;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use url::Url;

use self::{cached::Cached, discovery::Metadata};
use super::{
    clock::Time,
    crypto::{InvalidIdToken, ProviderKeys},
    http::{Http, HttpError, Target},
};

pub use self::exchange::Callback;

/// How often a provider is asked for the same thing at the most.
const PAUSE: TimeDelta = TimeDelta::seconds(10);
/// Sign-ins of one provider that are carried out at once; further ones are refused, so that a slow provider binds no more.
const AT_ONCE: usize = 32;
/// By what calls to providers are counted.
const PURPOSE: &str = "oidc";

/// What the operator says of a provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Names it in the API, in its redirect URI, and for people who look at the database.
    pub key: String,
    /// What people call it.
    pub display_name: String,
    /// Its issuer identifier, as it stands in its ID tokens.
    pub issuer: String,
    /// The same, as a URL.
    pub target: Target,
    pub client_id: String,
    /// None of a public client.
    pub client_secret: Option<SecretString>,
    pub scopes: Vec<String>,
    pub response_mode: Option<ResponseMode>,
}

/// How a provider gives its answer to the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the URL.
    Query,
    /// By a form that it has the browser send, as Apple insists on.
    FormPost,
}

impl ResponseMode {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }
}

/// Why a provider signs nobody in.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It may work later.
    #[error("the provider cannot be asked: {0}")]
    Unavailable(String),
    /// It does not work for this sign-in.
    #[error("the provider's answer is not taken: {0}")]
    Refused(String),
}

impl From<HttpError> for ProviderError {
    fn from(error: HttpError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<InvalidIdToken> for ProviderError {
    fn from(error: InvalidIdToken) -> Self {
        Self::Refused(format!("its ID token: {error}"))
    }
}

/// The secret of one sign-in: the code verifier (RFC 7636, section 4.1), from which everything else follows.
#[derive(Clone)]
pub struct CodeVerifier(String);

impl CodeVerifier {
    /// From 32 random bytes.
    pub fn of(bytes: &[u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.0))
    }

    fn nonce(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(b"nonce:").chain_update(&self.0).finalize())
    }
}

/// The providers of the market, in the operator's order.
#[derive(Default)]
pub struct Providers(Vec<Provider>);

impl Providers {
    pub fn new(settings: &[ProviderSettings]) -> Self {
        Self(settings.iter().cloned().map(Provider::new).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }

    pub fn by_key(&self, key: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.settings.key == key)
    }

    pub fn by_issuer(&self, issuer: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.settings.issuer == issuer)
    }
}

/// A provider, and what it said of itself.
pub struct Provider {
    settings: ProviderSettings,
    metadata: Cached<Metadata>,
    keys: Cached<ProviderKeys>,
    at_once: Semaphore,
}

impl Provider {
    fn new(settings: ProviderSettings) -> Self {
        let (metadata, keys) = (Cached::default(), Cached::default());
        Self { settings, metadata, keys, at_once: Semaphore::new(AT_ONCE) }
    }

    pub fn key(&self) -> &str {
        &self.settings.key
    }

    pub fn display_name(&self) -> &str {
        &self.settings.display_name
    }

    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// The page of the provider on which somebody signs in. Whoever it asked longer than `max_age` ago is asked anew, and it
    /// tells when that was (OpenID Connect Core 1.0, sections 2 and 3.1.2.1); some do neither.
    ///
    /// # Errors
    /// [`ProviderError::Unavailable`] if it does not say where that is.
    pub async fn authorization_url(
        &self,
        http: &Http,
        now: Time,
        redirect_uri: &str,
        state: &str,
        verifier: &CodeVerifier,
        max_age: TimeDelta,
    ) -> Result<Url, ProviderError> {
        let metadata = self.metadata(http, now).await?;
        let mut url = metadata.authorization.url().clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &self.settings.scopes.join(" "))
            .append_pair("state", state)
            .append_pair("nonce", &verifier.nonce())
            .append_pair("max_age", &max_age.num_seconds().to_string())
            .append_pair("code_challenge", &verifier.challenge())
            .append_pair("code_challenge_method", "S256");
        if let Some(mode) = self.settings.response_mode {
            url.query_pairs_mut().append_pair("response_mode", mode.as_str());
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_has_its_challenge() {
        // RFC 7636, appendix B.
        let bytes = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = CodeVerifier::of(&bytes);
        assert_eq!(verifier.0, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_ne!(verifier.nonce(), verifier.challenge());
    }
}
