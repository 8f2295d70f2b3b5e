//! Reviews: by whom, about what, and what follows from them.

mod lists;
mod moderation;
mod ratings;

use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    media::{files::photo, send_for},
};

pub const REVIEW: &str = "review { id rating title text version createdAt editedAt isHidden hiddenReason author { displayName } \
                          variant { id } product { id } photos { id width } reply { text createdAt editedAt } }";

/// A shop with a lamp, and its keeper.
pub async fn mill(app: &TestApp) -> (Person, String, Goods) {
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let goods = seller.sell(&shop, "Lamp", "5.00", 1_000).await;
    (seller, shop, goods)
}

/// Buys one piece, and pays.
pub async fn buy(buyer: &Client, goods: &Goods) {
    let order = buyer.order_one(goods, &goods.product).await.ok()["order"]["id"].clone();
    buyer.pay(order.as_str().unwrap(), "test_succeeds", &goods.product).await.ok();
}

pub async fn write(author: &Client, goods: &Goods, rating: i32, text: &str) -> Answer {
    author.mutate("createReview", json!({"productId": goods.product, "rating": rating, "text": text}), REVIEW).await
}

/// Buys and says so.
pub async fn review(author: &Client, goods: &Goods, rating: i32, text: &str) -> Value {
    buy(author, goods).await;
    write(author, goods, rating, text).await.ok()["review"].clone()
}

/// What everybody is told of the stars of a product and of its shop: the averages, the counts, and how often each was given.
pub async fn stars(app: &TestApp, goods: &Goods) -> Value {
    let document = "query($id: ID!) { product(by: {id: $id}) { rating { ...R } shop { rating { ...R } } } } \
                    fragment R on Rating { average count histogram { stars count } }";
    let product = app.guest().send(document, json!({"id": goods.product})).await.ok()["product"].clone();
    let short = |rating: &Value| {
        let all = rating["histogram"].as_array().unwrap().iter();
        let all: Vec<_> = all.map(|row| format!("{}:{}", row["stars"], row["count"])).collect();
        json!([rating["average"], rating["count"], all.join(" ")])
    };
    json!({"product": short(&product["rating"]), "shop": short(&product["shop"]["rating"])})
}

pub fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[actix_web::test]
async fn who_bought_and_paid_writes_one_review() {
    let app = TestApp::start().await;
    let (_, _, goods) = mill(&app).await;
    let ada = app.sign_up("Ada").await;
    let can = async |client: &Client| {
        let document = "query($id: ID!) { product(by: {id: $id}) { canReview viewerReview { rating } } }";
        let product = client.send(document, json!({"id": goods.product})).await.ok()["product"].clone();
        (product["canReview"].as_bool().unwrap(), product["viewerReview"]["rating"].clone())
    };
    assert_eq!(can(&ada).await, (false, Value::Null));
    assert_eq!(write(&ada, &goods, 5, "").await.refusal(), refusal("NOT_PERMITTED", "productId"));
    let order = ada.order_one(&goods, "one").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    assert_eq!(write(&ada, &goods, 5, "").await.refusal(), refusal("NOT_PERMITTED", "productId"));
    assert!(!can(&ada).await.0, "not paid yet");
    ada.pay(&order, "test_succeeds", "pay").await.ok();
    assert!(can(&ada).await.0);
    for (rating, title, text, expected) in [
        (0, "", "", refusal("OUT_OF_RANGE", "rating")),
        (6, "", "", refusal("OUT_OF_RANGE", "rating")),
        (5, &*"t".repeat(101), "", refusal("TOO_LONG", "title")),
        (5, "", &*"t".repeat(5_001), refusal("TOO_LONG", "text")),
        (5, "a\u{7}", "", refusal("INVALID", "title")),
    ] {
        let input = json!({"productId": goods.product, "rating": rating, "title": title, "text": text});
        assert_eq!(ada.mutate("createReview", input, "").await.refusal(), expected);
    }

    let input = json!({"productId": goods.product, "rating": 4, "title": " Bright ", "text": "It\nshines", "idempotencyKey": "r"});
    let review = ada.mutate("createReview", input.clone(), REVIEW).await.ok()["review"].clone();
    assert_eq!(
        (&review["title"], &review["text"], &review["version"]),
        (&json!("Bright"), &json!("It\nshines"), &json!(1))
    );
    assert_eq!((&review["author"]["displayName"], &review["variant"]["id"]), (&json!("Ada"), &json!(goods.variant)));
    assert_eq!((&review["editedAt"], &review["reply"], &review["photos"]), (&Value::Null, &Value::Null, &json!([])));
    let again = ada.mutate("createReview", input, REVIEW).await;
    assert_eq!(again.extensions["replayed"], true);
    assert_eq!(again.ok()["review"]["id"], review["id"]);
    assert_eq!(write(&ada, &goods, 1, "Again").await.refusal(), refusal("ALREADY_DONE", "productId"));
    assert_eq!(can(&ada).await, (false, json!(4)));
    assert_eq!(can(&app.guest()).await, (false, Value::Null));

    // What was called off, and what another system sold, does not count.
    let (bob, carl) = (app.sign_up("Bob").await, app.sign_up("Carl").await);
    let order = bob.order_one(&goods, "one").await.ok()["order"]["id"].as_str().unwrap().to_owned();
    bob.cancel(&order).await.ok();
    buy(&carl, &goods).await;
    app.given_sql("UPDATE orders SET source = 'IMPORT' FROM users WHERE users.id = buyer_id AND display_name = 'Carl'");
    for client in [&*bob, &*carl] {
        assert_eq!(write(client, &goods, 1, "").await.refusal(), refusal("NOT_PERMITTED", "productId"));
        assert!(!can(client).await.0);
    }
    // Whoever is to pay later may, once it has arrived.
    bob.order_one(&goods, "two").await.ok();
    app.given_sql("UPDATE order_parts SET fulfillment_state = 'DELIVERED'");
    assert!(can(&bob).await.0);
    write(&bob, &goods, 3, "").await.ok();
}

#[actix_web::test]
async fn who_sells_it_does_not_review_it() {
    let app = TestApp::start().await;
    let (seller, shop, goods) = mill(&app).await;
    let helper = app.sign_up("Helper").await;
    let member = json!({"shopId": shop, "userId": helper.id, "role": "FULFILLMENT"});
    seller.mutate("addShopMember", member, "member { role }").await.ok();
    for person in [&seller, &helper] {
        buy(person, &goods).await;
        assert_eq!(write(person, &goods, 5, "Fine").await.refusal(), refusal("NOT_PERMITTED", "productId"));
        let document = format!("{{ product(by: {{id: \"{}\"}}) {{ canReview }} }}", goods.product);
        let answer = person.with_header("agora-include", "cost").query(&document).await;
        // What somebody has bought is looked for in all their orders.
        assert_eq!(answer.extensions["cost"]["requested"], 21);
        assert_eq!(answer.ok()["product"]["canReview"], false);
    }
    // What is not for sale any more is not there.
    let ada = app.sign_up("Ada").await;
    buy(&ada, &goods).await;
    let archive = json!({"productId": goods.product, "expectedVersion": 1, "status": "ARCHIVED"});
    seller.mutate("updateProduct", archive, "product { id }").await.ok();
    assert_eq!(write(&ada, &goods, 5, "Fine").await.refusal(), refusal("NOT_FOUND", "productId"));
}

#[actix_web::test]
async fn an_author_changes_and_deletes_what_is_theirs() {
    let app = TestApp::start().await;
    let (seller, _, goods) = mill(&app).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let id = review(&ada, &goods, 2, "Dim").await["id"].clone();
    let change = async |client: &Client, version: i32, mut input: Value| {
        input["reviewId"] = id.clone();
        input["expectedVersion"] = version.into();
        client.mutate("updateReview", input, REVIEW).await
    };
    for client in [&*bob, &*seller] {
        assert_eq!(change(client, 1, json!({"rating": 5})).await.refusal(), refusal("NOT_FOUND", "reviewId"));
        let gone = client.mutate("deleteReview", json!({"reviewId": id}), "").await;
        assert_eq!(gone.refusal(), refusal("NOT_FOUND", "reviewId"));
    }
    assert_eq!(change(&ada, 2, json!({"rating": 5})).await.refusal().0, "STALE_VERSION");
    app.advance(chrono::TimeDelta::minutes(1));
    let changed = change(&ada, 1, json!({"rating": 5, "title": "Bright", "text": null})).await.ok()["review"].clone();
    assert_eq!((&changed["rating"], &changed["title"], &changed["text"]), (&json!(5), &json!("Bright"), &json!("")));
    assert_eq!(changed["version"], 2);
    assert_ne!(changed["editedAt"], changed["createdAt"]);
    let five = json!([5.0, 1, "5:1 4:0 3:0 2:0 1:0"]);
    assert_eq!(stars(&app, &goods).await, json!({"product": five, "shop": five}));

    // The product itself has not changed by it.
    let document = format!("{{ product(by: {{id: \"{}\"}}) {{ version }} }}", goods.product);
    assert_eq!(seller.query(&document).await.ok()["product"]["version"], 1);

    let deleted =
        ada.mutate("deleteReview", json!({"reviewId": id}), "deletedReviewId product { rating { count } }").await;
    assert_eq!(deleted.ok(), json!({"deletedReviewId": id, "product": {"rating": {"count": 0}}, "userErrors": []}));
    let none = json!([null, 0, "5:0 4:0 3:0 2:0 1:0"]);
    assert_eq!(stars(&app, &goods).await, json!({"product": none, "shop": none}));
    assert_eq!(ada.query(&format!("{{ node(id: {id}) {{ id }} }}")).await.ok()["node"], Value::Null);
    write(&ada, &goods, 4, "After all").await.ok();
}

#[actix_web::test]
async fn photos_are_the_authors_own_and_go_with_the_review() {
    let app = TestApp::start().await;
    let (_, _, goods) = mill(&app).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let kept = || count(&mut app.connect(), "SELECT count(*) AS count FROM media WHERE reference_count = 1");
    let (one, two) = (send_for(&ada, &photo(80, 60), "REVIEW").await, send_for(&ada, &photo(40, 40), "REVIEW").await);
    let (foreign, other) =
        (send_for(&bob, &photo(8, 8), "REVIEW").await, send_for(&ada, &photo(9, 9), "PRODUCT").await);
    buy(&ada, &goods).await;
    let upload = |id: &str| json!({"uploadId": id});
    let write = async |photos: Value| {
        let input = json!({"productId": goods.product, "rating": 5, "photos": photos});
        ada.mutate("createReview", input, REVIEW).await
    };
    for wrong in [&foreign, &other] {
        assert_eq!(write(json!([upload(wrong)])).await.refusal(), refusal("NOT_FOUND", "photos.0.uploadId"));
    }
    assert_eq!(write(json!([upload(&one), upload(&one)])).await.refusal(), refusal("TAKEN", "photos.1"));
    assert_eq!(write(json!(vec![upload(&one); 7])).await.refusal(), refusal("TOO_MANY", "photos"));
    assert_eq!(kept(), 0);
    let review = write(json!([upload(&one), upload(&two)])).await.ok()["review"].clone();
    assert_eq!((&review["photos"][0]["width"], &review["photos"][1]["width"], kept()), (&json!(80), &json!(40), 2));

    let second = review["photos"][1]["id"].clone();
    let left = json!({"reviewId": review["id"], "expectedVersion": 1, "photos": [{"imageId": second}]});
    let review = ada.mutate("updateReview", left, REVIEW).await.ok()["review"].clone();
    assert_eq!((review["photos"].as_array().unwrap().len(), &review["photos"][0]["id"], kept()), (1, &second, 1));
    ada.mutate("deleteReview", json!({"reviewId": review["id"]}), "deletedReviewId").await.ok();
    assert_eq!(kept(), 0);
}

#[actix_web::test]
async fn shops_answer_and_everybody_sees_it() {
    let app = TestApp::start().await;
    let (seller, shop, goods) = mill(&app).await;
    let ada = app.sign_up("Ada").await;
    let id = review(&ada, &goods, 2, "Dim").await["id"].clone();
    let reply = async |client: &Client, text: &str| {
        client.mutate("replyToReview", json!({"reviewId": id, "text": text}), REVIEW).await
    };
    let packer = app.sign_up("Packer").await;
    let member = json!({"shopId": shop, "userId": packer.id, "role": "FULFILLMENT"});
    seller.mutate("addShopMember", member, "member { role }").await.ok();
    for client in [&*ada, &*packer] {
        assert_eq!(reply(client, "Sorry").await.refusal(), refusal("NOT_PERMITTED", "reviewId"));
    }
    assert_eq!(reply(&seller, " ").await.refusal(), refusal("BLANK", "text"));
    assert_eq!(reply(&seller, &"x".repeat(2_001)).await.refusal(), refusal("TOO_LONG", "text"));
    let first = reply(&seller, "Sorry").await.ok()["review"]["reply"].clone();
    assert_eq!((&first["text"], &first["editedAt"]), (&json!("Sorry"), &Value::Null));
    app.advance(chrono::TimeDelta::minutes(1));
    let second = reply(&seller, "We send another one").await.ok()["review"]["reply"].clone();
    assert_eq!((&second["text"], &second["createdAt"]), (&json!("We send another one"), &first["createdAt"]));
    assert_ne!(second["editedAt"], Value::Null);
    let seen = format!("{{ node(id: {id}) {{ ... on Review {{ reply {{ text }} }} }} }}");
    assert_eq!(app.guest().query(&seen).await.ok()["node"]["reply"]["text"], "We send another one");

    let desk = async |is_answered: bool| {
        let document = format!(
            "{{ viewer {{ shops {{ reviews(isAnswered: {is_answered}) {{ totalCount nodes {{ text }} }} }} }} }}"
        );
        packer.query(&document).await.ok()["viewer"]["shops"][0]["reviews"]["totalCount"].clone()
    };
    assert_eq!((desk(true).await, desk(false).await), (json!(1), json!(0)));
    for _ in 0..2 {
        let gone = seller.mutate("deleteReviewReply", json!({"reviewId": id}), "review { reply { text } }").await.ok();
        assert_eq!(gone["review"]["reply"], Value::Null);
    }
    assert_eq!((desk(true).await, desk(false).await), (json!(0), json!(1)));
}
