//! A client that does not keep up with its events: it is told and closed, and goes on from where it was.

use std::time::Duration;

use agora::platform::events::Cursor;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::harness::{
    TestApp,
    socket::{Said, Socket},
};

const EVENTS: &str = "subscription { events { __typename ... on Heartbeat { cursor } \
                      ... on MessageSent { cursor message { content { ... on TextContent { text } } } } } }";
/// Events that happen at once.
const BURST: usize = 100;
/// Events that wait for a subscriber in the hub before it lags.
const BACKLOG: usize = 1_024;
const LONG: Duration = Duration::from_mins(5);

/// The place in the log of an event of a message; none for a heartbeat.
#[track_caller]
fn position(event: &Value) -> Option<i64> {
    let cursor: Cursor = event["cursor"].as_str().unwrap_or_else(|| panic!("{event:#}")).parse().unwrap();
    (event["__typename"] == "MessageSent").then_some(cursor.position)
}

#[actix_web::test]
async fn who_does_not_read_is_closed_with_1013_and_misses_nothing() {
    let app = TestApp::start_with(|settings| {
        // None of what else ends a silent connection.
        settings.patience.reading = LONG;
        settings.patience.ping = LONG;
    })
    .await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = ada.mutate("startConversation", json!({"userId": bob.id}), "conversation { id }").await.ok();
    // The longest text, so that the buffers between the two are soon full.
    let input = json!({
        "conversationId": conversation["conversation"]["id"],
        "text": "\u{1d11e}".repeat(4_000),
        "idempotencyKey": "1",
    });
    let (mut reading, mut stalled) = (Socket::connect(&bob, json!({})).await, Socket::connect(&bob, json!({})).await);
    for socket in [&mut reading, &mut stalled] {
        socket.subscribe("1", EVENTS, json!({})).await;
        assert_eq!(position(&socket.next("1").await["events"]), None);
    }
    assert_eq!(app.app().hub.subscribers(), 2);
    ada.mutate("sendMessage", input, "message { id }").await.ok();
    let first = position(&reading.next("1").await["events"]).unwrap();

    // Who reads keeps up with as many events as it takes until who does not has lost its place.
    let mut happened = vec![first];
    let mut database = app.connect();
    while app.app().hub.subscribers() == 2 {
        assert!(happened.len() < 20 * BACKLOG, "events wait without a bound");
        let burst = format!(
            "INSERT INTO event_outbox (kind, payload, topics, recorded_at) \
             SELECT kind, payload, topics, recorded_at FROM events, generate_series(1, {BURST}) WHERE position = {first}; \
             NOTIFY agora_outbox"
        );
        database.batch_execute(&burst).unwrap();
        for _ in 0..BURST {
            happened.extend(position(&reading.next("1").await["events"]));
        }
    }
    let count = i64::try_from(happened.len()).unwrap();
    assert!(happened.iter().copied().eq(first..first + count), "the one that reads missed something");

    let (mut heard, mut resume_after) = (Vec::new(), Value::Null);
    let code = loop {
        match stalled.receive().await {
            Said::Message(mut message) => {
                assert_eq!((&message["type"], &message["payload"]["errors"]), (&json!("next"), &Value::Null));
                let event = &mut message["payload"]["data"]["events"];
                heard.push(position(event).unwrap());
                resume_after = event["cursor"].take();
            }
            Said::Closed(code) => break code,
        }
    };
    assert_eq!(code, 1013);
    assert!(happened.starts_with(&heard), "{heard:?}");
    assert!((BACKLOG..happened.len()).contains(&heard.len()), "{} of {count}", heard.len());

    let mut again = Socket::connect(&bob, json!({"resumeAfter": resume_after})).await;
    again.subscribe("1", EVENTS, json!({})).await;
    while let Some(position) = position(&again.next("1").await["events"]) {
        heard.push(position);
    }
    assert_eq!(heard, happened, "missed, doubled or out of order");
}
