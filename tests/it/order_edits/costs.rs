//! What edits come to where there are taxes, promotions and ways to send things.

use serde_json::{Value, json};

use super::{Edit, edit, less, look, more, ordered};
use crate::{
    harness::TestApp,
    orders::assert_books,
    shipping::{call_off, sums},
};

#[actix_web::test]
async fn tax_and_promotions_stay_as_they_were_agreed() {
    let app = TestApp::start_with(|settings| settings.checkout.commission = "10".parse().unwrap()).await;
    let (ada, admin, buyer) = (app.sign_up("Ada").await, app.sign_up("Olive").await, app.sign_up("Buyer").await);
    app.given_role(&admin, "ADMIN");
    let taxes = |version: Value, is_included: bool| {
        json!({
            "country": "GB", "expectedVersion": version, "isIncludedInPrices": is_included, "remittedBy": "MARKET",
            "name": "VAT", "standardRate": "20", "shippingRate": "0",
        })
    };
    let laid_down = admin.mutate("setCountryTaxes", taxes(Value::Null, false), "countryTaxes { version }").await.ok();
    let version = laid_down["countryTaxes"]["version"].clone();
    let shop = ada.open_shop("Lamps").await;
    let (lamp, shade) = (ada.sell(&shop, "Lamp", "10.00", 9).await, ada.sell(&shop, "Shade", "1.50", 9).await);
    let zone = json!({"shopId": shop, "name": "Home", "countries": ["GB"]});
    let zone = ada.mutate("createShippingZone", zone, "shippingZone { id }").await.ok()["shippingZone"]["id"].clone();
    let post =
        json!({"shippingZoneId": zone, "name": "Post", "rates": [{"price": {"amount": "3.00", "currency": "GBP"}}]});
    ada.mutate("createShippingMethod", post, "shippingMethod { id }").await.ok();
    let tenth = json!({
        "shopId": shop, "name": "Spring", "kind": "PERCENTAGE", "percentage": "10",
        "minimumSubtotal": {"amount": "4.50", "currency": "GBP"},
    });
    ada.mutate("createPromotion", tenth, "promotion { id }").await.ok();
    // Two lamps less a tenth are 18.00, with 3.60 of tax, and 3.00 for sending them.
    let order = buyer.order(&[(&lamp, 2)], "24.60", "order").await.ok()["order"]["id"].clone();
    let change = async |add: Value, remove: Value, difference: &str| {
        let seen = look(&buyer, &order).await;
        let change = Edit { version: &seen["version"], add, remove, difference };
        edit(&buyer, &seen["parts"][0]["id"], change, difference).await
    };
    let lamps = look(&buyer, &order).await["parts"][0]["lines"][0].clone();
    // A lamp was 10.80; the other one is still a tenth less.
    change(json!([]), less(&lamps, 1), "-10.80").await.ok();
    // Shades are taxed, and cost what they cost.
    change(more(&shade, 2), json!([]), "3.60").await.ok();
    let seen = look(&buyer, &order).await;
    assert_eq!(sums(&seen), ["0.00", "0.00", "10.80", "17.40"]);
    let found = ["total", "discount", "shipping", "tax"].map(|field| seen[field]["amount"].as_str().unwrap());
    assert_eq!(found, ["28.20", "2.00", "3.00", "4.20"]);
    assert_books(&app).await;

    // All of what was ordered goes, and something else comes: it is sent for what sending cost.
    change(more(&shade, 1), less(&lamps, 1), "-9.00").await.ok();
    admin.mutate("setCountryTaxes", taxes(version, true), "countryTaxes { version }").await.ok();
    let refusal = change(more(&shade, 3), json!([]), "4.50").await.refusal();
    assert_eq!(refusal, ("ORDER_NOT_EDITABLE".into(), "add".into()), "now prices contain the tax");
    buyer.pay(order.as_str().unwrap(), "test_succeeds", "pay").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    assert_eq!((sums(&seen), &seen["paymentState"]), (["8.40", "0.00", "21.60", "0.00"], &json!("PAID")));
    // 5.40 for three shades with 0.90 of tax, and 3.00; a tenth of 7.50 is the market's.
    let balance = ada.query("{ viewer { shops { balances { amount } } } }").await.ok();
    assert_eq!(balance["viewer"]["shops"][0]["balances"][0]["amount"], "6.75");
    assert_eq!(seen["parts"][0]["invoice"]["total"]["amount"], "8.40");
    assert_books(&app).await;
}

#[actix_web::test]
async fn nothing_is_added_that_cannot_be_sent_for_what_was_agreed() {
    let app = TestApp::start().await;
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let lamp = ada.sell(&shop, "Lamp", "10.00", 90).await;
    let zone = json!({"shopId": shop, "name": "Home", "countries": ["GB"]});
    let zone = ada.mutate("createShippingZone", zone, "shippingZone { id }").await.ok()["shippingZone"]["id"].clone();
    let pounds = |amount: &str| json!({"amount": amount, "currency": "GBP"});
    let post = json!({
        "shippingZoneId": zone, "name": "Letter", "rates": [{"price": pounds("3.00"), "maximumSubtotal": pounds("25.00")}],
    });
    ada.mutate("createShippingMethod", post, "shippingMethod { id }").await.ok();
    let order = buyer.order(&[(&lamp, 1)], "13.00", "order").await.ok()["order"]["id"].clone();
    let change = async |quantity: i32, difference: &str| {
        let seen = look(&buyer, &order).await;
        let change = Edit { version: &seen["version"], add: more(&lamp, quantity), remove: json!([]), difference };
        edit(&buyer, &seen["parts"][0]["id"], change, &format!("{quantity} {difference}")).await
    };
    assert_eq!(change(2, "20.00").await.refusal(), ("ORDER_NOT_EDITABLE".into(), "add".into()));
    change(1, "10.00").await.ok();
    assert_eq!(look(&buyer, &order).await["total"]["amount"], "23.00");
    assert_books(&app).await;
}

#[actix_web::test]
async fn pieces_do_not_go_without_which_a_promotion_asks_for_more() {
    let app = TestApp::start().await;
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let (lamp, shade) = (ada.sell(&shop, "Lamp", "10.00", 20).await, ada.sell(&shop, "Shade", "1.50", 9).await);
    let tenth = json!({
        "shopId": shop, "name": "Spring", "kind": "PERCENTAGE", "percentage": "10",
        "minimumSubtotal": {"amount": "30.00", "currency": "GBP"},
    });
    ada.mutate("createPromotion", tenth, "promotion { id }").await.ok();
    let refusal = ("ORDER_NOT_EDITABLE".to_owned(), "remove".to_owned());
    for is_paid in [false, true] {
        let key = format!("paid {is_paid}");
        // Four lamps less a tenth.
        let order = buyer.order(&[(&lamp, 4)], "36.00", &key).await.ok()["order"]["id"].clone();
        if is_paid {
            buyer.pay(order.as_str().unwrap(), "test_succeeds", &key).await.ok();
            app.run_jobs().await;
        }
        let seen = look(&buyer, &order).await;
        let (part, lamps) = (&seen["parts"][0]["id"], &seen["parts"][0]["lines"][0]);
        let change = async |add: Value, remove: i32, difference: &str| {
            let version = look(&buyer, &order).await["version"].clone();
            let key = format!("{order} {version} {add} {remove}").chars().take(255).collect::<String>();
            let change = Edit { version: &version, add, remove: less(lamps, remove), difference };
            edit(&buyer, part, change, &key).await
        };
        assert_eq!(change(json!([]), 2, "-18.00").await.refusal(), refusal, "{key}");
        change(json!([]), 1, "-9.00").await.ok();
        assert_eq!(change(json!([]), 1, "-9.00").await.refusal(), refusal, "{key}");
        if !is_paid {
            // What comes instead counts, and has to be worth enough.
            assert_eq!(change(more(&shade, 1), 1, "-7.50").await.refusal(), refusal, "{key}");
        }
        // What the shop cannot send is not the buyer's word: of what missed the minimum by it more may go.
        call_off(&ada, part, less(lamps, 1), &key).await.ok();
        change(json!([]), 1, "-9.00").await.ok();
        assert_eq!(look(&buyer, &order).await["lifecycle"], "OPEN");
        app.run_jobs().await;
        assert_books(&app).await;
    }
    // And all of it may always go.
    let order = buyer.order(&[(&lamp, 4)], "36.00", "all").await.ok()["order"]["id"].clone();
    let seen = look(&buyer, &order).await;
    let part = &seen["parts"][0];
    let change =
        Edit { version: &seen["version"], add: json!([]), remove: less(&part["lines"][0], 4), difference: "-36.00" };
    edit(&buyer, &part["id"], change, "none").await.ok();
    assert_eq!(look(&buyer, &order).await["lifecycle"], "CANCELLED");
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_a_promotion_asks_for_later_is_not_asked_of_what_was_ordered_before() {
    let app = TestApp::start().await;
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let lamp = ada.sell(&shop, "Lamp", "10.00", 30).await;
    let tenth = json!({"shopId": shop, "name": "Spring", "kind": "PERCENTAGE", "percentage": "10"});
    let tenth = ada.mutate("createPromotion", tenth, "promotion { id version }").await.ok()["promotion"].clone();
    let asks = async |version: i64, minimum: Value| {
        let input = json!({"promotionId": tenth["id"], "expectedVersion": version, "minimumSubtotal": minimum});
        ada.mutate("updatePromotion", input, "promotion { version }").await.ok();
    };
    let pounds = |amount: &str| json!({"amount": amount, "currency": "GBP"});
    let ordered = async |key: &str| buyer.order(&[(&lamp, 4)], "36.00", key).await.ok()["order"]["id"].clone();
    let remove = async |order: &Value, pieces: i32, difference: &str, key: &str| {
        let seen = look(&buyer, order).await;
        let part = &seen["parts"][0];
        let remove = less(&part["lines"][0], pieces);
        let change = Edit { version: &seen["version"], add: json!([]), remove, difference };
        edit(&buyer, &part["id"], change, key).await
    };
    let of_nothing = ordered("nothing").await;
    asks(1, pounds("30.00")).await;
    let of_thirty = ordered("thirty").await;
    asks(2, pounds("40.00")).await;
    // Nothing was asked of the one, and of the other as much as three cost.
    remove(&of_nothing, 3, "-27.00", "three").await.ok();
    remove(&of_thirty, 1, "-9.00", "one").await.ok();
    asks(3, Value::Null).await;
    assert_eq!(remove(&of_thirty, 2, "-18.00", "too many").await.refusal().0, "ORDER_NOT_EDITABLE");
    // Of what was ordered before that was noted, what is asked for now.
    app.given_sql("UPDATE promotion_uses SET minimum_subtotal = NULL");
    remove(&of_thirty, 2, "-18.00", "two").await.ok();
    assert_books(&app).await;
}

#[actix_web::test]
async fn pieces_do_not_go_without_which_the_rest_would_cost_more_to_send() {
    let app = TestApp::start().await;
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let lamp = ada.sell(&shop, "Lamp", "10.00", 20).await;
    let zone = json!({"shopId": shop, "name": "Home", "countries": ["GB"]});
    let zone = ada.mutate("createShippingZone", zone, "shippingZone { id }").await.ok()["shippingZone"]["id"].clone();
    let pounds = |amount: &str| json!({"amount": amount, "currency": "GBP"});
    let post = json!({
        "shippingZoneId": zone, "name": "Post",
        "rates": [{"price": pounds("4.00"), "freeFrom": pounds("20.00")}],
    });
    ada.mutate("createShippingMethod", post, "shippingMethod { id }").await.ok();
    let change = async |order: &Value, quantity: i32, difference: &str| {
        let seen = look(&buyer, order).await;
        let part = &seen["parts"][0];
        let remove = less(&part["lines"][0], quantity);
        let change = Edit { version: &seen["version"], add: json!([]), remove, difference };
        edit(&buyer, &part["id"], change, &format!("{} {} {quantity}", order, seen["version"])).await
    };
    let order = buyer.order(&[(&lamp, 3)], "30.00", "free").await.ok()["order"]["id"].clone();
    change(&order, 1, "-10.00").await.ok();
    let refusal = change(&order, 1, "-10.00").await.refusal();
    assert_eq!(refusal, ("ORDER_NOT_EDITABLE".into(), "remove".into()));
    assert_eq!(look(&buyer, &order).await["parts"][0]["lines"][0]["quantityCancelled"], 1, "nothing has changed");
    change(&order, 2, "-20.00").await.ok();
    assert_eq!(look(&buyer, &order).await["lifecycle"], "CANCELLED");
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_the_shop_gave_back_for_no_piece_does_not_go_back_twice() {
    let all = ordered().await;
    all.pay("pay").await;
    let seen = all.seen().await;
    let (part, lamps) = (&seen["parts"][0]["id"], &seen["parts"][0]["lines"][0]);
    let amount = json!({"amount": "6.00", "currency": "GBP"});
    let input = json!({"orderPartId": part, "amount": amount, "reason": "Late.", "idempotencyKey": "late"});
    all.ada.mutate("refundOrderPart", input, "refunds { id }").await.ok();
    // Of 12.00 the shop has 6.00 left, and two lamps cost 8.00.
    let refusal = all.edit(json!([]), less(lamps, 1), "-4.00", "worth").await.refusal();
    assert_eq!(refusal, ("PRICE_CHANGED".into(), "expectedDifference".into()));
    all.edit(json!([]), less(lamps, 1), "0.00", "one").await.ok();
    assert_eq!(all.left(&all.lamp).await, 3);
    // One costs 4.00.
    all.edit(json!([]), less(lamps, 1), "-2.00", "two").await.ok();
    assert_eq!(all.seen().await["amountRefunded"]["amount"], "8.00");
    all.edit(json!([]), less(lamps, 1), "-4.00", "three").await.ok();
    all.app.run_jobs().await;
    let seen = all.seen().await;
    assert_eq!((sums(&seen), all.left(&all.lamp).await), (["20.00", "12.00", "0.00", "0.00"], 5));
    assert_books(&all.app).await;
}

#[actix_web::test]
async fn what_is_left_for_nothing_waits_for_nothing() {
    let app = TestApp::start().await;
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let shop = ada.open_shop("Lamps").await;
    let (lamp, sample) = (ada.sell(&shop, "Lamp", "10.00", 9).await, ada.sell(&shop, "Sample", "0.00", 9).await);
    let order = buyer.order(&[(&lamp, 1), (&sample, 1)], "10.00", "order").await.ok()["order"]["id"].clone();
    let seen = look(&buyer, &order).await;
    let part = &seen["parts"][0];
    let change =
        Edit { version: &seen["version"], add: json!([]), remove: less(&part["lines"][0], 1), difference: "-10.00" };
    edit(&buyer, &part["id"], change, "lamp").await.ok();
    app.run_jobs().await;
    let seen = look(&buyer, &order).await;
    let found = ["lifecycle", "paymentState", "paymentDueAt"].map(|field| &seen[field]);
    assert_eq!(found, [&json!("OPEN"), &json!("PAID"), &Value::Null]);
    assert_books(&app).await;
}
