//! Carts that several change at once.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{CART, add, added, change, opened, orders::order, quantities, read};
use crate::{
    costs::count,
    harness::{TestApp, held::Held},
    orders::assert_books,
    reviews::mill,
};

#[actix_web::test]
async fn whoever_adds_at_once_adds_all_of_it_to_one_cart() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let mug = seller.sell(&shop, "Mug", "1.00", 9).await;
    let ada = app.sign_up("Ada").await;
    let carts =
        join_all((0..16).map(|number| add(&ada, &Value::Null, if number % 2 == 0 { &lamp } else { &mug }, 1))).await;
    let versions: BTreeSet<i64> =
        carts.into_iter().map(|cart| cart.ok()["cart"]["version"].as_i64().unwrap()).collect();
    // Each answer may show what came after it, but none shows more than there was.
    assert!(versions.iter().all(|version| (2..=17).contains(version)), "{versions:?}");
    let cart = read(&ada, &Value::Null).await;
    assert_eq!(cart["version"], 17);
    let found: BTreeSet<_> = quantities(&cart).into_iter().collect();
    assert_eq!(found, BTreeSet::from([(lamp.variant.clone(), 8), (mug.variant.clone(), 8)]));
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM carts"), 1);
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_cart_that_is_merged_often_at_once_is_merged_once() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let (ada, eve, guest) = (app.sign_up("Ada").await, app.sign_up("Eve").await, app.guest());
    for round in 0..6 {
        let token = opened(&guest, &lamp, 3).await["token"].clone();
        let input = json!({"token": token});
        let merging = join_all((0..8).map(|number| {
            let person = if number % 2 == 0 { &ada } else { &eve };
            person.mutate("mergeCart", input.clone(), CART)
        }));
        for answer in merging.await {
            answer.ok();
        }
        assert_eq!(read(&guest, &token).await, Value::Null);
        let of_guests = "SELECT count(*) AS count FROM carts WHERE owner_id IS NULL";
        assert_eq!(count(&mut app.connect(), of_guests), 0);
        // One of them has got it.
        let pieces = "SELECT coalesce(sum(quantity), 0)::bigint AS count FROM cart_lines";
        assert_eq!(count(&mut app.connect(), pieces), 3, "round {round}");
        assert_books(&app).await;
        app.given_sql("DELETE FROM cart_lines");
    }
}

#[actix_web::test]
async fn an_order_meets_the_cart_before_or_after_a_change_and_never_between() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let ada = app.sign_up("Ada").await;
    for round in 0..12 {
        let cart = added(&ada, &Value::Null, &lamp, 1).await;
        let key = format!("order {round}");
        let ordering = order(&ada, &cart, ("5.00", "GBP"), &key);
        let changing = change(&ada, "setCartLine", &cart, json!({"variantId": lamp.variant, "quantity": 2}));
        let (ordered, changed) = if round % 2 == 0 {
            tokio::join!(ordering, changing)
        } else {
            let (changed, ordered) = tokio::join!(changing, ordering);
            (ordered, changed)
        };
        let (is_ordered, is_changed) = (ordered.refusals().is_empty(), changed.refusals().is_empty());
        assert!(is_ordered != is_changed, "ordered: {is_ordered}, changed: {is_changed}");
        let late = if is_ordered { changed } else { ordered };
        assert_eq!(late.refusal().0, "STALE_VERSION");
        let left = read(&ada, &Value::Null).await;
        assert_eq!(left["itemCount"], if is_ordered { 0 } else { 2 });
        change(&ada, "clearCart", &left, json!({})).await.ok();
    }
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_cart_that_is_held_keeps_its_next_change_waiting() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let ada = app.sign_up("Ada").await;
    let cart = added(&ada, &Value::Null, &lamp, 1).await;
    let held = Held::by(&app, "SELECT FROM carts FOR NO KEY UPDATE");
    let release = async {
        held.waited_for_by(&app, 2).await;
        held.release();
    };
    let (ordered, more, ()) =
        tokio::join!(order(&ada, &cart, ("5.00", "GBP"), "held"), add(&ada, &Value::Null, &lamp, 1), release);
    // Whoever came first: the piece that was added is in the cart, and in no order.
    more.ok();
    let left = read(&ada, &Value::Null).await;
    let is_ordered = ordered.refusals().is_empty();
    assert_eq!(left["itemCount"], if is_ordered { 1 } else { 2 });
    let sold = "SELECT coalesce(sum(quantity), 0)::bigint AS count FROM order_lines";
    assert_eq!(count(&mut app.connect(), sold), i64::from(is_ordered));
    assert_books(&app).await;
}

#[actix_web::test]
async fn of_two_taps_at_once_both_are_the_same_order() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let ada = app.sign_up("Ada").await;
    let cart = added(&ada, &Value::Null, &lamp, 1).await;
    let taps = join_all((0..6).map(|_| order(&ada, &cart, ("5.00", "GBP"), "tap"))).await;
    let orders: BTreeSet<_> =
        taps.into_iter().map(|tap| tap.ok()["order"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(orders.len(), 1);
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM orders"), 1);
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_ended_while_a_cart_was_changed_is_not_held_twice() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let last = seller.sell(&shop, "Last one", "5.00", 1).await;
    let mug = seller.sell(&shop, "Mug", "1.00", 9).await;
    let guest = app.guest();
    let reserve = async |cart: &Value| change(&guest, "reserveCart", cart, json!({})).await;
    for round in 0..4 {
        let [one, two] = [opened(&guest, &last, 1).await, opened(&guest, &last, 1).await];
        let one = reserve(&one).await.ok()["cart"].clone();
        let held = Held::by(&app, "SELECT FROM stock_levels FOR NO KEY UPDATE");
        let release = async {
            held.waited_for_by(&app, 2).await;
            app.advance(TimeDelta::minutes(10));
            held.release();
        };
        // Who changes the first cart has seen that it holds something.
        let (more, taken, ()) = tokio::join!(add(&guest, &one["token"], &mug, 1), reserve(&two), release);
        more.ok();
        taken.ok();
        let held = "SELECT coalesce(sum(reserved), 0)::bigint AS count FROM stock_reserves";
        assert_eq!(count(&mut app.connect(), held), 1, "round {round}");
        assert_books(&app).await;
        app.advance(TimeDelta::minutes(10));
    }
}
