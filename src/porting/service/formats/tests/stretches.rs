//! Rows of one product: what becomes of those whose first one is not taken, and of those that stand elsewhere.

use super::*;

const SHOPIFY: &str = "Handle,Title,Vendor,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src\n";

fn of_shopify(rows: &str) -> Vec<Read> {
    read(Format::ShopifyCsv, format!("{SHOPIFY}{rows}").as_bytes())
}

fn skus(read: &Read) -> Vec<&str> {
    read.record.variants.iter().map(|variant| variant.sku.as_str()).collect()
}

#[test]
fn nothing_of_a_row_with_too_few_cells_is_kept() {
    let reads = of_shopify(
        "tee,Tee,,Size,S,T-S,1,\ntee,,,,M,T-M,2\ntee,,,,L,T-L,3,https://a.example/l.jpg\n\
         mug,Mug,,,,MUG,4,https://a.example/mug.jpg,more\nmug,,,,,OTHER,4,\n",
    );
    assert_eq!(
        told(&reads),
        [
            "2: Variant",
            "3: not as many cells as columns",
            "4: Variant",
            "5: not as many cells as columns",
            "6: the product's first row was not taken"
        ]
    );
    assert_eq!((skus(&reads[0]), reads[0].record.images.len()), (vec!["T-S", "T-L"], 1));
    assert_eq!((skus(&reads[1]), reads[1].record.images.len()), (vec![], 0));
}

#[test]
fn rows_are_not_taken_whose_first_one_is_not() {
    let first = "the product's first row was not taken";
    let csv = "product,sku,title,brand,price\nmug,A,Mug,Acme,x\nmug,B,,,2\npot,P,Pot,,1\ncup,C\ncup,D,,,1\n,E,,,x\npot,Q,Pan,,1\n";
    assert_eq!(
        told(&read(Format::Csv, csv.as_bytes())),
        [
            "2: price: no amount in GBP from zero on".to_owned(),
            format!("3: {first}"),
            "4: Variant".into(),
            "5: not as many cells as columns".into(),
            format!("6: {first}"),
            "7: price: no amount in GBP from zero on".into(),
            // It begins anew.
            "8: Variant".into(),
        ]
    );
    let jsonl = r#"{"attributes": 1, "product": "mug", "sku": "A", "title": "Mug"}
{"product": "mug", "sku": "B", "description": ""}
"#;
    let told_of = told(&read(Format::Jsonl, jsonl.as_bytes()));
    assert_eq!(told_of[1], format!("2: {first}"), "{told_of:?}");
    let reads = of_shopify("tee,Tee,,Size,S,T-S,x,\ntee,,,,M,T-M,2,\ntee,,,,,,,https://a.example/l.jpg\n");
    assert_eq!(told(&reads)[1..], [format!("3: {first}"), format!("4: {first}")]);
    assert_eq!((&reads[0].record.title, skus(&reads[0])), (&None, vec![]));
}

#[test]
fn a_row_without_a_title_takes_nothing_away() {
    let csv = "product,sku,title,description,brand,tags,category,kind,attributes,option1_name,option1_value\n\
               mug,A,Mug,For tea,Acme,red,Home,cup,a=b,Size,S\npot,P,Pot,,,,,,,,\nmug,B,,,Other,,,,,,M\n";
    let reads = read(Format::Csv, csv.as_bytes());
    let records: Vec<_> = reads.iter().map(|read| &read.record).collect();
    let pot = records[1];
    assert_eq!(
        (pot.description.as_deref(), pot.options.as_deref()),
        (Some(""), Some(&[][..])),
        "it is said to be none"
    );
    let again = ProductRecord {
        handle: Some("mug".into()),
        brand: Some("Other".into()),
        variants: vec![VariantRecord { sku: "B".into(), values: vec!["M".into()], ..VariantRecord::default() }],
        ..ProductRecord::default()
    };
    let mut later = records[2].clone();
    later.variants[0].title = None;
    assert_eq!(later, again);
    // A file without titles may take away.
    let reads = read(Format::Jsonl, br#"{"sku": "A", "description": ""}"#);
    assert_eq!(reads[0].record.description.as_deref(), Some(""));

    let reads = of_shopify(
        "tee,Tee,Acme,Size,S,,1,\nmug,Mug,,Title,Default Title,MUG,4,\ntee,,,,M,,2,\nmug,,,,Default Title,MUG,5,\n",
    );
    assert_eq!(reads[1].record.brand.as_deref(), Some(""));
    let later = &reads[2];
    assert_eq!((&later.record.brand, &later.record.options, skus(later)), (&None, &None, vec!["tee/M"]));
    assert_eq!(later.record.variants[0].values, ["M"]);
    assert_eq!(reads[3].record.variants[0].values, Vec::<String>::new());
}

#[test]
fn very_many_rows_that_cannot_be_taken_are_told_in_parts() {
    let csv = format!("sku,title,price,product\nA,Many,1,many\n{}", "B,,x,many\n".repeat(2 * MAXIMUM_ROWS));
    let sizes = |reads: &[Read]| reads.iter().map(|read| read.rows.len()).collect::<Vec<_>>();
    let reads = read(Format::Csv, csv.as_bytes());
    assert_eq!(sizes(&reads), [MAXIMUM_ROWS, MAXIMUM_ROWS, 1]);
    let alone = format!("sku,price\n{}", "B,x\n".repeat(MAXIMUM_ROWS + 1));
    assert_eq!(sizes(&read(Format::Csv, alone.as_bytes())), [MAXIMUM_ROWS, 1]);
    let row = "tee,,,,M,T-M,2,\n".repeat(MAXIMUM_ROWS);
    let reads = of_shopify(&format!("tee,Tee,,Size,S,T-S,x,\n{row}"));
    assert_eq!(sizes(&reads), [MAXIMUM_ROWS, 1]);
    assert_eq!(told(&reads).last().unwrap(), "1002: the product's first row was not taken");
}

#[test]
fn the_image_of_a_variant_is_one_of_the_products() {
    let csv = "sku,title,product,images,image\nA,Mug,mug,https://a.example/1.jpg One,https://a.example/2.jpg\n\
               B,,mug,,https://a.example/1.jpg\n";
    let reads = read(Format::Csv, csv.as_bytes());
    let urls: Vec<_> = reads[0].record.images.iter().map(|image| image.url.as_str()).collect();
    assert_eq!(urls, ["https://a.example/1.jpg", "https://a.example/2.jpg"]);
}
