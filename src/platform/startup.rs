//! From settings to a running [`App`]: Postgres, migrations, keys, lanes.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
    thread,
};

use secrecy::ExposeSecret;

use super::{
    app::{App, Market, Parts, good_keys, key_standings},
    buckets::Buckets,
    clock::Generator,
    config::{Database, MailSettings, Migrations, Settings},
    crypto::{InvalidMasterKey, Keyring, MasterKey, PasswordHasher},
    db::Db,
    events::Hub,
    http::{Http, NoClient},
    idempotency::InFlight,
    images::Images,
    mail::{MailError, Mailer},
    metrics::Metrics,
    migrations::{self, MigrationError},
    oidc::Providers,
    private_postgres::{self, PrivatePostgres},
    push::Pusher,
    standings::Standings,
    storage::{Storage, StorageError},
    turns::Turns,
};
use crate::kernel::error::Failure;

/// Why Agora does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    PrivatePostgres(#[from] private_postgres::Error),
    #[error(transparent)]
    Migration(#[from] MigrationError),
    #[error("--mail-from or --smtp-url: {0}")]
    Mail(#[from] MailError),
    #[error("the master key in {0} is damaged: {1}")]
    MasterKey(String, InvalidMasterKey),
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    #[error(
        "--database-url: this build speaks to Postgres without TLS; `sslmode={0}` needs one built with the cargo feature `tls`"
    )]
    NoTls(String),
    // Without its parser's words: they quote the URL, and with it the password.
    #[error("--database-url is not a URL such as `postgres://user:password@host:5432/database`")]
    DatabaseUrl,
    #[error(transparent)]
    Http(#[from] NoClient),
    #[error("--media-dir or --s3-bucket: files cannot be kept there: {0}")]
    Storage(#[from] StorageError),
    #[error("threads could not be started: {0}")]
    Threads(std::io::Error),
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// An [`App`] and the Postgres that it runs on.
pub struct Opened {
    pub app: App,
    /// Where its database is.
    pub url: String,
    /// The private Postgres, if the app runs on one. It stops when this is dropped.
    pub postgres: Option<PrivatePostgres>,
}

/// The Postgres that the options name, started if it is a private one.
///
/// # Errors
/// If it cannot be started.
pub fn database(database: &Database) -> Result<(String, Option<PrivatePostgres>), StartError> {
    match database {
        Database::Url(url) => {
            let url = url.expose_secret().to_owned();
            for mode in ["require", "verify-ca", "verify-full"] {
                if url.contains(&format!("sslmode={mode}")) {
                    return Err(StartError::NoTls(mode.into()));
                }
            }
            url.parse::<tokio_postgres::Config>().map_err(|_| StartError::DatabaseUrl)?;
            Ok((url, None))
        }
        Database::Private { data_dir, bin, cache_dir } => {
            let options = private_postgres::Options {
                bin: bin.clone(),
                cache_dir: cache_dir.clone(),
                ..private_postgres::Options::new(data_dir.clone())
            };
            let postgres = PrivatePostgres::start(&options)?;
            Ok((postgres.url("agora"), Some(postgres)))
        }
    }
}

/// Where mail goes by the settings.
///
/// # Errors
/// If the URL of the server or the sender's address is malformed.
pub fn mailer(settings: &MailSettings) -> Result<Mailer, MailError> {
    match settings {
        MailSettings::Smtp { url, from } => Mailer::smtp(url.expose_secret(), from),
        MailSettings::Mailbox => Ok(Mailer::mailbox()),
    }
}

/// Opens the app. Blocks while a private Postgres starts and migrations run.
///
/// # Errors
/// [`StartError`], which names the option to mend.
pub fn open(settings: &Settings) -> Result<Opened, StartError> {
    let mailer = mailer(&settings.mail)?;
    let (url, postgres) = database(&settings.database)?;
    if settings.migrations == Migrations::Apply {
        for name in migrations::apply(&url)? {
            tracing::info!(name, "applied a migration");
        }
    }
    let generator = Arc::new(Generator::from_system());
    let master = match (&settings.master_key, &settings.database) {
        (Some(key), _) => key.clone(),
        (None, Database::Private { data_dir, .. }) => kept_master_key(data_dir, &generator)?,
        // Only outside production: whatever it seals is lost with the process.
        (None, Database::Url(_)) => MasterKey::generate(&generator),
    };
    let cores = thread::available_parallelism().map_or(2, usize::from);
    let public_url = settings.public_url.clone().unwrap_or_default();
    let market = Market {
        return_urls: settings.return_urls.clone(),
        links: settings.links.links(&public_url),
        passkeys: settings.passkeys.relying_party(&public_url, &settings.allowed_origins),
        public_url,
        currency: settings.currency,
        country: settings.country,
        payments: settings.payments,
        upload_bytes: settings.media.upload_bytes,
        upload_quota: settings.media.upload_quota,
        privacy: settings.privacy,
        checkout: settings.checkout,
        messaging: settings.messaging,
        heartbeat: settings.heartbeat,
    };
    let metrics = Arc::new(Metrics::new().map_err(Failure::internal)?);
    let buckets = Arc::new(Buckets::new(settings.buckets, Arc::clone(&settings.clock), Arc::clone(&metrics)));
    let http = Http::new(settings.http, Arc::clone(&metrics))?;
    let db = Db::open(&url, &settings.db, metrics, Arc::clone(&settings.clock), Arc::clone(&generator));
    let db = db.map_err(StartError::Threads)?;
    let app = App::new(Parts {
        db,
        clock: Arc::clone(&settings.clock),
        generator,
        hub: Arc::new(Hub::default()),
        in_flight: InFlight::default(),
        master,
        keyring: Keyring::default(),
        passwords: PasswordHasher::new(settings.password_cost, cores / 2)?,
        http,
        mailer,
        standings: Standings::default(),
        buckets,
        key_standings: key_standings(),
        good_keys: good_keys(),
        proxies: settings.proxies.clone(),
        providers: Providers::new(&settings.providers),
        stripe: settings.stripe.clone(),
        pusher: Pusher::new(&settings.push),
        storage: Storage::open(&settings.media)?,
        // Half of the cores stay for everything else here, too, and each of these threads may hold a large image.
        images: Images::new((cores / 2).min(4)).map_err(StartError::Threads)?,
        in_making: Turns::default(),
        market,
    });
    Ok(Opened { app, url, postgres })
}

/// The master key of a private market, kept beside its data where only its owner reads it; made at the first start.
fn kept_master_key(data_dir: &Path, generator: &Generator) -> Result<MasterKey, StartError> {
    let path = data_dir.join("master.key");
    let name = path.display().to_string();
    let failed = |error| StartError::File(name.clone(), error);
    if !path.exists() {
        // Written aside and linked into place, so that it is never half there and two starts agree on one.
        let draft = data_dir.join(format!("master.key.{}", std::process::id()));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).map_err(failed)?;
        file.write_all(MasterKey::generate(generator).to_base64().as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        let linked = fs::hard_link(&draft, &path);
        fs::remove_file(&draft).map_err(failed)?;
        match linked {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(failed(error)),
            _ => {}
        }
    }
    let text = fs::read_to_string(&path).map_err(failed)?;
    text.parse().map_err(|error| StartError::MasterKey(name.clone(), error))
}
