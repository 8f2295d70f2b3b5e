//! Money that comes too late, twice, or without a word.

use agora::{kernel::id::Id, payments::model::PaymentIntent};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{balance, look, steps, sums};
use crate::{
    harness::{TestApp, app::Person, market::Goods},
    orders::{assert_books, money_comes},
    privacy::sign_in,
};

/// A market with an order of its only piece, which waits for its buyer at the provider.
async fn about_to_pay() -> (TestApp, Person, Person, Goods, Value, Id<PaymentIntent>) {
    let app = TestApp::start().await;
    let (seller, buyer) = (app.sign_up("Seller").await, app.sign_up("Buyer").await);
    let goods = seller.sell(&seller.open_shop("Corner").await, "Only one", "5.00", 1).await;
    app.schedule_jobs().await;
    let order = buyer.order_one(&goods, "order").await.ok()["order"].clone();
    let begun = buyer.pay(order["id"].as_str().unwrap(), "test_requires_action", "begun").await.ok();
    let payment = begun["payment"]["id"].as_str().unwrap().parse().unwrap();
    (app, seller, buyer, goods, order, payment)
}

/// The provider says that money is here.
async fn arrives(app: &TestApp, payment: Id<PaymentIntent>) {
    money_comes(app, payment, "late").await;
    app.run_jobs().await;
}

/// Lets the order's time be over.
async fn forget(app: &TestApp) {
    for _ in 0..5 {
        app.advance(TimeDelta::minutes(31));
        app.run_jobs().await;
    }
}

#[actix_web::test]
async fn money_that_comes_too_late_revives_the_order_if_everything_is_still_there() {
    let (app, seller, buyer, goods, order, payment) = about_to_pay().await;
    forget(&app).await;
    let buyer = sign_in(&app, &buyer.email).await;
    let seen = look(&buyer, &order["id"]).await;
    assert_eq!((&seen["lifecycle"], &seen["cancellationReason"]), (&json!("CANCELLED"), &json!("UNPAID")));
    assert_eq!(sums(&seen), ["UNPAID", "0.00", "0.00", "0.00"]);
    assert_eq!(app.guest().available(&goods).await, 1);
    arrives(&app, payment).await;
    arrives(&app, payment).await;
    let seen = look(&buyer, &order["id"]).await;
    assert_eq!((&seen["lifecycle"], &seen["cancellationReason"]), (&json!("OPEN"), &Value::Null));
    assert_eq!((sums(&seen), &seen["refunds"]), (["PAID", "5.00", "0.00", "0.00"], &json!([])));
    assert_eq!(steps(&seen), ["PLACED", "CANCELLED", "REOPENED", "PAID"]);
    assert_eq!(app.guest().available(&goods).await, 0);
    assert_books(&app).await;
    drop(seller);
}

#[actix_web::test]
async fn money_that_comes_too_late_for_what_was_sold_goes_back() {
    let (app, _, buyer, goods, order, payment) = about_to_pay().await;
    forget(&app).await;
    let quick = app.sign_up("Quick").await;
    let other = quick.order_one(&goods, "mine").await.ok()["order"]["id"].clone();
    quick.pay(other.as_str().unwrap(), "test_succeeds", "mine").await.ok();
    arrives(&app, payment).await;
    let buyer_again = sign_in(&app, &buyer.email).await;
    let seen = look(&buyer_again, &order["id"]).await;
    assert_eq!((&seen["lifecycle"], sums(&seen)), (&json!("CANCELLED"), ["UNPAID", "0.00", "0.00", "0.00"]));
    assert_eq!(seen["refunds"], json!([{"status": "SUCCEEDED", "amount": {"amount": "5.00"}, "reason": null}]));
    assert_eq!(steps(&seen), ["PLACED", "CANCELLED", "REFUNDED"]);
    let mail = app.mails(&buyer.email).pop().unwrap();
    assert!(mail.text.contains("5.00 GBP came in") && mail.text.contains("goes back"), "{mail:?}");
    assert_eq!(look(&sign_in(&app, &quick.email).await, &other).await["paymentState"], "PAID");
    assert_books(&app).await;
}

#[actix_web::test]
async fn money_for_what_its_buyer_called_off_goes_back() {
    let (app, _, buyer, goods, order, payment) = about_to_pay().await;
    buyer.cancel(order["id"].as_str().unwrap()).await.ok();
    assert_eq!(look(&buyer, &order["id"]).await["cancellationReason"], "BUYER");
    arrives(&app, payment).await;
    let seen = look(&buyer, &order["id"]).await;
    assert_eq!((&seen["lifecycle"], &seen["refunds"][0]["status"]), (&json!("CANCELLED"), &json!("SUCCEEDED")));
    assert_eq!(app.guest().available(&goods).await, 1);
    assert_books(&app).await;
}

#[actix_web::test]
async fn money_of_which_nobody_told_when_its_order_was_called_off_goes_back() {
    let (app, _, buyer, goods, order, _) = about_to_pay().await;
    let order = &order["id"];
    buyer.pay(order.as_str().unwrap(), "test_is_unheard", "unheard").await.ok();
    buyer.cancel(order.as_str().unwrap()).await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, order).await;
    assert_eq!((&seen["lifecycle"], &seen["refunds"][0]["status"]), (&json!("CANCELLED"), &json!("SUCCEEDED")));
    let statuses: Vec<_> =
        seen["payments"].as_array().unwrap().iter().map(|payment| payment["status"].clone()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == "SUCCEEDED").count(), 1, "{statuses:?}");
    assert_eq!(app.guest().available(&goods).await, 1);
    assert_books(&app).await;
}

#[actix_web::test]
async fn money_of_which_nobody_told_when_its_buyer_paid_otherwise_goes_back() {
    let (app, seller, buyer, _, order, _) = about_to_pay().await;
    let order = &order["id"];
    buyer.pay(order.as_str().unwrap(), "test_is_unheard", "unheard").await.ok();
    buyer.pay(order.as_str().unwrap(), "test_succeeds", "otherwise").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, order).await;
    assert_eq!((sums(&seen), &seen["lifecycle"]), (["PAID", "5.00", "0.00", "0.00"], &json!("OPEN")));
    assert_eq!(seen["refunds"], json!([{"status": "SUCCEEDED", "amount": {"amount": "5.00"}, "reason": null}]));
    assert_eq!(balance(&seller).await, "5.00");
    assert_books(&app).await;
}

#[actix_web::test]
async fn who_pays_twice_gets_the_second_back_and_shops_see_nothing_of_it() {
    let (app, seller, buyer, _, order, payment) = about_to_pay().await;
    app.advance(TimeDelta::seconds(1));
    buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", "twice").await.ok();
    arrives(&app, payment).await;
    let seen = look(&buyer, &order["id"]).await;
    assert_eq!(sums(&seen), ["PAID", "5.00", "0.00", "0.00"]);
    assert_eq!(seen["refunds"], json!([{"status": "SUCCEEDED", "amount": {"amount": "5.00"}, "reason": null}]));
    assert_eq!(balance(&seller).await, "5.00");
    let part = "query($id: ID!) { node(id: $id) { ... on OrderPart { amountRefunded { amount } refunds { id } timeline { step refund { id } } } } }";
    let part = seller.send(part, json!({"id": order["parts"][0]["id"]})).await.ok()["node"].clone();
    assert_eq!((&part["refunds"], &part["amountRefunded"]["amount"]), (&json!([]), &json!("0.00")));
    assert_eq!(steps(&part), ["PLACED", "PAID"]);
    assert_books(&app).await;
}

#[actix_web::test]
async fn another_attempt_is_given_up_when_the_money_of_an_earlier_one_comes() {
    let (app, _, buyer, _, order, payment) = about_to_pay().await;
    app.advance(TimeDelta::seconds(1));
    let second =
        buyer.pay(order["id"].as_str().unwrap(), "test_requires_action", "second").await.ok()["payment"]["id"].clone();
    arrives(&app, payment).await;
    let seen = look(&buyer, &order["id"]).await;
    let statuses: Vec<_> =
        seen["payments"].as_array().unwrap().iter().map(|payment| payment["status"].as_str().unwrap()).collect();
    assert_eq!((statuses, sums(&seen)), (vec!["SUCCEEDED", "CANCELLED"], ["PAID", "5.00", "0.00", "0.00"]));
    // Both are paid in the end: one of them goes back.
    arrives(&app, second.as_str().unwrap().parse().unwrap()).await;
    let seen = look(&buyer, &order["id"]).await;
    assert_eq!((sums(&seen), seen["refunds"].as_array().unwrap().len()), (["PAID", "5.00", "0.00", "0.00"], 1));
    assert_books(&app).await;
}

#[actix_web::test]
async fn money_that_comes_while_other_money_is_on_its_way_back_counts_by_itself() {
    let (app, seller, buyer, goods, order, first) = about_to_pay().await;
    app.advance(TimeDelta::seconds(1));
    let second = buyer.pay(order["id"].as_str().unwrap(), "test_requires_action", "second").await.ok();
    let second: Id<PaymentIntent> = second["payment"]["id"].as_str().unwrap().parse().unwrap();
    forget(&app).await;
    let quick = app.sign_up("Quick").await;
    let other = quick.order_one(&goods, "mine").await.ok()["order"]["id"].clone();
    // Too late, and nothing is there; nor has the provider given it back when the second comes.
    money_comes(&app, first, "1").await;
    let buyer = sign_in(&app, &buyer.email).await;
    assert_eq!(sums(&look(&buyer, &order["id"]).await), ["OVERPAID", "5.00", "0.00", "0.00"]);
    quick.cancel(other.as_str().unwrap()).await.ok();
    money_comes(&app, second, "2").await;
    app.run_jobs().await;
    let seen = look(&buyer, &order["id"]).await;
    assert_eq!((&seen["lifecycle"], sums(&seen)), (&json!("OPEN"), ["PAID", "5.00", "0.00", "0.00"]));
    assert_eq!(steps(&seen), ["PLACED", "CANCELLED", "REFUNDED", "REOPENED", "PAID"]);
    assert_eq!(balance(&sign_in(&app, &seller.email).await).await, "5.00");
    assert_books(&app).await;
}
