//! Reports, and what the staff make of them.

use serde_json::{Value, json};

use super::{REVIEW, mill, refusal, review, stars, write};
use crate::harness::{Client, TestApp};

async fn waiting(staff: &Client) -> Value {
    let document =
        "{ staff { reportedReviews { totalCount nodes { text reports { reason note reporter { displayName } } } } } }";
    staff.query(document).await.ok()["staff"]["reportedReviews"].clone()
}

#[actix_web::test]
async fn what_is_reported_is_hidden_or_stays() {
    let app = TestApp::start().await;
    let (_, _, goods) = mill(&app).await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Sue").await);
    app.given_role(&sue, "SUPPORT");
    let id = review(&ada, &goods, 1, "Buy at my shop").await["id"].clone();
    review(&bob, &goods, 5, "Bright").await;
    let report = async |client: &Client, key: &str| {
        let input = json!({"reviewId": id, "reason": "SPAM", "note": "An advertisement", "idempotencyKey": key});
        client.mutate("reportReview", input, "review { reports { reason } }").await
    };
    assert_eq!(report(&ada, "1").await.refusal(), refusal("NOT_PERMITTED", "reviewId"));
    // Who reports sees nothing of it.
    assert_eq!(report(&bob, "1").await.ok()["review"]["reports"], json!([]));
    assert_eq!(report(&bob, "1").await.extensions["replayed"], true);
    assert_eq!(report(&bob, "2").await.refusal(), refusal("ALREADY_DONE", "reviewId"));
    let expected = json!([{"reason": "SPAM", "note": "An advertisement", "reporter": {"displayName": "Bob"}}]);
    let found = waiting(&sue).await;
    assert_eq!((&found["totalCount"], &found["nodes"][0]["reports"]), (&json!(1), &expected));

    let act = async |mutation: &str| {
        let input = json!({"reviewId": id, "reason": "It advertises another shop"});
        sue.mutate(mutation, input, REVIEW).await
    };
    // It is found to be fine: nobody notices.
    act("showReview").await.ok();
    assert_eq!(waiting(&sue).await["totalCount"], 0);
    assert_eq!(act("showReview").await.refusal(), refusal("ALREADY_DONE", "reviewId"));
    let log = "{ viewer { auditLog { nodes { action reason } } } }";
    assert_eq!(ada.query(log).await.ok()["viewer"]["auditLog"]["nodes"], json!([]));

    let carl = app.sign_up("Carl").await;
    report(&carl, "1").await.ok();
    assert_eq!(waiting(&sue).await["totalCount"], 1);
    let hidden = act("hideReview").await.ok()["review"].clone();
    assert_eq!((&hidden["isHidden"], &hidden["hiddenReason"]), (&json!(true), &json!("It advertises another shop")));
    assert_eq!(act("hideReview").await.refusal(), refusal("ALREADY_DONE", "reviewId"));
    assert_eq!(waiting(&sue).await["totalCount"], 0);
    assert_eq!(stars(&app, &goods).await["shop"], json!([5.0, 1, "5:1 4:0 3:0 2:0 1:0"]));
    let log = ada.query(log).await.ok()["viewer"]["auditLog"]["nodes"].clone();
    assert_eq!(log, json!([{"action": "hideReview", "reason": "It advertises another shop"}]));

    // For everybody but its author it is not there.
    let node = format!(
        "{{ node(id: {id}) {{ ... on Review {{ hiddenReason }} }} product(by: {{id: \"{}\"}}) {{ reviews {{ totalCount nodes {{ text }} }} }} }}",
        goods.product
    );
    for client in [&*bob, &app.guest()] {
        let seen = client.query(&node).await.ok();
        let listed = json!({"totalCount": 1, "nodes": [{"text": "Bright"}]});
        assert_eq!((&seen["node"], &seen["product"]["reviews"]), (&Value::Null, &listed));
    }
    assert_eq!(ada.query(&node).await.ok()["node"]["hiddenReason"], "It advertises another shop");
    assert_eq!(
        ada.query("{ viewer { reviews { totalCount nodes { isHidden } } } }").await.ok()["viewer"]["reviews"],
        json!({"totalCount": 1, "nodes": [{"isHidden": true}]})
    );
    assert_eq!(report(&bob, "3").await.refusal(), refusal("NOT_FOUND", "reviewId"));
    let gone = ada.mutate("deleteReview", json!({"reviewId": id}), "").await;
    assert_eq!(gone.refusal(), refusal("NOT_PERMITTED", "reviewId"));
    assert_eq!(write(&ada, &goods, 1, "Once more").await.refusal(), refusal("ALREADY_DONE", "productId"));

    // What its author makes of it then counts when it is shown again.
    let change = json!({"reviewId": id, "expectedVersion": 1, "rating": 4, "text": "Bright enough"});
    ada.mutate("updateReview", change, REVIEW).await.ok();
    assert_eq!(stars(&app, &goods).await["product"], json!([5.0, 1, "5:1 4:0 3:0 2:0 1:0"]));
    act("showReview").await.ok();
    assert_eq!(stars(&app, &goods).await["product"], json!([4.5, 2, "5:1 4:1 3:0 2:0 1:0"]));
}

#[actix_web::test]
async fn a_review_that_was_edited_can_be_reported_again() {
    let app = TestApp::start().await;
    let (_, _, goods) = mill(&app).await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Sue").await);
    app.given_role(&sue, "SUPPORT");
    let id = review(&ada, &goods, 1, "Dim").await["id"].clone();
    let report = async |note: &str| {
        let input = json!({"reviewId": id, "reason": "SPAM", "note": note});
        bob.mutate("reportReview", input, "review { id }").await
    };
    report("First").await.ok();
    sue.mutate("showReview", json!({"reviewId": id, "reason": "It is fine"}), REVIEW).await.ok();
    assert_eq!(report("Once more").await.refusal(), refusal("ALREADY_DONE", "reviewId"));
    app.advance(chrono::TimeDelta::seconds(1));
    let change = json!({"reviewId": id, "expectedVersion": 1, "text": "Buy at my shop"});
    ada.mutate("updateReview", change, REVIEW).await.ok();
    app.advance(chrono::TimeDelta::seconds(1));
    report("Second").await.ok();
    assert_eq!(report("Third").await.refusal(), refusal("ALREADY_DONE", "reviewId"));
    let found = waiting(&sue).await;
    assert_eq!((&found["totalCount"], &found["nodes"][0]["reports"][0]["note"]), (&json!(1), &json!("Second")));

    // Until the staff have looked at it, its author writes no other one in its place.
    let delete = async || ada.mutate("deleteReview", json!({"reviewId": id}), "deletedReviewId").await;
    assert_eq!(delete().await.refusal(), refusal("NOT_PERMITTED", "reviewId"));
    assert_eq!(waiting(&sue).await["totalCount"], 1);
    sue.mutate("showReview", json!({"reviewId": id, "reason": "It is fine"}), REVIEW).await.ok();
    assert_eq!(delete().await.ok()["deletedReviewId"], id);
}
