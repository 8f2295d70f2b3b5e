//! Getting back in, other passwords and other addresses.

use std::time::Duration;

use agora::{platform::caller::Caller, users::service};
use chrono::TimeDelta;
use diesel::{Connection, RunQueryDsl, sql_query};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{
        Answer, Client, TestApp,
        app::PASSWORD,
        socket::{Said, Socket},
    },
};

const NEW: &str = "another horse battery";
const SIGN_IN: &str = "result { __typename ... on SignedIn { accessToken user { id } } }";
const WHO: &str = "{ viewer { email } }";

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.guest().mutate("signIn", json!({"email": email, "password": password}), SIGN_IN).await
}

/// The token of the link in the newest mail to an address.
fn token(app: &TestApp, email: &str) -> String {
    let mail = app.mails(email).pop().unwrap_or_else(|| panic!("no mail to {email}"));
    let link = mail.text.lines().find(|line| line.contains("token=")).unwrap_or_else(|| panic!("no link in {mail:?}"));
    link.split_once("token=").unwrap().1.to_owned()
}

async fn asked_for_reset(app: &TestApp, email: &str) -> Answer {
    let answer = app.guest().mutate("requestPasswordReset", json!({"email": email}), "").await;
    app.run_jobs().await;
    answer
}

async fn reset(client: &Client, token: &str, password: &str) -> Answer {
    client.mutate("resetPassword", json!({"token": token, "newPassword": password}), SIGN_IN).await
}

fn no_token() -> (String, String) {
    ("INVALID_TOKEN".into(), "token".into())
}

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
async fn of_two_sign_ups_of_one_address_confirmed_at_once_one_becomes_an_account() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let mut confirmations = Vec::new();
    for name in ["One", "Other"] {
        let input = json!({"email": "ada@example.com", "password": PASSWORD, "displayName": name});
        let answer = app.guest().mutate("signUp", input, "verification { id }").await.ok();
        app.run_jobs().await;
        confirmations.push((
            answer["verification"]["id"].clone(),
            app.code("ada@example.com"),
            token(&app, "ada@example.com"),
        ));
    }
    let [(id, code, _), (_, _, link)] = &confirmations[..] else { panic!() };
    let (guest, other) = (app.guest(), beside.guest());
    let (by_code, by_link) = futures_util::join!(
        guest.mutate("confirmEmail", json!({"verificationId": id, "code": code}), "signedIn { accessToken }"),
        other.mutate(
            "confirmEmailByLink",
            json!({"token": link, "password": PASSWORD}),
            "signedIn { accessToken } email"
        ),
    );
    let made = [&by_code.data["confirmEmail"], &by_link.data["confirmEmailByLink"]];
    assert_eq!(made.iter().filter(|payload| !payload["signedIn"].is_null()).count(), 1, "{made:?}");
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM users"), 1);
    beside.stop().await;
}

#[actix_web::test]
async fn a_sign_in_that_began_before_the_password_changed_opens_no_session() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut conn = app.connect();
    conn.begin_test_transaction().unwrap();
    sql_query("SELECT id FROM users FOR UPDATE").execute(&mut conn).unwrap();
    let (guest, email) = (app.guest(), ada.email.clone());
    let signing_in = actix_web::rt::spawn(async move {
        guest.mutate("signIn", json!({"email": email, "password": PASSWORD}), SIGN_IN).await
    });
    let waiting = "SELECT count(*) AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    for _ in 0..500 {
        if count(&mut app.connect(), waiting) > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(count(&mut app.connect(), waiting), 1, "the sign-in has not come that far");
    sql_query("UPDATE users SET password_hash = 'another'").execute(&mut conn).unwrap();
    sql_query("COMMIT").execute(&mut conn).unwrap();
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

async fn ask_for_address(client: &Client, email: &str) -> Answer {
    let input = json!({"email": email, "currentPassword": PASSWORD});
    client.mutate("requestEmailChange", input, "emailChange { id email expiresAt }").await
}

async fn move_there(client: &Client, id: &Value, code: &str) -> Answer {
    client.mutate("confirmEmailChange", json!({"emailChangeId": id, "code": code}), "email").await
}

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

#[actix_web::test]
async fn a_link_alone_makes_nobodys_account_and_gives_none_away() {
    let app = TestApp::start().await;
    let guest = app.guest();
    // Eve signs up with the address of Ada, who presses what comes by mail.
    let input = json!({"email": "ada@example.com", "password": "a password of eve", "displayName": "Eve"});
    guest.mutate("signUp", input, "").await.ok();
    app.run_jobs().await;
    let link = token(&app, "ada@example.com");
    let by_link = async |token: &str, password: &str| {
        guest.mutate("confirmEmailByLink", json!({"token": token, "password": password}), "email").await
    };
    for _ in 0..5 {
        assert_eq!(by_link(&link, PASSWORD).await.refusal(), ("INVALID_CREDENTIALS".into(), "password".into()));
    }
    assert_eq!(by_link(&link, "a password of eve").await.refusal().0, "TOO_MANY_ATTEMPTS");
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM users"), 0);

    // Bob mistypes his new address.
    let bob = app.sign_up("Bob").await;
    ask_for_address(&bob, "bib@new.example").await.ok();
    app.run_jobs().await;
    let link = token(&app, "bib@new.example");
    assert_eq!(by_link(&link, "a guess of bib's").await.refusal().0, "INVALID_CREDENTIALS");
    assert_eq!(bob.query(WHO).await.ok()["viewer"]["email"], bob.email.as_str());
}

#[actix_web::test]
async fn a_link_confirms_as_a_code_does() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let selection = "email signedIn { accessToken } signedInWithCookies { user { displayName } }";
    let by_link = async |token: &str| {
        guest.mutate("confirmEmailByLink", json!({"token": token, "password": PASSWORD}), selection).await
    };
    let input = json!({"email": "Ada@example.com", "password": PASSWORD, "displayName": "Ada"});
    let sign_up = guest.mutate("signUp", input, "verification { id }").await.ok();
    app.run_jobs().await;
    let (first, code) = (token(&app, "Ada@example.com"), app.code("Ada@example.com"));
    let answer = by_link(&first).await.ok();
    assert_eq!((&answer["email"], &answer["signedInWithCookies"]), (&json!("Ada@example.com"), &Value::Null));
    let ada = guest.with_token(answer["signedIn"]["accessToken"].as_str().unwrap());
    assert_eq!(ada.query(WHO).await.ok()["viewer"]["email"], "Ada@example.com");
    assert_eq!(by_link(&first).await.refusal(), no_token());
    let again = json!({"verificationId": sign_up["verification"]["id"], "code": code});
    assert_eq!(guest.mutate("confirmEmail", again, "").await.refusal().0, "INVALID_CODE");

    ask_for_address(&ada, "ada@new.example").await.ok();
    app.run_jobs().await;
    let change = token(&app, "ada@new.example");
    app.advance(TimeDelta::minutes(29));
    // It is about a device that may be signed in already, so no session comes of it.
    let moved = by_link(&change).await.ok();
    assert_eq!(
        moved,
        json!({"email": "ada@new.example", "signedIn": null, "signedInWithCookies": null, "userErrors": []})
    );
    assert_eq!(by_link(&change).await.refusal(), no_token());
    sign_in(&app, "ada@new.example", PASSWORD).await.ok();
    app.run_jobs().await;

    // Nobody becomes an account by the link in a mail that says that there is one.
    guest.mutate("signUp", json!({"email": "ada@new.example", "password": NEW, "displayName": "Eve"}), "").await.ok();
    app.run_jobs().await;
    let told = app.mails("ada@new.example").pop().unwrap();
    assert!(told.subject == "You already have an account" && !told.text.contains("token="), "{told:?}");
    // Too late.
    guest.mutate("signUp", json!({"email": "bob@example.com", "password": NEW, "displayName": "Bob"}), "").await.ok();
    app.run_jobs().await;
    let late = token(&app, "bob@example.com");
    app.advance(TimeDelta::minutes(30));
    assert_eq!(by_link(&late).await.refusal(), no_token());
}

#[actix_web::test]
async fn links_lead_where_the_operator_says() {
    let app = TestApp::start_with(|settings| {
        settings.links.link_verify = Some("https://shop.example/hello?t={token}".parse().unwrap());
        settings.links.link_reset = Some("shop://reset/{token}".parse().unwrap());
    })
    .await;
    let ada = app.sign_up("Ada").await;
    assert!(app.mails(&ada.email)[0].text.contains("\n\nhttps://shop.example/hello?t="));
    asked_for_reset(&app, &ada.email).await.ok();
    let mail = app.mails(&ada.email).pop().unwrap();
    assert!(mail.text.contains("\n\nshop://reset/") && mail.html.contains("href=\"shop://reset/"), "{mail:?}");
}

struct Page {
    status: u16,
    text: String,
}

async fn page(request: reqwest::RequestBuilder, language: &str) -> Page {
    let answer = request.header("accept-language", language).send().await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((header("cache-control"), header("referrer-policy")), ("no-store".into(), "no-referrer".into()));
    assert!(header("content-security-policy").contains("default-src 'none'"));
    Page { status: answer.status().as_u16(), text: answer.text().await.unwrap() }
}

#[actix_web::test]
async fn without_pages_of_the_market_plain_ones_do() {
    let app = TestApp::start().await;
    let browser = reqwest::Client::new();
    let guest = app.guest().with_header("accept-language", "de");
    let input = json!({"email": "ada@example.com", "password": PASSWORD, "displayName": "Ada"});
    guest.mutate("signUp", input, "").await.ok();
    app.run_jobs().await;
    let link = token(&app, "ada@example.com");
    let verify = app.url("/account/verify");
    let opened = async || page(browser.get(format!("{verify}?token={link}")), "de").await;
    for _ in 0..2 {
        let asked = opened().await;
        assert!(asked.status == 200 && asked.text.contains("Ist ada@example.com deine Adresse?"), "{}", asked.text);
        assert!(asked.text.contains("type=password"), "{}", asked.text);
        assert!(asked.text.contains("<html lang=de>") && asked.text.contains(&link));
    }
    for password in ["", "wrong horse battery"] {
        let form = [("token", link.as_str()), ("password", password)];
        let wrong = page(browser.post(&verify).form(&form), "de").await;
        assert!(wrong.status == 200 && wrong.text.contains("Passwort ist falsch."), "{}", wrong.text);
    }
    let done = page(browser.post(&verify).form(&[("token", link.as_str()), ("password", PASSWORD)]), "en").await;
    assert!(done.status == 200 && done.text.contains("ada@example.com is confirmed."), "{}", done.text);
    assert_eq!(opened().await.status, 404);
    assert_eq!(page(browser.post(&verify).form(&[("other", "thing")]), "en").await.status, 404);
    for token in ["", "?token=", "?token=nonsense"] {
        let gone = page(browser.get(format!("{verify}{token}")), "en").await;
        assert!(gone.status == 404 && gone.text.contains("leads nowhere"), "{}", gone.text);
    }
    let ada = sign_in(&app, "ada@example.com", PASSWORD).await.ok()["result"]["accessToken"].clone();
    let ada = app.guest().with_token(ada.as_str().unwrap());

    asked_for_reset(&app, "ada@example.com").await.ok();
    // She signed up in German, and is written to in German ever since.
    assert_eq!(app.mails("ada@example.com").pop().unwrap().subject, "Wähle ein neues Passwort");
    let link = token(&app, "ada@example.com");
    let choose = app.url("/account/reset");
    let asked = page(browser.get(format!("{choose}?token={link}")), "en").await;
    assert!(asked.status == 200 && asked.text.contains("type=password"), "{}", asked.text);
    let press = async |password: &str| {
        page(browser.post(&choose).form(&[("token", link.as_str()), ("password", password)]), "en").await
    };
    let common = press("Password123").await;
    assert!(common.status == 200 && common.text.contains("too easy to guess"), "{}", common.text);
    assert!(common.text.contains(&link) && !common.text.contains("Password123"));
    ada.query(WHO).await.ok();
    let done = press(NEW).await;
    assert!(done.status == 200 && done.text.contains("all devices were signed out"), "{}", done.text);
    assert_eq!(ada.query(WHO).await.code(), "UNAUTHENTICATED");
    assert_eq!(press(NEW).await.status, 404);
    sign_in(&app, "ada@example.com", NEW).await.ok();
}
