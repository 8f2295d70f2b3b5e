//! Moving to another address.

use agora::{platform::caller::Caller, users::service};
use chrono::TimeDelta;
use serde_json::json;

use super::{NEW, WHO, ask_for_address, asked_for_reset, move_there, no_token, reset, sign_in, token};
use crate::{
    costs::count,
    harness::{TestApp, app::PASSWORD},
};

#[actix_web::test]
async fn an_address_is_changed_by_code_and_both_are_told() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    asked_for_reset(&app, &ada.email).await.ok();
    let old_link = token(&app, &ada.email);
    let same = ask_for_address(&ada, "ADA@example.com").await;
    assert_eq!(same.refusal(), ("ALREADY_DONE".into(), "email".into()));
    assert_eq!(ask_for_address(&ada, "nobody").await.refusal(), ("INVALID_EMAIL".into(), "email".into()));
    let wrong = json!({"email": "ada@new.example", "currentPassword": "wrong horse battery"});
    let wrong = ada.mutate("requestEmailChange", wrong, "").await;
    assert_eq!(wrong.refusal(), ("INVALID_CREDENTIALS".into(), "currentPassword".into()));

    let change = ask_for_address(&ada, " Ada@New.example ").await.ok()["emailChange"].clone();
    assert_eq!(
        (&change["email"], &change["expiresAt"]),
        (&json!("Ada@New.example"), &json!("2026-11-20T12:30:00+00:00"))
    );
    app.run_jobs().await;
    let told = app.mails(&ada.email).pop().unwrap();
    assert!(told.subject == "Your address is to be changed" && told.text.contains("Ada@New.example"), "{told:?}");
    let code = app.code("Ada@New.example");

    // Only whoever asked can move there.
    assert_eq!(move_there(&bob, &change["id"], &code).await.refusal().0, "INVALID_CODE");
    assert_eq!(move_there(&ada, &change["id"], &code).await.ok()["email"], "Ada@New.example");
    assert_eq!(move_there(&ada, &change["id"], &code).await.refusal(), ("INVALID_CODE".into(), "code".into()));
    assert_eq!(ada.query(WHO).await.ok()["viewer"]["email"], "Ada@New.example");
    assert_eq!(sign_in(&app, &ada.email, PASSWORD).await.refusal().0, "INVALID_CREDENTIALS");
    assert_eq!(sign_in(&app, "ada@new.example", PASSWORD).await.ok()["result"]["user"]["id"], ada.id.as_str());
    assert_eq!(reset(&app.guest(), &old_link, NEW).await.refusal(), no_token());
    assert_eq!(app.run_jobs().await, 2);
    for address in [ada.email.as_str(), "Ada@New.example"] {
        assert_eq!(app.mails(address).pop().unwrap().subject, "Your address was changed");
    }
}

#[actix_web::test]
async fn a_change_does_not_tell_whether_an_address_is_taken() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (taken, free) = (ask_for_address(&ada, &bob.email).await, ask_for_address(&ada, "free@new.example").await);
    assert_eq!(taken.statements, free.statements);
    let (taken, free) = (taken.ok()["emailChange"].clone(), free.ok()["emailChange"].clone());
    assert_eq!(taken["expiresAt"], free["expiresAt"]);
    app.run_jobs().await;
    assert_eq!(app.mails(&bob.email).pop().unwrap().subject, "You already have an account");
    // Not even the code that it would have is right, and one that somebody took meanwhile stays theirs.
    let id = taken["id"].as_str().unwrap().parse().unwrap();
    let code = service::code::<agora::users::model::EmailChange>(app.app(), id);
    assert_eq!(move_there(&ada, &taken["id"], &code).await.refusal().0, "INVALID_CODE");
    app.given_sql(
        "UPDATE users SET email = 'free@new.example', email_key = 'free@new.example' WHERE display_name = 'Bob'",
    );
    let code = app.code("free@new.example");
    assert_eq!(move_there(&ada, &free["id"], &code).await.refusal().0, "INVALID_CODE");

    // Five wrong codes are enough, and so are five changes.
    let change = ask_for_address(&ada, "ada@new.example").await.ok()["emailChange"].clone();
    app.run_jobs().await;
    let code = app.code("ada@new.example");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for code in [wrong, wrong, wrong, wrong, wrong, &code] {
        assert_eq!(move_there(&ada, &change["id"], code).await.refusal().0, "INVALID_CODE");
    }
    for email in ["four@new.example", "five@new.example"] {
        ask_for_address(&ada, email).await.ok();
    }
    // Her password was right each time, so she may go on asking.
    for _ in 0..6 {
        assert_eq!(ask_for_address(&ada, "six@new.example").await.refusal(), ("TOO_MANY".into(), "email".into()));
    }
    app.advance(TimeDelta::days(8));
    service::forget_email_changes(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM email_changes"), 0);
}

#[actix_web::test]
async fn an_address_gets_few_mails_about_changes_but_each_who_asks_gets_one() {
    let app = TestApp::start().await;
    let (eve, ada) = (app.sign_up("Eve").await, app.sign_up("Ada").await);
    for _ in 0..5 {
        ask_for_address(&eve, "ada@new.example").await.ok();
    }
    app.run_jobs().await;
    let change = ask_for_address(&ada, "ada@new.example").await.ok()["emailChange"].clone();
    ask_for_address(&ada, "ada@new.example").await.ok();
    app.run_jobs().await;
    assert_eq!(app.mails("ada@new.example").len(), 6);
    assert_eq!(move_there(&ada, &change["id"], &app.code("ada@new.example")).await.ok()["email"], "ada@new.example");
}

#[actix_web::test]
async fn who_asked_with_a_password_that_was_changed_moves_nowhere() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let asked = async |email: &str| {
        let change = ask_for_address(&ada, email).await.ok()["emailChange"].clone();
        app.run_jobs().await;
        (change["id"].clone(), app.code(email), token(&app, email))
    };
    let by_link = async |token: &str, password: &str| {
        app.guest().mutate("confirmEmailByLink", json!({"token": token, "password": password}), "email").await
    };
    let (id, code, link) = asked("eve@new.example").await;
    let change = json!({"currentPassword": PASSWORD, "newPassword": NEW});
    ada.mutate("changePassword", change, "").await.ok();
    assert_eq!(move_there(&ada, &id, &code).await.refusal().0, "INVALID_CODE");
    for password in [PASSWORD, NEW] {
        assert_eq!(by_link(&link, password).await.refusal(), no_token());
    }
    let back = json!({"currentPassword": NEW, "newPassword": PASSWORD});
    ada.mutate("changePassword", back, "").await.ok();

    // Nor does anybody who has moved already move on by what they asked for before.
    let (first, second) = (asked("one@new.example").await, asked("two@new.example").await);
    move_there(&ada, &first.0, &first.1).await.ok();
    assert_eq!(move_there(&ada, &second.0, &second.1).await.refusal().0, "INVALID_CODE");
    assert_eq!(by_link(&second.2, PASSWORD).await.refusal(), no_token());
    // Not even where its time was not over: it was about another address than the present one.
    app.given_sql(
        "UPDATE email_changes SET expires_at = expires_at + interval '1 hour' WHERE email = 'two@new.example'",
    );
    assert_eq!(move_there(&ada, &second.0, &second.1).await.refusal().0, "INVALID_CODE");
    assert_eq!(ada.query(WHO).await.ok()["viewer"]["email"], "one@new.example");
}
