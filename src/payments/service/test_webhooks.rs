//! What the test provider tells of its own accord: to `POST /webhooks/test`, in an envelope that is signed as Stripe signs, and kept and looked
//! into like all events. Who knows the master key can tell, too.

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{
    Subject, Told,
    provider::{self, NoAnswer},
    stripe::{NotBelieved, verify},
    test_memory::{self, Deed},
    test_page::reference,
    test_provider::NAME,
};
use crate::{
    kernel::{error::Failure, id::Id},
    payments::model::{PaymentIntent, Progress, TellTestEvents},
    platform::{
        app::App,
        caller::Caller,
        clock::Time,
        crypto::MasterKey,
        db::Tx,
        http::{Request, Target},
        jobs::{JobBody, JobError},
    },
};

/// Where it tells, below the public URL.
pub const PATH: &str = "/webhooks/test";
/// The header that bears the signature.
pub const SIGNATURE: &str = "test-signature";
/// By what requests are counted, and what the secret is made for.
const PURPOSE: &str = "test-webhook";

/// What an event says has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    Payment,
    Refund,
    Dispute,
}

/// An event, as it is written.
#[derive(Debug, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    #[serde(rename = "type")]
    pub about: About,
    pub payment: Id<PaymentIntent>,
}

impl Event {
    /// # Errors
    /// Never: it can always be written.
    pub fn text(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(Failure::internal)
    }
}

/// With what events are signed: while the master key is changed, by either one.
fn secrets(master: &MasterKey) -> Vec<SecretString> {
    let named = |secret: [u8; 32]| SecretString::from(format!("whsec_test_{}", HEXLOWER.encode(&secret)));
    master.macs(PURPOSE, &[b"signing"]).map(named).collect()
}

/// The signature of an event's text, as if it was sent at a time.
pub fn sign(master: &MasterKey, at: Time, text: &str) -> String {
    let at = at.timestamp();
    let secret = secrets(master).into_iter().next();
    let key = secret.as_ref().map(|secret| secret.expose_secret().as_bytes()).unwrap_or_default();
    let Ok(mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else { return String::new() };
    let tag = mac.chain_update(format!("{at}.{text}")).finalize().into_bytes();
    format!("t={at},v1={}", HEXLOWER.encode(&tag))
}

/// An event that the test provider has signed.
///
/// # Errors
/// [`NotBelieved`]
pub fn believed(app: &App, signature: &str, body: Vec<u8>) -> Result<Option<Told>, NotBelieved> {
    verify(signature, &body, &secrets(&app.master), app.now())?;
    let Event { id, payment, .. } = event(&body).ok_or(NotBelieved::Form)?;
    if id.is_empty() || id.len() > 255 {
        return Err(NotBelieved::Form);
    }
    Ok(Some(Told { provider: NAME, event: id, about: Subject::Payment(payment), body }))
}

/// What an event is about.
pub(super) fn event(body: &[u8]) -> Option<Event> {
    serde_json::from_slice(body).ok()
}

/// Takes the money of a payment, and tells of it at a time, while it says that it is at work.
pub(super) async fn take_and_tell(
    app: &App,
    intent: &PaymentIntent,
    events: Vec<u8>,
    at: Time,
) -> Result<Progress, NoAnswer> {
    // What is only promised is remembered by the payment.
    let deed = (!intent.is_captured_later).then(|| Deed::charge(intent));
    let job = TellTestEvents { payment: intent.id, events };
    let write = move |tx: &mut Tx<'_>| -> Result<(), Failure> {
        if let Some(deed) = &deed {
            test_memory::note(tx, deed)?;
        }
        let unique = format!("{} {}", TellTestEvents::KIND, job.payment);
        tx.enqueue_at(&job, at, Some(&unique))
    };
    app.db.write(&Caller::system(), write).await.map_err(|_| NoAnswer)?;
    Ok(Progress::Processing { reference: reference(intent) })
}

/// Tells, as whoever is outside would. What is not taken is told again.
///
/// # Errors
/// If it is not taken.
pub async fn tell(app: &App, job: &TellTestEvents) -> Result<(), JobError> {
    if provider::of(app).is_none_or(|provider| provider.name() != NAME) {
        return Ok(());
    }
    let target = Target::of_operator(&format!("{}{PATH}", app.market.public_url))?;
    for number in &job.events {
        let event = Event { id: format!("evt_{}_{number}", job.payment), about: About::Payment, payment: job.payment };
        let text = event.text()?;
        let signature = sign(&app.master, app.now(), &text);
        let request = Request::post(PURPOSE, &target, "application/json", text.into_bytes());
        let answer = app.http.send(request.header(SIGNATURE, &signature)?).await?;
        if !answer.is_success() {
            return Err(format!("an event of the test provider was answered with {}", answer.status).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_what_was_written() {
        let payment = "payment_01jd3k0000000000000000000a".parse().unwrap();
        let text = Event { id: "evt_1".into(), about: About::Refund, payment }.text().unwrap();
        assert_eq!(text, r#"{"id":"evt_1","type":"refund","payment":"payment_01jd3k0000000000000000000a"}"#);
        let read = event(text.as_bytes()).unwrap();
        assert_eq!((read.about, read.payment), (About::Refund, payment));
        assert!(event(b"{\"id\": \"evt_1\"}").is_none() && event(b"[]").is_none());
    }
}
