//! kill -9 in all places, and what it leaves behind.

use std::{
    fs,
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command},
};

use agora::platform::private_postgres::{Durability, Error, Options, PrivatePostgres, Role};
use rustix::process::{Pid, Signal, kill_process};

use super::{
    Place, as_owner_of, ask, ask_patiently, bin_of, data, execute, holder, holder::Holder, is_gone, postmaster, within,
};

#[test]
fn a_killed_agora_takes_its_server_along_and_the_next_start_recovers() {
    let place = Place::new();
    let mut holder = Holder::spawn(&mut holder::hold(&place.state()));
    let url = holder.url();
    execute(&url, "CREATE TABLE kept AS SELECT 1");
    let pid = postmaster(&place.state()).unwrap();
    holder.kill();
    // At once, while the old server may still be shutting down.
    let postgres = place.start();
    assert!(is_gone(pid));
    assert_eq!(postgres.role(), Role::Owner);
    assert_eq!(ask(&url, "count(*)::text FROM kept"), "1");
}

#[test]
fn nothing_stays_behind_a_killed_agora() {
    let place = Place::new();
    let mut holder = Holder::spawn(&mut holder::hold(&place.state()));
    holder.url();
    let pid = postmaster(&place.state()).unwrap();
    holder.kill();
    within(20, || is_gone(pid).then_some(())).unwrap();
}

#[test]
fn a_killed_server_is_started_again_under_the_same_url() {
    let place = Place::new();
    let options = Options { durability: Durability::Durable, ..place.options() };
    let postgres = PrivatePostgres::start(&options).unwrap();
    let url = postgres.url("agora");
    execute(&url, "CREATE TABLE kept AS SELECT 1");
    let pid = postmaster(&place.state()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    within(20, || postmaster(&place.state()).filter(|now| *now != pid)).unwrap();
    assert_eq!(ask_patiently(&url, "count(*)::text FROM kept"), "1");
    assert_eq!(postgres.role(), Role::Owner);
}

#[test]
fn a_half_made_cluster_is_never_used() {
    let place = Place::new();
    let slow = place.fake_bin(
        "slow",
        "echo 'postgres (PostgreSQL) 15.0'",
        r#"echo 15 > "$2/PG_VERSION"; echo $$ > "$2/pid"; exec sleep 60"#,
    );
    let mut holder = Holder::spawn(&mut holder::hold_with(&place.state(), &slow));
    let (init, pid) = within(20, || half_made(&place.state())).unwrap();
    holder.kill();
    within(20, || is_gone(pid).then_some(())).unwrap();
    assert!(init.join("PG_VERSION").exists());

    let postgres = place.start();
    assert_eq!(ask(&postgres.url("agora"), "1::text"), "1");
    assert!(!init.exists());
}

fn half_made(state: &Path) -> Option<(PathBuf, Pid)> {
    let mut entries = fs::read_dir(state).ok()?.flatten().map(|entry| entry.path());
    let init = entries.find(|path| path.to_string_lossy().contains("/init-"))?;
    let pid = fs::read_to_string(init.join("pid")).ok()?;
    Some((init, Pid::from_raw(pid.trim().parse().ok()?)?))
}

/// Runs until dropped.
struct Running(Child);

impl Running {
    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_stale_pid_file_blocks_nothing_whoever_has_its_number_now() {
    let place = Place::new();
    drop(place.start());
    let folder = data(&place.state());
    let owner = fs::metadata(&folder).unwrap().uid();
    // Of the server's user, so that Postgres alone would take it for a living server.
    let stranger = Running(as_owner_of(&folder, Path::new("sleep")).arg("60").spawn().unwrap());
    let zombie = Running(as_owner_of(&folder, Path::new("true")).spawn().unwrap());
    within(20, || is_gone(zombie.pid()).then_some(())).unwrap();
    let mut dead = Command::new("true").spawn().unwrap();
    dead.wait().unwrap();

    for number in [stranger.0.id(), zombie.0.id(), dead.id()] {
        let stale = format!(
            "{number}\n{}\n1700000000\n5432\n{}\n\n  1234567   1234567\nready   \n",
            folder.display(),
            place.path("state/socket").display()
        );
        let socket = place.path("state/socket");
        let _ = fs::create_dir(&socket);
        for file in [folder.join("postmaster.pid"), socket.join(".s.PGSQL.5432.lock")] {
            fs::write(&file, &stale).unwrap();
            chown(&file, Some(owner), None).unwrap();
        }
        let postgres = place.start();
        assert_eq!(ask(&postgres.url("agora"), "1::text"), "1");
    }
    assert!(!is_gone(stranger.pid()), "it had nothing to do with us");
}

/// As where no signal follows a parent's death.
#[test]
fn a_server_whose_agora_is_gone_is_stopped_first() {
    let place = Place::new();
    let orphan = server_without_agora(&place, "state/socket");
    let pid = orphan.pid();
    let postgres = place.start();
    assert_eq!(postgres.role(), Role::Owner);
    assert!(is_gone(pid));
    assert_ne!(postmaster(&place.state()), Some(pid));
    assert_eq!(ask(&postgres.url("agora"), "1::text"), "1");
}

#[test]
fn a_server_that_somebody_else_started_is_left_alone() {
    let place = Place::new();
    let foreign = server_without_agora(&place, "elsewhere");
    let refused = PrivatePostgres::start(&place.options());
    assert!(matches!(refused, Err(Error::InUse { .. })), "{refused:?}");
    assert!(!is_gone(foreign.pid()));
}

/// A server on the market of `place` whose sockets are in the folder `socket` there.
fn server_without_agora(place: &Place, socket: &str) -> Running {
    let postgres = place.start();
    let bin = bin_of(postmaster(&place.state()).unwrap());
    drop(postgres);
    let folder = data(&place.state());
    let socket = place.path(socket);
    fs::create_dir(&socket).unwrap();
    chown(&socket, Some(fs::metadata(&folder).unwrap().uid()), None).unwrap();
    let mut command = as_owner_of(&folder, &bin.join("postgres"));
    command.arg("-D").arg(&folder).args(["-c", "listen_addresses="]);
    command.arg("-c").arg(format!("unix_socket_directories={}", socket.display()));
    let server = Running(command.spawn().unwrap());
    let ready = || fs::read_to_string(folder.join("postmaster.pid")).ok()?.contains("ready").then_some(());
    within(20, ready).unwrap();
    server
}
