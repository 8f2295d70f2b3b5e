//! Pushes by Apple's service, with tokens that a key of the operator's signs.

use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Notice, PushError, Way, refusal};
use crate::platform::{
    clock::Time,
    crypto::EcKey,
    http::{Request, Target},
};

/// The operator's account with Apple.
#[derive(Debug, Clone)]
pub struct ApnsSettings {
    pub key: EcKey,
    /// What Apple calls the key.
    pub key_id: String,
    /// What it calls whoever has it.
    pub team_id: String,
    /// The application that is woken, by its bundle's id.
    pub topic: String,
    pub url: Target,
}

pub struct Apns {
    settings: ApnsSettings,
    /// A token, and when it was signed.
    token: Mutex<Option<(String, Time)>>,
}

/// For how long a token is used: Apple takes none that is older than an hour, and none anew within 20 minutes.
const USED_FOR: TimeDelta = TimeDelta::minutes(40);
const PURPOSE: &str = "apns";

/// Whether a text may be what Apple calls a device: of what length, it does not say.
pub fn is_token(text: &str) -> bool {
    (32..=400).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[derive(Deserialize)]
struct Refusal {
    reason: String,
}

impl Apns {
    pub const fn new(settings: ApnsSettings) -> Self {
        Self { settings, token: Mutex::new(None) }
    }

    fn bearer(&self, now: Time) -> String {
        let mut kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, signed_at)) = &*kept
            && now >= *signed_at
            && now < *signed_at + USED_FOR
        {
            return token.clone();
        }
        let claims = json!({"iss": self.settings.team_id, "iat": now.timestamp()});
        let token = self.settings.key.token(Some(&self.settings.key_id), &claims);
        *kept = Some((token.clone(), now));
        token
    }

    pub async fn send(&self, way: Way<'_>, device: &str, notice: &Notice) -> Result<(), PushError> {
        let base = self.settings.url.url().as_str().trim_end_matches('/');
        let target = self.settings.url.named_here(&format!("{base}/3/device/{device}"));
        let target = target.map_err(|_| PushError::Unusable)?;
        let bearer = format!("bearer {}", self.bearer(way.now));
        let request = Request::post(PURPOSE, &target, "application/json", body(notice).to_string().into_bytes())
            .header("authorization", &bearer)?
            .header("apns-topic", &self.settings.topic)?
            .header("apns-push-type", "alert")?
            .header("apns-priority", "10")?
            .header("apns-expiration", &notice.until.timestamp().to_string())?
            .header("apns-collapse-id", &notice.collapse_key())?;
        let answer = way.http.send(request).await?;
        let reason = serde_json::from_slice::<Refusal>(&answer.body).map(|refusal| refusal.reason).unwrap_or_default();
        match (answer.status, reason.as_str()) {
            (200, _) => Ok(()),
            (410, _) | (400, "BadDeviceToken" | "DeviceTokenNotForTopic") => Err(PushError::Gone),
            // The clocks differ: the next one is signed anew.
            (403, "ExpiredProviderToken") => {
                *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Err(PushError::NotNow(403))
            }
            (status, _) => Err(refusal(status)),
        }
    }
}

fn body(notice: &Notice) -> Value {
    let mut alert = json!({"title": notice.title});
    if !notice.body.is_empty() {
        alert = json!({"title": notice.title, "body": notice.body});
    }
    let shown = json!({"alert": alert, "badge": notice.badge, "sound": "default", "thread-id": notice.collapse_key()});
    let mut body = notice.data();
    if let Some(body) = body.as_object_mut() {
        body.insert("aps".into(), shown);
    }
    body
}
