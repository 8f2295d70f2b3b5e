//! Which devices are woken.

use serde_json::{Value, json};

use super::{
    browser, devices,
    double::{APPLE, GOOGLE},
    market, register,
};
use crate::{harness::TestApp, privacy::sign_in};

#[actix_web::test]
async fn a_market_without_an_account_says_so() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    for input in [
        json!({"platform": "APNS", "token": APPLE}),
        json!({"platform": "FCM", "token": GOOGLE}),
        browser("https://fcm.googleapis.com/fcm/send/1"),
    ] {
        assert_eq!(register(&ada, input).await.refusal(), ("PUSH_UNAVAILABLE".into(), "platform".into()));
    }
    assert_eq!(ada.query("{ viewer { webPushKey } }").await.ok()["viewer"]["webPushKey"], Value::Null);
}

#[actix_web::test]
async fn what_is_no_device_is_refused() {
    let market = market().await;
    let ada = &market.buyer;
    for token in ["", "xyz", "0123", &"g".repeat(64)] {
        let refusal = register(ada, json!({"platform": "APNS", "token": token})).await.refusal();
        assert_eq!(refusal, ("INVALID".into(), "token".into()), "{token}");
    }
    // None of these is a place that the operator allows; most of them lead into a network of ours.
    for endpoint in [
        "https://127.0.0.1/push/1",
        "http://127.0.0.1:1/push/1",
        "https://169.254.169.254/latest/meta-data",
        "http://localhost/push/1",
        "https://push.example/1",
        "file:///etc/passwd",
    ] {
        assert_eq!(register(ada, browser(endpoint)).await.refusal(), ("INVALID".into(), "token".into()), "{endpoint}");
    }
    let endpoint = market.services.endpoint("ada");
    for keys in [Value::Null, json!({"p256dh": "AAAA", "auth": "AAAA"})] {
        let input = json!({"platform": "WEB_PUSH", "token": endpoint, "keys": keys});
        assert_eq!(register(ada, input).await.refusal(), ("INVALID".into(), "keys".into()));
    }
    let keys = browser(&endpoint)["keys"].clone();
    let input = json!({"platform": "FCM", "token": GOOGLE, "keys": keys});
    assert_eq!(register(ada, input).await.refusal(), ("INVALID".into(), "keys".into()));
    assert_eq!(devices(ada).await, [""; 0]);
}

#[actix_web::test]
async fn a_device_belongs_to_its_session_and_to_one_person() {
    let market = market().await;
    let (ada, bob) = (&market.buyer, &market.seller);
    let first = register(ada, json!({"platform": "FCM", "token": GOOGLE})).await.ok()["device"].clone();
    assert_eq!(register(ada, json!({"platform": "FCM", "token": GOOGLE})).await.ok()["device"], first);
    // Another token takes the place of the one before.
    register(ada, json!({"platform": "FCM", "token": format!("{GOOGLE}-2")})).await.ok();
    register(ada, browser(&market.services.endpoint("ada"))).await.ok();
    assert_eq!(devices(ada).await.len(), 2);
    // Somebody else signs in on the same device.
    register(bob, json!({"platform": "FCM", "token": format!("{GOOGLE}-2")})).await.ok();
    assert_eq!((devices(ada).await, devices(bob).await), (vec!["WEB_PUSH".to_owned()], vec!["FCM".to_owned()]));
    let there = sign_in(&market.app, &ada.email).await;
    register(&there, json!({"platform": "APNS", "token": APPLE})).await.ok();
    assert_eq!(devices(ada).await.len(), 2);
    there.query("mutation { signOut { userErrors { code } } }").await.ok();
    assert_eq!(devices(ada).await, ["WEB_PUSH"]);
    let id = ada.query("{ viewer { pushDevices { id } } }").await.ok()["viewer"]["pushDevices"][0]["id"].clone();
    let input = json!({"deviceId": id});
    let by_bob = bob.mutate("unregisterPushDevice", input.clone(), "unregisteredDeviceId").await;
    assert_eq!(by_bob.refusal(), ("NOT_FOUND".into(), "deviceId".into()));
    let gone = ada.mutate("unregisterPushDevice", input, "unregisteredDeviceId").await.ok();
    assert_eq!(gone["unregisteredDeviceId"], id);
    assert_eq!(devices(ada).await, [""; 0]);
}

#[actix_web::test]
async fn of_too_many_devices_the_oldest_goes() {
    let market = market().await;
    market.app.given_sql(
        "INSERT INTO push_devices (id, user_id, session_id, platform, token, token_hash, created_at) \
         SELECT gen_random_uuid(), user_id, id, 'FCM', 'device ' || number, sha256(('device ' || number)::bytea), \
                '2026-11-20T11:00:00Z'::timestamptz + number * interval '1 second' \
           FROM sessions, generate_series(1, 20) AS number WHERE user_id = (SELECT id FROM users WHERE display_name = 'Buyer')",
    );
    assert_eq!(devices(&market.buyer).await.len(), 20);
    register(&market.buyer, browser(&market.services.endpoint("ada"))).await.ok();
    let left = devices(&market.buyer).await;
    assert_eq!((left.len(), left[0].as_str()), (20, "WEB_PUSH"));
}
