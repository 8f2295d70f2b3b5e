//! What shops set up of how they send: zones, methods and rates.

mod offers;

use agora::kernel::id::Id;
use chrono::TimeDelta;
use diesel::{RunQueryDsl, sql_query, sql_types::Uuid as SqlUuid};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, app::Person};

const ZONE: &str = "shippingZone { id name countries version }";
const METHOD: &str = "shippingMethod { id name description minimumWeightGrams maximumWeightGrams minimumDeliveryDays \
                      maximumDeliveryDays isActive version rates { price { amount currency } minimumSubtotal { amount } \
                      maximumSubtotal { amount } freeFrom { amount } } }";

struct Shop {
    owner: Person,
    id: String,
}

impl Shop {
    async fn open(app: &TestApp, owner: &str) -> Self {
        let owner = app.sign_up(owner).await;
        let id = owner.open_shop("Mill").await;
        Self { owner, id }
    }

    async fn try_zone(&self, name: &str, countries: Value) -> Answer {
        let input = json!({"shopId": self.id, "name": name, "countries": countries});
        self.owner.mutate("createShippingZone", input, ZONE).await
    }

    /// Makes a zone. Its id.
    async fn zone(&self, name: &str, countries: Value) -> Value {
        self.try_zone(name, countries).await.ok()["shippingZone"]["id"].clone()
    }

    async fn change_zone(&self, zone: &Value, version: i32, change: Value) -> Answer {
        let input = with(json!({"shippingZoneId": zone, "expectedVersion": version}), change);
        self.owner.mutate("updateShippingZone", input, ZONE).await
    }

    async fn try_method(&self, zone: &Value, rates: Value, rest: Value) -> Answer {
        let input = with(json!({"shippingZoneId": zone, "name": "Post", "rates": rates}), rest);
        self.owner.mutate("createShippingMethod", input, METHOD).await
    }

    /// Makes a method. Its id.
    async fn method(&self, zone: &Value, rates: Value, rest: Value) -> Value {
        self.try_method(zone, rates, rest).await.ok()["shippingMethod"]["id"].clone()
    }

    async fn change_method(&self, method: &Value, version: i32, change: Value) -> Answer {
        let input = with(json!({"shippingMethodId": method, "expectedVersion": version}), change);
        self.owner.mutate("updateShippingMethod", input, METHOD).await
    }

    async fn delete_zone(&self, zone: &Value, version: i32) -> Answer {
        let input = json!({"shippingZoneId": zone, "expectedVersion": version});
        self.owner.mutate("deleteShippingZone", input, "deletedShippingZoneId").await
    }

    async fn zones(&self) -> Value {
        let document = "{ viewer { shops { shippingZones { id name countries version methods { id name rates { price { amount } } } } } } }";
        self.owner.query(document).await.ok()["viewer"]["shops"][0]["shippingZones"].clone()
    }
}

fn with(mut input: Value, rest: Value) -> Value {
    let Value::Object(rest) = rest else { panic!("no object: {rest}") };
    input.as_object_mut().unwrap().extend(rest);
    input
}

fn gbp(amount: &str) -> Value {
    json!({"amount": amount, "currency": "GBP"})
}

fn refused(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[actix_web::test]
async fn a_shop_divides_the_world_and_nothing_lies_in_two_zones() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app, "Olga").await;
    assert_eq!(shop.zones().await, json!([]));
    let home = shop.try_zone(" Home ", json!(["IE", "GB"])).await.ok()["shippingZone"].clone();
    assert_eq!(home, json!({"id": home["id"], "name": "Home", "countries": ["GB", "IE"], "version": 1}));
    assert!(home["id"].as_str().unwrap().starts_with("shippingzone_"));
    let long = "x".repeat(81);
    for (name, countries, refusal) in [
        ("Again", json!(["DE", "GB"]), refused("TAKEN", "countries.1")),
        ("Twice", json!(["DE", "FR", "DE"]), refused("TAKEN", "countries.2")),
        ("", json!(["DE"]), refused("BLANK", "name")),
        (long.as_str(), json!(["DE"]), refused("TOO_LONG", "name")),
        ("A\u{7}", json!(["DE"]), refused("INVALID", "name")),
        ("Many", json!(vec!["DE"; 251]), refused("TOO_MANY", "countries")),
    ] {
        assert_eq!(shop.try_zone(name, countries).await.refusal(), refusal);
    }
    app.advance(TimeDelta::seconds(1));
    let world = shop.zone("World", json!([])).await;
    assert_eq!(shop.try_zone("Others", json!([])).await.refusal(), refused("TAKEN", "countries"));

    // Another shop has a world of its own.
    let other = Shop::open(&app, "Otto").await;
    other.zone("Home", json!(["GB"])).await;
    other.zone("World", json!([])).await;

    let change = async |zone: &Value, version: i32, change: Value| shop.change_zone(zone, version, change).await;
    let changed = change(&home["id"], 1, json!({"countries": ["GB", "FR"]})).await.ok();
    assert_eq!(changed["shippingZone"]["countries"], json!(["FR", "GB"]));
    assert_eq!(
        change(&home["id"], 1, json!({"name": "Late"})).await.refusal(),
        refused("STALE_VERSION", "expectedVersion")
    );
    assert_eq!(
        change(&home["id"], 2, json!({"name": "Near"})).await.ok()["shippingZone"]["countries"],
        json!(["FR", "GB"])
    );
    assert_eq!(change(&home["id"], 3, json!({"countries": []})).await.refusal(), refused("TAKEN", "countries"));
    assert_eq!(change(&world, 1, json!({"countries": ["US", "FR"]})).await.refusal(), refused("TAKEN", "countries.1"));
    // What was let go of can lie elsewhere, and so can the rest.
    change(&world, 1, json!({"countries": ["IE"]})).await.ok();
    change(&home["id"], 3, json!({"countries": []})).await.ok();
    let zones = shop.zones().await;
    let seen: Vec<_> = zones.as_array().unwrap().iter().map(|zone| json!([zone["name"], zone["countries"]])).collect();
    assert_eq!(seen, [json!(["Near", []]), json!(["World", ["IE"]])]);
}

#[actix_web::test]
async fn the_database_itself_keeps_zones_apart() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app, "Olga").await;
    let (home, world) = (shop.zone("Home", json!(["GB"])).await, shop.zone("World", json!([])).await);
    let uuid = |id: &Value| id.as_str().unwrap().parse::<Id<agora::shipping::model::Zone>>().unwrap().uuid();
    for sql in [
        "INSERT INTO shipping_zone_countries (shop_id, country, zone_id) SELECT shop_id, 'GB', id FROM shipping_zones WHERE id = $1",
        "INSERT INTO shipping_zones (id, shop_id, name, is_rest_of_world, created_at) \
         SELECT gen_random_uuid(), shop_id, 'Second', true, now() FROM shipping_zones WHERE id = $1",
        // A zone of no such shop.
        "INSERT INTO shipping_zone_countries (shop_id, country, zone_id) VALUES (gen_random_uuid(), 'DE', $1)",
    ] {
        for zone in [&home, &world] {
            sql_query(sql).bind::<SqlUuid, _>(uuid(zone)).execute(&mut app.connect()).unwrap_err();
        }
    }
}

#[actix_web::test]
async fn a_zone_has_methods_with_a_rate_for_each_currency() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app, "Olga").await;
    let zone = shop.zone("Home", json!(["GB"])).await;
    let rates = json!([
        {"price": gbp("3.50"), "minimumSubtotal": gbp("1"), "maximumSubtotal": gbp("100"), "freeFrom": gbp("50")},
        {"price": {"amount": "4.00", "currency": "EUR"}},
    ]);
    let rest = json!({"description": "By van.", "minimumWeightGrams": 0, "maximumWeightGrams": 2000,
                      "minimumDeliveryDays": 2, "maximumDeliveryDays": 4});
    let made = shop.try_method(&zone, rates, rest).await.ok()["shippingMethod"].clone();
    let id = made["id"].clone();
    assert_eq!(
        made,
        json!({"id": id, "name": "Post", "description": "By van.", "minimumWeightGrams": 0, "maximumWeightGrams": 2000,
               "minimumDeliveryDays": 2, "maximumDeliveryDays": 4, "isActive": true, "version": 1, "rates": [
            {"price": {"amount": "4.00", "currency": "EUR"}, "minimumSubtotal": null, "maximumSubtotal": null, "freeFrom": null},
            {"price": {"amount": "3.50", "currency": "GBP"}, "minimumSubtotal": {"amount": "1.00"},
             "maximumSubtotal": {"amount": "100.00"}, "freeFrom": {"amount": "50.00"}},
        ]})
    );

    // What is absent stays, null clears, and rates are replaced as a whole.
    let changed =
        shop.change_method(&id, 1, json!({"name": "Van", "description": null, "maximumWeightGrams": null})).await;
    let changed = changed.ok()["shippingMethod"].clone();
    assert_eq!(
        (&changed["name"], &changed["description"], &changed["maximumWeightGrams"], &changed["minimumDeliveryDays"]),
        (&json!("Van"), &Value::Null, &Value::Null, &json!(2))
    );
    assert_eq!((&changed["rates"], &changed["version"]), (&made["rates"], &json!(2)));
    let changed = shop.change_method(&id, 2, json!({"rates": [{"price": gbp("0")}], "isActive": false})).await;
    let changed = changed.ok()["shippingMethod"].clone();
    assert_eq!(changed["rates"].as_array().unwrap().len(), 1);
    assert_eq!((&changed["rates"][0]["price"]["amount"], &changed["isActive"]), (&json!("0.00"), &json!(false)));
    assert_eq!(shop.change_method(&id, 2, json!({})).await.refusal(), refused("STALE_VERSION", "expectedVersion"));

    // They come in the order in which they were made, and what is gone leaves its place to nobody.
    shop.method(&zone, json!([]), json!({"name": "Bike"})).await;
    let input = json!({"shippingMethodId": id, "expectedVersion": 3});
    let deleted = shop.owner.mutate("deleteShippingMethod", input.clone(), "deletedShippingMethodId").await.ok();
    assert_eq!(deleted["deletedShippingMethodId"], id);
    assert_eq!(
        shop.owner.mutate("deleteShippingMethod", input, "").await.refusal(),
        refused("NOT_FOUND", "shippingMethodId")
    );
    shop.method(&zone, json!([]), json!({"name": "Van"})).await;
    let methods = shop.zones().await[0]["methods"].clone();
    let names: Vec<_> = methods.as_array().unwrap().iter().map(|method| method["name"].clone()).collect();
    assert_eq!(names, ["Bike", "Van"]);

    // A zone goes with its methods.
    assert_eq!(shop.delete_zone(&zone, 2).await.refusal(), refused("STALE_VERSION", "expectedVersion"));
    assert_eq!(shop.delete_zone(&zone, 1).await.ok()["deletedShippingZoneId"], zone);
    assert_eq!(shop.zones().await, json!([]));
    assert_eq!(shop.delete_zone(&zone, 1).await.refusal(), refused("NOT_FOUND", "shippingZoneId"));
    assert_eq!(shop.try_method(&zone, json!([]), json!({})).await.refusal(), refused("NOT_FOUND", "shippingZoneId"));
}

#[actix_web::test]
async fn what_no_method_can_be_is_refused_where_it_stands() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app, "Olga").await;
    let zone = shop.zone("Home", json!(["GB"])).await;
    let euros = json!({"amount": "1.00", "currency": "EUR"});
    for (rates, rest, refusal) in [
        (json!([]), json!({"name": " "}), refused("BLANK", "name")),
        (json!([]), json!({"name": "x".repeat(81)}), refused("TOO_LONG", "name")),
        (json!([]), json!({"description": "x".repeat(301)}), refused("TOO_LONG", "description")),
        (json!([]), json!({"minimumWeightGrams": -1}), refused("OUT_OF_RANGE", "minimumWeightGrams")),
        (
            json!([]),
            json!({"minimumWeightGrams": 2, "maximumWeightGrams": 1}),
            refused("OUT_OF_RANGE", "maximumWeightGrams"),
        ),
        (json!([]), json!({"maximumDeliveryDays": 366}), refused("OUT_OF_RANGE", "maximumDeliveryDays")),
        (
            json!([]),
            json!({"minimumDeliveryDays": 3, "maximumDeliveryDays": 2}),
            refused("OUT_OF_RANGE", "maximumDeliveryDays"),
        ),
        (json!([{"price": gbp("-0.01")}]), json!({}), refused("OUT_OF_RANGE", "rates.0.price")),
        (
            json!([{"price": gbp("1"), "minimumSubtotal": gbp("5"), "maximumSubtotal": gbp("5")}]),
            json!({}),
            refused("OUT_OF_RANGE", "rates.0.maximumSubtotal"),
        ),
        (json!([{"price": gbp("1"), "freeFrom": euros}]), json!({}), refused("CURRENCY_MISMATCH", "rates.0.freeFrom")),
        (
            json!([{"price": gbp("1")}, {"price": euros}, {"price": gbp("2")}]),
            json!({}),
            refused("TAKEN", "rates.2.price.currency"),
        ),
        (json!(vec![json!({"price": gbp("1")}); 21]), json!({}), refused("TOO_MANY", "rates")),
    ] {
        assert_eq!(shop.try_method(&zone, rates, rest).await.refusal(), refusal);
    }
    // Held against what stays as it was, what was just given is at fault.
    let method = shop.method(&zone, json!([]), json!({"minimumWeightGrams": 10, "maximumWeightGrams": 20})).await;
    for (change, field) in [
        (json!({"minimumWeightGrams": 21}), "minimumWeightGrams"),
        (json!({"maximumWeightGrams": 9}), "maximumWeightGrams"),
    ] {
        assert_eq!(shop.change_method(&method, 1, change).await.refusal(), refused("OUT_OF_RANGE", field));
    }
    assert_eq!(shop.change_method(&method, 1, json!({"name": "\u{7}"})).await.refusal(), refused("INVALID", "name"));
    let answer = shop.change_method(&method, 1, json!({"rates": null})).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
}

#[actix_web::test]
async fn a_repeat_makes_nothing_twice() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app, "Olga").await;
    let input = json!({"shopId": shop.id, "name": "Home", "countries": ["GB"], "idempotencyKey": "home"});
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = shop.owner.mutate("createShippingZone", input.clone(), ZONE).await.ok();
        ids.push(made["shippingZone"]["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    let other = with(input, json!({"countries": ["IE"]}));
    assert_eq!(
        shop.owner.mutate("createShippingZone", other, ZONE).await.refusal(),
        refused("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")
    );
    for _ in 0..2 {
        shop.method(&ids[0], json!([]), json!({"idempotencyKey": "post"})).await;
    }
    let reused = shop.try_method(&ids[0], json!([]), json!({"idempotencyKey": "post", "isActive": false})).await;
    assert_eq!(reused.refusal(), refused("IDEMPOTENCY_KEY_REUSED", "idempotencyKey"));
    assert_eq!(shop.zones().await[0]["methods"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn of_many_at_once_no_country_gets_into_two_zones_and_no_bound_is_passed() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app, "Olga").await;
    let count = |answers: &[Answer], code: &str, field: &str| {
        answers.iter().filter(|answer| answer.refusals() == [refused(code, field)]).count()
    };
    // The first zones of a shop, which nothing stands beside yet.
    let made = join_all((0..6).map(|_| shop.try_zone("Home", json!(["GB"])))).await;
    assert_eq!(count(&made, "TAKEN", "countries.0"), 5);
    let made = join_all((0..6).map(|_| shop.try_zone("World", json!([])))).await;
    assert_eq!(count(&made, "TAKEN", "countries"), 5);

    app.given_sql(
        "INSERT INTO shipping_zones (id, shop_id, name, is_rest_of_world, created_at) \
         SELECT gen_random_uuid(), id, 'Zone ' || n, false, now() FROM shops, generate_series(1, 46) n",
    );
    let countries = ["DE", "FR", "IT", "ES", "PT", "NL"];
    let made = join_all(countries.map(|country| shop.try_zone(country, json!([country])))).await;
    assert_eq!(count(&made, "TOO_MANY", "shopId"), 4);

    let zone = shop.zones().await[0]["id"].clone();
    for _ in 0..18 {
        shop.method(&zone, json!([]), json!({})).await;
    }
    let made = join_all((0..6).map(|_| shop.try_method(&zone, json!([]), json!({})))).await;
    assert_eq!(count(&made, "TOO_MANY", "shippingZoneId"), 4);
}

#[actix_web::test]
async fn the_desk_is_read_in_few_statements_and_strangers_have_no_part_in_it() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app, "Olga").await;
    for country in ["GB", "IE", "FR"] {
        let zone = shop.zone(country, json!([country])).await;
        for _ in 0..3 {
            shop.method(&zone, json!([{"price": gbp("1")}]), json!({})).await;
        }
    }
    let document =
        "{ viewer { shops { shippingZones { name countries methods { name rates { price { amount } } } } } } }";
    let answer = shop.owner.query(document).await;
    assert!(answer.statements.unwrap() <= 5, "{answer:?}");
    assert_eq!(answer.ok()["viewer"]["shops"][0]["shippingZones"].as_array().unwrap().len(), 3);

    let eve = Shop::open(&app, "Eve").await;
    let zone = shop.zones().await[0].clone();
    assert_eq!(eve.change_zone(&zone["id"], 1, json!({})).await.refusal(), refused("NOT_FOUND", "shippingZoneId"));
    assert_eq!(eve.delete_zone(&zone["id"], 1).await.refusal(), refused("NOT_FOUND", "shippingZoneId"));
    let method = &zone["methods"][0]["id"];
    assert_eq!(eve.change_method(method, 1, json!({})).await.refusal(), refused("NOT_FOUND", "shippingMethodId"));
    let input = json!({"shopId": shop.id, "name": "Mine", "countries": ["DE"]});
    assert_eq!(eve.owner.mutate("createShippingZone", input, "").await.refusal(), refused("NOT_FOUND", "shopId"));
    assert_eq!(send(&app.guest(), &shop, "DE").await, json!(false));
}

/// Whether a shop says that it sends to a country.
async fn send(client: &Client, shop: &Shop, country: &str) -> Value {
    let document = "query($id: ID!, $country: CountryCode!) { shop(by: {id: $id}) { canShipTo(country: $country) } }";
    client.send(document, json!({"id": shop.id, "country": country})).await.ok()["shop"]["canShipTo"].clone()
}
