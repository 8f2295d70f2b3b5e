//! What is held for whom.

use std::collections::HashMap;

use diesel::{
    ExpressionMethods, Insertable, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper,
    dsl::sum,
    sql_types::{Array, BigInt, Uuid as SqlUuid},
    upsert::excluded,
};
use uuid::Uuid;

use crate::{
    inventory::model::Held,
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::Variant,
    schema::{stock_reservations, stock_reserves},
};

/// Pieces that are held for somebody.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = stock_reservations)]
pub struct Reservation {
    pub holder_id: Uuid,
    pub variant_id: Id<Variant>,
    pub quantity: i32,
    pub since: Time,
    pub expires_at: Time,
    /// What stands for the line that a guest had it held from.
    pub line_key: Option<Vec<u8>>,
}

/// What is held for holders, be its time over or not.
pub fn of_holders(conn: &mut Conn, holders: &[Uuid]) -> Result<Vec<Reservation>, Failure> {
    let held = stock_reservations::table.filter(stock_reservations::holder_id.eq_any(holders));
    Ok(held.select(Reservation::as_select()).load(conn)?)
}

/// What is held for holders now; nothing of those for whom nothing is.
pub fn held(conn: &mut Conn, holders: &[Uuid], now: Time) -> Result<HashMap<Uuid, Held>, Failure> {
    let mut all = HashMap::<Uuid, Held>::new();
    for reservation in of_holders(conn, holders)?.into_iter().filter(|reservation| reservation.expires_at > now) {
        let held = all.entry(reservation.holder_id).or_default();
        held.until = Some(reservation.expires_at);
        held.pieces.insert(reservation.variant_id, reservation.quantity);
    }
    Ok(all)
}

/// How many pieces are held now from a line, but for what one of the holders has.
pub fn held_from(conn: &mut Conn, line_key: &[u8], but_for: Uuid, now: Time) -> Result<i64, Failure> {
    let pieces: Option<i64> = stock_reservations::table
        .filter(stock_reservations::line_key.eq(line_key))
        .filter(stock_reservations::holder_id.ne(but_for))
        .filter(stock_reservations::expires_at.gt(now))
        .select(sum(stock_reservations::quantity))
        .first(conn)?;
    Ok(pieces.unwrap_or_default())
}

/// Takes away what is held for holders, the levels of which are locked.
pub fn delete_of(tx: &mut Tx<'_>, holders: &[Uuid]) -> Result<Vec<Reservation>, Failure> {
    Ok(diesel::delete(stock_reservations::table.filter(stock_reservations::holder_id.eq_any(holders)))
        .returning(Reservation::as_returning())
        .get_results(tx.conn())?)
}

/// Takes away what was held of variants for a time that is over; their levels are locked.
pub fn delete_expired(tx: &mut Tx<'_>, variants: &[Id<Variant>]) -> Result<Vec<(Id<Variant>, i32)>, Failure> {
    let now = tx.now();
    let expired = stock_reservations::table
        .filter(stock_reservations::variant_id.eq_any(variants))
        .filter(stock_reservations::expires_at.le(now));
    Ok(diesel::delete(expired)
        .returning((stock_reservations::variant_id, stock_reservations::quantity))
        .get_results(tx.conn())?)
}

pub fn insert(tx: &mut Tx<'_>, rows: &[Reservation]) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    diesel::insert_into(stock_reservations::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// Counts so much more, or less, as held of variants, in their order; their levels are locked.
pub fn count_reserved(tx: &mut Tx<'_>, changes: &[(Id<Variant>, i64)]) -> Result<(), Failure> {
    let (more, less): (Vec<_>, Vec<_>) = changes.iter().copied().partition(|(_, change)| *change > 0);
    if !more.is_empty() {
        let row = |(variant, change): &(Id<Variant>, i64)| {
            (stock_reserves::variant_id.eq(*variant), stock_reserves::reserved.eq(*change))
        };
        diesel::insert_into(stock_reserves::table)
            .values(more.iter().map(row).collect::<Vec<_>>())
            .on_conflict(stock_reserves::variant_id)
            .do_update()
            .set(stock_reserves::reserved.eq(stock_reserves::reserved + excluded(stock_reserves::reserved)))
            .execute(tx.conn())?;
    }
    // Apart: a row that began below nothing would be refused before it meets the one that is there.
    if !less.is_empty() {
        diesel::sql_query(
            "UPDATE stock_reserves SET reserved = stock_reserves.reserved + changed.change \
               FROM unnest($1, $2) AS changed (variant_id, change) WHERE stock_reserves.variant_id = changed.variant_id",
        )
        .bind::<Array<SqlUuid>, _>(less.iter().map(|(variant, _)| *variant).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(less.iter().map(|(_, change)| *change).collect::<Vec<_>>())
        .execute(tx.conn())?;
    }
    Ok(())
}

/// How much of variants is held, be its time over or not; nothing of those of which nothing is.
pub fn sums(conn: &mut Conn, variants: &[Id<Variant>]) -> Result<HashMap<Id<Variant>, i64>, Failure> {
    let rows: Vec<(Id<Variant>, Option<i64>)> = stock_reservations::table
        .filter(stock_reservations::variant_id.eq_any(variants))
        .group_by(stock_reservations::variant_id)
        .select((stock_reservations::variant_id, sum(stock_reservations::quantity)))
        .load(conn)?;
    Ok(rows.into_iter().map(|(variant, pieces)| (variant, pieces.unwrap_or_default())).collect())
}

/// How much of variants is still counted as held though its time is over.
pub fn expired(conn: &mut Conn, variants: &[Id<Variant>], now: Time) -> Result<HashMap<Id<Variant>, i64>, Failure> {
    let rows: Vec<(Id<Variant>, Option<i64>)> = stock_reservations::table
        .filter(stock_reservations::variant_id.eq_any(variants))
        .filter(stock_reservations::expires_at.le(now))
        .group_by(stock_reservations::variant_id)
        .select((stock_reservations::variant_id, sum(stock_reservations::quantity)))
        .load(conn)?;
    Ok(rows.into_iter().map(|(variant, pieces)| (variant, pieces.unwrap_or_default())).collect())
}

/// Some of the variants of which something was held for a time that is over.
pub fn variants_with_expired(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id<Variant>>, Failure> {
    let expired = stock_reservations::table.filter(stock_reservations::expires_at.le(now));
    let mut variants: Vec<Id<Variant>> = expired.select(stock_reservations::variant_id).limit(limit).load(conn)?;
    variants.sort_unstable();
    variants.dedup();
    Ok(variants)
}
