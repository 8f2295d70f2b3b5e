//! Messages that only their sender sees: what is written to who has blocked them, and what the staff look at first.

use agora::{messages, platform::caller::Caller};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    conversations::{live, say, see, talk},
    harness::{Client, TestApp, app::Person, cluster::count},
    moderation::{refusal, staff},
    orders::assert_books,
};

const PAGE: &str = "lastNumber lastReadNumber unreadCount lastMessage { number } participants { lastReadNumber } \
                    messages(last: 50) { totalCount nodes { number clientKey content { ... on TextContent { text } } } }";

/// The same with those who take part in one order, whoever came first.
fn sorted(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            for (name, field) in fields {
                *field = sorted(field.take());
                if let (true, Value::Array(people)) = (name == "participants", field) {
                    people.sort_by_key(Value::to_string);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = sorted(item.take())),
        _ => {}
    }
    value
}

async fn block(from: &Client, whom: &Person) {
    from.mutate("blockUser", json!({"userId": whom.id}), "user { id }").await.ok();
}

/// What somebody sees of a conversation: numbers and texts.
async fn texts(client: &Client, conversation: &str) -> Vec<(i64, String)> {
    let nodes =
        see(client, conversation, "messages(first: 50) { nodes { number content { ... on TextContent { text } } } }");
    let nodes = nodes.await["messages"]["nodes"].clone();
    let of =
        |node: &Value| (node["number"].as_i64().unwrap(), node["content"]["text"].as_str().unwrap_or("").to_owned());
    nodes.as_array().unwrap().iter().map(of).collect()
}

fn numbered(texts: &[&str]) -> Vec<(i64, String)> {
    (1..).zip(texts).map(|(number, text)| (number, (*text).to_owned())).collect()
}

/// What is done to a conversation by who may be blocked in it, and everything that they are answered.
async fn all_that_can_be_done(eve: &Client, talk: &str) -> Value {
    let mut told = Vec::new();
    for text in ["One", "Two", "Three"] {
        told.push(say(eve, talk, text).await["number"].clone());
    }
    let second = see(eve, talk, "messages(first: 2) { nodes { id } }").await["messages"]["nodes"][1]["id"].clone();
    let marker =
        "conversation { lastNumber lastReadNumber unreadCount participants { lastReadNumber lastDeliveredNumber } }";
    told.push(eve.mutate("markConversationUnread", json!({"fromMessageId": second}), marker).await.ok());
    told.push(eve.query("{ viewer { badges { unreadConversations unreadMessages } } }").await.ok());
    for up_to in [2, 9] {
        told.push(eve.mutate("markRead", json!({"conversationId": talk, "upTo": up_to}), marker).await.ok());
        told.push(eve.mutate("markDelivered", json!({"conversationId": talk, "upTo": up_to}), marker).await.ok());
    }
    let reply = json!({"conversationId": talk, "text": "Four", "idempotencyKey": "Four", "replyToId": second});
    told.push(eve.mutate("sendMessage", reply, "message { number clientKey replyTo { number } }").await.ok());
    let edit = json!({"messageId": second, "expectedVersion": 1, "text": "Zwei"});
    told.push(eve.mutate("editMessage", edit, "message { number version revisions { text } }").await.ok());
    let react = json!({"messageId": second, "emoji": "👍"});
    told.push(eve.mutate("addReaction", react, "message { number reactions { emoji count isMine } }").await.ok());
    let found = "{ viewer { searchMessages(query: \"zwei\") { totalCount nodes { message { number } } } } }";
    told.push(eve.query(found).await.ok());
    told.push(see(eve, talk, PAGE).await);
    let page = "messages(first: 2) { pageInfo { hasNextPage } nodes { number } } older: messages(last: 2) { pageInfo { hasPreviousPage } nodes { number } }";
    told.push(see(eve, talk, page).await);
    let unread =
        "{ viewer { conversations(filter: {isUnread: false}) { totalCount nodes { lastMessage { number } } } } }";
    told.push(eve.query(unread).await.ok());
    let deleted = json!({"messageId": second});
    told.push(
        eve.mutate("deleteMessage", deleted, "message { number content { ... on DeletedContent { reason } } }")
            .await
            .ok(),
    );
    told.push(see(eve, talk, "lastNumber unreadCount messages(first: 9) { totalCount }").await);
    sorted(json!(told))
}

#[actix_web::test]
async fn who_is_blocked_is_told_the_same_as_who_is_not() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (eve, carl) = (app.sign_up("Eve").await, app.sign_up("Carl").await);
    for begun in [false, true] {
        let (talks, names) = ([talk(&eve, &ada).await, talk(&carl, &bob).await], [(&eve, &ada), (&carl, &bob)]);
        if begun {
            // Both go on where they were, after the other one has written.
            ada.mutate("unblockUser", json!({"userId": eve.id}), "user { id }").await.ok();
            for ((_, other), talk) in names.iter().zip(&talks) {
                say(other, talk, "It is me").await;
            }
        }
        block(&ada, &eve).await;
        if begun {
            let (mine, theirs) = (see(&eve, &talks[0], PAGE).await, see(&carl, &talks[1], PAGE).await);
            let (mine, theirs) = (sorted(mine), sorted(theirs));
            // What was deleted before is a tombstone for both.
            assert_eq!(mine, theirs);
            break;
        }
        let (mine, theirs) =
            (all_that_can_be_done(&eve, &talks[0]).await, all_that_can_be_done(&carl, &talks[1]).await);
        assert_eq!(mine, theirs);
    }
    // And nobody else was told of anything, then or later.
    assert_eq!(see(&ada, &talk(&eve, &ada).await, "id").await, Value::Null);
    ada.mutate("unblockUser", json!({"userId": eve.id}), "user { id }").await.ok();
    let hers = texts(&ada, &talk(&eve, &ada).await).await;
    assert_eq!(hers, numbered(&["It is me"]));
    assert_books(&app).await;
}

#[actix_web::test]
async fn the_senders_other_devices_hear_of_it_and_nobody_else() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("Ada").await, app.sign_up("Eve").await);
    let talk = talk(&eve, &ada).await;
    say(&eve, &talk, "Hello").await;
    block(&ada, &eve).await;
    let mut device = live::live(&app, &eve, &talk).await;
    assert_eq!(say(&eve, &talk, "Are you there?").await["number"], 2);
    let event = live::next(&mut device).await;
    assert_eq!((&event["__typename"], &event["message"]["number"]), (&json!("MessageSent"), &json!(2)));
    ada.mutate("unblockUser", json!({"userId": eve.id}), "user { id }").await.ok();
    assert_eq!(say(&ada, &talk, "Now I am").await["number"], 2);
    let event = live::next(&mut device).await;
    assert_eq!((&event["__typename"], &event["message"]["number"]), (&json!("MessageSent"), &json!(3)));
    assert_eq!(texts(&eve, &talk).await, numbered(&["Hello", "Are you there?", "Now I am"]));
    assert_eq!(texts(&ada, &talk).await, numbered(&["Hello", "Now I am"]));
    // A page goes on from a cursor among both.
    let page = see(&eve, &talk, "messages(first: 1) { edges { cursor } }").await;
    let cursor = page["messages"]["edges"][0]["cursor"].clone();
    let after = format!("messages(first: 1, after: {cursor}) {{ pageInfo {{ hasNextPage }} nodes {{ number }} }}");
    let page = see(&eve, &talk, &after).await["messages"].clone();
    assert_eq!(page, json!({"pageInfo": {"hasNextPage": true}, "nodes": [{"number": 2}]}));
    // Who answers such a message answers, for others, nothing.
    let held = see(&eve, &talk, "messages(first: 2) { nodes { id } }").await["messages"]["nodes"][1]["id"].clone();
    let input = json!({"conversationId": talk, "text": "See?", "idempotencyKey": "see", "replyToId": held});
    eve.mutate("sendMessage", input.clone(), "message { id }").await.ok();
    let last = see(&ada, &talk, "lastMessage { number replyTo { id } }").await["lastMessage"].clone();
    assert_eq!(last, json!({"number": 3, "replyTo": null}));
    let hidden = ada.send("query($id: ID!) { node(id: $id) { id } }", json!({"id": held})).await.ok();
    assert_eq!(hidden["node"], Value::Null);
    let mut answer = input;
    answer["idempotencyKey"] = json!("hers");
    assert_eq!(ada.mutate("sendMessage", answer, "").await.refusal(), refusal("NOT_FOUND", "replyToId"));
    for mutation in ["deleteMessage", "markConversationUnread"] {
        let field = if mutation == "deleteMessage" { "messageId" } else { "fromMessageId" };
        assert_eq!(ada.mutate(mutation, json!({field: held}), "").await.refusal(), refusal("NOT_FOUND", field));
    }
}

#[actix_web::test]
async fn what_is_sent_while_a_block_is_made_is_seen_by_both_or_by_one() {
    let app = TestApp::start_with(|settings| settings.messaging.new_messages_per_minute = 100).await;
    let beside = app.start_beside(|_| {}).await;
    let eve = app.sign_up("Eve").await;
    for number in 0..8 {
        let ada = app.sign_up(&format!("Ada{number}")).await;
        let talk = talk(&eve, &ada).await;
        say(&eve, &talk, &format!("First {number}")).await;
        let there = beside.guest().with_token(ada.token.as_deref().unwrap());
        let text = format!("Second {number}");
        let (message, ()) = futures_util::join!(say(&eve, &talk, &text), block(&there, &eve));
        assert_eq!(message["number"], 2);
        assert_eq!(say(&eve, &talk, &format!("Third {number}")).await["number"], 3);
        ada.mutate("unblockUser", json!({"userId": eve.id}), "user { id }").await.ok();
        let seen = texts(&ada, &talk).await;
        assert!((1..=2).contains(&seen.len()) && seen.iter().all(|(_, text)| !text.starts_with("Third")), "{seen:?}");
        assert_eq!(texts(&eve, &talk).await.len(), 3);
    }
    assert_books(&app).await;
    beside.stop().await;
}

#[actix_web::test]
async fn in_the_thread_of_an_order_people_are_not_heard_and_its_steps_go_on() {
    let app = TestApp::start().await;
    let (owner, helper, ada) = (app.sign_up("Owner").await, app.sign_up("Helper").await, app.sign_up("Ada").await);
    let shop = owner.open_shop("Corner").await;
    let input = json!({"shopId": shop, "userId": helper.id, "role": "SUPPORT"});
    owner.mutate("addShopMember", input, "member { role }").await.ok();
    let goods = owner.sell(&shop, "Lamp", "1.00", 5).await;
    let order = ada.order_one(&goods, "order").await.ok()["order"].clone();
    let thread = order["parts"][0]["conversation"]["id"].as_str().unwrap().to_owned();
    block(&ada, &helper).await;
    assert_eq!(say(&helper, &thread, "Hey").await["number"], 2);
    assert_eq!(say(&owner, &thread, "It is on its way").await["number"], 2);
    let said = |texts: Vec<(i64, String)>| texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    assert_eq!(said(texts(&ada, &thread).await), ["", "It is on its way"]);
    assert_eq!(said(texts(&owner, &thread).await), ["", "It is on its way"]);
    assert_eq!(said(texts(&helper, &thread).await), ["", "Hey", "It is on its way"]);

    // One who answers hears her still; once nobody does, she is not heard.
    block(&owner, &ada).await;
    assert_eq!(say(&ada, &thread, "Thanks").await["number"], 3);
    block(&helper, &ada).await;
    assert_eq!(say(&ada, &thread, "Anybody?").await["number"], 4);
    assert_eq!(said(texts(&owner, &thread).await), ["", "It is on its way", "Thanks"]);
    ada.pay(order["id"].as_str().unwrap(), "test_succeeds", "pay").await.ok();
    let steps =
        see(&owner, &thread, "messages(first: 9) { nodes { content { ... on OrderStepContent { step } } } }").await;
    let paid = steps["messages"]["nodes"].as_array().unwrap().iter().filter(|node| node["content"]["step"] == "PAID");
    assert_eq!(paid.count(), 1, "{steps:#}");
    assert_books(&app).await;
}

async fn filter(staff: &Client, word: &str) {
    let input = json!({"kind": "WORD", "pattern": word, "action": "REVIEW"});
    let made = staff.mutate("createMessageFilter", input, "messageFilter { action }").await.ok();
    assert_eq!(made["messageFilter"]["action"], "REVIEW");
}

async fn waiting(staff: &Client) -> Value {
    let document =
        "{ staff { heldMessages { totalCount nodes { id version text conversationKind author { displayName } } } } }";
    staff.query(document).await.ok()["staff"]["heldMessages"].clone()
}

async fn decide(staff: &Client, message: &Value, decision: &str) -> crate::harness::Answer {
    let input = json!({"messageId": message["id"], "expectedVersion": message["version"], "decision": decision, "reason": "Looked at"});
    staff.mutate("decideHeldMessage", input, "decidedMessageId").await
}

#[actix_web::test]
async fn what_is_looked_at_first_is_released_once_with_the_next_number() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    filter(&sue, "bitcoin").await;
    let talk = talk(&ada, &bob).await;
    assert_eq!(say(&ada, &talk, "Pay by bitcoin").await["number"], 1);
    assert_eq!(say(&ada, &talk, "Please").await["number"], 2);
    assert_eq!(texts(&bob, &talk).await, numbered(&["Please"]));
    let queue = waiting(&sue).await;
    let held = queue["nodes"][0].clone();
    assert_eq!((&queue["totalCount"], &held["text"]), (&json!(1), &json!("Pay by bitcoin")));
    assert_eq!((&held["conversationKind"], &held["author"]["displayName"]), (&json!("DIRECT"), &json!("Ada")));
    // What others see already is not made such a message.
    let second = see(&ada, &talk, "lastMessage { id }").await["lastMessage"]["id"].clone();
    let edit = json!({"messageId": second, "expectedVersion": 1, "text": "By bitcoin"});
    assert_eq!(ada.mutate("editMessage", edit, "").await.refusal(), refusal("MESSAGE_REFUSED", "text"));

    let there = beside.guest().with_token(sue.token.as_deref().unwrap());
    let both = join_all([decide(&sue, &held, "RELEASE"), decide(&there, &held, "RELEASE")]).await;
    let refused = both.iter().filter(|answer| !answer.refusals().is_empty()).count();
    assert_eq!(refused, 1, "{both:#?}");
    for person in [&ada, &bob] {
        assert_eq!(texts(person, &talk).await, numbered(&["Please", "Pay by bitcoin"]));
    }
    assert_eq!(see(&bob, &talk, "unreadCount").await["unreadCount"], 2);
    assert_eq!(see(&ada, &talk, "unreadCount").await["unreadCount"], 0);
    assert_eq!(waiting(&sue).await["totalCount"], 0);

    // Of whoever is not heard by now it stays theirs, and they notice nothing.
    assert_eq!(say(&ada, &talk, "More bitcoin").await["number"], 3);
    assert_eq!(say(&ada, &talk, "Well?").await["number"], 4);
    block(&bob, &ada).await;
    decide(&sue, &waiting(&sue).await["nodes"][0], "RELEASE").await.ok();
    assert_eq!(texts(&ada, &talk).await, numbered(&["Please", "Pay by bitcoin", "Well?", "More bitcoin"]));
    bob.mutate("unblockUser", json!({"userId": ada.id}), "user { id }").await.ok();
    assert_eq!(texts(&bob, &talk).await, numbered(&["Please", "Pay by bitcoin", "Well?"]));

    // Nor if they were not when they wrote it: the staff decide about it as about any other.
    block(&bob, &ada).await;
    assert_eq!(say(&ada, &talk, "One bitcoin").await["number"], 5);
    assert_eq!(say(&ada, &talk, "Hm").await["number"], 6);
    decide(&sue, &waiting(&sue).await["nodes"][0], "RELEASE").await.ok();
    let told = ["Please", "Pay by bitcoin", "Well?", "More bitcoin", "Hm", "One bitcoin"];
    assert_eq!(texts(&ada, &talk).await, numbered(&told));
    bob.mutate("unblockUser", json!({"userId": ada.id}), "user { id }").await.ok();
    assert_eq!(texts(&bob, &talk).await, numbered(&["Please", "Pay by bitcoin", "Well?"]));
    assert_books(&app).await;
    beside.stop().await;
}

#[actix_web::test]
async fn what_is_removed_can_be_appealed_and_is_sent_then() {
    let app = TestApp::start().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, staff(&app, "Sue").await);
    filter(&sue, "bitcoin").await;
    let talk = talk(&ada, &bob).await;
    say(&ada, &talk, "I have a bitcoin").await;
    let held = waiting(&sue).await["nodes"][0].clone();
    let mut stale = held.clone();
    stale["version"] = json!(7);
    assert_eq!(decide(&sue, &stale, "REMOVE").await.refusal(), refusal("STALE_VERSION", "expectedVersion"));
    decide(&sue, &held, "REMOVE").await.ok();
    assert_eq!(decide(&sue, &held, "RELEASE").await.refusal(), refusal("NOT_FOUND", "messageId"));
    let seen =
        see(&ada, &talk, "messages(first: 2) { nodes { number content { ... on DeletedContent { reason } } } }").await;
    assert_eq!(seen["messages"]["nodes"], json!([{"number": 1, "content": {"reason": "HIDDEN"}}]));
    assert_eq!(texts(&bob, &talk).await.len(), 0);
    let notices = ada.query("{ viewer { moderationNotices { nodes { id action reason } } } }").await.ok();
    let notice = notices["viewer"]["moderationNotices"]["nodes"][0].clone();
    assert_eq!((&notice["action"], &notice["reason"]), (&json!("HIDE"), &json!("Looked at")));

    let appeal = json!({"decisionId": notice["id"], "text": "It is a coin"});
    ada.mutate("appealDecision", appeal, "").await.ok();
    let cases = sue.query("{ staff { reports(filter: {state: APPEALED}) { nodes { id reporterCount } } } }").await.ok();
    let case = cases["staff"]["reports"]["nodes"][0].clone();
    assert_eq!(case["reporterCount"], 0);
    let answer = json!({"caseId": case["id"], "outcome": "OVERTURNED", "reason": "So it is"});
    sue.mutate("answerAppeal", answer, "moderationCase { state }").await.ok();
    for person in [&ada, &bob] {
        assert_eq!(texts(person, &talk).await, numbered(&["I have a bitcoin"]));
    }
}

#[actix_web::test]
async fn nobody_of_the_staff_looks_at_what_is_written_to_them() {
    let app = TestApp::start().await;
    let (ada, sue, tom) = (app.sign_up("Ada").await, staff(&app, "Sue").await, staff(&app, "Tom").await);
    filter(&sue, "bitcoin").await;
    let talk = talk(&ada, &sue).await;
    say(&ada, &talk, "A bitcoin").await;
    assert_eq!(waiting(&sue).await, json!({"totalCount": 0, "nodes": []}));
    let held = waiting(&tom).await["nodes"][0].clone();
    assert_eq!(held["text"], "A bitcoin");
    assert_eq!(decide(&sue, &held, "RELEASE").await.refusal(), refusal("NOT_PERMITTED", "messageId"));
    decide(&tom, &held, "RELEASE").await.ok();
    assert_eq!(texts(&sue, &talk).await, numbered(&["A bitcoin"]));
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_held_is_forgotten_as_all_else_is() {
    let app = TestApp::start_with(|settings| settings.messaging.direct_kept = Some(TimeDelta::days(1))).await;
    let (ada, eve) = (app.sign_up("Ada").await, app.sign_up("Eve").await);
    let talk = talk(&eve, &ada).await;
    block(&ada, &eve).await;
    say(&eve, &talk, "Hello").await;
    app.given_sql("UPDATE messages SET created_at = created_at - interval '2 days'");
    messages::service::forget_old_texts(app.app(), &Caller::system()).await.unwrap();
    let seen =
        see(&eve, &talk, "messages(first: 2) { nodes { number content { ... on DeletedContent { reason } } } }").await;
    assert_eq!(seen["messages"]["nodes"], json!([{"number": 1, "content": {"reason": "EXPIRED"}}]));
    assert_eq!(count(&mut app.connect(), "SELECT count(*) FROM messages WHERE text IS NOT NULL"), 0);
}
