//! The thread that keeps a server for its holder: as its owner while it holds the owner's lock,
//! else waiting for that lock. The server is this thread's child and dies with it.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender},
    },
    time::{Duration, Instant},
};

use super::{
    error::Error,
    process::wait_until,
    server::{self, Server},
    site::{OwnerLock, Site},
};

/// How often the lock and the server are looked at; takes its share of the two seconds in which a
/// killed owner is replaced.
const LOOK: Duration = Duration::from_millis(100);
/// The owner may be making its cluster.
const ATTACH_LIMIT: Duration = Duration::from_mins(4);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

pub(super) struct Keeper {
    site: Site,
    lock: OwnerLock,
    owns: Arc<AtomicBool>,
    server: Option<Server>,
    pause: Duration,
    not_before: Instant,
}

/// Runs until the holder lets go of its end of `holder`, then stops the server if it is ours.
/// `started` is told once, when there is a server to use or none to be had.
pub(super) fn keep(
    site: Site,
    owns: Arc<AtomicBool>,
    holder: &Receiver<Infallible>,
    started: &SyncSender<Result<(), Error>>,
) -> Result<(), Error> {
    let mut keeper = match Keeper::begin(site, owns) {
        Ok(keeper) => keeper,
        Err(error) => {
            let _ = started.send(Err(error));
            return Ok(());
        }
    };
    let _ = started.send(Ok(()));
    while let Err(RecvTimeoutError::Timeout) = holder.recv_timeout(LOOK) {
        keeper.look();
    }
    keeper.end()
}

impl Keeper {
    fn begin(site: Site, owns: Arc<AtomicBool>) -> Result<Keeper, Error> {
        let lock = OwnerLock::open(&site)?;
        let mut keeper = Keeper { site, lock, owns, server: None, pause: FIRST_PAUSE, not_before: Instant::now() };
        let begun = wait_until(ATTACH_LIMIT, || keeper.own_or_attach().transpose());
        match begun {
            Some(done) => done.map(|()| keeper),
            None => Err(Error::NoAnswer { folder: keeper.site.state.clone(), owner: keeper.lock.owner() }),
        }
    }

    /// `None` while the owner has no server that answers.
    fn own_or_attach(&mut self) -> Result<Option<()>, Error> {
        if self.lock.try_take()? {
            self.serve()?;
            return Ok(Some(()));
        }
        Ok(server::answers(&self.site).then_some(()))
    }

    fn serve(&mut self) -> Result<(), Error> {
        self.server = Some(Server::start(&self.site)?);
        self.owns.store(true, Ordering::Release);
        Ok(())
    }

    /// Takes over from an owner that is gone, and starts a server that died again: at once the
    /// first time, then at growing distances for as long as the holder wants one.
    fn look(&mut self) {
        let serves = self.server.as_mut().is_some_and(|server| !server.has_ended());
        if serves || Instant::now() < self.not_before || !matches!(self.lock.try_take(), Ok(true)) {
            return;
        }
        if self.server.is_some() {
            tracing::warn!("private Postgres died and is started again");
        } else {
            tracing::info!("taking private Postgres over");
        }
        self.server = None;
        match self.serve() {
            Ok(()) => self.pause = FIRST_PAUSE,
            Err(error) => {
                tracing::error!(%error, "private Postgres does not start");
                self.lock.release();
            }
        }
        self.not_before = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    /// The lock goes last, so that whoever takes over finds the server stopped.
    fn end(mut self) -> Result<(), Error> {
        let Some(server) = self.server.take() else {
            return Ok(());
        };
        let stopped = server.stop();
        // Empty now; in /tmp it would lie about for ever.
        let _ = std::fs::remove_dir(&self.site.socket);
        stopped
    }
}
