//! A whole Agora for one test: its own database, real HTTP on a port of its own, mail in memory, a clock that stands
//! still, and jobs only when told to.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use agora::{
    api::{self, Api},
    kernel::{id::Id, money::CurrencyCode, place::CountryCode, rate::Rate},
    platform::{
        app::{App, PaymentSetup},
        buckets::{BucketSize, BucketSizes},
        caller::{Caller, Scope},
        clock::{Clock, Time},
        config::{
            BODY_BYTES, Capacity, CaptureTime, CheckoutSettings, Database as DatabaseSetting, DocumentSettings,
            MailSettings, MediaSettings, MessagingSettings, Migrations, Mode, PasskeyArgs, Patience, PrivacySettings,
            Settings, Switch,
        },
        crypto::PasswordCost,
        db::DbOptions,
        http::Timeouts,
        jobs,
        links::LinkOptions,
        mail::{Mail, Mailer},
        proxies::TrustedProxies,
        push::PushSettings,
    },
    server::{self, Running},
    users::{
        self,
        model::{ApiKey, User},
    },
};
use chrono::TimeDelta;
use diesel::{
    Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text,
    sql_types::Uuid as SqlUuid,
};
use secrecy::ExposeSecret;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    client::Client,
    cluster::{self, Database},
    limit::TimeLimit,
    secrets::{Secrets, Watch},
};

/// A password that everybody who signs up here has.
pub const PASSWORD: &str = "correct horse battery staple";

/// More than any test spends: the clock stands still, so nothing comes back.
pub const BOUNDLESS: BucketSize = BucketSize { limit: 1_000_000_000, restore_per_second: 1_000_000 };

/// Development, with a clock that stands still at noon, mail in memory, and jobs only when told to.
pub fn settings(database: DatabaseSetting) -> Settings {
    let noon: Time = "2026-11-20T12:00:00Z".parse().unwrap();
    Settings {
        mode: Mode::Development,
        master_key: Some(MASTER_KEY.parse().unwrap()),
        mail: MailSettings::Mailbox,
        media: MediaSettings {
            folder: media_folder(&database),
            bucket: None,
            upload_bytes: 4 * 1024 * 1024,
            upload_quota: 20 * 1024 * 1024 * 1024,
        },
        privacy: PrivacySettings {
            deletion_grace: TimeDelta::days(14),
            orders_kept: TimeDelta::days(3_660),
            views_kept: TimeDelta::days(90),
        },
        checkout: CheckoutSettings {
            reserved_for: TimeDelta::minutes(10),
            payment_due: TimeDelta::minutes(30),
            capture: CaptureTime::AtPayment,
            // More than any test leaves unpaid that is not about this.
            unpaid_orders: 1_000,
            commission: Rate::default(),
            returnable_for: TimeDelta::days(30),
            payout_delay: TimeDelta::days(7),
        },
        // More than any test writes that is not about this: the clock stands still.
        messaging: MessagingSettings::with_limits(10_000),
        database,
        bind: "127.0.0.1".parse().unwrap(),
        port: 0,
        admin_bind: None,
        public_url: None,
        currency: "GBP".parse::<CurrencyCode>().unwrap(),
        country: "GB".parse::<CountryCode>().unwrap(),
        return_urls: vec!["https://shop.example/".into()],
        links: LinkOptions::default(),
        providers: Vec::new(),
        passkeys: PasskeyArgs::default(),
        payments: PaymentSetup::Test,
        stripe: None,
        push: PushSettings::default(),
        migrations: Migrations::Check,
        graphiql: Switch::Off,
        introspection: Switch::On,
        suggestions: Switch::Off,
        documents: DocumentSettings::default(),
        db: db_options(),
        deadline: Duration::from_secs(30),
        proxies: TrustedProxies::default(),
        buckets: BucketSizes { guest: BOUNDLESS, person: BOUNDLESS, key: BOUNDLESS },
        password_cost: PasswordCost::CHEAP,
        heartbeat: Duration::from_secs(25),
        patience: Patience::with_deadline(Duration::from_secs(30)),
        http: Timeouts::default(),
        capacity: Capacity {
            connections: 1_000,
            connections_per_address: 1_000,
            requests: 256,
            requests_per_address: 256,
            body_bytes: BODY_BYTES,
            streams_per_caller: 100,
            subscriptions_per_caller: 200,
            batch: 0,
        },
        hosts: Vec::new(),
        allowed_origins: Vec::new(),
        jobs: Switch::Off,
        clock: Arc::new(Clock::Fixed(Mutex::new(noon))),
    }
}

/// One folder for all processes on one database.
fn media_folder(database: &DatabaseSetting) -> PathBuf {
    let name = match database {
        DatabaseSetting::Url(url) => format!("{:x}", Sha256::digest(url.expose_secret())),
        DatabaseSetting::Private { .. } => "private".to_owned(),
    };
    cluster::folder().join("media").join(name)
}

/// Few threads, and patience: a slow machine must not refuse what a test asks for.
pub fn db_options() -> DbOptions {
    DbOptions {
        threads: 4,
        queue: 1_024,
        queue_wait: Duration::from_secs(30),
        statement_timeout: Duration::from_secs(5),
        long_statement_timeout: Duration::from_secs(15),
        lock_timeout: Duration::from_secs(4),
        slow_statement: Duration::from_mins(1),
    }
}

/// A running service. Its people and its data end with it.
pub struct TestApp {
    running: Running,
    database: Option<Database>,
    watch: Watch,
    _limit: TimeLimit,
}

impl TestApp {
    pub async fn start() -> Self {
        let database = Database::new();
        let url = database.url();
        Self::run(settings(DatabaseSetting::Url(url.into())), Some(database)).await
    }

    /// A service with settings of its own.
    pub async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let database = Database::new();
        let mut settings = settings(DatabaseSetting::Url(database.url().into()));
        change(&mut settings);
        Self::run(settings, Some(database)).await
    }

    /// Another service on the same database, with its own settings; it must end first.
    pub async fn start_beside(&self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = settings(DatabaseSetting::Url(self.database_url().to_owned().into()));
        change(&mut settings);
        Self::run(settings, None).await
    }

    /// A service whose mail leaves.
    pub async fn start_with_mail(mail: MailSettings) -> Self {
        let database = Database::new();
        let settings = Settings { mail, ..settings(DatabaseSetting::Url(database.url().into())) };
        Self::run(settings, Some(database)).await
    }

    /// A service on a Postgres that a test keeps itself, because it harms it.
    pub async fn start_on(url: String) -> Self {
        Self::run(settings(DatabaseSetting::Url(url.into())), None).await
    }

    async fn run(settings: Settings, database: Option<Database>) -> Self {
        let limit = TimeLimit::start();
        let watch = Watch::start();
        watch.secrets.add(MASTER_KEY);
        Self { running: server::build(settings).await.unwrap(), database, watch, _limit: limit }
    }

    /// What the service's log must not hold.
    pub fn secrets(&self) -> &Secrets {
        &self.watch.secrets
    }

    /// A connection to the service's database.
    pub fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.running.database_url).unwrap()
    }

    /// Where the service's database is.
    pub fn database_url(&self) -> &str {
        &self.running.database_url
    }

    /// Stops the service as a signal does.
    pub async fn stop(self) {
        self.running.stop().await.unwrap();
    }

    /// The handles that use cases work with, for what no client can see.
    pub fn app(&self) -> &App {
        &self.running.app
    }

    /// The endpoint without its transport, for what it does in the background.
    pub fn api(&self) -> &Api {
        &self.running.api
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address)
    }

    /// Where the operator looks.
    pub fn admin_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.admin_address.unwrap())
    }

    /// Somebody who is not signed in.
    pub fn guest(&self) -> Client {
        Client::of(self.url("/graphql"), self.watch.secrets.clone())
    }

    /// Signs somebody up as people do, with the code from their mail. Their address is `name@example.com`.
    pub async fn sign_up(&self, name: &str) -> Person {
        self.sign_up_by(name, |email| self.mails(email).pop().unwrap_or_else(|| panic!("no mail to {email}")).subject)
            .await
    }

    /// The same, where mail leaves: `subject` is that of the newest mail to an address.
    pub async fn sign_up_by(&self, name: &str, subject: impl Fn(&str) -> String) -> Person {
        let guest = self.guest();
        let email = format!("{}@example.com", name.to_lowercase());
        let input = json!({"email": email, "password": PASSWORD, "displayName": name});
        let answer = guest.mutate("signUp", input, "verification { id }").await.ok();
        self.run_jobs().await;
        let input = json!({"verificationId": answer["verification"]["id"], "code": self.code_in(&subject(&email))});
        let answer =
            guest.mutate("confirmEmail", input, "signedIn { accessToken refreshToken user { id } }").await.ok();
        let session = &answer["signedIn"];
        let text = |name: &str| session[name].as_str().unwrap().to_owned();
        Person {
            client: guest.with_token(&text("accessToken")),
            id: session["user"]["id"].as_str().unwrap().to_owned(),
            email,
            refresh_token: text("refreshToken"),
        }
    }

    /// Runs what is due now. Returns how many jobs ran.
    pub async fn run_jobs(&self) -> usize {
        jobs::run_due(&self.app().db, &api::job_handlers(), self.app().clone()).await.unwrap()
    }

    /// Has the jobs that come again and again be due in their time, as in production.
    pub async fn schedule_jobs(&self) {
        api::job_handlers().schedule(&self.app().db).await.unwrap();
    }

    pub fn advance(&self, by: TimeDelta) {
        self.app().clock.advance(by);
    }

    /// All mails so far to an address, oldest first.
    pub fn mails(&self, to: &str) -> Vec<Mail> {
        let Mailer::Mailbox(mailbox) = &self.app().mailer else { panic!("mail leaves") };
        mailbox.mails().into_iter().filter(|mail| mail.to == to).collect()
    }

    /// The six digits in the newest mail to an address.
    pub fn code(&self, email: &str) -> String {
        let mail = self.mails(email).pop().unwrap_or_else(|| panic!("no mail to {email}"));
        self.code_in(&mail.subject)
    }

    fn code_in(&self, subject: &str) -> String {
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|letter| letter.is_ascii_digit());
        let code = subject.split(' ').find(is_code).unwrap_or_else(|| panic!("no code in {subject}"));
        self.watch.secrets.add(code);
        code.to_owned()
    }

    /// Makes somebody `SUPPORT` or `ADMIN`, in the table, which this process hears of at once.
    pub fn given_role(&self, person: &Person, role: &str) {
        let id: Id<User> = person.id.parse().unwrap();
        let changed = sql_query("UPDATE users SET role = $1 WHERE id = $2")
            .bind::<Text, _>(role)
            .bind::<SqlUuid, _>(id.uuid())
            .execute(&mut self.connect());
        assert_eq!(changed.unwrap(), 1);
        let token = person.token.as_deref().unwrap();
        let claims = self.app().keyring.verify(token, self.app().now()).unwrap();
        self.app().standings.forget(claims.sid);
    }

    /// Leave for one of the staff to act in somebody's name: its id.
    pub async fn leave(&self, staff: &Person, person: &Person) -> String {
        let input = json!({"userId": person.id, "reason": "They asked by phone"});
        let answer = staff.mutate("actOnBehalf", input, "grant { id }").await.ok();
        answer["grant"]["id"].as_str().unwrap().to_owned()
    }

    /// A key for a storefront, as the operator makes it: its id and its text.
    pub async fn given_key(&self) -> (Id<ApiKey>, String) {
        let caller = Caller::system();
        let made = users::service::add_api_key(self.app(), &caller, "Storefront", vec![Scope::Storefront], None).await;
        let (key, token) = made.unwrap();
        self.watch.secrets.add(&token);
        (key.id, token)
    }

    /// Runs SQL, for what cannot be had otherwise.
    pub fn given_sql(&self, sql: &str) {
        sql_query(sql).execute(&mut self.connect()).unwrap();
    }

    /// Runs SQL that forges the ledger, which does not let anybody do that otherwise.
    pub fn given_forged(&self, sql: &str) {
        self.connect().batch_execute(&format!("{FORGE}; {sql}; {UNFORGE}")).unwrap();
    }
}

/// Has what was booked be changed, and not any more.
const FORGE: &str = "ALTER TABLE transfers DISABLE TRIGGER transfers_stay";
const UNFORGE: &str = "ALTER TABLE transfers ENABLE TRIGGER transfers_stay";

/// The master key of every test's service, in base64.
pub const MASTER_KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Somebody who has an account and is signed in. What they do goes through their client.
pub struct Person {
    pub client: Client,
    pub id: String,
    pub email: String,
    pub refresh_token: String,
}

impl std::ops::Deref for Person {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
