//! ID tokens: what a provider says of whoever signed in there (OpenID Connect Core 1.0, sections 2 and 3.1.3.7).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::platform::clock::Time;

/// By how much the provider's clock may differ from ours, in seconds.
const SKEW: i64 = 60;
/// Keys of one provider that are looked at.
const MOST_KEYS: usize = 64;
/// The shortest RSA modulus that is believed, in bytes (NIST SP 800-131A).
const RSA_BYTES: usize = 256;

/// The public keys of a provider (RFC 7517). Of a set only what can verify signatures is kept.
#[derive(Clone)]
pub struct ProviderKeys(Vec<ProviderKey>);

#[derive(Clone)]
struct ProviderKey {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// A text that is no set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON Web Key Set")]
pub struct NoKeySet;

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

impl ProviderKeys {
    /// Keys of kinds that are not known, or not fit to verify an ID token, are left out: sets may hold others, too.
    ///
    /// # Errors
    /// If it is no set.
    pub fn parse(text: &[u8]) -> Result<Self, NoKeySet> {
        let set: KeySet = serde_json::from_slice(text).map_err(|_| NoKeySet)?;
        let known = set.keys.into_iter().take(MOST_KEYS).filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        Ok(Self(known.filter_map(|key| ProviderKey::of(&key)).collect()))
    }

    /// The key that has signed by this algorithm. Without an id there must be no choice (section 10.1).
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&ProviderKey> {
        let mut fitting = self.0.iter().filter(|key| key.algorithms.contains(&algorithm));
        match id {
            Some(id) => fitting.find(|key| key.id.as_deref() == Some(id)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        }
    }
}

impl ProviderKey {
    fn of(key: &Jwk) -> Option<Self> {
        if key.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
            return None;
        }
        // By its own kind, never by what a token says: a public key must not be taken for a shared secret.
        let mut algorithms = match &key.algorithm {
            AlgorithmParameters::RSA(rsa) => {
                let modulus = URL_SAFE_NO_PAD.decode(&rsa.n).ok()?;
                if modulus.iter().skip_while(|byte| **byte == 0).count() < RSA_BYTES {
                    return None;
                }
                AlgorithmFamily::Rsa.algorithms().to_vec()
            }
            AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
                EllipticCurve::P256 => vec![Algorithm::ES256],
                EllipticCurve::P384 => vec![Algorithm::ES384],
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => vec![Algorithm::EdDSA],
            _ => return None,
        };
        if let Some(only) = key.common.key_algorithm {
            algorithms.retain(|algorithm| KeyAlgorithm::from(*algorithm) == only);
        }
        let id = key.common.key_id.clone();
        Some(Self { id, algorithms, key: DecodingKey::from_jwk(key).ok()? }).filter(|key| !key.algorithms.is_empty())
    }
}

/// What a token must say to be the answer to one sign-in.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    /// The access token that came along, if any.
    pub access_token: Option<&'a str>,
    pub now: Time,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdToken {
    #[error("its key is not in the provider's set")]
    UnknownKey,
    #[error("it is not signed as it must be, or says too little")]
    Malformed,
    #[error("it is from another issuer")]
    Issuer,
    #[error("it is for another client")]
    Audience,
    #[error("it is too old, or not good yet")]
    Time,
    #[error("it answers another sign-in")]
    Nonce,
    #[error("it came with another access token")]
    AccessToken,
}

/// Who signed in at a provider, as it says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Profile {
    /// Names the person at the provider, for ever (section 8).
    pub sub: String,
    #[serde(default)]
    pub email: Option<String>,
    /// Apple writes it as a text.
    #[serde(default)]
    email_verified: Option<Flag>,
    #[serde(default)]
    pub name: Option<String>,
    /// When the provider asked them last who they are; none if its ID token does not say.
    #[serde(skip)]
    pub asked_at: Option<Time>,
    /// Whether what stands in the ID token is all that there is.
    #[serde(skip)]
    pub user_info: UserInfo,
}

/// What became of what a provider says of a person beside the ID token (section 5.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UserInfo {
    /// It is in the profile, or was not needed.
    #[default]
    Known,
    /// The provider could not be asked for it.
    Missing,
}

impl Profile {
    /// The address, if the provider says that it has found it to be the person's.
    pub fn verified_email(&self) -> Option<&str> {
        let is_verified = match &self.email_verified {
            Some(Flag::Boolean(is_verified)) => *is_verified,
            Some(Flag::Text(text)) => text == "true",
            None => false,
        };
        self.email.as_deref().filter(|_| is_verified)
    }

    /// The same person, with what else the provider says of them: another address only together with whether it is verified.
    #[must_use]
    pub fn completed_by(self, more: Self) -> Self {
        let (name, asked_at) = (self.name.clone().or_else(|| more.name.clone()), self.asked_at);
        let addressed = if more.email.is_some() { more } else { self };
        Self { name, asked_at, ..addressed }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Flag {
    Boolean(bool),
    Text(String),
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    at_hash: Option<String>,
    /// Of whatever kind: one that is no number is none.
    auth_time: Option<serde_json::Value>,
    #[serde(flatten)]
    profile: Profile,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// What a provider's ID token says.
///
/// # Errors
/// Why it is not believed.
pub fn verify_id_token(token: &str, keys: &ProviderKeys, expected: &Expected<'_>) -> Result<Profile, InvalidIdToken> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| InvalidIdToken::Malformed)?;
    let key = keys.find(header.kid.as_deref(), header.alg).ok_or(InvalidIdToken::UnknownKey)?;
    let mut validation = Validation::new(header.alg);
    // What follows is held against our own clock, and more strictly.
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key.key, &validation);
    let claims = claims.map_err(|_| InvalidIdToken::Malformed)?.claims;
    check(&claims, expected)?;
    if let (Some(hash), Some(access_token)) = (&claims.at_hash, expected.access_token)
        && *hash != half_hash(header.alg, access_token)
    {
        return Err(InvalidIdToken::AccessToken);
    }
    let asked_at = claims.auth_time.and_then(|time| Time::from_timestamp(time.as_i64()?, 0));
    Ok(Profile { asked_at, ..claims.profile })
}

fn check(claims: &Claims, expected: &Expected<'_>) -> Result<(), InvalidIdToken> {
    if claims.iss != expected.issuer {
        return Err(InvalidIdToken::Issuer);
    }
    let is_ours = |audience: &String| audience == expected.client_id;
    let is_for_us = match &claims.aud {
        Audience::One(audience) => is_ours(audience) && claims.azp.as_ref().is_none_or(is_ours),
        // For several: only if it was made for us.
        Audience::Many(audiences) => match &claims.azp {
            Some(party) => audiences.iter().any(is_ours) && is_ours(party),
            None => matches!(audiences.as_slice(), [only] if is_ours(only)),
        },
    };
    if !is_for_us {
        return Err(InvalidIdToken::Audience);
    }
    let now = expected.now.timestamp();
    let is_early = |from: i64| from > now.saturating_add(SKEW);
    if claims.exp.saturating_add(SKEW) <= now || is_early(claims.iat) || claims.nbf.is_some_and(is_early) {
        return Err(InvalidIdToken::Time);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(InvalidIdToken::Nonce);
    }
    let is_subject = !claims.profile.sub.is_empty() && claims.profile.sub.len() <= 255;
    if is_subject { Ok(()) } else { Err(InvalidIdToken::Malformed) }
}

/// The left half of an access token's hash, by the hash of the signature's algorithm (section 3.1.3.6).
fn half_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => Sha384::digest(access_token).to_vec(),
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA => Sha512::digest(access_token).to_vec(),
        _ => Sha256::digest(access_token).to_vec(),
    };
    let (left, _) = hash.split_at(hash.len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

#[cfg(test)]
mod tests;
