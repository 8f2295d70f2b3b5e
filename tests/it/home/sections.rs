//! The sections, by what somebody does.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{home, kinds, market, sorted, titles};
use crate::{
    harness::{Client, market::Goods},
    history::{record, views},
    recommendations::{learn_all, order},
    related::{adjust, all_order, people, set_status},
    wishlists::reprice,
};

async fn like(client: &Client, goods: &Goods) {
    client.mutate("favoriteProduct", json!({"productId": goods.product}), "product { id }").await.ok();
}

#[actix_web::test]
async fn what_somebody_looked_at_leads_on_to_what_goes_with_it() {
    let (app, _, goods) = market(&["Lamp", "Bulb", "Rug"]).await;
    let [lamp, bulb, rug] = &goods[..] else { panic!() };
    let people = people(&app, 5).await;
    all_order(&people, &[lamp, bulb], "one").await;
    learn_all(&app).await;
    let ada = app.sign_up("Ada").await;
    // Of whom nothing is known.
    let found = home(&ada).await;
    assert_eq!((kinds(&found), sorted(titles(&found, "BEST_SELLING"))), (vec!["BEST_SELLING"], vec!["Bulb", "Lamp"]));
    assert_eq!(found[0]["title"], "Best sellers");
    assert_eq!(found[0]["reason"], json!({"kind": "BEST_SELLING", "text": "Among what is sold most often"}));

    record(&ada, views(&[lamp, rug]), &Value::Null).await;
    let found = home(&ada).await;
    assert_eq!(kinds(&found), ["RECENTLY_VIEWED", "BECAUSE_VIEWED"]);
    assert_eq!(sorted(titles(&found, "RECENTLY_VIEWED")), ["Lamp", "Rug"]);
    assert_eq!(titles(&found, "BECAUSE_VIEWED"), ["Bulb"]);
    assert_eq!(found[1]["title"], "Because you looked at Lamp");
    assert_eq!(found[1]["reason"], json!({"kind": "VIEWED", "text": "You looked at Lamp"}));
    let reason = &found[1]["recommendations"]["nodes"][0]["reason"];
    assert_eq!(*reason, json!({"kind": "BOUGHT_TOGETHER", "text": "Often ordered with Lamp"}));
    let german = ada.with_header("accept-language", "de-AT");
    assert_eq!(home(&german).await[1]["title"], "Weil du Lamp angesehen hast");
    let document = "{ viewer { home(kinds: [BECAUSE_VIEWED]) { reason { product { title } shop { name } } } } }";
    let read = ada.query(document).await.ok();
    assert_eq!(read["viewer"]["home"], json!([{"reason": {"product": {"title": "Lamp"}, "shop": null}}]));

    // What they have is not what they look at any more, nor what they want again.
    order(&ada, &[lamp, bulb], "had", true).await;
    let found = home(&ada).await;
    assert_eq!((kinds(&found), titles(&found, "RECENTLY_VIEWED")), (vec!["RECENTLY_VIEWED"], vec!["Rug"]));
    // But what they use up.
    app.advance(TimeDelta::seconds(1));
    order(&ada, &[bulb], "again", true).await;
    let found = home(&ada).await;
    assert_eq!((kinds(&found), titles(&found, "FOR_YOU")), (vec!["RECENTLY_VIEWED", "FOR_YOU"], vec!["Bulb"]));
    let text = "Goes with what you ordered, liked and looked at";
    assert_eq!((&found[1]["title"], &found[1]["reason"]["text"]), (&json!("For you"), &json!(text)));
    let bob = app.sign_up("Bob").await;
    order(&bob, &[lamp], "lamp", true).await;
    let found = home(&bob).await;
    assert_eq!((kinds(&found), titles(&found, "BECAUSE_ORDERED")), (vec!["BECAUSE_ORDERED"], vec!["Bulb"]));
    assert_eq!(found[0]["title"], "Because you ordered Lamp");
}

async fn shown(client: &Client) -> usize {
    titles(&home(client).await, "BECAUSE_VIEWED").len()
}

#[actix_web::test]
async fn what_cannot_be_had_or_is_not_wanted_is_never_shown() {
    let (app, seller, goods) = market(&["Lamp", "Bulb"]).await;
    let [lamp, bulb] = &goods[..] else { panic!() };
    let people = people(&app, 4).await;
    let ada = app.sign_up("Ada").await;
    all_order(&people, &[lamp, bulb], "one").await;
    learn_all(&app).await;
    record(&ada, views(&[lamp]), &Value::Null).await;
    assert_eq!(shown(&ada).await, 0, "four people are too few");
    let late = app.sign_up("Late").await;
    order(&late, &[lamp, bulb], "five", true).await;
    learn_all(&app).await;
    assert_eq!(shown(&ada).await, 1);

    adjust(&seller, bulb, -95).await;
    assert_eq!(shown(&ada).await, 0);
    adjust(&seller, bulb, 95).await;
    set_status(&seller, bulb, "ARCHIVED").await;
    assert_eq!(shown(&ada).await, 0);
    set_status(&seller, bulb, "ACTIVE").await;
    assert_eq!(shown(&ada).await, 1);
    // Nothing rests on what they do not see any more.
    set_status(&seller, lamp, "ARCHIVED").await;
    assert_eq!(shown(&ada).await, 0);
    set_status(&seller, lamp, "ACTIVE").await;
    ada.mutate("dismissRecommendation", json!({"productId": bulb.product}), "product { id }").await.ok();
    assert_eq!(shown(&ada).await, 0);
    ada.mutate("clearHistory", json!({"kinds": ["DISMISSALS"]}), "").await.ok();
    assert_eq!(shown(&ada).await, 1);
    // Nor what they looked at themself, of who has blocked them.
    seller.mutate("blockUser", json!({"userId": ada.id}), "user { id }").await.ok();
    assert_eq!(kinds(&home(&ada).await), [""; 0]);
}

#[actix_web::test]
async fn carts_favourites_and_shops_have_sections_of_their_own() {
    let (app, seller, goods) = market(&["Lamp", "Bulb", "Rug", "Mug"]).await;
    let [lamp, bulb, rug, mug] = &goods[..] else { panic!() };
    let ada = app.sign_up("Ada").await;
    like(&ada, lamp).await;
    like(&ada, bulb).await;
    assert_eq!(kinds(&home(&ada).await), [""; 0]);
    app.advance(TimeDelta::seconds(1));
    reprice(&seller, lamp, "0.80").await;
    adjust(&seller, bulb, -100).await;
    adjust(&seller, bulb, 5).await;
    let found = home(&ada).await;
    assert_eq!(kinds(&found), ["PRICE_DROPS", "BACK_IN_STOCK"]);
    assert_eq!((titles(&found, "PRICE_DROPS"), titles(&found, "BACK_IN_STOCK")), (vec!["Lamp"], vec!["Bulb"]));
    // A price of which they were told is lower all the same, and one that has come back is not.
    app.given_sql("UPDATE favorites SET noted_price = 80");
    assert_eq!(titles(&home(&ada).await, "PRICE_DROPS"), ["Lamp"]);
    reprice(&seller, lamp, "1.00").await;
    assert_eq!(titles(&home(&ada).await, "PRICE_DROPS"), [""; 0]);

    let put = json!({"variantId": rug.variant});
    ada.mutate("addToCart", put, "cart { id }").await.ok();
    let other = app.sign_up("Henry").await;
    let shop = other.open_shop("Barn").await;
    other.sell(&shop, "Bowl", "1.00", 9).await;
    for _ in 0..2 {
        ada.mutate("followShop", json!({"shopId": shop}), "shop { id }").await.ok();
    }
    record(&ada, views(&[mug]), &Value::Null).await;
    let found = home(&ada).await;
    // First what they were about to do; two favourites are more than a shop that is followed.
    assert_eq!(kinds(&found), ["CART", "RECENTLY_VIEWED", "BACK_IN_STOCK", "FOLLOWED_SHOPS"]);
    assert_eq!((titles(&found, "CART"), titles(&found, "FOLLOWED_SHOPS")), (vec!["Rug"], vec!["Bowl"]));
    let document =
        "{ viewer { home(kinds: [FOLLOWED_SHOPS]) { recommendations { nodes { reason { text shop { name } } } } } } }";
    let read = ada.query(document).await.ok();
    let reason = &read["viewer"]["home"][0]["recommendations"]["nodes"][0]["reason"];
    assert_eq!(*reason, json!({"text": "From Barn, which you follow", "shop": {"name": "Barn"}}));

    // Off is off, at once.
    let off = json!({"hasPersonalization": false});
    ada.mutate("updatePreferences", off, "preferences { theme }").await.ok();
    assert_eq!(kinds(&home(&ada).await), [""; 0]);
    let on = json!({"hasPersonalization": true});
    ada.mutate("updatePreferences", on, "preferences { theme }").await.ok();
    assert_eq!(home(&ada).await.len(), 4);
}

#[actix_web::test]
async fn what_is_new_in_categories_is_shown_beside_what_is_known() {
    let (app, _, goods) = market(&["Lamp"]).await;
    let clerk = app.sign_up("Clerk").await;
    app.given_role(&clerk, "ADMIN");
    let lights = clerk.mutate("createCategory", json!({"name": "Lights"}), "category { id }").await.ok();
    let ada = app.sign_up("Ada").await;
    let seller = app.sign_up("Henry").await;
    let shop = seller.open_shop("Barn").await;
    let mut made = Vec::new();
    for title in ["Torch", "Lantern", "Candle"] {
        let variants = json!([{"price": {"amount": "1.00", "currency": "GBP"}, "quantity": 9}]);
        let input =
            json!({"shopId": shop, "title": title, "variants": variants, "categoryId": lights["category"]["id"]});
        let answer = seller.mutate("createProduct", input, "product { id }").await.ok();
        made.push(answer["product"]["id"].clone());
        app.advance(TimeDelta::seconds(1));
    }
    record(&ada, views(&[&goods[0]]), &Value::Null).await;
    assert_eq!(titles(&home(&ada).await, "NEW_IN_CATEGORIES"), [""; 0]);
    record(&ada, json!([{"productId": made[0]}]), &Value::Null).await;
    let found = home(&ada).await;
    assert_eq!(titles(&found, "NEW_IN_CATEGORIES"), ["Candle", "Lantern"]);
    let section = found.iter().find(|section| section["kind"] == "NEW_IN_CATEGORIES").unwrap();
    assert_eq!(section["recommendations"]["nodes"][0]["reason"]["text"], "New in the category of Torch");
    // What has been there for a month is not new.
    app.given_sql("UPDATE products SET created_at = created_at - interval '31 days' WHERE title = 'Candle'");
    assert_eq!(titles(&home(&ada).await, "NEW_IN_CATEGORIES"), ["Lantern"]);
}

#[actix_web::test]
async fn a_section_is_read_page_by_page() {
    let (app, _, goods) = market(&["Lamp", "Bulb", "Rug"]).await;
    let ada = app.sign_up("Ada").await;
    for one in &goods {
        record(&ada, views(&[one]), &Value::Null).await;
        app.advance(TimeDelta::seconds(1));
    }
    let page = async |arguments: &str| {
        let document = format!(
            "{{ viewer {{ home(kinds: [RECENTLY_VIEWED]) {{ recommendations({arguments}) {{ totalCount nodes {{ product {{ title }} }} \
             pageInfo {{ endCursor hasNextPage hasPreviousPage }} }} }} }} }}"
        );
        let list = ada.query(&document).await.ok()["viewer"]["home"][0]["recommendations"].clone();
        let nodes = list["nodes"].as_array().unwrap();
        let titles: Vec<_> = nodes.iter().map(|node| node["product"]["title"].as_str().unwrap().to_owned()).collect();
        (titles, list)
    };
    let (first, list) = page("first: 2").await;
    assert_eq!((first, &list["totalCount"]), (vec!["Rug".to_owned(), "Bulb".to_owned()], &json!(3)));
    assert_eq!(list["pageInfo"]["hasNextPage"], true);
    let cursor = &list["pageInfo"]["endCursor"];
    assert_eq!(page(&format!("first: 2, after: {cursor}")).await.0, ["Lamp"]);
    // What was looked at once more since does not have others be shown twice.
    record(&ada, views(&[&goods[0]]), &Value::Null).await;
    assert_eq!(page(&format!("first: 2, after: {cursor}")).await.0, [""; 0]);
    assert_eq!(page("last: 1").await.0, ["Bulb"]);
    let none = format!("{{ viewer {{ home {{ recommendations(first: 0, after: {cursor}) {{ totalCount }} }} }} }}");
    assert_eq!(ada.query(&none).await.code(), "BAD_USER_INPUT");
}
