//! The stream of one conversation: what it tells, to whom, from where, and when it ends.

use std::{collections::BTreeSet, time::Duration};

use agora::platform::events::Cursor;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    groups::{bring, group, leave, set_role, to_person},
    say, talk,
};
use crate::harness::{
    Client, TestApp,
    cluster::count,
    events::{EventStream, Heard},
    socket::{Said, Socket},
};

const EVENTS: &str = "subscription($id: ID!, $after: String) { conversationEvents(id: $id, after: $after) { __typename \
                      ... on MessageSent { cursor message { number content { ... on TextContent { text } } } } \
                      ... on MessageChanged { cursor change message { number content { __typename ... on TextContent { text } } } } \
                      ... on ParticipantChanged { cursor participant { user { displayName } role lastReadNumber lastDeliveredNumber } } \
                      ... on Typing { until user { displayName } conversation { id } } \
                      ... on Heartbeat { cursor } ... on Gap { resumeCursor } } }";

pub async fn types(client: &Client, conversation: &str) {
    client.mutate("sendTyping", json!({"conversationId": conversation}), "conversation { id }").await.ok();
}

async fn listen(client: &Client, conversation: &str, after: &Value) -> Socket {
    let mut socket = Socket::connect(client, json!({})).await;
    socket.subscribe("1", EVENTS, json!({"id": conversation, "after": after})).await;
    socket
}

/// A stream that has begun with nothing to catch up with.
pub async fn live(app: &TestApp, client: &Client, conversation: &str) -> Socket {
    for _ in 0..200 {
        if count(&mut app.connect(), "SELECT count(*) FROM event_outbox") == 0 {
            break;
        }
        sleep(Duration::from_millis(25)).await;
    }
    let cursor = client.query("{ viewer { eventCursor } }").await.ok()["viewer"]["eventCursor"].clone();
    let mut socket = listen(client, conversation, &cursor).await;
    assert_eq!(socket.next("1").await["conversationEvents"]["__typename"], "Heartbeat");
    socket
}

/// The next event that is no heartbeat, of which there may be one at any time.
pub async fn next(socket: &mut Socket) -> Value {
    loop {
        let event = socket.next("1").await["conversationEvents"].take();
        if event["__typename"] != "Heartbeat" {
            return event;
        }
    }
}

/// What the next message says.
pub async fn heard(socket: &mut Socket) -> String {
    let event = next(socket).await;
    event["message"]["content"]["text"].as_str().unwrap_or_else(|| panic!("{event:#}")).to_owned()
}

/// Whom the stream tells of until it tells a message: typing or changed, and who.
async fn until_message(socket: &mut Socket, text: &str) -> BTreeSet<(String, String)> {
    let mut told = BTreeSet::new();
    loop {
        let event = next(socket).await;
        let kind = event["__typename"].as_str().unwrap().to_owned();
        let name = |user: &Value| user["displayName"].as_str().unwrap_or_else(|| panic!("{event:#}")).to_owned();
        match kind.as_str() {
            "MessageSent" if event["message"]["content"]["text"] == text => return told,
            "Typing" => told.insert((kind, name(&event["user"]))),
            "ParticipantChanged" => told.insert((kind, name(&event["participant"]["user"]))),
            _ => false,
        };
    }
}

/// That the stream ends for who takes part no more.
async fn assert_over(socket: &mut Socket) {
    loop {
        let Said::Message(message) = socket.receive().await else { panic!("the socket is closed") };
        if message["type"] == "error" {
            assert_eq!(message["payload"][0]["extensions"]["code"], "NOT_FOUND", "{message:#}");
            return;
        }
        let event = &message["payload"]["data"]["conversationEvents"];
        // Others may have gone before.
        let is_step = event["__typename"] == "MessageSent" && event["message"]["content"].is_null();
        assert!(is_step || event["__typename"] == "Heartbeat", "{message:#}");
    }
}

/// That a stream does not begin.
async fn assert_refused(client: &Client, conversation: &str, code: &str) {
    let mut socket = listen(client, conversation, &Value::Null).await;
    let Said::Message(message) = socket.receive().await else { panic!("the socket is closed") };
    assert_eq!(message["type"], "error", "{message:#}");
    assert_eq!(message["payload"][0]["extensions"]["code"], code, "{message:#}");
}

#[actix_web::test]
async fn a_conversation_is_told_apart_from_all_others_and_goes_on_where_it_was_left() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let (conversation, other) = (talk(&ada, &bob).await, talk(&bob, &eve).await);
    let mut socket = live(&app, &bob, &conversation).await;
    say(&eve, &other, "elsewhere").await;
    say(&ada, &conversation, "one").await;
    let first = next(&mut socket).await;
    assert_eq!((&first["message"]["content"]["text"], &first["message"]["number"]), (&json!("one"), &json!(1)));
    drop(socket);
    say(&ada, &conversation, "two").await;
    say(&eve, &other, "elsewhere, too").await;
    say(&bob, &conversation, "three").await;
    let mut resumed = listen(&bob, &conversation, &first["cursor"]).await;
    assert_eq!(heard(&mut resumed).await, "two");
    assert_eq!(heard(&mut resumed).await, "three");
    say(&ada, &conversation, "four").await;
    assert_eq!(heard(&mut resumed).await, "four");

    // The same over server-sent events, with cursors as ids.
    let body = json!({"query": EVENTS, "variables": {"id": conversation}});
    let request = bob.post(&body).header("last-event-id", first["cursor"].as_str().unwrap());
    let mut stream = EventStream::open(request).await;
    for text in ["two", "three", "four"] {
        let heard = stream.hear().await;
        let Heard::Next { id: Some(_), data } = &heard else { panic!("{heard:?}") };
        assert_eq!(data["data"]["conversationEvents"]["message"]["content"]["text"], text);
    }

    let elsewhere = Cursor { epoch: Uuid::nil(), position: 1 }.to_string();
    let mut lost = listen(&bob, &conversation, &json!(elsewhere)).await;
    assert_eq!(next(&mut lost).await["__typename"], "Gap");
}

#[actix_web::test]
async fn a_conversation_is_there_for_nobody_else() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let conversation = talk(&ada, &bob).await;
    assert_refused(&eve, &conversation, "NOT_FOUND").await;
    assert_refused(&app.guest(), &conversation, "UNAUTHENTICATED").await;
    let refused = eve.mutate("sendTyping", json!({"conversationId": conversation}), "conversation { id }").await;
    assert_eq!(refused.refusal(), ("NOT_FOUND".into(), "conversationId".into()));
    let mut broken = listen(&ada, &conversation, &json!("nonsense")).await;
    let Said::Message(message) = broken.receive().await else { panic!("the socket is closed") };
    assert_eq!(message["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[actix_web::test]
async fn who_blocks_somebody_hears_no_more_at_once_and_the_other_one_notices_nothing() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let (conversation, other) = (talk(&ada, &bob).await, talk(&ada, &eve).await);
    let (mut adas, mut bobs) = (live(&app, &ada, &conversation).await, live(&app, &bob, &conversation).await);
    let mut elsewhere = live(&app, &ada, &other).await;
    ada.mutate("blockUser", json!({"userId": bob.id}), "user { id }").await.ok();
    assert_over(&mut adas).await;
    assert_refused(&ada, &conversation, "NOT_FOUND").await;
    types(&bob, &conversation).await;
    say(&bob, &conversation, "hello?").await;
    assert_eq!(until_message(&mut bobs, "hello?").await, BTreeSet::new());
    // What else she hears goes on.
    say(&eve, &other, "hello").await;
    assert_eq!(heard(&mut elsewhere).await, "hello");
    // Once she hears of him again, there is a stream again.
    ada.mutate("unblockUser", json!({"userId": bob.id}), "user { id }").await.ok();
    let cursor = ada.query("{ viewer { eventCursor } }").await.ok()["viewer"]["eventCursor"].clone();
    let mut again = listen(&ada, &conversation, &cursor).await;
    say(&bob, &conversation, "back?").await;
    assert_eq!(heard(&mut again).await, "back?");
}

#[actix_web::test]
async fn members_hear_of_their_shop_from_when_they_come_until_they_leave() {
    let app = TestApp::start().await;
    let (sally, mary, bob) = (app.sign_up("Sally").await, app.sign_up("Mary").await, app.sign_up("Bob").await);
    let shop = sally.open_shop("Candles").await;
    let goods = sally.sell(&shop, "Holder", "1.00", 5).await;
    let mut everything = Socket::connect(&mary, json!({})).await;
    let document = "subscription { events { __typename ... on MessageSent { message { content { ... on TextContent { text } } } } } }";
    everything.subscribe("1", document, json!({})).await;
    assert_eq!(everything.next("1").await["events"]["__typename"], "Heartbeat");
    let ask = json!({"productId": goods.product, "text": "before", "idempotencyKey": "before"});
    let asked = bob.mutate("contactShop", ask, "conversation { id }").await.ok();
    let conversation = asked["conversation"]["id"].as_str().unwrap();
    assert_refused(&mary, conversation, "NOT_FOUND").await;

    let member = json!({"shopId": shop, "userId": mary.id, "role": "SUPPORT"});
    sally.mutate("addShopMember", member, "member { role }").await.ok();
    say(&bob, conversation, "now").await;
    let told = loop {
        let event = everything.next("1").await["events"].take();
        if event["__typename"] != "Heartbeat" {
            break event;
        }
    };
    assert_eq!(told["message"]["content"]["text"], "now", "an open stream tells of a shop from when one works for it");

    for change in ["role", "membership"] {
        let (mut marys, mut sallys) = (live(&app, &mary, conversation).await, live(&app, &sally, conversation).await);
        say(&bob, conversation, change).await;
        assert_eq!(heard(&mut marys).await, change);
        assert_eq!(heard(&mut sallys).await, change);
        if change == "role" {
            let role = |role: &str| json!({"shopId": shop, "userId": mary.id, "role": role});
            sally.mutate("setShopMemberRole", role("FULFILLMENT"), "member { role }").await.ok();
            assert_over(&mut marys).await;
            sally.mutate("setShopMemberRole", role("SUPPORT"), "member { role }").await.ok();
        } else {
            sally.mutate("removeShopMember", json!({"shopId": shop, "userId": mary.id}), "desk { id }").await.ok();
            assert_over(&mut marys).await;
        }
        say(&bob, conversation, &format!("after the {change}")).await;
        assert_eq!(heard(&mut sallys).await, format!("after the {change}"));
    }
}

#[actix_web::test]
async fn a_stream_ends_with_the_session() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let mut socket = live(&app, &ada, &conversation).await;
    ada.query("mutation { signOut { userErrors { code } } }").await.ok();
    assert_eq!(socket.receive().await, Said::Closed(4401));
}

#[actix_web::test]
async fn how_far_somebody_has_read_is_told_unless_they_keep_it_to_themself() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    say(&ada, &conversation, "one").await;
    say(&ada, &conversation, "two").await;
    let (mut adas, mut bobs) = (live(&app, &ada, &conversation).await, live(&app, &bob, &conversation).await);
    let read = async |up_to: i32| {
        let input = json!({"conversationId": conversation, "upTo": up_to});
        bob.mutate("markRead", input, "conversation { unreadCount }").await.ok();
    };
    read(1).await;
    // What changes nothing is told to nobody.
    read(1).await;
    read(0).await;
    say(&ada, &conversation, "three").await;
    let changed = BTreeSet::from([("ParticipantChanged".to_owned(), "Bob".to_owned())]);
    assert_eq!(until_message(&mut adas, "three").await, changed);
    assert_eq!(until_message(&mut bobs, "three").await, changed);
    let rows = "SELECT count(*) FROM events WHERE kind = 'messages.participant_changed'";
    assert_eq!(count(&mut app.connect(), rows), 1);

    bob.mutate("updatePreferences", json!({"hasReadReceipts": false}), "preferences { hasReadReceipts }").await.ok();
    read(3).await;
    say(&ada, &conversation, "four").await;
    assert_eq!(until_message(&mut adas, "four").await, BTreeSet::new());
    // His other devices may know.
    assert_eq!(until_message(&mut bobs, "four").await, changed);
}

#[actix_web::test]
async fn who_is_typing_is_told_in_every_process_and_kept_nowhere() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let beside = app.start_beside(|_| {}).await;
    let elsewhere = beside.guest().with_token(bob.token.as_deref().unwrap());
    let (mut here, mut there) = (live(&app, &bob, &conversation).await, live(&app, &elsewhere, &conversation).await);
    let mut own = live(&app, &ada, &conversation).await;
    let kept = "SELECT (SELECT count(*) FROM event_outbox) + (SELECT count(*) FROM events) AS count";
    let before = count(&mut app.connect(), kept);
    // At once, and again and again: it is told once.
    for _ in 0..5 {
        types(&ada, &conversation).await;
    }
    for socket in [&mut here, &mut there] {
        let event = next(socket).await;
        assert_eq!((&event["__typename"], &event["user"]["displayName"]), (&json!("Typing"), &json!("Ada")));
        assert_eq!(event["conversation"]["id"], conversation.as_str());
        assert_eq!(event["until"], "2026-11-20T12:00:06+00:00");
    }
    assert_eq!(count(&mut app.connect(), kept), before);
    say(&ada, &conversation, "there").await;
    for socket in [&mut here, &mut there, &mut own] {
        assert_eq!(until_message(socket, "there").await, BTreeSet::new());
    }
    // Later it is news again.
    sleep(Duration::from_millis(3_200)).await;
    types(&ada, &conversation).await;
    assert_eq!(next(&mut here).await["__typename"], "Typing");
    beside.stop().await;
}

#[actix_web::test]
async fn who_shows_it_to_nobody_is_not_told_to_be_typing() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let mut bobs = live(&app, &bob, &conversation).await;
    let hidden = json!({"hasTypingIndicators": false});
    ada.mutate("updatePreferences", hidden, "preferences { hasTypingIndicators }").await.ok();
    types(&ada, &conversation).await;
    say(&ada, &conversation, "there").await;
    assert_eq!(until_message(&mut bobs, "there").await, BTreeSet::new());
}

#[actix_web::test]
async fn who_leaves_a_group_or_is_removed_hears_no_more_at_once() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Eve").await);
    let garden = group(&ada, "Garden").await;
    assert_refused(&bob, &garden, "NOT_FOUND").await;
    let mut adas = live(&app, &ada, &garden).await;
    bring(&ada, &garden, &bob).await;
    bring(&ada, &garden, &eve).await;
    let (mut bobs, mut eves) = (live(&app, &bob, &garden).await, live(&app, &eve, &garden).await);
    set_role(&ada, &garden, &eve, "MODERATOR").await.ok();
    say(&ada, &garden, "hello").await;
    let changed = |names: &[&str]| -> BTreeSet<_> {
        names.iter().map(|name| ("ParticipantChanged".to_owned(), (*name).to_owned())).collect()
    };
    // Steps are messages; who came in, and with which role, is told besides.
    assert_eq!(until_message(&mut adas, "hello").await, changed(&["Bob", "Eve"]));
    assert_eq!(until_message(&mut bobs, "hello").await, changed(&["Eve"]));
    assert_eq!(until_message(&mut eves, "hello").await, changed(&["Eve"]));

    leave(&bob, &garden).await.ok();
    assert_over(&mut bobs).await;
    to_person(&ada, "removeFromGroup", &garden, &eve).await.ok();
    assert_over(&mut eves).await;
    for gone in [&bob, &eve] {
        assert_refused(gone, &garden, "NOT_FOUND").await;
    }
    say(&ada, &garden, "alone").await;
    assert_eq!(until_message(&mut adas, "alone").await, BTreeSet::new());
}

#[actix_web::test]
async fn who_comes_in_hears_nothing_of_what_was_said_before_whatever_their_cursor() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let garden = group(&ada, "Garden").await;
    let cursor = bob.query("{ viewer { eventCursor } }").await.ok()["viewer"]["eventCursor"].clone();
    say(&ada, &garden, "before").await;
    bring(&ada, &garden, &bob).await;
    say(&ada, &garden, "after").await;
    let mut bobs = listen(&bob, &garden, &cursor).await;
    loop {
        let event = next(&mut bobs).await;
        assert_ne!(event["message"]["content"]["text"], "before", "{event:#}");
        if event["message"]["content"]["text"] == "after" {
            return;
        }
    }
}

#[actix_web::test]
async fn what_becomes_of_messages_and_how_far_they_have_come_is_told() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let conversation = talk(&ada, &bob).await;
    let message = say(&ada, &conversation, "one").await;
    say(&ada, &conversation, "two").await;
    let mut adas = live(&app, &ada, &conversation).await;
    let input = json!({"messageId": message["id"], "expectedVersion": 1, "text": "won"});
    ada.mutate("editMessage", input, "message { version }").await.ok();
    let edited = next(&mut adas).await;
    assert_eq!((&edited["__typename"], &edited["change"]), (&json!("MessageChanged"), &json!("EDITED")));
    assert_eq!(edited["message"]["content"]["text"], "won");
    ada.mutate("deleteMessage", json!({"messageId": message["id"]}), "message { id }").await.ok();
    assert_eq!(next(&mut adas).await["change"], "DELETED");

    for (mutation, up_to, read, delivered) in [("markDelivered", 2, 0, 2), ("markRead", 1, 1, 2), ("markRead", 2, 2, 2)]
    {
        let input = json!({"conversationId": conversation, "upTo": up_to});
        for _ in 0..2 {
            bob.mutate(mutation, input.clone(), "conversation { id }").await.ok();
        }
        let told = next(&mut adas).await["participant"].clone();
        assert_eq!(told["user"]["displayName"], "Bob");
        assert_eq!((&told["lastReadNumber"], &told["lastDeliveredNumber"]), (&json!(read), &json!(delivered)));
    }
    // What he marks unread is nobody's affair, nor that he reads it again.
    let newest = say(&ada, &conversation, "three").await;
    assert_eq!(heard(&mut adas).await, "three");
    bob.mutate("markRead", json!({"conversationId": conversation, "upTo": 3}), "conversation { id }").await.ok();
    assert_eq!(next(&mut adas).await["participant"]["lastReadNumber"], 3);
    bob.mutate("markConversationUnread", json!({"fromMessageId": newest["id"]}), "conversation { id }").await.ok();
    bob.mutate("markRead", json!({"conversationId": conversation, "upTo": 3}), "conversation { id }").await.ok();
    say(&ada, &conversation, "four").await;
    assert_eq!(heard(&mut adas).await, "four");
}
