//! The address book, and how countries write addresses.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, app::Person};

const ENTRY: &str = "savedAddress { id isDefaultShipping isDefaultBilling address { name region postalCode city } }";

fn york() -> Value {
    json!({"name": " Ada ", "lines": ["1 High Street"], "postalCode": "yo1 7hh", "city": "York", "country": "GB"})
}

async fn save(client: &Client, input: Value) -> Answer {
    client.mutate("createSavedAddress", input, ENTRY).await
}

async fn flags(person: &Person) -> Vec<(bool, bool)> {
    let book = person.query("{ viewer { addresses { isDefaultShipping isDefaultBilling } } }").await.ok();
    let book = book["viewer"]["addresses"].as_array().unwrap().clone();
    let is = |entry: &Value, name: &str| entry[name].as_bool().unwrap();
    book.iter().map(|entry| (is(entry, "isDefaultShipping"), is(entry, "isDefaultBilling"))).collect()
}

#[actix_web::test]
async fn addresses_are_kept_changed_and_forgotten() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let home = save(&ada, json!({"address": york()})).await.ok()["savedAddress"].clone();
    assert_eq!(home["address"], json!({"name": "Ada", "region": null, "postalCode": "YO1 7HH", "city": "York"}));
    assert_eq!(flags(&ada).await, [(true, true)]);
    app.advance(TimeDelta::seconds(1));
    let work = save(&ada, json!({"address": york(), "isDefaultBilling": true})).await.ok()["savedAddress"].clone();
    assert_eq!(flags(&ada).await, [(false, true), (true, false)]);

    let change = async |person: &Person, input: Value| person.mutate("updateSavedAddress", input, ENTRY).await;
    let moved = json!({"savedAddressId": work["id"], "isDefaultShipping": true, "address": {
        "name": "Ada", "lines": ["1 Infinite Loop"], "postalCode": "95014", "city": "Cupertino", "region": "california",
        "country": "US",
    }});
    let moved = change(&ada, moved).await.ok()["savedAddress"].clone();
    assert_eq!((&moved["address"]["region"], &moved["isDefaultShipping"]), (&json!("CA"), &json!(true)));
    assert_eq!(flags(&ada).await, [(true, true), (false, false)]);
    let none = json!({"savedAddressId": work["id"], "isDefaultShipping": false});
    change(&ada, none).await.ok();
    assert_eq!(flags(&ada).await, [(false, true), (false, false)]);

    // They are nobody else's.
    let missing = ("NOT_FOUND".to_owned(), "savedAddressId".to_owned());
    let (id, other) = (json!({"savedAddressId": home["id"]}), json!({"savedAddressId": home["id"], "address": york()}));
    assert_eq!(change(&bob, other).await.refusal(), missing);
    assert_eq!(bob.mutate("deleteSavedAddress", id.clone(), "").await.refusal(), missing);
    let node = format!("{{ node(id: {}) {{ ... on SavedAddress {{ address {{ city }} }} }} }}", home["id"]);
    assert_eq!(bob.query(&node).await.ok()["node"], Value::Null);
    assert_eq!(ada.query(&node).await.ok()["node"]["address"]["city"], "York");

    let gone = ada.mutate("deleteSavedAddress", id.clone(), "deletedSavedAddressId").await.ok();
    assert_eq!(gone["deletedSavedAddressId"], home["id"]);
    assert_eq!(ada.mutate("deleteSavedAddress", id, "").await.refusal(), missing);
    assert_eq!(flags(&ada).await, [(false, true)]);
}

#[actix_web::test]
async fn an_address_is_written_as_its_country_does() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let with = |field: &str, value: Value| {
        let mut address = york();
        address[field] = value;
        json!({"address": address})
    };
    for (input, code, field) in [
        (with("postalCode", Value::Null), "BLANK", "postalCode"),
        (with("postalCode", json!("12345")), "INVALID", "postalCode"),
        (with("country", json!("US")), "INVALID", "postalCode"),
        (with("city", json!(" ")), "BLANK", "city"),
        (with("lines", json!([])), "BLANK", "lines"),
        (with("lines", json!(["1", "2", "3", "4", "5"])), "TOO_MANY", "lines"),
        (with("lines", json!(["1", "2", " "])), "BLANK", "lines.2"),
        (with("name", json!("x".repeat(101))), "TOO_LONG", "name"),
    ] {
        assert_eq!(save(&ada, input).await.refusal(), (code.into(), format!("address.{field}")), "{field}");
    }
    let document = "{ addressRules(country: US) { country postalCodePattern postalCodeExample isPostalCodeRequired \
                    regions { value name latinName } } }";
    let rules = app.guest().query(&document.replace("US", "\"US\"")).await.ok()["addressRules"].clone();
    assert_eq!(rules["isPostalCodeRequired"], true);
    assert_eq!(rules["postalCodeExample"], "95014");
    let regions = rules["regions"].as_array().unwrap();
    assert!(regions.contains(&json!({"value": "CA", "name": "California", "latinName": null})), "{regions:?}");
    let japan = app.guest().query(&document.replace("US", "\"JP\"")).await.ok()["addressRules"].clone();
    assert!(japan["regions"].as_array().unwrap().iter().any(|region| region["latinName"] == "Tokyo"));
    let hong_kong = app.guest().query(&document.replace("US", "\"HK\"")).await.ok()["addressRules"].clone();
    assert_eq!((&hong_kong["postalCodePattern"], &hong_kong["isPostalCodeRequired"]), (&Value::Null, &json!(false)));
}

#[actix_web::test]
async fn a_book_has_fifty_pages_and_a_repeat_fills_none() {
    let app = TestApp::start().await;
    let beside = app.start_beside(|_| {}).await;
    let ada = app.sign_up("Ada").await;
    let there = beside.guest().with_token(ada.token.as_deref().unwrap());
    let input = json!({"address": york(), "idempotencyKey": "first"});
    let (one, other) = futures_util::join!(save(&ada, input.clone()), save(&there, input));
    assert_eq!(one.ok()["savedAddress"]["id"], other.ok()["savedAddress"]["id"]);

    // The defaults stay one, whoever comes at once.
    let input = json!({"address": york(), "isDefaultShipping": true});
    join_all((0..10).map(|number| save(if number % 2 == 0 { &ada } else { &there }, input.clone()))).await;
    assert_eq!(flags(&ada).await.iter().filter(|(shipping, _)| *shipping).count(), 1);
    for _ in 11..50 {
        save(&ada, json!({"address": york()})).await.ok();
    }
    let answers = join_all([&*ada, &there].map(|client| save(client, json!({"address": york()})))).await;
    for answer in answers {
        assert_eq!(answer.refusal().0, "TOO_MANY");
    }
    let book = ada.query("{ viewer { addresses { id address { city } } } }").await;
    assert_eq!(book.statements, Some(1));
    assert_eq!(book.ok()["viewer"]["addresses"].as_array().unwrap().len(), 50);
    beside.stop().await;
}
