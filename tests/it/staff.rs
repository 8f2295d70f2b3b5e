//! What the market's staff do about people, and what these see of it.

use agora::{
    platform::caller::Caller,
    users::{model::Role, service},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{
        Client, TestApp,
        app::{PASSWORD, Person},
        events::EventStream,
        program::{command, run},
        socket::{Said, Socket},
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
    assert_eq!(
        permissions().await,
        json!([
            "VIEW_ORDERS",
            "VIEW_OPERATIONS",
            "ACT_ON_BEHALF",
            "END_SESSIONS",
            "MODERATE_REVIEWS",
            "MODERATE_CONTENT",
            "ANSWER_SUPPORT"
        ])
    );
    change(&ada, "ADMIN").await.ok();
    assert_eq!(permissions().await.as_array().unwrap().len(), 14);
    change(&ada, "MEMBER").await.ok();
    assert_eq!(permissions().await, Value::Null);
    assert_eq!(log(&ada).await, vec![("setUserRole".into(), "New here".into()); 3]);
    assert_eq!(change(&amy, "MEMBER").await.refusal(), ("NOT_PERMITTED".into(), "userId".into()));
}

#[actix_web::test]
async fn nobody_opens_a_socket_or_a_stream_in_anothers_name() {
    let app = TestApp::start().await;
    let (ada, sue) = (app.sign_up("Ada").await, staff(&app, "Sue", "SUPPORT").await);
    let leave = app.leave(&sue, &ada).await;
    let acting = sue.with_header(HEADER, &leave);
    let mut headers = acting.headers.clone();
    headers.push(("authorization".into(), format!("Bearer {}", sue.token.as_deref().unwrap())));
    assert_eq!(Socket::open_with(&acting.url, &headers).await.err(), Some(400));
    for document in ["{ viewer { email } }", "subscription { events { __typename } }"] {
        let refusal = EventStream::try_open(acting.post(&json!({"query": document}))).await.err().unwrap();
        assert_eq!(refusal["errors"][0]["extensions"]["code"], "FORBIDDEN", "{document}");
    }
    let mut socket = Socket::open(&sue.url).await;
    let payload =
        json!({"authorization": format!("Bearer {}", sue.token.as_deref().unwrap()), "Agora-On-Behalf-Of": leave});
    socket.send(&json!({"type": "connection_init", "payload": payload})).await;
    assert_eq!(socket.receive().await, Said::Closed(4400));
    // A value that cannot be read is not as if there were none.
    let garbled = sue.post(&json!({"query": "{ viewer { email } }"})).header(HEADER, &b"grant_\xff"[..]);
    let said: Value = garbled.send().await.unwrap().json().await.unwrap();
    assert_eq!(said["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{said}");
}

#[actix_web::test]
async fn who_acts_in_a_persons_name_sees_neither_devices_nor_blocks_and_reads_no_messages() {
    let app = TestApp::start().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue", "SUPPORT").await);
    let acting = sue.with_header(HEADER, &app.leave(&sue, &ada).await);
    let session = ada.query("{ viewer { sessions { id } } }").await.ok()["viewer"]["sessions"][0]["id"].clone();
    let seen = async |client: &Client| {
        let document =
            "query($session: ID!, $bob: ID!) { node(id: $session) { id } user(by: {id: $bob}) { isBlocked } }";
        client.send(document, json!({"session": session, "bob": bob.id})).await.ok()
    };
    ada.mutate("blockUser", json!({"userId": bob.id}), "user { id }").await.ok();
    assert_eq!(seen(&ada).await, json!({"node": {"id": session}, "user": {"isBlocked": true}}));
    assert_eq!(seen(&acting).await, json!({"node": null, "user": {"isBlocked": false}}));

    let cleo = app.sign_up("Cleo").await;
    let goods = cleo.sell(&cleo.open_shop("Corner").await, "Lamp", "5.00", 3).await;
    let order = ada.order_one(&goods, "1").await.ok()["order"].clone();
    let conversation = &order["parts"][0]["conversation"]["id"];
    let desk = json!({"conversationId": conversation, "text": "It is on its way", "idempotencyKey": "1"});
    cleo.mutate("sendMessage", desk, "message { id }").await.ok();
    let unread = async || {
        let document = "query($id: ID!) { viewer { conversation(id: $id) { unreadCount } } }";
        ada.send(document, json!({"id": conversation})).await.ok()["viewer"]["conversation"]["unreadCount"].clone()
    };
    assert_eq!(unread().await, 1);
    acting.mutate("cancelOrder", json!({"orderId": order["id"]}), "order { lifecycle }").await.ok();
    assert_eq!(unread().await, 2, "the message, and that it was cancelled");
}

#[actix_web::test]
async fn people_see_no_device_of_the_staff() {
    let app = TestApp::start().await;
    let (ada, amy) = (app.sign_up("Ada").await, staff(&app, "Amy", "ADMIN").await);
    let amy = amy.with_header("user-agent", "Staff/1.0");
    app.advance(TimeDelta::seconds(1));
    let input = json!({"userId": ada.id, "role": "SUPPORT", "reason": "New here"});
    amy.mutate("setUserRole", input, "role").await.ok();
    service::hear_of_sessions(app.app()).await.unwrap();
    let document = "{ viewer { securityEvents(first: 1) { nodes { kind device address } } } }";
    assert_eq!(
        ada.query(document).await.ok()["viewer"]["securityEvents"]["nodes"],
        json!([{"kind": "ROLE_CHANGED", "device": "", "address": null}])
    );
}

#[actix_web::test]
async fn what_the_staff_do_about_people_needs_a_recent_proof() {
    let app = TestApp::start().await;
    let (ada, amy) = (app.sign_up("Ada").await, staff(&app, "Amy", "ADMIN").await);
    app.advance(TimeDelta::minutes(16));
    let input = json!({"refreshToken": amy.refresh_token});
    let fresh = app.guest().mutate("refreshSession", input, "signedIn { accessToken }").await.ok();
    let fresh = app.guest().with_token(fresh["signedIn"]["accessToken"].as_str().unwrap());
    for (mutation, more) in
        [("actOnBehalf", json!({})), ("setUserRole", json!({"role": "MEMBER"})), ("revokeUserSessions", json!({}))]
    {
        let mut input = json!({"userId": ada.id, "reason": "Asked to"});
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(fresh.mutate(mutation, input, "").await.code(), "STEP_UP_REQUIRED", "{mutation}");
    }
}

#[actix_web::test]
async fn who_is_no_more_of_the_staff_acts_for_nobody() {
    let app = TestApp::start().await;
    let (ada, amy, sue) =
        (app.sign_up("Ada").await, staff(&app, "Amy", "ADMIN").await, staff(&app, "Sue", "SUPPORT").await);
    let acting = sue.with_header(HEADER, &app.leave(&sue, &ada).await);
    acting.query("{ viewer { email } }").await.ok();
    let input = json!({"userId": sue.id, "role": "MEMBER", "reason": "Left"});
    amy.mutate("setUserRole", input, "role").await.ok();
    service::hear_of_sessions(app.app()).await.unwrap();
    assert_eq!(acting.query("{ viewer { email } }").await.code(), "FORBIDDEN");
}

#[actix_web::test]
async fn of_two_admins_who_dismiss_each_other_one_is_left() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    for number in 0..4 {
        app.given_sql("UPDATE users SET role = 'MEMBER'");
        let (amy, bob) =
            (staff(&app, &format!("Amy{number}"), "ADMIN").await, staff(&app, &format!("Bob{number}"), "ADMIN").await);
        let there = beside.guest().with_token(bob.token.as_deref().unwrap());
        let dismiss = |whom: &Person| json!({"userId": whom.id, "role": "MEMBER", "reason": "Out"});
        let (one, other) = tokio::join!(
            amy.mutate("setUserRole", dismiss(&bob), "role"),
            there.mutate("setUserRole", dismiss(&amy), "role")
        );
        let refused = [&one, &other].into_iter().filter(|answer| !answer.errors.is_empty()).collect::<Vec<_>>();
        assert_eq!(refused.len(), 1, "{one:?} {other:?}");
        assert_eq!(refused[0].code(), "FORBIDDEN");
        assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM users WHERE role = 'ADMIN'"), 1);
    }
    beside.stop().await;
}

#[actix_web::test]
async fn staff_sign_a_person_out_everywhere() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let (ada, sue) = (app.sign_up("Ada").await, staff(&app, "Sue", "SUPPORT").await);
    let (sam, amy) = (staff(&app, "Sam", "SUPPORT").await, staff(&app, "Amy", "ADMIN").await);
    let revoke = async |staff: &Person, whom: &Person, reason: &str| {
        let input = json!({"userId": whom.id, "reason": reason});
        staff.mutate("revokeUserSessions", input, "revoked user { id }").await
    };
    assert_eq!(revoke(&sue, &ada, " ").await.refusal(), ("BLANK".into(), "reason".into()));
    for whom in [&sam, &amy, &sue] {
        assert_eq!(revoke(&sue, whom, "Curious").await.refusal(), ("NOT_PERMITTED".into(), "userId".into()));
    }
    let there = beside.guest().with_token(ada.token.as_deref().unwrap());
    there.query("{ viewer { email } }").await.ok();
    let ended = revoke(&sue, &ada, "A stranger has the phone").await.ok();
    assert_eq!((&ended["revoked"], &ended["user"]["id"]), (&json!(1), &json!(ada.id)));
    service::hear_of_sessions(beside.app()).await.unwrap();
    for client in [&*ada, &there] {
        assert_eq!(client.query("{ viewer { email } }").await.code(), "UNAUTHENTICATED");
    }
    let input = json!({"refreshToken": ada.refresh_token});
    assert_eq!(app.guest().mutate("refreshSession", input, "").await.refusal().0, "INVALID_REFRESH_TOKEN");
    app.advance(TimeDelta::seconds(1));
    assert_eq!(revoke(&sue, &ada, "Once more").await.ok()["revoked"], 0);
    assert_eq!(revoke(&amy, &sam, "Lost a laptop").await.ok()["revoked"], 1);

    let input = json!({"email": ada.email, "password": PASSWORD});
    let signed_in = app.guest().mutate("signIn", input, "result { ... on SignedIn { accessToken } }").await.ok();
    let ada = app.guest().with_token(signed_in["result"]["accessToken"].as_str().unwrap());
    let entry = |reason: &str| ("revokeUserSessions".to_owned(), reason.to_owned());
    assert_eq!(log(&ada).await, [entry("Once more"), entry("A stranger has the phone")]);
    let document = "{ viewer { securityEvents { nodes { kind device address } } } }";
    let events = ada.query(document).await.ok()["viewer"]["securityEvents"]["nodes"].clone();
    let revoked: Vec<_> =
        events.as_array().unwrap().iter().filter(|event| event["kind"] == "SESSIONS_REVOKED").collect();
    assert_eq!(revoked, [&json!({"kind": "SESSIONS_REVOKED", "device": "", "address": null})]);
    beside.stop().await;
}

#[actix_web::test]
async fn what_the_operator_does_is_seen_too_and_all_of_it_is_forgotten() {
    let app = TestApp::start().await;
    let (ada, sue) = (app.sign_up("Ada").await, staff(&app, "Sue", "SUPPORT").await);
    app.leave(&sue, &ada).await;
    app.advance(TimeDelta::seconds(1));
    let operator = Caller::system();
    let set = service::set_role(app.app(), &operator, &ada.email, Role::Support, "Helps on Mondays");
    set.await.unwrap().unwrap();
    service::hear_of_sessions(app.app()).await.unwrap();
    let document = "{ viewer { auditLog(first: 1) { nodes { action reason staff { id } } } } }";
    assert_eq!(
        ada.query(document).await.ok()["viewer"]["auditLog"]["nodes"],
        json!([{"action": "setUserRole", "reason": "Helps on Mondays", "staff": null}])
    );
    let left = |table: &str| count(&mut app.connect(), &format!("SELECT count(*) AS count FROM {table}"));
    app.advance(TimeDelta::days(399));
    service::forget_audit_log(app.app(), &Caller::system()).await.unwrap();
    assert_eq!((left("audit_entries"), left("staff_grants")), (2, 1));
    app.advance(TimeDelta::days(2));
    service::forget_audit_log(app.app(), &Caller::system()).await.unwrap();
    assert_eq!((left("audit_entries"), left("staff_grants")), (0, 0));
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
