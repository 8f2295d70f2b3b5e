//! What edits come to where there are taxes, promotions and ways to send things.

use serde_json::{Value, json};

use super::{Edit, edit, less, look, more};
use crate::{harness::TestApp, orders::assert_books, shipping::sums};

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
        "minimumSubtotal": {"amount": "20.00", "currency": "GBP"},
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
    // A lamp was 10.80; below the minimum the other one is still a tenth less.
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
