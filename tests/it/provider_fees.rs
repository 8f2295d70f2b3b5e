//! What the provider keeps of payments: booked once, at the market's cost, and seen by its staff alone.

use agora::{
    kernel::id::Id,
    orders,
    payments::model::{PaymentIntent, Progress},
    platform::{caller::Caller, config::CaptureTime},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Client, TestApp, app::Person},
    orders::{assert_books, money_comes},
    privacy::sign_in,
};

/// A market that keeps a tenth, with an order over 12.50.
struct Market {
    app: TestApp,
    seller: Person,
    buyer: Person,
    clerk: Person,
    order: String,
    part: Value,
}

async fn market(capture: CaptureTime) -> Market {
    let app = TestApp::start_with(|settings| {
        settings.checkout.commission = "10".parse().unwrap();
        settings.checkout.capture = capture;
    })
    .await;
    let (seller, buyer, clerk) = (app.sign_up("Seller").await, app.sign_up("Buyer").await, app.sign_up("Clerk").await);
    app.given_role(&clerk, "ADMIN");
    let goods = seller.sell(&seller.open_shop("Corner").await, "Lamp", "12.50", 10).await;
    let placed = buyer.order_one(&goods, "order").await.ok()["order"].clone();
    let (order, part) = (placed["id"].as_str().unwrap().to_owned(), placed["parts"][0]["id"].clone());
    Market { app, seller, buyer, clerk, order, part }
}

impl Market {
    async fn pay(&self, method: &str) -> String {
        let paid = self.buyer.pay(&self.order, method, "pay").await.ok()["payment"].clone();
        paid["id"].as_str().unwrap().to_owned()
    }

    /// What is on the market's account of fees, in pence.
    fn kept(&self) -> i64 {
        let sql = "SELECT coalesce(sum(balance), 0)::bigint AS count FROM accounts WHERE kind = 'PROVIDER_FEES'";
        count(&mut self.app.connect(), sql)
    }

    fn transfers(&self) -> i64 {
        count(&mut self.app.connect(), "SELECT count(*) AS count FROM transfers WHERE cause = 'PROVIDER_FEE'")
    }

    fn waiting(&self) -> i64 {
        let sql = "SELECT count(*) AS count FROM jobs WHERE kind = 'payments.ask_about_fee' AND state = 'DUE'";
        count(&mut self.app.connect(), sql)
    }

    async fn shop_has(&self) -> Value {
        let seller = sign_in(&self.app, &self.seller.email).await;
        let desks = seller.query("{ viewer { shops { balances { amount } } } }").await.ok();
        desks["viewer"]["shops"][0]["balances"][0]["amount"].clone()
    }

    /// The fees that somebody is told of: of the payment, and by the explanation of the order.
    async fn seen_by(&self, client: &Client) -> (Value, Vec<Value>) {
        let document = "query($id: ID!) { node(id: $id) { ... on Order { payments { id providerFee { amount currency } } \
                        explanation { step amount { amount currency } text payment { id } } } } }";
        let seen = client.send(document, json!({"id": self.order})).await.ok()["node"].clone();
        let entries = seen["explanation"].as_array().unwrap().iter();
        let fees = entries.filter(|entry| entry["step"] == "PROVIDER_FEE").cloned().collect();
        (seen["payments"][0]["providerFee"].clone(), fees)
    }
}

#[actix_web::test]
async fn what_is_kept_of_a_payment_is_the_markets_cost_and_does_not_come_back() {
    let market = market(CaptureTime::AtPayment).await;
    let payment = market.pay("test_succeeds").await;
    // 1.4 % of 12.50 is 17.5 pence, and 25 beside.
    assert_eq!((market.kept(), market.transfers(), market.waiting()), (-43, 1, 0));
    assert_eq!(market.shop_has().await, "11.25");
    assert_books(&market.app).await;

    let (fee, told) = market.seen_by(&market.clerk).await;
    assert_eq!(fee, json!({"amount": "0.43", "currency": "GBP"}));
    let text = "Kept by the payment provider, at the market's cost";
    let entry = json!({"step": "PROVIDER_FEE", "amount": {"amount": "-0.43", "currency": "GBP"}, "text": text, "payment": {"id": payment}});
    assert_eq!(told, [entry]);
    assert_eq!(market.seen_by(&market.buyer).await, (Value::Null, Vec::new()), "it is nobody's but the market's");
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { explanation { step } } } }";
    let seller = sign_in(&market.app, &market.seller.email).await;
    let seen = seller.send(document, json!({"id": market.part})).await.ok()["node"]["explanation"].clone();
    assert!(seen.as_array().unwrap().iter().all(|entry| entry["step"] != "PROVIDER_FEE"), "{seen}");

    // Said again, and given back, it stays what it is.
    let id: Id<PaymentIntent> = payment.parse().unwrap();
    let again = Progress::Succeeded { reference: "again".into(), fee: None };
    orders::service::settle(market.app.app(), &Caller::system(), id, again).await.unwrap();
    market.buyer.cancel(&market.order).await.ok();
    market.app.run_jobs().await;
    assert_eq!((market.kept(), market.transfers()), (-43, 1));
    assert_eq!(market.shop_has().await, "0.00");
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn of_what_was_promised_it_is_kept_once_it_is_taken() {
    let market = market(CaptureTime::AtShipment).await;
    market.pay("test_succeeds").await;
    assert_eq!((market.kept(), market.transfers(), market.waiting()), (0, 0, 0));
    let sent = json!({"orderPartId": market.part, "isShipped": true, "idempotencyKey": "sent"});
    market.seller.mutate("createShipment", sent, "shipment { id }").await.ok();
    market.app.run_jobs().await;
    assert_eq!((market.kept(), market.transfers(), market.waiting()), (-43, 1, 0));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_is_not_said_at_once_is_asked_for_and_booked_once() {
    let market = market(CaptureTime::AtPayment).await;
    let payment: Id<PaymentIntent> = market.pay("test_requires_action").await.parse().unwrap();
    money_comes(&market.app, payment, "untold").await;
    market.app.run_jobs().await;
    assert_eq!((market.transfers(), market.waiting()), (0, 1), "it does not say so yet");
    assert_eq!(market.seen_by(&market.clerk).await, (Value::Null, Vec::new()));
    market.app.given_sql("UPDATE test_provider_acts SET fee = 43");
    market.app.run_jobs().await;
    assert_eq!(market.transfers(), 0, "it is not asked without end");
    for _ in 0..3 {
        market.app.advance(TimeDelta::days(1));
        market.app.run_jobs().await;
        assert_eq!((market.kept(), market.transfers(), market.waiting()), (-43, 1, 0));
    }
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn who_never_says_what_they_keep_is_asked_for_a_month() {
    let market = market(CaptureTime::AtPayment).await;
    let payment: Id<PaymentIntent> = market.pay("test_requires_action").await.parse().unwrap();
    money_comes(&market.app, payment, "untold").await;
    for _ in 0..29 {
        market.app.run_jobs().await;
        assert_eq!(market.waiting(), 1);
        market.app.advance(TimeDelta::days(1));
    }
    market.app.run_jobs().await;
    market.app.advance(TimeDelta::days(1));
    market.app.run_jobs().await;
    assert_eq!((market.transfers(), market.waiting()), (0, 0));
    assert_books(&market.app).await;
}
