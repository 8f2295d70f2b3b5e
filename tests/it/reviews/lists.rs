//! Lists of reviews: in order, page by page, with few statements.

use serde_json::{Value, json};

use super::{mill, review};
use crate::{
    harness::TestApp,
    media::{files::photo, send_for},
};

#[actix_web::test]
async fn they_are_read_in_order_and_narrowed() {
    let app = TestApp::start().await;
    let (_, _, goods) = mill(&app).await;
    for (name, rating) in [("One", 3), ("Two", 5), ("Three", 1), ("Four", 5), ("Five", 3)] {
        let author = app.sign_up(name).await;
        review(&author, &goods, rating, name).await;
        app.advance(chrono::TimeDelta::seconds(1));
    }
    let page = async |arguments: &str| {
        let document = format!(
            "{{ product(by: {{id: \"{}\"}}) {{ reviews({arguments}) {{ totalCount nodes {{ text }} pageInfo {{ endCursor startCursor }} }} }} }}",
            goods.product
        );
        let reviews = app.guest().query(&document).await.ok()["product"]["reviews"].clone();
        let texts: Vec<_> = reviews["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one: &Value| one["text"].as_str().unwrap().to_owned())
            .collect();
        (texts.join(" "), reviews)
    };
    for (sort, all) in [
        ("NEWEST", "Five Four Three Two One"),
        ("RATING_HIGH_TO_LOW", "Four Two Five One Three"),
        ("RATING_LOW_TO_HIGH", "Three Five One Four Two"),
    ] {
        let words: Vec<_> = all.split(' ').collect();
        let (first, read) = page(&format!("sort: {sort}, first: 2")).await;
        assert_eq!((&*first, &read["totalCount"]), (&*words[..2].join(" "), &json!(5)));
        let cursor = &read["pageInfo"]["endCursor"];
        let (second, read) = page(&format!("sort: {sort}, first: 2, after: {cursor}")).await;
        assert_eq!(second, words[2..4].join(" "));
        let cursor = &read["pageInfo"]["startCursor"];
        assert_eq!(page(&format!("sort: {sort}, last: 1, before: {cursor}")).await.0, words[1]);
        assert_eq!(page(&format!("sort: {sort}, last: 2")).await.0, words[3..].join(" "));
    }
    let (three, read) = page("filter: {rating: 3}, sort: RATING_HIGH_TO_LOW").await;
    assert_eq!((&*three, &read["totalCount"]), ("Five One", &json!(2)));
    let six = format!(
        "{{ product(by: {{id: \"{}\"}}) {{ reviews(filter: {{rating: 6}}) {{ totalCount }} }} }}",
        goods.product
    );
    assert_eq!(app.guest().query(&six).await.code(), "BAD_USER_INPUT");
}

#[actix_web::test]
async fn a_page_with_authors_and_photos_takes_few_statements() {
    let app = TestApp::start().await;
    let (seller, _, goods) = mill(&app).await;
    for number in 0..10 {
        let author = app.sign_up(&format!("Author{number}")).await;
        let review = review(&author, &goods, 4, "Fine").await;
        if number % 2 == 0 {
            let upload = send_for(&author, &photo(8, 8), "REVIEW").await;
            let change = json!({"reviewId": review["id"], "expectedVersion": 1, "photos": [{"uploadId": upload}]});
            author.mutate("updateReview", change, "review { id }").await.ok();
        }
    }
    let nodes = "nodes { rating text author { displayName } variant { sku } product { title } photos { url(width: 64) } reply { text } }";
    let document = format!(
        "{{ product(by: {{id: \"{}\"}}) {{ title viewerReview {{ id }} canReview reviews(first: 20) {{ {nodes} }} }} }}",
        goods.product
    );
    let answer = seller.query(&document).await;
    assert!(answer.statements.unwrap() <= 9, "{answer:?}");
    assert_eq!(answer.ok()["product"]["reviews"]["nodes"].as_array().unwrap().len(), 10);
    let answer = seller.query(&format!("{{ viewer {{ shops {{ reviews {{ {nodes} }} }} }} }}")).await;
    assert!(answer.statements.unwrap() <= 6, "{answer:?}");
    assert_eq!(answer.ok()["viewer"]["shops"][0]["reviews"]["nodes"].as_array().unwrap().len(), 10);
    let document = format!(
        "{{ product(by: {{id: \"{}\"}}) {{ with: reviews(filter: {{hasPhotos: true}}) {{ totalCount }} without: reviews(filter: {{hasPhotos: false}}) {{ totalCount }} }} }}",
        goods.product
    );
    let counts = app.guest().query(&document).await.ok()["product"].clone();
    assert_eq!(counts, json!({"with": {"totalCount": 5}, "without": {"totalCount": 5}}));
}
