//! What variants cost before: the lowest price of thirty days, and the history.

use chrono::TimeDelta;
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::prices::{Market, amount, gbp, in_currency};
use crate::harness::TestApp;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

pub(super) fn lines(app: &TestApp, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = sql_query(sql).load(&mut app.connect()).unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

#[actix_web::test]
async fn the_lowest_price_of_thirty_days_is_told_with_the_present_one() {
    let market = Market::open(json!({"price": gbp("100.00"), "prices": [in_currency("EUR", "120.00", None)]})).await;
    let guest = market.app.guest();
    let set = async |days: i64, change: Value| {
        market.app.advance(TimeDelta::days(days));
        market.change(&market.seller().await, change).await.ok();
        market.costs(&guest).await
    };
    assert_eq!(market.costs(&guest).await, ["GBP 100.00 - -", "EUR 120.00 - -"]);
    // Lowered: until then it cost 100 for all of the thirty days. The other currency has its own history.
    assert_eq!(set(40, json!({"price": gbp("80.00")})).await, ["GBP 80.00 - 100.00", "EUR 120.00 - -"]);
    // To compare it with something is not another price.
    let compared = set(10, json!({"compareAtPrice": gbp("100.00")})).await;
    assert_eq!(compared, ["GBP 80.00 100.00 100.00", "EUR 120.00 - -"]);
    assert_eq!(set(5, json!({"price": gbp("95.00"), "compareAtPrice": null})).await[0], "GBP 95.00 - 80.00");
    // It cost 80 until 29 days before, and 31 days before.
    assert_eq!(set(29, json!({"price": gbp("90.00")})).await[0], "GBP 90.00 - 80.00");
    assert_eq!(set(31, json!({"price": gbp("85.00")})).await[0], "GBP 85.00 - 90.00");
    assert_eq!(set(1, json!({"prices": []})).await, ["GBP 85.00 - 90.00"]);
    let back = set(1, json!({"prices": [in_currency("EUR", "99.00", None)]})).await;
    assert_eq!(back, ["GBP 85.00 - 90.00", "EUR 99.00 - 120.00"]);

    // What it was to cost while nobody could buy it does not count, nor is anything told of it then.
    let status = async |version: i64, status: &str| {
        let input = json!({"productId": market.product, "expectedVersion": version, "status": status});
        market.seller().await.mutate("updateProduct", input, "product { id }").await.ok();
    };
    status(1, "DRAFT").await;
    market.app.advance(TimeDelta::days(40));
    let document =
        "query($id: ID!) { viewer { shops { products { nodes { variants { version } } } } } node(id: $id) { id } }";
    let seen = market.seller().await.send(document, json!({"id": market.variant})).await.ok();
    let version = seen["viewer"]["shops"][0]["products"]["nodes"][0]["variants"][0]["version"].clone();
    let input = json!({"variantId": market.variant, "expectedVersion": version, "price": gbp("1.00")});
    market.seller().await.mutate("updateProductVariant", input, "variant { id }").await.ok();
    assert_eq!(market.costs(&market.seller().await).await, ["GBP 1.00 - -", "EUR 99.00 - -"]);
    market.app.advance(TimeDelta::days(1));
    status(2, "ACTIVE").await;
    assert_eq!(market.costs(&guest).await, ["GBP 1.00 - -", "EUR 99.00 - -"]);
    assert_eq!(set(1, json!({"price": gbp("0.50")})).await[0], "GBP 0.50 - 1.00");
}

#[actix_web::test]
async fn the_history_is_for_the_shops_members() {
    let market = Market::open(json!({"price": gbp("10.00"), "prices": [in_currency("EUR", "12.00", None)]})).await;
    let manager = market.app.sign_up("Marta").await;
    let input = json!({"shopId": market.shop, "userId": manager.id, "role": "MANAGER"});
    market.seller.mutate("addShopMember", input, "member { role }").await.ok();
    market.change(&manager, json!({"price": gbp("9.00"), "compareAtPrice": gbp("10.00"), "prices": []})).await.ok();
    // Nothing new is nothing to write down.
    market.change(&manager, json!({"price": gbp("9.00"), "compareAtPrice": gbp("10.00"), "title": "Blue"})).await.ok();
    let history = market.history().await;
    let told: Vec<_> = history
        .iter()
        .map(|one| {
            let (currency, who) =
                (one["currency"].as_str().unwrap(), one["changedBy"]["displayName"].as_str().unwrap());
            format!("{currency} {} {} {who}", amount(&one["price"]), amount(&one["compareAtPrice"]))
        })
        .collect();
    let mut newest = told[..2].to_vec();
    newest.sort();
    assert_eq!(newest, ["EUR - - Marta", "GBP 9.00 10.00 Marta"]);
    let mut oldest = told[2..].to_vec();
    oldest.sort();
    assert_eq!(oldest, ["EUR 12.00 - Grace", "GBP 10.00 - Grace"]);
    assert!(history.iter().all(|one| one["isForSale"] == true));

    // In pages, and of no other shop's variants.
    let document = "query($id: ID!, $after: String) { viewer { shops { priceChanges(variantId: $id, first: 3, after: $after) \
                    { totalCount nodes { currency } pageInfo { hasNextPage endCursor } } } } }";
    let page = market.seller.send(document, json!({"id": market.variant})).await;
    assert!(page.statements.unwrap() <= 3, "{page:?}");
    let page = page.ok()["viewer"]["shops"][0]["priceChanges"].clone();
    assert_eq!((page["nodes"].as_array().unwrap().len(), &page["pageInfo"]["hasNextPage"]), (3, &json!(true)));
    let variables = json!({"id": market.variant, "after": page["pageInfo"]["endCursor"]});
    let last = market.seller.send(document, variables).await.ok()["viewer"]["shops"][0]["priceChanges"].clone();
    assert_eq!((last["nodes"].as_array().unwrap().len(), &last["pageInfo"]["hasNextPage"]), (1, &json!(false)));
    let stranger = market.app.sign_up("Stranger").await;
    stranger.open_shop("Barn").await;
    let theirs = stranger.send(document, json!({"id": market.variant})).await.ok();
    assert_eq!(theirs["viewer"]["shops"][0]["priceChanges"]["nodes"], json!([]));
    assert_eq!(theirs["viewer"]["shops"][0]["priceChanges"]["totalCount"], 0);
}

#[actix_web::test]
async fn two_who_set_prices_at_once_lose_nothing() {
    let market = Market::open(json!({"price": gbp("100.00")})).await;
    let set = async |number: i64| {
        let version = market.version().await;
        let euros = json!([in_currency("EUR", &format!("{number}.00"), None)]);
        let prices = json!({"price": gbp(&format!("{number}.00")), "prices": euros});
        let mut input = json!({"variantId": market.variant, "expectedVersion": version});
        input.as_object_mut().unwrap().extend(prices.as_object().unwrap().clone());
        let answer = if number % 2 == 0 {
            market.seller.mutate("updateProductVariant", input, "variant { version }").await
        } else {
            let input = json!({"productId": market.product, "variants": [input]});
            market.seller.mutate("updateProductPrices", input, "product { id }").await
        };
        let refusals = answer.refusals();
        assert!(refusals.iter().all(|(code, _)| code == "STALE_VERSION"), "{refusals:?}");
        refusals.is_empty().then_some((version, number))
    };
    let mut done = Vec::new();
    for round in 0..4 {
        done.extend(join_all((1..=8).map(|number| set(round * 10 + number))).await.into_iter().flatten());
    }
    // Of those who had read the same version one came through.
    done.sort_unstable();
    assert!(done.len() >= 4 && done.windows(2).all(|pair| pair[0].0 < pair[1].0), "{done:?}");
    assert_eq!(market.version().await, 1 + i64::try_from(done.len()).unwrap());
    for currency in ["GBP", "EUR"] {
        let history = market.history().await;
        let mut told: Vec<_> =
            history.iter().filter(|one| one["currency"] == currency).map(|one| amount(&one["price"])).collect();
        told.reverse();
        let set: Vec<_> = done.iter().map(|(_, number)| format!("{number}.00")).collect();
        let first = if currency == "GBP" { vec!["100.00".to_owned()] } else { vec![] };
        assert_eq!(told, [first, set].concat(), "{currency}");
    }
    let (_, last) = done.last().unwrap();
    let costs: Vec<_> = market.costs(&market.app.guest()).await;
    assert!(
        costs[0].starts_with(&format!("GBP {last}.00")) && costs[1].starts_with(&format!("EUR {last}.00")),
        "{costs:?}"
    );
}

#[actix_web::test]
async fn what_the_last_release_wrote_is_written_down_too() {
    let market = Market::open(json!({"price": gbp("10.00"), "compareAtPrice": gbp("12.00")})).await;
    let app = &market.app;
    let products =
        "SELECT concat_ws(' ', currency, price_min, price_max, is_active) AS line FROM product_prices ORDER BY 1";
    let changes = "SELECT concat_ws(' ', currency, amount, compare_at_amount, lowest_recent_amount, is_for_sale) AS line \
                   FROM price_changes ORDER BY id";
    // As before the migration, which then runs.
    for table in ["price_changes", "variant_prices", "product_prices"] {
        app.given_sql(&format!("DELETE FROM {table}"));
    }
    let fill = include_str!("../../../migrations/2026-11-22-000064_prices_filled/up.sql");
    for _ in 0..2 {
        app.connect().batch_execute(fill).unwrap();
    }
    assert_eq!(
        (lines(app, products), lines(app, changes)),
        (vec!["GBP 1000 1000 t".into()], vec!["GBP 1000 t".into()])
    );
    let made = "SELECT (v.created_at = c.created_at)::text AS line FROM product_variants v JOIN price_changes c ON v.id = variant_id";
    assert_eq!(lines(app, made), ["true"]);

    // A process of the last release raises the price above what it is compared with, and its list follows at once.
    market.change(&market.seller, json!({"compareAtPrice": gbp("12.00")})).await.ok();
    app.advance(TimeDelta::minutes(1));
    app.given_sql("UPDATE product_variants SET price = 1500");
    app.given_sql("UPDATE products SET price_min = 1500, price_max = 1500");
    assert_eq!(lines(app, products), ["GBP 1500 1500 t"]);
    assert_eq!(market.costs(&app.guest()).await, ["GBP 15.00 - -"]);
    app.given_sql("UPDATE jobs SET run_at = '2000-01-01' WHERE kind = 'products.settle'");
    app.run_jobs().await;
    assert_eq!(lines(app, changes)[2], "GBP 1500 1000 t");
    assert_eq!(market.costs(&app.guest()).await, ["GBP 15.00 - 10.00"]);
    app.given_sql("UPDATE products SET status = 'ARCHIVED'");
    assert_eq!(lines(app, products), ["GBP 1500 1500 f"]);
}
