//! Lists by prices in a currency: what is in them, in which order, and in pages.

use serde_json::{Value, json};

use crate::harness::{Client, TestApp};

const LIST: &str =
    "query($filter: ProductFilter!, $sort: ProductSort, $first: Int, $after: String, $last: Int, $before: String) {
    products(filter: $filter, sort: $sort, first: $first, after: $after, last: $last, before: $before) {
        totalCount nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

fn money(amount: &str, currency: &str) -> Value {
    json!({"amount": amount, "currency": currency})
}

async fn list(client: &Client, filter: Value, sort: &str) -> Vec<String> {
    let page = client.send(LIST, json!({"filter": filter, "sort": sort, "first": 100})).await.ok()["products"].clone();
    let titles: Vec<_> = titles(&page);
    assert_eq!(page["totalCount"], titles.len());
    titles
}

fn titles(page: &Value) -> Vec<String> {
    page["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect()
}

/// Pounds and euros go different ways; the last two have one price alone, and one is for members only.
const GOODS: [(&str, &str, Option<&str>, &str); 6] = [
    ("Ash", "1.00", Some("9.00"), "ACTIVE"),
    ("Beech", "2.00", Some("7.00"), "ACTIVE"),
    ("Cedar", "3.00", Some("7.00"), "ACTIVE"),
    ("Elm", "4.00", Some("1.00"), "ACTIVE"),
    ("Fir", "5.00", None, "ACTIVE"),
    ("Gum", "0.50", Some("0.50"), "DRAFT"),
];

async fn market() -> (TestApp, crate::harness::app::Person, Vec<Value>) {
    let app = TestApp::start().await;
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Mill").await;
    let mut products = Vec::new();
    for (title, pounds, euros, status) in GOODS {
        let euros: Vec<_> = euros.into_iter().map(|euros| json!({"price": money(euros, "EUR")})).collect();
        // A dearer variant does not count.
        let variants = json!([
            {"title": "S", "price": money(pounds, "GBP"), "prices": euros},
            {"title": "L", "price": money("50.00", "GBP"), "prices": [{"price": money("90.00", "EUR")}]},
        ]);
        let variants = if euros.is_empty() { json!([{"price": money(pounds, "GBP")}]) } else { variants };
        let input = json!({"shopId": shop, "title": format!("{title} tree"), "tags": ["tree"], "status": status, "variants": variants});
        let product = seller.mutate("createProduct", input, "product { id variants { id version } }").await.ok();
        products.push(product["product"].clone());
        app.advance(chrono::TimeDelta::seconds(1));
    }
    let euro_shop = json!({"name": "Moulin", "currency": "EUR", "country": "FR"});
    let euro_shop =
        seller.mutate("openShop", euro_shop, "desk { shop { id } }").await.ok()["desk"]["shop"]["id"].clone();
    let input = json!({"shopId": euro_shop, "title": "Hazel tree", "tags": ["tree"], "price": money("5.00", "EUR")});
    seller.mutate("createProduct", input, "product { id }").await.ok();
    (app, seller, products)
}

#[actix_web::test]
async fn products_are_found_and_sorted_by_what_they_cost_in_a_currency() {
    let (app, seller, products) = market().await;
    let guest = app.guest();
    let named = |names: &[&str]| names.iter().map(|name| format!("{name} tree")).collect::<Vec<_>>();
    let euros = |rest: Value| {
        let mut price = json!({"currency": "EUR"});
        price.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        json!({"price": price})
    };
    let with = |mut filter: Value, rest: Value| {
        filter.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        filter
    };
    let bounds = json!({"min": money("5.00", "EUR"), "max": money("7.00", "EUR")});
    // By walking, and by what a tag or words narrow it to.
    for narrow in [json!({}), json!({"tags": ["tree"]}), json!({"query": "tree"})] {
        let (all, some) = (with(euros(json!({})), narrow.clone()), with(euros(bounds.clone()), narrow.clone()));
        let low_to_high = list(&guest, all.clone(), "PRICE_LOW_TO_HIGH").await;
        assert_eq!(low_to_high, named(&["Elm", "Hazel", "Beech", "Cedar", "Ash"]), "{narrow}");
        let mut high_to_low = list(&guest, all.clone(), "PRICE_HIGH_TO_LOW").await;
        high_to_low.reverse();
        assert_eq!(high_to_low, low_to_high, "{narrow}");
        assert_eq!(list(&guest, all, "NEWEST").await, named(&["Hazel", "Elm", "Cedar", "Beech", "Ash"]));
        assert_eq!(list(&guest, some.clone(), "PRICE_LOW_TO_HIGH").await, named(&["Hazel", "Beech", "Cedar"]));
        assert_eq!(list(&guest, some.clone(), "NEWEST").await, named(&["Hazel", "Cedar", "Beech"]));
        assert_eq!(list(&guest, some, "BEST_SELLING").await.len(), 3);
        let pounds = with(json!({"price": {"max": money("4.00", "GBP")}}), narrow.clone());
        assert_eq!(list(&guest, pounds, "PRICE_HIGH_TO_LOW").await, named(&["Elm", "Cedar", "Beech", "Ash"]));
        let dollars = with(json!({"price": {"currency": "USD"}}), narrow);
        assert_eq!(list(&guest, dollars, "PRICE_LOW_TO_HIGH").await, [""; 0]);
    }
    // Without a currency by each shop's own.
    let own = list(&guest, json!({}), "PRICE_LOW_TO_HIGH").await;
    assert_eq!(own, named(&["Hazel", "Ash", "Beech", "Cedar", "Elm", "Fir"]));
    let mixed = json!({"price": {"min": money("1.00", "EUR"), "currency": "GBP"}});
    assert_eq!(guest.send(LIST, json!({"filter": mixed})).await.code(), "BAD_USER_INPUT");

    // In pages, both ways, through what costs the same.
    for narrow in [json!({}), json!({"tags": ["tree"]})] {
        let filter = with(euros(json!({})), narrow);
        for sort in ["PRICE_LOW_TO_HIGH", "PRICE_HIGH_TO_LOW"] {
            let whole = list(&guest, filter.clone(), sort).await;
            let (mut forward, mut cursor) = (Vec::new(), Value::Null);
            loop {
                let variables = json!({"filter": filter, "sort": sort, "first": 2, "after": cursor});
                let page = guest.send(LIST, variables).await.ok()["products"].clone();
                forward.extend(titles(&page));
                cursor = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
            }
            assert_eq!(forward, whole, "{sort}");
            let variables = json!({"filter": filter, "sort": sort, "last": 3, "before": cursor});
            let page = guest.send(LIST, variables).await.ok()["products"].clone();
            assert_eq!(titles(&page), whole[1..4], "{sort}");
        }
    }

    // What changes is found by what it costs now; what is gone, no more.
    let elm = &products[3];
    let variant = |place: usize, prices: Value| json!({"variantId": elm["variants"][place]["id"], "expectedVersion": 1, "prices": prices});
    let dearer = json!([variant(0, json!([{"price": money("20.00", "EUR")}]))]);
    let input = json!({"productId": elm["id"], "variants": dearer});
    seller.mutate("updateProductPrices", input, "product { id }").await.ok();
    let sorted = list(&guest, euros(json!({})), "PRICE_LOW_TO_HIGH").await;
    assert_eq!(sorted, named(&["Hazel", "Beech", "Cedar", "Ash", "Elm"]));
    let mut none = json!([variant(0, json!([])), variant(1, json!([]))]);
    none[0]["expectedVersion"] = 2.into();
    let input = json!({"productId": elm["id"], "variants": none});
    seller.mutate("updateProductPrices", input, "product { id }").await.ok();
    assert_eq!(list(&guest, euros(json!({})), "NEWEST").await, named(&["Hazel", "Cedar", "Beech", "Ash"]));
    let hide = json!({"productId": products[0]["id"], "expectedVersion": 1, "status": "ARCHIVED"});
    seller.mutate("updateProduct", hide, "product { id }").await.ok();
    let show = json!({"productId": products[5]["id"], "expectedVersion": 1, "status": "ACTIVE"});
    seller.mutate("updateProduct", show, "product { id }").await.ok();
    let sorted = list(&guest, euros(json!({})), "PRICE_LOW_TO_HIGH").await;
    assert_eq!(sorted, named(&["Gum", "Hazel", "Beech", "Cedar"]));
}

#[actix_web::test]
async fn facets_have_the_prices_of_each_currency() {
    let (app, ..) = market().await;
    let prices = async |filter: Value| {
        let document = "query($filter: ProductFilter!) { productFacets(filter: $filter) { totalCount prices { count min { amount currency } max { amount } } } }";
        let facets = app.guest().send(document, json!({"filter": filter})).await.ok()["productFacets"].clone();
        let price = |price: &Value| {
            let text = |money: &Value, field: &str| money[field].as_str().unwrap().to_owned();
            let (min, max) = (&price["min"], &price["max"]);
            format!("{} {}-{} {}", text(min, "currency"), text(min, "amount"), text(max, "amount"), price["count"])
        };
        let prices: Vec<_> = facets["prices"].as_array().unwrap().iter().map(price).collect();
        (facets["totalCount"].as_i64().unwrap(), prices)
    };
    let all = vec!["EUR 1.00-9.00 5".to_owned(), "GBP 1.00-5.00 5".to_owned()];
    assert_eq!(prices(json!({})).await, (6, all.clone()));
    // What is chosen does not hide what else could be.
    assert_eq!(prices(json!({"price": {"max": money("5.00", "EUR")}})).await, (2, all.clone()));
    assert_eq!(prices(json!({"price": {"currency": "GBP"}})).await, (5, all));
    let beech = vec!["EUR 7.00-7.00 1".to_owned(), "GBP 2.00-2.00 1".to_owned()];
    assert_eq!(prices(json!({"query": "beech"})).await, (1, beech));
}
