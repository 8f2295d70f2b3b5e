//! Secrets: the master key and what is derived from it, access tokens, passwords.

mod access_token;
mod api_key;
mod id_token;
mod passkey;
mod password;
mod push;
mod row_token;
mod totp;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256, Sha512};

use super::clock::Generator;
use crate::kernel::error::Failure;

pub use self::{
    access_token::*, api_key::*, id_token::*, passkey::*, password::*, push::*, row_token::good_until, totp::*,
};

/// 32 bytes from which every other secret of the installation is derived. Never stored in the database, never logged.
///
/// While it is being changed the one before is known, too: what that has sealed and signed is still good, and nothing is
/// sealed or signed by it any more.
#[derive(Clone)]
pub struct MasterKey {
    current: [u8; 32],
    previous: Option<[u8; 32]>,
}

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
        bytes.try_into().map(Self::of).map_err(|_| InvalidMasterKey)
    }
}

impl MasterKey {
    const fn of(current: [u8; 32]) -> Self {
        Self { current, previous: None }
    }

    pub fn generate(generator: &Generator) -> Self {
        Self::of(generator.bytes())
    }

    /// The key, and the one that it takes the place of.
    #[must_use]
    pub const fn after(self, previous: &Self) -> Self {
        Self { previous: Some(previous.current), ..self }
    }

    /// The key in base64, for the file that a private market keeps it in.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.current)
    }

    /// A keyed hash (HMAC-SHA-256). `purpose` keeps the hashes of different uses apart.
    pub fn mac(&self, purpose: &str, data: &[&[u8]]) -> [u8; 32] {
        keyed(&self.current, purpose, data).finalize().into_bytes().into()
    }

    /// The keyed hash by each key that is known, the current one first.
    pub fn macs(&self, purpose: &str, data: &[&[u8]]) -> impl Iterator<Item = [u8; 32]> {
        self.keys().map(move |key| keyed(key, purpose, data).finalize().into_bytes().into())
    }

    fn keys(&self) -> impl Iterator<Item = &[u8; 32]> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    /// Whether `tag` is the keyed hash of the data, in constant time.
    pub fn verifies(&self, purpose: &str, data: &[&[u8]], tag: &[u8]) -> bool {
        self.keys().any(|key| keyed(key, purpose, data).verify_slice(tag).is_ok())
    }

    /// Encrypts for storage; `purpose` and `name` must be the same to open it again.
    ///
    /// # Errors
    /// Never for texts that fit in memory.
    pub fn seal(&self, generator: &Generator, purpose: &str, name: &str, secret: &[u8]) -> Result<Vec<u8>, Failure> {
        let nonce: [u8; 24] = generator.bytes();
        let sealed =
            cipher(&self.current, purpose).encrypt(&XNonce::from(nonce), Payload { msg: secret, aad: name.as_bytes() });
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
        let nonce = XNonce::from(*nonce);
        let open = |key| cipher(key, purpose).decrypt(&nonce, Payload { ..payload }).ok();
        self.keys().find_map(open).ok_or_else(wrong)
    }
}

fn keyed(key: &[u8; 32], purpose: &str, data: &[&[u8]]) -> Hmac<Sha256> {
    let key = Sha512::new().chain_update(key).chain_update(b"mac:").chain_update(purpose).finalize();
    // Lengths are hashed along, so that no two lists of parts are alike.
    data.iter().fold(<Hmac<Sha256> as KeyInit>::new(&key), |mac, part| {
        mac.chain_update(part.len().to_le_bytes()).chain_update(part)
    })
}

fn cipher(key: &[u8; 32], purpose: &str) -> XChaCha20Poly1305 {
    let key = Sha256::new().chain_update(key).chain_update(b"seal:").chain_update(purpose).finalize();
    XChaCha20Poly1305::new(&key)
}

/// The hash under which a random 256-bit token is stored.
pub fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// A random 256-bit token in base64url.
pub fn new_token(generator: &Generator) -> String {
    URL_SAFE_NO_PAD.encode(generator.bytes::<32>())
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_key_before_still_opens_and_verifies_and_nothing_is_made_by_it() {
        let generator = Generator::from_seed(1);
        let (old, new) = (MasterKey::generate(&generator), MasterKey::generate(&generator));
        let both = new.clone().after(&old);
        let sealed = old.seal(&generator, "purpose", "name", b"secret").unwrap();
        assert!(new.open("purpose", "name", &sealed).is_err());
        assert_eq!(both.open("purpose", "name", &sealed).unwrap(), b"secret");
        let tag = old.mac("a", &[b"x"]);
        assert!(both.verifies("a", &[b"x"], &tag) && !new.verifies("a", &[b"x"], &tag));
        assert_eq!(both.macs("a", &[b"x"]).collect::<Vec<_>>(), [new.mac("a", &[b"x"]), tag]);
        let sealed = both.seal(&generator, "purpose", "name", b"secret").unwrap();
        assert!(new.open("purpose", "name", &sealed).is_ok() && old.open("purpose", "name", &sealed).is_err());
        assert_eq!(both.mac("a", &[b"x"]), new.mac("a", &[b"x"]));
    }

    #[test]
    fn keyed_hashes_keep_parts_and_purposes_apart() {
        let master = MasterKey::generate(&Generator::from_seed(1));
        assert_ne!(master.mac("a", &[b"xy", b"z"]), master.mac("a", &[b"x", b"yz"]));
        assert_ne!(master.mac("a", &[b"x"]), master.mac("b", &[b"x"]));
        assert!(master.verifies("a", &[b"x"], &master.mac("a", &[b"x"])));
        assert!(!master.verifies("a", &[b"x"], b""));
    }
}
