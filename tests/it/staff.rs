//! What the market's staff do about people, and what these see of it.

use agora::users::service;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{
        Client, TestApp,
        app::Person,
        program::{command, run},
    },
    second_factor,
};

const HEADER: &str = "agora-on-behalf-of";

async fn staff(app: &TestApp, name: &str, role: &str) -> Person {
    let person = app.sign_up(name).await;
    app.given_role(&person, role);
    person
}

async fn log(person: &Client) -> Vec<(String, String)> {
    let document = "{ viewer { auditLog { totalCount nodes { action reason createdAt staff { displayName } } } } }";
    let log = person.query(document).await.ok()["viewer"]["auditLog"].clone();
    let entries = log["nodes"].as_array().unwrap();
    assert_eq!(log["totalCount"], entries.len());
    assert!(entries.iter().all(|entry| entry["staff"]["displayName"].is_string()), "{entries:?}");
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    entries.iter().map(|entry| (text(entry, "action"), text(entry, "reason"))).collect()
}

#[actix_web::test]
async fn who_acts_in_a_persons_name_is_seen_to() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let (ada, sue) = (app.sign_up("Ada").await, staff(&app, "Sue", "SUPPORT").await);
    let leave = app.leave(&sue, &ada).await;
    let acting = beside.guest().with_token(sue.token.as_deref().unwrap()).with_header(HEADER, &leave);
    let seen = acting.query("{ viewer { email role } staff { __typename } }").await.ok();
    assert_eq!(seen, json!({"viewer": {"email": ada.email, "role": "MEMBER"}, "staff": null}));
    acting.mutate("updateProfile", json!({"bio": "Helped"}), "user { bio }").await.ok();
    // Also what does not come about is seen to have been tried.
    acting.mutate("updateProfile", json!({"displayName": " "}), "").await.refusal();
    assert_eq!(acting.query("mutation { signOut { userErrors { code } } }").await.code(), "FORBIDDEN");

    let expected =
        ["signOut", "updateProfile", "actOnBehalf"].map(|action| (action.to_owned(), "They asked by phone".to_owned()));
    let found = log(&ada).await;
    assert_eq!(found.len(), 4, "{found:?}");
    assert_eq!(found.iter().filter(|entry| entry.0 == "updateProfile").count(), 2);
    assert!(expected.iter().all(|entry| found.contains(entry)), "{found:?}");
    assert_eq!(log(&sue).await, []);
    let actors = "SELECT count(*) AS count FROM audit_entries, users sue, users ada WHERE staff_id = sue.id AND user_id = ada.id \
                  AND sue.display_name = 'Sue' AND ada.display_name = 'Ada' AND grant_id IS NOT NULL";
    assert_eq!(count(&mut app.connect(), actors), 4);

    let ended = sue.mutate("endActing", json!({"grantId": leave}), "grant { endedAt }").await.ok();
    assert!(ended["grant"]["endedAt"].is_string());
    assert_eq!(sue.mutate("endActing", json!({"grantId": leave}), "").await.refusal().0, "NOT_FOUND");
    assert_eq!(acting.query("{ viewer { email } }").await.code(), "FORBIDDEN");
    beside.stop().await;
}

#[actix_web::test]
async fn leave_is_for_one_and_for_a_while() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (sue, sam, amy) =
        (staff(&app, "Sue", "SUPPORT").await, staff(&app, "Sam", "SUPPORT").await, staff(&app, "Amy", "ADMIN").await);
    let leave = app.leave(&sue, &ada).await;
    let is = async |client: &Client| client.query("{ viewer { email } }").await;
    for other in [&sam, &amy, &bob, &ada] {
        assert_eq!(is(&other.with_header(HEADER, &leave)).await.code(), "FORBIDDEN");
    }
    assert_eq!(is(&app.guest().with_header(HEADER, &leave)).await.code(), "FORBIDDEN");
    assert_eq!(is(&sue.with_header(HEADER, "ada")).await.code(), "BAD_USER_INPUT");
    for person in [&sam, &amy, &sue] {
        let input = json!({"userId": person.id, "reason": "Curious"});
        assert_eq!(sue.mutate("actOnBehalf", input, "").await.refusal().0, "NOT_PERMITTED");
    }
    let input = json!({"userId": ada.id, "reason": " "});
    assert_eq!(sue.mutate("actOnBehalf", input, "").await.refusal(), ("BLANK".into(), "reason".into()));

    let acting = sue.with_header(HEADER, &leave);
    // Whoever is made one of the staff is nobody to act for.
    app.given_role(&ada, "SUPPORT");
    assert_eq!(is(&acting).await.code(), "FORBIDDEN");
    app.given_role(&ada, "MEMBER");
    is(&acting).await.ok();
    app.advance(TimeDelta::minutes(30));
    let input = json!({"refreshToken": sue.refresh_token});
    let fresh = app.guest().mutate("refreshSession", input, "signedIn { accessToken }").await.ok();
    let fresh = app.guest().with_token(fresh["signedIn"]["accessToken"].as_str().unwrap());
    is(&fresh).await.ok();
    assert_eq!(is(&fresh.with_header(HEADER, &leave)).await.code(), "FORBIDDEN");
}

#[actix_web::test]
async fn admins_say_who_is_of_the_staff() {
    let app = TestApp::start().await;
    let (ada, amy) = (app.sign_up("Ada").await, staff(&app, "Amy", "ADMIN").await);
    let change = async |who: &Person, role: &str| {
        let input = json!({"userId": who.id, "role": role, "reason": "New here"});
        let answer = amy.mutate("setUserRole", input, "role user { id }").await;
        service::hear_of_sessions(app.app()).await.unwrap();
        answer
    };
    let permissions = async || ada.query("{ staff { permissions } }").await.ok()["staff"]["permissions"].clone();
    assert_eq!(permissions().await, Value::Null);
    assert_eq!(change(&ada, "SUPPORT").await.ok()["role"], "SUPPORT");
    assert_eq!(permissions().await, json!(["VIEW_ORDERS", "VIEW_OPERATIONS", "ACT_ON_BEHALF"]));
    change(&ada, "ADMIN").await.ok();
    assert_eq!(permissions().await.as_array().unwrap().len(), 7);
    change(&ada, "MEMBER").await.ok();
    assert_eq!(permissions().await, Value::Null);
    assert_eq!(log(&ada).await, vec![("setUserRole".into(), "New here".into()); 3]);
    assert_eq!(change(&amy, "MEMBER").await.refusal(), ("NOT_PERMITTED".into(), "userId".into()));
}

#[actix_web::test]
async fn the_operator_lets_in_whoever_has_lost_their_authenticator() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let disable = |email: &str| {
        let arguments = ["--mode", "development", "people", "disable-totp", email, "--reason", "Came to the office"];
        run(command(&arguments)
            .env("AGORA_DATABASE_URL", app.database_url())
            .env("AGORA_MASTER_KEY", crate::harness::app::MASTER_KEY))
    };
    let none = disable(&ada.email);
    assert!(none.code == Some(1) && none.stderr.contains("has a second factor"), "{}", none.stderr);
    second_factor::with_authenticator(&app, &ada).await;
    let waiting = second_factor::challenge(&app, &ada).await;
    let done = disable(&ada.email);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(second_factor::sign_in(&app, &ada).await["__typename"], "SignedIn");
    let proof = json!({"recoveryCode": "ABCD-EFGH-IJKL"});
    assert_eq!(second_factor::complete(&app.guest(), &waiting, proof).await.refusal().0, "INVALID_CHALLENGE");
    assert!(second_factor::events(&ada).await.contains(&"SECOND_FACTOR_REMOVED".to_owned()));
    let document = "{ viewer { auditLog { nodes { action reason staff { displayName } } } } }";
    let log = ada.query(document).await.ok()["viewer"]["auditLog"]["nodes"].clone();
    assert_eq!(log, json!([{"action": "disableTotp", "reason": "Came to the office", "staff": null}]));
    // The command goes by the machine's clock.
    app.advance(TimeDelta::days(3_650));
    let subjects = second_factor::subjects(&app, &ada).await;
    assert!(subjects.contains(&"Signing in takes your password alone again".to_owned()), "{subjects:?}");
}
