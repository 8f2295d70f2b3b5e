//! kill -9, of the service and of Postgres, in the middle of orders: every answered order is there, none twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use agora::platform::{
    migrations,
    private_postgres::{Options, PrivatePostgres},
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::{
    costs::count,
    harness::{
        Client, TestApp,
        app::{MASTER_KEY, PASSWORD},
        market::Goods,
        program::Program,
    },
    orders::assert_books,
};

const ORDERS: usize = 200;
const AT_ONCE: usize = 16;

/// Asks for an order under a key. Returns its id, or nothing when there was no answer.
async fn try_order(client: &Client, goods: &Goods, key: &str) -> Option<String> {
    let input = json!({
        "lines": [{"variantId": goods.variant, "quantity": 1}],
        "shippingAddress": {"name": "Bob", "lines": ["1 Street"], "postalCode": "N1 9AG", "city": "London", "country": "GB"},
        "expectedTotal": {"amount": goods.price, "currency": "GBP"},
        "idempotencyKey": key,
    });
    let document =
        "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { order { id } userErrors { code } } }";
    let answer = client.try_send(document, json!({"input": input})).await?;
    if !answer.errors.is_empty() {
        assert_eq!(answer.errors[0]["extensions"]["isRetryable"], true, "{answer:#?}");
        return None;
    }
    assert_eq!(answer.data["placeOrder"]["userErrors"], json!([]), "{answer:#?}");
    Some(answer.data["placeOrder"]["order"]["id"].as_str().unwrap().to_owned())
}

/// All orders of the buyer by the market's own word.
async fn orders_of(client: &Client) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut after = Value::Null;
    loop {
        let document = "query($after: String) { viewer { orders(first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } }";
        let page = client.send(document, json!({"after": after})).await.ok()["viewer"]["orders"].clone();
        for node in page["nodes"].as_array().unwrap() {
            assert!(ids.insert(node["id"].as_str().unwrap().to_owned()), "an order is listed twice");
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return ids;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Sends all orders, `AT_ONCE` at a time, and calls `harm` once some were answered. Returns what was answered.
async fn storm(client: &Client, goods: &Goods, harm: impl FnOnce()) -> BTreeMap<String, String> {
    let answered = AtomicUsize::new(0);
    let mut harm = Some(harm);
    let mut outcomes = stream::iter(0..ORDERS)
        .map(|number| {
            let key = format!("order {number}");
            async move { (try_order(client, goods, &key).await, key) }
        })
        .buffer_unordered(AT_ONCE);
    let mut known = BTreeMap::new();
    while let Some((id, key)) = outcomes.next().await {
        if let Some(id) = id {
            known.insert(key, id);
            if answered.fetch_add(1, Ordering::Relaxed) == ORDERS / 4
                && let Some(harm) = harm.take()
            {
                harm();
            }
        }
    }
    assert!(harm.is_none(), "nothing was harmed");
    known
}

/// Sends every order again until each has an answer; those that had one keep it.
async fn finish(client: &Client, goods: &Goods, known: &BTreeMap<String, String>) {
    let mut ids = BTreeSet::new();
    for number in 0..ORDERS {
        let key = format!("order {number}");
        let mut id = None;
        for _ in 0..150 {
            id = try_order(client, goods, &key).await;
            if id.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let id = id.unwrap_or_else(|| panic!("{key} is never answered"));
        assert!(known.get(&key).is_none_or(|first| *first == id), "{key} was answered with another order before");
        ids.insert(id);
    }
    assert_eq!(ids.len(), ORDERS);
    assert_eq!(orders_of(client).await, ids);
}

#[actix_web::test]
async fn the_service_is_killed_in_the_middle_of_orders() {
    let app = TestApp::start().await;
    let seller = app.sign_up("Sally").await;
    let shop = seller.open_shop("Candles").await;
    let goods = seller.sell(&shop, "Holder", "1.00", 1_000).await;
    let buyer = app.sign_up("Bob").await;

    let url = app.database_url().to_owned();
    let arguments = [
        "--database-url",
        &url,
        "--mode",
        "development",
        "--master-key",
        MASTER_KEY,
        "--unpaid-orders",
        "1000",
        "--cost-limit-person",
        "1000000",
    ];
    let first = Program::serve(&arguments);
    let sign_in = json!({"email": buyer.email, "password": PASSWORD});
    let session = first.client().mutate("signIn", sign_in, "result { ... on SignedIn { accessToken } }").await.ok();
    let token = session["result"]["accessToken"].as_str().unwrap();
    let client = first.client().with_token(token);
    let known = storm(&client, &goods, || first.kill()).await;
    assert!(known.len() < ORDERS, "the service outlived all orders");

    let second = Program::serve(&arguments);
    finish(&second.client().with_token(token), &goods, &known).await;
    assert_eq!(count(&mut app.connect(), "SELECT sum(on_hand) AS count FROM stock_levels"), 800);
    assert_books(&app).await;
    assert!(second.terminate().success());
}

#[actix_web::test]
async fn postgres_is_killed_in_the_middle_of_orders() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // A cluster of its own, and a durable one: what was answered has to be on the disk.
    let options = Options::new(folder.path().join("state"));
    let postgres = tokio::task::spawn_blocking(move || PrivatePostgres::start(&options).unwrap()).await.unwrap();
    let url = postgres.url("agora");
    migrations::apply(&url).unwrap();
    let app = TestApp::start_on(url).await;
    let seller = app.sign_up("Sally").await;
    let shop = seller.open_shop("Candles").await;
    let goods = seller.sell(&shop, "Holder", "1.00", 1_000).await;
    let buyer = app.sign_up("Bob").await;

    let known = storm(&buyer, &goods, || {
        let data = fs::read_dir(folder.path().join("state")).unwrap().map(|entry| entry.unwrap().path());
        let pid_file = data.map(|path| path.join("postmaster.pid")).find(|path| path.exists()).unwrap();
        let pid: i32 = fs::read_to_string(pid_file).unwrap().lines().next().unwrap().trim().parse().unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    })
    .await;
    assert!(known.len() < ORDERS, "Postgres was not missed");
    finish(&buyer, &goods, &known).await;
    assert_eq!(count(&mut app.connect(), "SELECT sum(on_hand) AS count FROM stock_levels"), 800);
    assert_books(&app).await;
    app.stop().await;
    tokio::task::spawn_blocking(move || postgres.stop().unwrap()).await.unwrap();
}
