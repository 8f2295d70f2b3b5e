//! What becomes of a payout until it has arrived, or has come back.

use agora::{
    payments::model::{DisbursementProgress, PayoutFailureReason},
    payouts::service,
    platform::{caller::Caller, db::Tx},
};
use chrono::TimeDelta;
use serde_json::json;

use super::{market, paid_out, ready, told};
use crate::{costs::count, orders::assert_books, privacy::sign_in};

#[actix_web::test]
async fn what_does_not_arrive_is_tried_again_and_is_the_shops_again_in_the_end() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_fails").await;
    market.buy("one").await;
    paid_out(app).await;
    for _ in 0..2 {
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("PENDING", "9.00")]), json!("0.00")));
        assert_books(app).await;
        market.later(TimeDelta::hours(1)).await;
    }
    assert_eq!((market.payouts().await, market.balance().await), (told(&[("FAILED", "9.00")]), json!("9.00")));
    let seen = market.desk("payouts { nodes { failureReason } } payoutAccount { status requirements }").await;
    assert_eq!(seen["payouts"]["nodes"][0]["failureReason"], "DECLINED");
    assert_eq!(seen["payoutAccount"], json!({"status": "REQUIREMENTS", "requirements": ["ANOTHER_ACCOUNT"]}));
    let mails = app.mails(&market.ada.email);
    let mails: Vec<_> = mails.iter().filter(|mail| mail.subject == "A payout to Lamps has failed").collect();
    assert!(mails.len() == 1 && mails[0].text.contains("9.00 GBP"), "{mails:?}");
    assert_books(app).await;
    market.next_day().await;
    assert_eq!(market.payouts().await.len(), 1, "nothing more goes there");

    ready(app, &market.shop, "test_payout_fails_once").await;
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PENDING", "9.00"), ("FAILED", "9.00")]));
    market.later(TimeDelta::hours(1)).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00"), ("FAILED", "9.00")]));
    assert_eq!(market.desk("payoutAccount { status }").await["payoutAccount"]["status"], "ENABLED");
    assert_books(app).await;
}

#[actix_web::test]
async fn what_was_not_sent_is_not_tried_again_once_it_is_wanted_for_something_else() {
    for is_claimed in [true, false] {
        let market = market(0).await;
        let app = &market.app;
        ready(app, &market.shop, "test_payout_fails_once").await;
        let part = market.buy("one").await;
        paid_out(app).await;
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("PENDING", "9.00")]), json!("0.00")));
        let left = if is_claimed {
            let buyer = sign_in(app, &market.buyer.email).await;
            let claim = json!({"orderPartId": part, "kind": "NOT_RECEIVED", "message": "M", "idempotencyKey": "claim"});
            buyer.mutate("openClaim", claim, "claim { id }").await.ok();
            "9.00"
        } else {
            market.give_back(&part, Some("1.00")).await;
            "8.10"
        };
        market.later(TimeDelta::hours(1)).await;
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("FAILED", "9.00")]), json!(left)));
        let seen = market.desk("payouts { nodes { failureReason } } payoutAccount { status }").await;
        assert_eq!(seen["payouts"]["nodes"][0]["failureReason"], "WITHHELD");
        assert_eq!(seen["payoutAccount"]["status"], "ENABLED");
        let mails = app.mails(&market.ada.email);
        assert!(mails.iter().all(|mail| !mail.subject.contains("failed")), "{mails:?}");
        assert_books(app).await;
    }
}

#[actix_web::test]
async fn what_may_have_been_sent_is_asked_for_whatever_it_is_wanted_for_by_now() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_fails_once").await;
    let part = market.buy("one").await;
    paid_out(app).await;
    // The second attempt has no answer at first.
    app.given_sql("UPDATE payouts SET destination = 'test_payout_silent', created_at = created_at + interval '1 hour'");
    app.given_sql("UPDATE payout_accounts SET destination = 'test_payout_silent'");
    market.later(TimeDelta::hours(1)).await;
    let asked = "SELECT count(*) AS count FROM payouts WHERE attempt = 2 AND asked_at IS NOT NULL";
    assert_eq!(count(&mut app.connect(), asked), 1);
    market.give_back(&part, None).await;
    for _ in 0..8 {
        market.later(TimeDelta::minutes(1)).await;
    }
    assert_eq!((market.payouts().await, market.balance().await), (told(&[("PAID", "9.00")]), json!("-9.00")));
    assert_eq!(market.next().await.2, "-9.00");
    assert_books(app).await;
}

#[actix_web::test]
async fn what_was_not_sent_goes_to_no_account_that_is_not_the_shops_any_more() {
    for is_another in [true, false] {
        let market = market(0).await;
        let app = &market.app;
        ready(app, &market.shop, "test_payout_fails_once").await;
        market.buy("one").await;
        paid_out(app).await;
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("PENDING", "9.00")]), json!("0.00")));
        if is_another {
            ready(app, &market.shop, "test_payout_succeeds").await;
        } else {
            app.given_sql("UPDATE payout_accounts SET status = 'REQUIREMENTS', requirement = 'DETAILS'");
        }
        market.later(TimeDelta::hours(1)).await;
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("FAILED", "9.00")]), json!("9.00")));
        let seen = market.desk("payouts { nodes { failureReason } } payoutAccount { status }").await;
        assert_eq!(seen["payouts"]["nodes"][0]["failureReason"], "WITHHELD");
        let (status, expected) = if is_another {
            ("ENABLED", told(&[("PAID", "9.00"), ("FAILED", "9.00")]))
        } else {
            ("REQUIREMENTS", told(&[("FAILED", "9.00")]))
        };
        assert_eq!(seen["payoutAccount"]["status"], status);
        market.next_day().await;
        assert_eq!(market.payouts().await, expected);
        assert_books(app).await;
    }
}

#[actix_web::test]
async fn a_provider_that_is_silent_is_asked_until_it_answers() {
    for is_lost in [false, true] {
        let market = market(0).await;
        let app = &market.app;
        ready(app, &market.shop, "test_payout_silent").await;
        market.buy("one").await;
        paid_out(app).await;
        assert_eq!(market.payouts().await, told(&[("PENDING", "9.00")]));
        if is_lost {
            app.given_sql("DELETE FROM jobs WHERE kind = 'payouts.carry_out_payout'");
            app.advance(TimeDelta::hours(2));
            paid_out(app).await;
        } else {
            for _ in 0..8 {
                market.later(TimeDelta::minutes(1)).await;
            }
        }
        assert_eq!((market.payouts().await, market.balance().await), (told(&[("PAID", "9.00")]), json!("0.00")));
        let first = "SELECT count(*) AS count FROM payouts WHERE attempt = 1 AND reference LIKE '%-1'";
        assert_eq!(count(&mut app.connect(), first), 1);
        assert_books(app).await;
    }
}

#[actix_web::test]
async fn a_provider_that_never_answers_is_asked_now_and_then_by_no_job_that_dies() {
    const ASKING: &str = "SELECT count(*) AS count FROM jobs WHERE kind = 'payouts.carry_out_payout'";
    const DEAD: &str = "SELECT count(*) AS count FROM jobs WHERE state = 'DEAD'";
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_silent").await;
    market.buy("one").await;
    paid_out(app).await;
    app.given_sql("UPDATE payouts SET created_at = created_at + interval '10 days'");
    for attempt in 1..12 {
        market.later(TimeDelta::seconds(2_i64.pow(attempt))).await;
    }
    assert_eq!(count(&mut app.connect(), DEAD), 1);
    for _ in 0..12 {
        app.advance(TimeDelta::hours(3));
        paid_out(app).await;
    }
    assert_eq!((market.payouts().await, market.balance().await), (told(&[("PENDING", "9.00")]), json!("0.00")));
    assert_eq!(count(&mut app.connect(), DEAD), 1);
    assert_eq!(count(&mut app.connect(), ASKING), 1);
    // Of another provider nobody asks this one.
    app.given_sql("UPDATE payouts SET provider = 'other'");
    app.advance(TimeDelta::hours(3));
    service::make_payouts(app.app(), &Caller::system()).await.unwrap();
    assert_eq!(count(&mut app.connect(), ASKING), 1);
    app.given_sql("UPDATE payouts SET provider = 'test'");
    app.advance(TimeDelta::days(10));
    paid_out(app).await;
    assert_eq!(market.payouts().await, told(&[("PAID", "9.00")]));
    assert_books(app).await;
}

#[actix_web::test]
async fn what_comes_back_after_it_was_sent_is_the_shops_again_once() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    market.buy("one").await;
    paid_out(app).await;
    let payout = market.desk("payouts { nodes { id } }").await["payouts"]["nodes"][0]["id"].clone();
    let payout = payout.as_str().unwrap().parse().unwrap();
    let paid = DisbursementProgress::Paid { reference: "late".into() };
    let failed = DisbursementProgress::Failed { reason: PayoutFailureReason::AccountClosed };
    for progress in [paid.clone(), failed.clone(), failed, paid] {
        let note = move |tx: &mut Tx<'_>| service::note_payout(tx, (payout, 1), &progress);
        app.app().db.write(&Caller::system(), note).await.unwrap();
    }
    assert_eq!(market.payouts().await, told(&[("FAILED", "9.00")]));
    assert_eq!(market.balance().await, "9.00");
    assert_books(app).await;
}

#[actix_web::test]
async fn an_account_that_was_named_since_is_not_stopped_by_what_comes_back() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_succeeds").await;
    market.buy("one").await;
    paid_out(app).await;
    let payout = market.desk("payouts { nodes { id } }").await["payouts"]["nodes"][0]["id"].clone();
    let payout = payout.as_str().unwrap().parse().unwrap();
    app.advance(TimeDelta::hours(1));
    ready(app, &market.shop, "test_payout_succeeds").await;
    let failed = DisbursementProgress::Failed { reason: PayoutFailureReason::Declined };
    let note = move |tx: &mut Tx<'_>| service::note_payout(tx, (payout, 1), &failed);
    app.app().db.write(&Caller::system(), note).await.unwrap();
    assert_eq!(market.payouts().await, told(&[("FAILED", "9.00")]));
    assert_eq!(market.desk("payoutAccount { status }").await["payoutAccount"]["status"], "ENABLED");
}

#[actix_web::test]
async fn what_the_market_had_not_got_is_no_failure_of_the_account_and_what_came_back_is_one_at_once() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_silent").await;
    market.buy("one").await;
    paid_out(app).await;
    let payout = market.desk("payouts { nodes { id } }").await["payouts"]["nodes"][0]["id"].clone();
    let payout = payout.as_str().unwrap().parse().unwrap();
    let hear = async |attempt: i32, progress: DisbursementProgress| {
        let note = move |tx: &mut Tx<'_>| service::note_payout(tx, (payout, attempt), &progress);
        app.app().db.write(&Caller::system(), note).await.unwrap();
        market.payouts().await
    };
    for attempt in 1..=3 {
        assert_eq!(hear(attempt, DisbursementProgress::Short).await, told(&[("PENDING", "9.00")]));
    }
    let reason = PayoutFailureReason::Declined;
    assert_eq!(hear(4, DisbursementProgress::Failed { reason }).await, told(&[("PENDING", "9.00")]));
    assert_eq!(hear(5, DisbursementProgress::CameBack { reason }).await, told(&[("FAILED", "9.00")]));
    assert_eq!(market.balance().await, "9.00");
    assert_books(app).await;
}
