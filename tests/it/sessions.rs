//! Sessions: what ends them, and how every process hears of it.

use std::time::Duration;

use agora::{
    platform::caller::Caller,
    users::{model::Role, service},
};
use chrono::TimeDelta;
use diesel::{Connection, RunQueryDsl, sql_query};
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{
        Client, TestApp,
        app::{PASSWORD, Person},
        socket::{Said, Socket},
    },
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

const SESSIONS: &str = "{ viewer { sessions { id device address isCurrent createdAt lastSeenAt expiresAt } } }";

/// Signs in on another device.
async fn signed_in(app: &TestApp, person: &Person, user_agent: &str) -> Client {
    let device = app.guest().with_header("user-agent", user_agent);
    let input = json!({"email": person.email, "password": PASSWORD});
    let answer = device.mutate("signIn", input, "result { ... on SignedIn { accessToken } }").await.ok();
    device.with_token(answer["result"]["accessToken"].as_str().unwrap())
}

async fn sessions(client: &Client) -> Vec<Value> {
    client.query(SESSIONS).await.ok()["viewer"]["sessions"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn people_see_their_devices_and_sign_them_out() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    app.advance(TimeDelta::minutes(1));
    let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/18.1 Mobile/15E148 Safari/604.1";
    let phone = signed_in(&app, &ada, phone).await;
    app.advance(TimeDelta::minutes(1));
    let program = signed_in(&app, &ada, "curl/8.5").await;

    let seen = sessions(&phone).await;
    let devices: Vec<_> = seen.iter().map(|session| (&session["device"], &session["isCurrent"])).collect();
    assert_eq!(
        devices,
        [(&json!("curl"), &json!(false)), (&json!("Safari on iPhone"), &json!(true)), (&json!(""), &json!(false))]
    );
    assert_eq!((&seen[1]["address"], &seen[1]["createdAt"]), (&json!("127.0.0.1"), &json!("2026-11-20T12:01:00+00:00")));

    // Nobody else's session is there.
    let revoke = async |client: &Client, id: &Value| {
        client.mutate("revokeSession", json!({"sessionId": id}), "session { device isCurrent }").await
    };
    assert_eq!(revoke(&bob, &seen[0]["id"]).await.refusal(), ("NOT_FOUND".into(), "sessionId".into()));
    let mut socket = Socket::connect(&program, json!({})).await;
    assert_eq!(revoke(&phone, &seen[0]["id"]).await.ok()["session"]["device"], "curl");
    assert_eq!(socket.receive().await, Said::Closed(4401));
    assert_eq!(program.query(WHO).await.code(), "UNAUTHENTICATED");
    assert_eq!(revoke(&phone, &seen[0]["id"]).await.refusal().0, "NOT_FOUND");
    let node = "query($id: ID!) { node(id: $id) { ... on Session { device } } }";
    assert_eq!(phone.send(node, json!({"id": seen[0]["id"]})).await.ok()["node"], Value::Null);
    assert_eq!(phone.send(node, json!({"id": seen[1]["id"]})).await.ok()["node"]["device"], "Safari on iPhone");

    let others = phone.query("mutation { revokeOtherSessions { sessions { id } } }").await.ok();
    assert_eq!(others["revokeOtherSessions"]["sessions"], json!([{"id": seen[2]["id"]}]));
    assert_eq!(ada.query(WHO).await.code(), "UNAUTHENTICATED");
    assert_eq!(sessions(&phone).await.len(), 1);
    assert_eq!(sessions(&bob).await.len(), 1);

    // The one that one is in ends, too, and says so.
    assert_eq!(revoke(&phone, &seen[1]["id"]).await.ok()["session"]["isCurrent"], true);
    assert_eq!(phone.query(WHO).await.code(), "UNAUTHENTICATED");
}

#[actix_web::test]
async fn a_person_has_a_hundred_sessions() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    app.given_sql(
        "INSERT INTO sessions (id, user_id, device, rotated_at, created_at, last_seen_at, expires_at)
         SELECT gen_random_uuid(), user_id, 'old ' || n, rotated_at, created_at, created_at - n * interval '1 minute', expires_at
         FROM sessions, generate_series(1, 99) n",
    );
    assert_eq!(sessions(&ada).await.len(), 100);
    app.advance(TimeDelta::minutes(1));
    signed_in(&app, &ada, "new").await;
    let seen = sessions(&ada).await;
    assert_eq!(seen.len(), 100);
    let devices: Vec<_> = seen.iter().map(|session| session["device"].as_str().unwrap()).collect();
    assert_eq!((devices[0], devices[99]), ("new", "old"));
    let ended = "SELECT count(*) AS count FROM sessions WHERE device = 'old 99' AND ended_reason = 'REVOKED'";
    assert_eq!(count(&mut app.connect(), ended), 1);
}
