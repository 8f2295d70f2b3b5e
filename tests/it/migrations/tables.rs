//! What each table must have.

use diesel::{RunQueryDsl, sql_query};

use super::lines;
use crate::harness::cluster::Database;

/// Foreign keys without an index that begins with their columns, in any order: a delete or a join would read the table.
const BARE_FOREIGN_KEYS: &str = "
    SELECT format('%s (%s)', conrelid::regclass, pg_get_constraintdef(k.oid)) AS line FROM pg_constraint k
     WHERE contype = 'f' AND NOT EXISTS (
        SELECT FROM pg_index i
         WHERE i.indrelid = k.conrelid AND i.indpred IS NULL AND i.indisvalid
           AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] <@ k.conkey
           AND k.conkey <@ (i.indkey::int2[])[0:cardinality(k.conkey) - 1])
     ORDER BY 1";

const WITHOUT_PRIMARY_KEY: &str = "
    SELECT relname::text AS line FROM pg_class c
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p') ORDER BY 1";

#[test]
fn every_foreign_key_has_an_index() {
    let database = Database::new();
    let mut conn = database.connect();
    assert_eq!(lines(&mut conn, BARE_FOREIGN_KEYS), Vec::<String>::new());
    sql_query("CREATE TABLE bare (id uuid PRIMARY KEY, user_id uuid REFERENCES users)").execute(&mut conn).unwrap();
    sql_query("CREATE INDEX ON bare (id, user_id)").execute(&mut conn).unwrap();
    sql_query("CREATE INDEX ON bare (user_id) WHERE id IS NULL").execute(&mut conn).unwrap();
    assert_eq!(lines(&mut conn, BARE_FOREIGN_KEYS).len(), 1);
    sql_query("CREATE INDEX ON bare (user_id, id)").execute(&mut conn).unwrap();
    assert_eq!(lines(&mut conn, BARE_FOREIGN_KEYS).len(), 0);
}

#[test]
fn every_table_has_a_primary_key() {
    let database = Database::new();
    let mut conn = database.connect();
    assert_eq!(lines(&mut conn, WITHOUT_PRIMARY_KEY), Vec::<String>::new());
    sql_query("CREATE TABLE heap (number int)").execute(&mut conn).unwrap();
    assert_eq!(lines(&mut conn, WITHOUT_PRIMARY_KEY), ["heap"]);
}
