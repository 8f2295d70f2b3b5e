//! The migrations, and what must be true of the tables that they make.

mod frozen;
mod indexes;
mod schema_rs;
mod tables;

use agora::platform::migrations;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types::Text};

use crate::harness::cluster::Database;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut PgConnection, query: &str) -> Vec<String> {
    sql_query(query).load::<Line>(conn).unwrap().into_iter().map(|row| row.line).collect()
}

/// The migrations that the program knows and the database has not seen.
fn missing(url: &str) -> Vec<String> {
    let known = migrations::status(url).unwrap().into_iter();
    known.filter(|step| !step.is_applied).map(|step| step.name).collect()
}

/// Everything that the catalogue holds of our tables, a line each.
const CATALOGUE: &str = "
    SELECT format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                  CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
                  ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), a.attidentity::text || a.attgenerated::text) AS line
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
     WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('%s %s %s', relkind, relname, pg_get_expr(relpartbound, oid))
      FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT format('%s %s', typtype, typname) FROM pg_type WHERE typnamespace = 'public'::regnamespace
    ORDER BY 1";

#[test]
fn what_goes_up_comes_down_and_goes_up_again() {
    let database = Database::empty();
    let url = database.url();
    let mut conn = database.connect();
    let all = missing(&url);
    assert_eq!(migrations::apply(&url).unwrap(), all);
    assert_eq!(missing(&url), Vec::<String>::new());
    let before = lines(&mut conn, CATALOGUE);
    assert!(before.len() > 100, "{before:#?}");

    for name in all.iter().rev() {
        assert_eq!(migrations::revert(&url).unwrap().as_ref(), Some(name));
    }
    assert_eq!(migrations::revert(&url).unwrap(), None);
    let left: Vec<_> =
        lines(&mut conn, CATALOGUE).into_iter().filter(|line| !line.contains("__diesel_schema_")).collect();
    assert_eq!(left, Vec::<String>::new(), "down.sql leaves something behind");
    assert_eq!(missing(&url), all);

    migrations::apply(&url).unwrap();
    assert_eq!(lines(&mut conn, CATALOGUE), before);
}

#[test]
fn two_processes_may_migrate_at_once() {
    let database = Database::empty();
    let all = missing(&database.url());
    let mut applied: Vec<String> = std::thread::scope(|scope| {
        let run = || migrations::apply(&database.url()).unwrap();
        let runs = [scope.spawn(run), scope.spawn(run)];
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    applied.sort();
    assert_eq!(applied, all);
}
