//! One state folder and what lies in it; the same for every process that names it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

use super::{
    Options,
    account::Account,
    cluster,
    error::{Error, While},
    paths, socket,
};

/// Above this size the server's log is put aside at the next start, in bytes.
const LOG_LIMIT: u64 = 1_000_000;

#[derive(Debug, Clone)]
pub(super) struct Site {
    pub options: Options,
    /// Absolute and free of links, so that all processes call it alike.
    pub state: PathBuf,
    pub socket: PathBuf,
}

impl Site {
    pub fn open(options: &Options) -> Result<Site, Error> {
        let folder = &options.data_dir;
        paths::make(folder).doing(|| format!("cannot make {}", folder.display()))?;
        let state = fs::canonicalize(folder).doing(|| format!("cannot enter {}", folder.display()))?;
        let socket = socket::folder_for(&state);
        Ok(Site { options: options.clone(), state, socket })
    }

    /// The user whom a server here runs as, having seen that they can get here.
    pub fn account(&self) -> Result<Account, Error> {
        let newest = cluster::held(&self.state)?.pop();
        let data = newest.map(|major| cluster::data_folder(&self.state, major));
        let account = Account::choose(&self.state, data.as_deref());
        account.must_reach(&self.state)?;
        Ok(account)
    }

    pub fn url(&self, database: &str) -> String {
        socket::url(&self.socket, cluster::AGORA, database)
    }

    pub fn log_path(&self) -> PathBuf {
        self.state.join("postgres.log")
    }

    /// The server's log, to be appended to.
    pub fn open_log(&self, account: &Account) -> Result<File, Error> {
        let path = self.log_path();
        if fs::metadata(&path).is_ok_and(|meta| meta.len() > LOG_LIMIT) {
            let _ = fs::rename(&path, self.state.join("postgres.log.old"));
        }
        let log = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .doing(|| format!("cannot write {}", path.display()))?;
        account.own(&path)?;
        Ok(log)
    }
}

/// Who looks after the server of a state folder: whoever holds the lock on `owner.lock`. The
/// system takes the lock back when its holder dies, however it dies. The file is never removed.
#[derive(Debug)]
pub(super) struct OwnerLock {
    file: File,
    held: bool,
}

impl OwnerLock {
    pub fn open(site: &Site) -> Result<OwnerLock, Error> {
        let path = site.state.join("owner.lock");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .doing(|| format!("cannot open {}", path.display()))?;
        Account::choose(&site.state, None).own(&path)?;
        Ok(OwnerLock { file, held: false })
    }

    /// Whether we hold the lock, having tried to get it. Never waits.
    pub fn try_take(&mut self) -> Result<bool, Error> {
        if self.held {
            return Ok(true);
        }
        match self.file.try_lock() {
            Ok(()) => self.held = true,
            Err(fs::TryLockError::WouldBlock) => return Ok(false),
            Err(fs::TryLockError::Error(error)) => {
                return Err(error).doing(|| "cannot lock owner.lock".to_owned());
            }
        }
        let _ = self.sign();
        Ok(true)
    }

    /// Lets another process try what we failed at.
    pub fn release(&mut self) {
        self.held = self.held && self.file.unlock().is_err();
    }

    /// Only for messages to people; the lock itself is the truth.
    fn sign(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        write!(self.file, "process {}", std::process::id())
    }

    pub fn owner(&mut self) -> String {
        let mut text = String::new();
        match self.file.read_to_string(&mut text) {
            Ok(_) if !text.is_empty() => text,
            _ => "its process is unknown".to_owned(),
        }
    }
}
