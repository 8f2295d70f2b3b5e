//! Who goes away takes their work along, also what runs in the database; nobody else's is touched.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::AtomicUsize, atomic::Ordering},
    time::Duration,
};

use agora::{
    kernel::error::Failure,
    platform::{
        caller::Caller,
        clock::{Clock, Generator},
        db::{Db, DbOptions},
        metrics::Metrics,
    },
};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::BigInt};
use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::harness::{TestApp, app::db_options, cluster::Database, socket::Socket};

/// So long that nothing in these tests ends because Postgres gives it up.
const NEVER: Duration = Duration::from_hours(1);
/// A test that waits longer than this waits for ever.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn number(conn: &mut PgConnection, sql: &str) -> i64 {
    sql_query(format!("SELECT ({sql})::bigint AS number")).get_result::<Number>(conn).unwrap().number
}

/// Statements that wait for a lock in this database.
const BLOCKED: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

async fn until_blocked(conn: &mut PgConnection, wanted: i64) {
    until(conn, BLOCKED, wanted).await;
}

/// Comes back when so many statements are counted.
async fn until(conn: &mut PgConnection, statements: &str, wanted: i64) {
    timeout(PATIENCE, async {
        while number(conn, statements) != wanted {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap_or_else(|_| panic!("{} statements are blocked, not {wanted}", number(conn, statements)));
}

async fn patient_app() -> TestApp {
    TestApp::start_with(|settings| {
        settings.db.statement_timeout = NEVER;
        settings.db.long_statement_timeout = NEVER;
        settings.db.lock_timeout = NEVER;
    })
    .await
}

/// A connection that keeps everybody else from some tables for as long as it lives. It waits for them on a thread of its own: a transaction
/// that has one of them may be one that only this thread brings to its end, such as that of the log's own connection.
async fn locked(app: &TestApp, tables: &str) -> PgConnection {
    let mut conn = app.connect();
    let lock = format!("BEGIN; LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE");
    let locking = tokio::task::spawn_blocking(move || {
        conn.batch_execute(&lock).unwrap();
        conn
    });
    timeout(PATIENCE, locking).await.expect("somebody keeps the tables").unwrap()
}

/// A client that sends a request and does not wait for the answer.
async fn ask(app: &TestApp, token: Option<&str>, document: &str, variables: &serde_json::Value) -> TcpStream {
    let address = app.url("").trim_start_matches("http://").to_owned();
    let mut socket = TcpStream::connect(&address).await.unwrap();
    let body = json!({"query": document, "variables": variables}).to_string();
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n{authorization}content-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all((head + &body).as_bytes()).await.unwrap();
    socket
}

const PRODUCTS: &str = "{ products(first: 5) { nodes { title } } }";

#[actix_web::test]
async fn clients_that_go_away_free_their_lane() {
    let app = patient_app().await;
    let ada = app.sign_up("Ada").await;
    let mut watch = app.connect();
    let held = locked(&app, "products").await;
    // As many as the lane has threads, so that nothing else gets through.
    let mut clients = Vec::new();
    for _ in 0..4 {
        clients.push(ask(&app, None, PRODUCTS, &json!({})).await);
    }
    until_blocked(&mut watch, 4).await;
    drop(clients);
    until_blocked(&mut watch, 0).await;
    // The table is locked still, and the lane takes the next job.
    let document = "query($id: ID!) { user(by: {id: $id}) { id } }";
    let answer = timeout(PATIENCE, app.guest().send(document, json!({"id": ada.id}))).await.unwrap().ok();
    assert_eq!(answer["user"]["id"], ada.id);
    drop(held);
    app.guest().query(PRODUCTS).await.ok();
}

#[actix_web::test]
async fn a_client_that_closes_its_side_alone_has_gone_away() {
    let app = patient_app().await;
    let mut watch = app.connect();
    let _held = locked(&app, "products").await;
    let mut client = ask(&app, None, PRODUCTS, &json!({})).await;
    until_blocked(&mut watch, 1).await;
    client.shutdown().await.unwrap();
    until_blocked(&mut watch, 0).await;
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, b"", "nobody is answered");
}

#[actix_web::test]
async fn what_loaders_run_goes_with_the_request() {
    let app = patient_app().await;
    let seller = app.sign_up("Sally").await;
    let shop = seller.open_shop("Candles").await;
    seller.sell(&shop, "Holder", "1.00", 10).await;
    let document = "{ products(first: 5) { nodes { shop { name } } } }";
    app.guest().query(document).await.ok();
    let mut watch = app.connect();
    let _held = locked(&app, "shops").await;
    let client = ask(&app, None, document, &json!({})).await;
    until_blocked(&mut watch, 1).await;
    drop(client);
    until_blocked(&mut watch, 0).await;
}

#[actix_web::test]
async fn a_mutation_whose_client_went_away_leaves_nothing_half_done() {
    let app = patient_app().await;
    let ada = app.sign_up("Ada").await;
    let mut watch = app.connect();
    let held = locked(&app, "shop_members").await;
    let document = "mutation($input: OpenShopInput!) { openShop(input: $input) { desk { shop { id } } } }";
    let input = json!({"input": {"name": "Candles", "handle": "candles", "currency": "GBP", "country": "GB"}});
    let client = ask(&app, ada.token.as_deref(), document, &input).await;
    until_blocked(&mut watch, 1).await;
    drop(client);
    until_blocked(&mut watch, 0).await;
    drop(held);
    assert_eq!(number(&mut watch, "SELECT count(*) FROM shops"), 0);
    ada.open_shop("Candles").await;
}

#[actix_web::test]
async fn an_operation_ends_at_its_deadline_in_the_database_too() {
    let app = TestApp::start_with(|settings| {
        settings.db.statement_timeout = NEVER;
        settings.deadline = Duration::from_millis(200);
    })
    .await;
    let mut watch = app.connect();
    let _held = locked(&app, "products").await;
    let answer = app.guest().query(PRODUCTS).await;
    assert_eq!(answer.code(), "TIMEOUT");
    until_blocked(&mut watch, 0).await;
}

#[actix_web::test]
async fn what_an_answer_includes_is_looked_up_before_the_deadline_too() {
    let app = TestApp::start_with(|settings| {
        settings.db.statement_timeout = NEVER;
        settings.deadline = Duration::from_millis(500);
    })
    .await;
    let ada = app.sign_up("Ada").await.with_header("agora-include", "context");
    let mut watch = app.connect();
    let _held = locked(&app, "preferences, products").await;
    let answer = timeout(PATIENCE, ada.query("{ __typename }")).await.expect("it goes on after its deadline");
    assert_eq!((answer.code(), &answer.data), ("TIMEOUT", &json!({"__typename": "Query"})));
    until_blocked(&mut watch, 0).await;
    let answer = app.guest().with_header("agora-include", "context").query(PRODUCTS).await;
    assert_eq!((answer.code(), &answer.extensions["context"]), ("TIMEOUT", &json!(null)), "nothing was answered");
}

#[actix_web::test]
async fn a_subscription_that_ends_stops_reading_the_log() {
    let app = patient_app().await;
    let ada = app.sign_up("Ada").await;
    let mut socket = Socket::connect(&ada, json!({})).await;
    let document = "subscription($after: String) { events(after: $after) { ... on Heartbeat { cursor } } }";
    socket.subscribe("1", document, json!({})).await;
    let cursor = socket.next("1").await["events"]["cursor"].clone();
    let mut watch = app.connect();
    let _held = locked(&app, "event_log").await;
    // Not those of the log's own connection, which waits always, and is made anew when it has waited for long.
    let readers = format!("{BLOCKED} AND query LIKE '%FROM \"event_log\"%'");
    until(&mut watch, &readers, 0).await;
    socket.subscribe("2", document, json!({"after": cursor})).await;
    until(&mut watch, &readers, 1).await;
    socket.complete("2").await;
    until(&mut watch, &readers, 0).await;
}

/// A database whose lanes have two threads each.
fn open(database: &Database) -> Db {
    let options = DbOptions {
        threads: 2,
        queue: 10_000,
        queue_wait: NEVER,
        statement_timeout: NEVER,
        long_statement_timeout: NEVER,
        lock_timeout: NEVER,
        ..db_options()
    };
    let metrics = Arc::new(Metrics::new().unwrap());
    Db::open(&database.url(), &options, metrics, Arc::new(Clock::System), Arc::new(Generator::from_system())).unwrap()
}

#[actix_web::test]
async fn no_innocent_job_is_ever_cancelled() {
    const ROUNDS: usize = 400;
    let database = Database::empty();
    let db = open(&database);
    let asleep = AtomicUsize::new(0);
    // Would sleep for an hour, were it not cancelled; and beside it those who sleep not at all, on the same connections.
    let victims = join_all((0..ROUNDS).map(|round| {
        let (db, asleep) = (db.clone(), &asleep);
        async move {
            let sleeping = db.read(|conn| Ok::<_, Failure>(sql_query("SELECT pg_sleep(3600)").execute(conn)?));
            if timeout(Duration::from_micros(500 + 37 * (round as u64 % 100)), sleeping).await.is_err() {
                asleep.fetch_add(1, Ordering::Relaxed);
            }
        }
    }));
    let innocent = join_all((0..4).map(|_| {
        let db = db.clone();
        async move {
            for round in 0..i64::try_from(ROUNDS).unwrap() {
                let answer = db
                    .read(move |conn| {
                        let sql = format!("SELECT sum(n)::bigint + {round} AS number FROM generate_series(1, 50) n");
                        Ok::<_, Failure>(sql_query(sql).get_result::<Number>(conn)?.number)
                    })
                    .await;
                assert_eq!(answer.unwrap(), 1_275 + round);
            }
        }
    }));
    timeout(PATIENCE, async { tokio::join!(victims, innocent) }).await.expect("a sleeper was not cancelled");
    assert_eq!(asleep.into_inner(), ROUNDS);
    let mut conn = database.connect();
    let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()";
    timeout(PATIENCE, async {
        while number(&mut conn, sleeping) > 0 {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("a sleeper sleeps on");
}

#[actix_web::test]
async fn what_a_writer_is_told_is_what_happened() {
    const WRITERS: i64 = 600;
    let database = Database::empty();
    database.connect().batch_execute("CREATE TABLE written (number bigint PRIMARY KEY)").unwrap();
    let db = open(&database);
    let outcomes = join_all((0..WRITERS).map(|number| {
        let db = db.clone();
        async move {
            let system = Caller::system();
            let writing = db.write(&system, move |tx| {
                sql_query(format!("INSERT INTO written VALUES ({number})")).execute(tx.conn())?;
                sql_query("SELECT pg_sleep(0.0005)").execute(tx.conn())?;
                Ok::<_, Failure>(())
            });
            // Every other writer is impatient, each a bit more than the one before.
            match number % 2 {
                0 => Some(writing.await),
                _ => timeout(Duration::from_micros(1_500 * u64::try_from(number).unwrap()), writing).await.ok(),
            }
        }
    }))
    .await;
    // Nothing of a writer who went away is under way any more when a patient one has come through every thread.
    let mut conn = database.connect();
    let under_way = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()";
    timeout(PATIENCE, async {
        while number(&mut conn, under_way) > 0 {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    let rows = sql_query("SELECT number FROM written").load::<Number>(&mut conn).unwrap();
    let written: HashSet<i64> = rows.into_iter().map(|row| row.number).collect();
    let (mut gone, mut told) = (0, 0);
    for (number, outcome) in (0..).zip(outcomes) {
        match outcome {
            // Nobody cancels those who wait: whatever they are told is a success, and it is true.
            Some(outcome) => {
                outcome.unwrap();
                assert!(written.contains(&number), "{number} was told a commit that did not happen");
                told += 1;
            }
            None => gone += 1,
        }
    }
    assert!(gone > 0 && told >= WRITERS / 2, "{gone} went away, {told} were told");
    let all: i64 = written.len().try_into().unwrap();
    assert!(all >= told && all < WRITERS, "{all} written, {told} told: nobody's work was dropped");
}
