//! Favourites and wish lists: who sees them, and what they hold.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{Answer, Client, TestApp, app::Person, market::Goods},
    reviews::{mill, refusal},
};

async fn favor(person: &Client, mutation: &str, goods: &Goods) -> Value {
    let answer = person.mutate(mutation, json!({"productId": goods.product}), "product { isFavorite }").await.ok();
    answer["product"]["isFavorite"].clone()
}

#[actix_web::test]
async fn people_like_products_and_only_they_see_which() {
    let app = TestApp::start().await;
    let (seller, shop, lamp) = mill(&app).await;
    let (ada, bob) = (app.sign_up("Ada").await, app.sign_up("Bob").await);
    let (mug, bowl) = (seller.sell(&shop, "Mug", "1.00", 1).await, seller.sell(&shop, "Bowl", "1.00", 1).await);
    for goods in [&lamp, &mug, &bowl] {
        assert_eq!(favor(&ada, "favoriteProduct", goods).await, true);
        app.advance(TimeDelta::seconds(1));
    }
    // Once more changes nothing, not even the order.
    join_all((0..4).map(|_| favor(&ada, "favoriteProduct", &lamp))).await;
    let page = async |arguments: &str| {
        let document = format!(
            "{{ viewer {{ favorites({arguments}) {{ totalCount nodes {{ productId product {{ title isFavorite }} }} pageInfo {{ endCursor }} }} }} }}"
        );
        let answer = ada.query(&document).await;
        assert!(answer.statements.unwrap() <= 4, "{answer:?}");
        answer.ok()["viewer"]["favorites"].clone()
    };
    let titles = |page: &Value| {
        page["nodes"].as_array().unwrap().iter().map(|one| one["product"]["title"].clone()).collect::<Vec<_>>()
    };
    let first = page("first: 2").await;
    assert_eq!((titles(&first), &first["totalCount"]), (vec![json!("Bowl"), json!("Mug")], &json!(3)));
    let next = page(&format!("first: 2, after: {}", first["pageInfo"]["endCursor"])).await;
    assert_eq!(titles(&next), [json!("Lamp")]);
    let liked = format!("{{ product(by: {{id: \"{}\"}}) {{ isFavorite }} }}", lamp.product);
    for (client, is_favorite) in [(&*ada, true), (&*bob, false), (&app.guest(), false)] {
        assert_eq!(client.query(&liked).await.ok()["product"]["isFavorite"], is_favorite);
    }

    // What is gone from the market is kept in mind without its face, and can be let go.
    let archive = json!({"productId": mug.product, "expectedVersion": 1, "status": "ARCHIVED"});
    seller.mutate("updateProduct", archive, "product { id }").await.ok();
    assert_eq!(titles(&page("first: 9").await), [json!("Bowl"), Value::Null, json!("Lamp")]);
    for _ in 0..2 {
        assert_eq!(favor(&ada, "unfavoriteProduct", &mug).await, Value::Null);
    }
    assert_eq!(titles(&page("first: 9").await), [json!("Bowl"), json!("Lamp")]);
    let hidden = bob.mutate("favoriteProduct", json!({"productId": mug.product}), "").await;
    assert_eq!(hidden.refusal(), refusal("NOT_FOUND", "productId"));
}

pub async fn reprice(seller: &Client, goods: &Goods, amount: &str) {
    let read = seller
        .send("query($id: ID!) { node(id: $id) { ... on ProductVariant { version } } }", json!({"id": goods.variant}));
    let version = read.await.ok()["node"]["version"].clone();
    let price = json!({"amount": amount, "currency": "GBP"});
    let new = json!({"variantId": goods.variant, "expectedVersion": version, "price": price});
    let input = json!({"productId": goods.product, "variants": [new]});
    seller.mutate("updateProductPrices", input, "product { id }").await.ok();
}

/// Has the time of the day come when people are told of prices.
async fn tell(app: &TestApp) {
    app.run_jobs().await;
    app.given_sql("UPDATE jobs SET run_at = created_at WHERE kind = 'wishlists.price_mail'");
    app.run_jobs().await;
}

#[actix_web::test]
async fn who_likes_a_product_hears_that_it_costs_less_than_they_know() {
    let app = TestApp::start().await;
    let (seller, _, lamp) = mill(&app).await;
    let (ada, bob, carl) = (app.sign_up("Ada").await, app.sign_up("Bob").await, app.sign_up("Carl").await);
    let off = json!({"notifications": [{"kind": "PRICES", "channels": ["IN_APP"]}]});
    carl.mutate("updatePreferences", off, "preferences { theme }").await.ok();
    for person in [&ada, &bob, &carl] {
        favor(person, "favoriteProduct", &lamp).await;
    }
    favor(&bob, "unfavoriteProduct", &lamp).await;
    let told = || {
        let about = |email: &str| app.mails(email).into_iter().filter(|mail| mail.subject == "Lamp costs less").count();
        [&ada, &bob, &carl].map(|person| about(&person.email))
    };
    let price = async |amount: &str| {
        reprice(&seller, &lamp, amount).await;
        tell(&app).await;
        told()
    };
    // 5.00 is what they know. A little less is no news, nor is what went up and has come down again.
    assert_eq!(price("4.76").await, [0, 0, 0]);
    assert_eq!(price("9.00").await, [0, 0, 0]);
    assert_eq!(price("5.00").await, [0, 0, 0]);
    assert_eq!(price("4.75").await, [1, 0, 0]);
    let mail = app.mails(&ada.email).pop().unwrap();
    assert!(mail.text.contains("from 4.75 GBP") && mail.text.contains("was 5.00 GBP"), "{}", mail.text);
    assert!(mail.unsubscribe.unwrap().contains("/PRICES?"));
    assert_eq!(price("4.70").await, [1, 0, 0]);
    // Nobody is told of what cannot be ordered until it can be.
    let adjust = async |by: i32| {
        let input = json!({"variantId": lamp.variant, "change": {"by": by}});
        seller.mutate("adjustStock", input, "stockLevel { onHand }").await.ok();
    };
    adjust(-1_000).await;
    assert_eq!(price("4.00").await, [1, 0, 0]);
    adjust(1_000).await;
    tell(&app).await;
    assert_eq!(told(), [2, 0, 0]);
    let mail = app.mails(&ada.email).pop().unwrap();
    assert!(mail.text.contains("from 4.00 GBP") && mail.text.contains("was 4.75 GBP"), "{}", mail.text);
    // Of two falls within a day she hears once, of what it costs by then.
    for amount in ["3.80", "3.00"] {
        reprice(&seller, &lamp, amount).await;
        app.run_jobs().await;
        assert_eq!(told(), [2, 0, 0]);
    }
    let within_a_day = "SELECT count(*) AS count FROM jobs WHERE kind = 'wishlists.price_mail' AND run_at > created_at \
                        AND run_at <= created_at + interval '1 day'";
    // Carl has one, too, and hears nothing: whether somebody wants to be told is asked then.
    assert_eq!(count(&mut app.connect(), within_a_day), 2);
    tell(&app).await;
    assert_eq!(told(), [3, 0, 0]);
    let mail = app.mails(&ada.email).pop().unwrap();
    assert!(mail.text.contains("from 3.00 GBP") && mail.text.contains("was 4.00 GBP"), "{}", mail.text);
    // What became cheaper while it was not for sale is news when it is.
    let status = async |status: &str| {
        let read = seller
            .send("query($id: ID!) { node(id: $id) { ... on Product { version } } }", json!({"id": lamp.product}));
        let version = read.await.ok()["node"]["version"].clone();
        let input = json!({"productId": lamp.product, "expectedVersion": version, "status": status});
        seller.mutate("updateProduct", input, "product { id }").await.ok();
    };
    status("ARCHIVED").await;
    assert_eq!(price("2.00").await, [3, 0, 0]);
    status("ACTIVE").await;
    tell(&app).await;
    assert_eq!(told(), [4, 0, 0]);
    assert_eq!(price("2.00").await, [4, 0, 0]);
}

#[actix_web::test]
async fn however_many_like_a_product_each_hears_of_it_once() {
    let app = TestApp::start().await;
    let (seller, _, lamp) = mill(&app).await;
    app.given_sql(
        "INSERT INTO users (id, email, email_key, display_name, bio, role, is_demo, version, created_at, locale) \
         SELECT gen_random_uuid(), mail, mail, 'Fan', '', 'MEMBER', false, 1, now(), 'en' \
         FROM (SELECT 'fan' || number || '@example.com' AS mail FROM generate_series(1, 250) number) fans",
    );
    app.given_sql(
        "INSERT INTO favorites (user_id, product_id, created_at, noted_price) SELECT users.id, products.id, now(), 500 \
         FROM users, products WHERE users.display_name = 'Fan' AND products.title = 'Lamp'",
    );
    reprice(&seller, &lamp, "1.00").await;
    tell(&app).await;
    let told = (1..=250).map(|fan| app.mails(&format!("fan{fan}@example.com")).len());
    assert!(told.eq(std::iter::repeat_n(1, 250)));
}

struct Lists {
    app: TestApp,
    ada: Person,
    seller: Person,
    shop: String,
    lamp: Goods,
}

const LIST: &str = "wishList { id name visibility version linkToken items { totalCount nodes { id quantity note product { title } variant { id } } } }";

impl Lists {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let (seller, shop, lamp) = mill(&app).await;
        let ada = app.sign_up("Ada").await;
        Self { app, ada, seller, shop, lamp }
    }

    async fn create(&self, name: &str, visibility: &str) -> Value {
        let input = json!({"name": name, "visibility": visibility});
        self.ada.mutate("createWishList", input, LIST).await.ok()["wishList"].clone()
    }

    async fn add(&self, list: &Value, input: Value) -> Answer {
        let mut input = input;
        input["wishListId"] = list["id"].clone();
        self.ada.mutate("addToWishList", input, LIST).await
    }
}

/// Whether somebody sees a list by its id and by its link.
async fn sees(client: &Client, list: &Value) -> (bool, bool) {
    let document = "query($id: ID!, $token: String!) { node(id: $id) { id } byId: wishList(by: {id: $id}) { name } \
                    byLink: wishList(by: {token: $token}) { name linkToken } }";
    let token = list["linkToken"].as_str().unwrap_or_default();
    let seen = client.send(document, json!({"id": list["id"], "token": token})).await.ok();
    assert_eq!(seen["node"].is_null(), seen["byId"].is_null());
    (seen["byId"].is_object(), seen["byLink"].is_object())
}

#[actix_web::test]
async fn lists_are_seen_by_whom_they_are_meant_for() {
    let market = Lists::open().await;
    let (ada, bob, eve) = (&market.ada, market.app.sign_up("Bob").await, market.app.sign_up("Eve").await);
    let guest = market.app.guest();
    ada.mutate("blockUser", json!({"userId": eve.id}), "user { id }").await.ok();
    for (visibility, owner, others) in [
        ("PRIVATE", (true, false), (false, false)),
        ("LINK", (true, true), (false, true)),
        ("PUBLIC", (true, true), (true, true)),
    ] {
        let list = market.create(visibility, visibility).await;
        assert_eq!(list["linkToken"].is_string(), visibility != "PRIVATE");
        assert_eq!(sees(ada, &list).await, owner, "{visibility}");
        for client in [&*bob, &guest] {
            assert_eq!(sees(client, &list).await, others, "{visibility}");
        }
        assert_eq!(sees(&eve, &list).await, (false, false), "{visibility}");
    }
    let public = format!(
        "{{ user(by: {{id: \"{}\"}}) {{ publicWishLists {{ name owner {{ displayName }} linkToken }} }} }}",
        ada.id
    );
    for (client, count) in [(&*bob, 1), (&guest, 1), (&*eve, 0)] {
        let lists = client.query(&public).await.ok()["user"]["publicWishLists"].clone();
        assert_eq!(lists.as_array().unwrap().len(), count);
        assert!(
            lists
                .as_array()
                .unwrap()
                .iter()
                .all(|list| list["linkToken"].is_null() && list["owner"]["displayName"] == "Ada")
        );
    }
    let own = ada.query("{ viewer { wishLists { name } } }").await.ok()["viewer"]["wishLists"].clone();
    assert_eq!(own.as_array().unwrap().len(), 3);

    // Another link ends the one before; so does privacy, for good.
    let list = market.create("Birthday", "LINK").await;
    let renewed =
        ada.mutate("renewWishListLink", json!({"wishListId": list["id"]}), LIST).await.ok()["wishList"].clone();
    assert_ne!(renewed["linkToken"], list["linkToken"]);
    assert_eq!((sees(&bob, &list).await, sees(&bob, &renewed).await), ((false, false), (false, true)));
    let change = async |version: i64, visibility: &str| {
        let input = json!({"wishListId": list["id"], "expectedVersion": version, "visibility": visibility});
        ada.mutate("updateWishList", input, LIST).await
    };
    assert_eq!(change(1, "PRIVATE").await.refusal().0, "STALE_VERSION");
    change(2, "PRIVATE").await.ok();
    let none = ada.mutate("renewWishListLink", json!({"wishListId": list["id"]}), "").await;
    assert_eq!(none.refusal(), refusal("NOT_PERMITTED", "wishListId"));
    let again = change(3, "LINK").await.ok()["wishList"].clone();
    assert_eq!((sees(&bob, &renewed).await, sees(&bob, &again).await), ((false, false), (false, true)));
    for nonsense in ["", "x", again["linkToken"].as_str().unwrap().get(1..).unwrap()] {
        let wrong = json!({"id": list["id"], "linkToken": nonsense});
        assert_eq!(sees(&bob, &wrong).await, (false, false));
    }
}

#[actix_web::test]
async fn what_is_on_a_list_changes_and_goes() {
    let market = Lists::open().await;
    let (ada, bob) = (&market.ada, market.app.sign_up("Bob").await);
    let (lamp, seller) = (&market.lamp, &market.seller);
    let mug = seller.sell(&market.shop, "Mug", "1.00", 1).await;
    let list = market.create("Home", "PUBLIC").await;
    for (input, expected) in [
        (json!({"productId": lamp.product, "quantity": 0}), refusal("OUT_OF_RANGE", "quantity")),
        (json!({"productId": lamp.product, "note": "x".repeat(501)}), refusal("TOO_LONG", "note")),
        (json!({"productId": lamp.product, "variantId": mug.variant}), refusal("INVALID", "variantId")),
        (json!({"productId": "product_00000000000000000000000000"}), refusal("NOT_FOUND", "productId")),
    ] {
        assert_eq!(market.add(&list, input).await.refusal(), expected);
    }
    market.add(&list, json!({"productId": lamp.product, "note": "The green one"})).await.ok();
    market.app.advance(TimeDelta::seconds(1));
    market.add(&list, json!({"productId": lamp.product, "variantId": lamp.variant})).await.ok();
    market.app.advance(TimeDelta::seconds(1));
    market.add(&list, json!({"productId": mug.product})).await.ok();
    let items =
        market.add(&list, json!({"productId": lamp.product, "quantity": 3})).await.ok()["wishList"]["items"].clone();
    assert_eq!(items["totalCount"], 3);
    let last = &items["nodes"][2];
    assert_eq!((&last["quantity"], &last["note"], &last["variant"]), (&json!(3), &json!(""), &Value::Null));
    assert_eq!(items["nodes"][1]["variant"]["id"], lamp.variant);

    // What is not for sale any more the owner sees without its face, and nobody else.
    let archive = json!({"productId": mug.product, "expectedVersion": 1, "status": "ARCHIVED"});
    seller.mutate("updateProduct", archive, "product { id }").await.ok();
    let document = format!(
        "{{ wishList(by: {{id: {}}}) {{ items {{ totalCount nodes {{ id product {{ title shop {{ name }} }} }} }} }} }}",
        list["id"]
    );
    let seen = async |client: &Client| {
        let answer = client.query(&document).await;
        assert!(answer.statements.unwrap() <= 5, "{answer:?}");
        answer.ok()["wishList"]["items"].clone()
    };
    assert_eq!(seen(&bob).await["totalCount"], 2);
    let own = seen(ada).await;
    assert_eq!((&own["totalCount"], &own["nodes"][0]["product"]), (&json!(3), &Value::Null));
    let item = json!({"itemId": own["nodes"][0]["id"]});
    assert_eq!(bob.mutate("removeFromWishList", item.clone(), "").await.refusal(), refusal("NOT_FOUND", "itemId"));
    ada.mutate("removeFromWishList", item.clone(), LIST).await.ok();
    assert_eq!(ada.mutate("removeFromWishList", item, "").await.refusal(), refusal("NOT_FOUND", "itemId"));
    assert_eq!(seen(ada).await["totalCount"], 2);

    // However many lists there are, what is on them is read at once.
    for name in ["Two", "Three", "Four"] {
        ada.mutate("createWishList", json!({"name": name}), "wishList { id }").await.ok();
    }
    let all =
        ada.query("{ viewer { wishLists { items(first: 1) { nodes { quantity } pageInfo { hasNextPage } } } } }").await;
    assert!(all.statements.unwrap() <= 2, "{all:?}");
    let all = all.ok()["viewer"]["wishLists"].clone();
    assert_eq!(all[3]["items"], json!({"nodes": [{"quantity": 1}], "pageInfo": {"hasNextPage": true}}));
    assert_eq!(all[0]["items"], json!({"nodes": [], "pageInfo": {"hasNextPage": false}}));

    for mutation in ["deleteWishList", "renewWishListLink"] {
        let foreign = bob.mutate(mutation, json!({"wishListId": list["id"]}), "").await;
        assert_eq!(foreign.refusal(), refusal("NOT_FOUND", "wishListId"));
    }
    ada.mutate("deleteWishList", json!({"wishListId": list["id"]}), "deletedWishListId").await.ok();
    assert_eq!(sees(ada, &list).await, (false, false));
    assert_eq!(count(&mut market.app.connect(), "SELECT count(*) AS count FROM wish_list_items"), 0);
}

#[actix_web::test]
async fn lists_and_favorites_have_bounds() {
    let market = Lists::open().await;
    let list = market.create("Home", "PRIVATE").await;
    market.app.given_sql(
        "INSERT INTO products (id, shop_id, slug, title, status, currency, price_min, price_max, created_at, updated_at) \
         SELECT gen_random_uuid(), shop_id, 'p-' || n, 'P', 'ACTIVE', 'GBP', 1, 1, now(), now() \
           FROM products, generate_series(1, 10000) n",
    );
    market.app.given_sql(
        "INSERT INTO wish_list_items (id, wish_list_id, product_id, quantity, note, created_at) \
         SELECT gen_random_uuid(), wish_lists.id, products.id, 1, '', now() FROM wish_lists, \
            (SELECT id FROM products WHERE title = 'P' LIMIT 999) products",
    );
    market.app.given_sql(
        "INSERT INTO favorites (user_id, product_id, created_at, noted_price) SELECT owner_id, products.id, now(), 1 FROM wish_lists, products \
          WHERE title = 'P'",
    );
    let mug = market.seller.sell(&market.shop, "Mug", "1.00", 1).await;
    market.add(&list, json!({"productId": market.lamp.product})).await.ok();
    assert_eq!(market.add(&list, json!({"productId": mug.product})).await.refusals()[0].0, "TOO_MANY");
    market.add(&list, json!({"productId": market.lamp.product, "quantity": 2})).await.ok();
    let full = market.ada.mutate("favoriteProduct", json!({"productId": mug.product}), "").await;
    assert_eq!(full.refusals()[0].0, "TOO_MANY");
    for number in 1..100 {
        market.create(&format!("List {number}"), "PRIVATE").await;
    }
    let more = market.ada.mutate("createWishList", json!({"name": "One more"}), "").await;
    assert_eq!(more.refusals()[0].0, "TOO_MANY");
}
