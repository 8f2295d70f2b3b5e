//! What an order costs: what shops ask for sending it, what they take off, and the taxes of where it goes.

mod back;
mod codes;
mod postage;

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    orders::assert_books,
};

const SUMS: &str =
    "subtotal { amount } discount { amount } shipping { amount } tax { amount } isTaxIncluded total { amount }";

/// A market in which tax is 20 % (books 5 %), two shops that send, and a buyer.
struct Market {
    app: TestApp,
    ada: Person,
    bert: Person,
    buyer: Person,
    lamps: String,
    rugs: String,
    lamp: Goods,
    book: Goods,
    rug: Goods,
}

impl Market {
    async fn open(is_included: bool) -> Self {
        let app = TestApp::start_with(|settings| settings.checkout.commission = "10".parse().unwrap()).await;
        let (ada, bert, buyer) = (app.sign_up("Ada").await, app.sign_up("Bert").await, app.sign_up("Buyer").await);
        let admin = app.sign_up("Olive").await;
        app.given_role(&admin, "ADMIN");
        let class = admin.mutate("createTaxClass", json!({"name": "Books"}), "taxClass { id }").await.ok();
        let class = &class["taxClass"]["id"];
        let taxes = json!({
            "country": "GB", "isIncludedInPrices": is_included, "remittedBy": "MARKET", "name": "VAT",
            "standardRate": "20", "rates": [{"taxClassId": class, "rate": "5"}],
        });
        admin.mutate("setCountryTaxes", taxes, "countryTaxes { version }").await.ok();
        let (lamps, rugs) = (ada.open_shop("Lamps").await, bert.open_shop("Rugs").await);
        let lamp = ada.sell(&lamps, "Lamp", "9.99", 100).await;
        let book = ada.sell(&lamps, "Book of lamps", "5.00", 100).await;
        let rug = bert.sell(&rugs, "Rug", "20.00", 100).await;
        let change = json!({"productId": book.product, "expectedVersion": 1, "taxClassId": class});
        ada.mutate("updateProduct", change, "product { id }").await.ok();
        let market = Self { app, ada, bert, buyer, lamps, rugs, lamp, book, rug };
        market.sends(&market.ada, &market.lamps, &[("Standard", "3.00"), ("Express", "7.50")]).await;
        market
    }

    /// Has a shop send to Great Britain in some ways. Returns their ids.
    async fn sends(&self, seller: &Person, shop: &str, methods: &[(&str, &str)]) -> Vec<Value> {
        let zone = json!({"shopId": shop, "name": "Home", "countries": ["GB"]});
        let zone = seller.mutate("createShippingZone", zone, "shippingZone { id }").await.ok();
        let mut ids = Vec::new();
        for (name, price) in methods {
            let rates = json!([{"price": {"amount": price, "currency": "GBP"}}]);
            let method = json!({"shippingZoneId": zone["shippingZone"]["id"], "name": name, "rates": rates});
            let method = seller.mutate("createShippingMethod", method, "shippingMethod { id }").await.ok();
            ids.push(method["shippingMethod"]["id"].clone());
        }
        ids
    }

    async fn promote(&self, seller: &Person, shop: &str, rest: Value) {
        let mut input = json!({"shopId": shop, "name": "Spring"});
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        seller.mutate("createPromotion", input, "promotion { id }").await.ok();
    }

    async fn quote(&self, who: &Client, lines: &[(&Goods, i32)], rest: Value) -> Value {
        let mut input = json!({"country": "GB", "lines": if lines.is_empty() { Value::Null } else { wanted(lines) }});
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let document = format!(
            "query($input: QuoteInput!) {{ quote(input: $input) {{ userErrors {{ code field ... on CodeNotApplicableError {{ reason minimum {{ amount }} }} }} \
             quote {{ {SUMS} taxName parts {{ {} canBeSent shippingMethodId promotion shippingOffers {{ id name price {{ amount }} }} \
             lines {{ quantity discount {{ amount }} tax {{ amount }} taxRate total {{ amount }} variant {{ id }} }} }} }} }} }}",
            SUMS.replace("isTaxIncluded", "")
        );
        who.send(&document, json!({"input": input})).await.ok()["quote"].clone()
    }

    /// Orders at the total that is quoted.
    async fn order(&self, lines: &[(&Goods, i32)], rest: Value, key: &str) -> Value {
        let total = self.quote(&self.buyer, lines, rest.clone()).await["quote"]["total"]["amount"].clone();
        self.order_at(total.as_str().unwrap(), lines, rest, key).await.ok()["order"].clone()
    }

    async fn order_at(&self, total: &str, lines: &[(&Goods, i32)], rest: Value, key: &str) -> Answer {
        place(&self.buyer, total, lines, rest, key).await
    }

    async fn pay(&self, order: &Value) {
        self.buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", "pay").await.ok();
        self.app.run_jobs().await;
    }
}

fn wanted(lines: &[(&Goods, i32)]) -> Value {
    lines.iter().map(|(goods, quantity)| json!({"variantId": goods.variant, "quantity": quantity})).collect()
}

async fn place(buyer: &Client, total: &str, lines: &[(&Goods, i32)], rest: Value, key: &str) -> Answer {
    let mut input = json!({
        "lines": wanted(lines),
        "shippingAddress": {"name": "Ada", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "expectedTotal": {"amount": total, "currency": "GBP"},
        "idempotencyKey": key,
    });
    input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let selection = format!(
        "order {{ id code taxName {SUMS} parts {{ id {SUMS} shippingMethod promotion lines {{ id kind title quantity \
         discount {{ amount }} tax {{ amount }} taxRate total {{ amount }} }} }} }}"
    );
    buyer.mutate("placeOrder", input, &selection).await
}

/// Subtotal, discount, shipping, tax and total.
fn sums(of: &Value) -> [&str; 5] {
    ["subtotal", "discount", "shipping", "tax", "total"].map(|field| of[field]["amount"].as_str().unwrap())
}

/// What is taken off each line, its tax, and what is paid for it.
fn lines(part: &Value) -> Vec<[&str; 3]> {
    part["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| ["discount", "tax", "total"].map(|field| line[field]["amount"].as_str().unwrap()))
        .collect()
}

async fn entries(seller: &Person) -> Vec<[String; 2]> {
    let document = "{ viewer { shops { ledgerEntries { nodes { reason amount { amount } } } } } }";
    let desk = seller.query(document).await.ok()["viewer"]["shops"][0].clone();
    let mut entries: Vec<_> = desk["ledgerEntries"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| [&entry["reason"], &entry["amount"]["amount"]].map(|it| it.as_str().unwrap().to_owned()))
        .collect();
    entries.sort_unstable();
    entries
}

fn entry(reason: &str, amount: &str) -> [String; 2] {
    [reason.to_owned(), amount.to_owned()]
}

async fn refunded(market: &Market, order: &Value) -> String {
    let document = "query($id: ID!) { node(id: $id) { ... on Order { amountRefunded { amount } } } }";
    let seen = market.buyer.send(document, json!({"id": order["id"]})).await.ok();
    seen["node"]["amountRefunded"]["amount"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn an_order_costs_what_was_quoted_and_says_why() {
    let market = Market::open(false).await;
    market
        .promote(&market.ada, &market.lamps, json!({"kind": "PERCENTAGE", "percentage": "10", "code": "TENTH"}))
        .await;
    let goods = [(&market.lamp, 3), (&market.book, 1), (&market.rug, 1)];
    let quoted = market.quote(&market.app.guest(), &goods, json!({"code": "tenth"})).await;
    assert_eq!(quoted["userErrors"], json!([]));
    let quote = &quoted["quote"];
    // Three lamps and a book are 34.97; a tenth is 3.50, of which the book has 0.50. The rug comes for nothing.
    assert_eq!(sums(quote), ["54.97", "3.50", "3.00", "10.22", "64.69"]);
    assert_eq!((&quote["taxName"], &quote["isTaxIncluded"]), (&json!("VAT"), &json!(false)));
    let [lamps, rugs] = [&quote["parts"][0], &quote["parts"][1]];
    assert_eq!(lines(lamps), [["3.00", "5.39", "32.36"], ["0.50", "0.23", "4.73"]]);
    assert_eq!(sums(lamps), ["34.97", "3.50", "3.00", "6.22", "40.69"]);
    assert_eq!(sums(rugs), ["20.00", "0.00", "0.00", "4.00", "24.00"]);
    let offers: Vec<_> = lamps["shippingOffers"].as_array().unwrap().iter().map(|offer| &offer["name"]).collect();
    assert_eq!(offers, ["Standard", "Express"]);
    assert_eq!(
        (&lamps["shippingMethodId"], &lamps["promotion"]),
        (&lamps["shippingOffers"][0]["id"], &json!("Spring"))
    );
    assert_eq!(
        (&rugs["shippingOffers"], &rugs["shippingMethodId"], &rugs["canBeSent"]),
        (&json!([]), &Value::Null, &json!(true))
    );

    let order = market.order(&goods, json!({"code": "tenth"}), "order").await;
    assert_eq!(sums(&order), sums(quote));
    assert_eq!((&order["code"], &order["taxName"]), (&json!("TENTH"), &json!("VAT")));
    let part = &order["parts"][0];
    assert_eq!(sums(part), sums(lamps));
    assert_eq!((&part["shippingMethod"], &part["promotion"]), (&json!("Standard"), &json!("Spring")));
    assert_eq!(lines(part), [["3.00", "5.39", "32.36"], ["0.50", "0.23", "4.73"], ["0.00", "0.60", "3.60"]]);
    let kinds: Vec<_> =
        part["lines"].as_array().unwrap().iter().map(|line| (&line["kind"], &line["taxRate"])).collect();
    assert_eq!(
        kinds,
        [(&json!("GOODS"), &json!("20")), (&json!("GOODS"), &json!("5")), (&json!("CHARGE"), &json!("20"))]
    );

    market.pay(&order).await;
    // The market keeps the tax, and a tenth of the rest: 34.47.
    let expected = [entry("COMMISSION", "-3.45"), entry("SALE", "40.69"), entry("TAX", "-6.22")];
    assert_eq!(entries(&market.ada).await, expected);
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn what_is_chosen_is_paid_for_and_what_is_not_offered_is_refused() {
    let market = Market::open(true).await;
    let goods = [(&market.lamp, 1)];
    let quote = market.quote(&market.buyer, &goods, json!({})).await["quote"].clone();
    // Prices contain the tax: 9.99 and 3.00 of which a sixth is tax.
    assert_eq!(sums(&quote), ["9.99", "0.00", "3.00", "2.17", "12.99"]);
    let express = &quote["parts"][0]["shippingOffers"][1]["id"];
    let chosen = |method: &Value| json!({"shipping": [{"shopId": market.lamps, "shippingMethodId": method}]});
    assert_eq!(sums(&market.quote(&market.buyer, &goods, chosen(express)).await["quote"])[4], "17.49");
    // Another shop's is none of this one's.
    let other = market.sends(&market.bert, &market.rugs, &[("Post", "1.00")]).await;
    let refused = market.quote(&market.buyer, &goods, chosen(&other[0])).await;
    assert_eq!(refused["userErrors"], json!([{"code": "NOT_FOUND", "field": ["shipping", "0", "shippingMethodId"]}]));
    assert_eq!(refused["quote"], Value::Null);
    // Nor is there a choice for who is not asked, or a second one.
    let rugs = json!({"shipping": [{"shopId": market.rugs, "shippingMethodId": other[0]}]});
    assert_eq!(market.quote(&market.buyer, &goods, rugs).await["userErrors"][0]["code"], "NOT_FOUND");
    let both = [express, &quote["parts"][0]["shippingOffers"][0]["id"]];
    let both: Vec<_> = both.iter().map(|id| json!({"shopId": market.lamps, "shippingMethodId": id})).collect();
    let refused = market.quote(&market.buyer, &goods, json!({"shipping": both})).await;
    assert_eq!(refused["userErrors"][0]["field"], json!(["shipping", "1", "shippingMethodId"]));
    let refusal = market.order_at("17.49", &goods, chosen(&other[0]), "none").await.refusal();
    assert_eq!(refusal, ("NOT_FOUND".into(), "shipping.0.shippingMethodId".into()));

    let order = market.order(&goods, chosen(express), "express").await;
    assert_eq!((&order["parts"][0]["shippingMethod"], sums(&order)[4]), (&json!("Express"), "17.49"));
    // Who expects the price of before is told.
    let refusal = market.order_at("12.99", &goods, chosen(express), "late").await.refusal();
    assert_eq!(refusal, ("PRICE_CHANGED".into(), "expectedTotal".into()));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn where_a_shop_sends_nothing_nothing_is_ordered_of_it() {
    let market = Market::open(true).await;
    let goods = [(&market.rug, 1), (&market.lamp, 1)];
    let abroad = json!({"country": "DE"});
    let quoted = market.quote(&market.buyer, &goods, abroad).await;
    assert_eq!(quoted["userErrors"], json!([{"code": "CANNOT_SHIP", "field": ["lines", "1", "variantId"]}]));
    let parts = &quoted["quote"]["parts"];
    assert_eq!((&parts[0]["canBeSent"], &parts[1]["canBeSent"]), (&json!(true), &json!(false)));
    let address = json!({"shippingAddress": {"name": "Ada", "lines": ["1 Straße"], "postalCode": "10115", "city": "Berlin", "country": "DE"}});
    let refusal = market.order_at("29.99", &goods, address, "abroad").await.refusal();
    assert_eq!(refusal, ("CANNOT_SHIP".into(), "lines.1.variantId".into()));
    assert_eq!(market.app.guest().available(&market.rug).await, 100);

    // A cart says so line by line, once it is told where to.
    let add = json!({"variantId": market.lamp.variant, "quantity": 1});
    let cart =
        market.buyer.mutate("addToCart", add, "cart { version problems { __typename } }").await.ok()["cart"].clone();
    assert_eq!(cart["problems"], json!([]));
    let document = "query($country: CountryCode) { viewer { cart { problems(country: $country) { __typename message \
                    ... on CartLineCannotShip { country } } lines { problems(country: $country) { __typename } } } } }";
    let problems = async |country: &str| {
        market.buyer.send(document, json!({"country": country})).await.ok()["viewer"]["cart"].clone()
    };
    let there = problems("DE").await;
    assert_eq!(
        (&there["problems"][0]["__typename"], &there["problems"][0]["country"]),
        (&json!("CartLineCannotShip"), &json!("DE"))
    );
    assert_eq!(there["lines"][0]["problems"], json!([{"__typename": "CartLineCannotShip"}]));
    assert_eq!(problems("GB").await["problems"], json!([]));
    let from_cart = json!({"lines": [], "cart": {"expectedVersion": cart["version"]}, "shippingAddress":
        {"name": "Ada", "lines": ["1 Straße"], "postalCode": "10115", "city": "Berlin", "country": "DE"}});
    let refusal = market.order_at("12.99", &[], from_cart, "cart").await.refusal();
    assert_eq!(refusal, ("CANNOT_SHIP".into(), "cart.lines.0".into()));
    let quoted = market.quote(&market.buyer, &[], json!({"country": "DE"})).await;
    assert_eq!(quoted["userErrors"][0]["field"], json!(["cart", "lines", "0"]));
    assert_books(&market.app).await;
}

#[actix_web::test]
async fn a_guest_asks_about_a_cart_of_theirs() {
    let market = Market::open(true).await;
    let guest = market.app.guest();
    let lines = json!({"lines": wanted(&[(&market.lamp, 2)]), "currency": "GBP"});
    let token = guest.mutate("createCart", lines, "cart { token }").await.ok()["cart"]["token"].clone();
    let quoted = market.quote(&guest, &[], json!({"cartToken": token})).await;
    assert_eq!(sums(&quoted["quote"]), ["19.98", "0.00", "3.00", "3.83", "22.98"]);
    let none = market.quote(&guest, &[], json!({})).await;
    assert_eq!(none["userErrors"][0]["code"], "NOT_FOUND");
}

#[actix_web::test]
async fn what_costs_nothing_any_more_is_paid() {
    let market = Market::open(false).await;
    market.promote(&market.bert, &market.rugs, json!({"kind": "PERCENTAGE", "percentage": "100"})).await;
    let order = market.order(&[(&market.rug, 1)], json!({}), "free").await;
    assert_eq!(sums(&order), ["20.00", "20.00", "0.00", "0.00", "0.00"]);
    let document = "query($id: ID!) { node(id: $id) { ... on Order { paymentState amountOwed { amount } } } }";
    let seen = market.buyer.send(document, json!({"id": order["id"]})).await.ok()["node"].clone();
    assert_eq!((&seen["paymentState"], &seen["amountOwed"]["amount"]), (&json!("PAID"), &json!("0.00")));
    assert_books(&market.app).await;
}
