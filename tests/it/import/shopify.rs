//! What Shopify exports.

use std::fs;

use agora::porting::model::Format;

use super::{FORMATS, Folder, counts, export, import_text, rows};
use crate::harness::TestApp;

fn fixture() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/shopify-products.csv")).unwrap()
}

#[actix_web::test]
async fn a_shop_moves_here_with_its_export() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let imported = import_text(&app, &folder, "products_export.csv", &fixture(), |_| {}).await;
    let report = &imported.report;
    assert_eq!(counts(report), [18, 13, 0, 0, 5], "{report}");
    assert_eq!(
        report.rejected.iter().map(|(reason, count)| format!("{count} {reason}")).collect::<Vec<_>>(),
        [
            "2 gift cards are money and no goods",
            "1 options: another variant of the product has the same",
            "1 something new needs a price",
            "1 the SKU stands in an earlier row of the product"
        ]
    );
    let noted: Vec<String> = report.noted.iter().map(|(what, count)| format!("{count} {what}")).collect();
    assert!(noted[0].contains("Cost per item") && !noted[0].contains("Compare"), "{noted:?}");
    assert_eq!(noted[1..], ["6 images that are fetched by the running service", "2 rows of images alone"]);
    assert_eq!(
        rows(
            &app,
            "SELECT concat_ws('|', p.slug, status, brand, c.name, array_to_string(tags, ','), array_to_string(option_names, ','), count(*)) AS row \
             FROM products p JOIN product_variants v ON v.product_id = p.id LEFT JOIN categories c ON c.id = category_id \
             GROUP BY p.id, c.id ORDER BY p.slug"
        ),
        [
            "beeswax-candle|ACTIVE|Bienenhof Müller|Candles|beeswax,gift|Height|2",
            "classic-tee|ACTIVE|Harbour & Co.|Shirts & Tops|organic,summer,unisex|Size,Colour|6",
            "enamel-mug|ACTIVE|Harbour & Co.|Mugs|||1",
            "next-season|DRAFT|Harbour & Co.|||1",
            "old-cap|ARCHIVED|Harbour & Co.|||1",
            "twins|ACTIVE|||Kind|1",
            "winter-scarf|DRAFT||wool||1",
        ]
    );
    let compared = "SELECT DISTINCT concat_ws('|', option_names[1], amount, compare_at_amount) AS row FROM variant_prices \
                    JOIN product_variants v ON v.id = variant_id JOIN products p ON p.id = product_id \
                    WHERE p.slug IN ('classic-tee', 'enamel-mug') ORDER BY row";
    assert_eq!(rows(&app, compared), ["1400", "Size|2490|2990"]);
    let again = import_text(&app, &folder, "products_export.csv", &fixture(), |_| {}).await;
    assert_eq!(counts(&again.report), [18, 0, 0, 13, 5], "{}", again.report);
    for format in FORMATS {
        let first = export(&app, "shop", format).await;
        let copy = format!("copy-{}", format.as_str().to_lowercase().replace('_', "-"));
        let name = if format == Format::Jsonl { "a.jsonl" } else { "a.csv" };
        let imported = import_text(&app, &folder, name, &first, |import| import.shop.clone_from(&copy)).await;
        assert_eq!(counts(&imported.report), [13, 13, 0, 0, 0], "{}", imported.report);
        assert_eq!(export(&app, &copy, format).await, first, "{format}");
    }
}
