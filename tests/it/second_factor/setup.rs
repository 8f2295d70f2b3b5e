//! Setting an authenticator up, and switching it off.

use agora::users::service;
use chrono::TimeDelta;
use data_encoding::HEXLOWER;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    Authenticator, begun, challenge, complete, confirm, events, mutate, refused, sign_in, step_up, subjects,
    with_authenticator, wrong_code,
};
use crate::{
    costs::count,
    harness::{
        Client, TestApp,
        app::{MASTER_KEY, PASSWORD},
    },
};

const FACTOR: &str = "{ viewer { secondFactor { createdAt lastUsedAt recoveryCodesLeft } } }";

async fn factor(client: &Client) -> Value {
    let answer = client.query(FACTOR).await;
    assert!(answer.statements.unwrap() <= 1, "{answer:?}");
    answer.ok()["viewer"]["secondFactor"].clone()
}

#[actix_web::test]
async fn an_authenticator_counts_once_a_code_has_confirmed_it() {
    let app = TestApp::start_with(|settings| settings.public_url = Some("https://market.example:8443".into())).await;
    let ada = app.sign_up("Ada").await;
    assert_eq!(factor(&ada).await, Value::Null);
    let first = begun(&ada).await;
    let setup = begun(&ada).await;
    assert_eq!(setup["expiresAt"], "2026-11-20T13:00:00+00:00");
    let secret = setup["secret"].as_str().unwrap();
    let uri = format!(
        "otpauth://totp/market%2Eexample:ada%40example%2Ecom?secret={secret}&issuer=market%2Eexample&algorithm=SHA1&digits=6&period=30"
    );
    assert_eq!(setup["uri"], uri);
    let svg = setup["qrSvg"].as_str().unwrap();
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"), "{svg}");

    // Until then nothing has changed.
    assert_eq!(factor(&ada).await, Value::Null);
    assert_eq!(sign_in(&app, &ada).await["__typename"], "SignedIn");
    assert_eq!(refused(mutate(&ada, "disableTotp", "").await, "disableTotp"), "ALREADY_DONE");
    assert_eq!(refused(mutate(&ada, "regenerateRecoveryCodes", "").await, "regenerateRecoveryCodes"), "NOT_FOUND");

    let authenticator = Authenticator::of(&setup["secret"]);
    let forgotten = Authenticator::of(&first["secret"]);
    assert_ne!(authenticator.code(&app), forgotten.code(&app));
    for wrong in [wrong_code(&authenticator, &app), forgotten.code(&app), String::new()] {
        assert_eq!(confirm(&ada, &wrong).await.refusal(), ("INVALID_CODE".into(), "code".into()));
    }
    let codes = confirm(&ada, &authenticator.code(&app)).await.ok()["recoveryCodes"].clone();
    let codes = codes.as_array().unwrap();
    assert_eq!(codes.iter().collect::<std::collections::HashSet<_>>().len(), 10);
    assert_eq!(
        factor(&ada).await,
        json!({
            "createdAt": "2026-11-20T12:00:00+00:00",
            "lastUsedAt": "2026-11-20T12:00:00+00:00",
            "recoveryCodesLeft": 10,
        })
    );
    assert_eq!(confirm(&ada, &authenticator.code(&app)).await.refusal().0, "NOT_FOUND");
    assert_eq!(refused(mutate(&ada, "beginTotpSetup", "").await, "beginTotpSetup"), "ALREADY_DONE");
    assert!(events(&ada).await.contains(&"SECOND_FACTOR_ADDED".to_owned()));
    assert!(subjects(&app, &ada).await.contains(&"Signing in now takes a second step".to_owned()));
}

#[actix_web::test]
async fn a_setup_that_nobody_confirms_ends_after_an_hour() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    assert_eq!(confirm(&ada, "123456").await.refusal().0, "NOT_FOUND");
    let authenticator = Authenticator::of(&begun(&ada).await["secret"]);
    app.advance(TimeDelta::hours(1));
    let (guest, input) = (app.guest(), json!({"email": ada.email, "password": PASSWORD}));
    let token = guest.mutate("signIn", input, super::SIGN_IN).await.ok()["result"]["accessToken"].clone();
    let ada = guest.with_token(token.as_str().unwrap());
    assert_eq!(confirm(&ada, &authenticator.code(&app)).await.refusal().0, "NOT_FOUND");
    assert_eq!(factor(&ada).await, Value::Null);
}

#[actix_web::test]
async fn guesses_at_a_setup_have_to_wait() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let authenticator = Authenticator::of(&begun(&ada).await["secret"]);
    let wrong = wrong_code(&authenticator, &app);
    for _ in 0..5 {
        assert_eq!(confirm(&ada, &wrong).await.refusal().0, "INVALID_CODE");
    }
    assert_eq!(confirm(&ada, &authenticator.code(&app)).await.refusal().0, "TOO_MANY_ATTEMPTS");
    app.advance(TimeDelta::seconds(1));
    confirm(&ada, &authenticator.code(&app)).await.ok();
}

#[actix_web::test]
async fn of_two_confirmations_at_once_one_tells_codes() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    let elsewhere = beside.guest().with_token(ada.token.as_deref().unwrap());
    let code = Authenticator::of(&begun(&ada).await["secret"]).code(&app);
    let answers = join_all([confirm(&ada, &code), confirm(&elsewhere, &code)]).await;
    let told = |answer: &&crate::harness::Answer| answer.data["confirmTotpSetup"]["recoveryCodes"][0].is_string();
    assert_eq!(answers.iter().filter(told).count(), 1, "{answers:?}");
    assert_eq!(
        count(&mut app.connect(), "SELECT count(*) AS count FROM security_events WHERE kind = 'SECOND_FACTOR_ADDED'"),
        1
    );
    beside.stop().await;
}

#[actix_web::test]
async fn switching_it_off_leaves_the_password_alone_and_ends_waiting_sign_ins() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, codes) = with_authenticator(&app, &ada).await;
    let waiting = challenge(&app, &ada).await;
    mutate(&ada, "disableTotp", "").await.ok();
    assert_eq!(factor(&ada).await, Value::Null);
    for proof in [json!({"totpCode": authenticator.code(&app)}), json!({"recoveryCode": codes[0]})] {
        let over = ("INVALID_CHALLENGE".into(), "challengeToken".into());
        assert_eq!(complete(&app.guest(), &waiting, proof).await.refusal(), over);
    }
    assert_eq!(sign_in(&app, &ada).await["__typename"], "SignedIn");
    assert!(events(&ada).await.contains(&"SECOND_FACTOR_REMOVED".to_owned()));
    assert!(subjects(&app, &ada).await.contains(&"Signing in takes your password alone again".to_owned()));
    // Another one can be set up, and the former's codes are nothing to it.
    let (_, _) = with_authenticator(&app, &ada).await;
    let old = step_up(&ada, json!({"recoveryCode": codes[0]})).await;
    assert_eq!(old.refusal(), ("INVALID_CODE".into(), "proof.recoveryCode".into()));
}

#[actix_web::test]
async fn new_recovery_codes_take_the_place_of_the_old_ones() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (_, old) = with_authenticator(&app, &ada).await;
    step_up(&ada, json!({"recoveryCode": old[0]})).await.ok();
    assert_eq!(factor(&ada).await["recoveryCodesLeft"], 9);
    let answer = mutate(&ada, "regenerateRecoveryCodes", "recoveryCodes").await.ok();
    let new: Vec<String> = serde_json::from_value(answer["regenerateRecoveryCodes"]["recoveryCodes"].clone()).unwrap();
    assert_eq!((new.len(), &factor(&ada).await["recoveryCodesLeft"]), (10, &json!(10)));
    assert_eq!(step_up(&ada, json!({"recoveryCode": old[1]})).await.refusal().0, "INVALID_CODE");
    step_up(&ada, json!({"recoveryCode": new[9].to_lowercase().replace('-', " ")})).await.ok();
    assert_eq!(
        subjects(&app, &ada).await.iter().filter(|subject| *subject == "You have new recovery codes").count(),
        1
    );
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

#[actix_web::test]
async fn what_is_stored_tells_nothing_and_moves_to_another_master_key() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let setup = begun(&ada).await;
    let authenticator = Authenticator::of(&setup["secret"]);
    let answer = confirm(&ada, &authenticator.code(&app)).await.ok();
    let code = answer["recoveryCodes"][0].as_str().unwrap().to_owned();
    let stored = "SELECT second_factors::text AS row FROM second_factors";
    let row = sql_query(stored).load::<Row>(&mut app.connect()).unwrap().remove(0).row;
    let hex = HEXLOWER.encode(&authenticator.0);
    let letters = HEXLOWER.encode(code.replace('-', "").as_bytes());
    assert!(!row.contains(&hex) && !row.contains(&letters), "{row}");

    let old = MASTER_KEY.parse::<agora::platform::crypto::MasterKey>().unwrap();
    let new = agora::platform::crypto::MasterKey::generate(&agora::platform::clock::Generator::from_seed(3));
    let both = new.clone().after(&old);
    let moving = app.start_beside(move |settings| settings.master_key = Some(both)).await;
    assert_eq!(service::rewrap(moving.app()).await.unwrap(), 2);
    moving.stop().await;
    let moved = app.start_beside(move |settings| settings.master_key = Some(new)).await;
    moved.advance(TimeDelta::seconds(30));
    let waiting = challenge(&moved, &ada).await;
    complete(&moved.guest(), &waiting, json!({"totpCode": authenticator.code(&moved)})).await.ok();
    let waiting = challenge(&moved, &ada).await;
    complete(&moved.guest(), &waiting, json!({"recoveryCode": code})).await.ok();
    moved.stop().await;
}
