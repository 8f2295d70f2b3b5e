//! Passkeys as their owners see them.

use agora::{platform::caller::Caller, users::service};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Device, add, added, any_options, beside, market, new_options, passkeys, sign_in_with};
use crate::{
    costs::count,
    harness::{TestApp, app::PASSWORD, client::Answer},
    second_factor::{events, mutate, refused, step_up, subjects},
};

async fn remove(client: &crate::harness::Client, id: &Value) -> Answer {
    client.mutate("removePasskey", json!({"passkeyId": id}), "passkey { id }").await
}

#[actix_web::test]
async fn a_passkey_is_added_named_and_removed() {
    let app = market().await;
    let (ada, eve) = (app.sign_up("Ada").await, app.sign_up("Eve").await);
    assert_eq!(passkeys(&ada).await, json!([]));
    let (mut device, id) = added(&ada, 1).await;
    let known = json!([{"id": id, "name": "Phone", "createdAt": "2026-11-20T12:00:00+00:00", "lastUsedAt": null}]);
    assert_eq!(passkeys(&ada).await, known);
    assert!(subjects(&app, &ada).await.contains(&"A passkey was added".to_owned()));
    let excluded = new_options(&ada).await;
    let excluded: Value = serde_json::from_str(excluded.as_str().unwrap()).unwrap();
    assert_eq!(excluded["excludeCredentials"][0]["transports"], json!(["hybrid", "internal"]));

    let rename = async |client: &crate::harness::Client, name: &str| {
        client.mutate("renamePasskey", json!({"passkeyId": id, "name": name}), "passkey { name }").await
    };
    assert_eq!(rename(&ada, "Laptop").await.ok()["passkey"]["name"], "Laptop");
    assert_eq!(rename(&ada, " ").await.refusal(), ("BLANK".into(), "name".into()));
    let missing = ("NOT_FOUND".to_owned(), "passkeyId".to_owned());
    assert_eq!(rename(&eve, "Mine").await.refusal(), missing);
    assert_eq!(remove(&eve, &id).await.refusal(), missing);

    remove(&ada, &id).await.ok();
    assert_eq!(remove(&ada, &id).await.refusal(), missing);
    assert_eq!(passkeys(&ada).await, json!([]));
    let credential = device.get(&any_options(&app.guest()).await);
    assert_eq!(
        sign_in_with(&app.guest(), &credential).await.refusal(),
        ("INVALID_PASSKEY".into(), "credential".into())
    );
    let told = events(&ada).await;
    assert!(["PASSKEY_ADDED", "PASSKEY_REMOVED"].iter().all(|kind| told.contains(&(*kind).to_owned())), "{told:?}");
    assert!(subjects(&app, &ada).await.contains(&"A passkey was removed".to_owned()));
}

#[actix_web::test]
async fn answers_that_nobody_asked_for_add_nothing() {
    let app = market().await;
    let (ada, eve) = (app.sign_up("Ada").await, app.sign_up("Eve").await);
    let mut device = Device::new(1);
    let over = || ("INVALID_CHALLENGE".to_owned(), "credential".to_owned());
    let invalid = || ("INVALID_PASSKEY".to_owned(), "credential".to_owned());
    for nonsense in ["", "{}", "[]", "\u{0}", "{\"id\": 1}"] {
        assert_eq!(add(&ada, "Phone", nonsense).await.refusal(), invalid(), "{nonsense}");
    }
    // Somebody else's ceremony, one that was begun before another, one that is used up, and one that is too old.
    let credential = device.create(&new_options(&eve).await);
    assert_eq!(add(&ada, "Phone", &credential).await.refusal(), over());
    let credential = device.create(&new_options(&ada).await);
    new_options(&ada).await;
    assert_eq!(add(&ada, "Phone", &credential).await.refusal(), over());
    let credential = device.create(&new_options(&ada).await);
    assert_eq!(add(&ada, "", &credential).await.refusal(), ("BLANK".into(), "name".into()));
    add(&ada, "Phone", &credential).await.ok();
    assert_eq!(add(&ada, "Phone", &credential).await.refusal(), over());
    let credential = Device::new(2).create(&new_options(&ada).await);
    app.advance(TimeDelta::minutes(5));
    assert_eq!(add(&ada, "Phone", &credential).await.refusal(), over());
    service::forget_ceremonies(app.app(), &Caller::system()).await.unwrap();
    app.advance(TimeDelta::seconds(1));
    service::forget_ceremonies(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM passkey_ceremonies"), 0);

    // Another page, no verification, and a key that somebody has.
    let mut elsewhere = Device { origin: "https://evil.example".into(), ..Device::new(3) };
    let mut unverified = Device { flags: 1, ..Device::new(4) };
    for device in [&mut elsewhere, &mut unverified, &mut device] {
        let credential = device.create(&new_options(&ada).await);
        assert_eq!(add(&ada, "Phone", &credential).await.refusal(), invalid());
    }
    assert_eq!(passkeys(&ada).await.as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn twenty_passkeys_are_enough() {
    let app = market().await;
    let ada = app.sign_up("Ada").await;
    let credential = Device::new(1).create(&new_options(&ada).await);
    app.given_sql(
        "INSERT INTO passkeys (id, user_id, credential_id, name, static_state, dynamic_state, transports, sign_count, created_at)
         SELECT gen_random_uuid(), id, decode(lpad(number::text, 32, '0'), 'hex'), 'x', '', '', 0, 0, now()
           FROM users, generate_series(1, 20) AS number",
    );
    assert_eq!(add(&ada, "Phone", &credential).await.refusal().0, "TOO_MANY");
    let answer = mutate(&ada, "beginPasskeyRegistration", "options").await;
    assert_eq!(refused(answer, "beginPasskeyRegistration"), "TOO_MANY");
    assert_eq!(passkeys(&ada).await.as_array().unwrap().len(), 20);
}

#[actix_web::test]
async fn adding_and_removing_take_a_recent_proof() {
    let app = market().await;
    let other = beside(&app).await;
    let ada = app.sign_up("Ada").await;
    let (_, id) = added(&ada, 1).await;
    app.given_sql("UPDATE sessions SET authenticated_at = authenticated_at - interval '15 minutes'");
    let elsewhere = other.guest().with_token(ada.token.as_deref().unwrap());
    for answer in [mutate(&elsewhere, "beginPasskeyRegistration", "options").await, remove(&elsewhere, &id).await] {
        assert_eq!(answer.code(), "STEP_UP_REQUIRED");
        assert_eq!(answer.errors[0]["extensions"]["methods"], json!(["PASSKEY", "PASSWORD"]));
    }
    step_up(&elsewhere, json!({"password": PASSWORD})).await.ok();
    remove(&ada, &id).await.ok();
    other.stop().await;
}

#[actix_web::test]
async fn a_market_without_a_domain_takes_none_and_one_machine_has_a_name() {
    let app = TestApp::start_with(|settings| settings.public_url = Some("http://192.0.2.7".into())).await;
    let ada = app.sign_up("Ada").await;
    for field in ["beginPasskeyRegistration", "beginPasskeyAuthentication"] {
        assert_eq!(refused(mutate(&ada, field, "options").await, field), "PASSKEYS_UNAVAILABLE");
    }
    assert_eq!(sign_in_with(&app.guest(), "{}").await.refusal().0, "PASSKEYS_UNAVAILABLE");
    assert_eq!(add(&ada, "Phone", "{}").await.refusal().0, "PASSKEYS_UNAVAILABLE");

    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut device = Device::at(&app, 1);
    let credential = device.create(&new_options(&ada).await);
    add(&ada, "Browser", &credential).await.ok();
}

#[actix_web::test]
async fn whoever_begins_clears_what_nobody_answered() {
    let app = market().await;
    let left = || count(&mut app.connect(), "SELECT count(*) AS count FROM passkey_ceremonies");
    for _ in 0..5 {
        any_options(&app.guest()).await;
    }
    app.advance(TimeDelta::minutes(6));
    for (begun, expected) in [(1, 4), (2, 3), (3, 3), (4, 4)] {
        any_options(&app.guest()).await;
        assert_eq!(left(), expected, "{begun}");
    }
}
