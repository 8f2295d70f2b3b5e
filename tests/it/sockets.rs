//! The rules of `graphql-transport-ws`, and the bounds of a socket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{
        Message, Utf8Bytes,
        client::IntoClientRequest,
        http::HeaderValue,
        protocol::{
            CloseFrame,
            frame::{
                Frame,
                coding::{CloseCode, Data, OpCode},
            },
        },
    },
};

use crate::harness::{
    TestApp,
    socket::{Said, Socket},
};

const EVENTS: &str = "subscription { events { __typename } }";
/// The largest message.
const MESSAGE: usize = 128 * 1024;
const PATIENCE: Duration = Duration::from_secs(20);

#[actix_web::test]
async fn who_does_not_introduce_themself_in_time_is_closed() {
    let app = TestApp::start_with(|settings| settings.patience.init = Duration::from_millis(300)).await;
    let mut introduced = Socket::connect(&app.guest(), json!({})).await;
    let mut silent = Socket::open(&app.guest().url).await;
    assert_eq!(silent.receive().await, Said::Closed(4408));
    introduced.send(&json!({"type": "ping"})).await;
    assert_eq!(introduced.receive().await, Said::Message(json!({"type": "pong"})));
}

#[actix_web::test]
async fn another_protocol_is_not_spoken() {
    let app = TestApp::start().await;
    let (mut stream, answer) = connect_async(app.guest().url.replacen("http", "ws", 1)).await.unwrap();
    assert!(!answer.headers().contains_key("sec-websocket-protocol"));
    let Some(Ok(Message::Close(Some(frame)))) = stream.next().await else { panic!("not closed") };
    assert_eq!(u16::from(frame.code), 4406);
}

#[actix_web::test]
async fn a_message_that_is_none_closes_the_socket() {
    let app = TestApp::start().await;
    let payload = json!({"query": "{ __typename }"});
    for message in [
        json!("ping"),
        json!([]),
        json!({}),
        json!({"type": "nonsense"}),
        json!({"type": "connection_ack"}),
        json!({"type": "ping", "payload": "text"}),
        json!({"type": "subscribe", "payload": payload}),
        json!({"type": "subscribe", "id": 1, "payload": payload}),
        json!({"type": "subscribe", "id": "", "payload": payload}),
        json!({"type": "subscribe", "id": "x".repeat(256), "payload": payload}),
        json!({"type": "subscribe", "id": "1"}),
        json!({"type": "subscribe", "id": "1", "payload": {}}),
        json!({"type": "subscribe", "id": "1", "payload": {"query": 1}}),
        json!({"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}}),
        json!({"type": "complete"}),
    ] {
        let mut socket = Socket::connect(&app.guest(), json!({})).await;
        socket.send(&message).await;
        assert_eq!(socket.receive().await, Said::Closed(4400), "{message}");
    }
    let mut socket = Socket::connect(&app.guest(), json!({})).await;
    socket.stream.send(Message::binary(b"{\"type\":\"ping\"}".to_vec())).await.unwrap();
    assert_eq!(socket.receive().await, Said::Closed(4400));
    let mut socket = Socket::connect(&app.guest(), json!({})).await;
    socket.stream.send(Message::text("{")).await.unwrap();
    assert_eq!(socket.receive().await, Said::Closed(4400));

    // What may be sent at any time, and the longest id.
    let mut socket = Socket::open(&app.guest().url).await;
    socket.send(&json!({"type": "ping", "payload": {"at": 1}})).await;
    assert_eq!(socket.receive().await, Said::Message(json!({"type": "pong", "payload": {"at": 1}})));
    socket.send(&json!({"type": "pong", "payload": null})).await;
    socket.send(&json!({"type": "complete", "id": "unknown"})).await;
    socket.send(&json!({"type": "connection_init", "payload": null})).await;
    assert_eq!(socket.receive().await, Said::Message(json!({"type": "connection_ack"})));
    let id = "x".repeat(255);
    socket.subscribe(&id, "{ __typename }", json!({})).await;
    assert_eq!(socket.next(&id).await, json!({"__typename": "Query"}));
    assert_eq!(socket.receive().await, Said::Message(json!({"type": "complete", "id": id})));
}

/// A ping that is so long in all.
fn ping(length: usize) -> String {
    let empty = json!({"type": "ping", "payload": {"a": ""}}).to_string();
    json!({"type": "ping", "payload": {"a": "x".repeat(length - empty.len())}}).to_string()
}

async fn send_in_parts(socket: &mut Socket, text: &str, parts: usize) {
    let chunks: Vec<_> = text.as_bytes().chunks(text.len().div_ceil(parts)).collect();
    for (index, chunk) in chunks.iter().enumerate() {
        let code = if index == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(chunk.to_vec(), OpCode::Data(code), index + 1 == chunks.len());
        socket.stream.send(Message::Frame(frame)).await.unwrap();
    }
}

#[actix_web::test]
async fn a_message_has_128_kib_in_one_frame_or_in_many() {
    let app = TestApp::start().await;
    for parts in [1, 2, 1_000] {
        let mut socket = Socket::connect(&app.guest(), json!({})).await;
        send_in_parts(&mut socket, &ping(MESSAGE), parts).await;
        let Said::Message(pong) = socket.receive().await else { panic!("{parts}: closed") };
        assert_eq!(pong["type"], "pong");
        send_in_parts(&mut socket, &ping(MESSAGE + 1), parts).await;
        assert_eq!(socket.receive().await, Said::Closed(4400), "{parts}");
    }
}

#[actix_web::test]
async fn a_socket_runs_64_operations() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut socket = Socket::connect(&ada, json!({})).await;
    for number in 1..=64 {
        let id = number.to_string();
        socket.subscribe(&id, EVENTS, json!({})).await;
        assert_eq!(socket.next(&id).await, json!({"events": {"__typename": "Heartbeat"}}));
    }
    socket.subscribe("65", EVENTS, json!({})).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("65")));
    let extensions = &message["payload"][0]["extensions"];
    assert_eq!(
        (&extensions["limit"], &extensions["value"], &extensions["maximum"]),
        (&json!("OPERATIONS"), &json!(65), &json!(64))
    );
    socket.complete("1").await;
    socket.subscribe("65", "{ __typename }", json!({})).await;
    assert_eq!(socket.next("65").await, json!({"__typename": "Query"}));
}

#[actix_web::test]
async fn a_caller_has_so_many_subscriptions_on_all_sockets_and_streams_together() {
    let app = TestApp::start_with(|settings| settings.capacity.subscriptions_per_caller = 2).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let document = "subscription { events { __typename } }";
    let mut first = Socket::connect(&ada, json!({})).await;
    let mut second = Socket::connect(&ada, json!({})).await;
    for socket in [&mut first, &mut second] {
        socket.subscribe("1", document, json!({})).await;
        socket.next("1").await;
    }
    second.subscribe("2", document, json!({})).await;
    let Said::Message(refused) = second.receive().await else { panic!("closed") };
    let extensions = &refused["payload"][0]["extensions"];
    assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("2")));
    assert_eq!((&extensions["code"], &extensions["retryAfterSeconds"]), (&json!("RATE_LIMITED"), &json!(10)));
    let stream = || ada.post(&json!({"query": document})).header("accept", "text/event-stream").send();
    assert_eq!(stream().await.unwrap().status(), 429);
    // What ends by itself takes none, and others have theirs.
    second.subscribe("3", "{ __typename }", json!({})).await;
    second.next("3").await;
    second.receive().await;
    let mut other = Socket::connect(&bob, json!({})).await;
    other.subscribe("1", document, json!({})).await;
    other.next("1").await;

    first.complete("1").await;
    for _ in 0..400 {
        if stream().await.unwrap().status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the place of a subscription that ended is never free again");
}

#[actix_web::test]
async fn a_caller_has_so_many_sockets() {
    let app = TestApp::start_with(|settings| settings.capacity.streams_per_caller = 2).await;
    let ada = app.sign_up("Ada").await;
    for client in [&ada.client, &app.guest()] {
        let first = Socket::connect(client, json!({})).await;
        let _second = Socket::connect(client, json!({})).await;
        let mut third = Socket::open(&client.url).await;
        let authorization = client.token.as_ref().map(|token| format!("Bearer {token}"));
        let init = json!({"type": "connection_init", "payload": {"authorization": authorization}});
        third.send(&init).await;
        assert_eq!(third.receive().await, Said::Closed(1013));
        drop(first);
        let mut came = false;
        for _ in 0..400 {
            let mut again = Socket::open(&client.url).await;
            again.send(&init).await;
            came = again.receive().await != Said::Closed(1013);
            if came {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(came, "the place of a socket that left is never free again");
    }
}

/// The next message's `extensions`.
async fn extensions(socket: &mut Socket) -> Value {
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!(message["type"], "next", "{message:#}");
    message["payload"]["extensions"].clone()
}

#[actix_web::test]
async fn answers_tell_what_the_connection_includes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let include = json!({"Agora-Include": "cost, context"});
    let mut told = Socket::connect(&ada, include.clone()).await;
    told.subscribe("1", "{ viewer { id } }", json!({})).await;
    let extensions_of_query = extensions(&mut told).await;
    assert_eq!(extensions_of_query["context"], json!({"locale": "en", "currency": "GBP", "country": "GB"}));
    let cost = &extensions_of_query["cost"];
    assert_eq!((&cost["requested"], &cost["actual"], &cost["limit"]), (&json!(1), &json!(1), &json!(1_000_000_000)));
    assert_eq!(told.receive().await, Said::Message(json!({"type": "complete", "id": "1"})));
    told.subscribe("2", EVENTS, json!({})).await;
    let extensions_of_event = extensions(&mut told).await;
    assert_eq!(
        (&extensions_of_event["cost"]["actual"], &extensions_of_event["context"]["currency"]),
        (&json!(2), &json!("GBP"))
    );

    // By a header of the upgrade, and by neither.
    let mut request = ada.url.replacen("http", "ws", 1).into_client_request().unwrap();
    for (name, value) in [("sec-websocket-protocol", "graphql-transport-ws"), ("agora-include", "cost")] {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let mut by_header = Socket { stream: connect_async(request).await.unwrap().0 };
    by_header.send(&json!({"type": "connection_init"})).await;
    assert_eq!(by_header.receive().await, Said::Message(json!({"type": "connection_ack"})));
    by_header.subscribe("1", "{ __typename }", json!({})).await;
    let told = extensions(&mut by_header).await;
    assert!(told["cost"]["remaining"].is_u64() && told["context"].is_null(), "{told}");
    let mut silent = Socket::connect(&ada, json!({})).await;
    silent.subscribe("1", "{ __typename }", json!({})).await;
    assert_eq!(extensions(&mut silent).await, Value::Null);
}

#[actix_web::test]
async fn both_sides_can_say_goodbye() {
    let app = TestApp::start().await;
    let mut socket = Socket::connect(&app.guest(), json!({})).await;
    let frame = CloseFrame { code: CloseCode::Normal, reason: Utf8Bytes::from_static("Normal Closure") };
    socket.stream.close(Some(frame)).await.unwrap();
    assert_eq!(socket.receive().await, Said::Closed(1000));
    assert!(timeout(PATIENCE, socket.stream.next()).await.unwrap().is_none(), "the connection goes on");

    let mut socket = Socket::connect(&app.guest(), json!({})).await;
    socket.send(&json!({"type": "connection_init"})).await;
    assert_eq!(socket.receive().await, Said::Closed(4429));
    assert!(timeout(PATIENCE, socket.stream.next()).await.unwrap().is_none(), "the connection goes on");

    let mut socket = Socket::connect(&app.guest(), json!({})).await;
    socket.stream.send(Message::Ping(b"there?".to_vec().into())).await.unwrap();
    let answer = timeout(PATIENCE, socket.stream.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(answer, Message::Pong(b"there?".to_vec().into()));
}

#[actix_web::test]
async fn a_socket_that_is_silent_is_dead_and_one_that_answers_is_not() {
    let app = TestApp::start_with(|settings| settings.patience.ping = Duration::from_millis(200)).await;
    let mut answering = Socket::connect(&app.guest(), json!({})).await;
    let mut silent = Socket::connect(&app.guest(), json!({})).await;
    let answer = async {
        for _ in 0..10 {
            let asked = timeout(PATIENCE, answering.stream.next()).await.unwrap().unwrap().unwrap();
            assert_eq!(asked, Message::text(r#"{"type":"ping"}"#));
            answering.send(&json!({"type": "pong"})).await;
        }
    };
    let wait = async {
        let mut asked = 0;
        while let Some(Ok(message)) = timeout(PATIENCE, silent.stream.next()).await.unwrap() {
            assert_eq!(message, Message::text(r#"{"type":"ping"}"#));
            asked += 1;
        }
        asked
    };
    let ((), asked) = tokio::join!(answer, wait);
    assert!((1..=4).contains(&asked), "{asked}");
}
