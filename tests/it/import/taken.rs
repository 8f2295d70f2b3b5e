//! What was free when a batch was planned and is somebody else's when it is written.

use std::time::Duration;

use diesel::{RunQueryDsl, connection::SimpleConnection, sql_query};
use futures_util::future::join;

use super::{Folder, counts, import_text, rows};
use crate::harness::TestApp;

#[actix_web::test]
async fn what_somebody_takes_meanwhile_has_the_batch_planned_anew() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let first = "sku,title,price,product\nA,Apple,1,apple\nB,Bread,1,bread\n";
    import_text(&app, &folder, "a.csv", first, |_| {}).await;
    for (taken, text, told) in [
        ("UPDATE product_variants SET sku = 'C' WHERE sku = 'A'", "sku,price,product\nC,2,bread\n", [1, 0, 0, 0, 1]),
        ("UPDATE products SET slug = 'date' WHERE slug = 'apple'", "sku,title,price\nD,Date,1\n", [1, 1, 0, 0, 0]),
        ("UPDATE product_variants SET sku = 'E' WHERE sku = 'B'", "sku,title,price\nE,Elder,1\n", [1, 0, 1, 0, 0]),
    ] {
        let mut other = app.connect();
        other.batch_execute("BEGIN").unwrap();
        assert_eq!(sql_query(taken).execute(&mut other).unwrap(), 1);
        let taking = async {
            let waiting = "SELECT count(*)::text AS row FROM pg_stat_activity \
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
            while rows(&app, waiting) == ["0"] {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            other.batch_execute("COMMIT").unwrap();
        };
        let (imported, ()) = join(import_text(&app, &folder, "b.csv", text, |_| {}), taking).await;
        assert_eq!(counts(&imported.report), told, "{taken}: {}", imported.report);
    }
    let all = "SELECT concat_ws(' ', sku, p.title, left(slug, 5)) AS row FROM products p JOIN product_variants v ON v.product_id = p.id ORDER BY sku";
    assert_eq!(rows(&app, all), ["C Apple date", "D Date date-", "E Elder bread"]);
}
