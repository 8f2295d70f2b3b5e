//! Rows of one product that stand together, apart, or in several records.

use std::fs;

use super::{Folder, counts, import_text, rows};
use crate::harness::TestApp;

fn products(app: &TestApp) -> Vec<String> {
    rows(
        app,
        "SELECT concat_ws('|', p.slug, p.title, p.description, p.brand, array_to_string(p.tags, ','), c.name, \
         array_to_string(p.option_names, ','), string_agg(concat(v.sku, ' ', v.price), ',' ORDER BY v.sku)) AS row \
         FROM products p JOIN product_variants v ON v.product_id = p.id LEFT JOIN categories c ON c.id = p.category_id \
         GROUP BY p.id, c.id ORDER BY p.slug",
    )
}

#[actix_web::test]
async fn a_row_with_too_few_cells_shifts_nothing() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let text = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\ntee,Tee,Size,S,T-S,1\ntee,,,M,T-M\n\
                tee,,,L,T-L,3\nmug,Mug,,,MUG,\npot,Pot,,,POT,5\n";
    let imported = import_text(&app, &folder, "a.csv", text, |_| {}).await;
    assert_eq!(counts(&imported.report), [5, 3, 0, 0, 2], "{}", imported.report);
    let rejects = fs::read_to_string(folder.path("rejects.csv")).unwrap();
    let told: Vec<_> = rejects.lines().skip(1).collect();
    assert_eq!(told, ["3,not as many cells as columns,tee,,,M,T-M", "5,something new needs a price,mug,Mug,,,MUG,"]);
    assert_eq!(products(&app), ["pot|Pot|||||POT 500", "tee|Tee||||Size|T-L 300,T-S 100"]);
}

#[actix_web::test]
async fn what_a_product_is_stays_when_its_first_row_cannot_be_taken_or_its_rows_stand_apart() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let text = "product,sku,title,description,brand,tags,category,option1_name,option1_value,price\n\
                mug,A,Mug,For tea,Acme,red,Home,Size,S,1\nmug,B,,,,,,,M,2\npot,P,Pot,,,,,,,1\n";
    import_text(&app, &folder, "a.csv", text, |_| {}).await;
    let before = products(&app);
    assert_eq!(before[0], "mug|Mug|For tea|Acme|red|Home|Size|A 100,B 200");
    let faulty = text.replace("Size,S,1", "Size,S,x");
    let imported = import_text(&app, &folder, "b.csv", &faulty, |_| {}).await;
    assert_eq!(counts(&imported.report), [3, 0, 0, 1, 2], "{}", imported.report);
    assert_eq!(imported.report.rejected["the product's first row was not taken"], 1);
    assert_eq!(products(&app), before);
    let apart = "product,sku,title,description,brand,tags,category,option1_name,option1_value,price\n\
                 mug,A,Mug,For tea,Acme,red,Home,Size,S,1\npot,P,Pot,,,,,,,1\nmug,B,,,,,,,M,3\nmug,C,,,,,,,L,4\n";
    let imported = import_text(&app, &folder, "c.csv", apart, |_| {}).await;
    assert_eq!(counts(&imported.report), [4, 1, 1, 2, 0], "{}", imported.report);
    assert_eq!(products(&app)[0], "mug|Mug|For tea|Acme|red|Home|Size|A 100,B 300,C 400");
    // Nothing of rows that are not taken is taken.
    let shopify = "Handle,Title,Vendor,Variant SKU,Variant Price\npot,Other,Other,P,x\n";
    let imported = import_text(&app, &folder, "d.csv", shopify, |_| {}).await;
    assert_eq!(counts(&imported.report), [1, 0, 0, 0, 1], "{}", imported.report);
    assert_eq!(products(&app)[1], "pot|Pot|||||P 100");
}

#[actix_web::test]
async fn of_records_of_one_product_the_later_one_is_right() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    import_text(&app, &folder, "a.csv", "sku,title,price,product\nA,Mug,1,mug\nB,,2,mug\nC,,3,mug\n", |_| {}).await;
    for (text, told, title) in [
        ("sku,title\nA,One\nB,Two\n", [2, 0, 2, 0, 0], "Two"),
        ("sku,title\nA,One\nB,One\nC,Three\n", [3, 0, 2, 1, 0], "Three"),
        ("sku,title,price\nA,,5\nB,Four,\nC,,6\n", [3, 0, 3, 0, 0], "Four"),
    ] {
        let imported = import_text(&app, &folder, "b.csv", text, |_| {}).await;
        assert_eq!(counts(&imported.report), told, "{text}{}", imported.report);
        assert_eq!(rows(&app, "SELECT title AS row FROM products"), [title]);
    }
    assert_eq!(products(&app), ["mug|Four|||||A 500,B 200,C 600"]);
}
