//! All rows or none, trying out, being killed, and two at once.

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use agora::{
    platform::caller::Caller,
    porting::{
        error::PortingError,
        model::{MAXIMUM_AT_ONCE, Policy},
        service::import_products,
    },
};
use futures_util::future::join;

use super::{Folder, counts, import_text, of_shop, rows};
use crate::harness::{TestApp, app::MASTER_KEY};

/// How many rows there are of everything that an import writes.
fn written(app: &TestApp) -> Vec<String> {
    rows(
        app,
        "SELECT concat_ws('|', (SELECT count(*) FROM shops), (SELECT count(*) FROM products), (SELECT count(*) FROM product_variants), \
         (SELECT count(*) FROM categories), (SELECT count(*) FROM stock_movements), (SELECT count(*) FROM import_keys), \
         (SELECT sum(price) FROM product_variants)) AS row",
    )
}

const FIRST: &str = "sku,title,price,product,category\nA,Apple,1,,Fruit\nB,Bread,2,bread,Food > Bread\nC,,3,bread,\n";
/// One is new, one is another, one is as before, and one belongs to somebody else.
const SECOND: &str =
    "sku,title,price,product,category\nD,Date,1,,Fruit\nB,Bread,5,bread,Food > Bread\nC,,3,bread,\nA,,3,bread,\n";

#[actix_web::test]
async fn what_is_only_tried_out_tells_the_same_and_writes_nothing() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    for text in [FIRST, SECOND] {
        let before = written(&app);
        let tried = import_text(&app, &folder, "a.csv", text, |import| import.is_dry_run = true).await;
        assert!(!tried.is_written);
        assert_eq!(written(&app), before);
        let rejects = fs::read(folder.path("rejects.csv")).unwrap();
        let done = import_text(&app, &folder, "a.csv", text, |_| {}).await;
        assert!(done.is_written);
        assert_eq!(tried.report, done.report);
        assert_eq!(rejects, fs::read(folder.path("rejects.csv")).unwrap());
    }
    assert_eq!(written(&app), ["1|3|4|3|0|1|1000"]);
}

#[actix_web::test]
async fn all_rows_or_none() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let all = |import: &mut agora::porting::service::ImportProducts| import.policy = Policy::RejectAll;
    let refused = import_text(&app, &folder, "a.csv", &FIRST.replace(",3,bread,", ",x,bread,"), all).await;
    assert!(!refused.is_written);
    assert_eq!(counts(&refused.report), [3, 2, 0, 0, 1]);
    assert_eq!(written(&app), ["0|0|0|0|0|0"], "not even the shop is opened");
    let taken = import_text(&app, &folder, "a.csv", FIRST, all).await;
    assert!(taken.is_written);
    let before = written(&app);
    let refused = import_text(&app, &folder, "a.csv", SECOND, all).await;
    assert_eq!(counts(&refused.report), [4, 1, 1, 1, 1], "what only the database knows is among it");
    assert_eq!((refused.is_written, written(&app)), (false, before));
    let mut long = String::from("sku\n");
    for number in 0..=MAXIMUM_AT_ONCE {
        long.push_str(&format!("{number}\n"));
    }
    let mut import = of_shop(folder.write("long.csv", &long), folder.path("rejects.csv"), "shop");
    import.is_dry_run = true;
    let refused = import_products(app.app(), &Caller::system(), import).await;
    assert!(matches!(refused, Err(PortingError::TooManyRows)));
}

#[actix_web::test]
async fn two_imports_of_one_file_at_once_make_each_product_once() {
    let (app, folder) = (TestApp::start().await, Folder::new());
    let mut text = String::from("sku,title,price,product\n");
    for number in 0..400 {
        text.push_str(&format!("S{number},Thing {0},1,thing-{0}\n", number / 2));
    }
    import_text(&app, &folder, "first.csv", "sku,title,price\nFIRST,First,1\n", |_| {}).await;
    let file = folder.write("a.csv", &text);
    let caller = Caller::system();
    let [first, second] = ["1.csv", "2.csv"].map(|rejects| of_shop(file.clone(), folder.path(rejects), "shop"));
    let (one, other) =
        join(import_products(app.app(), &caller, first), import_products(app.app(), &caller, second)).await;
    let (one, other) = (one.unwrap().report, other.unwrap().report);
    assert_eq!((one.created + other.created, one.unchanged + other.unchanged), (400, 400), "{one}{other}");
    assert_eq!(
        rows(&app, "SELECT concat_ws('|', count(*), count(DISTINCT product_id)) AS row FROM product_variants"),
        ["401|201"]
    );
}

#[actix_web::test]
async fn killed_in_the_middle_and_run_again_everything_is_there_once() {
    const PRODUCTS: usize = 40_000;
    let (app, folder) = (TestApp::start().await, Folder::new());
    let mut text = String::from("sku,title,price,quantity\n");
    for number in 0..PRODUCTS {
        text.push_str(&format!("S{number},Thing number {number},1.50,2\n"));
    }
    let file = folder.write("a.csv", &text);
    let mut child = Command::new(env!("CARGO_BIN_EXE_agora"))
        .args(["--mode", "development", "--master-key", MASTER_KEY, "--migrations", "check"])
        .args(["--database-url", app.database_url(), "import", "products", "--shop", "shop"])
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let count = || rows(&app, "SELECT count(*)::text AS row FROM products")[0].parse::<usize>().unwrap();
    let mut looks = 0;
    while count() == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended early");
        assert!(looks < 12_000, "nothing is ever written");
        looks += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What was sent before the end may still be committed.
    let busy = "SELECT count(*)::text AS row FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
    while rows(&app, busy) != ["0"] {
        looks += 1;
        assert!(looks < 12_000, "a statement of the killed process never ends");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let before = count();
    assert!(before < PRODUCTS, "it was over before it was killed");
    let import = of_shop(file, folder.path("rejects.csv"), "shop");
    let report = import_products(app.app(), &Caller::system(), import).await.unwrap().report;
    assert_eq!(report.read, u64::try_from(PRODUCTS).unwrap());
    assert_eq!((report.rejected(), report.updated), (0, 0));
    assert!(report.unchanged >= u64::try_from(before).unwrap(), "{report}");
    let all = "SELECT concat_ws('|', count(*), count(DISTINCT sku), sum(on_hand)) AS row FROM product_variants v \
               JOIN stock_levels l ON l.variant_id = v.id";
    assert_eq!(rows(&app, all), ["40000|40000|80000"]);
}
