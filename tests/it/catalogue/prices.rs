//! What variants cost: in several currencies, compared with other prices, and before.

use chrono::TimeDelta;
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    Answer, Client, TestApp,
    app::{PASSWORD, Person},
};

fn money(amount: &str, currency: &str) -> Value {
    json!({"amount": amount, "currency": currency})
}

fn gbp(amount: &str) -> Value {
    money(amount, "GBP")
}

fn in_currency(currency: &str, amount: &str, compare_at: Option<&str>) -> Value {
    json!({"price": money(amount, currency), "compareAtPrice": compare_at.map(|above| money(above, currency))})
}

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

const SEEN: &str = "price { amount currency } compareAtPrice { amount } lowestRecentPrice { amount }";

/// A shop that sells one thing.
struct Market {
    app: TestApp,
    seller: Person,
    shop: String,
    product: Value,
    variant: Value,
}

impl Market {
    async fn open(variant: Value) -> Self {
        let app = TestApp::start().await;
        let seller = app.sign_up("Grace").await;
        let shop = seller.open_shop("Mill").await;
        let input = json!({"shopId": shop, "title": "Mug", "variants": [variant]});
        let product = seller.mutate("createProduct", input, "product { id variants { id } }").await.ok();
        let (product, variant) = (product["product"]["id"].clone(), product["product"]["variants"][0]["id"].clone());
        Self { app, seller, shop, product, variant }
    }

    /// The seller, signed in again: access tokens end with the clock.
    async fn seller(&self) -> Client {
        let input = json!({"email": self.seller.email, "password": PASSWORD});
        let answer = self.app.guest().mutate("signIn", input, "result { ... on SignedIn { accessToken } }").await.ok();
        self.app.guest().with_token(answer["result"]["accessToken"].as_str().unwrap())
    }

    async fn read(&self, client: &Client, selection: &str) -> Value {
        let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on ProductVariant {{ {selection} }} }} }}");
        client.send(&document, json!({"id": self.variant})).await.ok()["node"].clone()
    }

    async fn version(&self) -> i64 {
        self.read(&self.app.guest(), "version").await["version"].as_i64().unwrap()
    }

    async fn change(&self, client: &Client, rest: Value) -> Answer {
        let mut input = json!({"variantId": self.variant, "expectedVersion": self.version().await});
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        client.mutate("updateProductVariant", input, "variant { version }").await
    }

    /// What it costs: price, what that is compared with, and the lowest before, in each currency.
    async fn costs(&self, client: &Client) -> Vec<String> {
        let prices = self.read(client, &format!("prices {{ {SEEN} }}")).await["prices"].clone();
        prices.as_array().unwrap().iter().map(cost).collect()
    }

    /// The whole history, newest first.
    async fn history(&self) -> Vec<Value> {
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

fn amount(money: &Value) -> &str {
    money["amount"].as_str().unwrap_or("-")
}

fn cost(price: &Value) -> String {
    let parts = [&price["price"], &price["compareAtPrice"], &price["lowestRecentPrice"]].map(amount);
    format!("{} {}", price["price"]["currency"].as_str().unwrap_or_default(), parts.join(" "))
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(app: &TestApp, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = sql_query(sql).load(&mut app.connect()).unwrap();
    lines.into_iter().map(|line| line.line).collect()
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
async fn the_lowest_price_of_thirty_days_is_told_with_the_present_one() {
    let market = Market::open(json!({"price": gbp("100.00"), "prices": [in_currency("EUR", "120.00", None)]})).await;
    let guest = market.app.guest();
    let set = async |days: i64, change: Value| {
        market.app.advance(TimeDelta::days(days));
        market.change(&market.seller().await, change).await.ok();
        market.costs(&guest).await
    };
    assert_eq!(market.costs(&guest).await, ["GBP 100.00 - -", "EUR 120.00 - -"]);
    // Lowered: until then it cost 100 for all of the thirty days. The other currency has its own history.
    assert_eq!(set(40, json!({"price": gbp("80.00")})).await, ["GBP 80.00 - 100.00", "EUR 120.00 - -"]);
    // To compare it with something is not another price.
    let compared = set(10, json!({"compareAtPrice": gbp("100.00")})).await;
    assert_eq!(compared, ["GBP 80.00 100.00 100.00", "EUR 120.00 - -"]);
    assert_eq!(set(5, json!({"price": gbp("95.00"), "compareAtPrice": null})).await[0], "GBP 95.00 - 80.00");
    // It cost 80 until 29 days before, and 31 days before.
    assert_eq!(set(29, json!({"price": gbp("90.00")})).await[0], "GBP 90.00 - 80.00");
    assert_eq!(set(31, json!({"price": gbp("85.00")})).await[0], "GBP 85.00 - 90.00");
    assert_eq!(set(1, json!({"prices": []})).await, ["GBP 85.00 - 90.00"]);
    let back = set(1, json!({"prices": [in_currency("EUR", "99.00", None)]})).await;
    assert_eq!(back, ["GBP 85.00 - 90.00", "EUR 99.00 - 120.00"]);

    // What it was to cost while nobody could buy it does not count, nor is anything told of it then.
    let status = async |version: i64, status: &str| {
        let input = json!({"productId": market.product, "expectedVersion": version, "status": status});
        market.seller().await.mutate("updateProduct", input, "product { id }").await.ok();
    };
    status(1, "DRAFT").await;
    market.app.advance(TimeDelta::days(40));
    let document =
        "query($id: ID!) { viewer { shops { products { nodes { variants { version } } } } } node(id: $id) { id } }";
    let seen = market.seller().await.send(document, json!({"id": market.variant})).await.ok();
    let version = seen["viewer"]["shops"][0]["products"]["nodes"][0]["variants"][0]["version"].clone();
    let input = json!({"variantId": market.variant, "expectedVersion": version, "price": gbp("1.00")});
    market.seller().await.mutate("updateProductVariant", input, "variant { id }").await.ok();
    assert_eq!(market.costs(&market.seller().await).await, ["GBP 1.00 - -", "EUR 99.00 - -"]);
    market.app.advance(TimeDelta::days(1));
    status(2, "ACTIVE").await;
    assert_eq!(market.costs(&guest).await, ["GBP 1.00 - -", "EUR 99.00 - -"]);
    assert_eq!(set(1, json!({"price": gbp("0.50")})).await[0], "GBP 0.50 - 1.00");
}

#[actix_web::test]
async fn the_history_is_for_the_shops_members() {
    let market = Market::open(json!({"price": gbp("10.00"), "prices": [in_currency("EUR", "12.00", None)]})).await;
    let manager = market.app.sign_up("Marta").await;
    let input = json!({"shopId": market.shop, "userId": manager.id, "role": "MANAGER"});
    market.seller.mutate("addShopMember", input, "member { role }").await.ok();
    market.change(&manager, json!({"price": gbp("9.00"), "compareAtPrice": gbp("10.00"), "prices": []})).await.ok();
    // Nothing new is nothing to write down.
    market.change(&manager, json!({"price": gbp("9.00"), "compareAtPrice": gbp("10.00"), "title": "Blue"})).await.ok();
    let history = market.history().await;
    let told: Vec<_> = history
        .iter()
        .map(|one| {
            let (currency, who) =
                (one["currency"].as_str().unwrap(), one["changedBy"]["displayName"].as_str().unwrap());
            format!("{currency} {} {} {who}", amount(&one["price"]), amount(&one["compareAtPrice"]))
        })
        .collect();
    let mut newest = told[..2].to_vec();
    newest.sort();
    assert_eq!(newest, ["EUR - - Marta", "GBP 9.00 10.00 Marta"]);
    let mut oldest = told[2..].to_vec();
    oldest.sort();
    assert_eq!(oldest, ["EUR 12.00 - Grace", "GBP 10.00 - Grace"]);
    assert!(history.iter().all(|one| one["isForSale"] == true));

    // In pages, and of no other shop's variants.
    let document = "query($id: ID!, $after: String) { viewer { shops { priceChanges(variantId: $id, first: 3, after: $after) \
                    { totalCount nodes { currency } pageInfo { hasNextPage endCursor } } } } }";
    let page = market.seller.send(document, json!({"id": market.variant})).await;
    assert!(page.statements.unwrap() <= 3, "{page:?}");
    let page = page.ok()["viewer"]["shops"][0]["priceChanges"].clone();
    assert_eq!((page["nodes"].as_array().unwrap().len(), &page["pageInfo"]["hasNextPage"]), (3, &json!(true)));
    let variables = json!({"id": market.variant, "after": page["pageInfo"]["endCursor"]});
    let last = market.seller.send(document, variables).await.ok()["viewer"]["shops"][0]["priceChanges"].clone();
    assert_eq!((last["nodes"].as_array().unwrap().len(), &last["pageInfo"]["hasNextPage"]), (1, &json!(false)));
    let stranger = market.app.sign_up("Stranger").await;
    stranger.open_shop("Barn").await;
    let theirs = stranger.send(document, json!({"id": market.variant})).await.ok();
    assert_eq!(theirs["viewer"]["shops"][0]["priceChanges"]["nodes"], json!([]));
    assert_eq!(theirs["viewer"]["shops"][0]["priceChanges"]["totalCount"], 0);
}

#[actix_web::test]
async fn two_who_set_prices_at_once_lose_nothing() {
    let market = Market::open(json!({"price": gbp("100.00")})).await;
    let set = async |number: i64| {
        let version = market.version().await;
        let euros = json!([in_currency("EUR", &format!("{number}.00"), None)]);
        let prices = json!({"price": gbp(&format!("{number}.00")), "prices": euros});
        let mut input = json!({"variantId": market.variant, "expectedVersion": version});
        input.as_object_mut().unwrap().extend(prices.as_object().unwrap().clone());
        let answer = if number % 2 == 0 {
            market.seller.mutate("updateProductVariant", input, "variant { version }").await
        } else {
            let input = json!({"productId": market.product, "variants": [input]});
            market.seller.mutate("updateProductPrices", input, "product { id }").await
        };
        let refusals = answer.refusals();
        assert!(refusals.iter().all(|(code, _)| code == "STALE_VERSION"), "{refusals:?}");
        refusals.is_empty().then_some((version, number))
    };
    let mut done = Vec::new();
    for round in 0..4 {
        done.extend(join_all((1..=8).map(|number| set(round * 10 + number))).await.into_iter().flatten());
    }
    // Of those who had read the same version one came through.
    done.sort_unstable();
    assert!(done.len() >= 4 && done.windows(2).all(|pair| pair[0].0 < pair[1].0), "{done:?}");
    assert_eq!(market.version().await, 1 + i64::try_from(done.len()).unwrap());
    for currency in ["GBP", "EUR"] {
        let history = market.history().await;
        let mut told: Vec<_> =
            history.iter().filter(|one| one["currency"] == currency).map(|one| amount(&one["price"])).collect();
        told.reverse();
        let set: Vec<_> = done.iter().map(|(_, number)| format!("{number}.00")).collect();
        let first = if currency == "GBP" { vec!["100.00".to_owned()] } else { vec![] };
        assert_eq!(told, [first, set].concat(), "{currency}");
    }
    let (_, last) = done.last().unwrap();
    let costs: Vec<_> = market.costs(&market.app.guest()).await;
    assert!(
        costs[0].starts_with(&format!("GBP {last}.00")) && costs[1].starts_with(&format!("EUR {last}.00")),
        "{costs:?}"
    );
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

#[actix_web::test]
async fn what_the_last_release_wrote_is_written_down_too() {
    let market = Market::open(json!({"price": gbp("10.00"), "compareAtPrice": gbp("12.00")})).await;
    let app = &market.app;
    let products =
        "SELECT concat_ws(' ', currency, price_min, price_max, is_active) AS line FROM product_prices ORDER BY 1";
    let changes = "SELECT concat_ws(' ', currency, amount, compare_at_amount, lowest_recent_amount, is_for_sale) AS line \
                   FROM price_changes ORDER BY id";
    // As before the migration, which then runs.
    for table in ["price_changes", "variant_prices", "product_prices"] {
        app.given_sql(&format!("DELETE FROM {table}"));
    }
    let fill = include_str!("../../../migrations/2026-11-22-000064_prices_filled/up.sql");
    for _ in 0..2 {
        app.connect().batch_execute(fill).unwrap();
    }
    assert_eq!(
        (lines(app, products), lines(app, changes)),
        (vec!["GBP 1000 1000 t".into()], vec!["GBP 1000 t".into()])
    );
    let made = "SELECT (v.created_at = c.created_at)::text AS line FROM product_variants v JOIN price_changes c ON v.id = variant_id";
    assert_eq!(lines(app, made), ["true"]);

    // A process of the last release raises the price above what it is compared with, and its list follows at once.
    market.change(&market.seller, json!({"compareAtPrice": gbp("12.00")})).await.ok();
    app.advance(TimeDelta::minutes(1));
    app.given_sql("UPDATE product_variants SET price = 1500");
    app.given_sql("UPDATE products SET price_min = 1500, price_max = 1500");
    assert_eq!(lines(app, products), ["GBP 1500 1500 t"]);
    assert_eq!(market.costs(&app.guest()).await, ["GBP 15.00 - -"]);
    app.given_sql("UPDATE jobs SET run_at = '2000-01-01' WHERE kind = 'products.settle'");
    app.run_jobs().await;
    assert_eq!(lines(app, changes)[2], "GBP 1500 1000 t");
    assert_eq!(market.costs(&app.guest()).await, ["GBP 15.00 - 10.00"]);
    app.given_sql("UPDATE products SET status = 'ARCHIVED'");
    assert_eq!(lines(app, products), ["GBP 1500 1500 f"]);
}
