//! When products are for sale by themselves, and the names in URLs that they had before.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::harness::{Answer, TestApp, app::Person};

struct Shop {
    app: TestApp,
    seller: Person,
    id: String,
}

impl Shop {
    async fn open() -> Self {
        let app = TestApp::start().await;
        app.schedule_jobs().await;
        let seller = app.sign_up("Grace").await;
        let id = seller.open_shop("Mill").await;
        Self { app, seller, id }
    }

    async fn create(&self, title: &str, status: &str, slug: Option<&str>) -> Answer {
        let price = json!({"amount": "1.00", "currency": "GBP"});
        let input = json!({"shopId": self.id, "title": title, "status": status, "slug": slug, "price": price});
        self.seller.mutate("createProduct", input, "product { id slug }").await
    }

    async fn update(&self, product: &Value, version: i64, rest: Value) -> Answer {
        let mut input = json!({"productId": product, "expectedVersion": version});
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let selection = "product { status slug version publishAt unpublishAt }";
        self.seller.mutate("updateProduct", input, selection).await
    }

    /// What a guest sees at a slug: the product's present slug, if anything.
    async fn at(&self, slug: &str) -> Value {
        let document = "query($slug: String!) { product(by: {slug: $slug}) { slug publishAt unpublishAt } }";
        self.app.guest().send(document, json!({"slug": slug})).await.ok()["product"]["slug"].clone()
    }

    async fn now(&self) -> DateTime<Utc> {
        let product = self.create("Clock", "DRAFT", None).await.ok()["product"]["id"].clone();
        let document = "query($id: ID!) { product(by: {id: $id}) { createdAt } }";
        let answer = self.seller.send(document, json!({"id": product})).await.ok();
        answer["product"]["createdAt"].as_str().unwrap().parse().unwrap()
    }
}

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[actix_web::test]
async fn a_product_comes_and_goes_when_it_shall() {
    let shop = Shop::open().await;
    let now = shop.now().await;
    let at = |minutes: i64| (now + TimeDelta::minutes(minutes)).to_rfc3339();
    let lamp = shop.create("Lamp", "DRAFT", None).await.ok()["product"]["id"].clone();
    for (change, field) in [
        (json!({"publishAt": at(-1)}), "publishAt"),
        (json!({"publishAt": at(2), "unpublishAt": at(2)}), "publishAt"),
        (json!({"unpublishAt": at(-1)}), "unpublishAt"),
        (json!({"publishAt": at(2), "status": "ACTIVE"}), "publishAt"),
        (
            json!({"publishAt": "2030-01-01T00:00:00.0000001Z", "unpublishAt": "2030-01-01T00:00:00.0000002Z"}),
            "publishAt",
        ),
        (json!({"publishAt": "+20000-01-01T00:00:00Z"}), "publishAt"),
    ] {
        assert_eq!(shop.update(&lamp, 1, change).await.refusal(), refusal("INVALID", field));
    }
    let planned =
        shop.update(&lamp, 1, json!({"publishAt": at(1), "unpublishAt": at(3)})).await.ok()["product"].clone();
    assert_eq!(planned["status"], "DRAFT");
    assert_eq!(planned["publishAt"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), now + TimeDelta::minutes(1));
    assert_eq!(shop.update(&lamp, 2, json!({"unpublishAt": at(1)})).await.refusal(), refusal("INVALID", "unpublishAt"));

    shop.app.advance(TimeDelta::seconds(59));
    shop.app.run_jobs().await;
    assert_eq!(shop.at("lamp").await, Value::Null);
    shop.app.advance(TimeDelta::seconds(10));
    shop.app.run_jobs().await;
    // The rest is for the shop's eyes.
    let seen = shop.app.guest().query("{ product(by: {slug: \"lamp\"}) { status publishAt unpublishAt } }").await.ok();
    assert_eq!(seen["product"], json!({"status": "ACTIVE", "publishAt": null, "unpublishAt": null}));
    let seen = shop.seller.query("{ product(by: {slug: \"lamp\"}) { publishAt unpublishAt version } }").await.ok();
    assert_eq!((&seen["product"]["publishAt"], &seen["product"]["version"]), (&Value::Null, &json!(3)));
    assert!(!seen["product"]["unpublishAt"].is_null());
    shop.app.advance(TimeDelta::minutes(2));
    shop.app.run_jobs().await;
    assert_eq!(shop.at("lamp").await, Value::Null);
    let seen = shop.seller.query("{ product(by: {slug: \"lamp\"}) { status unpublishAt } }").await.ok();
    assert_eq!(seen["product"], json!({"status": "ARCHIVED", "unpublishAt": null}));
}

#[actix_web::test]
async fn a_plan_that_was_changed_is_not_carried_out() {
    let shop = Shop::open().await;
    let now = shop.now().await;
    let at = |minutes: i64| (now + TimeDelta::minutes(minutes)).to_rfc3339();
    let (lamp, mug) = (
        shop.create("Lamp", "DRAFT", None).await.ok()["product"]["id"].clone(),
        shop.create("Mug", "DRAFT", None).await.ok()["product"]["id"].clone(),
    );
    shop.update(&lamp, 1, json!({"publishAt": at(1)})).await.ok();
    shop.update(&lamp, 2, json!({"publishAt": null})).await.ok();
    shop.update(&mug, 1, json!({"publishAt": at(1)})).await.ok();
    shop.update(&mug, 2, json!({"publishAt": at(4)})).await.ok();
    shop.app.advance(TimeDelta::minutes(2));
    shop.app.run_jobs().await;
    assert_eq!((shop.at("lamp").await, shop.at("mug").await), (Value::Null, Value::Null));
    // Who publishes it by hand does not wait.
    let mug = shop.update(&mug, 3, json!({"status": "ACTIVE"})).await.ok()["product"].clone();
    assert_eq!((&mug["status"], &mug["publishAt"]), (&json!("ACTIVE"), &Value::Null));
}

#[actix_web::test]
async fn a_former_slug_leads_to_the_product() {
    let shop = Shop::open().await;
    let lamp = shop.create("Lamp", "ACTIVE", None).await.ok()["product"]["id"].clone();
    shop.update(&lamp, 1, json!({"slug": "desk-lamp"})).await.ok();
    shop.update(&lamp, 2, json!({"slug": "desk-light"})).await.ok();
    for slug in ["lamp", "desk-lamp", "desk-light"] {
        assert_eq!(shop.at(slug).await, "desk-light", "{slug}");
    }
    let document = "{ one: product(by: {slug: \"lamp\"}) { slug } other: product(by: {slug: \"desk-light\"}) { slug } none: product(by: {slug: \"x\"}) { slug } }";
    let all = shop.app.guest().query(document).await.ok();
    assert_eq!(all, json!({"one": {"slug": "desk-light"}, "other": {"slug": "desk-light"}, "none": null}));

    // Nobody else gets it, neither by asking for it nor by a title.
    assert_eq!(shop.create("Other", "ACTIVE", Some("lamp")).await.refusal(), refusal("TAKEN", "slug"));
    assert_eq!(shop.create("Lamp", "ACTIVE", None).await.ok()["product"]["slug"], "lamp-2");
    let other = shop.create("Other", "ACTIVE", None).await.ok()["product"]["id"].clone();
    assert_eq!(shop.update(&other, 1, json!({"slug": "desk-lamp"})).await.refusal(), refusal("TAKEN", "slug"));
    // Whose it was may have it again.
    shop.update(&lamp, 3, json!({"slug": "lamp"})).await.ok();
    assert_eq!((shop.at("lamp").await, shop.at("desk-light").await), (json!("lamp"), json!("lamp")));

    // A draft's former slug tells nothing.
    shop.update(&lamp, 4, json!({"status": "DRAFT"})).await.ok();
    assert_eq!(shop.at("desk-light").await, Value::Null);

    // The last 20 are remembered.
    for number in 0..21 {
        shop.app.advance(TimeDelta::seconds(1));
        shop.update(&other, 1 + number, json!({"slug": format!("other-{number}")})).await.ok();
    }
    assert_eq!((shop.at("other").await, shop.at("other-0").await), (Value::Null, json!("other-20")));
}
