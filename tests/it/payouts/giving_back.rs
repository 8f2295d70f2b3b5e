//! What shops give back of what they were paid out: nothing that is not their own.

use serde_json::{Value, json};

use super::{Market, market, paid_out, ready, told};
use crate::{
    harness::{Answer, Client},
    orders::assert_books,
    privacy::sign_in,
};

async fn refund(who: &Client, part: &Value, amount: Option<&str>, key: &str) -> Answer {
    let amount = amount.map(pounds);
    let input = json!({"orderPartId": part, "amount": amount, "reason": "Sorry.", "idempotencyKey": key});
    who.mutate("refundOrderPart", input, "refunds { id }").await
}

fn pounds(amount: &str) -> Value {
    json!({"amount": amount, "currency": "GBP"})
}

fn too_low() -> (String, String) {
    ("BALANCE_TOO_LOW".to_owned(), String::new())
}

/// A shop that has sold a lamp, and was paid out all that it has.
async fn paid_out_shop() -> (Market, Value) {
    let market = market(0).await;
    ready(&market.app, &market.shop, "test_payout_succeeds").await;
    let part = market.buy("one").await;
    paid_out(&market.app).await;
    assert_eq!((market.payouts().await, market.balance().await), (told(&[("PAID", "9.00")]), json!("0.00")));
    (market, part)
}

#[actix_web::test]
async fn a_shop_that_was_paid_out_gives_nothing_back_that_is_not_its_own() {
    let (market, part) = paid_out_shop().await;
    let app = &market.app;
    let ada = sign_in(app, &market.ada.email).await;
    for (amount, key) in [(None, "all"), (None, "all"), (Some("0.02"), "pennies")] {
        assert_eq!(refund(&ada, &part, amount, key).await.refusal(), too_low(), "{key}");
    }
    assert_eq!(market.balance().await, "0.00");
    assert_books(app).await;
    // What it has sold since covers it, to the last penny.
    let next = market.buy("two").await;
    for key in ["half", "rest"] {
        refund(&ada, &part, Some("5.00"), key).await.ok();
    }
    assert_eq!(market.balance().await, "0.00");
    assert_eq!(refund(&ada, &next, Some("1.00"), "more").await.refusal(), too_low());
    market.give_back(&next, None).await;
    app.run_jobs().await;
    assert_eq!(market.balance().await, "-9.00");
    assert_books(app).await;
}

#[actix_web::test]
async fn a_claim_that_the_shop_cannot_pay_is_answered_without_money_and_goes_to_the_staff() {
    let (market, part) = paid_out_shop().await;
    let app = &market.app;
    let (ada, buyer) = (sign_in(app, &market.ada.email).await, sign_in(app, &market.buyer.email).await);
    let claim =
        json!({"orderPartId": part, "kind": "NOT_AS_DESCRIBED", "message": "Chipped.", "idempotencyKey": "claim"});
    let claim = buyer.mutate("openClaim", claim, "claim { id }").await.ok()["claim"]["id"].clone();
    let answer = async |amount: Option<Value>, key: &str| {
        let input = json!({"claimId": claim, "message": "Sorry.", "amount": amount, "idempotencyKey": key});
        ada.mutate("answerClaim", input, "claim { status }").await
    };
    assert_eq!(answer(Some(pounds("10.00")), "all").await.refusal(), too_low());
    assert_eq!(answer(None, "nothing").await.ok()["claim"]["status"], "ANSWERED");
    let escalated = json!({"claimId": claim, "message": "That is not enough."});
    buyer.mutate("escalateClaim", escalated, "claim { id }").await.ok();
    let decided = json!({"claimId": claim, "decision": "FOR_BUYER", "reason": "Chipped.", "idempotencyKey": "decide"});
    let decided = market.staff().await.mutate("decideClaim", decided, "claim { amountRefunded { amount } }").await.ok();
    assert_eq!(decided["claim"]["amountRefunded"]["amount"], "10.00");
    assert_eq!(market.balance().await, "-9.00");
    assert_books(app).await;
}

#[actix_web::test]
async fn a_return_that_the_shop_cannot_pay_is_received_by_the_staff() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    let part = market.buy_unsent("one").await;
    let (ada, buyer) = (sign_in(app, &market.ada.email).await, sign_in(app, &market.buyer.email).await);
    let sent = json!({"orderPartId": part, "isShipped": true, "idempotencyKey": "sent"});
    let shipment = ada.mutate("createShipment", sent, "shipment { id }").await.ok()["shipment"]["id"].clone();
    buyer.mutate("confirmDelivery", json!({"shipmentId": shipment}), "shipment { id }").await.ok();
    paid_out(app).await;
    assert_eq!(market.balance().await, "0.00");
    let asked = json!({"orderPartId": part, "reason": "OTHER", "idempotencyKey": "return"});
    let asked = buyer.mutate("requestReturn", asked, "orderReturn { id }").await.ok()["orderReturn"]["id"].clone();
    ada.mutate("approveReturn", json!({"returnId": asked, "message": "Send it."}), "orderReturn { id }").await.ok();
    let came = |key: &str| json!({"returnId": asked, "message": "It is here.", "idempotencyKey": key});
    let refused = ada.mutate("receiveReturn", came("shop"), "orderReturn { id }").await;
    assert_eq!(refused.refusal(), too_low());
    let clerk = market.staff().await;
    let received = clerk.mutate("receiveReturn", came("staff"), "orderReturn { status }").await.ok();
    assert_eq!((&received["orderReturn"]["status"], market.balance().await), (&json!("RECEIVED"), json!("-9.00")));
    assert_books(app).await;
}

#[actix_web::test]
async fn what_is_not_sent_is_called_off_whatever_the_shop_owes() {
    let (market, part) = paid_out_shop().await;
    let app = &market.app;
    market.give_back(&part, None).await;
    assert_eq!(market.balance().await, "-9.00");
    let (ada, buyer) = (sign_in(app, &market.ada.email).await, sign_in(app, &market.buyer.email).await);
    let unsent = market.buy_unsent("two").await;
    assert_eq!(market.balance().await, "0.00");
    assert_eq!(refund(&ada, &unsent, None, "refund").await.refusal(), too_low());
    let off = json!({"orderPartId": unsent, "reason": "Gone.", "idempotencyKey": "off"});
    ada.mutate("cancelOrderPart", off, "orderPart { id }").await.ok();
    assert_eq!(market.balance().await, "-9.00");
    // Nor has its buyer to wait for anybody.
    let order = buyer.order_one(&market.lamp, "three").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    buyer.pay(&order, "test_succeeds", "three").await.ok();
    buyer.cancel(&order).await.ok();
    app.run_jobs().await;
    assert_eq!(market.balance().await, "-9.00");
    assert_books(app).await;
}
