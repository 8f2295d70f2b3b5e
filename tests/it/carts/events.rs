//! What happens to a cart, as it happens.

use serde_json::{Value, json};

use super::{CART, added, change, opened, orders::order};
use crate::{
    harness::{
        Client, TestApp,
        socket::{Said, Socket},
    },
    reviews::mill,
};

const EVENTS: &str = "subscription($token: String, $after: String) { cartEvents(token: $token, after: $after) { __typename \
                      ... on CartChanged { cursor version cart { id itemCount } } ... on Heartbeat { cursor } } }";

async fn watch(client: &Client, token: &Value, after: &Value) -> Socket {
    let mut socket = Socket::connect(client, json!({})).await;
    socket.subscribe("1", EVENTS, json!({"token": token, "after": after})).await;
    socket
}

/// The next event that is no heartbeat, of which there may be one at any time.
async fn next(socket: &mut Socket) -> Value {
    loop {
        let event = socket.next("1").await["cartEvents"].take();
        if event["__typename"] != "Heartbeat" {
            return event;
        }
    }
}

#[actix_web::test]
async fn another_tab_hears_what_happens_to_the_cart() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let ada = app.sign_up("Ada").await;
    ada.mutate("createCart", json!({}), CART).await.ok();
    let mut tab = watch(&ada, &Value::Null, &Value::Null).await;
    let here = tab.next("1").await["cartEvents"].clone();
    assert_eq!(here["__typename"], "Heartbeat");
    let cart = added(&ada, &Value::Null, &lamp, 2).await;
    let event = next(&mut tab).await;
    assert_eq!((&event["version"], &event["cart"]["id"]), (&cart["version"], &cart["id"]));
    assert_eq!(event["cart"]["itemCount"], 2);
    // That it is held is news, too.
    let held = change(&ada, "reserveCart", &cart, json!({})).await.ok()["cart"].clone();
    assert_eq!(held["version"].as_i64(), cart["version"].as_i64().map(|version| version + 1));
    assert_eq!(next(&mut tab).await["version"], held["version"]);
    order(&ada, &held, ("10.00", "GBP"), "order").await.ok();
    assert_eq!(next(&mut tab).await["cart"]["itemCount"], 0);
    // From where one stopped.
    let mut late = watch(&ada, &Value::Null, &here["cursor"]).await;
    assert_eq!(next(&mut late).await["version"], cart["version"]);
    // What happens to the carts of others is told to them.
    let eve = app.sign_up("Eve").await;
    added(&eve, &Value::Null, &lamp, 5).await;
    added(&ada, &Value::Null, &lamp, 1).await;
    assert_eq!(next(&mut tab).await["cart"]["itemCount"], 1);
}

#[actix_web::test]
async fn a_guests_tab_hears_that_the_cart_was_taken_along() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let (ada, guest) = (app.sign_up("Ada").await, app.guest());
    let cart = opened(&guest, &lamp, 1).await;
    let mut tab = watch(&guest, &cart["token"], &Value::Null).await;
    tab.next("1").await;
    change(&guest, "clearCart", &cart, json!({})).await.ok();
    let cleared = next(&mut tab).await;
    assert_eq!(cleared["cart"]["itemCount"], 0);
    ada.mutate("mergeCart", json!({"token": cart["token"]}), CART).await.ok();
    let last = next(&mut tab).await;
    assert_eq!(
        (&last["cart"], last["version"].as_i64()),
        (&Value::Null, cart["version"].as_i64().map(|version| version + 2))
    );
    // Who comes again hears it, too.
    let mut again = watch(&guest, &cart["token"], &cleared["cursor"]).await;
    assert_eq!((&next(&mut again).await["cart"], &last["cart"]), (&Value::Null, &Value::Null));
    // There is nothing to hear without a cart.
    let none = json!("none");
    let eve = app.sign_up("Eve").await;
    for (client, token) in [(&guest, &cart["token"]), (&guest, &none), (&guest, &Value::Null), (&*eve, &Value::Null)] {
        let mut socket = watch(client, token, &Value::Null).await;
        let Said::Message(message) = socket.receive().await else { panic!("closed") };
        assert_eq!(message["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}
