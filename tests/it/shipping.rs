//! What shops pack, send and call off, and what becomes of stock, money and threads by it.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
};

const SHIPMENT: &str = "shipment { id status nextStatuses carrier trackingNumber trackingUrl shippedAt deliveredAt \
                        lines { quantity orderLine { title } } orderPart { fulfillmentState } }";

async fn ship(who: &Client, part: &Value, lines: Value, is_shipped: bool, key: &str) -> Answer {
    let input = json!({"orderPartId": part, "lines": lines, "isShipped": is_shipped, "carrier": "Post", "trackingNumber": "AB 1",
                       "trackingUrl": "https://post.example/AB1", "idempotencyKey": key});
    who.mutate("createShipment", input, SHIPMENT).await
}

async fn proceed(who: &Client, shipment: &Value, status: &str) -> Answer {
    who.mutate("updateShipment", json!({"shipmentId": shipment["id"], "status": status}), SHIPMENT).await
}

async fn call_off(who: &Client, part: &Value, lines: Value, key: &str) -> Answer {
    let input = json!({"orderPartId": part, "lines": lines, "reason": "Broken.", "idempotencyKey": key});
    who.mutate(
        "cancelOrderPart",
        input,
        "orderPart { lines { quantityCancelled } amountCancelled { amount } amountRefunded { amount } }",
    )
    .await
}

const ORDER: &str = "lifecycle paymentState cancellationReason amountPaid { amount } amountRefunded { amount } amountCancelled { amount } \
                     amountOwed { amount } timeline { step shipment { status } } parts { id fulfillmentState lines { id quantity \
                     quantityPacked quantityCancelled } shipments { id status } conversation { id } }";

async fn look(who: &Client, order: &Value) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Order {{ {ORDER} }} }} }}");
    who.send(&document, json!({"id": order})).await.ok()["node"].clone()
}

fn steps(order: &Value) -> Vec<&str> {
    order["timeline"].as_array().unwrap().iter().map(|event| event["step"].as_str().unwrap()).collect()
}

/// What is paid, given back, fallen away, and owed.
fn sums(order: &Value) -> [&str; 4] {
    ["amountPaid", "amountRefunded", "amountCancelled", "amountOwed"]
        .map(|field| order[field]["amount"].as_str().unwrap())
}

/// An order of three lamps and two shades of one shop, and a rug of another.
struct Ordered {
    app: TestApp,
    ada: Person,
    bert: Person,
    buyer: Person,
    lamp: Goods,
    rug: Goods,
    order: Value,
}

async fn ordered() -> Ordered {
    let app = TestApp::start_with(|settings| settings.checkout.commission = "10".parse().unwrap()).await;
    let (ada, bert, buyer) = (app.sign_up("Ada").await, app.sign_up("Bert").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let (lamp, shade) = (ada.sell(&shop, "Lamp", "4.00", 3).await, ada.sell(&shop, "Shade", "1.50", 5).await);
    let rug = bert.sell(&bert.open_shop("Rugs").await, "Rug", "20.00", 1).await;
    let placed = buyer.order(&[(&lamp, 3), (&shade, 2), (&rug, 1)], "35.00", "order").await.ok();
    let order = placed["order"]["id"].clone();
    Ordered { app, ada, bert, buyer, lamp, rug, order }
}

async fn pay(ordered: &Ordered) {
    ordered.buyer.pay(ordered.order.as_str().unwrap(), "test_succeeds", "pay").await.ok();
    ordered.app.run_jobs().await;
}

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
    assert_books(app);
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
    assert_books(app);
}

#[actix_web::test]
async fn what_a_shop_cannot_send_goes_back_into_stock_and_its_money_to_the_buyer() {
    let all = ordered().await;
    pay(&all).await;
    let Ordered { app, ada, buyer, lamp, order, .. } = &all;
    let seen = look(buyer, order).await;
    let (part, line) = (seen["parts"][0]["id"].clone(), seen["parts"][0]["lines"][0]["id"].clone());
    assert_eq!(app.guest().available(lamp).await, 0);
    let off =
        call_off(ada, &part, json!([{"orderLineId": line, "quantity": 2}]), "two").await.ok()["orderPart"].clone();
    assert_eq!((&off["lines"][0]["quantityCancelled"], &off["amountRefunded"]["amount"]), (&json!(2), &json!("8.00")));
    assert_eq!(app.guest().available(lamp).await, 2);
    app.run_jobs().await;
    let seen = look(buyer, order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["27.00", "8.00", "0.00", "0.00"], &json!("PAID")));
    assert_eq!(steps(&seen), ["PLACED", "PAID", "PIECES_CANCELLED", "REFUNDED"]);
    let mails = app.mails(&buyer.email);
    assert_eq!(
        mails.iter().filter(|mail| mail.subject.ends_with("was called off") && mail.text.contains("Broken.")).count(),
        1
    );
    assert_books(app);
    // What is left of the part is sent; the part is done.
    let shipment = ship(ada, &part, Value::Null, true, "rest").await.ok()["shipment"].clone();
    let quantities: Vec<_> =
        shipment["lines"].as_array().unwrap().iter().map(|line| line["quantity"].as_i64().unwrap()).collect();
    assert_eq!((quantities, &shipment["orderPart"]["fulfillmentState"]), (vec![1, 2], &json!("SHIPPED")));
    assert_eq!(call_off(ada, &part, Value::Null, "late").await.refusal().0, "ORDER_NOT_CANCELLABLE");
    assert_books(app);
}

#[actix_web::test]
async fn what_was_given_back_before_is_not_given_back_again() {
    let all = ordered().await;
    pay(&all).await;
    let Ordered { app, ada, buyer, order, .. } = &all;
    let part = look(buyer, order).await["parts"][0]["id"].clone();
    let some = json!({"orderPartId": part, "amount": {"amount": "14.00", "currency": "GBP"}, "reason": "Late.", "idempotencyKey": "some"});
    ada.mutate("refundOrderPart", some, "orderPart { id }").await.ok();
    let off = call_off(ada, &part, Value::Null, "all").await.ok()["orderPart"].clone();
    assert_eq!(off["amountRefunded"]["amount"], "15.00");
    app.run_jobs().await;
    assert_eq!(sums(&look(buyer, order).await), ["20.00", "15.00", "0.00", "0.00"]);
    assert_books(app);
}

#[actix_web::test]
async fn what_falls_away_before_it_is_paid_is_owed_no_more() {
    let all = ordered().await;
    let Ordered { app, ada, bert, buyer, rug, order, .. } = &all;
    let seen = look(buyer, order).await;
    let (part, other, line) = (&seen["parts"][0]["id"], &seen["parts"][1]["id"], &seen["parts"][0]["lines"][0]["id"]);
    let waits = buyer.pay(order.as_str().unwrap(), "test_requires_action", "waits").await.ok()["payment"]["id"].clone();
    call_off(ada, part, json!([{"orderLineId": line, "quantity": 1}]), "one").await.ok();
    let seen = look(buyer, order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["0.00", "0.00", "4.00", "31.00"], &json!("UNPAID")));
    let payment =
        buyer.send("query($id: ID!) { node(id: $id) { ... on Payment { status } } }", json!({"id": waits})).await.ok();
    assert_eq!(payment["node"]["status"], "CANCELLED", "it was about more");
    pay(&all).await;
    let seen = look(buyer, order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["31.00", "0.00", "4.00", "0.00"], &json!("PAID")));
    assert_books(app);
    let balance = async |seller: &Client| {
        seller.query("{ viewer { shops { balances { amount } } } }").await.ok()["viewer"]["shops"][0]["balances"][0]["amount"].clone()
    };
    // Two lamps and two shades at nine tenths.
    assert_eq!((balance(ada).await, balance(bert).await), (json!("9.90"), json!("18.00")));

    // Nothing is left of it: it is called off as a whole.
    call_off(ada, part, Value::Null, "rest").await.ok();
    call_off(bert, other, Value::Null, "rug").await.ok();
    app.run_jobs().await;
    let seen = look(buyer, order).await;
    assert_eq!((&seen["lifecycle"], &seen["cancellationReason"]), (&json!("CANCELLED"), &json!("SHOP")));
    // Why the other shop did so is none of this one's business.
    let told = "query($id: ID!) { node(id: $id) { ... on OrderPart { timeline { step reason } } } }";
    let told = ada.send(told, json!({"id": part})).await.ok()["node"].clone();
    assert_eq!(steps(&told), ["PLACED", "PIECES_CANCELLED", "PAID", "PIECES_CANCELLED", "REFUNDED", "CANCELLED"]);
    assert_eq!(told["timeline"][5]["reason"], Value::Null);
    assert_eq!(sums(&seen), ["0.00", "31.00", "4.00", "0.00"]);
    assert_eq!((app.guest().available(rug).await, balance(ada).await), (1, json!("0.00")));
    assert_books(app);
}

#[actix_web::test]
async fn a_buyer_calls_a_paid_order_off_until_something_is_packed() {
    let all = ordered().await;
    pay(&all).await;
    let Ordered { app, ada, buyer, lamp, order, .. } = &all;
    let id = order.as_str().unwrap();
    let part = look(buyer, order).await["parts"][0]["id"].clone();
    let shipment = ship(ada, &part, Value::Null, false, "k").await.ok()["shipment"].clone();
    assert_eq!(buyer.cancel(id).await.refusal().0, "ORDER_NOT_CANCELLABLE");
    proceed(ada, &shipment, "UNPACKED").await.ok();
    assert_eq!(buyer.cancel(id).await.ok()["order"]["lifecycle"], "CANCELLED");
    assert_eq!(buyer.cancel(id).await.refusal().0, "ORDER_NOT_CANCELLABLE");
    app.run_jobs().await;
    let seen = look(buyer, order).await;
    assert_eq!((sums(&seen), &seen["cancellationReason"]), (["0.00", "35.00", "0.00", "0.00"], &json!("BUYER")));
    assert_eq!(app.guest().available(lamp).await, 3);
    assert_eq!(ship(ada, &part, Value::Null, true, "late").await.refusal().0, "ORDER_NOT_SHIPPABLE");
    assert_books(app);
}

#[actix_web::test]
async fn a_shop_packs_or_a_buyer_calls_off_never_both() {
    for round in 0..4 {
        let all = ordered().await;
        pay(&all).await;
        let Ordered { app, ada, buyer, order, .. } = &all;
        let part = look(buyer, order).await["parts"][0]["id"].clone();
        let (sent, off) = tokio::join!(ship(ada, &part, Value::Null, true, "k"), buyer.cancel(order.as_str().unwrap()));
        assert_ne!(sent.refusals().is_empty(), off.refusals().is_empty(), "round {round}: {sent:?} {off:?}");
        app.run_jobs().await;
        assert_books(app);
    }
}

#[actix_web::test]
async fn no_more_goes_back_than_was_taken_though_it_goes_to_another_place() {
    let all = ordered().await;
    let Ordered { app, ada, buyer, lamp, .. } = &all;
    // The first order took all lamps; these lie in the annex, which is given up once they are sold.
    let shops =
        ada.query("{ viewer { shops { shop { id } locations { id } } } }").await.ok()["viewer"]["shops"][0].clone();
    let annex =
        ada.mutate("createLocation", json!({"shopId": shops["shop"]["id"], "name": "Annex"}), "location { id }").await;
    let annex = annex.ok()["location"]["id"].clone();
    let put = json!({"variantId": lamp.variant, "locationId": annex, "change": {"by": 3}});
    ada.mutate("adjustStock", put, "stockLevel { onHand }").await.ok();
    let order = buyer.order(&[(lamp, 3)], "12.00", "annex").await.ok()["order"]["id"].clone();
    buyer.pay(order.as_str().unwrap(), "test_succeeds", "annex").await.ok();
    ada.mutate("updateLocation", json!({"locationId": annex, "isActive": false}), "location { id }").await.ok();
    let seen = look(buyer, &order).await;
    let line = json!([{"orderLineId": seen["parts"][0]["lines"][0]["id"], "quantity": 1}]);
    call_off(ada, &seen["parts"][0]["id"], line, "one").await.ok();
    assert_eq!(app.guest().available(lamp).await, 1);
    assert_eq!(buyer.cancel(order.as_str().unwrap()).await.ok()["order"]["lifecycle"], "CANCELLED");
    assert_eq!(app.guest().available(lamp).await, 3);
    app.run_jobs().await;
    assert_books(app);
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
    assert_books(&app);
}

#[actix_web::test]
async fn what_happened_to_many_orders_is_read_in_as_many_statements_as_to_one() {
    let all = ordered().await;
    pay(&all).await;
    let Ordered { ada, buyer, order, .. } = &all;
    let document = "query($first: Int!) { viewer { orders(first: $first) { nodes { refunds { id orderPart { id } } \
                    timeline { step actor { displayName } orderPart { id } refund { id } shipment { id } } \
                    parts { timeline { step } refunds { id } shipments { lines { orderLine { title } } orderPart { id } } } } } } }";
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
    for key in ["a", "b", "c"] {
        let lamp = json!({"variantId": all.lamp.variant, "change": {"by": 1}});
        ada.mutate("adjustStock", lamp, "stockLevel { onHand }").await.ok();
        let placed = buyer.order_one(&all.lamp, key).await.ok()["order"].clone();
        buyer.pay(placed["id"].as_str().unwrap(), "test_succeeds", &format!("pay {key}")).await.ok();
        ship(ada, &placed["parts"][0]["id"], Value::Null, true, key).await.ok();
    }
    let of_many = statements(4).await;
    assert!(of_many <= of_one && of_one <= 18, "{of_many} for four, {of_one} for one");
}

#[actix_web::test]
async fn nobody_of_the_staff_has_money_given_back_in_a_buyers_name() {
    let all = ordered().await;
    pay(&all).await;
    let Ordered { app, buyer, order, .. } = &all;
    let helper = app.sign_up("Helper").await;
    app.given_role(&helper, "SUPPORT");
    let leave = app.leave(&helper, buyer).await;
    let helper = helper.with_header("agora-on-behalf-of", &leave);
    assert_eq!(helper.cancel(order.as_str().unwrap()).await.code(), "FORBIDDEN");
    assert_eq!(look(buyer, order).await["lifecycle"], "OPEN");
}
