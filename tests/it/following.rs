//! Shops that people follow.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{TestApp, app::Person},
};

async fn change(person: &Person, mutation: &str, shop: &str) -> Value {
    person.mutate(mutation, json!({"shopId": shop}), "shop { name isFollowed }").await.ok()["shop"].clone()
}

#[actix_web::test]
async fn people_follow_shops_and_only_they_see_which() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let mut shops = Vec::new();
    for name in ["One", "Two", "Three"] {
        shops.push(bob.open_shop(name).await);
    }
    for shop in &shops {
        assert_eq!(change(&ada, "followShop", shop).await["isFollowed"], true);
        app.advance(TimeDelta::seconds(1));
    }
    // Once more changes nothing, not even the order.
    change(&ada, "followShop", &shops[0]).await;
    let page = async |arguments: &str| {
        let document = format!(
            "{{ viewer {{ followedShops({arguments}) {{ totalCount nodes {{ name isFollowed }} pageInfo {{ endCursor }} }} }} }}"
        );
        let answer = ada.query(&document).await;
        assert!(answer.statements.unwrap() <= 3, "{answer:?}");
        answer.ok()["viewer"]["followedShops"].clone()
    };
    let names =
        |page: &Value| page["nodes"].as_array().unwrap().iter().map(|shop| shop["name"].clone()).collect::<Vec<_>>();
    let first = page("first: 2").await;
    assert_eq!((names(&first), &first["totalCount"]), (vec![json!("Three"), json!("Two")], &json!(3)));
    assert!(first["nodes"].as_array().unwrap().iter().all(|shop| shop["isFollowed"] == true));
    let next = page(&format!("first: 2, after: {}", first["pageInfo"]["endCursor"])).await;
    assert_eq!(names(&next), [json!("One")]);
    assert_eq!(names(&page("last: 1").await), [json!("One")]);

    let seen = "query($id: ID!) { shop(by: {id: $id}) { isFollowed } }";
    for (client, follows) in [(&*ada, true), (&*bob, false), (&app.guest(), false)] {
        let shop = client.send(seen, json!({"id": shops[0]})).await.ok()["shop"].clone();
        assert_eq!(shop["isFollowed"], follows);
    }
    for _ in 0..2 {
        assert_eq!(change(&ada, "unfollowShop", &shops[1]).await["isFollowed"], false);
    }
    assert_eq!(names(&page("first: 9").await), [json!("Three"), json!("One")]);
    let nobody = json!({"shopId": "shop_00000000000000000000000000"});
    assert_eq!(ada.mutate("followShop", nobody, "").await.refusal(), ("NOT_FOUND".into(), "shopId".into()));
}

#[actix_web::test]
async fn they_follow_at_most_five_thousand() {
    let app = TestApp::start().await;
    let ada = app.sign_up("Ada").await;
    let shops = [ada.open_shop("One").await, ada.open_shop("Two").await];
    app.given_sql(
        "INSERT INTO shops (id, handle, name, description, currency, country, version, created_at) \
         SELECT gen_random_uuid(), 'shop-' || n, 'Shop', '', 'GBP', 'GB', 1, now() FROM generate_series(1, 4999) n",
    );
    app.given_sql(
        "INSERT INTO shop_follows (user_id, shop_id, created_at) \
         SELECT users.id, shops.id, now() FROM users, shops WHERE shops.handle LIKE 'shop-%'",
    );
    change(&ada, "followShop", &shops[0]).await;
    assert_eq!(
        ada.mutate("followShop", json!({"shopId": shops[1]}), "").await.data["followShop"]["userErrors"][0]["code"],
        "TOO_MANY"
    );
    // Once more changes nothing, also here.
    change(&ada, "followShop", &shops[0]).await;
    assert_eq!(count(&mut app.connect(), "SELECT count(*) AS count FROM shop_follows"), 5_000);
}
