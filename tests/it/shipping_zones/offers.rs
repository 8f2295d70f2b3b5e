//! What can be chosen for a parcel, as carts and orders ask for it.

use std::collections::BTreeMap;

use agora::{
    kernel::{id::Id, money::CurrencyCode, place::CountryCode},
    shipping::{
        model::{Offers, Parcel},
        service,
    },
    shops::model,
};
use serde_json::json;

use super::{Shop, gbp, send};
use crate::harness::TestApp;

fn parcel(shop: &Shop, weight_grams: i64, subtotal: i64) -> Parcel {
    Parcel { shop: shop.id.parse().unwrap(), weight_grams, subtotal }
}

async fn all_offers(
    app: &TestApp,
    parcels: Vec<Parcel>,
    to: &str,
    currency: &str,
) -> BTreeMap<Id<model::Shop>, Offers> {
    let (to, currency): (CountryCode, CurrencyCode) = (to.parse().unwrap(), currency.parse().unwrap());
    let db = &app.app().db;
    db.read(move |conn| service::offers(conn, &parcels, to, currency)).await.unwrap()
}

/// Names and prices, or nothing if the shop says nothing.
async fn offers(app: &TestApp, parcel: Parcel, to: &str, currency: &str) -> Option<Vec<(String, i64)>> {
    let found = all_offers(app, vec![parcel], to, currency).await;
    assert_eq!(found.len(), 1);
    match &found[&parcel.shop] {
        Offers::Unsaid => None,
        Offers::Of(offers) => Some(offers.iter().map(|offer| (offer.name.clone(), offer.price)).collect()),
    }
}

fn told(offers: &[(&str, i64)]) -> Vec<(String, i64)> {
    offers.iter().map(|(name, price)| ((*name).to_owned(), *price)).collect()
}

#[actix_web::test]
async fn where_a_parcel_goes_says_by_which_methods() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app, "Olga").await;
    let one = parcel(&shop, 500, 2_000);
    // A market of before goes on as it was.
    assert_eq!(offers(&app, one, "AQ", "GBP").await, None);
    assert_eq!(send(&app.guest(), &shop, "AQ").await, json!(true));

    let home = shop.zone("Home", json!(["GB", "IE"])).await;
    assert_eq!(offers(&app, one, "GB", "GBP").await, Some(told(&[])));
    assert_eq!(send(&app.guest(), &shop, "GB").await, json!(false), "a zone without a method");
    let euros = json!({"amount": "7.00", "currency": "EUR"});
    shop.method(&home, json!([{"price": gbp("9.00")}]), json!({"name": "Express"})).await;
    shop.method(&home, json!([{"price": gbp("3.00"), "freeFrom": gbp("30")}, {"price": euros}]), json!({})).await;
    assert_eq!(send(&app.guest(), &shop, "GB").await, json!(true));
    assert_eq!(offers(&app, one, "IE", "GBP").await, Some(told(&[("Post", 300), ("Express", 900)])));
    assert_eq!(
        offers(&app, parcel(&shop, 500, 3_000), "GB", "GBP").await,
        Some(told(&[("Post", 0), ("Express", 900)]))
    );
    assert_eq!(offers(&app, one, "GB", "EUR").await, Some(told(&[("Post", 700)])));
    assert_eq!(offers(&app, one, "GB", "USD").await, Some(told(&[])));
    assert_eq!(offers(&app, one, "FR", "GBP").await, Some(told(&[])));
    assert_eq!(send(&app.guest(), &shop, "FR").await, json!(false));

    // The rest of the world is what no other zone has.
    let world = shop.zone("World", json!([])).await;
    let ship =
        shop.method(&world, json!([{"price": gbp("20.00")}]), json!({"name": "Ship", "maximumWeightGrams": 500})).await;
    assert_eq!(offers(&app, one, "FR", "GBP").await, Some(told(&[("Ship", 2_000)])));
    assert_eq!(offers(&app, parcel(&shop, 501, 2_000), "FR", "GBP").await, Some(told(&[])));
    assert_eq!(offers(&app, one, "GB", "GBP").await, Some(told(&[("Post", 300), ("Express", 900)])));
    assert_eq!(send(&app.guest(), &shop, "FR").await, json!(true));
    shop.change_method(&ship, 1, json!({"isActive": false})).await.ok();
    assert_eq!(offers(&app, one, "FR", "GBP").await, Some(told(&[])));
    assert_eq!(send(&app.guest(), &shop, "FR").await, json!(false));

    // Without its zones it says nothing again.
    shop.delete_zone(&world, 1).await.ok();
    shop.delete_zone(&home, 1).await.ok();
    assert_eq!(offers(&app, one, "FR", "GBP").await, None);
}

#[actix_web::test]
async fn each_shop_is_asked_for_its_own_parcel() {
    let app = TestApp::start().await;
    let (mill, barn) = (Shop::open(&app, "Olga").await, Shop::open(&app, "Otto").await);
    let quiet = Shop::open(&app, "Quentin").await;
    for (shop, price) in [(&mill, "1.00"), (&barn, "2.00")] {
        let zone = shop.zone("Home", json!(["GB"])).await;
        let days = json!({"minimumDeliveryDays": 1, "maximumDeliveryDays": 2, "description": "Soon.", "maximumWeightGrams": 100});
        shop.method(&zone, json!([{"price": gbp(price)}]), days).await;
    }
    let parcels = vec![parcel(&mill, 100, 0), parcel(&barn, 101, 0), parcel(&quiet, 5, 5)];
    let found = all_offers(&app, parcels.clone(), "GB", "GBP").await;
    assert_eq!(found.len(), 3);
    let Offers::Of(of_mill) = &found[&parcels[0].shop] else { panic!("{found:?}") };
    assert_eq!(of_mill.len(), 1);
    assert_eq!((of_mill[0].price, of_mill[0].description.as_deref()), (100, Some("Soon.")));
    assert_eq!((of_mill[0].days.from, of_mill[0].days.until), (Some(1), Some(2)));
    assert_eq!(found[&parcels[1].shop], Offers::Of(Vec::new()));
    assert_eq!(found[&parcels[2].shop], Offers::Unsaid);
    assert_eq!(all_offers(&app, Vec::new(), "GB", "GBP").await, BTreeMap::new());
}

#[actix_web::test]
async fn whether_shops_send_somewhere_is_read_together() {
    let app = TestApp::start().await;
    let (mill, barn) = (Shop::open(&app, "Olga").await, Shop::open(&app, "Otto").await);
    let zone = mill.zone("Home", json!(["GB"])).await;
    mill.method(&zone, json!([{"price": gbp("1.00")}]), json!({})).await;
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Shop { here: canShipTo(country: \"GB\") there: canShipTo(country: \"FR\") } } }";
    let answer = app.guest().send(document, json!({"ids": [mill.id, barn.id]})).await;
    assert!(answer.statements.unwrap() <= 3, "{answer:?}");
    assert_eq!(answer.ok()["nodes"], json!([{"here": true, "there": false}, {"here": true, "there": true}]));
}
