//! Signing in with a second factor.

use agora::{platform::caller::Caller, users::service};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Authenticator, challenge, complete, events, sign_in, subjects, with_authenticator, wrong_code};
use crate::{
    costs::count,
    harness::{
        Answer, TestApp,
        app::{PASSWORD, Person},
    },
};

fn over() -> (String, String) {
    ("INVALID_CHALLENGE".into(), "challengeToken".into())
}

fn totp(code: &str) -> Value {
    json!({"totpCode": code})
}

/// Whether a sign-in was completed.
fn is_done(answer: &Answer) -> bool {
    answer.data["completeSignIn"]["signedIn"].is_object()
}

#[actix_web::test]
async fn a_password_is_answered_with_a_challenge_and_a_code_completes_it() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, _) = with_authenticator(&app, &ada).await;
    let sessions = "SELECT count(*) AS count FROM sessions";
    let before = count(&mut app.connect(), sessions);

    let result = sign_in(&app, &ada).await;
    assert_eq!(result["__typename"], "SecondFactorRequired");
    assert_eq!(result["methods"], json!(["TOTP", "RECOVERY_CODE"]));
    assert_eq!(result["expiresAt"], "2026-11-20T12:10:30+00:00");
    assert_eq!(count(&mut app.connect(), sessions), before, "a password alone opened a session");

    // The device that is signed in stays so.
    ada.query("{ viewer { email } }").await.ok();
    let token = &result["challengeToken"];
    beside.advance(TimeDelta::seconds(30));
    let answer = complete(&beside.guest(), token, totp(&authenticator.code(&app))).await.ok();
    assert_eq!(answer["signedIn"]["user"]["id"], ada.id.as_str());
    let device = app.guest().with_token(answer["signedIn"]["accessToken"].as_str().unwrap());
    device.query("{ viewer { email } }").await.ok();
    assert_eq!(complete(&app.guest(), token, totp(&authenticator.code(&app))).await.refusal(), over());
    assert!(events(&ada).await.contains(&"SIGNED_IN".to_owned()));
    beside.stop().await;
}

#[actix_web::test]
async fn a_challenge_is_completed_into_cookies() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, _) = with_authenticator(&app, &ada).await;
    let token = challenge(&app, &ada).await;
    let document = "mutation($input: CompleteSignInInput!) { completeSignIn(input: $input) { signedIn { accessToken } signedInWithCookies { user { id } } userErrors { code } } }";
    let input = json!({"challengeToken": token, "proof": totp(&authenticator.code(&app)), "delivery": "COOKIES"});
    let response = app.guest().post(&json!({"query": document, "variables": {"input": input}})).send().await.unwrap();
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    let body: Value = response.json().await.unwrap();
    let payload = &body["data"]["completeSignIn"];
    assert_eq!(payload["signedInWithCookies"]["user"]["id"], ada.id.as_str(), "{body}");
    assert_eq!(payload["signedIn"], Value::Null);
}

#[actix_web::test]
async fn no_code_is_taken_twice_on_any_process() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, _) = with_authenticator(&app, &ada).await;
    beside.advance(TimeDelta::seconds(30));
    for _ in 0..5 {
        let (one, other) = (challenge(&app, &ada).await, challenge(&app, &ada).await);
        let code = totp(&authenticator.code(&app));
        let (here, there) = (app.guest(), beside.guest());
        let answers = join_all([complete(&here, &one, code.clone()), complete(&there, &other, code.clone())]).await;
        assert_eq!(answers.iter().filter(|answer| is_done(answer)).count(), 1, "{answers:?}");
        let refused = answers.iter().find(|answer| !is_done(answer)).unwrap();
        assert_eq!(refused.refusal(), ("INVALID_CODE".into(), "proof.totpCode".into()));
        app.advance(TimeDelta::seconds(30));
        beside.advance(TimeDelta::seconds(30));
        // Nor is one from before it, though the drift would allow it.
        let late = totp(&authenticator.code_at(&app, -30));
        let token = challenge(&app, &ada).await;
        assert_eq!(complete(&app.guest(), &token, late).await.refusal().0, "INVALID_CODE");
    }
    beside.stop().await;
}

#[actix_web::test]
async fn of_two_completions_of_one_challenge_at_once_one_is_done() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    let (_, codes) = with_authenticator(&app, &ada).await;
    for pair in codes.chunks(2).take(3) {
        let token = challenge(&app, &ada).await;
        let (here, there) = (app.guest(), beside.guest());
        let proofs = [json!({"recoveryCode": pair[0]}), json!({"recoveryCode": pair[1]})];
        let [one, other] = proofs;
        let answers = join_all([complete(&here, &token, one), complete(&there, &token, other)]).await;
        assert_eq!(answers.iter().filter(|answer| is_done(answer)).count(), 1, "{answers:?}");
        assert_eq!(answers.iter().find(|answer| !is_done(answer)).unwrap().refusal(), over());
    }
    // The codes that completed nothing were not used up.
    assert_eq!(count(&mut app.connect(), "SELECT cardinality(recovery_codes)::bigint AS count FROM second_factors"), 7);
    beside.stop().await;
}

#[actix_web::test]
async fn a_recovery_code_stands_in_once_and_its_owner_is_told() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    let (_, codes) = with_authenticator(&app, &ada).await;
    let (one, other) = (challenge(&app, &ada).await, challenge(&app, &ada).await);
    let proof = json!({"recoveryCode": codes[0]});
    let (here, there) = (app.guest(), beside.guest());
    let answers = join_all([complete(&here, &one, proof.clone()), complete(&there, &other, proof.clone())]).await;
    assert_eq!(answers.iter().filter(|answer| is_done(answer)).count(), 1, "{answers:?}");
    let refused = answers.iter().find(|answer| !is_done(answer)).unwrap().refusal();
    assert_eq!(refused, ("INVALID_CODE".into(), "proof.recoveryCode".into()));
    let told = events(&ada).await;
    assert!(["SIGNED_IN", "RECOVERY_CODE_USED"].iter().all(|kind| told.contains(&(*kind).to_owned())), "{told:?}");
    assert!(subjects(&app, &ada).await.contains(&"A recovery code was used".to_owned()));
    beside.stop().await;
}

#[actix_web::test]
async fn a_challenge_ends_in_time_and_after_five_wrong_codes_of_which_its_owner_is_told() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, codes) = with_authenticator(&app, &ada).await;
    for wrong in ["", "nonsense", &ada.refresh_token] {
        assert_eq!(complete(&app.guest(), &json!(wrong), totp("000000")).await.refusal(), over());
    }
    let late = challenge(&app, &ada).await;
    app.advance(TimeDelta::minutes(10));
    assert_eq!(complete(&app.guest(), &late, totp(&authenticator.code(&app))).await.refusal(), over());

    let token = challenge(&app, &ada).await;
    let wrong = wrong_code(&authenticator, &app);
    for proof in
        [totp(&wrong), json!({"recoveryCode": "ABCD-EFGH-IJKL"}), totp(""), json!({"recoveryCode": ""}), totp(&wrong)]
    {
        let before = subjects(&app, &ada).await;
        assert!(!before.contains(&"Somebody gives wrong codes for your account".to_owned()));
        assert_eq!(complete(&app.guest(), &token, proof).await.refusal().0, "INVALID_CODE");
    }
    assert_eq!(complete(&app.guest(), &token, totp(&authenticator.code(&app))).await.refusal(), over());
    assert!(subjects(&app, &ada).await.contains(&"Somebody gives wrong codes for your account".to_owned()));
    let noted = "SELECT count(*) AS count FROM security_events WHERE kind = 'SECOND_FACTOR_REFUSED'";
    assert_eq!(count(&mut app.connect(), noted), 1);

    // Neither the right password nor another challenge lets anybody guess on; what is right is looked at in time.
    let token = challenge(&app, &ada).await;
    assert_eq!(
        complete(&app.guest(), &token, json!({"recoveryCode": codes[0]})).await.refusal().0,
        "TOO_MANY_ATTEMPTS"
    );
    app.advance(TimeDelta::seconds(1));
    complete(&app.guest(), &token, json!({"recoveryCode": codes[0]})).await.ok();

    // Nothing is left of those that are over.
    challenge(&app, &ada).await;
    let left = "SELECT count(*) AS count FROM sign_in_challenges";
    app.advance(TimeDelta::minutes(11));
    service::forget_challenges(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(count(&mut app.connect(), left), 0);
}

#[actix_web::test]
async fn of_many_codes_at_once_as_many_are_looked_at_as_one_after_the_other() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, _) = with_authenticator(&app, &ada).await;
    // Both clocks stand at the same time.
    beside.advance(TimeDelta::seconds(30));
    let wrong = wrong_code(&authenticator, &app);
    let mut tokens = Vec::new();
    for _ in 0..16 {
        tokens.push(challenge(&app, &ada).await);
    }
    let guess = async |number: usize| {
        let guest = if number.is_multiple_of(2) { app.guest() } else { beside.guest() };
        complete(&guest, &tokens[number], totp(&wrong)).await.refusal().0
    };
    let said = join_all((0..16).map(guess)).await;
    assert_eq!(said.iter().filter(|code| *code == "INVALID_CODE").count(), 5, "{said:?}");
    assert_eq!(said.iter().filter(|code| *code == "TOO_MANY_ATTEMPTS").count(), 11, "{said:?}");
    // Strangers at the door do not keep whoever is signed in from proving who they are.
    super::step_up(&ada, totp(&authenticator.code(&app))).await.ok();
    beside.stop().await;
}

pub async fn reset(app: &TestApp, ada: &Person, password: &str) -> Value {
    app.guest().mutate("requestPasswordReset", json!({"email": ada.email}), "").await.ok();
    app.run_jobs().await;
    let mail = app.mails(&ada.email).pop().unwrap();
    let token = mail.text.lines().find_map(|line| line.split_once("token=")).unwrap().1.to_owned();
    let input = json!({"token": token, "newPassword": password});
    app.guest().mutate("resetPassword", input, super::SIGN_IN).await.ok()["result"].clone()
}

#[actix_web::test]
async fn a_mailbox_alone_does_not_get_around_it_and_another_password_ends_what_waits() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let (authenticator, _) = with_authenticator(&app, &ada).await;
    let before = challenge(&app, &ada).await;
    let result = reset(&app, &ada, "another horse battery").await;
    assert_eq!(result["__typename"], "SecondFactorRequired");
    assert_eq!(complete(&app.guest(), &before, totp(&authenticator.code(&app))).await.refusal(), over());
    let answer = complete(&app.guest(), &result["challengeToken"], totp(&authenticator.code(&app))).await.ok();
    let ada_again = app.guest().with_token(answer["signedIn"]["accessToken"].as_str().unwrap());

    let input = json!({"email": ada.email, "password": "another horse battery"});
    let waiting = app.guest().mutate("signIn", input, super::SIGN_IN).await.ok()["result"]["challengeToken"].clone();
    let input = json!({"currentPassword": "another horse battery", "newPassword": PASSWORD});
    ada_again.mutate("changePassword", input, "").await.ok();
    app.advance(TimeDelta::seconds(30));
    assert_eq!(complete(&app.guest(), &waiting, totp(&authenticator.code(&app))).await.refusal(), over());
}

#[actix_web::test]
async fn a_wrong_password_is_answered_the_same_whether_or_not_there_is_a_second_factor() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let _: (Authenticator, _) = with_authenticator(&app, &ada).await;
    let guess = async |email: &str| {
        let input = json!({"email": email, "password": "wrong horse battery"});
        app.guest().mutate("signIn", input, super::SIGN_IN).await
    };
    let (with, without) = (guess(&ada.email).await, guess(&bob.email).await);
    assert_eq!((with.statements, &with.data), (without.statements, &without.data));
}
