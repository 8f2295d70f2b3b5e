//! How much guests order from a line, whatever becomes of it, and how many cards are tried out for them.

use chrono::TimeDelta;
use serde_json::Value;

use super::{PLACED, cancel, input, pay_by, place, placed};
use crate::{
    carts::opened,
    harness::{Answer, Client, TestApp, market::Goods},
    reviews::{mill, refusal},
};

async fn next(guest: &Client, goods: &Goods, email: &str) -> Answer {
    let cart = opened(guest, goods, 1).await;
    place(guest, &cart, email, "next").await
}

#[actix_web::test]
async fn whatever_becomes_of_them_a_line_places_so_many_in_a_day() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Lantern", "5.00", 10).await;
    let guest = app.guest();
    let call_off = async |email: &str| {
        let order = placed(&guest, &lamp, email).await;
        cancel(&guest, &order, "off").await.ok();
    };
    call_off("a@example.com").await;
    app.given_sql("UPDATE guesses SET wrong = 19 WHERE wrong = 1");
    call_off("A@example.com").await;
    // The twentieth was the last with this address; what is refused is not counted.
    assert_eq!(next(&guest, &lamp, "a@example.com").await.refusal(), refusal("TOO_MANY_ATTEMPTS", ""));
    call_off("b@example.com").await;
    let machine = guest.with_token(&app.given_key().await.1);
    let elsewhere = machine.with_header("agora-buyer-ip", "203.0.113.7");
    placed(&elsewhere, &lamp, "a@example.com").await;

    app.given_sql("UPDATE guesses SET wrong = 199 WHERE wrong = 21");
    call_off("c@example.com").await;
    assert_eq!(next(&guest, &lamp, "d@example.com").await.refusal(), refusal("TOO_MANY_ATTEMPTS", ""));
    placed(&machine, &lamp, "d@example.com").await;
    app.advance(TimeDelta::days(1));
    placed(&guest, &lamp, "a@example.com").await;
}

#[actix_web::test]
async fn pieces_that_wait_for_their_money_are_bounded_by_line() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Lantern", "5.00", 1_000).await;
    let guest = app.guest();
    let order = async |pieces: i32, email: &str| {
        let cart = opened(&guest, &lamp, pieces).await;
        let total = format!("{}.00", pieces * 5);
        guest.mutate("placeGuestOrder", input(&cart, email, &total, "k"), PLACED).await
    };
    assert_eq!(order(201, "a@example.com").await.refusal(), refusal("TOO_MANY", "cart"));
    let many = order(150, "a@example.com").await.ok();
    assert_eq!(order(51, "b@example.com").await.refusal(), refusal("TOO_MANY_UNPAID_ORDERS", ""));
    order(50, "b@example.com").await.ok();
    assert_eq!(order(1, "c@example.com").await.refusal(), refusal("TOO_MANY_UNPAID_ORDERS", ""));
    // What is called off, or paid, waits no longer.
    cancel(&guest, &many, "off").await.ok();
    let again = order(150, "c@example.com").await.ok();
    pay_by(&guest, &again, "test_succeeds", "pay").await.ok();
    order(150, "d@example.com").await.ok();
}

/// Tries to pay. Returns how far the attempt came, or the code of its refusal.
async fn tried(client: &Client, order: &Value, method: &str) -> String {
    let answer = pay_by(client, order, method, method).await;
    let refused = answer.refusals().first().map(|(code, _)| code.clone());
    match refused {
        Some(code) => code,
        None => answer.ok()["payment"]["status"].as_str().unwrap().to_owned(),
    }
}

#[actix_web::test]
async fn cards_are_bounded_for_a_machine_that_names_no_buyer_and_in_a_wide_network() {
    let app = TestApp::start_with(|settings| {
        settings.proxies.networks = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Lantern", "5.00", 10).await;
    let machine = app.guest().with_token(&app.given_key().await.1);
    let at = |address: &str| app.guest().with_header("x-forwarded-for", address);
    let networks = ["2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:1:3::1"].map(at);
    let kinds = [("machine", 10, [machine.clone(), machine.clone(), machine]), ("network", 20, networks)];
    for (kind, card, clients) in kinds {
        let mut orders = Vec::new();
        for (number, client) in clients.iter().enumerate() {
            orders.push(placed(client, &lamp, &format!("{kind}{number}@example.com")).await);
        }
        assert_eq!(tried(&clients[0], &orders[0], &format!("test_declines_{card}")).await, "FAILED");
        app.given_sql("UPDATE guesses SET wrong = 499 WHERE wrong = 1");
        assert_eq!(tried(&clients[1], &orders[1], &format!("test_declines_{}", card + 1)).await, "FAILED");
        assert_eq!(tried(&clients[2], &orders[2], "test_succeeds").await, "TOO_MANY_ATTEMPTS", "{kind}");
    }
    let elsewhere = at("2001:db8:2:1::1");
    let order = placed(&elsewhere, &lamp, "elsewhere@example.com").await;
    assert_eq!(tried(&elsewhere, &order, "test_succeeds").await, "SUCCEEDED");
}
