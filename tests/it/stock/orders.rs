//! What orders take, and what is owed to them.

use futures_util::future::join_all;
use serde_json::json;

use super::{Shop, seen};
use crate::{harness::TestApp, orders::assert_books};

#[actix_web::test]
async fn an_order_takes_from_all_places_and_gives_back_to_each() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    shop.adjust(&shop.barn, 5).await;
    let buyer = app.sign_up("Bob").await;
    assert_eq!(buyer.available(&shop.lamp).await, 15);
    let order = buyer.order(&[(&shop.lamp, 12)], "12.00", "12").await.ok()["order"]["id"].clone();
    assert_eq!(shop.levels().await, (0, 3, 0));
    assert_eq!(buyer.order(&[(&shop.lamp, 4)], "4.00", "4").await.refusal().0, "OUT_OF_STOCK");
    buyer.cancel(order.as_str().unwrap()).await.ok();
    assert_eq!(shop.levels().await, (10, 5, 0));
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_not_there_can_be_owed_and_is_paid_first() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let buyer = app.sign_up("Bob").await;
    let guest = app.guest();
    assert_eq!(
        seen(&guest, &shop.lamp).await,
        json!({"availability": "IN_STOCK", "isAvailable": true, "availableQuantity": 10})
    );
    shop.rule(json!({"backorderLimit": 5})).await;
    let first = buyer.order(&[(&shop.lamp, 12)], "12.00", "12").await.ok()["order"]["id"].clone();
    assert_eq!(shop.levels().await, (0, 0, 2));
    assert_eq!(
        seen(&guest, &shop.lamp).await,
        json!({"availability": "BACKORDER", "isAvailable": true, "availableQuantity": 0})
    );
    let short = buyer.order(&[(&shop.lamp, 4)], "4.00", "4").await;
    assert_eq!(short.refusal().0, "OUT_OF_STOCK");
    buyer.order(&[(&shop.lamp, 3)], "3.00", "3").await.ok();
    assert_eq!(
        seen(&guest, &shop.lamp).await,
        json!({"availability": "OUT_OF_STOCK", "isAvailable": false, "availableQuantity": 0})
    );
    assert_books(&app).await;

    // What comes in, wherever, goes to who waits.
    assert_eq!(shop.adjust(&shop.home, 1).await, json!({"onHand": 0, "backordered": 4}));
    assert_eq!(shop.adjust(&shop.barn, 2).await, json!({"onHand": 0, "backordered": 0}));
    assert_eq!(shop.levels().await, (0, 0, 2));
    buyer.cancel(first.as_str().unwrap()).await.ok();
    assert_eq!(shop.levels().await, (10, 0, 0));
    assert_books(&app).await;

    // With a lower limit nobody can order more, but who was promised some keeps that.
    let many = buyer.order(&[(&shop.lamp, 15)], "15.00", "15").await.ok()["order"]["id"].clone();
    shop.rule(json!({"backorderLimit": 0})).await;
    assert_eq!(shop.levels().await, (0, 0, 5));
    assert_eq!(buyer.order_one(&shop.lamp, "one").await.refusal().0, "OUT_OF_STOCK");
    // Counted is what lies there, and that goes to who waits, too.
    let counted =
        super::adjust(&shop.owner, &shop.lamp, &shop.home, json!({"to": {"quantity": 3, "expected": 0}}), json!(null))
            .await;
    assert_eq!(counted, json!({"onHand": 0, "backordered": 2}));
    buyer.cancel(many.as_str().unwrap()).await.ok();
    assert_eq!(shop.levels().await, (13, 0, 0));
    assert_books(&app).await;
}

#[actix_web::test]
async fn rules_have_bounds_and_only_members_see_them() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let variant = &shop.lamp.variant;
    for (rule, field) in
        [(json!({"backorderLimit": -1}), "backorderLimit"), (json!({"lowStockThreshold": -1}), "lowStockThreshold")]
    {
        let mut input = json!({"variantId": variant});
        input.as_object_mut().unwrap().extend(rule.as_object().unwrap().clone());
        assert_eq!(shop.owner.mutate("setStockRule", input, "").await.refusal(), ("OUT_OF_RANGE".into(), field.into()));
    }
    shop.rule(json!({"backorderLimit": 5, "lowStockThreshold": 2})).await;
    shop.rule(json!({"lowStockThreshold": null})).await;
    let document = "query($id: ID!) { node(id: $id) { ... on ProductVariant { stockRule { backorderLimit lowStockThreshold } } } }";
    let rule = async |client: &crate::harness::Client| {
        client.send(document, json!({"id": variant})).await.ok()["node"]["stockRule"].clone()
    };
    assert_eq!(rule(&shop.owner).await, json!({"backorderLimit": 5, "lowStockThreshold": null}));
    let eve = app.sign_up("Eve").await;
    assert_eq!((rule(&eve).await, rule(&app.guest()).await), (json!(null), json!(null)));
    let input = json!({"variantId": variant, "backorderLimit": 9});
    assert_eq!(eve.mutate("setStockRule", input, "").await.refusal(), ("NOT_FOUND".into(), "variantId".into()));

    let price = json!({"amount": "1.00", "currency": "GBP"});
    let variants = json!([{"price": price}, {"price": price, "backorderLimit": 1_000_001, "title": "Large"}]);
    let input = json!({"shopId": shop.id, "title": "Mug", "variants": variants});
    assert_eq!(
        shop.owner.mutate("createProduct", input, "").await.refusal(),
        ("OUT_OF_RANGE".into(), "variants.1.backorderLimit".into())
    );
    let input = json!({"productId": shop.lamp.product, "title": "Large", "price": price, "backorderLimit": 3});
    let large = shop
        .owner
        .mutate("createProductVariant", input, "variant { availability stockRule { backorderLimit } }")
        .await
        .ok();
    assert_eq!(large["variant"], json!({"availability": "BACKORDER", "stockRule": {"backorderLimit": 3}}));
}

#[actix_web::test]
async fn forty_buyers_of_the_last_pieces_get_what_there_is_and_what_may_be_owed() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    shop.adjust(&shop.barn, 5).await;
    shop.rule(json!({"backorderLimit": 7})).await;
    let mut buyers = Vec::new();
    for number in 0..40 {
        buyers.push(app.sign_up(&format!("Buyer{number}")).await);
    }
    let outcomes = join_all(buyers.iter().map(|buyer| buyer.order_one(&shop.lamp, "one"))).await;
    let placed = outcomes.iter().filter(|outcome| outcome.refusals().is_empty()).count();
    let refused =
        outcomes.iter().filter(|outcome| outcome.refusals().iter().any(|(code, _)| code == "OUT_OF_STOCK")).count();
    assert_eq!((placed, refused), (22, 18));
    assert_eq!(shop.levels().await, (0, 0, 7));
    assert_books(&app).await;

    // All of them give theirs back, some twice, while others take, and more comes in.
    let placed = buyers.iter().zip(outcomes).filter(|(_, outcome)| outcome.refusals().is_empty());
    let placed: Vec<_> =
        placed.map(|(buyer, outcome)| (buyer, outcome.ok()["order"]["id"].as_str().unwrap().to_owned())).collect();
    let cancelling = join_all(placed.iter().chain(&placed).map(|(buyer, id)| buyer.cancel(id)));
    let taking = join_all(buyers.iter().map(|buyer| buyer.order_one(&shop.lamp, "two")));
    let receiving = join_all((0..6).map(|round| shop.adjust(if round % 2 == 0 { &shop.home } else { &shop.barn }, 1)));
    let (cancelled, taken, _) = tokio::join!(cancelling, taking, receiving);
    assert_eq!(cancelled.iter().filter(|answer| answer.refusals().is_empty()).count(), 22);
    let taken = i64::try_from(taken.iter().filter(|answer| answer.refusals().is_empty()).count()).unwrap();
    let (home, barn, owed) = shop.levels().await;
    assert_eq!(home + barn - owed, 21 - taken);
    assert!(owed <= 7 && (owed == 0 || home + barn == 0), "{home} {barn} {owed}");
    assert_books(&app).await;
}
