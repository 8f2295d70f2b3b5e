//! Promises that come too late, or are not kept.

use agora::{
    kernel::id::Id,
    orders::service::{call_off_overdue, settle},
    payments::{
        model::{PaymentIntent, Progress},
        service::ask_about_unanswered,
    },
    platform::caller::Caller,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Promised, allows, look, mails, promised, steps, sums};
use crate::{
    costs::count,
    orders::assert_books,
    privacy::sign_in,
    shipping::{proceed, ship},
};

#[actix_web::test]
async fn what_was_sent_for_a_promise_that_is_not_kept_is_paid_anew() {
    let Promised { app, ada, bert, buyer, order, parts, .. } = promised("test_capture_fails").await;
    ship(&ada, &parts[0], Value::Null, true, "lamps").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    let payment = &seen["payments"][0];
    assert_eq!([&payment["status"], &payment["failureReason"]], ["FAILED", "AUTHORIZATION_LOST"]);
    assert_eq!((sums(&seen), &seen["paymentState"]), (["0.00", "0.00", "0.00", "0.00", "32.00"], &json!("UNPAID")));
    assert_eq!(steps(&seen).last(), Some(&"AUTHORIZATION_LOST"));
    assert_eq!(mails(&app, &buyer, "once more"), 1);
    assert!(allows(&seen, "PAY"), "{seen:#}");
    assert_eq!(ship(&bert, &parts[1], Value::Null, true, "rug").await.refusal().0, "ORDER_NOT_PAID");
    let failed = "SELECT count(*) AS count FROM captures WHERE status = 'FAILED' AND amount = 3200";
    assert_eq!(count(&mut app.connect(), failed), 1);
    assert_books(&app).await;
    // What is sent already is not waited for.
    buyer.pay(order.as_str().unwrap(), "test_succeeds", "anew").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["32.00", "0.00", "0.00", "0.00", "0.00"], &json!("PAID")));
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_packed_for_a_promise_that_is_not_kept_does_not_leave_and_all_shops_are_told() {
    let Promised { app, ada, bert, buyer, order, parts, .. } = promised("test_capture_fails").await;
    let packed = ship(&ada, &parts[0], Value::Null, false, "lamps").await.ok()["shipment"].clone();
    ship(&bert, &parts[1], Value::Null, true, "rug").await.ok();
    app.run_jobs().await;
    assert_eq!(steps(&look(&buyer, &order).await).last(), Some(&"AUTHORIZATION_LOST"));
    assert_eq!((mails(&app, &ada, "yet"), mails(&app, &bert, "yet"), mails(&app, &buyer, "yet")), (1, 1, 0));
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { allowedActions } } }";
    let part = async || ada.send(document, json!({"id": parts[0]})).await.ok()["node"].clone();
    let lost = part().await;
    assert!(allows(&lost, "UNPACK") && !allows(&lost, "SHIP"), "{lost}");
    assert_eq!(proceed(&ada, &packed, "SHIPPED").await.refusal().0, "ORDER_NOT_PAID");
    assert_eq!(steps(&look(&buyer, &order).await).last(), Some(&"AUTHORIZATION_LOST"), "nothing has changed");
    // How it is followed can be said all the same.
    let told = json!({"shipmentId": packed["id"], "carrier": "Post", "trackingNumber": "AB 2"});
    ada.mutate("updateShipment", told, "shipment { status }").await.ok();

    buyer.pay(order.as_str().unwrap(), "test_succeeds", "anew").await.ok();
    app.run_jobs().await;
    assert!(allows(&part().await, "SHIP"));
    assert_eq!(proceed(&ada, &packed, "SHIPPED").await.ok()["shipment"]["status"], "SHIPPED");
    app.run_jobs().await;
    assert_eq!(sums(&look(&buyer, &order).await)[0], "32.00");
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_nobody_pays_anew_is_called_off_unless_it_is_packed() {
    for is_packed in [false, true] {
        let Promised { app, ada, buyer, lamp, order, parts, .. } = promised("test_capture_fails").await;
        app.schedule_jobs().await;
        if is_packed {
            ship(&ada, &parts[0], Value::Null, false, "lamps").await.ok();
        }
        // Nobody took it in time.
        app.advance(TimeDelta::days(8));
        app.run_jobs().await;
        let again = sign_in(&app, &buyer.email).await;
        let seen = look(&again, &order).await;
        assert_eq!((&seen["lifecycle"], &seen["payments"][0]["status"]), (&json!("OPEN"), &json!("FAILED")));
        assert!(seen["paymentDueAt"].is_string(), "{seen:#}");
        assert_books(&app).await;
        app.advance(TimeDelta::days(3));
        app.run_jobs().await;
        let again = sign_in(&app, &buyer.email).await;
        let seen = look(&again, &order).await;
        let (lifecycle, left) = if is_packed { ("OPEN", 0) } else { ("CANCELLED", 3) };
        assert_eq!((&seen["lifecycle"], &seen["paymentDueAt"]), (&json!(lifecycle), &Value::Null));
        assert_eq!(app.guest().available(&lamp).await, left);
        assert_books(&app).await;
    }
}

#[actix_web::test]
async fn a_promise_for_what_was_called_off_is_let_go() {
    let Promised { app, buyer, order, .. } = promised("test_requires_action").await;
    let document = "query($id: ID!) { node(id: $id) { ... on Order { payments { id } } } }";
    let found = buyer.send(document, json!({"id": order})).await.ok();
    let payment: Id<PaymentIntent> = found["node"]["payments"][0]["id"].as_str().unwrap().parse().unwrap();
    buyer.cancel(order.as_str().unwrap()).await.ok();
    let until = app.app().now() + TimeDelta::days(7);
    let late = Progress::Authorized { reference: "late".into(), until };
    settle(app.app(), &Caller::system(), payment, late).await.unwrap();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!((&seen["payments"][0]["status"], sums(&seen)[1]), (&json!("CANCELLED"), "0.00"));
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_promise_that_comes_after_an_order_was_called_off_for_want_of_it_revives_it_if_all_is_there() {
    for is_there in [true, false] {
        let Promised { app, ada, buyer, lamp, order, .. } = promised("test_is_lost").await;
        let document = "query($id: ID!) { node(id: $id) { ... on Order { payments { id status } } } }";
        let found = buyer.send(document, json!({"id": order})).await.ok()["node"]["payments"][0].clone();
        assert_eq!(found["status"], "PROCESSING");
        let payment: Id<PaymentIntent> = found["id"].as_str().unwrap().parse().unwrap();
        // Nobody waits for the provider any longer. What asks it is late.
        app.given_sql("DELETE FROM jobs WHERE kind = 'orders.settle_payment'");
        app.advance(TimeDelta::days(15));
        call_off_overdue(app.app(), &Caller::system()).await.unwrap();
        assert_eq!(app.guest().available(&lamp).await, 3);
        let buyer = sign_in(&app, &buyer.email).await;
        if !is_there {
            buyer.order(&[(&lamp, 1)], "4.00", "other").await.ok();
        }
        let until = app.app().now() + TimeDelta::days(7);
        let late = Progress::Authorized { reference: "late".into(), until };
        settle(app.app(), &Caller::system(), payment, late).await.unwrap();
        app.given_sql("DELETE FROM jobs WHERE kind = 'orders.settle_payment'");
        app.run_jobs().await;
        let seen = look(&buyer, &order).await;
        let (lifecycle, status, promised) =
            if is_there { ("OPEN", "REQUIRES_CAPTURE", "32.00") } else { ("CANCELLED", "CANCELLED", "0.00") };
        assert_eq!((&seen["lifecycle"], &seen["payments"][0]["status"]), (&json!(lifecycle), &json!(status)));
        assert_eq!((sums(&seen)[1], steps(&seen).contains(&"REOPENED")), (promised, is_there));
        // Of the shop nobody is told of a sale that came to nothing.
        let sales = app.mails(&ada.email).iter().filter(|mail| mail.text.contains("12.00 GBP")).count();
        assert_eq!(sales, usize::from(is_there));
        assert_books(&app).await;
    }
}

#[actix_web::test]
async fn a_promise_is_taken_though_the_jobs_are_lost_that_were_to_take_it() {
    for is_sent in [false, true] {
        let Promised { app, ada, buyer, order, parts, .. } = promised("test_succeeds").await;
        let jobs = |kind: &str| {
            let counted = format!("SELECT count(*) AS count FROM jobs WHERE kind = '{kind}'");
            count(&mut app.connect(), &counted)
        };
        let lose = || {
            app.given_sql("DELETE FROM jobs WHERE kind IN ('orders.capture_before_end', 'orders.carry_out_capture')");
        };
        let sweep = async || ask_about_unanswered(app.app(), &Caller::system()).await.unwrap();
        if is_sent {
            ship(&ada, &parts[0], Value::Null, true, "lamps").await.ok();
        }
        lose();
        sweep().await;
        assert_eq!(jobs("orders.carry_out_capture") + jobs("orders.capture_before_end"), 0, "nothing is late");
        let (kind, late) = if is_sent {
            ("orders.carry_out_capture", TimeDelta::minutes(61))
        } else {
            ("orders.capture_before_end", TimeDelta::hours(6 * 24 + 13))
        };
        app.advance(late);
        for _ in 0..2 {
            sweep().await;
            assert_eq!(jobs(kind), 1, "once");
        }
        app.advance(TimeDelta::hours(1));
        app.run_jobs().await;
        let seen = look(&sign_in(&app, &buyer.email).await, &order).await;
        assert_eq!((sums(&seen)[0], &seen["paymentState"]), ("32.00", &json!("PAID")), "{is_sent}");
        assert_books(&app).await;
    }
}

#[actix_web::test]
async fn a_provider_that_never_says_what_it_took_is_asked_for_a_month() {
    let Promised { app, ada, parts, .. } = promised("test_succeeds").await;
    ship(&ada, &parts[0], Value::Null, true, "lamps").await.ok();
    for (days, jobs) in [(29, 1), (2, 0)] {
        app.given_sql("DELETE FROM jobs WHERE kind = 'orders.carry_out_capture'");
        app.advance(TimeDelta::days(days));
        ask_about_unanswered(app.app(), &Caller::system()).await.unwrap();
        let asking = "SELECT count(*) AS count FROM jobs WHERE kind = 'orders.carry_out_capture'";
        assert_eq!(count(&mut app.connect(), asking), jobs, "{days}");
    }
}
