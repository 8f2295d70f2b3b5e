//! The user whom the server runs as: never root, which Postgres refuses.

use std::{
    fs, io,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    default_state_dir,
    error::{Error, While},
    process,
};

/// A user, and whether we have to become them.
#[derive(Debug, Clone)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
    name: String,
    change: Change,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Become,
    Stay,
}

impl Account {
    /// Root becomes the owner of the data if there is any, else of the state folder, else
    /// `postgres`, else `nobody`; anybody else stays who they are.
    pub fn choose(state: &Path, data: Option<&Path>) -> Account {
        let uid = rustix::process::geteuid().as_raw();
        if uid != 0 {
            let gid = rustix::process::getegid().as_raw();
            return Account::new(uid, gid, Change::Stay);
        }
        let owner = |folder: &Path| {
            let meta = fs::metadata(folder).ok()?;
            (meta.uid() != 0).then(|| (meta.uid(), meta.gid()))
        };
        let (uid, gid) = data
            .and_then(owner)
            .or_else(|| owner(state))
            .or_else(|| passwd(|user| user.name == "postgres").map(|user| (user.uid, user.gid)))
            .or_else(|| passwd(|user| user.name == "nobody").map(|user| (user.uid, user.gid)))
            .unwrap_or((65_534, 65_534));
        Account::new(uid, gid, Change::Become)
    }

    fn new(uid: u32, gid: u32, change: Change) -> Account {
        let name = passwd(|user| user.uid == uid).map_or_else(|| uid.to_string(), |user| user.name);
        Account { uid, gid, name, change }
    }

    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// A command run as this user in a clean environment: nothing of ours (`PGDATA`, `LANG`,
    /// `LD_LIBRARY_PATH` …) may change what the server does.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC").current_dir("/");
        if self.change == Change::Become {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Hands over what root made.
    pub fn own(&self, path: &Path) -> Result<(), Error> {
        match self.change {
            Change::Stay => Ok(()),
            Change::Become => chown(path, Some(self.uid), Some(self.gid))
                .doing(|| format!("cannot give {} to {}", path.display(), self.name)),
        }
    }

    /// Fails unless `folder` belongs to this user.
    pub fn must_own(&self, folder: &Path) -> Result<(), Error> {
        let meta = fs::metadata(folder).doing(|| format!("cannot look at {}", folder.display()))?;
        if meta.uid() == self.uid {
            return Ok(());
        }
        Err(Error::WrongOwner { folder: folder.to_owned(), owner: meta.uid(), user: self.name.clone() })
    }

    /// Fails unless this user may enter `folder` and all folders above it; names the first that
    /// stops them. Asks the system itself, so that ACLs count too.
    pub fn must_reach(&self, folder: &Path) -> Result<(), Error> {
        match self.stopped_at(folder).doing(|| "cannot run /bin/sh".to_owned())? {
            None => Ok(()),
            Some(stop) => {
                Err(Error::Unreachable { user: self.name.clone(), folder: stop, suggestion: default_state_dir() })
            }
        }
    }

    fn stopped_at(&self, folder: &Path) -> io::Result<Option<PathBuf>> {
        let mut ways: Vec<&Path> = folder.ancestors().collect();
        ways.reverse();
        let script = r#"n=0; for f; do [ -x "$f" ] || exit $n; n=$((n+1)); done; exit 255"#;
        let mut shell = self.command(Path::new("/bin/sh"));
        let output = process::ask(shell.args(["-c", script, "sh"]).args(&ways))?;
        let stop = output.status.code().and_then(|code| usize::try_from(code).ok());
        Ok(stop.and_then(|n| ways.get(n)).map(|folder| (*folder).to_owned()))
    }
}

struct User {
    name: String,
    uid: u32,
    gid: u32,
}

/// System accounts are always in the file, whatever else names users here.
fn passwd(wanted: impl Fn(&User) -> bool) -> Option<User> {
    let text = fs::read_to_string("/etc/passwd").ok()?;
    let parse = |line: &str| {
        let mut fields = line.split(':');
        Some(User {
            name: fields.next()?.to_owned(),
            uid: fields.nth(1)?.parse().ok()?,
            gid: fields.next()?.parse().ok()?,
        })
    };
    text.lines().filter_map(parse).find(wanted)
}
