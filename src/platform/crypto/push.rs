//! What pushes are signed with, and how browsers' are encrypted (RFC 8291, in the coding of RFC 8188).

use std::sync::Arc;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hkdf::Hkdf;
use p256::{
    PublicKey, SecretKey,
    ecdh::{SharedSecret, diffie_hellman},
    ecdsa::{Signature, SigningKey, signature::Signer},
    elliptic_curve::sec1::ToEncodedPoint,
    pkcs8::DecodePrivateKey,
};
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::platform::clock::Generator;

/// What is no key, or cannot be done with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot be used")]
pub struct UnusableKey;

/// A private key of P-256, by which tokens are signed (ES256).
#[derive(Clone)]
pub struct EcKey(SecretKey);

impl std::fmt::Debug for EcKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EcKey(…)")
    }
}

impl EcKey {
    /// A key as PKCS #8 in PEM, or its 32 bytes in base64url, as tools for Web Push write them.
    ///
    /// # Errors
    /// If it is neither.
    pub fn parse(text: &str) -> Result<Self, UnusableKey> {
        let text = text.trim();
        if text.starts_with("-----BEGIN") {
            return SecretKey::from_pkcs8_pem(text).map(Self).map_err(|_| UnusableKey);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| UnusableKey)?;
        SecretKey::from_slice(&bytes).map(Self).map_err(|_| UnusableKey)
    }

    /// The public key as a point that is not compressed, in base64url.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.public_key().to_encoded_point(false).as_bytes())
    }

    /// A signed token. `id` names the key, where whoever verifies it knows several.
    pub fn token(&self, id: Option<&str>, claims: &Value) -> String {
        let mut header = json!({"alg": "ES256", "typ": "JWT"});
        if let (Some(id), Some(header)) = (id, header.as_object_mut()) {
            header.insert("kid".into(), id.into());
        }
        let signed = unsigned(&header, claims);
        let signature: Signature = SigningKey::from(&self.0).sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

/// A private key of RSA, by which tokens are signed (RS256).
#[derive(Clone)]
pub struct RsaKey(Arc<RsaKeyPair>);

impl std::fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RsaKey(…)")
    }
}

impl RsaKey {
    /// A key of 2048 bits or more, as PKCS #8 in PEM.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(pem: &str) -> Result<Self, UnusableKey> {
        let inside = pem.trim().strip_prefix("-----BEGIN PRIVATE KEY-----");
        let inside = inside.and_then(|rest| rest.strip_suffix("-----END PRIVATE KEY-----")).ok_or(UnusableKey)?;
        let inside: String = inside.split_whitespace().collect();
        let der = STANDARD.decode(inside).map_err(|_| UnusableKey)?;
        RsaKeyPair::from_pkcs8(&der).map(|pair| Self(Arc::new(pair))).map_err(|_| UnusableKey)
    }

    /// A signed token. `id` names the key.
    ///
    /// # Errors
    /// If the system has no random bytes.
    pub fn token(&self, id: &str, claims: &Value) -> Result<String, UnusableKey> {
        let signed = unsigned(&json!({"alg": "RS256", "typ": "JWT", "kid": id}), claims);
        let mut signature = vec![0; self.0.public().modulus_len()];
        let sign = self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature);
        sign.map_err(|_| UnusableKey)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// The keys of a browser's subscription.
#[derive(Clone, PartialEq, Eq)]
pub struct SubscriptionKeys {
    /// A point of P-256 that is not compressed.
    pub public: Vec<u8>,
    /// What the browser and the market alone know.
    pub secret: Vec<u8>,
}

impl std::fmt::Debug for SubscriptionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SubscriptionKeys(…)")
    }
}

/// Bytes of a point that is not compressed.
const POINT: usize = 65;
/// Bytes of what browser and market alone know (RFC 8291, section 3.2).
const SECRET: usize = 16;
/// The size of a record: whatever is pushed is one (RFC 8291, section 4).
const RECORD: u32 = 4_096;
/// Bytes that can be pushed: a record less its header, its padding's mark and its tag.
pub const MOST_PUSHED: usize = 4_096 - 16 - 4 - 1 - POINT - 1 - 16;

impl SubscriptionKeys {
    /// The keys as browsers tell them, in base64url.
    ///
    /// # Errors
    /// If they are none.
    pub fn parse(public: &str, secret: &str) -> Result<Self, UnusableKey> {
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| UnusableKey);
        let keys = Self { public: decoded(public)?, secret: decoded(secret)? };
        let is_point = keys.public.len() == POINT && PublicKey::from_sec1_bytes(&keys.public).is_ok();
        if is_point && keys.secret.len() == SECRET { Ok(keys) } else { Err(UnusableKey) }
    }

    /// Encrypts a text for the browser, by a key that is made for it alone.
    ///
    /// # Errors
    /// If the keys are none, or the text is longer than [`MOST_PUSHED`] bytes.
    pub fn encrypt(&self, generator: &Generator, text: &[u8]) -> Result<Vec<u8>, UnusableKey> {
        // Not every 32 bytes are a key, but for one in 2^32.
        let drawn = std::iter::repeat_with(|| SecretKey::from_slice(&generator.bytes::<32>())).take(4);
        let own = drawn.flatten().next().ok_or(UnusableKey)?;
        self.encrypt_by(&own, &generator.bytes(), text)
    }

    fn encrypt_by(&self, own: &SecretKey, salt: &[u8; 16], text: &[u8]) -> Result<Vec<u8>, UnusableKey> {
        if text.len() > MOST_PUSHED {
            return Err(UnusableKey);
        }
        let theirs = PublicKey::from_sec1_bytes(&self.public).map_err(|_| UnusableKey)?;
        let shared: SharedSecret = diffie_hellman(own.to_nonzero_scalar(), theirs.as_affine());
        let ours = own.public_key().to_encoded_point(false);
        let about = [b"WebPush: info\0".as_slice(), &self.public, ours.as_bytes()].concat();
        let mut input = [0; 32];
        derive(&self.secret, shared.raw_secret_bytes(), &about, &mut input)?;
        let (mut key, mut nonce) = ([0; 16], [0; 12]);
        derive(salt, &input, b"Content-Encoding: aes128gcm\0", &mut key)?;
        derive(salt, &input, b"Content-Encoding: nonce\0", &mut nonce)?;
        // The mark of the last record.
        let mut sealed = [text, &[2_u8]].concat();
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).map_err(|_| UnusableKey)?);
        let seal = key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed);
        seal.map_err(|_| UnusableKey)?;
        let length = u8::try_from(ours.as_bytes().len()).map_err(|_| UnusableKey)?;
        Ok([salt.as_slice(), &RECORD.to_be_bytes(), &[length], ours.as_bytes(), &sealed].concat())
    }
}

fn derive(salt: &[u8], input: &[u8], about: &[u8], output: &mut [u8]) -> Result<(), UnusableKey> {
    Hkdf::<Sha256>::new(Some(salt), input).expand(about, output).map_err(|_| UnusableKey)
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::{VerifyingKey, signature::Verifier};

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    #[test]
    fn a_push_is_encrypted_as_in_the_example_of_the_standard() {
        // RFC 8291, section 5.
        let keys = SubscriptionKeys::parse(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
        )
        .unwrap();
        let own = SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let salt: [u8; 16] = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let sealed = keys.encrypt_by(&own, &salt, b"When I grow up, I want to be a watermelon").unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
        let generator = Generator::from_seed(1);
        assert_eq!(keys.encrypt(&generator, &[b'a'; MOST_PUSHED]).unwrap().len(), 4_096);
        assert_eq!(keys.encrypt(&generator, &[b'a'; MOST_PUSHED + 1]), Err(UnusableKey));
        assert_ne!(keys.encrypt(&generator, b"a"), keys.encrypt(&generator, b"a"));
    }

    #[test]
    fn what_is_no_key_is_none() {
        let point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let secret = "BTBZMqHH6r4Tts7J_aSIgg";
        // Not on the curve, too short, or not in base64url.
        let off = format!("{}0", point.split_at(point.len() - 1).0);
        for (public, secret) in
            [(off.as_str(), secret), ("", secret), (point, ""), (point, "BTBZMqHH6r4Tts7J_aSI"), ("+/+/", secret)]
        {
            assert_eq!(SubscriptionKeys::parse(public, secret), Err(UnusableKey), "{public} {secret}");
        }
        for text in ["", "AA", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----"] {
            assert!(EcKey::parse(text).is_err() && RsaKey::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_is_signed_by_the_key() {
        let key = EcKey::parse("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        let token = key.token(Some("KEY"), &json!({"iss": "TEAM"}));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let public = VerifyingKey::from_sec1_bytes(&bytes(&key.public())).unwrap();
        public.verify(signed.as_bytes(), &Signature::from_slice(&bytes(signature)).unwrap()).unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&bytes(header)).unwrap(),
            json!({"alg": "ES256", "typ": "JWT", "kid": "KEY"})
        );
        assert_eq!(serde_json::from_slice::<Value>(&bytes(claims)).unwrap(), json!({"iss": "TEAM"}));
        assert!(!format!("{key:?}").contains("yfWP"));
    }
}
