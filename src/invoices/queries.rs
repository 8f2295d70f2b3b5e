//! Documents in Postgres.

pub mod checks;

use std::collections::BTreeMap;

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    sql_types::{Timestamptz, Uuid as SqlUuid},
    upsert::excluded,
};
use serde_json::Value;
use uuid::Uuid;

use super::model::{Document, DocumentKind, Position};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        page::{Page, Slice},
    },
    newest_first,
    payments::model::Refund,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::{order_parts, orders, shop_document_series, shop_documents},
    shops::model::Shop,
    users::model::User,
};

pub fn by_id(conn: &mut Conn, id: Id<Document>) -> Result<Option<Document>, Failure> {
    Ok(shop_documents::table.find(id).select(Document::as_select()).first(conn).optional()?)
}

/// The documents about parts of an order, in the order of their numbers.
pub fn by_parts(conn: &mut Conn, parts: &[Uuid]) -> Result<Vec<Document>, Failure> {
    Ok(shop_documents::table
        .filter(shop_documents::part_id.eq_any(parts))
        .order((shop_documents::part_id, shop_documents::number))
        .select(Document::as_select())
        .load(conn)?)
}

/// A page of a shop's documents, newest first; only those of a kind, if that is said.
pub fn by_shop(
    conn: &mut Conn,
    shop: Id<Shop>,
    kind: Option<DocumentKind>,
    page: &Page<Position>,
) -> Result<Slice<Document>, Failure> {
    let mut query =
        shop_documents::table.filter(shop_documents::shop_id.eq(shop)).select(Document::as_select()).into_boxed();
    if let Some(kind) = kind {
        query = query.filter(shop_documents::kind.eq(kind));
    }
    let query = newest_first!(query, page, (shop_documents::issued_at, shop_documents::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

pub fn count_by_shop(conn: &mut Conn, shop: Id<Shop>, kind: Option<DocumentKind>, limit: i64) -> Result<i64, Failure> {
    let mut rows = shop_documents::table
        .filter(shop_documents::shop_id.eq(shop))
        .select(shop_documents::id)
        .limit(limit)
        .into_boxed();
    if let Some(kind) = kind {
        rows = rows.filter(shop_documents::kind.eq(kind));
    }
    Ok(Counted(rows).get_result(conn)?)
}

/// A page of the documents that were issued to somebody, newest first.
pub fn by_buyer(conn: &mut Conn, buyer: Id<User>, page: &Page<Position>) -> Result<Slice<Document>, Failure> {
    let query = shop_documents::table
        .inner_join(order_parts::table.on(order_parts::id.eq(shop_documents::part_id)))
        .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
        .filter(orders::buyer_id.eq(buyer))
        .select(Document::as_select())
        .into_boxed();
    let query = newest_first!(query, page, (shop_documents::issued_at, shop_documents::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

/// Gives so many more numbers to documents of a kind, shop by shop in the order of their ids, so that two who do so never wait for
/// each other in a ring. Returns the last number before these.
pub fn raise(
    tx: &mut Tx<'_>,
    kind: DocumentKind,
    by: &BTreeMap<Id<Shop>, i32>,
) -> Result<BTreeMap<Id<Shop>, i32>, Failure> {
    let rows: Vec<_> = by
        .iter()
        .map(|(shop, more)| {
            (
                shop_document_series::shop_id.eq(*shop),
                shop_document_series::kind.eq(kind),
                shop_document_series::last_number.eq(*more),
            )
        })
        .collect();
    let raised: Vec<(Id<Shop>, i32)> = diesel::insert_into(shop_document_series::table)
        .values(rows)
        .on_conflict((shop_document_series::shop_id, shop_document_series::kind))
        .do_update()
        .set(
            shop_document_series::last_number
                .eq(shop_document_series::last_number + excluded(shop_document_series::last_number)),
        )
        .returning((shop_document_series::shop_id, shop_document_series::last_number))
        .get_results(tx.conn())?;
    let before = |(shop, last): (Id<Shop>, i32)| (shop, last - by.get(&shop).copied().unwrap_or_default());
    Ok(raised.into_iter().map(before).collect())
}

#[derive(Insertable)]
#[diesel(table_name = shop_documents, treat_none_as_default_value = false)]
pub struct NewDocument {
    pub id: Id<Document>,
    pub kind: DocumentKind,
    pub shop_id: Id<Shop>,
    pub number: i32,
    pub part_id: Uuid,
    pub invoice_id: Option<Id<Document>>,
    pub refund_id: Option<Id<Refund>>,
    pub currency: CurrencyCode,
    pub total: i64,
    pub tax: i64,
    pub content: Value,
    pub recipient: Option<Value>,
    pub issued_at: Time,
}

pub fn insert(tx: &mut Tx<'_>, rows: &[NewDocument]) -> Result<Vec<Document>, Failure> {
    Ok(diesel::insert_into(shop_documents::table)
        .values(rows)
        .returning(Document::as_returning())
        .get_results(tx.conn())?)
}

/// Forgets to whom documents about orders of these people were issued that were placed before a time.
pub fn forget_recipients(tx: &mut Tx<'_>, buyers: &[Id<User>], before: Time) -> Result<(), Failure> {
    let old = order_parts::table
        .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
        .filter(orders::buyer_id.eq_any(buyers))
        .filter(orders::placed_at.lt(before))
        .select(order_parts::id);
    let known = shop_documents::table.filter(shop_documents::recipient.is_not_null());
    diesel::update(known.filter(shop_documents::part_id.eq_any(old)))
        .set(shop_documents::recipient.eq(None::<Value>))
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets to whom documents about orders were issued.
pub fn forget_recipients_of(tx: &mut Tx<'_>, orders: &[Uuid]) -> Result<(), Failure> {
    let parts = order_parts::table.filter(order_parts::order_id.eq_any(orders)).select(order_parts::id);
    let known = shop_documents::table.filter(shop_documents::recipient.is_not_null());
    diesel::update(known.filter(shop_documents::part_id.eq_any(parts)))
        .set(shop_documents::recipient.eq(None::<Value>))
        .execute(tx.conn())?;
    Ok(())
}
