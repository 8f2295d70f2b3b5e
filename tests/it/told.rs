//! What the test provider tells of its own accord, and what it remembers.

use agora::{
    kernel::id::Id,
    payments::{
        self,
        model::{PaymentIntent, Refund},
        service::{
            compare,
            test_webhooks::{About, Event, PATH, SIGNATURE, sign},
        },
    },
    platform::{app::PaymentSetup, caller::Caller, clock::Time},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{
        TestApp,
        app::{MASTER_KEY, Person},
        program::{Ended, command, run},
    },
    orders::assert_books,
};

const KEPT: &str = "SELECT count(*) AS count FROM provider_events";
const PROCESSED: &str = "SELECT count(*) AS count FROM provider_events WHERE processed_at IS NOT NULL";
const BOOKED: &str = "SELECT count(*) AS count FROM transfers WHERE cause = 'PAYMENT'";
const ACTS: &str = "SELECT count(*) AS count FROM test_provider_acts";

/// A market with an order over 5.00, and the payment that was tried for it.
struct Tried {
    app: TestApp,
    buyer: Person,
    order: String,
    payment: String,
    status: String,
}

async fn tried(method: &str) -> Tried {
    let app = TestApp::start().await;
    let (seller, buyer) = (app.sign_up("Seller").await, app.sign_up("Buyer").await);
    let goods = seller.sell(&seller.open_shop("Corner").await, "Lamp", "5.00", 10).await;
    let order = buyer.order_one(&goods, "order").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    let payment = buyer.pay(&order, method, "pay").await.ok()["payment"].clone();
    let text = |field: &str| payment[field].as_str().unwrap().to_owned();
    let (payment, status) = (text("id"), text("status"));
    Tried { app, buyer, order, payment, status }
}

impl Tried {
    async fn look(&self) -> Value {
        let document =
            "query($id: ID!) { node(id: $id) { ... on Order { paymentState payments { status } timeline { step } } } }";
        self.buyer.send(document, json!({"id": self.order})).await.ok()["node"].clone()
    }

    fn id(&self) -> Id<PaymentIntent> {
        self.payment.parse().unwrap()
    }

    fn event(&self, id: &str, about: About) -> String {
        Event { id: id.into(), about, payment: self.id() }.text().unwrap()
    }

    async fn tell_signed(&self, text: String, signature: &str) -> u16 {
        let request = reqwest::Client::new().post(self.app.url(PATH)).header(SIGNATURE, signature);
        request.header("content-type", "application/json").body(text).send().await.unwrap().status().as_u16()
    }

    async fn tell(&self, id: &str, about: About) -> u16 {
        let text = self.event(id, about);
        let signature = sign(&self.app.app().master, self.app.app().now(), &text);
        self.tell_signed(text, &signature).await
    }

    fn count(&self, query: &str) -> i64 {
        count(&mut self.app.connect(), query)
    }
}

fn paid() -> Value {
    json!({"paymentState": "PAID", "payments": [{"status": "SUCCEEDED"}], "timeline": [{"step": "PLACED"}, {"step": "PAID"}]})
}

#[actix_web::test]
async fn what_is_told_late_twice_or_in_reverse_is_booked_once() {
    for (method, kept) in [("test_is_told_late", 1), ("test_is_told_twice", 1), ("test_is_told_in_reverse", 2)] {
        let tried = tried(method).await;
        assert_eq!(tried.status, "PROCESSING", "{method}");
        if method == "test_is_told_late" {
            tried.app.run_jobs().await;
            assert_eq!(tried.look().await["payments"], json!([{"status": "PROCESSING"}]));
            assert_eq!(tried.count(KEPT), 0);
            // Before anybody asks.
            tried.app.advance(TimeDelta::seconds(20));
        }
        tried.app.run_jobs().await;
        assert_eq!(tried.look().await, paid(), "{method}");
        assert_eq!((tried.count(KEPT), tried.count(PROCESSED)), (kept, kept));
        // Whoever asks all the same hears nothing new.
        tried.app.advance(TimeDelta::minutes(1));
        tried.app.run_jobs().await;
        assert_eq!((tried.look().await, tried.count(BOOKED)), (paid(), 1), "{method}");
        assert_books(&tried.app).await;
    }
}

#[actix_web::test]
async fn what_it_has_not_signed_just_now_is_not_taken() {
    let tried = tried("test_requires_action").await;
    let (text, now) = (tried.event("evt_1", About::Payment), tried.app.app().now());
    let signed = |at: Time, text: &str| sign(&tried.app.app().master, at, text);
    let other = "OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTA=".parse().unwrap();
    for (signature, what) in [
        (String::new(), "no signature"),
        (sign(&other, now, &text), "of somebody else"),
        (signed(now - TimeDelta::seconds(301), &text), "an old one"),
        (signed(now, "{}"), "of another text"),
    ] {
        assert_eq!(tried.tell_signed(text.clone(), &signature).await, 400, "{what}");
    }
    let nonsense = "[]".to_owned();
    let signature = signed(now, &nonsense);
    assert_eq!(tried.tell_signed(nonsense, &signature).await, 400);
    assert_eq!(tried.count(KEPT), 0);
    // What is signed is believed in nothing but that something has happened.
    for about in [About::Payment, About::Refund, About::Dispute] {
        assert_eq!(tried.tell(&format!("evt_{about:?}"), about).await, 200);
    }
    tried.app.run_jobs().await;
    assert_eq!(tried.look().await["payments"], json!([{"status": "REQUIRES_ACTION"}]));
    assert_eq!((tried.count(KEPT), tried.count(PROCESSED), tried.count(BOOKED)), (3, 3, 0));
    assert_books(&tried.app).await;

    let off = tried.app.start_beside(|settings| settings.payments = PaymentSetup::Off).await;
    let gone = reqwest::Client::new().post(off.url(PATH)).send().await.unwrap();
    assert_eq!(gone.status().as_u16(), 404);
    off.stop().await;
}

#[actix_web::test]
async fn it_does_once_what_it_is_asked_for_twice_and_remembers_it() {
    let tried = tried("test_times_out").await;
    tried.app.advance(TimeDelta::seconds(30));
    tried.app.run_jobs().await;
    assert_eq!(tried.look().await, paid());
    tried.buyer.cancel(&tried.order).await.ok();
    tried.app.run_jobs().await;
    assert_books(&tried.app).await;
    assert_eq!(tried.count(ACTS), 2);

    let app = tried.app.app();
    let (id, read) = (tried.id(), tried.look_for_refund().await);
    let intent = app.db.read(move |conn| payments::service::by_id(conn, id)).await.unwrap().unwrap();
    let refund = app.db.read(move |conn| payments::service::refund(conn, read)).await.unwrap().unwrap();
    for _ in 0..2 {
        payments::service::charge(app, &intent).await.unwrap_err();
        payments::service::look_up(app, &intent).await.unwrap();
        payments::service::carry_out(app, &intent, &refund).await.unwrap();
    }
    assert_eq!(tried.count(ACTS), 2);
    assert_books(&tried.app).await;

    // Had it been asked under another key, it would have given the money back twice, and it is it that says so.
    let twice = "INSERT INTO test_provider_acts (key, kind, payment, amount, currency, outcome, created_at) \
                 SELECT key || ' again', kind, payment, amount, currency, outcome, created_at FROM test_provider_acts";
    tried.app.given_sql(twice);
    let finding = compare(app, 7).await.unwrap().unwrap().finding;
    let told: Vec<String> = finding.examples.iter().map(ToString::to_string).collect();
    let payment = &tried.payment;
    let expected = [
        format!("{payment}: expected 10.00 GBP, found 5.00 GBP"),
        format!("{payment} given back: expected 10.00 GBP, found 5.00 GBP"),
    ];
    assert_eq!(told, expected);
}

impl Tried {
    async fn look_for_refund(&self) -> Id<Refund> {
        let document = "query($id: ID!) { node(id: $id) { ... on Order { refunds { id } } } }";
        let found = self.buyer.send(document, json!({"id": self.order})).await.ok();
        found["node"]["refunds"][0]["id"].as_str().unwrap().parse().unwrap()
    }

    /// What the program says of what providers told.
    fn events(&self, arguments: &[&str]) -> Ended {
        let url = self.app.database_url();
        let own = ["--mode", "development", "--master-key", MASTER_KEY, "--database-url", url];
        run(command(&["payments"]).args(arguments).args(own))
    }
}

#[actix_web::test]
async fn what_was_looked_into_wrongly_is_looked_into_again_and_booked_once() {
    let tried = tried("test_is_told_late").await;
    tried.app.given_sql("DELETE FROM jobs");
    assert_eq!(tried.tell("evt_lost", About::Payment).await, 200);
    assert!(tried.events(&["events", "--unprocessed"]).stdout.contains(&format!("test evt_lost {}", tried.payment)));
    // As a release does that takes note of an event, and does nothing about it.
    tried.app.given_sql("UPDATE provider_events SET processed_at = received_at");
    tried.app.given_sql("DELETE FROM jobs");
    tried.app.advance(TimeDelta::seconds(20));
    assert_eq!(tried.tell("evt_lost", About::Payment).await, 200);
    tried.app.run_jobs().await;
    assert_eq!(tried.look().await["payments"], json!([{"status": "PROCESSING"}]));
    assert_eq!(tried.events(&["events", "--unprocessed"]).stdout, "");
    let all = tried.events(&["events"]);
    assert!(all.code == Some(0) && all.stdout.contains("evt_lost"), "{all:?}");

    let unknown = tried.events(&["replay", "evt_unknown"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.stderr.contains("no event evt_unknown is kept"), "{unknown:?}");
    assert_eq!(tried.events(&["replay", "evt_lost"]).code, Some(0));
    // The program goes by the clock on the wall.
    tried.app.given_sql("UPDATE jobs SET run_at = '2026-01-01' WHERE kind = 'orders.process_provider_event'");
    tried.app.run_jobs().await;
    assert_eq!((tried.look().await, tried.count(PROCESSED)), (paid(), 1));
    assert!(payments::service::replay_event(tried.app.app(), &Caller::system(), "evt_lost".into()).await.unwrap());
    assert_eq!(tried.count(PROCESSED), 0);
    tried.app.run_jobs().await;
    assert_eq!((tried.look().await, tried.count(PROCESSED), tried.count(BOOKED)), (paid(), 1, 1));
    assert_books(&tried.app).await;
}
