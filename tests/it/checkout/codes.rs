//! What takes something off, and how often.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Market, place, sums};
use crate::orders::{assert_books, money_comes};

#[actix_web::test]
async fn a_code_that_does_nothing_says_why() {
    let market = Market::open(true).await;
    let minimum = json!({"amount": "50.00", "currency": "GBP"});
    market
        .promote(
            &market.ada,
            &market.lamps,
            json!({"kind": "FREE_SHIPPING", "code": "FREE", "minimumSubtotal": minimum}),
        )
        .await;
    market
        .promote(&market.ada, &market.lamps, json!({"kind": "PERCENTAGE", "percentage": "1", "code": "LITTLE"}))
        .await;
    let goods = [(&market.lamp, 1)];
    let faults =
        async |code: &str| market.quote(&market.buyer, &goods, json!({"code": code})).await["userErrors"][0].clone();
    let fault = |reason: &str, minimum: Value| json!({"code": "CODE_NOT_APPLICABLE", "field": ["code"], "reason": reason, "minimum": minimum});
    assert_eq!(faults("NONE").await, fault("UNKNOWN", Value::Null));
    assert_eq!(faults("free").await, fault("MINIMUM_NOT_REACHED", json!({"amount": "50.00"})));
    assert_eq!(
        market.order_at("12.99", &goods, json!({"code": "NONE"}), "none").await.refusal().0,
        "CODE_NOT_APPLICABLE"
    );
    // Something better stands in for it.
    market.promote(&market.ada, &market.lamps, json!({"kind": "PERCENTAGE", "percentage": "50"})).await;
    assert_eq!(faults("LITTLE").await["reason"], "OUTDONE");
    let order = market.order(&goods, json!({"code": "LITTLE"}), "outdone").await;
    assert_eq!((sums(&order)[1], &order["code"]), ("5.00", &Value::Null));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn the_last_use_of_a_code_is_one_order_s_however_many_want_it() {
    let market = Market::open(true).await;
    market
        .promote(
            &market.ada,
            &market.lamps,
            json!({"kind": "PERCENTAGE", "percentage": "10", "code": "TWICE", "limitTotal": 2}),
        )
        .await;
    let mut buyers = Vec::new();
    for name in ["Una", "Dora", "Tria", "Quadra", "Quinta", "Sexta"] {
        buyers.push(market.app.sign_up(name).await);
    }
    let goods = [(&market.lamp, 1)];
    let code = json!({"code": "TWICE"});
    // 9.99 less 1.00, and 3.00.
    let orders = buyers.iter().map(|buyer| place(buyer, "11.99", &goods, code.clone(), "order"));
    let answers = join_all(orders).await;
    let placed: Vec<_> = answers
        .iter()
        .filter(|answer| answer.errors.is_empty() && answer.data["placeOrder"]["order"].is_object())
        .collect();
    assert_eq!(placed.len(), 2);
    for answer in answers.iter().filter(|answer| answer.data["placeOrder"]["order"].is_null()) {
        assert_eq!(answer.data["placeOrder"]["userErrors"][0]["code"], "CODE_NOT_APPLICABLE");
    }
    // What is called off lets go of it.
    let id = placed[0].data["placeOrder"]["order"]["id"].clone();
    for buyer in &buyers {
        buyer.mutate("cancelOrder", json!({"orderId": id}), "order { id }").await;
    }
    assert_eq!(market.order(&goods, code, "again").await["code"], "TWICE");
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn an_order_that_comes_to_nothing_for_want_of_money_lets_go_of_its_code_and_takes_it_again() {
    let market = Market::open(true).await;
    market
        .promote(
            &market.ada,
            &market.lamps,
            json!({"kind": "PERCENTAGE", "percentage": "10", "code": "ONCE", "limitTotal": 1}),
        )
        .await;
    let goods = [(&market.lamp, 1)];
    let code = json!({"code": "ONCE"});
    for (key, lifecycle) in [("first", "OPEN"), ("second", "CANCELLED")] {
        let buyer = crate::privacy::sign_in(&market.app, &market.buyer.email).await;
        let order = place(&buyer, "11.99", &goods, code.clone(), key).await.ok()["order"].clone();
        let paying = buyer.pay(order["id"].as_str().unwrap(), "test_requires_action", key).await.ok();
        let payment = paying["payment"]["id"].as_str().unwrap().parse().unwrap();
        market.app.schedule_jobs().await;
        for _ in 0..5 {
            market.app.advance(TimeDelta::minutes(31));
            market.app.run_jobs().await;
        }
        let buyer = crate::privacy::sign_in(&market.app, &market.buyer.email).await;
        let document = "query($id: ID!) { node(id: $id) { ... on Order { lifecycle } } }";
        let seen = buyer.send(document, json!({"id": order["id"]})).await.ok();
        assert_eq!(seen["node"]["lifecycle"], "CANCELLED", "{key}");
        if key == "second" {
            // Somebody else was quicker.
            let other = market.app.sign_up("Other").await;
            place(&other, "11.99", &goods, code.clone(), "other").await.ok();
        }
        money_comes(&market.app, payment, key).await;
        market.app.run_jobs().await;
        let seen = buyer.send(document, json!({"id": order["id"]})).await.ok();
        assert_eq!(seen["node"]["lifecycle"], lifecycle, "{key}");
        if key == "first" {
            buyer.cancel(order["id"].as_str().unwrap()).await.ok();
            market.app.run_jobs().await;
        }
    }
    assert_books(&market.app).await;
}
