//! The stream of events over WebSocket: where it begins, how it is resumed, how it ends.

use serde_json::json;

use crate::harness::{
    TestApp,
    socket::{Said, Socket},
};

const EVENTS: &str = "subscription($after: String) { events(after: $after) { __typename ... on Heartbeat { cursor } ... on Gap { resumeCursor } } }";

#[actix_web::test]
async fn a_quiet_stream_begins_with_where_it_stands() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let cursor = ada.query("{ viewer { eventCursor } }").await.ok()["viewer"]["eventCursor"].clone();
    let here = json!({"events": {"__typename": "Heartbeat", "cursor": cursor}});
    let mut socket = Socket::connect(&ada, json!({})).await;
    for (id, variables) in [("1", json!({})), ("2", json!({"after": cursor}))] {
        socket.subscribe(id, EVENTS, variables).await;
        assert_eq!(socket.next(id).await, here);
    }
    // An id is free again once its operation is complete.
    socket.complete("1").await;
    socket.subscribe("1", EVENTS, json!({})).await;
    assert_eq!(socket.next("1").await, here);
    socket.subscribe("1", EVENTS, json!({})).await;
    assert_eq!(socket.receive().await, Said::Closed(4409));
}

#[actix_web::test]
async fn a_cursor_of_another_log_leads_to_a_gap() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let old = ada.query("{ viewer { eventCursor } }").await.ok()["viewer"]["eventCursor"].clone();
    app.given_sql("UPDATE event_log SET epoch = gen_random_uuid()");
    let new = ada.query("{ viewer { eventCursor } }").await.ok()["viewer"]["eventCursor"].clone();
    assert_ne!(old, new);
    let document = "query($after: String) { viewer { events(after: $after) { nodes { __typename ... on Gap { resumeCursor } } } } }";
    let events = ada.send(document, json!({"after": old})).await.ok()["viewer"]["events"]["nodes"].clone();
    assert_eq!(events, json!([{"__typename": "Gap", "resumeCursor": new}]));
    let answer = ada.send(document, json!({"after": "nonsense"})).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");

    let mut socket = Socket::connect(&ada, json!({})).await;
    socket.subscribe("1", EVENTS, json!({"after": "nonsense"})).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!(
        (&message["type"], &message["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("BAD_USER_INPUT"))
    );
}

#[actix_web::test]
async fn nothing_is_said_to_who_has_not_introduced_themself() {
    let app = TestApp::start().await;
    let mut socket = Socket::open(&app.guest().url).await;
    socket.subscribe("1", EVENTS, json!({})).await;
    assert_eq!(socket.receive().await, Said::Closed(4401));
    let mut socket = Socket::open(&app.guest().url).await;
    socket.send(&json!({"type": "connection_init", "payload": {"authorization": "Bearer nonsense"}})).await;
    assert_eq!(socket.receive().await, Said::Closed(4401));
    let mut socket = Socket::connect(&app.guest(), json!({})).await;
    socket.send(&json!({"type": "connection_init"})).await;
    assert_eq!(socket.receive().await, Said::Closed(4429));
}
