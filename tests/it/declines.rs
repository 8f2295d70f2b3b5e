//! Cards that are tried out: how many may be declined of a person, from a line, and of a card, before the next attempt has to wait.

use agora::{payments, platform::caller::Caller, users};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use crate::{
    costs::count,
    harness::{Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
    privacy::sign_in,
};

const INTENTS: &str = "SELECT count(*) AS count FROM payment_intents";
const OPEN: &str = "SELECT count(*) AS count FROM open_attempts";
const COUNTED: &str = "SELECT count(*) AS count FROM guesses WHERE length(key) = 32";

/// A market that believes who people say they are connected by, with something for sale.
async fn market() -> (TestApp, Goods) {
    let app = TestApp::start_with(|settings| {
        settings.proxies.networks = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let seller = app.sign_up("Sally").await;
    let goods = seller.sell(&seller.open_shop("Candles").await, "Holder", "1.00", 200).await;
    (app, goods)
}

/// Orders one piece. Returns the order's id.
async fn order(buyer: &Client, goods: &Goods, key: &str) -> String {
    buyer.order_one(goods, key).await.ok()["order"]["id"].as_str().unwrap().to_owned()
}

/// Some orders of somebody.
async fn orders(buyer: &Client, goods: &Goods, many: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..many {
        ids.push(order(buyer, goods, &format!("order {number}")).await);
    }
    ids
}

/// The same person, connected by an address.
fn at(person: &Person, address: &str) -> Client {
    person.client.with_header("x-forwarded-for", address)
}

/// Tries to pay. Returns how far the attempt came, or the code of its refusal.
async fn tried(buyer: &Client, order: &str, method: &str, key: &str) -> String {
    let answer = buyer.pay(order, method, key).await;
    let refused = answer.refusals().first().map(|(code, _)| code.clone());
    match refused {
        Some(code) => code,
        None => answer.ok()["payment"]["status"].as_str().unwrap().to_owned(),
    }
}

/// Has some cards declined, each once.
async fn decline(buyer: &Client, order: &str, cards: std::ops::Range<usize>) {
    for card in cards {
        let method = format!("test_declines_{card}");
        assert_eq!(tried(buyer, order, &method, &method).await, "FAILED", "{method}");
    }
}

#[actix_web::test]
async fn after_ten_declines_a_person_waits_until_the_hour_is_over() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Sally").await;
    let goods = seller.sell(&seller.open_shop("Candles").await, "Holder", "1.00", 200).await;
    let ada = app.sign_up("Ada").await;
    let first = order(&ada, &goods, "first").await;
    decline(&ada, &first, 0..10).await;
    // Repeats are the same attempts.
    decline(&ada, &first, 0..10).await;
    assert_eq!(count(&mut app.connect(), INTENTS), 10);
    let document = "mutation($input: PayOrderInput!) { payOrder(input: $input) { payment { id } \
                    userErrors { code ... on TooManyAttemptsError { retryAt } } } }";
    let error = json!({"code": "TOO_MANY_ATTEMPTS", "retryAt": "2026-11-20T13:00:00+00:00"});
    for method in ["test_declines_10", "test_succeeds"] {
        let input = json!({"orderId": first, "method": {"token": method}, "idempotencyKey": format!("by {method}")});
        let refused = ada.send(document, json!({"input": input})).await.ok();
        assert_eq!(refused["payOrder"], json!({"payment": null, "userErrors": [error]}), "{method}");
    }
    // Nothing was begun, so no provider was asked.
    assert_eq!(count(&mut app.connect(), INTENTS), 10);
    let bert = app.sign_up("Bert").await;
    let other = order(&bert, &goods, "other").await;
    assert_eq!(tried(&bert, &other, "test_succeeds", "pay").await, "SUCCEEDED");

    app.advance(TimeDelta::minutes(59));
    let ada_again = sign_in(&app, &ada.email).await;
    let second = order(&ada_again, &goods, "second").await;
    assert_eq!(tried(&ada_again, &second, "test_succeeds", "early").await, "TOO_MANY_ATTEMPTS");
    app.advance(TimeDelta::minutes(1));
    assert_eq!(tried(&ada_again, &second, "test_declines", "in time").await, "FAILED");
    assert_eq!(tried(&ada_again, &second, "test_succeeds", "paid").await, "SUCCEEDED");
    // A refusal is the outcome of its key for good.
    assert_eq!(tried(&ada_again, &second, "test_succeeds", "early").await, "TOO_MANY_ATTEMPTS");
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_paid_neither_counts_nor_makes_up_for_what_was_declined() {
    let (app, goods) = market().await;
    let ada = app.sign_up("Ada").await;
    let first = order(&ada, &goods, "first").await;
    decline(&ada, &first, 0..9).await;
    for number in 0..12 {
        let id = order(&ada, &goods, &format!("paid {number}")).await;
        assert_eq!(tried(&ada, &id, "test_succeeds", &format!("pay {number}")).await, "SUCCEEDED");
    }
    decline(&ada, &first, 9..10).await;
    assert_eq!(tried(&ada, &first, "test_succeeds", "more").await, "TOO_MANY_ATTEMPTS");
}

#[actix_web::test]
async fn from_an_address_fifty_are_declined_whoever_they_are_and_however_many_pay() {
    let (app, goods) = market().await;
    let address = "203.0.113.1";
    for person in 0..5 {
        let eve = at(&app.sign_up(&format!("Eve{person}")).await, address);
        let id = order(&eve, &goods, "order").await;
        decline(&eve, &id, person * 10..person * 10 + 10).await;
        if person < 4 {
            let shopper = at(&app.sign_up(&format!("Ada{person}")).await, address);
            let id = order(&shopper, &goods, "order").await;
            assert_eq!(tried(&shopper, &id, "test_succeeds", "pay").await, "SUCCEEDED");
        }
    }
    let bert = app.sign_up("Bert").await;
    let (here, there) = (at(&bert, address), at(&bert, "203.0.113.2"));
    let id = order(&here, &goods, "order").await;
    assert_eq!(tried(&here, &id, "test_succeeds", "here").await, "TOO_MANY_ATTEMPTS");
    assert_eq!(tried(&there, &id, "test_succeeds", "there").await, "SUCCEEDED");
}

#[actix_web::test]
async fn a_card_that_was_declined_for_several_people_is_for_the_next() {
    let (app, goods) = market().await;
    for person in 0..2 {
        let eve = at(&app.sign_up(&format!("Eve{person}")).await, &format!("203.0.113.{person}"));
        let id = order(&eve, &goods, "order").await;
        for number in 0..5 {
            assert_eq!(tried(&eve, &id, "test_declines", &number.to_string()).await, "FAILED");
        }
    }
    let eve = at(&app.sign_up("Eve").await, "203.0.113.9");
    let id = order(&eve, &goods, "order").await;
    assert_eq!(tried(&eve, &id, "test_declines", "same").await, "TOO_MANY_ATTEMPTS");
    assert_eq!(tried(&eve, &id, "test_declines_1", "another").await, "FAILED");
    assert_eq!(tried(&eve, &id, "test_succeeds", "good").await, "SUCCEEDED");
}

#[actix_web::test]
async fn of_many_attempts_at_once_no_more_are_declined_than_one_after_the_other() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let seller = app.sign_up("Sally").await;
    let goods = seller.sell(&seller.open_shop("Candles").await, "Holder", "1.00", 200).await;
    let ada = app.sign_up("Ada").await;
    let there = beside.guest().with_token(ada.token.as_deref().unwrap());
    let ids = orders(&ada, &goods, 16).await;
    let tries = ids.iter().enumerate().map(|(number, id)| {
        let who = if number.is_multiple_of(2) { &ada.client } else { &there };
        async move { tried(who, id, &format!("test_declines_{number}"), id).await }
    });
    let outcomes = join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "FAILED").count(), 10, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "TOO_MANY_ATTEMPTS").count(), 6, "{outcomes:?}");
    assert_eq!(count(&mut app.connect(), OPEN), 0);
    assert_books(&app).await;
    beside.stop().await;
}

#[actix_web::test]
async fn what_waits_for_its_buyer_counts_until_it_is_given_up() {
    let (app, goods) = market().await;
    let ada = app.sign_up("Ada").await;
    let ids = orders(&ada, &goods, 12).await;
    for id in &ids[..10] {
        assert_eq!(tried(&ada, id, "test_requires_action", id).await, "REQUIRES_ACTION");
    }
    assert_eq!(tried(&ada, &ids[10], "test_requires_action", "early").await, "TOO_MANY_ATTEMPTS");
    assert_eq!(count(&mut app.connect(), OPEN), 10);
    ada.cancel(&ids[0]).await.ok();
    app.run_jobs().await;
    assert_eq!(count(&mut app.connect(), OPEN), 9);
    assert_eq!(tried(&ada, &ids[10], "test_requires_action", "now").await, "REQUIRES_ACTION");
    assert_eq!(tried(&ada, &ids[11], "test_requires_action", "one more").await, "TOO_MANY_ATTEMPTS");
}

#[actix_web::test]
async fn what_nobody_answered_counts_until_it_is_known_that_no_card_was_asked() {
    let (app, goods) = market().await;
    let ada = app.sign_up("Ada").await;
    let ids = orders(&ada, &goods, 11).await;
    for id in &ids[..10] {
        assert_eq!(tried(&ada, id, "test_is_lost", id).await, "PROCESSING");
    }
    assert_eq!(tried(&ada, &ids[10], "test_succeeds", "early").await, "TOO_MANY_ATTEMPTS");
    app.advance(TimeDelta::seconds(31));
    app.run_jobs().await;
    assert_eq!(count(&mut app.connect(), OPEN), 0);
    assert_eq!(tried(&ada, &ids[10], "test_succeeds", "now").await, "SUCCEEDED");
}

#[actix_web::test]
async fn what_is_counted_names_nobody_and_is_forgotten_after_a_day() {
    let (app, goods) = market().await;
    let ada = at(&app.sign_up("Ada").await, "203.0.113.1");
    let before = count(&mut app.connect(), COUNTED);
    let ids = orders(&ada, &goods, 2).await;
    // Behind a line there may be many who pay at the same moment: what is under way counts for the person alone.
    assert_eq!(tried(&ada, &ids[1], "test_requires_action", "waits").await, "REQUIRES_ACTION");
    assert_eq!((count(&mut app.connect(), COUNTED), count(&mut app.connect(), OPEN)), (before + 1, 1));
    assert_eq!(tried(&ada, &ids[0], "test_declines", "declined").await, "FAILED");
    // A person, a line and a card.
    assert_eq!((count(&mut app.connect(), COUNTED), count(&mut app.connect(), OPEN)), (before + 3, 1));
    let forget = async || {
        payments::service::forget_open_attempts(app.app(), &Caller::system()).await.unwrap();
        users::service::forget_guesses(app.app(), &Caller::system()).await.unwrap();
        (count(&mut app.connect(), COUNTED), count(&mut app.connect(), OPEN))
    };
    app.advance(TimeDelta::hours(23));
    assert_eq!(forget().await.1, 1);
    app.advance(TimeDelta::hours(2));
    assert_eq!(forget().await, (0, 0));
}
