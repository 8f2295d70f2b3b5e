//! SQL of documents.

mod usage;

use diesel::{
    ExpressionMethods, Insertable, NullableExpressionMethods, QueryDsl, Queryable, RunQueryDsl, SelectableHelper,
    dsl::sql,
    sql_types::{BigInt, Bool, Text, Timestamptz},
    upsert::excluded,
};

pub use self::usage::{
    DocumentRow, FieldRow, add_document_usage, add_field_usage, by_documents, by_fields, clients, delete_unused,
    insert_clients,
};
use super::model::{Document, DocumentHash, NewDocument};
use crate::{
    kernel::{
        error::Failure,
        page::{Page, Slice},
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::{documents, documents_state},
};

#[derive(Insertable)]
#[diesel(table_name = documents)]
struct NewRow<'a> {
    hash: DocumentHash,
    operations: &'a [String],
    text: Option<&'a str>,
    trusted_at: Option<Time>,
    first_seen_at: Time,
}

/// How much is trusted.
#[derive(Queryable)]
pub struct TrustedSize {
    pub documents: i64,
    /// Of text.
    pub bytes: i64,
}

/// Has all others wait who would change documents or their use.
///
/// # Errors
/// If the database fails.
pub fn lock_state(tx: &mut Tx<'_>) -> Result<(), Failure> {
    documents_state::table.select(documents_state::revision).for_update().first::<i64>(tx.conn())?;
    Ok(())
}

/// # Errors
/// If the database fails.
pub fn revision(conn: &mut Conn) -> Result<i64, Failure> {
    Ok(documents_state::table.select(documents_state::revision).first(conn)?)
}

/// # Errors
/// If the database fails.
pub fn set_next_revision(tx: &mut Tx<'_>) -> Result<(), Failure> {
    let next = documents_state::revision.eq(documents_state::revision + 1);
    diesel::update(documents_state::table).set(next).execute(tx.conn())?;
    Ok(())
}

/// # Errors
/// If the database fails.
pub fn trusted_size(conn: &mut Conn) -> Result<TrustedSize, Failure> {
    let bytes = sql::<BigInt>("coalesce(sum(octet_length(text)), 0)::bigint");
    Ok(documents::table.filter(documents::text.is_not_null()).select((diesel::dsl::count_star(), bytes)).first(conn)?)
}

/// # Errors
/// If the database fails.
pub fn trusted_texts(conn: &mut Conn) -> Result<Vec<(DocumentHash, String)>, Failure> {
    let trusted = documents::table.filter(documents::text.is_not_null());
    Ok(trusted.select((documents::hash, documents::text.assume_not_null())).load(conn)?)
}

/// Inserts documents, or trusts those that are there; no two are the same.
///
/// # Errors
/// If the database fails.
pub fn set_trusted(tx: &mut Tx<'_>, trusted: &[NewDocument]) -> Result<(), Failure> {
    let now = tx.now();
    let rows: Vec<_> = trusted
        .iter()
        .map(|document| NewRow {
            hash: document.hash,
            operations: &document.operations,
            text: Some(&document.text),
            trusted_at: Some(now),
            first_seen_at: now,
        })
        .collect();
    diesel::insert_into(documents::table)
        .values(rows)
        .on_conflict(documents::hash)
        .do_update()
        .set((
            documents::text.eq(excluded(documents::text)),
            documents::trusted_at.eq(sql("coalesce(documents.trusted_at, excluded.trusted_at)")),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Those of the documents that are there.
///
/// # Errors
/// If the database fails.
pub fn known(conn: &mut Conn, hashes: &[DocumentHash]) -> Result<Vec<DocumentHash>, Failure> {
    Ok(documents::table.filter(documents::hash.eq_any(hashes)).select(documents::hash).load(conn)?)
}

/// How many documents are there without being trusted.
///
/// # Errors
/// If the database fails.
pub fn count_untrusted(conn: &mut Conn) -> Result<i64, Failure> {
    Ok(documents::table.filter(documents::text.is_null()).count().get_result(conn)?)
}

/// Inserts documents that clients have named, with their operations.
///
/// # Errors
/// If the database fails.
pub fn insert_seen(tx: &mut Tx<'_>, seen: &[(DocumentHash, Vec<String>)]) -> Result<(), Failure> {
    let first_seen_at = tx.now();
    let row = |(hash, operations)| NewRow { hash, operations, text: None, trusted_at: None, first_seen_at };
    let rows: Vec<_> = seen.iter().map(|(hash, operations)| row((*hash, operations.as_slice()))).collect();
    diesel::insert_into(documents::table).values(rows).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

/// What a page of documents goes by: when they were first seen, and their hash.
pub type Newest = (Time, DocumentHash);

/// A page of the documents, newest first; of those that are trusted, or of those that are not.
///
/// # Errors
/// If the database fails.
pub fn newest(conn: &mut Conn, page: &Page<Newest>, is_trusted: Option<bool>) -> Result<Slice<Document>, Failure> {
    let query = filtered(is_trusted).select(Document::as_select());
    let query = newest_first!(query, page, (documents::first_seen_at, documents::hash): (Timestamptz, Text));
    Ok(page.slice(query.load(conn)?))
}

/// How many documents there are, counted up to `limit`.
///
/// # Errors
/// If the database fails.
pub fn count(conn: &mut Conn, is_trusted: Option<bool>, limit: i64) -> Result<i64, Failure> {
    Ok(Counted(filtered(is_trusted).select(documents::hash).limit(limit)).get_result(conn)?)
}

fn filtered(is_trusted: Option<bool>) -> documents::BoxedQuery<'static, diesel::pg::Pg> {
    let all = documents::table.into_boxed();
    match is_trusted {
        Some(true) => all.filter(sql::<Bool>("text IS NOT NULL")),
        Some(false) => all.filter(sql::<Bool>("text IS NULL")),
        None => all,
    }
}

/// Returns whether the document was trusted.
///
/// # Errors
/// If the database fails.
pub fn set_untrusted(tx: &mut Tx<'_>, hash: DocumentHash) -> Result<bool, Failure> {
    let changed = diesel::update(documents::table.find(hash).filter(documents::text.is_not_null()))
        .set((documents::text.eq(None::<String>), documents::trusted_at.eq(None::<Time>)))
        .execute(tx.conn())?;
    Ok(changed == 1)
}
