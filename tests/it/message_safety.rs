//! What people may send, how much of it, and for how long it is kept.

use agora::{messages, platform::caller::Caller};
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    conversations::{say, see, talk},
    harness::{Answer, Client, TestApp},
};

async fn send(client: &Client, conversation: &str, text: &str, key: &str) -> Answer {
    let input = json!({"conversationId": conversation, "text": text, "idempotencyKey": key});
    client.mutate("sendMessage", input, "message { id number version }").await
}

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[actix_web::test]
async fn who_sends_too_much_waits_and_sends_the_same_again() {
    let app = TestApp::start_with(|settings| {
        settings.messaging.new_messages_per_minute = 3;
        settings.messaging.messages_per_minute = 5;
    })
    .await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let talk = talk(&ada, &bob).await;
    for key in ["0", "1", "2"] {
        send(&ada, &talk, "Hello", key).await.ok();
    }
    assert_eq!(send(&ada, &talk, "Hello", "3").await.refusal(), refusal("TOO_MANY_ATTEMPTS", ""));
    // What was sent is told again, and others go on.
    assert_eq!(send(&ada, &talk, "Hello", "0").await.extensions["replayed"], true);
    assert_eq!(send(&bob, &talk, "Hello", "0").await.ok()["message"]["number"], 4);
    // By the same key, for a refusal for now is not kept.
    app.advance(TimeDelta::minutes(1));
    assert_eq!(send(&ada, &talk, "Hello", "3").await.ok()["message"]["number"], 5);

    // Who has been here for a day sends more.
    app.given_sql("UPDATE users SET created_at = created_at - interval '2 days'");
    for key in ["4", "5", "6", "7"] {
        send(&ada, &talk, "Hello", key).await.ok();
    }
    assert_eq!(send(&ada, &talk, "Hello", "8").await.refusal(), refusal("TOO_MANY_ATTEMPTS", ""));
}

#[actix_web::test]
async fn who_is_new_turns_to_few_people_and_shops() {
    let app = TestApp::start_with(|settings| settings.messaging.new_first_contacts_per_day = 2).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (carl, grace) = (app.sign_up("Carl").await, app.sign_up("Grace").await);
    let shop = grace.open_shop("Mill").await;
    let goods = grace.sell(&shop, "Lamp", "5.00", 1).await;
    let ask = async |key: &str| {
        let input = json!({"productId": goods.product, "text": "Is it green?", "idempotencyKey": key});
        ada.mutate("contactShop", input, "message { id }").await
    };
    talk(&ada, &bob).await;
    ask("1").await.ok();
    // Those whom they know are no new ones.
    talk(&ada, &bob).await;
    ask("2").await.ok();
    let start = ada.mutate("startConversation", json!({"userId": carl.id}), "conversation { id }").await;
    assert_eq!(start.refusal(), refusal("TOO_MANY_ATTEMPTS", ""));
    // Nobody is kept from answering.
    talk(&carl, &ada).await;
}

#[actix_web::test]
async fn what_the_staff_filter_is_not_sent() {
    let app = TestApp::start().await;
    let (ada, bob, sue) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Sue").await);
    app.given_role(&sue, "SUPPORT");
    let filter = async |client: &Client, kind: &str, pattern: &str| {
        let input = json!({"kind": kind, "pattern": pattern, "idempotencyKey": pattern});
        client.mutate("createMessageFilter", input, "messageFilter { id kind pattern }").await
    };
    let talk = talk(&ada, &bob).await;
    let before = send(&ada, &talk, "No spam", "before").await.ok()["message"].clone();
    let word = filter(&sue, "WORD", "Spam").await.ok()["messageFilter"].clone();
    assert_eq!((&word["kind"], &word["pattern"]), (&json!("WORD"), &json!("Spam")));
    assert_eq!(filter(&sue, "WORD", "Spam").await.extensions["replayed"], true);
    filter(&sue, "LINK", "evil.example").await.ok();
    assert_eq!(filter(&sue, "WORD", "SPÄM").await.refusal(), refusal("TAKEN", "pattern"));
    assert_eq!(filter(&sue, "WORD", "two words").await.refusal(), refusal("INVALID", "pattern"));
    assert_eq!(filter(&sue, "LINK", "https://evil.example").await.refusal(), refusal("INVALID", "pattern"));
    assert_eq!(filter(&sue, "WORD", " ").await.refusal(), refusal("BLANK", "pattern"));
    assert_eq!(filter(&ada, "WORD", "Lamp").await.code(), "FORBIDDEN");
    let listed = sue.query("{ staff { messageFilters { pattern } } }").await.ok()["staff"]["messageFilters"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 2);

    let refused = refusal("MESSAGE_REFUSED", "text");
    for text in ["Buy SPÄM", "ｓｐａｍ", "sp\u{200b}am", "See HTTPS://www.Evil.example/x", "you@evil。example"] {
        assert_eq!(send(&ada, &talk, text, text).await.refusal(), refused, "{text}");
    }
    let place = json!([{"place": {"name": "evil.example", "latitude": 1.0, "longitude": 1.0}}]);
    let input = json!({"conversationId": talk, "attachments": place, "idempotencyKey": "place"});
    assert_eq!(ada.mutate("sendMessage", input, "message { id }").await.refusal(), refused);
    let edit = json!({"messageId": before["id"], "expectedVersion": 1, "text": "Spam!"});
    assert_eq!(ada.mutate("editMessage", edit, "message { id }").await.refusal(), refused);
    send(&ada, &talk, "A spammer wrote from notevil.example", "fine").await.ok();

    let delete = async || {
        sue.mutate("deleteMessageFilter", json!({"messageFilterId": word["id"]}), "deletedMessageFilterId").await
    };
    assert_eq!(delete().await.ok()["deletedMessageFilterId"], word["id"]);
    assert_eq!(delete().await.refusal(), refusal("NOT_FOUND", "messageFilterId"));
    send(&ada, &talk, "Spam again", "again").await.ok();
}

#[actix_web::test]
async fn texts_go_when_their_time_is_over_but_for_what_is_reported() {
    let app = TestApp::start_with(|settings| settings.messaging.direct_kept = Some(TimeDelta::days(1))).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let direct = talk(&ada, &bob).await;
    let group = json!({"title": "Lamps", "idempotencyKey": "group"});
    let group = ada.mutate("createGroup", group, "conversation { id }").await.ok()["conversation"]["id"].clone();
    say(&ada, group.as_str().unwrap(), "In the group").await;
    let old = say(&ada, &direct, "Old").await;
    let edit = json!({"messageId": old["id"], "expectedVersion": 1, "text": "Older"});
    ada.mutate("editMessage", edit, "message { id }").await.ok();
    let reported = say(&ada, &direct, "Reported").await;
    let report = json!({"target": {"messageId": reported["id"]}, "reason": "SPAM"});
    bob.mutate("report", report, "isReported").await.ok();
    app.given_sql("UPDATE messages SET created_at = created_at - interval '2 days'");
    say(&ada, &direct, "New").await;
    let forget = async || messages::service::forget_old_texts(app.app(), &Caller::system()).await.unwrap();
    forget().await;

    let nodes = "messages(first: 9) { nodes { version content { ... on TextContent { text } ... on DeletedContent { reason } } revisions { text } } }";
    let seen = async |id: &str| see(&bob, id, nodes).await["messages"]["nodes"].clone();
    let text = |text: &str| json!({"version": 1, "content": {"text": text}, "revisions": []});
    let gone = json!({"version": 3, "content": {"reason": "EXPIRED"}, "revisions": []});
    assert_eq!(seen(&direct).await, json!([gone, text("Reported"), text("New")]));
    let in_group = see(&ada, group.as_str().unwrap(), nodes).await["messages"]["nodes"][1]["content"].clone();
    assert_eq!(in_group, json!({"text": "In the group"}));

    // Once it is decided, it goes too.
    app.given_sql(
        "UPDATE moderation_cases SET state = 'DECIDED', action = 'DISMISS', reason = 'Fine', decided_at = now()",
    );
    app.given_sql("UPDATE conversations SET texts_from = '1970-01-01T00:00:00Z'");
    forget().await;
    forget().await;
    let expired = |version: i32| json!({"version": version, "content": {"reason": "EXPIRED"}, "revisions": []});
    assert_eq!(seen(&direct).await, json!([gone, expired(2), text("New")]));
}

#[actix_web::test]
async fn texts_go_in_one_run_however_many_conversations_have_none() {
    let app = TestApp::start_with(|settings| settings.messaging.direct_kept = Some(TimeDelta::days(1))).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let direct = talk(&ada, &bob).await;
    for number in 0..3 {
        say(&ada, &direct, &format!("Old {number}")).await;
    }
    app.given_sql("UPDATE messages SET created_at = created_at - interval '2 days'");
    // More than a run has transactions, and all of them come first.
    app.given_sql(
        "INSERT INTO conversations (id, kind, created_at, last_message_at, texts_from) \
         SELECT gen_random_uuid(), 'DIRECT', now(), now(), '1969-01-01T00:00:00Z' FROM generate_series(1, 1000)",
    );
    messages::service::forget_old_texts(app.app(), &Caller::system()).await.unwrap();
    let nodes =
        "messages(first: 9) { nodes { content { ... on TextContent { text } ... on DeletedContent { reason } } } }";
    let seen = see(&bob, &direct, nodes).await["messages"]["nodes"].clone();
    let gone = json!({"content": {"reason": "EXPIRED"}});
    assert_eq!(seen, json!([gone, gone, gone]));
}
