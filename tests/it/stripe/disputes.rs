//! What banks take back by Stripe: found by Stripe's name of the payment, booked once, whatever is told, lost or late.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Market, double::Fault, market, text};
use crate::{costs::count, orders::assert_books, privacy::sign_in};

/// Pays the order of 5.00, and has the bank ask about it.
async fn asked_about() -> (Market, String) {
    let market = market().await;
    assert_eq!(market.pay("pm_card", "pay").await["status"], "SUCCEEDED");
    let dispute = market.stripe.bank_asks("pi_1", 500);
    (market, dispute)
}

impl Market {
    /// What the shop has, as its owner reads it.
    async fn shop_has(&self) -> String {
        let seller = sign_in(&self.app, &self.seller.email).await;
        let desks = seller.query("{ viewer { shops { balances { amount } } } }").await.ok();
        text(&desks["viewer"]["shops"][0]["balances"][0]["amount"])
    }

    async fn tell_of_dispute(&self, event: &str, kind: &str, dispute: &str) {
        assert_eq!(self.tell(event, kind, &self.stripe.dispute(dispute)).await, 200);
        self.app.run_jobs().await;
    }

    /// Status and money of all disputes.
    fn count_disputes(&self, status: &str, money: &str) -> i64 {
        let sql =
            format!("SELECT count(*) AS count FROM payment_disputes WHERE status = '{status}' AND money = '{money}'");
        count(&mut self.app.connect(), &sql)
    }
}

#[actix_web::test]
async fn what_a_bank_takes_back_is_taken_from_the_shop_and_given_again() {
    let (market, dispute) = asked_about().await;
    market.tell_of_dispute("evt_1", "charge.dispute.created", &dispute).await;
    assert_eq!((market.shop_has().await.as_str(), market.count_disputes("NEEDS_RESPONSE", "UNTOUCHED")), ("5.00", 1));

    market.stripe.bank_says(&dispute, "needs_response", Some(-500));
    for (event, kind) in [
        ("evt_2", "charge.dispute.funds_withdrawn"),
        ("evt_2", "charge.dispute.funds_withdrawn"),
        ("evt_3", "charge.dispute.updated"),
    ] {
        market.tell_of_dispute(event, kind, &dispute).await;
        assert_eq!((market.shop_has().await.as_str(), market.count_disputes("NEEDS_RESPONSE", "TAKEN")), ("0.00", 1));
        assert_books(&market.app).await;
    }
    assert_eq!(market.states().await, super::states("PAID", &["SUCCEEDED"]));
    let clerk = market.app.sign_up("Clerk").await;
    market.app.given_role(&clerk, "ADMIN");
    let fields = "disputes { status amount { amount } isMoneyTaken reason dueAt }";
    let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on Order {{ payments {{ {fields} }} }} }} }}");
    let seen = clerk.send(&document, json!({"id": market.order})).await.ok()["node"]["payments"][0]["disputes"].clone();
    let seen = seen[0].clone();
    assert_eq!(
        (&seen["status"], &seen["isMoneyTaken"], &seen["reason"]),
        (&json!("NEEDS_RESPONSE"), &json!(true), &json!("product_not_received"))
    );
    assert_ne!(seen["dueAt"], Value::Null);

    // Decided, and given again some days later.
    market.stripe.bank_says(&dispute, "won", None);
    market.tell_of_dispute("evt_4", "charge.dispute.closed", &dispute).await;
    assert_eq!((market.shop_has().await.as_str(), market.count_disputes("WON", "TAKEN")), ("0.00", 1));
    market.stripe.bank_says(&dispute, "won", Some(500));
    for event in ["evt_5", "evt_6"] {
        market.tell_of_dispute(event, "charge.dispute.funds_reinstated", &dispute).await;
        assert_eq!((market.shop_has().await.as_str(), market.count_disputes("WON", "RETURNED")), ("5.00", 1));
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn an_event_about_a_dispute_that_lies_moves_nothing() {
    let (market, dispute) = asked_about().await;
    let mut lie = market.stripe.dispute(&dispute);
    lie["status"] = json!("lost");
    lie["balance_transactions"] = json!([{"amount": -500}]);
    assert_eq!(market.tell("evt_1", "charge.dispute.closed", &lie).await, 200);
    market.app.run_jobs().await;
    assert_eq!((market.shop_has().await.as_str(), market.count_disputes("NEEDS_RESPONSE", "UNTOUCHED")), ("5.00", 1));
    // Of a payment that is none of ours, and of one without a name.
    for (event, payment) in [("evt_2", json!("pi_9")), ("evt_3", Value::Null)] {
        lie["payment_intent"] = payment;
        assert_eq!(market.tell(event, "charge.dispute.created", &lie).await, 200);
    }
    assert_eq!(count(&mut market.app.connect(), "SELECT count(*) AS count FROM provider_events"), 1);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn stripe_is_asked_until_it_answers_and_about_what_nobody_tells() {
    let (market, dispute) = asked_about().await;
    market.app.schedule_jobs().await;
    market.stripe.bank_says(&dispute, "needs_response", Some(-500));
    market.stripe.fails("disputes", Fault::Refuse(500));
    market.tell_of_dispute("evt_1", "charge.dispute.created", &dispute).await;
    assert_eq!(market.shop_has().await, "5.00");
    market.app.advance(TimeDelta::minutes(1));
    market.app.run_jobs().await;
    assert_eq!(market.shop_has().await, "0.00");
    // Nobody tells that it is lost.
    market.stripe.bank_says(&dispute, "lost", None);
    market.app.advance(TimeDelta::hours(6));
    market.app.run_jobs().await;
    assert_eq!((market.shop_has().await.as_str(), market.count_disputes("LOST", "TAKEN")), ("0.00", 1));
    let asked = market.stripe.asked("disputes");
    market.app.advance(TimeDelta::hours(12));
    market.app.run_jobs().await;
    assert_eq!(market.stripe.asked("disputes"), asked, "it is over");
    assert_books(&market.app).await;
}
