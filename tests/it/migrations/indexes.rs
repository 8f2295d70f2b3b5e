//! Indexes that are built and dropped while others write.

use std::{thread, time::Duration};

use agora::platform::migrations;
use diesel::{PgConnection, connection::SimpleConnection};

use super::{CATALOGUE, lines, missing};
use crate::harness::cluster::Database;

/// Takes the newest migrations back, down to this one.
fn revert_to(url: &str, migration: &str) {
    while migrations::revert(url).unwrap().expect(migration) != migration {}
}

/// Somebody who writes to a table for as long as they please.
fn writer(database: &Database, table: &str) -> PgConnection {
    let mut writer = database.connect();
    writer.batch_execute(&format!("BEGIN; LOCK TABLE {table} IN ROW EXCLUSIVE MODE")).unwrap();
    writer
}

#[test]
fn an_index_waits_for_whoever_writes_meanwhile() {
    let database = Database::new();
    let url = database.url();
    revert_to(&url, "2026-11-22-000113_transfers_debit_newest");
    let mut writer = writer(&database, "transfers");
    thread::scope(|scope| {
        let migrating = scope.spawn(|| migrations::apply(&url).unwrap());
        // Longer than a migration may wait that has others wait behind it.
        thread::sleep(Duration::from_secs(6));
        writer.batch_execute("COMMIT").unwrap();
        assert!(migrating.join().unwrap()[0].ends_with("_transfers_debit_newest"));
    });
    assert_eq!(missing(&url), Vec::<String>::new());
}

#[test]
fn an_index_that_was_left_unfinished_keeps_no_migration_from_running() {
    const UNFINISHED: &str = "SELECT indexrelid::regclass::text AS line FROM pg_index WHERE NOT indisvalid";
    let database = Database::new();
    let url = database.url();
    let mut conn = database.connect();
    let before = lines(&mut conn, CATALOGUE);
    for (migration, statement, index) in [
        ("2026-11-22-000115_transfers_debit_dropped", "DROP INDEX CONCURRENTLY transfers_debit", "transfers_debit"),
        (
            "2026-11-22-000113_transfers_debit_newest",
            "CREATE INDEX CONCURRENTLY transfers_debit_newest ON transfers (debit_id, created_at, id)",
            "transfers_debit_newest",
        ),
    ] {
        revert_to(&url, migration);
        let mut writer = writer(&database, "transfers");
        conn.batch_execute("SET lock_timeout = '50ms'").unwrap();
        conn.batch_execute(statement).unwrap_err();
        writer.batch_execute("ROLLBACK").unwrap();
        assert_eq!(lines(&mut conn, UNFINISHED), [index]);

        migrations::apply(&url).unwrap();
        assert_eq!(lines(&mut conn, UNFINISHED), Vec::<String>::new());
        assert_eq!(lines(&mut conn, CATALOGUE), before);
    }
}
