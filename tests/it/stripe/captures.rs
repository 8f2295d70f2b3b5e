//! Money that Stripe authorises when an order is paid, and captures when it is sent.

use agora::{payments, platform::config::CaptureTime};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Market, double::Fault, market_taking, states, try_to_pay};
use crate::{costs::count, orders::assert_books, privacy::sign_in, shipping::ship};

async fn promised() -> Market {
    let market = market_taking(CaptureTime::AtShipment).await;
    assert_eq!(market.pay("pm_card", "pay").await["status"], "REQUIRES_CAPTURE");
    market
}

/// Sends the order, and has its money taken.
async fn send(market: &Market) {
    ship(&market.seller, &json!(market.part), Value::Null, true, "sent").await.ok();
    market.app.run_jobs().await;
}

async fn a_while(market: &Market, minutes: i64) {
    market.app.advance(TimeDelta::minutes(minutes));
    market.app.run_jobs().await;
}

fn held() -> (String, Vec<String>) {
    states("UNPAID", &["REQUIRES_CAPTURE"])
}

fn taken() -> (String, Vec<String>) {
    states("PAID", &["SUCCEEDED"])
}

#[actix_web::test]
async fn a_card_is_authorised_and_captured_once_it_is_sent() {
    let market = promised().await;
    assert_eq!(
        (market.stripe.form("pi_1")["capture_method"].as_str(), market.stripe.status("pi_1")),
        ("manual", "requires_capture")
    );
    let told = market.stripe.payment("pi_1");
    assert_eq!(market.tell("evt_1", "payment_intent.amount_capturable_updated", &told).await, 200);
    market.app.run_jobs().await;
    assert_eq!(market.states().await, held());
    assert_books(&market.app).await;
    send(&market).await;
    assert_eq!((market.states().await, market.stripe.captured("pi_1")), (taken(), Some(500)));
    let told = market.stripe.payment("pi_1");
    for event in ["evt_2", "evt_3"] {
        assert_eq!(market.tell(event, "payment_intent.succeeded", &told).await, 200);
    }
    market.app.run_jobs().await;
    assert_eq!((market.states().await, market.stripe.asked("capture")), (taken(), 1));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn an_answer_that_is_lost_captures_nothing_twice_even_after_stripe_forgot_the_key() {
    let market = promised().await;
    market.stripe.fails("capture", Fault::Lose);
    send(&market).await;
    assert_eq!((market.states().await, market.stripe.captured("pi_1")), (held(), Some(500)));
    assert_books(&market.app).await;
    market.stripe.a_day_passes();
    a_while(&market, 1).await;
    assert_eq!((market.states().await, market.stripe.asked("capture")), (taken(), 2));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_stripe_tells_before_its_answer_comes_is_believed_once() {
    let market = promised().await;
    market.stripe.fails("capture", Fault::Lose);
    send(&market).await;
    assert_eq!(market.tell("evt_1", "payment_intent.succeeded", &market.stripe.payment("pi_1")).await, 200);
    market.app.run_jobs().await;
    assert_eq!(market.states().await, taken());
    a_while(&market, 5).await;
    assert_eq!((market.states().await, market.stripe.asked("capture")), (taken(), 1));
    let done = "SELECT count(*) AS count FROM captures WHERE status = 'SUCCEEDED' AND amount = 500";
    assert_eq!(count(&mut market.app.connect(), done), 1);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_stripe_refuses_is_asked_for_under_another_key_as_long_as_it_is_authorised() {
    let market = promised().await;
    market.stripe.fails("capture", Fault::Deny);
    send(&market).await;
    assert_eq!((market.states().await, market.stripe.captured("pi_1")), (held(), None));
    let again = "SELECT count(*) AS count FROM captures WHERE status = 'PROCESSING' AND attempt = 2";
    assert_eq!(count(&mut market.app.connect(), again), 1);
    assert_books(&market.app).await;
    a_while(&market, 60).await;
    assert_eq!((market.states().await, market.stripe.captured("pi_1")), (taken(), Some(500)));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_is_called_off_is_let_go_there() {
    for fault in [None, Some(Fault::Lose), Some(Fault::Deny)] {
        let market = promised().await;
        if let Some(fault) = fault {
            market.stripe.fails("cancel", fault);
        }
        market.buyer.cancel(&market.order).await.ok();
        market.app.run_jobs().await;
        for _ in 0..3 {
            a_while(&market, 1).await;
        }
        assert_eq!(market.stripe.status("pi_1"), "canceled");
        assert_eq!(market.states().await, states("UNPAID", &["CANCELLED"]));
        let let_go = "SELECT count(*) AS count FROM captures WHERE status = 'SUCCEEDED' AND amount = 0";
        assert_eq!(count(&mut market.app.connect(), let_go), 1);
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn a_promise_that_stripe_takes_back_is_told_or_found_out_and_another_card_pays() {
    for is_told in [true, false] {
        let market = promised().await;
        market.stripe.becomes("pi_1", "canceled");
        if is_told {
            let told = market.stripe.payment("pi_1");
            assert_eq!(market.tell("evt_1", "payment_intent.canceled", &told).await, 200);
            market.app.run_jobs().await;
        } else {
            send(&market).await;
        }
        let seen = market.look().await;
        assert_eq!(seen["payments"][0]["failureReason"], "AUTHORIZATION_LOST");
        let steps: Vec<_> = seen["timeline"].as_array().unwrap().iter().map(|event| event["step"].clone()).collect();
        assert_eq!(steps.last(), Some(&json!("AUTHORIZATION_LOST")));
        assert_eq!(market.states().await, states("UNPAID", &["FAILED"]));
        assert_books(&market.app).await;
        market.app.advance(TimeDelta::seconds(1));
        let paid = try_to_pay(&market.buyer, &market.order, "pm_card", None, "anew").await.ok();
        assert_eq!(paid["payment"]["status"], "REQUIRES_CAPTURE");
        market.app.run_jobs().await;
        // What is sent already is not waited for.
        let captured = if is_told { None } else { Some(500) };
        assert_eq!(market.stripe.captured("pi_2"), captured);
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn a_promise_that_comes_after_its_buyer_gave_it_up_is_let_go() {
    let market = market_taking(CaptureTime::AtShipment).await;
    assert_eq!(market.pay("pm_asks", "pay").await["status"], "REQUIRES_ACTION");
    market.stripe.becomes("pi_1", "requires_capture");
    market.buyer.cancel(&market.order).await.ok();
    market.app.run_jobs().await;
    assert_eq!((market.stripe.status("pi_1"), market.states().await), ("canceled", states("UNPAID", &["CANCELLED"])));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_the_operator_captures_by_hand_is_booked() {
    let market = promised().await;
    market.stripe.becomes("pi_1", "succeeded");
    assert_eq!(market.tell("evt_1", "payment_intent.succeeded", &market.stripe.payment("pi_1")).await, 200);
    market.app.run_jobs().await;
    assert_eq!(market.states().await, taken());
    send(&market).await;
    assert_eq!((market.states().await, market.stripe.asked("capture")), (taken(), 0));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_cannot_be_authorised_is_not_taken_and_what_nobody_sends_is_captured_before_the_end() {
    let market = market_taking(CaptureTime::AtShipment).await;
    let debit = market.pay("pm_debit", "debit").await;
    assert_eq!((&debit["status"], &debit["failureReason"]), (&json!("FAILED"), &json!("UNSUPPORTED")));
    market.app.advance(TimeDelta::seconds(1));
    assert_eq!(market.pay("pm_card", "card").await["status"], "REQUIRES_CAPTURE");
    a_while(&market, (7 * 24 - 12) * 60).await;
    assert_eq!(market.states().await, states("PAID", &["FAILED", "SUCCEEDED"]));
    assert_books(&market.app).await;
    let again = sign_in(&market.app, &market.seller.email).await;
    ship(&again, &json!(market.part), Value::Null, true, "late").await.ok();
    market.app.run_jobs().await;
    assert_eq!(market.stripe.asked("capture"), 1);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_went_back_of_what_was_captured_in_part_is_held_against_stripe() {
    let market = market_taking(CaptureTime::AtShipment).await;
    let placed = market.buyer.order(&[(&market.goods, 2)], "10.00", "two").await.ok()["order"].clone();
    let paid = try_to_pay(&market.buyer, placed["id"].as_str().unwrap(), "pm_card", None, "two").await.ok();
    assert_eq!(paid["payment"]["status"], "REQUIRES_CAPTURE");
    let part = &placed["parts"][0]["id"];
    let lines = "query($id: ID!) { node(id: $id) { ... on OrderPart { lines { id } } } }";
    let line = market.seller.send(lines, json!({"id": part})).await.ok()["node"]["lines"][0]["id"].clone();
    let one = json!({"orderPartId": part, "lines": [{"orderLineId": line, "quantity": 1}], "reason": "Gone.", "idempotencyKey": "one"});
    market.seller.mutate("cancelOrderPart", one, "orderPart { id }").await.ok();
    ship(&market.seller, part, Value::Null, true, "sent").await.ok();
    market.app.run_jobs().await;
    assert_eq!(market.stripe.captured("pi_1"), Some(500));
    let back = json!({"orderPartId": part, "amount": {"amount": "2.00", "currency": "GBP"}, "reason": "Chipped.", "idempotencyKey": "back"});
    market.seller.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    market.app.run_jobs().await;
    let compared = async || payments::service::compare(market.app.app(), 7).await.unwrap().unwrap();
    let sound = compared().await;
    assert!(sound.finding.is_fine() && (sound.asked, sound.unanswered) == (1, 0), "{sound:?}");
    // What was let go may be listed, too.
    market.stripe.given_by_hand("pi_1", 500);
    assert!(compared().await.finding.is_fine());
    market.stripe.given_by_hand("pi_1", 100);
    let found: Vec<_> = compared().await.finding.examples.iter().map(ToString::to_string).collect();
    assert!(found.len() == 1 && found[0].ends_with(" given back: expected 3.00 GBP, found 2.00 GBP"), "{found:?}");
}
