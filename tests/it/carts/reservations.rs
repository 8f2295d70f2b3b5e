//! What is in a cart is held for whoever is about to order it, and for nobody longer than that.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{CART, added, change, opened, orders::order, problems, quantities};
use crate::{
    costs::count,
    harness::{Answer, Client, TestApp},
    orders::assert_books,
    reviews::{mill, refusal},
};

/// Holds what is in a cart.
async fn reserve(client: &Client, cart: &Value) -> Answer {
    let input = super::of(cart, json!({}));
    let selection = format!("{} userErrors {{ code ... on OutOfStockError {{ line available }} }}", held());
    client.mutate("reserveCart", input, &selection).await
}

fn held() -> String {
    CART.replacen("version", "version reservedUntil", 1).replacen(
        "variantId quantity",
        "variantId quantity reserved",
        1,
    )
}

async fn look(client: &Client, token: &Value) -> Value {
    let document = if token.is_null() {
        format!("{{ viewer {{ {} }} }}", held())
    } else {
        format!("query($token: String!) {{ {} }}", held().replacen("cart", "cart(token: $token)", 1))
    };
    let answer = client.send(&document, json!({"token": token})).await.ok();
    if token.is_null() { answer["viewer"]["cart"].clone() } else { answer["cart"].clone() }
}

fn until(cart: &Value) -> DateTime<Utc> {
    cart["reservedUntil"].as_str().unwrap_or_else(|| panic!("{cart:#}")).parse().unwrap()
}

/// Of which lines there is less, and how much there is.
fn shortages(answer: &Answer) -> Vec<(i64, i64)> {
    let errors = answer.data["reserveCart"]["userErrors"].as_array().unwrap();
    errors.iter().map(|error| (error["line"].as_i64().unwrap(), error["available"].as_i64().unwrap())).collect()
}

fn reserved(app: &TestApp) -> i64 {
    count(&mut app.connect(), "SELECT coalesce(sum(reserved), 0)::bigint AS count FROM stock_reserves")
}

#[actix_web::test]
async fn what_is_held_for_one_is_ordered_by_nobody_else() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Last lamps", "5.00", 3).await;
    let (ada, eve) = (app.sign_up("Ada").await, app.sign_up("Eve").await);
    let cart = added(&ada, &Value::Null, &lamp, 2).await;
    let now = app.app().now();
    let mine = reserve(&ada, &cart).await.ok()["cart"].clone();
    assert_eq!(until(&mine), now + TimeDelta::minutes(10));
    assert_eq!((&mine["lines"][0]["reserved"], &mine["problems"]), (&json!(2), &json!([])));
    assert!(mine["version"].as_i64() > cart["version"].as_i64());
    // Others see what is left, and get no more.
    assert_eq!(app.guest().available(&lamp).await, 1);
    let hers = added(&eve, &Value::Null, &lamp, 2).await;
    assert_eq!(problems(&hers), ["CartLineOutOfStock"]);
    assert_eq!(order(&eve, &hers, ("10.00", "GBP"), "hers").await.refusal(), refusal("OUT_OF_STOCK", "cart.lines.0"));
    let short = reserve(&eve, &hers).await;
    assert_eq!(short.refusal(), refusal("OUT_OF_STOCK", ""));
    assert_eq!(shortages(&short), [(0, 1)]);
    // Once more is no more, and who has it orders it.
    app.advance(TimeDelta::minutes(4));
    let again = reserve(&ada, &mine).await.ok()["cart"].clone();
    assert_eq!((until(&again), reserved(&app)), (now + TimeDelta::minutes(14), 2));
    order(&ada, &again, ("10.00", "GBP"), "mine").await.ok();
    assert_eq!((reserved(&app), app.guest().available(&lamp).await), (0, 1));
    assert_books(&app).await;
}

#[actix_web::test]
async fn once_the_time_is_over_it_is_anybodys() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Last lamp", "5.00", 1).await;
    let guest = app.guest();
    app.schedule_jobs().await;
    let is_listed = async || {
        let document = "{ products(filter: {isAvailable: true, query: \"last\"}) { nodes { title } } }";
        !app.guest().query(document).await.ok()["products"]["nodes"].as_array().unwrap().is_empty()
    };
    let cart = reserve(&guest, &opened(&guest, &lamp, 1).await).await.ok()["cart"].clone();
    assert!(!is_listed().await);
    assert_eq!(app.guest().available(&lamp).await, 0);
    app.advance(TimeDelta::minutes(10));
    // Readers look past what is over, before anybody has let go of it.
    assert_eq!((reserved(&app), app.guest().available(&lamp).await), (1, 1));
    assert_eq!(look(&guest, &cart["token"]).await["reservedUntil"], Value::Null);
    let eve = app.sign_up("Eve").await;
    let hers = added(&eve, &Value::Null, &lamp, 1).await;
    assert_eq!(problems(&hers), Vec::<&str>::new());
    // Whoever needs it takes it.
    let hers = reserve(&eve, &hers).await.ok()["cart"].clone();
    assert_eq!(reserve(&guest, &cart).await.refusal(), refusal("OUT_OF_STOCK", ""));
    change(&eve, "clearCart", &hers, json!({})).await.ok();
    assert!(is_listed().await);
    // And if nobody does, a job lets go of it.
    reserve(&guest, &cart).await.ok();
    assert!(!is_listed().await);
    app.advance(TimeDelta::minutes(11));
    app.run_jobs().await;
    assert!(is_listed().await);
    assert_eq!(reserved(&app), 0);
    assert_books(&app).await;
}

#[actix_web::test]
async fn all_of_a_cart_is_held_or_nothing() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let mug = seller.sell(&shop, "Mug", "2.00", 1).await;
    let guest = app.guest();
    let cart = opened(&guest, &lamp, 1).await;
    let cart = added(&guest, &cart["token"], &mug, 2).await;
    let short = reserve(&guest, &cart).await;
    assert_eq!(shortages(&short), [(1, 1)]);
    assert_eq!(reserved(&app), 0);
    let empty = change(&guest, "clearCart", &cart, json!({})).await.ok()["cart"].clone();
    assert_eq!(reserve(&guest, &empty).await.refusal(), refusal("BLANK", ""));
    assert_eq!(reserve(&guest, &cart).await.refusal(), refusal("STALE_VERSION", "expectedVersion"));
    let grain = seller.sell(&shop, "Grain", "0.01", 5_000).await;
    let ada = app.sign_up("Ada").await;
    let own = added(&ada, &Value::Null, &grain, 1_000).await;
    for (client, cart) in
        [(&guest, opened(&guest, &grain, 101).await), (&*ada, added(&ada, &Value::Null, &grain, 1).await)]
    {
        assert_eq!(reserve(client, &cart).await.refusal(), refusal("TOO_MANY", ""));
    }
    assert_eq!(reserve(&guest, &opened(&guest, &grain, 100).await).await.refusals(), Vec::new());
    assert_eq!(own["itemCount"], 1_000);
    assert_eq!(reserve(&guest, &json!({"version": 1})).await.refusal(), refusal("NOT_FOUND", "token"));
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_guests_have_held_is_bounded_by_line_however_many_carts_they_have() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let grain = seller.sell(&shop, "Grain", "0.01", 5_000).await;
    let guest = app.guest();
    let mut last = Value::Null;
    for _ in 0..5 {
        last = reserve(&guest, &opened(&guest, &grain, 100).await).await.ok()["cart"].clone();
    }
    let more = opened(&guest, &grain, 1).await;
    assert_eq!(reserve(&guest, &more).await.refusal(), refusal("TOO_MANY", ""));
    // The same once more is no more.
    last = reserve(&guest, &last).await.ok()["cart"].clone();
    // Who has an account is bounded by that, and other lines by what is held from there.
    let ada = app.sign_up("Ada").await;
    reserve(&ada, &added(&ada, &Value::Null, &grain, 100).await).await.ok();
    let machine = guest.with_token(&app.given_key().await.1);
    let elsewhere = machine.with_header("agora-buyer-ip", "203.0.113.7");
    for client in [&elsewhere, &machine] {
        reserve(client, &opened(client, &grain, 100).await).await.ok();
    }
    assert_eq!(reserved(&app), 800);
    // What is let go of, or whose time is over, is not counted, but what a change has held for longer is.
    let fewer = json!({"variantId": grain.variant, "quantity": 99});
    change(&guest, "setCartLine", &last, fewer).await.ok();
    let more = reserve(&guest, &more).await.ok()["cart"].clone();
    let again = opened(&guest, &grain, 1).await;
    assert_eq!(reserve(&guest, &again).await.refusal(), refusal("TOO_MANY", ""));
    change(&guest, "clearCart", &more, json!({})).await.ok();
    reserve(&guest, &again).await.ok();
    app.advance(TimeDelta::minutes(10));
    reserve(&guest, &opened(&guest, &grain, 100).await).await.ok();
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_many_carts_of_a_line_have_held_at_once_is_no_more_than_one_after_the_other() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let grain = seller.sell(&shop, "Grain", "0.01", 5_000).await;
    let guest = app.guest();
    let mut carts = Vec::new();
    for _ in 0..8 {
        carts.push(opened(&guest, &grain, 100).await);
    }
    let answers = join_all(carts.iter().map(|cart| reserve(&guest, cart))).await;
    let refused: Vec<_> = answers.iter().flat_map(Answer::refusals).collect();
    assert_eq!((refused, reserved(&app)), (vec![refusal("TOO_MANY", ""); 3], 500));
}

#[actix_web::test]
async fn what_is_held_follows_the_cart() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Desk lamp", "5.00", 9).await;
    let mug = seller.sell(&shop, "Mug", "2.00", 9).await;
    let guest = app.guest();
    let start = app.app().now();
    let cart = opened(&guest, &lamp, 4).await;
    let token = cart["token"].clone();
    let cart = reserve(&guest, &added(&guest, &token, &mug, 1).await).await.ok()["cart"].clone();
    assert_eq!(reserved(&app), 5);
    // Fewer are held, and for longer.
    app.advance(TimeDelta::minutes(5));
    let fewer = json!({"variantId": lamp.variant, "quantity": 3});
    change(&guest, "setCartLine", &cart, fewer).await.ok();
    let cart = look(&guest, &token).await;
    assert_eq!((until(&cart), reserved(&app)), (start + TimeDelta::minutes(15), 4));
    // More are not held until one says so.
    added(&guest, &token, &lamp, 2).await;
    let cart = look(&guest, &token).await;
    assert_eq!((&cart["reservedUntil"], &cart["lines"][0]["reserved"], reserved(&app)), (&Value::Null, &json!(3), 4));
    let cart = reserve(&guest, &cart).await.ok()["cart"].clone();
    assert_eq!(reserved(&app), 6);
    // What is taken out is let go of.
    let none = json!({"variantId": mug.variant, "quantity": 0});
    let mut cart = change(&guest, "setCartLine", &cart, none).await.ok()["cart"].clone();
    assert_eq!((reserved(&app), app.guest().available(&mug).await), (5, 9));
    // For an hour at the most, however often it is asked for.
    for _ in 0..9 {
        app.advance(TimeDelta::minutes(6));
        cart = reserve(&guest, &cart).await.ok()["cart"].clone();
    }
    assert_eq!((app.app().now(), until(&cart)), (start + TimeDelta::minutes(59), start + TimeDelta::minutes(60)));
    assert_books(&app).await;
    // Who signs in takes it along.
    let ada = app.sign_up("Ada").await;
    added(&ada, &Value::Null, &mug, 1).await;
    ada.mutate("mergeCart", json!({"token": token}), CART).await.ok();
    let own = look(&ada, &Value::Null).await;
    assert_eq!(quantities(&own), [(mug.variant.clone(), 1), (lamp.variant.clone(), 5)]);
    assert_eq!((&own["lines"][1]["reserved"], reserved(&app)), (&json!(5), 5));
    change(&ada, "clearCart", &own, json!({})).await.ok();
    assert_eq!(reserved(&app), 0);
    assert_books(&app).await;
}

#[actix_web::test]
async fn who_signs_in_takes_along_what_was_held_for_the_guest() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let (last, four) = (seller.sell(&shop, "Last", "5.00", 1).await, seller.sell(&shop, "Four", "1.00", 4).await);
    let (ada, guest) = (app.sign_up("Ada").await, app.guest());
    // The same things lie in both carts, and something was held for the other one, too.
    added(&ada, &Value::Null, &last, 1).await;
    let own = added(&ada, &Value::Null, &four, 1).await;
    let own =
        change(&ada, "setCartLine", &own, json!({"variantId": last.variant, "quantity": 0})).await.ok()["cart"].clone();
    reserve(&ada, &own).await.ok();
    added(&ada, &Value::Null, &last, 1).await;
    let cart = opened(&guest, &last, 1).await;
    let cart = reserve(&guest, &added(&guest, &cart["token"], &four, 3).await).await.ok()["cart"].clone();
    assert_eq!(reserved(&app), 5);
    ada.mutate("mergeCart", json!({"token": cart["token"]}), CART).await.ok();
    let merged = look(&ada, &Value::Null).await;
    assert_eq!(quantities(&merged), [(four.variant.clone(), 3), (last.variant.clone(), 1)]);
    assert_eq!((problems(&merged), reserved(&app)), (Vec::new(), 4));
    until(&merged);
    assert_books(&app).await;
    order(&ada, &merged, ("8.00", "GBP"), "order").await.ok();
    assert_eq!((reserved(&app), app.guest().available(&four).await), (0, 1));
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_shop_may_count_fewer_than_are_held() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Broken lamp", "5.00", 3).await;
    let ada = app.sign_up("Ada").await;
    let cart = reserve(&ada, &added(&ada, &Value::Null, &lamp, 3).await).await.ok()["cart"].clone();
    let two = json!({"variantId": lamp.variant, "change": {"by": -1}});
    seller.mutate("adjustStock", two, "stockLevel { onHand }").await.ok();
    assert_eq!(app.guest().available(&lamp).await, 0);
    // It is told before anybody pays, and what is there can be had.
    assert_eq!(problems(&look(&ada, &Value::Null).await), ["CartLineOutOfStock"]);
    assert_eq!(order(&ada, &cart, ("15.00", "GBP"), "three").await.refusal(), refusal("OUT_OF_STOCK", "cart.lines.0"));
    let fewer = json!({"variantId": lamp.variant, "quantity": 2});
    let cart = change(&ada, "setCartLine", &cart, fewer).await.ok()["cart"].clone();
    order(&ada, &cart, ("10.00", "GBP"), "two").await.ok();
    assert_eq!(reserved(&app), 0);
    assert_books(&app).await;
}

#[actix_web::test]
async fn of_many_who_want_the_last_pieces_as_many_get_one_as_there_are() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let lamp = seller.sell(&shop, "Last lamps", "5.00", 5).await;
    let guest = app.guest();
    let carts = join_all((0..12).map(|_| opened(&guest, &lamp, 1))).await;
    let (ada, eve) = (app.sign_up("Ada").await, app.sign_up("Eve").await);
    let [hers, his] = [added(&ada, &Value::Null, &lamp, 1).await, added(&eve, &Value::Null, &lamp, 1).await];
    let (reserving, ordered) = tokio::join!(join_all(carts.iter().map(|cart| reserve(&guest, cart))), async {
        tokio::join!(order(&ada, &hers, ("5.00", "GBP"), "hers"), order(&eve, &his, ("5.00", "GBP"), "his"))
    });
    let got = reserving.iter().filter(|answer| answer.refusals().is_empty()).count();
    let sold = [&ordered.0, &ordered.1].iter().filter(|answer| answer.refusals().is_empty()).count();
    assert_eq!(got + sold, 5);
    assert_eq!((reserved(&app), app.guest().available(&lamp).await), (i64::try_from(got).unwrap(), 0));
    assert_books(&app).await;
    // What was let go of is had by as many again, while it is let go of by a job.
    let carts = join_all(carts.iter().map(|cart| look(&guest, &cart["token"]))).await;
    app.schedule_jobs().await;
    app.advance(TimeDelta::minutes(10));
    let (again, _) = tokio::join!(join_all(carts.iter().map(|cart| reserve(&guest, cart))), app.run_jobs());
    let again = again.iter().filter(|answer| answer.refusals().is_empty()).count();
    assert_eq!(again, 5 - sold);
    assert_books(&app).await;
}
