//! What people are told of the safety of their account.

use agora::{
    platform::caller::Caller,
    users::{model::Role, service},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Client, TestApp, app::PASSWORD};

const SIGN_IN: &str = "result { ... on SignedIn { accessToken refreshToken } }";
const NEW: &str = "another horse battery";

async fn kinds(client: &Client) -> Vec<String> {
    let answer = client.query("{ viewer { securityEvents { nodes { kind } } } }").await.ok();
    let nodes = answer["viewer"]["securityEvents"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["kind"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn what_happens_to_an_account_is_told_to_its_owner_alone() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let sign_in = async |password: &str| {
        app.advance(TimeDelta::seconds(1));
        let device = app.guest().with_header("user-agent", "MarketApp/2.1");
        let input = json!({"email": ada.email, "password": password});
        let answer = device.mutate("signIn", input, SIGN_IN).await.ok();
        let text = |name: &str| answer["result"][name].as_str().unwrap().to_owned();
        (device.with_token(&text("accessToken")), text("refreshToken"))
    };
    let (phone, _) = sign_in(PASSWORD).await;
    assert_eq!(kinds(&ada).await, ["SIGNED_IN", "SIGNED_UP"]);
    let event = "{ viewer { securityEvents(first: 1) { totalCount nodes { kind device address createdAt } } } }";
    assert_eq!(
        ada.query(event).await.ok()["viewer"]["securityEvents"],
        json!({"totalCount": 2, "nodes": [
            {"kind": "SIGNED_IN", "device": "MarketApp", "address": "127.0.0.1", "createdAt": "2026-11-20T12:00:01+00:00"}
        ]})
    );
    // What was refused has not happened.
    app.guest().mutate("signIn", json!({"email": ada.email, "password": "wrong horse battery"}), "").await;
    assert_eq!(kinds(&bob).await, ["SIGNED_UP"]);

    app.advance(TimeDelta::seconds(1));
    phone.query("mutation { revokeOtherSessions { sessions { id } } }").await.ok();
    phone.query("mutation { revokeOtherSessions { sessions { id } } }").await.ok();
    app.advance(TimeDelta::seconds(1));
    phone.mutate("changePassword", json!({"currentPassword": PASSWORD, "newPassword": NEW}), "").await.ok();
    app.advance(TimeDelta::seconds(1));
    let change = json!({"email": "ada@new.example", "currentPassword": NEW});
    let change = phone.mutate("requestEmailChange", change, "emailChange { id }").await.ok();
    app.run_jobs().await;
    app.advance(TimeDelta::seconds(1));
    let code = json!({"emailChangeId": change["emailChange"]["id"], "code": app.code("ada@new.example")});
    phone.mutate("confirmEmailChange", code, "").await.ok();
    app.advance(TimeDelta::seconds(1));
    service::set_role(app.app(), &Caller::system(), "ada@new.example", Role::Support, "New here")
        .await
        .unwrap()
        .unwrap();
    service::hear_of_sessions(app.app()).await.unwrap();
    let expected = [
        "ROLE_CHANGED",
        "EMAIL_CHANGED",
        "EMAIL_CHANGE_REQUESTED",
        "PASSWORD_CHANGED",
        "SESSIONS_REVOKED",
        "SIGNED_IN",
    ];
    assert_eq!(kinds(&phone).await[..6], expected);

    // A page goes on where the one before ended.
    let page = async |after: Value| {
        let document = "query($after: String) { viewer { securityEvents(first: 4, after: $after) { nodes { kind } pageInfo { endCursor hasNextPage } } } }";
        phone.send(document, json!({"after": after})).await.ok()["viewer"]["securityEvents"].clone()
    };
    let first = page(Value::Null).await;
    let second = page(first["pageInfo"]["endCursor"].clone()).await;
    assert_eq!((&first["pageInfo"]["hasNextPage"], &second["pageInfo"]["hasNextPage"]), (&json!(true), &json!(false)));
    assert_eq!(second["nodes"][0]["kind"], "SESSIONS_REVOKED");
}

#[actix_web::test]
async fn a_reused_key_and_a_reset_are_told() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    app.advance(TimeDelta::seconds(1));
    let refresh = async || app.guest().mutate("refreshSession", json!({"refreshToken": ada.refresh_token}), "").await;
    refresh().await.ok();
    app.advance(TimeDelta::seconds(31));
    assert_eq!(refresh().await.refusal().0, "INVALID_REFRESH_TOKEN");
    app.guest().mutate("requestPasswordReset", json!({"email": ada.email}), "").await.ok();
    app.run_jobs().await;
    let mail = app.mails(&ada.email).into_iter().find(|mail| mail.subject == "Choose a new password").unwrap();
    let token = mail.text.lines().find_map(|line| line.split_once("token=")).unwrap().1.to_owned();
    app.advance(TimeDelta::seconds(1));
    let input = json!({"token": token, "newPassword": NEW});
    let answer = app.guest().mutate("resetPassword", input, SIGN_IN).await.ok();
    let ada = app.guest().with_token(answer["result"]["accessToken"].as_str().unwrap());
    let mut told = kinds(&ada).await;
    // These two happened at once.
    told[..2].sort();
    assert_eq!(told, ["PASSWORD_RESET", "SIGNED_IN", "SESSION_REUSED", "SIGNED_UP"]);
}

#[actix_web::test]
async fn security_events_lose_their_addresses_and_then_go() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let left = async |days: i64| {
        app.given_sql(&format!("UPDATE security_events SET created_at = '2026-11-20T12:00:00Z'::timestamptz - interval '{days} days 1 second'"));
        service::forget_security_events(app.app(), &Caller::system()).await.unwrap();
        let document = "{ viewer { securityEvents { nodes { address } } } }";
        ada.query(document).await.ok()["viewer"]["securityEvents"]["nodes"].clone()
    };
    assert_eq!(left(89).await, json!([{"address": "127.0.0.1"}]));
    assert_eq!(left(90).await, json!([{"address": null}]));
    assert_eq!(left(399).await, json!([{"address": null}]));
    assert_eq!(left(400).await, json!([]));
}
