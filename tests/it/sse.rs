//! Server-sent events: what the protocol asks for, how a stream is resumed, how it ends.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{
    TestApp,
    app::Person,
    events::{EventStream, Heard},
};

/// No cursor is selected: the events' ids are enough.
const EVENTS: &str = "subscription($after: String) { events(after: $after) { __typename \
                      ... on MessageSent { message { content { ... on TextContent { text } } } } } }";

async fn stream(person: &Person, variables: Value, last_event: Option<&str>) -> EventStream {
    let mut request = person.post(&json!({"query": EVENTS, "variables": variables}));
    if let Some(id) = last_event {
        request = request.header("last-event-id", id);
    }
    EventStream::open(request).await
}

fn data(data: &Value) -> Heard {
    Heard::Next { id: None, data: json!({"data": data}) }
}

/// What is said until the stream is complete.
async fn all(request: reqwest::RequestBuilder) -> Vec<Heard> {
    let mut stream = EventStream::open(request).await;
    let mut heard = Vec::new();
    loop {
        heard.push(stream.hear().await);
        if heard.last() == Some(&Heard::End) {
            heard.pop();
            assert_eq!(heard.pop(), Some(Heard::Complete));
            return heard;
        }
    }
}

#[actix_web::test]
async fn a_query_and_a_mutation_say_one_thing_and_are_complete() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let query = json!({"query": "{ viewer { email } }"});
    let viewer = data(&json!({"viewer": {"email": ada.email}}));
    for request in [ada.post(&query), ada.get(&[("query", "{ viewer { email } }")])] {
        assert_eq!(all(request).await, std::slice::from_ref(&viewer));
    }
    let mutation = "mutation { signOut { userErrors { code } } }";
    let refused = ada.get(&[("query", mutation)]).header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers()["allow"].to_str().unwrap()), (405, "POST"));
    ada.query("{ viewer { id } }").await.ok();
    let done = data(&json!({"signOut": {"userErrors": []}}));
    assert_eq!(all(ada.post(&json!({"query": mutation}))).await, [done]);
}

#[actix_web::test]
async fn what_is_wrong_with_the_operation_is_said_in_the_stream_and_the_rest_by_a_status() {
    let app = TestApp::start().await;
    let guest = app.guest();
    for (query, code) in [
        ("{", "PARSE_FAILED"),
        ("{ nothing }", "VALIDATION_FAILED"),
        ("subscription { events { __typename } }", "UNAUTHENTICATED"),
        (&format!("{{ {} }}", "__typename ".repeat(21)), "QUERY_TOO_COMPLEX"),
    ] {
        let heard = all(guest.post(&json!({"query": query}))).await;
        let [Heard::Next { id: None, data }] = heard.as_slice() else { panic!("{heard:?}") };
        assert_eq!(data["errors"][0]["extensions"]["code"], code, "{query}");
        assert_eq!(data.get("data"), None, "a request error has none");
    }
    let good = json!({"query": "{ __typename }"});
    for (client, body, status) in [
        (guest.with_token("nonsense"), good.clone(), 401),
        (guest.with_header("agora-country", "England"), good.clone(), 400),
        (guest.clone(), json!({"variables": {}}), 400),
        (guest.clone(), json!([good]), 400),
    ] {
        let answer = client.post(&body).header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{body}");
    }
    // Who takes streams besides gets one for a subscription, and an ordinary answer for what is none.
    let both = guest.post(&good).header("accept", "application/json, text/event-stream").send().await.unwrap();
    assert_eq!(both.headers()["content-type"], "application/json; charset=utf-8");
    let subscription = json!({"query": "subscription { events { __typename } }"});
    let both = guest.post(&subscription).header("accept", "application/json, text/event-stream").send().await.unwrap();
    assert_eq!(both.headers()["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(guest.post(&subscription).send().await.unwrap().status(), 400);
}

async fn say(person: &Person, conversation: &str, text: &str) {
    let input = json!({"conversationId": conversation, "text": text, "idempotencyKey": text});
    person.mutate("sendMessage", input, "message { number }").await.ok();
}

async fn heard(stream: &mut EventStream) -> (String, String) {
    let (id, event) = stream.event().await;
    (id, event["message"]["content"]["text"].as_str().unwrap_or_else(|| panic!("{event:#}")).to_owned())
}

#[actix_web::test]
async fn a_stream_goes_on_after_its_last_event() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let started = ada.mutate("startConversation", json!({"userId": bob.id}), "conversation { id }").await.ok();
    let conversation = started["conversation"]["id"].as_str().unwrap();
    let cursor = bob.query("{ viewer { eventCursor } }").await.ok()["viewer"]["eventCursor"].clone();

    let mut live = stream(&bob, json!({}), None).await;
    let Heard::Next { id: Some(start), data } = live.hear().await else { panic!("no heartbeat") };
    assert_eq!((data, json!(start)), (json!({"data": {"events": {"__typename": "Heartbeat"}}}), cursor.clone()));
    say(&ada, conversation, "one").await;
    let (first, text) = heard(&mut live).await;
    assert_eq!(text, "one");
    drop(live);
    say(&ada, conversation, "two").await;
    say(&ada, conversation, "three").await;

    // A client that reconnects sends its first variables again; whichever is newer counts.
    let mut resumed = stream(&bob, json!({"after": cursor}), Some(&first)).await;
    let (second, text) = heard(&mut resumed).await;
    assert_eq!(text, "two");
    assert_eq!(heard(&mut resumed).await.1, "three");
    let mut newer = stream(&bob, json!({"after": second}), Some(&first)).await;
    assert_eq!(heard(&mut newer).await.1, "three");
    let mut by_get = EventStream::open(bob.get(&[("query", EVENTS)]).header("last-event-id", &second)).await;
    assert_eq!(heard(&mut by_get).await.1, "three");
    say(&ada, conversation, "four").await;
    for stream in [&mut resumed, &mut newer, &mut by_get] {
        assert_eq!(heard(stream).await.1, "four");
    }

    let mut broken = stream(&bob, json!({}), Some("nonsense")).await;
    let Heard::Next { data, .. } = broken.hear().await else { panic!("nothing was said") };
    assert_eq!(data["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!((broken.hear().await, broken.hear().await), (Heard::Complete, Heard::End));
}

#[actix_web::test]
async fn a_stream_says_that_it_lives_and_why_it_ends() {
    let app = TestApp::start_with(|settings| settings.patience.ping = Duration::from_millis(50)).await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let mut adas = stream(&ada, json!({}), None).await;
    let mut lively = Vec::new();
    while lively.len() < 4 {
        match adas.hear_all().await {
            Heard::Comment(text) => lively.push(text),
            other => assert!(matches!(other, Heard::Next { .. }), "{other:?}"),
        }
    }
    assert_eq!(lively, ["", "", "", ""]);

    ada.query("mutation { signOut { userErrors { code } } }").await.ok();
    assert_eq!((adas.hear().await, adas.hear().await), (Heard::Comment("Session ended".into()), Heard::End));

    let mut bobs = stream(&bob, json!({}), None).await;
    assert!(matches!(bobs.hear().await, Heard::Next { .. }));
    app.given_role(&bob, "SUPPORT");
    assert_eq!(
        (bobs.hear().await, bobs.hear().await),
        (Heard::Comment("Rights changed: reconnect".into()), Heard::End)
    );

    let mut eves = stream(&eve, json!({}), None).await;
    assert!(matches!(eves.hear().await, Heard::Next { .. }));
    let ((said, end), ()) = tokio::join!(async { (eves.hear().await, eves.hear().await) }, app.stop());
    assert_eq!((said, end), (Heard::Comment("Service restart".into()), Heard::End));
}

#[actix_web::test]
async fn a_caller_has_so_many_streams_and_one_that_is_left_is_free_again() {
    let app = TestApp::start_with(|settings| settings.capacity.streams_per_caller = 2).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let first = stream(&ada, json!({}), None).await;
    let _second = stream(&ada, json!({}), None).await;
    let third = || ada.post(&json!({"query": EVENTS})).header("accept", "text/event-stream").send();
    let refused = third().await.unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"10".parse().unwrap()));
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    stream(&bob, json!({}), None).await;
    drop(first);
    for _ in 0..400 {
        if third().await.unwrap().status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the place of a client that left is never free again");
}

#[actix_web::test]
async fn a_stream_tells_what_its_request_includes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let client = ada.with_header("agora-include", "cost,context");
    // An event costs its object and its `__typename`.
    for (query, points) in [("{ __typename }", 1), (EVENTS, 2)] {
        let mut stream = EventStream::open(client.post(&json!({"query": query}))).await;
        let Heard::Next { data, .. } = stream.hear().await else { panic!("no answer") };
        let extensions = &data["extensions"];
        assert_eq!((&extensions["cost"]["actual"], &extensions["context"]["country"]), (&json!(points), &json!("GB")));
    }
    let mut stream = EventStream::open(ada.post(&json!({"query": EVENTS}))).await;
    let Heard::Next { data, .. } = stream.hear().await else { panic!("no answer") };
    assert_eq!(data["extensions"], Value::Null);
}
