//! The stream of events over WebSocket: where it begins, how it is resumed, how it ends.

use agora::users::model::access_topic;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::harness::{
    TestApp,
    app::Person,
    cluster::Database,
    socket::{Said, Socket},
};

const EVENTS: &str = "subscription($after: String) { events(after: $after) { __typename \
                      ... on MessageSent { cursor message { number content { ... on TextContent { text } } } } \
                      ... on OrderChanged { cursor version order { lifecycle } parts { id } } \
                      ... on Heartbeat { cursor } ... on Gap { resumeCursor } } }";

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

async fn talk(one: &Person, other: &Person) -> String {
    let started = one.mutate("startConversation", json!({"userId": other.id}), "conversation { id }").await.ok();
    started["conversation"]["id"].as_str().unwrap().to_owned()
}

async fn say(person: &Person, conversation: &str, text: &str) {
    let input = json!({"conversationId": conversation, "text": text, "idempotencyKey": text});
    person.mutate("sendMessage", input, "message { number }").await.ok();
}

/// The next event that is no heartbeat, of which there may be one at any time.
async fn next(socket: &mut Socket) -> Value {
    loop {
        let event = socket.next("1").await["events"].take();
        if event["__typename"] != "Heartbeat" {
            return event;
        }
    }
}

/// What the next message says.
async fn heard(socket: &mut Socket) -> String {
    let event = next(socket).await;
    event["message"]["content"]["text"].as_str().unwrap_or_else(|| panic!("{event:#}")).to_owned()
}

#[actix_web::test]
async fn a_stream_tells_what_happens_and_goes_on_where_it_was_left() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let (conversation, other) = (talk(&ada, &bob).await, talk(&ada, &eve).await);
    let mut socket = Socket::connect(&bob, json!({})).await;
    socket.subscribe("1", EVENTS, json!({})).await;
    assert_eq!(socket.next("1").await["events"]["__typename"], "Heartbeat");

    say(&ada, &conversation, "one").await;
    let first = next(&mut socket).await;
    assert_eq!(first["message"]["content"]["text"], "one");
    drop(socket);

    // What is said while nobody listens is not lost, and what others say is not told.
    say(&ada, &other, "not for Bob").await;
    say(&ada, &conversation, "two").await;
    say(&bob, &conversation, "three").await;
    let cursor = first["cursor"].as_str().unwrap();

    // Clients resend their first variables when they reconnect: the connection's cursor goes before an older one.
    let mut resumed = Socket::connect(&bob, json!({"resumeAfter": cursor})).await;
    resumed.subscribe("1", EVENTS, json!({})).await;
    let mut given = Socket::connect(&bob, json!({})).await;
    given.subscribe("1", EVENTS, json!({"after": cursor})).await;
    for socket in [&mut resumed, &mut given] {
        assert_eq!(heard(socket).await, "two");
        assert_eq!(heard(socket).await, "three");
    }
    say(&ada, &conversation, "four").await;
    assert_eq!(heard(&mut resumed).await, "four");
    assert_eq!(heard(&mut given).await, "four");

    // The same stream as a query.
    let document = "query($after: String) { viewer { events(first: 10, after: $after) { pageInfo { hasNextPage } edges { cursor \
                    node { ... on MessageSent { message { content { ... on TextContent { text } } } } } } } } }";
    let page = bob.send(document, json!({"after": cursor})).await.ok()["viewer"]["events"].clone();
    let texts: Vec<_> = page["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| edge["node"]["message"]["content"]["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["two", "three", "four"]);
    assert_eq!(page["pageInfo"]["hasNextPage"], false);
}

#[actix_web::test]
async fn an_order_is_told_to_its_buyer_and_to_the_shop() {
    let app = TestApp::start().await;
    let (sally, bob) = (app.sign_up("Sally").await, app.sign_up("Bob").await);
    let shop = sally.open_shop("Candles").await;
    let goods = sally.sell(&shop, "Holder", "1.00", 5).await;
    let mut sockets = Vec::new();
    for person in [&sally, &bob] {
        let mut socket = Socket::connect(person, json!({})).await;
        socket.subscribe("1", EVENTS, json!({})).await;
        assert_eq!(socket.next("1").await["events"]["__typename"], "Heartbeat");
        sockets.push(socket);
    }
    let order = bob.order_one(&goods, "k").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    bob.cancel(&order).await.ok();
    for (socket, lifecycle) in sockets.iter_mut().zip([Value::Null, json!("CANCELLED")]) {
        // The system message, the order; and both again when it is cancelled.
        let mut last = Value::Null;
        for kind in ["MessageSent", "OrderChanged", "MessageSent", "OrderChanged"] {
            last = next(socket).await;
            assert_eq!(last["__typename"], kind);
        }
        assert_eq!(last["version"], 2);
        assert_eq!(last["order"]["lifecycle"], lifecycle);
        assert_eq!(last["parts"].as_array().unwrap().len(), 1);
    }
}

#[actix_web::test]
async fn an_idle_transaction_elsewhere_in_the_cluster_delays_nothing() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let elsewhere = Database::new();
    let mut idle = elsewhere.connect();
    // It has written, so it has a transaction id, and it does not end while the events go by.
    idle.batch_execute(
        "BEGIN; INSERT INTO event_outbox (kind, payload, topics, recorded_at) VALUES ('x', '{}', '{}', now())",
    )
    .unwrap();
    let mut socket = Socket::connect(&bob, json!({})).await;
    socket.subscribe("1", EVENTS, json!({})).await;
    socket.next("1").await;
    for text_said in ["one", "two", "three"] {
        say(&ada, &conversation, text_said).await;
        assert_eq!(heard(&mut socket).await, text_said);
    }
    idle.batch_execute("ROLLBACK").unwrap();
}

#[actix_web::test]
async fn sockets_are_closed_when_the_service_stops() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut socket = Socket::connect(&ada, json!({})).await;
    let (said, ()) = tokio::join!(socket.receive(), app.stop());
    assert_eq!(said, Said::Closed(1012));
}

#[actix_web::test]
async fn the_protocols_rules_are_kept() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let closed = async |message: Value| {
        let mut socket = Socket::connect(&ada, json!({})).await;
        socket.send(&message).await;
        socket.receive().await
    };
    assert_eq!(closed(json!({"type": "connection_init"})).await, Said::Closed(4429));
    assert_eq!(closed(json!({"type": "nonsense"})).await, Said::Closed(4400));
    assert_eq!(closed(json!({"type": "ping"})).await, Said::Message(json!({"type": "pong"})));

    let mut socket = Socket::connect(&ada, json!({})).await;
    socket.subscribe("1", EVENTS, json!({})).await;
    socket.next("1").await;
    socket.subscribe("1", EVENTS, json!({})).await;
    assert_eq!(socket.receive().await, Said::Closed(4409));

    let mut socket = Socket::open(&ada.url).await;
    socket.send(&json!({"type": "connection_init", "payload": {"Authorization": "Bearer nonsense"}})).await;
    assert_eq!(socket.receive().await, Said::Closed(4401));

    // Queries go over a socket, too, and what is wrong with one does not end it.
    let mut socket = Socket::connect(&ada, json!({})).await;
    socket.subscribe("1", "{ nothing }", json!({})).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!(
        (&message["type"], &message["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("VALIDATION_FAILED"))
    );
    socket.subscribe("1", "{ viewer { email } }", json!({})).await;
    assert_eq!(socket.next("1").await["viewer"]["email"], ada.email.as_str());
    assert_eq!(socket.receive().await, Said::Message(json!({"type": "complete", "id": "1"})));
}

#[actix_web::test]
async fn a_socket_ends_with_its_session() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut socket = Socket::connect(&ada, json!({})).await;
    ada.query("mutation { signOut { userErrors { code } } }").await.ok();
    assert_eq!(socket.receive().await, Said::Closed(4401));

    // Who signs out over the socket is told so before it ends.
    let ada = app.sign_up("Adah").await;
    let mut socket = Socket::connect(&ada, json!({})).await;
    socket.subscribe("1", EVENTS, json!({})).await;
    socket.next("1").await;
    socket.subscribe("2", "mutation { signOut { userErrors { code } } }", json!({})).await;
    assert_eq!(socket.next("2").await["signOut"]["userErrors"], json!([]));
    assert_eq!(socket.receive().await, Said::Message(json!({"type": "complete", "id": "2"})));
    assert_eq!(socket.receive().await, Said::Closed(4401));

    let bob = app.sign_up("Bob").await;
    let mut socket = Socket::connect(&bob, json!({})).await;
    app.given_role(&bob, "ADMIN");
    assert_eq!(socket.receive().await, Said::Closed(4403));

    let mut socket = Socket::connect(&*app.sign_up("Eve").await, json!({})).await;
    socket.subscribe("1", "subscription { a: events { __typename } b: events { __typename } }", json!({})).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!(message["payload"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
}

#[actix_web::test]
async fn who_left_a_shop_hears_no_more_of_its_orders() {
    let app = TestApp::start().await;
    let (sally, mary, bob) = (app.sign_up("Sally").await, app.sign_up("Mary").await, app.sign_up("Bob").await);
    let shop = sally.open_shop("Candles").await;
    let goods = sally.sell(&shop, "Holder", "1.00", 5).await;
    let input = json!({"shopId": shop, "userId": mary.id, "role": "MANAGER"});
    sally.mutate("addShopMember", input, "member { role }").await.ok();
    let mut socket = Socket::connect(&mary, json!({})).await;
    socket.subscribe("1", EVENTS, json!({})).await;
    socket.next("1").await;
    sally.mutate("removeShopMember", json!({"shopId": shop, "userId": mary.id}), "desk { id }").await.ok();
    bob.order_one(&goods, "k").await.ok();
    // What comes next is the first thing that concerns her as a person.
    let conversation = talk(&mary, &bob).await;
    say(&bob, &conversation, "hello").await;
    assert_eq!(heard(&mut socket).await, "hello");
}

#[actix_web::test]
async fn what_may_be_heard_of_is_looked_up_once_however_often_it_has_changed() {
    let app = TestApp::start_with(|settings| settings.admin_bind = Some("127.0.0.1:0".parse().unwrap())).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let cursor = ada.query("{ viewer { eventCursor } }").await.ok()["viewer"]["eventCursor"].clone();
    let looks = async || {
        const LOOKS: &str = "agora_statements_total{query=\"api::events::topics\"} ";
        let metrics = reqwest::get(app.admin_url("/metrics")).await.unwrap().text().await.unwrap();
        metrics.lines().find_map(|line| line.strip_prefix(LOOKS)).map_or(0, |count| count.parse::<u64>().unwrap())
    };
    let mut socket = Socket::connect(&ada, json!({})).await;
    socket.subscribe("1", EVENTS, json!({})).await;
    assert_eq!(socket.next("1").await["events"]["__typename"], "Heartbeat");
    assert_eq!(looks().await, 1);

    // As they happen: by the first of them the others are known.
    let access = access_topic(ada.id.parse().unwrap());
    app.given_sql(&format!(
        "INSERT INTO event_outbox (kind, payload, topics, recorded_at) \
         SELECT 'users.access_changed', jsonb_build_object('user', '{}'), ARRAY['{access}']::uuid[], now() \
         FROM generate_series(1, 50)",
        ada.id
    ));
    say(&bob, &conversation, "one").await;
    assert_eq!(heard(&mut socket).await, "one");
    let live = looks().await;
    assert!((2..=3).contains(&live), "{live}");

    // All of them long ago: whoever comes back looks when they come.
    let mut later = Socket::connect(&ada, json!({})).await;
    later.subscribe("1", EVENTS, json!({"after": cursor})).await;
    assert_eq!(heard(&mut later).await, "one");
    assert_eq!(looks().await, live + 1);
    say(&bob, &conversation, "two").await;
    for socket in [&mut socket, &mut later] {
        assert_eq!(heard(socket).await, "two");
    }
}
