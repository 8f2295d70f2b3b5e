//! The folder of the socket: private, and short enough for a socket's address.

use std::{
    fmt::Write,
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{
    account::Account,
    error::{Error, While},
};

/// Part of the socket's name; said in every URL, so that a `PGPORT` of the user changes nothing.
pub(super) const PORT: u16 = 5432;

/// `sockaddr_un` has 108 bytes on Linux and 104 elsewhere, the last of them a zero.
const LONGEST: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Beside the data if the name fits; else a name in `/tmp` that every process on the same state
/// folder computes alike (so neither `TMPDIR` nor `XDG_RUNTIME_DIR` may decide).
pub(super) fn folder_for(state: &Path) -> PathBuf {
    let near = state.join("socket");
    let address = near.join(format!(".s.PGSQL.{PORT}.lock"));
    let bytes = address.as_os_str().as_bytes();
    // Postgres reads a list of folders, in which commas, quotes and blanks mean something.
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    if bytes.len() <= LONGEST && bytes.iter().all(plain) {
        return near;
    }
    let digest = Sha256::digest(state.as_os_str().as_bytes());
    let mut name = String::from("agora-");
    for byte in digest.iter().take(8) {
        let _ = write!(name, "{byte:02x}");
    }
    Path::new("/tmp").join(name)
}

/// Makes the folder, or sees to it that it is the account's alone. In `/tmp` anybody could have
/// made it first, to listen in.
pub(super) fn make(folder: &Path, account: &Account) -> Result<(), Error> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(error).doing(|| format!("cannot make {}", folder.display()));
        }
        _ => {}
    }
    let meta = fs::symlink_metadata(folder).doing(|| format!("cannot look at {}", folder.display()))?;
    let me = rustix::process::geteuid().as_raw();
    if !meta.is_dir() || ![account.uid(), me].contains(&meta.uid()) {
        return Err(Error::SocketFolder(folder.to_owned()));
    }
    fs::set_permissions(folder, Permissions::from_mode(0o700))
        .doing(|| format!("cannot close {}", folder.display()))?;
    account.own(folder)
}

/// How to reach `database` over the socket in `folder`; read alike by libpq and tokio-postgres.
pub(super) fn url(folder: &Path, role: &str, database: &str) -> String {
    let host = escape(folder.as_os_str().as_bytes());
    format!("postgres://{role}@{host}:{PORT}/{}", escape(database.as_bytes()))
}

fn escape(bytes: &[u8]) -> String {
    let mut escaped = String::new();
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
