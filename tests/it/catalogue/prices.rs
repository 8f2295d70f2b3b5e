//! What variants cost: in several currencies, and compared with other prices.

use serde_json::{Value, json};

use super::price_history::lines;
use crate::harness::{
    Answer, Client, TestApp,
    app::{PASSWORD, Person},
};

fn money(amount: &str, currency: &str) -> Value {
    json!({"amount": amount, "currency": currency})
}

pub(super) fn gbp(amount: &str) -> Value {
    money(amount, "GBP")
}

pub(super) fn in_currency(currency: &str, amount: &str, compare_at: Option<&str>) -> Value {
    json!({"price": money(amount, currency), "compareAtPrice": compare_at.map(|above| money(above, currency))})
}

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

const SEEN: &str = "price { amount currency } compareAtPrice { amount } lowestRecentPrice { amount }";

/// A shop that sells one thing.
pub(super) struct Market {
    pub(super) app: TestApp,
    pub(super) seller: Person,
    pub(super) shop: String,
    pub(super) product: Value,
    pub(super) variant: Value,
}

impl Market {
    pub(super) async fn open(variant: Value) -> Self {
        let app = TestApp::start().await;
        let seller = app.sign_up("Grace").await;
        let shop = seller.open_shop("Mill").await;
        let input = json!({"shopId": shop, "title": "Mug", "variants": [variant]});
        let product = seller.mutate("createProduct", input, "product { id variants { id } }").await.ok();
        let (product, variant) = (product["product"]["id"].clone(), product["product"]["variants"][0]["id"].clone());
        Self { app, seller, shop, product, variant }
    }

    /// The seller, signed in again: access tokens end with the clock.
    pub(super) async fn seller(&self) -> Client {
        let input = json!({"email": self.seller.email, "password": PASSWORD});
        let answer = self.app.guest().mutate("signIn", input, "result { ... on SignedIn { accessToken } }").await.ok();
        self.app.guest().with_token(answer["result"]["accessToken"].as_str().unwrap())
    }

    async fn read(&self, client: &Client, selection: &str) -> Value {
        let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on ProductVariant {{ {selection} }} }} }}");
        client.send(&document, json!({"id": self.variant})).await.ok()["node"].clone()
    }

    pub(super) async fn version(&self) -> i64 {
        self.read(&self.app.guest(), "version").await["version"].as_i64().unwrap()
    }

    pub(super) async fn change(&self, client: &Client, rest: Value) -> Answer {
        let mut input = json!({"variantId": self.variant, "expectedVersion": self.version().await});
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        client.mutate("updateProductVariant", input, "variant { version }").await
    }

    /// What it costs: price, what that is compared with, and the lowest before, in each currency.
    pub(super) async fn costs(&self, client: &Client) -> Vec<String> {
        let prices = self.read(client, &format!("prices {{ {SEEN} }}")).await["prices"].clone();
        prices.as_array().unwrap().iter().map(cost).collect()
    }

    /// The whole history, newest first.
    pub(super) async fn history(&self) -> Vec<Value> {
        let document = "query($id: ID!) { viewer { shops { priceChanges(variantId: $id, first: 100) { totalCount nodes { currency \
                        price { amount } compareAtPrice { amount } lowestRecentPrice { amount } isForSale createdAt \
                        changedBy { displayName } } } } } }";
        let answer = self.seller().await.send(document, json!({"id": self.variant})).await.ok();
        let list = &answer["viewer"]["shops"][0]["priceChanges"];
        let nodes = list["nodes"].as_array().unwrap().clone();
        assert_eq!(list["totalCount"], nodes.len());
        nodes
    }
}

pub(super) fn amount(money: &Value) -> &str {
    money["amount"].as_str().unwrap_or("-")
}

fn cost(price: &Value) -> String {
    let parts = [&price["price"], &price["compareAtPrice"], &price["lowestRecentPrice"]].map(amount);
    format!("{} {}", price["price"]["currency"].as_str().unwrap_or_default(), parts.join(" "))
}

#[actix_web::test]
async fn a_variant_costs_what_its_shop_says_in_each_currency() {
    let others = json!([in_currency("EUR", "12.00", Some("15.00")), in_currency("JPY", "1900", None)]);
    let market = Market::open(json!({"price": gbp("10.00"), "compareAtPrice": gbp("11.50"), "prices": others})).await;
    let guest = market.app.guest();
    assert_eq!(market.costs(&guest).await, ["GBP 10.00 11.50 -", "EUR 12.00 15.00 -", "JPY 1900 - -"]);
    let selection = format!(
        "compareAtPrice {{ amount currency }} own: priceIn {{ {SEEN} }} euros: priceIn(currency: \"EUR\") {{ {SEEN} }} \
         dollars: priceIn(currency: \"USD\") {{ {SEEN} }} \
         product {{ yen: priceRangeIn(currency: \"JPY\") {{ min {{ amount }} max {{ amount }} }} \
                    dollars: priceRangeIn(currency: \"USD\") {{ min {{ amount }} }} priceRangeIn {{ min {{ currency }} }} }}"
    );
    let seen = market.read(&guest, &selection).await;
    assert_eq!(seen["compareAtPrice"], gbp("11.50"));
    assert_eq!((cost(&seen["own"]), cost(&seen["euros"])), ("GBP 10.00 11.50 -".into(), "EUR 12.00 15.00 -".into()));
    assert_eq!((&seen["dollars"], &seen["product"]["dollars"]), (&Value::Null, &Value::Null));
    let yen = json!({"min": {"amount": "1900"}, "max": {"amount": "1900"}});
    assert_eq!((&seen["product"]["yen"], &seen["product"]["priceRangeIn"]["min"]["currency"]), (&yen, &json!("GBP")));

    // The request's currency is the header's, or the person's.
    let own = "priceIn { price { currency } } product { priceRangeIn { min { currency } } }";
    let (in_euros, both) = (guest.with_header("agora-currency", "EUR"), json!({"price": {"currency": "EUR"}}));
    assert_eq!(market.read(&in_euros, own).await["priceIn"], both);
    market.seller.mutate("updatePreferences", json!({"currency": "JPY"}), "preferences { theme }").await.ok();
    let preferred = market.read(&market.seller, own).await;
    assert_eq!(preferred["priceIn"]["price"]["currency"], "JPY");
    assert_eq!(preferred["product"]["priceRangeIn"]["min"]["currency"], "JPY");

    // All of them in other currencies, or none.
    let fewer = json!({"prices": [in_currency("EUR", "13.00", None)], "compareAtPrice": null});
    market.change(&market.seller, fewer).await.ok();
    assert_eq!(market.costs(&guest).await, ["GBP 10.00 - -", "EUR 13.00 - -"]);
    market.change(&market.seller, json!({"barcode": "4006381333931"})).await.ok();
    assert_eq!(market.costs(&guest).await, ["GBP 10.00 - -", "EUR 13.00 - -"]);
    market.change(&market.seller, json!({"prices": null, "price": gbp("9.00")})).await.ok();
    assert_eq!(market.costs(&guest).await, ["GBP 9.00 - -"]);
    assert_eq!(market.read(&guest, "priceIn(currency: \"EUR\") { price { amount } }").await["priceIn"], Value::Null);

    // A further variant widens the range in a currency that both have.
    let more = json!({"productId": market.product, "price": gbp("20.00"), "title": "Large",
                      "prices": [in_currency("EUR", "25.00", Some("26.00"))]});
    let selection = format!(
        "variant {{ prices {{ {SEEN} }} product {{ priceRangeIn(currency: \"EUR\") {{ max {{ amount }} }} }} }}"
    );
    let made = market.seller.mutate("createProductVariant", more, &selection).await.ok()["variant"].clone();
    assert_eq!(cost(&made["prices"][1]), "EUR 25.00 26.00 -");
    assert_eq!(made["product"]["priceRangeIn"]["max"]["amount"], "25.00");
}

#[actix_web::test]
async fn what_does_not_fit_is_refused() {
    let market = Market::open(json!({"price": gbp("10.00"), "compareAtPrice": gbp("12.00")})).await;
    let many: Vec<_> = [
        "EUR", "USD", "JPY", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "ISK", "TRY", "CAD", "AUD",
        "NZD", "SGD", "HKD", "ZAR", "INR",
    ]
    .map(|code| in_currency(code, "1", None))
    .to_vec();
    let eur = || in_currency("EUR", "10.00", None);
    for (change, code, field) in [
        (json!({"price": gbp("12.00")}), "OUT_OF_RANGE", "price"),
        (json!({"price": gbp("-0.01")}), "OUT_OF_RANGE", "price"),
        (json!({"compareAtPrice": gbp("10.00")}), "OUT_OF_RANGE", "compareAtPrice"),
        (json!({"price": gbp("20.00"), "compareAtPrice": gbp("15.00")}), "OUT_OF_RANGE", "compareAtPrice"),
        (json!({"compareAtPrice": money("20.00", "EUR")}), "CURRENCY_MISMATCH", "compareAtPrice"),
        (json!({"prices": [eur(), in_currency("GBP", "9.00", None)]}), "INVALID", "prices.1.price.currency"),
        (json!({"prices": [eur(), eur()]}), "TAKEN", "prices.1.price.currency"),
        (json!({"prices": [in_currency("EUR", "-1.00", None)]}), "OUT_OF_RANGE", "prices.0.price"),
        (json!({"prices": [in_currency("EUR", "10.00", Some("10.00"))]}), "OUT_OF_RANGE", "prices.0.compareAtPrice"),
        (
            json!({"prices": [{"price": money("1.00", "EUR"), "compareAtPrice": gbp("2.00")}]}),
            "CURRENCY_MISMATCH",
            "prices.0.compareAtPrice",
        ),
        (json!({"prices": many}), "TOO_MANY", "prices"),
    ] {
        assert_eq!(market.change(&market.seller, change.clone()).await.refusal(), refusal(code, field), "{change}");
    }
    // With the price above it gone, or raised as well, it may rise.
    market.change(&market.seller, json!({"price": gbp("12.00"), "compareAtPrice": gbp("12.01")})).await.ok();
    market.change(&market.seller, json!({"price": gbp("13.00"), "compareAtPrice": null})).await.ok();
    assert_eq!(market.costs(&market.app.guest()).await, ["GBP 13.00 - -"]);

    let create = async |variant: Value, key: &str| {
        let input = json!({"shopId": market.shop, "title": "Cup", "variants": [variant], "idempotencyKey": key});
        market.seller.mutate("createProduct", input, "product { id }").await
    };
    let below = json!({"price": gbp("5.00"), "compareAtPrice": gbp("4.00")});
    assert_eq!(create(below, "1").await.refusal(), refusal("OUT_OF_RANGE", "variants.0.compareAtPrice"));
    let euros = json!({"price": gbp("5.00"), "prices": [eur()]});
    let first = create(euros.clone(), "2").await.ok()["product"]["id"].clone();
    assert_eq!(create(euros, "2").await.ok()["product"]["id"], first);
    assert_eq!(create(json!({"price": gbp("5.00")}), "2").await.refusal().0, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(lines(&market.app, "SELECT count(*)::text AS line FROM price_changes WHERE currency = 'EUR'"), ["1"]);
}

#[actix_web::test]
async fn prices_of_many_variants_change_all_or_none() {
    let market = Market::open(json!({"price": gbp("10.00"), "title": "S"})).await;
    let large = json!({"productId": market.product, "price": gbp("20.00"), "title": "L"});
    let large =
        market.seller.mutate("createProductVariant", large, "variant { id }").await.ok()["variant"]["id"].clone();
    let update = async |client: &Client, variants: Value| {
        let input = json!({"productId": market.product, "variants": variants});
        let selection = "product { priceRange { min { amount } max { amount } } \
                         variants { version price { amount } compareAtPrice { amount } priceIn(currency: \"EUR\") { price { amount } } } }";
        client.mutate("updateProductPrices", input, selection).await
    };
    let of = |variant: &Value, version: i64, rest: Value| {
        let mut input = json!({"variantId": variant, "expectedVersion": version});
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        input
    };
    let euros = |amount: &str| json!([in_currency("EUR", amount, None)]);
    let both = json!([
        of(&market.variant, 1, json!({"price": gbp("8.00"), "compareAtPrice": gbp("10.00"), "prices": euros("9.00")})),
        of(&large, 1, json!({"prices": euros("24.00")})),
    ]);
    let changed = update(&market.seller, both.clone()).await.ok()["product"].clone();
    assert_eq!(changed["priceRange"], json!({"min": {"amount": "8.00"}, "max": {"amount": "20.00"}}));
    let eur = |amount: &str| json!({"price": {"amount": amount}});
    assert_eq!(
        changed["variants"],
        json!([
            {"version": 2, "price": {"amount": "8.00"}, "compareAtPrice": {"amount": "10.00"}, "priceIn": eur("9.00")},
            {"version": 2, "price": {"amount": "20.00"}, "compareAtPrice": null, "priceIn": eur("24.00")},
        ])
    );

    // The second one was changed meanwhile, so neither is.
    let stale = update(&market.seller, both).await;
    assert_eq!(stale.refusal(), refusal("STALE_VERSION", "variants.0.expectedVersion"));
    let one =
        json!([of(&market.variant, 2, json!({"price": gbp("7.00")})), of(&large, 1, json!({"price": gbp("19.00")})),]);
    assert_eq!(update(&market.seller, one).await.refusal(), refusal("STALE_VERSION", "variants.1.expectedVersion"));
    let nowhere = json!([of(&json!("variant_00000000000000000000000000"), 1, json!({}))]);
    assert_eq!(update(&market.seller, nowhere).await.refusal(), refusal("NOT_FOUND", "variants.0.variantId"));
    let twice = json!([of(&large, 2, json!({})), of(&large, 2, json!({}))]);
    assert_eq!(update(&market.seller, twice).await.refusal(), refusal("TAKEN", "variants.1.variantId"));
    let above = json!([of(&large, 2, json!({"compareAtPrice": gbp("20.00")}))]);
    assert_eq!(update(&market.seller, above).await.refusal(), refusal("OUT_OF_RANGE", "variants.0.compareAtPrice"));
    let null = json!([of(&large, 2, json!({"price": null}))]);
    assert_eq!(update(&market.seller, null).await.code(), "BAD_USER_INPUT");
    assert_eq!(market.costs(&market.app.guest()).await, ["GBP 8.00 10.00 -", "EUR 9.00 - -"]);

    let stranger = market.app.sign_up("Stranger").await;
    let theirs = json!([of(&large, 2, json!({"price": gbp("1.00")}))]);
    assert_eq!(update(&stranger, theirs).await.refusal(), refusal("NOT_FOUND", "productId"));
}

#[actix_web::test]
async fn prices_of_a_page_take_a_statement() {
    let others = || json!([in_currency("EUR", "12.00", Some("15.00")), in_currency("JPY", "1900", None)]);
    let market = Market::open(json!({"price": gbp("10.00"), "prices": others()})).await;
    for number in 0..19 {
        let variants =
            json!([{"price": gbp("5.00"), "title": "S", "prices": others()}, {"price": gbp("7.00"), "title": "L"}]);
        let input = json!({"shopId": market.shop, "title": format!("Cup {number}"), "variants": variants});
        market.seller.mutate("createProduct", input, "product { id }").await.ok();
    }
    let statements = async |client: &Client, document: &str| {
        let answer = client.query(document).await;
        let statements = answer.statements.unwrap();
        assert_eq!(answer.ok()["products"]["nodes"].as_array().unwrap().len(), 20);
        statements
    };
    let guest = market.app.guest();
    let all = "{ products { nodes { priceRangeIn(currency: \"EUR\") { min { amount } } variants { compareAtPrice { amount } \
               prices { price { amount } lowestRecentPrice { amount } } priceIn { price { amount } } euros: priceIn(currency: \"EUR\") { price { amount } } } } } }";
    assert!(statements(&guest, all).await <= 4);
    let sorted = "{ products(sort: PRICE_LOW_TO_HIGH, filter: {price: {currency: \"EUR\"}}) { nodes { title priceRangeIn(currency: \"EUR\") { min { amount } } } } }";
    assert!(statements(&guest, sorted).await <= 2);
    // A person's preferences are one more.
    let own = "{ products { nodes { priceRangeIn { min { amount } } variants { priceIn { price { amount } } } } } }";
    assert!(statements(&market.seller, own).await <= 6);
}
