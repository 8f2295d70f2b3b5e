//! The demo market: the same everywhere, made once, never where real people are, and what the examples run against.

use std::{fs::Permissions, os::unix::fs::PermissionsExt};

use agora::{
    demo::{
        error::DemoError,
        model::{Filled, PASSWORD, PEOPLE, SHOPKEEPER, SHOPPER},
        service::fill,
    },
    platform::config::{Database as DatabaseSetting, Migrations, Mode, Settings, Switch},
    server::{self, Running, ServeError, graphiql::TABS},
};
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use serde_json::{Value, json};

use super::{
    harness::{Client, TestApp, app::settings, socket::Socket},
    orders::assert_books,
    recommendations::learn_all,
};

async fn demo_market() -> TestApp {
    let app = TestApp::start().await;
    assert_eq!(fill(app.app()).await.unwrap(), Filled::Now);
    app
}

async fn sign_in(app: &TestApp, email: &str) -> Client {
    let input = json!({"email": email, "password": PASSWORD});
    let answer = app.guest().mutate("signIn", input, "result { ... on SignedIn { accessToken } }").await.ok();
    app.guest().with_token(answer["result"]["accessToken"].as_str().unwrap())
}

/// The kinds and names of a document's operations.
fn operations(document: &str) -> Vec<(&str, &str)> {
    document
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(kind, _)| ["query", "mutation", "subscription"].contains(kind))
        .map(|(kind, rest)| (kind, rest.split(['(', ' ']).next().unwrap()))
        .collect()
}

/// Sends one operation of a document, with all variables, as `GraphiQL` does. Panics unless all went well.
async fn run(client: &Client, document: &str, name: &str, variables: &Value) -> Value {
    let body = json!({"query": document, "variables": variables, "operationName": name});
    let mut request = reqwest::Client::new().post(&client.url).json(&body);
    if let Some(token) = &client.token {
        request = request.bearer_auth(token);
    }
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["errors"], Value::Null, "{name}: {answer:#}");
    for (field, value) in answer["data"].as_object().unwrap() {
        assert!(!value.is_null(), "{name}: {field} is null");
        assert!(value.get("userErrors").is_none_or(|errors| *errors == json!([])), "{name}: {value:#}");
    }
    answer["data"].clone()
}

#[actix_web::test]
async fn every_example_runs_as_it_is_in_order() {
    let app = demo_market().await;
    let mut client = app.guest();
    let mut ran = Vec::new();
    for tab in &TABS {
        let variables: Value = tab.variables.map_or(json!({}), |variables| serde_json::from_str(variables).unwrap());
        for (kind, name) in operations(tab.query) {
            ran.push(name);
            if kind == "subscription" {
                let mut socket = Socket::connect(&client, json!({})).await;
                socket.subscribe("1", tab.query, variables.clone()).await;
                if name == "LiveCatalogue" {
                    assert_eq!(socket.next("1").await["productEvents"]["__typename"], "Heartbeat");
                    continue;
                }
                assert_eq!(socket.next("1").await["events"]["__typename"], "Heartbeat");
                let text = json!({"input": {"productId": HEART, "text": "Hello?", "idempotencyKey": "live"}});
                let write = "mutation Write($input: ContactShopInput!) { contactShop(input: $input) { message { id } userErrors { code } } }";
                run(&client, write, "Write", &text).await;
                let mut told = socket.next("1").await;
                // What the tab before wrote may have got its place in the log only now.
                if told["events"]["message"]["content"]["text"] != "Hello?" {
                    told = socket.next("1").await;
                }
                assert_eq!(told["events"]["message"]["content"]["text"], "Hello?");
                continue;
            }
            let data = run(&client, tab.query, name, &variables).await;
            match name {
                "BrowseProducts" => assert!(data["products"]["totalCount"].as_i64().unwrap() >= 5, "{data:#}"),
                "SignIn" => client = client.with_token(data["signIn"]["result"]["accessToken"].as_str().unwrap()),
                "Viewer" => {
                    assert_eq!(data["viewer"]["orders"]["totalCount"], 3);
                    let first = &data["viewer"]["orders"]["nodes"][2];
                    let steps: Vec<_> =
                        first["timeline"].as_array().unwrap().iter().map(|step| &step["step"]).collect();
                    assert_eq!(steps, ["PLACED", "PAID", "SHIPPED", "REFUNDED"]);
                    let part = &first["parts"][0];
                    assert_eq!(part["shipments"][0]["trackingNumber"], "MM 2041 7732 9");
                    assert_eq!(part["refunds"][0]["status"], "SUCCEEDED");
                    assert_eq!(first["amountRefunded"]["amount"], "1.50");
                    assert_eq!(data["viewer"]["conversations"]["nodes"][0]["unreadCount"], 1);
                }
                "PlaceAnOrder" => assert_eq!(data["placeOrder"]["order"]["total"]["amount"], "5.90"),
                "PayForIt" => assert_eq!(data["payOrder"]["order"]["paymentState"], "PAID"),
                "PricesAndStock" => {
                    let first = &data["products"]["nodes"][0];
                    assert_eq!(first["priceRangeIn"]["min"]["currency"], "EUR", "{data:#}");
                    assert_eq!(first["shop"]["policies"].as_array().unwrap().len(), 2);
                }
                "Reviews" => assert_eq!(data["products"]["nodes"][0]["rating"]["average"], 5.0, "{data:#}"),
                "LikeIt" => assert_eq!(data["favoriteProduct"]["product"]["isFavorite"], true),
                "WishLists" => {
                    assert!(data["viewer"]["favorites"]["nodes"][0]["product"]["title"].is_string());
                    assert_eq!(data["viewer"]["wishLists"][0]["items"]["nodes"].as_array().unwrap().len(), 3);
                }
                "MyCart" => {
                    assert_eq!(data["viewer"]["cart"]["lines"][0]["quantity"], 2);
                    assert_eq!(data["viewer"]["cart"]["problems"], json!([]));
                }
                "Home" => {
                    let cart = &data["viewer"]["home"][0];
                    assert_eq!(
                        (&cart["kind"], &cart["title"]),
                        (&json!("CART"), &json!("Still in your cart")),
                        "{data:#}"
                    );
                    assert_eq!(cart["recommendations"]["nodes"][0]["reason"]["text"], "In your cart");
                }
                _ => {}
            }
        }
    }
    assert_books(&app).await;
    let all = [
        "BrowseProducts",
        "SignIn",
        "Viewer",
        "PlaceAnOrder",
        "PayForIt",
        "WriteToAShop",
        "LiveEvents",
        "CategoriesAndAttributes",
        "SearchAndFacets",
        "PricesAndStock",
        "Reviews",
        "LikeIt",
        "WishLists",
        "LiveCatalogue",
        "PutIntoCart",
        "MyCart",
        "Home",
    ];
    assert_eq!(ran, all);
}

/// The product that the examples name.
const HEART: &str = "product_01m237fsr0e7e8kjx8eqq6wp1j";

#[derive(QueryableByName)]
struct Digest {
    #[diesel(sql_type = Text)]
    digest: String,
}

/// What the tables hold, all columns of all rows.
fn contents(database: &TestApp) -> Vec<(&'static str, String)> {
    const TABLES: [&str; 39] = [
        "users",
        "shops",
        "shop_members",
        "categories",
        "attributes",
        "attribute_choices",
        "product_kinds",
        "product_kind_attributes",
        "product_attributes",
        "products",
        "product_variants",
        "variant_prices",
        "price_changes",
        "product_prices",
        "tax_classes",
        "locations",
        "stock_levels",
        "stock_movements",
        "conversations",
        "participants",
        "messages",
        "orders",
        "order_parts",
        "order_lines",
        "order_steps",
        "shipments",
        "shipment_lines",
        "refunds",
        "payment_intents",
        "accounts",
        "transfers",
        "reviews",
        "shop_ratings",
        "shop_profiles",
        "shop_policies",
        "wish_lists",
        "wish_list_items",
        "category_translations",
        "product_translations",
    ];
    let mut conn = database.connect();
    let mut digest = |table| {
        let sql = format!(
            "SELECT count(*) || ' ' || md5(string_agg(t::text, '|' ORDER BY t::text)) AS digest FROM {table} t"
        );
        (table, sql_query(sql).get_result::<Digest>(&mut conn).unwrap().digest)
    };
    TABLES.map(&mut digest).to_vec()
}

#[actix_web::test]
async fn it_is_the_same_everywhere_and_made_once() {
    let (one, other) = (demo_market().await, demo_market().await);
    let made = contents(&one);
    assert_eq!(made, contents(&other));
    assert_eq!(fill(one.app()).await.unwrap(), Filled::Before);
    assert_eq!(contents(&one), made);

    let ada = sign_in(&one, SHOPPER).await;
    let viewer = ada.query("{ viewer { id orders(first: 3) { nodes { id number } } } shop(by: {handle: \"northern-lights\"}) { id } products { totalCount } }").await.ok();
    assert_eq!(
        viewer,
        json!({
            "viewer": {
                "id": "viewer_01m1dzpw00fjxb627akbyp9m79",
                "orders": {"nodes": [
                    {"id": "order_01m7gdme00e01twv8wvhs77v7c", "number": "5HVZ-2S94"},
                    {"id": "order_01m6n5btw0f4290atmcdfadrhd", "number": "QJPG-GPYE"},
                    {"id": "order_01m5swvxc0f02trsp8n2m3bzxn", "number": "QLPA-UQ9Y"},
                ]},
            },
            "shop": {"id": "shop_01m1dzpw00fqtsedcp96y2qn1s"},
            "products": {"totalCount": 300},
        })
    );
}

#[actix_web::test]
async fn its_people_can_sign_in_and_its_shops_have_something_to_do() {
    let app = demo_market().await;
    for person in &PEOPLE {
        sign_in(&app, &person.email()).await;
    }
    let grace = sign_in(&app, SHOPKEEPER).await;
    let desk = "role shop { handle } members { role } orders { totalCount } conversations { nodes { unreadCount } }";
    let desk = grace.query(&format!("{{ viewer {{ shops {{ {desk} }} }} }}")).await.ok()["viewer"]["shops"][0].clone();
    assert_eq!((&desk["role"], &desk["shop"]["handle"]), (&json!("OWNER"), &json!("hearts-and-hooks")));
    assert_eq!(desk["members"].as_array().unwrap().len(), 4);
    assert_eq!(desk["orders"]["totalCount"], 3);
    assert!(desk["conversations"]["nodes"].as_array().unwrap().iter().any(|talk| talk["unreadCount"] != 0));
}

#[actix_web::test]
async fn some_of_its_goods_cost_less_than_before_and_something_in_euros() {
    let app = demo_market().await;
    let document = "{ products(filter: {price: {currency: \"EUR\"}}, sort: PRICE_LOW_TO_HIGH) { totalCount nodes { title variants { \
                    price { amount } compareAtPrice { amount } priceIn(currency: \"EUR\") { price { amount } } \
                    prices { lowestRecentPrice { amount } } } } } taxClasses { handle } }";
    let data = app.guest().query(document).await.ok();
    assert_eq!(data["taxClasses"], json!([{"handle": "reduced"}, {"handle": "zero"}]));
    assert_eq!(data["products"]["totalCount"], 4);
    let lights = &data["products"]["nodes"][1];
    let amount = |amount: &str| json!({"amount": amount});
    let variant = json!({"price": amount("3.95"), "compareAtPrice": amount("4.95"), "priceIn": {"price": amount("4.75")},
                         "prices": [{"lowestRecentPrice": amount("4.95")}, {"lowestRecentPrice": null}]});
    assert_eq!(lights, &json!({"title": "Chilli Lights", "variants": [variant]}));
}

#[actix_web::test]
async fn its_people_say_what_they_think_and_wish_for() {
    let app = demo_market().await;
    let document = "{ product(by: {id: \"product_01m237fsr0e7e8kjx8eqq6wp1j\"}) { rating { average count } reviews { nodes { author { displayName } \
                    reply { text } viewer: author { publicWishLists { name items { nodes { product { title } } } } } } } } }";
    let product = app.guest().query(document).await.ok()["product"].clone();
    assert_eq!(product["rating"], json!({"average": 5.0, "count": 1}));
    let review = &product["reviews"]["nodes"][0];
    assert_eq!(review["author"]["displayName"], "Ada Whitfield");
    assert!(review["reply"]["text"].is_string());
    let lists = review["viewer"]["publicWishLists"].as_array().unwrap();
    assert_eq!((lists.len(), lists[0]["items"]["nodes"].as_array().unwrap().len()), (1, 3));
    let viewer = sign_in(&app, SHOPPER).await.query("{ viewer { reviews { totalCount } } }").await.ok();
    assert_eq!(viewer["viewer"]["reviews"]["totalCount"], 2);
}

#[actix_web::test]
async fn enough_people_have_ordered_for_something_to_be_recommended() {
    let app = demo_market().await;
    learn_all(&app).await;
    let document = "{ viewer { home { kind title } buyAgain { variant { id } } } trendingProducts { product { id } } }";
    let data = sign_in(&app, SHOPPER).await.query(document).await.ok();
    let home = data["viewer"]["home"].as_array().unwrap();
    let kinds: Vec<_> = home.iter().map(|section| section["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["FOR_YOU", "BECAUSE_ORDERED", "TRENDING"]);
    assert_eq!(home[1]["title"], "Because you ordered Jam Making Set with Jars");
    assert_eq!(data["trendingProducts"].as_array().unwrap().len(), 10);
    assert!(!data["viewer"]["buyAgain"].as_array().unwrap().is_empty());
}

#[actix_web::test]
async fn its_page_is_there_where_its_people_are_and_runs_nothing_inline() {
    let (app, empty) = (demo_market().await, TestApp::start().await);
    let page = reqwest::get(app.url("/demo")).await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["cache-control"], "no-cache");
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe-eval"), "{policy}");
    let etag = page.headers()["etag"].clone();
    let html = page.text().await.unwrap();
    assert!(!html.contains("src=\"http") && !html.contains("href=\"http"), "{html}");
    assert_eq!(html.matches("<script").count(), 1);
    let urls: Vec<&str> = html.split('"').filter(|part| part.starts_with("/demo/")).collect();
    assert_eq!(urls.len(), 2, "{html}");
    for url in &urls {
        let file = reqwest::get(app.url(url)).await.unwrap();
        assert_eq!(file.status(), 200, "{url}");
        assert!(file.headers()["cache-control"].to_str().unwrap().contains("immutable"), "{url}");
    }
    let held = reqwest::Client::new().get(app.url("/demo")).header("if-none-match", etag).send().await.unwrap();
    assert_eq!(held.status(), 304);
    assert_eq!(reqwest::get(app.url("/demo/0000000000000000/demo.js")).await.unwrap().status(), 404);
    for url in ["/demo", urls[0], urls[1]] {
        assert_eq!(reqwest::get(empty.url(url)).await.unwrap().status(), 404, "{url}");
    }
}

#[actix_web::test]
async fn it_is_never_poured_into_a_market_that_has_people() {
    let app = TestApp::start().await;
    app.sign_up("Ada").await;
    assert!(matches!(fill(app.app()).await, Err(DemoError::NotEmpty)));
    assert_eq!(app.guest().query("{ products { totalCount } }").await.ok()["products"]["totalCount"], 0);
}

async fn refusal(settings: Settings) -> ServeError {
    match server::build(settings).await {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    }
}

#[actix_web::test]
async fn production_does_not_start_where_passwords_are_public() {
    let app = demo_market().await;
    let production = Settings { mode: Mode::Production, ..settings(DatabaseSetting::Url(app.database_url().into())) };
    let error = refusal(production).await;
    assert!(matches!(error, ServeError::DemoPeople), "{error}");
    assert!(error.to_string().contains("--database-url") && error.to_string().contains("--mode"), "{error}");
}

async fn start(folder: &tempfile::TempDir) -> Running {
    let database = DatabaseSetting::Private {
        data_dir: folder.path().join("state"),
        bin: None,
        cache_dir: folder.path().join("cache"),
    };
    let development = Settings { migrations: Migrations::Apply, graphiql: Switch::On, ..settings(database) };
    server::build(development).await.unwrap()
}

#[actix_web::test]
async fn an_empty_private_market_becomes_one_and_says_whom_to_sign_in_as() {
    let folder = tempfile::Builder::new().prefix("agora-").tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let running = start(&folder).await;
    let banner = running.banner().await.unwrap();
    let base = format!("http://{}", running.address);
    let data = folder.path().join("state");
    for part in [
        format!("GraphiQL    {base}/graphiql\n"),
        format!("GraphQL     {base}/graphql\n"),
        format!("Mailbox     {base}/dev/mail\n"),
        format!("Data        {}\n", data.display()),
        "started by this process\n".into(),
        format!("Demo page   {base}/demo\n"),
        format!("{SHOPPER} (a shopper) or {SHOPKEEPER} (a shopkeeper)\n"),
        format!("Password    {PASSWORD}\n"),
    ] {
        assert!(banner.contains(&part), "no {part:?} in {banner}");
    }
    assert_eq!(fill(&running.app).await.unwrap(), Filled::Before);
    running.stop().await.unwrap();
}
