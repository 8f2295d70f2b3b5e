//! What shops have sold: reports that are what moved in the ledger.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    harness::{Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
};

const SUMS: &str = "orders pieces gross { amount } discount { amount } tax { amount } commission { amount } \
                    refunded { amount } net { amount currency }";

/// A market that takes a tenth and keeps the tax of the United Kingdom.
async fn market() -> (TestApp, Person) {
    let app = TestApp::start_with(|settings| settings.checkout.commission = "10".parse().unwrap()).await;
    let admin = app.sign_up("Olive").await;
    app.given_role(&admin, "ADMIN");
    let taxes = json!({"country": "GB", "isIncludedInPrices": true, "remittedBy": "MARKET", "name": "VAT", "standardRate": "20"});
    admin.mutate("setCountryTaxes", taxes, "countryTaxes { country }").await.ok();
    (app, admin)
}

async fn buy(buyer: &Client, lines: &[(&Goods, i32)], total: &str, key: &str) -> Value {
    let placed = buyer.order(lines, total, key).await.ok()["order"].clone();
    buyer.pay(placed["id"].as_str().unwrap(), "test_succeeds", key).await.ok();
    placed
}

async fn give_back(seller: &Client, part: &Value, amount: &str) {
    let input = json!({"orderPartId": part, "amount": {"amount": amount, "currency": "GBP"}, "reason": "Chipped.",
                       "idempotencyKey": amount});
    seller.mutate("refundOrderPart", input, "refunds { id }").await.ok();
}

async fn desk(seller: &Client, selection: &str) -> Value {
    let data = seller.query(&format!("{{ viewer {{ shops {{ {selection} }} }} }}")).await.ok();
    data["viewer"]["shops"][0].clone()
}

async fn report(seller: &Client, by: &str, rest: &str) -> Value {
    let selection = format!(
        "salesReport(from: \"2026-11-19\", until: \"2026-11-21\", by: {by}{rest}) {{ totals {{ {SUMS} }} \
         rows {{ day title product {{ id }} shop {{ id }} sums {{ {SUMS} }} }} }}"
    );
    desk(seller, &selection).await["salesReport"].clone()
}

fn minor(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// The sums of a row, in minor units.
fn sums(row: &Value) -> BTreeMap<&'static str, i64> {
    let money = ["gross", "discount", "tax", "commission", "refunded", "net"];
    let money = money.map(|name| (name, minor(&row[name]["amount"])));
    money.into_iter().chain(["orders", "pieces"].map(|name| (name, row[name].as_i64().unwrap()))).collect()
}

fn added(rows: &Value) -> BTreeMap<&'static str, i64> {
    let mut all = BTreeMap::new();
    for row in rows.as_array().unwrap() {
        for (name, sum) in sums(&row["sums"]) {
            *all.entry(name).or_default() += sum;
        }
    }
    all
}

/// What moved on the shop's account, by why.
async fn moved(seller: &Client) -> BTreeMap<String, i64> {
    let account = desk(seller, "ledgerEntries(first: 100) { nodes { reason amount { amount } } }").await;
    let mut moved = BTreeMap::new();
    for entry in account["ledgerEntries"]["nodes"].as_array().unwrap() {
        let reason = entry["reason"].as_str().unwrap().to_owned();
        *moved.entry(reason).or_default() += minor(&entry["amount"]["amount"]);
    }
    moved
}

#[actix_web::test]
async fn a_report_is_what_moved_on_the_shops_account() {
    let (app, _) = market().await;
    let ada = app.sign_up("Ada").await;
    let shop = ada.open_shop("Corner").await;
    let (lamp, rug) = (ada.sell(&shop, "Lamp", "10.00", 100).await, ada.sell(&shop, "Rug", "3.33", 100).await);
    let buyer = app.sign_up("Buyer").await;
    let first = buy(&buyer, &[(&lamp, 2), (&rug, 1)], "23.33", "one").await;
    app.given_forged("UPDATE transfers SET created_at = created_at - interval '1 day'");
    buy(&buyer, &[(&rug, 3)], "9.99", "two").await;
    give_back(&ada, &first["parts"][0]["id"], "5.01").await;
    // What is not paid is not sold.
    buyer.order_one(&lamp, "unpaid").await.ok();
    assert_books(&app).await;

    let by_day = report(&ada, "DAY", "").await;
    let totals = sums(&by_day["totals"]);
    let moved = moved(&ada).await;
    let of = |reasons: &[&str]| reasons.iter().map(|reason| moved.get(*reason).copied().unwrap_or(0)).sum::<i64>();
    assert_eq!(totals["gross"], of(&["SALE"]));
    assert_eq!(totals["tax"], -of(&["TAX", "TAX_RETURNED"]));
    assert_eq!(totals["commission"], -of(&["COMMISSION", "COMMISSION_RETURNED"]));
    assert_eq!(totals["refunded"], -of(&["REFUND"]));
    assert_eq!(totals["net"], moved.values().sum::<i64>());
    assert_eq!((totals["orders"], totals["pieces"], totals["gross"], totals["refunded"]), (2, 6, 3_332, 501));
    let balance = desk(&ada, "balances { amount }").await;
    assert_eq!(by_day["totals"]["net"]["amount"], balance["balances"][0]["amount"]);

    // Each day of the span, as the ledger has it.
    let rows = by_day["rows"].as_array().unwrap();
    let days: Vec<_> = rows.iter().map(|row| row["day"].as_str().unwrap()).collect();
    assert_eq!(days, ["2026-11-19", "2026-11-20", "2026-11-21"]);
    let gross: Vec<_> = rows.iter().map(|row| row["sums"]["gross"]["amount"].as_str().unwrap()).collect();
    assert_eq!(gross, ["23.33", "9.99", "0.00"]);
    assert_eq!(rows[0]["sums"]["refunded"]["amount"], "0.00", "it counts when it was decided");
    assert_eq!(added(&by_day["rows"]), totals);

    // Products share what moved for a part, to the penny.
    let by_product = report(&ada, "PRODUCT", "").await;
    assert_eq!(sums(&by_product["totals"]), totals);
    let rows = by_product["rows"].as_array().unwrap();
    let titles: Vec<_> = rows.iter().map(|row| (row["title"].as_str().unwrap(), &row["product"]["id"])).collect();
    assert_eq!(titles, [("Lamp", &json!(lamp.product)), ("Rug", &json!(rug.product))], "by what is left of them");
    let mut all = added(&by_product["rows"]);
    // An order of both is one of each.
    assert_eq!(all.remove("orders"), Some(3));
    assert!(all.iter().all(|(name, sum)| totals[name] == *sum), "{all:?} {totals:?}");
    assert_eq!((sums(&rows[0]["sums"])["pieces"], sums(&rows[1]["sums"])["pieces"]), (2, 4));
}

#[actix_web::test]
async fn days_are_those_of_a_place_and_money_that_of_a_currency() {
    let (app, _) = market().await;
    let ada = app.sign_up("Ada").await;
    let shop = ada.open_shop("Corner").await;
    let lamp = ada.sell(&shop, "Lamp", "10.00", 100).await;
    // At noon in London it is tomorrow on Christmas Island in the Pacific.
    let buyer = app.sign_up("Buyer").await;
    buy(&buyer, &[(&lamp, 1)], "10.00", "one").await;
    let gross = async |rest: &str| {
        let report = report(&ada, "DAY", rest).await;
        let rows = report["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| row["sums"]["gross"]["amount"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(gross("").await, ["0.00", "10.00", "0.00"]);
    assert_eq!(gross(", timeZone: \"Pacific/Kiritimati\"").await, ["0.00", "0.00", "10.00"]);
    assert_eq!(gross(", currency: \"JPY\"").await, ["0", "0", "0"]);
    for span in ["from: \"2026-11-21\", until: \"2026-11-20\"", "from: \"2025-11-20\", until: \"2026-11-21\""] {
        let document = format!("{{ viewer {{ shops {{ salesReport({span}, by: DAY) {{ totals {{ orders }} }} }} }} }}");
        assert_eq!(ada.query(&document).await.code(), "BAD_USER_INPUT", "{span}");
    }
}

#[actix_web::test]
async fn the_market_sees_what_its_shops_have_sold() {
    let (app, admin) = market().await;
    let (mut sellers, mut goods, mut shops) = (Vec::new(), Vec::new(), Vec::new());
    for (name, price) in [("Ada", "10.00"), ("Bert", "20.00")] {
        let seller = app.sign_up(name).await;
        let shop = seller.open_shop(&format!("{name}'s")).await;
        goods.push(seller.sell(&shop, "Lamp", price, 100).await);
        shops.push(shop);
        sellers.push(seller);
    }
    let buyer = app.sign_up("Buyer").await;
    let order = buy(&buyer, &[(&goods[0], 1), (&goods[1], 1)], "30.00", "one").await;
    give_back(&sellers[0], &order["parts"][0]["id"], "1.00").await;
    let ask = async |client: &Client, by: &str| {
        let document = format!(
            "{{ staff {{ salesReport(from: \"2026-11-20\", until: \"2026-11-20\", by: {by}) {{ totals {{ {SUMS} }} \
             rows {{ day shop {{ id }} product {{ id }} title sums {{ {SUMS} }} }} }} }} }}"
        );
        client.query(&document).await
    };
    let by_shop = ask(&admin, "SHOP").await.ok()["staff"]["salesReport"].clone();
    let rows = by_shop["rows"].as_array().unwrap();
    let found: Vec<_> = rows.iter().map(|row| row["shop"]["id"].as_str().unwrap()).collect();
    assert_eq!(found, [shops[1].as_str(), shops[0].as_str()]);
    for (row, seller) in rows.iter().rev().zip(&sellers) {
        let own = report(seller, "DAY", "").await;
        assert_eq!(row["sums"], own["totals"]);
        assert_eq!(sums(&own["totals"])["net"], moved(seller).await.values().sum::<i64>());
    }
    assert_eq!(added(&by_shop["rows"]), sums(&by_shop["totals"]));
    let by_day = ask(&admin, "DAY").await.ok()["staff"]["salesReport"].clone();
    assert_eq!((&by_day["totals"], &by_day["rows"][0]["sums"]), (&by_shop["totals"], &by_shop["totals"]));

    let support = app.sign_up("Sue").await;
    app.given_role(&support, "SUPPORT");
    assert_eq!(ask(&support, "SHOP").await.code(), "FORBIDDEN");
    assert_eq!(ask(&sellers[0], "SHOP").await.ok()["staff"], Value::Null);
}

#[actix_web::test]
async fn a_report_takes_few_statements() {
    let (app, _) = market().await;
    let ada = app.sign_up("Ada").await;
    let shop = ada.open_shop("Corner").await;
    let buyer = app.sign_up("Buyer").await;
    for number in 0..5 {
        let goods = ada.sell(&shop, &format!("Lamp {number}"), "1.00", 10).await;
        buy(&buyer, &[(&goods, 1)], "1.00", &format!("k{number}")).await;
    }
    let document = "{ viewer { shops { salesReport(from: \"2026-11-20\", until: \"2026-11-20\", by: PRODUCT) { \
                    rows { product { title } sums { net { amount } } } } } } }";
    let answer = ada.query(document).await;
    assert!(answer.statements.unwrap() <= 3, "{answer:#?}");
    assert_eq!(answer.ok()["viewer"]["shops"][0]["salesReport"]["rows"].as_array().unwrap().len(), 5);
}
