//! The market's staff, called into the thread of an order.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    conversations::{say, see},
    harness::{Answer, Client, TestApp, app::Person},
    moderation::{refusal, staff},
    orders::assert_books,
};

/// Somebody who sells, somebody who has bought, and the thread of the order.
async fn market(app: &TestApp) -> (Person, Person, String) {
    let (owner, ada) = (app.sign_up("Owner").await, app.sign_up("Ada").await);
    let shop = owner.open_shop("Corner").await;
    let goods = owner.sell(&shop, "Lamp", "1.00", 5).await;
    let order = ada.order_one(&goods, "order").await.ok()["order"].clone();
    (owner, ada, order["parts"][0]["conversation"]["id"].as_str().unwrap().to_owned())
}

async fn call(client: &Client, thread: &str) -> Answer {
    client.mutate("callSupport", json!({"conversationId": thread}), "conversation { lastNumber }").await
}

async fn calls(staff: &Client) -> Value {
    let document = "{ staff { supportCalls { totalCount nodes { id calledBy { displayName } staff { displayName } \
                    conversation { id } } } } }";
    staff.query(document).await.ok()["staff"]["supportCalls"].clone()
}

async fn attend(staff: &Client, call: &Value) -> Answer {
    staff.mutate("answerSupportCall", json!({"supportCallId": call}), "supportCall { conversation { id } }").await
}

async fn close(staff: &Client, call: &Value) -> Answer {
    staff.mutate("closeSupportCall", json!({"supportCallId": call}), "closedSupportCallId").await
}

/// The steps of support in a thread, and who took them.
async fn steps(client: &Client, thread: &str) -> Vec<(String, String)> {
    let nodes =
        "messages(first: 50) { nodes { content { ... on SupportStepContent { step actor { displayName } } } } }";
    let nodes = see(client, thread, nodes).await["messages"]["nodes"].clone();
    let contents = nodes.as_array().unwrap().iter().map(|node| node["content"].clone());
    let steps = contents.filter(|content| !content["step"].is_null());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    steps.map(|content| (text(&content["step"]), text(&content["actor"]["displayName"]))).collect()
}

#[actix_web::test]
async fn nobody_of_the_staff_sees_a_thread_but_who_was_called_and_has_answered() {
    let app = TestApp::start().await;
    let (owner, ada, thread) = market(&app).await;
    let (sue, tom, eve) = (staff(&app, "Sue").await, staff(&app, "Tom").await, app.sign_up("Eve").await);
    say(&ada, &thread, "Where is it?").await;
    assert_eq!(see(&sue, &thread, "id").await, Value::Null);
    assert_eq!(calls(&sue).await["totalCount"], 0);
    for stranger in [&eve, &sue] {
        assert_eq!(call(stranger, &thread).await.refusal(), refusal("NOT_FOUND", "conversationId"));
    }
    assert_eq!(call(&ada, &thread).await.ok()["conversation"]["lastNumber"], 3);
    assert_eq!(call(&owner, &thread).await.ok()["conversation"]["lastNumber"], 3);
    let open = calls(&sue).await["nodes"][0].clone();
    assert_eq!((&open["calledBy"]["displayName"], &open["conversation"]), (&json!("Ada"), &Value::Null));
    assert_eq!(see(&sue, &thread, "id").await, Value::Null);

    for _ in 0..2 {
        let answered = attend(&sue, &open["id"]).await.ok();
        assert_eq!(answered["supportCall"]["conversation"]["id"], thread.as_str());
    }
    let input = json!({"conversationId": thread, "text": "Let me look", "idempotencyKey": "look"});
    let said = sue.mutate("sendMessage", input, "message { isBySupport number }").await.ok();
    assert_eq!(said["message"], json!({"isBySupport": true, "number": 5}));
    let last = see(
        &ada,
        &thread,
        "lastMessage { isBySupport author { displayName } } messages(first: 2) { nodes { isBySupport } }",
    )
    .await;
    assert_eq!(last["lastMessage"], json!({"isBySupport": true, "author": {"displayName": "Sue"}}));
    assert_eq!(last["messages"]["nodes"][1]["isBySupport"], false);
    say(&ada, &thread, "Thank you").await;
    let heard = "{ viewer { events(first: 100) { nodes { ... on MessageSent { message { number } } } } } }";
    let heard = sue.query(heard).await.ok()["viewer"]["events"]["nodes"].clone();
    assert!(heard.as_array().unwrap().contains(&json!({"message": {"number": 6}})), "{heard}");
    assert_eq!(see(&tom, &thread, "id").await, Value::Null);
    assert_eq!(close(&tom, &open["id"]).await.refusal(), refusal("NOT_PERMITTED", "supportCallId"));

    close(&sue, &open["id"]).await.ok();
    assert_eq!(see(&sue, &thread, "id").await, Value::Null);
    let input = json!({"conversationId": thread, "text": "Still there", "idempotencyKey": "still"});
    assert_eq!(sue.mutate("sendMessage", input, "").await.refusal(), refusal("NOT_FOUND", "conversationId"));
    assert_eq!(close(&sue, &open["id"]).await.refusal(), refusal("NOT_FOUND", "supportCallId"));
    assert_eq!(attend(&sue, &open["id"]).await.refusal(), refusal("NOT_FOUND", "supportCallId"));
    let told = [("SUPPORT_CALLED", "Ada"), ("SUPPORT_JOINED", "Sue"), ("SUPPORT_LEFT", "Sue")];
    let told: Vec<_> = told.into_iter().map(|(step, who)| (step.to_owned(), who.to_owned())).collect();
    assert_eq!(steps(&owner, &thread).await, told);
    let log = ada.query("{ viewer { auditLog(first: 9) { nodes { action } } } }").await.ok();
    let actions: Vec<_> =
        log["viewer"]["auditLog"]["nodes"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert!(actions.contains(&&json!("answerSupportCall")) && actions.contains(&&json!("closeSupportCall")), "{log}");
    assert_books(&app).await;
}

#[actix_web::test]
async fn of_two_at_once_support_is_called_once_and_one_is_there() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let (owner, ada, thread) = market(&app).await;
    let (sue, tom) = (staff(&app, "Sue").await, staff(&app, "Tom").await);
    let there = |person: &Person| beside.guest().with_token(person.token.as_deref().unwrap());
    let owner_there = there(&owner);
    for answer in join_all([call(&ada, &thread), call(&owner_there, &thread)]).await {
        answer.ok();
    }
    let open = calls(&sue).await;
    assert_eq!(open["totalCount"], 1);
    let id = open["nodes"][0]["id"].clone();
    let tom_there = there(&tom);
    for answer in join_all([attend(&sue, &id), attend(&tom_there, &id)]).await {
        answer.refusals();
    }
    let (sues, toms) = (see(&sue, &thread, "id").await, see(&tom, &thread, "id").await);
    assert!(sues.is_null() != toms.is_null(), "{sues} {toms}");
    let taken = steps(&ada, &thread).await.into_iter().map(|(step, _)| step).collect::<Vec<_>>();
    assert_eq!(taken, ["SUPPORT_CALLED", "SUPPORT_JOINED", "SUPPORT_LEFT", "SUPPORT_JOINED"]);
    // Who is of the staff no more is there no more.
    let last = if sues.is_null() { &tom } else { &sue };
    app.given_role(last, "MEMBER");
    assert_eq!(see(last, &thread, "id").await, Value::Null);
    assert_books(&app).await;
    beside.stop().await;
}

#[actix_web::test]
async fn support_is_called_so_often_and_hears_whoever_is_not_heard() {
    let app = TestApp::start().await;
    let (owner, ada, thread) = market(&app).await;
    let sue = staff(&app, "Sue").await;
    owner.mutate("blockUser", json!({"userId": ada.id}), "user { id }").await.ok();
    say(&ada, &thread, "Nobody hears").await;
    call(&ada, &thread).await.ok();
    let open = calls(&sue).await["nodes"][0]["id"].clone();
    attend(&sue, &open).await.ok();
    say(&ada, &thread, "Do you hear me?").await;
    let nodes = "messages(first: 50) { nodes { content { ... on TextContent { text } } } }";
    let seen = see(&sue, &thread, nodes).await["messages"]["nodes"].to_string();
    assert!(seen.contains("Do you hear me?") && !seen.contains("Nobody hears"), "{seen}");
    close(&sue, &open).await.ok();
    for _ in 1..5 {
        call(&ada, &thread).await.ok();
        close(&sue, &calls(&sue).await["nodes"][0]["id"]).await.ok();
    }
    assert_eq!(call(&ada, &thread).await.refusal().0, "TOO_MANY");
    assert_eq!(calls(&sue).await["totalCount"], 0);
    assert_books(&app).await;
}

#[actix_web::test]
async fn nobody_answers_in_their_own_affair() {
    let app = TestApp::start().await;
    let (owner, ada, thread) = market(&app).await;
    app.given_role(&owner, "SUPPORT");
    call(&ada, &thread).await.ok();
    let open = calls(&owner).await["nodes"][0]["id"].clone();
    assert_eq!(attend(&owner, &open).await.refusal(), refusal("NOT_PERMITTED", "supportCallId"));
    assert_eq!(close(&owner, &open).await.refusal(), refusal("NOT_PERMITTED", "supportCallId"));
    let shop = see(&ada, &thread, "shop { id }").await["shop"]["id"].clone();
    let (sue, tom) = (staff(&app, "Sue").await, staff(&app, "Tom").await);
    for (person, role) in [(&sue, "SUPPORT"), (&tom, "FULFILLMENT")] {
        let input = json!({"shopId": shop, "userId": person.id, "role": role});
        owner.mutate("addShopMember", input, "member { role }").await.ok();
    }
    // Who works there is kept from it in whatever role, and by nobody's word but their own.
    tom.mutate("acceptShopMembership", json!({"shopId": shop}), "member { role }").await.ok();
    assert_eq!(attend(&tom, &open).await.refusal(), refusal("NOT_PERMITTED", "supportCallId"));
    attend(&sue, &open).await.ok();
    let input = json!({"conversationId": thread, "text": "Let me look", "idempotencyKey": "look"});
    let said = sue.mutate("sendMessage", input, "message { isBySupport }").await.ok();
    assert_eq!(said["message"]["isBySupport"], true);
    close(&sue, &open).await.ok();
}

#[actix_web::test]
async fn who_answers_hears_of_the_steps_of_the_order() {
    let app = TestApp::start().await;
    let (owner, ada) = (app.sign_up("Owner").await, app.sign_up("Ada").await);
    let sue = staff(&app, "Sue").await;
    let shop = owner.open_shop("Corner").await;
    let goods = owner.sell(&shop, "Lamp", "1.00", 5).await;
    let order = ada.order_one(&goods, "order").await.ok()["order"].clone();
    let thread = order["parts"][0]["conversation"]["id"].as_str().unwrap();
    call(&ada, thread).await.ok();
    attend(&sue, &calls(&sue).await["nodes"][0]["id"]).await.ok();
    ada.pay(order["id"].as_str().unwrap(), "test_succeeds", "pay").await.ok();
    let heard = "{ viewer { events(first: 100) { nodes { ... on MessageSent { message { content { ... on OrderStepContent { step } } } } } } } }";
    let heard = sue.query(heard).await.ok()["viewer"]["events"]["nodes"].clone();
    let paid = json!({"message": {"content": {"step": "PAID"}}});
    assert_eq!(heard.as_array().unwrap().iter().filter(|event| **event == paid).count(), 1, "{heard}");
}
