//! Paying by Stripe: what it says becomes of the money is what is booked, whatever is lost on the way.

use agora::{
    kernel::id::Id,
    orders, payments,
    payments::model::{Action, PaymentIntent, Progress},
    platform::caller::Caller,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Market,
    double::{Fault, PUBLISHABLE_KEY, client_secret},
    market, states, text, try_to_pay,
};
use crate::{costs::count, orders::assert_books};

const SEALED: &str = "SELECT count(*) AS count FROM payment_intents WHERE sealed_secret IS NOT NULL";

/// Time enough for whoever finds out what had no answer.
async fn a_while(market: &Market) {
    market.app.advance(TimeDelta::seconds(31));
    market.app.run_jobs().await;
}

#[actix_web::test]
async fn a_card_pays_and_its_number_never_comes_here() {
    let market = market().await;
    for token in ["4242424242424242", "tok_visa", "test_succeeds", "pm_../x", ""] {
        let refused = try_to_pay(&market.buyer, &market.order, token, None, &format!("by {token}")).await;
        assert_eq!(refused.refusal(), ("INVALID".to_owned(), "method.token".to_owned()), "{token}");
    }
    assert_eq!(market.stripe.asked("make"), 0);
    let paid = market.pay("pm_card", "pay").await;
    assert_eq!((&paid["status"], &paid["nextAction"]), (&json!("SUCCEEDED"), &Value::Null));
    assert_eq!(market.pay("pm_card", "pay").await, paid);
    let form = market.stripe.form("pi_1");
    for (name, value) in [
        ("amount", "500"),
        ("currency", "gbp"),
        ("payment_method", "pm_card"),
        ("metadata[intent]", paid["id"].as_str().unwrap()),
        ("automatic_payment_methods[allow_redirects]", "never"),
    ] {
        assert_eq!(form[name], value, "{name}");
    }
    assert_eq!(market.stripe.confirmed("pi_1")["use_stripe_sdk"], "true");
    assert_eq!((market.stripe.asked("make"), market.stripe.asked("confirm")), (1, 1));
    a_while(&market).await;
    assert_eq!(market.states().await, states("PAID", &["SUCCEEDED"]));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn a_bank_says_no_and_why_and_another_card_pays() {
    let market = market().await;
    for (method, reason) in [("pm_declined", "DECLINED"), ("pm_poor", "INSUFFICIENT_FUNDS")] {
        let failed = market.pay(method, method).await;
        assert_eq!((&failed["status"], &failed["failureReason"]), (&json!("FAILED"), &json!(reason)));
        market.app.advance(TimeDelta::seconds(1));
    }
    assert_books(&market.app).await;
    market.pay("pm_card", "card").await;
    a_while(&market).await;
    assert_eq!(market.states().await, states("PAID", &["FAILED", "FAILED", "SUCCEEDED"]));
    assert_eq!(market.stripe.charges(), 1);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn a_buyer_is_sent_to_a_page_and_its_outcome_is_found_out() {
    for (outcome, kind, expected) in [
        ("succeeded", "payment_intent.succeeded", states("PAID", &["SUCCEEDED"])),
        ("requires_payment_method", "payment_intent.payment_failed", states("UNPAID", &["FAILED"])),
    ] {
        let market = market().await;
        let back = "https://shop.example/back";
        let asked =
            try_to_pay(&market.buyer, &market.order, "pm_asks", Some(back), "pay").await.ok()["payment"].clone();
        let page = json!({"__typename": "RedirectAction", "url": "https://hooks.stripe.com/3d_secure/x"});
        assert_eq!((&asked["status"], &asked["nextAction"]), (&json!("REQUIRES_ACTION"), &page));
        assert_eq!(market.stripe.confirmed("pi_1")["return_url"], back);
        assert!(!market.stripe.form("pi_1").contains_key("automatic_payment_methods[allow_redirects]"));
        assert_eq!(count(&mut market.app.connect(), SEALED), 0);
        market.stripe.becomes("pi_1", outcome);
        assert_eq!(market.tell("evt_1", kind, &market.stripe.payment("pi_1")).await, 200);
        market.app.run_jobs().await;
        assert_eq!(market.states().await, expected);
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn a_client_goes_on_with_stripes_own_library() {
    let market = market().await;
    let asked = market.pay("pm_asks", "pay").await;
    let action = json!({
        "__typename": "ProviderAction", "provider": "stripe", "publishableKey": PUBLISHABLE_KEY,
        "clientSecret": client_secret("pi_1"),
    });
    assert_eq!((&asked["status"], &asked["nextAction"]), (&json!("REQUIRES_ACTION"), &action));
    // It is told again to its buyer, and lies sealed where it is kept.
    let document = "query($id: ID!) { node(id: $id) { ... on Payment { nextAction { ... on ProviderAction { clientSecret } } } } }";
    let again = market.buyer.send(document, json!({"id": asked["id"]})).await.ok();
    assert_eq!(again["node"]["nextAction"]["clientSecret"], action["clientSecret"]);
    let stranger = market.seller.send(document, json!({"id": asked["id"]})).await.ok();
    assert_eq!(stranger["node"], Value::Null);
    // Staff see the payment, in their own name or in the buyer's, and do not go on with it.
    let clerk = market.app.sign_up("Clerk").await;
    market.app.given_role(&clerk, "SUPPORT");
    let leave = market.app.leave(&clerk, &market.buyer).await;
    for client in [clerk.client.clone(), clerk.with_header("agora-on-behalf-of", &leave)] {
        let seen = client.send(document, json!({"id": asked["id"]})).await.ok();
        assert_eq!(seen["node"], json!({"nextAction": null}));
    }
    assert_eq!(count(&mut market.app.connect(), SEALED), 1);
    let shown = format!("{SEALED} AND encode(sealed_secret, 'escape') LIKE '%secret%'");
    assert_eq!(count(&mut market.app.connect(), &shown), 0);

    market.stripe.becomes("pi_1", "succeeded");
    market.tell("evt_1", "payment_intent.succeeded", &market.stripe.payment("pi_1")).await;
    // What is told has it, too.
    let told = "SELECT count(*) AS count FROM provider_events";
    let shown = format!("{told} WHERE encode(sealed_body, 'escape') LIKE '%secret%'");
    assert_eq!((count(&mut market.app.connect(), told), count(&mut market.app.connect(), &shown)), (1, 0));
    market.app.run_jobs().await;
    assert_eq!(market.states().await, states("PAID", &["SUCCEEDED"]));
    assert_eq!(count(&mut market.app.connect(), SEALED), 0);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn a_debit_is_under_way_for_long_and_is_asked_about_every_hour() {
    let market = market().await;
    assert_eq!(market.pay("pm_debit", "pay").await["status"], "PROCESSING");
    let other = try_to_pay(&market.buyer, &market.order, "pm_card", None, "other").await;
    assert_eq!(other.refusal().0, "PAYMENT_IN_PROGRESS");
    a_while(&market).await;
    for _ in 0..3 {
        let before = market.stripe.asked("look");
        market.app.advance(TimeDelta::hours(1));
        market.app.run_jobs().await;
        assert_eq!(market.stripe.asked("look"), before + 1);
        assert_eq!(market.states().await, states("UNPAID", &["PROCESSING"]));
    }
    assert_books(&market.app).await;
    // Nobody tells.
    market.stripe.becomes("pi_1", "succeeded");
    market.app.advance(TimeDelta::hours(1));
    market.app.run_jobs().await;
    assert_eq!(market.states().await, states("PAID", &["SUCCEEDED"]));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn who_has_done_their_step_cannot_give_up_what_is_under_way_by_it() {
    let market = market().await;
    let asked = market.pay("pm_asks", "pay").await;
    market.stripe.becomes("pi_1", "processing");
    market.tell("evt_1", "payment_intent.processing", &market.stripe.payment("pi_1")).await;
    market.app.run_jobs().await;
    assert_eq!(market.states().await, states("UNPAID", &["PROCESSING"]));
    // What was said before is heard late.
    let id: Id<PaymentIntent> = text(&asked["id"]).parse().unwrap();
    let action = Action::Page { url: "https://hooks.stripe.com/3d_secure/x".into() };
    let late = Progress::RequiresAction { reference: "pi_1".into(), action };
    orders::service::settle(market.app.app(), &Caller::system(), id, late).await.unwrap();
    let other = try_to_pay(&market.buyer_again().await, &market.order, "pm_card", None, "other").await;
    assert_eq!(other.refusal().0, "PAYMENT_IN_PROGRESS");
    assert_eq!(count(&mut market.app.connect(), SEALED), 0);
    market.stripe.becomes("pi_1", "succeeded");
    market.tell("evt_2", "payment_intent.succeeded", &market.stripe.payment("pi_1")).await;
    market.app.run_jobs().await;
    assert_eq!(market.states().await, states("PAID", &["SUCCEEDED"]));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn an_answer_that_is_lost_after_the_money_was_taken_is_found_out() {
    let market = market().await;
    market.stripe.fails("confirm", Fault::Lose);
    assert_eq!(market.pay("pm_card", "pay").await["status"], "PROCESSING");
    assert_eq!(market.stripe.charges(), 1);
    let other = try_to_pay(&market.buyer, &market.order, "pm_card", None, "other").await;
    assert_eq!(other.refusal().0, "PAYMENT_IN_PROGRESS");
    a_while(&market).await;
    assert_eq!(market.states().await, states("PAID", &["SUCCEEDED"]));
    assert_eq!(market.stripe.charges(), 1);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_never_got_a_name_is_never_charged_however_late_somebody_goes_on() {
    for fault in [Fault::Lose, Fault::Hang, Fault::Refuse(500), Fault::Refuse(429)] {
        let market = market().await;
        market.stripe.fails("make", fault);
        let begun = market.pay("pm_card", "pay").await;
        assert_eq!(begun["status"], "PROCESSING", "{fault:?}");
        a_while(&market).await;
        assert_eq!(market.states().await, states("UNPAID", &["FAILED"]), "{fault:?}");
        // A process that stood still for so long goes on, by what it knew then.
        let id: Id<PaymentIntent> = text(&begun["id"]).parse().unwrap();
        let app = market.app.app();
        let mut known = app.db.read(move |conn| payments::service::by_id(conn, id)).await.unwrap().unwrap();
        known.reference = None;
        assert!(payments::service::charge(app, &known).await.is_err());
        assert_eq!((market.stripe.charges(), market.stripe.asked("confirm")), (0, 0));
        try_to_pay(&market.buyer_again().await, &market.order, "pm_card", None, "again").await.ok();
        a_while(&market).await;
        assert_eq!(market.states().await.0, "PAID");
        assert_eq!(market.stripe.charges(), 1);
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn what_was_made_and_not_confirmed_is_called_off_there_before_it_has_failed() {
    for fault in [Fault::Hang, Fault::Refuse(500), Fault::Refuse(429), Fault::Refuse(409)] {
        let market = market().await;
        market.stripe.fails("confirm", fault);
        assert_eq!(market.pay("pm_card", "pay").await["status"], "PROCESSING", "{fault:?}");
        // Nor does it answer when it is asked: it is asked once more.
        market.stripe.fails("look", Fault::Refuse(503));
        a_while(&market).await;
        assert_eq!(market.states().await, states("UNPAID", &["PROCESSING"]), "{fault:?}");
        market.app.advance(TimeDelta::seconds(10));
        market.app.run_jobs().await;
        assert_eq!(market.states().await, states("UNPAID", &["FAILED"]), "{fault:?}");
        assert_eq!((market.stripe.status("pi_1"), market.stripe.charges()), ("canceled", 0));
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn what_is_given_up_for_another_attempt_can_no_longer_be_paid() {
    let market = market().await;
    market.pay("pm_asks", "first").await;
    market.app.advance(TimeDelta::seconds(1));
    assert_eq!(market.pay("pm_card", "second").await["status"], "SUCCEEDED");
    a_while(&market).await;
    assert_eq!(market.stripe.payments().len(), 2);
    assert_eq!((market.stripe.status("pi_1"), market.stripe.status("pi_2")), ("canceled", "succeeded"));
    assert_eq!(market.states().await, states("PAID", &["CANCELLED", "SUCCEEDED"]));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn who_has_paid_at_the_last_moment_what_they_gave_up_gets_it_back() {
    let market = market().await;
    market.pay("pm_asks", "first").await;
    market.app.advance(TimeDelta::seconds(1));
    market.stripe.becomes("pi_1", "succeeded");
    assert_eq!(market.pay("pm_card", "second").await["status"], "SUCCEEDED");
    a_while(&market).await;
    market.app.run_jobs().await;
    let seen = market.look().await;
    assert_eq!((&seen["paymentState"], &seen["refunds"][0]["status"]), (&json!("PAID"), &json!("SUCCEEDED")));
    assert_eq!((market.stripe.charges(), market.stripe.refunds().len()), (2, 1));
    assert_books(&market.app).await;
}
