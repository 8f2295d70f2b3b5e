//! A whole Agora in one call, the same in tests and in production.

use std::{future::ready, net::SocketAddr, sync::atomic::Ordering, time::Duration};

use actix_http::{HttpService, Protocol, error::DispatchError};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, map_config};
use actix_web::{
    App as ActixApp,
    dev::{AppConfig, Server, ServerHandle, fn_service},
    middleware::from_fn,
    rt::net::TcpStream,
    web,
};
use futures_util::future::LocalBoxFuture;
use tokio::{sync::watch, task::JoinHandle};

use super::{
    admin,
    connection::Connection,
    hosts::{self, Hosts},
    naming,
    pages::Readiness,
    routes::Routes,
    shares::Shares,
    upgrade,
};
use crate::{
    api::{self, Api, ApiOptions, gate::Limits},
    demo::{self, error::DemoError, model::Filled},
    kernel::error::Failure,
    platform::{
        app::App,
        buckets::BucketSizes,
        caller::line,
        config::{Capacity, Database, MailSettings, Migrations, Mode, Patience, Settings, Switch},
        jobs, open_files,
        private_postgres::PrivatePostgres,
        proxies::TrustedProxies,
        startup::{self, Opened, StartError},
    },
    users,
};

/// How long what is in flight may take when the process stops.
const GRACE_SECONDS: u64 = 20;
/// How long a client whose request was not read to its end has to read the answer.
const LINGER: Duration = Duration::from_secs(2);
/// How long an idle connection is kept: longer than proxies do, which would else send into a connection that just ends.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Why the service does not start or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{0} is taken by another program; choose another --port, or 0 for any")]
    PortTaken(SocketAddr),
    #[error("--bind and --port: cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    #[error("--admin-bind: cannot listen on {0}: {1}")]
    Admin(SocketAddr, std::io::Error),
    #[error(
        "production must not start on demo people, whose passwords everybody knows: use another --database-url, or --mode development"
    )]
    DemoPeople,
    #[error("{option}: {limit} points are less than the {needed} that one operation may cost; it could never be run")]
    Bucket { option: &'static str, limit: u32, needed: u64 },
    #[error("the demo market could not be made: {0}")]
    Demo(DemoError),
    #[error(transparent)]
    Failure(#[from] Failure),
    #[error("the server failed: {0}")]
    Server(#[from] std::io::Error),
}

/// A service that runs.
pub struct Running {
    pub app: App,
    pub api: Api,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it listens for the operator.
    pub admin_address: Option<SocketAddr>,
    /// Where its database is.
    pub database_url: String,
    pub(super) settings: Settings,
    pub(super) postgres: Option<PrivatePostgres>,
    handle: ServerHandle,
    admin: Option<ServerHandle>,
    server: JoinHandle<std::io::Result<()>>,
    background: Vec<JoinHandle<()>>,
    readiness: web::Data<Readiness>,
    stopping: watch::Sender<bool>,
}

/// Starts everything on the current actix system.
///
/// # Errors
/// [`ServeError`], which names the option to mend.
pub fn build(settings: Settings) -> LocalBoxFuture<'static, Result<Running, ServeError>> {
    // Boxed, so that the whole service is compiled once, here, and not again in every program that starts one.
    Box::pin(start(settings))
}

async fn start(settings: Settings) -> Result<Running, ServeError> {
    let limits = Limits::default();
    check_buckets(&settings.buckets, limits.cost)?;
    open_files::provide_for(settings.capacity.connections);
    let address = SocketAddr::new(settings.bind, settings.port);
    // Bound first: a taken port should say so before a database is started for nothing.
    let listener = std::net::TcpListener::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => ServeError::PortTaken(address),
        _ => ServeError::Listen(address, error),
    })?;
    let address = listener.local_addr()?;
    let admin_listener = settings
        .admin_bind
        .map(|address| std::net::TcpListener::bind(address).map_err(|error| ServeError::Admin(address, error)))
        .transpose()?;
    let admin_address = admin_listener.as_ref().map(std::net::TcpListener::local_addr).transpose()?;
    let mut settings = settings;
    settings.public_url.get_or_insert_with(|| format!("http://{address}"));
    let opening = settings.clone();
    let Opened { app, url, postgres } =
        tokio::task::spawn_blocking(move || startup::open(&opening)).await.map_err(Failure::internal)??;

    app.storage.check().await.map_err(StartError::from)?;
    let mut background = vec![app.hub.start(url.clone(), app.db.clone()), app.buckets.start(app.db.clone())];
    let handlers = api::job_handlers();
    // Where the tables are there, everything is ready before it listens.
    match prepare(&app, settings.mode, settings.jobs).await {
        Ok(()) => {}
        Err(ServeError::DemoPeople) => return Err(ServeError::DemoPeople),
        Err(_) => background.push(tokio::spawn(prepare_later(app.clone(), settings.mode, settings.jobs))),
    }
    // Who is signed in is known before it listens, if the database is there.
    let _ = users::service::hear_of_sessions(&app).await;
    background.push(tokio::spawn(users::service::follow_sessions(app.clone())));
    if settings.jobs == Switch::On {
        background.push(jobs::start(app.db.clone(), handlers, app.clone()));
    }
    if wants_demo(&settings) {
        match demo::service::fill(&app).await {
            Ok(Filled::Now) => tracing::info!("made the demo market"),
            Ok(Filled::Before) | Err(DemoError::NotEmpty) => {}
            Err(error) => return Err(ServeError::Demo(error)),
        }
    }

    let options = ApiOptions {
        limits,
        introspection: settings.introspection,
        suggestions: settings.suggestions,
        documents: settings.documents,
        deadline: settings.deadline,
    };
    let api = Api::new(app.clone(), &options)?;
    // What is trusted is known before it listens, if the database is there.
    let _ = api.refresh_documents().await;
    background.push(tokio::spawn(api.clone().tend()));
    let readiness = web::Data::new(Readiness::new(url.clone()));
    let hosts = web::Data::new(Hosts::new(settings.public_url.as_deref(), &settings.hosts));
    let admin = admin_listener
        .map(|listener| admin::serve(listener, web::Data::new(api.clone()), readiness.clone(), hosts.clone()))
        .transpose()?
        .map(|server| {
            let handle = server.handle();
            background.push(tokio::spawn(async { drop(server.await) }));
            handle
        });
    let (stopping, watcher) = watch::channel(false);
    let routes = Routes::new(&settings, api.clone(), readiness.clone(), hosts, watcher);
    let server = listen(listener, settings.patience, settings.capacity, settings.proxies.clone(), routes)?;
    let handle = server.handle();
    let server = actix_web::rt::spawn(server);
    Ok(Running {
        app,
        api,
        address,
        admin_address,
        database_url: url,
        settings,
        postgres,
        handle,
        admin,
        server,
        background,
        readiness,
        stopping,
    })
}

/// Serves on a listener. This is what actix-web's own server does, but on connections that know when to give up.
fn listen(
    listener: std::net::TcpListener,
    patience: Patience,
    capacity: Capacity,
    proxies: TrustedProxies,
    routes: Routes,
) -> std::io::Result<Server> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let server = Server::build()
        .workers(workers)
        .max_concurrent_connections(capacity.connections.div_ceil(workers))
        .shutdown_timeout(GRACE_SECONDS)
        .disable_signals();
    let stop = server.graceful_shutdown_signal();
    let shares = Shares::new(capacity.connections_per_address);
    let server = server.listen("http", listener, move || {
        let (stop, routes, shares, proxies) = (stop.clone(), routes.clone(), shares.clone(), proxies.clone());
        let app = || {
            let app = ActixApp::new()
                .configure(|service| routes.configure(service))
                .wrap(from_fn(hosts::guard))
                .wrap(routes.headers())
                .wrap(from_fn(naming::name));
            map_config(app.into_factory(), |()| AppConfig::default())
        };
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stop = stop.clone();
                async move { stop.notified().await }
            })
            .keep_alive(KEEP_ALIVE)
            .on_connect_ext(|connection: &Connection, data| {
                data.insert(connection.allowance());
            })
            .client_request_timeout(patience.head)
            .client_disconnect_timeout(LINGER)
            // A client that goes away takes what is being done for it along.
            .h1_allow_half_closed(false)
            .upgrade(upgrade::service(app()))
            .finish(app());
        fn_service(move |io: TcpStream| {
            let address = io.peer_addr().ok();
            // A proxy's connections are those of many.
            let holder = address.map(|address| address.ip()).filter(|&peer| !proxies.is_trusted(peer)).map(line);
            let share = holder.and_then(|holder| shares.take(holder));
            if holder.is_some() && share.is_none() {
                return ready(Err(DispatchError::Io(std::io::ErrorKind::ConnectionRefused.into())));
            }
            ready(Ok((Connection::new(io, patience, share), Protocol::Http1, address)))
        })
        .and_then(http)
    })?;
    Ok(server.run())
}

/// An operation that the gate lets through must fit into a full bucket.
fn check_buckets(sizes: &BucketSizes, needed: u64) -> Result<(), ServeError> {
    for (option, size) in
        [("--cost-limit-guest", sizes.guest), ("--cost-limit-person", sizes.person), ("--cost-limit-key", sizes.key)]
    {
        if u64::from(size.limit) < needed {
            return Err(ServeError::Bucket { option, limit: size.limit, needed });
        }
    }
    Ok(())
}

/// Whether an empty market is made a demo market: on a database that is ours alone, and for trying things out.
const fn wants_demo(settings: &Settings) -> bool {
    matches!(
        settings,
        Settings { mode: Mode::Development, database: Database::Private { .. }, migrations: Migrations::Apply, .. }
    )
}

/// Whether mail can be read on a page instead of leaving.
pub(super) const fn offers_mailbox(settings: &Settings) -> bool {
    matches!(settings, Settings { mode: Mode::Development, mail: MailSettings::Mailbox, .. })
}

/// What needs the tables: that production holds no demo people, the keys that sign tokens, the rows of recurring jobs. Without
/// the keys the process is not ready, so a database that comes up late is held to the rule, too.
async fn prepare(app: &App, mode: Mode, jobs: Switch) -> Result<(), ServeError> {
    if mode == Mode::Production && users::service::has_demo_people(app).await? {
        return Err(ServeError::DemoPeople);
    }
    users::service::load_signing_keys(app).await?;
    if jobs == Switch::On {
        api::job_handlers().schedule(&app.db).await?;
    }
    Ok(())
}

/// Prepares as soon as somebody has migrated.
async fn prepare_later(app: App, mode: Mode, jobs: Switch) {
    let mut told = String::new();
    while let Err(error) = prepare(&app, mode, jobs).await {
        let reason = error.to_string();
        if reason != told {
            tracing::warn!(%error, "not ready yet");
            told = reason;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

impl Running {
    /// Stops as a good process does: new requests go elsewhere, what is in flight is finished (20 s at the most), sockets
    /// are closed with 1012, the private Postgres stops last.
    ///
    /// # Errors
    /// If the server failed while it ran.
    pub async fn stop(self) -> Result<(), ServeError> {
        self.readiness.is_stopping.store(true, Ordering::Relaxed);
        let _ = self.stopping.send(true);
        self.handle.stop(true).await;
        let outcome = self.server.await.map_err(Failure::internal)?;
        if let Some(admin) = &self.admin {
            admin.stop(true).await;
        }
        self.app.buckets.give_back(&self.app.db).await;
        for task in &self.background {
            task.abort();
        }
        if let Err(error) = self.api.flush_usage().await {
            tracing::warn!(%error, "the last use of documents could not be written down");
        }
        if let Some(postgres) = self.postgres {
            let stopped = tokio::task::spawn_blocking(move || postgres.stop()).await.map_err(Failure::internal)?;
            stopped.map_err(StartError::from)?;
        }
        Ok(outcome?)
    }
}
