//! What other systems know: the real invoices, and our own format of products.

mod orders;
pub mod products;

use std::{fs, path::PathBuf};

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};

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
