//! How what is sent to a country is taxed: what administrators lay down, and what orders see of it.

use agora::{
    kernel::{error::Failure, id::Id, place::CountryCode, rate::Rate},
    products::{
        self,
        model::{Variant, taxes::TaxClass},
    },
    taxes::{
        self,
        model::{CountryTaxes, Remitter},
    },
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, app::Person};

const SELECTION: &str = "countryTaxes { country isIncludedInPrices remittedBy name standardRate shippingRate version \
                         rates { rate taxClass { name } } }";

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

async fn admin(app: &TestApp) -> Person {
    let admin = app.sign_up("Olive").await;
    app.given_role(&admin, "ADMIN");
    admin
}

/// A tax class, newer than those before it.
async fn class(app: &TestApp, admin: &Person, name: &str) -> String {
    app.advance(TimeDelta::seconds(1));
    let made = admin.mutate("createTaxClass", json!({"name": name}), "taxClass { id }").await.ok();
    made["taxClass"]["id"].as_str().unwrap().to_owned()
}

/// Lays down what Austria has, but for what is said.
async fn set(person: &Person, rest: Value) -> Answer {
    let mut input = json!({
        "country": "AT", "isIncludedInPrices": true, "remittedBy": "MARKET", "name": "VAT", "standardRate": "20",
    });
    input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    person.mutate("setCountryTaxes", input, SELECTION).await
}

async fn remove(person: &Person, country: &str, version: i64) -> Answer {
    let input = json!({"country": country, "expectedVersion": version});
    person.mutate("removeCountryTaxes", input, SELECTION).await
}

/// What orders see of a country.
async fn laid_down(app: &TestApp, country: &str) -> Option<CountryTaxes> {
    let country: CountryCode = country.parse().unwrap();
    app.app().db.read(move |conn| taxes::service::of_country(conn, country)).await.unwrap()
}

#[actix_web::test]
async fn the_market_lays_down_how_a_country_is_taxed() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let (reduced, zero) = (class(&app, &admin, "Reduced").await, class(&app, &admin, "Zero").await);
    assert_eq!(laid_down(&app, "AT").await, None);
    let rates = json!([{"taxClassId": zero, "rate": "0"}, {"taxClassId": reduced, "rate": "12.50"}]);
    let made = set(&admin, json!({"name": " USt ", "shippingRate": "10", "rates": rates})).await.ok();
    let wanted = json!({
        "country": "AT", "isIncludedInPrices": true, "remittedBy": "MARKET", "name": "USt", "standardRate": "20",
        "shippingRate": "10", "version": 1,
        "rates": [{"rate": "12.5", "taxClass": {"name": "Reduced"}}, {"rate": "0", "taxClass": {"name": "Zero"}}],
    });
    assert_eq!(made["countryTaxes"], wanted);

    // Orders see the same.
    let seen = laid_down(&app, "AT").await.unwrap();
    let rate = |percent: &str| percent.parse::<Rate>().unwrap();
    let class = |id: &str| Some(id.parse::<Id<TaxClass>>().unwrap());
    assert_eq!((seen.is_included, seen.remitted_by, seen.version), (true, Remitter::Market, 1));
    assert_eq!((seen.of_class(None), seen.of_shipping()), (rate("20"), rate("10")));
    assert_eq!((seen.of_class(class(&reduced)), seen.of_class(class(&zero))), (rate("12.5"), rate("0")));

    // All of it is set anew.
    let rest = json!({
        "expectedVersion": 1, "isIncludedInPrices": false, "remittedBy": "SHOPS", "name": "Sales tax",
        "standardRate": "8.25", "rates": [{"taxClassId": zero, "rate": "1"}],
    });
    let changed = set(&admin, rest).await.ok()["countryTaxes"].clone();
    let wanted = json!({
        "country": "AT", "isIncludedInPrices": false, "remittedBy": "SHOPS", "name": "Sales tax",
        "standardRate": "8.25", "shippingRate": null, "version": 2,
        "rates": [{"rate": "1", "taxClass": {"name": "Zero"}}],
    });
    assert_eq!(changed, wanted);
    let changed = laid_down(&app, "AT").await.unwrap();
    assert_eq!((changed.of_class(class(&reduced)), changed.of_shipping()), (rate("8.25"), rate("8.25")));
    assert_eq!((changed.rates.len(), changed.remitted_by), (1, Remitter::Shops));

    // And taken away.
    assert_eq!(remove(&admin, "AT", 1).await.refusal(), refusal("STALE_VERSION", "expectedVersion"));
    assert_eq!(remove(&admin, "AT", 2).await.ok()["countryTaxes"], wanted);
    assert_eq!(laid_down(&app, "AT").await, None);
    assert_eq!(remove(&admin, "AT", 2).await.refusal(), refusal("NOT_FOUND", "country"));
    assert_eq!(set(&admin, json!({"expectedVersion": 2})).await.refusal(), refusal("NOT_FOUND", "country"));
    assert_eq!(set(&admin, json!({})).await.ok()["countryTaxes"]["rates"], json!([]));
}

#[actix_web::test]
async fn what_cannot_be_laid_down_is_refused() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let reduced = class(&app, &admin, "Reduced").await;
    let nowhere = "taxclass_00000000000000000000000000";
    let many: Vec<_> = (0..51).map(|_| json!({"taxClassId": reduced, "rate": "1"})).collect();
    let twice = json!([{"taxClassId": reduced, "rate": "1"}, {"taxClassId": reduced, "rate": "2"}]);
    let unknown = json!([{"taxClassId": reduced, "rate": "1"}, {"taxClassId": nowhere, "rate": "2"}]);
    for (rest, code, field) in [
        (json!({"name": " "}), "BLANK", "name"),
        (json!({"name": "x".repeat(41)}), "TOO_LONG", "name"),
        (json!({"name": "V\u{7}AT"}), "INVALID", "name"),
        (json!({"standardRate": "100.01"}), "OUT_OF_RANGE", "standardRate"),
        (json!({"standardRate": "-1"}), "OUT_OF_RANGE", "standardRate"),
        (json!({"standardRate": "8.875"}), "OUT_OF_RANGE", "standardRate"),
        (json!({"shippingRate": "101"}), "OUT_OF_RANGE", "shippingRate"),
        (json!({"rates": [{"taxClassId": reduced, "rate": "101"}]}), "OUT_OF_RANGE", "rates.0.rate"),
        (json!({"rates": many}), "TOO_MANY", "rates"),
        (json!({"rates": twice}), "TAKEN", "rates.1.taxClassId"),
        (json!({"rates": unknown}), "NOT_FOUND", "rates.1.taxClassId"),
        (json!({"expectedVersion": 1}), "NOT_FOUND", "country"),
    ] {
        assert_eq!(set(&admin, rest.clone()).await.refusal(), refusal(code, field), "{rest}");
    }
    assert_eq!(laid_down(&app, "AT").await, None);

    // What is there is not laid down for the first time, and a refusal changes nothing.
    set(&admin, json!({"name": "x".repeat(40), "standardRate": "100", "shippingRate": "0"})).await.ok();
    assert_eq!(set(&admin, json!({})).await.refusal(), refusal("STALE_VERSION", "expectedVersion"));
    assert_eq!(set(&admin, json!({"expectedVersion": 2})).await.refusal(), refusal("STALE_VERSION", "expectedVersion"));
    let rest = json!({"expectedVersion": 1, "rates": [{"taxClassId": nowhere, "rate": "1"}]});
    assert_eq!(set(&admin, rest).await.refusal(), refusal("NOT_FOUND", "rates.0.taxClassId"));
    assert_eq!(laid_down(&app, "AT").await.unwrap().version, 1);

    // Administrators alone may.
    let support = app.sign_up("Sam").await;
    app.given_role(&support, "SUPPORT");
    let seller = app.sign_up("Grace").await;
    seller.open_shop("Mill").await;
    for person in [&support, &seller] {
        assert_eq!(set(person, json!({"expectedVersion": 1})).await.code(), "FORBIDDEN");
        assert_eq!(remove(person, "AT", 1).await.code(), "FORBIDDEN");
    }
}

#[actix_web::test]
async fn of_two_at_once_one_is_told() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let stale = vec![refusal("STALE_VERSION", "expectedVersion"); 3];
    for version in [Value::Null, json!(1)] {
        let rest = json!({"expectedVersion": version});
        let answers = futures_util::future::join_all((0..4).map(|_| set(&admin, rest.clone()))).await;
        let refused: Vec<_> = answers.iter().flat_map(Answer::refusals).collect();
        assert_eq!(refused, stale, "{rest}");
    }
    assert_eq!(laid_down(&app, "AT").await.unwrap().version, 2);
}

#[actix_web::test]
async fn everybody_reads_them_together() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let (reduced, zero) = (class(&app, &admin, "Reduced").await, class(&app, &admin, "Zero").await);
    for country in ["SE", "DE", "US", "AT"] {
        let rates = match country {
            "US" => json!([]),
            _ => json!([{"taxClassId": reduced, "rate": "7"}, {"taxClassId": zero, "rate": "0"}]),
        };
        set(&admin, json!({"country": country, "rates": rates})).await.ok();
    }
    let answer = app.guest().query("{ countryTaxes { country rates { rate taxClass { name } } } }").await;
    let statements = answer.statements.unwrap();
    assert!(statements <= 2, "{statements} statements");
    let all = answer.ok()["countryTaxes"].as_array().unwrap().clone();
    let of = |place: usize| (all[place]["country"].as_str().unwrap(), all[place]["rates"].as_array().unwrap().len());
    assert_eq!((0..all.len()).map(of).collect::<Vec<_>>(), [("AT", 2), ("DE", 2), ("SE", 2), ("US", 0)]);
    assert_eq!(all[1]["rates"][0], json!({"rate": "7", "taxClass": {"name": "Reduced"}}));

    let one = app.guest().query("{ countryTaxes(country: \"SE\") { country } }").await.ok();
    assert_eq!(one["countryTaxes"], json!([{"country": "SE"}]));
    let none = app.guest().query("{ countryTaxes(country: \"FR\") { country } }").await.ok();
    assert_eq!(none["countryTaxes"], json!([]));
}

#[actix_web::test]
async fn what_is_for_sale_has_its_tax_class_and_its_weight() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let reduced = class(&app, &admin, "Reduced").await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let price = json!({"amount": "1.00", "currency": "GBP"});
    let input = json!({
        "shopId": shop, "title": "Book", "taxClassId": reduced, "variants": [{"price": price, "weightGrams": 350}],
    });
    let made = seller.mutate("createProduct", input, "product { variants { id } }").await.ok();
    let book: Id<Variant> = made["product"]["variants"][0]["id"].as_str().unwrap().parse().unwrap();
    let mug: Id<Variant> = seller.sell(&shop, "Mug", "2.00", 1).await.variant.parse().unwrap();
    let items = app
        .app()
        .db
        .read(move |conn| {
            let euro = "EUR".parse().map_err(Failure::internal)?;
            let mut items = products::service::variants_for_sale(conn, &[book, mug])?;
            items.extend(products::service::variants_for_sale_in(conn, &[book, mug], euro)?);
            Ok::<_, Failure>(items)
        })
        .await
        .unwrap();
    assert_eq!(items.len(), 4);
    let reduced: Id<TaxClass> = reduced.parse().unwrap();
    for item in items {
        let wanted = if item.variant == book { (Some(reduced), Some(350)) } else { (None, None) };
        assert_eq!((item.tax_class, item.weight_grams), wanted);
    }
}
