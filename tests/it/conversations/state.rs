//! How people keep their conversations, how far these have come to them, and what they tell of it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{keep, say, see, talk};
use crate::{
    harness::{Client, TestApp, app::Person},
    privacy::sign_in,
};

async fn badges(client: &Client) -> (i64, i64) {
    let data = client.query("{ viewer { badges { unreadConversations unreadMessages } } }").await.ok();
    let badges = &data["viewer"]["badges"];
    (badges["unreadConversations"].as_i64().unwrap(), badges["unreadMessages"].as_i64().unwrap())
}

async fn listed(client: &Client, filter: &str) -> Vec<String> {
    let document = format!("{{ viewer {{ conversations(filter: {filter}) {{ totalCount nodes {{ id }} }} }} }}");
    let list = client.query(&document).await.ok()["viewer"]["conversations"].clone();
    let nodes = list["nodes"].as_array().unwrap();
    assert_eq!(list["totalCount"], nodes.len(), "{filter}");
    nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

async fn pinned(client: &Client) -> Vec<String> {
    let data = client.query("{ viewer { pinnedConversations { id isPinned } } }").await.ok();
    let nodes = data["viewer"]["pinnedConversations"].as_array().unwrap().clone();
    assert!(nodes.iter().all(|node| node["isPinned"] == true), "{nodes:?}");
    nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

/// How far the conversation has come to somebody, as another one is told: delivered and read.
async fn told(client: &Client, conversation: &str, of: &Person) -> (Value, Value) {
    let seen = see(client, conversation, "participants { user { id } lastReadNumber lastDeliveredNumber }").await;
    let people = seen["participants"].as_array().unwrap().clone();
    let found = people.into_iter().find(|person| person["user"]["id"] == of.id.as_str()).unwrap();
    (found["lastDeliveredNumber"].clone(), found["lastReadNumber"].clone())
}

async fn mark(client: &Client, mutation: &str, conversation: &str, up_to: i32) {
    let input = json!({"conversationId": conversation, "upTo": up_to});
    client.mutate(mutation, input, "conversation { id }").await.ok();
}

#[actix_web::test]
async fn what_is_put_away_or_muted_counts_on_no_badge() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let (of_bob, of_eve) = (talk(&bob, &ada).await, talk(&eve, &ada).await);
    assert_eq!(badges(&ada).await, (0, 0));
    for text in ["one", "two"] {
        say(&bob, &of_bob, text).await;
    }
    say(&eve, &of_eve, "three").await;
    assert_eq!((badges(&ada).await, badges(&bob).await), ((2, 3), (0, 0)));

    let until = (app.app().now() + TimeDelta::hours(1)).to_rfc3339();
    let muted = keep(&ada, &of_bob, json!({"mutedUntil": until})).await.ok()["conversation"].clone();
    assert_eq!(muted["isMuted"], true);
    assert_eq!(badges(&ada).await, (1, 1));
    keep(&ada, &of_eve, json!({"isArchived": true})).await.ok();
    assert_eq!(badges(&ada).await, (0, 0));
    // What is written does not bring it back, and nothing of it is anybody else's.
    say(&eve, &of_eve, "four").await;
    assert_eq!(see(&ada, &of_eve, "isArchived unreadCount").await, json!({"isArchived": true, "unreadCount": 2}));
    assert_eq!(see(&eve, &of_eve, "isArchived isMuted").await, json!({"isArchived": false, "isMuted": false}));

    app.advance(TimeDelta::hours(2));
    let ada = sign_in(&app, &ada.email).await;
    assert_eq!(badges(&ada).await, (1, 2), "the time is over");
    assert_eq!(see(&ada, &of_bob, "isMuted mutedUntil").await, json!({"isMuted": false, "mutedUntil": null}));
    keep(&ada, &of_eve, json!({"isArchived": false, "mutedUntil": null})).await.ok();
    assert_eq!(badges(&ada).await, (2, 4));
    for until in ["2020-01-01T00:00:00Z", "+10000-01-01T00:00:00Z"] {
        let refused = keep(&ada, &of_bob, json!({"mutedUntil": until})).await;
        if refused.errors.is_empty() {
            assert_eq!(refused.refusal(), ("OUT_OF_RANGE".into(), "mutedUntil".into()), "{until}");
        }
    }
}

#[actix_web::test]
async fn lists_can_be_narrowed() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let shop = eve.open_shop("Corner").await;
    let goods = eve.sell(&shop, "Lamp", "1.00", 1).await;
    let ask = json!({"productId": goods.product, "text": "Is it green?", "idempotencyKey": "ask"});
    let asked = ada.mutate("contactShop", ask, "conversation { id }").await.ok()["conversation"]["id"].clone();
    let asked = asked.as_str().unwrap().to_owned();
    let mut direct = Vec::new();
    for (number, other) in [&bob, &eve].into_iter().enumerate() {
        app.advance(TimeDelta::seconds(1));
        let conversation = talk(other, &ada).await;
        say(other, &conversation, &format!("Hello {number}")).await;
        direct.insert(0, conversation);
    }
    let all = vec![direct[0].clone(), direct[1].clone(), asked.clone()];
    keep(&ada, &direct[0], json!({"isArchived": true})).await.ok();
    keep(&ada, &direct[1], json!({"isPinned": true})).await.ok();
    for (filter, expected) in [
        ("{}", all.clone()),
        ("{kind: DIRECT}", direct.clone()),
        ("{kind: SHOP}", vec![asked.clone()]),
        ("{isArchived: true}", vec![direct[0].clone()]),
        ("{isArchived: false}", vec![direct[1].clone(), asked.clone()]),
        ("{isPinned: false}", vec![direct[0].clone(), asked.clone()]),
        ("{isUnread: true}", direct.clone()),
        ("{isUnread: false}", vec![asked.clone()]),
        ("{isUnread: true, isArchived: false, isPinned: true}", vec![direct[1].clone()]),
    ] {
        assert_eq!(listed(&ada, filter).await, expected, "{filter}");
    }
    // A cursor belongs to one filter.
    let page = "{ viewer { conversations(first: 1) { pageInfo { endCursor } } } }";
    let cursor = ada.query(page).await.ok()["viewer"]["conversations"]["pageInfo"]["endCursor"].clone();
    let next =
        format!("{{ viewer {{ conversations(after: {cursor}, filter: {{isUnread: true}}) {{ nodes {{ id }} }} }} }}");
    assert_eq!(ada.query(&next).await.code(), "BAD_USER_INPUT");
}

#[actix_web::test]
async fn ten_conversations_are_pinned_at_the_most() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut conversations = Vec::new();
    let mut people = Vec::new();
    for number in 0..11 {
        let other = app.sign_up(&format!("Other{number}")).await;
        conversations.push(talk(&ada, &other).await);
        people.push(other);
    }
    for conversation in &conversations[..10] {
        app.advance(TimeDelta::seconds(1));
        keep(&ada, conversation, json!({"isPinned": true})).await.ok();
    }
    let refused = keep(&ada, &conversations[10], json!({"isPinned": true})).await;
    assert_eq!(refused.refusal(), ("TOO_MANY".into(), "isPinned".into()));
    // Once more changes nothing, neither the place.
    keep(&ada, &conversations[0], json!({"isPinned": true})).await.ok();
    let mut newest_first = conversations[..10].to_vec();
    newest_first.reverse();
    assert_eq!(pinned(&ada).await, newest_first);

    keep(&ada, &conversations[3], json!({"isPinned": false})).await.ok();
    app.advance(TimeDelta::seconds(1));
    keep(&ada, &conversations[10], json!({"isPinned": true})).await.ok();
    assert_eq!(pinned(&ada).await.len(), 10);
    assert_eq!(pinned(&ada).await[0], conversations[10]);
    // What she does not see any more takes no place.
    ada.mutate("blockUser", json!({"userId": people[0].id}), "user { id }").await.ok();
    keep(&ada, &conversations[3], json!({"isPinned": true})).await.ok();
    assert_eq!(pinned(&ada).await.len(), 10);
    let refused = keep(&ada, &conversations[0], json!({"isPinned": false})).await;
    assert_eq!(refused.refusal(), ("NOT_FOUND".into(), "conversationId".into()));
}

#[actix_web::test]
async fn of_two_pins_at_once_one_is_too_many() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let mut conversations = Vec::new();
    for number in 0..11 {
        let other = app.sign_up(&format!("Other{number}")).await;
        conversations.push(talk(&ada, &other).await);
    }
    for conversation in &conversations[..9] {
        keep(&ada, conversation, json!({"isPinned": true})).await.ok();
    }
    let (one, other) = futures_util::join!(
        keep(&ada, &conversations[9], json!({"isPinned": true})),
        keep(&ada, &conversations[10], json!({"isPinned": true}))
    );
    let refused = one.refusals().len() + other.refusals().len();
    assert_eq!((refused, pinned(&ada).await.len()), (1, 10));
}

#[actix_web::test]
async fn receipts_tell_what_has_come_and_what_was_read() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let mut messages = Vec::new();
    for text in ["one", "two", "three"] {
        messages.push(say(&ada, &conversation, text).await["id"].clone());
    }
    assert_eq!(told(&ada, &conversation, &bob).await, (json!(0), json!(0)));
    mark(&bob, "markDelivered", &conversation, 99).await;
    mark(&bob, "markDelivered", &conversation, 1).await;
    assert_eq!(told(&ada, &conversation, &bob).await, (json!(3), json!(0)));
    assert_eq!(see(&bob, &conversation, "unreadCount").await["unreadCount"], 3, "it has come, and nobody read it");
    mark(&bob, "markRead", &conversation, 3).await;
    assert_eq!(told(&ada, &conversation, &bob).await, (json!(3), json!(3)));

    // What is made unread is so for oneself alone.
    let unread = json!({"fromMessageId": messages[1]});
    let seen = bob.mutate("markConversationUnread", unread, "conversation { unreadCount lastReadNumber }").await.ok();
    assert_eq!(seen["conversation"], json!({"unreadCount": 2, "lastReadNumber": 1}));
    assert_eq!((badges(&bob).await, told(&ada, &conversation, &bob).await), ((1, 2), (json!(3), json!(3))));
    let unread = json!({"fromMessageId": messages[2]});
    bob.mutate("markConversationUnread", unread, "conversation { id }").await.ok();
    assert_eq!(badges(&bob).await, (1, 2), "it does not move forward");
    say(&bob, &conversation, "four").await;
    assert_eq!(badges(&bob).await, (0, 0), "who writes has read");

    let below = json!({"conversationId": conversation, "upTo": -1});
    assert_eq!(bob.mutate("markDelivered", below, "").await.refusal(), ("OUT_OF_RANGE".into(), "upTo".into()));
}

#[actix_web::test]
async fn who_wishes_keeps_to_themself_how_far_they_have_read() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    say(&ada, &conversation, "one").await;
    mark(&bob, "markRead", &conversation, 1).await;
    let private = json!({"hasReadReceipts": false});
    bob.mutate("updatePreferences", private, "preferences { hasReadReceipts }").await.ok();
    assert_eq!(told(&ada, &conversation, &bob).await, (Value::Null, Value::Null));
    assert_eq!(told(&bob, &conversation, &bob).await, (json!(1), json!(1)), "they know it themself");
    assert_eq!(told(&bob, &conversation, &ada).await.1, json!(1));
}

#[actix_web::test]
async fn strangers_and_former_members_keep_nothing() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let conversation = talk(&ada, &bob).await;
    let message = say(&ada, &conversation, "one").await["id"].clone();
    let hidden = ("NOT_FOUND".to_owned(), "conversationId".to_owned());
    assert_eq!(keep(&eve, &conversation, json!({"isPinned": true})).await.refusal(), hidden);
    let input = json!({"conversationId": conversation, "upTo": 1});
    assert_eq!(eve.mutate("markDelivered", input, "").await.refusal(), hidden);
    let refused = eve.mutate("markConversationUnread", json!({"fromMessageId": message}), "").await;
    assert_eq!(refused.refusal(), ("NOT_FOUND".into(), "fromMessageId".into()));

    // A member of a shop keeps its conversations as they like, until they leave.
    let shop = ada.open_shop("Corner").await;
    let goods = ada.sell(&shop, "Lamp", "1.00", 1).await;
    ada.mutate("addShopMember", json!({"shopId": shop, "userId": eve.id, "role": "SUPPORT"}), "member { role }")
        .await
        .ok();
    let ask = json!({"productId": goods.product, "text": "Is it green?", "idempotencyKey": "ask"});
    let asked = bob.mutate("contactShop", ask, "conversation { id }").await.ok()["conversation"]["id"].clone();
    let asked = asked.as_str().unwrap();
    keep(&eve, asked, json!({"isPinned": true})).await.ok();
    assert_eq!(pinned(&eve).await, [asked]);
    assert_eq!(pinned(&ada).await, [""; 0]);
    // She takes part for the shop, not as a person.
    assert_eq!(badges(&eve).await, (0, 0));
    assert_eq!(
        see(&bob, asked, "participants { user { displayName } }").await["participants"].as_array().unwrap().len(),
        1
    );
    ada.mutate("removeShopMember", json!({"shopId": shop, "userId": eve.id}), "desk { id }").await.ok();
    assert_eq!(pinned(&eve).await, [""; 0]);
}
