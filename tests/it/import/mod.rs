//! What other systems know: the real invoices, and our own format of products.

mod exports;
mod fetching;
mod images;
mod options;
mod orders;
mod policies;
mod prices;
pub mod products;
mod sent;
mod shopify;
mod stretches;
mod taken;

use std::{fs, path::PathBuf};

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};

use agora::{
    platform::{caller::Caller, import::Report},
    porting::{
        model::{Format, Policy},
        service::{ExportProducts, ImportProducts, Imported, export_products, import_products},
    },
};

use crate::harness::TestApp;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

/// What a statement with one column of text named `row` yields.
fn rows(app: &TestApp, sql: &str) -> Vec<String> {
    let rows: Vec<Row> = sql_query(sql).load(&mut app.connect()).unwrap();
    rows.into_iter().map(|row| row.row).collect()
}

/// A folder of one test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }
}

const FORMATS: [Format; 3] = [Format::Csv, Format::Jsonl, Format::ShopifyCsv];

/// The import of a file into a shop, as it is without any option.
fn of_shop(file: PathBuf, rejects: PathBuf, shop: &str) -> ImportProducts {
    let (format, owner) = (None, None);
    ImportProducts { file, format, rejects, shop: shop.into(), owner, policy: Policy::RejectRow, is_dry_run: false }
}

/// Imports a text as a file of this name into the shop `shop`.
async fn import_text(
    app: &TestApp,
    folder: &Folder,
    name: &str,
    text: &str,
    change: impl Fn(&mut ImportProducts),
) -> Imported {
    let mut import = of_shop(folder.write(name, text), folder.path("rejects.csv"), "shop");
    change(&mut import);
    import_products(app.app(), &Caller::system(), import).await.unwrap()
}

/// All products of a shop in a format.
async fn export(app: &TestApp, shop: &str, format: Format) -> String {
    let mut bytes = Vec::new();
    export_products(app.app(), &ExportProducts { shop: shop.into(), format }, &mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Read, created, updated, unchanged, rejected.
fn counts(report: &Report) -> [u64; 5] {
    assert_eq!(report.read, report.created + report.updated + report.unchanged + report.rejected());
    [report.read, report.created, report.updated, report.unchanged, report.rejected()]
}
