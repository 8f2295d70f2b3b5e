//! Pushes by Google's Firebase Cloud Messaging, with the HTTP v1 API.

use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::{Notice, PushError, Way, refusal};
use crate::platform::{
    clock::Time,
    crypto::RsaKey,
    http::{Request, Target},
};

/// The operator's service account with Google.
#[derive(Debug, Clone)]
pub struct FcmSettings {
    pub project: String,
    /// Who the account is.
    pub email: String,
    pub key: RsaKey,
    /// What Google calls the key.
    pub key_id: String,
    pub url: Target,
    /// Where it gives tokens for what the key signs.
    pub token_url: Target,
}

pub struct Fcm {
    settings: FcmSettings,
    /// A token of Google's, and until when it is used.
    token: Mutex<Option<(String, Time)>>,
}

const PURPOSE: &str = "fcm";
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// For how long what the key signs is good: an hour is the most.
const SIGNED_FOR: TimeDelta = TimeDelta::hours(1);
/// How long before its end a token is used no more.
const MARGIN: TimeDelta = TimeDelta::minutes(2);

/// Whether a text may be what Google calls a device.
pub fn is_token(text: &str) -> bool {
    (20..=4_096).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.' | b'%'))
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
    expires_in: i64,
}

#[derive(Default, Deserialize)]
struct Refusal {
    error: Fault,
}

#[derive(Default, Deserialize)]
struct Fault {
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default, rename = "errorCode")]
    error_code: String,
    #[serde(default, rename = "fieldViolations")]
    violations: Vec<Violation>,
}

#[derive(Deserialize)]
struct Violation {
    #[serde(default)]
    field: String,
}

impl Fcm {
    pub const fn new(settings: FcmSettings) -> Self {
        Self { settings, token: Mutex::new(None) }
    }

    fn kept(&self, now: Time) -> Option<String> {
        let kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(_, until)| now < *until).map(|(token, _)| token.clone())
    }

    fn keep(&self, token: Option<(String, Time)>) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }

    async fn bearer(&self, way: Way<'_>) -> Result<String, PushError> {
        if let Some(token) = self.kept(way.now) {
            return Ok(token);
        }
        let FcmSettings { email, key, key_id, token_url, .. } = &self.settings;
        let (from, until) = (way.now.timestamp(), (way.now + SIGNED_FOR).timestamp());
        let claims = json!({"iss": email, "scope": SCOPE, "aud": token_url.url().as_str(), "iat": from, "exp": until});
        let signed = key.token(key_id, &claims).map_err(|_| PushError::Unusable)?;
        let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", signed.as_str())];
        let body = Serializer::new(String::new()).extend_pairs(form).finish().into_bytes();
        let request = Request::post("fcm_token", token_url, "application/x-www-form-urlencoded", body);
        let answer = way.http.send(request).await?;
        if !answer.is_success() {
            // Of the market's own account: the operator mends it, and the notice waits as long as it is worth something.
            return Err(PushError::NotNow(answer.status));
        }
        let given: Given = serde_json::from_slice(&answer.body).map_err(|_| PushError::Answer)?;
        let lasts = TimeDelta::seconds(given.expires_in.clamp(0, SIGNED_FOR.num_seconds())) - MARGIN;
        self.keep(Some((given.access_token.clone(), way.now + lasts)));
        Ok(given.access_token)
    }

    pub async fn send(&self, way: Way<'_>, device: &str, notice: &Notice) -> Result<(), PushError> {
        let FcmSettings { url, project, .. } = &self.settings;
        let base = url.url().as_str().trim_end_matches('/');
        let target = url.named_here(&format!("{base}/v1/projects/{project}/messages:send"));
        let target = target.map_err(|_| PushError::Unusable)?;
        let bearer = format!("Bearer {}", self.bearer(way).await?);
        let body = body(device, notice, way.now).to_string().into_bytes();
        let request = Request::post(PURPOSE, &target, "application/json", body).header("authorization", &bearer)?;
        let answer = way.http.send(request).await?;
        if answer.is_success() {
            return Ok(());
        }
        let fault = serde_json::from_slice::<Refusal>(&answer.body).unwrap_or_default().error;
        let says = |code: &str| fault.details.iter().any(|detail| detail.error_code == code);
        // Of what the market wrote itself, nothing is the device's fault.
        let is_no_token = || {
            let mut violations = fault.details.iter().flat_map(|detail| &detail.violations);
            violations.any(|violation| violation.field == "message.token")
        };
        match answer.status {
            400 if says("INVALID_ARGUMENT") && is_no_token() => Err(PushError::Gone),
            403 | 404 if says("UNREGISTERED") || says("SENDER_ID_MISMATCH") => Err(PushError::Gone),
            401 => {
                self.keep(None);
                Err(PushError::NotNow(401))
            }
            status => Err(refusal(status)),
        }
    }
}

/// Of data, Google takes texts alone.
fn data(notice: &Notice) -> Map<String, Value> {
    let mut data = Map::new();
    if let Value::Object(all) = notice.data() {
        data.extend(all.into_iter().filter(|(_, value)| value.is_string()));
    }
    data.insert("badge".into(), notice.badge.to_string().into());
    data
}

fn body(device: &str, notice: &Notice, now: Time) -> Value {
    let key = notice.collapse_key();
    let mut shown = json!({"title": notice.title});
    if !notice.body.is_empty() {
        shown = json!({"title": notice.title, "body": notice.body});
    }
    json!({
        "message": {
            "token": device,
            "notification": shown,
            "data": data(notice),
            "android": {
                "collapse_key": key,
                "priority": "HIGH",
                "ttl": format!("{}s", notice.seconds_left(now)),
                "notification": {"tag": key, "notification_count": notice.badge},
            },
        },
    })
}
