//! Orders and payments, as buyers and shops see them.

use agora::{
    checkup,
    kernel::id::Id,
    orders,
    payments::{
        self,
        model::{PaymentIntent, Progress},
    },
    platform::caller::Caller,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{TestApp, app::Person, market::Goods};

async fn market(app: &TestApp) -> (Person, Person, Goods) {
    let (seller, buyer) = (app.sign_up("Sally").await, app.sign_up("Bob").await);
    let shop = seller.open_shop("Candles").await;
    let goods = seller.sell(&shop, "White Hanging Heart T-Light Holder", "2.95", 10).await;
    (seller, buyer, goods)
}

fn order_id(payload: &Value) -> String {
    payload["order"]["id"].as_str().unwrap().to_owned()
}

/// The market agrees with itself, as `agora doctor` sees it, and with its provider.
pub async fn assert_books(app: &TestApp) {
    let mut findings = checkup::service::examine(app.app()).await.unwrap();
    let since_it_opened = payments::service::compare(app.app(), u16::MAX).await.unwrap();
    findings.extend(since_it_opened.map(|comparison| comparison.finding));
    let differing: String = findings.iter().filter(|finding| !finding.is_fine()).map(ToString::to_string).collect();
    assert!(differing.is_empty(), "{differing}");
}

/// The test provider says that money is here, and has it, whatever was decided about it before.
pub async fn money_comes(app: &TestApp, payment: Id<PaymentIntent>, reference: &str) {
    let taken = format!(
        "INSERT INTO test_provider_acts (key, kind, payment, amount, currency, outcome, created_at) \
         SELECT 'charge ' || id, 'CHARGE', id, amount, currency, 'DONE', created_at FROM payment_intents WHERE id = '{}' \
         ON CONFLICT (key) DO UPDATE SET outcome = 'DONE'",
        payment.uuid()
    );
    app.given_sql(&taken);
    let progress = Progress::Succeeded { reference: reference.into(), fee: None };
    orders::service::settle(app.app(), &Caller::system(), payment, progress).await.unwrap();
}

#[actix_web::test]
async fn a_buyer_goes_all_the_way() {
    let app = TestApp::start().await;
    let (seller, buyer, goods) = market(&app).await;

    let placed = buyer.order(&[(&goods, 2)], "5.90", "first").await.ok();
    let order = order_id(&placed);
    assert_eq!(placed["order"]["lifecycle"], "OPEN");
    assert_eq!(placed["order"]["paymentState"], "UNPAID");
    assert_eq!(app.guest().available(&goods).await, 8);

    let paid = buyer.pay(&order, "test_succeeds", "pay").await.ok();
    assert_eq!(paid["payment"]["status"], "SUCCEEDED");
    assert_eq!(paid["order"]["paymentState"], "PAID");

    let document = "{ viewer { orders { totalCount nodes { number total { amount currency } amountPaid { amount } \
                    shippingAddress { city } parts { shop { name } fulfillmentState lines { title sku quantity \
                    unitPrice { amount } total { amount } product { title } } conversation { messages { nodes { number \
                    author { id } content { ... on OrderStepContent { step } } } } } } } } } }";
    let orders = buyer.query(document).await.ok()["viewer"]["orders"].clone();
    assert_eq!(orders["totalCount"], 1);
    let found = &orders["nodes"][0];
    assert_eq!(found["total"], json!({"amount": "5.90", "currency": "GBP"}));
    assert_eq!(found["amountPaid"]["amount"], "5.90");
    assert_eq!(found["shippingAddress"]["city"], "London");
    let line = &found["parts"][0]["lines"][0];
    assert_eq!((&line["quantity"], &line["unitPrice"]["amount"]), (&json!(2), &json!("2.95")));
    let steps = found["parts"][0]["conversation"]["messages"]["nodes"].as_array().unwrap();
    let steps: Vec<_> = steps.iter().map(|step| (step["number"].as_i64(), step["content"]["step"].as_str())).collect();
    assert_eq!(steps, [(Some(1), Some("PLACED")), (Some(2), Some("PAID"))]);

    // The shop sees its part, and not the order.
    let document = "{ viewer { shops { orders { totalCount nodes { id orderNumber orderPaymentState order { id } \
                    buyer { displayName } lines { title } } } } } }";
    let desk = seller.query(document).await.ok()["viewer"]["shops"][0].clone();
    assert_eq!(desk["orders"]["totalCount"], 1);
    let part = &desk["orders"]["nodes"][0];
    assert_eq!((&part["order"], &part["orderPaymentState"]), (&Value::Null, &json!("PAID")));
    assert_eq!(part["buyer"]["displayName"], "Bob");
    assert_eq!(buyer.pay(&order, "test_succeeds", "again").await.refusal().0, "ORDER_NOT_PAYABLE");
    assert_books(&app).await;
}

#[actix_web::test]
async fn one_order_has_a_part_for_each_shop() {
    let app = TestApp::start().await;
    let (seller, buyer, goods) = market(&app).await;
    let other = app.sign_up("Olga").await;
    let shop = other.open_shop("Lanterns").await;
    let lantern = other.sell(&shop, "Lantern", "10.00", 1).await;
    let placed = buyer.order(&[(&goods, 1), (&lantern, 1), (&goods, 1)], "15.90", "both").await.ok();
    assert_eq!(placed["order"]["parts"].as_array().unwrap().len(), 2);
    for person in [&seller, &other] {
        let document = "{ viewer { shops { orders { nodes { lines { title quantity } } } } } }";
        let desk = person.query(document).await.ok();
        let lines = &desk["viewer"]["shops"][0]["orders"]["nodes"][0]["lines"];
        assert_eq!(lines.as_array().unwrap().len(), 1, "{lines}");
    }
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_does_not_fit_is_told_and_changes_nothing() {
    let app = TestApp::start().await;
    let (seller, buyer, goods) = market(&app).await;
    let none: [(&Goods, i32); 0] = [];
    assert_eq!(buyer.order(&none, "0.00", "k").await.refusal(), ("BLANK".into(), "lines".into()));
    for (quantity, code) in [(0, "OUT_OF_RANGE"), (-1, "OUT_OF_RANGE"), (10_001, "OUT_OF_RANGE")] {
        let refused = buyer.order(&[(&goods, quantity)], "2.95", &format!("k{quantity}")).await;
        assert_eq!(refused.refusal(), (code.into(), "lines.0.quantity".into()));
    }
    let refused = buyer.order(&[(&goods, 11)], "32.45", "short").await;
    assert_eq!(refused.refusal(), ("OUT_OF_STOCK".into(), "lines.0.quantity".into()));
    let refused = buyer.order(&[(&goods, 1)], "2.94", "total").await;
    assert_eq!(refused.refusal(), ("PRICE_CHANGED".into(), "expectedTotal".into()));

    // A refusal is an outcome: the same key tells it again, though it would do now.
    assert_eq!(app.guest().available(&goods).await, 10);
    let again = buyer.order(&[(&goods, 11)], "32.45", "short").await;
    assert_eq!(again.extensions["replayed"], true);
    assert_eq!(again.refusal().0, "OUT_OF_STOCK");
    // With another input, it is a mistake.
    let reused = buyer.order(&[(&goods, 1)], "2.95", "short").await;
    assert_eq!(reused.refusal(), ("IDEMPOTENCY_KEY_REUSED".into(), "idempotencyKey".into()));

    let document = "mutation($id: ID!, $version: Int!) { updateProduct(input: {productId: $id, expectedVersion: $version, \
                    status: ARCHIVED}) { userErrors { code } } }";
    seller.send(document, json!({"id": goods.product, "version": 1})).await.ok();
    let refused = buyer.order(&[(&goods, 1)], "2.95", "archived").await;
    assert_eq!(refused.refusal(), ("NOT_FOUND".into(), "lines.0.variantId".into()));
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_cancelled_order_gives_its_stock_back_once() {
    let app = TestApp::start().await;
    let (seller, buyer, goods) = market(&app).await;
    let order = order_id(&buyer.order(&[(&goods, 3)], "8.85", "k").await.ok());
    assert_eq!(seller.cancel(&order).await.refusal(), ("NOT_FOUND".into(), "orderId".into()));
    assert_eq!(buyer.cancel(&order).await.ok()["order"]["lifecycle"], "CANCELLED");
    assert_eq!(buyer.cancel(&order).await.refusal().0, "ORDER_NOT_CANCELLABLE");
    assert_eq!(buyer.pay(&order, "test_succeeds", "late").await.refusal().0, "ORDER_NOT_PAYABLE");
    assert_eq!(app.guest().available(&goods).await, 10);
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_payment_may_be_declined_and_tried_again() {
    let app = TestApp::start().await;
    let (_, buyer, goods) = market(&app).await;
    let order = order_id(&buyer.order_one(&goods, "k").await.ok());
    let declined = buyer.pay(&order, "test_declines", "one").await.ok();
    assert_eq!(declined["payment"]["status"], "FAILED");
    assert_eq!(declined["payment"]["failureReason"], "DECLINED");
    app.advance(TimeDelta::seconds(1));
    assert_eq!(buyer.pay(&order, "a_card", "x").await.refusal(), ("INVALID".into(), "method.token".into()));

    let asked = buyer.pay(&order, "test_requires_action", "two").await.ok();
    assert_eq!(asked["payment"]["status"], "REQUIRES_ACTION");
    assert!(asked["payment"]["nextAction"]["url"].as_str().unwrap().starts_with(&app.url("/dev/payments/")));
    app.advance(TimeDelta::seconds(1));
    // Another way to pay takes its place.
    let paid = buyer.pay(&order, "test_succeeds", "three").await.ok();
    assert_eq!(paid["order"]["paymentState"], "PAID");
    let repeated = buyer.pay(&order, "test_succeeds", "three").await;
    assert_eq!(repeated.extensions["replayed"], true);
    assert_eq!(repeated.ok()["payment"], paid["payment"]);
    let document = "{ viewer { orders { nodes { payments { status } } } } }";
    let payments = buyer.query(document).await.ok()["viewer"]["orders"]["nodes"][0]["payments"].clone();
    assert_eq!(payments, json!([{"status": "FAILED"}, {"status": "CANCELLED"}, {"status": "SUCCEEDED"}]));
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_payment_without_an_answer_is_found_out_later() {
    let app = TestApp::start().await;
    let (_, buyer, goods) = market(&app).await;
    for (method, state, status) in [("test_times_out", "PAID", "SUCCEEDED"), ("test_is_lost", "UNPAID", "FAILED")] {
        let order = order_id(&buyer.order_one(&goods, method).await.ok());
        let paying = buyer.pay(&order, method, &format!("pay {method}")).await.ok();
        assert_eq!(paying["payment"]["status"], "PROCESSING");
        assert_eq!(buyer.cancel(&order).await.refusal().0, "PAYMENT_IN_PROGRESS");
        assert_eq!(
            buyer.pay(&order, "test_succeeds", &format!("twice {method}")).await.refusal().0,
            "PAYMENT_IN_PROGRESS"
        );
        app.advance(TimeDelta::seconds(31));
        assert!(app.run_jobs().await >= 1);
        let document = "query($id: ID!) { node(id: $id) { ... on Order { paymentState payments { status } } } }";
        let found = buyer.send(document, json!({"id": order})).await.ok()["node"].clone();
        assert_eq!(found, json!({"paymentState": state, "payments": [{"status": status}]}));
    }
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_return_url_must_be_the_markets() {
    let app = TestApp::start().await;
    let (_, buyer, goods) = market(&app).await;
    let order = order_id(&buyer.order_one(&goods, "k").await.ok());
    for (url, refusal) in [("https://evil.example/", Some("RETURN_URL_NOT_ALLOWED")), (&*app.url("/thanks"), None)] {
        let input = json!({"orderId": order, "method": {"token": "test_requires_action"}, "returnUrl": url, "idempotencyKey": url});
        let answer = buyer.mutate("payOrder", input, "payment { status }").await;
        let refused = answer.refusals().first().map(|(code, _)| code.clone());
        assert_eq!(refused.as_deref(), refusal);
    }
}

#[actix_web::test]
async fn strangers_see_nothing_of_an_order() {
    let app = TestApp::start().await;
    let (_, buyer, goods) = market(&app).await;
    let placed = buyer.order_one(&goods, "k").await.ok();
    let order = order_id(&placed);
    let paid = buyer.pay(&order, "test_succeeds", "p").await.ok();
    let part = &placed["order"]["parts"][0];
    let ids = json!([order, part["id"], part["conversation"]["id"], paid["payment"]["id"]]);
    let stranger = app.sign_up("Eve").await;
    for client in [&app.guest(), &stranger.client] {
        let nodes =
            client.send("query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }", json!({"ids": ids})).await.ok();
        assert_eq!(nodes["nodes"], json!([null, null, null, null]));
    }
    assert_eq!(stranger.cancel(&order).await.refusal().0, "NOT_FOUND");
    assert_eq!(stranger.pay(&order, "test_succeeds", "k").await.refusal().0, "NOT_FOUND");
}
