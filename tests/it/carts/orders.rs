//! A cart becomes an order: once, as it was seen, or not at all.

use serde_json::{Value, json};

use super::{CART, added, change, problems, quantities, read, reprice};
use crate::{
    costs::count,
    harness::{Answer, Client, TestApp},
    orders::assert_books,
    reviews::{mill, refusal},
};

/// Orders what is in one's cart as it was seen.
pub async fn order(buyer: &Client, cart: &Value, (amount, currency): (&str, &str), key: &str) -> Answer {
    let input = json!({
        "cart": {"expectedVersion": cart["version"]},
        "shippingAddress": {"name": "Ada", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "expectedTotal": {"amount": amount, "currency": currency},
        "idempotencyKey": key,
    });
    buyer
        .mutate(
            "placeOrder",
            input,
            "order { id total { amount currency } parts { lines { title quantity unitPrice { amount } } } }",
        )
        .await
}

#[actix_web::test]
async fn a_cart_is_ordered_once_though_it_is_tapped_twice() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let other = app.sign_up("Olga").await;
    let lanterns = other.open_shop("Lanterns").await;
    let lantern = other.sell(&lanterns, "Lantern", "10.00", 5).await;
    let ada = app.sign_up("Ada").await;
    added(&ada, &Value::Null, &lamp, 2).await;
    let cart = added(&ada, &Value::Null, &lantern, 1).await;
    let first = order(&ada, &cart, ("20.00", "GBP"), "tap").await.ok()["order"].clone();
    assert_eq!(first["parts"].as_array().unwrap().len(), 2);
    assert_eq!(first["parts"][0]["lines"][0]["quantity"], 2);
    // The same intent is the same order, and another one meets a cart that is another one.
    let again = order(&ada, &cart, ("20.00", "GBP"), "tap").await;
    assert_eq!(again.extensions["replayed"], true);
    assert_eq!(again.ok()["order"], first);
    let second = order(&ada, &cart, ("20.00", "GBP"), "another tap").await;
    assert_eq!(second.refusal(), refusal("STALE_VERSION", "cart.expectedVersion"));
    assert_eq!(second.data["placeOrder"]["userErrors"][0]["__typename"], "StaleVersionError");
    let empty = read(&ada, &Value::Null).await;
    assert_eq!(quantities(&empty), Vec::new());
    assert_eq!(order(&ada, &empty, ("0.00", "GBP"), "nothing").await.refusal(), refusal("BLANK", "cart"));
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM orders"), 1);
    assert_eq!(app.guest().available(&lantern).await, 4);
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_refused_stays_in_the_cart() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let mug = seller.sell(&shop, "Mug", "2.00", 1).await;
    let (ada, eve) = (app.sign_up("Ada").await, app.sign_up("Eve").await);
    added(&ada, &Value::Null, &lamp, 1).await;
    let cart = added(&ada, &Value::Null, &mug, 2).await;
    assert_eq!(problems(&cart), ["CartLineOutOfStock"]);
    let short = order(&ada, &cart, ("9.00", "GBP"), "short").await;
    assert_eq!(short.refusal(), refusal("OUT_OF_STOCK", "cart.lines.1"));
    assert_eq!(read(&ada, &Value::Null).await, cart);
    let one = json!({"variantId": mug.variant, "quantity": 1});
    let cart = change(&ada, "setCartLine", &cart, one).await.ok()["cart"].clone();
    reprice(&seller, &lamp, "6.00").await;
    // Nobody pays a price that they have not seen, be it in the total.
    for (total, key) in [("7.00", "as it was"), ("8.00", "as it is")] {
        assert_eq!(order(&ada, &cart, (total, "GBP"), key).await.refusal(), refusal("PRICE_CHANGED", "cart.lines.0"));
    }
    let cart = change(&ada, "acceptCartPrices", &cart, json!({})).await.ok()["cart"].clone();
    let cheaper = order(&ada, &cart, ("7.00", "GBP"), "cheaper").await;
    assert_eq!(cheaper.refusal(), refusal("PRICE_CHANGED", "expectedTotal"));
    let foreign = order(&ada, &cart, ("8.00", "EUR"), "foreign").await;
    assert_eq!(foreign.refusal(), refusal("CURRENCY_MISMATCH", "expectedTotal"));
    // Another one has no cart, and lines do not go with one.
    assert_eq!(order(&eve, &cart, ("8.00", "GBP"), "none").await.refusal(), refusal("NOT_FOUND", "cart"));
    let both = json!({
        "cart": {"expectedVersion": cart["version"]},
        "lines": [{"variantId": lamp.variant, "quantity": 1}],
        "shippingAddress": {"name": "Ada", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "expectedTotal": {"amount": "8.00", "currency": "GBP"},
        "idempotencyKey": "both",
    });
    assert_eq!(ada.mutate("placeOrder", both, "order { id }").await.code(), "BAD_USER_INPUT");
    let seen = read(&ada, &Value::Null).await;
    assert_eq!((&seen["version"], &seen["lines"].as_array().unwrap().len()), (&cart["version"], &2));
    order(&ada, &cart, ("8.00", "GBP"), "fine").await.ok();
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_cart_is_ordered_in_its_currency() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let mug = seller.sell(&shop, "Mug", "2.00", 9).await;
    let in_euros = json!({"variantId": lamp.variant, "expectedVersion": 1, "prices": [{"price": {"amount": "6.50", "currency": "EUR"}}]});
    seller.mutate("updateProductVariant", in_euros, "variant { id }").await.ok();
    let ada = app.sign_up("Ada").await;
    ada.mutate("createCart", json!({"currency": "GBP"}), CART).await.ok();
    added(&ada, &Value::Null, &lamp, 2).await;
    let cart = added(&ada, &Value::Null, &mug, 1).await;
    let cart = change(&ada, "setCartCurrency", &cart, json!({"currency": "EUR"})).await.ok()["cart"].clone();
    let missing = order(&ada, &cart, ("13.00", "EUR"), "missing").await;
    assert_eq!(missing.refusal(), refusal("CURRENCY_MISMATCH", "cart.lines.1"));
    let none = json!({"variantId": mug.variant, "quantity": 0});
    let cart = change(&ada, "setCartLine", &cart, none).await.ok()["cart"].clone();
    let placed = order(&ada, &cart, ("13.00", "EUR"), "euros").await.ok()["order"].clone();
    assert_eq!(placed["total"], json!({"amount": "13.00", "currency": "EUR"}));
    assert_eq!(placed["parts"][0]["lines"][0]["unitPrice"]["amount"], "6.50");
    let id = placed["id"].as_str().unwrap();
    assert_eq!(ada.pay(id, "test_succeeds", "pay").await.ok()["order"]["paymentState"], "PAID");
    assert_books(&app).await;
}
