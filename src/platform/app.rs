//! What a running Agora has: the handles that every use case works with.

use std::{ops::Deref, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{
    buckets::Buckets,
    caller::{Caller, Scopes},
    clock::{Clock, Generator, Time},
    crypto::{Keyring, MasterKey, PasswordHasher},
    db::{Db, Tx},
    events::Hub,
    idempotency::{self, InFlight, Key, Turn},
    images::Images,
    jobs::JobError,
    links::Links,
    mail::{Mail, Mailer, undeliverable},
    metrics::Metrics,
    proxies::TrustedProxies,
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
    pub mailer: Mailer,
    pub standings: Standings,
    pub buckets: Arc<Buckets>,
    pub key_standings: KeyStandings,
    pub good_keys: GoodKeys,
    pub proxies: TrustedProxies,
    pub storage: Storage,
    pub images: Images,
    /// Files that are being made in this process, by name.
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
    /// Prefixes of the URLs to which a payment may lead back.
    pub return_urls: Vec<String>,
    /// Where the links in mail lead.
    pub links: Links,
    /// Who carries payments out.
    pub payments: PaymentSetup,
    /// Bytes that one upload may have.
    pub upload_bytes: u64,
    /// After how much quiet a stream says that it lives.
    pub heartbeat: Duration,
}

/// Who carries payments out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PaymentSetup {
    /// A provider that moves no money, for trying things out. Never for real goods
    Test,
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
