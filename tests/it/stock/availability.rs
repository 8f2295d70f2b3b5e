//! What buyers see of stock: variants, products, lists and what is counted of them.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Shop, seen};
use crate::harness::{Client, TestApp, market::Goods};

/// The titles of the products of a list, and how many can be ordered and cannot.
async fn list(client: &Client, filter: &str) -> (Vec<String>, Value) {
    let document = format!(
        "{{ products(filter: {filter}) {{ totalCount nodes {{ title isAvailable }} }} \
           productFacets(filter: {filter}) {{ totalCount availability {{ isAvailable count }} }} }}"
    );
    let answer = client.query(&document).await.ok();
    let nodes = answer["products"]["nodes"].as_array().unwrap().clone();
    assert_eq!(answer["products"]["totalCount"], nodes.len());
    assert_eq!(answer["productFacets"]["totalCount"], nodes.len());
    let mut titles: Vec<String> = nodes.iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    (titles, answer["productFacets"]["availability"].clone())
}

async fn is_available(client: &Client, goods: &Goods) -> bool {
    let document = "query($id: ID!) { product(by: {id: $id}) { isAvailable } }";
    client.send(document, json!({"id": goods.product})).await.ok()["product"]["isAvailable"] == true
}

#[actix_web::test]
async fn lists_are_narrowed_to_what_can_be_ordered() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let guest = app.guest();
    shop.owner.sell(&shop.id, "Mug", "1.00", 0).await;
    let vase = shop.owner.sell(&shop.id, "Vase", "1.00", 1).await;
    let both = json!([{"isAvailable": true, "count": 2}, {"isAvailable": false, "count": 1}]);
    assert_eq!(list(&guest, "{}").await, (vec!["Lamp".into(), "Mug".into(), "Vase".into()], both.clone()));
    // What is chosen does not hide what else there is.
    assert_eq!(list(&guest, "{isAvailable: true}").await, (vec!["Lamp".into(), "Vase".into()], both.clone()));
    assert_eq!(list(&guest, "{isAvailable: false}").await, (vec!["Mug".into()], both));
    let none = list(&guest, "{isAvailable: false, query: \"vase\"}").await;
    assert_eq!(none, (vec![], json!([{"isAvailable": true, "count": 1}])));

    // It follows what is sold and given back, what comes in, and the rules.
    let buyer = app.sign_up("Bob").await;
    let order = buyer.order_one(&vase, "1").await.ok()["order"]["id"].clone();
    assert_eq!(list(&guest, "{isAvailable: false}").await.0, ["Mug", "Vase"]);
    buyer.cancel(order.as_str().unwrap()).await.ok();
    assert_eq!(list(&guest, "{isAvailable: false}").await.0, ["Mug"]);
    shop.adjust(&shop.home, -10).await;
    assert!(!is_available(&guest, &shop.lamp).await);
    shop.rule(json!({"backorderLimit": 1})).await;
    assert!(is_available(&guest, &shop.lamp).await);
    buyer.order_one(&shop.lamp, "2").await.ok();
    assert!(!is_available(&guest, &shop.lamp).await);
    shop.adjust(&shop.barn, 1).await;
    assert!(is_available(&guest, &shop.lamp).await);
    shop.rule(json!({"backorderLimit": 0})).await;
    assert!(!is_available(&guest, &shop.lamp).await);
    // Another variant is enough.
    let input = json!({"productId": shop.lamp.product, "title": "Large", "price": {"amount": "1.00", "currency": "GBP"}, "quantity": 1});
    shop.owner.mutate("createProductVariant", input, "variant { id }").await.ok();
    assert!(is_available(&guest, &shop.lamp).await);
}

#[actix_web::test]
async fn a_page_pays_once_for_what_is_left_of_its_variants_and_nothing_unasked() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Sally").await;
    let shop = seller.open_shop("Candles").await;
    for number in 0..12 {
        seller.sell(&shop, &format!("Holder {number}"), "1.00", number).await;
    }
    let guest = app.guest();
    let takes = async |document: &str| guest.query(document).await.statements.unwrap();
    assert_eq!(takes("{ products(first: 20, filter: {isAvailable: true}) { nodes { title isAvailable } } }").await, 1);
    let variants = "variants { availability isAvailable availableQuantity isAwaited stockRule { backorderLimit } }";
    assert!(takes(&format!("{{ products(first: 20) {{ nodes {{ {variants} }} }} }}")).await <= 3);
}

#[actix_web::test]
async fn of_the_last_pieces_of_two_variants_a_product_is_sold_out() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Sally").await;
    let shop = seller.open_shop("Candles").await;
    let price = json!({"amount": "1.00", "currency": "GBP"});
    let sizes: Vec<_> =
        ["S", "M", "L"].iter().map(|size| json!({"title": size, "price": price, "quantity": 2})).collect();
    let input = json!({"shopId": shop, "title": "Shirt", "variants": sizes});
    let shirt = seller.mutate("createProduct", input, "product { id variants { id } }").await.ok()["product"].clone();
    let goods = |number: usize| Goods {
        product: shirt["id"].as_str().unwrap().into(),
        variant: shirt["variants"][number]["id"].as_str().unwrap().into(),
        price: "1.00",
    };
    let sizes = [goods(0), goods(1), goods(2)];
    let mut buyers = Vec::new();
    for number in 0..6 {
        buyers.push(app.sign_up(&format!("Buyer{number}")).await);
    }
    for round in 0..4 {
        let key = format!("round {round}");
        let orders = join_all((0..6).map(|number| buyers[number].order_one(&sizes[number % 3], &key))).await;
        assert!(orders.iter().all(|order| order.refusals().is_empty()), "{orders:?}");
        assert!(!is_available(&app.guest(), &sizes[0]).await, "round {round}");
        let ids: Vec<_> =
            orders.into_iter().map(|order| order.ok()["order"]["id"].as_str().unwrap().to_owned()).collect();
        join_all((0..6).map(|number| buyers[number].cancel(&ids[number]))).await;
        assert!(is_available(&app.guest(), &sizes[0]).await, "round {round}");
    }
    crate::orders::assert_books(&app).await;
}

#[actix_web::test]
async fn everybody_is_told_of_a_hundred_pieces_and_no_more() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    shop.adjust(&shop.barn, 1_000).await;
    assert_eq!(seen(&app.guest(), &shop.lamp).await["availableQuantity"], 100);
}

#[actix_web::test]
async fn what_a_process_of_the_last_release_does_is_put_right() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let mug = shop.owner.sell(&shop.id, "Mug", "1.00", 0).await;
    // It adds to what is on hand alone, and never says whether a product can be ordered.
    shop.rule(json!({"backorderLimit": 20})).await;
    let buyer = app.sign_up("Bob").await;
    buyer.order(&[(&shop.lamp, 12)], "12.00", "12").await.ok();
    app.given_sql("UPDATE stock_levels SET on_hand = on_hand + 5 WHERE backordered > 0");
    assert_eq!(shop.levels().await, (3, 0, 0));
    app.given_sql("UPDATE products SET is_available = NOT is_available");
    assert!(!is_available(&buyer, &shop.lamp).await && is_available(&buyer, &mug).await);
    app.given_sql("INSERT INTO jobs (id, kind, payload, run_at, created_at) \
                   VALUES (gen_random_uuid(), 'inventory.settle_availability', '{\"after\": null}', '2026-01-01', '2026-01-01')");
    app.run_jobs().await;
    assert!(is_available(&buyer, &shop.lamp).await && !is_available(&buyer, &mug).await);
}
