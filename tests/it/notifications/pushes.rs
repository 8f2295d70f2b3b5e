//! What is pushed, and what becomes of it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    browser, devices,
    double::{APPLE, GOOGLE},
    market, register,
};

#[actix_web::test]
async fn a_browser_alone_reads_what_is_pushed_to_it() {
    let market = market().await.with_devices().await;
    let key = market.seller.query("{ viewer { webPushKey } }").await.ok()["viewer"]["webPushKey"].clone();
    assert_eq!(key.as_str().map(str::len), Some(87));
    market.buy("one").await;
    let got = market.services.take();
    let seller = got.iter().find(|got| got.device == "seller").unwrap();
    assert_eq!(got.len(), 2);
    let body = &seller.body;
    assert_eq!(
        (&body["title"], &body["body"], &body["kind"]),
        (&json!("News of your shop"), &json!(""), &json!("SHOP"))
    );
    assert_eq!(body["badge"], json!(1));
    assert_eq!((&seller.headers["urgency"], &seller.headers["topic"]), (&json!("high"), &body["collapseKey"]));
    let now = market.app.app().now().timestamp();
    let expires = seller.claims["exp"].as_i64().unwrap();
    assert!(expires > now && expires <= now + 24 * 60 * 60, "{expires}");
    assert!((1..=24 * 60 * 60).contains(&seller.headers["ttl"].as_str().unwrap().parse::<i64>().unwrap()));
    // The push says what it is about, and from where on to read.
    let node = "query($id: ID!) { node(id: $id) { ... on Notification { topic } } }";
    let about = market.seller.send(node, json!({"id": body["about"]})).await.ok()["node"]["topic"].clone();
    assert_eq!(about, "ORDER_SOLD");
    let events = "query($after: String) { viewer { events(after: $after) { nodes { __typename } } } }";
    let events = market.seller.send(events, json!({"after": body["eventCursor"]})).await.ok();
    assert!(!events.to_string().contains("Gap"), "{events}");
}

#[actix_web::test]
async fn apple_and_google_are_told_in_their_own_ways_by_tokens_that_last() {
    let market = market().await.with_devices().await;
    register(&market.seller, json!({"platform": "APNS", "token": APPLE})).await.ok();
    market.buy("one").await;
    market.buy("two").await;
    let got = market.services.take();
    let apple: Vec<_> = got.iter().filter(|got| got.device == APPLE).collect();
    let google: Vec<_> = got.iter().filter(|got| got.device == GOOGLE).collect();
    assert_eq!((apple.len(), google.len()), (2, 2));
    assert_eq!(apple[0].token, apple[1].token);
    assert_eq!(market.services.given(), 1);
    let aps = &apple[1].body["aps"];
    assert_eq!((&aps["alert"], &aps["badge"]), (&json!({"title": "News of your shop"}), &json!(2)));
    assert_eq!((&apple[1].headers["topic"], &apple[1].headers["type"]), (&json!("app.example"), &json!("alert")));
    assert_eq!(apple[1].headers["collapse"], apple[1].body["collapseKey"]);
    assert_eq!(google[0].body["notification"], json!({"title": "News of your order"}));
    let data = google[0].body["data"].as_object().unwrap();
    assert!(data.values().all(Value::is_string), "{data:?}");
    assert_eq!((&data["kind"], &data["badge"]), (&json!("ORDERS"), &json!("1")));
    assert_eq!(google[0].body["android"]["collapse_key"], data["collapseKey"]);
    // A token is signed anew in time, and asked for anew.
    market.app.advance(TimeDelta::minutes(61));
    let again = crate::privacy::sign_in(&market.app, &market.buyer.email).await;
    let order = again.order_one(&market.goods, "three").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    again.pay(&order, "test_succeeds", "three").await.ok();
    market.app.run_jobs().await;
    let got = market.services.take();
    assert_ne!(got.iter().find(|got| got.device == APPLE).unwrap().token, apple[0].token);
    assert_eq!(market.services.given(), 2);
}

#[actix_web::test]
async fn a_device_that_its_service_does_not_know_any_more_goes() {
    let market = market().await;
    let endpoint = market.services.endpoint("buyer");
    let unregistered = json!({"error": {"code": 404, "details": [{"errorCode": "UNREGISTERED"}]}});
    for (key, input, status, body) in [
        ("1", browser(&endpoint), 410, Value::Null),
        ("2", browser(&endpoint), 404, Value::Null),
        ("3", json!({"platform": "APNS", "token": APPLE}), 410, json!({"reason": "Unregistered"})),
        ("4", json!({"platform": "APNS", "token": APPLE}), 400, json!({"reason": "BadDeviceToken"})),
        ("5", json!({"platform": "FCM", "token": GOOGLE}), 404, unregistered),
    ] {
        register(&market.buyer, input).await.ok();
        assert_eq!(devices(&market.buyer).await.len(), 1);
        market.services.refuses(status, body);
        market.buy(key).await;
        assert_eq!(devices(&market.buyer).await, [""; 0], "{key}");
    }
    assert_eq!(market.services.asked(), 5);
    assert!(market.services.take().is_empty());
}

#[actix_web::test]
async fn a_token_that_google_never_gave_goes_and_what_else_it_refuses_does_not() {
    let market = market().await;
    register(&market.buyer, json!({"platform": "FCM", "token": GOOGLE})).await.ok();
    for (key, field, left) in [("1", "message.data", 1), ("2", "message.token", 0)] {
        let details = json!([{"errorCode": "INVALID_ARGUMENT"}, {"fieldViolations": [{"field": field}]}]);
        market.services.refuses(400, json!({"error": {"code": 400, "details": details}}));
        market.buy(key).await;
        assert_eq!(devices(&market.buyer).await.len(), left, "{key}");
    }
}

#[actix_web::test]
async fn a_browser_whose_service_takes_nothing_by_the_markets_key_goes_after_a_day() {
    let market = market().await;
    register(&market.buyer, browser(&market.services.endpoint("buyer"))).await.ok();
    // Whoever answers otherwise in between begins anew: it may have been the key, and not the device.
    for (key, hours, refused, left) in [
        ("1", 0, Some(403), 1),
        ("2", 23, Some(401), 1),
        ("3", 0, None, 1),
        ("4", 2, Some(403), 1),
        ("5", 23, Some(403), 1),
        ("6", 1, Some(401), 0),
    ] {
        market.app.advance(TimeDelta::hours(hours));
        if let Some(status) = refused {
            market.services.refuses(status, Value::Null);
        }
        let again = crate::privacy::sign_in(&market.app, &market.buyer.email).await;
        let order = again.order_one(&market.goods, key).await.ok()["order"]["id"].as_str().unwrap().to_owned();
        again.pay(&order, "test_succeeds", key).await.ok();
        market.app.run_jobs().await;
        assert_eq!(devices(&again).await.len(), left, "{key}");
    }
    assert_eq!((market.services.asked(), market.services.take().len()), (6, 1));
    // Who registers it as it was is asked once more.
    let again = crate::privacy::sign_in(&market.app, &market.buyer.email).await;
    register(&again, browser(&market.services.endpoint("buyer"))).await.ok();
    market.services.refuses(403, Value::Null);
    let order = again.order_one(&market.goods, "7").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    again.pay(&order, "test_succeeds", "7").await.ok();
    market.app.run_jobs().await;
    assert_eq!((market.services.asked(), devices(&again).await.len()), (7, 0));
}

#[actix_web::test]
async fn what_a_service_does_not_take_now_is_tried_again_until_it_is_too_old() {
    let market = market().await.with_devices().await;
    market.services.refuses(503, Value::Null);
    market.services.refuses(429, Value::Null);
    market.buy("one").await;
    assert!(market.services.take().is_empty());
    market.app.advance(TimeDelta::seconds(5));
    market.app.run_jobs().await;
    assert_eq!(market.services.take().len(), 2);
    assert_eq!((devices(&market.buyer).await.len(), devices(&market.seller).await.len()), (1, 1));
    // What is refused for good is not tried again, and what is too old neither.
    market.services.refuses(400, Value::Null);
    market.services.refuses(503, Value::Null);
    market.buy("two").await;
    let asked = market.services.asked();
    market.app.advance(TimeDelta::hours(5));
    market.app.run_jobs().await;
    assert_eq!(market.services.asked(), asked);
    assert!(market.services.take().is_empty());
}

#[actix_web::test]
async fn what_no_service_takes_is_no_dead_letter() {
    let market = market().await.with_devices().await;
    for _ in 0..4 {
        market.services.refuses(503, Value::Null);
    }
    market.buy("one").await;
    market.app.given_sql("UPDATE jobs SET attempts = 11 WHERE kind = 'notifications.push'");
    market.app.advance(TimeDelta::seconds(5));
    market.app.run_jobs().await;
    let jobs = "SELECT format('%s %s', state, attempts) AS line FROM jobs WHERE kind = 'notifications.push'";
    assert_eq!(crate::privacy::lines(&market.app, jobs), ["DUE 0", "DUE 0"]);
    market.app.advance(TimeDelta::minutes(30));
    market.app.run_jobs().await;
    assert_eq!(market.services.take().len(), 2);
}

#[actix_web::test]
async fn nobody_is_woken_who_is_left_alone_or_does_not_want_it() {
    let market = market().await.with_devices().await;
    let quiet = json!({"quietHours": {"from": "11:00", "until": "13:00"}, "timeZone": "UTC"});
    market.buyer.mutate("updatePreferences", quiet, "preferences { theme }").await.ok();
    let none = json!({"notifications": [{"kind": "SHOP", "channels": ["IN_APP"]}]});
    market.seller.mutate("updatePreferences", none, "preferences { theme }").await.ok();
    market.buy("one").await;
    assert!(market.services.take().is_empty());
    market.app.advance(TimeDelta::hours(1));
    market.app.run_jobs().await;
    let got = market.services.take();
    assert_eq!(got.iter().map(|got| got.device.as_str()).collect::<Vec<_>>(), [GOOGLE]);
    // What was read meanwhile wakes nobody.
    market.app.advance(TimeDelta::hours(23));
    let again = crate::privacy::sign_in(&market.app, &market.buyer.email).await;
    let order = again.order_one(&market.goods, "two").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    again.pay(&order, "test_succeeds", "two").await.ok();
    market.app.run_jobs().await;
    let newest = again.query("{ viewer { notifications(first: 1) { nodes { id } } } }").await.ok();
    let newest = json!({"notifications": {"upTo": newest["viewer"]["notifications"]["nodes"][0]["id"]}});
    again.mutate("markNotificationsRead", newest, "notifications { id }").await.ok();
    market.app.advance(TimeDelta::hours(1));
    market.app.run_jobs().await;
    assert!(market.services.take().is_empty());
}
