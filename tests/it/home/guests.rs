//! What guests are shown, who are told from others by a token alone.

use serde_json::{Value, json};

use super::{home, home_of_guest, kinds, market, titles};
use crate::{
    harness::Client,
    history::{record, views},
    recommendations::learn_all,
    related::{all_order, people},
};

async fn viewed(client: &Client, token: &Value) -> Value {
    let document = "query($token: String) { visitor(token: $token) { recentlyViewed { totalCount nodes { title } } } }";
    let answer = client.send(document, json!({"token": token})).await;
    assert!(answer.statements.unwrap() <= 2, "{answer:?}");
    answer.ok()["visitor"]["recentlyViewed"].clone()
}

#[actix_web::test]
async fn a_guest_has_a_home_by_what_they_looked_at_and_it_becomes_theirs() {
    let (app, _, goods) = market(&["Lamp", "Bulb"]).await;
    let [lamp, bulb] = &goods[..] else { panic!() };
    let people = people(&app, 5).await;
    all_order(&people, &[lamp, bulb], "one").await;
    learn_all(&app).await;
    let guest = app.guest();
    let (newcomer, nobody) = (home_of_guest(&guest, &Value::Null).await, viewed(&guest, &Value::Null).await);
    assert_eq!((kinds(&newcomer), nobody), (vec!["BEST_SELLING"], json!({"totalCount": 0, "nodes": []})));
    let token = record(&guest, views(&[lamp]), &Value::Null).await;
    let found = home_of_guest(&guest, &token).await;
    assert_eq!(kinds(&found), ["RECENTLY_VIEWED", "BECAUSE_VIEWED"]);
    assert_eq!(titles(&found, "BECAUSE_VIEWED"), ["Bulb"]);
    assert_eq!(viewed(&guest, &token).await, json!({"totalCount": 1, "nodes": [{"title": "Lamp"}]}));
    // A token opens nothing else, nor does another one open this.
    let cart = guest.mutate("createCart", json!({}), "cart { token }").await.ok()["cart"]["token"].clone();
    let document = "query($token: String) { visitor(token: $token) { __typename } }";
    for wrong in [json!("none"), cart] {
        assert_eq!(guest.send(document, json!({"token": wrong})).await.ok()["visitor"], Value::Null);
    }
    assert_eq!(kinds(&home_of_guest(&guest, &Value::Null).await), ["BEST_SELLING"]);

    let ada = app.sign_up("Ada").await;
    assert_eq!(ada.send(document, json!({"token": token})).await.ok()["visitor"], Value::Null);
    assert_eq!(kinds(&home(&ada).await), ["BEST_SELLING"]);
    record(&ada, json!([]), &token).await;
    assert_eq!(kinds(&home(&ada).await), ["RECENTLY_VIEWED", "BECAUSE_VIEWED"]);
    // It is nobody else's from then on.
    assert_eq!(kinds(&home_of_guest(&guest, &token).await), ["BEST_SELLING"]);
    let forget = json!({"kinds": ["VIEWS"]});
    ada.mutate("clearHistory", forget, "").await.ok();
    assert_eq!(kinds(&home(&ada).await), ["BEST_SELLING"]);
}

#[actix_web::test]
async fn a_storefronts_server_asks_for_its_guests() {
    let (app, _, goods) = market(&["Lamp"]).await;
    let server = app.guest().with_token(&app.given_key().await.1);
    let token = record(&server, views(&[&goods[0]]), &Value::Null).await;
    assert_eq!(kinds(&home_of_guest(&server, &token).await), ["RECENTLY_VIEWED"]);
    assert_eq!(kinds(&home_of_guest(&app.guest(), &token).await), ["RECENTLY_VIEWED"]);
}
