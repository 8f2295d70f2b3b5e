//! What there is for all is nobody's alone: connections, requests, room for bodies, looks at the database.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::harness::{
    TestApp,
    raw::Raw,
    socket::{Said, Socket},
};

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Whether somebody new is let in.
async fn is_let_in(app: &TestApp) -> bool {
    let mut connection = Raw::connect(&app.url("/")).await;
    // It may be closed before.
    let _ =
        connection.0.write_all(HEALTH.replace("localhost\r\n", "localhost\r\nconnection: close\r\n").as_bytes()).await;
    connection.rest().await.starts_with("HTTP/1.1 200")
}

#[actix_web::test]
async fn an_address_has_so_many_connections() {
    let app = TestApp::start_with(|settings| settings.capacity.connections_per_address = 2).await;
    let (mut first, mut second) = (Raw::connect(&app.url("/")).await, Raw::connect(&app.url("/")).await);
    for connection in [&mut first, &mut second] {
        assert!(connection.ask(HEALTH).await.starts_with("HTTP/1.1 200"));
    }
    assert!(!is_let_in(&app).await);
    assert!(second.ask(HEALTH).await.starts_with("HTTP/1.1 200"), "who is in stays in");
    drop(first);
    for _ in 0..1_000 {
        if is_let_in(&app).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a place that is free again is not given away");
}

#[actix_web::test]
async fn a_proxy_has_as_many_connections_as_its_clients_need() {
    let app = TestApp::start_with(|settings| {
        settings.capacity.connections_per_address = 2;
        settings.proxies.networks = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let mut open = Vec::new();
    for _ in 0..5 {
        let mut connection = Raw::connect(&app.url("/")).await;
        assert!(connection.ask(HEALTH).await.starts_with("HTTP/1.1 200"));
        open.push(connection);
    }
}

#[actix_web::test]
async fn an_address_has_so_many_requests_under_way() {
    let app = TestApp::start_with(|settings| {
        settings.capacity.requests_per_address = 2;
        settings.proxies.networks = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let from = |address| app.guest().with_header("x-forwarded-for", address);
    let ada = from("203.0.113.1");
    let mut lock = app.connect();
    lock.batch_execute("BEGIN; LOCK TABLE shops IN ACCESS EXCLUSIVE MODE").unwrap();
    let slow: Vec<_> = (0..2)
        .map(|_| {
            let ada = ada.clone();
            tokio::spawn(async move { ada.query("{ shop(by: {handle: \"nobody\"}) { id } }").await })
        })
        .collect();
    let mut refused = None;
    for _ in 0..1_000 {
        let answer = ada.post(&json!({"query": "{ __typename }"})).send().await.unwrap();
        if answer.status() == 429 {
            refused = Some(answer);
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let refused = refused.expect("nothing is refused");
    assert_eq!(refused.headers()["retry-after"], "1");
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    assert_eq!(ada.get(&[("query", "{ __typename }")]).send().await.unwrap().status(), 429);
    from("203.0.113.2").query("{ __typename }").await.ok();
    lock.batch_execute("ROLLBACK").unwrap();
    for slow in slow {
        slow.await.unwrap().ok();
    }
    ada.query("{ __typename }").await.ok();
}

#[actix_web::test]
async fn a_socket_counts_among_the_requests_of_its_address() {
    let app = TestApp::start_with(|settings| settings.capacity.requests_per_address = 0).await;
    let mut socket = Socket::connect(&app.guest(), json!({})).await;
    socket.subscribe("1", "{ __typename }", json!({})).await;
    let Said::Message(message) = socket.receive().await else { panic!("closed") };
    assert_eq!(message["payload"][0]["extensions"]["code"], "RATE_LIMITED");
}

#[actix_web::test]
async fn large_bodies_have_so_much_room_together_and_small_ones_need_none() {
    let app = TestApp::start_with(|settings| settings.capacity.body_bytes = 64 * 1024).await;
    let guest = app.guest();
    let ask = |length: usize| {
        let body = json!({"query": "{ __typename }", "extensions": {"x": "x".repeat(length)}});
        let request = guest.post(&body);
        async move { request.send().await.unwrap() }
    };
    assert_eq!(ask(70 * 1024).await.status(), 200, "alone it has room");
    assert_eq!(ask(90 * 1024).await.status(), 503, "even alone it has none");

    let mut slow = Raw::connect(&app.url("/")).await;
    let head =
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 90000\r\n\r\n";
    slow.0.write_all(format!("{head}{}", " ".repeat(16 * 1024 + 50 * 1024)).as_bytes()).await.unwrap();
    let mut refused = None;
    for _ in 0..1_000 {
        let answer = ask(40 * 1024).await;
        if answer.status() == 503 {
            refused = Some(answer);
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let refused = refused.expect("nothing is refused");
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(ask(10 * 1024).await.status(), 200);
    drop(slow);
    for _ in 0..1_000 {
        if ask(40 * 1024).await.status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the room is not given back");
}

#[actix_web::test]
async fn whether_it_is_ready_is_looked_up_once_a_second() {
    let app = TestApp::start().await;
    let runs = || app.app().db.metrics().lanes.of("short").run.get();
    let (before, began) = (runs(), Instant::now());
    let answers = join_all((0..50).map(|_| reqwest::get(app.url("/readyz")))).await;
    let (looks, took) = (runs() - before, began.elapsed().as_secs());
    assert!(answers.into_iter().all(|answer| answer.unwrap().status() == 200));
    // Others read as well from time to time.
    assert!(looks < took + 20, "{looks} in {took} s");
}
