//! Guessing at codes for long.

use chrono::TimeDelta;
use serde_json::json;

use super::{challenge, complete, sign_in, step_up, subjects, with_authenticator, wrong_code};
use crate::{
    costs::count,
    harness::{TestApp, app::Person, held::Held},
};

/// How often the owner was told of it, by mail and by an event.
async fn told(app: &TestApp, person: &Person) -> (usize, i64) {
    let subjects = subjects(app, person).await;
    let mails = subjects.iter().filter(|subject| *subject == "Somebody gives wrong codes for your account").count();
    let noted = "SELECT count(*) AS count FROM security_events WHERE kind = 'SECOND_FACTOR_REFUSED'";
    (mails, count(&mut app.connect(), noted))
}

#[actix_web::test]
async fn wrong_codes_are_told_however_many_sign_ins_they_are_spread_over() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, _) = with_authenticator(&app, &ada).await;
    let wrong = json!({"totpCode": wrong_code(&authenticator, &app)});
    // Two for each sign-in, and long enough apart that no guess has to wait.
    for round in 0..2 {
        let token = challenge(&app, &ada).await;
        for _ in 0..2 {
            assert_eq!(complete(&app.guest(), &token, wrong.clone()).await.refusal().0, "INVALID_CODE", "{round}");
        }
        app.given_sql("DELETE FROM guesses");
    }
    assert_eq!(told(&app, &ada).await, (0, 0));
    let token = challenge(&app, &ada).await;
    assert_eq!(complete(&app.guest(), &token, wrong.clone()).await.refusal().0, "INVALID_CODE");
    assert_eq!(told(&app, &ada).await, (1, 1));
    // In a session of theirs it is told as well.
    for _ in 0..5 {
        assert_eq!(step_up(&ada, wrong.clone()).await.refusal().0, "INVALID_CODE");
    }
    assert_eq!(told(&app, &ada).await, (2, 2));
    // A code that was taken before is a wrong one; one that is right begins anew.
    app.given_sql("DELETE FROM guesses");
    app.given_sql("UPDATE second_factors SET wrong = 19");
    let right = json!({"totpCode": authenticator.code(&app)});
    let token = challenge(&app, &ada).await;
    complete(&app.guest(), &token, right.clone()).await.ok();
    app.given_sql("UPDATE second_factors SET wrong = 19");
    assert_eq!(step_up(&ada, right).await.refusal().0, "INVALID_CODE");
    assert_eq!(told(&app, &ada).await, (3, 3));
}

#[actix_web::test]
async fn after_a_hundred_wrong_codes_no_code_of_an_authenticator_is_right() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, codes) = with_authenticator(&app, &ada).await;
    let wrong = json!({"totpCode": wrong_code(&authenticator, &app)});
    let last_but_one = || app.given_sql("UPDATE second_factors SET wrong = 99");
    let right = || json!({"totpCode": authenticator.code(&app)});

    last_but_one();
    let token = challenge(&app, &ada).await;
    assert_eq!(complete(&app.guest(), &token, wrong.clone()).await.refusal().0, "INVALID_CODE");
    assert_eq!(told(&app, &ada).await, (1, 1));
    assert_eq!(complete(&app.guest(), &token, right()).await.refusal().0, "INVALID_CODE");
    assert_eq!(step_up(&ada, right()).await.refusal().0, "INVALID_CODE");
    assert_eq!(sign_in(&app, &ada).await["methods"], json!(["RECOVERY_CODE"]));
    // What cannot be guessed is still taken, and has codes taken again.
    complete(&app.guest(), &token, json!({"recoveryCode": codes[0]})).await.ok();
    assert_eq!(sign_in(&app, &ada).await["methods"], json!(["TOTP", "RECOVERY_CODE"]));
    step_up(&ada, right()).await.ok();

    // So has another password, by the mailbox.
    last_but_one();
    assert_eq!(step_up(&ada, wrong).await.refusal().0, "INVALID_CODE");
    assert_eq!(sign_in(&app, &ada).await["methods"], json!(["RECOVERY_CODE"]));
    told(&app, &ada).await;
    let result = super::sign_in::reset(&app, &ada, "another horse battery").await;
    assert_eq!(result["methods"], json!(["TOTP", "RECOVERY_CODE"]));
    app.advance(TimeDelta::seconds(30));
    complete(&app.guest(), &result["challengeToken"], right()).await.ok();
}

#[actix_web::test]
async fn a_right_code_that_comes_to_nothing_is_no_guess() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, _) = with_authenticator(&app, &ada).await;
    let token = challenge(&app, &ada).await;
    // Nothing can be noted.
    app.given_sql("ALTER TABLE security_events ADD CONSTRAINT nothing CHECK (kind <> 'SIGNED_IN') NOT VALID");
    let right = || json!({"totpCode": authenticator.code(&app)});
    for _ in 0..6 {
        assert_eq!(complete(&app.guest(), &token, right()).await.code(), "INTERNAL");
    }
    app.given_sql("ALTER TABLE security_events DROP CONSTRAINT nothing");
    complete(&app.guest(), &token, right()).await.ok();
}

#[actix_web::test]
async fn a_challenge_that_ends_while_a_code_is_looked_at_is_not_completed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, _) = with_authenticator(&app, &ada).await;
    for ends in ["attempts = 5", "expires_at = '2026-11-20T12:00:00Z'"] {
        app.advance(TimeDelta::seconds(30));
        let token = challenge(&app, &ada).await;
        let proof = json!({"totpCode": authenticator.code(&app)});
        let guest = app.guest();
        let held = Held::by(&app, "SELECT id FROM users FOR UPDATE");
        let completing = actix_web::rt::spawn(async move { complete(&guest, &token, proof).await });
        held.waited_for_by(&app, 1).await;
        app.given_sql(&format!("UPDATE sign_in_challenges SET {ends}"));
        held.release();
        assert_eq!(completing.await.unwrap().refusal().0, "INVALID_CHALLENGE", "{ends}");
    }
}
