//! Nobody of the staff sees to what concerns themself or a shop of theirs, and nobody learns who reported them.

use serde_json::{Value, json};

use super::{cases, decide, refusal, report, staff};
use crate::{
    harness::{Client, TestApp},
    reviews::{mill, review},
};

async fn open(staff: &Client) -> Vec<Value> {
    cases(staff, "OPEN").await["nodes"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn what_concerns_a_moderator_or_their_shop_others_see_to() {
    let app = TestApp::start().await;
    let (grace, shop, goods) = mill(&app).await;
    app.given_role(&grace, "SUPPORT");
    let (ada, bob, ned) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Ned").await);
    let (amy, sue) = (staff(&app, "Amy").await, staff(&app, "Sue").await);
    for (person, role) in [(&ned, "SUPPORT"), (&amy, "OWNER")] {
        let member = json!({"shopId": shop, "userId": person.id, "role": role});
        grace.mutate("addShopMember", member, "member { role }").await.ok();
    }

    let ask = json!({"productId": goods.product, "text": "Buy at mine", "idempotencyKey": "ask"});
    let asked = ada.mutate("contactShop", ask, "message { id }").await.ok()["message"]["id"].clone();
    let said = review(&ada, &goods, 1, "Dim").await["id"].clone();
    for (reporter, target) in [
        (&ned, json!({"messageId": asked})),
        (&bob, json!({"reviewId": said})),
        (&bob, json!({"productId": goods.product})),
        (&bob, json!({"shopId": shop})),
        (&bob, json!({"userId": grace.id})),
    ] {
        report(reporter, target, "SPAM", "Look").await.ok();
    }
    let all = open(&sue).await;
    assert_eq!((all.len(), cases(&grace, "OPEN").await), (5, json!({"totalCount": 0, "nodes": []})));
    for case in &all {
        let refused = decide(&grace, &case["id"], "DISMISS", "It is mine").await;
        assert_eq!(refused.refusal(), refusal("NOT_PERMITTED", "caseId"), "{case}");
    }
    // Nor when what was reported is gone.
    ada.mutate("deleteReview", json!({"reviewId": said}), "").await.ok();
    assert_eq!(cases(&grace, "OPEN").await["totalCount"], 0);

    // Whom others make an owner is not kept from anything by it, until they accept.
    let seen = open(&amy).await;
    assert_eq!(seen, open(&sue).await);
    assert!(seen.iter().all(|case| case["reports"][0]["note"] == "Look"), "{seen:?}");
    amy.mutate("acceptShopMembership", json!({"shopId": shop}), "member { role }").await.ok();
    let left = open(&amy).await;
    assert_eq!(left.iter().map(|case| &case["targetKind"]).collect::<Vec<_>>(), ["USER"]);

    // An appeal they answer as little, and what was decided they do not read.
    let of_shop = all.iter().find(|case| case["targetKind"] == "SHOP").unwrap()["id"].clone();
    decide(&sue, &of_shop, "WARN", "Mind your words").await.ok();
    let notices = "{ viewer { moderationNotices { nodes { id } } } }";
    let notice = grace.query(notices).await.ok()["viewer"]["moderationNotices"]["nodes"][0]["id"].clone();
    let appeal = json!({"decisionId": notice, "text": "I do"});
    grace.mutate("appealDecision", appeal, "moderationNotice { id }").await.ok();
    let answer = json!({"caseId": of_shop, "outcome": "OVERTURNED", "reason": "They do"});
    for own in [&grace, &amy] {
        let refused = own.mutate("answerAppeal", answer.clone(), "moderationCase { id }").await;
        assert_eq!(refused.refusal(), refusal("NOT_PERMITTED", "caseId"));
        assert_eq!(cases(own, "APPEALED").await["totalCount"], 0);
    }
    sue.mutate("answerAppeal", answer, "moderationCase { id }").await.ok();
}

#[actix_web::test]
async fn what_waits_to_be_sent_to_a_moderators_shop_others_look_at() {
    let app = TestApp::start().await;
    let (grace, _, goods) = mill(&app).await;
    app.given_role(&grace, "SUPPORT");
    let (ada, sue) = (app.sign_up("Ada").await, staff(&app, "Sue").await);
    let filter = json!({"kind": "WORD", "pattern": "bitcoin", "action": "REVIEW"});
    sue.mutate("createMessageFilter", filter, "messageFilter { id }").await.ok();
    for author in [&ada, &sue] {
        let ask = json!({"productId": goods.product, "text": "I have a bitcoin", "idempotencyKey": "ask"});
        author.mutate("contactShop", ask, "message { id }").await.ok();
    }
    let waiting = "{ staff { heldMessages { totalCount nodes { id author { displayName } } } } }";
    assert_eq!(grace.query(waiting).await.ok()["staff"]["heldMessages"], json!({"totalCount": 0, "nodes": []}));
    let left = sue.query(waiting).await.ok()["staff"]["heldMessages"].clone();
    assert_eq!((&left["totalCount"], &left["nodes"][0]["author"]["displayName"]), (&json!(1), &json!("Ada")));
    let decide =
        json!({"messageId": left["nodes"][0]["id"], "expectedVersion": 1, "decision": "RELEASE", "reason": "Fine"});
    let refused = grace.mutate("decideHeldMessage", decide.clone(), "decidedMessageId").await;
    assert_eq!(refused.refusal(), refusal("NOT_PERMITTED", "messageId"));
    sue.mutate("decideHeldMessage", decide, "decidedMessageId").await.ok();
}
