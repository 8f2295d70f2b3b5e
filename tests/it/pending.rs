//! What of an order's money is under way: with a provider that has not answered, being taken of a promise, and on its way back.

use agora::{
    payments::service::ask_about_unanswered,
    platform::{caller::Caller, config::CaptureTime},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
    privacy::sign_in,
    shipping::ship,
};

const ORDER: &str = "amountPaid { amount } amountProcessing { amount } amountCapturePending { amount } amountRefundPending { amount } \
                     amountRefunded { amount } payments { provider providerReference amountCapturePending { amount } \
                     amountRefundPending { amount } } parts { id }";

async fn look(who: &Client, order: &Value) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Order {{ {ORDER} }} }} }}");
    who.send(&document, json!({"id": order})).await.ok()["node"].clone()
}

/// What is paid, with a provider, being taken, and on its way back.
fn sums(order: &Value) -> [&str; 4] {
    ["amountPaid", "amountProcessing", "amountCapturePending", "amountRefundPending"]
        .map(|field| order[field]["amount"].as_str().unwrap())
}

/// A seller, a buyer, and lamps for 4.00.
async fn market(app: &TestApp) -> (Person, Person, Goods) {
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let lamp = ada.sell(&ada.open_shop("Lamps").await, "Lamp", "4.00", 10).await;
    (ada, buyer, lamp)
}

async fn bought(buyer: &Client, lamp: &Goods, method: &str, key: &str) -> Value {
    let order = buyer.order_one(lamp, key).await.ok()["order"]["id"].clone();
    buyer.pay(order.as_str().unwrap(), method, key).await.ok();
    order
}

#[actix_web::test]
async fn what_a_provider_has_not_answered_is_processing_and_nothing_else_is() {
    let app = TestApp::start().await;
    let (_, buyer, lamp) = market(&app).await;
    let order = bought(&buyer, &lamp, "test_times_out", "one").await;
    assert_eq!(sums(&look(&buyer, &order).await), ["0.00", "4.00", "0.00", "0.00"]);
    let waits = bought(&buyer, &lamp, "test_requires_action", "two").await;
    assert_eq!(sums(&look(&buyer, &waits).await), ["0.00", "0.00", "0.00", "0.00"], "it waits for its buyer");
    app.advance(TimeDelta::seconds(31));
    app.run_jobs().await;
    let buyer = sign_in(&app, &buyer.email).await;
    assert_eq!(sums(&look(&buyer, &order).await), ["4.00", "0.00", "0.00", "0.00"]);
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_no_job_asks_about_any_more_is_found_and_settles() {
    const ASKING: &str = "SELECT count(*) AS count FROM jobs WHERE kind = 'orders.settle_payment'";
    let app = TestApp::start().await;
    let (_, buyer, lamp) = market(&app).await;
    let order = bought(&buyer, &lamp, "test_times_out", "one").await;
    app.given_sql("DELETE FROM jobs WHERE kind = 'orders.settle_payment'");
    let sweep = async || {
        ask_about_unanswered(app.app(), &Caller::system()).await.unwrap();
        count(&mut app.connect(), ASKING)
    };
    assert_eq!(sweep().await, 0, "it has just begun");
    app.advance(TimeDelta::minutes(61));
    assert_eq!(sweep().await, 1);
    assert_eq!(sweep().await, 1, "it is asked about once");
    app.advance(TimeDelta::hours(1));
    app.run_jobs().await;
    let buyer = sign_in(&app, &buyer.email).await;
    assert_eq!(sums(&look(&buyer, &order).await), ["4.00", "0.00", "0.00", "0.00"]);
    assert_eq!(sweep().await, 0, "it is over");
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_payment_has_one_job_that_asks_however_long_its_provider_is_away() {
    const ASKING: &str = "SELECT count(*) AS count FROM jobs WHERE kind = 'orders.settle_payment'";
    const DEAD: &str = "SELECT count(*) AS count FROM jobs WHERE state = 'DEAD'";
    let app = TestApp::start().await;
    let (_, buyer, lamp) = market(&app).await;
    let order = bought(&buyer, &lamp, "test_times_out", "one").await;
    // It is not asked, for it is another one by now.
    app.given_sql("UPDATE payment_intents SET provider = 'other'");
    for _ in 0..3 {
        app.given_sql("UPDATE jobs SET attempts = 11 WHERE kind = 'orders.settle_payment'");
        app.advance(TimeDelta::hours(1));
        app.run_jobs().await;
        ask_about_unanswered(app.app(), &Caller::system()).await.unwrap();
        assert_eq!((count(&mut app.connect(), ASKING), count(&mut app.connect(), DEAD)), (1, 0));
    }
    app.given_sql("UPDATE payment_intents SET provider = 'test'");
    app.advance(TimeDelta::hours(1));
    app.run_jobs().await;
    let seen = look(&sign_in(&app, &buyer.email).await, &order).await;
    assert_eq!((sums(&seen), count(&mut app.connect(), ASKING)), (["4.00", "0.00", "0.00", "0.00"], 0));

    // After a month nobody is asked any more, and somebody has to look into it.
    bought(&sign_in(&app, &buyer.email).await, &lamp, "test_times_out", "two").await;
    app.given_sql("UPDATE payment_intents SET provider = 'other' WHERE status = 'PROCESSING'");
    app.given_sql("UPDATE jobs SET attempts = 11 WHERE kind = 'orders.settle_payment'");
    app.advance(TimeDelta::days(31));
    app.run_jobs().await;
    assert_eq!((count(&mut app.connect(), ASKING), count(&mut app.connect(), DEAD)), (1, 1));
}

#[actix_web::test]
async fn what_goes_back_is_pending_until_it_has_gone() {
    let app = TestApp::start().await;
    let (ada, buyer, lamp) = market(&app).await;
    let clerk = app.sign_up("Clerk").await;
    app.given_role(&clerk, "SUPPORT");
    let order = bought(&buyer, &lamp, "test_keeps", "one").await;
    let part = look(&buyer, &order).await["parts"][0]["id"].clone();
    let back = json!({"orderPartId": part, "amount": {"amount": "1.50", "currency": "GBP"}, "reason": "Chipped.",
                      "idempotencyKey": "back"});
    let refund = ada.mutate("refundOrderPart", back, "refunds { id }").await.ok()["refunds"][0]["id"].clone();
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["amountRefunded"]["amount"]), (["4.00", "0.00", "0.00", "1.50"], &json!("1.50")));
    assert_eq!(seen["payments"][0]["amountRefundPending"]["amount"], "1.50");
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!(sums(&seen), ["4.00", "0.00", "0.00", "1.50"], "the provider could not give it back");
    ada.mutate("retryRefund", json!({"refundId": refund}), "refund { id }").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["amountRefunded"]["amount"]), (["2.50", "0.00", "0.00", "0.00"], &json!("1.50")));
    assert_eq!(seen["payments"][0]["amountRefundPending"]["amount"], "0.00");
    // By what name the provider knows it is the staff's affair.
    assert_eq!(
        (&seen["payments"][0]["provider"], &seen["payments"][0]["providerReference"]),
        (&json!("test"), &Value::Null)
    );
    let told = look(&clerk, &order).await["payments"][0]["providerReference"].clone();
    assert!(told.as_str().unwrap().starts_with("test_"), "{told}");
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_being_taken_of_a_promise_is_pending_until_it_is_taken() {
    let app = TestApp::start_with(|settings| settings.checkout.capture = CaptureTime::AtShipment).await;
    let (ada, buyer, lamp) = market(&app).await;
    let order = bought(&buyer, &lamp, "test_succeeds", "one").await;
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!(sums(&seen), ["0.00", "0.00", "0.00", "0.00"], "nobody takes it yet");
    ship(&ada, &seen["parts"][0]["id"], Value::Null, true, "sent").await.ok();
    let seen = look(&buyer, &order).await;
    assert_eq!(sums(&seen), ["0.00", "0.00", "4.00", "0.00"]);
    assert_eq!(seen["payments"][0]["amountCapturePending"]["amount"], "4.00");
    app.run_jobs().await;
    assert_eq!(sums(&look(&buyer, &order).await), ["4.00", "0.00", "0.00", "0.00"]);
    assert_books(&app).await;
}

#[actix_web::test]
async fn of_many_orders_it_is_asked_at_once() {
    let app = TestApp::start().await;
    let (_, buyer, lamp) = market(&app).await;
    let document = format!("{{ viewer {{ orders(first: 10) {{ nodes {{ {ORDER} }} }} }} }}");
    let mut statements = Vec::new();
    for turn in 0..3 {
        for number in 0..2 {
            bought(&buyer, &lamp, "test_succeeds", &format!("{turn}-{number}")).await;
        }
        let answer = buyer.query(&document).await;
        statements.push(answer.statements.unwrap());
        assert_eq!(answer.ok()["viewer"]["orders"]["nodes"].as_array().unwrap().len(), 2 * (turn + 1));
    }
    assert!(statements.iter().all(|count| *count == statements[0]), "{statements:?}");
}
