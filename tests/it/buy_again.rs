//! Buying again what was bought before.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{Client, TestApp, app::Person, market::Goods},
    reviews::{mill, refusal},
};

const PUT: &str = "cart { lines { variantId quantity } } leftOut { reason line { title } }";

async fn buy(buyer: &Person, lines: &[(&Goods, i32)], total: &str, key: &str) -> String {
    let order = buyer.order(lines, total, key).await.ok()["order"]["id"].as_str().unwrap().to_owned();
    buyer.pay(&order, "test_succeeds", key).await.ok();
    order
}

async fn list(client: &Client, first: i32) -> Vec<(String, i64)> {
    let document = format!(
        "{{ viewer {{ buyAgain(first: {first}) {{ lastQuantity lastOrderedAt variant {{ id product {{ title }} }} }} }} }}"
    );
    let answer = client.query(&document).await;
    assert!(answer.statements.unwrap() <= 5, "{answer:?}");
    let list = answer.ok()["viewer"]["buyAgain"].as_array().unwrap().clone();
    let row = |one: &Value| {
        (one["variant"]["product"]["title"].as_str().unwrap().to_owned(), one["lastQuantity"].as_i64().unwrap())
    };
    list.iter().map(row).collect()
}

fn row(title: &str, quantity: i64) -> (String, i64) {
    (title.to_owned(), quantity)
}

async fn archive(seller: &Client, goods: &Goods) {
    let read = "query($id: ID!) { product(by: {id: $id}) { version } }";
    let version = seller.send(read, json!({"id": goods.product})).await.ok()["product"]["version"].clone();
    let input = json!({"productId": goods.product, "expectedVersion": version, "status": "ARCHIVED"});
    seller.mutate("updateProduct", input, "product { id }").await.ok();
}

#[actix_web::test]
async fn people_see_what_they_bought_and_can_order_now() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let mut goods = Vec::new();
    for (title, quantity) in [("Mug", 9), ("Bowl", 9), ("Jug", 1), ("Pot", 9)] {
        goods.push(seller.sell(&shop, title, "1.00", quantity).await);
    }
    let [mug, bowl, jug, pot] = &goods[..] else { panic!() };
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    assert!(list(&ada, 20).await.is_empty());
    buy(&ada, &[(mug, 2), (jug, 1)], "3.00", "one").await;
    app.advance(TimeDelta::seconds(1));
    buy(&ada, &[(bowl, 1)], "1.00", "two").await;
    app.advance(TimeDelta::seconds(1));
    // What is not paid is not bought.
    ada.order(&[(pot, 1)], "1.00", "three").await.ok();
    assert_eq!(list(&ada, 20).await, [row("Bowl", 1), row("Mug", 2)], "there is no jug left");
    app.advance(TimeDelta::seconds(1));
    let last = buy(&ada, &[(mug, 3)], "3.00", "four").await;
    assert_eq!(list(&ada, 20).await, [row("Mug", 3), row("Bowl", 1)]);
    assert_eq!(list(&ada, 1).await, [row("Mug", 3)]);
    ada.cancel(&last).await.ok();
    assert_eq!(list(&ada, 20).await, [row("Bowl", 1), row("Mug", 2)]);
    archive(&seller, bowl).await;
    assert_eq!(list(&ada, 20).await, [row("Mug", 2)]);
    assert!(list(&bob, 20).await.is_empty());
    for first in [0, 51] {
        assert_eq!(
            ada.query(&format!("{{ viewer {{ buyAgain(first: {first}) {{ lastQuantity }} }} }}")).await.code(),
            "BAD_USER_INPUT"
        );
    }

    // What somebody prefers and has ordered lately is one request.
    let both = "{ viewer { preferences { theme } orders(first: 5) { nodes { number parts { lines { title } } } } } }";
    let both = ada.query(both).await;
    assert!(both.statements.unwrap() <= 5, "{both:?}");
    assert_eq!(both.ok()["viewer"]["orders"]["nodes"].as_array().unwrap().len(), 4);
}

#[actix_web::test]
async fn an_order_goes_into_the_cart_again_as_far_as_it_can() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let mug = seller.sell(&shop, "Mug", "1.00", 9).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let order = buy(&ada, &[(&lamp, 2), (&mug, 1)], "11.00", "one").await;
    archive(&seller, &mug).await;
    let again = async |client: &Client, key: Value| {
        client.mutate("addOrderToCart", json!({"orderId": order, "idempotencyKey": key}), PUT).await
    };
    let left_out = json!([{"reason": "NOT_FOR_SALE", "line": {"title": "Mug"}}]);
    let wanted = |quantity: i32| json!({"cart": {"lines": [{"variantId": lamp.variant, "quantity": quantity}]}, "leftOut": left_out, "userErrors": []});
    // One intent is carried out once, however often and at once it is told.
    for answer in join_all((0..4).map(|_| again(&ada, json!("again")))).await {
        assert_eq!(answer.ok(), wanted(2));
    }
    assert_eq!(again(&ada, Value::Null).await.ok(), wanted(4));
    assert_eq!(again(&bob, Value::Null).await.refusal(), refusal("NOT_FOUND", "orderId"));
    assert_eq!(again(&app.guest(), Value::Null).await.code(), "UNAUTHENTICATED");
    let cart = bob.query("{ viewer { cart { id } } }").await.ok();
    assert_eq!(cart["viewer"]["cart"], Value::Null);

    // What there would be too many pieces of stays as it is.
    app.given_sql("UPDATE cart_lines SET quantity = 9999");
    let full = again(&ada, Value::Null).await.ok();
    assert_eq!(full["cart"]["lines"][0]["quantity"], 9_999);
    let reasons: Vec<_> = full["leftOut"].as_array().unwrap().iter().map(|one| one["reason"].clone()).collect();
    assert_eq!(reasons, ["TOO_MANY_PIECES", "NOT_FOR_SALE"]);
    // Two orders at once are both there.
    ada.mutate(
        "setCartLine",
        json!({"expectedVersion": cart_version(&ada).await, "variantId": lamp.variant, "quantity": 1}),
        "cart { id }",
    )
    .await
    .ok();
    join_all((0..3).map(|_| again(&ada, Value::Null))).await.into_iter().for_each(|answer| drop(answer.ok()));
    let cart = ada.query("{ viewer { cart { lines { quantity } } } }").await.ok();
    assert_eq!(cart["viewer"]["cart"]["lines"], json!([{"quantity": 7}]));
}

async fn cart_version(client: &Client) -> Value {
    client.query("{ viewer { cart { version } } }").await.ok()["viewer"]["cart"]["version"].clone()
}
