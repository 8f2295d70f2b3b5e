//! Carts: what people mean to buy, what is in the way of it, and how it becomes an order.

mod bounds;
mod events;
mod orders;
mod races;
mod reservations;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    reviews::{mill, refusal},
};

pub const CART: &str = "cart { id token currency version itemCount subtotal { amount currency } \
    lines { variantId quantity unitPrice { amount } priceWhenAdded { amount } total { amount } variant { id } } \
    parts { shop { name } subtotal { amount } lines { quantity } } problems { __typename message line { variantId } \
        ... on CartLineOutOfStock { available } ... on CartLinePriceChanged { oldPrice { amount } newPrice { amount } } \
        ... on CartShopOnHoliday { until shop { name } } } }";

/// The input with a cart's token, if it has one, and its version.
pub fn of(cart: &Value, mut input: Value) -> Value {
    input["token"] = cart["token"].clone();
    input["expectedVersion"] = cart["version"].clone();
    input
}

/// Puts pieces into the cart with this token; into one's own if there is none.
pub async fn add(client: &Client, token: &Value, goods: &Goods, quantity: i32) -> Answer {
    let input = json!({"token": token, "variantId": goods.variant, "quantity": quantity});
    client.mutate("addToCart", input, CART).await
}

pub async fn added(client: &Client, token: &Value, goods: &Goods, quantity: i32) -> Value {
    add(client, token, goods, quantity).await.ok()["cart"].clone()
}

/// A guest's new cart.
pub async fn opened(guest: &Client, goods: &Goods, quantity: i32) -> Value {
    let line = json!({"variantId": goods.variant, "quantity": quantity});
    guest.mutate("createCart", json!({"lines": [line]}), CART).await.ok()["cart"].clone()
}

/// The cart with this token; one's own if there is none.
pub async fn read(client: &Client, token: &Value) -> Value {
    if token.is_null() {
        return client.query(&format!("{{ viewer {{ {CART} }} }}")).await.ok()["viewer"]["cart"].clone();
    }
    let document = format!("query($token: String!) {{ {} }}", CART.replacen("cart", "cart(token: $token)", 1));
    client.send(&document, json!({"token": token})).await.ok()["cart"].clone()
}

pub async fn change(client: &Client, mutation: &str, cart: &Value, input: Value) -> Answer {
    client.mutate(mutation, of(cart, input), CART).await
}

/// Which variants are in a cart, and how many of each.
pub fn quantities(cart: &Value) -> Vec<(String, i64)> {
    let line = |line: &Value| (line["variantId"].as_str().unwrap().to_owned(), line["quantity"].as_i64().unwrap());
    cart["lines"].as_array().unwrap().iter().map(line).collect()
}

fn problems(cart: &Value) -> Vec<&str> {
    cart["problems"].as_array().unwrap().iter().map(|problem| problem["__typename"].as_str().unwrap()).collect()
}

async fn version_of(seller: &Person, kind: &str, id: &str) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ version }} }} }}");
    seller.send(&document, json!({"id": id})).await.ok()["node"]["version"].clone()
}

pub async fn reprice(seller: &Person, goods: &Goods, amount: &str) {
    let version = version_of(seller, "ProductVariant", &goods.variant).await;
    let price = json!({"amount": amount, "currency": "GBP"});
    let input = json!({"variantId": goods.variant, "expectedVersion": version, "price": price});
    seller.mutate("updateProductVariant", input, "variant { version }").await.ok();
}

#[actix_web::test]
async fn a_guest_fills_a_cart_sees_what_is_in_the_way_and_takes_it_along_when_they_sign_in() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let mug = seller.sell(&shop, "Mug", "2.50", 3).await;
    let other = app.sign_up("Olga").await;
    let lanterns = other.open_shop("Lanterns").await;
    let lantern = other.sell(&lanterns, "Lantern", "10.00", 5).await;
    let guest = app.guest();

    let cart = opened(&guest, &lamp, 1).await;
    let token = cart["token"].clone();
    assert!(token.is_string() && cart["currency"] == "GBP", "{cart:#}");
    added(&guest, &token, &lantern, 1).await;
    added(&guest, &token, &mug, 2).await;
    let cart = added(&guest, &token, &lamp, 2).await;
    let wanted = [(lamp.variant.clone(), 3), (lantern.variant.clone(), 1), (mug.variant.clone(), 2)];
    assert_eq!(quantities(&cart), wanted);
    assert_eq!((&cart["itemCount"], &cart["subtotal"]), (&json!(6), &json!({"amount": "30.00", "currency": "GBP"})));
    let parts = cart["parts"].as_array().unwrap();
    let parts: Vec<_> = parts.iter().map(|part| (&part["shop"]["name"], &part["subtotal"]["amount"])).collect();
    assert_eq!(parts, [(&json!("Mill"), &json!("20.00")), (&json!("Lanterns"), &json!("10.00"))]);
    assert_eq!(cart["problems"], json!([]));
    assert_eq!(read(&guest, &token).await, cart);

    // Everything happens meanwhile.
    reprice(&seller, &lamp, "6.00").await;
    let gone = json!({"variantId": mug.variant, "change": {"by": -2}});
    seller.mutate("adjustStock", gone, "stockLevel { onHand }").await.ok();
    let until = app.app().now() + TimeDelta::days(3);
    let holiday = json!({"startsAt": app.app().now(), "endsAt": until, "note": "Gone fishing"});
    let closed =
        json!({"shopId": lanterns, "expectedVersion": version_of(&other, "Shop", &lanterns).await, "holiday": holiday});
    other.mutate("updateShop", closed, "shop { id }").await.ok();
    let cart = read(&guest, &token).await;
    assert_eq!(problems(&cart), ["CartLinePriceChanged", "CartShopOnHoliday", "CartLineOutOfStock"]);
    let found = cart["problems"].clone();
    assert_eq!(
        (&found[0]["oldPrice"]["amount"], &found[0]["newPrice"]["amount"], &found[0]["line"]["variantId"]),
        (&json!("5.00"), &json!("6.00"), &json!(lamp.variant))
    );
    assert_eq!(found[1]["shop"]["name"], "Lanterns");
    assert_eq!((&found[2]["available"], &found[2]["message"]), (&json!(1), &json!("There are not enough left.")));
    assert_eq!(cart["subtotal"]["amount"], "33.00");
    let german = guest.with_header("accept-language", "de");
    assert_eq!(read(&german, &token).await["problems"][1]["message"], "Das Geschäft macht gerade Urlaub.");

    // Some of it can be put right.
    let cart = change(&guest, "acceptCartPrices", &cart, json!({})).await.ok()["cart"].clone();
    let fewer = json!({"variantId": mug.variant, "quantity": 1});
    let cart = change(&guest, "setCartLine", &cart, fewer).await.ok()["cart"].clone();
    assert_eq!(problems(&cart), ["CartShopOnHoliday"]);
    assert_eq!(cart["lines"][0]["priceWhenAdded"]["amount"], "6.00");
    let none = json!({"variantId": lantern.variant, "quantity": 0});
    let cart = change(&guest, "setCartLine", &cart, none).await.ok()["cart"].clone();
    assert_eq!(problems(&cart), Vec::<&str>::new());

    // What is not for sale any more has no face, and can be taken out.
    let archive = json!({"productId": mug.product, "expectedVersion": version_of(&seller, "Product", &mug.product).await, "status": "ARCHIVED"});
    seller.mutate("updateProduct", archive, "product { id }").await.ok();
    let cart = read(&guest, &token).await;
    assert_eq!(problems(&cart), ["CartLineNotForSale"]);
    let line = &cart["lines"][1];
    assert_eq!((&line["unitPrice"], &line["total"], &line["variant"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!(cart["subtotal"]["amount"], "18.00");
    let none = json!({"variantId": mug.variant, "quantity": 0});
    change(&guest, "setCartLine", &cart, none).await.ok();

    // They sign in, and had something in their own cart.
    let ada = app.sign_up("Ada").await;
    let bowl = seller.sell(&shop, "Bowl", "1.00", 9).await;
    added(&ada, &Value::Null, &bowl, 1).await;
    added(&ada, &Value::Null, &lamp, 2).await;
    let merged = ada.mutate("mergeCart", json!({"token": token}), CART).await.ok()["cart"].clone();
    assert_eq!(quantities(&merged), [(bowl.variant.clone(), 1), (lamp.variant.clone(), 3)]);
    assert_eq!(merged["token"], Value::Null);
    assert_eq!(read(&guest, &token).await, Value::Null);
    // Once more changes nothing.
    assert_eq!(ada.mutate("mergeCart", json!({"token": token}), CART).await.ok()["cart"], merged);
    assert_eq!(read(&ada, &Value::Null).await, merged);
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM carts"), 1);
}

#[actix_web::test]
async fn of_two_tabs_the_one_that_is_behind_is_told_so() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let ada = app.sign_up("Ada").await;
    let seen = added(&ada, &Value::Null, &lamp, 1).await;
    let first = change(&ada, "setCartLine", &seen, json!({"variantId": lamp.variant, "quantity": 4})).await.ok();
    let first = first["cart"].clone();
    let zero = json!({"variantId": lamp.variant, "quantity": 0});
    for (mutation, input) in [
        ("setCartLine", zero),
        ("acceptCartPrices", json!({})),
        ("clearCart", json!({})),
        ("setCartCurrency", json!({"currency": "EUR"})),
    ] {
        let behind = change(&ada, mutation, &seen, input).await;
        assert_eq!(behind.refusal(), refusal("STALE_VERSION", "expectedVersion"), "{mutation}");
        assert_eq!(behind.data[mutation]["userErrors"][0]["__typename"], "StaleVersionError");
    }
    assert_eq!(read(&ada, &Value::Null).await, first);
    let cleared = change(&ada, "clearCart", &first, json!({})).await.ok()["cart"].clone();
    assert_eq!((quantities(&cleared), &cleared["subtotal"]["amount"]), (Vec::new(), &json!("0.00")));
    assert!(cleared["version"].as_i64() > first["version"].as_i64());
}

#[actix_web::test]
async fn what_is_added_twice_by_one_key_is_added_once() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let (ada, guest) = (app.sign_up("Ada").await, app.guest());
    let opened = guest.mutate("createCart", json!({}), CART).await.ok()["cart"].clone();
    for (client, token) in [(&*ada, &Value::Null), (&guest, &opened["token"])] {
        for _ in 0..2 {
            let input = json!({"token": token, "variantId": lamp.variant, "quantity": 2, "idempotencyKey": "tap"});
            let cart = client.mutate("addToCart", input, CART).await.ok()["cart"].clone();
            assert_eq!(quantities(&cart), [(lamp.variant.clone(), 2)]);
        }
        let other = json!({"token": token, "variantId": lamp.variant, "quantity": 3, "idempotencyKey": "tap"});
        let reused = client.mutate("addToCart", other, CART).await;
        assert_eq!(reused.refusal(), refusal("IDEMPOTENCY_KEY_REUSED", "idempotencyKey"));
    }
    // Guests who know nothing of each other may have the same key.
    let mut tokens = Vec::new();
    for stranger in [app.guest(), app.guest()] {
        let input = json!({"lines": [{"variantId": lamp.variant}], "idempotencyKey": "tap"});
        tokens.push(stranger.mutate("createCart", input, CART).await.ok()["cart"]["token"].clone());
    }
    assert_ne!(tokens[0], tokens[1]);
}

#[actix_web::test]
async fn a_cart_is_opened_by_its_token_or_by_whose_it_is() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let (ada, eve, guest) = (app.sign_up("Ada").await, app.sign_up("Eve").await, app.guest());
    let own = ada.mutate("createCart", json!({}), CART).await.ok()["cart"].clone();
    assert_eq!(ada.mutate("createCart", json!({"currency": "EUR"}), CART).await.ok()["cart"], own);
    let of_guest = opened(&guest, &lamp, 1).await;
    let seen = async |client: &Client, cart: &Value| {
        let document = "query($id: ID!) { node(id: $id) { ... on Cart { version } } }";
        !client.send(document, json!({"id": cart["id"]})).await.ok()["node"].is_null()
    };
    // By its id only a person's own; a guest's by its token, whoever shows it.
    for (client, is_own) in [(&*ada, true), (&*eve, false), (&guest, false)] {
        assert_eq!(seen(client, &own).await, is_own);
        assert!(!seen(client, &of_guest).await);
        assert_eq!(read(client, &of_guest["token"]).await["id"], of_guest["id"]);
    }
    assert_eq!(read(&eve, &Value::Null).await, Value::Null);
    let token = of_guest["token"].as_str().unwrap();
    let wrong = ["", "x", &token[1..]].map(|token| json!(token));
    for token in &wrong {
        assert_eq!(read(&guest, token).await, Value::Null);
        assert_eq!(add(&guest, token, &lamp, 1).await.refusal(), refusal("NOT_FOUND", "token"));
        let merged = ada.mutate("mergeCart", json!({"token": token}), CART).await;
        assert_eq!(merged.refusal(), refusal("NOT_FOUND", "token"));
    }
    let nobodys = change(&guest, "clearCart", &json!({"version": 1}), json!({})).await;
    assert_eq!(nobodys.refusal(), refusal("NOT_FOUND", "token"));
    let none = change(&eve, "clearCart", &json!({"version": 1}), json!({})).await;
    assert_eq!(none.refusal(), refusal("NOT_FOUND", ""));
    let unsigned = guest.mutate("mergeCart", json!({"token": token}), CART).await;
    assert_eq!(unsigned.code(), "UNAUTHENTICATED");
    // Whose cart was merged by another one is told nothing of it.
    eve.mutate("mergeCart", json!({"token": token}), CART).await.ok();
    assert_eq!(ada.mutate("mergeCart", json!({"token": token}), CART).await.ok()["cart"], own);
    assert_eq!(quantities(&read(&eve, &Value::Null).await), [(lamp.variant.clone(), 1)]);
}
