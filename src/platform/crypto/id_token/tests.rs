//! The keys here were made for these tests and are used nowhere else.

use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::*;

const RSA: &str = "MIIEowIBAAKCAQEAtsk/M4ZJNQEZn+XB/+0LCjOZPJBxmVuuBSjWl1/QKNufzecy66cYgoJf6fRyOAaaq4jPFTG3AjPKKCc8d43e\
    oI6/T0vT3HgIV8pvmsd10eo1u53dzBPMs3jCCyHLZqVKbJi1mVxb451NjyF3RbXfYphOEkwvv+dYrf+c/HQzSKacgRuUXuRzSmpO\
    cK3Y78Mfk3xo3H2cDtllBltat6yZHcO7DMaOZZ+wNjR8SkhQkPBH8qPNgX/845EX2Yl4j2cruJlISVyr7AWEcl4CxZcK/OMZ+r70\
    bKuPW9jjY3hcS1WGhbnyYDvgcVpEy6VholfHGbOlKk70yps1lT25+ZkIMwIDAQABAoIBAAcYaMunOtBD6qq6UH2Oxg7vUdN4B/Dc\
    DjVFEI9vuLTdUaa8gs2C/wCR7wc15fkmyHpAJUm9VE1RlVdZro81gp7Y67Q4TVERl8FQqmRnubscTFmsFyAE5L1SwrWL6klhwTHV\
    +7aoTyjWwlv8AJVEKhe5sc4kBvZ8FIUslvt1x0fanv+pZDHahxt5tJ7bfcbK31fnhw4iLb1gzDlMjDn0FqmsnBkEpUOc8yzSSN6P\
    Xfg04Xtpau+A/EjO5yPshsOH1zeVqbO2hhrAGlYAg2NNXywyP4ZMAw07X8lZ4icO3iVBJwOquaTAyoQPWHi3jfO6kJEbHlVxhpSj\
    uny6IsqcmgECgYEA6kTCeli6U/es73sZKF7MoVQe8zguleLEFP8W9L7rOAa+JNOpoYdIf4FRM3zp3gV6oDCR84QKmLO3mO1UvCEa\
    9IYZmZ+ROYnRXDdxM8tgYumsxWHMt6bKY8r2gRck3T/jiaxfydetXajYUYdYPr82NJHb7UQRXNieA9eKrXY5y6MCgYEAx73rOrQu\
    DQInoBw2COPQ2CGxSZm4F+1wHrXhoOPK+kViY76sZMrMCrEeSLeb+qNS3niFIye7DEILabUYShxTLzRsO2fCaJhSPIvyTcnVzcD0\
    v5ydkslCEvCD17ztieZ8BgZCRy1X16DfrtU0UHGR2DLxiSaoQf3VB9VimBxjmjECgYBNtjl9NGm66PIpDwCtb6UZ7znFHOH3Pp4l\
    COmojpygnTv+I2il+KaIBXHWTp2V1ON0uCfyS97oANXqmO/+6Ex0yPc9Cr22BI26tXmL4O88YJ+7alHqqh2BNRbIg9DqxALK7K9p\
    2W3dH+GCSg9v4SYuEiSOdIH99q2UQK/0Er/hWQKBgE40sjFd8tntCg7KfO2mJVM6fevPYCEeOlQL6rfP+N1c5VUghuc/7/wPtUfL\
    fCr6X6vzjE1jdP0rrsRIv6XkyT0mTWpFCf1iBnDmaozChg/1iN6tN5UNb+1ydmy18FuZ/t1s/e5YdphayLnviHgmv2/jImcM17xe\
    4lYa2musUeNBAoGBAJ7gdZmIkztAiM1iXKk8Xkk4teiioTSKxu44rYGhfrWamPk5MX718pQ+ZXdnvdE5s19ehWuX2eER7V/W+VOb\
    9ba470XQvIPThi3sc8w/ugtF9df3UvTapMWKVp5k4Wu4ShlzYJsgSXlLvJqovrHYrS9NtLggvElAkoqac/vpOAuk";
const EC: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg68xbJCRUFmA7oAK0tbNGIZ2L4J7FcwQBG2NKzDSF5+KhRANCAARY\
    nXqaNPY3lMjpxrce2Wfr+c6wx0+00w+S6ixJTxkrKACqI7zJfsFUaGdTo0t2MXQ867IHM4UvDnCPAznUTRZ8";

fn key(algorithm: Algorithm) -> EncodingKey {
    match algorithm {
        Algorithm::ES256 => EncodingKey::from_ec_der(&STANDARD.decode(EC).unwrap()),
        Algorithm::EdDSA => {
            EncodingKey::from_ed_der(SigningKey::from_bytes(&[7; 32]).to_pkcs8_der().unwrap().as_bytes())
        }
        _ => EncodingKey::from_rsa_der(&STANDARD.decode(RSA).unwrap()),
    }
}

/// The public key as a set has it, with an id and whatever else is said of it.
fn public(algorithm: Algorithm, id: &str, more: &Value) -> Value {
    let mut jwk = if algorithm == Algorithm::EdDSA {
        let x = URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes());
        json!({"kty": "OKP", "crv": "Ed25519", "x": x})
    } else {
        serde_json::to_value(Jwk::from_encoding_key(&key(algorithm), algorithm).unwrap()).unwrap()
    };
    let fields = jwk.as_object_mut().unwrap();
    fields.remove("alg");
    fields.insert("kid".into(), id.into());
    fields.extend(more.as_object().unwrap().clone());
    jwk
}

fn keys(keys: &[Value]) -> ProviderKeys {
    ProviderKeys::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

const NOW: i64 = 1_800_000_000;

fn claims(change: &Value) -> Value {
    let mut claims = json!({
        "iss": "https://id.example", "aud": "market", "sub": "ada", "nonce": "n", "iat": NOW, "exp": NOW + 60,
        "email": "ada@example.com", "email_verified": true,
    });
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

fn sign(algorithm: Algorithm, id: Option<&str>, claims: &Value) -> String {
    let header = Header { kid: id.map(Into::into), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, &key(algorithm)).unwrap()
}

fn verify(token: &str, keys: &ProviderKeys) -> Result<Profile, InvalidIdToken> {
    let now = chrono::DateTime::from_timestamp(NOW, 0).unwrap();
    let expected = Expected {
        issuer: "https://id.example",
        client_id: "market",
        nonce: "n",
        access_token: Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
        now,
    };
    verify_id_token(token, keys, &expected)
}

#[test]
fn tokens_of_every_kind_that_providers_sign_are_believed() {
    let all = [Algorithm::RS256, Algorithm::PS384, Algorithm::RS512, Algorithm::ES256, Algorithm::EdDSA];
    for algorithm in all {
        let keys = keys(&[json!({"kty": "unheard of"}), public(algorithm, "1", &json!({"use": "sig"}))]);
        for id in [Some("1"), None] {
            let profile = verify(&sign(algorithm, id, &claims(&json!({}))), &keys).unwrap();
            assert_eq!((profile.sub.as_str(), profile.verified_email()), ("ada", Some("ada@example.com")));
        }
    }
}

#[test]
fn a_token_must_be_from_the_provider_for_us_and_for_this_sign_in() {
    let keys = keys(&[public(Algorithm::EdDSA, "1", &json!({}))]);
    let said = |change: Value| verify(&sign(Algorithm::EdDSA, Some("1"), &claims(&change)), &keys).map(|_| ());
    for fine in [
        json!({"aud": ["market"]}),
        json!({"aud": ["market", "other"], "azp": "market"}),
        json!({"azp": "market"}),
        json!({"exp": NOW - 59}),
        json!({"iat": NOW + 60, "nbf": NOW + 60}),
    ] {
        assert_eq!(said(fine.clone()), Ok(()), "{fine}");
    }
    for (change, fault) in [
        (json!({"iss": "https://id.example/"}), InvalidIdToken::Issuer),
        (json!({"aud": "other"}), InvalidIdToken::Audience),
        (json!({"aud": ["market", "other"]}), InvalidIdToken::Audience),
        (json!({"aud": ["other"], "azp": "market"}), InvalidIdToken::Audience),
        (json!({"aud": []}), InvalidIdToken::Audience),
        (json!({"azp": "other"}), InvalidIdToken::Audience),
        (json!({"exp": NOW - 60}), InvalidIdToken::Time),
        (json!({"exp": 0}), InvalidIdToken::Time),
        (json!({"exp": i64::MIN}), InvalidIdToken::Malformed),
        (json!({"iat": NOW + 61}), InvalidIdToken::Time),
        (json!({"nbf": NOW + 61}), InvalidIdToken::Time),
        (json!({"nonce": "m"}), InvalidIdToken::Nonce),
        (json!({"nonce": null}), InvalidIdToken::Nonce),
        (json!({"exp": null}), InvalidIdToken::Malformed),
        (json!({"iat": null}), InvalidIdToken::Malformed),
        (json!({"sub": null}), InvalidIdToken::Malformed),
        (json!({"sub": ""}), InvalidIdToken::Malformed),
        (json!({"sub": "x".repeat(256)}), InvalidIdToken::Malformed),
        (json!({"at_hash": "x"}), InvalidIdToken::AccessToken),
    ] {
        assert_eq!(said(change.clone()), Err(fault), "{change}");
    }
}

#[test]
fn a_token_is_signed_by_a_key_of_the_provider_and_of_its_kind() {
    let token = sign(Algorithm::RS256, Some("1"), &claims(&json!({})));
    let rsa = |more: &Value| public(Algorithm::RS256, "1", more);
    assert!(verify(&token, &keys(&[rsa(&json!({"alg": "RS256"}))])).is_ok());
    let short = json!({"kty": "RSA", "kid": "1", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode([0xff; 128])});
    for other in [
        rsa(&json!({"alg": "RS512"})),
        rsa(&json!({"use": "enc"})),
        rsa(&json!({"kid": "2"})),
        public(Algorithm::ES256, "1", &json!({})),
        short,
    ] {
        assert_eq!(verify(&token, &keys(std::slice::from_ref(&other))), Err(InvalidIdToken::UnknownKey), "{other}");
    }
    // Without an id there must be no choice.
    let two = keys(&[rsa(&json!({})), rsa(&json!({"kid": "2"}))]);
    let nameless = sign(Algorithm::RS256, None, &claims(&json!({})));
    assert_eq!(verify(&nameless, &two), Err(InvalidIdToken::UnknownKey));
    assert!(verify(&token, &two).is_ok());

    let (signed, _) = token.rsplit_once('.').unwrap();
    assert_eq!(verify(&format!("{signed}.{}", "A".repeat(342)), &two), Err(InvalidIdToken::Malformed));
    assert!(ProviderKeys::parse(b"{}").is_err() && ProviderKeys::parse(b"").is_err());
}

#[test]
fn nobody_takes_a_public_key_for_a_secret_or_nothing_for_a_signature() {
    let jwk = public(Algorithm::RS256, "1", &json!({}));
    let secret = EncodingKey::from_secret(jwk["n"].as_str().unwrap().as_bytes());
    let header = Header { kid: Some("1".into()), ..Header::new(Algorithm::HS256) };
    let forged = jsonwebtoken::encode(&header, &claims(&json!({})), &secret).unwrap();
    // Not even a set that holds a shared secret makes one of it.
    let shared = json!({"kty": "oct", "kid": "1", "k": URL_SAFE_NO_PAD.encode(jwk["n"].as_str().unwrap())});
    let all = keys(&[jwk, shared]);
    assert_eq!(verify(&forged, &all), Err(InvalidIdToken::UnknownKey));
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    for none in ["none", "None", "NONE"] {
        let unsigned = format!("{}.{}.", part(json!({"alg": none, "kid": "1"})), part(claims(&json!({}))));
        assert_eq!(verify(&unsigned, &all), Err(InvalidIdToken::Malformed));
    }
    for broken in ["", "a.b.c", "....", "eyJhbGciOiJSUzI1NiJ9"] {
        assert!(verify(broken, &all).is_err(), "{broken}");
    }
}

#[test]
fn the_hash_of_the_access_token_is_that_of_the_specification() {
    // OpenID Connect Core 1.0, appendix A.3.
    let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(half_hash(Algorithm::RS256, access_token), "77QmUPtjPfzWtF2AnpK9RQ");
    let keys = keys(&[public(Algorithm::RS256, "1", &json!({}))]);
    let token = sign(Algorithm::RS256, Some("1"), &claims(&json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"})));
    assert!(verify(&token, &keys).is_ok());
    assert_eq!(half_hash(Algorithm::EdDSA, "").len(), 43);
}

#[test]
fn an_address_is_verified_only_where_the_provider_says_so() {
    for (said, verified) in [
        (json!({"email": "a@b.c", "email_verified": true}), true),
        (json!({"email": "a@b.c", "email_verified": "true"}), true),
        (json!({"email": "a@b.c", "email_verified": false}), false),
        (json!({"email": "a@b.c", "email_verified": "false"}), false),
        (json!({"email": "a@b.c", "email_verified": "1"}), false),
        (json!({"email": "a@b.c", "email_verified": null}), false),
        (json!({"email": "a@b.c"}), false),
        (json!({"email_verified": true}), false),
    ] {
        let mut profile = said.clone();
        profile["sub"] = "ada".into();
        let profile: Profile = serde_json::from_value(profile).unwrap();
        assert_eq!(profile.verified_email().is_some(), verified, "{said}");
    }
}

#[test]
fn an_address_comes_only_with_whether_it_is_verified() {
    let profile = |fields: Value| serde_json::from_value::<Profile>(fields).unwrap();
    let verified = json!({"sub": "ada", "email": "a@b.c", "email_verified": true});
    let unverified = json!({"sub": "ada", "email": "x@y.z", "name": "Ada"});
    let more = profile(unverified.clone()).completed_by(profile(verified.clone()));
    assert_eq!((more.verified_email(), more.name.as_deref()), (Some("a@b.c"), Some("Ada")));
    let less = profile(verified).completed_by(profile(unverified));
    assert_eq!((less.verified_email(), less.email.as_deref()), (None, Some("x@y.z")));
    let same = less.clone().completed_by(profile(json!({"sub": "ada", "email_verified": true})));
    assert_eq!(same, less);
}
