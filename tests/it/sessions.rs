//! Sessions: what ends them, and how every process hears of it.

use std::time::Duration;

use agora::{
    platform::caller::Caller,
    users::{model::Role, service},
};
use diesel::{Connection, RunQueryDsl, sql_query};
use serde_json::json;

use crate::harness::{
    Client, TestApp,
    app::Person,
    socket::{Said, Socket},
};

const WHO: &str = "{ viewer { role } }";

/// How somebody is answered by a process, waited for until it is so.
async fn becomes(client: &Client, wanted: &str) {
    for _ in 0..200 {
        let answer = client.query(WHO).await;
        let is = if answer.errors.is_empty() {
            &answer.data["viewer"]["role"]
        } else {
            &answer.errors[0]["extensions"]["code"]
        };
        if *is == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never becomes {wanted}");
}

#[actix_web::test]
async fn what_changes_on_one_process_is_known_to_the_other() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let elsewhere = |person: &Person| beside.guest().with_token(person.token.as_deref().unwrap());
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (ada_there, bob_there) = (elsewhere(&ada), elsewhere(&bob));
    assert_eq!(ada_there.query(WHO).await.ok()["viewer"]["role"], "MEMBER");
    let mut of_ada = Socket::connect(&ada_there, json!({})).await;
    let mut of_bob = Socket::connect(&bob_there, json!({})).await;

    ada.query("mutation { signOut { userErrors { code } } }").await.ok();
    assert_eq!(of_ada.receive().await, Said::Closed(4401));
    becomes(&ada_there, "UNAUTHENTICATED").await;

    service::set_role(app.app(), &Caller::system(), &bob.email, Role::Support).await.unwrap().unwrap();
    assert_eq!(of_bob.receive().await, Said::Closed(4403));
    becomes(&bob_there, "SUPPORT").await;
    beside.stop().await;
}

#[actix_web::test]
async fn who_is_signed_in_costs_no_statement() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let typename = "{ __typename }";
    ada.query(typename).await.ok();
    let misses = || app.app().metrics().standings.misses.get();
    let before = misses();
    for _ in 0..3 {
        assert_eq!(ada.query(typename).await.statements, Some(0));
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    assert_eq!(misses(), before, "it was looked up again although nothing had changed");
}

#[actix_web::test]
async fn a_process_that_hears_nothing_believes_nobody() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut socket = Socket::connect(&ada, json!({})).await;
    let typename = "{ __typename }";
    ada.query(typename).await.ok();
    let mut conn = app.connect();
    conn.begin_test_transaction().unwrap();
    sql_query("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE").execute(&mut conn).unwrap();
    let mut answer = ada.query(typename).await;
    for _ in 0..200 {
        if !answer.errors.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        answer = ada.query(typename).await;
    }
    assert_eq!(answer.code(), "UNAVAILABLE");
    app.guest().query(typename).await.ok();
    // Sockets wait: nobody has said that their sessions are over.
    drop(conn);
    becomes(&ada, "MEMBER").await;
    socket.subscribe("1", typename, json!({})).await;
    assert_eq!(socket.next("1").await["__typename"], "Query");
}
