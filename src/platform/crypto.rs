//! Secrets: the master key and what is derived from it, access tokens, passwords.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::clock::{Generator, Time};
use crate::kernel::error::{Failure, TokenFault};

/// 32 bytes from which every other secret of the installation is derived. Never stored in the database, never logged.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// A text that is no master key.
#[derive(Debug, thiserror::Error)]
#[error("a master key is 32 random bytes in base64, such as `openssl rand -base64 32` prints")]
pub struct InvalidMasterKey;

impl std::str::FromStr for MasterKey {
    type Err = InvalidMasterKey;

    fn from_str(text: &str) -> Result<Self, InvalidMasterKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| InvalidMasterKey)?;
        bytes.try_into().map(Self).map_err(|_| InvalidMasterKey)
    }
}

impl MasterKey {
    pub fn generate(generator: &Generator) -> Self {
        Self(generator.bytes())
    }

    /// The key in base64, for the file that a private market keeps it in.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// A keyed hash (HMAC-SHA-256). `purpose` keeps the hashes of different uses apart.
    pub fn mac(&self, purpose: &str, data: &[&[u8]]) -> [u8; 32] {
        self.keyed(purpose, data).finalize().into_bytes().into()
    }

    /// Whether `tag` is the keyed hash of the data, in constant time.
    pub fn verifies(&self, purpose: &str, data: &[&[u8]], tag: &[u8]) -> bool {
        self.keyed(purpose, data).verify_slice(tag).is_ok()
    }

    fn keyed(&self, purpose: &str, data: &[&[u8]]) -> Hmac<Sha256> {
        let key = Sha512::new().chain_update(self.0).chain_update(b"mac:").chain_update(purpose).finalize();
        // Lengths are hashed along, so that no two lists of parts are alike.
        data.iter().fold(<Hmac<Sha256> as KeyInit>::new(&key), |mac, part| {
            mac.chain_update(part.len().to_le_bytes()).chain_update(part)
        })
    }

    fn cipher(&self, purpose: &str) -> XChaCha20Poly1305 {
        let key = Sha256::new().chain_update(self.0).chain_update(b"seal:").chain_update(purpose).finalize();
        XChaCha20Poly1305::new(&key)
    }

    /// Encrypts for storage; `purpose` and `name` must be the same to open it again.
    ///
    /// # Errors
    /// Never for texts that fit in memory.
    pub fn seal(&self, generator: &Generator, purpose: &str, name: &str, secret: &[u8]) -> Result<Vec<u8>, Failure> {
        let nonce: [u8; 24] = generator.bytes();
        let sealed = self.cipher(purpose).encrypt(&XNonce::from(nonce), Payload { msg: secret, aad: name.as_bytes() });
        sealed
            .map(|sealed| [&nonce[..], &sealed].concat())
            .map_err(|_| Failure::internal("a secret could not be sealed"))
    }

    /// Decrypts what [`MasterKey::seal`] made.
    ///
    /// # Errors
    /// If the master key, the purpose or the name is another one, or the bytes were changed.
    pub fn open(&self, purpose: &str, name: &str, sealed: &[u8]) -> Result<Vec<u8>, Failure> {
        let wrong =
            || Failure::internal("a sealed secret does not open: is AGORA_MASTER_KEY the one it was sealed with?");
        let (nonce, ciphertext) = sealed.split_first_chunk::<24>().ok_or_else(wrong)?;
        let payload = Payload { msg: ciphertext, aad: name.as_bytes() };
        self.cipher(purpose).decrypt(&XNonce::from(*nonce), payload).map_err(|_| wrong())
    }
}

/// The hash under which a random 256-bit token is stored.
pub fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// A random 256-bit token in base64url.
pub fn new_token(generator: &Generator) -> String {
    URL_SAFE_NO_PAD.encode(generator.bytes::<32>())
}

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
#[derive(Debug, Clone)]
pub struct SealedKey {
    pub id: String,
    pub public_key: Vec<u8>,
    pub sealed_key: Vec<u8>,
}

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
}

/// Signs and checks access tokens (`EdDSA`, RFC 8037; no other algorithm is accepted).
#[derive(Default)]
pub struct Keyring {
    keys: RwLock<Keys>,
}

#[derive(Default)]
struct Keys {
    signing: Option<(String, EncodingKey)>,
    verifying: HashMap<String, DecodingKey>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(…)")
    }
}

impl Keyring {
    /// Takes the stored keys, newest first: the newest signs, all of them verify.
    ///
    /// # Errors
    /// If the newest does not open under the master key.
    pub fn load(&self, master: &MasterKey, stored: &[SealedKey]) -> Result<(), Failure> {
        let signing = match stored.first() {
            Some(newest) => {
                let private = master.open("signing-key", &newest.id, &newest.sealed_key)?;
                Some((newest.id.clone(), EncodingKey::from_ed_der(&private)))
            }
            None => None,
        };
        let verifying = stored.iter().map(|key| (key.id.clone(), DecodingKey::from_ed_der(&key.public_key))).collect();
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Keys { signing, verifying };
        Ok(())
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
        let invalid = UnverifiedToken::Fault(TokenFault::Invalid);
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid)?;
        let id = header.kid.ok_or(invalid)?;
        let key = self.keys.read().unwrap_or_else(PoisonError::into_inner).verifying.get(&id).cloned();
        let key = key.ok_or(UnverifiedToken::UnknownKey)?;
        let mut validation = Validation::new(JwtAlgorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        // Expiry is held against our own clock, below.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| invalid)?.claims;
        if claims.exp <= now.timestamp() { Err(UnverifiedToken::Fault(TokenFault::Expired)) } else { Ok(claims) }
    }
}

/// Why a token says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnverifiedToken {
    Fault(TokenFault),
    /// It names a key that is not loaded: perhaps one that another process has made since.
    UnknownKey,
}

/// What a password costs to hash.
#[derive(Debug, Clone, Copy)]
pub struct PasswordCost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl PasswordCost {
    /// OWASP's recommendation for Argon2id: 19 MiB, 2 passes.
    pub const PRODUCTION: Self = Self { memory_kib: 19 * 1024, passes: 2 };
    /// For tests, where the cost proves nothing.
    pub const CHEAP: Self = Self { memory_kib: 64, passes: 1 };
}

/// Hashes passwords (Argon2id, RFC 9106) on a bounded number of threads, so that a flood of sign-ins starves nobody else.
#[derive(Debug, Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    slots: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    decoy: Arc<str>,
}

/// Hashes that may wait for a thread.
const MAXIMUM_WAITING: usize = 64;
/// How long a hash waits for a thread at the most.
const MAXIMUM_WAIT: Duration = Duration::from_secs(5);

impl PasswordHasher {
    /// # Errors
    /// If the cost is out of Argon2's range.
    pub fn new(cost: PasswordCost, threads: usize) -> Result<Self, Failure> {
        let params =
            Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|error| Failure::internal(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = argon2.hash_password_with_salt(b"no password", b"decoy of nobody");
        let decoy = decoy.map_err(|error| Failure::internal(error.to_string()))?.to_string().into();
        Ok(Self { argon2, slots: Arc::new(Semaphore::new(threads.max(1))), waiting: Arc::default(), decoy })
    }

    /// The PHC string to store for a password.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when too many are waiting.
    pub async fn hash(&self, password: String, salt: [u8; 16]) -> Result<String, Failure> {
        self.run(move |argon2| {
            let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash: PasswordHash| hash.to_string()).map_err(|error| Failure::internal(error.to_string()))
        })
        .await?
    }

    /// Whether the password is the one of a stored PHC string. Without one, the answer is no and takes as long.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when too many are waiting.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Failure> {
        let decoy = Arc::clone(&self.decoy);
        self.run(move |argon2| {
            let matches = argon2.verify_password(password.as_bytes(), stored.as_deref().unwrap_or(&decoy)).is_ok();
            matches && stored.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let _waiting = Waiting::enter(&self.waiting).ok_or(Failure::Unavailable)?;
        let slot = tokio::time::timeout(MAXIMUM_WAIT, Arc::clone(&self.slots).acquire_owned()).await;
        let slot = slot.map_err(|_| Failure::Unavailable)?.map_err(Failure::internal)?;
        let argon2 = self.argon2.clone();
        tokio::task::spawn_blocking(move || {
            let value = work(&argon2);
            drop(slot);
            value
        })
        .await
        .map_err(Failure::internal)
    }
}

/// A place in the queue, given back also when its owner goes away.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn enter(waiting: &Arc<AtomicUsize>) -> Option<Self> {
        let place = Self(Arc::clone(waiting));
        (waiting.fetch_add(1, Ordering::Relaxed) < MAXIMUM_WAITING).then_some(place)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Time {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_is_sealed_opens_only_with_the_same_key_purpose_and_name() {
        let generator = Generator::from_seed(1);
        let master = MasterKey::generate(&generator);
        let sealed = master.seal(&generator, "purpose", "name", b"secret").unwrap();
        assert_eq!(master.open("purpose", "name", &sealed).unwrap(), b"secret");
        assert!(master.open("other", "name", &sealed).is_err());
        assert!(master.open("purpose", "other", &sealed).is_err());
        assert!(MasterKey::generate(&generator).open("purpose", "name", &sealed).is_err());
        assert!(master.open("purpose", "name", &sealed[..10]).is_err());
    }

    #[test]
    fn keyed_hashes_keep_parts_and_purposes_apart() {
        let master = MasterKey::generate(&Generator::from_seed(1));
        assert_ne!(master.mac("a", &[b"xy", b"z"]), master.mac("a", &[b"x", b"yz"]));
        assert_ne!(master.mac("a", &[b"x"]), master.mac("b", &[b"x"]));
        assert!(master.verifies("a", &[b"x"], &master.mac("a", &[b"x"])));
        assert!(!master.verifies("a", &[b"x"], b""));
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

    #[tokio::test]
    async fn passwords_are_recognised_and_a_missing_hash_never_matches() {
        let hasher = PasswordHasher::new(PasswordCost::CHEAP, 1).unwrap();
        let stored = hasher.hash("correct horse".into(), [7; 16]).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(hasher.verify("correct horse".into(), Some(stored.clone())).await.unwrap());
        assert!(!hasher.verify("wrong horse".into(), Some(stored)).await.unwrap());
        assert!(!hasher.verify("no password".into(), None).await.unwrap());
    }
}
