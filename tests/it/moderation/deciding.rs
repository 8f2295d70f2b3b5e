//! What the staff do about what was reported, and what is undone of it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{CASE, cases, decide, open_case, refusal, report, staff};
use crate::{
    conversations::{say, see, talk},
    harness::{Client, TestApp},
    reviews::{mill, review, stars},
};

const NOTICES: &str = "{ viewer { moderationNotices { totalCount nodes { id targetKind action reason suspendedUntil appeal { text outcome answer } } } } }";

async fn notices(client: &Client) -> Value {
    client.query(NOTICES).await.ok()["viewer"]["moderationNotices"]["nodes"].clone()
}

async fn appeal(client: &Client, decision: &Value, text: &str) -> crate::harness::Answer {
    let input = json!({"decisionId": decision, "text": text});
    client.mutate("appealDecision", input, "moderationNotice { id appeal { text outcome } }").await
}

async fn respond(staff: &Client, case: &Value, outcome: &str) -> crate::harness::Answer {
    let input = json!({"caseId": case, "outcome": outcome, "reason": "We looked again"});
    staff.mutate("answerAppeal", input, CASE).await
}

#[actix_web::test]
async fn a_hidden_message_is_a_tombstone_until_that_is_overturned() {
    let app = TestApp::start().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    let talk = talk(&ada, &bob).await;
    let message = say(&ada, &talk, "Buy at my shop").await;
    bob.mutate("addReaction", json!({"messageId": message["id"], "emoji": "👎"}), "message { id }").await.ok();
    report(&bob, json!({"messageId": message["id"]}), "SPAM", "").await.ok();
    let case = open_case(&sue).await;
    assert_eq!(decide(&bob, &case, "HIDE", "It advertises").await.code(), "FORBIDDEN");
    assert_eq!(decide(&sue, &case, "HIDE", " ").await.refusal(), refusal("BLANK", "reason"));
    let decided = decide(&sue, &case, "HIDE", "It advertises").await.ok()["moderationCase"].clone();
    assert_eq!((&decided["state"], &decided["action"]), (&json!("DECIDED"), &json!("HIDE")));
    assert_eq!(decide(&sue, &case, "HIDE", "It advertises").await.refusal(), refusal("ALREADY_DONE", "caseId"));

    let nodes = "messages(first: 9) { nodes { reactions { emoji } content { ... on TextContent { text } ... on DeletedContent { reason } } } }";
    for client in [&*ada, &*bob] {
        let seen = see(client, &talk, nodes).await["messages"]["nodes"][0].clone();
        assert_eq!(seen, json!({"reactions": [], "content": {"reason": "HIDDEN"}}));
    }
    // Its author takes nothing back any more.
    let edit = json!({"messageId": message["id"], "expectedVersion": 2, "text": "Hello"});
    assert_eq!(ada.mutate("editMessage", edit, "message { id }").await.refusal().0, "MESSAGE_NOT_EDITABLE");
    app.run_jobs().await;
    let told = app.mails(&ada.email).pop().unwrap();
    assert!(told.text.contains("It advertises"), "{told:?}");
    let log = ada.query("{ viewer { auditLog { nodes { action reason } } } }").await.ok();
    assert_eq!(log["viewer"]["auditLog"]["nodes"], json!([{"action": "decideReport", "reason": "It advertises"}]));
    let notice = notices(&ada).await[0].clone();
    assert_eq!((&notice["action"], &notice["reason"]), (&json!("HIDE"), &json!("It advertises")));
    assert_eq!(notices(&bob).await, json!([]));

    // Once, and by whom it concerns.
    let id = &notice["id"];
    assert_eq!(appeal(&bob, id, "No").await.refusal(), refusal("NOT_FOUND", "decisionId"));
    assert_eq!(appeal(&ada, id, " ").await.refusal(), refusal("BLANK", "text"));
    assert_eq!(respond(&sue, &case, "OVERTURNED").await.refusal(), refusal("ALREADY_DONE", "caseId"));
    appeal(&ada, id, "He had asked for it").await.ok();
    assert_eq!(appeal(&ada, id, "Really").await.refusal(), refusal("ALREADY_DONE", "decisionId"));
    assert_eq!(cases(&sue, "APPEALED").await["nodes"][0]["appeal"]["text"], "He had asked for it");
    respond(&sue, &case, "OVERTURNED").await.ok();
    assert_eq!(respond(&sue, &case, "UPHELD").await.refusal(), refusal("ALREADY_DONE", "caseId"));
    let seen = see(&bob, &talk, nodes).await["messages"]["nodes"][0].clone();
    assert_eq!(seen, json!({"reactions": [{"emoji": "👎"}], "content": {"text": "Buy at my shop"}}));
    app.run_jobs().await;
    assert!(app.mails(&ada.email).pop().unwrap().text.contains("We looked again"));
    assert_eq!(notices(&ada).await[0]["appeal"]["outcome"], "OVERTURNED");
}

#[actix_web::test]
async fn who_is_suspended_writes_nothing_until_the_time_is_over() {
    let app = TestApp::start().await;
    let (_, _, goods) = mill(&app).await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    let talk = talk(&ada, &bob).await;
    let own = review(&ada, &goods, 4, "Fine").await["id"].clone();
    report(&bob, json!({"userId": ada.id}), "HARASSMENT", "").await.ok();
    let case = open_case(&sue).await;
    let suspend = async |until: Value| {
        let input = json!({"caseId": case, "action": "SUSPEND", "reason": "She insults", "suspendedUntil": until});
        sue.mutate("decideReport", input, CASE).await
    };
    assert_eq!(suspend(json!("2026-11-20T12:00:00Z")).await.refusal(), refusal("OUT_OF_RANGE", "suspendedUntil"));
    assert_eq!(decide(&sue, &case, "HIDE", "No").await.refusal(), refusal("NOT_PERMITTED", "action"));
    suspend(json!("2026-11-20T12:05:00Z")).await.ok();
    let send = async || {
        let input = json!({"conversationId": talk, "text": "You", "idempotencyKey": "you"});
        ada.mutate("sendMessage", input, "message { id }").await
    };
    let refused = refusal("ACCOUNT_SUSPENDED", "");
    assert_eq!(send().await.refusal(), refused);
    let start = ada.mutate("startConversation", json!({"userId": sue.id}), "conversation { id }").await;
    assert_eq!(start.refusal(), refused);
    let group = json!({"title": "Ours", "idempotencyKey": "group"});
    assert_eq!(ada.mutate("createGroup", group, "conversation { id }").await.refusal(), refused);
    let change = json!({"reviewId": own, "expectedVersion": 1, "text": "You"});
    assert_eq!(ada.mutate("updateReview", change, "review { id }").await.refusal(), refused);
    // About orders, they go on talking.
    let document = "{ viewer { conversations(filter: {kind: ORDER}) { nodes { id } } } }";
    let order = ada.query(document).await.ok()["viewer"]["conversations"]["nodes"][0]["id"].clone();
    say(&ada, order.as_str().unwrap(), "Where is it?").await;
    // The same key is good again.
    app.advance(TimeDelta::minutes(5));
    send().await.ok();
}

#[actix_web::test]
async fn of_several_suspensions_each_stands_until_its_own_end() {
    let app = TestApp::start().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    let talk = talk(&ada, &bob).await;
    let (one, other) = (say(&ada, &talk, "Fool").await, say(&ada, &talk, "Knave").await);
    let suspend = async |target: Value, until: Value| {
        report(&bob, target, "HARASSMENT", "").await.ok();
        let case = open_case(&sue).await;
        let input = json!({"caseId": case, "action": "SUSPEND", "reason": "She insults", "suspendedUntil": until});
        sue.mutate("decideReport", input, CASE).await.ok();
        case
    };
    let send = async || {
        let input = json!({"conversationId": talk, "text": "You", "idempotencyKey": "you"});
        ada.mutate("sendMessage", input, "message { id }").await
    };
    let refused = refusal("ACCOUNT_SUSPENDED", "");
    suspend(json!({"userId": ada.id}), json!("2026-11-20T12:04:00Z")).await;
    let for_good = suspend(json!({"messageId": one["id"]}), Value::Null).await;
    // What is left when the longer one is overturned is the one before.
    let all = notices(&ada).await;
    let notice = all.as_array().unwrap().iter().find(|notice| notice["targetKind"] == "MESSAGE").unwrap();
    appeal(&ada, &notice["id"], "I do not").await.ok();
    respond(&sue, &for_good, "OVERTURNED").await.ok();
    assert_eq!(send().await.refusal(), refused);
    // A shorter one does not end it.
    suspend(json!({"messageId": other["id"]}), json!("2026-11-20T12:02:00Z")).await;
    app.advance(TimeDelta::minutes(2));
    assert_eq!(send().await.refusal(), refused);
    app.advance(TimeDelta::minutes(2));
    send().await.ok();
}

#[actix_web::test]
async fn an_overturned_suspension_ends() {
    let app = TestApp::start().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    let amy = staff(&app, "Amy").await;
    let talk = talk(&ada, &bob).await;
    report(&bob, json!({"userId": ada.id}), "HARASSMENT", "").await.ok();
    let case = open_case(&sue).await;
    decide(&sue, &case, "SUSPEND", "She insults").await.ok();
    let notice = notices(&ada).await[0].clone();
    assert_eq!(notice["suspendedUntil"], Value::Null);
    appeal(&ada, &notice["id"], "I do not").await.ok();
    respond(&sue, &case, "OVERTURNED").await.ok();
    say(&ada, &talk, "Here I am").await;

    // Of the staff nobody is suspended, and nobody of them sees to what concerns themself.
    report(&bob, json!({"userId": amy.id}), "HARASSMENT", "").await.ok();
    let case = open_case(&sue).await;
    assert_eq!(decide(&sue, &case, "SUSPEND", "No").await.refusal(), refusal("NOT_PERMITTED", "action"));
    assert_eq!(decide(&amy, &case, "DISMISS", "Fine").await.refusal(), refusal("NOT_PERMITTED", "caseId"));
    decide(&sue, &case, "DISMISS", "Fine").await.ok();
    // Nobody is told of what came of nothing.
    assert_eq!(notices(&amy).await, json!([]));
}

#[actix_web::test]
async fn what_is_hidden_is_not_for_sale_and_not_published() {
    let app = TestApp::start().await;
    let (grace, _, goods) = mill(&app).await;
    let (ada, sue) = (app.sign_up("Ada").await, staff(&app, "Sue").await);
    report(&ada, json!({"productId": goods.product}), "ILLEGAL", "").await.ok();
    let case = open_case(&sue).await;
    assert_eq!(decide(&sue, &case, "SUSPEND", "No").await.refusal(), refusal("NOT_PERMITTED", "action"));
    decide(&sue, &case, "HIDE", "It is a forgery").await.ok();
    let product = "query($id: ID!) { product(by: {id: $id}) { status version } }";
    let look = async |client: &Client| client.send(product, json!({"id": goods.product})).await.ok()["product"].clone();
    assert_eq!(look(&ada).await, Value::Null);
    let own = look(&grace).await;
    assert_eq!(own["status"], "ARCHIVED");
    let publish = json!({"productId": goods.product, "expectedVersion": own["version"], "status": "ACTIVE"});
    let refused = grace.mutate("updateProduct", publish, "product { id }").await;
    assert_eq!(refused.refusal(), refusal("NOT_PERMITTED", "status"));
    let notice = notices(&grace).await[0].clone();
    assert_eq!(notice["reason"], "It is a forgery");
    appeal(&grace, &notice["id"], "It is ours").await.ok();
    respond(&sue, &case, "OVERTURNED").await.ok();
    assert_eq!(look(&ada).await["status"], "ACTIVE");
}

#[actix_web::test]
async fn a_review_is_hidden_and_shown_again() {
    let app = TestApp::start().await;
    let (_, _, goods) = mill(&app).await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    let id = review(&ada, &goods, 1, "Buy at mine").await["id"].clone();
    report(&bob, json!({"reviewId": id}), "SPAM", "").await.ok();
    let case = open_case(&sue).await;
    decide(&sue, &case, "HIDE", "It advertises").await.ok();
    assert_eq!(stars(&app, &goods).await["product"][1], 0);
    let log = ada.query("{ viewer { auditLog { nodes { action } } } }").await.ok();
    assert_eq!(log["viewer"]["auditLog"]["nodes"], json!([{"action": "decideReport"}]));
    appeal(&ada, &notices(&ada).await[0]["id"], "It does not").await.ok();
    respond(&sue, &case, "UPHELD").await.ok();
    assert_eq!(stars(&app, &goods).await["product"][1], 0);
    // Who reports it later begins another case.
    let carl = app.sign_up("Carl").await;
    app.advance(TimeDelta::seconds(1));
    sue.mutate("showReview", json!({"reviewId": id, "reason": "It changed"}), "review { id }").await.ok();
    report(&carl, json!({"reviewId": id}), "SPAM", "").await.ok();
    let second = open_case(&sue).await;
    assert_ne!(second, case);
    decide(&sue, &second, "HIDE", "It advertises").await.ok();
    let notice = notices(&ada).await[0].clone();
    app.given_sql("UPDATE moderation_cases SET decided_at = decided_at - interval '30 days' WHERE state = 'DECIDED'");
    assert_eq!(appeal(&ada, &notice["id"], "No").await.refusal(), refusal("NOT_PERMITTED", "decisionId"));
}
