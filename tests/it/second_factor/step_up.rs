//! What needs a proof of who asks.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{begun, challenge, complete, mutate, step_up, with_authenticator, wrong_code};
use crate::harness::{
    Answer, Client, TestApp,
    app::{PASSWORD, Person},
};

/// The ways of proving it that an answer asks for.
#[track_caller]
fn asks_for(answer: &Answer) -> Value {
    assert_eq!(answer.code(), "STEP_UP_REQUIRED", "{answer:?}");
    assert_eq!(answer.errors[0]["extensions"]["isRetryable"], false);
    answer.errors[0]["extensions"]["methods"].clone()
}

/// A session that began longer than a quarter of an hour ago.
async fn old_session(app: &TestApp, name: &str) -> Person {
    let person = app.sign_up(name).await;
    app.advance(TimeDelta::minutes(15));
    let input = json!({"refreshToken": person.refresh_token});
    let refreshed = app.guest().mutate("refreshSession", input, "signedIn { accessToken }").await.ok();
    let token = refreshed["signedIn"]["accessToken"].as_str().unwrap().to_owned();
    Person { client: app.guest().with_token(&token), ..person }
}

async fn move_away(client: &Client) -> Answer {
    let input = json!({"email": "new@example.com", "currentPassword": PASSWORD});
    client.mutate("requestEmailChange", input, "emailChange { id }").await
}

#[actix_web::test]
async fn a_session_is_believed_for_a_quarter_of_an_hour_and_a_password_renews_it() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    app.advance(TimeDelta::seconds(899));
    let input = json!({"refreshToken": ada.refresh_token});
    let refreshed = app.guest().mutate("refreshSession", input, "signedIn { accessToken }").await.ok();
    let ada_now = app.guest().with_token(refreshed["signedIn"]["accessToken"].as_str().unwrap());
    begun(&ada_now).await;
    app.advance(TimeDelta::seconds(1));
    assert_eq!(asks_for(&mutate(&ada_now, "beginTotpSetup", "").await), json!(["PASSWORD"]));
    let wrong = step_up(&ada_now, json!({"password": "wrong horse battery"})).await;
    assert_eq!(wrong.refusal(), ("INVALID_CREDENTIALS".into(), "proof.password".into()));
    assert_eq!(
        step_up(&ada_now, json!({"totpCode": "123456"})).await.refusal(),
        ("INVALID_CODE".into(), "proof.totpCode".into())
    );
    assert_eq!(asks_for(&mutate(&ada_now, "beginTotpSetup", "").await), json!(["PASSWORD"]));
    let session = step_up(&ada_now, json!({"password": PASSWORD})).await.ok()["session"].clone();
    assert_eq!(session, json!({"isCurrent": true, "authenticatedAt": "2026-11-20T12:15:00+00:00"}));
    begun(&ada_now).await;
}

#[actix_web::test]
async fn beside_a_second_factor_a_password_proves_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let stolen = super::sign_in(&app, &ada).await["accessToken"].as_str().unwrap().to_owned();
    let stolen = app.guest().with_token(&stolen);
    let (authenticator, codes) = with_authenticator(&app, &ada).await;
    let methods = json!(["TOTP", "RECOVERY_CODE"]);
    // It was opened a minute ago, with the password alone.
    for field in ["disableTotp", "regenerateRecoveryCodes", "beginTotpSetup"] {
        assert_eq!(asks_for(&mutate(&stolen, field, "").await), methods, "{field}");
    }
    assert_eq!(asks_for(&move_away(&stolen).await), methods);
    let alone = step_up(&stolen, json!({"password": PASSWORD})).await;
    assert_eq!(alone.refusal(), ("SECOND_FACTOR_REQUIRED".into(), "proof.password".into()));
    // The one that set it up has proven more.
    move_away(&ada).await.ok();

    let code = authenticator.code(&app);
    step_up(&stolen, json!({"totpCode": code})).await.ok();
    assert_eq!(step_up(&stolen, json!({"totpCode": code})).await.refusal().0, "INVALID_CODE");
    mutate(&stolen, "regenerateRecoveryCodes", "").await.ok();
    assert_eq!(step_up(&stolen, json!({"recoveryCode": codes[0]})).await.refusal().0, "INVALID_CODE");

    // A sign-in with the factor is a proof as well.
    app.advance(TimeDelta::seconds(30));
    let token = challenge(&app, &ada).await;
    let answer = complete(&app.guest(), &token, json!({"totpCode": authenticator.code(&app)})).await.ok();
    let new = app.guest().with_token(answer["signedIn"]["accessToken"].as_str().unwrap());
    mutate(&new, "disableTotp", "").await.ok();
}

#[actix_web::test]
async fn guesses_at_a_proof_have_to_wait_whatever_password_is_right() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, _) = with_authenticator(&app, &ada).await;
    let wrong = json!({"totpCode": wrong_code(&authenticator, &app)});
    for _ in 0..5 {
        assert_eq!(step_up(&ada, wrong.clone()).await.refusal().0, "INVALID_CODE");
        move_away(&ada).await.ok();
    }
    assert_eq!(step_up(&ada, wrong).await.refusal().0, "TOO_MANY_ATTEMPTS");
}

#[actix_web::test]
async fn admins_prove_who_they_are_before_they_make_a_key() {
    let app = TestApp::start().await;
    let admin = old_session(&app, "Admin").await;
    app.given_role(&admin, "ADMIN");
    let input = json!({"name": "Web", "scopes": ["STOREFRONT"]});
    assert_eq!(asks_for(&admin.mutate("createApiKey", input.clone(), "secret").await), json!(["PASSWORD"]));
    step_up(&admin, json!({"password": PASSWORD})).await.ok();
    admin.mutate("createApiKey", input, "secret").await.ok();
    // What takes the password anyway asks for nothing more.
    let bob = old_session(&app, "Bob").await;
    move_away(&bob).await.ok();
}

#[actix_web::test]
async fn sessions_of_an_earlier_version_began_with_a_password() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    app.given_sql("UPDATE sessions SET authenticated_at = NULL, authenticated_by = NULL");
    begun(&ada).await;
    let sessions = ada.query("{ viewer { sessions { authenticatedAt } } }").await.ok();
    assert_eq!(sessions["viewer"]["sessions"][0]["authenticatedAt"], "2026-11-20T12:00:00+00:00");
    app.given_sql("UPDATE sessions SET created_at = created_at - interval '15 minutes'");
    assert_eq!(asks_for(&mutate(&ada, "beginTotpSetup", "").await), json!(["PASSWORD"]));
}

/// Mutations that take a recent proof beside a second factor, with what they are sent; null for none.
fn guarded(ada: &Person, passkey: &Value, identity: &Value) -> Vec<(&'static str, Value)> {
    let link = json!({"provider": "none", "returnTo": "https://shop.example/", "currentPassword": PASSWORD});
    vec![
        ("actOnBehalf", json!({"userId": ada.id, "reason": "Asked"})),
        ("beginPasskeyRegistration", Value::Null),
        ("beginProviderLink", link),
        ("beginTotpSetup", Value::Null),
        ("changePassword", json!({"currentPassword": PASSWORD, "newPassword": "another horse battery"})),
        ("createApiKey", json!({"name": "Web", "scopes": ["STOREFRONT"]})),
        (
            "createPayoutOnboardingLink",
            json!({"shopId": "shop_00000000000000000000000000", "returnUrl": "https://shop.example/"}),
        ),
        ("deleteAccount", Value::Null),
        ("disableTotp", Value::Null),
        ("regenerateRecoveryCodes", Value::Null),
        ("removePasskey", json!({"passkeyId": passkey})),
        ("requestDataExport", Value::Null),
        ("requestEmailChange", json!({"email": "new@example.com", "currentPassword": PASSWORD})),
        ("revokeUserSessions", json!({"userId": ada.id, "reason": "Lost"})),
        ("setUserRole", json!({"userId": ada.id, "role": "ADMIN", "reason": "New"})),
        ("unlinkProvider", json!({"identityId": identity})),
    ]
}

#[actix_web::test]
async fn every_mutation_that_takes_a_proof_is_refused_without_and_says_so() {
    let app = TestApp::start().await;
    let (admin, ada) = (app.sign_up("Admin").await, app.sign_up("Ada").await);
    app.given_role(&admin, "ADMIN");
    with_authenticator(&app, &admin).await;
    app.given_sql("UPDATE sessions SET authenticated_at = authenticated_at - interval '15 minutes'");
    let nobodys = |kind: &str| json!(format!("{kind}_00000000000000000000000000"));
    let guarded = guarded(&ada, &nobodys("passkey"), &nobodys("identity"));
    for (field, input) in &guarded {
        let answer = match input {
            Value::Null => mutate(&admin, field, "").await,
            input => admin.mutate(field, input.clone(), "").await,
        };
        assert_eq!(asks_for(&answer), json!(["TOTP", "RECOVERY_CODE"]), "{field}");
    }
    assert_eq!(ada.query("{ viewer { role } }").await.ok()["viewer"]["role"], "MEMBER");

    // The schema and the documentation name the same ones.
    let names: Vec<&str> = guarded.iter().map(|(field, _)| *field).collect();
    assert_eq!(crate::harness::codes::mutations_that_say("else it is `STEP_UP_REQUIRED`"), names);
    let api = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/api.md")).unwrap();
    let (_, part) = api.split_once("### Proving anew who one is").unwrap();
    let (list, _) = part
        .split_once("They are `STEP_UP_REQUIRED`")
        .unwrap_or_else(|| part.split_once("`STEP_UP_REQUIRED`").unwrap());
    for name in names {
        assert!(list.contains(&format!("`{name}`")), "docs/api.md: {name}");
    }
}
