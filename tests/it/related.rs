//! What is recommended, to whom, and why.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Client, TestApp, app::Person, market::Goods},
    privacy::uuid,
    recommendations::{learn_all, order},
    reviews::refusal,
};

const RELATED: &str = "query($id: ID!, $intent: RecommendationIntent!) { product(by: {id: $id}) { related(intent: $intent) { \
                       product { id title shop { name } } reason { kind text product { title } } } } }";

async fn related(client: &Client, goods: &Goods, intent: &str) -> Vec<Value> {
    let read = client.send(RELATED, json!({"id": goods.product, "intent": intent})).await.ok();
    read["product"]["related"].as_array().unwrap().clone()
}

/// Each with why.
fn short(recommended: &[Value]) -> Vec<(&str, &str)> {
    recommended
        .iter()
        .map(|one| (one["product"]["title"].as_str().unwrap(), one["reason"]["kind"].as_str().unwrap()))
        .collect()
}

pub async fn people(app: &TestApp, count: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..count {
        people.push(app.sign_up(&format!("Buyer{number}")).await);
    }
    people
}

/// Has each of the people order all of this.
pub async fn all_order(people: &[Person], goods: &[&Goods], key: &str) {
    for buyer in people {
        order(buyer, goods, key, true).await;
    }
}

pub async fn adjust(seller: &Client, goods: &Goods, by: i32) {
    let input = json!({"variantId": goods.variant, "change": {"by": by}});
    seller.mutate("adjustStock", input, "stockLevel { onHand }").await.ok();
}

pub async fn set_status(seller: &Client, goods: &Goods, status: &str) {
    let read = "query($id: ID!) { node(id: $id) { ... on Product { version } } }";
    let version = seller.send(read, json!({"id": goods.product})).await.ok()["node"]["version"].clone();
    let input = json!({"productId": goods.product, "expectedVersion": version, "status": status});
    seller.mutate("updateProduct", input, "product { id }").await.ok();
}

#[actix_web::test]
async fn what_five_people_ordered_together_is_recommended_with_a_reason() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let lamp = seller.sell(&shop, "Lamp", "1.00", 100).await;
    let bulb = seller.sell(&shop, "Bulb", "1.00", 100).await;
    let people = people(&app, 5).await;
    let guest = app.guest();
    all_order(&people[..4], &[&lamp, &bulb], "one").await;
    learn_all(&app).await;
    assert_eq!(related(&guest, &lamp, "BOUGHT_TOGETHER").await.len(), 0, "four people are too few");

    all_order(&people[4..], &[&lamp, &bulb], "one").await;
    learn_all(&app).await;
    let found = related(&guest, &lamp, "BOUGHT_TOGETHER").await;
    assert_eq!(short(&found), [("Bulb", "BOUGHT_TOGETHER")]);
    let reason = &found[0]["reason"];
    assert_eq!((&reason["text"], &reason["product"]["title"]), (&json!("Often ordered with Lamp"), &json!("Lamp")));
    let german = guest.with_header("accept-language", "de");
    assert_eq!(related(&german, &lamp, "BOUGHT_TOGETHER").await[0]["reason"]["text"], "Oft bestellt mit Lamp");
    // Nothing else goes with the same things, and none of them has a category.
    for intent in ["SIMILAR", "ALTERNATIVE"] {
        assert_eq!(related(&guest, &lamp, intent).await.len(), 0);
    }

    // What nobody can have is not recommended.
    adjust(&seller, &bulb, -95).await;
    assert_eq!(related(&guest, &lamp, "BOUGHT_TOGETHER").await.len(), 0);
    adjust(&seller, &bulb, 95).await;
    assert_eq!(related(&guest, &lamp, "BOUGHT_TOGETHER").await.len(), 1);
    set_status(&seller, &bulb, "ARCHIVED").await;
    assert_eq!(related(&seller, &lamp, "BOUGHT_TOGETHER").await.len(), 0, "not even to the shop");
    set_status(&seller, &bulb, "ACTIVE").await;

    // Nor to whom nothing of it is sent as they have it: who has blocked somebody of the shop, or is blocked by them.
    let (ann, ben, cleo) = (app.sign_up("Ann").await, app.sign_up("Ben").await, app.sign_up("Cleo").await);
    ann.mutate("blockUser", json!({"userId": seller.id}), "user { id }").await.ok();
    seller.mutate("blockUser", json!({"userId": ben.id}), "user { id }").await.ok();
    for (person, count) in [(&ann, 0), (&ben, 0), (&cleo, 1)] {
        assert_eq!(related(person, &lamp, "BOUGHT_TOGETHER").await.len(), count);
    }
    for first in [0, 21] {
        let document = format!(
            "query($id: ID!) {{ product(by: {{id: $id}}) {{ related(intent: SIMILAR, first: {first}) {{ product {{ id }} }} }} }}"
        );
        assert_eq!(guest.send(&document, json!({"id": lamp.product})).await.code(), "BAD_USER_INPUT");
    }
}

#[actix_web::test]
async fn what_goes_with_the_same_and_what_is_new_can_be_had_instead() {
    let app = TestApp::start().await;
    let clerk = app.sign_up("Clerk").await;
    app.given_role(&clerk, "ADMIN");
    let lights = clerk.mutate("createCategory", json!({"name": "Lights"}), "category { id }").await.ok();
    let lights = lights["category"]["id"].clone();
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let mut goods = Vec::new();
    for (title, price) in [("Lamp", "1.00"), ("Lantern", "1.00"), ("Torch", "1.50"), ("Chandelier", "9.00")] {
        let variants = json!([{"price": {"amount": price, "currency": "GBP"}, "quantity": 100}]);
        let input = json!({"shopId": shop, "title": title, "variants": variants, "categoryId": lights});
        let made =
            seller.mutate("createProduct", input, "product { id variants { id } }").await.ok()["product"].clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        goods.push(Goods { product: text(&made["id"]), variant: text(&made["variants"][0]["id"]), price });
        app.advance(TimeDelta::seconds(1));
    }
    let bulb = seller.sell(&shop, "Bulb", "1.00", 100).await;
    let people = people(&app, 5).await;
    let (lamp, lantern) = (&goods[0], &goods[1]);
    all_order(&people, &[lamp, &bulb], "lamp").await;
    all_order(&people, &[lantern, &bulb], "lantern").await;
    learn_all(&app).await;
    let guest = app.guest();
    let found = related(&guest, lamp, "SIMILAR").await;
    assert_eq!(
        short(&found),
        [("Lantern", "GOES_WITH_THE_SAME"), ("Chandelier", "SAME_CATEGORY"), ("Torch", "SAME_CATEGORY")]
    );
    assert_eq!(found[0]["reason"]["text"], "Goes with the same things as Lamp");
    assert_eq!(found[1]["reason"]["text"], "New in the category of Lamp");
    let found = related(&guest, lamp, "ALTERNATIVE").await;
    assert_eq!(short(&found), [("Lantern", "GOES_WITH_THE_SAME"), ("Torch", "SAME_CATEGORY")]);
    assert_eq!(short(&related(&guest, lamp, "BOUGHT_TOGETHER").await), [("Bulb", "BOUGHT_TOGETHER")]);

    // However many products a page has, it is one statement for what goes with them.
    let page = "{ products(first: 20) { nodes { title related(intent: SIMILAR, first: 2) { product { title } reason { kind text } } } } }";
    let answer = guest.query(page).await;
    assert!(answer.statements.unwrap() <= 2, "{answer:?}");
    let nodes = answer.ok()["products"]["nodes"].as_array().unwrap().clone();
    let longest = nodes.iter().map(|node| node["related"].as_array().unwrap().len()).max();
    assert_eq!((nodes.len(), longest), (5, Some(2)));
}

#[actix_web::test]
async fn what_somebody_ordered_once_they_have_and_what_they_ordered_twice_they_use_up() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let lamp = seller.sell(&shop, "Lamp", "1.00", 100).await;
    let bulb = seller.sell(&shop, "Bulb", "1.00", 100).await;
    let people = people(&app, 5).await;
    all_order(&people, &[&lamp, &bulb], "one").await;
    learn_all(&app).await;
    let ada = &people[0];
    let beside = async || {
        let document = "{ viewer { cart { recommendations { product { title } reason { kind } } } } }";
        ada.query(document).await.ok()["viewer"]["cart"]["recommendations"].as_array().unwrap().len()
    };
    ada.mutate("addToCart", json!({"variantId": lamp.variant}), "cart { id }").await.ok();
    assert_eq!((related(ada, &lamp, "BOUGHT_TOGETHER").await.len(), beside().await), (0, 0));
    // Who does not want what they ordered to be used sees what everybody sees.
    let wants = async |wants: bool| {
        ada.mutate("updatePreferences", json!({"hasPersonalization": wants}), "preferences { theme }").await.ok();
    };
    wants(false).await;
    assert_eq!((related(ada, &lamp, "BOUGHT_TOGETHER").await.len(), beside().await), (1, 1));
    wants(true).await;
    ada.order_one(&bulb, "again").await.ok();
    assert_eq!((related(ada, &lamp, "BOUGHT_TOGETHER").await.len(), beside().await), (1, 1));
}

#[actix_web::test]
async fn what_somebody_dismisses_is_not_recommended_to_them_until_they_want_it() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let lamp = seller.sell(&shop, "Lamp", "1.00", 100).await;
    let bulb = seller.sell(&shop, "Bulb", "1.00", 100).await;
    let people = people(&app, 5).await;
    all_order(&people, &[&lamp, &bulb], "one").await;
    learn_all(&app).await;
    let (ada, bob) = (&app.sign_up("Ann").await, &app.sign_up("Ben").await);
    let dismiss = json!({"productId": bulb.product});
    for _ in 0..2 {
        let answer = ada.mutate("dismissRecommendation", dismiss.clone(), "product { title }").await.ok();
        assert_eq!(answer["product"]["title"], "Bulb");
    }
    for (client, count) in [(&**ada, 0), (&**bob, 1), (&app.guest(), 1)] {
        assert_eq!(related(client, &lamp, "BOUGHT_TOGETHER").await.len(), count);
    }
    // What is decided counts also while nothing is kept.
    ada.mutate("updatePreferences", json!({"hasPersonalization": false}), "preferences { theme }").await.ok();
    assert_eq!(related(ada, &lamp, "BOUGHT_TOGETHER").await.len(), 0);
    for (since, count) in [("2026-11-20T12:00:01Z", 0), ("2026-11-20T12:00:00Z", 1)] {
        ada.mutate("clearHistory", json!({"kinds": ["DISMISSALS"], "since": since}), "").await.ok();
        assert_eq!(related(ada, &lamp, "BOUGHT_TOGETHER").await.len(), count);
    }
    set_status(&seller, &bulb, "ARCHIVED").await;
    let hidden = ada.mutate("dismissRecommendation", dismiss.clone(), "").await;
    assert_eq!(hidden.refusal(), refusal("NOT_FOUND", "productId"));
    let guest = app.guest().mutate("dismissRecommendation", dismiss, "").await;
    assert_eq!(guest.code(), "UNAUTHENTICATED");

    // The last thousand count.
    let id = uuid(bob);
    app.given_sql(&format!(
        "INSERT INTO recommendation_dismissals SELECT '{id}', gen_random_uuid(), '2026-11-19T12:00:00Z' FROM generate_series(1, 1000)"
    ));
    bob.mutate("dismissRecommendation", json!({"productId": lamp.product}), "product { id }").await.ok();
    let kept = |rest: &str| {
        let sql = format!("SELECT count(*) AS count FROM recommendation_dismissals WHERE user_id = '{id}' {rest}");
        count(&mut app.connect(), &sql)
    };
    assert_eq!((kept(""), kept("AND created_at > '2026-11-20'")), (1_000, 1));
}

#[actix_web::test]
async fn what_goes_with_what_is_in_a_cart_is_recommended_beside_it() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let mut goods = Vec::new();
    for title in ["Lamp", "Torch", "Bulb", "Battery"] {
        goods.push(seller.sell(&shop, title, "1.00", 100).await);
    }
    let [lamp, torch, bulb, battery] = &goods[..] else { panic!() };
    let people = people(&app, 5).await;
    all_order(&people, &[lamp, bulb], "lamp").await;
    all_order(&people, &[torch, bulb], "torch").await;
    all_order(&people, &[torch, battery], "battery").await;
    learn_all(&app).await;
    let client = app.guest();
    let opened =
        client.mutate("createCart", json!({"lines": [{"variantId": lamp.variant}]}), "cart { token }").await.ok();
    let token = opened["cart"]["token"].clone();
    let document =
        "query($token: String!) { cart(token: $token) { recommendations { product { title } reason { kind text } } } }";
    let beside = async || {
        let answer = client.send(document, json!({"token": token})).await;
        assert!(answer.statements.unwrap() <= 2, "{answer:?}");
        answer.ok()["cart"]["recommendations"].as_array().unwrap().clone()
    };
    assert_eq!(short(&beside().await), [("Bulb", "BOUGHT_TOGETHER")]);
    let add = json!({"token": token, "variantId": torch.variant});
    client.mutate("addToCart", add, "cart { id }").await.ok();
    // What goes with both comes before what goes with one of them.
    let found = beside().await;
    assert_eq!(short(&found), [("Bulb", "BOUGHT_TOGETHER"), ("Battery", "BOUGHT_TOGETHER")]);
    assert_eq!(found[1]["reason"]["text"], "Often ordered with Torch");
    // What is in the cart already is not wanted again.
    let add = json!({"token": token, "variantId": bulb.variant});
    client.mutate("addToCart", add, "cart { id }").await.ok();
    assert_eq!(short(&beside().await), [("Battery", "BOUGHT_TOGETHER")]);
    let empty = client.mutate("createCart", json!({}), "cart { recommendations { product { id } } }").await.ok();
    assert_eq!(empty["cart"]["recommendations"], json!([]));
}
