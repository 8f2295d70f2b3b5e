//! Variants of products with options.

use std::fs;

use super::{Folder, counts, import_text, rows};
use crate::harness::TestApp;

const HEADER: &str = "product,title,option1_name,option2_name,option1_value,option2_value,sku,price,quantity\n";

fn variants(app: &TestApp) -> Vec<String> {
    rows(
        app,
        "SELECT concat_ws('|', sku, v.title, array_to_string(option_values, ','), price, ordinal, array_to_string(option_names, ',')) AS row \
         FROM product_variants v JOIN products p ON p.id = product_id ORDER BY p.slug, ordinal",
    )
}

async fn import(app: &TestApp, folder: &Folder, text: &str) -> [u64; 5] {
    let imported = import_text(app, folder, "a.csv", &format!("{HEADER}{text}"), |_| {}).await;
    counts(&imported.report)
}

fn reasons(folder: &Folder) -> Vec<String> {
    let rejects = fs::read_to_string(folder.path("rejects.csv")).unwrap();
    let mut rejects =
        csv::Reader::from_reader(rejects.as_bytes()).into_records().map(Result::unwrap).collect::<Vec<_>>();
    rejects.iter_mut().map(|row| format!("{} {}", &row[0], &row[1])).collect()
}

#[actix_web::test]
async fn new_variants_other_values_and_other_options() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let first = "tee,Tee,Size,Colour,S,Blue,T1,1,5\ntee,,,,M,blue,T2,2,5\ntee,,,,s,BLUE,T3,3,5\ntee,,,,L,,T4,3,5\n";
    assert_eq!(import(&app, &folder, first).await, [4, 2, 0, 0, 2]);
    assert_eq!(
        reasons(&folder),
        [
            "4 options: another variant of the product has the same",
            "5 options: not a value for each of the product's options"
        ]
    );
    assert_eq!(variants(&app), ["T1|S / Blue|S,Blue|100|0|Size,Colour", "T2|M / Blue|M,Blue|200|1|Size,Colour"]);
    // One is new, two exchange their values, and one would have those of another one.
    let second = "tee,,Size,Colour,M,Blue,T1,1,5\ntee,,,,S,Blue,T2,2,5\ntee,,,,L,Red,T3,3,5\ntee,,,,m,blue,T4,3,5\n";
    assert_eq!(import(&app, &folder, second).await, [4, 1, 2, 0, 1]);
    assert_eq!(
        variants(&app),
        [
            "T1|M / Blue|M,Blue|100|0|Size,Colour",
            "T2|S / Blue|S,Blue|200|1|Size,Colour",
            "T3|L / Red|L,Red|300|2|Size,Colour"
        ]
    );
    assert_eq!(import(&app, &folder, second).await, [4, 0, 0, 3, 1]);
    // Other options are for all variants at once.
    assert_eq!(import(&app, &folder, "tee,,Cut,,A,,T1,1,5\ntee,,,,B,,T2,2,5\n").await, [2, 0, 0, 0, 2]);
    let all = "tee,,Cut,,A,,T1,1,5\ntee,,,,B,,T2,2,5\ntee,,,,C,,T3,3,5\n";
    assert_eq!(import(&app, &folder, all).await, [3, 0, 3, 0, 0]);
    assert_eq!(variants(&app), ["T1|A|A|100|0|Cut", "T2|B|B|200|1|Cut", "T3|C|C|300|2|Cut"]);
    assert_eq!(import(&app, &folder, all).await, [3, 0, 0, 3, 0]);
    assert_eq!(
        rows(
            &app,
            "SELECT concat_ws('|', sku, on_hand) AS row FROM stock_levels JOIN product_variants v ON v.id = variant_id ORDER BY sku"
        ),
        ["T1|5", "T2|5", "T3|5"],
        "what begins with pieces gets them once"
    );
}

#[actix_web::test]
async fn a_product_has_a_hundred_variants_and_no_more() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let row =
        |number: usize| format!("many,{},Number,,{number},,V{number},1,1\n", if number == 0 { "Many" } else { "" });
    let text: String = (0..100).map(row).collect();
    assert_eq!(import(&app, &folder, &text).await, [100, 100, 0, 0, 0]);
    assert_eq!(import(&app, &folder, &text).await, [100, 0, 0, 100, 0]);
    let more = "many,,Number,,x,,X,1,1\nmany,,,,7,,V0,1,1\nmany,,,,0,,V7,9,1\n";
    assert_eq!(import(&app, &folder, more).await, [3, 0, 2, 0, 1]);
    assert_eq!(reasons(&folder), ["2 a product has at most 100 variants"]);
    let of = "SELECT concat_ws('|', title, price) AS row FROM product_variants WHERE sku IN ('V0', 'V7') ORDER BY sku";
    assert_eq!(rows(&app, of), ["7|100", "0|900"]);
    assert_eq!(rows(&app, "SELECT concat_ws('|', price_min, price_max) AS row FROM products"), ["100|900"]);
}
