//! Hostile requests: refused before they cost anything, and the next ordinary one is answered.

use serde_json::json;

use crate::harness::{
    TestApp,
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
async fn a_body_over_a_mebibyte_is_not_read() {
    let app = TestApp::start().await;
    let body = json!({"query": "{ __typename }", "extensions": {"x": "x".repeat(1024 * 1024)}});
    let response = reqwest::Client::new().post(app.url("/graphql")).json(&body).send().await.unwrap();
    assert_eq!(response.status(), 413);
    app.guest().query("{ __typename }").await.ok();
}

#[actix_web::test]
async fn a_body_is_unpacked_to_the_limit_and_no_further() {
    use std::io::Write;
    let app = TestApp::start().await;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        packed.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    }
    let bomb = packed.finish().unwrap();
    let mut small = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    small.write_all(br#"{"query": "{ __typename }"}"#).unwrap();
    let http = reqwest::Client::new();
    for (body, encoding, status) in [
        (bomb, "gzip", 413),
        (small.finish().unwrap(), "gzip", 200),
        (b"nonsense".to_vec(), "zstd", 415),
        (b"{}".to_vec(), "rot13", 415),
    ] {
        let request = http
            .post(app.url("/graphql"))
            .header("content-type", "application/json")
            .header("content-encoding", encoding);
        assert_eq!(request.body(body).send().await.unwrap().status().as_u16(), status, "{encoding}");
    }
}
