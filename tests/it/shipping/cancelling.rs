//! What is called off: its stock, and its money.

use serde_json::{Value, json};

use super::{Ordered, call_off, look, ordered, pay, proceed, ship, steps, sums};
use crate::{harness::Client, orders::assert_books};

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
    assert_books(app).await;
    // What is left of the part is sent; the part is done.
    let shipment = ship(ada, &part, Value::Null, true, "rest").await.ok()["shipment"].clone();
    let quantities: Vec<_> =
        shipment["lines"].as_array().unwrap().iter().map(|line| line["quantity"].as_i64().unwrap()).collect();
    assert_eq!((quantities, &shipment["orderPart"]["fulfillmentState"]), (vec![1, 2], &json!("SHIPPED")));
    assert_eq!(call_off(ada, &part, Value::Null, "late").await.refusal().0, "ORDER_NOT_CANCELLABLE");
    assert_books(app).await;
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
    assert_books(app).await;
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
    assert_books(app).await;
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
    assert_books(app).await;
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
    assert_books(app).await;
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
        assert_books(app).await;
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
    assert_books(app).await;
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
