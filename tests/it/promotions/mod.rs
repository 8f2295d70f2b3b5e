//! Promotions and codes: at the desk of their shop, and as orders use them.

mod using;

use std::collections::BTreeMap;

use agora::{
    kernel::{id::Id, money::CurrencyCode},
    platform::{caller::Caller, db::Tx},
    promotions::{
        error::PromotionError,
        model::{Applying, Basket, Saving},
        service,
    },
    shops::model::Shop,
    users::{self, model::User},
};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Client, TestApp, app::Person},
    reviews::{mill, refusal},
};

const PROMOTION: &str = "promotion { id name code kind percentage amount { amount currency } minimumSubtotal { amount currency } \
    startsAt endsAt limitTotal limitPerPerson isActive version status usedCount shop { id } }";

async fn create(seller: &Client, shop: &str, rest: Value) -> Answer {
    let mut input = json!({"shopId": shop, "name": "Spring", "kind": "PERCENTAGE", "percentage": "10"});
    input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    seller.mutate("createPromotion", input, PROMOTION).await
}

/// A tenth off, by itself, unless it is said otherwise.
pub async fn created(seller: &Client, shop: &str, rest: Value) -> Value {
    create(seller, shop, rest).await.ok()["promotion"].clone()
}

async fn update(seller: &Client, promotion: &Value, version: i32, rest: Value) -> Answer {
    let mut input = json!({"promotionId": promotion["id"], "expectedVersion": version});
    input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    seller.mutate("updatePromotion", input, PROMOTION).await
}

async fn delete(seller: &Client, promotion: &Value, version: i32) -> Answer {
    let input = json!({"promotionId": promotion["id"], "expectedVersion": version});
    seller.mutate("deletePromotion", input, "deletedPromotionId").await
}

async fn look(client: &Client, promotion: &Value) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on Promotion { status usedCount version } } }";
    client.send(document, json!({"id": promotion["id"]})).await.ok()["node"].clone()
}

fn id(promotion: &Value) -> &str {
    promotion["id"].as_str().unwrap()
}

fn pounds(amount: &str) -> Value {
    json!({"amount": amount, "currency": "GBP"})
}

/// As placing an order does it: under the lock of the buyer's row.
pub async fn redeem(app: &TestApp, buyer: &Person, order: u128, promotions: &[&str]) -> Result<(), PromotionError> {
    let buyer: Id<User> = buyer.id.parse().unwrap();
    let redeemed = |id: &&str| service::Redeemed {
        promotion: id.parse().unwrap(),
        saved: 100,
        minimum_subtotal: 0,
        currency: CurrencyCode::GBP,
    };
    let applied: Vec<_> = promotions.iter().map(redeemed).collect();
    let step = move |tx: &mut Tx<'_>| {
        users::service::lock_person(tx, buyer)?;
        service::redeem(tx, Uuid::from_u128(order), Some(buyer), &applied)
    };
    app.app().db.write(&Caller::system(), step).await
}

/// What counts for baskets: a shop, what its goods cost, and its shipping.
async fn apply(
    app: &TestApp,
    baskets: &[(&str, i64, i64)],
    code: Option<&'static str>,
    buyer: Option<&Person>,
) -> Applying {
    let basket = |&(shop, subtotal, shipping): &(&str, i64, i64)| {
        let shop: Id<Shop> = shop.parse().unwrap();
        Basket { shop, subtotal, shipping }
    };
    let baskets: Vec<Basket> = baskets.iter().map(basket).collect();
    let buyer: Option<Id<User>> = buyer.map(|buyer| buyer.id.parse().unwrap());
    let now = app.app().now();
    let read = app.app().db.read(move |conn| service::apply(conn, &baskets, code, buyer, CurrencyCode::GBP, now));
    read.await.unwrap()
}

fn savings(applying: &Applying) -> BTreeMap<String, Saving> {
    applying.applied.iter().map(|(shop, applied)| (shop.to_string(), applied.saving)).collect()
}

#[actix_web::test]
async fn a_shop_makes_changes_and_deletes_what_it_takes_off() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let spring = json!({"name": " Spring ", "code": "spring-10", "idempotencyKey": "1"});
    let made = created(&seller, &shop, spring.clone()).await;
    assert_eq!(
        (&made["name"], &made["code"], &made["percentage"]),
        (&json!("Spring"), &json!("SPRING-10"), &json!("10"))
    );
    assert_eq!((&made["status"], &made["usedCount"], &made["version"]), (&json!("RUNNING"), &json!(0), &json!(1)));
    assert_eq!((&made["isActive"], &made["endsAt"], &made["shop"]["id"]), (&json!(true), &Value::Null, &json!(shop)));
    assert_eq!(created(&seller, &shop, spring).await["id"], made["id"]);
    let other = json!({"name": "Autumn", "code": "spring-10", "idempotencyKey": "1"});
    assert_eq!(create(&seller, &shop, other).await.refusal(), refusal("IDEMPOTENCY_KEY_REUSED", "idempotencyKey"));

    let change = json!({"percentage": "12.5", "code": null, "minimumSubtotal": pounds("20.00"), "limitPerPerson": 2});
    let changed = update(&seller, &made, 1, change).await.ok()["promotion"].clone();
    assert_eq!((&changed["percentage"], &changed["code"]), (&json!("12.5"), &Value::Null));
    assert_eq!((&changed["minimumSubtotal"], &changed["limitPerPerson"]), (&pounds("20.00"), &json!(2)));
    assert_eq!((&changed["name"], &changed["version"]), (&json!("Spring"), &json!(2)));
    assert_eq!(update(&seller, &made, 1, json!({})).await.refusal(), refusal("STALE_VERSION", "expectedVersion"));
    let cleared = update(&seller, &made, 2, json!({"minimumSubtotal": null, "limitPerPerson": null})).await.ok();
    assert_eq!(
        (&cleared["promotion"]["minimumSubtotal"], &cleared["promotion"]["limitPerPerson"]),
        (&Value::Null, &Value::Null)
    );

    assert_eq!(delete(&seller, &made, 2).await.refusal(), refusal("STALE_VERSION", "expectedVersion"));
    assert_eq!(delete(&seller, &made, 3).await.ok()["deletedPromotionId"], made["id"]);
    assert_eq!(look(&seller, &made).await, Value::Null);
    assert_eq!(delete(&seller, &made, 4).await.refusal(), refusal("NOT_FOUND", "promotionId"));
    assert_eq!(update(&seller, &made, 4, json!({})).await.refusal(), refusal("NOT_FOUND", "promotionId"));
    assert_eq!(savings(&apply(&app, &[(shop.as_str(), 5_000, 0)], None, None).await), BTreeMap::new());
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let noon = app.app().now();
    let off = |amount: &str| json!({"kind": "AMOUNT", "percentage": null, "amount": pounds(amount)});
    let mut mixed = off("1.00");
    mixed["minimumSubtotal"] = json!({"amount": "5.00", "currency": "EUR"});
    for (rest, code, field) in [
        (json!({"name": " "}), "BLANK", "name"),
        (json!({"name": "x".repeat(81)}), "TOO_LONG", "name"),
        (json!({"code": "ab"}), "INVALID", "code"),
        (json!({"code": "10% off"}), "INVALID", "code"),
        (json!({"percentage": "0"}), "OUT_OF_RANGE", "percentage"),
        (json!({"percentage": "100.01"}), "OUT_OF_RANGE", "percentage"),
        (json!({"percentage": null}), "INVALID", "percentage"),
        (json!({"kind": "FREE_SHIPPING"}), "INVALID", "percentage"),
        (json!({"amount": pounds("1.00")}), "INVALID", "amount"),
        (off("0.00"), "OUT_OF_RANGE", "amount"),
        (mixed, "CURRENCY_MISMATCH", "minimumSubtotal"),
        (json!({"minimumSubtotal": pounds("-1.00")}), "OUT_OF_RANGE", "minimumSubtotal"),
        (json!({"startsAt": noon, "endsAt": noon}), "OUT_OF_RANGE", "endsAt"),
        (json!({"limitTotal": 0}), "OUT_OF_RANGE", "limitTotal"),
        (json!({"limitPerPerson": 0}), "OUT_OF_RANGE", "limitPerPerson"),
        (json!({"shopId": "shop_00000000000000000000000000"}), "NOT_FOUND", "shopId"),
    ] {
        assert_eq!(create(&seller, &shop, rest.clone()).await.refusal(), refusal(code, field), "{rest}");
    }
    let made = created(&seller, &shop, json!({})).await;
    let wrong = update(&seller, &made, 1, json!({"amount": pounds("1.00")})).await;
    assert_eq!(wrong.refusal(), refusal("INVALID", "amount"));
    assert_eq!(update(&seller, &made, 1, json!({"percentage": null})).await.code(), "BAD_USER_INPUT");
}

#[actix_web::test]
async fn lists_tell_how_promotions_stand() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let (noon, day) = (app.app().now(), TimeDelta::days(1));
    let buyer = app.sign_up("Bob").await;
    for (name, mut rest) in [
        ("running", json!({"endsAt": noon + day})),
        ("paused", json!({"isActive": false})),
        ("used up", json!({"limitTotal": 1})),
        ("ended", json!({"startsAt": noon - day, "endsAt": noon})),
        ("scheduled", json!({"startsAt": noon + day})),
    ] {
        rest["name"] = json!(name);
        let made = created(&seller, &shop, rest).await;
        if name == "used up" {
            redeem(&app, &buyer, 1, &[id(&made)]).await.unwrap();
        }
        app.advance(TimeDelta::milliseconds(1));
    }
    let list = async |client: &Client, arguments: &str| {
        let document = format!(
            "{{ viewer {{ shops {{ promotions({arguments}) {{ totalCount nodes {{ name status usedCount }} pageInfo {{ endCursor }} }} }} }} }}"
        );
        let answer = client.query(&document).await;
        assert!(answer.statements.unwrap() <= 5, "{answer:?}");
        answer.ok()["viewer"]["shops"][0]["promotions"].clone()
    };
    let names =
        |page: &Value| page["nodes"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect::<Vec<_>>();
    let all = list(&seller, "first: 9").await;
    assert_eq!(names(&all), ["scheduled", "ended", "used up", "paused", "running"]);
    assert_eq!((&all["totalCount"], &all["nodes"][2]["usedCount"]), (&json!(5), &json!(1)));
    let first = list(&seller, "first: 2").await;
    let rest = list(&seller, &format!("first: 9, after: {}", first["pageInfo"]["endCursor"])).await;
    assert_eq!(names(&rest), ["used up", "paused", "running"]);
    assert_eq!(names(&list(&seller, "last: 1").await), ["running"]);
    for (status, name) in [
        ("RUNNING", "running"),
        ("PAUSED", "paused"),
        ("USED_UP", "used up"),
        ("ENDED", "ended"),
        ("SCHEDULED", "scheduled"),
    ] {
        let found = list(&seller, &format!("status: {status}")).await;
        assert_eq!((names(&found), &found["totalCount"]), (vec![json!(name)], &json!(1)));
        assert_eq!(found["nodes"][0]["status"], status);
    }
    app.advance(day);
    let seller = crate::privacy::sign_in(&app, &seller.email).await;
    assert_eq!(names(&list(&seller, "status: ENDED").await), ["ended", "running"]);
    assert_eq!(names(&list(&seller, "status: RUNNING").await), ["scheduled"]);
}

#[actix_web::test]
async fn only_members_see_them_and_a_code_is_one_of_its_shops() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let rival = app.sign_up("Eve").await;
    let elsewhere = rival.open_shop("Elsewhere").await;
    let made = created(&seller, &shop, json!({"code": "SAVE"})).await;
    for client in [&*rival, &app.guest()] {
        assert_eq!(look(client, &made).await, Value::Null);
    }
    assert_eq!(update(&rival, &made, 1, json!({})).await.refusal(), refusal("NOT_FOUND", "promotionId"));
    assert_eq!(delete(&rival, &made, 1).await.refusal(), refusal("NOT_FOUND", "promotionId"));
    assert_eq!(create(&rival, &shop, json!({})).await.refusal(), refusal("NOT_FOUND", "shopId"));

    assert_eq!(create(&seller, &shop, json!({"code": "save"})).await.refusal(), refusal("TAKEN", "code"));
    let second = created(&seller, &shop, json!({"code": "MORE"})).await;
    assert_eq!(update(&seller, &second, 1, json!({"code": "Save"})).await.refusal(), refusal("TAKEN", "code"));
    created(&rival, &elsewhere, json!({"code": "save"})).await;
    delete(&seller, &made, 1).await.ok();
    update(&seller, &second, 1, json!({"code": "Save"})).await.ok();
    let at_once = join_all((0..4).map(|_| create(&seller, &shop, json!({"code": "ONCE"})))).await;
    let refused: Vec<_> = at_once.iter().flat_map(Answer::refusals).collect();
    assert_eq!(refused, vec![refusal("TAKEN", "code"); 3]);
}

#[actix_web::test]
async fn a_shop_has_two_hundred_at_the_most() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let first = created(&seller, &shop, json!({})).await;
    app.given_sql(
        "INSERT INTO promotions (id, shop_id, name, kind, starts_at, is_active, created_at) \
         SELECT gen_random_uuid(), shops.id, 'Free', 'FREE_SHIPPING', now(), true, now() FROM shops, generate_series(1, 198)",
    );
    let made = join_all((0..4).map(|_| create(&seller, &shop, json!({})))).await;
    let refused: Vec<_> = made.iter().flat_map(Answer::refusals).collect();
    assert_eq!(refused, vec![refusal("TOO_MANY", "shopId"); 3]);
    delete(&seller, &first, 1).await.ok();
    created(&seller, &shop, json!({})).await;
}

#[actix_web::test]
async fn people_are_told_what_their_orders_used_until_they_are_erased() {
    let app = TestApp::start().await;
    let (seller, shop, _) = mill(&app).await;
    let made = created(&seller, &shop, json!({"code": "SAVE"})).await;
    let buyer = app.sign_up("Bob").await;
    redeem(&app, &buyer, 1, &[id(&made)]).await.unwrap();
    let user: Id<User> = buyer.id.parse().unwrap();
    let told = async || {
        let read = app.app().db.read(move |conn| (service::CHAPTERS[0].read)(conn, user, None));
        read.await.unwrap().rows
    };
    let row = told().await.remove(0);
    assert_eq!((&row["promotion"], &row["code"], &row["saved"]), (&made["id"], &json!("SAVE"), &json!("1.00 GBP")));
    assert_eq!(row["order"], "order_00000000000000000000000001");
    let erase = move |tx: &mut Tx<'_>| service::erase(tx, user);
    app.app().db.write(&Caller::system(), erase).await.unwrap();
    assert!(told().await.is_empty());
    assert_eq!(look(&seller, &made).await["usedCount"], 1);
}
