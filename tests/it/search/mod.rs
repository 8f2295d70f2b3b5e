//! Searches: whatever they find stands in the order that was asked for, once, and is counted.

mod facets;
mod plans;
mod prices;
mod words;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Client, TestApp};

const SORTS: [&str; 4] = ["NEWEST", "PRICE_LOW_TO_HIGH", "PRICE_HIGH_TO_LOW", "BEST_SELLING"];
const PAGE: &str =
    "query($words: String!, $sort: ProductSort!, $first: Int, $after: String, $last: Int, $before: String) {
    products(filter: {query: $words}, sort: $sort, first: $first, after: $after, last: $last, before: $before) {
        totalCount isTotalCountExact pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes { id title createdAt priceRange { min { amount currency } } shop { name } } } }";

async fn page(guest: &Client, words: &str, sort: &str, arguments: Value) -> Value {
    let mut variables = json!({"words": words, "sort": sort});
    variables.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
    guest.send(PAGE, variables).await.ok()["products"].clone()
}

/// The ids of all pages, read one way.
async fn walk(
    guest: &Client,
    words: &str,
    sort: &str,
    (size, from, end): (&str, &str, &str),
    total: i64,
) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let found = page(guest, words, sort, json!({size: 100, from: cursor})).await;
        assert_eq!(
            (&found["totalCount"], &found["isTotalCountExact"]),
            (&json!(total), &json!(true)),
            "{words}, {sort}"
        );
        let nodes = found["nodes"].as_array().unwrap();
        let mut here: Vec<_> = nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect();
        assert!(nodes.iter().all(|node| node["shop"]["name"] == "Mill"));
        let is_forward = size == "first";
        let (more, less) =
            if is_forward { ("hasNextPage", "hasPreviousPage") } else { ("hasPreviousPage", "hasNextPage") };
        assert_eq!(found["pageInfo"][less], !cursor.is_null());
        if !is_forward {
            here.reverse();
        }
        ids.extend(here);
        cursor = found["pageInfo"][end].clone();
        if found["pageInfo"][more] == false {
            return ids;
        }
    }
}

/// What is found, what fits best first.
async fn titles(guest: &Client, words: &str) -> Vec<String> {
    let document = "query($words: String!) { products(filter: {query: $words}, first: 100) { nodes { title } } }";
    let found = guest.send(document, json!({"words": words})).await.ok();
    let nodes = found["products"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn few_hits_and_many_are_in_the_same_order() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Mill").await;
    seller.sell(&shop, "Flour", "1.00", 1).await;
    // `few` is a word of 151 products, `many` of 2,101: of more than are put in order at once. All stand
    // in pairs at the same place, which their ids tell apart.
    app.given_sql(
        "INSERT INTO products (id, shop_id, slug, title, description, status, currency, price_min, price_max, sold_count,
                               search, created_at, updated_at)
         SELECT gen_random_uuid(), shop_id, 'p-' || n, 'P ' || n, '', CASE WHEN n < 2101 THEN 'ACTIVE' ELSE 'DRAFT' END,
                (ARRAY['GBP', 'EUR', 'USD'])[1 + n % 3], 100 + n / 2 % 37, 5000, n / 2 % 41,
                CASE WHEN n % 14 = 0 THEN '''few'':1A ''many'':2A' ELSE '''many'':1A' END::tsvector, now() - n / 2 % 500 * interval '1 hour', now()
         FROM products, generate_series(0, 2200) n WHERE title = 'Flour'",
    );
    let guest = app.guest();
    let forward = ("first", "after", "endCursor");
    let backward = ("last", "before", "startCursor");
    for sort in SORTS {
        let many = walk(&guest, "many", sort, forward, 2101).await;
        let few = walk(&guest, "few", sort, forward, 151).await;
        assert_eq!((many.len(), few.len()), (2101, 151));
        let different: BTreeSet<_> = few.iter().collect();
        let expected: Vec<_> = many.iter().filter(|id| different.contains(id)).collect();
        assert_eq!(few.iter().collect::<Vec<_>>(), expected, "{sort}");
        for (words, all) in [("few", few), ("many", many)] {
            let mut back = walk(&guest, words, sort, backward, i64::try_from(all.len()).unwrap()).await;
            back.reverse();
            assert_eq!(back, all, "{words}, {sort}");
        }
    }
    let nothing = page(&guest, "nobodyhasthis", "NEWEST", json!({"first": 5})).await;
    assert_eq!((&nothing["totalCount"], &nothing["nodes"]), (&json!(0), &json!([])));
}

#[actix_web::test]
async fn what_was_saved_is_found_at_once() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Seller").await;
    let shop = seller.open_shop("Mill").await;
    let guest = app.guest();
    let titles = async |words: &str| titles(&guest, words).await;
    let goods = seller.sell(&shop, "Große Tasse", "1.00", 1).await;
    assert_eq!(titles("tas GROSS").await, ["Große Tasse"]);
    let input = json!({"productId": goods.product, "title": "Kleine Kanne", "expectedVersion": 1});
    seller.mutate("updateProduct", input, "product { id }").await.ok();
    assert_eq!((titles("tasse").await, titles("kanne").await), (vec![], vec!["Kleine Kanne".to_owned()]));
}
