//! From the code that a provider sent somebody back with to who they are.

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret;
use serde::Deserialize;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{
    CodeVerifier, PURPOSE, Provider, ProviderError,
    discovery::{Authentication, IssParameter, Metadata, success},
};
use crate::platform::{
    clock::Clock,
    crypto::{Expected, InvalidIdToken, Profile, UserInfo, verify_id_token},
    http::{Http, Request, Target},
};

/// What somebody came back with.
pub struct Callback {
    pub code: String,
    /// The issuer that the provider named itself by, if it did (`iss`, RFC 9207).
    pub issuer: Option<String>,
}

/// What the token endpoint says (section 3.1.3.3).
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

fn refused(why: &str) -> ProviderError {
    ProviderError::Refused(why.into())
}

impl Provider {
    /// Who somebody is, by the code that they came back with. Makes up to four calls; belongs outside of transactions.
    ///
    /// # Errors
    /// Why the provider is not believed, or cannot be asked.
    pub async fn exchange(
        &self,
        http: &Http,
        clock: &Clock,
        callback: &Callback,
        redirect_uri: &str,
        verifier: &CodeVerifier,
    ) -> Result<Profile, ProviderError> {
        let busy = |_| ProviderError::Unavailable("too many sign-ins wait for it".into());
        let _place = self.at_once.try_acquire().map_err(busy)?;
        let metadata = self.metadata(http, clock.now()).await?;
        match (&callback.issuer, metadata.iss) {
            (Some(issuer), _) if *issuer != self.settings.issuer => return Err(refused("`iss` is another issuer")),
            (None, IssParameter::Always) => return Err(refused("`iss` is missing")),
            _ => {}
        }
        let tokens = self.tokens(http, &metadata, &callback.code, redirect_uri, verifier).await?;
        let mut profile = self.verified(http, clock, &metadata, &tokens, verifier).await?;
        match (&metadata.userinfo, &tokens.access_token) {
            // Many providers keep the address out of the ID token (section 5.4).
            (Some(userinfo), Some(access_token)) if profile.verified_email().is_none() => {
                match user_info(http, userinfo, access_token).await {
                    // Of somebody else it must never be taken (section 5.3.2).
                    Ok(said) if said.sub != profile.sub => Err(refused("user info of somebody else")),
                    Ok(said) => Ok(profile.completed_by(said)),
                    // Who somebody is does not depend on it.
                    Err(error) => {
                        tracing::warn!(provider = self.key(), %error, "user info is missing");
                        profile.user_info = UserInfo::Missing;
                        Ok(profile)
                    }
                }
            }
            _ => Ok(profile),
        }
    }

    async fn tokens(
        &self,
        http: &Http,
        metadata: &Metadata,
        code: &str,
        redirect_uri: &str,
        verifier: &CodeVerifier,
    ) -> Result<Tokens, ProviderError> {
        let body = self.token_form(metadata.authentication, code, redirect_uri, verifier);
        let request = Request::post(PURPOSE, &metadata.token, "application/x-www-form-urlencoded", body.into_bytes());
        let mut request = request.header("accept", "application/json")?;
        if let (Some(secret), Authentication::Basic) = (&self.settings.client_secret, metadata.authentication) {
            let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encoded(&self.settings.client_id), encoded(secret.expose_secret()));
            request = request.header("authorization", &format!("Basic {}", STANDARD.encode(pair)))?;
        }
        let answer = http.send(request).await?;
        if matches!(answer.status, 400..=499) {
            let refusal = serde_json::from_slice::<Refusal>(&answer.body).map(|refusal| refusal.error);
            return Err(ProviderError::Refused(match refusal {
                Ok(error) if is_word(&error) => format!("the token endpoint says {error}"),
                _ => format!("the token endpoint answered {}", answer.status),
            }));
        }
        serde_json::from_slice(&success(answer)?).map_err(|_| refused("no ID token"))
    }

    fn token_form(
        &self,
        authentication: Authentication,
        code: &str,
        redirect_uri: &str,
        verifier: &CodeVerifier,
    ) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("code_verifier", &verifier.0);
        match (&self.settings.client_secret, authentication) {
            (Some(_), Authentication::Basic) => {}
            (Some(secret), Authentication::Post) => {
                form.append_pair("client_id", &self.settings.client_id);
                form.append_pair("client_secret", secret.expose_secret());
            }
            (None, _) => {
                form.append_pair("client_id", &self.settings.client_id);
            }
        }
        form.finish()
    }

    async fn verified(
        &self,
        http: &Http,
        clock: &Clock,
        metadata: &Metadata,
        tokens: &Tokens,
        verifier: &CodeVerifier,
    ) -> Result<Profile, ProviderError> {
        let nonce = verifier.nonce();
        let expected = || Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &nonce,
            access_token: tokens.access_token.as_deref(),
            now: clock.now(),
        };
        let ask = async || Self::ask_for_keys(http, metadata).await;
        let keys = self.keys.get(clock.now(), ask).await?;
        let believed = match verify_id_token(&tokens.id_token, &keys, &expected()) {
            // A provider may have begun to sign by another key; a token can name any key that its maker likes.
            Err(InvalidIdToken::UnknownKey) => {
                let keys = self.keys.get_newer(clock.now(), ask).await?;
                verify_id_token(&tokens.id_token, &keys, &expected())
            }
            believed => believed,
        };
        Ok(believed?)
    }
}

/// What the provider says of a person beside the ID token (section 5.3).
async fn user_info(http: &Http, endpoint: &Target, access_token: &str) -> Result<Profile, ProviderError> {
    let request = Request::get(PURPOSE, endpoint).header("authorization", &format!("Bearer {access_token}"))?;
    let said = success(http.send(request).await?)?;
    serde_json::from_slice(&said).map_err(|_| refused("no user info"))
}

/// Whether a text of the provider's may stand in our log: it is a code of OAuth's.
fn is_word(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::platform::{
        http::{Target, Timeouts},
        metrics::Metrics,
        oidc::{AT_ONCE, ProviderSettings},
    };

    #[tokio::test]
    async fn a_slow_provider_binds_only_so_many() {
        let issuer = "https://id.example";
        let provider = Provider::new(ProviderSettings {
            key: "slow".into(),
            display_name: "Slow".into(),
            issuer: issuer.into(),
            target: Target::of_operator(issuer).unwrap(),
            client_id: "market".into(),
            client_secret: None,
            scopes: vec!["openid".into()],
            response_mode: None,
        });
        let _others = provider.at_once.try_acquire_many(u32::try_from(AT_ONCE).unwrap()).unwrap();
        let http = Http::new(Timeouts::default(), Arc::new(Metrics::new().unwrap())).unwrap();
        let callback = Callback { code: "x".into(), issuer: None };
        let verifier = CodeVerifier::of(&[0; 32]);
        let refused = provider.exchange(&http, &Clock::default(), &callback, "https://market.example", &verifier).await;
        let Err(ProviderError::Unavailable(why)) = refused else { panic!("{refused:?}") };
        assert_eq!(why, "too many sign-ins wait for it");
    }

    #[test]
    fn only_codes_of_oauth_come_into_the_log() {
        assert!(is_word("invalid_grant"));
        for text in ["Invalid", "code abc", "secret=1", &"x".repeat(41)] {
            assert!(!is_word(text), "{text}");
        }
    }
}
