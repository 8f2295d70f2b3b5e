//! What becomes of a message: it is edited, taken back, answered.

use serde_json::{Value, json};

use crate::{
    conversations::talk,
    harness::{Answer, Client, TestApp},
    orders::assert_books,
};

const MESSAGE: &str = "message { id number version editedAt clientKey author { displayName } \
                       content { __typename ... on TextContent { text } } revisions { version text } replyTo { id } }";

/// The id of a message that was just sent.
pub async fn say(client: &Client, conversation: &str, text: &str) -> String {
    let input = json!({"conversationId": conversation, "text": text, "idempotencyKey": text});
    let sent = client.mutate("sendMessage", input, "message { id }").await.ok();
    sent["message"]["id"].as_str().unwrap().to_owned()
}

async fn edit(client: &Client, message: &str, version: i32, text: &str) -> Answer {
    let input = json!({"messageId": message, "expectedVersion": version, "text": text});
    client.mutate("editMessage", input, MESSAGE).await
}

async fn delete(client: &Client, message: &str) -> Answer {
    client.mutate("deleteMessage", json!({"messageId": message}), MESSAGE).await
}

/// The message as somebody sees it.
async fn seen(client: &Client, message: &str) -> Value {
    let selection = MESSAGE.strip_prefix("message").unwrap();
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Message {selection} }} }}");
    client.send(&document, json!({"id": message})).await.ok()["node"].clone()
}

/// What somebody hears of changes of messages, once so many of them are in the log.
pub async fn changes(client: &Client, wanted: usize) -> Vec<Value> {
    let document = "{ viewer { events(first: 100) { nodes { __typename ... on MessageChanged { change message { id content { \
                    __typename } } } } } } }";
    loop {
        let mut events = client.query(document).await.ok()["viewer"]["events"]["nodes"].as_array().unwrap().clone();
        events.retain(|event| event["__typename"] == "MessageChanged");
        if events.len() >= wanted {
            return events;
        }
    }
}

#[actix_web::test]
async fn an_edited_message_says_what_it_said_before() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let message = say(&ada, &conversation, "Helo").await;
    assert_eq!(seen(&bob, &message).await["editedAt"], Value::Null);

    let edited = edit(&ada, &message, 1, " Hello ").await.ok()["message"].clone();
    assert_eq!((&edited["content"]["text"], &edited["version"]), (&json!("Hello"), &json!(2)));
    assert_eq!((&edited["number"], &edited["clientKey"]), (&json!(1), &json!("Helo")), "it is the same message");
    assert!(edited["editedAt"].is_string());
    // The same again is no change.
    assert_eq!(edit(&ada, &message, 2, "Hello").await.ok()["message"]["version"], 2);
    assert_eq!(edit(&ada, &message, 2, "Hello, Bob").await.ok()["message"]["version"], 3);
    let before = json!([{"version": 1, "text": "Helo"}, {"version": 2, "text": "Hello"}]);
    assert_eq!(seen(&bob, &message).await["revisions"], before, "whoever sees the message sees them");

    assert_eq!(edit(&ada, &message, 1, "Late").await.refusal(), ("STALE_VERSION".into(), "expectedVersion".into()));
    for (text, code) in [(" ".to_owned(), "BLANK"), ("x".repeat(4_001), "TOO_LONG"), ("a\u{0}b".into(), "INVALID")] {
        assert_eq!(edit(&ada, &message, 3, &text).await.refusal(), (code.into(), "text".into()));
    }
    // The echo is known by its key days later, too.
    app.given_sql("UPDATE messages SET created_at = created_at - interval '30 hours'");
    assert_eq!(seen(&ada, &message).await["clientKey"], "Helo");
    let late = edit(&ada, &message, 3, "Hello?").await;
    assert_eq!(late.refusal(), ("MESSAGE_NOT_EDITABLE".into(), "messageId".into()));
    assert_books(&app).await;
}

#[actix_web::test]
async fn nobody_edits_or_deletes_what_another_one_said() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let conversation = talk(&ada, &bob).await;
    let message = say(&ada, &conversation, "Hello").await;
    for (client, code) in [(&bob, "NOT_PERMITTED"), (&eve, "NOT_FOUND")] {
        assert_eq!(edit(client, &message, 1, "Bye").await.refusal(), (code.into(), "messageId".into()));
        assert_eq!(delete(client, &message).await.refusal(), (code.into(), "messageId".into()));
    }
    assert_eq!(edit(&app.guest(), &message, 1, "Bye").await.code(), "UNAUTHENTICATED");

    // Nor what the market says of an order, though its buyer took the step.
    let shop = bob.open_shop("Corner").await;
    let goods = bob.sell(&shop, "Lamp", "1.00", 5).await;
    let order = ada.order_one(&goods, "order").await.ok()["order"].clone();
    let document = "query($id: ID!) { node(id: $id) { ... on Conversation { lastMessage { id } } } }";
    let step = ada.send(document, json!({"id": order["parts"][0]["conversation"]["id"]})).await.ok();
    let step = step["node"]["lastMessage"]["id"].as_str().unwrap().to_owned();
    assert_eq!(edit(&ada, &step, 1, "Bye").await.refusal().0, "NOT_PERMITTED");
    assert_eq!(delete(&ada, &step).await.refusal().0, "NOT_PERMITTED");
}

#[actix_web::test]
async fn a_message_is_edited_fifty_times_and_by_one_of_two_at_once() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let message = say(&ada, &conversation, "0").await;
    let (one, other) = tokio::join!(edit(&ada, &message, 1, "one"), edit(&ada, &message, 1, "other"));
    let refusals: Vec<_> = [&one, &other].into_iter().flat_map(Answer::refusals).collect();
    assert_eq!(refusals, [("STALE_VERSION".to_owned(), "expectedVersion".to_owned())]);
    app.given_sql("UPDATE messages SET version = 50");
    edit(&ada, &message, 50, "the fiftieth").await.ok();
    assert_eq!(edit(&ada, &message, 51, "more").await.refusal(), ("TOO_MANY".into(), "messageId".into()));
    assert_eq!(seen(&bob, &message).await["content"]["text"], "the fiftieth");
}

#[actix_web::test]
async fn a_deleted_message_leaves_its_place_and_nothing_that_it_said() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let message = say(&ada, &conversation, "I hate teapots").await;
    edit(&ada, &message, 1, "I dislike teapots").await.ok();
    say(&bob, &conversation, "Why?").await;
    app.given_sql("UPDATE messages SET created_at = created_at - interval '30 days'");
    let deleted = delete(&ada, &message).await.ok()["message"].clone();
    assert_eq!(delete(&ada, &message).await.ok()["message"], deleted, "once more changes nothing");
    for person in [&ada, &bob] {
        let left = seen(person, &message).await;
        assert_eq!(left["content"], json!({"__typename": "DeletedContent"}));
        assert_eq!(
            (&left["number"], &left["author"]["displayName"], &left["revisions"]),
            (&json!(1), &json!("Ada"), &json!([]))
        );
    }
    assert_eq!(edit(&ada, &message, 3, "Hello").await.refusal().0, "MESSAGE_NOT_EDITABLE");
    let unread = "query($id: ID!) { viewer { conversation(id: $id) { lastNumber unreadCount } } }";
    let unread = ada.send(unread, json!({"id": conversation})).await.ok()["viewer"]["conversation"].clone();
    assert_eq!(unread, json!({"lastNumber": 2, "unreadCount": 1}));
    assert_books(&app).await;

    // It is kept for the staff, and then no longer.
    let kept = || crate::privacy::lines(&app, "SELECT text AS line FROM message_revisions ORDER BY version");
    app.run_jobs().await;
    assert_eq!(kept(), ["I hate teapots", "I dislike teapots"]);
    app.schedule_jobs().await;
    app.advance(chrono::TimeDelta::days(91));
    app.run_jobs().await;
    assert_eq!(kept(), [""; 0]);
}

#[actix_web::test]
async fn who_takes_part_hears_of_each_change_once_and_nobody_else() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let conversation = talk(&ada, &bob).await;
    let message = say(&ada, &conversation, "Helo").await;
    edit(&ada, &message, 1, "Hello").await.ok();
    edit(&ada, &message, 2, "Hello").await.ok();
    edit(&bob, &message, 2, "Bye").await.refusal();
    delete(&ada, &message).await.ok();
    delete(&ada, &message).await.ok();
    let heard = |change: &str| {
        json!({"__typename": "MessageChanged", "change": change,
               "message": {"id": message, "content": {"__typename": "DeletedContent"}}})
    };
    for person in [&ada, &bob] {
        assert_eq!(changes(person, 2).await, [heard("EDITED"), heard("DELETED")]);
    }
    assert!(changes(&eve, 0).await.is_empty());
    // One row in the log, however many take part.
    let rows = "SELECT count(*)::text AS line FROM events WHERE kind = 'messages.message_changed'";
    assert_eq!(crate::privacy::lines(&app, rows), ["2"]);
}

#[actix_web::test]
async fn a_reply_quotes_what_is_in_the_same_conversation() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let (conversation, other) = (talk(&ada, &bob).await, talk(&ada, &eve).await);
    let (question, elsewhere) = (say(&ada, &conversation, "Tea?").await, say(&ada, &other, "Coffee?").await);
    let reply = async |to: &str, key: &str| {
        let input = json!({"conversationId": conversation, "text": "Yes", "replyToId": to, "idempotencyKey": key});
        bob.mutate("sendMessage", input, "message { id number replyTo { id } }").await
    };
    let sent = reply(&question, "one").await.ok()["message"].clone();
    assert_eq!((&sent["number"], &sent["replyTo"]["id"]), (&json!(2), &json!(question)));
    assert_eq!(reply(&question, "one").await.extensions["replayed"], true);
    for key in ["two", "three"] {
        assert_eq!(reply(&elsewhere, key).await.refusal(), ("NOT_FOUND".into(), "replyToId".into()));
    }
    assert_eq!(reply(&question, "four").await.ok()["message"]["number"], 3, "a refusal gives its number back");

    delete(&ada, &question).await.ok();
    let document = "query($id: ID!) { node(id: $id) { ... on Message { replyTo { number author { displayName } content { __typename } } } } }";
    let quoted = ada.send(document, json!({"id": sent["id"]})).await.ok()["node"]["replyTo"].clone();
    let tombstone = json!({"number": 1, "author": {"displayName": "Ada"}, "content": {"__typename": "DeletedContent"}});
    assert_eq!(quoted, tombstone);
}
