use std::{io, path::PathBuf};

/// Why a private Postgres cannot be had. Every message ends with what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No server binaries on this machine, and the packaged ones could not be fetched.
    #[error(
        "no Postgres 15 to 18 is at hand: there is none installed that fits, and the packaged one \
         could not be had ({package}). Install Postgres with `{install}`, or set AGORA_PG_BIN to \
         the folder that holds `postgres` and `initdb`"
    )]
    NoBinaries { package: String, install: String },

    /// The folder that was asked for holds no usable server.
    #[error(
        "{folder} cannot be used: {reason}. Set AGORA_PG_BIN to a folder that holds `postgres` and \
         `initdb` of Postgres 15 to 18, or leave it unset"
    )]
    BadBinaries { folder: PathBuf, reason: String },

    /// The state folder holds a market, but of a major version that the binaries cannot open.
    #[error(
        "{state}/data-{held} holds a market of Postgres {held}, and {binaries} cannot open it. Set \
         AGORA_PG_BIN to the bin folder of a Postgres {held}; or carry the market over with \
         pg_upgrade or pg_dump of Postgres {held}; or name another --data-dir to begin an empty \
         market"
    )]
    OtherMajor { state: PathBuf, held: u32, binaries: String },

    /// The user whom the server runs as may not enter a folder that it needs.
    #[error(
        "the server runs as user {user}, who may not enter {folder}. Use a folder outside of it \
         (for the data, {suggestion}), or open it with `chmod o+x {folder}`"
    )]
    Unreachable { user: String, folder: PathBuf, suggestion: PathBuf },

    /// The data belongs to somebody else; Postgres opens only its own user's files.
    #[error(
        "{folder} belongs to uid {owner}, but the server would run as user {user}. Start agora as \
         the owner, or hand the folder over with `chown -R {user} {folder}`"
    )]
    WrongOwner { folder: PathBuf, owner: u32, user: String },

    /// A folder of the socket's name exists and is not ours.
    #[error("{0} exists and is no private folder of the server's user. Remove it and start again")]
    SocketFolder(PathBuf),

    /// `initdb` failed; nothing of what it made is ever used.
    #[error("initdb could not make a cluster; see {log}, which ends:\n{tail}")]
    Initdb { log: PathBuf, tail: String },

    /// The server ended, or was not ready in time.
    #[error("Postgres {what}; see {log}, which ends:\n{tail}")]
    Server { what: &'static str, log: PathBuf, tail: String },

    /// A server that no agora looks after has the data open.
    #[error(
        "a Postgres that is not looked after by any agora (process {pid}) has {folder} open. Stop \
         it with `kill -INT {pid}` and start again"
    )]
    InUse { folder: PathBuf, pid: i32 },

    /// Another agora holds the folder, but its server never answered.
    #[error(
        "another agora ({owner}) holds {folder}, but its Postgres does not answer. Look at \
         postgres.log there, or stop that agora and start again"
    )]
    NoAnswer { folder: PathBuf, owner: String },

    /// The server runs, but the first statements on it failed.
    #[error("Postgres runs but does not answer properly ({0}). Look at postgres.log in the state folder")]
    Database(String),

    /// The operating system refused.
    #[error("{what}: {source}. Check that the folder exists and belongs to the user who runs agora")]
    Io { what: String, source: io::Error },
}

/// Says what was being done when the operating system refused.
pub(super) trait While<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T> While<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|source| Error::Io { what: what(), source })
    }
}
