//! Every option of the program, and what they come to together.

mod capacity;
mod checkout;
mod costs;
mod documents;
mod mail;
mod media;
mod messaging;
mod passkeys;
mod privacy;
mod providers;
mod proxies;
mod push;
mod secrets;
mod stripe;
mod web;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use clap::{Args, ValueEnum};
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

use self::secrets::secret;
pub use self::{
    capacity::{BODY_BYTES, CONNECTIONS, Capacity, CapacityArgs, Patience},
    checkout::{CaptureTime, CheckoutArgs, CheckoutSettings},
    costs::CostArgs,
    documents::{DocumentOptions, DocumentSettings, TrustedDocuments},
    mail::{MailArgs, MailSettings},
    media::{BucketSettings, MediaArgs, MediaSettings},
    messaging::{MessagingArgs, MessagingSettings},
    passkeys::PasskeyArgs,
    privacy::{PrivacyArgs, PrivacySettings},
    providers::ProviderArgs,
    proxies::ProxyArgs,
    push::PushArgs,
    secrets::MasterKeyArgs,
    stripe::{StripeArgs, StripeSettings},
    web::WebArgs,
};
use super::{
    app::PaymentSetup,
    buckets::BucketSizes,
    clock::Clock,
    crypto::{InvalidMasterKey, MasterKey, PasswordCost},
    db::{DbOptions, milliseconds},
    http::Timeouts,
    links::LinkOptions,
    oidc::ProviderSettings,
    private_postgres::{default_cache_dir, default_state_dir},
    proxies::TrustedProxies,
    push::PushSettings,
};
use crate::kernel::{money::CurrencyCode, place::CountryCode};

/// What the market is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// On one machine, with a demo market; mail stays in a mailbox page.
    Development,
    /// For real people.
    Production,
}

/// Whether something is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

/// What is done about migrations at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Migrations {
    /// Those that are missing are applied.
    Apply,
    /// The service is not ready until somebody has applied them.
    Check,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people: one line an event, with colours on a terminal.
    Human,
    /// For machines: one JSON object a line.
    Json,
}

/// The options as they were given. Each is an environment variable too.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Development or production [default: production once a database is named, else development]
    #[arg(long, env = "AGORA_MODE", global = true)]
    pub mode: Option<Mode>,
    /// The Postgres to use, as a `postgres://` URL (also `DATABASE_URL`) [default: a private one]
    #[arg(long, env = "AGORA_DATABASE_URL", global = true, hide_env_values = true, value_name = "URL")]
    pub database_url: Option<SecretString>,
    /// A file that holds the URL of the Postgres to use
    #[arg(long, env = "AGORA_DATABASE_URL_FILE", global = true, value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,
    /// Where a private Postgres, its key and its socket live [default: per user]
    #[arg(long, env = "AGORA_DATA_DIR", global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The folder with the binaries of the private Postgres (15 to 18) [default: looked for]
    #[arg(long, env = "AGORA_PG_BIN", global = true, value_name = "DIR")]
    pub pg_bin: Option<PathBuf>,
    /// Where a fetched Postgres is unpacked [default: per user]
    #[arg(long, env = "AGORA_CACHE_DIR", global = true, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
    /// The address to listen on
    #[arg(long, env = "AGORA_BIND", global = true, default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub bind: IpAddr,
    /// The port to listen on; 0 picks one
    #[arg(long, env = "AGORA_PORT", global = true, default_value_t = 8080)]
    pub port: u16,
    /// An address for the operator alone, with /metrics, /healthz and /readyz, such as `127.0.0.1:9090` [default: none]
    #[arg(long, env = "AGORA_ADMIN_BIND", global = true, value_name = "ADDRESS:PORT")]
    pub admin_bind: Option<SocketAddr>,
    #[command(flatten)]
    pub web: WebArgs,
    #[command(flatten)]
    pub keys: MasterKeyArgs,
    #[command(flatten)]
    pub mail: MailArgs,
    #[command(flatten)]
    pub media: MediaArgs,
    /// The currency for whoever names none
    #[arg(long, env = "AGORA_CURRENCY", global = true, default_value = "GBP", value_name = "CODE")]
    pub currency: CurrencyCode,
    /// The country for whoever names none
    #[arg(long, env = "AGORA_COUNTRY", global = true, default_value = "GB", value_name = "CODE")]
    pub country: CountryCode,
    /// Prefixes of URLs to which a payment may lead back; the public URL always may
    #[arg(long, env = "AGORA_RETURN_URLS", global = true, value_delimiter = ',', value_name = "URL")]
    pub return_urls: Vec<String>,
    /// Who carries payments out [default: test in development, off in production]
    #[arg(long, env = "AGORA_PAYMENTS", global = true)]
    pub payments: Option<PaymentSetup>,
    #[command(flatten)]
    pub stripe: StripeArgs,
    #[command(flatten)]
    pub push: PushArgs,
    /// Apply missing migrations at the start, or wait for them [default: apply in development, check in production]
    #[arg(long, env = "AGORA_MIGRATIONS", global = true)]
    pub migrations: Option<Migrations>,
    /// The page /graphiql [default: on in development]
    #[arg(long, env = "AGORA_GRAPHIQL", global = true)]
    pub graphiql: Option<Switch>,
    /// Whether the schema can be asked for
    #[arg(long, env = "AGORA_INTROSPECTION", global = true, default_value = "on")]
    pub introspection: Switch,
    /// "Did you mean …?" in errors [default: on in development]
    #[arg(long, env = "AGORA_SUGGESTIONS", global = true)]
    pub suggestions: Option<Switch>,
    #[command(flatten)]
    pub capacity: CapacityArgs,
    #[command(flatten)]
    pub links: LinkOptions,
    #[command(flatten)]
    pub providers: ProviderArgs,
    #[command(flatten)]
    pub passkeys: PasskeyArgs,
    #[command(flatten)]
    pub documents: DocumentOptions,
    /// How the log is written [default: human on a terminal, else json]
    #[arg(long, env = "AGORA_LOG_FORMAT", global = true)]
    pub log_format: Option<LogFormat>,
    /// What the log holds, as a filter such as `info` or `agora=debug`
    #[arg(long, env = "AGORA_LOG", global = true, default_value = "info", value_name = "FILTER", value_parser = log_filter)]
    pub log: String,
    /// Milliseconds that an operation may take in all
    #[arg(long, env = "AGORA_DEADLINE", global = true, value_name = "MS", default_value = "30000", value_parser = milliseconds)]
    pub deadline: Duration,
    #[command(flatten)]
    pub db: DbOptions,
    #[command(flatten)]
    pub costs: CostArgs,
    #[command(flatten)]
    pub privacy: PrivacyArgs,
    #[command(flatten)]
    pub checkout: CheckoutArgs,
    #[command(flatten)]
    pub messaging: MessagingArgs,
    #[command(flatten)]
    pub proxies: ProxyArgs,
}

/// Why the options come to nothing. Each names the option to mend.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{option} ({env}) is missing: {reason}")]
    Missing { option: &'static str, env: &'static str, reason: &'static str },
    #[error("--smtp-url needs --mail-from (AGORA_MAIL_FROM): the sender of the mail that it takes")]
    MailFrom,
    #[error("{option}-file: {file} cannot be read: {error}")]
    File { option: &'static str, file: PathBuf, error: std::io::Error },
    #[error("{option} and {option}-file are both given; give one")]
    Twice { option: &'static str },
    #[error("--master-key: {0}")]
    MasterKey(#[from] InvalidMasterKey),
    #[error("--sign-in-providers: {file}: {reason}")]
    Providers { file: PathBuf, reason: String },
    #[error("--stripe-webhook-secrets: there are one to four, a line each, such as `whsec_…`")]
    WebhookSecrets,
    #[error("{option}: it begins with {forms}")]
    StripeKey { option: &'static str, forms: &'static str },
    #[error("--stripe-secret-key and --stripe-publishable-key are one of Stripe's test mode, one of its live mode")]
    StripeModes,
    #[error("--stripe-url: it is a host alone, without a path and a query")]
    StripeUrl,
    #[error("{option}: it is {form}")]
    Push { option: &'static str, form: &'static str },
    #[error("--public-url: {0} is not such as https://market.example: http or https, a host, and perhaps a path")]
    PublicUrl(String),
}

/// Which Postgres.
#[derive(Debug, Clone)]
pub enum Database {
    Url(SecretString),
    Private { data_dir: PathBuf, bin: Option<PathBuf>, cache_dir: PathBuf },
}

/// What the options come to.
#[derive(Debug, Clone)]
pub struct Settings {
    pub mode: Mode,
    pub database: Database,
    /// None: one is made, and kept beside the private Postgres.
    pub master_key: Option<MasterKey>,
    pub mail: MailSettings,
    pub media: MediaSettings,
    pub privacy: PrivacySettings,
    /// What is held for whom while they order.
    pub checkout: CheckoutSettings,
    /// How much people may write, and for how long it is kept.
    pub messaging: MessagingSettings,
    pub bind: IpAddr,
    pub port: u16,
    /// Where the operator alone listens for metrics.
    pub admin_bind: Option<SocketAddr>,
    pub public_url: Option<String>,
    pub currency: CurrencyCode,
    pub country: CountryCode,
    pub return_urls: Vec<String>,
    pub links: LinkOptions,
    /// With accounts of which other places people sign in.
    pub providers: Vec<ProviderSettings>,
    pub passkeys: PasskeyArgs,
    pub payments: PaymentSetup,
    /// The account with Stripe; none where it carries no payments out.
    pub stripe: Option<StripeSettings>,
    pub push: PushSettings,
    pub migrations: Migrations,
    pub graphiql: Switch,
    pub introspection: Switch,
    pub suggestions: Switch,
    pub documents: DocumentSettings,
    pub db: DbOptions,
    /// How long an operation may take in all.
    pub deadline: Duration,
    /// How much callers may ask for.
    pub buckets: BucketSizes,
    /// Whose word about the addresses of clients is taken.
    pub proxies: TrustedProxies,
    pub password_cost: PasswordCost,
    /// After how much quiet a stream says that it lives.
    pub heartbeat: Duration,
    pub patience: Patience,
    /// How long others may take to answer.
    pub http: Timeouts,
    pub capacity: Capacity,
    /// By which names the market is reached, besides the one in its public URL.
    pub hosts: Vec<String>,
    /// Whose pages may call from a browser, besides the market's own.
    pub allowed_origins: Vec<String>,
    /// Whether this process runs due jobs by itself.
    pub jobs: Switch,
    pub clock: Arc<Clock>,
}

impl Options {
    /// Which Postgres the options name; all that migrations need.
    ///
    /// # Errors
    /// If the URL is given twice, or its file cannot be read.
    pub fn database(&self) -> Result<Database, ConfigError> {
        let url = secret("--database-url", self.database_url.as_ref(), self.database_url_file.as_ref())?
            .or_else(|| std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()).map(Into::into));
        Ok(match url {
            Some(url) => Database::Url(url),
            None => Database::Private {
                data_dir: self.data_dir.clone().unwrap_or_else(default_state_dir),
                bin: self.pg_bin.clone(),
                cache_dir: self.cache_dir.clone().unwrap_or_else(default_cache_dir),
            },
        })
    }

    /// Puts the options together.
    ///
    /// # Errors
    /// The first option that is missing or wrong.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let database = self.database()?;
        let is_named = matches!(database, Database::Url(_));
        let mode = self.mode.unwrap_or(if is_named { Mode::Production } else { Mode::Development });
        let is_production = mode == Mode::Production;
        let master_key = self.keys.master_key()?;
        if (is_production || is_named) && master_key.is_none() {
            let reason = "32 random bytes in base64, the same at every start";
            return Err(ConfigError::Missing { option: "--master-key", env: "AGORA_MASTER_KEY", reason });
        }
        let public_url = self.web.public_url(mode)?;
        let mail = self.mail.settings(mode)?;
        let in_development = if is_production { Switch::Off } else { Switch::On };
        let payments = self.payments.unwrap_or(if is_production { PaymentSetup::Off } else { PaymentSetup::Test });
        Ok(Settings {
            mode,
            database,
            master_key,
            mail,
            media: self.media.settings(self.data_dir.as_ref())?,
            privacy: self.privacy.settings(),
            checkout: self.checkout.settings(),
            messaging: self.messaging.settings(),
            bind: self.bind,
            port: self.port,
            admin_bind: self.admin_bind,
            public_url,
            currency: self.currency,
            country: self.country,
            return_urls: self.return_urls.clone(),
            links: self.links.clone(),
            providers: self.providers.settings()?,
            passkeys: self.passkeys.clone(),
            payments,
            stripe: if payments == PaymentSetup::Stripe { Some(self.stripe.settings()?) } else { None },
            push: self.push.settings()?,
            migrations: self.migrations.unwrap_or(if is_production { Migrations::Check } else { Migrations::Apply }),
            graphiql: self.graphiql.unwrap_or(in_development),
            introspection: self.introspection,
            suggestions: self.suggestions.unwrap_or(in_development),
            documents: self.documents.into(),
            db: self.db.clone(),
            deadline: self.deadline,
            buckets: self.costs.sizes(),
            proxies: self.proxies.trusted(),
            password_cost: PasswordCost::PRODUCTION,
            heartbeat: Duration::from_secs(25),
            patience: Patience::with_deadline(self.deadline),
            http: Timeouts::default(),
            capacity: self.capacity.capacity(),
            hosts: self.web.hosts.clone(),
            allowed_origins: self.web.allowed_origin.clone(),
            jobs: Switch::On,
            clock: Arc::default(),
        })
    }
}

fn log_filter(text: &str) -> Result<String, tracing_subscriber::filter::ParseError> {
    EnvFilter::builder().parse(text).map(|_| text.to_owned())
}
