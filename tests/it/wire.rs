//! What stands between the network and GraphQL: slow clients, too many of them, batches, origins, the schema's page.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use agora::platform::config::{Settings, Switch, TrustedDocuments};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{
    TestApp,
    raw::Raw,
    socket::{Said, Socket},
};

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[actix_web::test]
async fn a_head_has_its_time_on_a_new_connection_and_on_a_kept_one() {
    let app = TestApp::start_with(|settings| {
        settings.patience.head = Duration::from_millis(500);
        settings.patience.exchange = Duration::from_millis(500);
    })
    .await;
    let mut new = Raw::connect(&app.url("/")).await;
    new.0.write_all(b"POST /graphql HTTP/1.1\r\nhost: localhost\r\n").await.unwrap();
    new.trickle("a: b\r\n").await;
    let mut kept = Raw::connect(&app.url("/")).await;
    for _ in 0..3 {
        assert!(kept.ask(HEALTH).await.starts_with("HTTP/1.1 200"));
    }
    kept.0.write_all(b"POST /graphql HTTP/1.1\r\nhost: localhost\r\n").await.unwrap();
    kept.trickle("a: b\r\n").await;
    let mut idle = Raw::connect(&app.url("/")).await;
    assert!(idle.ask(HEALTH).await.starts_with("HTTP/1.1 200"));
    // Idle for longer than a head may take, which a kept connection may be.
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(idle.ask(HEALTH).await.starts_with("HTTP/1.1 200"));
}

#[actix_web::test]
async fn a_body_has_its_time() {
    let app = TestApp::start_with(|settings| settings.patience.body = Duration::from_millis(500)).await;
    let head =
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n";
    let mut slow = Raw::connect(&app.url("/")).await;
    let answer = slow.ask(&format!("{head}{{\"query\":")).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("did not arrive in time"), "{answer}");
    assert_eq!(slow.rest().await, "");
    let mut ordinary = Raw::connect(&app.url("/")).await;
    ordinary.0.write_all(format!("{head}{{\"query\":").as_bytes()).await.unwrap();
    let answer = ordinary.ask("\"{__typename}\" }").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"Query\""), "{answer}");
}

#[actix_web::test]
async fn who_does_not_read_is_cut_off() {
    let app = TestApp::start_with(|settings| settings.patience.reading = Duration::from_millis(500)).await;
    let mut connection = Raw::connect(&app.url("/")).await;
    // Far more than the buffers between the two hold.
    let ask = "GET /schema.graphql HTTP/1.1\r\nhost: localhost\r\n\r\n";
    connection.trickle(&ask.repeat(100)).await;

    // Who reads gets it all, and the service is as it was.
    let mut reader = Raw::connect(&app.url("/")).await;
    let length = format!("content-length: {}", include_str!("../../schema.graphql").len());
    for _ in 0..50 {
        assert!(reader.ask(ask).await.contains(&length));
    }
}

/// An event stream that says it lives ten times a second, on a connection on which more can be asked.
async fn open_stream(app: &TestApp, token: &str) -> Raw {
    let mut connection = Raw::connect(&app.url("/")).await;
    let ask = format!(
        "GET /graphql?query=subscription{{events{{__typename}}}} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\
         authorization: Bearer {token}\r\n\r\n"
    );
    assert!(connection.ask(&ask).await.starts_with("HTTP/1.1 200"));
    connection
}

#[actix_web::test]
async fn who_asks_on_and_on_behind_an_answer_is_cut_off() {
    let app = TestApp::start_with(|settings| {
        settings.patience.ping = Duration::from_millis(100);
        settings.patience.reading = Duration::from_hours(1);
    })
    .await;
    let token = app.sign_up("Ada").await.token.clone().unwrap();
    let mut little = open_stream(&app, &token).await;
    little.0.write_all(HEALTH.repeat(100 * 1024 / HEALTH.len()).as_bytes()).await.unwrap();
    let mut lot = open_stream(&app, &token).await;
    lot.0.write_all(HEALTH.repeat(300 * 1024 / HEALTH.len()).as_bytes()).await.unwrap();
    lot.rest().await;
    // What was said meanwhile, and what is said now.
    for _ in 0..3 {
        little.more().await;
    }

    // Behind an answer that is not read, too: its connection would have an hour.
    let mut unread = Raw::connect(&app.url("/")).await;
    let asked = "GET /schema.graphql HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(10_000);
    let written = tokio::time::timeout(Duration::from_secs(20), unread.trickle(&asked)).await;
    written.expect("the connection goes on");

    // Who reads has as much answered as they like.
    let times = 400 * 1024 / HEALTH.len();
    let mut reader = Raw::connect(&app.url("/")).await;
    let (mut answers, mut asks) = reader.0.split();
    let asking = async { asks.write_all(HEALTH.repeat(times).as_bytes()).await.unwrap() };
    let reading = async {
        let mut answered = Vec::new();
        while answered.windows(6).filter(|window| window == b"alive\n").count() < times {
            assert_ne!(answers.read_buf(&mut answered).await.unwrap(), 0);
        }
    };
    tokio::join!(asking, reading);
}

#[actix_web::test]
async fn a_head_has_128_kib_and_96_fields() {
    let app = TestApp::start().await;
    let ask = async |fields: usize, length: usize| {
        let fields = format!("a: {}\r\n", "x".repeat(length)).repeat(fields - 1);
        let mut connection = Raw::connect(&app.url("/")).await;
        connection.ask(&format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n")).await[..12].to_owned()
    };
    assert_eq!(ask(96, 1).await, "HTTP/1.1 200");
    assert_eq!(ask(97, 1).await, "HTTP/1.1 431");
    assert_eq!(ask(64, 1_900).await, "HTTP/1.1 200");
    assert_eq!(ask(64, 2_200).await, "HTTP/1.1 431");
}

#[actix_web::test]
async fn a_connection_too_many_waits_until_one_ends() {
    // One for each of the server's threads.
    let threads = std::thread::available_parallelism().unwrap().get();
    let app = TestApp::start_with(|settings| settings.capacity.connections = threads).await;
    let mut open = Vec::new();
    for _ in 0..threads {
        let mut connection = Raw::connect(&app.url("/")).await;
        assert!(connection.ask(HEALTH).await.starts_with("HTTP/1.1 200"));
        open.push(connection);
    }
    let mut next = Raw::connect(&app.url("/")).await;
    let mut waiting = pin!(next.ask(HEALTH));
    for _ in 0..20 {
        for connection in &mut open {
            assert!(connection.ask(HEALTH).await.starts_with("HTTP/1.1 200"));
        }
        assert!(poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context).is_pending())).await);
    }
    open.clear();
    assert!(waiting.await.starts_with("HTTP/1.1 200"));
}

/// Requests that are being worked on, kept from an end by a lock.
const SLOW: &str = "{ shop(by: {handle: \"nobody\"}) { id } }";

#[actix_web::test]
async fn a_request_too_many_is_told_to_come_again() {
    let app = TestApp::start_with(|settings| settings.capacity.requests = 2).await;
    let guest = app.guest();
    let mut socket = Socket::connect(&guest, json!({})).await;
    let mut lock = app.connect();
    lock.batch_execute("BEGIN; LOCK TABLE shops IN ACCESS EXCLUSIVE MODE").unwrap();
    let slow: Vec<_> = (0..2)
        .map(|_| {
            let guest = guest.clone();
            tokio::spawn(async move {
                loop {
                    let answer = guest.query(SLOW).await;
                    // One of those below may have had the last place.
                    if answer.errors.is_empty() || answer.code() != "UNAVAILABLE" {
                        break answer;
                    }
                }
            })
        })
        .collect();
    let mut refused = None;
    for _ in 0..400 {
        let answer = guest.post(&json!({"query": "{ __typename }"})).send().await.unwrap();
        if answer.status() == 503 {
            refused = Some(answer);
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let refused = refused.expect("nothing is refused");
    assert_eq!(refused.headers()["retry-after"], "1");
    let body: Value = refused.json().await.unwrap();
    let extensions = &body["errors"][0]["extensions"];
    assert_eq!((&extensions["code"], &extensions["retryAfterSeconds"]), (&json!("UNAVAILABLE"), &json!(1)));
    // Whatever it is, however it comes, and though it is no JSON: nobody has parsed it.
    for request in [guest.post(&json!("nonsense")), guest.get(&[("query", "{")])] {
        for accept in ["application/json", "application/graphql-response+json", "text/event-stream"] {
            let answer = request.try_clone().unwrap().header("accept", accept).send().await.unwrap();
            assert_eq!(answer.status(), 503, "{accept}");
        }
    }
    socket.subscribe("1", "{ __typename }", json!({})).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!(message["payload"][0]["extensions"]["code"], "UNAVAILABLE");

    lock.batch_execute("ROLLBACK").unwrap();
    for slow in slow {
        assert_eq!(slow.await.unwrap().ok(), json!({"shop": null}));
    }
    guest.query("{ __typename }").await.ok();
    socket.subscribe("1", "{ __typename }", json!({})).await;
    assert_eq!(socket.next("1").await, json!({"__typename": "Query"}));
}

async fn batch(client: &crate::harness::Client, requests: &Value) -> (u16, Value) {
    let answer = client.post(requests).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[actix_web::test]
async fn batches_are_off() {
    let app = TestApp::start().await;
    let (status, answer) = batch(&app.guest(), &json!([{"query": "{ __typename }"}])).await;
    assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (400, &json!("BAD_USER_INPUT")));
}

#[actix_web::test]
async fn a_batch_is_answered_in_order_and_weighs_what_one_request_may() {
    let app = TestApp::start_with(|settings| settings.capacity.batch = 3).await;
    let ada = app.sign_up("Ada").await;
    let input = json!({"name": "Candles", "currency": "GBP", "country": "GB"});
    let open =
        "mutation($input: OpenShopInput!) { openShop(input: $input) { desk { shop { name } } userErrors { code } } }";
    let typename = json!({"query": "{ __typename }"});
    let (status, answer) = batch(
        &ada,
        &json!([{"query": "{ viewer { email } }"}, {"query": open, "variables": {"input": input}}, {"query": "{ nothing }"}]),
    )
    .await;
    assert_eq!(status, 200);
    assert_eq!(answer[0], json!({"data": {"viewer": {"email": ada.email}}}));
    assert_eq!(answer[1]["data"]["openShop"], json!({"desk": {"shop": {"name": "Candles"}}, "userErrors": []}));
    assert_eq!(answer[2]["errors"][0]["extensions"]["code"], "VALIDATION_FAILED");
    assert_eq!((answer.as_array().unwrap().len(), answer[2].get("data")), (3, None));

    let four = json!([typename, typename, typename, typename]);
    let (status, answer) = batch(&ada, &four).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!((status, &extensions["limit"], &extensions["value"]), (400, &json!("BATCH"), &json!(4)));
    let subscription = json!({"query": "subscription { events { __typename } }"});
    let (_, answer) = batch(&ada, &json!([typename, "nonsense", subscription])).await;
    assert_eq!(answer[0], json!({"data": {"__typename": "Query"}}));
    for refused in [&answer[1], &answer[2]] {
        assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    assert_eq!(batch(&ada, &json!([])).await.0, 400);
    assert_eq!(batch(&ada.with_token("nonsense"), &json!([typename])).await.0, 401);

    // Each of these costs a third of what is allowed and a little, so two pass and three do not.
    let rows = "products(first: 100) { nodes { shop { id } } }";
    let fields: Vec<_> = (0..17).map(|number| format!("a{number}: {rows}")).collect();
    let costly = json!({"query": format!("{{ {} }}", fields.join(" "))});
    let (status, answer) = batch(&ada, &json!([costly, costly])).await;
    assert_eq!((status, answer.as_array().map(Vec::len)), (200, Some(2)), "{answer}");
    let (status, answer) = batch(&ada, &json!([costly, costly, costly])).await;
    assert_eq!((status, &answer["errors"][0]["extensions"]["limit"]), (400, &json!("COST")), "{answer}");
}

#[actix_web::test]
async fn pages_of_the_list_may_call_and_others_never_with_a_cookie() {
    let app = TestApp::start_with(|settings| settings.allowed_origins = vec!["https://shop.example".into()]).await;
    let http = reqwest::Client::new();
    let preflight = |origin: &'static str| {
        http.request(reqwest::Method::OPTIONS, app.url("/graphql"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type,authorization,last-event-id")
            .send()
    };
    let listed = preflight("https://shop.example").await.unwrap();
    assert_eq!(listed.status(), 200);
    for (name, value) in [
        ("access-control-allow-origin", "https://shop.example"),
        ("access-control-allow-credentials", "true"),
        ("access-control-max-age", "86400"),
    ] {
        assert_eq!(listed.headers()[name], value);
    }
    let unlisted = preflight("https://evil.example").await.unwrap();
    assert!(!unlisted.headers().contains_key("access-control-allow-origin"));

    let body = json!({"query": "{ __typename }"});
    let ask = |origin: &'static str| app.guest().post(&body).header("origin", origin);
    let listed = ask("https://shop.example").header("cookie", "a=b").send().await.unwrap();
    assert_eq!(listed.status(), 200);
    assert_eq!(listed.headers()["access-control-allow-origin"], "https://shop.example");
    let exposed = listed.headers()["access-control-expose-headers"].to_str().unwrap();
    assert!(exposed.contains("x-request-id") && exposed.contains("retry-after"), "{exposed}");
    // A foreign page reads nothing; with somebody's cookie it gets nowhere, by no transport.
    let foreign = ask("https://evil.example").send().await.unwrap();
    assert_eq!(foreign.status(), 200);
    assert!(!foreign.headers().contains_key("access-control-allow-origin"));
    let own = app.url("").leak();
    for (origin, status) in [("https://evil.example", 403), ("null", 403), (own, 200)] {
        for accept in ["application/json", "text/event-stream"] {
            let answer = ask(origin).header("cookie", "a=b").header("accept", accept).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{origin} {accept}");
        }
    }
    for (headers, status) in [
        ("origin: https://evil.example\r\ncookie: a=b\r\n", "HTTP/1.1 403"),
        ("origin: https://evil.example\r\n", "HTTP/1.1 101"),
        ("origin: https://shop.example\r\ncookie: a=b\r\n", "HTTP/1.1 101"),
    ] {
        let answer = Raw::connect(&app.url("/")).await.ask(&upgrade(headers)).await;
        assert!(answer.starts_with(status), "{headers}: {answer}");
    }
}

/// The head of a request to become a socket, with further fields.
fn upgrade(fields: &str) -> String {
    format!(
        "GET /graphql HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n{fields}\r\n"
    )
}

#[actix_web::test]
async fn a_token_that_is_no_good_is_challenged_by_every_transport() {
    let app = TestApp::start().await;
    let stranger = app.guest().with_token("nonsense");
    let post = stranger.post(&json!({"query": "{ __typename }"}));
    let get = stranger.get(&[("query", "{ __typename }")]).header("accept", "text/event-stream");
    for request in [post, get] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers()["www-authenticate"], r#"Bearer realm="agora", error="invalid_token""#);
    }
    let answer = Raw::connect(&app.url("/")).await.ask(&upgrade("authorization: Bearer nonsense\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(answer.contains("www-authenticate: Bearer realm=\"agora\", error=\"invalid_token\"\r\n"), "{answer}");
    assert!(answer.contains("\"UNAUTHENTICATED\""), "{answer}");
}

#[actix_web::test]
async fn the_schema_has_a_page_unless_it_may_not_be_asked_for() {
    let app = TestApp::start().await;
    let answer = reqwest::get(app.url("/schema.graphql")).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"text/plain; charset=utf-8".parse().unwrap())
    );
    let etag = answer.headers()["etag"].clone();
    assert_eq!(answer.text().await.unwrap(), include_str!("../../schema.graphql"));
    let held =
        reqwest::Client::new().get(app.url("/schema.graphql")).header("if-none-match", etag).send().await.unwrap();
    assert_eq!((held.status().as_u16(), held.text().await.unwrap()), (304, String::new()));
    let close: [fn(&mut Settings); 2] = [
        |settings| settings.introspection = Switch::Off,
        |settings| settings.documents.trusted = TrustedDocuments::Only,
    ];
    for close in close {
        let closed = TestApp::start_with(close).await;
        assert_eq!(reqwest::get(closed.url("/schema.graphql")).await.unwrap().status(), 404);
    }
}
