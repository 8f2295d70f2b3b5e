//! The data folders: one per major version, made whole or not at all.

use std::{
    fs::{self, File, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Durability,
    account::Account,
    binaries::Binaries,
    error::{Error, While},
    process,
};

/// The superuser of every private cluster, and the name of its database.
pub(super) const AGORA: &str = "agora";
const INITDB_LIMIT: Duration = Duration::from_mins(2);
/// Whoever may enter the socket's folder may connect, and nobody else.
const HBA: &str = "local all all trust\n";

/// The folder of the cluster of one major version.
pub(super) fn data_folder(state: &Path, major: u32) -> PathBuf {
    state.join(format!("data-{major}"))
}

/// The major versions whose folder in `state` holds data, ascending.
pub(super) fn held(state: &Path) -> Result<Vec<u32>, Error> {
    let entries = fs::read_dir(state).doing(|| format!("cannot read {}", state.display()))?;
    let mut majors: Vec<u32> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let major = entry.file_name().to_str()?.strip_prefix("data-")?.parse().ok()?;
            // A folder that cannot be looked into is not taken for empty.
            let filled = entry.path().join("PG_VERSION").try_exists().unwrap_or(true);
            filled.then_some(major)
        })
        .collect();
    majors.sort_unstable();
    Ok(majors)
}

/// Makes the cluster `data-<major>` unless it is there. The caller holds the owner's lock.
pub(super) fn make(
    state: &Path,
    account: &Account,
    binaries: &Binaries,
    durability: Durability,
) -> Result<PathBuf, Error> {
    remove_half_made(state);
    let data = data_folder(state, binaries.major);
    if data.join("PG_VERSION").try_exists().unwrap_or(true) {
        account.must_own(&data)?;
        return Ok(data);
    }
    let init = state.join(format!("init-{}", std::process::id()));
    let made = initdb(state, &init, account, binaries, durability).and_then(|()| {
        fs::rename(&init, &data).doing(|| format!("cannot make {}", data.display()))?;
        let entry = File::open(state).and_then(|folder| folder.sync_all());
        entry.doing(|| format!("cannot write {} to disk", state.display()))
    });
    if made.is_err() {
        remove_half_made(state);
    }
    made.map(|()| data)
}

/// What an `initdb` that was killed left behind. Its own last process may still be writing there,
/// so failing to remove it is no error: it is never used, and removed another time.
fn remove_half_made(state: &Path) {
    let Ok(entries) = fs::read_dir(state) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b"init-")
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!(folder = %entry.path().display(), %error, "a half-made cluster stays");
        }
    }
}

fn initdb(
    state: &Path,
    init: &Path,
    account: &Account,
    binaries: &Binaries,
    durability: Durability,
) -> Result<(), Error> {
    let path = state.join("initdb.log");
    let log = File::create(&path).doing(|| format!("cannot write {}", path.display()))?;
    let mut tail = String::new();
    for locale in locales(binaries.major) {
        let _ = fs::remove_dir_all(init);
        fs::create_dir(init).doing(|| format!("cannot make {}", init.display()))?;
        fs::set_permissions(init, Permissions::from_mode(0o700))
            .doing(|| format!("cannot close {}", init.display()))?;
        account.own(init)?;
        let mut command = account.command(&binaries.initdb());
        command.arg("-D").arg(init).args(["-U", AGORA, "-A", "trust", "-E", "UTF8", "--no-instructions"]).args(*locale);
        if durability == Durability::Throwaway {
            command.arg("--no-sync");
        }
        let from = log.metadata().map_or(0, |meta| meta.len());
        let ended = process::run(&mut command, &log, INITDB_LIMIT)
            .doing(|| format!("cannot run {}", binaries.initdb().display()))?;
        if ended.is_some_and(|status| status.success()) {
            return allow_only_the_socket(init);
        }
        tail = process::tail(&path, from);
        if ended.is_none() || !is_about_locales(&tail) {
            break;
        }
    }
    Err(Error::Initdb { log: path, tail })
}

/// Ways to a locale under which `lower('Ä')` is `ä`, best first: not every system has C.UTF-8,
/// not every server has ICU, and Postgres brings its own rules since 17.
fn locales(major: u32) -> &'static [&'static [&'static str]] {
    const C_UTF8: &[&str] = &["--locale=C.UTF-8"];
    const BUILTIN: &[&str] = &["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    const ICU: &[&str] = &["--locale=C", "--locale-provider=icu", "--icu-locale=und"];
    const ENGLISH: &[&str] = &["--locale=en_US.UTF-8"];
    if major >= 17 { &[C_UTF8, BUILTIN] } else { &[C_UTF8, ICU, ENGLISH] }
}

fn is_about_locales(initdb_said: &str) -> bool {
    ["locale", "ICU"].iter().any(|word| initdb_said.contains(word))
}

fn allow_only_the_socket(init: &Path) -> Result<(), Error> {
    let path = init.join("pg_hba.conf");
    let write = || {
        let mut file = File::create(&path)?;
        file.write_all(HBA.as_bytes())?;
        file.sync_all()
    };
    write().doing(|| format!("cannot write {}", path.display()))
}
