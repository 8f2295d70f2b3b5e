//! What Stripe tells of its own accord: whether it is Stripe's, and what it is about.

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Sha256;

use super::{
    NAME,
    objects::is_name,
    told::{self, About},
};
use crate::{
    payments::service::{Subject, Told},
    platform::{app::App, clock::Time},
};

/// By how many seconds Stripe's clock and ours may differ, the way included. What is older may be a recording.
const TOLERANCE: u64 = 5 * 60;
/// Signatures of one event that are looked at.
const SIGNATURES: usize = 8;

/// The text was not signed by the provider for this market just now, or is none of its events.
#[derive(Debug, thiserror::Error)]
pub enum NotBelieved {
    #[error("the signature is missing, or none of ours")]
    Signature,
    #[error("it was signed too long ago, or by a clock that is wrong")]
    Time,
    #[error("it is no event")]
    Form,
}

/// An event that Stripe has signed; none if it is about nothing that this market deals with. Such a one is not kept.
///
/// # Errors
/// [`NotBelieved`]
pub fn believed(app: &App, signature: &str, body: Vec<u8>) -> Result<Option<Told>, NotBelieved> {
    let settings = app.stripe.as_ref().ok_or(NotBelieved::Signature)?;
    verify(signature, &body, &settings.webhook_secrets, app.now())?;
    let Head { id, livemode } = serde_json::from_slice(&body).map_err(|_| NotBelieved::Form)?;
    if !is_name(&id) {
        return Err(NotBelieved::Form);
    }
    if livemode.is_some_and(|is_live| is_live != settings.is_live) {
        tracing::error!("an event is of Stripe's other mode: the webhook's secret does not belong to the keys");
    }
    // What others look like nobody knows.
    let about = told::about(&body).map(|about| match about {
        About::Payment(of) | About::Refund { of, .. } => Subject::Payment(of.intent),
        About::Dispute { payment } => Subject::Named(payment),
        About::Shops(_) => Subject::Shops,
    });
    Ok(about.map(|about| Told { provider: NAME, event: id, about, body }))
}

/// Holds a signature (`t=…,v1=…`) against the secrets. All of it in constant time.
///
/// # Errors
/// [`NotBelieved`]
pub fn verify(signature: &str, body: &[u8], secrets: &[SecretString], now: Time) -> Result<(), NotBelieved> {
    let parts = || signature.split(',').filter_map(|part| part.trim().split_once('='));
    let at = parts().find(|(name, _)| *name == "t").map(|(_, at)| at).ok_or(NotBelieved::Signature)?;
    let tags = parts().filter(|(name, _)| *name == "v1").take(SIGNATURES);
    let tags: Vec<Vec<u8>> = tags.filter_map(|(_, tag)| HEXLOWER.decode(tag.as_bytes()).ok()).collect();
    let is_by = |secret: &SecretString| {
        let key = secret.expose_secret().as_bytes();
        let Ok(mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else { return false };
        let mac = mac.chain_update(at).chain_update(".").chain_update(body);
        tags.iter().any(|tag| mac.clone().verify_slice(tag).is_ok())
    };
    if !secrets.iter().any(is_by) {
        return Err(NotBelieved::Signature);
    }
    // Only what is signed is read.
    let at: i64 = at.parse().map_err(|_| NotBelieved::Time)?;
    if now.timestamp().abs_diff(at) > TOLERANCE { Err(NotBelieved::Time) } else { Ok(()) }
}

/// What every event has.
#[derive(Deserialize)]
struct Head {
    id: String,
    livemode: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(secret: &str, at: i64, body: &[u8]) -> String {
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).unwrap();
        let tag = mac.chain_update(at.to_string()).chain_update(".").chain_update(body).finalize().into_bytes();
        format!("t={at},v1={}", HEXLOWER.encode(&tag))
    }

    #[test]
    fn either_secret_is_good_and_only_for_a_while() {
        let secrets = ["whsec_new", "whsec_old"].map(SecretString::from);
        let now = Time::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
        let (at, body) = (now.timestamp(), b"{\"id\": \"evt_1\"}");
        let is_good = |signature: &str, body: &[u8]| verify(signature, body, &secrets, now);
        for secret in ["whsec_new", "whsec_old"] {
            assert!(is_good(&signed(secret, at, body), body).is_ok());
            assert!(is_good(&format!("{},v1=00,v0=ff", signed(secret, at - 300, body)), body).is_ok());
            assert!(matches!(is_good(&signed(secret, at - 301, body), body), Err(NotBelieved::Time)));
            assert!(matches!(is_good(&signed(secret, at + 301, body), body), Err(NotBelieved::Time)));
            assert!(matches!(is_good(&signed(secret, at, body), b"{}"), Err(NotBelieved::Signature)));
        }
        let good = signed("whsec_new", at, body);
        let other_time = good.replace(&format!("t={at}"), &format!("t={}", at + 1));
        let other_scheme = good.replace("v1=", "v0=");
        for wrong in ["", "t=1", "nonsense", &signed("whsec_other", at, body), &other_time, &other_scheme] {
            assert!(matches!(is_good(wrong, body), Err(NotBelieved::Signature)), "{wrong}");
        }
        assert!(verify(&good, body, &[], now).is_err());
    }
}
