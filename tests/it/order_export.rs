//! A shop's orders in CSV.

use std::{fs, process::Command, time::Duration};

use agora::{
    orders::service::{ExportOrders, OrdersExportError, export_orders},
    platform::config::CaptureTime,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    harness::{Client, TestApp, app::MASTER_KEY, market::Goods, raw::Raw},
    privacy::sign_in,
    shipping::ship,
};

async fn export(app: &TestApp, shop: &str, from: Option<&str>, until: Option<&str>) -> Vec<Vec<String>> {
    let day = |day: &str| day.parse().unwrap();
    let wanted = ExportOrders { shop: shop.into(), from: from.map(day), until: until.map(day) };
    let mut bytes = Vec::new();
    let count = export_orders(app.app(), &wanted, &mut bytes).await.unwrap();
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
    let rows: Vec<Vec<String>> = rows.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    assert_eq!(rows.len(), usize::try_from(count).unwrap() + 1, "with the names of the columns");
    rows
}

async fn sell(seller: &Client, shop: &str, title: &str, sku: &str) -> Goods {
    let variant = json!({"price": {"amount": "2.50", "currency": "GBP"}, "quantity": 1_000, "sku": sku});
    let input = json!({"shopId": shop, "title": title, "variants": [variant]});
    let made = seller.mutate("createProduct", input, "product { id variants { id } }").await.ok()["product"].clone();
    let id = |value: &serde_json::Value| value["id"].as_str().unwrap().to_owned();
    Goods { product: id(&made), variant: id(&made["variants"][0]), price: "2.50" }
}

/// The handle of the shop that somebody works for.
async fn handle(seller: &Client) -> String {
    let data = seller.query("{ viewer { shops { shop { handle } } } }").await.ok();
    data["viewer"]["shops"][0]["shop"]["handle"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_row_is_a_line_as_it_was_agreed() {
    let app = TestApp::start().await;
    let (seller, other, buyer) = (app.sign_up("Ada").await, app.sign_up("Bert").await, app.sign_up("Buyer").await);
    let (corner, barn) = (seller.open_shop("Corner").await, other.open_shop("Barn").await);
    let lamp = sell(&seller, &corner, "Lamp, \"blue\"", "LA-1").await;
    let trap = sell(&seller, &corner, "=HYPERLINK(\"https://evil.example\")", "+1").await;
    let rug = sell(&other, &barn, "Rug", "RU-1").await;
    let order = buyer.order(&[(&lamp, 2), (&trap, 1), (&rug, 1)], "10.00", "one").await.ok()["order"].clone();
    buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", "one").await.ok();
    let number = order["number"].as_str().unwrap();
    let shop = handle(&seller).await;

    let rows = export(&app, &shop, None, None).await;
    let header = [
        "order",
        "placed_at",
        "order_state",
        "payment_state",
        "fulfillment_state",
        "kind",
        "sku",
        "title",
        "quantity",
        "quantity_cancelled",
        "unit_price",
        "discount",
        "tax",
        "tax_percent",
        "is_tax_included",
        "total",
        "currency",
        "country",
        "quantity_shipped",
        "last_shipped_at",
        "tracking_numbers",
        "quantity_returned",
        "returns",
        "part_refunded",
        "authorized_until",
    ];
    assert_eq!(rows[0], header);
    let row = |sku: &'static str, title: &'static str, quantity: &'static str, total: &'static str| {
        [
            number,
            "2026-11-20T12:00:00Z",
            "OPEN",
            "PAID",
            "UNFULFILLED",
            "GOODS",
            sku,
            title,
            quantity,
            "0",
            "2.50",
            "0.00",
            "0.00",
            "0",
            "true",
            total,
            "GBP",
            "GB",
            "0",
            "",
            "",
            "0",
            "",
            "0.00",
            "",
        ]
    };
    assert_eq!(rows[1], row("LA-1", "Lamp, \"blue\"", "2", "5.00"));
    assert_eq!(rows[2], row("'+1", "'=HYPERLINK(\"https://evil.example\")", "1", "2.50"));
    assert_eq!(rows.len(), 3, "what another shop sold with it is not told");

    for (from, until, lines) in [
        (Some("2026-11-20"), Some("2026-11-20"), 2),
        (Some("2026-11-21"), None, 0),
        (None, Some("2026-11-19"), 0),
        (Some("2026-11-21"), Some("2026-11-19"), 0),
    ] {
        assert_eq!(export(&app, &shop, from, until).await.len(), lines + 1, "{from:?} {until:?}");
    }
    let nowhere = ExportOrders { shop: "nowhere".into(), from: None, until: None };
    let refused = export_orders(app.app(), &nowhere, Vec::new()).await;
    assert!(matches!(refused, Err(OrdersExportError::NoShop(shop)) if shop == "nowhere"));
}

#[actix_web::test]
async fn what_is_only_promised_says_until_when() {
    let app = TestApp::start_with(|settings| settings.checkout.capture = CaptureTime::AtShipment).await;
    let (seller, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let corner = seller.open_shop("Corner").await;
    let lamp = sell(&seller, &corner, "Lamp", "LA-1").await;
    let promised = buyer.order_one(&lamp, "promised").await.ok()["order"].clone();
    buyer.pay(promised["id"].as_str().unwrap(), "test_succeeds", "promised").await.ok();
    app.run_jobs().await;
    app.advance(TimeDelta::seconds(1));
    buyer.order_one(&lamp, "unpaid").await.ok();
    let shop = handle(&seller).await;
    let told = async || {
        let rows = export(&app, &shop, None, None).await;
        rows[1..].iter().map(|row| [row[3].clone(), row[24].clone()]).collect::<Vec<_>>()
    };
    assert_eq!(told().await, [["UNPAID", "2026-11-27T12:00:00Z"], ["UNPAID", ""]]);
    let part = &promised["parts"][0]["id"];
    ship(&seller, part, Value::Null, true, "sent").await.ok();
    app.run_jobs().await;
    assert_eq!(told().await, [["PAID", ""], ["UNPAID", ""]]);
}

#[actix_web::test]
async fn many_orders_are_told_page_by_page_and_each_once() {
    let app = TestApp::start().await;
    let (seller, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let corner = seller.open_shop("Corner").await;
    let lamp = sell(&seller, &corner, "Lamp", "LA-1").await;
    buyer.order_one(&lamp, "one").await.ok();
    given_more(&app);
    let rows = export(&app, &handle(&seller).await, None, None).await;
    assert_eq!(rows.len(), 452);
    let mut numbers: Vec<_> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 451);
    assert!(rows[1..].is_sorted_by_key(|row| row[1].as_str()), "the oldest first");
}

/// 450 orders more of what was ordered, two at each moment, over three pages.
fn given_more(app: &TestApp) {
    app.given_sql(
        "WITH template AS (SELECT o.*, p.shop_id FROM orders o JOIN order_parts p ON p.order_id = o.id), \
              more AS (SELECT gen_random_uuid() AS order_id, gen_random_uuid() AS part_id, number AS n \
                         FROM generate_series(1, 450) number), \
              made AS (INSERT INTO orders (id, number, buyer_id, status, currency, total, placed_at) \
                       SELECT more.order_id, 'N' || more.n, t.buyer_id, t.status, t.currency, t.total, \
                              t.placed_at + (more.n / 2) * interval '1 second' FROM more, template t RETURNING id), \
              parts AS (INSERT INTO order_parts (id, order_id, shop_id, ordinal, fulfillment_state, total, placed_at) \
                        SELECT more.part_id, more.order_id, t.shop_id, 1, 'UNFULFILLED', t.total, \
                               t.placed_at + (more.n / 2) * interval '1 second' FROM more, template t RETURNING id) \
         INSERT INTO order_lines (id, part_id, ordinal, kind, title, sku, quantity, unit_price, total) \
         SELECT gen_random_uuid(), more.part_id, 1, 'CHARGE', 'Post', '', 1, t.total, t.total FROM more, template t",
    );
}

/// The address of a file of a desk's orders, and what is refused about it.
async fn url_of(member: &Client, from: &str, until: &str) -> Value {
    let document = format!("{{ viewer {{ shops {{ ordersCsvUrl(from: \"{from}\", until: \"{until}\") }} }} }}");
    member.query(&document).await.ok()["viewer"]["shops"][0]["ordersCsvUrl"].clone()
}

fn parsed(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    rows.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[actix_web::test]
async fn a_shop_has_its_orders_as_a_file_for_a_while() {
    let app = TestApp::start().await;
    let (seller, other, buyer) = (app.sign_up("Ada").await, app.sign_up("Bert").await, app.sign_up("Buyer").await);
    let (corner, barn) = (seller.open_shop("Corner").await, other.open_shop("Barn").await);
    let lamp = sell(&seller, &corner, "Lamp", "@LA-1").await;
    let rug = sell(&other, &barn, "Rug", "RU-1").await;
    let order = buyer.order(&[(&lamp, 3), (&rug, 1)], "10.00", "one").await.ok()["order"].clone();
    buyer.pay(order["id"].as_str().unwrap(), "test_succeeds", "one").await.ok();
    let part = &order["parts"][0]["id"];
    let document = "query($id: ID!) { node(id: $id) { ... on OrderPart { lines { id } } } }";
    let line = seller.send(document, json!({"id": part})).await.ok()["node"]["lines"][0]["id"].clone();
    let two = json!([{"orderLineId": line, "quantity": 2}]);
    let sent = ship(&seller, part, two, true, "sent").await.ok()["shipment"]["id"].clone();
    buyer.mutate("confirmDelivery", json!({"shipmentId": sent}), "shipment { id }").await.ok();
    let back = json!({"orderPartId": part, "lines": [{"orderLineId": line, "quantity": 1}], "reason": "OTHER",
                      "idempotencyKey": "back"});
    buyer.mutate("requestReturn", back, "orderReturn { id }").await.ok();
    let refund = json!({"orderPartId": part, "amount": {"amount": "1.00", "currency": "GBP"}, "reason": "Chipped.",
                        "idempotencyKey": "refund"});
    seller.mutate("refundOrderPart", refund, "refunds { id }").await.ok();
    app.run_jobs().await;

    let url = url_of(&seller, "2026-11-01", "2026-11-30").await;
    let url = url.as_str().unwrap();
    let answer = reqwest::get(url).await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!((answer.status().as_u16(), header("content-type").as_str()), (200, "text/csv; charset=utf-8"));
    assert_eq!(header("cache-control"), "private, no-store");
    assert_eq!(header("content-disposition"), "attachment; filename=\"orders-2026-11-01-2026-11-30.csv\"");
    let rows = parsed(&answer.bytes().await.unwrap());
    assert_eq!(rows.len(), 2, "what another shop sold with it is not told: {rows:?}");
    assert_eq!(rows, export(&app, &handle(&seller).await, None, None).await, "as the operator's");
    assert_eq!(rows[1][6], "'@LA-1");
    assert_eq!(rows[1][18..], ["2", "2026-11-20T12:00:00Z", "AB 1", "1", "REQUESTED", "1.00", ""]);
    // A number that somebody made up is no formula, either.
    app.given_sql("UPDATE shipments SET tracking_number = '=1+1'");
    assert_eq!(parsed(&reqwest::get(url).await.unwrap().bytes().await.unwrap())[1][20], "'=1+1");
    // The other shop has its own.
    let own = url_of(&other, "2026-11-20", "2026-11-20").await;
    assert_eq!(parsed(&reqwest::get(own.as_str().unwrap()).await.unwrap().bytes().await.unwrap())[1][7], "Rug");
    // Days on which nothing was ordered.
    let none = url_of(&seller, "2026-11-21", "2026-11-30").await;
    assert_eq!(parsed(&reqwest::get(none.as_str().unwrap()).await.unwrap().bytes().await.unwrap()).len(), 1);

    // What is not ours, or for another shop or other days, is nowhere.
    let (path, token) = url.rsplit_once('.').unwrap();
    let of_other = own.as_str().unwrap().rsplit_once('.').unwrap().1;
    let others_days = url.replace("2026-11-01", "2026-10-01");
    let longer = path.rsplitn(3, '.').last().unwrap();
    for wrong in [
        format!("{path}.{of_other}"),
        format!("{path}.{token}A"),
        format!("{longer}.9999999999.{}.{token}", seller.id),
        url.replace(&seller.id, &buyer.id),
        others_days,
        format!("{path}."),
        app.url("/order-files/x"),
    ] {
        assert_eq!(reqwest::get(&wrong).await.unwrap().status(), 404, "{wrong}");
    }
    for (from, until) in [("2026-11-02", "2026-11-01"), ("2025-01-01", "2026-11-01")] {
        let document = format!("{{ viewer {{ shops {{ ordersCsvUrl(from: \"{from}\", until: \"{until}\") }} }} }}");
        assert_eq!(seller.query(&document).await.code(), "BAD_USER_INPUT");
    }
    assert_eq!(url_of(&seller, "2026-11-01", "2026-11-30").await, url, "the same for as long as it is good");
    app.advance(TimeDelta::hours(1));
    assert_eq!(reqwest::get(url).await.unwrap().status(), 200);
    app.advance(TimeDelta::hours(1));
    assert_eq!(reqwest::get(url).await.unwrap().status(), 404, "its time is over");
    let anew = url_of(&sign_in(&app, &seller.email).await, "2026-11-01", "2026-11-30").await;
    assert_eq!(reqwest::get(anew.as_str().unwrap()).await.unwrap().status(), 200);
}

/// A shop with so many orders, and so much about them, that its file is far more than the buffers between the two hold.
async fn wordy(app: &TestApp, seller: &Client) -> String {
    let buyer = app.sign_up("Buyer").await;
    let corner = seller.open_shop("Corner").await;
    let lamp = sell(seller, &corner, "Lamp", "LA-1").await;
    buyer.order_one(&lamp, "one").await.ok();
    given_more(app);
    app.given_sql("UPDATE order_lines SET title = repeat('Lamp ', 10000)");
    corner
}

#[actix_web::test]
async fn a_file_is_its_members_and_ends_with_what_they_may_see() {
    let app = TestApp::start().await;
    let (seller, helper) = (app.sign_up("Ada").await, app.sign_up("Helper").await);
    let corner = wordy(&app, &seller).await;
    let member = json!({"shopId": corner, "userId": helper.id, "role": "FULFILLMENT"});
    seller.mutate("addShopMember", member, "member { role }").await.ok();
    let own = url_of(&seller, "2026-11-01", "2026-11-30").await;
    let url = url_of(&helper, "2026-11-01", "2026-11-30").await;
    assert_ne!(own, url);
    let read = reqwest::get(url.as_str().unwrap()).await.unwrap();
    assert_eq!(read.status(), 200);
    // While it is read.
    let left = json!({"shopId": corner, "userId": helper.id});
    seller.mutate("removeShopMember", left, "desk { id }").await.ok();
    assert!(read.bytes().await.is_err(), "it ends early");
    assert_eq!(reqwest::get(url.as_str().unwrap()).await.unwrap().status(), 404);
    let all = reqwest::get(own.as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    assert_eq!(parsed(&all).len(), 452);
}

#[actix_web::test]
async fn a_shop_reads_two_files_at_once_however_slowly() {
    let app = TestApp::start().await;
    let (seller, other) = (app.sign_up("Ada").await, app.sign_up("Bert").await);
    wordy(&app, &seller).await;
    other.open_shop("Barn").await;
    let url = url_of(&seller, "2026-11-01", "2026-11-30").await.as_str().unwrap().to_owned();
    let link = url.split_once("/order-files/").unwrap().1;
    let ask = format!("GET /order-files/{link} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let mut slow = Vec::new();
    for _ in 0..2 {
        let mut connection = Raw::connect(&app.url("/")).await;
        assert!(connection.ask(&ask).await.starts_with("HTTP/1.1 200"));
        slow.push(connection);
    }
    let refused = reqwest::get(&url).await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "5"));
    let of_other = url_of(&other, "2026-11-01", "2026-11-30").await;
    assert_eq!(reqwest::get(of_other.as_str().unwrap()).await.unwrap().status(), 200, "each shop has its own");
    // Who goes away gives it back.
    slow.pop();
    for _ in 0..400 {
        if reqwest::get(&url).await.unwrap().status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a place that is free again is not given away");
}

#[actix_web::test]
async fn the_command_writes_it_to_a_file_or_tells_it() {
    let app = TestApp::start().await;
    let (seller, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let corner = seller.open_shop("Corner").await;
    let lamp = sell(&seller, &corner, "=Lamp", "LA-1").await;
    let order = buyer.order_one(&lamp, "one").await.ok()["order"].clone();
    let shop = handle(&seller).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.csv");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_agora"));
        command.args(["--mode", "development", "--master-key", MASTER_KEY, "--migrations", "check"]);
        command.args(["--database-url", app.database_url(), "export", "orders", "--shop"]);
        command.args(arguments).output().unwrap()
    };
    let told = run(&[shop.as_str()]);
    assert!(told.status.success(), "{told:?}");
    let rows = parsed(&told.stdout);
    assert_eq!(
        (rows.len(), rows[1][0].as_str(), rows[1][7].as_str()),
        (2, order["number"].as_str().unwrap(), "'=Lamp")
    );
    let written =
        run(&[shop.as_str(), "--from", "2026-11-20", "--until", "2026-11-20", "--output", file.to_str().unwrap()]);
    assert!(written.status.success(), "{written:?}");
    assert!(String::from_utf8_lossy(&written.stdout).contains("1 rows are in"), "{written:?}");
    assert_eq!(fs::read(&file).unwrap(), told.stdout);
    let none = run(&[shop.as_str(), "--from", "2026-11-21"]);
    assert_eq!((none.status.success(), parsed(&none.stdout).len()), (true, 1));
    // What is there stays if it fails.
    assert!(!run(&["nobody", "--output", file.to_str().unwrap()]).status.success());
    assert!(!run(&[shop.as_str(), "--from", "yesterday"]).status.success());
    assert_eq!(fs::read(&file).unwrap(), told.stdout);
}
