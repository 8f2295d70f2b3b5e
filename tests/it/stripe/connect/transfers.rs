//! What is sent to the accounts of shops: once, whatever is lost, and again only where it has not arrived.

use chrono::TimeDelta;
use serde_json::json;

use super::{ACCOUNT, enabled, ready, told, wants};
use crate::{
    orders::assert_books,
    payouts::paid_out,
    stripe::{double::Fault, market, text},
};

#[actix_web::test]
async fn a_payout_is_sent_once_whatever_is_lost() {
    for (kind, fault) in [
        ("transfer", Fault::Lose),
        ("transfer", Fault::Hang),
        ("transfer", Fault::Refuse(409)),
        ("transfer_list", Fault::Refuse(429)),
    ] {
        let market = market().await;
        market.earns().await;
        market.stripe.fails(kind, fault);
        paid_out(&market.app).await;
        assert_eq!(market.payouts().await, told(&[("PENDING", "5.00")]), "{kind} {fault:?}");
        assert_eq!(market.balance().await, "0.00");
        assert_books(&market.app).await;
        market.later(TimeDelta::minutes(1)).await;
        assert_eq!(market.payouts().await, told(&[("PAID", "5.00")]), "{kind} {fault:?}");
        let sent = market.stripe.transfers();
        assert_eq!(sent.len(), 1);
        let payout = text(&market.desk("payouts { nodes { id } }").await["payouts"]["nodes"][0]["id"]);
        for (name, value) in [
            ("amount", json!(500)),
            ("currency", json!("gbp")),
            ("destination", json!(ACCOUNT)),
            ("transfer_group", json!(payout)),
            ("metadata", json!({"payout": format!("{payout}-1")})),
        ] {
            assert_eq!(sent[0][name], value, "{name}");
        }
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn a_payout_is_sent_once_though_stripe_broke_or_forgot_the_key() {
    for is_broken in [true, false] {
        let market = market().await;
        market.earns().await;
        if is_broken {
            market.stripe.breaks(true);
        } else {
            market.stripe.fails("transfer", Fault::Lose);
        }
        paid_out(&market.app).await;
        assert_eq!(market.payouts().await, told(&[("PENDING", "5.00")]));
        if is_broken {
            market.stripe.breaks(false);
            // Under that key it says what it said, for a day.
            market.later(TimeDelta::minutes(1)).await;
            assert_eq!((market.payouts().await, market.stripe.transfers().len()), (told(&[("PENDING", "5.00")]), 0));
        }
        market.stripe.a_day_passes();
        market.app.advance(TimeDelta::days(1));
        paid_out(&market.app).await;
        assert_eq!(market.payouts().await, told(&[("PAID", "5.00")]), "{is_broken}");
        assert_eq!(market.stripe.transfers().len(), 1);
        assert_books(&market.app).await;
    }
}

#[actix_web::test]
async fn what_the_market_has_not_got_with_stripe_is_asked_for_again_the_next_day() {
    let market = market().await;
    market.earns().await;
    market.stripe.runs_short(true);
    paid_out(&market.app).await;
    for asked in 1..=4 {
        assert_eq!(market.stripe.asked("transfer"), asked);
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("PENDING", "5.00")]), json!("0.00")));
        market.app.advance(TimeDelta::hours(23));
        paid_out(&market.app).await;
        assert_eq!(market.stripe.asked("transfer"), asked, "not before a day has passed");
        market.later(TimeDelta::hours(1)).await;
    }
    market.stripe.runs_short(false);
    market.later(TimeDelta::days(1)).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "5.00")]));
    let sent = market.stripe.transfers();
    assert!(sent.len() == 1 && text(&sent[0]["metadata"]["payout"]).ends_with("-6"), "{sent:?}");
    assert_eq!(market.account().await, enabled());
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn an_account_that_takes_nothing_is_not_tried_again_before_its_owner_has_been_to_the_page() {
    let market = market().await;
    market.earns().await;
    // And nobody has told.
    market.stripe.account_becomes(ACCOUNT, &json!({"capabilities": {"transfers": "inactive"}}));
    paid_out(&market.app).await;
    for _ in 0..2 {
        market.later(TimeDelta::hours(1)).await;
    }
    assert_eq!((market.payouts().await, market.balance().await), (told(&[("FAILED", "5.00")]), json!("5.00")));
    assert_eq!((market.stripe.asked("transfer"), market.stripe.transfers().len()), (3, 0));
    assert_eq!(market.account().await, wants("ANOTHER_ACCOUNT"));
    assert_books(&market.app).await;
    market.app.schedule_jobs().await;
    market.stripe.account_becomes(ACCOUNT, &ready());
    market.later(TimeDelta::hours(25)).await;
    assert_eq!((market.account().await, market.payouts().await.len()), (wants("ANOTHER_ACCOUNT"), 1));

    market.link().await.ok();
    market.later(TimeDelta::minutes(5)).await;
    assert_eq!(market.account().await, enabled());
    paid_out(&market.app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "5.00"), ("FAILED", "5.00")]));
    assert_eq!(market.stripe.accounts().len(), 1);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_is_taken_back_with_stripe_is_the_shops_again_once() {
    let market = market().await;
    market.earns().await;
    paid_out(&market.app).await;
    let mut lie = market.stripe.transfers()[0].clone();
    lie["reversed"] = json!(true);
    assert_eq!(market.tell("evt_1", "transfer.reversed", &lie).await, 200);
    market.app.run_jobs().await;
    assert_eq!((market.payouts().await, market.stripe.asked("transfer_list")), (told(&[("PAID", "5.00")]), 2));
    market.stripe.reverse("tr_1");
    // Of another market in the same account.
    lie["metadata"] = json!({"payout": "payout_01jd3k0000000000000000000a-1"});
    assert_eq!(market.tell("evt_2", "transfer.reversed", &lie).await, 200);
    market.app.run_jobs().await;
    assert_eq!((market.payouts().await, market.stripe.asked("transfer_list")), (told(&[("PAID", "5.00")]), 2));

    for event in ["evt_3", "evt_4"] {
        assert_eq!(market.tell(event, "transfer.reversed", &market.stripe.transfers()[0]).await, 200);
        market.app.run_jobs().await;
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("FAILED", "5.00")]), json!("5.00")));
    }
    market.later(TimeDelta::hours(1)).await;
    assert_eq!((market.stripe.asked("transfer"), market.stripe.transfers().len()), (1, 1));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn the_doctor_asks_stripe_what_was_sent_to_shops_and_where_to() {
    let market = market().await;
    market.earns().await;
    let compared = async || agora::payouts::service::compare(market.app.app(), 7).await.unwrap().unwrap();
    paid_out(&market.app).await;
    let sound = compared().await;
    assert!(sound.finding.is_fine() && (sound.asked, sound.unanswered) == (1, 0), "{sound:?}");
    // Taken back there, and nobody has told.
    market.stripe.reverse("tr_1");
    let found: Vec<_> = compared().await.finding.examples.iter().map(ToString::to_string).collect();
    assert!(found.len() == 1 && found[0].ends_with(": expected nothing, found PAID 5.00 GBP to acct_1"), "{found:?}");
    market.stripe.fails("transfer_list", Fault::Refuse(500));
    assert_eq!(compared().await.unanswered, 1);
}
