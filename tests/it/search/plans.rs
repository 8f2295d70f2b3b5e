//! Lists of products over 100,000 of them: each by an index, and none sorted on disk. However many a search finds, it looks at no
//! more than so many.

use std::{collections::BTreeSet, time::Duration};

use diesel::{
    QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Text},
};
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{TestApp, cluster::Database},
};

#[derive(QueryableByName, Debug, PartialEq, Eq)]
struct Work {
    #[diesel(sql_type = BigInt)]
    scans: i64,
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    words: i64,
    #[diesel(sql_type = BigInt)]
    files: i64,
}

/// What has been done until now, by whoever is connected no more: what a connection did is counted for certain once it is gone.
async fn work(database: &Database) -> Work {
    let others = "SELECT count(*) AS count FROM pg_stat_activity \
                   WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    while count(&mut database.connect(), others) > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let query = "SELECT (SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables WHERE relname IN ('products', 'product_prices')) AS scans, \
                        (SELECT coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'products') AS rows, \
                        (SELECT coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'product_words') AS words, \
                        (SELECT temp_files FROM pg_stat_database WHERE datname = current_database()) AS files";
    sql_query(query).get_result(&mut database.connect()).unwrap()
}

/// Every product has `common`, one in a hundred `seldom`, one in ten thousand `rare`, and `dusty` those that were sold least: some
/// 15,000, none of which is among the 10,000 that were sold most. One in three costs something in euros, one in a thousand in yen.
/// There are 30,000 words that begin with `w`.
const FILL: &str = "
    INSERT INTO products (id, shop_id, slug, title, status, currency, price_min, price_max, sold_count, search, tags,
                          category_id, product_kind_id, said, rating_average, rating_rank, created_at, updated_at)
    SELECT gen_random_uuid(), shop_id, 'p-' || n, 'Common ' || n, CASE WHEN n % 50 = 0 THEN 'DRAFT' ELSE 'ACTIVE' END,
           'GBP', n % 9973, 10000, n % 997,
           ('common:1A n' || n || ':2A' || CASE WHEN n % 100 = 1 THEN ' seldom:3A' ELSE '' END
               || CASE WHEN n % 10000 = 1 THEN ' rare:4A' ELSE '' END
               || CASE WHEN n % 997 < 150 THEN ' dusty:5A' ELSE '' END)::tsvector,
           CASE WHEN n % 200 = 3 THEN '{sale}'::text[] ELSE '{}' END,
           (SELECT id FROM categories WHERE name = CASE WHEN n % 500 = 4 THEN 'Mugs' ELSE 'Lamps' END),
           (SELECT id FROM product_kinds),
           (SELECT uuid_send(attribute_id) || '\\x01'::bytea || uuid_send(id) FROM attribute_choices
             WHERE name = CASE WHEN n % 997 % 300 = 5 THEN 'Red' ELSE 'Blue' END), CASE WHEN n % 100 = 7 THEN 45 WHEN n % 3 = 0 THEN 35 ELSE 0 END,
           CASE WHEN n % 100 = 7 THEN 4000000 + n WHEN n % 3 = 0 THEN 3000000 + n ELSE 0 END, now() - n * interval '1 minute', now()
      FROM products, generate_series(1, 100000) n WHERE title = 'Common seldom rare flour';
    INSERT INTO product_attributes (product_id, attribute_id, choice_id)
    SELECT p.id, attribute_id, c.id FROM products p JOIN attribute_choices c
        ON c.name = CASE WHEN sold_count % 300 = 5 THEN 'Red' ELSE 'Blue' END
     WHERE p.slug LIKE 'p-%';
    INSERT INTO product_prices (product_id, currency, price_min, price_max, is_active)
    SELECT id, 'EUR', price_min * 7 % 9973, 10000, status = 'ACTIVE' FROM products WHERE price_min % 3 = 0 AND slug LIKE 'p-%'
    UNION ALL
    SELECT id, 'JPY', price_min, 10000, status = 'ACTIVE' FROM products WHERE price_min % 1000 = 7 AND slug LIKE 'p-%';
    INSERT INTO product_words (word, products, deletes) SELECT 'wa' || n, 2000 + n, '{}' FROM generate_series(1, 30000) n";

#[actix_web::test]
async fn no_list_reads_all_products_or_sorts_on_disk() {
    let database = Database::new();
    let app = TestApp::start_on(database.url()).await;
    let admin = app.sign_up("Olive").await;
    app.given_role(&admin, "ADMIN");
    let mut categories = Vec::new();
    for name in ["Lamps", "Mugs"] {
        let category = admin.mutate("createCategory", json!({"name": name}), "category { id }").await.ok();
        categories.push(category["category"]["id"].clone());
    }
    let colour = json!({"name": "Colour", "kind": "CHOICE", "isFilterable": true, "choices": ["Red", "Blue"]});
    let selection = "attribute { id choices { id } }";
    let colour = admin.mutate("createAttribute", colour, selection).await.ok()["attribute"].clone();
    let kind = json!({"name": "Thing", "attributes": [{"attributeId": colour["id"]}]});
    admin.mutate("createProductKind", kind, "productKind { id }").await.ok();
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Mill").await;
    seller.sell(&shop, "Common seldom rare flour", "1.00", 1).await;
    app.stop().await;
    database.connect().batch_execute(FILL).unwrap();
    database.connect().batch_execute("VACUUM ANALYZE").unwrap();

    let red = json!({"attributeId": colour["id"], "value": {"choiceIds": [colour["choices"][0]["id"]]}});
    let money = |amount: &str| json!({"amount": amount, "currency": "GBP"});
    let euros = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    let mut bad = Vec::new();
    // Each with how many products it may look at: about as many as it has, or is counted to.
    for (filter, most) in [
        (json!({}), 30_000),
        (json!({"query": "common"}), 33_000),
        (json!({"query": "dusty seldom"}), 2_000),
        (json!({"query": "common rare"}), 200),
        (json!({"query": "seldom"}), 6_000),
        (json!({"query": "rare"}), 200),
        (json!({"query": "common seldom"}), 6_000),
        (json!({"query": "raer"}), 200),
        (json!({"query": "n77777"}), 200),
        (json!({"categoryId": categories[0]}), 30_000),
        (json!({"categoryId": categories[1]}), 12_000),
        (json!({"categoryId": categories[0], "query": "seldom"}), 6_000),
        (json!({"tags": ["sale"]}), 6_000),
        (json!({"attributes": [red]}), 12_000),
        (json!({"attributes": [red], "query": "common"}), 30_000),
        (json!({"minimumRating": 4}), 12_000),
        (json!({"minimumRating": 3}), 30_000),
        (json!({"shopId": shop}), 30_000),
        (json!({"shopId": shop, "query": "rare"}), 200),
        (json!({"price": {"min": money("1.00"), "max": money("2.00")}}), 13_000),
        (json!({"price": {"min": money("1.00"), "max": money("2.00")}, "query": "seldom"}), 6_000),
        (json!({"price": {"currency": "EUR"}}), 60_000),
        (json!({"price": {"currency": "EUR"}, "minimumRating": 4}), 36_000),
        (json!({"price": {"currency": "EUR"}, "isAvailable": false}), 36_000),
        (json!({"price": {"min": euros("1.00"), "max": euros("2.00")}}), 12_000),
        (json!({"price": {"min": euros("1.00"), "max": euros("2.00")}, "tags": ["sale"]}), 6_000),
        (json!({"price": {"currency": "JPY"}}), 12_000),
        (json!({"price": {"currency": "USD"}}), 12_000),
    ] {
        let list = "query($filter: ProductFilter!, $sort: ProductSort!) {
            products(filter: $filter, sort: $sort, first: 10) { totalCount nodes { title } } }";
        for sort in ["NEWEST", "PRICE_LOW_TO_HIGH", "PRICE_HIGH_TO_LOW", "BEST_SELLING", "RATING", "RELEVANCE"] {
            tell(&database, list, json!({"filter": filter, "sort": sort}), most, &mut bad).await;
        }
        let facets = "query($filter: ProductFilter!) {
            productFacets(filter: $filter) { totalCount ratings { count } attributes { count } shops { count } prices { count } } }";
        tell(&database, facets, json!({"filter": filter}), most, &mut bad).await;
    }
    // Candidates alone: those that come to hand, those that are looked at to choose, and those that are chosen.
    let best = "query($filter: ProductFilter!) { products(filter: $filter, first: 10) { nodes { title } } }";
    for words in ["common", "dusty", "common dusty"] {
        tell(&database, best, json!({"filter": {"query": words}}), 2_001 + 10_001 + 10_000 + 500 + 10, &mut bad).await;
    }
    let worst = "{ products(filter: {minimumRating: 3}, sort: RATING, last: 10) { nodes { title } } }";
    tell(&database, worst, json!({}), 2_100, &mut bad).await;
    tell(&database, "{ searchSuggestions(query: \"common s\") { query } }", json!({}), 2_000, &mut bad).await;
    for (typed, most) in [("w", 100), ("wa", 10_000)] {
        let before = work(&database).await.words;
        let document = "query($typed: String!) { searchSuggestions(query: $typed) { query } }";
        tell(&database, document, json!({"typed": typed}), 0, &mut bad).await;
        let words = work(&database).await.words - before;
        if words > most {
            bad.push(format!("{typed}: {words} words"));
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");

    let app = TestApp::start_on(database.url()).await;
    let best = pages(&app, "common").await;
    let sold = "SELECT string_agg(title, ',') AS titles \
                  FROM (SELECT title FROM products WHERE status = 'ACTIVE' ORDER BY sold_count DESC, id DESC LIMIT 500) best";
    let sold: Titles = sql_query(sold).get_result(&mut database.connect()).unwrap();
    assert_eq!(best.iter().map(String::as_str).collect::<BTreeSet<_>>(), sold.titles.split(',').collect());
    let dusty = pages(&app, "dusty").await;
    assert_eq!(dusty.iter().collect::<BTreeSet<_>>().len(), 500);
    assert_eq!(pages(&app, "dusty").await, dusty);
}

#[derive(QueryableByName)]
struct Titles {
    #[diesel(sql_type = Text)]
    titles: String,
}

/// The titles of a list by relevance, page by page.
async fn pages(app: &TestApp, words: &str) -> Vec<String> {
    let (mut titles, mut after) = (Vec::new(), Value::Null);
    loop {
        let document = "query($words: String!, $after: String) {
            products(filter: {query: $words}, first: 100, after: $after) { nodes { title } pageInfo { hasNextPage endCursor } } }";
        let page = app.guest().send(document, json!({"words": words, "after": after})).await.ok()["products"].clone();
        let nodes = page["nodes"].as_array().unwrap();
        titles.extend(nodes.iter().map(|node| node["title"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            return titles;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Notes an operation that reads all products, or more than `most` of them by indexes, or sorts on disk.
async fn tell(database: &Database, document: &str, variables: Value, most: i64, bad: &mut Vec<String>) {
    let before = work(database).await;
    let app = TestApp::start_on(database.url()).await;
    app.guest().send(document, variables.clone()).await.ok();
    app.stop().await;
    let after = work(database).await;
    let rows = after.rows - before.rows;
    if (after.scans, after.files) != (before.scans, before.files) || rows > most {
        bad.push(format!("{variables}: {rows} rows; {before:?} {after:?}"));
    }
}
