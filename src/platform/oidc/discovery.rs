//! What a provider says of itself (OpenID Connect Discovery 1.0; RFC 8414).

use std::sync::Arc;

use serde::Deserialize;

use super::{PURPOSE, Provider, ProviderError};
use crate::platform::{
    clock::Time,
    crypto::ProviderKeys,
    http::{Answer, Http, Request, Target},
};

/// Where a provider does what, and how.
pub struct Metadata {
    pub authorization: Target,
    pub token: Target,
    pub keys: Target,
    pub userinfo: Option<Target>,
    pub authentication: Authentication,
    pub iss: IssParameter,
}

/// How we prove to the provider who we are (RFC 6749, section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    Basic,
    Post,
}

/// Whether the provider names itself when it sends somebody back (RFC 9207).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssParameter {
    Always,
    Perhaps,
}

#[derive(Deserialize)]
struct Described {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

fn wrong(what: &str) -> ProviderError {
    ProviderError::Unavailable(format!("its configuration {what}"))
}

/// The body of an answer that says yes.
pub fn success(answer: Answer) -> Result<Vec<u8>, ProviderError> {
    if answer.is_success() {
        return Ok(answer.body);
    }
    Err(ProviderError::Unavailable(format!("it answered {}", answer.status)))
}

impl Provider {
    /// What the provider says of itself. Its keys and its issuer must be its own: else one provider could speak for another
    /// (section 4.3).
    pub(super) async fn metadata(&self, http: &Http, now: Time) -> Result<Arc<Metadata>, ProviderError> {
        let ask = async || {
            let url = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
            let target = Target::of_operator(&url).map_err(|_| wrong("has no URL"))?;
            let body = success(http.send(Request::get(PURPOSE, &target)).await?)?;
            let described: Described = serde_json::from_slice(&body).map_err(|_| wrong("is not whole"))?;
            if described.issuer != self.settings.issuer {
                return Err(wrong("is of another issuer"));
            }
            let named = |url: &str| {
                self.settings.target.named_here(url).map_err(|fault| wrong(&format!("names a URL: {fault}")))
            };
            let methods = described.token_endpoint_auth_methods_supported;
            let takes_basic =
                methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
            Ok(Metadata {
                authorization: named(&described.authorization_endpoint)?,
                token: named(&described.token_endpoint)?,
                keys: named(&described.jwks_uri)?,
                userinfo: described.userinfo_endpoint.as_deref().map(named).transpose()?,
                authentication: if takes_basic { Authentication::Basic } else { Authentication::Post },
                iss: if described.authorization_response_iss_parameter_supported {
                    IssParameter::Always
                } else {
                    IssParameter::Perhaps
                },
            })
        };
        self.metadata.get(now, ask).await
    }

    /// Asks for the keys by which the provider's ID tokens are verified.
    pub(super) async fn ask_for_keys(http: &Http, metadata: &Metadata) -> Result<ProviderKeys, ProviderError> {
        let body = success(http.send(Request::get(PURPOSE, &metadata.keys)).await?)?;
        ProviderKeys::parse(&body).map_err(|error| ProviderError::Unavailable(format!("its keys: {error}")))
    }
}
