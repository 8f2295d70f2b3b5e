//! What buyers send back of what has arrived, and what becomes of stock, money and threads by it.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Client},
    orders::assert_books,
    privacy::sign_in,
    shipping::{Ordered, look, ordered, pay, proceed, ship, steps, sums},
};

const RETURN: &str = "orderReturn { id status nextStatuses reason amountRefunded { amount } lines { quantity quantityReceived quantityRestocked \
                      orderLine { title quantityReturned } } orderPart { fulfillmentState } \
                      timeline { step reason actor { displayName } orderReturn { id } } }";

async fn request(who: &Client, part: &Value, lines: Value, key: &str) -> Answer {
    let input = json!({"orderPartId": part, "lines": lines, "reason": "DOES_NOT_FIT", "note": "Too\nsmall.",
                       "idempotencyKey": key});
    who.mutate("requestReturn", input, RETURN).await
}

async fn answer(who: &Client, mutation: &str, found: &Value) -> Answer {
    let input = match mutation {
        "withdrawReturn" => json!({"returnId": found["id"]}),
        _ => json!({"returnId": found["id"], "message": "To 1 High Street."}),
    };
    who.mutate(mutation, input, RETURN).await
}

async fn receive(who: &Client, found: &Value, lines: Value, refund: Value, key: &str) -> Answer {
    let input = json!({"returnId": found["id"], "lines": lines, "amount": refund, "message": "It is here.",
                       "idempotencyKey": key});
    who.mutate("receiveReturn", input, RETURN).await
}

/// Paid, and all of the first part has arrived: three lamps and two shades.
async fn arrived() -> (Ordered, Value, [Value; 2]) {
    let all = ordered().await;
    pay(&all).await;
    let part = look(&all.buyer, &all.order).await["parts"][0].clone();
    let shipment = ship(&all.ada, &part["id"], Value::Null, true, "ship").await.ok()["shipment"].clone();
    assert_eq!(request(&all.buyer, &part["id"], Value::Null, "early").await.refusal().0, "ORDER_NOT_RETURNABLE");
    proceed(&all.ada, &shipment, "DELIVERED").await.ok();
    let line = |place: usize| part["lines"][place]["id"].clone();
    let lines = [line(0), line(1)];
    (all, part["id"].clone(), lines)
}

fn pieces(line: &Value, quantity: i32) -> Value {
    json!([{"orderLineId": line, "quantity": quantity}])
}

#[actix_web::test]
async fn what_comes_back_goes_into_stock_and_is_paid_back() {
    let (all, part, [lamp, shade]) = arrived().await;
    let Ordered { app, ada, buyer, order, .. } = &all;
    let asked = request(buyer, &part, pieces(&lamp, 2), "lamps").await.ok()["orderReturn"].clone();
    assert_eq!(
        (&asked["status"], &asked["nextStatuses"]),
        (&json!("REQUESTED"), &json!(["APPROVED", "DECLINED", "WITHDRAWN"]))
    );
    assert_eq!(asked["lines"][0]["orderLine"], json!({"title": "Lamp", "quantityReturned": 2}));
    let again = request(buyer, &part, pieces(&lamp, 2), "lamps").await.ok()["orderReturn"]["id"].clone();
    assert_eq!(again, asked["id"], "a repeat is the same return");
    let desk =
        "{ viewer { shops { returns(status: REQUESTED) { totalCount nodes { id orderPart { orderNumber } } } } } }";
    let desk = ada.query(desk).await.ok()["viewer"]["shops"][0]["returns"].clone();
    assert_eq!((&desk["totalCount"], &desk["nodes"][0]["id"]), (&json!(1), &asked["id"]));
    let refused = receive(ada, &asked, Value::Null, Value::Null, "soon").await.refusal();
    assert_eq!(refused.0, "TRANSITION_NOT_ALLOWED");
    for _ in 0..2 {
        let approved = answer(ada, "approveReturn", &asked).await.ok()["orderReturn"].clone();
        assert_eq!(approved["status"], "APPROVED");
    }
    let one = json!([{"orderLineId": lamp, "quantity": 2, "quantityRestocked": 1}]);
    for _ in 0..2 {
        let came = receive(ada, &asked, one.clone(), Value::Null, "lamps").await.ok()["orderReturn"].clone();
        let line = &came["lines"][0];
        assert_eq!(came["amountRefunded"]["amount"], "8.00");
        assert_eq!((&line["quantityReceived"], &line["quantityRestocked"]), (&json!(2), &json!(1)));
        assert_eq!(
            (&came["status"], &came["orderPart"]["fulfillmentState"]),
            (&json!("RECEIVED"), &json!("DELIVERED"))
        );
        let said: Vec<_> = came["timeline"].as_array().unwrap().iter().map(|event| event["reason"].clone()).collect();
        assert_eq!(said, [json!("Too\nsmall."), json!("To 1 High Street."), json!("It is here.")]);
        assert_eq!(came["timeline"][0]["orderReturn"]["id"], came["id"]);
    }
    app.run_jobs().await;
    assert_eq!(app.guest().available(&all.lamp).await, 1);
    let moved = "{ viewer { shops { stockMovements(filter: {reason: RETURNED}) { nodes { reason delta orderPart { id } } } } } }";
    let moved = ada.query(moved).await.ok()["viewer"]["shops"][0]["stockMovements"]["nodes"][0].clone();
    assert_eq!(moved, json!({"reason": "RETURNED", "delta": 1, "orderPart": {"id": part}}));
    let seen = look(buyer, order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["27.00", "8.00", "0.00", "0.00"], &json!("PAID")));
    assert_eq!(steps(&seen)[4..], ["RETURN_REQUESTED", "RETURN_APPROVED", "RETURN_RECEIVED", "REFUNDED"]);
    let subjects: Vec<_> = app.mails(&buyer.email).into_iter().map(|mail| mail.subject).collect();
    for subject in ["You can send back something", "has come back"] {
        assert_eq!(subjects.iter().filter(|line| line.contains(subject)).count(), 1, "{subjects:?}");
    }
    let told = app.mails(&ada.email);
    assert_eq!(told.iter().filter(|mail| mail.subject.contains("wants to send back")).count(), 1);
    let thread = "query($id: ID!) { viewer { conversation(id: $id) { messages { nodes { content { ... on OrderStepContent { event { step orderReturn { id } } } } } } } } }";
    let thread = buyer.send(thread, json!({"id": seen["parts"][0]["conversation"]["id"]})).await.ok();
    assert!(thread.to_string().contains(asked["id"].as_str().unwrap()), "{thread}");
    assert_books(app).await;

    // The rest of the part, too.
    let rest = request(buyer, &part, Value::Null, "rest").await.ok()["orderReturn"].clone();
    answer(ada, "approveReturn", &rest).await.ok();
    let all_back = json!([{"orderLineId": lamp, "quantity": 1, "quantityRestocked": 1},
                          {"orderLineId": shade, "quantity": 2}]);
    let came = receive(ada, &rest, all_back, Value::Null, "rest").await.ok()["orderReturn"].clone();
    assert_eq!(came["orderPart"]["fulfillmentState"], "RETURNED");
    app.run_jobs().await;
    assert_eq!((sums(&look(buyer, order).await)[1], app.guest().available(&all.lamp).await), ("15.00", 2));
    assert_eq!(request(buyer, &part, Value::Null, "more").await.refusal().0, "ORDER_NOT_RETURNABLE");
    assert_books(app).await;
}

#[actix_web::test]
async fn what_does_not_come_back_after_all_can_be_asked_for_again() {
    let (all, part, [lamp, shade]) = arrived().await;
    let Ordered { app, ada, bert, buyer, order, .. } = &all;
    let returned = async || look(buyer, order).await["parts"][0]["lines"][0]["id"].clone();
    assert_eq!(returned().await, lamp);
    for (who, mutation, status) in [(ada, "declineReturn", "DECLINED"), (buyer, "withdrawReturn", "WITHDRAWN")] {
        let asked = request(buyer, &part, Value::Null, mutation).await.ok()["orderReturn"].clone();
        assert_eq!(request(buyer, &part, pieces(&lamp, 1), "twice").await.refusal().0, "ORDER_NOT_RETURNABLE");
        for _ in 0..2 {
            let ended = answer(who, mutation, &asked).await.ok()["orderReturn"].clone();
            assert_eq!((&ended["status"], &ended["nextStatuses"]), (&json!(status), &json!([])));
            assert_eq!(ended["lines"][0]["orderLine"]["quantityReturned"], 0);
        }
        assert_eq!(answer(ada, "approveReturn", &asked).await.refusal().0, "TRANSITION_NOT_ALLOWED");
        assert_books(app).await;
    }
    // Of three lamps and two shades one shade comes; the shop gives back what it likes, and the rest is asked for again.
    let asked = request(buyer, &part, Value::Null, "all").await.ok()["orderReturn"].clone();
    answer(ada, "approveReturn", &asked).await.ok();
    let one = |quantity: i32, restocked: i32| json!([{"orderLineId": shade, "quantity": quantity, "quantityRestocked": restocked}]);
    let pence = |amount: &str, currency: &str| json!({"amount": amount, "currency": currency});
    for (lines, refund, refusal) in [
        (one(3, 0), Value::Null, ("OUT_OF_RANGE", "lines.0.quantity")),
        (one(1, 2), Value::Null, ("OUT_OF_RANGE", "lines.0.quantityRestocked")),
        (one(1, -1), Value::Null, ("OUT_OF_RANGE", "lines.0.quantityRestocked")),
        (json!([]), Value::Null, ("BLANK", "lines")),
        (one(1, 0), pence("15.01", "GBP"), ("OUT_OF_RANGE", "amount")),
        (one(1, 0), pence("1.00", "EUR"), ("CURRENCY_MISMATCH", "amount")),
    ] {
        let refused = receive(ada, &asked, lines.clone(), refund.clone(), &format!("{lines}{refund}")).await;
        assert_eq!(refused.refusal(), (refusal.0.to_owned(), refusal.1.to_owned()), "{lines}");
    }
    for stranger in [bert, &app.sign_up("Eve").await, buyer] {
        let refused = receive(stranger, &asked, Value::Null, Value::Null, "eve").await.refusal();
        assert_eq!(refused, ("NOT_FOUND".to_owned(), "returnId".to_owned()));
    }
    for stranger in [bert, ada] {
        assert_eq!(answer(stranger, "withdrawReturn", &asked).await.refusal().0, "NOT_FOUND");
    }
    receive(ada, &asked, one(1, 1), pence("0.00", "GBP"), "came").await.ok();
    app.run_jobs().await;
    let seen = look(buyer, order).await;
    assert_eq!(sums(&seen), ["35.00", "0.00", "0.00", "0.00"]);
    assert_books(app).await;
    let rest = request(buyer, &part, Value::Null, "rest").await.ok()["orderReturn"].clone();
    let quantities: Vec<_> = rest["lines"].as_array().unwrap().iter().map(|line| line["quantity"].clone()).collect();
    assert_eq!(quantities, [json!(3), json!(1)]);
}

#[actix_web::test]
async fn what_arrived_too_long_ago_stays() {
    let (all, part, [lamp, _]) = arrived().await;
    all.app.advance(TimeDelta::days(30));
    let buyer = sign_in(&all.app, &all.buyer.email).await;
    let asked = request(&buyer, &part, pieces(&lamp, 1), "last").await.ok()["orderReturn"].clone();
    assert_eq!(asked["status"], "REQUESTED");
    all.app.advance(TimeDelta::seconds(1));
    assert_eq!(request(&buyer, &part, pieces(&lamp, 1), "late").await.refusal().0, "ORDER_NOT_RETURNABLE");
}

#[actix_web::test]
async fn no_piece_comes_back_twice_however_many_ask() {
    let (all, part, [lamp, _]) = arrived().await;
    let Ordered { app, ada, buyer, order, .. } = &all;
    let keys: Vec<_> = (0..5).map(|key| key.to_string()).collect();
    let asked = join_all(keys.iter().map(|key| request(buyer, &part, pieces(&lamp, 1), key))).await;
    let asked: Vec<_> = asked.into_iter().filter(|answer| answer.refusals().is_empty()).map(Answer::ok).collect();
    assert_eq!(asked.len(), 3);
    let first = &asked[0]["orderReturn"];
    answer(ada, "approveReturn", first).await.ok();
    // The buyer keeps it, and it has come: one of the two is true.
    let restocked = json!([{"orderLineId": lamp, "quantity": 1, "quantityRestocked": 1}]);
    let (kept, came, twice) = futures_util::join!(
        answer(buyer, "withdrawReturn", first),
        receive(ada, first, restocked.clone(), Value::Null, "one"),
        receive(ada, first, restocked.clone(), Value::Null, "two"),
    );
    let done = [kept, came, twice].iter().filter(|answer| answer.refusals().is_empty()).count();
    app.run_jobs().await;
    assert_eq!(done, 1);
    let status = "query($id: ID!) { node(id: $id) { ... on OrderReturn { status } } }";
    let status = buyer.send(status, json!({"id": first["id"]})).await.ok()["node"]["status"].clone();
    let given_back = if status == "RECEIVED" { "4.00" } else { "0.00" };
    assert_eq!(sums(&look(buyer, order).await)[1], given_back);
    assert_books(app).await;
}
