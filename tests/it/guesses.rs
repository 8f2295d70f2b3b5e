//! Guessing passwords: who may go on, and when.

use std::sync::Arc;

use agora::{
    platform::{
        caller::Caller,
        crypto::{PasswordCost, PasswordHasher},
    },
    users::service,
};
use chrono::TimeDelta;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{Answer, Client, TestApp, app::PASSWORD};

const RESULT: &str = "result { __typename } userErrors { code ... on TooManyAttemptsError { retryAt } }";

async fn sign_in(client: &Client, email: &str, password: &str) -> Answer {
    let document = format!("mutation($input: SignInInput!) {{ signIn(input: $input) {{ {RESULT} }} }}");
    client.send(&document, json!({"input": {"email": email, "password": password}})).await
}

/// How a sign-in went: its result's type, or the code of its refusal.
fn outcome(answer: &Answer) -> String {
    let payload = &answer.data["signIn"];
    let told =
        if payload["result"].is_null() { &payload["userErrors"][0]["code"] } else { &payload["result"]["__typename"] };
    told.as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

#[actix_web::test]
async fn wrong_guesses_at_an_account_make_the_next_wait_whether_or_not_there_is_one() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    for email in [ada.email.as_str(), "nobody@example.com"] {
        for process in [&app, &beside, &app, &beside, &app] {
            assert_eq!(outcome(&sign_in(&process.guest(), email, "wrong horse battery").await), "INVALID_CREDENTIALS");
        }
        for password in ["wrong horse battery", PASSWORD] {
            let refused = sign_in(&beside.guest(), email, password).await;
            assert_eq!(outcome(&refused), "TOO_MANY_ATTEMPTS");
            assert_eq!(refused.data["signIn"]["userErrors"][0]["retryAt"], "2026-11-20T12:00:01+00:00");
            assert!(refused.statements.unwrap() <= 2, "{refused:?}");
        }
    }
    app.advance(TimeDelta::seconds(1));
    assert_eq!(outcome(&sign_in(&app.guest(), &ada.email, "wrong horse battery").await), "INVALID_CREDENTIALS");
    app.advance(TimeDelta::seconds(1));
    assert_eq!(outcome(&sign_in(&app.guest(), &ada.email, PASSWORD).await), "TOO_MANY_ATTEMPTS");
    app.advance(TimeDelta::seconds(1));
    assert_eq!(outcome(&sign_in(&app.guest(), &ada.email, PASSWORD).await), "SignedIn");
    // That has cleared them.
    for _ in 0..5 {
        assert_eq!(outcome(&sign_in(&app.guest(), &ada.email, "wrong horse battery").await), "INVALID_CREDENTIALS");
    }
    beside.stop().await;
}

#[actix_web::test]
async fn of_many_guesses_at_once_as_many_are_looked_at_as_one_after_the_other() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    let guess = async |number: usize| {
        let guest = if number.is_multiple_of(2) { app.guest() } else { beside.guest() };
        outcome(&sign_in(&guest, &ada.email, "wrong horse battery").await)
    };
    let outcomes = join_all((0..32).map(guess)).await;
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "INVALID_CREDENTIALS").count(), 5);
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "TOO_MANY_ATTEMPTS").count(), 27);
    beside.stop().await;
}

#[actix_web::test]
async fn a_line_guesses_at_few_accounts_and_neither_forged_headers_nor_an_own_account_change_that() {
    let app = TestApp::start().await;
    let eve = app.sign_up("Eve").await;
    for number in 0..49 {
        let forged = app.guest().with_header("x-forwarded-for", &format!("203.0.113.{number}"));
        let email = format!("person{number}@example.com");
        assert_eq!(outcome(&sign_in(&forged, &email, "wrong horse battery").await), "INVALID_CREDENTIALS");
        if number % 10 == 0 {
            assert_eq!(outcome(&sign_in(&app.guest(), &eve.email, PASSWORD).await), "SignedIn");
        }
    }
    assert_eq!(outcome(&sign_in(&app.guest(), "one@example.com", "wrong horse battery").await), "INVALID_CREDENTIALS");
    let forged =
        app.guest().with_header("x-forwarded-for", "203.0.113.99").with_header("forwarded", "for=203.0.113.98");
    assert_eq!(outcome(&sign_in(&forged, "other@example.com", "wrong horse battery").await), "TOO_MANY_ATTEMPTS");
    assert_eq!(outcome(&sign_in(&forged, &eve.email, PASSWORD).await), "TOO_MANY_ATTEMPTS");
    app.advance(TimeDelta::seconds(1));
    assert_eq!(outcome(&sign_in(&app.guest(), &eve.email, PASSWORD).await), "SignedIn");
}

#[actix_web::test]
async fn a_sign_up_with_somebodys_address_is_no_way_around() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut outcomes = Vec::new();
    for number in 0..8 {
        // The newest sign-up is the one that counts.
        app.advance(TimeDelta::milliseconds(1));
        let password = format!("candidate password {number}");
        let input = json!({"email": ada.email, "password": password, "displayName": "Eve"});
        app.guest().mutate("signUp", input, "").await.ok();
        outcomes.push(outcome(&sign_in(&app.guest(), &ada.email, &password).await));
    }
    assert_eq!(outcomes[..5], ["EmailUnverified"; 5]);
    assert_eq!(outcomes[5..], ["TOO_MANY_ATTEMPTS"; 3]);
    assert_eq!(outcome(&sign_in(&app.guest(), &ada.email, PASSWORD).await), "TOO_MANY_ATTEMPTS");
}

#[actix_web::test]
async fn many_who_sign_in_at_once_do_not_keep_each_other_out() {
    // With a clock that goes on: one transaction begins before another that counts before it.
    let app = TestApp::start_with(|settings| settings.clock = Arc::default()).await;
    let beside = app.start_beside(|settings| settings.clock = Arc::default()).await;
    let people = [app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Cleo").await];
    for _ in 0..5 {
        let sign_ins = (0..12).map(|number| {
            let guest = if number % 2 == 0 { app.guest() } else { beside.guest() };
            let email = people[number % 3].email.clone();
            async move { outcome(&sign_in(&guest, &email, PASSWORD).await) }
        });
        assert_eq!(join_all(sign_ins).await, ["SignedIn"; 12]);
    }
    beside.stop().await;
}

#[actix_web::test]
async fn the_refusal_tells_the_later_of_two_times() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    for _ in 0..5 {
        sign_in(&app.guest(), &ada.email, "wrong horse battery").await;
    }
    for order in ["ASC", "DESC"] {
        app.given_sql("UPDATE guesses SET open_at = '2026-11-20T12:00:30Z'");
        app.given_sql(&format!(
            "UPDATE guesses SET open_at = '2026-11-20T12:01:00Z' WHERE key = (SELECT key FROM guesses ORDER BY key {order} LIMIT 1)"
        ));
        let refused = sign_in(&app.guest(), &ada.email, PASSWORD).await;
        assert_eq!(refused.data["signIn"]["userErrors"][0]["retryAt"], "2026-11-20T12:01:00+00:00");
    }
}

#[actix_web::test]
async fn guesses_are_forgotten_after_a_day_and_name_nobody() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    sign_in(&app.guest(), &ada.email, "wrong horse battery").await;
    let rows =
        || crate::costs::count(&mut app.connect(), "SELECT count(*) AS count FROM guesses WHERE length(key) = 32");
    assert_eq!(rows(), 2);
    app.advance(TimeDelta::hours(23));
    service::forget_guesses(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(rows(), 2);
    app.advance(TimeDelta::hours(2));
    service::forget_guesses(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(rows(), 0);
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Text)]
    password_hash: String,
}

#[actix_web::test]
async fn a_password_is_hashed_anew_when_that_costs_something_else_by_now() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let stored = || {
        let rows: Vec<Stored> = sql_query("SELECT password_hash FROM users").load(&mut app.connect()).unwrap();
        rows[0].password_hash.clone()
    };
    let first = stored();
    assert_eq!(outcome(&sign_in(&app.guest(), &ada.email, PASSWORD).await), "SignedIn");
    assert_eq!(stored(), first, "it was hashed anew for nothing");

    let cost = PasswordCost { memory_kib: 32, passes: 1 };
    let cheap = PasswordHasher::new(cost, 1).unwrap().hash(PASSWORD.into(), [1; 16]).await.unwrap();
    app.given_sql(&format!("UPDATE users SET password_hash = '{cheap}'"));
    assert_eq!(outcome(&sign_in(&app.guest(), &ada.email, "wrong horse battery").await), "INVALID_CREDENTIALS");
    assert_eq!(stored(), cheap);
    for _ in 0..2 {
        assert_eq!(outcome(&sign_in(&app.guest(), &ada.email, PASSWORD).await), "SignedIn");
        assert!(stored().starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", stored());
    }
}

#[actix_web::test]
async fn wrong_codes_of_many_sign_ups_count_against_the_line() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let confirm = async |sign_up: &serde_json::Value, code: &str| {
        let input = json!({"verificationId": sign_up, "code": code});
        guest.mutate("confirmEmail", input, "signedIn { accessToken }").await
    };
    let sign_up = async |email: String| {
        let input = json!({"email": email, "password": PASSWORD, "displayName": "Eve"});
        guest.mutate("signUp", input, "verification { id }").await.ok()["verification"]["id"].clone()
    };
    // Right ones do not count.
    app.sign_up("Ada").await;
    for number in 0..10 {
        let waiting = sign_up(format!("victim{number}@example.com")).await;
        for _ in 0..5 {
            assert_eq!(confirm(&waiting, "no code").await.refusal().0, "INVALID_CODE");
        }
    }
    let waiting = sign_up("victim@example.com".into()).await;
    app.run_jobs().await;
    let code = app.code("victim@example.com");
    assert_eq!(confirm(&waiting, &code).await.refusal().0, "TOO_MANY_ATTEMPTS");
    app.advance(TimeDelta::seconds(1));
    confirm(&waiting, &code).await.ok();
}

#[actix_web::test]
async fn where_too_many_wait_to_have_their_password_looked_at_the_next_is_refused_before_anything_is_written() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let waiting: Vec<_> = std::iter::from_fn(|| app.app().passwords.queue().ok()).collect();
    assert!(!waiting.is_empty());
    for password in ["wrong horse battery", PASSWORD] {
        let refused = sign_in(&app.guest(), &ada.email, password).await;
        assert_eq!((refused.code(), refused.statements), ("UNAVAILABLE", Some(0)), "{refused:?}");
    }
    drop(waiting);
    // None of it was counted: five are free.
    for _ in 0..5 {
        assert_eq!(outcome(&sign_in(&app.guest(), &ada.email, "wrong horse battery").await), "INVALID_CREDENTIALS");
    }
    assert_eq!(outcome(&sign_in(&app.guest(), &ada.email, PASSWORD).await), "TOO_MANY_ATTEMPTS");
}
