//! Orders that nobody pays in time: what they held is for sale again, and nobody who pays in time loses anything.

use agora::platform::app::PaymentSetup;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    carts::added,
    costs::count,
    harness::{Client, TestApp, app::Person, held::Held, market::Goods},
    orders::assert_books,
    privacy::sign_in,
    reviews::mill,
};

async fn look(buyer: &Client, order: &Value) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on Order { lifecycle paymentState cancelledAt paymentDueAt \
                    parts { conversation { messages(last: 1) { nodes { content { ... on OrderStepContent { step } } } } } } } } }";
    buyer.send(document, json!({"id": order["id"]})).await.ok()["node"].clone()
}

fn due(order: &Value) -> DateTime<Utc> {
    order["paymentDueAt"].as_str().unwrap_or_else(|| panic!("{order:#}")).parse().unwrap()
}

/// A market that does its jobs, with one who has ordered the only piece of something.
async fn ordered() -> (TestApp, Person, Goods, Value) {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let goods = seller.sell(&shop, "Only one", "5.00", 1).await;
    let ada = app.sign_up("Ada").await;
    app.schedule_jobs().await;
    let order = ada.order_one(&goods, "order").await.ok()["order"].clone();
    (app, ada, goods, order)
}

/// Lets minutes pass, and the jobs come that are due by then.
async fn pass(app: &TestApp, minutes: i64) {
    app.advance(TimeDelta::minutes(minutes));
    app.run_jobs().await;
}

#[actix_web::test]
async fn what_nobody_pays_is_for_sale_again() {
    let (app, ada, goods, order) = ordered().await;
    let placed_at = app.app().now();
    assert_eq!(due(&look(&ada, &order).await), placed_at + TimeDelta::minutes(30));
    pass(&app, 29).await;
    assert_eq!(app.guest().available(&goods).await, 0);
    pass(&app, 1).await;
    assert_eq!(app.guest().available(&goods).await, 1);
    let ada_again = sign_in(&app, &ada.email).await;
    let seen = look(&ada_again, &order).await;
    assert_eq!((&seen["lifecycle"], &seen["paymentDueAt"]), (&json!("CANCELLED"), &Value::Null));
    let message = &seen["parts"][0]["conversation"]["messages"]["nodes"][0];
    assert_eq!(message["content"]["step"], "CANCELLED");
    assert!(seen["cancelledAt"].is_string());
    let late = ada_again.pay(order["id"].as_str().unwrap(), "test_succeeds", "late").await;
    assert_eq!(late.refusals()[0].0, "ORDER_NOT_PAYABLE");
    // Told once.
    pass(&app, 5).await;
    let mails = app.mails(&ada.email);
    let told: Vec<_> = mails.iter().filter(|mail| mail.subject.contains("was called off")).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("5.00 GBP"), "{told:?}");
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_paid_waits_for_nothing_more() {
    let (app, ada, goods, order) = ordered().await;
    ada.pay(order["id"].as_str().unwrap(), "test_succeeds", "pay").await.ok();
    assert_eq!(look(&ada, &order).await["paymentDueAt"], Value::Null);
    pass(&app, 600).await;
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!((&seen["lifecycle"], &seen["paymentState"]), (&json!("OPEN"), &json!("PAID")));
    assert_eq!(app.guest().available(&goods).await, 0);
    assert_books(&app).await;
}

#[actix_web::test]
async fn where_nobody_can_pay_nothing_is_called_off() {
    let app = TestApp::start_with(|settings| settings.payments = PaymentSetup::Off).await;
    let (seller, shop, _) = mill(&app).await;
    let goods = seller.sell(&shop, "Only one", "5.00", 1).await;
    let free = seller.sell(&shop, "Leaflet", "0.00", 1).await;
    let ada = app.sign_up("Ada").await;
    app.schedule_jobs().await;
    let order = ada.order_one(&goods, "order").await.ok()["order"].clone();
    assert_eq!(look(&ada, &order).await["paymentDueAt"], Value::Null);
    // Nor is what had an end while there was a provider.
    app.given_sql("UPDATE orders SET payment_due_at = placed_at");
    pass(&app, 600).await;
    assert_eq!((app.guest().available(&goods).await, app.guest().available(&free).await), (0, 1));
}

#[actix_web::test]
async fn what_an_older_release_paid_or_called_off_is_left_as_it_is() {
    let (app, ada, goods, order) = ordered().await;
    let overdue = || app.given_sql("UPDATE orders SET payment_due_at = placed_at");
    ada.pay(order["id"].as_str().unwrap(), "test_succeeds", "pay").await.ok();
    overdue();
    pass(&app, 1).await;
    let seen = look(&ada, &order).await;
    assert_eq!(
        [&seen["lifecycle"], &seen["paymentState"], &seen["paymentDueAt"]],
        [&json!("OPEN"), &json!("PAID"), &Value::Null]
    );
    assert_eq!(app.guest().available(&goods).await, 0);
    app.given_sql("UPDATE orders SET status = 'CANCELLED', payment_due_at = placed_at");
    pass(&app, 1).await;
    assert_eq!(look(&ada, &order).await["paymentDueAt"], Value::Null);
    assert_eq!(app.guest().available(&goods).await, 0);
}

#[actix_web::test]
async fn an_order_waits_while_a_provider_is_at_work_who_is_asked_once_more() {
    let (app, ada, goods, order) = ordered().await;
    ada.pay(order["id"].as_str().unwrap(), "test_times_out", "pay").await.ok();
    // The job that would have asked has given up.
    app.given_sql("DELETE FROM jobs WHERE kind = 'orders.settle_payment'");
    pass(&app, 30).await;
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!((&seen["lifecycle"], &seen["paymentState"]), (&json!("OPEN"), &json!("PAID")));
    assert_eq!((&seen["paymentDueAt"], app.guest().available(&goods).await), (&Value::Null, 0));
    assert_books(&app).await;
}

#[actix_web::test]
async fn an_order_waits_for_a_buyer_who_is_about_to_pay_and_not_for_ever() {
    let (app, ada, goods, order) = ordered().await;
    let placed_at = app.app().now();
    let id = order["id"].as_str().unwrap();
    pass(&app, 29).await;
    let begun = sign_in(&app, &ada.email).await.pay(id, "test_requires_action", "begun").await.ok()["payment"].clone();
    pass(&app, 1).await;
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!((&seen["lifecycle"], due(&seen)), (&json!("OPEN"), placed_at + TimeDelta::minutes(59)));
    // Begun anew and anew.
    for attempt in 0..3 {
        pass(&app, 28).await;
        sign_in(&app, &ada.email).await.pay(id, "test_requires_action", &format!("anew {attempt}")).await.ok();
    }
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!(due(&seen), placed_at + TimeDelta::minutes(116));
    pass(&app, 3).await;
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!(due(&seen), placed_at + TimeDelta::minutes(120));
    pass(&app, 3).await;
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!(seen["lifecycle"], "CANCELLED");
    assert_eq!(app.guest().available(&goods).await, 1);
    // Who says yes at the provider only now takes nothing from anybody.
    let page = begun["nextAction"]["url"].as_str().unwrap();
    reqwest::Client::new().post(page).form(&[("decision", "approve")]).send().await.unwrap();
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!((&seen["lifecycle"], &seen["paymentState"]), (&json!("CANCELLED"), &json!("UNPAID")));
    assert_books(&app).await;
}

#[actix_web::test]
async fn whose_money_came_unheard_is_not_called_off() {
    let (app, ada, goods, order) = ordered().await;
    let begun = ada.pay(order["id"].as_str().unwrap(), "test_is_unheard", "pay").await.ok();
    assert_eq!(begun["payment"]["status"], "REQUIRES_ACTION");
    pass(&app, 30).await;
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!((&seen["lifecycle"], &seen["paymentState"]), (&json!("OPEN"), &json!("PAID")));
    assert_eq!((&seen["paymentDueAt"], app.guest().available(&goods).await), (&Value::Null, 0));
    assert!(!app.mails(&ada.email).iter().any(|mail| mail.subject.contains("was called off")));
    assert_books(&app).await;
}

#[actix_web::test]
async fn an_order_waits_for_the_word_of_a_provider_that_cannot_be_asked_just_now() {
    let (app, ada, goods, order) = ordered().await;
    let placed_at = app.app().now();
    ada.pay(order["id"].as_str().unwrap(), "test_requires_action", "pay").await.ok();
    app.given_sql("UPDATE payment_intents SET provider = 'away'");
    pass(&app, 30).await;
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!((&seen["lifecycle"], due(&seen)), (&json!("OPEN"), placed_at + TimeDelta::minutes(40)));
    app.given_sql("UPDATE payment_intents SET provider = 'test'");
    pass(&app, 1).await;
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!((&seen["lifecycle"], &seen["paymentState"]), (&json!("CANCELLED"), &json!("UNPAID")));
    assert_eq!(app.guest().available(&goods).await, 1);
    assert_books(&app).await;
}

#[actix_web::test]
async fn attempts_one_after_the_other_keep_goods_from_others_for_two_weeks_and_no_longer() {
    let app = TestApp::start_with(|settings| settings.checkout.payment_due = TimeDelta::days(1)).await;
    let (seller, shop, _) = mill(&app).await;
    let goods = seller.sell(&shop, "Only one", "5.00", 1).await;
    let ada = app.sign_up("Ada").await;
    app.schedule_jobs().await;
    let order = ada.order_one(&goods, "order").await.ok()["order"].clone();
    let (id, placed_at) = (order["id"].as_str().unwrap(), app.app().now());
    // For half a minute nobody asks what became of an attempt.
    let (moment, instant) = (TimeDelta::seconds(40), TimeDelta::seconds(10));
    // Four days, as for whoever has to do something, and fourteen more.
    for day in 1..18 {
        app.advance(TimeDelta::days(1) - moment);
        let begun = sign_in(&app, &ada.email).await.pay(id, "test_is_lost", &format!("day {day}")).await.ok();
        assert_eq!(begun["payment"]["status"], "PROCESSING");
        app.advance(moment);
        app.run_jobs().await;
        let seen = look(&sign_in(&app, &ada.email).await, &order).await;
        assert_eq!((&seen["lifecycle"], due(&seen)), (&json!("OPEN"), placed_at + TimeDelta::days(day + 1)));
    }
    app.advance(TimeDelta::days(1) - instant);
    sign_in(&app, &ada.email).await.pay(id, "test_times_out", "last").await.ok();
    app.advance(instant);
    app.run_jobs().await;
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!((&seen["lifecycle"], &seen["paymentState"]), (&json!("CANCELLED"), &json!("UNPAID")));
    assert_eq!(app.guest().available(&goods).await, 1);
    assert_books(&app).await;
    // Money that comes of it nevertheless comes too late, and nobody has bought the piece meanwhile.
    app.advance(TimeDelta::minutes(1));
    app.run_jobs().await;
    let seen = look(&sign_in(&app, &ada.email).await, &order).await;
    assert_eq!((&seen["lifecycle"], &seen["paymentState"]), (&json!("OPEN"), &json!("PAID")));
    assert_eq!(app.guest().available(&goods).await, 0);
    assert_books(&app).await;
}

#[actix_web::test]
async fn who_pays_at_the_last_moment_pays_or_is_refused() {
    for round in 0..4 {
        let (app, ada, goods, order) = ordered().await;
        app.advance(TimeDelta::minutes(30));
        let ada = sign_in(&app, &ada.email).await;
        // Both are about to take the order when it is given free.
        let held = Held::by(&app, "SELECT FROM orders FOR UPDATE");
        let release = async {
            held.waited_for_by(&app, 2).await;
            held.release();
        };
        let paying = ada.pay(order["id"].as_str().unwrap(), "test_succeeds", "last");
        let (paid, _, ()) = tokio::join!(paying, app.run_jobs(), release);
        let is_paid = paid.refusals().is_empty();
        let seen = look(&ada, &order).await;
        let expected = if is_paid { ["OPEN", "PAID"] } else { ["CANCELLED", "UNPAID"] };
        assert_eq!([&seen["lifecycle"], &seen["paymentState"]], expected, "round {round}");
        assert_eq!(app.guest().available(&goods).await, i64::from(!is_paid));
        let taken = count(&mut app.connect(), "SELECT count(*) AS count FROM transfers WHERE cause = 'PAYMENT'");
        assert_eq!(taken, i64::from(is_paid));
        assert_books(&app).await;
    }
}

#[actix_web::test]
async fn so_many_orders_of_one_buyer_wait_for_their_money_and_no_more() {
    let app = TestApp::start_with(|settings| settings.checkout.unpaid_orders = 2).await;
    let (seller, shop, _) = mill(&app).await;
    let goods = seller.sell(&shop, "Lamp", "5.00", 10).await;
    let free = seller.sell(&shop, "Leaflet", "0.00", 10).await;
    let (ada, eve) = (app.sign_up("Ada").await, app.sign_up("Eve").await);
    let keys: Vec<_> = (0..6).map(|key| key.to_string()).collect();
    let outcomes = join_all(keys.iter().map(|key| ada.order_one(&goods, key))).await;
    let (placed, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|outcome| outcome.refusals().is_empty());
    assert_eq!((placed.len(), refused.len()), (2, 4));
    for refused in refused {
        assert_eq!(refused.refusal(), ("TOO_MANY_UNPAID_ORDERS".to_owned(), String::new()));
    }
    assert_eq!(app.guest().available(&goods).await, 8);
    // Nor by way of a cart, which stays as it is.
    let cart = added(&ada, &Value::Null, &goods, 1).await;
    let by_cart = json!({
        "cart": {"expectedVersion": cart["version"]},
        "shippingAddress": {"name": "Ada", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "expectedTotal": {"amount": "5.00", "currency": "GBP"},
        "idempotencyKey": "cart",
    });
    assert_eq!(ada.mutate("placeOrder", by_cart, "order { id }").await.refusal().0, "TOO_MANY_UNPAID_ORDERS");
    assert_eq!(crate::carts::read(&ada, &Value::Null).await["version"], cart["version"]);
    // What costs nothing waits for nothing, and others have places of their own.
    ada.order_one(&free, "free").await.ok();
    eve.order_one(&goods, "hers").await.ok();
    let mut ids: Vec<_> =
        placed.into_iter().map(|placed| placed.ok()["order"]["id"].as_str().unwrap().to_owned()).collect();
    ada.pay(&ids.remove(0), "test_succeeds", "pay").await.ok();
    ada.order_one(&goods, "in the place of what is paid").await.ok();
    assert_eq!(ada.order_one(&goods, "full").await.refusal().0, "TOO_MANY_UNPAID_ORDERS");
    ada.cancel(&ids.remove(0)).await.ok();
    ada.order_one(&goods, "in the place of what is called off").await.ok();
    assert_books(&app).await;
}
