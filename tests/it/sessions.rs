//! Sessions: what ends them, and how every process hears of it.

use std::{collections::HashSet, time::Duration};

use agora::{
    platform::{caller::Caller, crypto::MasterKey},
    users::{model::Role, service},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use diesel::{Connection, RunQueryDsl, sql_query};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{
        Client, TestApp,
        app::{MASTER_KEY, PASSWORD, Person},
        program::{Ended, command, run},
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

    service::set_role(app.app(), &Caller::system(), &bob.email, Role::Support, "New here").await.unwrap().unwrap();
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
    // Sockets stay, for nobody has said that their sessions are over; but nothing new begins on them.
    socket.subscribe("0", typename, json!({})).await;
    let Said::Message(refused) = socket.receive().await else { panic!("it was closed") };
    assert_eq!(refused["payload"][0]["extensions"]["code"], "UNAVAILABLE", "{refused}");
    drop(conn);
    becomes(&ada, "MEMBER").await;
    socket.subscribe("1", typename, json!({})).await;
    assert_eq!(socket.next("1").await["__typename"], "Query");
}

#[actix_web::test]
async fn of_many_refreshes_at_once_one_rotates_and_all_get_the_same() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    let refresh = |at: &TestApp| {
        let (client, input) = (at.guest(), json!({"refreshToken": ada.refresh_token}));
        async move { client.mutate("refreshSession", input, "signedIn { accessToken refreshToken }").await.ok() }
    };
    let answers = join_all((0..32).map(|number| refresh(if number % 2 == 0 { &app } else { &beside }))).await;
    let tokens: HashSet<_> =
        answers.iter().map(|answer| answer["signedIn"]["refreshToken"].as_str().unwrap().to_owned()).collect();
    assert_eq!(tokens.len(), 1);
    assert!(!tokens.contains(&ada.refresh_token));
    let rotations = "SELECT sum(generation - 1) AS count FROM sessions";
    assert_eq!(count(&mut app.connect(), rotations), 1);
    for answer in &answers {
        app.guest().with_token(answer["signedIn"]["accessToken"].as_str().unwrap()).query(WHO).await.ok();
    }
    beside.stop().await;
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
    assert_eq!(
        (&seen[1]["address"], &seen[1]["createdAt"]),
        (&json!("127.0.0.1"), &json!("2026-11-20T12:01:00+00:00"))
    );

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

#[actix_web::test]
async fn after_ninety_days_nothing_is_known_of_where_a_session_began_or_that_it_was() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let ended = signed_in(&app, &ada, "ended").await;
    ended.query("mutation { signOut { userErrors { code } } }").await.ok();
    app.given_sql("UPDATE sessions SET expires_at = '2027-12-01T00:00:00Z' WHERE ended_at IS NULL");
    let forgotten = async || {
        service::forget_sessions(app.app(), &Caller::system()).await.unwrap();
        let known = "SELECT count(*) AS count FROM sessions WHERE address IS NOT NULL";
        (count(&mut app.connect(), "SELECT count(*) AS count FROM sessions"), count(&mut app.connect(), known))
    };
    app.advance(TimeDelta::days(90));
    assert_eq!(forgotten().await, (2, 2));
    app.advance(TimeDelta::seconds(1));
    assert_eq!(forgotten().await, (1, 0));
    // One that nobody goes on with ends by itself, and goes as well.
    app.given_sql("UPDATE sessions SET expires_at = '2026-11-20T12:00:00Z'");
    assert_eq!(forgotten().await, (0, 0));
}

/// The keys that a process publishes, the newest first.
async fn published(app: &TestApp) -> Vec<Value> {
    let answer = reqwest::get(app.url("/.well-known/jwks.json")).await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "public, max-age=60");
    answer.json::<Value>().await.unwrap()["keys"].as_array().unwrap().clone()
}

fn agora(app: &TestApp, master_key: &str, arguments: &[&str]) -> Ended {
    let url = app.database_url();
    let common = ["--mode", "development", "--master-key", master_key, "--database-url", url];
    run(&mut command(&[arguments, &common].concat()))
}

#[actix_web::test]
async fn another_key_signs_and_the_one_before_verifies_until_its_last_token_has_died() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let before = published(&app).await;
    assert_eq!((before.len(), &before[0]["crv"], &before[0]["alg"]), (1, &json!("Ed25519"), &json!("EdDSA")));
    let rotated = agora(&app, MASTER_KEY, &["keys", "rotate"]);
    assert_eq!(rotated.code, Some(0), "{rotated:?}");

    service::load_signing_keys(app.app()).await.unwrap();
    let both = published(&app).await;
    assert_eq!((both.len(), &both[1]), (2, &before[0]));
    assert!(rotated.stdout.starts_with(both[0]["kid"].as_str().unwrap()));
    ada.query(WHO).await.ok();
    let other = signed_in(&app, &ada, "").await;
    let header = other.token.as_deref().unwrap().split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!((&header["kid"], &header["alg"]), (&both[0]["kid"], &json!("EdDSA")));

    // The clock of the command is the real one, and this process' stands still: a day later the old key is gone.
    app.given_sql("UPDATE signing_keys SET retired_at = '2026-11-20T12:00:00Z' WHERE retired_at IS NOT NULL");
    app.advance(TimeDelta::seconds(659));
    service::load_signing_keys(app.app()).await.unwrap();
    assert_eq!(published(&app).await.len(), 2);
    app.advance(TimeDelta::seconds(1));
    service::load_signing_keys(app.app()).await.unwrap();
    assert_eq!(published(&app).await, both[..1]);
    assert_eq!(ada.query(WHO).await.code(), "UNAUTHENTICATED");
}

#[actix_web::test]
async fn a_new_master_key_reads_what_the_one_before_has_sealed() {
    const NEW: &str = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=";
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (old, new): (MasterKey, MasterKey) = (MASTER_KEY.parse().unwrap(), NEW.parse().unwrap());
    let with = async |key: MasterKey| app.start_beside(|settings| settings.master_key = Some(key)).await;

    // Without the one before, nothing is as it was.
    let failed = agora(&app, NEW, &["keys", "rewrap"]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.stderr.contains("AGORA_MASTER_KEY"), "{failed:?}");
    let refresh = async |beside: &TestApp, token: &str| {
        beside
            .guest()
            .mutate("refreshSession", json!({"refreshToken": token}), "signedIn { accessToken refreshToken }")
            .await
    };
    let beside = with(new.clone().after(&old)).await;
    let tokens = refresh(&beside, &ada.refresh_token).await.ok()["signedIn"].clone();
    app.guest().with_token(tokens["accessToken"].as_str().unwrap()).query(WHO).await.ok();
    beside.stop().await;

    let rewrapped = agora(&app, NEW, &["keys", "rewrap", "--master-key-previous", MASTER_KEY]);
    assert_eq!(rewrapped.code, Some(0), "{rewrapped:?}");
    let beside = with(new).await;
    let next = refresh(&beside, tokens["refreshToken"].as_str().unwrap()).await.ok()["signedIn"].clone();
    app.guest().with_token(next["accessToken"].as_str().unwrap()).query(WHO).await.ok();
    assert_eq!(refresh(&beside, &ada.refresh_token).await.refusal().0, "INVALID_REFRESH_TOKEN");
    beside.stop().await;
}

#[actix_web::test]
async fn a_tab_that_brings_what_another_has_just_got_makes_no_other_too_old() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    app.advance(TimeDelta::minutes(10));
    let refresh = async |token: &str| {
        let tokens = "signedIn { accessToken refreshToken }";
        let signed_in = app.guest().mutate("refreshSession", json!({"refreshToken": token}), tokens).await.ok();
        signed_in["signedIn"]["refreshToken"].as_str().unwrap().to_owned()
    };
    let first = ada.refresh_token.clone();
    let second = refresh(&first).await;
    assert_ne!(second, first);
    for token in [&second, &first, &second] {
        assert_eq!(refresh(token).await, second);
    }
    app.advance(TimeDelta::seconds(5));
    assert_ne!(refresh(&second).await, second);
}

#[actix_web::test]
async fn a_session_that_is_used_ends_a_year_after_its_sign_in() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut token = json!(ada.refresh_token);
    let refresh = async |token: &Value| {
        let tokens = "signedIn { accessToken refreshToken }";
        app.guest().mutate("refreshSession", json!({"refreshToken": token}), tokens).await
    };
    for _ in 0..7 {
        app.advance(TimeDelta::days(52));
        token = refresh(&token).await.ok()["signedIn"].clone();
        let client = app.guest().with_token(token["accessToken"].as_str().unwrap());
        let answer = client.query("{ viewer { sessions { expiresAt } } }").await.ok();
        let expires_at = answer["viewer"]["sessions"][0]["expiresAt"].as_str().unwrap().to_owned();
        assert!(*expires_at <= *"2027-11-20T12:00:00+00:00", "{expires_at}");
        token = token["refreshToken"].clone();
    }
    app.advance(TimeDelta::days(1));
    assert_eq!(refresh(&token).await.refusal().0, "INVALID_REFRESH_TOKEN");
}
