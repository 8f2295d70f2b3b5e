//! How documents and fields are used, by whom, and within which bounds.

use agora::documents::service;
use serde_json::{Value, json};

use super::{QUERY, hash, persisted, post, trust};
use crate::harness::{Client, TestApp, socket::Socket};

const DOCUMENTS: &str = "{ staff { documents { totalCount nodes { hash operationNames isTrusted text calls errors cost \
     p99Milliseconds lastUsedAt clients { operationName clientName clientVersion calls errors cost p99Milliseconds \
     firstUsedAt lastUsedAt } } } } }";

/// A client that says who it is.
fn named(client: &Client, name: &str, version: &str) -> Client {
    client.with_header("apollographql-client-name", name).with_header("apollographql-client-version", version)
}

async fn staff(app: &TestApp) -> Client {
    let ada = app.sign_up("Ada").await;
    app.given_role(&ada, "SUPPORT");
    ada.client
}

/// The node of a list whose field has this value.
fn found<'a>(nodes: &'a Value, field: &str, value: &str) -> &'a Value {
    let nodes = nodes.as_array().unwrap();
    nodes.iter().find(|node| node[field] == value).unwrap_or_else(|| panic!("no {value} in {nodes:#?}"))
}

/// Names come from clients, and as long as this one they have no place in an index.
#[actix_web::test]
async fn a_name_of_any_length_stops_no_counting() {
    let app = TestApp::start().await;
    let staff = staff(&app).await;
    // Pseudorandom letters, which cannot be compressed.
    let letters =
        (0_u64..8_000).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(n | 1) >> 40);
    let name: String = letters.map(|n| char::from(b'a' + u8::try_from(n % 26).unwrap())).collect();
    let document = format!("query {name} {{ __typename }}");
    let body = json!({"query": document, "extensions": persisted(&hash(&document))});
    post(&app.guest(), body).await.ok();
    app.api().flush_usage().await.unwrap();
    let list = staff.query(DOCUMENTS).await.ok()["staff"]["documents"]["nodes"].clone();
    assert_eq!(found(&list, "hash", &hash(&document))["clients"][0]["operationName"], name[..64]);
}

#[actix_web::test]
async fn the_use_of_documents_is_told_by_client() {
    let app = TestApp::start().await;
    let staff = staff(&app).await;
    let other = TestApp::start_on(app.database_url().to_owned()).await;
    let failing = "query Missing { node(id: \"shop_0\") { id } }";
    trust(&app, &[QUERY]).await;
    let ios = named(&app.guest(), "ios", "1.0");
    for _ in 0..3 {
        ios.query(QUERY).await.ok();
    }
    named(&app.guest(), "ios", "1.1").query(QUERY).await.ok();
    for body in [json!({"query": failing, "extensions": persisted(&hash(failing))}), json!({"query": failing})] {
        assert_eq!(post(&app.guest(), body).await.code(), "BAD_USER_INPUT");
    }
    app.guest().query("query Unnamed { __typename }").await.ok();
    app.api().flush_usage().await.unwrap();
    // Another process counts as well, and writes down what it has when it stops.
    named(&other.guest(), "ios", "1.0").query(QUERY).await.ok();
    other.stop().await;

    let answer = staff.query(DOCUMENTS).await;
    assert!(answer.statements.unwrap() <= 4, "{answer:#?}");
    let list = answer.ok()["staff"]["documents"].clone();
    assert_eq!(list["totalCount"], 2, "{list:#}");
    let roots = found(&list["nodes"], "hash", &hash(QUERY));
    let told = ["calls", "errors", "cost", "isTrusted", "text"].map(|field| roots[field].clone());
    assert_eq!(told, [json!("5"), json!("0"), json!("5"), json!(true), json!(QUERY)]);
    assert!(roots["p99Milliseconds"].as_i64().unwrap() > 0);
    assert_eq!(roots["lastUsedAt"], "2026-11-20T12:00:00+00:00");
    let calls = |version: &str| found(&roots["clients"], "clientVersion", version)["calls"].clone();
    assert_eq!((calls("1.0"), calls("1.1")), (json!("4"), json!("1")));
    assert_eq!(roots["clients"][0]["operationName"], "Roots");
    let missing = found(&list["nodes"], "hash", &hash(failing));
    let told = ["calls", "errors", "isTrusted", "text", "operationNames"].map(|field| missing[field].clone());
    assert_eq!(told, [json!("2"), json!("2"), json!(false), Value::Null, json!(["Missing"])]);

    let trusted = "{ staff { documents(filter: {isTrusted: true}) { totalCount nodes { hash } } } }";
    let list = staff.query(trusted).await.ok()["staff"]["documents"].clone();
    assert_eq!(list, json!({"totalCount": 1, "nodes": [{"hash": hash(QUERY)}]}));
    let page = "query($after: String) { staff { documents(first: 1, after: $after) { pageInfo { endCursor hasNextPage } nodes { hash } } } }";
    let first = staff.query(page).await.ok()["staff"]["documents"].clone();
    let after = json!({"after": first["pageInfo"]["endCursor"]});
    let second = staff.send(page, after).await.ok()["staff"]["documents"].clone();
    assert_ne!(first["nodes"], second["nodes"]);
    assert_eq!((&first["pageInfo"]["hasNextPage"], &second["pageInfo"]["hasNextPage"]), (&json!(true), &json!(false)));
}

#[actix_web::test]
async fn the_use_of_fields_is_told_by_client() {
    let app = TestApp::start().await;
    let staff = staff(&app).await;
    let web = named(&app.guest(), "web", "7");
    for _ in 0..2 {
        web.query("{ products(first: 1) { nodes { ...P } } } fragment P on Product { title shop { name } }").await.ok();
    }
    web.query("{ products(first: 1) { nodes { nonsense } } }").await;
    let phone = json!({"apollographql-client-name": "phone", "apollographql-client-version": "2"});
    let mut socket = Socket::connect(&staff, phone).await;
    socket.subscribe("1", "subscription { events { ... on Heartbeat { cursor } } }", json!({})).await;
    socket.next("1").await;
    app.api().flush_usage().await.unwrap();

    let document = "query($filter: FieldUsageFilter!) { staff { fieldUsage(filter: $filter, first: 100) { totalCount nodes \
                    { coordinate isDeprecated deprecationReason calls lastUsedAt clients { clientName clientVersion calls \
                    firstUsedAt lastUsedAt } } } } }";
    let of = async |type_name: &str| {
        let answer = staff.send(document, json!({"filter": {"typeName": type_name}})).await;
        assert!(answer.statements.unwrap() <= 2, "{answer:#?}");
        answer.ok()["staff"]["fieldUsage"]["nodes"].clone()
    };
    let product = of("Product").await;
    let title = found(&product, "coordinate", "Product.title");
    assert_eq!((&title["calls"], &title["isDeprecated"]), (&json!("2"), &json!(false)));
    let client = &title["clients"][0];
    assert_eq!(
        (&client["clientName"], &client["clientVersion"], &client["calls"]),
        (&json!("web"), &json!("7"), &json!("2"))
    );
    let unused = found(&product, "coordinate", "Product.id");
    assert_eq!((&unused["calls"], &unused["lastUsedAt"], &unused["clients"]), (&json!("0"), &Value::Null, &json!([])));
    assert_eq!(found(&of("Shop").await, "coordinate", "Shop.name")["calls"], "2");
    assert_eq!(found(&of("Query").await, "coordinate", "Query.products")["calls"], "2");
    let events = of("Subscription").await;
    let events = found(&events, "coordinate", "Subscription.events");
    assert_eq!((&events["calls"], &events["clients"][0]["clientName"]), (&json!("1"), &json!("phone")));
    let sdl = agora::api::sdl();
    let fields = sdl.lines().filter(|line| line.contains("@deprecated")).count();
    let deprecated = staff.send(document, json!({"filter": {"isDeprecated": true}})).await.ok();
    assert_eq!(deprecated["staff"]["fieldUsage"]["totalCount"], fields);
    let others = staff.send(document, json!({"filter": {"isDeprecated": false}})).await.ok();
    let nodes = others["staff"]["fieldUsage"]["nodes"].as_array().unwrap();
    assert!(nodes.len() == 100 && nodes.iter().all(|field| field["isDeprecated"] == false), "{nodes:#?}");
}

#[actix_web::test]
async fn clients_and_documents_that_are_told_apart_are_bounded() {
    let app = TestApp::start().await;
    let staff = staff(&app).await;
    app.api().flush_usage().await.unwrap();
    app.given_sql(
        "INSERT INTO usage_clients (name, version) SELECT 'made up', n::text
         FROM generate_series(1, 199 - (SELECT count(*) FROM usage_clients)) n;",
    );
    app.given_sql(
        "INSERT INTO documents (hash, operations, first_seen_at)
         SELECT lpad(to_hex(n), 64, '0'), '{}', '2020-01-01' FROM generate_series(1, 999) n",
    );
    let last = "query Last { __typename }";
    let beyond = "query Beyond { __typename }";
    for (client, document) in [("last", last), ("beyond", last), ("further", last), ("last", beyond)] {
        let client = named(&app.guest(), client, &"9".repeat(64));
        post(&client, json!({"query": document, "extensions": persisted(&hash(document))})).await.ok();
        app.api().flush_usage().await.unwrap();
    }
    let long = named(&app.guest(), "last", &"9".repeat(65));
    long.query(last).await.ok();
    app.api().flush_usage().await.unwrap();
    let list = staff.query(DOCUMENTS).await.ok()["staff"]["documents"].clone();
    assert_eq!(list["totalCount"], 1_000);
    let told = found(&list["nodes"], "hash", &hash(last));
    assert_eq!(told["calls"], "4");
    assert_eq!(found(&told["clients"], "clientName", "last")["calls"], "1");
    assert_eq!(found(&told["clients"], "clientName", "(other)")["calls"], "3");
    assert!(list["nodes"].as_array().unwrap().iter().all(|node| node["hash"] != hash(beyond)));
}

#[actix_web::test]
async fn what_is_not_used_any_more_is_forgotten() {
    let app = TestApp::start().await;
    trust(&app, &["query Kept { __typename }"]).await;
    let guest = named(&app.guest(), "old", "1");
    post(&guest, json!({"query": QUERY, "extensions": persisted(&hash(QUERY))})).await.ok();
    guest.query("query Kept { __typename }").await.ok();
    guest.query("{ products(first: 1) { nodes { id } } }").await.ok();
    app.api().flush_usage().await.unwrap();
    let count = |table: &str| count(&app, table);
    for (days, wanted) in [(90, [2, 2, 3, 1]), (1, [1, 0, 0, 0])] {
        app.advance(chrono::TimeDelta::days(days));
        service::forget_unused(app.app()).await.unwrap();
        assert_eq!(["documents", "document_usage", "field_usage", "usage_clients"].map(count), wanted, "{days}");
    }
}

fn count(app: &TestApp, table: &str) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let query = diesel::sql_query(format!("SELECT count(*) FROM {table}"));
    diesel::RunQueryDsl::get_result::<Count>(query, &mut app.connect()).unwrap().count
}
