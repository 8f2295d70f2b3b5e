//! Money that goes back by Stripe: once, whatever is lost, forgotten or late.

use agora::payments;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Market, double::Fault, market, text};
use crate::{costs::count, orders::assert_books, privacy::sign_in};

/// Gives some of the paid order back, and has that carried out.
async fn give_back(market: &Market, amount: &str) -> Value {
    assert_eq!(market.pay("pm_card", "pay").await["status"], "SUCCEEDED");
    more_back(market, amount, "back").await
}

async fn more_back(market: &Market, amount: &str, key: &str) -> Value {
    let amount = json!({"amount": amount, "currency": "GBP"});
    let input = json!({"orderPartId": market.part, "amount": amount, "reason": "Chipped.", "idempotencyKey": key});
    let given = market.seller.mutate("refundOrderPart", input, "refunds { id }").await.ok();
    market.app.run_jobs().await;
    given["refunds"][0]["id"].clone()
}

async fn statuses(market: &Market) -> Vec<String> {
    let seen = market.look().await;
    seen["refunds"].as_array().unwrap().iter().map(|refund| text(&refund["status"])).collect()
}

#[actix_web::test]
async fn what_goes_back_goes_back_by_the_payment_that_brought_it() {
    let market = market().await;
    let refund = give_back(&market, "2.00").await;
    assert_eq!(statuses(&market).await, ["SUCCEEDED"]);
    let told = market.stripe.refund("re_1");
    assert_eq!((&told["amount"], &told["payment_intent"]), (&json!(200), &json!("pi_1")));
    assert_eq!(text(&told["metadata"]["refund"]), format!("{}-1", text(&refund)));
    // Of the same payment, several times.
    market.app.advance(TimeDelta::seconds(1));
    more_back(&market, "1.00", "more").await;
    market.app.advance(TimeDelta::seconds(1));
    more_back(&market, "2.00", "rest").await;
    assert_eq!(statuses(&market).await, ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
    assert_eq!(market.stripe.refunds().len(), 3);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn an_answer_that_is_lost_gives_nothing_back_twice_even_after_stripe_forgot_the_key() {
    let market = market().await;
    market.stripe.fails("refund", Fault::Lose);
    give_back(&market, "2.00").await;
    assert_eq!(statuses(&market).await, ["PROCESSING"]);
    assert_eq!(market.stripe.refunds(), ["re_1"]);
    assert_books(&market.app).await;
    market.stripe.a_day_passes();
    market.app.advance(TimeDelta::minutes(1));
    market.app.run_jobs().await;
    assert_eq!(statuses(&market).await, ["SUCCEEDED"]);
    assert_eq!(market.stripe.refunds(), ["re_1"]);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn a_provider_that_is_busy_is_asked_again() {
    let busy = [("list", Fault::Refuse(429)), ("refund", Fault::Refuse(409)), ("refund", Fault::Hang)];
    for (kind, fault) in busy.into_iter().chain([("refund", Fault::Garble)]) {
        let market = market().await;
        market.stripe.fails(kind, fault);
        give_back(&market, "5.00").await;
        assert_eq!(statuses(&market).await, ["PROCESSING"], "{kind} {fault:?}");
        market.app.advance(TimeDelta::minutes(1));
        market.app.run_jobs().await;
        assert_eq!(statuses(&market).await, ["SUCCEEDED"], "{kind} {fault:?}");
        assert_eq!(market.stripe.refunds().len(), 1);
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn a_fault_that_stripe_repeats_for_a_day_is_outlasted() {
    let market = market().await;
    market.stripe.fails("refund", Fault::Break);
    give_back(&market, "5.00").await;
    assert_eq!(statuses(&market).await, ["PROCESSING"]);
    // The next attempt is the last one that follows soon.
    market.app.given_sql("UPDATE jobs SET attempts = 11 WHERE kind = 'orders.carry_out_refund'");
    market.app.advance(TimeDelta::minutes(1));
    market.app.run_jobs().await;
    for asked in 2..5 {
        assert_eq!((statuses(&market).await, market.stripe.asked("refund")), (vec!["UNANSWERED".to_owned()], asked));
        assert_books(&market.app).await;
        market.app.advance(TimeDelta::hours(1));
        market.app.run_jobs().await;
    }
    market.stripe.a_day_passes();
    market.app.advance(TimeDelta::hours(1));
    market.app.run_jobs().await;
    assert_eq!(statuses(&market).await, ["SUCCEEDED"]);
    assert_eq!(market.stripe.refunds(), ["re_1"]);
    let failed = "SELECT count(*) AS count FROM order_steps WHERE step = 'REFUND_FAILED'";
    assert_eq!(count(&mut market.app.connect(), failed), 1);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_comes_back_to_stripe_is_owed_again_and_given_back_once_more() {
    let market = market().await;
    let refund = give_back(&market, "2.00").await;
    assert_eq!(statuses(&market).await, ["SUCCEEDED"]);
    // Said by an event, and not true.
    let mut lie = market.stripe.refund("re_1");
    lie["status"] = json!("failed");
    market.tell("evt_lie", "refund.failed", &lie).await;
    market.app.run_jobs().await;
    assert_eq!(statuses(&market).await, ["SUCCEEDED"]);
    let seller = sign_in(&market.app, &market.seller.email).await;
    for (name, kind) in [("re_1", "refund.failed"), ("re_2", "charge.refund.updated")] {
        market.stripe.refund_becomes(name, "failed");
        for event in ["evt", "evt_again"] {
            let event = format!("{event}_{name}");
            assert_eq!(market.tell(&event, kind, &market.stripe.refund(name)).await, 200);
            market.app.run_jobs().await;
            assert_eq!(statuses(&market).await, ["FAILED"], "{event}");
            assert_books(&market.app).await;
        }
        let owed = "SELECT count(*) AS count FROM accounts WHERE kind = 'ORDER' AND balance = 500";
        assert_eq!(count(&mut market.app.connect(), owed), 1);
        seller.mutate("retryRefund", json!({"refundId": refund}), "refund { status }").await.ok();
        market.app.run_jobs().await;
        assert_eq!(statuses(&market).await, ["SUCCEEDED"]);
        assert_books(&market.app).await;
    }
    assert_eq!(market.stripe.refunds(), ["re_1", "re_2", "re_3"]);
}

#[actix_web::test]
async fn what_is_on_its_way_back_for_days_is_told_or_asked_about() {
    for is_told in [true, false] {
        let market = market().await;
        market.stripe.gives_back("pending");
        give_back(&market, "2.00").await;
        assert_eq!(statuses(&market).await, ["PROCESSING"]);
        assert_books(&market.app).await;
        if is_told {
            // Before anything has become of it, and again.
            assert_eq!(market.tell("evt_1", "refund.updated", &market.stripe.refund("re_1")).await, 200);
            market.app.run_jobs().await;
            assert_eq!(statuses(&market).await, ["PROCESSING"]);
            market.stripe.refund_becomes("re_1", "succeeded");
            assert_eq!(market.tell("evt_2", "charge.refund.updated", &market.stripe.refund("re_1")).await, 200);
        } else {
            for _ in 0..2 {
                market.app.advance(TimeDelta::hours(1));
                market.app.run_jobs().await;
                assert_eq!(statuses(&market).await, ["PROCESSING"]);
            }
            market.stripe.refund_becomes("re_1", "succeeded");
            market.app.advance(TimeDelta::hours(1));
        }
        market.app.run_jobs().await;
        assert_eq!(statuses(&market).await, ["SUCCEEDED"], "{is_told}");
        assert_eq!(market.stripe.refunds(), ["re_1"]);
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn what_could_not_be_given_back_is_another_refund_the_next_time() {
    let market = market().await;
    market.stripe.gives_back("pending");
    let refund = give_back(&market, "2.00").await;
    market.stripe.refund_becomes("re_1", "failed");
    assert_eq!(market.tell("evt_1", "refund.failed", &market.stripe.refund("re_1")).await, 200);
    market.app.run_jobs().await;
    assert_eq!(statuses(&market).await, ["FAILED"]);
    assert_books(&market.app).await;
    market.stripe.gives_back("succeeded");
    let seller = sign_in(&market.app, &market.seller.email).await;
    seller.mutate("retryRefund", json!({"refundId": refund}), "refund { status }").await.ok();
    market.app.run_jobs().await;
    assert_eq!(statuses(&market).await, ["SUCCEEDED"]);
    assert_eq!(market.stripe.refunds(), ["re_1", "re_2"]);
    assert_eq!(text(&market.stripe.refund("re_2")["metadata"]["refund"]), format!("{}-2", text(&refund)));
    // What has failed before is told late.
    assert_eq!(market.tell("evt_2", "charge.refund.updated", &market.stripe.refund("re_1")).await, 200);
    market.app.run_jobs().await;
    assert_eq!(statuses(&market).await, ["SUCCEEDED"]);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_was_given_back_with_stripe_alone_is_found() {
    let market = market().await;
    give_back(&market, "2.00").await;
    assert_books(&market.app).await;
    market.stripe.given_by_hand("pi_1", 100);
    let compared = payments::service::compare(market.app.app(), 7).await.unwrap().unwrap();
    let found: Vec<_> = compared.finding.examples.iter().map(ToString::to_string).collect();
    assert!(found.len() == 1 && found[0].ends_with(" given back: expected 3.00 GBP, found 2.00 GBP"), "{found:?}");
    // Where it does not say what has gone back, what it has taken is looked at all the same.
    market.stripe.fails("charge", Fault::Refuse(500));
    let compared = payments::service::compare(market.app.app(), 7).await.unwrap().unwrap();
    assert!(compared.finding.is_fine() && (compared.asked, compared.unanswered) == (1, 1), "{compared:?}");
}
