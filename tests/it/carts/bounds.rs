//! What a cart holds at the most, in which currencies, for how long, and for how many statements.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{CART, add, added, change, opened, problems, quantities, read};
use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, market::Goods},
    reviews::{mill, refusal},
};

#[actix_web::test]
async fn a_cart_has_a_hundred_lines_of_ten_thousand_pieces() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let ada = app.sign_up("Ada").await;
    for quantity in [0, -1, 10_001] {
        let refused = add(&ada, &Value::Null, &lamp, quantity).await;
        assert_eq!(refused.refusal(), refusal("OUT_OF_RANGE", "quantity"));
    }
    // Nothing was opened for what was refused.
    assert_eq!(read(&ada, &Value::Null).await, Value::Null);
    let cart = added(&ada, &Value::Null, &lamp, 10_000).await;
    assert_eq!(add(&ada, &Value::Null, &lamp, 1).await.refusal(), refusal("OUT_OF_RANGE", "quantity"));
    let many = change(&ada, "setCartLine", &cart, json!({"variantId": lamp.variant, "quantity": 10_001})).await;
    assert_eq!(many.refusal(), refusal("OUT_OF_RANGE", "quantity"));
    let mug = seller.sell(&shop, "Mug", "1.00", 1).await;
    let absent = change(&ada, "setCartLine", &cart, json!({"variantId": mug.variant, "quantity": 1})).await;
    assert_eq!(absent.refusal(), refusal("NOT_FOUND", "variantId"));
    let draft =
        json!({"shopId": shop, "title": "Draft", "status": "DRAFT", "price": {"amount": "1.00", "currency": "GBP"}});
    let draft = seller.mutate("createProduct", draft, "product { variants { id } }").await.ok();
    for variant in [&draft["product"]["variants"][0]["id"], &json!("variant_00000000000000000000000000")] {
        // Not even its seller buys what is not for sale.
        for client in [&ada, &seller] {
            let hidden = client.mutate("addToCart", json!({"variantId": variant}), CART).await;
            assert_eq!(hidden.refusal(), refusal("NOT_FOUND", "variantId"));
        }
    }

    app.given_sql(
        "INSERT INTO product_variants (id, product_id, shop_id, sku, title, ordinal, currency, price, created_at) \
         SELECT gen_random_uuid(), product_id, shop_id, 'S' || n, 'T' || n, n, currency, 1, now() \
           FROM product_variants, generate_series(1, 99) n WHERE title = '' AND price = 500",
    );
    app.given_sql(
        "INSERT INTO cart_lines (cart_id, variant_id, ordinal, quantity, unit_price, added_at) \
         SELECT carts.id, v.id, v.ordinal + 1, 1, 1, now() FROM carts, product_variants v WHERE v.sku LIKE 'S%' AND v.price = 1 \
            AND v.title LIKE 'T%'",
    );
    assert_eq!(add(&ada, &Value::Null, &mug, 1).await.refusals()[0].0, "TOO_MANY");
    // Of a guest's cart nothing comes in that there is no room for; what is in both still counts.
    let guest = app.guest();
    let token = opened(&guest, &mug, 1).await["token"].clone();
    let merging = format!("{CART} leftOut {{ id }}");
    let merged = ada.mutate("mergeCart", json!({"token": token}), &merging).await.ok();
    assert_eq!(merged["cart"]["lines"].as_array().unwrap().len(), 100);
    assert_eq!(merged["leftOut"], json!([{"id": mug.variant}]));
    let again = ada.mutate("mergeCart", json!({"token": token}), &merging).await.ok();
    assert_eq!((&again["cart"], &again["leftOut"]), (&merged["cart"], &json!([])));
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM carts"), 1);
}

#[actix_web::test]
async fn a_cart_has_one_currency_and_nothing_is_converted() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let mug = seller.sell(&shop, "Mug", "2.00", 9).await;
    let in_euros = json!({"variantId": lamp.variant, "expectedVersion": 1, "prices": [{"price": {"amount": "6.50", "currency": "EUR"}}]});
    seller.mutate("updateProductVariant", in_euros, "variant { id }").await.ok();
    let guest = app.guest();
    let cart = opened(&guest, &lamp, 2).await;
    let cart = added(&guest, &cart["token"], &mug, 1).await;
    let cart = change(&guest, "setCartCurrency", &cart, json!({"currency": "EUR"})).await.ok()["cart"].clone();
    assert_eq!(problems(&cart), ["CartLineCurrencyMissing"]);
    assert_eq!(cart["subtotal"], json!({"amount": "13.00", "currency": "EUR"}));
    assert_eq!(cart["lines"][0]["priceWhenAdded"]["amount"], "6.50");
    assert_eq!((&cart["lines"][1]["unitPrice"], &cart["lines"][1]["priceWhenAdded"]), (&Value::Null, &Value::Null));
    assert_eq!(add(&guest, &cart["token"], &mug, 1).await.refusal(), refusal("CURRENCY_MISMATCH", "variantId"));

    // A new cart is in the currency of the request, if what goes into it has a price in that.
    let abroad = guest.with_header("agora-currency", "EUR");
    assert_eq!(opened(&abroad, &lamp, 1).await["currency"], "EUR");
    assert_eq!(opened(&abroad, &mug, 1).await["currency"], "GBP");
    let opened = abroad.mutate("createCart", json!({}), CART).await.ok()["cart"].clone();
    assert_eq!(opened["currency"], "EUR");

    // The person's own currency stays, and what comes in costs what it costs in that.
    let ada = app.sign_up("Ada").await;
    ada.mutate("createCart", json!({"currency": "GBP"}), CART).await.ok();
    let merged = ada.mutate("mergeCart", json!({"token": cart["token"]}), CART).await.ok()["cart"].clone();
    assert_eq!((&merged["currency"], &merged["subtotal"]["amount"]), (&json!("GBP"), &json!("12.00")));
    assert_eq!(merged["lines"][0]["priceWhenAdded"]["amount"], "5.00");
    assert_eq!(merged["problems"], json!([]));
}

#[actix_web::test]
async fn a_cart_is_opened_with_what_goes_into_it_or_not_at_all() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let mug = seller.sell(&shop, "Mug", "2.00", 9).await;
    let (ada, guest) = (app.sign_up("Ada").await, app.guest());
    let line = |goods: &Goods, quantity: i32| json!({"variantId": goods.variant, "quantity": quantity});
    let create = async |client: &Client, lines: Value| client.mutate("createCart", json!({"lines": lines}), CART).await;
    for (quantity, code) in [(0, "OUT_OF_RANGE"), (10_001, "OUT_OF_RANGE")] {
        let refused = create(&guest, json!([line(&lamp, 1), line(&mug, quantity)])).await;
        assert_eq!(refused.refusal(), refusal(code, "lines.1.quantity"));
    }
    let nothing = json!({"variantId": "variant_00000000000000000000000000"});
    assert_eq!(create(&guest, json!([nothing])).await.refusal(), refusal("NOT_FOUND", "lines.0.variantId"));
    assert_eq!(create(&guest, json!(vec![line(&mug, 1); 101])).await.refusals()[0].0, "TOO_MANY");
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM carts"), 0);
    let cart = create(&guest, json!([line(&lamp, 1), line(&mug, 2), line(&lamp, 3)])).await.ok()["cart"].clone();
    assert_eq!(quantities(&cart), [(lamp.variant.clone(), 4), (mug.variant.clone(), 2)]);
    // Without a token there is no cart of a guest to which anything could be added.
    assert_eq!(add(&guest, &Value::Null, &lamp, 1).await.refusal(), refusal("NOT_FOUND", "token"));
    // Who has one gets it, with more in it; once by one key.
    added(&ada, &Value::Null, &lamp, 1).await;
    for _ in 0..2 {
        let input = json!({"lines": [line(&lamp, 1), line(&mug, 1)], "idempotencyKey": "tap"});
        let cart = ada.mutate("createCart", input, CART).await.ok()["cart"].clone();
        assert_eq!(quantities(&cart), [(lamp.variant.clone(), 2), (mug.variant.clone(), 1)]);
    }
}

#[actix_web::test]
async fn of_what_changes_nothing_nothing_is_written() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let guest = app.guest();
    let cart = opened(&guest, &lamp, 2).await;
    for (mutation, input) in [
        ("setCartLine", json!({"variantId": lamp.variant, "quantity": 2})),
        ("acceptCartPrices", json!({})),
        ("setCartCurrency", json!({"currency": "GBP"})),
    ] {
        assert_eq!(change(&guest, mutation, &cart, input).await.ok()["cart"], cart, "{mutation}");
    }
    let empty = change(&guest, "clearCart", &cart, json!({})).await.ok()["cart"].clone();
    assert_eq!(change(&guest, "clearCart", &empty, json!({})).await.ok()["cart"], empty);
}

#[actix_web::test]
async fn what_goes_through_all_of_a_cart_costs_what_a_full_one_takes() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let (ada, guest) = (app.sign_up("Ada").await, app.guest());
    let [ada, guest] = [&ada.client, &guest].map(|client| client.with_header("agora-include", "cost"));
    let cost = |answer: &Answer| answer.extensions["cost"]["actual"].as_u64().unwrap();
    let mut cart = opened(&guest, &lamp, 1).await;
    for (mutation, input, weight) in [
        ("setCartLine", json!({"variantId": lamp.variant, "quantity": 2}), 50),
        ("acceptCartPrices", json!({}), 100),
        ("reserveCart", json!({}), 200),
        ("setCartCurrency", json!({"currency": "EUR"}), 100),
        ("clearCart", json!({}), 100),
    ] {
        let answer = change(&guest, mutation, &cart, input).await;
        assert!((weight..weight + 50).contains(&cost(&answer)), "{mutation}: {answer:?}");
        cart = answer.ok()["cart"].clone();
    }
    let adding = add(&guest, &cart["token"], &lamp, 1).await;
    assert!(cost(&adding) >= 50, "{adding:?}");
    let merging = ada.mutate("mergeCart", json!({"token": cart["token"]}), CART).await;
    assert!(cost(&merging) >= 200, "{merging:?}");
}

#[actix_web::test]
async fn the_dearest_cart_can_still_be_counted() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let price = json!({"amount": "10000000000.01", "currency": "GBP"});
    let input = json!({"shopId": shop, "title": "Moon", "price": price});
    assert_eq!(
        seller.mutate("createProduct", input, "product { id }").await.refusal(),
        refusal("OUT_OF_RANGE", "price")
    );
    let moon = seller.sell(&shop, "Moon", "10000000000.00", 1).await;
    let cart = opened(&app.guest(), &moon, 10_000).await;
    assert_eq!(cart["subtotal"]["amount"], "100000000000000.00");
    // No more is told than to anybody else.
    let many = seller.sell(&shop, "Grain", "1.00", 150).await;
    let cart = opened(&app.guest(), &many, 151).await;
    assert_eq!(cart["problems"][0]["available"], 100);
}

#[actix_web::test]
async fn what_nobody_has_changed_for_long_goes() {
    let app = TestApp::start().await;
    let (_, _, lamp) = mill(&app).await;
    let ada = app.sign_up("Ada").await;
    let guest = app.guest();
    app.schedule_jobs().await;
    added(&ada, &Value::Null, &lamp, 1).await;
    let [old, touched] = [opened(&guest, &lamp, 1).await, opened(&guest, &lamp, 1).await];
    let left = || count(&mut app.connect(), "SELECT count(*) AS count FROM carts");
    app.advance(TimeDelta::days(29));
    added(&guest, &touched["token"], &lamp, 1).await;
    app.run_jobs().await;
    assert_eq!(left(), 3);
    app.advance(TimeDelta::days(2));
    app.run_jobs().await;
    assert_eq!(left(), 2);
    assert_eq!(read(&guest, &old["token"]).await, Value::Null);
    assert_eq!(quantities(&read(&guest, &touched["token"]).await), [(lamp.variant.clone(), 2)]);
    let empty = guest.mutate("createCart", json!({}), CART).await.ok()["cart"].clone();
    let emptied = change(&guest, "clearCart", &opened(&guest, &lamp, 1).await, json!({})).await.ok()["cart"].clone();
    app.advance(TimeDelta::hours(23));
    app.run_jobs().await;
    assert_eq!(left(), 4);
    app.advance(TimeDelta::hours(2));
    app.run_jobs().await;
    assert_eq!(left(), 2);
    for gone in [&empty, &emptied] {
        assert_eq!(read(&guest, &gone["token"]).await, Value::Null);
    }
    app.advance(TimeDelta::days(150));
    app.run_jobs().await;
    assert_eq!(left(), 0);
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM cart_lines"), 0);
}

#[actix_web::test]
async fn however_much_is_in_a_cart_it_takes_as_many_statements() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let other = app.sign_up("Olga").await;
    let lanterns = other.open_shop("Lanterns").await;
    let ada = app.sign_up("Ada").await;
    let document = "{ viewer { cart { itemCount subtotal { amount } problems { __typename message } parts { shop { name } lines { quantity } } \
                    lines { quantity unitPrice { amount } variant { title product { title shop { name } } } } } } }";
    let mut taken = Vec::new();
    added(&ada, &Value::Null, &lamp, 2_000).await;
    for round in 0..3 {
        let answer = ada.query(document).await;
        taken.push(answer.statements.unwrap());
        let cart = answer.ok()["viewer"]["cart"].clone();
        assert_eq!(cart["problems"].as_array().unwrap().len(), 1 + 4 * round);
        for number in 0..4 {
            let (seller, shop) = if number % 2 == 0 { (&seller, &shop) } else { (&other, &lanterns) };
            let goods = seller.sell(shop, &format!("Thing {round} {number}"), "1.00", 1).await;
            added(&ada, &Value::Null, &goods, 2).await;
        }
    }
    assert!(taken[1] == taken[2] && taken[2] <= 10, "{taken:?}");
    let adding = add(&ada, &Value::Null, &lamp, 1).await;
    assert!(adding.statements.unwrap() <= 16, "{adding:?}");
    let several = "query($one: String!, $two: String!) { one: cart(token: $one) { itemCount } two: cart(token: $two) { itemCount } }";
    let guest = app.guest();
    let [one, two] = [opened(&guest, &lamp, 1).await, opened(&guest, &lamp, 2).await];
    let answer = guest.send(several, json!({"one": one["token"], "two": two["token"]})).await;
    assert!(answer.statements.unwrap() <= 4, "{answer:?}");
    assert_eq!(answer.ok(), json!({"one": {"itemCount": 1}, "two": {"itemCount": 2}}));
}
