//! A shop's orders in CSV.

use agora::orders::service::{ExportOrders, OrdersExportError, export_orders};
use serde_json::json;

use crate::harness::{Client, TestApp, market::Goods};

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
async fn many_orders_are_told_page_by_page_and_each_once() {
    let app = TestApp::start().await;
    let (seller, buyer) = (app.sign_up("Ada").await, app.sign_up("Buyer").await);
    let corner = seller.open_shop("Corner").await;
    let lamp = sell(&seller, &corner, "Lamp", "LA-1").await;
    buyer.order_one(&lamp, "one").await.ok();
    // Two at each moment, over three pages.
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
    let rows = export(&app, &handle(&seller).await, None, None).await;
    assert_eq!(rows.len(), 452);
    let mut numbers: Vec<_> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 451);
    assert!(rows[1..].is_sorted_by_key(|row| row[1].as_str()), "the oldest first");
}
