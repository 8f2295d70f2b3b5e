//! Where things lie when nobody says otherwise.

use std::{
    env,
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Where the market lives unless `--data-dir` says otherwise: `/var/lib/agora` for root (the
/// server runs as another user, who cannot enter root's home), else the user's own state folder
/// (`$XDG_STATE_HOME/agora`, `~/.local/state/agora`, `~/Library/Application Support/agora`).
pub fn default_state_dir() -> PathBuf {
    folder("/var/lib", "XDG_STATE_HOME", ".local/state", "Library/Application Support")
}

/// Where fetched packages are unpacked: `/var/cache/agora` for root, else the user's own cache
/// folder (`$XDG_CACHE_HOME/agora`, `~/.cache/agora`, `~/Library/Caches/agora`).
pub fn default_cache_dir() -> PathBuf {
    folder("/var/cache", "XDG_CACHE_HOME", ".cache", "Library/Caches")
}

fn folder(system: &str, variable: &str, in_home: &str, on_mac: &str) -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return Path::new(system).join("agora");
    }
    let named = env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = named.unwrap_or_else(|| {
        let home = env::home_dir().unwrap_or_else(|| PathBuf::from("/"));
        home.join(if cfg!(target_os = "macos") { on_mac } else { in_home })
    });
    base.join("agora")
}

/// Makes `path` and what is missing above it: closed to others, but for root, whose server has to
/// get in as another user whatever root's umask says.
pub(super) fn make(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|above| !above.exists()).collect();
    fs::create_dir_all(path)?;
    let root = rustix::process::geteuid().is_root();
    let mode = if root { 0o755 } else { 0o700 };
    for made in missing.into_iter().filter(|made| made.exists()) {
        fs::set_permissions(made, Permissions::from_mode(mode))?;
    }
    Ok(())
}
