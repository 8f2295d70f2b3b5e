//! Rows that a test holds, so that what needs them waits until it lets them go.

use std::time::Duration;

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};

use super::{TestApp, cluster::count};

pub struct Held(PgConnection);

impl Held {
    /// Holds what a statement locks.
    pub fn by(app: &TestApp, sql: &str) -> Self {
        let mut conn = app.connect();
        conn.begin_test_transaction().unwrap();
        let mut held = Self(conn);
        held.run(sql);
        held
    }

    /// Does something in the same transaction.
    pub fn run(&mut self, sql: &str) {
        sql_query(sql).execute(&mut self.0).unwrap();
    }

    /// Until so many wait for a lock.
    pub async fn waited_for_by(&self, app: &TestApp, number: i64) {
        let waiting = "SELECT count(*) AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        let mut found = 0;
        for _ in 0..300 {
            found = count(&mut app.connect(), waiting);
            if found == number {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{found} wait, not {number}");
    }

    /// Lets all go, and keeps what was done.
    pub fn release(mut self) {
        self.run("COMMIT");
    }
}
