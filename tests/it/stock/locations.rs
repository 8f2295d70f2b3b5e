//! The places where a shop keeps stock.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Shop, adjust, locations};
use crate::{harness::TestApp, orders::assert_books};

#[actix_web::test]
async fn a_shop_has_places_with_names_of_their_own() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let make = async |name: &str| {
        shop.owner
            .mutate(
                "createLocation",
                json!({"shopId": shop.id, "name": name}),
                "location { id name isDefault isActive }",
            )
            .await
    };
    for (name, code) in [(" barn ", "TAKEN"), ("DEFAULT", "TAKEN"), ("", "BLANK")] {
        assert_eq!(make(name).await.refusal(), (code.into(), "name".into()));
    }
    app.advance(chrono::TimeDelta::seconds(1));
    let loft = make("Loft").await.ok()["location"].clone();
    assert_eq!((&loft["name"], &loft["isDefault"], &loft["isActive"]), (&json!("Loft"), &json!(false), &json!(true)));
    let names: Vec<_> = locations(&shop.owner).await.iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["Default", "Barn", "Loft"]);

    let update = async |input: Value| {
        let mut all = json!({"locationId": loft["id"]});
        all.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
        shop.owner.mutate("updateLocation", all, "location { name isDefault isActive }").await
    };
    assert_eq!(update(json!({"name": "barn"})).await.refusal(), ("TAKEN".into(), "name".into()));
    assert_eq!(update(json!({"name": "LOFT"})).await.ok()["location"]["name"], "LOFT");
    let twice = json!({"shopId": shop.id, "name": "Shed", "idempotencyKey": "shed"});
    for _ in 0..2 {
        assert_eq!(
            shop.owner.mutate("createLocation", twice.clone(), "location { name }").await.ok()["location"]["name"],
            "Shed"
        );
    }

    // Eve sees none of it.
    let eve = app.sign_up("Eve").await;
    let input = json!({"locationId": loft["id"], "name": "Mine"});
    assert_eq!(eve.mutate("updateLocation", input, "").await.refusal(), ("NOT_FOUND".into(), "locationId".into()));
    let input = json!({"shopId": shop.id, "name": "Mine"});
    assert_eq!(eve.mutate("createLocation", input, "").await.refusal(), ("NOT_FOUND".into(), "shopId".into()));
}

#[actix_web::test]
async fn a_shop_has_at_most_fifty_places_however_many_make_one() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    app.given_sql("INSERT INTO locations (id, shop_id, name, is_default, created_at) \
                   SELECT gen_random_uuid(), shop_id, 'Place ' || n, false, now() FROM locations, generate_series(1, 46) n WHERE is_default");
    let make = |number: i32| {
        shop.owner.mutate(
            "createLocation",
            json!({"shopId": shop.id, "name": format!("New {number}")}),
            "location { id }",
        )
    };
    let made = join_all((0..6).map(make)).await;
    let refused = made.iter().filter(|answer| answer.refusals() == [("TOO_MANY".into(), "shopId".into())]).count();
    assert_eq!(refused, 4);
    assert_eq!(locations(&shop.owner).await.len(), 50);
    // Of two with one name there is one.
    app.given_sql("DELETE FROM locations WHERE name LIKE 'Place %'");
    let same =
        join_all((0..4).map(|_| {
            shop.owner.mutate("createLocation", json!({"shopId": shop.id, "name": "Same"}), "location { id }")
        }))
        .await;
    assert_eq!(same.iter().filter(|answer| answer.refusals().is_empty()).count(), 1);
}

#[actix_web::test]
async fn what_is_out_of_use_holds_nothing_and_takes_nothing() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    let update = async |location: &Value, change: Value| {
        let mut input = json!({"locationId": location});
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = shop.owner.mutate("updateLocation", input, "location { isDefault isActive }").await;
        answer.refusals().first().map(|(code, field)| format!("{code} {field}"))
    };
    let (home, barn) = (&shop.home, &shop.barn);
    assert_eq!(update(home, json!({"isActive": false})).await.unwrap(), "IN_USE isActive");
    assert_eq!(update(home, json!({"isDefault": false})).await.unwrap(), "INVALID isDefault");
    shop.adjust(barn, 2).await;
    assert_eq!(update(barn, json!({"isActive": false})).await.unwrap(), "IN_USE isActive");
    // An order takes what is in the barn, which is closed then; what comes back goes home.
    let buyer = app.sign_up("Bob").await;
    let order = buyer.order(&[(&shop.lamp, 12)], "12.00", "all").await.ok()["order"]["id"].clone();
    assert_eq!(shop.levels().await, (0, 0, 0));
    assert_eq!(update(barn, json!({"isActive": false})).await, None);
    assert_eq!(
        adjust(&shop.owner, &shop.lamp, barn, json!({"by": 1}), Value::Null).await,
        json!(["NOT_FOUND", "locationId"])
    );
    buyer.cancel(order.as_str().unwrap()).await.ok();
    assert_eq!(shop.levels().await, (12, 0, 0));
    assert_eq!(shop.move_to(home, barn, 1).await.refusal(), ("NOT_FOUND".into(), "toLocationId".into()));
    assert_eq!(update(barn, json!({"isDefault": true})).await.unwrap(), "IN_USE isActive");

    assert_eq!(update(barn, json!({"isActive": true, "isDefault": true})).await, None);
    let shown = locations(&shop.owner).await;
    let defaults: Vec<_> = shown.iter().map(|one| (one["name"].as_str().unwrap(), one["isDefault"] == true)).collect();
    assert_eq!(defaults, [("Barn", true), ("Default", false)]);
    // Orders take from there first now.
    shop.move_to(home, barn, 2).await.ok();
    buyer.order_one(&shop.lamp, "one").await.ok();
    assert_eq!(shop.levels().await, (10, 1, 0));
    assert_books(&app).await;
}

#[actix_web::test]
async fn nothing_comes_into_a_place_that_is_being_closed() {
    let app = TestApp::start().await;
    let shop = Shop::open(&app).await;
    for _ in 0..8 {
        let close =
            shop.owner.mutate("updateLocation", json!({"locationId": shop.barn, "isActive": false}), "location { id }");
        let (closed, put) = tokio::join!(close, shop.adjust(&shop.barn, 1));
        let (closed, put) = (closed.refusals().is_empty(), put["onHand"].is_i64());
        assert!(closed != put, "closed: {closed}, put: {put}");
        if put {
            shop.adjust(&shop.barn, -1).await;
        } else {
            shop.owner
                .mutate("updateLocation", json!({"locationId": shop.barn, "isActive": true}), "location { id }")
                .await
                .ok();
        }
    }
    assert_books(&app).await;
}
