//! Receiving, counting and moving stock, and the ledger of it.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Shop, adjust, desk};
use crate::{harness::TestApp, orders::assert_books};

const LEDGER: &str =
    "nodes { delta reason createdAt location { name } variant { id } actor { displayName } orderPart { orderNumber } }";

#[actix_web::test]
async fn every_change_stands_in_the_ledger() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    app.advance(chrono::TimeDelta::seconds(1));
    let change = async |change: Value, reason: Value| adjust(&shop.owner, &shop.lamp, &shop.home, change, reason).await;
    assert_eq!(change(json!({"by": 5}), json!("RECEIVED")).await["onHand"], 15);
    app.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(change(json!({"by": 1}), json!("RETURNED")).await["onHand"], 16);
    app.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(change(json!({"to": {"quantity": 12, "expected": 16}}), Value::Null).await["onHand"], 12);
    app.advance(chrono::TimeDelta::seconds(1));
    let buyer = app.sign_up("Bob").await;
    let order = buyer.order_one(&shop.lamp, "1").await.ok()["order"].clone();
    app.advance(chrono::TimeDelta::seconds(1));
    buyer.cancel(order["id"].as_str().unwrap()).await.ok();

    let ledger =
        desk(&shop.owner, &format!("stockMovements {{ totalCount {LEDGER} }}")).await["stockMovements"].clone();
    assert_eq!(ledger["totalCount"], 6);
    let told: Vec<_> = ledger["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["delta"].as_i64().unwrap(),
                row["reason"].as_str().unwrap(),
                row["actor"]["displayName"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, "RESTOCKED", "Bob"),
            (-1, "SOLD", "Bob"),
            (-4, "CORRECTED", "Olga"),
            (1, "RETURNED", "Olga"),
            (5, "RECEIVED", "Olga"),
            (10, "RECEIVED", "Olga"),
        ]
    );
    assert_eq!(ledger["nodes"][1]["orderPart"]["orderNumber"], order["number"]);
    assert_eq!(ledger["nodes"][2]["orderPart"], Value::Null);

    // What does not fit changes nothing.
    let home = |what: Value, reason: Value| change(what, reason);
    assert_eq!(home(json!({"by": -13}), Value::Null).await, json!(["OUT_OF_STOCK", "change.by"]));
    assert_eq!(
        home(json!({"to": {"quantity": 1, "expected": 11}}), Value::Null).await,
        json!(["STOCK_CHANGED", "change.to.expected"])
    );
    assert_eq!(home(json!({"by": -1}), json!("RECEIVED")).await, json!(["INVALID", "reason"]));
    assert_eq!(
        home(json!({"to": {"quantity": 13, "expected": 12}}), json!("RETURNED")).await,
        json!(["INVALID", "reason"])
    );
    let nowhere = json!("location_00000000000000000000000000");
    assert_eq!(
        adjust(&shop.owner, &shop.lamp, &nowhere, json!({"by": 1}), Value::Null).await,
        json!(["NOT_FOUND", "locationId"])
    );
    assert_eq!(shop.levels().await, (12, 0, 0));
    assert_books(&app).await;
}

#[actix_web::test]
async fn the_ledger_is_read_by_pages_and_narrowed() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let mug = shop.owner.sell(&shop.id, "Mug", "1.00", 3).await;
    for number in 1..=5 {
        app.advance(chrono::TimeDelta::seconds(1));
        shop.adjust(if number % 2 == 0 { &shop.home } else { &shop.barn }, number).await;
    }
    let page = async |arguments: &str| {
        let document = format!(
            "{{ viewer {{ shops {{ stockMovements({arguments}) {{ totalCount {LEDGER} pageInfo {{ endCursor startCursor hasNextPage }} }} }} }} }}"
        );
        let answer = shop.owner.query(&document).await;
        assert!(answer.statements.unwrap() <= 6, "{answer:?}");
        answer.ok()["viewer"]["shops"][0]["stockMovements"].clone()
    };
    let deltas = |page: &Value| -> Vec<i64> {
        page["nodes"].as_array().unwrap().iter().map(|row| row["delta"].as_i64().unwrap()).collect()
    };
    let first = page("first: 3").await;
    assert_eq!((deltas(&first), &first["totalCount"]), (vec![5, 4, 3], &json!(7)));
    let next = page(&format!("first: 9, after: {}", first["pageInfo"]["endCursor"])).await;
    assert_eq!(deltas(&next)[..2], [2, 1]);
    assert_eq!(deltas(&next).len(), 4);
    let back = page(&format!("last: 2, before: {}", next["pageInfo"]["startCursor"])).await;
    assert_eq!(deltas(&back), [4, 3]);

    let (home, barn, lamp) = (&shop.home, &shop.barn, &shop.lamp.variant);
    for (filter, expected) in [
        (format!("{{locationId: {barn}}}"), vec![5, 3, 1]),
        (format!("{{locationId: {home}, reason: CORRECTED}}"), vec![4, 2]),
        (format!("{{variantId: \"{lamp}\", locationId: {home}}}"), vec![4, 2, 10]),
        (format!("{{variantId: \"{}\"}}", mug.variant), vec![3]),
        (format!("{{variantId: \"{lamp}\", reason: RECEIVED}}"), vec![10]),
        ("{reason: MOVED}".into(), vec![]),
    ] {
        let found = page(&format!("filter: {filter}")).await;
        assert_eq!((deltas(&found), &found["totalCount"]), (expected.clone(), &json!(expected.len())), "{filter}");
    }
    let other = app.sign_up("Eve").await;
    other.open_shop("Elsewhere").await;
    let stolen = desk(&other, &format!("stockMovements(filter: {{locationId: {home}}}) {{ nodes {{ delta }} }}")).await;
    assert_eq!(stolen["stockMovements"]["nodes"], json!([]));
}

#[actix_web::test]
async fn pieces_move_from_one_location_to_another() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let moved = shop.move_to(&shop.home, &shop.barn, 4).await.ok();
    assert_eq!(moved, json!({"from": {"onHand": 6}, "to": {"onHand": 4}, "userErrors": []}));
    let refusal = async |from: &Value, to: &Value, quantity: i32| shop.move_to(from, to, quantity).await.refusal();
    let refused = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(refusal(&shop.home, &shop.barn, 7).await, refused("OUT_OF_STOCK", "quantity"));
    assert_eq!(refusal(&shop.home, &shop.barn, 0).await, refused("OUT_OF_RANGE", "quantity"));
    assert_eq!(refusal(&shop.home, &shop.home, 1).await, refused("INVALID", "toLocationId"));
    let eve = app.sign_up("Eve").await;
    eve.sell(&eve.open_shop("Elsewhere").await, "Thing", "1.00", 1).await;
    let elsewhere = super::locations(&eve).await[0]["id"].clone();
    assert_eq!(refusal(&shop.home, &elsewhere, 1).await, refused("NOT_FOUND", "toLocationId"));
    assert_eq!(refusal(&elsewhere, &shop.home, 1).await, refused("NOT_FOUND", "fromLocationId"));
    let input =
        json!({"variantId": shop.lamp.variant, "fromLocationId": shop.home, "toLocationId": shop.barn, "quantity": 1});
    assert_eq!(eve.mutate("moveStock", input, "").await.refusal(), refused("NOT_FOUND", "variantId"));

    // Twice with one key is once.
    let input = json!({"variantId": shop.lamp.variant, "fromLocationId": shop.barn, "toLocationId": shop.home, "quantity": 1,
                       "idempotencyKey": "back"});
    for replayed in [Value::Null, json!(true)] {
        let answer = shop.owner.mutate("moveStock", input.clone(), "to { onHand }").await;
        assert_eq!(answer.extensions.get("replayed").cloned().unwrap_or_default(), replayed);
        assert_eq!(answer.ok()["to"]["onHand"], 7);
    }
    let ledger =
        desk(&shop.owner, "stockMovements(filter: {reason: MOVED}) { nodes { delta location { name } } }").await;
    let mut moved: Vec<_> = ledger["stockMovements"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["delta"].as_i64().unwrap())
        .collect();
    moved.sort_unstable();
    assert_eq!(moved, [-4, -1, 1, 4]);
    assert_eq!(shop.levels().await, (7, 3, 0));
    assert_books(&app).await;
}

#[actix_web::test]
async fn of_two_who_count_at_once_one_is_told_to_count_again() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    for round in 0..8 {
        let expected = if round == 0 { 10 } else { 20 + round - 1 };
        let count = || {
            adjust(
                &shop.owner,
                &shop.lamp,
                &shop.home,
                json!({"to": {"quantity": 20 + round, "expected": expected}}),
                Value::Null,
            )
        };
        let (one, other) = tokio::join!(count(), count());
        let refused =
            [&one, &other].into_iter().filter(|told| **told == json!(["STOCK_CHANGED", "change.to.expected"])).count();
        assert_eq!(refused, 1, "{one} {other}");
    }
    assert_eq!(shop.levels().await, (27, 0, 0));
    assert_books(&app).await;
}

#[actix_web::test]
async fn who_moves_and_who_takes_do_not_get_into_each_others_way() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let mut buyers = Vec::new();
    for number in 0..8 {
        buyers.push(app.sign_up(&format!("Buyer{number}")).await);
    }
    let moving = join_all((0..16).map(|round| {
        let (from, to) = if round % 2 == 0 { (&shop.home, &shop.barn) } else { (&shop.barn, &shop.home) };
        shop.move_to(from, to, 2)
    }));
    let buying = join_all(buyers.iter().map(|buyer| buyer.order_one(&shop.lamp, "1")));
    let counting = join_all((0..8).map(|_| shop.adjust(&shop.barn, 1)));
    let (moved, bought, counted) = tokio::join!(moving, buying, counting);
    assert!(moved.iter().all(|answer| answer.refusals().iter().all(|(code, _)| code == "OUT_OF_STOCK")), "{moved:?}");
    assert!(bought.iter().all(|answer| answer.refusals().is_empty()), "{bought:?}");
    assert!(counted.iter().all(|level| level["onHand"].is_i64()), "{counted:?}");
    let (home, barn, owed) = shop.levels().await;
    assert_eq!((home + barn, owed), (10, 0));
    assert_books(&app).await;
}

#[actix_web::test]
async fn the_list_of_stock_is_narrowed_by_place_sku_and_what_is_low() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    for (sku, quantity, threshold) in
        [("A-1", 1, json!(3)), ("A-2", 9, json!(3)), ("A%3", 0, Value::Null), ("B-1", 0, json!(0))]
    {
        let price = json!({"amount": "1.00", "currency": "GBP"});
        let variant = json!({"sku": sku, "price": price, "quantity": quantity, "lowStockThreshold": threshold, "backorderLimit": 2});
        let input = json!({"shopId": shop.id, "title": sku, "variants": [variant]});
        shop.owner.mutate("createProduct", input, "product { id }").await.ok();
    }
    shop.adjust(&shop.barn, 1).await;
    let skus = async |filter: &str| {
        let stock = desk(
            &shop.owner,
            &format!(
                "stock(filter: {filter}) {{ totalCount nodes {{ variant {{ sku stockRule {{ backorderLimit }} }} }} }}"
            ),
        )
        .await["stock"]
            .clone();
        let skus: Vec<_> = stock["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|level| level["variant"]["sku"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(stock["totalCount"], skus.len());
        skus
    };
    assert_eq!(skus("{isLow: true}").await, ["A-1", "B-1"]);
    assert_eq!(skus("{isLow: false}").await.len(), 4);
    assert_eq!(skus("{skuPrefix: \"A-\"}").await, ["A-1", "A-2"]);
    assert_eq!(skus("{skuPrefix: \"A%\"}").await, ["A%3"]);
    assert_eq!(skus("{skuPrefix: \"A\", isLow: true}").await, ["A-1"]);
    assert_eq!(skus(&format!("{{locationId: {}}}", shop.barn)).await.len(), 1);
    let answer = shop
        .owner
        .query(&format!(
            "{{ viewer {{ shops {{ stock(filter: {{skuPrefix: \"{}\"}}) {{ nodes {{ onHand }} }} }} }} }}",
            "A".repeat(65)
        ))
        .await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
}
