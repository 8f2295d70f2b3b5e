//! The images of products: in order, with words for them, and kept as long as something shows them.

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, TestApp, app::Person},
    media::{announced_of_product, files::photo, send_of_product, show},
};

const SHOWN: &str = "product { version featuredMedia { image { id } } media { alternativeText image { id width url(width: 64) } } \
                     variants { id version media { image { id } } } }";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many images are referred to by something.
fn kept(app: &TestApp) -> i64 {
    let sql = "SELECT count(*) FROM media WHERE reference_count = 1";
    sql_query(sql).get_result::<Count>(&mut app.connect()).unwrap().count
}

async fn set(seller: &Person, product: &str, version: i64, media: Value) -> Answer {
    let input = json!({"productId": product, "expectedVersion": version, "media": media});
    seller.mutate("setProductMedia", input, SHOWN).await
}

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

#[actix_web::test]
async fn a_product_shows_images_in_order() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let goods = seller.sell(&shop, "Lamp", "5.00", 1).await;
    let (one, two) = (send_of_product(&seller, &photo(80, 60)).await, send_of_product(&seller, &photo(40, 40)).await);
    let media = json!([
        {"source": {"uploadId": one}, "alternativeText": " A lamp, lit "},
        {"source": {"uploadId": two}},
    ]);
    let product = set(&seller, &goods.product, 1, media).await.ok()["product"].clone();
    let shown = product["media"].as_array().unwrap();
    assert_eq!(
        (shown.len(), &shown[0]["alternativeText"], &shown[1]["alternativeText"]),
        (2, &json!("A lamp, lit"), &json!(""))
    );
    assert_eq!((&shown[0]["image"]["width"], &product["version"]), (&json!(80), &json!(2)));
    let (first, second) = (shown[0]["image"]["id"].clone(), shown[1]["image"]["id"].clone());
    assert_eq!(product["featuredMedia"]["image"]["id"], first);
    assert_eq!(reqwest::get(shown[0]["image"]["url"].as_str().unwrap()).await.unwrap().status(), 200);
    assert_eq!(kept(&app), 2);

    let image = async |version: i64, id: &Value| {
        let input = json!({"variantId": goods.variant, "expectedVersion": version, "imageId": id});
        seller.mutate("updateProductVariant", input, "variant { version media { alternativeText image { id } } }").await
    };
    let variant = image(1, &second).await.ok()["variant"].clone();
    assert_eq!(variant["media"]["image"]["id"], second);
    assert_eq!(image(2, &first).await.ok()["variant"]["media"]["image"]["id"], first);
    let avatar = show(&seller, &photo(8, 8)).await;
    assert_eq!(image(3, &avatar["id"]).await.refusal(), refusal("NOT_FOUND", "imageId"));

    // In another order, and then without the one that the variant shows.
    let swapped = json!([{"source": {"imageId": second}}, {"source": {"imageId": first}, "alternativeText": "Lit"}]);
    let product = set(&seller, &goods.product, 2, swapped).await.ok()["product"].clone();
    assert_eq!(product["featuredMedia"]["image"]["id"], second);
    assert_eq!(product["variants"][0]["media"]["image"]["id"], first);
    let left = json!([{"source": {"imageId": second}}]);
    let product = set(&seller, &goods.product, 3, left).await.ok()["product"].clone();
    assert_eq!(
        (&product["variants"][0]["media"], kept(&app)),
        (&Value::Null, 2),
        "the avatar and the image that is left"
    );
    let none = set(&seller, &goods.product, 4, json!([])).await.ok()["product"].clone();
    assert_eq!((&none["media"], &none["featuredMedia"], kept(&app)), (&json!([]), &Value::Null, 1));
    assert_eq!(image(3, &Value::Null).await.ok()["variant"]["media"], Value::Null);
}

#[actix_web::test]
async fn images_that_are_not_the_shops_to_show_are_refused() {
    let app = TestApp::start().await;
    let (seller, other) = (app.sign_up("Grace").await, app.sign_up("Tomas").await);
    let shop = seller.open_shop("Mill").await;
    let goods = seller.sell(&shop, "Lamp", "5.00", 1).await;
    let foreign = send_of_product(&other, &photo(8, 8)).await;
    let avatar = show(&seller, &photo(9, 9)).await;
    let open = announced_of_product(&seller).await;
    let own = send_of_product(&seller, &photo(10, 10)).await;
    for (media, code, field) in [
        (json!([{"source": {"uploadId": foreign}}]), "NOT_FOUND", "media.0.source.uploadId"),
        (json!([{"source": {"imageId": avatar["id"]}}]), "NOT_FOUND", "media.0.source.imageId"),
        (json!([{"source": {"uploadId": open}}]), "UPLOAD_INCOMPLETE", "media.0.source.uploadId"),
        (json!([{"source": {"uploadId": own}}, {"source": {"uploadId": own}}]), "TAKEN", "media.1.source"),
        (
            json!([{"source": {"uploadId": own}, "alternativeText": "x".repeat(501)}]),
            "TOO_LONG",
            "media.0.alternativeText",
        ),
        (json!(vec![json!({"source": {"uploadId": own}}); 31]), "TOO_MANY", "media"),
    ] {
        assert_eq!(set(&seller, &goods.product, 1, media).await.refusal(), refusal(code, field));
    }
    let media = json!([{"source": {"uploadId": own}}]);
    assert_eq!(set(&seller, &goods.product, 2, media.clone()).await.refusal().0, "STALE_VERSION");
    assert_eq!(kept(&app), 1, "only the avatar");
    set(&seller, &goods.product, 1, media).await.ok();
    assert_eq!(kept(&app), 2);
}
