//! Pushes to browsers: by the service that each names (RFC 8030), which knows the market by a key (RFC 8292).

use chrono::TimeDelta;
use serde_json::json;

use super::{
    Notice, PushError, Way,
    places::{self, Place},
    refusal,
};
use crate::platform::{
    crypto::{EcKey, SubscriptionKeys},
    http::{Request, Target},
};

/// How the services of browsers know the market.
#[derive(Debug, Clone)]
pub struct WebPushSettings {
    pub key: EcKey,
    /// Whom they write to if something is amiss: `mailto:` or `https://`.
    pub contact: String,
    /// Where browsers may have the market push to.
    pub places: Vec<Place>,
}

pub struct WebPush {
    settings: WebPushSettings,
    public: String,
}

const PURPOSE: &str = "web_push";
/// For how long a token is good: a day is the most.
const SIGNED_FOR: TimeDelta = TimeDelta::hours(12);

impl WebPush {
    pub fn new(settings: WebPushSettings) -> Self {
        let public = settings.key.public();
        Self { settings, public }
    }

    pub fn key(&self) -> &str {
        &self.public
    }

    /// What is asked at a URL that a browser names, if it may be.
    pub fn target(&self, url: &str) -> Option<Target> {
        places::target(&self.settings.places, url)
    }

    pub async fn send(
        &self,
        way: Way<'_>,
        (url, keys): (&str, &SubscriptionKeys),
        notice: &Notice,
    ) -> Result<(), PushError> {
        let target = self.target(url).ok_or(PushError::Unusable)?;
        let claims = json!({
            "aud": target.url().origin().ascii_serialization(),
            "exp": (way.now + SIGNED_FOR).timestamp(),
            "sub": self.settings.contact,
        });
        let authorization = format!("vapid t={}, k={}", self.settings.key.token(None, &claims), self.public);
        let mut text = notice.data();
        if let Some(text) = text.as_object_mut() {
            text.insert("title".into(), notice.title.as_str().into());
            text.insert("body".into(), notice.body.as_str().into());
            text.insert("badge".into(), notice.badge.into());
        }
        let sealed = keys.encrypt(way.generator, text.to_string().as_bytes()).map_err(|_| PushError::Unusable)?;
        let request = Request::post(PURPOSE, &target, "application/octet-stream", sealed)
            .header("authorization", &authorization)?
            .header("content-encoding", "aes128gcm")?
            .header("ttl", &notice.seconds_left(way.now).to_string())?
            .header("urgency", "high")?
            .header("topic", &notice.collapse_key())?;
        let answer = way.http.send(request).await?;
        match answer.status {
            200..=299 => Ok(()),
            404 | 410 => Err(PushError::Gone),
            status @ (401 | 403) => Err(PushError::NotOurs(status)),
            status => Err(refusal(status)),
        }
    }
}
