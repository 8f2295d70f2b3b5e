//! Options and variants: what tells the variants of a product apart, and what is said of each.

use serde_json::{Value, json};

use crate::harness::{Client, TestApp};

fn gbp(amount: &str) -> Value {
    json!({"amount": amount, "currency": "GBP"})
}

fn variant(sku: &str, options: &[(&str, &str)]) -> Value {
    let options: Vec<_> = options.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    json!({"sku": sku, "price": gbp("5.00"), "options": options})
}

const SHIRT: &str = "product { id version options { name values } variants { id sku title version \
                     selectedOptions { name value } } }";

/// A shirt in two sizes and two colours, of which one is missing.
async fn shirt(seller: &Client, shop: &str) -> Value {
    let variants = [
        variant("S-B", &[("Size", "S"), ("Colour", "Blue")]),
        variant("S-R", &[("Colour", "Red"), ("Size", "S")]),
        variant("M-B", &[("Size", "M"), ("Colour", "Blue")]),
    ];
    let input = json!({"shopId": shop, "title": "Shirt", "options": ["Size", "Colour"], "variants": variants});
    seller.mutate("createProduct", input, SHIRT).await.ok()["product"].clone()
}

fn titles(product: &Value) -> Vec<&str> {
    product["variants"].as_array().unwrap().iter().map(|variant| variant["title"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn variants_are_told_apart_by_options() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let shirt = shirt(&seller, &shop).await;
    assert_eq!(
        shirt["options"],
        json!([{"name": "Size", "values": ["S", "M"]}, {"name": "Colour", "values": ["Blue", "Red"]}])
    );
    assert_eq!(titles(&shirt), ["S / Blue", "S / Red", "M / Blue"]);
    assert_eq!(
        shirt["variants"][1]["selectedOptions"],
        json!([{"name": "Size", "value": "S"}, {"name": "Colour", "value": "Red"}])
    );

    let add = async |options: &[(&str, &str)], title: Option<&str>| {
        let mut input = variant("NEW", options);
        input["productId"] = shirt["id"].clone();
        input["title"] = title.into();
        seller.mutate("createProductVariant", input, "variant { title }").await
    };
    let refusal = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(add(&[("Size", "m"), ("Colour", "BLUE")], None).await.refusal(), refusal("TAKEN", "options"));
    assert_eq!(add(&[("Size", "M")], None).await.refusal(), refusal("INVALID", "options"));
    assert_eq!(add(&[("Size", "M"), ("Cut", "Slim")], None).await.refusal(), refusal("INVALID", "options.1.name"));
    assert_eq!(add(&[("Size", "M"), ("Size", "S")], None).await.refusal(), refusal("TAKEN", "options.1.name"));
    assert_eq!(add(&[("Size", "M"), ("Colour", "")], None).await.refusal(), refusal("BLANK", "options.1.value"));
    assert_eq!(add(&[("Size", "M"), ("Colour", "Red")], Some("x")).await.refusal(), refusal("INVALID", "title"));
    // Spelled as the others are.
    let added = add(&[("size", "M"), ("Colour", "RED")], None).await.ok();
    assert_eq!(added["variant"]["title"], "M / Red");

    let create = async |options: Value, variants: Value| {
        let input = json!({"shopId": shop, "title": "Cap", "options": options, "variants": variants});
        seller.mutate("createProduct", input, "product { id }").await.refusal()
    };
    let one = json!([variant("C", &[])]);
    assert_eq!(create(json!(["a", "b", "c", "d"]), one.clone()).await, refusal("TOO_MANY", "options"));
    assert_eq!(create(json!(["Size", "SIZE"]), one.clone()).await, refusal("TAKEN", "options.1"));
    assert_eq!(create(json!(["Size", " "]), one.clone()).await, refusal("BLANK", "options.1"));
    assert_eq!(create(json!(["Size"]), one).await, refusal("INVALID", "variants.0.options"));
    let same = json!([variant("C", &[("Size", "S")]), variant("D", &[("Size", "s")])]);
    assert_eq!(create(json!(["Size"]), same).await, refusal("TAKEN", "variants.1.options"));
}

#[actix_web::test]
async fn options_come_go_and_get_other_names() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let shirt = shirt(&seller, &shop).await;
    let change = async |version: i64, options: Value| {
        let input = json!({"productId": shirt["id"], "expectedVersion": version, "options": options});
        seller.mutate("updateProductOptions", input, SHIRT).await
    };
    let refusal = |code: &str, field: &str| (code.to_owned(), field.to_owned());

    // S and M change places, which makes two variants the same in between.
    let swapped = json!([
        {"name": "Color", "previousName": "Colour"},
        {"name": "Size", "renamedValues": [{"from": "S", "to": "M"}, {"from": "M", "to": "S"}]},
    ]);
    let changed = change(1, swapped.clone()).await.ok()["product"].clone();
    assert_eq!(titles(&changed), ["Blue / M", "Red / M", "Blue / S"]);
    assert_eq!(changed["version"], 2);
    assert_eq!(changed["options"][0]["name"], "Color");
    assert_eq!(change(1, swapped).await.refusal().0, "STALE_VERSION");

    let both = change(2, json!([{"name": "Size"}])).await;
    assert_eq!(both.refusal(), refusal("TAKEN", "options"), "two are of size M");
    let merged = json!([{"name": "Color", "renamedValues": [{"from": "Red", "to": "Blue"}]}, {"name": "Size"}]);
    assert_eq!(change(2, merged).await.refusal(), refusal("TAKEN", "options"));
    let unknown = json!([{"name": "Color"}, {"name": "Size", "previousName": "Width"}]);
    assert_eq!(change(2, unknown).await.refusal(), refusal("INVALID", "options.1.previousName"));
    let unknown = json!([{"name": "Color", "renamedValues": [{"from": "Pink", "to": "Rose"}]}, {"name": "Size"}]);
    assert_eq!(change(2, unknown).await.refusal(), refusal("INVALID", "options.0.renamedValues.0.from"));
    let twice = json!([{"name": "Color"}, {"name": "color", "previousName": "Size"}]);
    assert_eq!(change(2, twice).await.refusal(), refusal("TAKEN", "options.1.name"));

    let cloth = json!([{"name": "Color"}, {"name": "Size"}, {"name": "Cloth", "value": "Linen"}]);
    let changed = change(2, cloth).await.ok()["product"].clone();
    assert_eq!(titles(&changed), ["Blue / M / Linen", "Red / M / Linen", "Blue / S / Linen"]);
    assert_eq!(changed["variants"][0]["version"], 3);

    // It is found by what its variants are now, not by what they were.
    let find = async |words: &str| {
        let document = "query($words: String!) { products(filter: {query: $words}) { nodes { title } } }";
        seller.send(document, json!({"words": words})).await.ok()["products"]["nodes"].as_array().unwrap().len()
    };
    assert_eq!((find("linen").await, find("cotton").await), (1, 0));
    let linen = json!([{"from": "Linen", "to": "Cotton"}]);
    let cotton = json!([{"name": "Color"}, {"name": "SIZE"}, {"name": "Cloth", "renamedValues": linen}]);
    let changed = change(3, cotton).await.ok()["product"].clone();
    assert_eq!((&changed["options"][1]["name"], titles(&changed)[0]), (&json!("SIZE"), "Blue / M / Cotton"));
    assert_eq!((find("linen").await, find("cotton").await), (0, 1));

    // Without options they keep their titles, which become values again.
    let changed = change(4, json!([])).await.ok()["product"].clone();
    assert_eq!((titles(&changed)[0], &changed["options"]), ("Blue / M / Cotton", &json!([])));
    let changed = change(5, json!([{"name": "Kind"}])).await.ok()["product"].clone();
    assert_eq!(changed["options"][0]["values"].as_array().unwrap().len(), 3);
}

#[actix_web::test]
async fn variants_have_an_order_a_bar_code_and_a_weight() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let shirt = shirt(&seller, &shop).await;
    let ids: Vec<Value> = shirt["variants"].as_array().unwrap().iter().map(|variant| variant["id"].clone()).collect();
    let reorder = async |version: i64, ids: &[&Value]| {
        let input = json!({"productId": shirt["id"], "expectedVersion": version, "variantIds": ids});
        seller.mutate("reorderProductVariants", input, SHIRT).await
    };
    let refusal = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    let product = reorder(1, &[&ids[2], &ids[0], &ids[1]]).await.ok()["product"].clone();
    assert_eq!(titles(&product), ["M / Blue", "S / Blue", "S / Red"]);
    assert_eq!(product["options"][0]["values"], json!(["M", "S"]));
    for wrong in [vec![&ids[0], &ids[1]], vec![&ids[0], &ids[1], &ids[1]], vec![]] {
        assert_eq!(reorder(2, &wrong).await.refusal(), refusal("INVALID", "variantIds"));
    }
    assert_eq!(reorder(1, &[&ids[0], &ids[1], &ids[2]]).await.refusal().0, "STALE_VERSION");

    let update = async |version: i64, rest: Value| {
        let mut input = json!({"variantId": ids[0], "expectedVersion": version});
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let selection = "variant { title barcode weightGrams selectedOptions { value } }";
        seller.mutate("updateProductVariant", input, selection).await
    };
    let variant = update(1, json!({"barcode": "4006381333931", "weightGrams": 180})).await.ok()["variant"].clone();
    assert_eq!((&variant["barcode"], &variant["weightGrams"]), (&json!("4006381333931"), &json!(180)));
    assert_eq!(update(2, json!({"weightGrams": -1})).await.refusal(), refusal("OUT_OF_RANGE", "weightGrams"));
    assert_eq!(update(2, json!({"weightGrams": 1_000_001})).await.refusal().0, "OUT_OF_RANGE");
    assert_eq!(update(2, json!({"barcode": "x".repeat(65)})).await.refusal(), refusal("TOO_LONG", "barcode"));
    assert_eq!(update(2, json!({"title": "Small"})).await.refusal(), refusal("INVALID", "title"));
    // Who sends it back as it was means nothing by it.
    let same = update(2, json!({"title": "S / Blue", "weightGrams": 181})).await.ok()["variant"].clone();
    assert_eq!((&same["title"], &same["weightGrams"]), (&json!("S / Blue"), &json!(181)));
    let to = |size: &str, colour: &str| json!({"options": [{"name": "Size", "value": size}, {"name": "Colour", "value": colour}]});
    assert_eq!(update(3, to("M", "Blue")).await.refusal(), refusal("TAKEN", "options"));
    let variant = update(3, to("l", "BLUE")).await.ok()["variant"].clone();
    assert_eq!((variant["title"].as_str(), variant["barcode"].as_str()), (Some("l / Blue"), Some("4006381333931")));
    let variant = update(4, json!({"barcode": null, "weightGrams": null})).await.ok()["variant"].clone();
    assert_eq!((&variant["barcode"], &variant["weightGrams"]), (&Value::Null, &Value::Null));
    assert_eq!(variant["selectedOptions"][0]["value"], "l");
}

#[actix_web::test]
async fn two_who_add_the_same_variant_at_once_add_one() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let shirt = shirt(&seller, &shop).await;
    let add = async |sku: String| {
        let mut input = variant(&sku, &[("Size", "L"), ("Colour", "Blue")]);
        input["productId"] = shirt["id"].clone();
        seller.mutate("createProductVariant", input, "variant { id }").await.refusals()
    };
    let outcomes = futures_util::future::join_all((0..8).map(|number| add(format!("L-{number}")))).await;
    assert_eq!(outcomes.iter().filter(|refusals| refusals.is_empty()).count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().flatten().all(|(code, field)| (code.as_str(), field.as_str()) == ("TAKEN", "options")));
}
