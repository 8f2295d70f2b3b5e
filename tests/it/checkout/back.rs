//! What goes back of what was paid for goods, shipping and tax.

use serde_json::json;

use super::{Market, entries, entry, refunded, sums};
use crate::orders::assert_books;

#[actix_web::test]
async fn what_is_called_off_piece_by_piece_is_worth_what_was_to_be_paid_for_it() {
    let market = Market::open(false).await;
    market
        .promote(&market.ada, &market.lamps, json!({"kind": "AMOUNT", "amount": {"amount": "5.00", "currency": "GBP"}}))
        .await;
    for (key, is_paid) in [("unpaid", false), ("paid", true)] {
        let order = market.order(&[(&market.lamp, 3), (&market.rug, 1)], json!({}), key).await;
        // Lamps: 24.97 and 4.99 of tax; shipping: 3.00 and 0.60.
        assert_eq!(sums(&order["parts"][0]), ["29.97", "5.00", "3.00", "5.59", "33.56"]);
        if is_paid {
            market.pay(&order).await;
        }
        let (part, line) = (&order["parts"][0]["id"], &order["parts"][0]["lines"][0]["id"]);
        let gone = if is_paid { "amountRefunded" } else { "amountCancelled" };
        for (time, amount) in ["9.98", "19.97", "33.56"].into_iter().enumerate() {
            let lines = json!([{"orderLineId": line, "quantity": 1}]);
            let input = json!({"orderPartId": part, "lines": lines, "reason": "Broken.", "idempotencyKey": format!("{key} {time}")});
            let seen =
                market.ada.mutate("cancelOrderPart", input, &format!("orderPart {{ {gone} {{ amount }} }}")).await.ok();
            assert_eq!(seen["orderPart"][gone]["amount"], amount);
        }
        market.app.run_jobs().await;
    }
    let balance = market.ada.query("{ viewer { shops { balances { amount } } } }").await.ok();
    assert_eq!(balance["viewer"]["shops"][0]["balances"][0]["amount"], "0.00");
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn with_the_last_goods_goes_the_order_and_what_it_used_is_free_again() {
    let market = Market::open(false).await;
    let once = json!({"kind": "PERCENTAGE", "percentage": "10", "code": "ONCE", "limitTotal": 1});
    market.promote(&market.ada, &market.lamps, once).await;
    for (key, is_paid) in [("unpaid", false), ("paid", true)] {
        let order = market.order(&[(&market.lamp, 1)], json!({"code": "ONCE"}), key).await;
        if is_paid {
            market.pay(&order).await;
        }
        let input = json!({"orderPartId": order["parts"][0]["id"], "reason": "Broken.", "idempotencyKey": key});
        market.ada.mutate("cancelOrderPart", input, "orderPart { orderLifecycle }").await.ok();
        market.app.run_jobs().await;
        let document = "query($id: ID!) { node(id: $id) { ... on Order { lifecycle amountOwed { amount } } } }";
        let seen = market.buyer.send(document, json!({"id": order["id"]})).await.ok()["node"].clone();
        assert_eq!((&seen["lifecycle"], &seen["amountOwed"]["amount"]), (&json!("CANCELLED"), &json!("0.00")), "{key}");
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn the_tax_that_is_kept_is_that_of_what_was_sold() {
    let market = Market::open(false).await;
    let order = market.order(&[(&market.lamp, 1), (&market.book, 2)], json!({}), "order").await;
    // Lamp: 9.99 and 2.00; books: 10.00 and 0.50; shipping: 3.00 and 0.60.
    assert_eq!(sums(&order["parts"][0]), ["19.99", "0.00", "3.00", "3.10", "26.09"]);
    let lines = json!([{"orderLineId": order["parts"][0]["lines"][0]["id"], "quantity": 1}]);
    let input =
        json!({"orderPartId": order["parts"][0]["id"], "lines": lines, "reason": "Broken.", "idempotencyKey": "lamp"});
    market.ada.mutate("cancelOrderPart", input, "orderPart { id }").await.ok();
    market.pay(&order).await;
    // A tenth of 13.00 is the market's.
    let expected = [entry("COMMISSION", "-1.30"), entry("SALE", "14.10"), entry("TAX", "-1.10")];
    assert_eq!(entries(&market.ada).await, expected);
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { invoice { tax { amount } total { amount } lines { title quantity } } } } }";
    let seen =
        market.buyer.send(document, json!({"id": order["parts"][0]["id"]})).await.ok()["node"]["invoice"].clone();
    assert_eq!((&seen["tax"]["amount"], &seen["total"]["amount"]), (&json!("1.10"), &json!("14.10")));
    assert_eq!(seen["lines"].as_array().unwrap().len(), 2);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn pieces_that_come_back_in_several_returns_come_to_the_whole() {
    let market = Market::open(true).await;
    let off = json!({"kind": "AMOUNT", "amount": {"amount": "1.00", "currency": "GBP"}});
    market.promote(&market.ada, &market.lamps, off).await;
    let order = market.order(&[(&market.lamp, 3)], json!({}), "order").await;
    market.pay(&order).await;
    let (part, line) = (&order["parts"][0]["id"], &order["parts"][0]["lines"][0]["id"]);
    let sent = json!({"orderPartId": part, "isShipped": true, "idempotencyKey": "sent"});
    let sent = market.ada.mutate("createShipment", sent, "shipment { id }").await.ok()["shipment"]["id"].clone();
    market.buyer.mutate("confirmDelivery", json!({"shipmentId": sent}), "shipment { id }").await.ok();
    let mut returns = Vec::new();
    for key in ["one", "two", "three"] {
        let lines = json!([{"orderLineId": line, "quantity": 1}]);
        let asked = json!({"orderPartId": part, "lines": lines, "reason": "OTHER", "idempotencyKey": key});
        let asked = market.buyer.mutate("requestReturn", asked, "orderReturn { id }").await.ok();
        returns.push(asked["orderReturn"]["id"].clone());
    }
    // 28.97 for three: 9.66, 9.65 and 9.66.
    for (place, (id, sum)) in returns.iter().zip(["9.66", "19.32", "28.97"]).enumerate() {
        let approved = json!({"returnId": id, "message": "Send it."});
        market.ada.mutate("approveReturn", approved, "orderReturn { id }").await.ok();
        let came = json!({"returnId": id, "message": "Here.", "idempotencyKey": format!("came {place}")});
        market.ada.mutate("receiveReturn", came, "orderReturn { id }").await.ok();
        assert_eq!(refunded(&market, &order).await, sum);
    }
    market.app.run_jobs().await;
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn the_tax_goes_back_with_what_is_given_back() {
    let market = Market::open(true).await;
    let order = market.order(&[(&market.lamp, 1)], json!({}), "order").await;
    market.pay(&order).await;
    for (amount, key) in [("4.00", "one"), ("4.00", "two"), ("4.99", "three")] {
        let amount = json!({"amount": amount, "currency": "GBP"});
        let input = json!({"orderPartId": order["parts"][0]["id"], "amount": amount, "reason": "Chipped.", "idempotencyKey": key});
        market.ada.mutate("refundOrderPart", input, "refunds { id }").await.ok();
        assert_books(&market.app).await;
    }
    market.app.run_jobs().await;
    assert_eq!(refunded(&market, &order).await, "12.99");
    let entries = entries(&market.ada).await;
    let of = |reason: &str| entries.iter().filter(|entry| entry[0] == reason).count();
    assert_eq!(
        ["SALE", "TAX", "COMMISSION", "TAX_RETURNED", "COMMISSION_RETURNED", "REFUND"].map(of),
        [1, 1, 1, 3, 3, 3]
    );
    let balance = market.ada.query("{ viewer { shops { balances { amount } } } }").await.ok();
    assert_eq!(balance["viewer"]["shops"][0]["balances"][0]["amount"], "0.00");
    assert_books(&market.app).await;
}
