//! What is packed, sent and arrives.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Ordered, SHIPMENT, call_off, look, ordered, pay, proceed, ship, steps};
use crate::{
    harness::{Client, TestApp},
    orders::assert_books,
};

#[actix_web::test]
async fn an_order_is_sent_in_as_many_shipments_as_it_takes_and_is_over_once_all_have_arrived() {
    let all = ordered().await;
    pay(&all).await;
    let Ordered { app, ada, bert, buyer, order, .. } = &all;
    let seen = look(buyer, order).await;
    let (part, other) = (seen["parts"][0]["id"].clone(), seen["parts"][1]["id"].clone());
    let lines = &seen["parts"][0]["lines"];
    let first =
        ship(ada, &part, json!([{"orderLineId": lines[0]["id"], "quantity": 2}]), true, "first").await.ok()["shipment"]
            .clone();
    assert_eq!(first["lines"], json!([{"quantity": 2, "orderLine": {"title": "Lamp"}}]));
    assert_eq!((&first["status"], &first["nextStatuses"]), (&json!("SHIPPED"), &json!(["DELIVERED"])));
    assert_eq!((&first["carrier"], &first["trackingUrl"]), (&json!("Post"), &json!("https://post.example/AB1")));
    assert_eq!(first["orderPart"]["fulfillmentState"], "PARTIALLY_SHIPPED");
    let again = ship(ada, &part, json!([{"orderLineId": lines[0]["id"], "quantity": 2}]), true, "first").await;
    assert_eq!(again.extensions["replayed"], true);
    app.run_jobs().await;
    let mail = app.mails(&buyer.email).pop().unwrap();
    assert!(mail.subject.ends_with("is on its way") && mail.text.contains("https://post.example/AB1"), "{mail:?}");

    // The rest is packed, unpacked, packed again and sent.
    let rest = ship(ada, &part, Value::Null, false, "rest").await.ok()["shipment"].clone();
    assert_eq!((&rest["status"], rest["lines"].as_array().unwrap().len()), (&json!("PACKED"), 2));
    assert_eq!(ship(ada, &part, Value::Null, false, "more").await.refusal().0, "ORDER_NOT_SHIPPABLE");
    assert_eq!(
        proceed(ada, &rest, "DELIVERED").await.refusal(),
        ("TRANSITION_NOT_ALLOWED".to_owned(), "status".to_owned())
    );
    assert_eq!(proceed(ada, &rest, "UNPACKED").await.ok()["shipment"]["nextStatuses"], json!([]));
    let rest = ship(ada, &part, Value::Null, false, "again").await.ok()["shipment"].clone();
    assert_eq!(proceed(ada, &rest, "SHIPPED").await.ok()["shipment"]["orderPart"]["fulfillmentState"], "SHIPPED");
    proceed(ada, &first, "DELIVERED").await.ok();
    let arrived =
        buyer.mutate("confirmDelivery", json!({"shipmentId": rest["id"]}), SHIPMENT).await.ok()["shipment"].clone();
    assert_eq!(
        (&arrived["status"], &arrived["orderPart"]["fulfillmentState"]),
        (&json!("DELIVERED"), &json!("DELIVERED"))
    );
    // Said twice, it has arrived once.
    buyer.mutate("confirmDelivery", json!({"shipmentId": rest["id"]}), SHIPMENT).await.ok();
    assert_eq!(look(buyer, order).await["lifecycle"], "OPEN", "a rug is to come");
    let rug = ship(bert, &other, Value::Null, true, "rug").await.ok()["shipment"].clone();
    proceed(bert, &rug, "DELIVERED").await.ok();
    let seen = look(buyer, order).await;
    assert_eq!((&seen["lifecycle"], &seen["paymentState"]), (&json!("COMPLETED"), &json!("PAID")));
    let expected = [
        "PLACED",
        "PAID",
        "SHIPPED",
        "PACKED",
        "UNPACKED",
        "PACKED",
        "SHIPPED",
        "DELIVERED",
        "DELIVERED",
        "SHIPPED",
        "DELIVERED",
        "COMPLETED",
    ];
    assert_eq!(steps(&seen), expected);
    assert_eq!(seen["timeline"][2]["shipment"]["status"], "DELIVERED");
    assert_eq!(buyer.cancel(order.as_str().unwrap()).await.refusal().0, "ORDER_NOT_CANCELLABLE");
    assert_books(app).await;
}

#[actix_web::test]
async fn who_has_no_business_with_a_shipment_neither_sees_nor_moves_it() {
    let all = ordered().await;
    let Ordered { app, ada, bert, buyer, order, .. } = &all;
    let seen = look(buyer, order).await;
    let part = seen["parts"][0]["id"].clone();
    let line = seen["parts"][0]["lines"][0]["id"].clone();
    assert_eq!(ship(ada, &part, Value::Null, true, "unpaid").await.refusal().0, "ORDER_NOT_PAID");
    pay(&all).await;
    for stranger in [bert, buyer] {
        assert_eq!(
            ship(stranger, &part, Value::Null, true, "k").await.refusal(),
            ("NOT_FOUND".to_owned(), "orderPartId".to_owned())
        );
        assert_eq!(call_off(stranger, &part, Value::Null, "k").await.refusal().0, "NOT_FOUND");
    }
    let foreign = seen["parts"][1]["lines"][0]["id"].clone();
    for (lines, refusal) in [
        (json!([]), ("BLANK", "lines")),
        (json!([{"orderLineId": foreign, "quantity": 1}]), ("NOT_FOUND", "lines.0.orderLineId")),
        (json!([{"orderLineId": line, "quantity": 4}]), ("OUT_OF_RANGE", "lines.0.quantity")),
        (json!([{"orderLineId": line, "quantity": 0}]), ("OUT_OF_RANGE", "lines.0.quantity")),
        (
            json!([{"orderLineId": line, "quantity": 1}, {"orderLineId": line, "quantity": 1}]),
            ("NOT_FOUND", "lines.1.orderLineId"),
        ),
    ] {
        let refused = ship(ada, &part, lines.clone(), true, &lines.to_string()).await;
        assert_eq!(refused.refusal(), (refusal.0.to_owned(), refusal.1.to_owned()), "{lines}");
    }
    for url in ["javascript:alert(1)", "no link", "ftp://post.example"] {
        let input = json!({"orderPartId": part, "trackingUrl": url, "idempotencyKey": url});
        let refused = ada.mutate("createShipment", input, SHIPMENT).await;
        assert_eq!(refused.refusal(), ("INVALID".to_owned(), "trackingUrl".to_owned()), "{url}");
    }
    let shipment = ship(ada, &part, Value::Null, true, "k").await.ok()["shipment"].clone();
    let eve = app.sign_up("Eve").await;
    for stranger in [bert, &eve] {
        let node =
            stranger.send("query($id: ID!) { node(id: $id) { __typename } }", json!({"id": shipment["id"]})).await.ok();
        assert_eq!(node["node"], Value::Null);
        assert_eq!(
            proceed(stranger, &shipment, "DELIVERED").await.refusal(),
            ("NOT_FOUND".to_owned(), "shipmentId".to_owned())
        );
        let confirmed = stranger.mutate("confirmDelivery", json!({"shipmentId": shipment["id"]}), SHIPMENT).await;
        assert_eq!(confirmed.refusal().0, "NOT_FOUND");
    }
    assert_eq!(proceed(buyer, &shipment, "DELIVERED").await.refusal().0, "NOT_FOUND", "the shop's word");
    let moved = ada
        .mutate("updateShipment", json!({"shipmentId": shipment["id"], "trackingNumber": "CD 2"}), SHIPMENT)
        .await
        .ok();
    assert_eq!((&moved["shipment"]["trackingNumber"], &moved["shipment"]["carrier"]), (&json!("CD 2"), &json!("Post")));
}

#[actix_web::test]
async fn admins_send_for_a_shop_and_the_buyer_reads_why() {
    let all = ordered().await;
    pay(&all).await;
    let Ordered { app, buyer, order, .. } = &all;
    let (admin, support) = (app.sign_up("Olive").await, app.sign_up("Sue").await);
    app.given_role(&admin, "ADMIN");
    app.given_role(&support, "SUPPORT");
    let part = look(buyer, order).await["parts"][0]["id"].clone();
    let send = async |who: &Client, reason: Option<&str>| {
        let input =
            json!({"orderPartId": part, "isShipped": true, "reason": reason, "idempotencyKey": format!("{reason:?}")});
        who.mutate("createShipment", input, SHIPMENT).await
    };
    assert_eq!(send(&support, Some("Ill.")).await.refusal(), ("NOT_FOUND".to_owned(), "orderPartId".to_owned()));
    assert_eq!(send(&admin, None).await.refusal(), ("BLANK".to_owned(), "reason".to_owned()));
    let sent = send(&admin, Some("The shop is ill.")).await.ok()["shipment"].clone();
    let silently = proceed(&admin, &sent, "DELIVERED").await;
    assert_eq!(silently.refusal(), ("BLANK".to_owned(), "reason".to_owned()));
    app.advance(chrono::TimeDelta::seconds(1));
    let arrived = json!({"shipmentId": sent["id"], "status": "DELIVERED", "reason": "The carrier says so."});
    assert_eq!(admin.mutate("updateShipment", arrived, SHIPMENT).await.ok()["shipment"]["status"], "DELIVERED");
    let timeline = "query($id: ID!) { node(id: $id) { ... on Order { timeline { step actor { displayName } } } } }";
    let seen = buyer.send(timeline, json!({"id": order})).await.ok()["node"].clone();
    assert_eq!(steps(&seen), ["PLACED", "PAID", "SHIPPED", "DELIVERED"]);
    assert_eq!((&seen["timeline"][2]["actor"], &seen["timeline"][3]["actor"]), (&Value::Null, &Value::Null));
    let log = buyer.query("{ viewer { auditLog { nodes { action reason } } } }").await.ok();
    let expected = json!([
        {"action": "updateShipment", "reason": "The carrier says so."},
        {"action": "createShipment", "reason": "The shop is ill."},
    ]);
    assert_eq!(log["viewer"]["auditLog"]["nodes"], expected);
    assert_books(app).await;
}

#[actix_web::test]
async fn no_piece_is_packed_twice_however_many_pack() {
    let all = ordered().await;
    pay(&all).await;
    let Ordered { app, ada, buyer, order, .. } = &all;
    let seen = look(buyer, order).await;
    let (part, line) = (seen["parts"][0]["id"].clone(), seen["parts"][0]["lines"][0]["id"].clone());
    let lines = json!([{"orderLineId": line, "quantity": 1}]);
    let keys: Vec<_> = (0..6).map(|key| key.to_string()).collect();
    let answers = join_all(keys.iter().enumerate().map(|(place, key)| {
        let (part, lines) = (&part, lines.clone());
        async move {
            if place % 2 == 0 { ship(ada, part, lines, true, key).await } else { call_off(ada, part, lines, key).await }
        }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.refusals().is_empty()).count(), 3);
    let seen = look(buyer, order).await;
    let line = &seen["parts"][0]["lines"][0];
    let sum = line["quantityPacked"].as_i64().unwrap() + line["quantityCancelled"].as_i64().unwrap();
    assert_eq!(sum, 3);
    app.run_jobs().await;
    assert_books(app).await;
}

#[actix_web::test]
async fn an_order_that_owes_nothing_any_more_waits_for_nothing() {
    let app = TestApp::start().await;
    let (seller, buyer) = (app.sign_up("Seller").await, app.sign_up("Buyer").await);
    let shop = seller.open_shop("Corner").await;
    let (lamp, gift) = (seller.sell(&shop, "Lamp", "4.00", 1).await, seller.sell(&shop, "Leaflet", "0.00", 1).await);
    app.schedule_jobs().await;
    let order = buyer.order(&[(&lamp, 1), (&gift, 1)], "4.00", "order").await.ok()["order"]["id"].clone();
    let seen = look(&buyer, &order).await;
    let part = &seen["parts"][0];
    call_off(&seller, &part["id"], json!([{"orderLineId": part["lines"][0]["id"], "quantity": 1}]), "lamp").await.ok();
    for _ in 0..2 {
        app.advance(chrono::TimeDelta::minutes(31));
        app.run_jobs().await;
    }
    let (seller, buyer) =
        (crate::privacy::sign_in(&app, &seller.email).await, crate::privacy::sign_in(&app, &buyer.email).await);
    assert_eq!(look(&buyer, &order).await["lifecycle"], "OPEN");
    let gift = ship(&seller, &part["id"], Value::Null, true, "gift").await.ok()["shipment"].clone();
    proceed(&seller, &gift, "DELIVERED").await.ok();
    assert_eq!(look(&buyer, &order).await["lifecycle"], "COMPLETED");
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_happened_to_many_orders_is_read_in_as_many_statements_as_to_one() {
    let all = ordered().await;
    pay(&all).await;
    let Ordered { ada, buyer, order, .. } = &all;
    let document = "query($first: Int!) { viewer { orders(first: $first) { nodes { refunds { id orderPart { id } } \
                    timeline { step actor { displayName } orderPart { id } refund { id } shipment { id } } \
                    parts { timeline { step } refunds { id } returns { id } claims { id } shipments { lines { orderLine { title } } orderPart { id } } } } } } }";
    let statements = async |first: i32| {
        let answer = buyer.send(document, json!({"first": first})).await;
        let statements = answer.statements.unwrap();
        answer.ok();
        statements
    };
    let part = look(buyer, order).await["parts"][0].clone();
    for (key, line) in ["one", "two"].iter().zip(part["lines"].as_array().unwrap()) {
        let piece = json!([{"orderLineId": line["id"], "quantity": 1}]);
        ship(ada, &part["id"], piece.clone(), true, key).await.ok();
        call_off(ada, &part["id"], piece, &format!("off {key}")).await.ok();
    }
    let of_one = statements(1).await;
    for key in ["a", "b", "c", "d", "e", "f"] {
        let lamp = json!({"variantId": all.lamp.variant, "change": {"by": 1}});
        ada.mutate("adjustStock", lamp, "stockLevel { onHand }").await.ok();
        let placed = buyer.order_one(&all.lamp, key).await.ok()["order"].clone();
        buyer.pay(placed["id"].as_str().unwrap(), "test_succeeds", &format!("pay {key}")).await.ok();
        ship(ada, &placed["parts"][0]["id"], Value::Null, true, key).await.ok();
    }
    let of_many = statements(7).await;
    // Which fields of a page share a batch is a matter of timing; whatever was read order by order would cost six more.
    assert!(of_many < of_one + 6 && of_many <= 26, "{of_many} for seven, {of_one} for one");
}
