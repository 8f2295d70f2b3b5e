//! What Stripe tells of its own accord: believed only when it is signed, and then only that something has happened.

use agora::{kernel::id::Id, orders, platform::caller::Caller, users::model::User};
use chrono::TimeDelta;
use serde_json::json;

use super::{
    double::{Fault, SIGNING},
    event_json, market, sign, states, try_to_pay,
};
use crate::{costs::count, orders::assert_books};

const KEPT: &str = "SELECT count(*) AS count FROM provider_events";
const PROCESSED: &str = "SELECT count(*) AS count FROM provider_events WHERE processed_at IS NOT NULL";

#[actix_web::test]
async fn news_that_come_twice_late_and_in_the_wrong_order_are_booked_once() {
    let market = market().await;
    market.pay("pm_debit", "pay").await;
    let under_way = market.stripe.payment("pi_1");
    market.stripe.becomes("pi_1", "succeeded");
    let done = market.stripe.payment("pi_1");
    for (event, kind, object) in [
        ("evt_2", "payment_intent.succeeded", &done),
        ("evt_2", "payment_intent.succeeded", &done),
        ("evt_1", "payment_intent.processing", &under_way),
        // It says what was true once.
        ("evt_0", "payment_intent.payment_failed", &under_way),
    ] {
        assert_eq!(market.tell(event, kind, object).await, 200);
    }
    assert_eq!(count(&mut market.app.connect(), KEPT), 3);
    market.app.run_jobs().await;
    assert_eq!(market.states().await, states("PAID", &["SUCCEEDED"]));
    // What was looked into is told once more.
    let asked = market.stripe.asked("look");
    for event in ["evt_0", "evt_1", "evt_2"] {
        assert_eq!(market.tell(event, "payment_intent.succeeded", &done).await, 200);
        market.app.run_jobs().await;
    }
    assert_eq!(market.stripe.asked("look"), asked);
    let steps = market.look().await["timeline"].clone();
    assert_eq!(steps, json!([{"step": "PLACED"}, {"step": "PAID"}]));
    assert_eq!(count(&mut market.app.connect(), PROCESSED), 3);
    assert_eq!(count(&mut market.app.connect(), KEPT), 3);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn an_event_that_lies_moves_nothing() {
    let market = market().await;
    market.pay("pm_asks", "pay").await;
    // Signed by somebody who has the secret, about what never happened.
    let mut lie = market.stripe.payment("pi_1");
    lie["status"] = json!("succeeded");
    lie["amount_received"] = json!(500);
    assert_eq!(market.tell("evt_1", "payment_intent.succeeded", &lie).await, 200);
    // About another payment in the same account that bears the name of ours.
    lie["id"] = json!("pi_9");
    assert_eq!(market.tell("evt_2", "payment_intent.succeeded", &lie).await, 200);
    let asked = market.stripe.asked("look");
    market.app.run_jobs().await;
    assert_eq!(market.stripe.asked("look"), asked + 1);
    assert_eq!(market.states().await, states("UNPAID", &["REQUIRES_ACTION"]));
    assert_eq!(count(&mut market.app.connect(), PROCESSED), 2);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_stripe_has_not_signed_just_now_is_not_taken() {
    let market = market().await;
    market.pay("pm_debit", "pay").await;
    market.stripe.becomes("pi_1", "succeeded");
    let body = event_json("evt_1", "payment_intent.succeeded", &market.stripe.payment("pi_1"));
    let now = market.app.app().now().timestamp();
    let signed = |secret: &str, at: i64| sign(secret, at, &body);
    for (signature, what) in [
        (String::new(), "no signature"),
        ("t=1,v1=".to_owned(), "an empty one"),
        (signed("whsec_of_somebody_else", now), "of somebody else"),
        (signed(SIGNING[0], now - 301), "an old one"),
        (signed(SIGNING[0], now + 301), "of tomorrow"),
        (signed(SIGNING[0], now - 301).replace(&format!("t={}", now - 301), &format!("t={now}")), "made young"),
        (sign(SIGNING[0], now, "{}"), "of another text"),
    ] {
        assert_eq!(market.tell_signed(body.clone(), &signature).await, 400, "{what}");
    }
    let nonsense = "[]".to_owned();
    let signature = sign(SIGNING[0], now, &nonsense);
    assert_eq!(market.tell_signed(nonsense, &signature).await, 400);
    let large = format!("{{\"id\": \"{}\"}}", "x".repeat(256 * 1024));
    let signature = sign(SIGNING[0], now, &large);
    assert_eq!(market.tell_signed(large, &signature).await, 413);
    assert_eq!(count(&mut market.app.connect(), KEPT), 0);
    // While the secret is changed both are good.
    assert_eq!(market.tell_signed(body.clone(), &signed(SIGNING[1], now - 300)).await, 200);
    let good = signed(SIGNING[0], now);
    let both = format!("{},{}", signed("whsec_of_somebody_else", now), good.split_once(',').unwrap().1);
    assert_eq!(market.tell_signed(body, &both).await, 200);
    market.app.run_jobs().await;
    assert_eq!(market.states().await, states("PAID", &["SUCCEEDED"]));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_is_about_nothing_of_ours_is_not_kept() {
    let market = market().await;
    let foreign = json!({"id": "pi_7", "object": "payment_intent", "metadata": {}});
    assert_eq!(market.tell("evt_1", "payment_intent.succeeded", &foreign).await, 200);
    assert_eq!(market.tell("evt_2", "balance.available", &json!({"object": "balance"})).await, 200);
    // In shapes that nobody knows.
    assert_eq!(market.tell("evt_5", "account.updated", &json!({"id": 5, "status": {}, "metadata": []})).await, 200);
    let thin = r#"{"id": "evt_6", "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found"}"#;
    let signature = sign(SIGNING[0], market.app.app().now().timestamp(), thin);
    assert_eq!(market.tell_signed(thin.to_owned(), &signature).await, 200);
    market.pay("pm_card", "pay").await;
    assert_eq!(market.tell("evt_3", "payment_intent.created", &market.stripe.payment("pi_1")).await, 200);
    assert_eq!(count(&mut market.app.connect(), KEPT), 0);
    // Of another market in the same account: kept, and looked into in vain.
    let other = json!({"id": "pi_8", "metadata": {"intent": "payment_01jd3k0000000000000000000a"}});
    assert_eq!(market.tell("evt_4", "payment_intent.succeeded", &other).await, 200);
    market.app.run_jobs().await;
    assert_eq!((count(&mut market.app.connect(), KEPT), count(&mut market.app.connect(), PROCESSED)), (1, 1));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn an_event_is_looked_into_until_that_is_done_and_told_again_if_it_could_not_be_kept() {
    let market = market().await;
    market.pay("pm_debit", "pay").await;
    market.stripe.becomes("pi_1", "succeeded");
    let done = market.stripe.payment("pi_1");
    market.app.given_sql("ALTER TABLE provider_events RENAME TO gone");
    assert_eq!(market.tell("evt_1", "payment_intent.succeeded", &done).await, 503);
    market.app.given_sql("ALTER TABLE gone RENAME TO provider_events");
    assert_eq!(market.tell("evt_1", "payment_intent.succeeded", &done).await, 200);
    // The last attempt fails, too.
    market.app.given_sql("UPDATE jobs SET attempts = 11 WHERE kind = 'orders.process_provider_event'");
    market.stripe.fails("look", Fault::Refuse(500));
    market.app.run_jobs().await;
    let dead = "SELECT count(*) AS count FROM jobs WHERE state = 'DEAD'";
    assert_eq!((count(&mut market.app.connect(), dead), count(&mut market.app.connect(), PROCESSED)), (0, 0));
    assert_eq!(market.states().await, states("UNPAID", &["PROCESSING"]));
    // Stripe tells it again, and nobody waits for the hour.
    assert_eq!(market.tell("evt_1", "payment_intent.succeeded", &done).await, 200);
    market.app.run_jobs().await;
    assert_eq!(market.states().await, states("PAID", &["SUCCEEDED"]));
    let looking = "SELECT count(*) AS count FROM jobs WHERE kind = 'orders.process_provider_event'";
    assert_eq!((count(&mut market.app.connect(), PROCESSED), count(&mut market.app.connect(), looking)), (1, 0));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn events_are_forgotten_after_a_month_and_with_their_buyer() {
    let market = market().await;
    market.pay("pm_card", "pay").await;
    let done = market.stripe.payment("pi_1");
    market.app.schedule_jobs().await;
    market.tell("evt_1", "payment_intent.succeeded", &done).await;
    market.app.run_jobs().await;
    market.app.advance(TimeDelta::days(29));
    market.app.run_jobs().await;
    assert_eq!(count(&mut market.app.connect(), KEPT), 1);
    market.tell("evt_2", "payment_intent.succeeded", &done).await;
    market.app.advance(TimeDelta::days(2));
    market.app.run_jobs().await;
    assert_eq!(count(&mut market.app.connect(), KEPT), 1);
    let buyer: Id<User> = market.buyer.id.parse().unwrap();
    orders::service::call_off_unpaid(market.app.app(), &Caller::system(), buyer).await.unwrap();
    assert_eq!(count(&mut market.app.connect(), KEPT), 0);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_comes_after_its_buyer_was_erased_is_looked_into_and_forgotten() {
    let market = market().await;
    market.pay("pm_debit", "pay").await;
    market.stripe.becomes("pi_1", "succeeded");
    market.app.given_sql("UPDATE users SET erased_at = created_at WHERE display_name = 'Buyer'");
    assert_eq!(market.tell("evt_1", "payment_intent.succeeded", &market.stripe.payment("pi_1")).await, 200);
    assert_eq!(count(&mut market.app.connect(), KEPT), 1);
    market.app.run_jobs().await;
    assert_eq!(count(&mut market.app.connect(), KEPT), 0);
    let paid = "SELECT count(*) AS count FROM payment_intents WHERE status = 'SUCCEEDED'";
    assert_eq!(count(&mut market.app.connect(), paid), 1);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn money_that_comes_after_the_order_was_called_off_goes_back() {
    let market = market().await;
    market.pay("pm_asks", "pay").await;
    // Its buyer does what they had to do while nobody can be asked.
    market.stripe.becomes("pi_1", "succeeded");
    market.buyer.cancel(&market.order).await.ok();
    assert_eq!(market.tell("evt_1", "payment_intent.succeeded", &market.stripe.payment("pi_1")).await, 200);
    market.app.run_jobs().await;
    let seen = market.look().await;
    assert_eq!((&seen["lifecycle"], &seen["refunds"][0]["status"]), (&json!("CANCELLED"), &json!("SUCCEEDED")));
    assert_eq!((market.stripe.charges(), market.stripe.refunds().len()), (1, 1));
    assert_eq!(market.app.guest().available(&market.goods).await, 10);
    let late = try_to_pay(&market.buyer_again().await, &market.order, "pm_card", None, "late").await;
    assert_eq!(late.refusal().0, "ORDER_NOT_PAYABLE");
    assert_books(&market.app).await;
}
