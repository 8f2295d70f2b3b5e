//! Past what a lane can do in time, requests are refused at once; what was admitted is done.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use agora::{
    kernel::error::Failure,
    platform::{
        clock::{Clock, Generator},
        db::{Db, DbOptions},
        metrics::Metrics,
    },
};
use diesel::{RunQueryDsl, connection::SimpleConnection, sql_query};
use futures_util::{
    FutureExt,
    future::{BoxFuture, join_all},
};

use serde_json::{Value, json};

use crate::harness::{
    TestApp,
    cluster::Database,
    socket::{Said, Socket},
};

const NEVER: Duration = Duration::from_hours(1);

fn open(database: &Database, queue: usize, queue_wait: Duration) -> Db {
    let options = DbOptions { threads: 1, queue, queue_wait, ..crate::harness::app::db_options() };
    let metrics = Arc::new(Metrics::new().unwrap());
    Db::open(&database.url(), &options, metrics, Arc::new(Clock::System), Arc::new(Generator::from_system())).unwrap()
}

type Reading = BoxFuture<'static, Result<(), Failure>>;

/// Takes the short lane's only thread until something is sent (or the sender is dropped).
async fn hold(db: &Db) -> (mpsc::Sender<()>, Reading) {
    let (release, until) = mpsc::channel::<()>();
    let (begin, has_started) = tokio::sync::oneshot::channel();
    let (db, mut begin) = (db.clone(), Some(begin));
    let until = std::sync::Mutex::new(until);
    let running = tokio::spawn(async move {
        db.read(move |_| {
            begin.take().map(|begin| begin.send(()));
            let _ = until.lock().unwrap().recv();
            Ok(())
        })
        .await
    });
    has_started.await.unwrap();
    (release, async move { running.await.unwrap() }.boxed())
}

/// A read that counts that it ran.
fn reading(db: &Db, ran: &Arc<AtomicUsize>) -> Reading {
    let (db, ran) = (db.clone(), Arc::clone(ran));
    async move {
        db.read(move |_| {
            ran.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
        .await
    }
    .boxed()
}

fn is_refused(outcome: &Result<(), Failure>) -> bool {
    matches!(outcome, Err(Failure::Overloaded { retry_after_seconds: 1..=30 }))
}

#[actix_web::test]
async fn a_queue_takes_as_many_as_it_says_and_refuses_the_next_at_once() {
    let database = Database::empty();
    let db = open(&database, 3, NEVER);
    let ran = Arc::default();
    let (release, holding) = hold(&db).await;
    let mut waiting = Vec::new();
    let mut refused = 0;
    for _ in 0..10 {
        let mut reading = reading(&db, &ran);
        // Asked once, and not again: it is in the queue, or it is refused.
        match (&mut reading).now_or_never() {
            None => waiting.push(reading),
            Some(outcome) => {
                assert!(is_refused(&outcome), "{outcome:?}");
                refused += 1;
            }
        }
    }
    assert_eq!((waiting.len(), refused), (3, 7));
    release.send(()).unwrap();
    holding.await.unwrap();
    assert!(join_all(waiting).await.iter().all(Result::is_ok));
    assert_eq!(ran.load(Ordering::Relaxed), 3);
}

#[actix_web::test]
async fn who_has_waited_too_long_is_refused_and_never_run() {
    let database = Database::empty();
    let db = open(&database, 100, Duration::from_millis(50));
    let ran = Arc::default();
    let (release, holding) = hold(&db).await;
    // The thread is held throughout: it is the wait that ends, and not the work.
    let outcomes = join_all((0..5).map(|_| reading(&db, &ran))).await;
    assert!(outcomes.iter().all(is_refused), "{outcomes:?}");
    release.send(()).unwrap();
    holding.await.expect("what was admitted is done");
    while !matches!(reading(&db, &ran).await, Ok(())) {}
    assert_eq!(ran.load(Ordering::Relaxed), 1, "only the one who was not refused");
}

#[actix_web::test]
async fn who_would_wait_too_long_is_refused_before() {
    let database = Database::empty();
    let db = open(&database, 100, Duration::from_millis(100));
    // A job takes so long that the second in the queue would wait too long.
    db.read(|conn| Ok::<_, Failure>(sql_query("SELECT pg_sleep(0.3)").execute(conn)?)).await.unwrap();
    let ran = Arc::default();
    let (release, holding) = hold(&db).await;
    let mut first = reading(&db, &ran);
    assert!((&mut first).now_or_never().is_none(), "who finds nobody waiting is taken");
    let second = reading(&db, &ran).now_or_never().expect("it waits");
    assert!(is_refused(&second), "{second:?}");
    drop(first);
    release.send(()).unwrap();
    holding.await.unwrap();
}

#[actix_web::test]
async fn a_client_is_told_when_to_come_again() {
    let app = TestApp::start_with(|settings| {
        settings.db.threads = 1;
        settings.db.queue_wait = Duration::from_millis(100);
        settings.db.statement_timeout = NEVER;
    })
    .await;
    let mut held = app.connect();
    held.batch_execute("BEGIN; LOCK TABLE products IN ACCESS EXCLUSIVE MODE").unwrap();
    let document = "{ products(first: 5) { nodes { title } } }";
    let guest = app.guest();
    let asking = join_all((0..9).map(|_| guest.query(document)));
    let releasing = async {
        // Eight of the nine are refused while the one has the lane's only thread.
        for _ in 0..6_000 {
            if app.app().db.metrics().lanes.of("short").refused.get() == 8 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        held.batch_execute("ROLLBACK").unwrap();
    };
    let (answers, ()) = tokio::join!(asking, releasing);
    let (answered, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.errors.is_empty());
    assert_eq!((answered.len(), refused.len()), (1, 8));
    for answer in refused {
        assert_eq!(answer.code(), "UNAVAILABLE");
        let extensions = &answer.errors[0]["extensions"];
        assert_eq!(extensions["isRetryable"], true);
        assert!((1..=30).contains(&extensions["retryAfterSeconds"].as_u64().unwrap()), "{extensions}");
    }
}

const EVENTS: &str = "subscription($after: String) { events(after: $after) { \
    ... on Heartbeat { cursor } ... on MessageSent { cursor message { number author { displayName } } } } }";

/// A market with one thread for short reads, Bob's socket with a subscription to his events, and the last cursor on it.
async fn bob_listens() -> (TestApp, Socket, Value) {
    let app = TestApp::start_with(|settings| {
        settings.db.threads = 1;
        settings.db.queue_wait = Duration::from_millis(100);
    })
    .await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let input = json!({"userId": bob.id});
    let conversation = ada.mutate("startConversation", input, "conversation { id }").await.ok();
    let mut socket = Socket::connect(&bob, json!({})).await;
    socket.subscribe("1", EVENTS, json!({})).await;
    socket.next("1").await;
    let input =
        json!({"conversationId": conversation["conversation"]["id"], "text": "Hello", "idempotencyKey": "first"});
    ada.mutate("sendMessage", input, "message { id }").await.ok();
    let told = socket.next("1").await["events"].clone();
    assert_eq!(told["message"], json!({"number": 1, "author": {"displayName": "Ada"}}));
    (app, socket, told["cursor"].clone())
}

/// Tells everybody of the newest event again, while no short read comes through.
async fn tell_again(app: &TestApp) -> (mpsc::Sender<()>, Reading) {
    let held = hold(&app.app().db).await;
    app.given_sql(
        "INSERT INTO event_outbox (kind, payload, topics, recorded_at) \
         SELECT kind, payload, topics, recorded_at FROM events ORDER BY position DESC LIMIT 1",
    );
    held
}

#[actix_web::test]
async fn an_event_that_cannot_be_read_for_now_is_told_a_little_later() {
    let (app, mut socket, cursor) = bob_listens().await;
    let (release, holding) = tell_again(&app).await;
    let refused = || app.app().db.metrics().lanes.of("short").refused.get();
    let before = refused();
    for _ in 0..6_000 {
        if refused() > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(refused() > before, "nothing was refused");
    release.send(()).unwrap();
    holding.await.unwrap();
    let told = socket.next("1").await["events"].clone();
    assert_eq!(told["message"], json!({"number": 1, "author": {"displayName": "Ada"}}));
    assert_ne!(told["cursor"], cursor);
}

#[actix_web::test]
async fn an_event_that_cannot_be_read_at_all_ends_its_subscription_and_nothing_else() {
    let (app, mut socket, cursor) = bob_listens().await;
    let (release, holding) = tell_again(&app).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!(
        (&message["type"], &message["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("UNAVAILABLE"))
    );
    release.send(()).unwrap();
    holding.await.unwrap();
    // On the same socket, from the last cursor, nothing is missed. Who comes too soon is told to come again: the lane
    // reckons that it is as slow as it was.
    for attempt in 2.. {
        assert!(attempt < 100, "the lane stays busy");
        let id = attempt.to_string();
        socket.subscribe(&id, EVENTS, json!({"after": cursor})).await;
        let Said::Message(message) = socket.receive().await else { panic!("closed") };
        if message["type"] == "error" {
            assert_eq!(message["payload"][0]["extensions"]["code"], "UNAVAILABLE");
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        let told = &message["payload"]["data"]["events"];
        assert_eq!(told["message"], json!({"number": 1, "author": {"displayName": "Ada"}}));
        break;
    }
}
