//! Diesel's tables, as the migrations make them.

use std::collections::BTreeSet;

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Bool, Text},
};

use crate::{harness::cluster::Database, snapshot};

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    keys: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    udt: String,
    #[diesel(sql_type = Bool)]
    is_nullable: bool,
}

/// Columns that Rust reads and writes: generated ones and the partitions' own are left out.
const COLUMNS: &str = r#"
    SELECT c.relname::text AS "table", a.attname::text AS name, t.typname::text AS udt, NOT a.attnotnull AS is_nullable,
           (SELECT string_agg(key.attname, ', ' ORDER BY place)
              FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS keys (number, place), pg_attribute key
             WHERE i.indrelid = c.oid AND i.indisprimary AND key.attrelid = c.oid AND key.attnum = keys.number) AS keys
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname NOT LIKE '\_\_diesel%' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     ORDER BY c.relname COLLATE "C", a.attnum"#;

fn diesel_type(udt: &str) -> String {
    if let Some(element) = udt.strip_prefix('_') {
        return format!("Array<{}>", diesel_type(element));
    }
    let mut letters = udt.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// `src/schema.rs` as the database has it.
fn schema_rs(conn: &mut PgConnection) -> String {
    let columns: Vec<Column> = sql_query(COLUMNS).load(conn).unwrap();
    let mut text = String::from(
        "//! Diesel's tables. Generated columns are left out: no Rust code reads or writes them.\n\
         //! `UPDATE_SCHEMA=1 cargo test schema_rs` writes this file anew from the migrations.\n",
    );
    let tables: Vec<&[Column]> = columns.chunk_by(|one, next| one.table == next.table).collect();
    for table in &tables {
        text += "\ndiesel::table! {\n";
        if table.iter().any(|column| column.udt == "tsvector") {
            let types = table.iter().filter(|column| column.udt != "tsvector").flat_map(|column| {
                let plain = diesel_type(column.udt.trim_start_matches('_'));
                let array = column.udt.starts_with('_').then(|| "Array".to_owned());
                let nullable = column.is_nullable.then(|| "Nullable".to_owned());
                nullable.into_iter().chain(array).chain([plain])
            });
            let types: Vec<_> = types.collect::<BTreeSet<_>>().into_iter().collect();
            text += "    use crate::kernel::tsvector::Tsvector;\n";
            text += &format!("    use diesel::sql_types::{{{}}};\n\n", types.join(", "));
        }
        text += &format!("    {} ({}) {{\n", table[0].table, table[0].keys);
        for Column { name, udt, is_nullable, .. } in *table {
            let sql_type = diesel_type(udt);
            let sql_type = if *is_nullable { format!("Nullable<{sql_type}>") } else { sql_type };
            text += &format!("        {name} -> {sql_type},\n");
        }
        text += "    }\n}\n";
    }
    text += "\ndiesel::allow_tables_to_appear_in_same_query!(\n";
    for table in &tables {
        text += &format!("    {},\n", table[0].table);
    }
    text + ");\n"
}

#[test]
fn schema_rs_equals_the_database() {
    let database = Database::new();
    snapshot("src/schema.rs", &schema_rs(&mut database.connect()));
}
