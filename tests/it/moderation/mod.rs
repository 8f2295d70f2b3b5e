//! What people report, what the staff decide about it, and what comes of an appeal.

mod deciding;
mod own;

use chrono::TimeDelta;
use serde_json::{Value, json};

use agora::{moderation::service, platform::caller::Caller};

use crate::{
    conversations::{say, talk},
    harness::{Answer, Client, TestApp, app::Person},
    reviews::{mill, review},
};

pub const CASE: &str = "moderationCase { id state action reason targetId }";

pub fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

pub async fn report(client: &Client, target: Value, reason: &str, note: &str) -> Answer {
    let input = json!({"target": target, "reason": reason, "note": note});
    client.mutate("report", input, "isReported").await
}

pub async fn decide(staff: &Client, case: &Value, action: &str, reason: &str) -> Answer {
    let input = json!({"caseId": case, "action": action, "reason": reason});
    staff.mutate("decideReport", input, CASE).await
}

/// The cases in a state, as the staff see them.
pub async fn cases(staff: &Client, state: &str) -> Value {
    let document = format!(
        "{{ staff {{ reports(filter: {{state: {state}}}) {{ totalCount nodes {{ id targetKind targetId reporterCount person {{ displayName }} \
         appeal {{ text outcome }} reports {{ reason note texts attachments reporter {{ displayName }} }} }} }} }} }}"
    );
    staff.query(&document).await.ok()["staff"]["reports"].clone()
}

/// The id of the one open case.
pub async fn open_case(staff: &Client) -> Value {
    let open = cases(staff, "OPEN").await;
    assert_eq!(open["totalCount"], 1, "{open}");
    open["nodes"][0]["id"].clone()
}

pub async fn staff(app: &TestApp, name: &str) -> Person {
    let person = app.sign_up(name).await;
    app.given_role(&person, "SUPPORT");
    person
}

#[actix_web::test]
async fn what_is_reported_is_copied_and_nobody_learns_by_whom() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (eve, sue) = (app.sign_up("Eve").await, staff(&app, "Sue").await);
    let talk = talk(&ada, &bob).await;
    let message = say(&ada, &talk, "Pay me elsewhere").await;
    let target = json!({"messageId": message["id"]});
    let edit = json!({"messageId": message["id"], "expectedVersion": 1, "text": "Hello"});
    ada.mutate("editMessage", edit, "message { id }").await.ok();
    assert_eq!(report(&ada, target.clone(), "SCAM", "").await.refusal(), refusal("NOT_PERMITTED", "target.messageId"));
    assert_eq!(report(&eve, target.clone(), "SCAM", "").await.refusal(), refusal("NOT_FOUND", "target.messageId"));
    assert_eq!(report(&bob, target.clone(), "SCAM", &"x".repeat(1_001)).await.refusal(), refusal("TOO_LONG", "note"));
    ada.mutate("deleteMessage", json!({"messageId": message["id"]}), "message { id }").await.ok();
    // Also what was taken back; and once more changes nothing.
    for note in ["He wants money", "Again"] {
        assert_eq!(report(&bob, target.clone(), "SCAM", note).await.ok()["isReported"], true);
    }
    let open = cases(&sue, "OPEN").await;
    let reports = json!([{"reason": "SCAM", "note": "He wants money", "texts": ["Pay me elsewhere", "Hello"], "attachments": [],
                          "reporter": {"displayName": "Bob"}}]);
    let case = &open["nodes"][0];
    assert_eq!((&open["totalCount"], &case["reporterCount"], &case["reports"]), (&json!(1), &json!(1), &reports));
    assert_eq!((&case["targetId"], &case["person"]), (&message["id"], &json!({"displayName": "Ada"})));
    // Whom it concerns has not noticed anything.
    let log = "{ viewer { auditLog { nodes { action } } moderationNotices { nodes { id } } } }";
    let seen = ada.query(log).await.ok()["viewer"].clone();
    assert_eq!(seen, json!({"auditLog": {"nodes": []}, "moderationNotices": {"nodes": []}}));
}

#[actix_web::test]
async fn several_reports_of_one_thing_are_one_case() {
    let app = TestApp::start().await;
    let (grace, shop, goods) = mill(&app).await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    let lamp = json!({"productId": goods.product});
    assert_eq!(
        report(&grace, lamp.clone(), "ILLEGAL", "").await.refusal(),
        refusal("NOT_PERMITTED", "target.productId")
    );
    let (one, other) = tokio::join!(report(&ada, lamp.clone(), "ILLEGAL", "A forgery"), report(&bob, lamp, "SPAM", ""));
    one.ok();
    other.ok();
    let open = cases(&sue, "OPEN").await;
    assert_eq!((&open["totalCount"], &open["nodes"][0]["reporterCount"]), (&json!(1), &json!(2)));
    assert_eq!(open["nodes"][0]["reports"][0]["texts"][0], "Lamp");

    let said = review(&ada, &goods, 1, "Dim").await["id"].clone();
    for target in [json!({"userId": ada.id}), json!({"shopId": shop}), json!({"reviewId": said})] {
        report(&bob, target, "OTHER", "").await.ok();
    }
    assert_eq!(cases(&sue, "OPEN").await["totalCount"], 4);
    let of_shops =
        "{ staff { reports(filter: {state: OPEN, targetKind: SHOP}) { nodes { targetId shop { name } } } } }";
    let of_shops = sue.query(of_shops).await.ok()["staff"]["reports"]["nodes"].clone();
    assert_eq!(of_shops, json!([{"targetId": shop, "shop": {"name": "Mill"}}]));
    assert_eq!(report(&ada, json!({"userId": ada.id}), "OTHER", "").await.refusal().0, "NOT_PERMITTED");
}

#[actix_web::test]
async fn who_reports_everything_waits() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let talk = talk(&ada, &bob).await;
    for number in 0..50 {
        let message = say(&ada, &talk, &number.to_string()).await;
        report(&bob, json!({"messageId": message["id"]}), "SPAM", "").await.ok();
    }
    let message = say(&ada, &talk, "One more").await;
    let refused = report(&bob, json!({"messageId": message["id"]}), "SPAM", "").await;
    assert_eq!(refused.refusal(), refusal("TOO_MANY_ATTEMPTS", ""));
}

#[actix_web::test]
async fn what_was_reported_is_forgotten_a_while_after_the_decision() {
    let app = TestApp::start().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    report(&bob, json!({"userId": ada.id}), "SPAM", "It is her").await.ok();
    let forget = async || service::forget_reported(app.app(), &Caller::system()).await.unwrap();
    app.given_sql("UPDATE moderation_reports SET created_at = created_at - interval '400 days'");
    forget().await;
    assert_eq!(cases(&sue, "OPEN").await["nodes"][0]["reports"][0]["note"], "It is her");
    decide(&sue, &open_case(&sue).await, "DISMISS", "It is fine").await.ok();
    app.advance(TimeDelta::seconds(1));
    app.given_sql("UPDATE moderation_cases SET decided_at = decided_at - interval '180 days'");
    forget().await;
    let left = cases(&sue, "DECIDED").await["nodes"][0]["reports"][0].clone();
    assert_eq!((&left["note"], &left["texts"], &left["reason"]), (&json!(""), &json!([]), &json!("SPAM")));
}

#[actix_web::test]
async fn what_was_decided_long_ago_is_reported_anew() {
    let app = TestApp::start().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    let target = json!({"userId": ada.id});
    report(&bob, target.clone(), "SPAM", "First").await.ok();
    decide(&sue, &open_case(&sue).await, "DISMISS", "Fine").await.ok();
    report(&bob, target.clone(), "SPAM", "Too soon").await.ok();
    assert_eq!(cases(&sue, "OPEN").await["totalCount"], 0);
    app.given_sql("UPDATE moderation_cases SET decided_at = decided_at - interval '31 days'");
    for note in ["Again", "Once more"] {
        report(&bob, target.clone(), "HARASSMENT", note).await.ok();
    }
    let open = cases(&sue, "OPEN").await;
    assert_eq!((&open["totalCount"], &open["nodes"][0]["reporterCount"]), (&json!(1), &json!(1)));
    assert_eq!(open["nodes"][0]["reports"][0]["note"], "Again");
}
