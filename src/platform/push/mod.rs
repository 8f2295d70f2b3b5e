//! Pushes: what wakes a device while nobody looks at the market. They leave by the services of those who make the devices and browsers.
//!
//! - **Apple**'s takes tokens that a key of the operator's signs (ES256), and HTTP/2 alone.
//! - **Google**'s (FCM) takes tokens of its own, which it gives for one that the key of a service account signs (RS256).
//! - **Browsers** name a URL of their maker's service, and keys by which only they read what is pushed (RFC 8030, 8291 and 8292).
//!
//! **Invariants:** a URL that a browser names is asked only if its host is one of those that the operator allows, by `https`, and leads to
//! public addresses alone, but where the operator named the place as a whole; no token of a device is in the log.

mod apple;
mod browsers;
mod gates;
mod google;
mod places;

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use self::{apple::Apns, browsers::WebPush, gates::Gates, google::Fcm};
pub use self::{
    apple::ApnsSettings,
    browsers::WebPushSettings,
    google::FcmSettings,
    places::{COMMON, InvalidPlace, Place},
};
use super::{
    clock::{Generator, Time},
    crypto::SubscriptionKeys,
    http::{Http, HttpError},
};

/// Whose service wakes a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Apple,
    Google,
    /// That of the browser's maker.
    Browser,
}

/// Which services the operator has accounts with; none takes no devices.
#[derive(Debug, Clone, Default)]
pub struct PushSettings {
    pub apns: Option<ApnsSettings>,
    pub fcm: Option<FcmSettings>,
    pub web: Option<WebPushSettings>,
}

/// A device as its service knows it.
#[derive(Clone)]
pub struct Receiver {
    pub service: Service,
    /// What the service calls it; of a browser the URL.
    pub token: String,
    /// Those of a browser.
    pub keys: Option<SubscriptionKeys>,
}

/// What is pushed.
#[derive(Debug, Clone)]
pub struct Notice {
    pub title: String,
    /// What follows below it; empty if nothing does.
    pub body: String,
    /// What the application shows on its icon.
    pub badge: i64,
    /// A notice takes the place of the one before it with the same name.
    pub collapse: Uuid,
    /// Where the log stood.
    pub event_cursor: String,
    /// A word for the application.
    pub kind: &'static str,
    /// What it is about, by its id.
    pub about: Option<String>,
    /// After what it is worth nothing any more.
    pub until: Time,
}

impl Notice {
    /// The longest time that a service may keep it.
    const KEPT: TimeDelta = TimeDelta::days(1);

    fn seconds_left(&self, now: Time) -> i64 {
        (self.until - now).clamp(TimeDelta::zero(), Self::KEPT).num_seconds()
    }

    /// The name by which it takes the place of others: 32 letters and digits, which all services take.
    fn collapse_key(&self) -> String {
        self.collapse.simple().to_string()
    }

    /// What is for the application, beside what is shown.
    fn data(&self) -> Value {
        json!({"kind": self.kind, "about": self.about, "eventCursor": self.event_cursor, "collapseKey": self.collapse_key()})
    }
}

/// Why a notice was not taken. Names no device.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error("the service does not know the device any more")]
    Gone,
    /// A browser's service is told by whose key a subscription was asked for, and takes nothing by another one.
    #[error("the service lets the market push nothing there (status {0})")]
    NotOurs(u16),
    #[error("there is no account with the device's service")]
    NotConfigured,
    #[error("the device's keys or URL are none that can be used")]
    Unusable,
    /// Another try would be answered the same.
    #[error("the service refused it (status {0})")]
    Refused(u16),
    /// Another try may do.
    #[error("the service did not take it (status {0})")]
    NotNow(u16),
    /// So it was not asked.
    #[error("the service did not answer lately")]
    Silent,
    #[error("the service answered what nobody understands")]
    Answer,
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl PushError {
    /// Whether another try may do.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::NotNow(_) | Self::Silent | Self::Answer | Self::Http(_))
    }
}

/// What has to be at hand to push.
#[derive(Clone, Copy)]
struct Way<'a> {
    http: &'a Http,
    generator: &'a Generator,
    now: Time,
}

/// Pushes to devices.
pub struct Pusher {
    apns: Option<Apns>,
    fcm: Option<Fcm>,
    web: Option<WebPush>,
    gates: Gates,
}

impl Pusher {
    pub fn new(settings: &PushSettings) -> Self {
        Self {
            apns: settings.apns.clone().map(Apns::new),
            fcm: settings.fcm.clone().map(Fcm::new),
            web: settings.web.clone().map(WebPush::new),
            gates: Gates::default(),
        }
    }

    /// Whether there is an account with a service.
    pub const fn has(&self, service: Service) -> bool {
        match service {
            Service::Apple => self.apns.is_some(),
            Service::Google => self.fcm.is_some(),
            Service::Browser => self.web.is_some(),
        }
    }

    /// The key by which browsers know the market (RFC 8292, section 4.1), in base64url.
    pub fn web_key(&self) -> Option<&str> {
        self.web.as_ref().map(WebPush::key)
    }

    /// Whether a token has the form that its service's have; of a browser, whether its URL may be asked.
    pub fn may_reach(&self, service: Service, token: &str) -> bool {
        match service {
            Service::Apple => apple::is_token(token),
            Service::Google => google::is_token(token),
            Service::Browser => self.web.as_ref().is_some_and(|web| web.target(token).is_some()),
        }
    }

    /// Pushes to one device, unless its service has not answered lately. Belongs outside of transactions.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn send(
        &self,
        (http, generator, now): (&Http, &Generator, Time),
        receiver: &Receiver,
        notice: &Notice,
    ) -> Result<(), PushError> {
        let service = self.name_of(receiver);
        if !self.gates.lets_in(&service, now) {
            return Err(PushError::Silent);
        }
        let outcome = self.ask(Way { http, generator, now }, receiver, notice).await;
        self.gates.note(&service, &outcome, now);
        outcome
    }

    /// Who wakes a device: of browsers there are many.
    fn name_of(&self, receiver: &Receiver) -> String {
        match receiver.service {
            Service::Apple => "apple".into(),
            Service::Google => "google".into(),
            Service::Browser => {
                let target = self.web.as_ref().and_then(|web| web.target(&receiver.token));
                target.map(|target| target.url().origin().ascii_serialization()).unwrap_or_default()
            }
        }
    }

    async fn ask(&self, way: Way<'_>, receiver: &Receiver, notice: &Notice) -> Result<(), PushError> {
        let Receiver { service, token, keys } = receiver;
        match service {
            Service::Apple => self.apns.as_ref().ok_or(PushError::NotConfigured)?.send(way, token, notice).await,
            Service::Google => self.fcm.as_ref().ok_or(PushError::NotConfigured)?.send(way, token, notice).await,
            Service::Browser => {
                let web = self.web.as_ref().ok_or(PushError::NotConfigured)?;
                let keys = keys.as_ref().ok_or(PushError::Unusable)?;
                web.send(way, (token, keys), notice).await
            }
        }
    }
}

/// What becomes of a status that says neither that it is done nor that the device is gone.
const fn refusal(status: u16) -> PushError {
    match status {
        // Too soon, too many, or the service is ill.
        408 | 425 | 429 | 500..=599 => PushError::NotNow(status),
        status => PushError::Refused(status),
    }
}
