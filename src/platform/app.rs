//! What a running Agora has: the handles that every use case works with.

use std::{ops::Deref, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{
    buckets::Buckets,
    caller::{Caller, Scopes},
    clock::{Clock, Generator, Time},
    config::{CheckoutSettings, MessagingSettings, PrivacySettings, StripeSettings},
    crypto::{Keyring, MasterKey, PasswordHasher, RelyingParty},
    db::{Db, Tx},
    events::Hub,
    http::Http,
    idempotency::{self, InFlight, Key, Turn},
    images::Images,
    jobs::JobError,
    links::Links,
    mail::{Mail, Mailer, undeliverable},
    metrics::Metrics,
    oidc::Providers,
    proxies::TrustedProxies,
    push::Pusher,
    standings::Standings,
    storage::Storage,
    turns::Turns,
};
use crate::kernel::{
    error::{DomainError, TokenFault},
    money::CurrencyCode,
    place::CountryCode,
};

/// Cheap to clone; everything is shared.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of an [`App`].
pub struct Parts {
    pub db: Db,
    pub clock: Arc<Clock>,
    pub generator: Arc<Generator>,
    pub hub: Arc<Hub>,
    pub in_flight: InFlight,
    pub master: MasterKey,
    pub keyring: Keyring,
    pub passwords: PasswordHasher,
    pub http: Http,
    pub mailer: Mailer,
    pub standings: Standings,
    pub buckets: Arc<Buckets>,
    pub key_standings: KeyStandings,
    pub good_keys: GoodKeys,
    pub proxies: TrustedProxies,
    pub providers: Providers,
    /// The account with Stripe, if it carries payments out.
    pub stripe: Option<StripeSettings>,
    /// What wakes devices.
    pub pusher: Pusher,
    pub storage: Storage,
    pub images: Images,
    /// What is worked on in this process one after the other, by name: files that are being made, and what a person has only one of at once.
    pub in_making: Turns<String>,
    pub market: Market,
}

/// What the key of a machine was found to be a moment ago, by its hash: what it is good for, or why it is no good.
pub type KeyStandings = moka::sync::Cache<[u8; 32], Result<KeyStanding, TokenFault>>;

/// What a key of a machine is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyStanding {
    pub key: Uuid,
    pub scopes: Scopes,
    pub expires_at: Option<Time>,
}

/// A cache in which nothing is older than a second.
pub fn key_standings() -> KeyStandings {
    moka::sync::Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(1)).build()
}

/// The hashes of keys that were good when they were last looked up. Nobody pays for looking these up again, so whoever else
/// is at an address does not keep its machines out.
pub type GoodKeys = moka::sync::Cache<[u8; 32], ()>;

/// A bounded set in which nothing grows old.
pub fn good_keys() -> GoodKeys {
    moka::sync::Cache::new(10_000)
}

/// What the operator decided about the market.
#[derive(Debug, Clone)]
pub struct Market {
    /// Where clients reach this market, without a trailing slash.
    pub public_url: String,
    /// What a request gets that names no currency and no country, from a person without preferences.
    pub currency: CurrencyCode,
    pub country: CountryCode,
    /// Prefixes of the URLs to which a payment or a sign-in may lead back.
    pub return_urls: Vec<String>,
    /// Where the links in mail lead.
    pub links: Links,
    /// Whose passkeys are taken; none where the market has no domain.
    pub passkeys: Option<RelyingParty>,
    /// Who carries payments out.
    pub payments: PaymentSetup,
    /// Bytes that one upload may have.
    pub upload_bytes: u64,
    /// Bytes that are kept of what one person has sent.
    pub upload_quota: i64,
    /// How long data of people is kept.
    pub privacy: PrivacySettings,
    /// What is held for whom while they order.
    pub checkout: CheckoutSettings,
    /// How much people may write, and for how long it is kept.
    pub messaging: MessagingSettings,
    /// After how much quiet a stream says that it lives.
    pub heartbeat: Duration,
}

impl Market {
    /// Whether a payment or a sign-in may lead back to this URL: it lies below one of the market's.
    pub fn may_lead_back_to(&self, url: &str) -> bool {
        let allowed = self.return_urls.iter().chain(std::iter::once(&self.public_url));
        url.len() <= 2_000
            && !url.chars().any(|character| character.is_control() || character.is_whitespace() || character == '\\')
            && allowed.filter(|prefix| !prefix.is_empty()).any(|prefix| match url.strip_prefix(prefix.as_str()) {
                Some(rest) => prefix.ends_with('/') || rest.is_empty() || rest.starts_with(['/', '?', '#']),
                None => false,
            })
    }

    /// The host of the public URL.
    pub fn host(&self) -> &str {
        let rest = self.public_url.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // The colons of an IPv6 address stand between brackets.
        let end = authority.find(']').map_or_else(|| authority.find(':'), |bracket| Some(bracket + 1));
        end.and_then(|end| authority.get(..end)).unwrap_or(authority)
    }
}

/// Who carries payments out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PaymentSetup {
    /// A provider that moves no money, for trying things out. Never for real goods
    Test,
    /// Stripe, by the account of the `--stripe-…` options
    Stripe,
    /// Nobody: the market takes no payments
    Off,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// What the process counts.
    pub fn metrics(&self) -> &Metrics {
        self.db.metrics()
    }

    /// Hands a mail over, and counts it. Called by jobs only, which try again. Nothing is sent to an address that the mail
    /// server said it does not have, and that is no reason to try again.
    ///
    /// # Errors
    /// As [`Mailer::send`], or if the database fails.
    pub async fn send(&self, mail: Mail) -> Result<(), JobError> {
        let key = undeliverable::key(&self.master, &mail.to);
        let (known, now) = (key.clone(), self.now());
        if self.db.read(move |conn| undeliverable::holds(conn, &known, now)).await? {
            self.metrics().mails_held_back.inc();
            return Ok(());
        }
        match self.mailer.send(mail).await {
            Ok(()) => self.metrics().mails_sent.inc(),
            Err(error) if error.is_bounce() => {
                self.metrics().mails_bounced.inc();
                self.db.write(&Caller::system(), move |tx| undeliverable::insert(tx, &key)).await?;
            }
            Err(error) => {
                self.metrics().mails_failed.inc();
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Runs a transaction at most once per key; see [`idempotency::once`].
    ///
    /// # Errors
    /// As [`idempotency::once`].
    pub async fn once<T, E, F>(&self, caller: &Caller, key: Option<Key>, effect: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        E: DomainError,
    {
        self.claim(caller, key, effect).await.map(|(value, _)| value)
    }

    /// As [`App::once`], for use cases that go on after the transaction if it is the first.
    ///
    /// # Errors
    /// As [`idempotency::once`].
    pub async fn claim<T, E, F>(&self, caller: &Caller, key: Option<Key>, effect: F) -> Result<(T, Turn), E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Serialize + DeserializeOwned + Send + 'static,
        E: DomainError,
    {
        idempotency::once(&self.db, &self.in_flight, caller, key, effect).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::links::LinkOptions;

    #[test]
    fn who_was_led_away_comes_back_only_below_the_markets_urls() {
        let market = Market {
            passkeys: None,
            upload_bytes: 0,
            upload_quota: 0,
            privacy: PrivacySettings {
                deletion_grace: chrono::TimeDelta::zero(),
                orders_kept: chrono::TimeDelta::zero(),
                views_kept: chrono::TimeDelta::zero(),
            },
            checkout: CheckoutSettings {
                reserved_for: chrono::TimeDelta::zero(),
                payment_due: chrono::TimeDelta::zero(),
                capture: crate::platform::config::CaptureTime::AtPayment,
                unpaid_orders: 0,
                commission: crate::kernel::rate::Rate::default(),
                returnable_for: chrono::TimeDelta::zero(),
                payout_delay: chrono::TimeDelta::zero(),
            },
            messaging: MessagingSettings::with_limits(0),
            public_url: "https://market.example".into(),
            currency: CurrencyCode::GBP,
            country: "GB".parse().unwrap(),
            return_urls: vec!["myapp://paid".into(), "https://shop.example/back/".into()],
            links: LinkOptions::default().links("https://market.example"),
            payments: PaymentSetup::Test,
            heartbeat: Duration::from_secs(1),
        };
        for url in [
            "https://market.example",
            "https://market.example/orders?x=1",
            "myapp://paid",
            "myapp://paid?order=1",
            "https://shop.example/back/1",
        ] {
            assert!(market.may_lead_back_to(url), "{url}");
        }
        for url in [
            "https://market.example.evil.example/",
            "https://market.example@evil.example/",
            "https://evil.example/https://market.example",
            "http://market.example/",
            "myapp://paid-elsewhere",
            "https://shop.example/backdoor",
            "https://market.example/\\evil",
            "",
        ] {
            assert!(!market.may_lead_back_to(url), "{url}");
        }
    }
}
