//! What is told of a part's money after it was paid out.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Market, market, paid_out, ready};
use crate::{orders::assert_books, privacy::sign_in};

const STEPS: [&str; 3] = ["PAID_OUT", "PAYOUT_RETURNED", "HELD"];

fn minor(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

impl Market {
    /// What of a part has left, has come back, and is held. What is told before comes to the last.
    async fn left(&self, part: &Value) -> [i64; 3] {
        let document =
            "query($id: ID!) { node(id: $id) { ... on OrderPart { explanation { step amount { amount } text } } } }";
        let ada = sign_in(&self.app, &self.ada.email).await;
        let answer = ada.send(document, json!({"id": part})).await;
        assert!(answer.statements.unwrap() <= 13, "{answer:?}");
        let told = answer.ok()["node"]["explanation"].as_array().unwrap().clone();
        assert!(told.iter().all(|entry| !entry["text"].as_str().unwrap().is_empty()), "{told:?}");
        let sum = |steps: &[&str]| -> i64 {
            let own = told.iter().filter(|entry| steps.contains(&entry["step"].as_str().unwrap()));
            own.map(|entry| minor(&entry["amount"]["amount"])).sum()
        };
        let books = ["SALE", "TAX_WITHHELD", "COMMISSION", "SALE_RETURNED", "TAX_RETURNED", "COMMISSION_RETURNED"];
        assert_eq!(sum(&books) + sum(&["PAID_OUT", "PAYOUT_RETURNED"]), sum(&["HELD"]), "{told:?}");
        STEPS.map(|step| sum(&[step]))
    }
}

#[actix_web::test]
async fn the_oldest_money_leaves_first_and_the_parts_come_to_what_was_paid_out() {
    let market = market(0).await;
    let app = &market.app;
    let (one, two) = (market.buy("one").await, market.buy("two").await);
    assert_eq!((market.left(&one).await, market.left(&two).await), ([0, 0, 900], [0, 0, 900]));
    ready(app, &market.shop, "test_payout_succeeds").await;
    paid_out(app).await;
    assert_eq!((market.left(&one).await, market.left(&two).await), ([-900, 0, 0], [-900, 0, 0]));
    app.advance(TimeDelta::minutes(1));
    let three = market.buy("three").await;
    assert_eq!((market.left(&two).await, market.left(&three).await), ([-900, 0, 0], [0, 0, 900]));

    // What went back to its buyer after it was paid out is made up for by what came next.
    market.give_back(&one, None).await;
    app.run_jobs().await;
    assert_eq!(market.balance().await, "0.00");
    assert_eq!((market.left(&one).await, market.left(&three).await), ([0, 0, 0], [-900, 0, 0]));
    let back = json!({"orderPartId": two, "reason": "R", "idempotencyKey": "also"});
    let admin = app.sign_up("Admin").await;
    app.given_role(&admin, "ADMIN");
    admin.mutate("refundOrderPart", back, "refunds { id }").await.ok();
    app.run_jobs().await;
    assert_eq!(market.balance().await, "-9.00");
    assert_eq!((market.left(&two).await, market.left(&three).await), ([0, 0, 0], [-900, 0, 0]));
    assert_books(app).await;

    // Buyers are told nothing of that, and the staff are.
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { order { explanation { step } } } } }";
    let support = app.sign_up("Support").await;
    app.given_role(&support, "SUPPORT");
    let buyer = sign_in(app, &market.buyer.email).await;
    for (client, is_told) in [(&buyer, false), (&*support, true)] {
        let seen = client.send(document, json!({"id": three})).await.ok()["node"]["order"]["explanation"].clone();
        let is_there = seen.as_array().unwrap().iter().any(|entry| entry["step"] == "PAID_OUT");
        assert_eq!(is_there, is_told, "{seen}");
    }
}

#[actix_web::test]
async fn what_did_not_arrive_is_told_until_it_leaves_again() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_fails").await;
    let one = market.buy("one").await;
    paid_out(app).await;
    assert_eq!(market.left(&one).await, [-900, 0, 0]);
    for _ in 0..2 {
        market.later(TimeDelta::hours(1)).await;
    }
    assert_eq!(market.balance().await, "9.00");
    assert_eq!(market.left(&one).await, [-900, 900, 900]);
    ready(app, &market.shop, "test_payout_succeeds").await;
    market.next_day().await;
    assert_eq!((market.balance().await, market.left(&one).await), (json!("0.00"), [-900, 0, 0]));

    // What is sold later has never left.
    app.advance(TimeDelta::minutes(1));
    let two = market.buy("two").await;
    assert_eq!((market.left(&one).await, market.left(&two).await), ([-900, 0, 0], [0, 0, 900]));
    assert_books(app).await;
}

#[actix_web::test]
async fn what_did_not_arrive_of_another_part_is_not_told_of_this_one() {
    let market = market(2).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_fails").await;
    let one = market.buy("one").await;
    app.advance(TimeDelta::days(2) + TimeDelta::minutes(1));
    let two = market.buy("two").await;
    paid_out(app).await;
    assert_eq!((market.left(&one).await, market.left(&two).await), ([-900, 0, 0], [0, 0, 900]));
    for _ in 0..2 {
        market.later(TimeDelta::hours(1)).await;
    }
    assert_eq!(market.balance().await, "18.00");
    assert_eq!((market.left(&one).await, market.left(&two).await), ([-900, 900, 900], [0, 0, 900]));
    ready(app, &market.shop, "test_payout_succeeds").await;
    market.next_day().await;
    assert_eq!(market.balance().await, "9.00");
    assert_eq!((market.left(&one).await, market.left(&two).await), ([-900, 0, 0], [0, 0, 900]));
    assert_books(app).await;
}

#[actix_web::test]
async fn what_nobody_was_asked_to_send_has_not_left() {
    let market = market(0).await;
    let app = &market.app;
    ready(app, &market.shop, "test_payout_fails").await;
    let one = market.buy("one").await;
    paid_out(app).await;
    for _ in 0..2 {
        market.later(TimeDelta::hours(1)).await;
    }
    assert_eq!(market.left(&one).await, [-900, 900, 900]);
    // As if its account had been stopped before the provider was asked for the first time.
    app.given_sql("UPDATE payouts SET attempt = 1, failures = 0, asked_at = NULL, failure = 'WITHHELD'");
    assert_eq!(market.left(&one).await, [0, 0, 900]);
}

#[actix_web::test]
async fn it_is_known_however_many_were_sold_later() {
    let market = market(0).await;
    let app = &market.app;
    let one = market.buy("one").await;
    ready(app, &market.shop, "test_payout_succeeds").await;
    paid_out(app).await;
    app.advance(TimeDelta::minutes(1));
    let two = market.buy("two").await;
    // Over more than one look, each of which brought a penny.
    app.given_sql(
        "WITH template AS (SELECT o.*, p.shop_id FROM orders o JOIN order_parts p ON p.order_id = o.id LIMIT 1), \
              more AS (SELECT gen_random_uuid() AS order_id, gen_random_uuid() AS part_id, n FROM generate_series(1, 700) n), \
              made AS (INSERT INTO orders (id, number, buyer_id, status, currency, total, placed_at) \
                       SELECT more.order_id, 'N' || more.n, t.buyer_id, t.status, t.currency, 1, t.placed_at FROM more, template t), \
              parts AS (INSERT INTO order_parts (id, order_id, shop_id, ordinal, fulfillment_state, total, placed_at) \
                        SELECT more.part_id, more.order_id, t.shop_id, 1, 'UNFULFILLED', 1, t.placed_at FROM more, template t), \
              sold AS (INSERT INTO transfers (id, debit_id, credit_id, amount, currency, cause, cause_id, created_at) \
                       SELECT gen_random_uuid(), f.id, a.id, 1, a.currency, 'SALE', more.part_id, '2026-11-21'::timestamptz + more.n * interval '1 second' \
                         FROM more, accounts a, accounts f WHERE a.kind = 'SHOP' AND f.kind = 'FEES') \
         UPDATE accounts SET balance = balance + 700 WHERE kind = 'SHOP'",
    );
    assert_eq!((market.left(&one).await, market.left(&two).await), ([-900, 0, 0], [0, 0, 900]));
}
