//! Products in our own format.

use std::{fs, path::PathBuf};

use agora::{
    platform::{caller::Caller, import::Report},
    porting::service::import_products,
};

use super::{Folder, counts, of_shop, rows};
use crate::harness::TestApp;

/// Imports a file into the shop `tea-and-more`.
pub async fn import(app: &TestApp, file: PathBuf, folder: &Folder) -> Report {
    let rejects = folder.path("rejects.csv");
    let imported = import_products(app.app(), &Caller::system(), of_shop(file, rejects, "tea-and-more")).await.unwrap();
    assert!(imported.is_written);
    imported.report
}

/// Every variant with its product: SKU, titles, description, category, price, pieces, status, words, versions.
fn variants(app: &TestApp) -> Vec<String> {
    rows(
        app,
        "SELECT concat_ws('|', sku, p.title, v.title, p.description, c.name, price, price_min, price_max, on_hand, status, \
         array_to_string(tsvector_to_array(search), ' '), p.version) AS row FROM product_variants v JOIN products p ON p.id = product_id \
         JOIN stock_levels l ON l.variant_id = v.id LEFT JOIN categories c ON c.id = category_id ORDER BY sku",
    )
}

const CSV: &str = "\
sku,title,description,category,price,currency,quantity,product,variant_title,status
MUG-RED,Mug,For tea,Kitchen & Table,4.50,GBP,12,mug,red,
MUG-BLUE,,,,4.75,GBP,3,mug,blue,
POT,Teapot,,Kitchen & Table,19.99,,1,,,draft
";

#[actix_web::test]
async fn products_come_from_csv_and_jsonl_and_are_known_again() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let report = import(&app, folder.write("a.csv", CSV), &folder).await;
    assert_eq!(counts(&report), [3, 3, 0, 0, 0], "{report}");
    let first = [
        "MUG-BLUE|Mug|blue|For tea|Kitchen & Table|475|450|475|3|ACTIVE|blue for mug red tea|1",
        "MUG-RED|Mug|red|For tea|Kitchen & Table|450|450|475|12|ACTIVE|blue for mug red tea|1",
        "POT|Teapot|||Kitchen & Table|1999|1999|1999|1|DRAFT|pot teapot|1",
    ];
    assert_eq!(variants(&app), first);
    let report = import(&app, folder.write("a.csv", CSV), &folder).await;
    assert_eq!(counts(&report), [3, 0, 0, 3, 0], "{report}");
    assert_eq!(variants(&app), first);
    assert_eq!(rows(&app, "SELECT count(*)::text AS row FROM stock_movements"), ["3"]);

    let jsonl = r#"
{"sku": "POT", "price": 18.5, "quantity": 50, "status": "active"}
{"sku": "MUG-GREEN", "title": "Mug", "price": "4.75", "product": "mug", "variant_title": "green", "quantity": 9}
{"sku": "MUG-RED", "product": "mug", "description": "For tea and coffee"}
{"sku": "LID", "title": "Lid", "price": 0}
"#;
    let report = import(&app, folder.write("b.jsonl", jsonl), &folder).await;
    assert_eq!(counts(&report), [4, 2, 1, 0, 1], "{report}");
    assert!(report.rejected.contains_key("the product's first row says otherwise"), "{report}");
    assert_eq!(
        variants(&app),
        [
            "LID|Lid|||0|0|0|0|ACTIVE|lid|1",
            "MUG-BLUE|Mug|blue|For tea|Kitchen & Table|475|450|475|3|ACTIVE|blue for green mug red tea|1",
            "MUG-GREEN|Mug|green|For tea|Kitchen & Table|475|450|475|9|ACTIVE|blue for green mug red tea|1",
            "MUG-RED|Mug|red|For tea|Kitchen & Table|450|450|475|12|ACTIVE|blue for green mug red tea|1",
            "POT|Teapot|||Kitchen & Table|1850|1850|1850|1|ACTIVE|pot teapot|2",
        ],
        "prices and texts follow the file, stock does not: it has moved since"
    );
    let history = "SELECT concat_ws(' ', sku, string_agg(amount::text, ' ' ORDER BY c.id)) AS row FROM price_changes c \
                   JOIN product_variants v ON v.id = variant_id GROUP BY sku ORDER BY sku";
    let told = ["LID 0", "MUG-BLUE 475", "MUG-GREEN 475", "MUG-RED 450", "POT 1999 1850"];
    assert_eq!(rows(&app, history), told, "what is the same again is no change");
    let events = "SELECT concat_ws(' ', p.title, payload ->> 'aspects', payload ->> 'is_public') AS row \
                  FROM (SELECT kind, payload FROM event_outbox UNION ALL SELECT kind, payload FROM events) e \
                  JOIN products p ON p.id = (payload ->> 'product')::uuid WHERE kind = 'product_changed' ORDER BY 1";
    let told = [r#"Mug ["DETAILS"] true"#, r#"Teapot ["PRICE", "STATUS", "DETAILS"] true"#];
    assert_eq!(rows(&app, events), told, "each product that changed is told of once");
    assert_eq!(rows(&app, "SELECT DISTINCT reason AS row FROM stock_movements"), ["RECEIVED"]);
    let available = "SELECT concat_ws(' ', title, is_available) AS row FROM products ORDER BY 1";
    assert_eq!(rows(&app, available), ["Lid f", "Mug t", "Teapot t"]);
    let rejects = fs::read_to_string(folder.path("rejects.csv")).unwrap();
    assert_eq!(
        rejects,
        "line,reason,row\n4,the product's first row says otherwise,\"{\"\"sku\"\": \"\"MUG-RED\"\", \"\"product\"\": \
         \"\"mug\"\", \"\"description\"\": \"\"For tea and coffee\"\"}\"\n"
    );
}

#[actix_web::test]
async fn a_row_that_cannot_be_taken_harms_no_other() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let mut csv =
        String::from("sku,title,price,product\nA,Apple,1,\nB,,1,\nC,Cherry,,\nD,Date,1.999,\nA,Pear,1,\nE,Elder\n");
    for number in 1..=101 {
        csv.push_str(&format!("V{number},Many,1,many\n"));
    }
    csv.push_str("A,,2,many\n");
    let report = import(&app, folder.write("a.csv", &csv), &folder).await;
    // The second A is the same product under another title.
    assert_eq!(counts(&report), [108, 101, 1, 0, 6], "{report}");
    let rejects = fs::read_to_string(folder.path("rejects.csv")).unwrap();
    assert_eq!(
        rejects.lines().collect::<Vec<_>>(),
        [
            "line,reason,sku,title,price,product",
            "3,something new needs a title,B,,1,",
            "4,something new needs a price,C,Cherry,,",
            "5,price: no amount in GBP from zero on,D,Date,1.999,",
            "7,not as many cells as columns,E,Elder",
            "108,a product has at most 100 variants,V101,Many,1,many",
            "109,the SKU belongs to another product,A,,2,many",
        ]
    );
    let one_more = folder.write("b.csv", "sku,title,price,product\nV102,Many,1,many\nV1,Many,3,many\n");
    let report = import(&app, one_more, &folder).await;
    assert_eq!(counts(&report), [2, 0, 1, 0, 1], "{report}");
    assert_eq!(
        rows(
            &app,
            "SELECT concat_ws('|', p.title, price_min, price_max, sku) AS row FROM products p, product_variants v \
                    WHERE v.product_id = p.id AND sku IN ('A', 'V1', 'V2', 'V102') ORDER BY sku"
        ),
        ["Pear|100|100|A", "Many|100|300|V1", "Many|100|300|V2"]
    );
}

#[actix_web::test]
async fn a_product_that_asks_for_more_than_a_row_can_say_ends_no_import() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let first = folder.write("a.csv", "sku,title,price,product,status\nX1,Box,1,box,draft\n");
    assert_eq!(counts(&import(&app, first, &folder).await), [1, 1, 0, 0, 0]);
    for sql in [
        "UPDATE products SET option_names = '{Kind}'",
        "UPDATE product_variants SET option_values = '{Plain}', title = 'Plain'",
        "INSERT INTO attributes (id, handle, name, kind, is_filterable, created_at) \
         VALUES (gen_random_uuid(), 'cloth', 'Cloth', 'TEXT', false, now())",
        "INSERT INTO product_kinds (id, handle, name, created_at) VALUES (gen_random_uuid(), 'box', 'Box', now())",
        "INSERT INTO product_kind_attributes SELECT t.id, a.id, 0, true FROM product_kinds t, attributes a",
        "UPDATE products SET product_kind_id = (SELECT id FROM product_kinds)",
    ] {
        app.given_sql(sql);
    }
    let second = "sku,title,price,product,status\nX1,Box,2,box,active\nX2,Box,3,box,active\nY,Yew,1,,active\n";
    let report = import(&app, folder.write("b.csv", second), &folder).await;
    assert_eq!(counts(&report), [3, 1, 0, 0, 2], "{report}");
    let rejects = fs::read_to_string(folder.path("rejects.csv")).unwrap();
    assert_eq!(
        rejects.lines().skip(1).collect::<Vec<_>>(),
        [
            "2,status: the product lacks what its kind requires,X1,Box,2,box,active",
            "3,options: not a value for each of the product's options,X2,Box,3,box,active",
        ]
    );
    // What can be taken of it is.
    let third = "sku,title,price,product,variant_title\nX1,Box,2,box,Other\nX2,Box,3,box,Else\n";
    let report = import(&app, folder.write("c.csv", third), &folder).await;
    assert_eq!(counts(&report), [2, 0, 1, 0, 1], "{report}");
    let row = "SELECT concat_ws('|', v.title, price, sku) AS row FROM product_variants v WHERE sku LIKE 'X%'";
    assert_eq!(rows(&app, row), ["Plain|200|X1"]);
}

#[actix_web::test]
async fn who_loses_a_name_to_one_of_the_same_file_takes_none_that_others_have() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    import(&app, folder.write("a.csv", "sku,title,price\nA,Lamp,1\nB,Lamp 2 2,1\n"), &folder).await;
    let report = import(&app, folder.write("b.csv", "sku,title,price\nC,Lamp,1\nD,Lamp 2,1\n"), &folder).await;
    assert_eq!(counts(&report), [2, 2, 0, 0, 0], "{report}");
    let slugs = "SELECT concat_ws(' ', sku, slug) AS row FROM products p JOIN product_variants v ON v.product_id = p.id ORDER BY sku";
    assert_eq!(rows(&app, slugs), ["A lamp", "B lamp-2-2", "C lamp-2", "D lamp-2-3"]);
}
