//! When nothing can be done, the error says what to do.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
};

use agora::platform::private_postgres::{Error, Options, PrivatePostgres};

use super::{Place, data, holder, holder::Holder, is_root};

fn refusal(options: &Options) -> Error {
    PrivatePostgres::start(options).unwrap_err()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn no_empty_market_is_begun_beside_one_of_another_version() {
    let place = Place::new();
    let old = place.path("state/data-14");
    fs::create_dir_all(&old).unwrap();
    super::open(&place.state());
    fs::write(old.join("PG_VERSION"), "14\n").unwrap();
    let error = refusal(&place.options());
    assert!(matches!(error, Error::OtherMajor { held: 14, .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("data-14") && said.contains("AGORA_PG_BIN") && said.contains("pg_upgrade"), "{said}");

    let bin = place.fake_bin("bin", "echo 'postgres (PostgreSQL) 16.4'", "exit 1");
    let error = refusal(&Options { bin: Some(bin), ..place.options() });
    assert!(matches!(error, Error::OtherMajor { held: 14, .. }), "{error:?}");
    assert_eq!(names_in(&place.state()), ["data-14", "owner.lock"]);
}

#[test]
fn binaries_that_do_not_fit_are_named_with_the_reason() {
    let place = Place::new();
    let empty = place.path("empty");
    fs::create_dir(&empty).unwrap();
    let old = place.fake_bin("old", "echo 'postgres (PostgreSQL) 13.9'", "exit 1");
    let dumb = place.fake_bin("dumb", "echo 'lib missing' >&2; exit 127", "exit 1");
    for (bin, reason) in [(empty, "lacks postgres"), (old, "Postgres 13"), (dumb, "lib missing")] {
        let error = refusal(&Options { bin: Some(bin.clone()), ..place.options() });
        assert!(matches!(error, Error::BadBinaries { .. }), "{error:?}");
        let said = error.to_string();
        assert!(said.contains(reason) && said.contains(&bin.display().to_string()), "{said}");
    }
}

#[test]
fn a_folder_that_the_server_cannot_enter_is_named() {
    let place = Place::new();
    let closed = place.path("closed");
    fs::create_dir(&closed).unwrap();
    let options = Options { data_dir: closed.join("deep/state"), ..place.options() };
    if !is_root() {
        fs::set_permissions(&closed, Permissions::from_mode(0o000)).unwrap();
        let said = refusal(&options).to_string();
        fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
        assert!(said.contains(&closed.display().to_string()), "{said}");
        return;
    }
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    match refusal(&options) {
        Error::Unreachable { folder, .. } => assert_eq!(folder, closed),
        error => panic!("{error:?}"),
    }
    let bin = closed.join("bin");
    fs::rename(place.fake_bin("bin", "exit 1", "exit 1"), &bin).unwrap();
    match refusal(&Options { bin: Some(bin), ..place.options() }) {
        Error::Unreachable { folder, .. } => assert_eq!(folder, closed),
        error => panic!("{error:?}"),
    }
    let state = closed.join("state");
    let holder = Holder::spawn(&mut holder::hold_as(65_534, &state, place.folder.path()));
    let said = holder.says("FAILED ").unwrap();
    assert!(said.contains(&state.display().to_string()), "{said}");
}

#[test]
fn data_of_another_user_is_refused() {
    if !is_root() {
        return; // Only root can give files away.
    }
    let place = Place::new();
    drop(place.start());
    chown(data(&place.state()), Some(0), Some(0)).unwrap();
    let error = refusal(&place.options());
    assert!(matches!(error, Error::WrongOwner { owner: 0, .. }), "{error:?}");
}

#[test]
fn a_server_that_does_not_start_is_quoted() {
    let place = Place::new();
    drop(place.start());
    let conf = data(&place.state()).join("postgresql.conf");
    fs::write(conf, "no_such_setting = 1\n").unwrap();
    let error = refusal(&place.options());
    assert!(matches!(error, Error::Server { .. }), "{error:?}");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[test]
fn an_initdb_that_fails_is_quoted_and_leaves_nothing() {
    let place = Place::new();
    let bin = place.fake_bin("bin", "echo 'postgres (PostgreSQL) 15.1'", "echo no space left; exit 1");
    let error = refusal(&Options { bin: Some(bin), ..place.options() });
    assert!(matches!(error, Error::Initdb { .. }), "{error:?}");
    assert!(error.to_string().contains("no space left"), "{error}");
    assert_eq!(names_in(&place.state()), ["initdb.log", "owner.lock"]);
}
