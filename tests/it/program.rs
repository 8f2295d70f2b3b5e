//! The program as people run it: what it takes, what it refuses, how it ends.

use std::{fs, net::TcpListener, process::Command, time::Duration};

use serde_json::{Value, json};

use crate::{
    harness::{
        TestApp,
        app::{MASTER_KEY, PASSWORD},
        cluster::Database,
        program::{Ended, Program, command, run},
        raw::Raw,
        socket::{Said, Socket},
    },
    snapshot,
};

/// A Postgres that does not answer, for what is refused before one is needed.
const NOWHERE: &str = "postgres://agora:hunter2@127.0.0.1:1/agora";
const PRODUCTION: [(&str, &str); 4] = [
    ("--master-key", MASTER_KEY),
    ("--public-url", "https://market.example"),
    ("--smtp-url", "smtp://127.0.0.1:1"),
    ("--mail-from", "Agora <market@example.com>"),
];

/// The environment variable of an option.
fn variable(option: &str) -> String {
    format!("AGORA_{}", option.trim_start_matches('-').replace('-', "_").to_uppercase())
}

/// That a program did not start, and said why in these words, and no password.
#[track_caller]
fn assert_refused(ended: &Ended, words: &[&str]) {
    assert!(ended.code.is_some_and(|code| code != 0), "{words:?}: {ended:?}");
    for word in words {
        assert!(ended.stderr.contains(word), "{word}: {ended:?}");
    }
    for secret in ["hunter2", MASTER_KEY] {
        assert!(!ended.stderr.contains(secret) && !ended.stdout.contains(secret), "{ended:?}");
    }
}

#[test]
fn help_names_every_option_with_its_variable() {
    let help = run(command(&["--help"]).env("AGORA_MASTER_KEY", MASTER_KEY).env("AGORA_SMTP_URL", NOWHERE));
    assert_eq!(help.code, Some(0), "{help:?}");
    assert!(!help.stdout.contains(MASTER_KEY) && !help.stdout.contains("hunter2"), "{}", help.stdout);
    let mut count = 0;
    for entry in help_entries(&help.stdout) {
        let option = entry.split([' ', '\n']).find(|word| word.starts_with("--")).unwrap();
        if !["--help", "--version"].contains(&option) {
            count += 1;
            let wanted = format!("[env: {}", variable(option));
            assert!(entry.contains(&format!("{wanted}=")) || entry.contains(&format!("{wanted}]")), "{entry}");
        }
    }
    assert!(count > 20, "{}", help.stdout);
}

/// The options of a manual, each with what is said about it.
fn help_entries(help: &str) -> Vec<String> {
    let (_, options) = help.split_once("Options:\n").unwrap();
    let mut entries: Vec<String> = Vec::new();
    for line in options.lines() {
        if line.trim_start().starts_with('-') && !line.trim_start().starts_with("- ") {
            entries.push(String::new());
        }
        *entries.last_mut().unwrap() += &format!("{}\n", line.trim());
    }
    entries
}

#[test]
fn the_schema_needs_nothing() {
    let printed = run(command(&["schema"]).env("AGORA_MASTER_KEY", "broken").env("DATABASE_URL", NOWHERE));
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    snapshot("schema.graphql", &printed.stdout);
}

#[test]
fn a_malformed_option_is_named() {
    for (option, value, beside) in [
        ("--port", "nonsense", &[][..]),
        ("--bind", "here", &[]),
        ("--mode", "staging", &[]),
        ("--currency", "XYZ", &[]),
        ("--country", "England", &[]),
        ("--payments", "gold", &[]),
        ("--stripe-url", "http://stripe.example", &[]),
        ("--commission", "100.01", &[]),
        ("--return-days", "0", &[]),
        ("--payout-delay-days", "91", &[]),
        ("--unpaid-orders", "0", &[]),
        ("--capture", "some-day", &[]),
        ("--migrations", "never", &[]),
        ("--introspection", "perhaps", &[]),
        ("--db-threads", "0", &[]),
        ("--allowed-origin", "https://shop.example/app", &[]),
        ("--allowed-origin", "https://*.example", &[]),
        ("--allowed-origin", "shop.example", &[]),
        ("--batching", "many", &[]),
        ("--cost-limit-guest", "9999", &[]),
        ("--cost-limit-person", "9999", &[]),
        ("--cost-limit-key", "1000000001", &[]),
        ("--cost-restore-guest", "0", &[]),
        ("--trusted-proxy", "10.0.0.0/33", &[]),
        ("--proxy-header", "x-real-ip", &[]),
        ("--log", "agora=loud", &[]),
        ("--log-format", "xml", &[]),
        ("--public-url", "market.example", &[]),
        ("--public-url", "https://", &[]),
        ("--public-url", "https://market.example/?shop=1", &[]),
        ("--hosts", "agora.internal:8080", &[]),
        ("--hosts", "*.internal", &[]),
        ("--master-key", "hunter2", &[]),
        ("--database-url", "postgre://agora:hunter2@localhost/agora", &[]),
        ("--database-url", "postgres://agora:hunter2@localhost:many/agora", &[]),
        ("--smtp-url", "http://agora:hunter2@localhost", &["--mail-from", "market@example.com"]),
        ("--smtp-url", "smtp://localhost", &[]),
        ("--mail-from", "nobody", &["--smtp-url", "smtp://agora:hunter2@localhost"]),
    ] {
        let mut arguments = vec!["--mode=development", "--port=0"];
        arguments.retain(|argument| !argument.starts_with(option));
        arguments.extend(beside);
        let with = |name: &str, value: &str| {
            let mut command = command(&arguments);
            command.env("DATABASE_URL", NOWHERE).env("AGORA_MASTER_KEY", MASTER_KEY).env(name, value);
            command
        };
        assert_refused(&run(&mut with(&variable(option), value)), &[option]);
        assert_refused(
            &run(with("AGORA_LOG_FORMAT", "json").args([option, value]).env_remove(variable(option))),
            &[option],
        );
    }
}

#[test]
fn production_says_what_it_needs() {
    for (missing, _) in PRODUCTION {
        let mut command = command(&["--port", "0"]);
        command.env("DATABASE_URL", NOWHERE);
        for (option, value) in PRODUCTION.iter().filter(|(option, _)| *option != missing) {
            command.args([option, value]);
        }
        assert_refused(&run(&mut command), &[missing, &variable(missing)]);
    }
    let by_option =
        run(command(&["--port", "0", "--database-url", NOWHERE]).args(["--public-url", "https://a.example"]));
    assert_refused(&by_option, &["--master-key"]);
    assert_refused(&run(&mut command(&["demo", "--mode", "production"])), &["--master-key"]);
}

#[actix_web::test]
async fn production_does_not_start_on_demo_people() {
    let app = TestApp::start().await;
    app.sign_up("Ada").await;
    app.given_sql("UPDATE users SET is_demo = true");
    let mut command = command(&["--port", "0", "--database-url", app.database_url()]);
    command.args(PRODUCTION.iter().flat_map(|(option, value)| [option, value]));
    assert_refused(&run(&mut command), &["demo people", "--database-url", "--mode"]);
}

#[test]
fn a_secret_in_a_file_is_held_to_its_rules() {
    let folder = tempfile::tempdir().unwrap();
    let (missing, broken) = (folder.path().join("missing"), folder.path().join("broken"));
    fs::write(&broken, "hunter2\n").unwrap();
    for option in ["--database-url", "--master-key", "--smtp-url"] {
        let file = format!("{option}-file");
        let with = |path: &std::path::Path| {
            let mut command = command(&["--mode", "development", "--port", "0", "--mail-from", "a@example.com"]);
            command.env(variable(&file), path);
            // Never a private Postgres, whatever is accepted.
            if option != "--database-url" {
                command.env("AGORA_DATABASE_URL", NOWHERE);
            }
            if option != "--master-key" {
                command.env("AGORA_MASTER_KEY", MASTER_KEY);
            }
            command
        };
        assert_refused(&run(&mut with(&missing)), &[&file, &missing.display().to_string()]);
        assert_refused(&run(&mut with(&broken)), &[option]);
        assert_refused(&run(with(&broken).env(variable(option), "hunter2")), &[option, &file, "both"]);
    }
}

#[test]
fn a_taken_port_is_named_before_a_database_is_started() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let ended = run(command(&["--port", &address.port().to_string()]).arg("--data-dir").arg(&data));
    assert_refused(&ended, &["--port", &address.to_string()]);
    assert!(!data.exists());
}

#[test]
fn files_that_are_missing_are_a_warning_where_somebody_asked_for_so_many() {
    // It ends as soon as it has looked.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for (asked, level, needed) in [(vec![], "INFO", 20_256), (vec!["--connections", "1000"], "WARN", 1_256)] {
        let program = command(&["--port", &port, "--data-dir", data.to_str().unwrap()]);
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -n 500 && exec \"$0\" \"$@\""]).arg(program.get_program());
        shell.args(program.get_args()).args(asked);
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let ended = run(&mut shell);
        assert_refused(&ended, &["--port", &port]);
        let line = ended.stderr.lines().find(|line| line.contains("fewer files may be open"));
        let line: Value = serde_json::from_str(line.unwrap_or_else(|| panic!("{ended:?}"))).unwrap();
        assert_eq!((&line["level"], &line["needed"], &line["allowed"]), (&json!(level), &json!(needed), &json!(500)));
    }
}

#[actix_web::test]
async fn what_is_in_flight_is_finished_before_it_ends() {
    let database = Database::new();
    let program =
        Program::serve(&["--database-url", &database.url(), "--mode", "development", "--master-key", MASTER_KEY]);
    let mut socket = Socket::connect(&program.client(), json!({})).await;
    let mut kept = Raw::connect(&program.url).await;
    assert!(kept.ask("GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.starts_with("HTTP/1.1 200"));
    // A request of which the server has the half.
    let body = r#"{"query": "{ viewer { id } }"}"#;
    let mut slow = Raw::connect(&program.url).await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    assert!(slow.ask(&head).await.starts_with("HTTP/1.1 100"));

    program.ask_to_stop();
    assert_eq!(socket.receive().await, Said::Closed(1012));
    // An idle connection is closed, so that its client goes elsewhere.
    assert_eq!(kept.rest().await, "");
    let answer = slow.ask(body).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#"{"data":{"viewer":null}"#), "{answer}");
    drop((socket, kept, slow));
    assert_eq!(program.wait().0.code(), Some(0));
}

#[test]
fn migrations_are_applied_listed_and_reverted() {
    let database = Database::empty();
    // Nothing but the database is needed, whatever else production needs.
    let migrate = |arguments: &[&str]| {
        let ended = run(command(&["migrate"]).args(arguments).env("DATABASE_URL", database.url()));
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let before = migrate(&["--status"]);
    assert!(before.len() > 3 && before.iter().all(|line| line.starts_with("missing ")), "{before:?}");
    let applied = migrate(&[]);
    assert_eq!(applied.len(), before.len() + 1);
    assert_eq!(applied.last().unwrap(), &format!("{} applied", before.len()));
    assert_eq!(migrate(&[]), ["0 applied"]);
    let reverted = migrate(&["--revert"]);
    let after = migrate(&["--status"]);
    let (newest, others) = after.split_last().unwrap();
    assert_eq!(reverted, [newest.replace("missing", "reverted")]);
    assert!(others.iter().all(|line| line.starts_with("applied ")), "{after:?}");
    let both = run(&mut command(&["migrate", "--status", "--revert", "--database-url", NOWHERE]));
    assert_refused(&both, &["--status", "--revert"]);
}

#[actix_web::test]
async fn a_member_becomes_staff() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let add = |email: &str, role: &[&str]| {
        let arguments = [
            "staff",
            "add",
            email,
            "--mode",
            "development",
            "--master-key",
            MASTER_KEY,
            "--database-url",
            app.database_url(),
        ];
        run(command(&arguments).args(role))
    };
    assert_refused(&add("eve@example.com", &[]), &["eve@example.com"]);
    for (arguments, role) in [(&["--role", "support"][..], "SUPPORT"), (&[], "ADMIN")] {
        let added = add(&ada.email.to_uppercase(), arguments);
        assert_eq!(added.code, Some(0), "{added:?}");
        assert!(added.stdout.contains("Ada") && added.stdout.contains(&ada.id), "{added:?}");
        assert_eq!(ada.query("{ viewer { role } }").await.ok()["viewer"]["role"], role);
    }
}

#[actix_web::test]
async fn it_waits_for_migrations() {
    let database = Database::empty();
    let url = database.url();
    let program = Program::serve(&[
        "--database-url",
        &url,
        "--mode",
        "development",
        "--master-key",
        MASTER_KEY,
        "--migrations",
        "check",
    ]);
    let get = async |path: &str| {
        let answer = reqwest::get(format!("{}{path}", program.url)).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(get("/healthz").await, (200, "alive\n".into()));
    let (status, reason) = get("/readyz").await;
    assert!(status == 503 && reason.contains("`agora migrate`"), "{status} {reason}");
    assert_eq!(run(command(&["migrate"]).env("DATABASE_URL", &url)).code, Some(0));
    let mut last = (0, String::new());
    for _ in 0..200 {
        last = get("/readyz").await;
        if last.0 == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(last, (200, "ready\n".into()));
    let input = json!({"email": "ada@example.com", "password": PASSWORD, "displayName": "Ada"});
    program.client().mutate("signUp", input, "verification { id }").await.ok();
    assert!(program.terminate().success());
}
