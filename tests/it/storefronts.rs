//! What shops show of themselves, and what a holiday does.

use chrono::TimeDelta;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Integer};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, TestApp, app::Person},
    media::{announced_of_product, files::photo, send_for, send_of_product},
};

const SHOWN: &str = "shop { version banner { alternativeText image { id width url } } shipsFrom { city region country } \
                     holiday { startsAt endsAt note isOn } policies { kind body updatedAt } }";

async fn update(person: &Person, shop: &str, version: i64, mut change: Value) -> Answer {
    change["shopId"] = json!(shop);
    change["expectedVersion"] = json!(version);
    person.mutate("updateShop", change, SHOWN).await
}

async fn seen(app: &TestApp, shop: &str) -> Value {
    let document =
        format!("query($id: ID!) {{ shop(by: {{id: $id}}) {{ ...Seen }} }} fragment Seen on Shop {}", &SHOWN[5..]);
    app.guest().send(&document, json!({"id": shop})).await.ok()["shop"].clone()
}

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[derive(QueryableByName)]
struct References {
    #[diesel(sql_type = Integer)]
    reference_count: i32,
}

fn references(app: &TestApp) -> Vec<i32> {
    let rows =
        sql_query("SELECT reference_count FROM media ORDER BY reference_count").load::<References>(&mut app.connect());
    rows.unwrap().into_iter().map(|row| row.reference_count).collect()
}

#[actix_web::test]
async fn everybody_sees_what_a_shop_shows_and_its_members_the_whole_address() {
    let app = TestApp::start().await;
    let (seller, stranger) = (app.sign_up("Grace").await, app.sign_up("Tomas").await);
    let shop = seller.open_shop("Mill").await;
    let empty = json!({"version": 1, "banner": null, "shipsFrom": null, "holiday": null, "policies": []});
    assert_eq!(seen(&app, &shop).await, empty);

    let address =
        json!({"name": "Mill Ltd", "lines": ["1 Mill Lane"], "city": "York", "postalCode": "yo1 7hh", "country": "GB"});
    let change = json!({
        "banner": {"uploadId": send_for(&seller, &photo(80, 20), "BANNER").await, "alternativeText": " The mill "},
        "shipsFrom": address,
        "policies": [{"kind": "RETURNS", "body": "Within 30 days."}, {"kind": "LEGAL_NOTICE", "body": "Mill Ltd, York"}],
    });
    let shown = update(&seller, &shop, 1, change).await.ok()["shop"].clone();
    assert_eq!(shown, seen(&app, &shop).await);
    assert_eq!((&shown["version"], &shown["banner"]["alternativeText"]), (&json!(2), &json!("The mill")));
    assert_eq!(shown["banner"]["image"]["width"], 80);
    assert_eq!(reqwest::get(shown["banner"]["image"]["url"].as_str().unwrap()).await.unwrap().status(), 200);
    assert_eq!(shown["shipsFrom"], json!({"city": "York", "region": null, "country": "GB"}));
    let kinds: Vec<_> = shown["policies"].as_array().unwrap().iter().map(|policy| policy["kind"].clone()).collect();
    assert_eq!(kinds, ["LEGAL_NOTICE", "RETURNS"]);

    let desk = "{ viewer { shops { shipsFrom { name lines postalCode } } } }";
    let own = seller.query(desk).await.ok()["viewer"]["shops"][0]["shipsFrom"].clone();
    assert_eq!(own, json!({"name": "Mill Ltd", "lines": ["1 Mill Lane"], "postalCode": "YO1 7HH"}));
    assert_eq!(stranger.query(desk).await.ok()["viewer"]["shops"], json!([]));

    // What is absent stays, also the picture whose words change; a policy without words goes.
    let change = json!({"banner": {"alternativeText": "At night"}, "policies": [{"kind": "RETURNS", "body": " "}]});
    let after = update(&seller, &shop, 2, change).await.ok()["shop"].clone();
    assert_eq!(after["banner"]["alternativeText"], "At night");
    assert_eq!((&after["banner"]["image"], &after["shipsFrom"]), (&shown["banner"]["image"], &shown["shipsFrom"]));
    assert_eq!(after["policies"], json!([shown["policies"][0]]));
    assert_eq!(references(&app), [1]);

    // Another picture lets go of the one before, and null of all.
    let other = send_for(&seller, &photo(40, 20), "BANNER").await;
    let after = update(&seller, &shop, 3, json!({"banner": {"uploadId": other}})).await.ok()["shop"].clone();
    assert_eq!((&after["banner"]["image"]["width"], references(&app)), (&json!(40), vec![0, 1]));
    let change = json!({"banner": null, "shipsFrom": null, "policies": [{"kind": "LEGAL_NOTICE", "body": null}]});
    let cleared = update(&seller, &shop, 4, change).await.ok()["shop"].clone();
    assert_eq!(cleared, json!({"version": 5, "banner": null, "shipsFrom": null, "holiday": null, "policies": []}));
    assert_eq!(references(&app), [0, 0]);
}

#[actix_web::test]
async fn what_a_shop_cannot_show_is_refused_whole() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let product = send_of_product(&seller, &photo(80, 20)).await;
    let foreign = send_for(&app.sign_up("Tomas").await, &photo(80, 20), "BANNER").await;
    let long = "x".repeat(20_001);
    let now = app.app().now();
    for (change, code, field) in [
        (json!({"banner": {"alternativeText": "None yet"}}), "NOT_FOUND", "banner.uploadId"),
        (json!({"banner": {"uploadId": product}}), "NOT_FOUND", "banner.uploadId"),
        (json!({"banner": {"uploadId": foreign}}), "NOT_FOUND", "banner.uploadId"),
        (json!({"banner": {"uploadId": announced_of_product(&seller).await}}), "NOT_FOUND", "banner.uploadId"),
        (json!({"banner": {"alternativeText": "x".repeat(501)}}), "TOO_LONG", "banner.alternativeText"),
        (json!({"policies": [{"kind": "TERMS", "body": long}]}), "TOO_LONG", "policies.0.body"),
        (
            json!({"policies": [{"kind": "TERMS", "body": "x"}, {"kind": "TERMS", "body": "y"}]}),
            "TAKEN",
            "policies.1.kind",
        ),
        (
            json!({"shipsFrom": {"name": "M", "lines": ["1"], "city": "York", "country": "GB"}}),
            "BLANK",
            "shipsFrom.postalCode",
        ),
        (json!({"holiday": {"endsAt": now}}), "OUT_OF_RANGE", "holiday.endsAt"),
        (
            json!({"holiday": {"startsAt": now + TimeDelta::days(2), "endsAt": now + TimeDelta::days(1)}}),
            "OUT_OF_RANGE",
            "holiday.endsAt",
        ),
        (json!({"holiday": {"startsAt": "1969-12-31T23:59:59Z"}}), "OUT_OF_RANGE", "holiday.startsAt"),
        // Less apart than the database can tell.
        (
            json!({"holiday": {"startsAt": "2030-01-01T00:00:00.0000001Z", "endsAt": "2030-01-01T00:00:00.0000002Z"}}),
            "OUT_OF_RANGE",
            "holiday.endsAt",
        ),
        (json!({"holiday": {"note": "x".repeat(501)}}), "TOO_LONG", "holiday.note"),
    ] {
        let mut change = change;
        change["name"] = json!("Another name");
        assert_eq!(update(&seller, &shop, 1, change).await.refusal(), refusal(code, field));
    }
    let empty = json!({"version": 1, "banner": null, "shipsFrom": null, "holiday": null, "policies": []});
    assert_eq!(seen(&app, &shop).await, empty);
    // Two at once: one of them reads again.
    let stale = update(&seller, &shop, 7, json!({"holiday": {}})).await;
    assert_eq!(stale.refusal(), refusal("STALE_VERSION", "expectedVersion"));
}

#[actix_web::test]
async fn a_shop_on_holiday_shows_its_goods_and_takes_no_orders() {
    let app = TestApp::start().await;
    let (seller, buyer) = (app.sign_up("Grace").await, app.sign_up("Bob").await);
    let shop = seller.open_shop("Mill").await;
    let goods = seller.sell(&shop, "Lamp", "5.00", 9).await;
    let now = app.app().now();
    let holiday =
        json!({"startsAt": now + TimeDelta::minutes(2), "endsAt": now + TimeDelta::minutes(4), "note": "At the sea"});
    let shown = update(&seller, &shop, 1, json!({"holiday": holiday})).await.ok()["shop"]["holiday"].clone();
    assert_eq!((&shown["note"], &shown["isOn"]), (&json!("At the sea"), &json!(false)));
    buyer.order(&[(&goods, 1)], "5.00", "before").await.ok();

    app.advance(TimeDelta::minutes(2));
    assert_eq!(seen(&app, &shop).await["holiday"]["isOn"], true);
    let refused = buyer.order(&[(&goods, 1)], "5.00", "during").await;
    assert_eq!(refused.refusal(), refusal("SHOP_ON_HOLIDAY", "lines.0.variantId"));
    assert_eq!(app.guest().available(&goods).await, 8);

    app.advance(TimeDelta::minutes(2));
    assert_eq!(seen(&app, &shop).await["holiday"], Value::Null);
    buyer.order(&[(&goods, 1)], "5.00", "after").await.ok();

    // Without an end it lasts until the shop ends it.
    let open = update(&seller, &shop, 2, json!({"holiday": {}})).await.ok()["shop"]["holiday"].clone();
    assert_eq!((&open["endsAt"], &open["isOn"], &open["note"]), (&Value::Null, &json!(true), &json!("")));
    assert_eq!(buyer.order(&[(&goods, 1)], "5.00", "open").await.refusal().0, "SHOP_ON_HOLIDAY");
    assert_eq!(update(&seller, &shop, 3, json!({"holiday": null})).await.ok()["shop"]["holiday"], Value::Null);
    buyer.order(&[(&goods, 1)], "5.00", "at last").await.ok();
}

#[actix_web::test]
async fn a_page_of_products_asks_once_for_what_their_shops_show() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    for name in ["One", "Two", "Three"] {
        let shop = seller.open_shop(name).await;
        let policies = json!([{"kind": "TERMS", "body": name}]);
        update(&seller, &shop, 1, json!({"policies": policies, "holiday": {"note": name}})).await.ok();
        seller.sell(&shop, name, "5.00", 1).await;
    }
    let document = "{ products { nodes { shop { name banner { image { id } } shipsFrom { city } holiday { note } policies { body } } } } }";
    let answer = app.guest().query(document).await;
    assert_eq!(answer.statements.unwrap(), 3, "the list, the profiles and the policies");
    for product in answer.ok()["products"]["nodes"].as_array().unwrap() {
        let shop = &product["shop"];
        assert_eq!((&shop["holiday"]["note"], &shop["policies"][0]["body"]), (&shop["name"], &shop["name"]));
    }
}
