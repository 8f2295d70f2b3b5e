//! What products of a list say, counted as shops count: what is chosen does not hide what else could be.

use std::collections::BTreeSet;

use agora::{kernel::id::Id, products::model::attributes::Attribute};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    costs::count,
    harness::{TestApp, app::Person},
};

const FACETS: &str = "query($filter: ProductFilter, $all: Boolean = true) { productFacets(filter: $filter) { totalCount isExact \
    categories { count category { name } } shops { count shop { name } } tags { count tag } \
    prices { count min { amount currency } max { amount } } \
    attributes { count attribute { handle } choices { count choice { name } } booleans { count isTrue } \
                 numbers { min max } dates { min max } } } \
    newest: products(filter: $filter, sort: NEWEST) @include(if: $all) { totalCount } products(filter: $filter) { totalCount } \
    facetsOfNewest: productFacets(filter: $filter, sort: NEWEST) @include(if: $all) { totalCount } }";

struct Market {
    app: TestApp,
    shops: Vec<String>,
    home: Value,
    lamps: Value,
    colour: Value,
    height: Value,
}

async fn category(admin: &Person, name: &str, parent: Option<&Value>) -> Value {
    let input = json!({"name": name, "parentId": parent});
    admin.mutate("createCategory", input, "category { id }").await.ok()["category"]["id"].clone()
}

async fn attribute(admin: &Person, input: Value) -> Value {
    admin.mutate("createAttribute", input, "attribute { id choices { id } }").await.ok()["attribute"].clone()
}

impl Market {
    /// Five lamps and two mugs, red and blue, of two shops, and a draft.
    async fn open() -> Self {
        let app = TestApp::start().await;
        let admin = app.sign_up("Olive").await;
        app.given_role(&admin, "ADMIN");
        let home = category(&admin, "Home", None).await;
        let lamps = category(&admin, "Lamps", Some(&home)).await;
        let mugs = category(&admin, "Mugs", Some(&home)).await;
        category(&admin, "Empty", None).await;
        let colour = json!({"name": "Colour", "kind": "CHOICE", "isFilterable": true, "choices": ["Red", "Blue"]});
        let colour = attribute(&admin, colour).await;
        let height = attribute(&admin, json!({"name": "Height", "kind": "NUMBER", "isFilterable": true})).await;
        let hidden = attribute(&admin, json!({"name": "Hidden", "kind": "BOOLEAN"})).await;
        let attributes = [&colour, &height, &hidden].map(|one| json!({"attributeId": one["id"]}));
        let kind = json!({"name": "Thing", "attributes": attributes});
        let kind =
            admin.mutate("createProductKind", kind, "productKind { id }").await.ok()["productKind"]["id"].clone();
        let seller = app.sign_up("Grace").await;
        let shops = vec![seller.open_shop("Mill").await, seller.open_shop("Barn").await];
        let goods = [
            ("Lamp", &lamps, 0, "ACTIVE"),
            ("Lamp", &lamps, 0, "ACTIVE"),
            ("Lamp", &lamps, 1, "ACTIVE"),
            ("Lamp", &lamps, 1, "ACTIVE"),
            ("Lamp", &lamps, 1, "ACTIVE"),
            ("Lamp", &lamps, 1, "DRAFT"),
            ("Mug", &mugs, 0, "ACTIVE"),
            ("Mug", &mugs, 1, "ACTIVE"),
        ];
        for (number, (title, category, colour_of, status)) in goods.into_iter().enumerate() {
            let value = |attribute: &Value, value: Value| json!({"attributeId": attribute["id"], "value": value});
            let input = json!({
                "shopId": shops[number % 2], "title": format!("{title} {number}"), "status": status, "categoryId": category,
                "price": {"amount": format!("{}.00", number + 1), "currency": "GBP"}, "kindId": kind,
                "tags": if number < 3 { vec!["new"] } else { vec![] },
                "attributes": [
                    value(&colour, json!({"choiceId": colour["choices"][colour_of]["id"]})),
                    value(&height, json!({"number": format!("{}.5", number + 10)})),
                    value(&hidden, json!({"isTrue": true})),
                ],
            });
            seller.mutate("createProduct", input, "product { id }").await.ok();
        }
        Self { app, shops, home, lamps, colour, height }
    }

    fn red(&self) -> Value {
        json!({"attributeId": self.colour["id"], "value": {"choiceIds": [self.colour["choices"][0]["id"]]}})
    }

    /// What is counted, shortly. It is what the list has.
    async fn facets(&self, filter: Value) -> Value {
        let data = self.app.guest().send(FACETS, json!({"filter": filter})).await.ok();
        let facets = &data["productFacets"];
        assert_eq!(facets["totalCount"], data["products"]["totalCount"]);
        assert_eq!(data["facetsOfNewest"]["totalCount"], data["newest"]["totalCount"]);
        assert_eq!(facets["isExact"], true);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let list = |all: &Value, name: &dyn Fn(&Value) -> String| {
            let all = all.as_array().unwrap().iter().map(|one| format!("{} {}", name(one), one["count"]));
            all.collect::<Vec<_>>().join(", ")
        };
        let said = |one: &Value| {
            let choices = list(&one["choices"], &|one| text(&one["choice"]["name"]));
            let numbers = match &one["numbers"] {
                Value::Null => String::new(),
                numbers => format!("{}-{}", text(&numbers["min"]), text(&numbers["max"])),
            };
            format!("{} of {}: {choices}{numbers}", text(&one["attribute"]["handle"]), one["count"])
        };
        json!({
            "categories": list(&facets["categories"], &|one| text(&one["category"]["name"])),
            "shops": list(&facets["shops"], &|one| text(&one["shop"]["name"])),
            "tags": list(&facets["tags"], &|one| text(&one["tag"])),
            "prices": list(&facets["prices"], &|one| format!("{}-{}", text(&one["min"]["amount"]), text(&one["max"]["amount"]))),
            "attributes": facets["attributes"].as_array().unwrap().iter().map(said).collect::<BTreeSet<_>>(),
        })
    }
}

#[actix_web::test]
async fn what_is_chosen_does_not_hide_what_else_could_be() {
    let market = Market::open().await;
    let all = json!({
        "categories": "Home 7", "shops": "Mill 4, Barn 3", "tags": "new 3", "prices": "1.00-8.00 7",
        "attributes": ["colour of 7: Blue 4, Red 3", "height of 7: 10.5-17.5"],
    });
    assert_eq!(market.facets(json!({})).await, all);
    assert_eq!(market.facets(json!({"query": "lampp"})).await["categories"], "Home 5");

    let low = json!({"attributeId": market.height["id"], "value": {"number": {"max": "13"}}});
    let facets = market.facets(json!({"attributes": [market.red()]})).await;
    assert_eq!(facets["attributes"], json!(["colour of 7: Blue 4, Red 3", "height of 3: 10.5-16.5"]));
    assert_eq!((&facets["shops"], &facets["prices"]), (&json!("Mill 2, Barn 1"), &json!("1.00-7.00 3")));
    let facets = market.facets(json!({"attributes": [market.red(), low]})).await;
    assert_eq!(facets["attributes"], json!(["colour of 3: Red 2, Blue 1", "height of 3: 10.5-16.5"]));

    let from = json!({"attributeId": market.height["id"], "value": {"number": {"min": "12"}}});
    let facets = market.facets(json!({"attributes": [from, low]})).await;
    assert_eq!(facets["attributes"], json!(["colour of 1: Blue 1", "height of 7: 10.5-17.5"]));
    let many: Vec<_> = (1..=6_u128)
        .map(|number| {
            let id: Id<Attribute> = Id::from_uuid(Uuid::from_u128(number));
            json!({"attributeId": id, "value": {"isTrue": true}})
        })
        .collect();
    let refused = market.app.guest().send(FACETS, json!({"filter": {"attributes": many}})).await;
    assert_eq!(refused.code(), "BAD_USER_INPUT");

    // The tree is open along the way to what is chosen.
    let facets = market.facets(json!({"categoryId": market.home})).await;
    assert_eq!(facets["categories"], "Home 7, Lamps 5, Mugs 2");
    let facets = market.facets(json!({"categoryId": market.lamps, "tags": ["NEW"]})).await;
    assert_eq!(facets["categories"], "Home 3, Lamps 3");
    assert_eq!(facets["attributes"], json!(["colour of 3: Red 2, Blue 1", "height of 3: 10.5-12.5"]));

    let price = json!({"max": {"amount": "3.00", "currency": "GBP"}});
    let facets = market.facets(json!({"shopId": market.shops[0], "price": price})).await;
    assert_eq!((&facets["shops"], &facets["prices"]), (&json!("Mill 2, Barn 1"), &json!("1.00-7.00 4")));
    assert_eq!(facets["categories"], "Home 2");
    let nothing = json!({"categories": "", "shops": "", "tags": "", "prices": "", "attributes": []});
    assert_eq!(market.facets(json!({"query": "nothing"})).await, nothing);
}

#[actix_web::test]
async fn what_a_product_says_and_costs_is_counted_at_once() {
    let app = TestApp::start().await;
    let admin = app.sign_up("Olive").await;
    app.given_role(&admin, "ADMIN");
    let mut attributes = Vec::new();
    for (name, kind) in [("Ripe", "BOOLEAN"), ("Picked", "DATE"), ("Weight", "NUMBER")] {
        attributes
            .push(attribute(&admin, json!({"name": name, "kind": kind, "isFilterable": true})).await["id"].clone());
    }
    let of_kind: Vec<_> = attributes.iter().map(|id| json!({"attributeId": id})).collect();
    let kind = json!({"name": "Fruit", "attributes": of_kind});
    let kind = admin.mutate("createProductKind", kind, "productKind { id }").await.ok()["productKind"]["id"].clone();
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let money = |amount: &str, currency: &str| json!({"amount": amount, "currency": currency});
    let said = |is_ripe: bool, day: &str, weight: &str| {
        let values = [json!({"isTrue": is_ripe}), json!({"date": day}), json!({"number": weight})];
        let said = attributes.iter().zip(values).map(|(id, value)| json!({"attributeId": id, "value": value}));
        said.collect::<Vec<_>>()
    };
    let mut products = Vec::new();
    for (title, is_ripe, day, weight, euros) in
        [("Apple", true, "2026-01-02", "-0.5", "7.00"), ("Pear", false, "1999-12-31", "2", "9.00")]
    {
        let input = json!({
            "shopId": shop, "title": title, "kindId": kind, "status": "ACTIVE", "attributes": said(is_ripe, day, weight),
            "variants": [{"price": money("5.00", "GBP"), "prices": [{"price": money(euros, "EUR")}]}],
        });
        let product = seller.mutate("createProduct", input, "product { id version }").await.ok()["product"].clone();
        products.push(product);
    }
    let guest = app.guest();
    let counted = async |filter: Value| {
        let document = "query($filter: ProductFilter) { productFacets(filter: $filter) { totalCount \
            prices { count min { amount currency } max { amount } } attributes { attribute { handle } count \
                booleans { count isTrue } numbers { min max } dates { min max } } } }";
        let facets = guest.send(document, json!({"filter": filter})).await.ok()["productFacets"].clone();
        let prices = facets["prices"].as_array().unwrap().iter().map(|price| {
            let amount = |bound: &str| price[bound]["amount"].as_str().unwrap();
            let currency = price["min"]["currency"].as_str().unwrap();
            format!("{}-{} {currency} {}", amount("min"), amount("max"), price["count"])
        });
        let prices = prices.collect::<BTreeSet<_>>();
        let of = |handle: &str, field: &str| {
            let mut all = facets["attributes"].as_array().unwrap().iter();
            all.find(|one| one["attribute"]["handle"] == handle).map_or(Value::Null, |one| one[field].clone())
        };
        json!({
            "total": facets["totalCount"], "prices": prices, "ripe": of("ripe", "booleans"),
            "picked": of("picked", "dates"), "weight": of("weight", "numbers"),
        })
    };
    let one = |is_true: bool| json!({"count": 1, "isTrue": is_true});
    let all = json!({
        "total": 2, "prices": ["5.00-5.00 GBP 2", "7.00-9.00 EUR 2"], "ripe": [one(true), one(false)],
        "picked": {"min": "1999-12-31", "max": "2026-01-02"}, "weight": {"min": "-0.5", "max": "2"},
    });
    assert_eq!(counted(json!({})).await, all);
    // A bound is held against what each of them says and costs, and hides nothing of its own facet.
    let early = json!({"attributeId": attributes[1], "value": {"date": {"max": "1999-12-31"}}});
    let pear = json!({
        "total": 1, "prices": ["5.00-5.00 GBP 1", "9.00-9.00 EUR 1"], "ripe": [one(false)],
        "picked": {"min": "1999-12-31", "max": "2026-01-02"}, "weight": {"min": "2", "max": "2"},
    });
    assert_eq!(counted(json!({"attributes": [early]})).await, pear);
    let is_ripe = json!({"attributeId": attributes[0], "value": {"isTrue": true}});
    let cheap = json!({"currency": "EUR", "max": money("7.00", "EUR")});
    let apple = json!({
        "total": 1, "prices": ["5.00-5.00 GBP 1", "7.00-7.00 EUR 1"], "ripe": [one(true)],
        "picked": {"min": "2026-01-02", "max": "2026-01-02"}, "weight": {"min": "-0.5", "max": "-0.5"},
    });
    assert_eq!(counted(json!({"shopId": shop, "attributes": [is_ripe], "price": cheap})).await, apple);

    // What is said of it anew, and no longer, is counted, and what somebody writes past the program.
    let change = json!({"productId": products[1]["id"], "expectedVersion": products[1]["version"],
        "attributes": [{"attributeId": attributes[2], "value": {"number": "1"}}]});
    seller.mutate("updateProduct", change, "product { id }").await.ok();
    app.given_sql("DELETE FROM product_prices WHERE currency = 'EUR' AND price_min = 700");
    app.given_sql("UPDATE product_prices SET price_min = 800 WHERE currency = 'EUR'");
    let changed = json!({
        "total": 2, "prices": ["5.00-5.00 GBP 2", "8.00-8.00 EUR 1"], "ripe": [one(true)],
        "picked": {"min": "2026-01-02", "max": "2026-01-02"}, "weight": {"min": "-0.5", "max": "1"},
    });
    assert_eq!(counted(json!({})).await, changed);
    // What the program packs itself is what the database makes of it.
    let versions = "SELECT count(*) AS count FROM products WHERE said <> product_said(id) OR said = ''";
    assert_eq!(count(&mut app.connect(), versions), 0);
}

#[actix_web::test]
async fn facets_take_few_statements() {
    let market = Market::open().await;
    let statements = async |filter: Value| {
        let answer = market.app.guest().send(FACETS, json!({"filter": filter, "all": false})).await;
        let statements = answer.statements.unwrap();
        answer.ok();
        statements
    };
    // With the list, and what is behind the ids: categories, shops, prices, attributes, choices.
    let all = statements(json!({})).await;
    assert!(all <= 11, "{all}");
    let more = statements(json!({"attributes": [market.red()], "shopId": market.shops[0]})).await;
    assert!(more <= all + 3, "{more}, {all} without a choice");
}

#[actix_web::test]
async fn what_is_not_asked_for_is_not_counted() {
    let market = Market::open().await;
    let statements = async |fields: &str, filter: Value| {
        let document = format!("query($filter: ProductFilter) {{ productFacets(filter: $filter) {{ {fields} }} }}");
        let answer = market.app.guest().send(&document, json!({"filter": filter})).await;
        let statements = answer.statements.unwrap();
        answer.ok();
        statements
    };
    let rows = statements("totalCount", json!({})).await;
    let facets = [
        ("isExact shops { count } tags { count } availability { count } ratings { count }", 0),
        ("prices { count }", 0),
        ("... on ProductFacets { prices { count } }", 0),
        ("attributes { count }", 1),
        ("categories { count }", 2),
        ("categories { count } prices { count } attributes { count }", 3),
    ];
    for (fields, more) in facets {
        assert_eq!(statements(fields, json!({})).await, rows + more, "{fields}");
    }
    let twice = "{ productFacets { all: shops { count } } productFacets { tags { count } } }";
    let facets = market.app.guest().query(twice).await.ok()["productFacets"].clone();
    assert_eq!(facets, json!({"all": [{"count": 4}, {"count": 3}], "tags": [{"count": 3}]}));
    // A choice costs nothing more.
    let red = json!({"attributes": [market.red()]});
    assert_eq!(statements("totalCount prices { count }", red.clone()).await, rows);
    assert_eq!(statements("attributes { count }", red).await, rows + 1);
    // What words find is gone through once, however many choices are made.
    let fields = "shops { count } ratings { count } prices { count } attributes { count }";
    let found = statements(fields, json!({"query": "lamp"})).await;
    let price = json!({"max": {"amount": "3.00", "currency": "GBP"}});
    let chosen = json!({"query": "lamp", "attributes": [market.red()], "shopId": market.shops[0], "price": price});
    assert_eq!(statements(fields, chosen).await, found);
}

#[actix_web::test]
async fn more_than_ten_thousand_are_not_counted_to_the_end() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Mill").await;
    seller.sell(&shop, "Flour", "1.00", 1).await;
    app.given_sql(
        "INSERT INTO products (id, shop_id, slug, title, status, currency, price_min, price_max, search, created_at, updated_at)
         SELECT gen_random_uuid(), shop_id, 'p-' || n, 'P', 'ACTIVE', 'GBP', 1, 1, 'many', now(), now()
         FROM products, generate_series(1, 10001) n WHERE title = 'Flour'",
    );
    let document = "{ productFacets(filter: {query: \"many\"}) { totalCount isExact shops { count } } }";
    let facets = app.guest().query(document).await.ok()["productFacets"].clone();
    assert_eq!(facets, json!({"totalCount": 10_000, "isExact": false, "shops": [{"count": 10_000}]}));
    // As many are counted where only some of the words are found.
    let document = "{ productFacets(filter: {query: \"many zzqxv\"}) { totalCount isExact } \
        products(filter: {query: \"many zzqxv\"}) { totalCount isTotalCountExact nodes { title } } }";
    let widened = app.guest().query(document).await.ok();
    assert_eq!(widened["productFacets"], json!({"totalCount": 10_000, "isExact": false}));
    assert_eq!(widened["products"]["totalCount"], 10_000);
    assert_eq!(widened["products"]["nodes"].as_array().unwrap().len(), 20);
    // Few are left by a choice, and what else could be is more: each is counted as far as it goes.
    app.given_sql(
        "UPDATE products SET rating_average = 45, rating_rank = 1 WHERE slug < 'p-3' COLLATE \"C\" AND title = 'P'",
    );
    let document = "query($filter: ProductFilter!) { productFacets(filter: $filter) { totalCount isExact shops { count } \
        ratings { minimum count } availability { count } } }";
    let rated = json!({"query": "many", "minimumRating": 4, "isAvailable": true});
    let facets = app.guest().send(document, json!({"filter": rated})).await.ok()["productFacets"].clone();
    let below = json!([{"count": 2_224}]);
    assert_eq!((&facets["totalCount"], &facets["isExact"]), (&json!(2_224), &json!(false)));
    assert_eq!((&facets["shops"], &facets["availability"]), (&below, &below));
    let stars = facets["ratings"].as_array().unwrap();
    assert!(stars[0]["minimum"] == 4 && stars.iter().all(|one| one["count"].as_i64().unwrap() <= 2_224), "{stars:?}");
    let document = "query($filter: ProductFilter!) { productFacets(filter: $filter) { totalCount isExact } }";
    let facets = app.guest().send(document, json!({"filter": rated})).await.ok()["productFacets"].clone();
    assert_eq!(facets, json!({"totalCount": 2_224, "isExact": true}), "what else could be was not asked for");
    let document = "{ productFacets(filter: {query: \"many\"}) { totalCount isExact shops { count } } }";
    app.given_sql("DELETE FROM products WHERE slug = 'p-1'");
    let facets = app.guest().query(document).await.ok()["productFacets"].clone();
    assert_eq!((&facets["totalCount"], &facets["isExact"]), (&json!(10_000), &json!(true)));
}
