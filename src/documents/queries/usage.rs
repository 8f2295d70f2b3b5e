//! SQL of how documents and fields are used.

use diesel::{ExpressionMethods, Insertable, JoinOnDsl, QueryDsl, RunQueryDsl, dsl::sql, upsert::excluded};

use crate::{
    documents::model::{ClientUsage, DocumentHash, FieldClientUsage},
    kernel::error::Failure,
    platform::{
        caller::Client,
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{document_usage, field_usage, usage_clients},
};

/// Rows that one statement writes at the most.
const CHUNK: usize = 500;

/// What is added to the use of a document; no two rows are of the same document, operation and client.
#[derive(Debug, Insertable)]
#[diesel(table_name = document_usage)]
pub struct DocumentRow {
    pub hash: DocumentHash,
    pub operation: String,
    pub client_id: i32,
    pub calls: i64,
    pub errors: i64,
    pub cost: i64,
    pub latencies: Vec<i64>,
    pub first_used_at: Time,
    pub last_used_at: Time,
}

/// What is added to the use of a field; no two rows are of the same field and client.
#[derive(Debug, Insertable)]
#[diesel(table_name = field_usage)]
pub struct FieldRow {
    pub field: String,
    pub client_id: i32,
    pub calls: i64,
    pub first_used_at: Time,
    pub last_used_at: Time,
}

/// All clients that are told apart, with their numbers.
///
/// # Errors
/// If the database fails.
pub fn clients(conn: &mut Conn) -> Result<Vec<(Client, i32)>, Failure> {
    let rows: Vec<(String, String, i32)> =
        usage_clients::table.select((usage_clients::name, usage_clients::version, usage_clients::id)).load(conn)?;
    Ok(rows.into_iter().map(|(name, version, id)| (Client { name, version }, id)).collect())
}

/// # Errors
/// If the database fails.
pub fn insert_clients(tx: &mut Tx<'_>, clients: &[Client]) -> Result<(), Failure> {
    let row = |client: &Client| {
        (usage_clients::name.eq(client.name.clone()), usage_clients::version.eq(client.version.clone()))
    };
    let rows: Vec<_> = clients.iter().map(row).collect();
    diesel::insert_into(usage_clients::table).values(rows).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

/// Adds to what is written down.
///
/// # Errors
/// If the database fails.
pub fn add_document_usage(tx: &mut Tx<'_>, rows: &[DocumentRow]) -> Result<(), Failure> {
    let latencies = "ARRAY(SELECT coalesce(a, 0) + coalesce(b, 0) \
                     FROM unnest(document_usage.latencies, excluded.latencies) WITH ORDINALITY AS bucket(a, b, n) ORDER BY n)";
    for rows in rows.chunks(CHUNK) {
        diesel::insert_into(document_usage::table)
            .values(rows)
            .on_conflict((document_usage::hash, document_usage::operation, document_usage::client_id))
            .do_update()
            .set((
                document_usage::calls.eq(document_usage::calls + excluded(document_usage::calls)),
                document_usage::errors.eq(document_usage::errors + excluded(document_usage::errors)),
                document_usage::cost.eq(document_usage::cost + excluded(document_usage::cost)),
                document_usage::latencies.eq(sql(latencies)),
                document_usage::last_used_at.eq(excluded(document_usage::last_used_at)),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Adds to what is written down.
///
/// # Errors
/// If the database fails.
pub fn add_field_usage(tx: &mut Tx<'_>, rows: &[FieldRow]) -> Result<(), Failure> {
    for rows in rows.chunks(CHUNK) {
        diesel::insert_into(field_usage::table)
            .values(rows)
            .on_conflict((field_usage::field, field_usage::client_id))
            .do_update()
            .set((
                field_usage::calls.eq(field_usage::calls + excluded(field_usage::calls)),
                field_usage::last_used_at.eq(excluded(field_usage::last_used_at)),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// The use of documents by each operation and client, the last one first.
///
/// # Errors
/// If the database fails.
pub fn by_documents(conn: &mut Conn, hashes: &[DocumentHash]) -> Result<Vec<ClientUsage>, Failure> {
    Ok(document_usage::table
        .inner_join(usage_clients::table.on(usage_clients::id.eq(document_usage::client_id)))
        .filter(document_usage::hash.eq_any(hashes))
        .order((document_usage::last_used_at.desc(), usage_clients::name, usage_clients::version))
        .select((
            document_usage::hash,
            document_usage::operation,
            usage_clients::name,
            usage_clients::version,
            document_usage::calls,
            document_usage::errors,
            document_usage::cost,
            document_usage::latencies,
            document_usage::first_used_at,
            document_usage::last_used_at,
        ))
        .load(conn)?)
}

/// The use of fields (`Type.field`) by each client, the last one first.
///
/// # Errors
/// If the database fails.
pub fn by_fields(conn: &mut Conn, fields: &[String]) -> Result<Vec<FieldClientUsage>, Failure> {
    Ok(field_usage::table
        .inner_join(usage_clients::table.on(usage_clients::id.eq(field_usage::client_id)))
        .filter(field_usage::field.eq_any(fields))
        .order((field_usage::last_used_at.desc(), usage_clients::name, usage_clients::version))
        .select((
            field_usage::field,
            usage_clients::name,
            usage_clients::version,
            field_usage::calls,
            field_usage::first_used_at,
            field_usage::last_used_at,
        ))
        .load(conn)?)
}

/// Forgets what was not used since then, a bounded number of rows of each kind. Returns how many.
///
/// # Errors
/// If the database fails.
pub fn delete_unused(tx: &mut Tx<'_>, since: Time, limit: i64) -> Result<usize, Failure> {
    use diesel::sql_types::{BigInt, Timestamptz};
    let mut deleted = 0;
    for (table, filter) in [
        ("document_usage", "last_used_at < $1"),
        ("field_usage", "last_used_at < $1"),
        (
            "documents",
            "first_seen_at < $1 AND text IS NULL AND NOT EXISTS (SELECT FROM document_usage u WHERE u.hash = documents.hash)",
        ),
        (
            "usage_clients",
            "$1 IS NOT NULL AND NOT EXISTS (SELECT FROM document_usage u WHERE u.client_id = id) \
             AND NOT EXISTS (SELECT FROM field_usage u WHERE u.client_id = id)",
        ),
    ] {
        let statement =
            format!("DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE {filter} LIMIT $2))");
        deleted +=
            diesel::sql_query(statement).bind::<Timestamptz, _>(since).bind::<BigInt, _>(limit).execute(tx.conn())?;
    }
    Ok(deleted)
}
