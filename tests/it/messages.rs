//! Conversations, as those who talk see them.

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Client, TestApp, app::Person},
    orders::assert_books,
};

const MESSAGE: &str = "message { id number clientKey content { ... on TextContent { text } } }";

async fn say(client: &Client, conversation: &str, text: &str, key: &str) -> Answer {
    let input = json!({"conversationId": conversation, "text": text, "idempotencyKey": key});
    client.mutate("sendMessage", input, MESSAGE).await
}

async fn talk(one: &Person, other: &Person) -> String {
    let started = one.mutate("startConversation", json!({"userId": other.id}), "conversation { id kind }").await.ok();
    assert_eq!(started["conversation"]["kind"], "DIRECT");
    started["conversation"]["id"].as_str().unwrap().to_owned()
}

async fn unread(client: &Client, conversation: &str) -> Value {
    let document = "query($id: ID!) { viewer { conversation(id: $id) { unreadCount } } }";
    client.send(document, json!({"id": conversation})).await.ok()["viewer"]["conversation"]["unreadCount"].clone()
}

#[actix_web::test]
async fn two_people_have_one_conversation() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    assert_eq!(talk(&bob, &ada).await, conversation);
    let alone = ada.mutate("startConversation", json!({"userId": ada.id}), "conversation { id }").await;
    assert_eq!(alone.refusals().len(), 1);

    assert_eq!(say(&ada, &conversation, "  Hello\nBob ", "1").await.ok()["message"]["content"]["text"], "Hello\nBob");
    assert_eq!(say(&ada, &conversation, "Are you there?", "2").await.ok()["message"]["number"], 2);
    assert_eq!((unread(&ada, &conversation).await, unread(&bob, &conversation).await), (json!(0), json!(2)));
    assert_eq!(say(&bob, &conversation, "Yes", "1").await.ok()["message"]["number"], 3);
    assert_eq!((unread(&ada, &conversation).await, unread(&bob, &conversation).await), (json!(1), json!(0)));

    let read = |up_to: i32| {
        ada.mutate("markRead", json!({"conversationId": conversation, "upTo": up_to}), "conversation { unreadCount }")
    };
    assert_eq!(read(3).await.ok()["conversation"]["unreadCount"], 0);
    assert_eq!(read(1).await.ok()["conversation"]["unreadCount"], 0, "a marker never goes back");
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_message_sent_twice_is_there_once() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let first = say(&ada, &conversation, "Hello", "key").await.ok();
    let again = say(&ada, &conversation, "Hello", "key").await;
    assert_eq!(again.extensions["replayed"], true);
    assert_eq!(again.ok(), first);
    assert_eq!(first["message"]["clientKey"], "key");
    assert_eq!(say(&ada, &conversation, "Other", "key").await.refusal().0, "IDEMPOTENCY_KEY_REUSED");
    // The key is the author's own business.
    let document =
        "query($id: ID!) { viewer { conversation(id: $id) { messages { totalCount nodes { clientKey } } } } }";
    let seen = bob.send(document, json!({"id": conversation})).await.ok();
    assert_eq!(seen["viewer"]["conversation"]["messages"], json!({"totalCount": 1, "nodes": [{"clientKey": null}]}));
    for (text, code) in [(" ".to_owned(), "BLANK"), ("x".repeat(4_001), "TOO_LONG"), ("a\u{0}b".into(), "INVALID")] {
        assert_eq!(say(&ada, &conversation, &text, code).await.refusal(), (code.into(), "text".into()));
    }
}

#[actix_web::test]
async fn a_shop_is_written_to_about_a_product() {
    let app = TestApp::start().await;
    let (sally, bob) = (app.sign_up("Sally").await, app.sign_up("Bob").await);
    let shop = sally.open_shop("Candles").await;
    let goods = sally.sell(&shop, "Holder", "1.00", 1).await;
    let input = json!({"productId": goods.product, "text": "Is it heavy?", "idempotencyKey": "k"});
    let contacted =
        bob.mutate("contactShop", input, "conversation { id kind shop { name } product { title } } message { number }");
    let contacted = contacted.await.ok();
    assert_eq!(contacted["conversation"]["shop"]["name"], "Candles");
    let conversation = contacted["conversation"]["id"].as_str().unwrap();

    let document =
        "{ viewer { shops { conversations { nodes { id unreadCount lastMessage { author { displayName } } } } } } }";
    let desk = sally.query(document).await.ok()["viewer"]["shops"][0]["conversations"]["nodes"][0].clone();
    assert_eq!((&desk["id"], &desk["unreadCount"]), (&json!(conversation), &json!(1)));
    assert_eq!(say(&sally, conversation, "No", "k").await.ok()["message"]["number"], 2);
    assert_eq!(unread(&bob, conversation).await, json!(1));
    assert_eq!(unread(&sally, conversation).await, json!(0));
}

#[actix_web::test]
async fn strangers_learn_nothing_of_a_conversation() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let conversation = talk(&ada, &bob).await;
    let message = say(&ada, &conversation, "Hello", "k").await.ok()["message"]["id"].clone();
    for client in [&app.guest(), &eve.client] {
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }";
        let nodes = client.send(document, json!({"ids": [conversation, message]})).await.ok();
        assert_eq!(nodes["nodes"], json!([null, null]));
    }
    assert_eq!(say(&eve, &conversation, "Hello", "k").await.refusal(), ("NOT_FOUND".into(), "conversationId".into()));
    let input = json!({"conversationId": conversation, "upTo": 1});
    assert_eq!(eve.mutate("markRead", input, "conversation { id }").await.refusal().0, "NOT_FOUND");
    let document = "query($id: ID!) { viewer { conversation(id: $id) { id } } }";
    assert_eq!(eve.send(document, json!({"id": conversation})).await.ok()["viewer"]["conversation"], Value::Null);
}
