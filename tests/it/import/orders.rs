//! The first month of the UCI "Online Retail" data set; see `tests/data/README.md`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use agora::{
    orders::service::import::{ImportOrders, import_orders},
    platform::{caller::Caller, import::Report},
};
use serde_json::json;

use super::{Folder, rows};
use crate::{
    harness::{TestApp, app::MASTER_KEY},
    orders::assert_books,
};

fn real_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/online-retail-2010-12.csv.gz")
}

async fn import(app: &TestApp, file: PathBuf, folder: &Folder, owner: Option<&str>) -> Report {
    let import = ImportOrders {
        file,
        rejects: folder.path("rejects.csv"),
        shop: "online-retail".into(),
        owner: owner.map(Into::into),
        stock: 100,
    };
    import_orders(app.app(), &Caller::system(), import).await.unwrap()
}

/// Everything that the import wrote, without ids and times of the import: a name for each part of it, and its rows.
fn everything(app: &TestApp) -> Vec<(&'static str, Vec<String>)> {
    const NAMES: &str = "(SELECT target_id, key FROM import_keys)";
    [
        ("shops", "SELECT concat_ws('|', handle, name, currency, country) AS row FROM shops ORDER BY 1".to_owned()),
        ("people", "SELECT concat_ws('|', display_name, email, role) AS row FROM users ORDER BY 1".into()),
        (
            "products",
            "SELECT concat_ws('|', sku, p.title, v.title, price, price_min, price_max, sold_count, status, on_hand, \
             (SELECT string_agg(reason || delta, ',') FROM stock_movements m WHERE m.variant_id = v.id)) AS row \
             FROM products p JOIN product_variants v ON v.product_id = p.id JOIN stock_levels l ON l.variant_id = v.id \
             ORDER BY 1"
                .into(),
        ),
        (
            "orders",
            "SELECT concat_ws('|', number, display_name, o.status, o.total, o.currency, shipping_address, source, o.version, \
             o.placed_at AT TIME ZONE 'UTC', fulfillment_state, p.total, p.placed_at = o.placed_at, conversation_id, \
             balance) AS row FROM orders o JOIN order_parts p ON p.order_id = o.id LEFT JOIN users u ON u.id = buyer_id \
             LEFT JOIN accounts a ON a.owner_id = o.id ORDER BY 1"
                .into(),
        ),
        (
            "lines",
            "SELECT concat_ws('|', number, l.ordinal, kind, l.title, l.sku, v.sku, quantity, unit_price, l.total) AS row \
             FROM order_lines l JOIN order_parts p ON p.id = part_id JOIN orders o ON o.id = order_id \
             LEFT JOIN product_variants v ON v.id = variant_id ORDER BY 1"
                .into(),
        ),
        (
            "returns",
            format!(
                "SELECT concat_ws('|', key, display_name, total, received_at AT TIME ZONE 'UTC', balance) AS row \
                 FROM order_returns r JOIN {NAMES} n ON n.target_id = r.id LEFT JOIN users u ON u.id = buyer_id \
                 LEFT JOIN accounts a ON a.owner_id = r.id ORDER BY 1"
            ),
        ),
        (
            "lines of returns",
            format!(
                "SELECT concat_ws('|', key, r.ordinal, r.kind, r.title, r.sku, v.sku, r.quantity, r.unit_price, r.total, \
                 number, l.ordinal) AS row FROM order_return_lines r JOIN {NAMES} n ON n.target_id = return_id \
                 LEFT JOIN product_variants v ON v.id = r.variant_id LEFT JOIN order_lines l ON l.id = line_id \
                 LEFT JOIN order_parts p ON p.id = part_id LEFT JOIN orders o ON o.id = order_id ORDER BY 1"
            ),
        ),
        ("transfers", "SELECT concat_ws('|', cause, count(*), sum(amount)) AS row FROM transfers GROUP BY cause ORDER BY 1".into()),
        ("money", "SELECT concat_ws('|', kind, count(*), sum(balance)) AS row FROM accounts GROUP BY kind ORDER BY 1".into()),
        ("events", "SELECT count(*)::text AS row FROM event_outbox".into()),
    ]
    .into_iter()
    .map(|(name, sql)| (name, rows(app, &sql)))
    .collect()
}

#[track_caller]
fn assert_same(found: &[(&str, Vec<String>)], wanted: &[(&str, Vec<String>)]) {
    for ((name, found), (_, wanted)) in found.iter().zip(wanted) {
        assert_eq!(found.len(), wanted.len(), "{name}");
        for (found, wanted) in found.iter().zip(wanted) {
            assert_eq!(found, wanted, "{name}");
        }
    }
}

fn part<'a>(everything: &'a [(&'static str, Vec<String>)], name: &str) -> &'a [String] {
    &everything.iter().find(|(part, _)| *part == name).unwrap().1
}

fn made(report: &Report) -> Vec<u64> {
    report.made.iter().map(|(_, count)| *count).collect()
}

#[actix_web::test]
async fn the_real_invoices_are_in_and_a_second_run_changes_nothing() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let ada = app.sign_up("Ada").await;
    let report = import(&app, real_file(), &folder, Some(&ada.email)).await;
    assert_eq!((report.read, report.created, report.updated, report.unchanged), (39_529, 39_327, 0, 0));
    assert_eq!(report.rejected.iter().collect::<Vec<_>>(), [(&"a price of zero or less".to_owned(), &202)]);
    assert_eq!(
        report.made,
        [
            ("shops", 1),
            ("products", 2_702),
            ("customers", 922),
            ("orders", 1_456),
            ("returns", 299),
            ("lines of returns with the line they were bought with", 263),
        ]
    );

    let first = everything(&app);
    let sizes: Vec<(&str, usize)> = first.iter().map(|(name, rows)| (*name, rows.len())).collect();
    assert_eq!(
        sizes,
        [
            ("shops", 1),
            ("people", 923),
            ("products", 2_702),
            ("orders", 1_456),
            ("lines", 38_647),
            ("returns", 299),
            ("lines of returns", 680),
            ("transfers", 2),
            ("money", 2),
            ("events", 1),
        ]
    );
    assert_eq!(part(&first, "transfers"), ["PAYMENT|1456|75571718", "REFUND|299|7418857"]);
    assert_eq!(part(&first, "money"), ["IMPORTED|1|-68152861", "ORDER|1755|68152861"]);
    assert_eq!(part(&first, "events"), ["0"]);
    assert_eq!(
        part(&first, "orders")[0],
        "online-retail/536365|Customer 17850|COMPLETED|13912|GBP|{\"country\": \"GB\"}|IMPORT|1|2010-12-01 08:26:00|\
         DELIVERED|13912|t|13912"
    );
    let count = |name: &str, piece: &str| part(&first, name).iter().filter(|row| row.contains(piece)).count();
    assert_eq!(count("orders", r#"{"country": "IE"}"#), 15);
    assert_eq!(count("orders", r#"{"country": "#), 1_455, "the Channel Islands are no country");
    assert_eq!(count("orders", "Customer "), 1_340);
    assert_eq!((count("lines", "|CHARGE|"), count("lines of returns", "|CHARGE|")), (135, 29));
    assert!(count("lines", "Voucher £40.00|GIFT_0001_40|1|3404|3404") == 1, "the one byte of Latin-1");
    assert_eq!(count("orders", "online-retail/536591|Customer 14606|"), 1, "an invoice with two times");
    assert_eq!(count("orders", "|2010-12-01 16:58:00|"), 0);

    let rejects = fs::read_to_string(folder.path("rejects.csv")).unwrap();
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines.len(), 203);
    assert_eq!(
        lines[..2],
        [
            "line,reason,InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
            "624,a price of zero or less,536414,22139,,56,01/12/2010 11:52,0,,United Kingdom",
        ]
    );

    let again = import(&app, real_file(), &folder, None).await;
    assert_eq!((again.read, again.created, again.updated, again.unchanged), (39_529, 0, 0, 39_327));
    assert_eq!((again.rejected(), made(&again)), (202, vec![0; 6]));
    assert_same(&everything(&app), &first);
    assert_eq!(fs::read_to_string(folder.path("rejects.csv")).unwrap(), rejects);

    the_api_has_them(&app, &ada).await;
    assert_books(&app).await;
}

async fn the_api_has_them(app: &TestApp, owner: &crate::harness::app::Person) {
    let query = r#"{ products(filter: {query: "t-light holder"}, sort: BEST_SELLING, first: 2) {
        totalCount edges { node { title shop { handle } } }
    } }"#;
    let products = app.guest().query(query).await.ok()["products"].clone();
    assert_eq!(products["totalCount"], 43);
    assert_eq!(
        products["edges"][0]["node"],
        json!({"title": "WHITE HANGING HEART T-LIGHT HOLDER", "shop": {"handle": "online-retail"}})
    );

    let query = "{ viewer { shops { orders(first: 1) {
        totalCount
        edges { node { orderNumber orderLifecycle orderPaymentState fulfillmentState shippingAddress { city }
            buyer { displayName } conversation { id } lines { kind } } }
    } } } }";
    let orders = owner.query(query).await.ok()["viewer"]["shops"][0]["orders"].clone();
    assert_eq!(orders["totalCount"], 1_456);
    let newest = &orders["edges"][0]["node"];
    assert_eq!(newest["orderLifecycle"], "COMPLETED");
    assert_eq!(newest["orderPaymentState"], "PAID");
    assert_eq!(newest["fulfillmentState"], "DELIVERED");
    assert_eq!((&newest["shippingAddress"], &newest["conversation"]), (&json!(null), &json!(null)));
}

#[actix_web::test]
async fn killed_in_the_middle_and_run_again_it_ends_as_if_nothing_had_happened() {
    let (whole, broken, folder) = (TestApp::start().await, TestApp::start().await, Folder::new());
    import(&whole, real_file(), &folder, None).await;

    let mut child = Command::new(env!("CARGO_BIN_EXE_agora"))
        .args([
            "--mode",
            "development",
            "--master-key",
            MASTER_KEY,
            "--migrations",
            "check",
            "--database-url",
            broken.database_url(),
        ])
        .args(["import", "orders", "--format", "uci-online-retail", "--rejects"])
        .args([&folder.path("killed.csv"), &real_file()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = || rows(&broken, "SELECT count(*)::text AS row FROM order_lines")[0].parse::<u64>().unwrap();
    let mut looks = 0;
    while lines() == 0 {
        looks += 1;
        assert!(looks < 6_000 && child.try_wait().unwrap().is_none(), "no order was ever written");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What was sent before the end may still be committed.
    let busy = "SELECT count(*)::text AS row FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
    while rows(&broken, busy) != ["0"] {
        looks += 1;
        assert!(looks < 12_000, "a statement of the killed process never ends");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let written = lines();
    assert!(written < 38_647, "it was over before it was killed");
    let halves = "SELECT number AS row FROM orders o JOIN order_parts p ON p.order_id = o.id \
                  LEFT JOIN accounts a ON a.owner_id = o.id \
                  WHERE o.total <> (SELECT sum(total) FROM order_lines WHERE part_id = p.id) OR o.total <> balance";
    assert_eq!(rows(&broken, halves), [""; 0]);

    let report = import(&broken, real_file(), &folder, None).await;
    assert_eq!((report.read, report.created + report.unchanged, report.rejected()), (39_529, 39_327, 202));
    assert!(report.unchanged >= written, "{report}");
    assert_same(&everything(&broken), &everything(&whole));
}

const HEADER: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

#[actix_web::test]
async fn an_invoice_that_grew_is_completed_and_one_that_changed_is_told() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let sale = "1,a,Mug,2,01/12/2010 10:00,1.50,7,EIRE\n";
    let file = folder.write("a.csv", &format!("{HEADER}{sale}"));
    assert_eq!(import(&app, file, &folder, None).await.created, 1);

    let more = "1,mug2,Cup,1,01/12/2010 10:00,1,7,EIRE\n1,POST,Postage,1,01/12/2010 10:01,4,7,EIRE\n";
    let back = "C2,A,Mug,-2,02/12/2010 10:00,1.50,7,EIRE\nC2,A,Mug,-1,02/12/2010 10:00,1.50,7,EIRE\n";
    let file = folder.write("b.csv", &format!("{HEADER}{sale}{more}{back}"));
    let report = import(&app, file, &folder, None).await;
    assert_eq!((report.created, report.unchanged, report.rejected()), (4, 1, 0));
    let all = everything(&app);
    assert_eq!(
        part(&all, "orders"),
        [
            "online-retail/1|Customer 7|COMPLETED|800|GBP|{\"country\": \"IE\"}|IMPORT|2|2010-12-01 10:00:00|DELIVERED|800|t|800"
        ]
    );
    assert_eq!(
        part(&all, "lines of returns"),
        ["C2|1|GOODS|Mug|A|A|2|150|300|online-retail/1|1", "C2|2|GOODS|Mug|A|A|1|150|150"],
        "two came back of the two that were bought; where the third was bought is not known"
    );
    assert_eq!(
        part(&all, "products"),
        ["A|Mug||150|150|150|0|ACTIVE|100|RECEIVED100", "MUG2|Cup||100|100|100|1|ACTIVE|100|RECEIVED100"]
    );

    let changed = "1,A,Mug,3,01/12/2010 10:00,1.50,7,EIRE\n";
    let file = folder.write("c.csv", &format!("{HEADER}{changed}{more}"));
    let report = import(&app, file, &folder, None).await;
    assert_eq!((report.created, report.unchanged, report.rejected()), (0, 2, 1));
    assert!(report.rejected.contains_key("another line was imported as this one of the invoice"), "{report}");
    assert_same(&everything(&app), &all);
}

#[actix_web::test]
async fn a_file_of_another_form_is_refused_as_a_whole() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let file = folder.write("a.csv", "InvoiceNo,StockCode\n1,A\n");
    let refused = async |file: PathBuf, rejects: &str, shop: &str, owner: Option<&str>| {
        let (rejects, owner) = (folder.path(rejects), owner.map(str::to_owned));
        let import = ImportOrders { file, rejects, shop: shop.into(), owner, stock: 1 };
        import_orders(app.app(), &Caller::system(), import).await.unwrap_err().to_string()
    };
    let refusal = refused(file, "r.csv", "x", None).await;
    assert!(
        refusal.ends_with(
            "a.csv: the first line must name the columns InvoiceNo,StockCode,Description,Quantity,\
         InvoiceDate,UnitPrice,CustomerID,Country"
        ),
        "{refusal}"
    );
    let file = folder.write("b.csv", HEADER);
    assert!(refused(file.clone(), "b.csv", "x", None).await.starts_with("--rejects: "));
    assert!(refused(file.clone(), "r.csv", "No Handle", None).await.starts_with("--shop: "));
    let refusal = refused(file, "r.csv", "x", Some("nobody@example.com")).await;
    assert_eq!(refusal, "--owner: nobody has the address nobody@example.com; they sign up first");
    assert_eq!(rows(&app, "SELECT handle AS row FROM shops"), [""; 0]);
}
