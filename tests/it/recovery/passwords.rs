//! Passwords that were forgotten, and those that are changed.

use agora::{platform::caller::Caller, users::service};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use super::{NEW, SIGN_IN, WHO, asked_for_reset, no_token, reset, sign_in, token};
use crate::{
    costs::count,
    harness::{
        TestApp,
        app::PASSWORD,
        held::Held,
        socket::{Said, Socket},
    },
};

#[actix_web::test]
async fn a_forgotten_password_is_replaced_by_a_link_and_all_sessions_end() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    let mut elsewhere = Socket::connect(&beside.guest().with_token(ada.token.as_deref().unwrap()), json!({})).await;
    for _ in 0..6 {
        sign_in(&app, &ada.email, "wrong horse battery").await;
    }
    asked_for_reset(&app, " ADA@example.com ").await.ok();
    let mail = app.mails(&ada.email).pop().unwrap();
    assert_eq!(mail.subject, "Choose a new password");
    let token = token(&app, &ada.email);

    let guest = app.guest();
    let common = reset(&guest, &token, "Password123").await;
    assert_eq!(common.refusal(), ("PASSWORD_COMMON".into(), "newPassword".into()));
    assert_eq!(reset(&guest, &token, "short").await.refusal(), ("PASSWORD_LENGTH".into(), "newPassword".into()));
    assert_eq!(ada.query(WHO).await.ok()["viewer"]["email"], ada.email.as_str());

    let result = reset(&guest, &token, NEW).await.ok()["result"].clone();
    assert_eq!(result["user"]["id"], ada.id.as_str());
    guest.with_token(result["accessToken"].as_str().unwrap()).query(WHO).await.ok();
    assert_eq!(ada.query(WHO).await.code(), "UNAUTHENTICATED");
    assert_eq!(elsewhere.receive().await, Said::Closed(4401));
    assert_eq!(reset(&guest, &token, NEW).await.refusal(), no_token());

    // The clock stands still, so only that the guesses are forgotten lets the next sign-ins through.
    assert_eq!(sign_in(&app, &ada.email, PASSWORD).await.refusal().0, "INVALID_CREDENTIALS");
    assert_eq!(sign_in(&app, &ada.email, NEW).await.ok()["result"]["__typename"], "SignedIn");
    app.run_jobs().await;
    assert_eq!(app.mails(&ada.email).pop().unwrap().subject, "Your password was changed");
    beside.stop().await;
}

#[actix_web::test]
async fn a_reset_says_and_takes_the_same_for_every_address() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let guest = app.guest();
    let ask = async |email: &str| guest.mutate("requestPasswordReset", json!({"email": email}), "").await;
    let (known, unknown) = (ask(&ada.email).await, ask("nobody@example.com").await);
    assert_eq!(known.statements, unknown.statements);
    assert_eq!(known.ok(), unknown.ok());
    assert_eq!(ask("nobody").await.refusal(), ("INVALID_EMAIL".into(), "email".into()));
    assert_eq!(app.run_jobs().await, 2);
    assert!(app.mails("nobody@example.com").is_empty());

    for _ in 0..6 {
        let (known, unknown) = (ask(&ada.email).await, ask("nobody@example.com").await);
        assert_eq!(known.statements, unknown.statements);
    }
    app.run_jobs().await;
    let resets = || app.mails(&ada.email).iter().filter(|mail| mail.subject == "Choose a new password").count();
    assert_eq!(resets(), 5);
    app.advance(TimeDelta::hours(1));
    asked_for_reset(&app, &ada.email).await.ok();
    assert_eq!(resets(), 6);
}

#[actix_web::test]
async fn a_link_is_good_for_an_hour_and_only_for_what_it_is_about() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let confirmed = token(&app, &ada.email);
    asked_for_reset(&app, &ada.email).await.ok();
    let good = token(&app, &ada.email);
    let mut forged = good.clone().into_bytes();
    forged[4] ^= 1;
    let forged = String::from_utf8(forged).unwrap();
    for wrong in ["", "nonsense", &forged, &confirmed, &ada.refresh_token] {
        assert_eq!(reset(&app.guest(), wrong, NEW).await.refusal(), no_token(), "{wrong}");
    }
    let by_link = json!({"token": good, "password": PASSWORD});
    assert_eq!(app.guest().mutate("confirmEmailByLink", by_link, "email").await.refusal(), no_token());
    app.advance(TimeDelta::minutes(59));
    assert_eq!(service::password_reset_for(app.app(), &good).await.unwrap().id.to_string(), ada.id);
    app.advance(TimeDelta::minutes(1));
    assert_eq!(reset(&app.guest(), &good, NEW).await.refusal(), no_token());

    // After another day nothing is left of it.
    let left = "SELECT count(*) AS count FROM password_resets";
    service::forget_password_resets(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(count(&mut app.connect(), left), 1);
    app.advance(TimeDelta::days(1) + TimeDelta::seconds(1));
    service::forget_password_resets(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(count(&mut app.connect(), left), 0);
}

#[actix_web::test]
async fn of_two_resets_by_one_link_at_once_one_is_done() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    for round in 0..5 {
        asked_for_reset(&app, &ada.email).await.ok();
        let token = token(&app, &ada.email);
        let passwords = [format!("first password {round}"), format!("second password {round}")];
        let (one, other) = (app.guest(), beside.guest());
        let answers = join_all([reset(&one, &token, &passwords[0]), reset(&other, &token, &passwords[1])]).await;
        let done: Vec<bool> = answers.iter().map(|answer| !answer.data["resetPassword"]["result"].is_null()).collect();
        assert_eq!(done.iter().filter(|done| **done).count(), 1, "{answers:?}");
        for (password, done) in passwords.iter().zip(done) {
            let signed_in = sign_in(&app, &ada.email, password).await;
            assert_eq!(!signed_in.data["signIn"]["result"].is_null(), done);
        }
        app.advance(TimeDelta::hours(1));
    }
    beside.stop().await;
}

#[actix_web::test]
async fn a_sign_in_that_began_before_the_password_changed_opens_no_session() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut held = Held::by(&app, "SELECT id FROM users FOR UPDATE");
    let (guest, email) = (app.guest(), ada.email.clone());
    let signing_in = actix_web::rt::spawn(async move {
        guest.mutate("signIn", json!({"email": email, "password": PASSWORD}), SIGN_IN).await
    });
    held.waited_for_by(&app, 1).await;
    held.run("UPDATE users SET password_hash = 'another'");
    held.release();
    assert_eq!(signing_in.await.unwrap().refusal().0, "INVALID_CREDENTIALS");
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM sessions"), 1);
}

#[actix_web::test]
async fn another_password_signs_the_other_devices_out_on_every_process() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    let other = sign_in(&app, &ada.email, PASSWORD).await.ok()["result"]["accessToken"].as_str().unwrap().to_owned();
    let mut elsewhere = Socket::connect(&beside.guest().with_token(&other), json!({})).await;
    asked_for_reset(&app, &ada.email).await.ok();
    let link = token(&app, &ada.email);
    let change = async |current: &str, new: &str| {
        let input = json!({"currentPassword": current, "newPassword": new});
        ada.mutate("changePassword", input, "endedSessions { isCurrent }").await
    };
    let wrong = change("wrong horse battery", NEW).await;
    assert_eq!(wrong.refusal(), ("INVALID_CREDENTIALS".into(), "currentPassword".into()));
    assert_eq!(change(PASSWORD, "short").await.refusal().0, "PASSWORD_LENGTH");
    assert_eq!(change(PASSWORD, &ada.email).await.refusal(), ("PASSWORD_COMMON".into(), "newPassword".into()));

    assert_eq!(change(PASSWORD, NEW).await.ok()["endedSessions"], json!([{"isCurrent": false}]));
    assert_eq!(elsewhere.receive().await, Said::Closed(4401));
    ada.query(WHO).await.ok();
    assert_eq!(app.guest().with_token(&other).query(WHO).await.code(), "UNAUTHENTICATED");
    assert_eq!(reset(&app.guest(), &link, NEW).await.refusal(), no_token());
    assert_eq!(sign_in(&app, &ada.email, PASSWORD).await.refusal().0, "INVALID_CREDENTIALS");
    sign_in(&app, &ada.email, NEW).await.ok();
    app.run_jobs().await;
    assert_eq!(app.mails(&ada.email).pop().unwrap().subject, "Your password was changed");

    // Guesses at it have to wait as those of a sign-in do; but what strangers guess does not keep her from changing it.
    for _ in 0..5 {
        assert_eq!(change("wrong horse battery", PASSWORD).await.refusal().0, "INVALID_CREDENTIALS");
        assert_eq!(sign_in(&app, &ada.email, "wrong horse battery").await.refusal().0, "INVALID_CREDENTIALS");
    }
    assert_eq!(change(NEW, PASSWORD).await.refusal().0, "TOO_MANY_ATTEMPTS");
    app.advance(TimeDelta::seconds(1));
    change(NEW, PASSWORD).await.ok();
    beside.stop().await;
}

#[actix_web::test]
async fn what_only_names_somebody_keeps_nobody_from_changing_their_password() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    // An event is being noted, as where a challenge is refused or a session revoked.
    let held = Held::by(
        &app,
        "INSERT INTO security_events (id, user_id, kind, device, created_at)
         SELECT gen_random_uuid(), id, 'SIGNED_IN', '', now() FROM users",
    );
    let input = json!({"currentPassword": PASSWORD, "newPassword": NEW});
    ada.mutate("changePassword", input, "").await.ok();
    held.release();
}
