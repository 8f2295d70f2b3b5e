//! What passkeys prove.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Device, added, any_options, beside, market, passkeys, sign_in, sign_in_with};
use crate::harness::TestApp;
use crate::second_factor::{complete, events, mutate, step_up, subjects, with_authenticator};

fn invalid() -> (String, String) {
    ("INVALID_PASSKEY".into(), "credential".into())
}

fn over() -> (String, String) {
    ("INVALID_CHALLENGE".into(), "credential".into())
}

#[actix_web::test]
async fn a_passkey_signs_its_person_in_on_every_process() {
    let app = market().await;
    let other = beside(&app).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (mut device, _) = added(&ada, 1).await;
    added(&bob, 2).await;
    let credential = device.get(&any_options(&app.guest()).await);
    let session = sign_in_with(&other.guest(), &credential).await.ok()["signedIn"].clone();
    assert_eq!(session["user"]["id"], ada.id.as_str());
    let signed_in = app.guest().with_token(session["accessToken"].as_str().unwrap());
    assert_eq!(passkeys(&signed_in).await[0]["lastUsedAt"], "2026-11-20T12:00:00+00:00");
    assert!(events(&ada).await.contains(&"SIGNED_IN".to_owned()));
    assert_eq!(sign_in_with(&app.guest(), &credential).await.refusal(), over());

    // Of two at once with one answer, one is signed in.
    let credential = device.get(&any_options(&app.guest()).await);
    let (here, there) = (app.guest(), other.guest());
    let answers = join_all([sign_in_with(&here, &credential), sign_in_with(&there, &credential)]).await;
    let is_done = |answer: &&crate::harness::Answer| answer.data["signInWithPasskey"]["signedIn"].is_object();
    assert_eq!(answers.iter().filter(is_done).count(), 1, "{answers:?}");

    // Into cookies, too.
    let credential = device.get(&any_options(&app.guest()).await);
    let document = "mutation($input: SignInWithPasskeyInput!) { signInWithPasskey(input: $input) { signedInWithCookies { user { id } } } }";
    let variables = json!({"input": {"credential": credential, "delivery": "COOKIES"}});
    let response = app.guest().post(&json!({"query": document, "variables": variables})).send().await.unwrap();
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    other.stop().await;
}

#[actix_web::test]
async fn what_no_authenticator_answered_here_signs_nobody_in() {
    let app = market().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (device, _) = added(&ada, 1).await;
    let (bobs, _) = added(&bob, 2).await;
    let guest = app.guest();
    for nonsense in ["", "{}", "null"] {
        assert_eq!(sign_in_with(&guest, nonsense).await.refusal(), invalid());
    }
    let wrong = [
        ("another page", Device { origin: "https://evil.example".into(), ..device.clone() }),
        ("a page below", Device { origin: "https://evil.market.example".into(), ..device.clone() }),
        ("no verification", Device { flags: 1, ..device.clone() }),
        ("another key", Device { id: device.id.clone(), user: device.user.clone(), ..Device::new(9) }),
        ("an unknown key", Device { user: device.user.clone(), ..Device::new(9) }),
        ("another person", Device { user: bobs.user.clone(), ..device.clone() }),
    ];
    for (what, mut device) in wrong {
        let credential = device.get(&any_options(&guest).await);
        assert_eq!(sign_in_with(&guest, &credential).await.refusal(), invalid(), "{what}");
        assert_eq!(sign_in_with(&guest, &credential).await.refusal(), over(), "{what}");
    }
    // A challenge that was made for something else, one of nobody's, and one that is too old.
    let registration: Value = serde_json::from_str(super::new_options(&ada).await.as_str().unwrap()).unwrap();
    let options = json!({"challenge": registration["challenge"], "rpId": "market.example"}).to_string();
    assert_eq!(sign_in_with(&guest, &device.clone().get(&json!(options))).await.refusal(), invalid());
    let options = json!({"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rpId": "market.example"}).to_string();
    assert_eq!(sign_in_with(&guest, &device.clone().get(&json!(options))).await.refusal(), over());
    let credential = device.clone().get(&any_options(&guest).await);
    app.advance(TimeDelta::minutes(5));
    assert_eq!(sign_in_with(&guest, &credential).await.refusal(), over());
}

#[actix_web::test]
async fn a_count_that_falls_tells_of_a_copy() {
    let app = market().await;
    let ada = app.sign_up("Ada").await;
    let (mut device, _) = added(&ada, 1).await;
    let copied = "There may be a copy of one of your passkeys".to_owned();
    for (count, tells) in [(5, false), (6, false), (6, true), (3, true), (7, false), (0, true)] {
        device.count = count;
        let before = subjects(&app, &ada).await.iter().filter(|subject| **subject == copied).count();
        let credential = device.get(&any_options(&app.guest()).await);
        sign_in_with(&app.guest(), &credential).await.ok();
        let after = subjects(&app, &ada).await.iter().filter(|subject| **subject == copied).count();
        assert_eq!(after - before, usize::from(tells), "{count}");
    }
    assert_eq!(events(&ada).await.iter().filter(|kind| *kind == "PASSKEY_COPIED").count(), 3);
}

#[actix_web::test]
async fn a_passkey_is_a_second_factor_and_a_proof() {
    let app = market().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (mut device, _) = added(&ada, 1).await;
    let (mut bobs, _) = added(&bob, 2).await;
    // Alone it asks for nothing more of whoever signs in by password.
    let by_password = sign_in(&app, &ada).await["accessToken"].as_str().unwrap().to_owned();
    let by_password = app.guest().with_token(&by_password);

    with_authenticator(&app, &ada).await;
    let waiting = sign_in(&app, &ada).await;
    assert_eq!(waiting["methods"], json!(["PASSKEY", "TOTP", "RECOVERY_CODE"]));
    let wrong = ("INVALID_PASSKEY".to_owned(), "proof.passkey".to_owned());
    for credential in [bobs.get(&any_options(&app.guest()).await), "{}".into()] {
        let answer = complete(&app.guest(), &waiting["challengeToken"], json!({"passkey": credential})).await;
        assert_eq!(answer.refusal(), wrong);
        assert_eq!(step_up(&by_password, json!({"passkey": credential})).await.refusal(), wrong);
    }
    let credential = device.get(&any_options(&app.guest()).await);
    let answer = complete(&app.guest(), &waiting["challengeToken"], json!({"passkey": credential})).await.ok();
    assert_eq!(answer["signedIn"]["user"]["id"], ada.id.as_str());

    let refused = mutate(&by_password, "regenerateRecoveryCodes", "").await;
    assert_eq!(refused.errors[0]["extensions"]["methods"], json!(["PASSKEY", "TOTP", "RECOVERY_CODE"]));
    let credential = device.get(&any_options(&by_password).await);
    step_up(&by_password, json!({"passkey": credential})).await.ok();
    mutate(&by_password, "regenerateRecoveryCodes", "").await.ok();

    // Signing in by it is a proof as well, and is asked for no code.
    let credential = device.get(&any_options(&app.guest()).await);
    let session = sign_in_with(&app.guest(), &credential).await.ok();
    let token = session["signedIn"]["accessToken"].as_str().unwrap();
    mutate(&app.guest().with_token(token), "disableTotp", "").await.ok();
}

#[actix_web::test]
async fn an_app_on_android_that_the_operator_lists_uses_them() {
    let android = format!("android:apk-key-hash:{}", "A".repeat(43));
    let origins = vec![super::ORIGIN.to_owned(), android.clone()];
    let app = TestApp::start_with(|settings| {
        settings.public_url = Some(super::ORIGIN.into());
        settings.passkeys.passkey_origins = origins;
    })
    .await;
    let ada = app.sign_up("Ada").await;
    let (mut device, _) = added(&ada, 1).await;
    device.origin = android;
    let credential = device.get(&any_options(&app.guest()).await);
    let session = sign_in_with(&app.guest(), &credential).await.ok();
    assert_eq!(session["signedIn"]["user"]["id"], ada.id.as_str());
    device.origin = format!("android:apk-key-hash:{}", "B".repeat(43));
    let credential = device.get(&any_options(&app.guest()).await);
    assert_eq!(sign_in_with(&app.guest(), &credential).await.refusal(), invalid());
}
