//! What is over here is over with Stripe: whoever still knows a payment by name can pay nothing by it.

use agora::{kernel::id::Id, orders, payments::model::PaymentIntent};
use chrono::TimeDelta;
use serde_json::json;

use super::{Market, double::Fault, market, states, text};
use crate::{costs::count, orders::assert_books};

const DEAD: &str = "SELECT count(*) AS count FROM jobs WHERE state = 'DEAD'";

/// A buyer pays what they know by name, with another card. Whether that is still possible.
fn is_paid_nevertheless(market: &Market, payment: &str) -> bool {
    let is_open = market.stripe.status(payment).starts_with("requires_");
    if is_open {
        market.stripe.becomes(payment, "succeeded");
    }
    is_open
}

/// Nobody tells: whatever is found out is found out by asking.
async fn a_while(market: &Market) {
    market.app.advance(TimeDelta::seconds(31));
    market.app.run_jobs().await;
}

#[actix_web::test]
async fn what_has_failed_can_no_longer_be_paid() {
    let market = market().await;
    // At once,
    assert_eq!(market.pay("pm_declined", "first").await["status"], "FAILED");
    assert!(!is_paid_nevertheless(&market, "pi_1"));
    // as it is told,
    market.app.advance(TimeDelta::seconds(1));
    market.pay("pm_asks", "second").await;
    market.stripe.becomes("pi_2", "requires_payment_method");
    market.tell("evt_1", "payment_intent.payment_failed", &market.stripe.payment("pi_2")).await;
    market.app.run_jobs().await;
    assert_eq!(market.states().await, states("UNPAID", &["FAILED", "FAILED"]));
    assert!(!is_paid_nevertheless(&market, "pi_2"));
    // and where nobody tells, with the next attempt.
    market.app.advance(TimeDelta::seconds(1));
    market.pay("pm_asks", "third").await;
    market.stripe.becomes("pi_3", "requires_payment_method");
    market.app.advance(TimeDelta::seconds(1));
    assert_eq!(market.pay("pm_card", "fourth").await["status"], "SUCCEEDED");
    market.app.run_jobs().await;
    assert!(!is_paid_nevertheless(&market, "pi_3"));
    a_while(&market).await;
    assert_eq!(market.states().await, states("PAID", &["FAILED", "FAILED", "CANCELLED", "SUCCEEDED"]));
    assert_eq!(market.stripe.charges(), 1);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_cannot_be_called_off_has_not_failed_and_counts_if_it_is_paid() {
    for fault in [Fault::Deny, Fault::Refuse(500), Fault::Hang] {
        let market = market().await;
        market.stripe.fails("cancel", fault);
        assert_eq!(market.pay("pm_declined", "pay").await["status"], "PROCESSING", "{fault:?}");
        // Its buyer has another card in another window.
        assert!(is_paid_nevertheless(&market, "pi_1"));
        a_while(&market).await;
        assert_eq!(market.states().await, states("PAID", &["SUCCEEDED"]), "{fault:?}");
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn what_was_given_up_is_called_off_however_long_stripe_is_away() {
    let market = market().await;
    market.pay("pm_asks", "first").await;
    market.app.advance(TimeDelta::seconds(1));
    assert_eq!(market.pay("pm_card", "second").await["status"], "SUCCEEDED");
    // Before the last attempt.
    market.app.given_sql("UPDATE jobs SET attempts = 11 WHERE kind = 'orders.settle_payment'");
    market.stripe.fails("look", Fault::Refuse(503));
    market.app.run_jobs().await;
    let resting =
        "SELECT count(*) AS count FROM jobs WHERE kind = 'orders.settle_payment' AND attempts = 0 AND last_error <> ''";
    assert_eq!((count(&mut market.app.connect(), DEAD), count(&mut market.app.connect(), resting)), (0, 1));
    assert_eq!(market.stripe.status("pi_1"), "requires_action");
    market.app.advance(TimeDelta::hours(1));
    market.app.run_jobs().await;
    assert_eq!(market.stripe.status("pi_1"), "canceled");
    assert_eq!(market.states().await, states("PAID", &["CANCELLED", "SUCCEEDED"]));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn nobody_interferes_while_a_charge_is_being_asked_for() {
    let market = market().await;
    market.stripe.fails("make", Fault::Lose);
    let begun = market.pay("pm_card", "pay").await;
    let id: Id<PaymentIntent> = text(&begun["id"]).parse().unwrap();
    // As the sweep of what is overdue has it asked about.
    orders::service::settle_unanswered(market.app.app(), id).await.unwrap();
    assert_eq!(market.states().await, states("UNPAID", &["PROCESSING"]));
    a_while(&market).await;
    assert_eq!(market.states().await, states("UNPAID", &["FAILED"]));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn why_a_payment_failed_is_known_though_the_answer_to_calling_it_off_is_lost() {
    let market = market().await;
    market.stripe.fails("cancel", Fault::Lose);
    let begun = market.pay("pm_poor", "pay").await;
    assert_eq!((&begun["status"], begun["failureReason"].is_null()), (&json!("PROCESSING"), true));
    assert_eq!(market.stripe.status("pi_1"), "canceled");
    market.stripe.forgets_why("pi_1");
    a_while(&market).await;
    let failed = market.look().await["payments"][0].clone();
    assert_eq!(
        (text(&failed["status"]), text(&failed["failureReason"])),
        ("FAILED".into(), "INSUFFICIENT_FUNDS".into())
    );
    assert_books(&market.app).await;
}
