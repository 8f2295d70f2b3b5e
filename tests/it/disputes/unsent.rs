//! Disputes of what was not sent yet: it is not sent while a bank asks, and what is lost is called off without going back once more.

use agora::payments::model::{DisputeMoney, DisputeStatus, ToldDispute};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Bought, decide, market, opened, refund, tell, won, word};
use crate::{
    harness::{Answer, Client},
    orders::assert_books,
};

fn lost(reference: &str, amount: i64) -> ToldDispute {
    word(reference, amount, DisputeStatus::Lost, DisputeMoney::Taken)
}

async fn pack(who: &Client, part: &Value, key: &str) -> Answer {
    let input = json!({"orderPartId": part, "idempotencyKey": key});
    who.mutate("createShipment", input, "shipment { id }").await
}

async fn call_off(who: &Client, part: &Value, key: &str) -> Answer {
    let input = json!({"orderPartId": part, "reason": "Gone.", "idempotencyKey": key});
    who.mutate("cancelOrderPart", input, "orderPart { id }").await
}

async fn actions(who: &Client, part: &Value) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { allowedActions } } }";
    who.send(document, json!({"id": part})).await.ok()["node"]["allowedActions"].clone()
}

/// What has become of an order, and what went back of it by refunds.
async fn outcome(who: &Client, order: &Value) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on Order { lifecycle refunds { amount { amount } } } } }";
    who.send(document, json!({"id": order})).await.ok()["node"].clone()
}

#[actix_web::test]
async fn what_a_bank_asks_about_is_not_sent() {
    let market = market().await;
    let Bought { part, payment, .. } = market.buy("one").await;
    let ada = market.ada().await;
    for decision in ["inquire", "dispute"] {
        decide(&market.app, &payment, decision).await;
        assert_eq!(pack(&ada, &part, decision).await.refusal().0, "ORDER_DISPUTED");
        assert!(!actions(&ada, &part).await.to_string().contains("PACK"), "{decision}");
    }
    decide(&market.app, &payment, "win").await;
    assert_eq!(actions(&ada, &part).await, json!(["PACK", "CANCEL_PIECES", "REFUND"]));
    pack(&ada, &part, "won").await.ok();
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_is_packed_does_not_leave_while_a_bank_asks_nor_once_it_has_all() {
    let market = market().await;
    let Bought { part, payment, .. } = market.buy("one").await;
    let ada = market.ada().await;
    let packed = pack(&ada, &part, "pack").await.ok()["shipment"]["id"].clone();
    let send = async || {
        let input = json!({"shipmentId": packed, "status": "SHIPPED"});
        ada.mutate("updateShipment", input, "shipment { status }").await
    };
    // What it may come to next, for its shop and for its buyer.
    let buyer = market.buyer().await;
    let next = async || {
        let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { shipments { nextStatuses } } } }";
        let of_shop = ada.send(document, json!({"id": part})).await.ok();
        assert_eq!(buyer.send(document, json!({"id": part})).await.ok(), of_shop);
        of_shop["node"]["shipments"][0]["nextStatuses"].clone()
    };
    assert_eq!(next().await, json!(["SHIPPED", "UNPACKED"]));
    for decision in ["inquire", "dispute", "lose"] {
        decide(&market.app, &payment, decision).await;
        assert_eq!(next().await, json!(["UNPACKED"]), "{decision}");
        assert_eq!(send().await.refusal().0, "ORDER_DISPUTED", "{decision}");
        let allowed = actions(&ada, &part).await.to_string();
        assert!(allowed.contains("UNPACK") && !allowed.contains("SHIP"), "{decision}: {allowed}");
    }
    decide(&market.app, &payment, "win").await;
    assert_eq!(next().await, json!(["SHIPPED", "UNPACKED"]));
    assert_eq!(send().await.ok()["shipment"]["status"], "SHIPPED");
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn those_of_the_staff_who_decide_about_money_are_told_of_a_dispute_once() {
    let market = market().await;
    let app = &market.app;
    let admin = app.sign_up("Admin").await;
    app.given_role(&admin, "ADMIN");
    let Bought { payment, .. } = market.buy("one").await;
    let due_by = Some(app.app().now() + TimeDelta::days(7));
    for _ in 0..2 {
        tell(app, &payment, vec![ToldDispute { due_by, ..opened("some", 400) }]).await;
        app.run_jobs().await;
    }
    tell(app, &payment, vec![lost("some", 400)]).await;
    app.run_jobs().await;
    let told = |who: &str| {
        let mails = app.mails(who).into_iter().map(|mail| mail.subject);
        mails.filter(|subject| subject.starts_with("The bank of a buyer") && subject.contains("answer by")).count()
    };
    assert_eq!((told(&admin.email), told(&market.ada.email), told(&market.buyer.email)), (1, 0, 0));
}

#[actix_web::test]
async fn what_is_lost_is_called_off_by_its_shop_and_goes_back_no_second_time() {
    let market = market().await;
    let app = &market.app;
    let Bought { order, part, payment } = market.buy("one").await;
    let (ada, buyer) = (market.ada().await, market.buyer().await);
    decide(app, &payment, "dispute").await;
    assert_eq!(call_off(&ada, &part, "soon").await.refusal().0, "ORDER_NOT_REFUNDABLE");
    decide(app, &payment, "lose").await;
    assert_eq!(actions(&ada, &part).await, json!(["CANCEL_PIECES"]));
    assert_eq!(pack(&ada, &part, "pack").await.refusal().0, "ORDER_DISPUTED");
    let before = buyer.available(&market.lamp).await;
    call_off(&ada, &part, "off").await.ok();
    app.run_jobs().await;
    assert_eq!(outcome(&buyer, &order).await, json!({"lifecycle": "CANCELLED", "refunds": []}));
    assert_eq!((buyer.available(&market.lamp).await, market.balance().await), (before + 1, "0.00".to_owned()));
    assert_books(app).await;

    // The bank thinks better of it: the shop has the money, and can give it back.
    decide(app, &payment, "win").await;
    assert_eq!(market.balance().await, "9.00");
    refund(&ada, &part, None, "back").await.ok();
    app.run_jobs().await;
    assert_eq!(market.balance().await, "0.00");
    assert_books(app).await;
}

#[actix_web::test]
async fn of_what_is_lost_in_part_the_rest_goes_back() {
    let market = market().await;
    let app = &market.app;
    let one = market.buy("one").await;
    tell(app, &one.payment, vec![opened("some", 400)]).await;
    let refused = market.buyer().await.cancel(one.order.as_str().unwrap()).await.refusal().0;
    assert_eq!(refused, "ORDER_NOT_REFUNDABLE");
    tell(app, &one.payment, vec![lost("some", 400)]).await;
    market.buyer().await.cancel(one.order.as_str().unwrap()).await.ok();
    app.run_jobs().await;
    let rest = json!({"lifecycle": "CANCELLED", "refunds": [{"amount": {"amount": "6.00"}}]});
    assert_eq!(outcome(&market.buyer().await, &one.order).await, rest);
    assert_eq!(market.balance().await, "0.00");
    assert_books(app).await;

    // Won before it is given again, it is as if the bank had not decided.
    let two = market.buy("two").await;
    tell(app, &two.payment, vec![word("won", 1_000, DisputeStatus::Won, DisputeMoney::Taken)]).await;
    let ada = market.ada().await;
    assert_eq!(call_off(&ada, &two.part, "two").await.refusal().0, "ORDER_NOT_REFUNDABLE");
    assert_eq!(pack(&ada, &two.part, "two").await.refusal().0, "ORDER_DISPUTED");
    tell(app, &two.payment, vec![won("won", 1_000)]).await;
    call_off(&ada, &two.part, "again").await.ok();
    app.run_jobs().await;
    assert_eq!(market.balance().await, "0.00");
    assert_books(app).await;
}

#[actix_web::test]
async fn what_comes_back_after_a_lost_dispute_is_taken_and_paid_back_no_second_time() {
    let market = market().await;
    let app = &market.app;
    let Bought { part, payment, .. } = market.buy("one").await;
    let (ada, buyer) = (market.ada().await, market.buyer().await);
    let sent = json!({"orderPartId": part, "isShipped": true, "idempotencyKey": "sent"});
    let shipment = ada.mutate("createShipment", sent, "shipment { id }").await.ok()["shipment"]["id"].clone();
    buyer.mutate("confirmDelivery", json!({"shipmentId": shipment}), "shipment { id }").await.ok();
    let request = json!({"orderPartId": part, "reason": "OTHER", "idempotencyKey": "request"});
    let asked = buyer.mutate("requestReturn", request, "orderReturn { id }").await.ok()["orderReturn"]["id"].clone();
    ada.mutate("approveReturn", json!({"returnId": asked, "message": "Send it."}), "orderReturn { id }").await.ok();
    decide(app, &payment, "dispute").await;
    let receive = async |key: &str| {
        let input = json!({"returnId": asked, "message": "It is here.", "idempotencyKey": key});
        ada.mutate("receiveReturn", input, "orderReturn { id }").await
    };
    assert_eq!(receive("open").await.refusal().0, "ORDER_NOT_REFUNDABLE");
    decide(app, &payment, "lose").await;
    receive("lost").await.ok();
    app.run_jobs().await;
    assert_eq!(market.balance().await, "0.00");
    assert_books(app).await;
}
