//! Disputes of several shops' orders, of some of a payment, and with tax: whoever has what is taken back loses it, to the penny.

use serde_json::{Value, json};

use super::{decide, market, opened, refund, tell, won};
use crate::{
    costs::count,
    harness::{Client, TestApp},
    orders::assert_books,
};

async fn balance(seller: &Client) -> Value {
    let desks = seller.query("{ viewer { shops { balances { amount } } } }").await.ok();
    desks["viewer"]["shops"][0]["balances"][0]["amount"].clone()
}

#[actix_web::test]
async fn a_dispute_of_two_shops_is_shared_to_the_penny() {
    let app = TestApp::start_with(|settings| settings.checkout.commission = "12.5".parse().unwrap()).await;
    let (ada, bert, buyer) = (app.sign_up("Ada").await, app.sign_up("Bert").await, app.sign_up("Buyer").await);
    let lamp = ada.sell(&ada.open_shop("Lamps").await, "Lamp", "0.99", 10).await;
    let rug = bert.sell(&bert.open_shop("Rugs").await, "Rug", "20.00", 10).await;
    let order = buyer.order(&[(&lamp, 1), (&rug, 1)], "20.99", "order").await.ok()["order"].clone();
    let paid = buyer.pay(order["id"].as_str().unwrap(), "test_is_disputed", "pay").await.ok();
    let payment = &paid["payment"]["id"];
    assert_eq!((balance(&ada).await, balance(&bert).await), (json!("0.87"), json!("17.50")));

    // 0.47 and 9.53: of what is left the shares are 0.07 and 1.31.
    tell(&app, payment, vec![opened("some", 1_000)]).await;
    assert_eq!((balance(&ada).await, balance(&bert).await), (json!("0.45"), json!("9.16")));
    assert_books(&app).await;
    // What is taken from each is counted by itself.
    let part = &order["parts"][0]["id"];
    assert_eq!(refund(&ada, part, Some("0.53"), "more").await.refusal().0, "ORDER_NOT_REFUNDABLE");
    tell(&app, payment, vec![opened("rest", 1_099)]).await;
    assert_eq!((balance(&ada).await, balance(&bert).await), (json!("0.00"), json!("0.00")));
    assert_books(&app).await;
    tell(&app, payment, vec![won("some", 1_000), won("rest", 1_099)]).await;
    assert_eq!((balance(&ada).await, balance(&bert).await), (json!("0.87"), json!("17.50")));
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_happens_to_all_parts_at_once_is_one_change_of_the_order() {
    const CHANGES: &str = "SELECT (SELECT count(*) FROM event_outbox WHERE kind = 'orders.changed') \
                           + (SELECT count(*) FROM events WHERE kind = 'orders.changed') AS count";
    let app = TestApp::start().await;
    let buyer = app.sign_up("Buyer").await;
    let mut goods = Vec::new();
    for number in 0..3 {
        let seller = app.sign_up(&format!("Seller{number}")).await;
        let shop = seller.open_shop(&format!("Shop {number}")).await;
        goods.push(seller.sell(&shop, "Lamp", "5.00", 10).await);
    }
    let lines: Vec<_> = goods.iter().map(|goods| (goods, 1)).collect();
    let order = buyer.order(&lines, "15.00", "order").await.ok()["order"]["id"].clone();
    let paid = buyer.pay(order.as_str().unwrap(), "test_is_disputed", "pay").await.ok();
    app.run_jobs().await;
    let before = count(&mut app.connect(), CHANGES);
    tell(&app, &paid["payment"]["id"], vec![opened("all", 1_500)]).await;
    assert_eq!(count(&mut app.connect(), CHANGES), before + 1);
    // Each shop has its own step nevertheless.
    let steps = "SELECT count(*) AS count FROM order_steps WHERE step = 'DISPUTE_OPENED'";
    assert_eq!(count(&mut app.connect(), steps), 3);
    tell(&app, &paid["payment"]["id"], vec![won("all", 1_500)]).await;
    assert_eq!(count(&mut app.connect(), CHANGES), before + 2);
    assert_books(&app).await;
}

#[actix_web::test]
async fn tax_goes_back_and_comes_again_with_what_it_is_in() {
    let app = TestApp::start_with(|settings| settings.checkout.commission = "12.5".parse().unwrap()).await;
    let admin = app.sign_up("Olive").await;
    app.given_role(&admin, "ADMIN");
    let taxes = json!({"country": "GB", "isIncludedInPrices": false, "remittedBy": "MARKET", "name": "VAT", "standardRate": "20"});
    admin.mutate("setCountryTaxes", taxes, "countryTaxes { country }").await.ok();
    let (ada, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let lamp = ada.sell(&ada.open_shop("Lamps").await, "Lamp", "9.99", 10).await;
    let order = buyer.order(&[(&lamp, 1)], "11.99", "order").await.ok()["order"].clone();
    let paid = buyer.pay(order["id"].as_str().unwrap(), "test_is_disputed", "pay").await.ok();
    let (part, payment) = (&order["parts"][0]["id"], &paid["payment"]["id"]);
    let whole = balance(&ada).await;

    // In whatever order things go back and come again, nothing is lost on the way.
    for (place, amount) in [333, 1, 507].into_iter().enumerate() {
        tell(&app, payment, vec![opened(&format!("dispute {place}"), amount)]).await;
        assert_books(&app).await;
    }
    refund(&ada, part, Some("1.07"), "some").await.ok();
    app.run_jobs().await;
    assert_books(&app).await;
    for (place, amount) in [333, 1, 507].into_iter().enumerate().rev() {
        tell(&app, payment, vec![won(&format!("dispute {place}"), amount)]).await;
        assert_books(&app).await;
    }
    assert_ne!(balance(&ada).await, whole);
    refund(&ada, part, None, "rest").await.ok();
    app.run_jobs().await;
    assert_eq!(balance(&ada).await, "0.00");
    let kept = "SELECT coalesce(sum(balance), 0)::bigint AS count FROM accounts WHERE kind IN ('TAXES', 'FEES')";
    assert_eq!(count(&mut app.connect(), kept), 0);
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_went_back_before_is_the_markets_loss() {
    let market = market().await;
    let app = &market.app;
    let one = market.buy("one").await;
    market.buy("two").await;
    refund(&market.ada().await, &one.part, Some("7.00"), "seven").await.ok();
    app.run_jobs().await;
    assert_eq!(market.balance().await, "11.70");
    let fees = async || {
        let sql = "SELECT coalesce(sum(balance), 0)::bigint AS count FROM accounts WHERE kind = 'FEES'";
        count(&mut app.connect(), sql)
    };
    assert_eq!(fees().await, 130);
    decide(app, &one.payment, "dispute").await;
    // Of the ten the shop had three, of which it had paid a share.
    assert_eq!((market.balance().await, fees().await), ("9.00".to_owned(), 100 - 700));
    assert_eq!(refund(&market.ada().await, &one.part, None, "rest").await.refusal().0, "ORDER_NOT_REFUNDABLE");
    assert_books(app).await;
    decide(app, &one.payment, "win").await;
    assert_eq!((market.balance().await, fees().await), ("11.70".to_owned(), 130));
    assert_books(app).await;
}
