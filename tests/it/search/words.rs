//! Words: in which forms they are found, in which order, and what they suggest.

use agora::platform::{caller::Caller, migrations};
use chrono::TimeDelta;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use futures_util::future::join_all;
use serde_json::json;

use super::{page, titles};
use crate::harness::{
    Client, TestApp,
    app::{PASSWORD, Person},
    cluster::Database,
};

/// A shop that sells one of each.
async fn market(app: &TestApp, titles: &[&str]) -> (Client, Person) {
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Mill").await;
    for title in titles {
        seller.sell(&shop, title, "1.00", 1).await;
    }
    (app.guest(), seller)
}

/// What has all of the words, or if nothing has, what has some.
async fn found(guest: &Client, words: &str) -> Vec<String> {
    let found = page(guest, words, "NEWEST", json!({"first": 100})).await;
    let nodes = found["nodes"].as_array().unwrap();
    let mut titles: Vec<_> = nodes.iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

async fn suggestions(guest: &Client, typed: &str) -> Vec<String> {
    let document = "query($typed: String!) { searchSuggestions(query: $typed) { query } }";
    let found = guest.send(document, json!({"typed": typed})).await.ok();
    let all = found["searchSuggestions"].as_array().unwrap().clone();
    all.iter().map(|one| one["query"].as_str().unwrap().to_owned()).collect()
}

const TITLES: [&str; 8] = [
    "REGENCY CAKESTAND 3 TIER",
    "White Cake Stand",
    "Red Candle",
    "Candles in a box",
    "Käse-Brettchen",
    "Moebelpolitur",
    "Frühstücksbrett",
    "Lunch box",
];
const FOUND: [(&str, &[&str]); 20] = [
    // Almost as it is spelled.
    ("regency cakstand", &["REGENCY CAKESTAND 3 TIER"]),
    ("regnecy cakestand", &["REGENCY CAKESTAND 3 TIER"]),
    // One word or two.
    ("cake stand", &["REGENCY CAKESTAND 3 TIER", "White Cake Stand"]),
    ("cakestand", &["REGENCY CAKESTAND 3 TIER", "White Cake Stand"]),
    ("cakestands", &["REGENCY CAKESTAND 3 TIER", "White Cake Stand"]),
    // One and many, in any order, begun, ended.
    ("candle", &["Candles in a box", "Red Candle"]),
    ("boxes", &["Candles in a box", "Lunch box"]),
    ("candle red", &["Red Candle"]),
    ("bret", &["Käse-Brettchen"]),
    ("stucksbrett", &["Frühstücksbrett"]),
    // Umlauts as they are, without dots, and written out.
    ("käse", &["Käse-Brettchen"]),
    ("KASE", &["Käse-Brettchen"]),
    ("kaese", &["Käse-Brettchen"]),
    ("Möbelpolitur", &["Moebelpolitur"]),
    ("fruehstuecksbrett", &["Frühstücksbrett"]),
    // Known words may be misspelled, too.
    ("white candle stand", &["White Cake Stand"]),
    // What has most of the words, or some, if nothing has all.
    ("small lunch box", &["Lunch box"]),
    ("red lunch", &["Lunch box", "Red Candle"]),
    ("nothing of this", &[]),
    ("c", &[]),
];

#[actix_web::test]
async fn words_are_found_in_other_forms() {
    let app = TestApp::start().await;
    let (guest, _) = market(&app, &TITLES).await;
    for (words, expected) in FOUND {
        assert_eq!(found(&guest, words).await, expected, "{words}");
    }
}

#[actix_web::test]
async fn any_text_is_a_search() {
    let app = TestApp::start().await;
    let (guest, _) = market(&app, &["Красная лампа", "日本の茶碗", "छाता"]).await;
    let many = ('a'..='t').map(|letter| format!("cakelamp{letter}")).collect::<Vec<_>>().join(" ");
    let long = format!("{} a", "㌖".repeat(150));
    for language in ["en", "ar", "ne", "hi", "ru", "tr", "ja"] {
        let guest = guest.with_header("accept-language", language);
        for words in ["ـ", "छ", "रत", "a'b\\c", "\u{1}", "ﬁ ½ Ⅷ İ", "п о с к в н р т", &many, &long, "&|!():*"]
        {
            found(&guest, words).await;
            titles(&guest, words).await;
            suggestions(&guest, words).await;
        }
    }
    let russian = guest.with_header("accept-language", "ru");
    assert_eq!(found(&russian, "красная").await, ["Красная лампа"]);
    assert_eq!(found(&guest, "日").await, ["日本の茶碗"]);
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    told: String,
}

#[actix_web::test]
async fn every_collation_finds_the_same() {
    let mut collations = Vec::new();
    for locale in ["LOCALE 'C'", "LOCALE 'C.UTF-8'", "LOCALE_PROVIDER icu ICU_LOCALE 'de' LOCALE 'C.UTF-8'"] {
        let database = Database::with_locale(locale);
        let row = "SELECT datlocprovider::text || ' ' || datcollate AS told FROM pg_database WHERE datname = current_database()";
        collations.push(sql_query(row).get_result::<Told>(&mut database.connect()).unwrap().told);
        migrations::apply(&database.url()).unwrap();
        let app = TestApp::start_on(database.url()).await;
        let (guest, _) = market(&app, &TITLES).await;
        for (words, expected) in FOUND {
            assert_eq!(found(&guest, words).await, expected, "{words} with {locale}");
        }
        assert_eq!(suggestions(&guest, "ca").await, ["cake", "cakestand", "candle", "candles"], "{locale}");
        app.stop().await;
    }
    assert_eq!(collations, ["c C", "c C.UTF-8", "i C.UTF-8"]);
}

#[actix_web::test]
async fn what_fits_best_comes_first_and_what_fits_less_follows() {
    let app = TestApp::start().await;
    let all = ["Box of candles", "Lunch box with cutlery, in red", "Red lunch box", "Lunch bag", "Umbrella"];
    let (guest, _) = market(&app, &all).await;
    let ranked = titles(&guest, "red lunch box").await;
    assert_eq!(ranked[..2], ["Red lunch box", "Lunch box with cutlery, in red"]);
    assert_eq!(ranked.len(), 4, "{ranked:?}");
    // In another order there is no place for what has some of the words, while something has all.
    assert_eq!(found(&guest, "red lunch box").await, ["Lunch box with cutlery, in red", "Red lunch box"]);
    let (mut paged, mut after) = (Vec::new(), json!(null));
    loop {
        let found = page(&guest, "red lunch box", "RELEVANCE", json!({"first": 1, "after": after})).await;
        assert_eq!(found["totalCount"], 4);
        paged.extend(found["nodes"].as_array().unwrap().iter().map(|node| node["title"].clone()));
        after = found["pageInfo"]["endCursor"].clone();
        if found["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(paged, ranked);
}

#[actix_web::test]
async fn a_word_tells_more_the_closer_to_the_name_it_stands() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Mill").await;
    let price = json!({"amount": "1.00", "currency": "GBP"});
    // Of the like the newest comes first, and these come the other way.
    let goods = [
        json!({"title": "Oak"}),
        json!({"title": "Bench", "brand": "Oak"}),
        json!({"title": "Table", "variants": [{"price": price, "sku": "OAK"}]}),
        json!({"title": "Chair", "description": "Made of oak."}),
    ];
    for mut product in goods {
        let input = product.as_object_mut().unwrap();
        if !input.contains_key("variants") {
            input.insert("price".into(), price.clone());
        }
        input.extend([("shopId".into(), json!(shop)), ("status".into(), json!("ACTIVE"))]);
        seller.mutate("createProduct", product, "product { id }").await.ok();
        app.advance(TimeDelta::seconds(1));
    }
    assert_eq!(titles(&app.guest(), "oak").await, ["Oak", "Bench", "Table", "Chair"]);
}

#[actix_web::test]
async fn drafts_and_former_words_are_not_suggested() {
    let app = TestApp::start().await;
    app.schedule_jobs().await;
    let (guest, seller) = market(&app, &["White hanging heart", "White lamp", "Hanging basket"]).await;
    assert_eq!(suggestions(&guest, "han").await, ["hanging"]);
    assert_eq!(suggestions(&guest, "white h").await, ["white hanging", "white heart"]);
    assert_eq!(suggestions(&guest, "white hagning").await, ["white hanging"]);
    assert_eq!(suggestions(&guest, "Big, WHITE-han ").await, Vec::<String>::new());
    assert_eq!(suggestions(&guest, "WHITE-han ").await, ["WHITE-hanging"]);
    for none in ["lamp h", " -", ""] {
        assert!(suggestions(&guest, none).await.is_empty(), "{none}");
    }
    let bad = guest.query("{ searchSuggestions(query: \"a\", first: 21) { query } }").await;
    assert_eq!(bad.code(), "BAD_USER_INPUT");

    let shop = seller.open_shop("Other").await;
    let price = json!({"amount": "1.00", "currency": "GBP"});
    let secret = json!({"shopId": shop, "title": "Secret surprise", "price": price, "status": "DRAFT"});
    let draft = seller.mutate("createProduct", secret, "product { id }").await.ok()["product"]["id"].clone();
    assert!(suggestions(&guest, "sur").await.is_empty());
    let set = async |status: &str, version: i32| {
        let input = json!({"productId": draft, "expectedVersion": version, "status": status});
        // Her token lives for ten minutes.
        let device = app.guest();
        let who = json!({"email": seller.email, "password": PASSWORD});
        let token = device.mutate("signIn", who, "result { ... on SignedIn { accessToken } }").await.ok();
        let device = device.with_token(token["result"]["accessToken"].as_str().unwrap());
        device.mutate("updateProduct", input, "product { id }").await.ok();
    };
    set("ACTIVE", 1).await;
    assert_eq!(suggestions(&guest, "sur").await, ["surprise"]);
    app.advance(TimeDelta::minutes(2));
    app.run_jobs().await;
    assert_eq!(suggestions(&guest, "sur").await, ["surprise"], "counted just now");
    set("ARCHIVED", 2).await;
    assert!(suggestions(&guest, "sur").await.is_empty());
    for misspelled in ["surpris", "surprize", "surprise"] {
        assert!(suggestions(&guest, misspelled).await.is_empty(), "{misspelled}");
    }
    // Counted twice, some time apart, it is forgotten; for sale again, it is known again.
    app.advance(TimeDelta::days(2));
    app.run_jobs().await;
    let known =
        "SELECT coalesce(string_agg(word, ' ' ORDER BY word), '') AS told FROM product_words WHERE word LIKE 's%'";
    assert_eq!(sql_query(known).get_result::<Told>(&mut app.connect()).unwrap().told, "secret surprise");
    app.advance(TimeDelta::minutes(11));
    app.run_jobs().await;
    assert_eq!(sql_query(known).get_result::<Told>(&mut app.connect()).unwrap().told, "");
    set("ACTIVE", 3).await;
    assert_eq!(suggestions(&guest, "sur").await, ["surprise"]);
}

#[actix_web::test]
async fn the_language_of_products_can_change() {
    let app = TestApp::start().await;
    let (guest, _) = market(&app, &["Altes Haus"]).await;
    assert!(found(&guest, "häusern").await.is_empty());
    let set = async |locale: &str| {
        let locale = locale.parse().unwrap();
        agora::products::service::set_locale(app.app(), &Caller::system(), locale).await.unwrap()
    };
    assert!(!set("en").await);
    assert!(set("de-AT").await);
    assert!(!set("de-AT").await);
    app.run_jobs().await;
    assert_eq!(found(&guest, "häusern").await, ["Altes Haus"]);
}

#[actix_web::test]
async fn the_same_new_words_are_saved_by_many_at_once() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Mill").await;
    let words = ["amber", "bronze", "copper", "damask", "ebony", "felt"];
    let saved = join_all((0..24).map(|number| {
        let (first, second) = (words[number % 6], words[(number * 5 + 1) % 6]);
        let price = json!({"amount": "1.00", "currency": "GBP"});
        let title = format!("{first} {second} nr{number}");
        let input = json!({"shopId": shop, "title": title, "price": price, "status": "ACTIVE"});
        seller.mutate("createProduct", input, "product { id }")
    }))
    .await;
    for answer in saved {
        answer.ok();
    }
    for word in words {
        assert!(!found(&app.guest(), word).await.is_empty());
        assert_eq!(suggestions(&app.guest(), &word[..3]).await, [word]);
    }
}
