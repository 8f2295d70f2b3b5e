//! What is null when a field fails (GraphQL, section 6.4.4), over every transport.

use serde_json::{Value, json};

use crate::harness::{
    Client, TestApp,
    events::{EventStream, Heard},
    socket::{Said, Socket},
};

/// Nothing that this may be null in is nullable. No page has 1,000.
const ALL: &str = "{ products(first: 1000) { nodes { id } } }";

/// What is answered, as it stands in the body. All errors are of `paths`, in some order.
#[track_caller]
fn assert_nulls(answer: &Value, data: &Value, paths: &[Value]) {
    assert_eq!(answer.get("data"), Some(data), "{answer:#}");
    let mut found: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|error| error["path"].clone()).collect();
    found.sort_by_key(ToString::to_string);
    assert_eq!(found, paths, "{answer:#}");
    for error in answer["errors"].as_array().unwrap() {
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    }
}

async fn ask(client: &Client, document: &str, variables: Value) -> Value {
    let answer = client.post(&json!({"query": document, "variables": variables})).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

#[actix_web::test]
async fn all_of_the_data_is_null_where_nothing_may_be_and_it_was_answered() {
    let app = TestApp::start().await;
    let guest = app.guest();
    for media in ["application/json", "application/graphql-response+json"] {
        for request in [guest.post(&json!({"query": ALL})), guest.get(&[("query", ALL)])] {
            let answer = request.header("accept", media).send().await.unwrap();
            let caching = answer.headers()["cache-control"].to_str().unwrap();
            assert_eq!((answer.status().as_u16(), caching), (200, "private, no-store"));
            assert_nulls(&answer.json().await.unwrap(), &Value::Null, &[json!(["products"])]);
        }
    }
    // What never ran has none.
    let refused = ask(&guest, "{ nothing }", json!({})).await;
    assert_eq!((refused.get("data"), &refused["errors"][0]["path"]), (None, &Value::Null));
}

#[actix_web::test]
async fn the_nearest_that_may_be_null_is() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = ada.mutate("startConversation", json!({"userId": bob.id}), "conversation { id }").await.ok();
    let conversation = &conversation["conversation"]["id"];
    let input = json!({"conversationId": conversation, "text": "Hello", "idempotencyKey": "1"});
    ada.mutate("sendMessage", input, "message { id }").await.ok();
    let role = json!({"role": "MEMBER"});

    let answer =
        ask(&ada, "{ viewer { email me: orders(first: 0) { totalCount } } other: viewer { role } }", json!({}));
    assert_nulls(&answer.await, &json!({"viewer": null, "other": role}), &[json!(["viewer", "me"])]);

    // A list whose items may be null stops it, one whose items may not does not.
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { ...C ... on User { id } } }
                    fragment C on Conversation { messages(first: 0) { totalCount } }";
    let answer = ask(&ada, document, json!({"ids": [bob.id, conversation]})).await;
    assert_nulls(&answer, &json!({"nodes": [{"id": bob.id}, null]}), &[json!(["nodes", 1, "messages"])]);
    let document = "{ viewer { conversations { nodes { messages(last: 0) { totalCount } } } } other: viewer { role } }";
    let path = json!(["viewer", "conversations", "nodes", 0, "messages"]);
    assert_nulls(&ask(&ada, document, json!({})).await, &json!({"viewer": null, "other": role}), &[path]);

    // A field that may be null itself, as the only one of its object. The errors of what is null stay.
    let answer = ask(&ada, "{ shop(by: {id: \"nonsense\"}) { id } }", json!({})).await;
    assert_nulls(&answer, &json!({"shop": null}), &[json!(["shop"])]);
    let document = "{ viewer { a: orders(first: 0) { totalCount } b: orders(last: 0) { totalCount } } }";
    let paths = [json!(["viewer", "a"]), json!(["viewer", "b"])];
    assert_nulls(&ask(&ada, document, json!({})).await, &json!({"viewer": null}), &paths);
}

#[actix_web::test]
async fn it_is_the_same_over_every_transport() {
    let app = TestApp::start_with(|settings| settings.capacity.batch = 2).await;
    let guest = app.guest();
    let request = json!({"query": ALL});
    let paths = [json!(["products"])];

    let batch = json!([request, {"query": "{ nothing }"}]);
    let answers: Value = guest.post(&batch).send().await.unwrap().json().await.unwrap();
    assert_nulls(&answers[0], &Value::Null, &paths);
    assert_eq!(answers[1].get("data"), None);

    let mut stream = EventStream::open(guest.post(&request)).await;
    let Heard::Next { data, .. } = stream.hear().await else { panic!("no answer") };
    assert_nulls(&data, &Value::Null, &paths);
    assert_eq!(stream.hear().await, Heard::Complete);

    let mut socket = Socket::connect(&guest, json!({})).await;
    socket.subscribe("1", ALL, json!({})).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!(message["type"], "next");
    assert_nulls(&message["payload"], &Value::Null, &paths);
    assert_eq!(socket.receive().await, Said::Message(json!({"type": "complete", "id": "1"})));
}

#[actix_web::test]
async fn an_event_of_which_something_failed_ends_no_stream() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let cursor = bob.query("{ viewer { eventCursor } }").await.ok()["viewer"]["eventCursor"].clone();
    let conversation = ada.mutate("startConversation", json!({"userId": bob.id}), "conversation { id }").await.ok();
    let input = json!({"conversationId": conversation["conversation"]["id"], "text": "Hello", "idempotencyKey": "1"});
    let mut socket = Socket::connect(&bob, json!({})).await;
    socket.subscribe("0", "subscription { events { __typename } }", json!({})).await;
    assert_eq!(socket.next("0").await["events"]["__typename"], "Heartbeat");
    ada.mutate("sendMessage", input, "message { id }").await.ok();
    // Once it is told, whoever comes after catches up with it first.
    assert_eq!(socket.next("0").await["events"]["__typename"], "MessageSent");
    socket.complete("0").await;
    let document = "subscription($after: String) { events(after: $after) { __typename \
                    ... on MessageSent { message { number conversation { messages(first: 0) { totalCount } } } } } }";
    socket.subscribe("1", document, json!({"after": cursor})).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    let event = json!({"__typename": "MessageSent", "message": {"number": 1, "conversation": null}});
    let path = json!(["events", "message", "conversation", "messages"]);
    assert_nulls(&message["payload"], &json!({"events": event}), &[path]);
    assert_eq!(socket.next("1").await["events"]["__typename"], "Heartbeat");
}
