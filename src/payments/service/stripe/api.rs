//! Stripe's API: one request and its answer. The key and what comes back are in no log.

use secrecy::ExposeSecret;
use serde::{Deserialize, de::DeserializeOwned};
use url::form_urlencoded::Serializer;

use super::objects::Fault;
use crate::{
    payments::service::provider::NoAnswer,
    platform::{
        app::App,
        config::StripeSettings,
        http::{Request, Target},
    },
};

/// The version of the API that all of this is written for, whatever the account's own is.
pub const VERSION: &str = "2024-06-20";
/// By what requests are counted.
const PURPOSE: &str = "stripe";
/// Bytes of the longest answer: a page of refunds.
const ANSWER_BYTES: usize = 1024 * 1024;

/// The API, for an account.
pub struct Api<'a> {
    app: &'a App,
    settings: &'a StripeSettings,
    is_patient: bool,
}

/// What Stripe answered.
pub enum Reply<T> {
    Done(T),
    /// It was not done, and will not be.
    Refused(Fault),
}

#[derive(Deserialize)]
struct Refusal {
    error: Fault,
}

impl<'a> Api<'a> {
    /// # Errors
    /// If the market has no account with Stripe.
    pub fn of(app: &'a App) -> Result<Self, NoAnswer> {
        app.stripe.as_ref().map(|settings| Self { app, settings, is_patient: false }).ok_or(NoAnswer)
    }

    /// Waits longer for answers.
    #[must_use]
    pub fn patient(self) -> Self {
        Self { is_patient: true, ..self }
    }

    /// # Errors
    /// [`NoAnswer`], as for whatever may go otherwise another time: no answer in time, too many requests, faults of Stripe's, a key that
    /// is no good.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Reply<T>, NoAnswer> {
        let target = self.target(path)?;
        self.send(Request::get(PURPOSE, &target), None).await
    }

    /// What is done under the same key once is not done twice, for a day at least.
    ///
    /// # Errors
    /// As [`Self::get`]. It may have been done all the same.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        form: &[(&str, &str)],
        key: Option<&str>,
    ) -> Result<Reply<T>, NoAnswer> {
        let target = self.target(path)?;
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(PURPOSE, &target, "application/x-www-form-urlencoded", body.into_bytes());
        self.send(request, key).await
    }

    /// # Errors
    /// As [`Self::get`]. It may have been done all the same.
    pub async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<Reply<T>, NoAnswer> {
        let target = self.target(path)?;
        self.send(Request::delete(PURPOSE, &target), None).await
    }

    fn target(&self, path: &str) -> Result<Target, NoAnswer> {
        let base = self.settings.url.url().as_str().trim_end_matches('/');
        self.settings.url.named_here(&format!("{base}/v1/{path}")).map_err(|_| NoAnswer)
    }

    async fn send<T: DeserializeOwned>(&self, request: Request<'_>, key: Option<&str>) -> Result<Reply<T>, NoAnswer> {
        let bearer = format!("Bearer {}", self.settings.secret_key.expose_secret());
        let ask = async {
            let mut request = request.header("authorization", &bearer)?.header("stripe-version", VERSION)?;
            request = request.answered_within(ANSWER_BYTES);
            if self.is_patient {
                request = request.patient();
            }
            if let Some(key) = key {
                request = request.header("idempotency-key", key)?;
            }
            self.app.http.send(request).await
        };
        let answer = ask.await.map_err(|error| {
            tracing::warn!(%error, "Stripe did not answer");
            NoAnswer
        })?;
        match answer.status {
            200..=299 => serde_json::from_slice(&answer.body).map(Reply::Done).map_err(|_| {
                tracing::error!("Stripe answered what nobody understands");
                NoAnswer
            }),
            status => refused(status, &answer.body).map(Reply::Refused),
        }
    }
}

/// Why something was not done; no answer if it may be done another time.
fn refused(status: u16, body: &[u8]) -> Result<Fault, NoAnswer> {
    let fault = serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.error).unwrap_or_default();
    let code = fault.word();
    match status {
        // The same key for something else: ours to mend, and nobody knows what was done under it.
        400 if fault.is_about_the_key() => {
            tracing::error!(status, code, "Stripe says that a key was used for something else");
            Err(NoAnswer)
        }
        // Whoever stands in between may answer so, too, in other words: then it may have been done.
        400 | 402 | 404 if fault.is_refusal() => Ok(fault),
        // The key is good, and the account none of the market's any more.
        403 if fault.is_refusal() && fault.is_about_an_account() => Ok(fault),
        401 | 403 => {
            tracing::error!(status, code, "Stripe does not take the secret key");
            Err(NoAnswer)
        }
        _ => {
            tracing::warn!(status, code, "Stripe cannot do it now");
            Err(NoAnswer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::model::PaymentFailureReason;

    #[test]
    fn a_refusal_is_one_only_where_it_will_not_be_done() {
        let card =
            br#"{"error": {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}}"#;
        let fault = refused(402, card).unwrap();
        assert_eq!(fault.refusal(), PaymentFailureReason::InsufficientFunds);
        let key = br#"{"error": {"type": "idempotency_error"}}"#;
        assert!(refused(400, key).is_err());
        for status in [301, 401, 403, 409, 424, 429, 500, 503] {
            assert!(refused(status, card).is_err(), "{status}");
        }
        assert!(refused(404, br#"{"error": {"type": "invalid_request_error"}}"#).is_ok());
        let foreign = br#"{"error": {"type": "invalid_request_error", "code": "account_invalid"}}"#;
        assert!(refused(403, foreign).is_ok() && refused(401, foreign).is_err());
        for other in [&b"<html>Not Found</html>"[..], b"{}", br#"{"error": {"type": "api_error"}}"#] {
            assert!(refused(400, other).is_err() && refused(404, other).is_err());
        }
    }
}
