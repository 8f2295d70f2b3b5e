//! Lists of products over 100,000 of them: each by an index, and none sorted on disk.

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::BigInt};
use serde_json::{Value, json};

use crate::harness::{TestApp, cluster::Database};

#[derive(QueryableByName, Debug, PartialEq, Eq)]
struct Work {
    #[diesel(sql_type = BigInt)]
    scans: i64,
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    files: i64,
}

fn work(database: &Database) -> Work {
    let query = "SELECT (SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables WHERE relname IN ('products', 'product_prices')) AS scans, \
                        (SELECT coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'products') AS rows, \
                        (SELECT temp_files FROM pg_stat_database WHERE datname = current_database()) AS files";
    sql_query(query).get_result(&mut database.connect()).unwrap()
}

/// Every product has `common`, one in a hundred `seldom`, one in ten thousand `rare`. One in three costs something in euros, one in a
/// thousand in yen.
const FILL: &str = "
    INSERT INTO products (id, shop_id, slug, title, status, currency, price_min, price_max, sold_count, search, tags,
                          category_id, product_kind_id, created_at, updated_at)
    SELECT gen_random_uuid(), shop_id, 'p-' || n, 'Common ' || n, CASE WHEN n % 50 = 0 THEN 'DRAFT' ELSE 'ACTIVE' END,
           'GBP', n % 9973, 10000, n % 997,
           ('common:1A n' || n || ':2A' || CASE WHEN n % 100 = 1 THEN ' seldom:3A' ELSE '' END
               || CASE WHEN n % 10000 = 1 THEN ' rare:4A' ELSE '' END)::tsvector,
           CASE WHEN n % 200 = 3 THEN '{sale}'::text[] ELSE '{}' END,
           (SELECT id FROM categories WHERE name = CASE WHEN n % 500 = 4 THEN 'Mugs' ELSE 'Lamps' END),
           (SELECT id FROM product_kinds), now() - n * interval '1 minute', now()
      FROM products, generate_series(1, 100000) n WHERE title = 'Common seldom rare flour';
    INSERT INTO product_attributes (product_id, attribute_id, choice_id)
    SELECT p.id, attribute_id, c.id FROM products p JOIN attribute_choices c
        ON c.name = CASE WHEN sold_count % 300 = 5 THEN 'Red' ELSE 'Blue' END
     WHERE p.slug LIKE 'p-%';
    INSERT INTO product_prices (product_id, currency, price_min, price_max, is_active)
    SELECT id, 'EUR', price_min * 7 % 9973, 10000, status = 'ACTIVE' FROM products WHERE price_min % 3 = 0 AND slug LIKE 'p-%'
    UNION ALL
    SELECT id, 'JPY', price_min, 10000, status = 'ACTIVE' FROM products WHERE price_min % 1000 = 7 AND slug LIKE 'p-%'";

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
    let mut connection = database.connect();
    connection.batch_execute(FILL).unwrap();
    connection.batch_execute("VACUUM ANALYZE").unwrap();

    let red = json!({"attributeId": colour["id"], "value": {"choiceIds": [colour["choices"][0]["id"]]}});
    let money = |amount: &str| json!({"amount": amount, "currency": "GBP"});
    let euros = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    let mut bad = Vec::new();
    // Each with how many products it may look at: about as many as it has, or is counted to.
    for (filter, most) in [
        (json!({}), 30_000),
        // By relevance all are looked at that are found, if Postgres thinks that it is soonest done so.
        (json!({"query": "common"}), 120_000),
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
        (json!({"shopId": shop}), 30_000),
        (json!({"shopId": shop, "query": "rare"}), 200),
        (json!({"price": {"min": money("1.00"), "max": money("2.00")}}), 12_000),
        (json!({"price": {"min": money("1.00"), "max": money("2.00")}, "query": "seldom"}), 6_000),
        (json!({"price": {"currency": "EUR"}}), 60_000),
        (json!({"price": {"min": euros("1.00"), "max": euros("2.00")}}), 12_000),
        (json!({"price": {"min": euros("1.00"), "max": euros("2.00")}, "tags": ["sale"]}), 6_000),
        (json!({"price": {"currency": "JPY"}}), 12_000),
        (json!({"price": {"currency": "USD"}}), 12_000),
    ] {
        let list = "query($filter: ProductFilter!, $sort: ProductSort!) {
            products(filter: $filter, sort: $sort, first: 10) { totalCount nodes { title } } }";
        for sort in ["NEWEST", "PRICE_LOW_TO_HIGH", "PRICE_HIGH_TO_LOW", "BEST_SELLING", "RELEVANCE"] {
            tell(&database, list, json!({"filter": filter, "sort": sort}), most, &mut bad).await;
        }
        let facets = "query($filter: ProductFilter!) {
            productFacets(filter: $filter) { totalCount attributes { count } shops { count } prices { count } } }";
        tell(&database, facets, json!({"filter": filter}), most, &mut bad).await;
    }
    tell(&database, "{ searchSuggestions(query: \"common s\") { query } }", json!({}), 2_000, &mut bad).await;
    assert!(bad.is_empty(), "{bad:#?}");
}

/// Notes an operation that reads all products, or more than `most` of them by indexes, or sorts on disk. What a process did is counted for certain once it has ended.
async fn tell(database: &Database, document: &str, variables: Value, most: i64, bad: &mut Vec<String>) {
    let before = work(database);
    let app = TestApp::start_on(database.url()).await;
    app.guest().send(document, variables.clone()).await.ok();
    app.stop().await;
    let after = work(database);
    let rows = after.rows - before.rows;
    if (after.scans, after.files) != (before.scans, before.files) || rows > most {
        bad.push(format!("{variables}: {rows} rows; {before:?} {after:?}"));
    }
}
