//! What an account at another place proves, and what it takes to link one.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    begin, kinds,
    linking::{begin_link, link},
    market, market_and_provider,
    provider::{NOON, Provider, Ways},
    sign_in, signed_in, there_and_back,
};
use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, app::PASSWORD, held::Held},
    passkeys::{Device, new_options},
    second_factor::{SIGN_IN, complete, mutate, step_up, with_authenticator},
};

/// That an answer asks for a proof, in these ways.
#[track_caller]
fn asks_for(answer: &Answer, methods: &Value) {
    assert_eq!(answer.code(), "STEP_UP_REQUIRED", "{answer:?}");
    assert_eq!(answer.errors[0]["extensions"]["methods"], *methods);
}

async fn unlink(client: &Client, identity: &Value) -> Answer {
    client.mutate("unlinkProvider", json!({"identityId": identity}), "identity { id }").await
}

async fn identities(client: &Client) -> Vec<Value> {
    let answer = client.query("{ viewer { identities { id } } }").await.ok();
    answer["viewer"]["identities"].as_array().unwrap().clone()
}

/// Makes the proofs of all sessions a quarter of an hour older.
fn time_goes_by(app: &TestApp) {
    app.given_sql("UPDATE sessions SET authenticated_at = authenticated_at - interval '15 minutes'");
}

#[actix_web::test]
async fn without_a_password_links_take_a_recent_proof() {
    let (good, other) = (Provider::start(), Provider::start());
    let app = market(vec![good.settings("good"), other.settings("other")]).await;
    let (carl, id) = signed_in(&app, sign_in(&app.guest(), &good).await);
    time_goes_by(&app);
    let by_provider = json!(["PROVIDER"]);
    asks_for(&begin_link(&carl, "other", None).await, &by_provider);
    let first = identities(&carl).await[0]["id"].clone();
    asks_for(&unlink(&carl, &first).await, &by_provider);
    assert_eq!(kinds(&carl).await, ["SIGNED_UP"]);

    let (again, same) = signed_in(&app, sign_in(&carl, &good).await);
    assert_eq!(same, id);
    link(&again, "other", &other, None).await.ok();
    unlink(&again, &first).await.ok();

    // Who has a password gives it to link; to unlink they need a recent proof, too.
    let grace = app.sign_up("Grace").await;
    time_goes_by(&app);
    good.knows(json!({"sub": "grace", "email": "grace@work.example"}));
    let linked = link(&grace, "good", &good, Some(PASSWORD)).await.ok()["identity"]["id"].clone();
    asks_for(&unlink(&grace, &linked).await, &json!(["PASSWORD"]));
    step_up(&grace, json!({"password": PASSWORD})).await.ok();
    unlink(&grace, &linked).await.ok();
}

#[actix_web::test]
async fn a_provider_proves_who_somebody_is_only_when_it_has_asked_them() {
    let (app, provider) = market_and_provider().await;
    let hour = NOON - 3_600;
    provider.goes(Ways { knows_since: Some(hour), ..Ways::default() });
    let (ada, id) = signed_in(&app, sign_in(&app.guest(), &provider).await);
    let since = async |client: &Client| {
        let answer = client.query("{ viewer { sessions { isCurrent authenticatedAt } } }").await.ok();
        let sessions = answer["viewer"]["sessions"].as_array().unwrap().clone();
        sessions.into_iter().find(|session| session["isCurrent"] == true).unwrap()["authenticatedAt"].clone()
    };
    assert_eq!(since(&ada).await, "2026-11-20T11:00:00+00:00");
    asks_for(&mutate(&ada, "beginTotpSetup", "").await, &json!(["PROVIDER"]));

    // Whoever is signed in is asked anew.
    let (proven, same) = signed_in(&app, sign_in(&ada, &provider).await);
    assert_eq!((same, since(&proven).await), (id, json!("2026-11-20T12:00:00+00:00")));
    mutate(&proven, "beginTotpSetup", "").await.ok();

    // A provider that does not say when, or lies about it, proves no more than that.
    for (auth_time, proves) in [(json!(null), false), (json!("now"), false), (json!(NOON + 90_000), true)] {
        provider.knows(json!({"auth_time": auth_time}));
        let (again, _) = signed_in(&app, sign_in(&proven, &provider).await);
        let answer = mutate(&again, "beginTotpSetup", "setup { secret }").await;
        if proves {
            answer.ok();
            assert_eq!(since(&again).await, "2026-11-20T12:00:00+00:00");
        } else {
            asks_for(&answer, &json!(["PROVIDER"]));
        }
    }
}

#[actix_web::test]
async fn beside_a_second_factor_a_provider_is_not_enough_and_links_nothing() {
    let (app, provider) = market_and_provider().await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, _) = with_authenticator(&app, &ada).await;
    let asked = async || {
        let authorization = begin(&app.guest(), "good").await;
        let input = there_and_back(&app.guest(), &provider, &authorization).await;
        let answer = app.guest().mutate("completeProviderSignIn", input, SIGN_IN).await.ok();
        assert_eq!(answer["result"]["__typename"], "SecondFactorRequired", "{answer}");
        answer["result"]["challengeToken"].clone()
    };
    let sessions = "SELECT count(*) AS count FROM sessions";
    // By the address, before and after it is completed.
    let challenge = asked().await;
    complete(&app.guest(), &challenge, json!({"totpCode": authenticator.code(&app)})).await.ok();
    asked().await;
    assert_eq!(count(&mut app.connect(), sessions), 2);
    assert_eq!(identities(&ada).await.len(), 0);

    // To link takes the factor, whatever password is right.
    time_goes_by(&app);
    asks_for(&begin_link(&ada, "good", Some(PASSWORD)).await, &json!(["TOTP", "RECOVERY_CODE"]));
    app.advance(TimeDelta::seconds(30));
    step_up(&ada, json!({"totpCode": authenticator.code(&app)})).await.ok();
    link(&ada, "good", &provider, Some(PASSWORD)).await.ok();
    asked().await;
    assert_eq!(count(&mut app.connect(), sessions), 2);
    // The address may have another owner there by now.
    provider.knows(json!({"sub": "2"}));
    assert_eq!(sign_in(&app.guest(), &provider).await.refusal().0, "IDENTITY_TAKEN");
}

/// What comes of requests that wait for a person's row while all of their sessions are ended.
async fn ended_meanwhile(app: &TestApp, requests: Vec<(Client, &'static str, Value)>) -> Vec<String> {
    let mut held = Held::by(app, "SELECT id FROM users FOR UPDATE");
    let expected = i64::try_from(requests.len()).unwrap();
    let waiting: Vec<_> = requests
        .into_iter()
        .map(|(client, field, input)| {
            actix_web::rt::spawn(async move {
                let answer = match input {
                    Value::Null => mutate(&client, field, "").await,
                    input => client.mutate(field, input, "").await,
                };
                answer.code().to_owned()
            })
        })
        .collect();
    held.waited_for_by(app, expected).await;
    held.run("UPDATE sessions SET ended_at = now(), ended_reason = 'PASSWORD_CHANGED'");
    held.release();
    let mut codes = Vec::new();
    for answer in waiting {
        codes.push(answer.await.unwrap());
    }
    codes
}

#[actix_web::test]
async fn a_session_that_has_just_ended_changes_no_way_in() {
    let (app, provider) = market_and_provider().await;
    let ada = app.sign_up("Ada").await;
    provider.knows(json!({"email": "eve@example.com"}));
    let authorization = begin_link(&ada, "good", Some(PASSWORD)).await.ok()["authorization"].clone();
    let arrival = there_and_back(&ada, &provider, &authorization).await;
    let mut device = Device::at(&app, 1);
    let credential = device.create(&new_options(&ada).await);
    with_authenticator(&app, &ada).await;
    let client = || ada.client.clone();
    let codes = ended_meanwhile(
        &app,
        vec![
            (client(), "completeProviderLink", arrival),
            (client(), "addPasskey", json!({"name": "Phone", "credential": credential})),
            (client(), "disableTotp", Value::Null),
        ],
    )
    .await;
    assert_eq!(codes, ["UNAUTHENTICATED"; 3]);
    for (table, rows) in [("identities", 0), ("passkeys", 0), ("second_factors", 1)] {
        assert_eq!(count(&mut app.connect(), &format!("SELECT count(*) AS count FROM {table}")), rows, "{table}");
    }
}

#[actix_web::test]
async fn something_that_works_is_left_to_sign_in_with() {
    let (good, gone) = (Provider::start(), Provider::start());
    let app = market(vec![good.settings("good"), gone.settings("gone")]).await;
    let (carl, _) = signed_in(&app, sign_in(&app.guest(), &good).await);
    let first = &identities(&carl).await[0];
    link(&carl, "gone", &gone, None).await.ok();

    // The operator has taken one out.
    let settings = vec![good.settings("good")];
    let beside = app.start_beside(|other| other.providers = settings).await;
    let carl_there = beside.guest().with_token(carl.token.as_deref().unwrap());
    let last = |field: &str| ("LAST_SIGN_IN_METHOD".to_owned(), field.to_owned());
    assert_eq!(unlink(&carl_there, &first["id"]).await.refusal(), last("identityId"));
    // A passkey is a way in, and then the last one.
    let mut device = Device::at(&beside, 1);
    let credential = device.create(&new_options(&carl_there).await);
    let added = crate::passkeys::add(&carl_there, "Phone", &credential).await.ok();
    unlink(&carl_there, &first["id"]).await.ok();
    let input = json!({"passkeyId": added["passkey"]["id"]});
    assert_eq!(carl_there.mutate("removePasskey", input, "").await.refusal(), last("passkeyId"));
    beside.stop().await;
}
