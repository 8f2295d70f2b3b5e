//! What is exported is imported elsewhere, and exported from there in the same bytes.

use std::{fs, process::Command};

use agora::{demo::service::fill, porting::model::Format};

use super::{FORMATS, Folder, counts, export, import_text, rows};
use crate::harness::{TestApp, app::MASTER_KEY};

fn name(format: Format) -> &'static str {
    match format {
        Format::Jsonl => "a.jsonl",
        Format::Csv | Format::ShopifyCsv => "a.csv",
    }
}

#[actix_web::test]
async fn the_demo_market_goes_out_and_in_and_out_in_the_same_bytes() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    fill(app.app()).await.unwrap();
    let shops = rows(&app, "SELECT handle AS row FROM shops ORDER BY handle");
    for format in FORMATS {
        for shop in &shops {
            let first = export(&app, shop, format).await;
            let copy = format!("copy-{shop}-{}", format.as_str().to_lowercase().replace('_', "-"));
            let imported = import_text(&app, &folder, name(format), &first, |import| {
                import.shop.clone_from(&copy);
                import.format = Some(format);
            });
            let report = imported.await.report;
            assert!(report.created > 0, "{shop}: {report}");
            assert_eq!(counts(&report), [report.read, report.read, 0, 0, 0], "{shop} {format}: {report}");
            assert_eq!(export(&app, &copy, format).await, first, "{shop} {format}");
            // Nothing is new where it came from.
            let again = import_text(&app, &folder, name(format), &first, |import| {
                import.shop.clone_from(shop);
                import.format = Some(format);
            });
            let report = again.await.report;
            assert_eq!(report.rejected() + report.created, 0, "{shop} {format}: {report}");
            if format != Format::ShopifyCsv {
                assert_eq!(report.updated, 0, "{shop} {format}: {report}");
            }
        }
    }
}

#[actix_web::test]
async fn everything_that_is_said_of_a_product_comes_back() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    for sql in [
        "INSERT INTO attributes (id, handle, name, kind, is_filterable, created_at) SELECT gen_random_uuid(), lower(kind), kind, kind, \
         false, now() FROM unnest(ARRAY['TEXT', 'NUMBER', 'CHOICE', 'BOOLEAN', 'DATE']) AS kind",
        "INSERT INTO attribute_choices (id, attribute_id, name, ordinal) SELECT gen_random_uuid(), id, 'Linen', 0 FROM attributes WHERE kind = 'CHOICE'",
        "INSERT INTO product_kinds (id, handle, name, created_at) VALUES (gen_random_uuid(), 'thing', 'Thing', now())",
        "INSERT INTO product_kind_attributes SELECT k.id, a.id, 0, a.kind = 'TEXT' FROM product_kinds k, attributes a",
    ] {
        app.given_sql(sql);
    }
    let first = r#"{"product":"towel","title":"Towel, \"big\"","description":"One\n\nTwo ☕","brand":"Müller & Co.","category":"Home > Bath & Body > Towels","tags":["a, b","blue"],"status":"active","kind":"thing","attributes":{"boolean":"true","choice":"Linen","date":"2026-11-22","number":"12.5","text":"Soft = good"},"option1_name":"Size","option2_name":"Colour","option1_value":"S","option2_value":"Blue","sku":"T-1","variant_title":"","price":"1.50","compare_at_price":"","currency":"GBP","quantity":3,"barcode":"4012345","weight_grams":250}
{"product":"towel","option1_value":"S","option2_value":"Red","sku":"T-2","variant_title":"","price":"2.00","compare_at_price":"2.50","currency":"GBP","quantity":0,"barcode":"","weight_grams":""}
{"product":"plain","title":"Plain","description":"","brand":"","category":"","tags":[],"status":"draft","kind":"","attributes":{},"option1_name":"","sku":"P","variant_title":"","price":"0.00","compare_at_price":"","currency":"GBP","quantity":1,"barcode":"","weight_grams":""}
"#;
    let imported = import_text(&app, &folder, "a.jsonl", first, |_| {}).await;
    assert_eq!(counts(&imported.report), [3, 3, 0, 0, 0], "{}", imported.report);
    let exported = export(&app, "shop", Format::Jsonl).await;
    let parsed =
        |text: &str| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>();
    assert_eq!(parsed(&exported), parsed(first));
    let imported = import_text(&app, &folder, "b.jsonl", &exported, |_| {}).await;
    assert_eq!(counts(&imported.report), [3, 0, 0, 3, 0], "{}", imported.report);
    let csv = export(&app, "shop", Format::Csv).await;
    let imported = import_text(&app, &folder, "b.csv", &csv, |import| import.shop = "other".into()).await;
    assert_eq!(counts(&imported.report), [3, 3, 0, 0, 0], "{}", imported.report);
    assert_eq!(export(&app, "other", Format::Csv).await, csv, "the other shop calls it the same, whatever its URL is");
    assert_eq!(
        rows(&app, "SELECT slug AS row FROM products WHERE slug LIKE 'towel%' ORDER BY slug"),
        ["towel", "towel-2"]
    );
    // What a product says changes by a file, and only that.
    let change = "sku,brand,tags,kind,attributes\nT-1,Other,\"red\",thing,\"text=Rough\nnumber=3\"\nP,,,,\n";
    let imported = import_text(&app, &folder, "c.csv", change, |_| {}).await;
    assert_eq!(counts(&imported.report), [2, 0, 1, 1, 0], "{}", imported.report);
    let said = "SELECT concat_ws('|', brand, array_to_string(tags, ','), text_value, number_value) AS row FROM products p \
                LEFT JOIN product_attributes a ON a.product_id = p.id WHERE slug = 'towel' ORDER BY text_value";
    assert_eq!(rows(&app, said), ["Other|red|Rough", "Other|red|3000000"]);
    // Who is for sale says what the kind requires.
    let lacking = "sku,kind,attributes\nT-1,thing,number=3\nP,unknown,\nT-2,,text=x\n";
    let imported = import_text(&app, &folder, "d.csv", lacking, |_| {}).await;
    assert_eq!(
        imported.report.rejected.keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "attributes: the row does not say of which kind the product is",
            "kind: there is none of this handle",
            "status: the product lacks what its kind requires"
        ]
    );
}

#[actix_web::test]
async fn an_export_that_fails_leaves_the_file_as_it_is() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    import_text(&app, &folder, "a.csv", "sku,title,price\nA,Apple,1\n", |_| {}).await;
    let file = folder.write("out.csv", "before");
    let export = |shop: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_agora"));
        command.args(["--mode", "development", "--master-key", MASTER_KEY, "--migrations", "check"]);
        command.args(["--database-url", app.database_url(), "export", "products", "--shop", shop, "--output"]);
        command.arg(&file).output().unwrap().status.success()
    };
    assert!(!export("nobody"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "before");
    let files = || file.parent().unwrap().read_dir().unwrap().count();
    let before = files();
    assert!(export("shop"));
    assert!(fs::read_to_string(&file).unwrap().contains("Apple"));
    assert_eq!(files(), before, "nothing else is left");
}
