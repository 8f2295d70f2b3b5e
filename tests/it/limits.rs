//! Hostile requests: refused before they cost anything, and the next ordinary one is answered.

use std::{io::Write, time::Duration};

use agora::platform::config::Switch;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    Client, TestApp,
    app::MASTER_KEY,
    cluster::Database,
    program::Program,
    socket::{Said, Socket},
};

/// Documents that would be expensive, and the limit that each runs into.
fn hostile() -> Vec<(&'static str, String)> {
    let many = |count: u32, one: fn(u32) -> String| (0..count).map(one).collect::<Vec<_>>().join(" ");
    let bomb = many(30, |n| format!("fragment F{n} on Query {{ ...F{m} ...F{m} }}", m = n + 1));
    vec![
        ("BYTES", format!("{{ __typename }} #{}", "x".repeat(70_000))),
        ("TOKENS", format!("{{ {} }}", "a ".repeat(10_001))),
        ("NESTING", format!("{{ nodes(ids: {}{}) {{ id }} }}", "[".repeat(2_000), "]".repeat(2_000))),
        ("NESTING", format!("{{ user(by: {}{}) {{ id }} }}", "{id:".repeat(2_000), "}".repeat(2_000))),
        ("NESTING", "{a".repeat(2_000)),
        ("FRAGMENTS", many(101, |n| format!("fragment F{n} on Query {{ __typename }}")) + "{ ...F0 }"),
        ("FRAGMENT_CYCLES", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".into()),
        ("SIZE", format!("{{ ...F0 }} {bomb} fragment F30 on Query {{ __typename }}")),
        ("ALIASES", format!("{{ {} }}", many(31, |n| format!("a{n}: __typename")))),
        ("ROOT_FIELDS", format!("{{ {} }}", "__typename ".repeat(21))),
        ("DIRECTIVES", format!("{{ __typename {} }}", "@include(if: true) ".repeat(51))),
        (
            "INTROSPECTION_DEPTH",
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".into(),
        ),
    ]
}

#[actix_web::test]
async fn hostile_requests_are_refused_and_the_next_one_is_answered() {
    let app = TestApp::start().await;
    let guest = app.guest();
    for (limit, document) in hostile() {
        let answer = guest.query(&document).await;
        assert_eq!(answer.code(), "QUERY_TOO_COMPLEX", "{limit}");
        let extensions = &answer.errors[0]["extensions"];
        assert_eq!(extensions["limit"], limit);
        assert!(extensions["value"].as_u64() > extensions["maximum"].as_u64(), "{extensions}");
        assert_eq!(extensions["isRetryable"], false);
        assert_eq!(answer.statements, None, "{limit}: it ran");
        assert_eq!(guest.query("{ __typename }").await.ok(), json!({"__typename": "Query"}));
    }
}

#[actix_web::test]
async fn a_page_that_is_asked_for_within_a_page_costs_too_much() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let ids = vec![ada.id.clone(); 101];
    let answer = ada.send("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({"ids": ids})).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    let many = vec![ada.id.clone(); 10_001];
    let answer = ada.send("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({"ids": many})).await;
    assert_eq!(answer.code(), "QUERY_TOO_COMPLEX");
}

#[actix_web::test]
async fn a_socket_is_behind_the_same_gate() {
    let app = TestApp::start().await;
    let mut socket = Socket::connect(&app.guest(), json!({})).await;
    for (limit, document) in hostile() {
        socket.subscribe("1", &document, json!({})).await;
        let Said::Message(message) = socket.receive().await else { panic!("{limit}: closed") };
        assert_eq!((&message["type"], &message["payload"][0]["extensions"]["limit"]), (&json!("error"), &json!(limit)));
    }
    socket.subscribe("1", "{ __typename }", json!({})).await;
    assert_eq!(socket.next("1").await, json!({"__typename": "Query"}));
    assert_eq!(socket.receive().await, Said::Message(json!({"type": "complete", "id": "1"})));
}

#[actix_web::test]
async fn get_and_event_streams_are_behind_the_same_gate() {
    let app = TestApp::start().await;
    let guest = app.guest();
    for (limit, document) in hostile() {
        let mut requests = vec![guest.post(&json!({"query": document})).header("accept", "text/event-stream")];
        // No URL is as long as a document would have to be to have too many bytes.
        if limit != "BYTES" {
            requests.push(guest.get(&[("query", &document)]));
            requests.push(guest.get(&[("query", &document)]).header("accept", "text/event-stream"));
        }
        for request in requests {
            let said = request.send().await.unwrap().text().await.unwrap();
            let json = said.lines().find_map(|line| line.strip_prefix("data: {")).map(|json| format!("{{{json}"));
            let answer: Value = serde_json::from_str(json.as_deref().unwrap_or(&said)).unwrap();
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!((&extensions["code"], &extensions["limit"]), (&json!("QUERY_TOO_COMPLEX"), &json!(limit)));
        }
        guest.query("{ __typename }").await.ok();
    }
}

#[actix_web::test]
async fn an_answer_tells_fifty_errors() {
    let app = TestApp::start().await;
    for (wrong, told) in [(49, 49), (50, 50), (51, 50), (200, 50)] {
        let fields = (0..wrong).map(|n| format!("x{n}")).collect::<Vec<_>>().join(" ");
        let answer = app.guest().query(&format!("{{ shop(by: {{handle: \"a\"}}) {{ {fields} }} }}")).await;
        assert_eq!(answer.errors.len(), told, "{wrong}");
    }
}

#[actix_web::test]
async fn suggestions_can_be_switched_off() {
    for (switch, suggests) in [(Switch::On, true), (Switch::Off, false)] {
        let app = TestApp::start_with(|settings| settings.suggestions = switch).await;
        let answer = app.guest().query("{ viewr { id } }").await;
        assert_eq!(answer.code(), "VALIDATION_FAILED");
        let message = answer.errors[0]["message"].as_str().unwrap();
        assert_eq!((message.contains("viewer"), message.contains("Did you mean")), (suggests, suggests), "{message}");
    }
}

/// Everything that is hostile, and what is packed to be large, so many times each. None of it may be answered.
async fn attack(client: &Client, times: usize) {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 16 * 1024 * 1024]).unwrap();
    let bomb = bomb.finish().unwrap();
    let bodies = hostile().into_iter().map(|(_, document)| ("identity", json!({"query": document}).to_string().into()));
    let bodies: Vec<(&str, Vec<u8>)> = bodies.chain([("gzip", bomb)]).collect();
    for _ in 0..times {
        let asking = bodies.iter().map(|(encoding, body)| {
            let request = client.post(&Value::Null).header("content-encoding", *encoding);
            request.body(body.clone()).send()
        });
        for answer in join_all(asking).await {
            assert!(!answer.unwrap().text().await.unwrap().contains("\"data\""));
        }
    }
}

#[actix_web::test]
async fn memory_is_back_after_hostile_requests() {
    const MAXIMUM_GROWTH: u64 = 50 * 1024;
    let database = Database::new();
    let program = Program::serve(&[
        "--mode=development",
        "--migrations=check",
        "--cost-limit-guest=1000000000",
        "--database-url",
        &database.url(),
        "--master-key",
        MASTER_KEY,
    ]);
    let guest = program.client();
    // Whatever is set up once is set up.
    attack(&guest, 5).await;
    let before = program.memory();
    attack(&guest, 200).await;
    guest.query("{ __typename }").await.ok();
    let mut after = program.memory();
    for _ in 0..100 {
        if after < before + MAXIMUM_GROWTH {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        after = program.memory();
    }
    panic!("{before} KiB became {after}");
}
