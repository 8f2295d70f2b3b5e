//! What prices in files are compared with.

use std::fs;

use agora::porting::model::Format;

use super::{Folder, counts, export, import_text, rows};
use crate::harness::TestApp;

fn reasons(folder: &Folder) -> Vec<String> {
    let rejects = fs::read_to_string(folder.path("rejects.csv")).unwrap();
    let rejects = csv::Reader::from_reader(rejects.as_bytes()).into_records().map(Result::unwrap).collect::<Vec<_>>();
    rejects.iter().map(|row| format!("{} {}", &row[0], &row[1])).collect()
}

#[actix_web::test]
async fn what_prices_are_compared_with_follows_the_file() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    for (text, expected, rejected) in [
        (
            "sku,title,price,compare_at_price\nA,Apple,1.00,1.50\nB,Bread,2.00,\nC,Cake,3,3\n",
            [3, 2, 0, 0, 1],
            vec!["4 compare_at_price: not more than the price"],
        ),
        ("sku,compare_at_price\nA,\nB,2.50\n", [2, 0, 2, 0, 0], vec![]),
        ("sku,compare_at_price\nA,\nB,2.50\n", [2, 0, 0, 2, 0], vec![]),
        // By the price that is here.
        ("sku,compare_at_price\nB,1.99\n", [1, 0, 0, 0, 1], vec!["2 compare_at_price: not more than the price"]),
        // What does not stand in the file stays, until the price reaches it.
        ("sku,price\nB,2.40\n", [1, 0, 1, 0, 0], vec![]),
        ("sku,price\nB,2.50\n", [1, 0, 1, 0, 0], vec![]),
        ("sku,product,title,price,compare_at_price\nB,bread,,2,3\nB2,bread,,2,4\n", [2, 1, 1, 0, 0], vec![]),
    ] {
        let imported = import_text(&app, &folder, "a.csv", text, |_| {}).await;
        assert_eq!(counts(&imported.report), expected, "{text}{}", imported.report);
        assert_eq!(reasons(&folder), rejected, "{text}");
    }
    let history = "SELECT concat_ws(' ', sku, amount, compare_at_amount) AS row FROM price_changes c \
                   JOIN product_variants v ON v.id = variant_id ORDER BY sku, c.id";
    assert_eq!(
        rows(&app, history),
        ["A 100 150", "A 100", "B 200", "B 200 250", "B 240 250", "B 250", "B 200 300", "B2 200 400"]
    );
    let versions = "SELECT concat_ws(' ', sku, version) AS row FROM product_variants ORDER BY sku";
    assert_eq!(rows(&app, versions), ["A 2", "B 5", "B2 1"]);
    let told = "SELECT payload ->> 'aspects' AS row FROM (SELECT * FROM event_outbox UNION ALL SELECT * FROM events) e \
                WHERE kind = 'product_changed' ORDER BY row";
    let (price, both) = (r#"["PRICE"]"#, r#"["PRICE", "DETAILS"]"#);
    assert_eq!(rows(&app, told), [both, price, price, price, price]);
    let csv = export(&app, "shop", Format::Csv).await;
    assert!(csv.contains(",2.00,3.00,GBP,") && csv.contains(",2.00,4.00,GBP,") && csv.contains(",1.00,,GBP,"), "{csv}");
}
