//! Money that is promised when an order is paid, and taken when the first of it is sent.

mod lost;

use agora::{
    kernel::id::Id,
    orders::service::carry_out_capture,
    payments::model::{Capture, CarryOutCapture},
    platform::{caller::Caller, config::CaptureTime},
};
use chrono::TimeDelta;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types};
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    costs::count,
    harness::{Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
    privacy::sign_in,
    shipping::{call_off, proceed, ship},
};

const ORDER: &str = "lifecycle paymentState paymentDueAt allowedActions amountPaid { amount } amountAuthorized { amount } \
                     amountRefunded { amount } amountCancelled { amount } amountOwed { amount } timeline { step } \
                     payments { status failureReason authorizedUntil amount { amount } amountAuthorized { amount } amountCaptured { amount } } \
                     parts { id lines { id } }";

async fn look(who: &Client, order: &Value) -> Value {
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Order {{ {ORDER} }} }} }}");
    who.send(&document, json!({"id": order})).await.ok()["node"].clone()
}

/// What is paid, promised, given back, fallen away, and owed.
fn sums(order: &Value) -> [&str; 5] {
    ["amountPaid", "amountAuthorized", "amountRefunded", "amountCancelled", "amountOwed"]
        .map(|field| order[field]["amount"].as_str().unwrap())
}

fn steps(order: &Value) -> Vec<&str> {
    order["timeline"].as_array().unwrap().iter().map(|event| event["step"].as_str().unwrap()).collect()
}

fn allows(thing: &Value, action: &str) -> bool {
    thing["allowedActions"].as_array().unwrap().iter().any(|allowed| allowed == action)
}

/// How often a mail of this kind went to somebody.
fn mails(app: &TestApp, who: &Person, ending: &str) -> usize {
    app.mails(&who.email).iter().filter(|mail| mail.subject.ends_with(ending)).count()
}

const CAPTURES: &str = "SELECT count(*) AS count FROM captures";

/// An order of three lamps of one shop and a rug of another, for 32.00.
struct Promised {
    app: TestApp,
    ada: Person,
    bert: Person,
    buyer: Person,
    lamp: Goods,
    order: Value,
    parts: [Value; 2],
    /// A lamp.
    line: Value,
}

async fn promised(method: &str) -> Promised {
    let app = TestApp::start_with(|settings| {
        settings.checkout.commission = "10".parse().unwrap();
        settings.checkout.capture = CaptureTime::AtShipment;
    })
    .await;
    let (ada, bert, buyer) = (app.sign_up("Ada").await, app.sign_up("Bert").await, app.sign_up("Buyer").await);
    let lamp = ada.sell(&ada.open_shop("Lamps").await, "Lamp", "4.00", 3).await;
    let rug = bert.sell(&bert.open_shop("Rugs").await, "Rug", "20.00", 1).await;
    let placed = buyer.order(&[(&lamp, 3), (&rug, 1)], "32.00", "order").await.ok();
    let order = placed["order"]["id"].clone();
    buyer.pay(order.as_str().unwrap(), method, "pay").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    let parts = [0_usize, 1].map(|part| seen["parts"][part]["id"].clone());
    let line = seen["parts"][0]["lines"][0]["id"].clone();
    Promised { app, ada, bert, buyer, lamp, order, parts, line }
}

#[actix_web::test]
async fn what_is_promised_is_packed_and_is_taken_with_the_first_that_is_sent() {
    let Promised { app, ada, bert, buyer, order, parts, .. } = promised("test_succeeds").await;
    let seen = look(&buyer, &order).await;
    let payment = json!({"status": "REQUIRES_CAPTURE", "failureReason": null, "authorizedUntil": "2026-11-27T12:00:00+00:00",
                         "amount": {"amount": "32.00"}, "amountAuthorized": {"amount": "32.00"}, "amountCaptured": {"amount": "0.00"}});
    assert_eq!(seen["payments"], json!([payment]));
    assert_eq!((&seen["paymentState"], &seen["paymentDueAt"]), (&json!("UNPAID"), &Value::Null));
    assert_eq!((sums(&seen), steps(&seen)), (["0.00", "32.00", "0.00", "0.00", "32.00"], vec!["PLACED", "AUTHORIZED"]));
    assert!(allows(&seen, "CANCEL") && !allows(&seen, "PAY"), "{seen:#}");
    assert_eq!((mails(&app, &buyer, "is placed"), mails(&app, &buyer, "is paid")), (1, 0));
    assert_books(&app).await;
    // Nothing more is to be paid, and nothing is added to it.
    let again = buyer.pay(order.as_str().unwrap(), "test_succeeds", "again").await;
    assert_eq!(again.refusal().0, "ORDER_NOT_PAYABLE");

    let told = app.mails(&ada.email).len();
    let packed = ship(&ada, &parts[0], Value::Null, false, "pack").await.ok()["shipment"].clone();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!(sums(&seen), ["0.00", "32.00", "0.00", "0.00", "32.00"]);
    assert_eq!(count(&mut app.connect(), CAPTURES), 0);
    assert_books(&app).await;
    proceed(&ada, &packed, "SHIPPED").await.ok();
    assert_books(&app).await;
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["32.00", "0.00", "0.00", "0.00", "0.00"], &json!("PAID")));
    assert_eq!(seen["payments"][0]["status"], "SUCCEEDED");
    assert_eq!(seen["payments"][0]["amountCaptured"]["amount"], "32.00");
    assert_eq!(steps(&seen), ["PLACED", "AUTHORIZED", "PACKED", "SHIPPED", "PAID"]);
    assert_eq!((mails(&app, &buyer, "is paid"), app.mails(&ada.email).len()), (1, told));
    assert_books(&app).await;
    // The rest is sent, and nothing is taken for it once more.
    ship(&bert, &parts[1], Value::Null, true, "rest").await.ok();
    app.run_jobs().await;
    assert_eq!(count(&mut app.connect(), CAPTURES), 1);
    assert_eq!(sums(&look(&buyer, &order).await)[0], "32.00");
    assert_books(&app).await;
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
}

#[actix_web::test]
async fn however_many_are_sent_and_carried_out_at_once_it_is_taken_once() {
    let Promised { app, ada, bert, buyer, order, parts, .. } = promised("test_succeeds").await;
    let (one, other) =
        tokio::join!(ship(&ada, &parts[0], Value::Null, true, "a"), ship(&bert, &parts[1], Value::Null, true, "b"));
    one.ok();
    other.ok();
    let id: Id<Capture> =
        Id::from_uuid(sql_query("SELECT id FROM captures").get_result::<Row>(&mut app.connect()).unwrap().id);
    let job = CarryOutCapture { capture: id, attempt: 1 };
    let caller = Caller::system();
    for done in join_all((0..4).map(|_| carry_out_capture(app.app(), &caller, job))).await {
        done.unwrap();
    }
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen)[0], count(&mut app.connect(), CAPTURES)), ("32.00", 1));
    assert_eq!(steps(&seen).iter().filter(|step| **step == "PAID").count(), 1);
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_called_off_before_is_not_taken_and_goes_back_after() {
    let Promised { app, ada, bert, buyer, order, parts, line, .. } = promised("test_succeeds").await;
    call_off(&ada, &parts[0], json!([{"orderLineId": line, "quantity": 1}]), "one").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["0.00", "32.00", "0.00", "4.00", "28.00"], &json!("UNPAID")));
    assert_books(&app).await;
    ship(&ada, &parts[0], Value::Null, true, "rest").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["28.00", "0.00", "0.00", "4.00", "0.00"], &json!("PAID")));
    let payment = &seen["payments"][0];
    assert_eq!([&payment["amount"]["amount"], &payment["amountCaptured"]["amount"]], ["32.00", "28.00"]);
    assert_books(&app).await;
    call_off(&bert, &parts[1], Value::Null, "rug").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["8.00", "0.00", "20.00", "4.00", "0.00"], &json!("PAID")));
    // No more of it goes back than was taken.
    let rest = json!({"orderPartId": parts[0], "reason": "Chipped.", "idempotencyKey": "rest"});
    ada.mutate("refundOrderPart", rest, "refunds { id }").await.ok();
    app.run_jobs().await;
    assert_eq!(sums(&look(&buyer, &order).await)[..3], ["0.00", "0.00", "28.00"]);
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_called_off_as_a_whole_is_let_go() {
    for is_by_shops in [false, true] {
        let Promised { app, ada, bert, buyer, lamp, order, parts, .. } = promised("test_succeeds").await;
        if is_by_shops {
            call_off(&ada, &parts[0], Value::Null, "lamps").await.ok();
            assert_eq!(sums(&look(&buyer, &order).await)[1], "32.00");
            call_off(&bert, &parts[1], Value::Null, "rug").await.ok();
        } else {
            buyer.cancel(order.as_str().unwrap()).await.ok();
        }
        let seen = look(&buyer, &order).await;
        assert_eq!((&seen["lifecycle"], &seen["payments"][0]["status"]), (&json!("CANCELLED"), &json!("CANCELLED")));
        assert_eq!(sums(&seen)[..3], ["0.00", "0.00", "0.00"]);
        assert_books(&app).await;
        app.run_jobs().await;
        let let_go = "SELECT count(*) AS count FROM captures WHERE amount = 0 AND status = 'SUCCEEDED'";
        assert_eq!((count(&mut app.connect(), let_go), app.guest().available(&lamp).await), (1, 3));
        assert_eq!(look(&buyer, &order).await["payments"][0]["status"], "CANCELLED");
        // Whoever looks before the end of the promise finds nothing.
        app.advance(TimeDelta::days(7));
        app.run_jobs().await;
        assert_eq!(count(&mut app.connect(), CAPTURES), 1);
        assert_books(&app).await;
    }
}

#[actix_web::test]
async fn while_it_is_being_taken_nothing_is_called_off() {
    let Promised { app, ada, bert, buyer, order, parts, .. } = promised("test_capture_silent").await;
    ship(&ada, &parts[0], Value::Null, true, "lamps").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen)[1], &seen["payments"][0]["status"]), ("32.00", &json!("REQUIRES_CAPTURE")));
    assert!(!allows(&seen, "CANCEL") && !allows(&seen, "PAY"), "{seen:#}");
    let refused = call_off(&bert, &parts[1], Value::Null, "rug").await;
    assert_eq!(refused.refusal().0, "PAYMENT_IN_PROGRESS");
    // It can be sent meanwhile.
    ship(&bert, &parts[1], Value::Null, true, "rug").await.ok();
    assert_books(&app).await;
    for _ in 0..8 {
        app.advance(TimeDelta::minutes(1));
        app.run_jobs().await;
    }
    assert_eq!(sums(&look(&buyer, &order).await), ["32.00", "0.00", "0.00", "0.00", "0.00"]);
    assert_books(&app).await;
}

#[actix_web::test]
async fn before_a_promise_ends_it_is_taken_though_nothing_is_sent() {
    let Promised { app, ada, buyer, order, parts, line, .. } = promised("test_requires_action").await;
    // The buyer approves on the test provider's page.
    let document = "query($id: ID!) { node(id: $id) { ... on Order { payments { nextAction { ... on RedirectAction { url } } } } } }";
    let asked = buyer.send(document, json!({"id": order})).await.ok();
    let url = asked["node"]["payments"][0]["nextAction"]["url"].as_str().unwrap();
    let approved = reqwest::Client::new().post(url).form(&[("decision", "approve")]).send().await.unwrap();
    assert!(approved.status().is_success());
    app.run_jobs().await;
    assert_eq!(sums(&look(&buyer, &order).await)[1], "32.00");
    call_off(&ada, &parts[0], json!([{"orderLineId": line, "quantity": 3}]), "lamps").await.ok();
    app.advance(TimeDelta::hours(7 * 24 - 13));
    app.run_jobs().await;
    assert_eq!(count(&mut app.connect(), CAPTURES), 0);
    app.advance(TimeDelta::hours(1));
    app.run_jobs().await;
    let buyer = sign_in(&app, &buyer.email).await;
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["20.00", "0.00", "0.00", "12.00", "0.00"], &json!("PAID")));
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_market_that_takes_money_at_once_does_so() {
    let app = TestApp::start().await;
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let lamp = ada.sell(&ada.open_shop("Lamps").await, "Lamp", "4.00", 3).await;
    let order = buyer.order_one(&lamp, "order").await.ok()["order"]["id"].clone();
    for (method, key) in [("test_declines", "one"), ("test_capture_fails", "two")] {
        buyer.pay(order.as_str().unwrap(), method, key).await.ok();
        app.advance(TimeDelta::seconds(1));
    }
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["4.00", "0.00", "0.00", "0.00", "0.00"], &json!("PAID")));
    assert_eq!(seen["payments"][1]["amountCaptured"]["amount"], "4.00");
    assert_eq!(count(&mut app.connect(), CAPTURES), 0);
    assert_books(&app).await;
}
