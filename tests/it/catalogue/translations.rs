//! What the catalogue says in other languages: to whom, what if nobody has said it, and what search finds by it.

mod vocabulary;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp, app::Person, socket::Socket};

fn refusal(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

const WORDS: &str = "product { id title version localized(locale: \"de-AT\") { locale title description \
                     options { name values } } variants { title localized(locale: \"de-AT\") { locale title \
                     selectedOptions { name value } } } translations { locale title description \
                     options { name translatedName values { value translatedValue } } } }";

/// A shirt in two sizes and two colours.
async fn shirt(seller: &Client, shop: &str) -> Value {
    let variant = |size: &str, colour: &str| {
        let options = [("Size", size), ("Colour", colour)].map(|(name, value)| json!({"name": name, "value": value}));
        json!({"price": {"amount": "5.00", "currency": "GBP"}, "options": options, "quantity": 1})
    };
    let variants = [variant("Small", "Blue"), variant("Small", "Red"), variant("Large", "Blue")];
    let input = json!({"shopId": shop, "title": "Shirt", "description": "Of linen.", "options": ["Size", "Colour"],
                       "variants": variants});
    seller.mutate("createProduct", input, "product { id version variants { id } }").await.ok()["product"].clone()
}

/// Somebody who sells a shirt in their shop.
async fn mill(app: &TestApp) -> (Person, String, Value) {
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    let shirt = shirt(&seller, &shop).await;
    (seller, shop, shirt)
}

async fn set(client: &Client, product: &Value, locale: &str, rest: Value) -> Answer {
    let mut input = json!({"productId": product, "locale": locale, "title": "Hemd"});
    input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    client.mutate("setProductTranslation", input, WORDS).await
}

async fn remove(client: &Client, product: &Value, locale: &str) -> Answer {
    let input = json!({"productId": product, "locale": locale});
    client.mutate("removeProductTranslation", input, WORDS).await
}

/// What its options are called in German.
fn in_german() -> Value {
    let value = |value: &str, translated: &str| json!({"value": value, "translatedValue": translated});
    json!([
        {"name": "size", "translatedName": "Größe", "values": [value("SMALL", "Klein"), value("Large", "Groß")]},
        {"name": "Colour", "values": [value("Blue", "Blau")]},
    ])
}

#[actix_web::test]
async fn who_reads_german_reads_what_the_shop_says_in_german() {
    let app = TestApp::start().await;
    let (seller, _, shirt) = mill(&app).await;
    let id = &shirt["id"];
    let said = set(&seller, id, "de", json!({"options": in_german()})).await.ok()["product"].clone();
    assert_eq!((&said["title"], &said["version"]), (&json!("Shirt"), &json!(1)), "the original stays as it is");
    assert_eq!(
        said["localized"],
        json!({"locale": "de", "title": "Hemd", "description": "Of linen.", "options": [
            {"name": "Größe", "values": ["Klein", "Groß"]}, {"name": "Colour", "values": ["Blau", "Red"]}]})
    );
    let titles = |product: &Value| {
        let titles = |variant: &Value| (variant["title"].clone(), variant["localized"]["title"].clone());
        product["variants"].as_array().unwrap().iter().map(titles).collect::<Vec<_>>()
    };
    assert_eq!(titles(&said)[1], (json!("Small / Red"), json!("Klein / Red")));
    assert_eq!(
        said["variants"][2]["localized"]["selectedOptions"],
        json!([{"name": "Größe", "value": "Groß"}, {"name": "Colour", "value": "Blau"}])
    );
    // As it is stored: options are spelled as the product spells them.
    let options = &said["translations"][0]["options"];
    assert_eq!((&options[0]["name"], &options[0]["values"][0]["value"]), (&json!("Size"), &json!("Small")));
    assert_eq!(options[1]["translatedName"], Value::Null);

    // A dialect says what differs; the rest comes from the language.
    let said = set(&seller, id, "de-at", json!({"title": "Pfoad", "description": "Aus Leinen."})).await.ok();
    let said = &said["product"];
    assert_eq!(
        said["localized"],
        json!({"locale": "de-AT", "title": "Pfoad", "description": "Aus Leinen.", "options": [
            {"name": "Größe", "values": ["Klein", "Groß"]}, {"name": "Colour", "values": ["Blau", "Red"]}]})
    );
    let locales: Vec<_> = said["translations"].as_array().unwrap().iter().map(|one| one["locale"].clone()).collect();
    assert_eq!(locales, ["de", "de-AT"]);

    // The language of the request, unless one names another.
    let document = "query($id: ID!, $locale: Locale) { product(by: {id: $id}) { localized(locale: $locale) { locale title \
                    description } } }";
    let read = async |header: Option<&str>, locale: Option<&str>| {
        let guest = app.guest();
        let guest = header.map_or(guest.clone(), |header| guest.with_header("accept-language", header));
        let said = guest.send(document, json!({"id": id, "locale": locale})).await.ok()["product"]["localized"].clone();
        ["locale", "title", "description"].map(|field| said[field].as_str().unwrap().to_owned())
    };
    let original = ["en", "Shirt", "Of linen."];
    assert_eq!(read(None, None).await, original);
    assert_eq!(read(Some("fr"), None).await, original);
    assert_eq!(read(Some("de-CH"), None).await, ["de", "Hemd", "Of linen."]);
    assert_eq!(read(Some("de-CH"), Some("de-AT")).await, ["de-AT", "Pfoad", "Aus Leinen."]);
    assert_eq!(read(Some("de-AT"), Some("en-GB")).await, original);

    // Set anew as a whole, and taken back.
    let said = set(&seller, id, "de", json!({"title": "Das Hemd"})).await.ok()["product"].clone();
    assert_eq!(said["localized"]["options"][0]["name"], "Size");
    remove(&seller, id, "de-AT").await.ok();
    assert_eq!(read(Some("de-AT"), None).await, ["de", "Das Hemd", "Of linen."]);
    assert_eq!(remove(&seller, id, "de-AT").await.refusal(), refusal("NOT_FOUND", "locale"));

    // Who writes the catalogue in German needs no German translation.
    app.given_sql("UPDATE catalogue SET locale = 'de'");
    assert_eq!(read(Some("de-AT"), None).await, ["de", "Shirt", "Of linen."]);
}

#[actix_web::test]
async fn what_is_called_otherwise_since_is_not_translated_wrongly() {
    let app = TestApp::start().await;
    let (seller, _, shirt) = mill(&app).await;
    set(&seller, &shirt["id"], "de", json!({"options": in_german()})).await.ok();
    // Options change places, sizes change names, and another colour comes.
    let renamed = json!([{"from": "Small", "to": "Large"}, {"from": "Large", "to": "Huge"}]);
    let options = json!([{"name": "Colour"}, {"name": "Size", "renamedValues": renamed}]);
    let input = json!({"productId": shirt["id"], "expectedVersion": 1, "options": options});
    let said = seller.mutate("updateProductOptions", input, WORDS).await.ok()["product"].clone();
    let titles: Vec<_> =
        said["variants"].as_array().unwrap().iter().map(|variant| variant["localized"]["title"].clone()).collect();
    assert_eq!(titles, ["Blau / Groß", "Red / Groß", "Blau / Huge"]);
    assert_eq!(said["localized"]["options"][1], json!({"name": "Größe", "values": ["Groß", "Huge"]}));
    let giant = json!([{"from": "Huge", "to": "Giant"}]);
    let options = json!([{"name": "Tint", "previousName": "Colour"}, {"name": "Size", "renamedValues": giant}]);
    let input = json!({"productId": shirt["id"], "expectedVersion": 2, "options": options});
    let said = seller.mutate("updateProductOptions", input, WORDS).await.ok()["product"].clone();
    assert_eq!(said["localized"]["options"][0], json!({"name": "Tint", "values": ["Blue", "Red"]}));
    let kept = &said["translations"][0]["options"];
    assert_eq!(kept[1]["values"][0]["translatedValue"], "Blau", "it is kept for editors");
    // They may send back what they were told, and nothing that nobody ever said.
    let again = set(&seller, &shirt["id"], "de", json!({"options": kept})).await.ok()["product"].clone();
    assert_eq!(again["translations"][0]["options"], *kept);
    let cut = json!({"options": [{"name": "Cut", "values": []}]});
    assert_eq!(set(&seller, &shirt["id"], "de", cut).await.refusal(), refusal("INVALID", "options.0.name"));
    // Nobody finds it by what it was called.
    let german = app.guest().with_header("accept-language", "de");
    let found = async |words: &str| {
        let document = "query($words: String!) { products(filter: {query: $words}) { nodes { id } } }";
        let found = german.send(document, json!({"words": words})).await.ok();
        found["products"]["nodes"].as_array().unwrap().len()
    };
    assert_eq!((found("groß").await, found("klein").await, found("blau").await), (1, 0, 0));
}

#[actix_web::test]
async fn what_cannot_be_a_translation_is_refused() {
    let app = TestApp::start().await;
    let (seller, stranger) = (app.sign_up("Grace").await, app.sign_up("Mallory").await);
    let shop = seller.open_shop("Mill").await;
    let shirt = shirt(&seller, &shop).await;
    let id = &shirt["id"];
    let bad = async |locale: &str, rest: Value| set(&seller, id, locale, rest).await.refusal();
    assert_eq!(bad("en", json!({})).await, refusal("INVALID", "locale"));
    assert_eq!(bad("de", json!({"title": " "})).await, refusal("BLANK", "title"));
    assert_eq!(bad("de", json!({"title": "x".repeat(201)})).await, refusal("TOO_LONG", "title"));
    assert_eq!(bad("de", json!({"description": "x".repeat(10_001)})).await, refusal("TOO_LONG", "description"));
    let options = async |options: Value| bad("de", json!({"options": options})).await;
    let values = |values: Value| json!([{"name": "Size", "values": values}]);
    assert_eq!(options(json!([{"name": "Cut"}])).await, refusal("INVALID", "options.0.name"));
    assert_eq!(options(json!([{"name": "Size"}, {"name": "SIZE"}])).await, refusal("INVALID", "options.1.name"));
    let long = json!([{"name": "Size", "translatedName": "x".repeat(61)}]);
    assert_eq!(options(long).await, refusal("TOO_LONG", "options.0.translatedName"));
    let same = json!([{"name": "Size", "translatedName": "Art"}, {"name": "Colour", "translatedName": "ART"}]);
    assert_eq!(options(same).await, refusal("TAKEN", "options.1.translatedName"));
    let unknown = values(json!([{"value": "Huge", "translatedValue": "Riesig"}]));
    assert_eq!(options(unknown).await, refusal("INVALID", "options.0.values.0.value"));
    let blank = values(json!([{"value": "Small", "translatedValue": ""}]));
    assert_eq!(options(blank).await, refusal("BLANK", "options.0.values.0.translatedValue"));
    let same = json!([{"value": "Small", "translatedValue": "Groß"}, {"value": "Large", "translatedValue": "GROSS"}]);
    assert_eq!(options(values(same)).await, refusal("TAKEN", "options.0.values.1.translatedValue"));
    let other = json!([{"value": "Small", "translatedValue": "large"}]);
    assert_eq!(options(values(other)).await, refusal("TAKEN", "options.0.values.0.translatedValue"));
    assert_eq!(options(json!(vec![json!({"name": "Size"}); 4])).await, refusal("TOO_MANY", "options"));
    let nonsense = json!({"productId": id, "locale": "not a tag", "title": "Hemd"});
    let document =
        "mutation($input: SetProductTranslationInput!) { setProductTranslation(input: $input) { product { id } } }";
    assert_eq!(seller.send(document, json!({"input": nonsense})).await.code(), "BAD_USER_INPUT");

    let support = app.sign_up("Sam").await;
    let input = json!({"shopId": shop, "userId": support.id, "role": "SUPPORT"});
    seller.mutate("addShopMember", input, "member { role }").await.ok();
    set(&seller, id, "de", json!({})).await.ok();
    for (client, code, field) in [(&stranger, "NOT_FOUND", "productId"), (&support, "NOT_PERMITTED", "")] {
        assert_eq!(set(client, id, "de", json!({})).await.refusal(), refusal(code, field));
        assert_eq!(remove(client, id, "de").await.refusal(), refusal(code, field));
    }
    let nowhere = json!("product_00000000000000000000000000");
    assert_eq!(set(&seller, &nowhere, "de", json!({})).await.refusal(), refusal("NOT_FOUND", "productId"));
}

#[actix_web::test]
async fn a_product_has_fifty_translations_whoever_comes_at_once() {
    let app = TestApp::start().await;
    let (seller, _, shirt) = mill(&app).await;
    let id = &shirt["id"];
    // One language by many at once is one translation, by one of them.
    let titles: Vec<String> = (0..8).map(|number| format!("Hemd {number}")).collect();
    let answers = join_all(titles.iter().map(|title| set(&seller, id, "de", json!({"title": title})))).await;
    assert_eq!(answers.iter().flat_map(Answer::refusals).count(), 0);
    let document =
        "query($id: ID!) { product(by: {id: $id}) { translations { title } localized(locale: \"de\") { title } } }";
    let said = app.guest().send(document, json!({"id": id})).await.ok()["product"].clone();
    assert_eq!(said["translations"].as_array().unwrap().len(), 1);
    assert!(titles.iter().any(|title| said["localized"]["title"] == *title), "{said}");

    app.given_sql(
        "INSERT INTO product_translations (product_id, locale, title, description, options) \
         SELECT id, 'de-x-' || n, 'Hemd', '', '[]' FROM products, generate_series(1, 47) n",
    );
    let locales = ["fr", "it", "es", "pt"];
    let made = join_all(locales.iter().map(|locale| set(&seller, id, locale, json!({})))).await;
    let refused: Vec<_> = made.iter().flat_map(Answer::refusals).collect();
    assert_eq!(refused, vec![refusal("TOO_MANY", "locale"); 2]);
    set(&seller, id, "de", json!({"title": "Ein Hemd"})).await.ok();
}

#[actix_web::test]
async fn a_search_finds_the_words_of_all_languages() {
    let app = TestApp::start().await;
    let (seller, shop, shirt) = mill(&app).await;
    let german = app.guest().with_header("accept-language", "de");
    let find = async |words: &str| {
        let document = "query($words: String!) { products(filter: {query: $words}) { nodes { id } } }";
        let found = german.send(document, json!({"words": words})).await.ok();
        found["products"]["nodes"].as_array().unwrap().len()
    };
    let before = search_of(&app);
    let words = ["Hemden", "gestriftes", "leinene", "blau", "shirts linen"];
    let rest = json!({"title": "Gestreiftes Hemd", "description": "Leinenes", "options": in_german()});
    set(&seller, &shirt["id"], "de", rest).await.ok();
    for words in words {
        assert_eq!(find(words).await, 1, "{words}");
    }
    let suggested = german.query("{ searchSuggestions(query: \"hemd gestr\") { query } }").await.ok();
    assert_eq!(suggested["searchSuggestions"], json!([{"query": "hemd gestreiftes"}]));
    // A title in the reader's language counts as the title does.
    let other = seller.sell(&shop, "Apron with a hemd", "1.00", 1).await;
    let input = json!({"productId": other.product, "expectedVersion": 1, "description": "Gestreiftes"});
    seller.mutate("updateProduct", input, "product { id }").await.ok();
    let found = german.query("{ products(filter: {query: \"gestreiftes hemd\"}) { nodes { title } } }").await.ok();
    assert_eq!(found["products"]["nodes"], json!([{"title": "Shirt"}, {"title": "Apron with a hemd"}]));
    app.given_sql("UPDATE products SET status = 'ARCHIVED' WHERE title LIKE 'Apron%'");
    // What is changed of the original leaves it findable.
    let input = json!({"productId": shirt["id"], "expectedVersion": 1, "title": "Blouse"});
    seller.mutate("updateProduct", input, "product { id }").await.ok();
    assert_eq!((find("gestreift").await, find("blouse").await), (1, 1));
    let input = json!({"productId": shirt["id"], "expectedVersion": 2, "title": "Shirt"});
    seller.mutate("updateProduct", input, "product { id }").await.ok();
    remove(&seller, &shirt["id"], "de").await.ok();
    for words in &words[..4] {
        assert_eq!(find(words).await, 0, "{words}");
    }
    assert_eq!(search_of(&app), before, "without translations, products are found by what they were");
}

/// The document by which the only product for sale is found.
fn search_of(app: &TestApp) -> String {
    use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        search: String,
    }
    sql_query("SELECT search::text AS search FROM products WHERE status = 'ACTIVE'")
        .get_result::<Row>(&mut app.connect())
        .unwrap()
        .search
}

#[actix_web::test]
async fn who_looks_at_a_product_hears_of_its_translation() {
    let app = TestApp::start().await;
    let (seller, _, shirt) = mill(&app).await;
    let mut socket = Socket::connect(&app.guest(), json!({})).await;
    let document = "subscription($ids: [ID!]!) { productEvents(ids: $ids) { __typename ... on ProductChanged { aspects \
                    product { localized(locale: \"de\") { title } } } } }";
    socket.subscribe("1", document, json!({"ids": [shirt["id"]]})).await;
    assert_eq!(socket.next("1").await["productEvents"]["__typename"], "Heartbeat");
    set(&seller, &shirt["id"], "de", json!({})).await.ok();
    let event = loop {
        let event = socket.next("1").await["productEvents"].take();
        if event["__typename"] != "Heartbeat" {
            break event;
        }
    };
    assert_eq!((&event["aspects"], &event["product"]["localized"]["title"]), (&json!(["DETAILS"]), &json!("Hemd")));
}

async fn administrator(app: &TestApp) -> Person {
    let admin = app.sign_up("Olive").await;
    app.given_role(&admin, "ADMIN");
    admin
}

#[actix_web::test]
async fn a_page_takes_one_statement_more() {
    let app = TestApp::start().await;
    let admin = administrator(&app).await;
    let seller = app.sign_up("Grace").await;
    let shop = seller.open_shop("Mill").await;
    for number in 0..6 {
        let shirt = shirt(&seller, &shop).await;
        set(&seller, &shirt["id"], ["de", "de-AT"][number % 2], json!({"options": in_german()})).await.ok();
        let input = json!({"name": format!("Category {number}")});
        admin.mutate("createCategory", input, "category { id }").await.ok();
        let input = json!({"name": format!("Attribute {number}"), "kind": "CHOICE", "choices": ["One", "Two"]});
        admin.mutate("createAttribute", input, "attribute { id }").await.ok();
    }
    let reader = app.guest().with_header("accept-language", "de-AT");
    for (document, most) in [
        ("{ products { nodes { title } } }", 1),
        ("{ products { nodes { localized { locale title } } } }", 2),
        ("{ products { nodes { localized { title description } } } }", 2),
        // The page, its words, its variants.
        ("{ products { nodes { localized { title options { name values } } } } }", 3),
        // The page and its words, its variants, their words and what their options are called.
        (
            "{ products { nodes { localized { title } variants { localized { title selectedOptions { value } } } } } }",
            5,
        ),
        ("{ products(filter: {query: \"hemd\"}) { nodes { localized { title } } } }", 7),
        ("{ products { nodes { translations { locale } localized(locale: \"de\") { title } } } }", 3),
        ("{ categories { nodes { localized { name } } } }", 2),
        ("{ attributes { nodes { localized { name } choices { localized { name } } } } }", 4),
        ("{ attributes { nodes { translations { locale choices { name } } } } }", 3),
    ] {
        let answer = reader.query(document).await;
        let statements = answer.statements.unwrap();
        assert!(statements <= most, "{statements} statements, at most {most}: {document}");
        assert_eq!(answer.ok().as_object().unwrap().values().next().unwrap()["nodes"].as_array().unwrap().len(), 6);
    }
}

#[actix_web::test]
async fn translations_cost_as_many_points_as_there_may_be() {
    let app = TestApp::start().await;
    let (seller, _, shirt) = mill(&app).await;
    let seller = seller.with_header("agora-include", "cost");
    let read = "query($id: ID!) { product(by: {id: $id}) { translations { title description } } }";
    let remove =
        "mutation($id: ID!) { removeProductTranslation(input: {productId: $id, locale: \"de\"}) { product { id } } }";
    for (document, points) in [(read, 51), (remove, 52)] {
        let answer = seller.send(document, json!({"id": shirt["id"]})).await;
        assert_eq!(answer.extensions["cost"]["requested"], points, "{document}: {answer:?}");
    }
}
