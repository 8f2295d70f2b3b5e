//! What the operator sees: metrics, slow statements, names of requests and traces.

use std::{collections::HashSet, fs, process::Stdio, time::Duration};

use chrono::TimeDelta;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::BigInt};
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{
        TestApp,
        app::MASTER_KEY,
        cluster::Database,
        program::{Program, command},
        socket::Socket,
    },
};

async fn observed_app() -> TestApp {
    TestApp::start_with(|settings| settings.admin_bind = Some("127.0.0.1:0".parse().unwrap())).await
}

/// All metrics, by name and labels.
async fn metrics(app: &TestApp) -> Vec<(String, f64)> {
    let answer = reqwest::get(app.admin_url("/metrics")).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text().await.unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let metric = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    lines.map(metric).collect()
}

#[track_caller]
fn value(metrics: &[(String, f64)], name: &str) -> f64 {
    let found = metrics.iter().find(|(found, _)| found == name);
    found.unwrap_or_else(|| panic!("no {name} in {metrics:#?}")).1
}

#[actix_web::test]
async fn metrics_tell_what_happened() {
    let app = observed_app().await;
    let ada = app.sign_up("Ada").await;
    let before = metrics(&app).await;
    for _ in 0..2 {
        ada.query("query Home { products(first: 1) { nodes { title } } }").await.ok();
    }
    ada.query("query Home { nothing }").await;
    ada.query("{").await;
    let mut socket = Socket::connect(&ada, json!({})).await;
    socket.subscribe("1", "subscription { events { __typename } }", json!({})).await;
    socket.next("1").await;
    app.given_sql(
        "INSERT INTO jobs (id, kind, payload, state, run_at, created_at) \
         SELECT gen_random_uuid(), 'a', '{}', state, now() - interval '1 year', now() \
         FROM unnest(ARRAY['DEAD', 'DEAD', 'DUE']) state",
    );
    let after = metrics(&app).await;
    for (name, expected) in [
        ("agora_operations_total{code=\"OK\",operation=\"Home\"}", 2.0),
        ("agora_operations_total{code=\"VALIDATION_FAILED\",operation=\"Home\"}", 1.0),
        ("agora_operations_total{code=\"PARSE_FAILED\",operation=\"refused\"}", 1.0),
        ("agora_operation_seconds_count{operation=\"Home\"}", 3.0),
        ("agora_statements_total{query=\"products::service::products\"}", 2.0),
        ("agora_mails_total{outcome=\"sent\"}", 1.0),
        ("agora_mails_total{outcome=\"failed\"}", 0.0),
        ("agora_sockets", 1.0),
        ("agora_subscriptions", 1.0),
        ("agora_jobs{state=\"dead\"}", 2.0),
        ("agora_database_up", 1.0),
        ("agora_lane_queue{lane=\"short\"}", 0.0),
        ("agora_lane_jobs_total{lane=\"write\",outcome=\"refused\"}", 0.0),
    ] {
        assert!((value(&after, name) - expected).abs() < 0.5, "{name} is {}", value(&after, name));
    }
    for rises in [
        "agora_lane_jobs_total{lane=\"short\",outcome=\"run\"}",
        "agora_lane_wait_seconds_count{lane=\"short\"}",
        "agora_statement_seconds_total{query=\"users::service::session::standing\"}",
        "agora_cache_lookups_total{cache=\"standings\",result=\"hit\"}",
        "agora_cache_lookups_total{cache=\"documents\",result=\"hit\"}",
        "agora_jobs{state=\"due\"}",
    ] {
        let earlier = before.iter().find(|(name, _)| name == rises).map_or(0.0, |(_, value)| *value);
        assert!(value(&after, rises) > earlier, "{rises}");
    }
    let busy = value(&after, "agora_lane_connections{lane=\"short\",state=\"busy\"}");
    assert!((0.0..=4.0).contains(&busy), "{busy}");
    assert!(value(&after, "process_resident_memory_bytes") > 0.0);

    socket.complete("1").await;
    drop(socket);
    for _ in 0..6_000 {
        if value(&metrics(&app).await, "agora_sockets") < 0.5 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let closed = metrics(&app).await;
    assert!(value(&closed, "agora_sockets") + value(&closed, "agora_subscriptions") < 0.5);
}

/// Waits until a metric is this at least; it is not about how long.
async fn until(app: &TestApp, name: &str, least: f64) {
    for _ in 0..1_000 {
        if value(&metrics(app).await, name) >= least {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never {least}: {name}");
}

#[actix_web::test]
async fn leases_of_buckets_are_counted() {
    const TAKEN: &str = "agora_bucket_leases_total{outcome=\"taken\"}";
    const FAILED: &str = "agora_bucket_leases_total{outcome=\"failed\"}";
    let app = observed_app().await;
    let none = metrics(&app).await;
    for name in [TAKEN, FAILED, "agora_buckets"] {
        assert!(value(&none, name) < 0.5, "{name}");
    }
    let ada = app.sign_up("Ada").await;
    until(&app, TAKEN, 1.0).await;
    assert!(value(&metrics(&app).await, FAILED) < 0.5);
    app.given_sql("ALTER TABLE cost_buckets RENAME TO away");
    ada.query("{ __typename }").await.ok();
    until(&app, FAILED, 1.0).await;
    assert!(value(&metrics(&app).await, "agora_buckets") > 0.5);
}

/// How often something was refused with a code before it ran.
#[track_caller]
fn assert_refused(metrics: &[(String, f64)], code: &str, count: f64) {
    let found = value(metrics, &format!("agora_operations_total{{code=\"{code}\",operation=\"refused\"}}"));
    assert!((found - count).abs() < 0.5, "{code} is {found}");
}

#[actix_web::test]
async fn what_is_refused_before_it_is_read_is_counted_too() {
    let query = json!({"query": "{ __typename }"});
    let app = TestApp::start_with(|settings| {
        settings.admin_bind = Some("127.0.0.1:0".parse().unwrap());
        settings.capacity.streams_per_caller = 0;
    })
    .await;
    let guest = app.guest();
    for (status, request) in [
        (401, guest.with_token("nonsense").post(&query)),
        (415, reqwest::Client::new().post(app.url("/graphql")).body("x")),
        (413, guest.post(&query).body(" ".repeat(1024 * 1024 + 1))),
        (400, guest.post(&json!("nonsense"))),
        (400, guest.with_header("agora-country", "England").post(&query)),
        (429, guest.post(&query).header("accept", "text/event-stream")),
    ] {
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    let counted = metrics(&app).await;
    for (code, count) in [("UNAUTHENTICATED", 1.0), ("BAD_USER_INPUT", 4.0), ("RATE_LIMITED", 1.0)] {
        assert_refused(&counted, code, count);
    }

    let full = TestApp::start_with(|settings| {
        settings.admin_bind = Some("127.0.0.1:0".parse().unwrap());
        settings.capacity.requests = 0;
    })
    .await;
    let guest = full.guest();
    for request in [guest.post(&query), guest.get(&[("query", "{ __typename }")])] {
        assert_eq!(request.send().await.unwrap().status(), 503);
    }
    let mut socket = Socket::connect(&guest, json!({})).await;
    socket.subscribe("1", "{ __typename }", json!({})).await;
    socket.receive().await;
    assert_refused(&metrics(&full).await, "UNAVAILABLE", 3.0);
}

#[actix_web::test]
async fn metrics_are_the_operators_alone() {
    let app = observed_app().await;
    assert_eq!(reqwest::get(app.url("/metrics")).await.unwrap().status(), 404);
    assert_eq!(reqwest::get(app.admin_url("/graphql")).await.unwrap().status(), 404);
    for page in ["/healthz", "/readyz"] {
        assert_eq!(reqwest::get(app.admin_url(page)).await.unwrap().status(), 200, "{page}");
    }
}

#[actix_web::test]
async fn every_answer_names_its_request() {
    let app = TestApp::start().await;
    let http = reqwest::Client::new();
    let json = |body: &str| {
        let post = http.post(app.url("/graphql")).header("content-type", "application/json");
        post.body(body.to_owned())
    };
    let requests = [
        (200, json(r#"{"query": "{ __typename }"}"#)),
        (200, json(r#"{"query": "{"}"#)),
        (400, json("{")),
        (401, json(r#"{"query": "{ __typename }"}"#).bearer_auth("nonsense")),
        (406, json(r#"{"query": "{ __typename }"}"#).header("accept", "text/html")),
        (415, http.post(app.url("/graphql")).body("x")),
        (413, json(&" ".repeat(1024 * 1024 + 1))),
        (405, http.delete(app.url("/graphql"))),
        (404, http.get(app.url("/nowhere"))),
        (200, http.get(app.url("/healthz"))),
    ];
    let count = requests.len();
    let mut ids = HashSet::new();
    for (status, request) in requests {
        let answer = request.header("x-request-id", "mine").send().await.unwrap();
        assert_eq!(answer.status(), status);
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(id.len() == 32 && id.bytes().all(|letter| letter.is_ascii_hexdigit()), "{status}: {id}");
        ids.insert(id);
    }
    assert_eq!(ids.len(), count);
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn number(conn: &mut PgConnection, sql: &str) -> i64 {
    sql_query(sql).get_result::<Number>(conn).unwrap().number
}

#[actix_web::test]
async fn a_slow_statement_is_logged_by_its_querys_name_and_in_its_trace() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let database = Database::new();
    let log = tempfile::NamedTempFile::new().unwrap();
    let program = Program::start(
        command(&["--mode", "development", "--slow-statement", "50", "--migrations", "check"])
            .args(["--database-url", &database.url(), "--master-key", MASTER_KEY])
            .stdin(Stdio::null())
            .stderr(fs::File::create(log.path()).unwrap()),
    );
    let guest = program.client().with_header("traceparent", &format!("00-{TRACE}-00f067aa0ba902b7-01"));
    let (mut held, mut watch) = (database.connect(), database.connect());
    held.batch_execute("BEGIN; LOCK TABLE products IN ACCESS EXCLUSIVE MODE").unwrap();
    let asking = guest.query("query Slow { products(first: 1, filter: {query: \"zebra\"}) { nodes { title } } }");
    let releasing = async {
        let slow = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() \
                    AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '60 milliseconds'";
        for _ in 0..6_000 {
            if number(&mut watch, slow) > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        held.batch_execute("ROLLBACK").unwrap();
    };
    let (answer, ()) = tokio::join!(asking, releasing);
    assert_eq!(answer.status, 200);
    guest.query("{").await;
    assert!(program.terminate().success());

    let lines: Vec<Value> =
        fs::read_to_string(log.path()).unwrap().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let line = |message: &str| {
        lines.iter().find(|line| line["message"] == message).unwrap_or_else(|| panic!("no `{message}` in {lines:#?}"))
    };
    // On a slow machine there may be others.
    let of_products = |line: &&Value| line["query"].as_str().is_some_and(|query| query.starts_with("products::"));
    let slow = lines.iter().filter(|line| line["message"] == "a slow statement").find(of_products);
    let slow = slow.unwrap_or_else(|| panic!("none of products in {lines:#?}"));
    assert!(slow["milliseconds"].as_u64().unwrap() >= 50, "{slow}");
    assert!(!lines.iter().any(|line| line.to_string().contains("zebra")), "a value is in the log");
    assert_eq!((&line("answered")["trace"], &line("answered")["operation"]), (&json!(TRACE), &json!("Slow")));
    assert_eq!(line("refused")["trace"], TRACE);
}

#[actix_web::test]
async fn jobs_that_died_long_ago_are_forgotten() {
    let app = TestApp::start().await;
    let now = app.app().now().to_rfc3339();
    app.given_sql(&format!(
        "INSERT INTO jobs (id, kind, payload, state, run_at, created_at) \
         SELECT gen_random_uuid(), kind, '{{}}', state, '{now}'::timestamptz + run_at, '{now}'::timestamptz - interval '100 days' \
           FROM (VALUES ('old', 'DEAD', interval '-91 days'), ('late', 'DEAD', interval '-89 days'), ('due', 'DUE', interval '1 day')) \
             AS made (kind, state, run_at)"
    ));
    app.schedule_jobs().await;
    app.advance(TimeDelta::hours(6));
    app.run_jobs().await;
    let left =
        |kind: &str| count(&mut app.connect(), &format!("SELECT count(*) AS count FROM jobs WHERE kind = '{kind}'"));
    assert_eq!([left("old"), left("late"), left("due")], [0, 1, 1]);
}
