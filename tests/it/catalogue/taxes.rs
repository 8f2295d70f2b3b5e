//! Tax classes, and which one a product is of.

use serde_json::{Value, json};

use crate::harness::{TestApp, app::Person};

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

async fn create(admin: &Person, rest: Value) -> crate::harness::Answer {
    let mut input = json!({"name": "Reduced"});
    input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    admin.mutate("createTaxClass", input, "taxClass { id handle name version }").await
}

#[actix_web::test]
async fn the_market_makes_tax_classes_and_products_are_of_them() {
    let app = TestApp::start().await;
    let admin = app.sign_up("Olive").await;
    app.given_role(&admin, "ADMIN");
    let reduced = create(&admin, json!({"idempotencyKey": "1"})).await.ok()["taxClass"].clone();
    assert_eq!((&reduced["handle"], &reduced["version"]), (&json!("reduced"), &json!(1)));
    assert_eq!(create(&admin, json!({"idempotencyKey": "1"})).await.ok()["taxClass"], reduced);
    assert_eq!(create(&admin, json!({"handle": "reduced"})).await.refusal(), refusal("TAKEN", "handle"));
    assert_eq!(create(&admin, json!({"handle": "Not a handle"})).await.refusal(), refusal("INVALID", "handle"));
    assert_eq!(create(&admin, json!({"name": " "})).await.refusal(), refusal("BLANK", "name"));
    assert_eq!(create(&admin, json!({"name": "x".repeat(81)})).await.refusal(), refusal("TOO_LONG", "name"));
    let zero = create(&admin, json!({"name": "Zero", "handle": "zero"})).await.ok()["taxClass"].clone();
    let update = async |version: i64, name: &str| {
        let input = json!({"taxClassId": zero["id"], "expectedVersion": version, "name": name});
        admin.mutate("updateTaxClass", input, "taxClass { handle name version }").await
    };
    let changed = update(1, "Exempt").await.ok()["taxClass"].clone();
    assert_eq!(changed, json!({"handle": "zero", "name": "Exempt", "version": 2}));
    assert_eq!(update(1, "Zero").await.refusal(), refusal("STALE_VERSION", "expectedVersion"));
    assert_eq!(update(2, "").await.refusal(), refusal("BLANK", "name"));
    let all = app.guest().query("{ taxClasses { name } }").await.ok()["taxClasses"].clone();
    assert_eq!(all, json!([{"name": "Exempt"}, {"name": "Reduced"}]));

    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let nowhere = "taxclass_00000000000000000000000000";
    let make = async |class: &Value| {
        let price = json!({"amount": "1.00", "currency": "GBP"});
        let input = json!({"shopId": shop, "title": "Book", "price": price, "taxClassId": class});
        seller.mutate("createProduct", input, "product { id taxClass { handle } }").await
    };
    assert_eq!(make(&json!(nowhere)).await.refusal(), refusal("NOT_FOUND", "taxClassId"));
    assert_eq!(make(&Value::Null).await.ok()["product"]["taxClass"], Value::Null);
    let book = make(&reduced["id"]).await.ok()["product"].clone();
    assert_eq!(book["taxClass"]["handle"], "reduced");
    let change = async |version: i64, class: Value| {
        let input = json!({"productId": book["id"], "expectedVersion": version, "taxClassId": class});
        seller.mutate("updateProduct", input, "product { taxClass { handle } }").await
    };
    assert_eq!(change(1, json!(nowhere)).await.refusal(), refusal("NOT_FOUND", "taxClassId"));
    assert_eq!(change(1, zero["id"].clone()).await.ok()["product"]["taxClass"]["handle"], "zero");
    assert_eq!(change(2, Value::Null).await.ok()["product"]["taxClass"], Value::Null);
}

#[actix_web::test]
async fn there_are_not_too_many_tax_classes() {
    let app = TestApp::start().await;
    let admin = app.sign_up("Olive").await;
    app.given_role(&admin, "ADMIN");
    app.given_sql(
        "INSERT INTO tax_classes (id, handle, name, created_at) \
         SELECT gen_random_uuid(), 'class-' || n, 'Class ' || n, now() FROM generate_series(1, 49) n",
    );
    let made = futures_util::future::join_all((0..4).map(|_| create(&admin, json!({})))).await;
    let refused: Vec<_> = made.iter().flat_map(crate::harness::Answer::refusals).collect();
    assert_eq!(refused, vec![refusal("TOO_MANY", "name"); 3]);
}
