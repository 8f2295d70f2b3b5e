//! Access tokens and the keys that sign them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey, EncodingKey, Header, Validation};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::MasterKey;
use crate::kernel::error::{Failure, TokenFault};
use crate::platform::clock::{Generator, Time};

/// What an access token says (RFC 7519): who, in which session, until when. Never a role.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: Uuid,
    pub sid: Uuid,
    pub jti: Uuid,
    pub iat: i64,
    pub exp: i64,
}

/// How long an access token is good.
pub const ACCESS_TOKEN_SECONDS: i64 = 600;

const ISSUER: &str = "agora";

/// A key pair that signs access tokens, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedKey {
    pub id: String,
    pub public_key: Vec<u8>,
    pub sealed_key: Vec<u8>,
}

/// How long a key verifies after another has taken its place: until the last token that it has signed has died, those of
/// processes that hear of it late included.
pub const RETIREMENT_SECONDS: i64 = ACCESS_TOKEN_SECONDS + 60;

impl SealedKey {
    /// A new Ed25519 key pair (RFC 8032) under the master key.
    ///
    /// # Errors
    /// If the key cannot be encoded or sealed.
    pub fn generate(master: &MasterKey, generator: &Generator) -> Result<Self, Failure> {
        let pair = SigningKey::from_bytes(&generator.bytes());
        let public_key = pair.verifying_key().to_bytes().to_vec();
        let id = URL_SAFE_NO_PAD.encode(Sha256::digest(&public_key)).chars().take(16).collect::<String>();
        let private = pair.to_pkcs8_der().map_err(|error| Failure::internal(error.to_string()))?;
        let sealed_key = master.seal(generator, "signing-key", &id, private.as_bytes())?;
        Ok(Self { id, public_key, sealed_key })
    }

    /// The same key pair under the master key as it is now.
    ///
    /// # Errors
    /// If neither this master key nor the one before opens it.
    pub fn resealed(&self, master: &MasterKey, generator: &Generator) -> Result<Self, Failure> {
        let private = master.open("signing-key", &self.id, &self.sealed_key)?;
        Ok(Self { sealed_key: master.seal(generator, "signing-key", &self.id, &private)?, ..self.clone() })
    }
}

/// Tokens of which a process remembers that they are genuine.
const REMEMBERED: u64 = 20_000;

/// Signs and checks access tokens (`EdDSA`, RFC 8037; no other algorithm is accepted).
pub struct Keyring {
    keys: RwLock<Keys>,
    /// What genuine tokens say, by their SHA-256: a signature is checked once, not with every request. Expiry and the
    /// session's standing are looked at each time.
    genuine: Cache<[u8; 32], Claims>,
    asked_at: Mutex<Option<Instant>>,
}

impl Default for Keyring {
    fn default() -> Self {
        Self { keys: RwLock::default(), genuine: Cache::new(REMEMBERED), asked_at: Mutex::default() }
    }
}

/// How often keys that are not known are asked for.
const ASKED_EVERY: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Keys {
    signing: Option<(String, EncodingKey)>,
    verifying: HashMap<String, DecodingKey>,
    stored: Vec<SealedKey>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(…)")
    }
}

impl Keyring {
    /// Takes the stored keys, newest first: the newest signs, all of them verify. Those that it has already it keeps.
    ///
    /// # Errors
    /// If the newest does not open under the master key.
    pub fn load(&self, master: &MasterKey, stored: &[SealedKey]) -> Result<(), Failure> {
        if self.keys.read().unwrap_or_else(PoisonError::into_inner).stored == stored {
            return Ok(());
        }
        let signing = match stored.first() {
            Some(newest) => {
                let private = master.open("signing-key", &newest.id, &newest.sealed_key)?;
                Some((newest.id.clone(), EncodingKey::from_ed_der(&private)))
            }
            None => None,
        };
        let verifying = stored.iter().map(|key| (key.id.clone(), DecodingKey::from_ed_der(&key.public_key))).collect();
        let keys = Keys { signing, verifying, stored: stored.to_vec() };
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        self.genuine.invalidate_all();
        Ok(())
    }

    /// The keys that verify, as a JSON Web Key Set (RFC 7517, RFC 8037): for services that check tokens themselves.
    pub fn jwks(&self) -> serde_json::Value {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let keys = keys.stored.iter().map(|key| {
            let x = URL_SAFE_NO_PAD.encode(&key.public_key);
            json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id, "x": x})
        });
        json!({ "keys": keys.collect::<Vec<_>>() })
    }

    /// Whether a key that is not known may be asked for: once a second, for made-up ones come as often as somebody likes.
    pub fn may_ask(&self) -> bool {
        let mut asked_at = self.asked_at.lock().unwrap_or_else(PoisonError::into_inner);
        let may = asked_at.is_none_or(|asked| asked.elapsed() >= ASKED_EVERY);
        if may {
            *asked_at = Some(Instant::now());
        }
        may
    }

    /// Whether a key that signs is loaded.
    pub fn is_loaded(&self) -> bool {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).signing.is_some()
    }

    /// A token for a session, good for [`ACCESS_TOKEN_SECONDS`].
    ///
    /// # Errors
    /// If no key is loaded.
    pub fn sign(&self, user: Uuid, session: Uuid, token: Uuid, now: Time) -> Result<String, Failure> {
        let claims = Claims {
            iss: ISSUER.into(),
            aud: ISSUER.into(),
            sub: user,
            sid: session,
            jti: token,
            iat: now.timestamp(),
            exp: now.timestamp() + ACCESS_TOKEN_SECONDS,
        };
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let (id, key) = keys.signing.as_ref().ok_or_else(|| Failure::internal("no signing key is loaded"))?;
        let header = Header { kid: Some(id.clone()), ..Header::new(JwtAlgorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, key).map_err(Failure::internal)
    }

    /// What a token says, if it is ours and still good.
    ///
    /// # Errors
    /// Why it is not; `None` inside when its key is not known here (yet).
    pub fn verify(&self, token: &str, now: Time) -> Result<Claims, UnverifiedToken> {
        let digest = Sha256::digest(token).into();
        let claims = if let Some(claims) = self.genuine.get(&digest) {
            claims
        } else {
            let claims = self.check(token)?;
            self.genuine.insert(digest, claims.clone());
            claims
        };
        if claims.exp <= now.timestamp() { Err(UnverifiedToken::Fault(TokenFault::Expired)) } else { Ok(claims) }
    }

    /// What a token says, if it is ours, however old it is.
    fn check(&self, token: &str) -> Result<Claims, UnverifiedToken> {
        let invalid = UnverifiedToken::Fault(TokenFault::Invalid);
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid)?;
        let id = header.kid.ok_or(invalid)?;
        let key = self.keys.read().unwrap_or_else(PoisonError::into_inner).verifying.get(&id).cloned();
        let key = key.ok_or(UnverifiedToken::UnknownKey)?;
        let mut validation = Validation::new(JwtAlgorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        // Expiry is held against our own clock, by the caller.
        validation.validate_exp = false;
        Ok(jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| invalid)?.claims)
    }
}

/// Why a token says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnverifiedToken {
    Fault(TokenFault),
    /// It names a key that is not loaded: perhaps one that another process has made since.
    UnknownKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Time {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn tokens_are_good_until_they_expire_and_only_as_they_were_signed() {
        let generator = Generator::from_seed(1);
        let master = MasterKey::generate(&generator);
        let (old, new) =
            (SealedKey::generate(&master, &generator).unwrap(), SealedKey::generate(&master, &generator).unwrap());
        let keyring = Keyring::default();
        keyring.load(&master, std::slice::from_ref(&old)).unwrap();
        let token = keyring.sign(Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3), now()).unwrap();
        assert_eq!(keyring.verify(&token, now()).unwrap().sub, Uuid::from_u128(1));
        keyring.load(&master, &[new.clone(), old]).unwrap();
        assert_eq!(keyring.verify(&token, now()).unwrap().sid, Uuid::from_u128(2));

        let later = now() + chrono::TimeDelta::seconds(ACCESS_TOKEN_SECONDS);
        assert_eq!(keyring.verify(&token, later).unwrap_err(), UnverifiedToken::Fault(TokenFault::Expired));
        keyring.load(&master, &[new]).unwrap();
        assert_eq!(keyring.verify(&token, now()).unwrap_err(), UnverifiedToken::UnknownKey);
        for broken in ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
            assert_eq!(keyring.verify(broken, now()).unwrap_err(), UnverifiedToken::Fault(TokenFault::Invalid));
        }
    }

    #[test]
    fn a_token_of_another_algorithm_is_refused_even_with_a_known_key() {
        let generator = Generator::from_seed(1);
        let master = MasterKey::generate(&generator);
        let key = SealedKey::generate(&master, &generator).unwrap();
        let keyring = Keyring::default();
        keyring.load(&master, std::slice::from_ref(&key)).unwrap();
        let header = Header { kid: Some(key.id.clone()), ..Header::new(JwtAlgorithm::HS256) };
        let claims = serde_json::json!({"iss": "agora", "aud": "agora", "sub": Uuid::nil(), "sid": Uuid::nil(), "jti": Uuid::nil(), "iat": 0, "exp": i64::MAX});
        let forged = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&key.public_key)).unwrap();
        assert_eq!(keyring.verify(&forged, now()).unwrap_err(), UnverifiedToken::Fault(TokenFault::Invalid));
    }
}
