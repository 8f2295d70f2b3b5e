//! The tree of categories: the way up and down, what lies below, and that it stays a tree whoever moves what.

use std::collections::BTreeMap;

use diesel::{RunQueryDsl, sql_query};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, app::Person};

struct Market {
    app: TestApp,
    admin: Person,
}

impl Market {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let admin = app.sign_up("Olive").await;
        app.given_role(&admin, "ADMIN");
        Self { app, admin }
    }

    async fn create(&self, name: &str, parent: Option<&Value>) -> Answer {
        let input = json!({"name": name, "parentId": parent});
        self.admin.mutate("createCategory", input, "category { id slug version }").await
    }

    async fn category(&self, name: &str, parent: Option<&Value>) -> Value {
        self.create(name, parent).await.ok()["category"]["id"].clone()
    }

    async fn move_to(&self, category: &Value, version: i64, parent: Option<&Value>) -> Answer {
        let input = json!({"categoryId": category, "expectedVersion": version, "parentId": parent});
        self.admin.mutate("moveCategory", input, "category { version parent { id } }").await
    }

    async fn delete(&self, category: &Value, version: i64) -> Answer {
        let input = json!({"categoryId": category, "expectedVersion": version});
        self.admin.mutate("deleteCategory", input, "category { id }").await
    }

    /// The titles of the products in a category and below, in an order.
    async fn titles(&self, category: &Value, sort: &str) -> Vec<String> {
        let document = "query($id: ID!, $sort: ProductSort!) { category(by: {id: $id}) { products(sort: $sort) { totalCount nodes { title } } } \
                        products(filter: {categoryId: $id}, sort: $sort) { totalCount nodes { title } } }";
        let data = self.app.guest().send(document, json!({"id": category, "sort": sort})).await.ok();
        assert_eq!(data["category"]["products"], data["products"]);
        let nodes = data["products"]["nodes"].as_array().unwrap();
        assert_eq!(data["products"]["totalCount"], nodes.len());
        nodes.iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect()
    }
}

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[actix_web::test]
async fn a_category_has_a_way_up_and_down_and_what_is_below() {
    let market = Market::open().await;
    let home = market.category("Home", None).await;
    let kitchen = market.category("Kitchen", Some(&home)).await;
    let cups = market.category("Cups", Some(&kitchen)).await;
    let bath = market.category("Bath", Some(&home)).await;
    let garden = market.category("Garden", None).await;

    let document = "query($id: ID!) { category(by: {id: $id}) { name parent { name } ancestors { name } children { name children { name } } } }";
    let see = async |id: &Value| market.app.guest().send(document, json!({"id": id})).await.ok()["category"].clone();
    let expected = json!({"name": "Cups", "parent": {"name": "Kitchen"}, "ancestors": [{"name": "Home"}, {"name": "Kitchen"}], "children": []});
    assert_eq!(see(&cups).await, expected);
    let children = json!([{"name": "Bath", "children": []}, {"name": "Kitchen", "children": [{"name": "Cups"}]}]);
    assert_eq!(see(&home).await, json!({"name": "Home", "parent": null, "ancestors": [], "children": children}));
    let top =
        market.app.guest().query("{ categories(filter: {isTop: true}) { totalCount nodes { name } } }").await.ok();
    assert_eq!(top["categories"], json!({"totalCount": 2, "nodes": [{"name": "Garden"}, {"name": "Home"}]}));

    let seller = market.app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    for (title, price, category) in
        [("Mug", "3.00", &cups), ("Pan", "9.00", &kitchen), ("Soap", "1.00", &bath), ("Fork", "5.00", &garden)]
    {
        let price = json!({"amount": price, "currency": "GBP"});
        let input = json!({"shopId": shop, "title": title, "categoryId": category, "price": price});
        seller.mutate("createProduct", input, "product { id }").await.ok();
        market.app.advance(chrono::TimeDelta::seconds(1));
    }
    assert_eq!(market.titles(&home, "NEWEST").await, ["Soap", "Pan", "Mug"]);
    assert_eq!(market.titles(&home, "PRICE_LOW_TO_HIGH").await, ["Soap", "Mug", "Pan"]);
    assert_eq!(market.titles(&kitchen, "NEWEST").await, ["Pan", "Mug"]);
    assert_eq!(market.titles(&cups, "NEWEST").await, ["Mug"]);

    // Everything below comes along.
    let moved = market.move_to(&kitchen, 1, Some(&garden)).await.ok();
    assert_eq!(moved["category"], json!({"version": 2, "parent": {"id": garden}}));
    assert_eq!(market.titles(&home, "NEWEST").await, ["Soap"]);
    assert_eq!(market.titles(&garden, "NEWEST").await, ["Fork", "Pan", "Mug"]);
    assert_eq!(see(&cups).await["ancestors"], json!([{"name": "Garden"}, {"name": "Kitchen"}]));
    market.move_to(&kitchen, 2, None).await.ok();
    assert_eq!(see(&cups).await["ancestors"], json!([{"name": "Kitchen"}]));
}

#[actix_web::test]
async fn what_would_break_the_tree_is_refused() {
    let market = Market::open().await;
    let (one, nowhere) = (market.category("One", None).await, json!("category_00000000000000000000000000"));
    let two = market.category("Two", Some(&one)).await;
    let three = market.category("Three", Some(&two)).await;
    for below in [&one, &two, &three] {
        assert_eq!(market.move_to(&one, 1, Some(below)).await.refusal(), refusal("INVALID", "parentId"));
    }
    let forgotten = json!({"categoryId": two, "expectedVersion": 1});
    assert_eq!(market.admin.mutate("moveCategory", forgotten, "category { id }").await.code(), "BAD_USER_INPUT");
    assert_eq!(market.move_to(&one, 2, None).await.refusal().0, "STALE_VERSION");
    assert_eq!(market.move_to(&one, 1, Some(&nowhere)).await.refusal(), refusal("NOT_FOUND", "parentId"));
    assert_eq!(market.move_to(&nowhere, 1, None).await.refusal(), refusal("NOT_FOUND", "categoryId"));
    assert_eq!(market.create("Four", Some(&nowhere)).await.refusal(), refusal("NOT_FOUND", "parentId"));

    // Ten levels, not one more: neither made nor moved there.
    let mut deepest = three.clone();
    for level in 4..=10 {
        deepest = market.category(&format!("Level {level}"), Some(&deepest)).await;
    }
    assert_eq!(market.create("Level 11", Some(&deepest)).await.refusal(), refusal("TOO_MANY", "parentId"));
    let other = market.category("Other", None).await;
    assert_eq!(market.move_to(&one, 1, Some(&other)).await.refusal(), refusal("TOO_MANY", "parentId"));
    assert_eq!(market.move_to(&two, 1, Some(&other)).await.ok()["category"]["version"], 2);

    assert_eq!(market.delete(&other, 1).await.refusal(), refusal("IN_USE", "categoryId"));
    let seller = market.app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let price = json!({"amount": "1.00", "currency": "GBP"});
    let input = json!({"shopId": shop, "title": "Mug", "categoryId": one, "price": price, "status": "DRAFT"});
    let product = seller.mutate("createProduct", input, "product { id }").await.ok()["product"]["id"].clone();
    assert_eq!(market.delete(&one, 1).await.refusal(), refusal("IN_USE", "categoryId"));
    let change = json!({"productId": product, "expectedVersion": 1, "categoryId": null});
    seller.mutate("updateProduct", change, "product { category { id } }").await.ok();
    assert_eq!(market.delete(&one, 1).await.ok()["category"]["id"], one);
    assert_eq!(market.delete(&one, 1).await.refusal(), refusal("NOT_FOUND", "categoryId"));

    let update = async |version: i64, rest: Value| {
        let mut input = json!({"categoryId": other, "expectedVersion": version});
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        market.admin.mutate("updateCategory", input, "category { name slug description version }").await
    };
    let changed = update(1, json!({"name": "Others", "description": "All else."})).await.ok()["category"].clone();
    assert_eq!(changed, json!({"name": "Others", "slug": "other", "description": "All else.", "version": 2}));
    assert_eq!(update(1, json!({"name": "Others"})).await.refusal().0, "STALE_VERSION");
    assert_eq!(update(2, json!({"slug": "two"})).await.refusal(), refusal("TAKEN", "slug"));
    assert_eq!(update(2, json!({"slug": "T"})).await.refusal(), refusal("INVALID", "slug"));
    assert_eq!(update(2, json!({"name": ""})).await.refusal(), refusal("BLANK", "name"));
    assert_eq!(
        update(2, json!({"description": "x".repeat(2_001)})).await.refusal(),
        refusal("TOO_LONG", "description")
    );
    let changed = update(2, json!({"slug": "others", "description": null})).await.ok()["category"].clone();
    assert_eq!((&changed["slug"], &changed["description"]), (&json!("others"), &json!("")));
}

#[derive(diesel::QueryableByName)]
struct Edge {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: uuid::Uuid,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Uuid>)]
    parent_id: Option<uuid::Uuid>,
}

#[actix_web::test]
async fn it_stays_a_tree_whoever_moves_what_at_once() {
    let market = Market::open().await;
    let mut categories = Vec::new();
    for number in 0..8 {
        categories.push(market.category(&format!("Category {number}"), None).await);
    }
    // Everybody puts everything below everything else, and reads the version again when somebody was faster.
    let move_on = async |seed: usize| {
        let mut moved = 0;
        for step in 0..12 {
            let (what, below) = ((seed + step * 3) % 8, (seed * 5 + step * 7 + 1) % 8);
            let document = "query($id: ID!) { category(by: {id: $id}) { version } }";
            let found = market.app.guest().send(document, json!({"id": categories[what]})).await.ok();
            let version = found["category"]["version"].as_i64().unwrap();
            let refusals = market.move_to(&categories[what], version, Some(&categories[below])).await.refusals();
            let known = |code: &str| matches!(code, "STALE_VERSION" | "INVALID" | "TOO_MANY");
            assert!(refusals.iter().all(|(code, _)| known(code)), "{refusals:?}");
            moved += usize::from(refusals.is_empty());
        }
        moved
    };
    let moved: usize = join_all((0..8).map(move_on)).await.into_iter().sum();
    assert!(moved > 0);
    let edges: Vec<Edge> = sql_query("SELECT id, parent_id FROM categories").load(&mut market.app.connect()).unwrap();
    let parents: BTreeMap<_, _> = edges.iter().map(|edge| (edge.id, edge.parent_id)).collect();
    for edge in &edges {
        let way = std::iter::successors(Some(edge.id), |id| parents[id]).take(20).count();
        assert!(way <= 10, "a cycle, or a level too many: {way}");
    }
}
