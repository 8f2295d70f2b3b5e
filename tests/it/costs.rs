//! Cost buckets: exact counts under a clock that stands still, on one process and on several.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use agora::platform::{
    buckets::{self, BucketSize},
    caller::Caller,
    config::Settings,
    db::Tx,
    proxies::network,
};
use chrono::TimeDelta;
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use serde_json::{Value, json};

pub use crate::harness::cluster::count;
use crate::harness::{
    Client, TestApp,
    socket::{Said, Socket},
};

/// A request that costs 102 points, whatever comes of it: the weight, the payload, and `__typename`.
const REQUEST: &str = "mutation { refreshSession(input: {refreshToken: \"\"}) { __typename } }";
/// A hundred such requests, of which a lease has ten; ten come back in a second.
const HUNDRED: BucketSize = BucketSize { limit: 10_200, restore_per_second: 1_020 };

fn hundred(settings: &mut Settings) {
    settings.buckets.guest = HUNDRED;
}

/// How many requests pass until one is refused.
async fn spend_all(client: &Client) -> usize {
    for passed in 0..1_000 {
        let answer = client.query(REQUEST).await;
        if !answer.errors.is_empty() {
            assert_eq!(answer.code(), "RATE_LIMITED");
            assert_eq!(answer.statements, None, "it ran");
            return passed;
        }
    }
    panic!("an open door");
}

/// That an operation of a socket is refused before it runs.
async fn assert_refused(socket: &mut Socket) {
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    let code = &message["payload"][0]["extensions"]["code"];
    assert_eq!((&message["type"], code), (&json!("error"), &json!("RATE_LIMITED")));
}

/// Waits until a statement counts something; it is not about how long.
async fn until(app: &TestApp, sql: &str) {
    for _ in 0..1_000 {
        if count(&mut app.connect(), sql) > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("never: {sql}");
}

#[actix_web::test]
async fn processes_share_a_bucket_and_overspend_by_a_lease_each_at_the_most() {
    let one = TestApp::start_with(hundred).await;
    let (two, three) = (one.start_beside(hundred).await, one.start_beside(hundred).await);
    let apps = [&one, &two, &three];
    let mut passed = Vec::new();
    for app in apps {
        passed.push(spend_all(&app.guest()).await);
    }
    assert_eq!(passed, [100, 10, 10]);
    // Two leases too much are a debt of two seconds.
    for app in apps {
        app.advance(TimeDelta::seconds(2));
        assert_eq!(spend_all(&app.guest()).await, 0);
    }
    let mut more = 0;
    for app in apps {
        app.advance(TimeDelta::milliseconds(500));
    }
    for app in apps {
        more += spend_all(&app.guest()).await;
    }
    assert_eq!(more, 5, "half a second is worth five, wherever they are asked for");
    two.stop().await;
    three.stop().await;
}

#[actix_web::test]
async fn a_process_that_ends_gives_its_lease_back() {
    let one = TestApp::start_with(hundred).await;
    let two = one.start_beside(hundred).await;
    for _ in 0..10 {
        two.guest().query(REQUEST).await.ok();
    }
    two.stop().await;
    assert_eq!(spend_all(&one.guest()).await, 90);
}

#[actix_web::test]
async fn what_was_not_answered_is_given_back_and_told_on_request() {
    let app = TestApp::start_with(hundred).await;
    let guest = app.guest().with_header("agora-include", "cost");
    let answer = guest.query("{ products(first: 100) { nodes { id } } }").await;
    let cost = json!({"requested": 101, "actual": 1, "remaining": 10_199, "limit": 10_200, "restorePerSecond": 1_020});
    assert_eq!(answer.extensions["cost"], cost);
    let answer = guest.query(REQUEST).await;
    assert_eq!(
        (&answer.extensions["cost"]["actual"], &answer.extensions["cost"]["remaining"]),
        (&json!(102), &json!(10_097))
    );
    assert_eq!(app.guest().query(REQUEST).await.extensions["cost"], Value::Null);
    // A hundred dear requests cost what they answered.
    for _ in 0..200 {
        app.guest().query("{ products(first: 100) { nodes { id } } }").await.ok();
    }
    let answer = guest.query("{ __typename }").await;
    assert_eq!(answer.extensions["cost"]["remaining"], 10_097 - 102 - 200 - 1);
}

#[actix_web::test]
async fn a_mutation_weighs_something_even_if_the_schema_says_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let nowhere = ada.id.replace("user_", "shop_");
    let ada = ada.with_header("agora-include", "cost");
    let document =
        "mutation($input: CreateQuickReplyInput!) { createQuickReply(input: $input) { userErrors { code } } }";
    for key in ["one", "another"] {
        let input = json!({"shopId": nowhere, "shortcut": "a", "text": "a", "idempotencyKey": key});
        let answer = ada.send(document, json!({"input": input})).await;
        // What it weighs, what it answers with, and the refusal. A refusal is kept under its key, and no cheaper than what it refuses.
        assert_eq!(answer.extensions["cost"]["actual"], 20 + 2, "{answer:?}");
        assert_eq!(answer.ok()["createQuickReply"]["userErrors"], json!([{"code": "NOT_FOUND"}]));
    }
}

#[actix_web::test]
async fn what_lists_hold_beyond_the_assumed_size_is_taken_on_credit() {
    let app = TestApp::start_with(hundred).await;
    let ada = app.sign_up("Ada").await;
    let shop = ada.open_shop("Ada's").await;
    let variant =
        |n: u8| json!({"title": n.to_string(), "price": {"amount": "1.00", "currency": "GBP"}, "quantity": 1});
    let variants: Vec<_> = (0..30).map(variant).collect();
    let input = json!({"shopId": shop, "title": "Ribbon", "variants": variants});
    let product = ada.mutate("createProduct", input, "product { id }").await.ok()["product"]["id"].clone();

    // Charged for ten variants of ten; there are thirty of thirty.
    let document = "query($id: ID!) { product(by: {id: $id}) { variants { product { variants { id } } } } }";
    let guest = app.guest().with_header("agora-include", "cost");
    let ask = || guest.send(document, json!({"id": product}));
    let remaining = app.guest().with_header("agora-include", "cost").query("{ __typename }").await;
    let remaining = remaining.extensions["cost"]["remaining"].as_u64().unwrap();
    let cost = ask().await.extensions["cost"].clone();
    assert_eq!((&cost["requested"], &cost["actual"]), (&json!(121), &json!(961)));
    assert_eq!(cost["remaining"], remaining - 961);
    let mut passed = 1;
    while ask().await.errors.is_empty() {
        passed += 1;
        assert!(passed < 100, "an open door");
    }
    // The last one that had enough to begin was answered whole; then the bucket is in debt.
    assert_eq!(passed, (remaining - 121) / 961 + 1);
    assert_eq!(guest.query("{ __typename }").await.code(), "RATE_LIMITED");
}

#[actix_web::test]
async fn a_request_may_cost_the_whole_bucket_and_waits_for_it_once() {
    let app = TestApp::start_with(|settings| {
        settings.buckets.guest = BucketSize { limit: 10_000, restore_per_second: 1_000 }
    })
    .await;
    let guest = app.guest().with_header("agora-include", "cost");
    let document = "{ products(first: 45) { nodes { variants { product { variants { product { id } } } } } } }";
    let answer = guest.query(document).await;
    assert!(answer.errors.is_empty(), "{answer:#?}");
    let cost = &answer.extensions["cost"];
    assert_eq!((&cost["requested"], &cost["actual"], &cost["remaining"]), (&json!(9_946), &json!(1), &json!(9_999)));
}

#[actix_web::test]
async fn each_caller_has_a_bucket_and_a_refusal_says_when_to_come_back() {
    let app = TestApp::start_with(hundred).await;
    let ada = app.sign_up("Ada").await;
    spend_all(&app.guest()).await;
    for _ in 0..5 {
        ada.query(REQUEST).await.ok();
    }
    let answer = app.guest().query(REQUEST).await;
    let extensions = &answer.errors[0]["extensions"];
    assert_eq!(
        (answer.status, &extensions["isRetryable"], &extensions["retryAfterSeconds"]),
        (200, &json!(true), &json!(1))
    );

    let request = reqwest::Client::new().post(app.url("/graphql")).json(&json!({"query": REQUEST}));
    let response = request.header("accept", "application/graphql-response+json").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "1"));

    let mut socket = Socket::connect(&app.guest(), json!({})).await;
    socket.subscribe("1", REQUEST, json!({})).await;
    assert_refused(&mut socket).await;
    app.advance(TimeDelta::seconds(1));
    app.guest().query(REQUEST).await.ok();
}

#[actix_web::test]
async fn an_event_costs_what_it_tells_and_a_stream_ends_in_debt() {
    let app =
        TestApp::start_with(|settings| settings.buckets.person = BucketSize { limit: 10_000, restore_per_second: 1 })
            .await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let input = json!({"userId": bob.id});
    let conversation = ada.mutate("startConversation", input, "conversation { id }").await.ok();
    let mut socket = Socket::connect(&bob.client, json!({})).await;
    let document = "subscription { events { __typename ... on MessageSent { message { conversation { messages(first: 100) { nodes { author { id } } } } } } } }";
    socket.subscribe("1", document, json!({})).await;
    assert_eq!(socket.next("1").await["events"]["__typename"], "Heartbeat");
    // Bob spends what he has; events still come, until he is in debt.
    let bob = bob.client.with_header("agora-include", "cost");
    for _ in 0..98 {
        if !bob.query(REQUEST).await.errors.is_empty() {
            break;
        }
    }
    for number in 0..40 {
        let input = json!({"conversationId": conversation["conversation"]["id"], "text": "Hello", "idempotencyKey": number.to_string()});
        ada.mutate("sendMessage", input, "message { id }").await.ok();
        let Said::Message(message) = socket.receive().await else { panic!("closed") };
        if message["type"] != "next" {
            // An error, so that the client knows that it has to come again.
            assert_eq!(message["type"], "error");
            assert_eq!(message["payload"][0]["extensions"]["code"], "RATE_LIMITED");
            assert!(number > 0, "nothing was told");
            socket.subscribe("2", document, json!({})).await;
            assert_refused(&mut socket).await;
            return;
        }
    }
    panic!("a stream without end");
}

/// A document of so many bytes that nobody can read.
fn unreadable(bytes: u64) -> String {
    format!("{{{}", " ".repeat(usize::try_from(bytes).unwrap() - 1))
}

/// What a guest has left, which costs a point to ask.
async fn remaining(app: &TestApp) -> u64 {
    let answer = app.guest().with_header("agora-include", "cost").query("{ __typename }").await;
    answer.extensions["cost"]["remaining"].as_u64().unwrap()
}

#[actix_web::test]
async fn a_refused_document_costs_by_its_length_until_nothing_is_left() {
    let app = TestApp::start_with(hundred).await;
    let guest = app.guest();
    for (document, code, price) in [
        (unreadable(1), "PARSE_FAILED", 1),
        (unreadable(1_023), "PARSE_FAILED", 1),
        (unreadable(1_024), "PARSE_FAILED", 2),
        (unreadable(65_537), "QUERY_TOO_COMPLEX", 65),
        (format!("{{ {} }}", "__typename ".repeat(21)), "QUERY_TOO_COMPLEX", 1),
        ("subscription { a: events { __typename } b: events { __typename } }".into(), "QUERY_TOO_COMPLEX", 1),
    ] {
        let before = remaining(&app).await;
        assert_eq!(guest.query(&document).await.code(), code);
        assert_eq!(before - remaining(&app).await, price + 1, "{code}");
    }

    let left = loop {
        match remaining(&app).await {
            left @ ..=204 => break left,
            _ => guest.query(REQUEST).await.ok(),
        };
    };
    assert_eq!(guest.query(&unreadable(left * 1_024)).await.code(), "RATE_LIMITED", "a point too much");
    assert_eq!(guest.query(&unreadable((left - 1) * 1_024)).await.code(), "QUERY_TOO_COMPLEX", "the last points");
    assert_eq!(guest.query("{").await.code(), "RATE_LIMITED");
    let request = guest.post(&json!({"query": "{"})).header("accept", "application/graphql-response+json");
    assert_eq!(request.send().await.unwrap().status(), 429);
    let mut socket = Socket::connect(&guest, json!({})).await;
    socket.subscribe("1", "{", json!({})).await;
    assert_refused(&mut socket).await;

    // Nobody goes into debt by it.
    app.advance(TimeDelta::milliseconds(1));
    assert_eq!(guest.query("{").await.code(), "PARSE_FAILED");
    assert_eq!(guest.query("{").await.code(), "RATE_LIMITED");
}

#[actix_web::test]
async fn signing_in_is_charged_by_the_operation_and_aliases_multiply_it() {
    let app = TestApp::start_with(|settings| {
        settings.buckets.guest = BucketSize { limit: 20_000, restore_per_second: 500 };
    })
    .await;
    let field =
        |n: usize| format!("a{n}: signIn(input: {{email: \"a@example.com\", password: \"x\"}}) {{ __typename }}");
    let times = |count: usize| format!("mutation {{ {} }}", (0..count).map(field).collect::<Vec<_>>().join(" "));
    let guest = app.guest();
    assert_eq!(guest.query(&times(5)).await.code(), "QUERY_TOO_COMPLEX");
    guest.query(&times(4)).await.ok();
    guest.query(&times(4)).await.ok();
    guest.query(&times(1)).await.ok();
    assert_eq!(guest.query(&times(1)).await.code(), "RATE_LIMITED");
    // From then on 15 a minute.
    let mut passed = 0;
    for _ in 0..60 {
        app.advance(TimeDelta::seconds(1));
        passed += usize::from(guest.query(&times(1)).await.errors.is_empty());
    }
    assert_eq!(passed, 15);
}

#[actix_web::test]
async fn while_the_table_is_away_each_process_has_a_bucket_and_what_was_spent_is_told_later() {
    let one = TestApp::start_with(hundred).await;
    one.given_sql("ALTER TABLE cost_buckets RENAME TO away");
    assert_eq!(spend_all(&one.guest()).await, 100);
    one.advance(TimeDelta::seconds(1));
    assert_eq!(spend_all(&one.guest()).await, 10);
    one.given_sql("ALTER TABLE away RENAME TO cost_buckets");
    until(&one, "SELECT count(*) FROM cost_buckets").await;
    let two = one.start_beside(|settings| {
        hundred(settings);
        settings.clock = one.app().clock.clone();
    });
    let two = two.await;
    assert_eq!(spend_all(&two.guest()).await, 10, "a lease at once, and no more");
    two.stop().await;
}

#[actix_web::test]
async fn a_database_that_does_not_answer_is_away_too() {
    let app = TestApp::start_with(hundred).await;
    let mut other = PgConnection::establish(app.database_url()).unwrap();
    other.batch_execute("BEGIN; LOCK TABLE cost_buckets").unwrap();
    assert_eq!(spend_all(&app.guest()).await, 100);
    other.batch_execute("ROLLBACK").unwrap();
    until(&app, "SELECT count(*) FROM cost_buckets").await;
}

#[actix_web::test]
async fn guests_behind_a_trusted_proxy_have_buckets_of_their_own() {
    let app = TestApp::start_with(|settings| {
        hundred(settings);
        settings.proxies.networks = vec![network("127.0.0.0/8").unwrap()];
    })
    .await;
    let from = |chain: &str| app.guest().with_header("x-forwarded-for", chain);
    assert_eq!(spend_all(&from("203.0.113.1")).await, 100);
    assert_eq!(spend_all(&from("198.51.100.77, 203.0.113.1")).await, 0, "forged on the left");
    assert_eq!(spend_all(&from("203.0.113.2")).await, 100);
    assert_eq!(spend_all(&from("2001:db8::1")).await, 100);
    assert_eq!(spend_all(&from("2001:db8::ffff")).await, 0, "the same line");

    let bare = TestApp::start_with(hundred).await;
    assert_eq!(spend_all(&bare.guest().with_header("x-forwarded-for", "203.0.113.1")).await, 100);
    assert_eq!(spend_all(&bare.guest().with_header("x-forwarded-for", "203.0.113.2")).await, 0, "nobody is believed");
}

#[actix_web::test]
async fn full_buckets_are_forgotten() {
    let app = TestApp::start().await;
    let noon = app.app().now().timestamp_micros();
    app.given_sql(&format!("INSERT INTO cost_buckets VALUES ('guest 203.0.113.1', {noon}, 1, 0)"));
    let (db, caller) = (&app.app().db, Caller::system());
    let forget = || db.write(&caller, |tx| buckets::forget_full(tx, 10));
    assert_eq!(forget().await.unwrap(), 0, "full, and not past it");
    app.advance(TimeDelta::microseconds(1));
    assert_eq!(forget().await.unwrap(), 1);
}

#[actix_web::test]
async fn what_is_forgotten_in_batches_is_bounded() {
    let app = TestApp::start().await;
    // Each does one thing, as long as there is something left to do.
    for (things, ran) in [(0, 1), (2, 3), (99, 100), (100, 100), (1_000, 100)] {
        let (left, count) = (Arc::new(AtomicUsize::new(things)), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&count);
        let step = move |_: &mut Tx<'_>| {
            counted.fetch_add(1, Ordering::Relaxed);
            let before = left.load(Ordering::Relaxed);
            left.store(before.saturating_sub(1), Ordering::Relaxed);
            Ok(before.min(1))
        };
        app.app().db.write_in_batches(&Caller::system(), step).await.unwrap();
        assert_eq!(count.load(Ordering::Relaxed), ran, "{things}");
    }
}
