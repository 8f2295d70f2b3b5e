//! What shops and the market earn by orders, by the ledger.

use agora::{
    kernel::id::Id,
    orders,
    payments::model::{PaymentIntent, Progress},
    platform::caller::Caller,
};
use diesel::{RunQueryDsl, sql_query};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
};

async fn market_with(commission: &str) -> TestApp {
    TestApp::start_with(|settings| settings.checkout.commission = commission.parse().unwrap()).await
}

/// Somebody with a shop and something in it.
async fn seller(app: &TestApp, name: &str, price: &'static str) -> (Person, Goods) {
    let seller = app.sign_up(name).await;
    let shop = seller.open_shop(&format!("{name}'s")).await;
    let goods = seller.sell(&shop, "Lamp", price, 1_000).await;
    (seller, goods)
}

/// Orders and pays. Returns the order's id.
async fn buy(buyer: &Client, lines: &[(&Goods, i32)], total: &str, key: &str) -> String {
    let placed = buyer.order(lines, total, key).await.ok();
    let order = placed["order"]["id"].as_str().unwrap().to_owned();
    assert_eq!(buyer.pay(&order, "test_succeeds", key).await.ok()["payment"]["status"], "SUCCEEDED");
    order
}

const ACCOUNT: &str = "balances { amount currency } ledgerEntries(first: 100) { totalCount nodes { reason amount { amount } orderPart { id } } }";

async fn desk(seller: &Client, selection: &str) -> Value {
    let desks = seller.query(&format!("{{ viewer {{ shops {{ {selection} }} }} }}")).await.ok();
    desks["viewer"]["shops"][0].clone()
}

/// Why and how much, newest first.
fn entries(desk: &Value) -> Vec<(&str, &str)> {
    let nodes = desk["ledgerEntries"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| (node["reason"].as_str().unwrap(), node["amount"]["amount"].as_str().unwrap())).collect()
}

#[actix_web::test]
async fn what_is_paid_is_passed_on_to_the_shops_less_the_markets_share() {
    let app = market_with("12.5").await;
    let ((ada, lamp), (bert, rug)) = (seller(&app, "Ada", "0.99").await, seller(&app, "Bert", "20.00").await);
    let buyer = app.sign_up("Buyer").await;
    assert_eq!(desk(&ada, ACCOUNT).await, json!({"balances": [], "ledgerEntries": {"totalCount": 0, "nodes": []}}));

    let placed = buyer.order(&[(&lamp, 2), (&rug, 1)], "21.98", "k").await.ok();
    let order = placed["order"]["id"].as_str().unwrap();
    assert_eq!(desk(&ada, "balances { amount }").await, json!({"balances": []}), "nothing is earned before it is paid");
    assert_eq!(buyer.pay(order, "test_declines", "a").await.ok()["payment"]["status"], "FAILED");
    let paid = buyer.pay(order, "test_succeeds", "b").await.ok();
    assert_eq!(paid["order"]["paymentState"], "PAID");

    let account = desk(&ada, ACCOUNT).await;
    // 12.5 % of 1.98 is 0.2475.
    assert_eq!(account["balances"], json!([{"amount": "1.73", "currency": "GBP"}]));
    assert_eq!(account["ledgerEntries"]["totalCount"], 2);
    let mut told = entries(&account);
    told.sort_unstable();
    assert_eq!(told, [("COMMISSION", "-0.25"), ("SALE", "1.98")]);
    let part = &placed["order"]["parts"][0]["id"];
    assert!(account["ledgerEntries"]["nodes"].as_array().unwrap().iter().all(|node| node["orderPart"]["id"] == *part));
    assert_eq!(desk(&bert, ACCOUNT).await["balances"], json!([{"amount": "17.50", "currency": "GBP"}]));
    assert_books(&app).await;

    // A provider that says the same again moves nothing.
    let payment: Id<PaymentIntent> = paid["payment"]["id"].as_str().unwrap().parse().unwrap();
    let again = Progress::Succeeded { reference: "again".into(), fee: None };
    orders::service::settle(app.app(), &Caller::system(), payment, again).await.unwrap();
    assert_eq!(desk(&ada, ACCOUNT).await, account);
    assert_books(&app).await;
}

#[actix_web::test]
async fn the_markets_share_is_what_it_was_when_the_order_was_placed() {
    let app = market_with("0").await;
    let (ada, lamp) = seller(&app, "Ada", "10.00").await;
    let buyer = app.sign_up("Buyer").await;
    let placed = buyer.order_one(&lamp, "k").await.ok();
    let order = placed["order"]["id"].as_str().unwrap();

    let dearer = app.start_beside(|settings| settings.checkout.commission = "100".parse().unwrap()).await;
    let there = dearer.guest().with_token(buyer.token.as_deref().unwrap());
    there.pay(order, "test_succeeds", "k").await.ok();
    assert_eq!(entries(&desk(&ada, ACCOUNT).await), [("SALE", "10.00")]);
    buy(&there, &[(&lamp, 1)], "10.00", "all").await;
    let account = desk(&ada, ACCOUNT).await;
    assert_eq!(account["balances"], json!([{"amount": "10.00", "currency": "GBP"}]));
    let mut told = entries(&account);
    told.sort_unstable();
    assert_eq!(told, [("COMMISSION", "-10.00"), ("SALE", "10.00"), ("SALE", "10.00")]);
    assert_books(&app).await;
    dearer.stop().await;
}

#[actix_web::test]
async fn entries_are_read_page_by_page_both_ways() {
    let app = market_with("10").await;
    let (ada, lamp) = seller(&app, "Ada", "10.00").await;
    let buyer = app.sign_up("Buyer").await;
    for number in 1..=5 {
        app.advance(chrono::TimeDelta::seconds(1));
        buy(&buyer, &[(&lamp, number)], &format!("{number}0.00"), &number.to_string()).await;
    }
    let all = desk(&ada, ACCOUNT).await;
    let all = entries(&all);
    assert_eq!(all.len(), 10);
    assert!(all[..2].contains(&("SALE", "50.00")) && all[8..].contains(&("COMMISSION", "-1.00")), "{all:?}");

    let page = async |arguments: &str| {
        let selection = format!(
            "ledgerEntries({arguments}) {{ nodes {{ reason amount {{ amount }} }} pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }}"
        );
        desk(&ada, &selection).await
    };
    let first = page("first: 3").await;
    let info = &first["ledgerEntries"]["pageInfo"];
    assert_eq!((entries(&first), &info["hasNextPage"]), (all[..3].to_vec(), &json!(true)));
    let second = page(&format!("first: 4, after: {}", info["endCursor"])).await;
    let info = &second["ledgerEntries"]["pageInfo"];
    assert_eq!(entries(&second), all[3..7]);
    let back = page(&format!("last: 2, before: {}", info["startCursor"])).await;
    assert_eq!(entries(&back), all[1..3]);
    let end = page("last: 2").await;
    assert_eq!(entries(&end), all[8..]);
    assert_eq!(entries(&page("first: 3, currency: \"JPY\"").await), []);
}

#[actix_web::test]
async fn many_pay_the_same_shops_at_once() {
    let app = market_with("7.25").await;
    let ((ada, lamp), (bert, rug)) = (seller(&app, "Ada", "1.00").await, seller(&app, "Bert", "3.00").await);
    let mut buyers: Vec<Person> = Vec::new();
    for name in ["A", "B", "C", "D", "E", "F"] {
        buyers.push(app.sign_up(name).await);
    }
    // In either order of shops.
    join_all(buyers.iter().enumerate().map(|(place, buyer)| {
        let lines = if place % 2 == 0 { [(&lamp, 1), (&rug, 1)] } else { [(&rug, 1), (&lamp, 1)] };
        async move { buy(buyer, &lines, "4.00", "k").await }
    }))
    .await;
    // Each share is rounded by itself: 7 of 100, and 22 of 300.
    assert_eq!(desk(&ada, ACCOUNT).await["balances"], json!([{"amount": "5.58", "currency": "GBP"}]));
    assert_eq!(desk(&bert, ACCOUNT).await["balances"], json!([{"amount": "16.68", "currency": "GBP"}]));
    assert_books(&app).await;
}

#[actix_web::test]
async fn a_shop_may_have_a_share_of_its_own() {
    let app = market_with("10").await;
    let ((ada, lamp), (bert, rug)) = (seller(&app, "Ada", "10.00").await, seller(&app, "Bert", "10.00").await);
    let (buyer, admin) = (app.sign_up("Buyer").await, app.sign_up("Olive").await);
    app.given_role(&admin, "ADMIN");
    let shop = desk(&ada, "shop { id }").await["shop"]["id"].clone();
    let set = async |client: &Client, shop: &Value, percent: Value, reason: &str| {
        let input = json!({"shopId": shop, "percent": percent, "reason": reason});
        client.mutate("setShopCommission", input, "shop { id } commissionPercent").await
    };
    assert_eq!(desk(&ada, "commissionPercent").await["commissionPercent"], "10");
    let said = set(&admin, &shop, json!("2.5"), "She was the first").await.ok();
    assert_eq!((&said["shop"]["id"], &said["commissionPercent"]), (&shop, &json!("2.5")));
    assert_eq!(desk(&ada, "commissionPercent").await["commissionPercent"], "2.5");
    for percent in ["-1", "100.01", "1.234"] {
        let refused = set(&admin, &shop, json!(percent), "Why").await;
        assert_eq!(refused.refusal(), ("OUT_OF_RANGE".to_owned(), "percent".to_owned()), "{percent}");
    }
    assert_eq!(set(&admin, &shop, json!("1"), " ").await.refusal(), ("BLANK".to_owned(), "reason".to_owned()));
    let nobody = json!("shop_00000000000000000000000000");
    assert_eq!(set(&admin, &nobody, json!("1"), "Why").await.refusal(), ("NOT_FOUND".to_owned(), "shopId".to_owned()));
    assert_eq!(set(&ada, &shop, json!("0"), "I like it").await.code(), "FORBIDDEN");
    let log = ada.query("{ viewer { auditLog { nodes { action reason } } } }").await.ok();
    let log = &log["viewer"]["auditLog"]["nodes"];
    assert_eq!(*log, json!([{"action": "setShopCommission", "reason": "She was the first"}]));

    buy(&buyer, &[(&lamp, 1), (&rug, 1)], "20.00", "k").await;
    assert_eq!(desk(&ada, ACCOUNT).await["balances"][0]["amount"], "9.75");
    assert_eq!(desk(&bert, ACCOUNT).await["balances"][0]["amount"], "9.00");
    assert_eq!(set(&admin, &shop, Value::Null, "She agreed").await.ok()["commissionPercent"], "10");
    buy(&buyer, &[(&lamp, 1)], "10.00", "again").await;
    assert_eq!(desk(&ada, ACCOUNT).await["balances"][0]["amount"], "18.75");
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_was_paid_before_there_were_accounts_of_shops_is_passed_on() {
    let app = market_with("10").await;
    let (ada, lamp) = seller(&app, "Ada", "10.00").await;
    let buyer = app.sign_up("Buyer").await;
    for key in ["one", "two"] {
        buy(&buyer, &[(&lamp, 1)], "10.00", key).await;
    }
    buyer.order_one(&lamp, "unpaid").await.ok();
    let job = "INSERT INTO jobs (id, kind, payload, run_at, created_at) \
               VALUES (gen_random_uuid(), 'orders.pass_on_paid', '{\"after\": null}', '2026-01-01', '2026-01-01')";
    let account = desk(&ada, ACCOUNT).await;
    app.given_sql(job);
    app.run_jobs().await;
    assert_eq!(desk(&ada, ACCOUNT).await, account, "nothing is passed on twice");

    // As a process of the release before leaves it.
    app.given_forged("DELETE FROM transfers WHERE cause IN ('SALE', 'COMMISSION')");
    app.given_sql("DELETE FROM accounts WHERE kind IN ('PASSED_ON', 'SHOP', 'FEES')");
    app.given_sql("UPDATE order_parts SET commission_rate = 0");
    assert_eq!(desk(&ada, "balances { amount }").await, json!({"balances": []}));
    app.given_sql(job);
    app.run_jobs().await;
    let account = desk(&ada, ACCOUNT).await;
    assert_eq!(account["balances"], json!([{"amount": "20.00", "currency": "GBP"}]));
    assert_eq!(entries(&account), [("SALE", "10.00"), ("SALE", "10.00")]);
    assert_books(&app).await;
}

#[actix_web::test]
async fn what_is_booked_never_changes_and_is_of_the_currency_of_its_accounts() {
    let app = market_with("10").await;
    let (ada, lamp) = seller(&app, "Ada", "10.00").await;
    let buyer = app.sign_up("Buyer").await;
    buy(&buyer, &[(&lamp, 1)], "10.00", "one").await;
    let account = desk(&ada, ACCOUNT).await;
    for forgery in [
        "UPDATE transfers SET amount = amount + 1",
        "UPDATE transfers SET cause_id = gen_random_uuid() WHERE cause = 'SALE'",
        "UPDATE transfers SET created_at = created_at - interval '1 day'",
        "DELETE FROM transfers WHERE cause = 'COMMISSION'",
        "TRUNCATE transfers",
    ] {
        let refused = sql_query(forgery).execute(&mut app.connect()).unwrap_err();
        assert!(refused.to_string().contains("a transfer never changes"), "{forgery}: {refused}");
    }
    let foreign = "INSERT INTO transfers (id, debit_id, credit_id, amount, currency, cause, cause_id, created_at) \
                   SELECT gen_random_uuid(), debit_id, credit_id, 1, 'EUR', 'TAX', gen_random_uuid(), now() FROM transfers LIMIT 1";
    let refused = sql_query(foreign).execute(&mut app.connect()).unwrap_err();
    assert!(refused.to_string().contains("a transfer is of the currency of its accounts"), "{refused}");
    // Of one of them is not enough.
    app.given_sql("INSERT INTO accounts (id, kind, currency) VALUES (gen_random_uuid(), 'FEES', 'EUR')");
    let halfway = foreign.replace("credit_id, 1,", "(SELECT id FROM accounts WHERE currency = 'EUR'), 1,");
    assert!(sql_query(halfway).execute(&mut app.connect()).is_err());
    assert_eq!(desk(&ada, ACCOUNT).await, account);
    assert_books(&app).await;
}
