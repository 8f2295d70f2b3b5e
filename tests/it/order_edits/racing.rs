//! Who pays for what was added, takes it out, calls it off, or waits too long, and all of that at once.

use agora::{orders::service::call_off_overdue, platform::caller::Caller};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use super::{
    less, look, more,
    paid::{paid, titles},
};
use crate::{
    harness::Answer,
    orders::{assert_books, money_comes},
    privacy::sign_in,
    shipping::{steps, sums},
};

#[actix_web::test]
async fn it_is_paid_once_however_often_somebody_pays() {
    let all = paid().await;
    all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
    let order = all.order.as_str().unwrap();
    let keys: Vec<String> = (0..8).map(|number| format!("pay {number}")).collect();
    let outcomes = join_all(keys.iter().map(|key| all.buyer.pay(order, "test_succeeds", key))).await;
    for (code, _) in outcomes.iter().flat_map(Answer::refusals) {
        assert!(["PAYMENT_IN_PROGRESS", "ORDER_NOT_PAYABLE"].contains(&code.as_str()), "{code}");
    }
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["35.00", "0.00", "0.00", "0.00"], &json!("PAID")));
    assert_eq!(seen["parts"][0]["supplementaryInvoices"].as_array().unwrap().len(), 1);
    assert_eq!(steps(&seen), ["PLACED", "PAID", "EDITED", "ADDITION_PAID"]);
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn money_for_what_was_taken_out_meanwhile_goes_back() {
    let all = paid().await;
    all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
    let order = all.order.as_str().unwrap();
    let begun = all.buyer.pay(order, "test_requires_action", "begun").await.ok();
    let payment = begun["payment"]["id"].as_str().unwrap().parse().unwrap();
    let shades = all.seen().await["parts"][0]["addedLines"][0].clone();
    // It was begun for two, and one is left.
    all.edit(json!([]), less(&shades, 1), "-1.50", "one").await.ok();
    money_comes(&all.app, payment, "late").await;
    all.app.run_jobs().await;
    let seen = all.seen().await;
    // It was enough for the one: the rest of it goes back.
    assert_eq!((sums(&seen), &seen["paymentState"]), (["33.50", "0.00", "1.50", "0.00"], &json!("PAID")));
    assert_eq!(titles(&seen["parts"][0]["supplementaryInvoices"][0]["lines"]), [("Shade", 1)]);
    assert_books(&all.app).await;

    // Another one is paid for and taken out.
    all.edit(more(&all.shade, 1), json!([]), "1.50", "another").await.ok();
    let begun = all.buyer.pay(order, "test_requires_action", "begun again").await.ok();
    let payment = begun["payment"]["id"].as_str().unwrap().parse().unwrap();
    let shades = all.seen().await["parts"][0]["addedLines"][0].clone();
    all.edit(json!([]), less(&shades, 1), "-1.50", "none").await.ok();
    money_comes(&all.app, payment, "later").await;
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["33.50", "0.00", "1.50", "0.00"], &json!("PAID")));
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn money_for_less_than_was_added_by_now_goes_back() {
    let all = paid().await;
    all.edit(more(&all.shade, 1), json!([]), "1.50", "one").await.ok();
    let begun = all.buyer.pay(all.order.as_str().unwrap(), "test_requires_action", "begun").await.ok();
    let payment = begun["payment"]["id"].as_str().unwrap().parse().unwrap();
    all.edit(more(&all.shade, 1), json!([]), "1.50", "two").await.ok();
    money_comes(&all.app, payment, "early").await;
    assert_books(&all.app).await;
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["32.00", "0.00", "0.00", "3.00"], &json!("PARTIALLY_PAID")));
    assert!(seen["paymentDueAt"].is_string());
    all.pay("both").await;
    assert_eq!(sums(&all.seen().await), ["35.00", "0.00", "0.00", "0.00"]);
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn while_a_provider_is_at_work_it_stays_and_waits() {
    let all = paid().await;
    all.app.schedule_jobs().await;
    all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
    all.buyer.pay(all.order.as_str().unwrap(), "test_times_out", "works").await.ok();
    let shades = all.seen().await["parts"][0]["addedLines"][0].clone();
    let refusal = all.edit(json!([]), less(&shades, 1), "-1.50", "out").await.refusal();
    assert_eq!(refusal.0, "PAYMENT_IN_PROGRESS");
    let refusal = all.edit(more(&all.shade, 1), json!([]), "1.50", "another").await.refusal();
    assert_eq!(refusal.0, "PAYMENT_IN_PROGRESS");
    // It is due, and the provider says what became of it in the same moment.
    all.app.advance(TimeDelta::minutes(30));
    all.app.run_jobs().await;
    all.app.run_jobs().await;
    let buyer = sign_in(&all.app, &all.buyer.email).await;
    let seen = look(&buyer, &all.order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["35.00", "0.00", "0.00", "0.00"], &json!("PAID")));
    assert_eq!(steps(&seen).last(), Some(&"ADDITION_PAID"));
    assert_eq!(all.app.guest().available(&all.shade).await, 3);
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn who_is_about_to_pay_has_a_while_and_what_comes_after_it_goes_back() {
    let all = paid().await;
    all.app.schedule_jobs().await;
    all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
    all.app.advance(TimeDelta::minutes(20));
    let buyer = sign_in(&all.app, &all.buyer.email).await;
    let begun = buyer.pay(all.order.as_str().unwrap(), "test_requires_action", "begun").await.ok();
    let payment = begun["payment"]["id"].as_str().unwrap().parse().unwrap();
    all.app.advance(TimeDelta::minutes(10));
    all.app.run_jobs().await;
    assert_eq!(all.app.guest().available(&all.shade).await, 3, "they have as long for it as for everything");
    all.app.advance(TimeDelta::minutes(20));
    all.app.run_jobs().await;
    all.app.run_jobs().await;
    assert_eq!(all.app.guest().available(&all.shade).await, 5);
    money_comes(&all.app, payment, "late").await;
    all.app.run_jobs().await;
    let buyer = sign_in(&all.app, &all.buyer.email).await;
    let seen = look(&buyer, &all.order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["32.00", "0.00", "0.00", "0.00"], &json!("PAID")));
    assert!(steps(&seen).contains(&"ADDITION_LAPSED"), "{seen}");
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn an_order_is_called_off_with_all_that_was_added() {
    let all = paid().await;
    all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
    let order = all.order.as_str().unwrap();
    let begun = all.buyer.pay(order, "test_requires_action", "begun").await.ok();
    let payment = begun["payment"]["id"].as_str().unwrap().parse().unwrap();
    all.buyer.cancel(order).await.ok();
    assert_books(&all.app).await;
    money_comes(&all.app, payment, "late").await;
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), &seen["lifecycle"]), (["0.00", "32.00", "0.00", "0.00"], &json!("CANCELLED")));
    assert_eq!((&seen["amountAdded"]["amount"], &seen["paymentState"]), (&json!("0.00"), &json!("PAID")));
    assert_eq!((all.left(&all.lamp).await, all.left(&all.shade).await, all.left(&all.rug).await), (5, 5, 3));
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn of_a_payment_and_a_cancellation_at_once_nobody_loses_anything() {
    for round in 0..3 {
        let all = paid().await;
        all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
        let order = all.order.as_str().unwrap();
        let (_, cancelled) = tokio::join!(all.buyer.pay(order, "test_succeeds", "shades"), all.buyer.cancel(order));
        cancelled.ok();
        all.app.run_jobs().await;
        all.app.run_jobs().await;
        let seen = all.seen().await;
        assert_eq!((sums(&seen)[0], &seen["lifecycle"]), ("0.00", &json!("CANCELLED")), "round {round}");
        assert_eq!(all.left(&all.shade).await, 5);
        assert_books(&all.app).await;
    }
}

#[actix_web::test]
async fn what_cannot_be_taken_out_again_is_put_off_and_keeps_no_other_waiting() {
    let all = paid().await;
    all.edit(more(&all.shade, 2), json!([]), "3.00", "more").await.ok();
    let refuse = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$";
    let trigger = "CREATE TRIGGER refuse BEFORE DELETE ON order_added_lines FOR EACH ROW EXECUTE FUNCTION refuse()";
    all.app.given_sql(refuse);
    all.app.given_sql(trigger);
    let caller = Caller::system();
    all.app.advance(TimeDelta::minutes(30));
    assert!(call_off_overdue(all.app.app(), &caller).await.is_err());
    let buyer = sign_in(&all.app, &all.buyer.email).await;
    let seen = look(&buyer, &all.order).await;
    assert_eq!(titles(&seen["parts"][0]["addedLines"]), [("Shade", 2)]);
    assert_eq!(seen["paymentDueAt"], "2026-11-20T12:40:00+00:00");
    call_off_overdue(all.app.app(), &caller).await.unwrap();

    all.app.given_sql("DROP TRIGGER refuse ON order_added_lines");
    all.app.advance(TimeDelta::minutes(10));
    call_off_overdue(all.app.app(), &caller).await.unwrap();
    assert_eq!(all.app.guest().available(&all.shade).await, 5);
    assert_books(&all.app).await;
}
