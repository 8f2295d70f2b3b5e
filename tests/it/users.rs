//! Accounts, as a client sees them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{TestApp, app::PASSWORD};

const SESSION: &str = "signedIn { accessToken accessTokenExpiresAt refreshToken user { id displayName } }";
const SIGN_IN: &str = "result { __typename ... on SignedIn { accessToken refreshToken user { id } } \
                       ... on EmailUnverified { verification { id } } }";

fn account(email: &str, name: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "displayName": name})
}

#[actix_web::test]
async fn a_stranger_becomes_a_viewer() {
    let app = TestApp::start().await;
    let guest = app.guest();
    assert_eq!(guest.query("{ viewer { email } }").await.ok(), json!({"viewer": null}));

    let input = account(" Ada@Example.com ", "Ada");
    let answer = guest.mutate("signUp", input, "verification { id expiresAt resendAt }").await.ok();
    let verification = &answer["verification"];
    assert_eq!(verification["expiresAt"], "2026-11-20T12:30:00+00:00");
    assert_eq!(verification["resendAt"], "2026-11-20T12:01:00+00:00");
    assert_eq!(app.run_jobs().await, 1);

    let input = json!({"verificationId": verification["id"], "code": app.code("Ada@Example.com")});
    let session = guest.mutate("confirmEmail", input.clone(), SESSION).await.ok()["signedIn"].clone();
    assert_eq!(session["user"]["displayName"], "Ada");
    assert_eq!(session["accessTokenExpiresAt"], "2026-11-20T12:10:00+00:00");
    let again = guest.mutate("confirmEmail", input, SESSION).await;
    assert_eq!(again.refusal(), ("INVALID_CODE".into(), "code".into()));

    let ada = guest.with_token(session["accessToken"].as_str().unwrap());
    let viewer = ada.query("{ viewer { id email role user { id displayName bio } } }").await.ok()["viewer"].clone();
    assert!(viewer["id"].as_str().unwrap().starts_with("viewer_"));
    assert_eq!(viewer["email"], "Ada@Example.com");
    assert_eq!(viewer["role"], "MEMBER");
    assert_eq!(viewer["user"], json!({"id": session["user"]["id"], "displayName": "Ada", "bio": ""}));

    let person =
        guest.send("query($id: ID!) { user(by: {id: $id}) { displayName } }", json!({"id": session["user"]["id"]}));
    assert_eq!(person.await.ok()["user"]["displayName"], "Ada");
}

#[actix_web::test]
async fn a_sign_up_does_not_tell_whether_an_address_is_taken() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let guest = app.guest();
    let selection = "verification { expiresAt resendAt }";
    let taken = guest.mutate("signUp", account("ADA@example.com", "Eve"), selection).await;
    let free = guest.mutate("signUp", account("eve@example.com", "Eve"), selection).await;
    assert_eq!(taken.statements, free.statements);
    assert_eq!(taken.ok(), free.ok());
    app.run_jobs().await;

    // The owner learns of it, and no code is right.
    assert_eq!(app.mails(&ada.email)[1].subject, "You already have an account");
    assert!(app.mails("ADA@example.com").is_empty(), "it went to how a stranger spells the address");
    let right = json!({"email": "ada@example.com", "password": PASSWORD});
    let result = guest.mutate("signIn", right, SIGN_IN).await.ok()["result"].clone();
    assert_eq!(result["user"]["id"], ada.id.as_str());
}

#[actix_web::test]
async fn what_is_wrong_with_a_sign_up_is_told() {
    let app = TestApp::start().await;
    let guest = app.guest();
    for (input, code, field) in [
        (json!({"email": "nobody", "password": PASSWORD, "displayName": "A"}), "INVALID_EMAIL", "email"),
        (json!({"email": "a@example.com", "password": "too short", "displayName": "A"}), "PASSWORD_LENGTH", "password"),
        (
            json!({"email": "a@example.com", "password": "Password123", "displayName": "A"}),
            "PASSWORD_COMMON",
            "password",
        ),
        (
            json!({"email": "Augusta.Ada@example.com", "password": "augusta.ada", "displayName": "A"}),
            "PASSWORD_COMMON",
            "password",
        ),
        (json!({"email": "a@example.com", "password": PASSWORD, "displayName": " "}), "BLANK", "displayName"),
        (
            json!({"email": "a@example.com", "password": PASSWORD, "displayName": "a".repeat(81)}),
            "TOO_LONG",
            "displayName",
        ),
    ] {
        let answer = guest.mutate("signUp", input, "verification { id }").await;
        assert_eq!(answer.refusal(), (code.into(), field.into()));
        assert_eq!(answer.data["signUp"]["verification"], Value::Null);
    }
    assert_eq!(app.run_jobs().await, 0);
}

#[actix_web::test]
async fn after_five_wrong_codes_the_right_one_is_wrong() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let answer = guest.mutate("signUp", account("ada@example.com", "Ada"), "verification { id }").await.ok();
    app.run_jobs().await;
    let code = app.code("ada@example.com");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let input = |code: &str| json!({"verificationId": answer["verification"]["id"], "code": code});
    for code in [wrong, wrong, wrong, wrong, wrong, &code] {
        let answer = guest.mutate("confirmEmail", input(code), SESSION).await;
        assert_eq!(answer.refusal(), ("INVALID_CODE".into(), "code".into()));
    }
}

#[actix_web::test]
async fn a_code_is_sent_again_after_a_minute_and_three_times_in_all() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let answer = guest.mutate("signUp", account("ada@example.com", "Ada"), "verification { id }").await.ok();
    let input = json!({"verificationId": answer["verification"]["id"]});
    app.run_jobs().await;
    for (seconds, mails) in [(59, 1), (1, 2), (60, 3), (60, 3)] {
        app.advance(TimeDelta::seconds(seconds));
        guest.mutate("resendVerification", input.clone(), "").await.ok();
        app.run_jobs().await;
        assert_eq!(app.mails("ada@example.com").len(), mails);
    }
}

#[actix_web::test]
async fn signing_in_answers_the_same_for_a_wrong_password_and_an_unknown_address() {
    let app = TestApp::start().await;
    app.sign_up("Ada").await;
    let guest = app.guest();
    let sign_in = |email: &str, password: &str| {
        let input = json!({"email": email, "password": password});
        let guest = guest.clone();
        async move { guest.mutate("signIn", input, SIGN_IN).await }
    };
    let wrong = sign_in("ada@example.com", "wrong horse battery").await;
    let unknown = sign_in("eve@example.com", "wrong horse battery").await;
    let nonsense = sign_in("no address", PASSWORD).await;
    assert_eq!(wrong.refusal(), ("INVALID_CREDENTIALS".into(), String::new()));
    for other in [unknown, nonsense] {
        assert_eq!((&other.data, other.statements), (&wrong.data, wrong.statements));
    }

    // Who has not confirmed learns so only with the right password.
    guest.mutate("signUp", account("bob@example.com", "Bob"), "verification { id }").await.ok();
    assert_eq!(sign_in("bob@example.com", "wrong horse battery").await.data, wrong.data);
    let result = sign_in("bob@example.com", PASSWORD).await.ok()["result"].clone();
    assert_eq!(result["__typename"], "EmailUnverified");
    app.run_jobs().await;
    let input = json!({"verificationId": result["verification"]["id"], "code": app.code("bob@example.com")});
    guest.mutate("confirmEmail", input, SESSION).await.ok();
    assert_eq!(sign_in("bob@example.com", PASSWORD).await.ok()["result"]["__typename"], "SignedIn");
}

#[actix_web::test]
async fn a_refresh_token_rotates_and_its_reuse_ends_the_session() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let guest = app.guest();
    let refresh = |token: &str| {
        let (guest, input) = (guest.clone(), json!({"refreshToken": token}));
        async move { guest.mutate("refreshSession", input, SESSION).await }
    };
    let refused = ("INVALID_REFRESH_TOKEN".to_owned(), "refreshToken".to_owned());
    assert_eq!(refresh("nonsense").await.refusal(), refused);

    let second = refresh(&ada.refresh_token).await.ok()["signedIn"]["refreshToken"].as_str().unwrap().to_owned();
    assert_ne!(second, ada.refresh_token);
    // A lost answer: the old token gets the same new one for a moment.
    app.advance(TimeDelta::seconds(29));
    assert_eq!(refresh(&ada.refresh_token).await.ok()["signedIn"]["refreshToken"], second.as_str());
    assert_eq!(ada.query("{ viewer { email } }").await.status, 200);

    app.advance(TimeDelta::seconds(1));
    assert_eq!(refresh(&ada.refresh_token).await.refusal(), refused);
    assert_eq!(refresh(&second).await.refusal(), refused);
    let answer = ada.query("{ viewer { email } }").await;
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
    assert_eq!(answer.errors[0]["extensions"]["reason"], "REVOKED");
    app.run_jobs().await;
    assert_eq!(app.mails(&ada.email).pop().unwrap().subject, "You were signed out on one device");
}

#[actix_web::test]
async fn a_token_that_is_no_good_is_never_a_guest() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let reason = |answer: &crate::harness::Answer| {
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
        assert_eq!(answer.errors[0]["extensions"]["isRetryable"], false);
        answer.errors[0]["extensions"]["reason"].as_str().unwrap().to_owned()
    };
    let document = "{ viewer { email } }";
    for accept in ["application/json", "application/graphql-response+json"] {
        let broken = app.guest().with_token("nonsense").with_header("accept", accept);
        assert_eq!(reason(&broken.query(document).await), "INVALID");
    }
    let broken = app.guest().with_header("authorization", "Basic YTpi");
    assert_eq!(reason(&broken.query(document).await), "INVALID");

    app.advance(TimeDelta::minutes(11));
    assert_eq!(reason(&ada.query(document).await), "EXPIRED");
    let answer = app.guest().mutate("refreshSession", json!({"refreshToken": ada.refresh_token}), SESSION).await.ok();
    let ada = ada.with_token(answer["signedIn"]["accessToken"].as_str().unwrap());
    ada.query(document).await.ok();

    ada.query("mutation { signOut { userErrors { code } } }").await.ok();
    assert_eq!(reason(&ada.query(document).await), "REVOKED");
}

#[actix_web::test]
async fn a_profile_keeps_what_is_absent_and_loses_what_is_null() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let selection = "user { displayName bio }";
    let change = async |input: Value| ada.mutate("updateProfile", input, selection).await;
    let user = change(json!({"bio": " I count.\nThen I print. "})).await.ok()["user"].clone();
    assert_eq!(user, json!({"displayName": "Ada", "bio": "I count.\nThen I print."}));
    assert_eq!(change(json!({"displayName": "Ada L."})).await.ok()["user"]["bio"], "I count.\nThen I print.");
    assert_eq!(change(json!({"bio": null})).await.ok()["user"], json!({"displayName": "Ada L.", "bio": ""}));
    assert_eq!(change(json!({"displayName": " "})).await.refusal(), ("BLANK".into(), "displayName".into()));
    assert_eq!(change(json!({"bio": "a".repeat(1_001)})).await.refusal(), ("TOO_LONG".into(), "bio".into()));
}

#[actix_web::test]
async fn preferences_are_typed_and_null_goes_back_to_the_request() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let selection = "preferences { locale currency country theme notifications { kind channels } }";
    let change = async |input: Value| ada.mutate("updatePreferences", input, selection).await;
    let first = change(json!({})).await.ok()["preferences"].clone();
    assert_eq!((&first["locale"], &first["theme"]), (&Value::Null, &json!("SYSTEM")));
    assert_eq!(first["notifications"].as_array().unwrap().len(), 7);

    let news = json!([{"kind": "NEWS", "channels": ["EMAIL", "IN_APP", "EMAIL"]}]);
    let input = json!({"locale": "de-AT", "currency": "EUR", "theme": "DARK", "notifications": news});
    let set = change(input).await.ok()["preferences"].clone();
    assert_eq!((&set["locale"], &set["currency"], &set["theme"]), (&json!("de-AT"), &json!("EUR"), &json!("DARK")));
    assert_eq!(set["notifications"][6], json!({"kind": "NEWS", "channels": ["IN_APP", "EMAIL"]}));
    assert_eq!(set["notifications"][0], first["notifications"][0]);

    let context =
        ada.with_header("agora-include", "context").query("{ __typename }").await.extensions["context"].clone();
    assert_eq!(context, json!({"locale": "de-AT", "currency": "EUR", "country": "GB"}));
    let cleared = change(json!({"locale": null})).await.ok()["preferences"].clone();
    assert_eq!((&cleared["locale"], &cleared["currency"]), (&Value::Null, &json!("EUR")));
    let zoned =
        ada.mutate("updatePreferences", json!({"timeZone": "Europe/Vienna"}), "preferences { timeZone currency }");
    assert_eq!(zoned.await.ok()["preferences"], json!({"timeZone": "Europe/Vienna", "currency": "EUR"}));
    assert_eq!(change(json!({"timeZone": "Vienna"})).await.code(), "BAD_USER_INPUT");
    // When she is left alone, and what others see.
    let selection = "preferences { quietHours { from until } hasReadReceipts hasTypingIndicators }";
    let privacy = async |input: Value| ada.mutate("updatePreferences", input, selection).await;
    let first = json!({"quietHours": null, "hasReadReceipts": true, "hasTypingIndicators": true});
    assert_eq!(privacy(json!({})).await.ok()["preferences"], first);
    let night = json!({"quietHours": {"from": "22:00", "until": "07:30"}, "hasReadReceipts": false});
    privacy(night.clone()).await.ok();
    let kept = privacy(json!({"hasTypingIndicators": false})).await.ok()["preferences"].clone();
    assert_eq!((&kept["quietHours"], &kept["hasReadReceipts"]), (&night["quietHours"], &json!(false)));
    let never = json!({"quietHours": {"from": "08:00", "until": "08:00"}});
    assert_eq!(privacy(never).await.refusal(), ("INVALID".into(), "quietHours".into()));
    assert_eq!(privacy(json!({"quietHours": {"from": "24:00", "until": "08:00"}})).await.code(), "BAD_USER_INPUT");
    assert_eq!(privacy(json!({"quietHours": null})).await.ok()["preferences"]["quietHours"], Value::Null);

    assert_eq!(ada.query("{ viewer { preferences { theme } } }").await.ok()["viewer"]["preferences"]["theme"], "DARK");

    let answer = change(json!({"currency": "XXY"})).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
}

#[actix_web::test]
async fn refusals_and_mail_speak_the_language_of_the_request() {
    let app = TestApp::start().await;
    let guest = app.guest().with_header("accept-language", "fr;q=0.1, de-AT, en;q=0.5");
    let input = json!({"email": "ada@example.com", "password": PASSWORD});
    let answer = guest.mutate("signIn", input, SIGN_IN).await;
    assert_eq!(answer.data["signIn"]["userErrors"][0]["message"], "Die Adresse oder das Passwort ist falsch.");
    guest.mutate("signUp", account("ada@example.com", "Ada"), "verification { id }").await.ok();
    app.run_jobs().await;
    assert!(app.mails("ada@example.com")[0].text.starts_with("Hallo,\n\ndein Code"));
}

#[actix_web::test]
async fn a_viewer_takes_one_statement() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    ada.query("{ viewer { email } }").await.ok();
    let answer = ada.query("{ viewer { email role user { displayName } } }").await;
    assert_eq!(answer.statements, Some(1));
}

#[actix_web::test]
async fn signing_in_after_signing_up_does_not_tell_whether_an_address_is_taken() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let guest = app.guest();
    for email in [ada.email.as_str(), "free@example.com"] {
        let guess = "another long password";
        let input = json!({"email": email, "password": guess, "displayName": "Eve"});
        guest.mutate("signUp", input, "verification { id }").await.ok();
        let answer = guest.mutate("signIn", json!({"email": email, "password": guess}), SIGN_IN).await.ok();
        assert_eq!(answer["result"]["__typename"], "EmailUnverified");
    }
}

#[actix_web::test]
async fn asking_again_and_again_neither_fills_a_mailbox_nor_makes_codes_to_guess() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let mut ids = Vec::new();
    for _ in 0..12 {
        let answer = guest.mutate("signUp", account("ada@example.com", "Ada"), "verification { id }").await.ok();
        ids.push(answer["verification"]["id"].clone());
    }
    app.advance(TimeDelta::seconds(61));
    for id in &ids {
        guest.mutate("resendVerification", json!({"verificationId": id}), "").await.ok();
    }
    app.run_jobs().await;
    assert_eq!(app.mails("ada@example.com").len(), 5);
}

#[actix_web::test]
async fn a_text_that_cannot_be_stored_is_the_clients_mistake() {
    let app = TestApp::start().await;
    let answer = app.guest().query("{ shop(by: {handle: \"a\\u0000b\"}) { id } }").await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
}

#[actix_web::test]
async fn null_where_nothing_can_be_cleared_is_a_mistake() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    for (mutation, input) in [
        ("updatePreferences", json!({"theme": null})),
        ("updatePreferences", json!({"notifications": null})),
        ("updateProfile", json!({"displayName": null})),
    ] {
        assert_eq!(ada.mutate(mutation, input, "").await.code(), "BAD_USER_INPUT");
    }
}

#[actix_web::test]
async fn people_are_found_by_their_handle_and_by_those_before() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let take = async |person: &crate::harness::Client, handle: &str| {
        person.mutate("updateProfile", json!({"handle": handle}), "user { handle displayName }").await
    };
    let found = async |handle: &str| {
        let document = "query($handle: String!) { user(by: {handle: $handle}) { id handle } }";
        app.guest().send(document, json!({"handle": handle})).await.ok()["user"].clone()
    };
    assert_eq!(ada.query("{ viewer { user { handle } } }").await.ok()["viewer"]["user"]["handle"], Value::Null);
    assert_eq!(take(&ada, "Ada_L").await.ok()["user"], json!({"handle": "Ada_L", "displayName": "Ada"}));
    for handle in ["ada_l", "ADA_L"] {
        assert_eq!(found(handle).await, json!({"id": ada.id, "handle": "Ada_L"}));
        assert_eq!(take(&bob, handle).await.refusal(), ("TAKEN".into(), "handle".into()));
    }
    assert_eq!(take(&bob, "Admin").await.refusal(), ("TAKEN".into(), "handle".into()));
    assert_eq!(take(&bob, "b").await.refusal(), ("INVALID".into(), "handle".into()));
    assert_eq!(bob.mutate("updateProfile", json!({"handle": null}), "").await.code(), "BAD_USER_INPUT");
    for handle in ["nobody_here", "", "a b", "admin"] {
        assert_eq!(found(handle).await, Value::Null, "{handle}");
    }

    // A former one leads on, stays theirs, and can be taken again.
    take(&ada, "Countess").await.ok();
    assert_eq!(found("ada_l").await, json!({"id": ada.id, "handle": "Countess"}));
    assert_eq!(take(&bob, "ada_l").await.refusal().0, "TAKEN");
    take(&ada, "ADA_L").await.ok();
    assert_eq!(found("countess").await["handle"], "ADA_L");
    for number in 3..=10 {
        take(&ada, &format!("ada{number}")).await.ok();
    }
    assert_eq!(take(&ada, "ada11").await.refusal(), ("TOO_MANY".into(), "handle".into()));
    take(&ada, "countess").await.ok();
}

#[actix_web::test]
async fn of_two_who_take_a_handle_at_once_one_gets_it() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let bob = beside.guest().with_token(bob.token.as_deref().unwrap());
    for number in 0..5 {
        let input = |case: &str| json!({"handle": format!("{case}{number}")});
        let (one, other) = futures_util::join!(
            ada.mutate("updateProfile", input("name"), "user { handle }"),
            bob.mutate("updateProfile", input("NAME"), "user { handle }"),
        );
        let got = [one, other].iter().filter(|answer| !answer.data["updateProfile"]["user"].is_null()).count();
        assert_eq!(got, 1);
    }
    beside.stop().await;
}
