//! Telling people of messages who are not looking.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use serde_json::{Value, json};

use super::{
    Market, browser,
    double::{GOOGLE, Got},
    market, register, told,
};
use crate::harness::{Client, app::Person};

/// A market in which the log is watched, with a buyer who has a telephone and a seller who has a browser.
async fn watched() -> Market {
    let market = market().await.with_devices().await;
    market.app.schedule_jobs().await;
    pass(&market, TimeDelta::minutes(6)).await;
    market
}

#[derive(QueryableByName)]
struct Outbox {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Some time goes by, and everything has its place in the log before.
async fn pass(market: &Market, time: TimeDelta) {
    let mut conn = market.app.connect();
    for _ in 0..200 {
        let left: Outbox = sql_query("SELECT count(*) AS count FROM event_outbox").get_result(&mut conn).unwrap();
        if left.count == 0 {
            market.app.advance(time);
            market.app.run_jobs().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the log does not take what happened");
}

/// What is pushed once all that is new was seen: first it is found, then, a little later, sent.
async fn pushed(market: &Market) -> Vec<Got> {
    pass(market, TimeDelta::seconds(4)).await;
    pass(market, TimeDelta::seconds(3)).await;
    market.services.take()
}

async fn start(one: &Client, other: &Person) -> String {
    let started = one.mutate("startConversation", json!({"userId": other.id}), "conversation { id }").await.ok();
    started["conversation"]["id"].as_str().unwrap().to_owned()
}

async fn say(client: &Client, conversation: &str, text: &str) -> i64 {
    let key: String = text.chars().take(40).collect();
    let input = json!({"conversationId": conversation, "text": text, "idempotencyKey": key});
    let sent = client.mutate("sendMessage", input, "message { number }").await.ok();
    sent["message"]["number"].as_i64().unwrap()
}

fn shown(got: &Got) -> (Value, Value) {
    let shown = &got.body["notification"];
    (shown["title"].clone(), shown["body"].clone())
}

#[actix_web::test]
async fn what_is_written_in_a_conversation_wakes_a_device_once_and_says_nothing() {
    let market = watched().await;
    let talk = start(&market.seller, &market.buyer).await;
    for text in ["Hello", "Are you there?", "It is about the lamp"] {
        say(&market.seller, &talk, text).await;
    }
    let got = pushed(&market).await;
    assert_eq!(got.len(), 1, "{got:?}");
    assert_eq!((got[0].device.as_str(), shown(&got[0])), (GOOGLE, (json!("New message"), Value::Null)));
    let data = &got[0].body["data"];
    assert_eq!((&data["badge"], &data["kind"], &data["about"]), (&json!("3"), &json!("MESSAGES"), &json!(talk)));
    assert!(!got[0].body.to_string().contains("lamp"), "{got:?}");
    assert!(pushed(&market).await.is_empty(), "it was told once");
    // Another one takes its place.
    say(&market.seller, &talk, "Hello?").await;
    let again = pushed(&market).await;
    assert_eq!(again[0].body["data"]["collapseKey"], data["collapseKey"]);
    // Nobody has a row for it.
    assert!(told(&market.buyer, json!({})).await.is_empty());
}

#[actix_web::test]
async fn who_wrote_and_what_is_pushed_to_who_wants_that() {
    let market = watched().await;
    let wanted = json!({"hasTextInPushes": true});
    let preferences = market.buyer.mutate("updatePreferences", wanted, "preferences { hasTextInPushes }").await.ok();
    assert_eq!(preferences["preferences"]["hasTextInPushes"], true);
    let talk = start(&market.seller, &market.buyer).await;
    say(&market.seller, &talk, &"Hello ".repeat(100)).await;
    let got = pushed(&market).await;
    let (title, body) = shown(&got[0]);
    assert_eq!(title, "Seller");
    let body = body.as_str().unwrap();
    assert!(body.starts_with("Hello Hello") && body.ends_with('…') && body.chars().count() <= 201, "{body}");
}

#[actix_web::test]
async fn nobody_is_woken_who_has_read_it_muted_it_or_does_not_want_to_hear() {
    let market = watched().await;
    let talk = start(&market.seller, &market.buyer).await;
    let number = say(&market.seller, &talk, "One").await;
    let read = json!({"conversationId": talk, "upTo": number});
    market.buyer.mutate("markRead", read, "conversation { id }").await.ok();
    assert!(pushed(&market).await.is_empty());
    let number = say(&market.seller, &talk, "Two").await;
    pass(&market, TimeDelta::seconds(4)).await;
    let read = json!({"conversationId": talk, "upTo": number});
    market.buyer.mutate("markRead", read, "conversation { id }").await.ok();
    assert!(pushed(&market).await.is_empty(), "it was read before it was sent");
    for (settings, undone) in [
        (json!({"mutedUntil": "9999-01-01T00:00:00Z"}), json!({"mutedUntil": null})),
        (json!({"isArchived": true}), json!({"isArchived": false})),
    ] {
        let change = async |mut input: Value| {
            input["conversationId"] = json!(talk);
            market.buyer.mutate("updateConversationSettings", input, "conversation { id }").await.ok();
        };
        change(settings.clone()).await;
        say(&market.seller, &talk, &settings.to_string()).await;
        assert!(pushed(&market).await.is_empty(), "{settings}");
        change(undone).await;
    }
    let off = json!({"notifications": [{"kind": "MESSAGES", "channels": ["IN_APP", "EMAIL"]}]});
    market.buyer.mutate("updatePreferences", off, "preferences { theme }").await.ok();
    say(&market.seller, &talk, "Three").await;
    assert!(pushed(&market).await.is_empty());
}

#[actix_web::test]
async fn those_who_answer_for_a_shop_are_woken_and_steps_of_orders_wake_nobody_twice() {
    let market = watched().await;
    let ask = json!({"productId": market.goods.product, "text": "Is it green?", "idempotencyKey": "ask"});
    let asked = market.buyer.mutate("contactShop", ask, "conversation { id }").await.ok();
    let got = pushed(&market).await;
    assert_eq!(got.iter().map(|got| got.device.as_str()).collect::<Vec<_>>(), ["seller"]);
    assert_eq!((&got[0].body["title"], &got[0].body["kind"]), (&json!("New message"), &json!("MESSAGES")));
    say(&market.seller, asked["conversation"]["id"].as_str().unwrap(), "It is").await;
    let got = pushed(&market).await;
    assert_eq!(got.iter().map(|got| got.device.as_str()).collect::<Vec<_>>(), [GOOGLE]);
    // The order's own pushes came at once, and what its conversation tells of its steps is no second one.
    market.buy("one").await;
    assert_eq!(market.services.take().len(), 2);
    assert!(pushed(&market).await.is_empty());
}

#[actix_web::test]
async fn what_is_written_at_night_wakes_a_device_once_in_the_morning() {
    let market = watched().await;
    let quiet = json!({"quietHours": {"from": "11:00", "until": "13:00"}, "timeZone": "UTC"});
    market.buyer.mutate("updatePreferences", quiet, "preferences { theme }").await.ok();
    let talk = start(&market.seller, &market.buyer).await;
    for text in ["One", "Two"] {
        say(&market.seller, &talk, text).await;
        assert!(pushed(&market).await.is_empty());
    }
    pass(&market, TimeDelta::hours(1)).await;
    let got = market.services.take();
    assert_eq!((got.len(), &got[0].body["data"]["badge"]), (1, &json!("2")));
}

#[actix_web::test]
async fn who_does_not_come_gets_mail_about_what_waits_four_times_a_day_at_the_most() {
    let market = watched().await;
    let talk = start(&market.seller, &market.buyer).await;
    let digests = |market: &Market| {
        let mails = market.app.mails(&market.buyer.email);
        mails.into_iter().filter(|mail| mail.subject.starts_with("Unread messages")).collect::<Vec<_>>()
    };
    say(&market.seller, &talk, "Hello").await;
    say(&market.seller, &talk, "It is about the lamp").await;
    pass(&market, TimeDelta::minutes(20)).await;
    assert!(digests(&market).is_empty(), "it was written just now");
    for _ in 0..4 {
        pass(&market, TimeDelta::minutes(15)).await;
    }
    let mails = digests(&market);
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].subject, "Unread messages: 2");
    assert!(mails[0].unsubscribe.is_some() && !mails[0].text.contains("lamp"), "{:?}", mails[0]);
    let seller = crate::privacy::sign_in(&market.app, &market.seller.email).await;
    say(&seller, &talk, "Hello?").await;
    for _ in 0..4 {
        pass(&market, TimeDelta::minutes(40)).await;
    }
    assert_eq!(digests(&market).len(), 1, "not so soon again");
    pass(&market, TimeDelta::hours(4)).await;
    assert_eq!(digests(&market).len(), 2);
    // Nothing new, no mail; and none to who has been here lately, and reads.
    for _ in 0..3 {
        pass(&market, TimeDelta::hours(7)).await;
    }
    assert_eq!(digests(&market).len(), 2);
    let seller = crate::privacy::sign_in(&market.app, &market.seller.email).await;
    let number = say(&seller, &talk, "Never mind").await;
    pass(&market, TimeDelta::minutes(20)).await;
    crate::privacy::sign_in(&market.app, &market.buyer.email).await;
    pass(&market, TimeDelta::minutes(15)).await;
    assert_eq!(digests(&market).len(), 2, "they are here");
    let buyer = crate::privacy::sign_in(&market.app, &market.buyer.email).await;
    let read = json!({"conversationId": talk, "upTo": number});
    buyer.mutate("markRead", read, "conversation { id }").await.ok();
    for _ in 0..3 {
        pass(&market, TimeDelta::minutes(40)).await;
    }
    assert_eq!(digests(&market).len(), 2);
}

#[actix_web::test]
async fn however_much_else_happens_mail_comes_in_time() {
    let market = watched().await;
    let talk = start(&market.seller, &market.buyer).await;
    // As if so much that is no message had been recorded, many times what is read at once.
    market.app.given_sql("UPDATE event_log SET last_position = last_position + 300000");
    say(&market.seller, &talk, "Hello").await;
    for _ in 0..6 {
        pass(&market, TimeDelta::minutes(15)).await;
    }
    let mails = market.app.mails(&market.buyer.email);
    assert_eq!(mails.iter().filter(|mail| mail.subject.starts_with("Unread messages")).count(), 1, "{mails:?}");
}

#[actix_web::test]
async fn a_device_that_another_person_has_by_now_hears_nothing_of_the_one_before() {
    let market = watched().await;
    let talk = start(&market.seller, &market.buyer).await;
    let own = market.services.endpoint("shared");
    register(&market.buyer, browser(&own)).await.ok();
    say(&market.seller, &talk, "For the buyer alone").await;
    pass(&market, TimeDelta::seconds(4)).await;
    // Both pushes are planned; then the browser is the seller's, who has signed in there.
    register(&market.seller, browser(&own)).await.ok();
    pass(&market, TimeDelta::seconds(3)).await;
    let got = market.services.take();
    assert_eq!(got.iter().map(|got| got.device.as_str()).collect::<Vec<_>>(), [GOOGLE]);
}
