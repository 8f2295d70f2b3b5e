//! Ways to pay that people keep with Stripe: by its names alone, and let go there when they are let go here.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Market, double::Fault, market};
use crate::{
    costs::count,
    harness::{Answer, Client},
    orders::assert_books,
    privacy::sign_in,
};

const METHODS: &str = "{ viewer { paymentMethods { id brand last4 expiryMonth expiryYear } } }";

async fn methods(buyer: &Client) -> Vec<Value> {
    buyer.query(METHODS).await.ok()["viewer"]["paymentMethods"].as_array().unwrap().clone()
}

async fn pay(buyer: &Client, order: &str, method: Value, is_kept: bool, key: &str) -> Answer {
    let input = json!({"orderId": order, "method": method, "storeMethod": is_kept, "idempotencyKey": key});
    buyer.mutate("payOrder", input, "payment { status failureReason } order { paymentState }").await
}

async fn delete(buyer: &Client, method: &Value) -> Answer {
    buyer.mutate("deletePaymentMethod", json!({"paymentMethodId": method["id"]}), "deletedPaymentMethodId").await
}

impl Market {
    /// Pays the first order by a card that is kept. Returns what is kept of it.
    async fn keep(&self) -> Value {
        let paid = pay(&self.buyer, &self.order, json!({"token": "pm_card"}), true, "keep").await.ok();
        assert_eq!(paid["payment"]["status"], "SUCCEEDED");
        self.app.run_jobs().await;
        methods(&self.buyer).await[0].clone()
    }

    async fn another(&self, key: &str) -> String {
        let placed = self.buyer.order_one(&self.goods, key).await.ok();
        placed["order"]["id"].as_str().unwrap().to_owned()
    }
}

#[actix_web::test]
async fn a_card_is_kept_by_its_name_and_pays_again() {
    let market = market().await;
    let kept = market.keep().await;
    let id = kept["id"].clone();
    assert_eq!(kept, json!({"id": id, "brand": "visa", "last4": "4242", "expiryMonth": 12, "expiryYear": 2034}));
    let form = market.stripe.form("pi_1");
    assert_eq!((form["customer"].as_str(), form["setup_future_usage"].as_str()), ("cus_1", "on_session"));
    // Stripe is told nothing of a person but our name for them.
    assert_eq!(market.stripe.customers()["cus_1"]["metadata[person]"], market.buyer.id);
    assert_eq!(market.stripe.keeper("pm_card").as_deref(), Some("cus_1"));

    let order = market.another("second").await;
    let paid = pay(&market.buyer, &order, json!({"storedId": id}), false, "second").await.ok();
    assert_eq!((&paid["payment"]["status"], &paid["order"]["paymentState"]), (&json!("SUCCEEDED"), &json!("PAID")));
    let form = market.stripe.form("pi_2");
    assert_eq!((form["customer"].as_str(), form["payment_method"].as_str()), ("cus_1", "pm_card"));
    assert!(!form.contains_key("setup_future_usage"));
    assert_eq!(market.stripe.customers().len(), 1);
    market.app.run_jobs().await;
    assert_eq!(methods(&market.buyer).await, [kept]);
    // A repeat is the same payment.
    pay(&market.buyer, &order, json!({"storedId": id}), false, "second").await.ok();
    assert_eq!(market.stripe.charges(), 2);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_did_not_pay_is_not_kept() {
    let market = market().await;
    let failed = pay(&market.buyer, &market.order, json!({"token": "pm_declined"}), true, "no").await.ok();
    assert_eq!(failed["payment"]["status"], "FAILED");
    market.app.run_jobs().await;
    assert_eq!(methods(&market.buyer).await, Vec::<Value>::new());
    // What was not to be kept is not, either.
    pay(&market.buyer, &market.order, json!({"token": "pm_card"}), false, "once").await.ok();
    market.app.run_jobs().await;
    assert_eq!(methods(&market.buyer).await, Vec::<Value>::new());
    assert_eq!(market.stripe.keeper("pm_card"), None);
}

#[actix_web::test]
async fn what_stripe_has_let_go_is_declined() {
    let market = market().await;
    let kept = market.keep().await;
    market.stripe.detaches("pm_card");
    let order = market.another("second").await;
    let refused = pay(&market.buyer, &order, json!({"storedId": kept["id"]}), false, "second").await.ok();
    let expected = json!({"status": "FAILED", "failureReason": "DECLINED"});
    assert_eq!((&refused["payment"], &refused["order"]["paymentState"]), (&expected, &json!("UNPAID")));
    delete(&market.buyer, &kept).await.ok();
    market.app.run_jobs().await;
    assert_eq!(
        count(&mut market.app.connect(), "SELECT count(*) AS count FROM payment_methods WHERE reference IS NOT NULL"),
        0
    );
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_is_removed_here_is_let_go_there_however_often_it_takes() {
    let market = market().await;
    let kept = market.keep().await;
    market.stripe.fails("detach", Fault::Refuse(500));
    delete(&market.buyer, &kept).await.ok();
    assert_eq!(methods(&market.buyer).await, Vec::<Value>::new());
    let order = market.another("second").await;
    let refused = pay(&market.buyer, &order, json!({"storedId": kept["id"]}), false, "second").await;
    assert_eq!(refused.refusal(), ("NOT_FOUND".to_owned(), "method.storedId".to_owned()));
    market.app.run_jobs().await;
    assert_eq!(market.stripe.keeper("pm_card").as_deref(), Some("cus_1"), "Stripe could not do it");
    // Once more changes nothing, and is no refusal.
    delete(&market.buyer, &kept).await.ok();
    market.app.advance(TimeDelta::minutes(10));
    market.app.run_jobs().await;
    assert_eq!(market.stripe.keeper("pm_card"), None);
    let asked = market.stripe.asked("detach");
    delete(&sign_in(&market.app, &market.buyer.email).await, &kept).await.ok();
    market.app.run_jobs().await;
    assert_eq!(market.stripe.asked("detach"), asked);
}

#[actix_web::test]
async fn a_customer_that_stripe_has_forgotten_is_made_anew() {
    let market = market().await;
    market.keep().await;
    market.stripe.forgets("cus_1");
    let order = market.another("second").await;
    // Under that name it can be attached to nobody any more.
    let refused = pay(&market.buyer, &order, json!({"token": "pm_card"}), true, "second").await.ok();
    assert_eq!(refused["payment"]["status"], "FAILED");
    assert_eq!(methods(&market.buyer).await, Vec::<Value>::new(), "the other one keeps nothing");
    assert_eq!(market.stripe.form("pi_1")["customer"], "cus_1");
    assert_eq!(market.stripe.customers().len(), 2);
    assert_eq!(
        count(&mut market.app.connect(), "SELECT count(*) AS count FROM payment_customers WHERE reference = 'cus_2'"),
        1
    );
}

#[actix_web::test]
async fn who_pays_twice_at_once_is_one_customer() {
    let market = market().await;
    let other = market.another("second").await;
    let method = || json!({"token": "pm_card"});
    let (one, two) = futures_util::future::join(
        pay(&market.buyer, &market.order, method(), true, "one"),
        pay(&market.buyer, &other, method(), true, "two"),
    )
    .await;
    for paid in [one, two] {
        assert_eq!(paid.ok()["payment"]["status"], "SUCCEEDED");
    }
    market.app.run_jobs().await;
    assert_eq!((market.stripe.customers().len(), methods(&market.buyer).await.len()), (1, 1));
}

#[actix_web::test]
async fn without_an_answer_nothing_is_charged() {
    let market = market().await;
    market.stripe.fails("customer", Fault::Refuse(500));
    let failed = pay(&market.buyer, &market.order, json!({"token": "pm_card"}), true, "one").await;
    assert_eq!(failed.code(), "UNAVAILABLE");
    assert_eq!(market.stripe.asked("make"), 0);
    // The same key tries again.
    let paid = pay(&market.buyer, &market.order, json!({"token": "pm_card"}), true, "one").await.ok();
    assert_eq!(paid["payment"]["status"], "SUCCEEDED");
}

#[actix_web::test]
async fn of_who_is_erased_stripe_forgets_all_that_they_kept() {
    let market = market().await;
    market.keep().await;
    let document = "mutation { deleteAccount { accountDeletion { dueAt } userErrors { code } } }";
    assert_eq!(market.buyer.query(document).await.ok()["deleteAccount"]["userErrors"], json!([]));
    market.app.schedule_jobs().await;
    market.stripe.fails("forget", Fault::Refuse(500));
    market.app.advance(TimeDelta::days(14) + TimeDelta::hours(1));
    market.app.run_jobs().await;
    let customers = "SELECT count(*) AS count FROM payment_customers";
    assert_eq!(count(&mut market.app.connect(), &format!("{customers} WHERE user_id IS NOT NULL")), 0);
    assert_eq!(count(&mut market.app.connect(), "SELECT count(*) AS count FROM payment_methods"), 0);
    market.app.advance(TimeDelta::hours(1));
    market.app.run_jobs().await;
    assert!(market.stripe.has_forgotten("cus_1"));
    assert_eq!((market.stripe.keeper("pm_card"), count(&mut market.app.connect(), customers)), (None, 0));
}

#[actix_web::test]
async fn what_is_kept_let_go_and_forgotten_is_asked_for_however_long_stripe_is_away() {
    let market = market().await;
    let app = &market.app;
    // The next attempt is the last one that follows soon.
    let is_last = |kind: &str| app.given_sql(&format!("UPDATE jobs SET attempts = 11 WHERE kind = 'payments.{kind}'"));
    let dead = || count(&mut app.connect(), "SELECT count(*) AS count FROM jobs WHERE state = 'DEAD'");

    pay(&market.buyer, &market.order, json!({"token": "pm_card"}), true, "keep").await.ok();
    is_last("keep_method");
    market.stripe.fails("method", Fault::Refuse(500));
    app.run_jobs().await;
    assert_eq!((methods(&market.buyer).await, dead()), (Vec::new(), 0));
    app.advance(TimeDelta::hours(1));
    app.run_jobs().await;
    let buyer = sign_in(app, &market.buyer.email).await;
    let kept = methods(&buyer).await[0].clone();

    delete(&buyer, &kept).await.ok();
    is_last("let_method_go");
    market.stripe.fails("detach", Fault::Refuse(500));
    app.run_jobs().await;
    assert_eq!((market.stripe.keeper("pm_card").as_deref(), dead()), (Some("cus_1"), 0));
    app.advance(TimeDelta::hours(1));
    app.run_jobs().await;
    assert_eq!(market.stripe.keeper("pm_card"), None);

    let buyer = sign_in(app, &market.buyer.email).await;
    let document = "mutation { deleteAccount { accountDeletion { dueAt } userErrors { code } } }";
    assert_eq!(buyer.query(document).await.ok()["deleteAccount"]["userErrors"], json!([]));
    app.schedule_jobs().await;
    market.stripe.fails("forget", Fault::Refuse(500));
    app.advance(TimeDelta::days(14) + TimeDelta::hours(1));
    app.run_jobs().await;
    is_last("forget_customer");
    market.stripe.fails("forget", Fault::Refuse(500));
    app.advance(TimeDelta::minutes(1));
    app.run_jobs().await;
    assert_eq!((market.stripe.has_forgotten("cus_1"), dead()), (false, 0));
    app.advance(TimeDelta::hours(1));
    app.run_jobs().await;
    assert!(market.stripe.has_forgotten("cus_1"));
}
