//! What somebody's other devices hear of how they keep their conversations, and nobody else does.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{keep, say, talk};
use crate::harness::{Client, TestApp, app::Person, cluster::count};

const EVENTS: &str = "{ viewer { events(first: 100) { nodes { __typename ... on ConversationStateChanged { cursor \
                      conversation { id unreadCount isArchived isPinned isMuted } } } } } }";
const ROWS: &str =
    "SELECT count(*) FROM events WHERE kind IN ('messages.conversation_state_changed', 'messages.participant_changed')";

/// What somebody has heard of how they keep conversations, once everything is in the log.
async fn heard(app: &TestApp, client: &Client) -> Vec<Value> {
    while count(&mut app.connect(), "SELECT count(*) FROM event_outbox") > 0 {
        sleep(Duration::from_millis(20)).await;
    }
    let nodes = client.query(EVENTS).await.ok()["viewer"]["events"]["nodes"].as_array().unwrap().clone();
    nodes.into_iter().filter(|node| node["__typename"] == "ConversationStateChanged").collect()
}

async fn read(client: &Client, conversation: &str, up_to: i32) {
    let input = json!({"conversationId": conversation, "upTo": up_to});
    client.mutate("markRead", input, "conversation { id }").await.ok();
}

async fn unread(client: &Client, message: &Value) {
    client.mutate("markConversationUnread", json!({"fromMessageId": message["id"]}), "conversation { id }").await.ok();
}

async fn pair(app: &TestApp) -> (Person, Person, String) {
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    (ada, bob, conversation)
}

#[actix_web::test]
async fn what_is_read_marked_pinned_put_away_or_muted_is_told_to_oneself_once() {
    let app = TestApp::start().await;
    let (ada, bob, conversation) = pair(&app).await;
    let message = say(&ada, &conversation, "one").await;
    read(&bob, &conversation, 1).await;
    unread(&bob, &message).await;
    for settings in [
        json!({"isArchived": true}),
        json!({"isPinned": true}),
        json!({"mutedUntil": (app.app().now() + TimeDelta::hours(1)).to_rfc3339()}),
        json!({"isArchived": false, "isPinned": false, "mutedUntil": null}),
    ] {
        // Once more changes nothing, and is not told.
        for _ in 0..2 {
            keep(&bob, &conversation, settings.clone()).await.ok();
        }
    }
    read(&bob, &conversation, 1).await;
    read(&bob, &conversation, 1).await;
    read(&bob, &conversation, 0).await;
    let told = heard(&app, &bob).await;
    assert_eq!(told.len(), 7, "{told:#?}");
    // As it is by now.
    let kept = json!({"id": conversation, "unreadCount": 0, "isArchived": false, "isPinned": false, "isMuted": false});
    assert!(told.iter().all(|event| event["conversation"] == kept && event["cursor"].is_string()), "{told:#?}");
    assert_eq!(count(&mut app.connect(), ROWS), 7, "each change is one event");
    unread(&bob, &message).await;
    unread(&bob, &message).await;
    assert_eq!(heard(&app, &bob).await.len(), 8);
    assert!(heard(&app, &ada).await.is_empty(), "it is nobody else's affair");
}

#[actix_web::test]
async fn what_a_member_reads_at_the_desk_is_told_to_them_and_to_no_other_member() {
    let app = TestApp::start().await;
    let (nora, jonas, ada) = (app.sign_up("Nora").await, app.sign_up("Jonas").await, app.sign_up("Ada").await);
    let shop = nora.open_shop("Lamps").await;
    let lamp = nora.sell(&shop, "Lamp", "4.00", 9).await;
    let member = json!({"shopId": shop, "userId": jonas.id, "role": "SUPPORT"});
    nora.mutate("addShopMember", member, "member { role }").await.ok();
    let asked = json!({"productId": lamp.product, "text": "Is it green?", "idempotencyKey": "ask"});
    let asked = ada.mutate("contactShop", asked, "conversation { id } message { id }").await.ok();
    let conversation = asked["conversation"]["id"].as_str().unwrap();
    read(&nora, conversation, 1).await;
    read(&nora, conversation, 1).await;
    unread(&nora, &asked["message"]).await;
    keep(&nora, conversation, json!({"isArchived": true})).await.ok();
    // Who has no marker has nothing to mark.
    unread(&jonas, &asked["message"]).await;
    assert_eq!(heard(&app, &nora).await.len(), 3);
    assert!(heard(&app, &jonas).await.is_empty());
    assert!(heard(&app, &ada).await.is_empty());
    // Who has left hears nothing more of it.
    let gone = json!({"shopId": shop, "userId": jonas.id});
    keep(&jonas, conversation, json!({"isPinned": true})).await.ok();
    assert_eq!(heard(&app, &jonas).await.len(), 1);
    nora.mutate("removeShopMember", gone, "desk { id }").await.ok();
    assert!(heard(&app, &jonas).await.is_empty());
}
