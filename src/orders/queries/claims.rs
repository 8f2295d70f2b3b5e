//! Claims in Postgres.

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper, sql_query,
    sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid},
};

use super::{Position, refunds::Share, steps::Bought};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        page::{Page, Slice},
    },
    newest_first,
    orders::model::{Claim, ClaimDecision, ClaimKind, ClaimStatus, FullClaim, Order, OrderPart},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{claims, order_parts, orders},
    shops::model::Shop,
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = claims)]
pub struct NewClaim {
    pub id: Id<Claim>,
    pub part_id: Id<OrderPart>,
    pub shop_id: Id<Shop>,
    pub kind: ClaimKind,
    pub status: ClaimStatus,
    pub amount: i64,
    pub currency: CurrencyCode,
    pub due_at: Option<Time>,
    pub created_at: Time,
}

pub fn insert(tx: &mut Tx<'_>, claim: &NewClaim) -> Result<(), Failure> {
    diesel::insert_into(claims::table).values(claim).execute(tx.conn())?;
    Ok(())
}

/// In which states a claim waits for somebody.
const OPEN: [ClaimStatus; 3] = [ClaimStatus::Open, ClaimStatus::Answered, ClaimStatus::Escalated];

/// How far the claims about a part have come.
pub fn statuses_of(conn: &mut Conn, part: Id<OrderPart>) -> Result<Vec<ClaimStatus>, Failure> {
    Ok(claims::table.filter(claims::part_id.eq(part)).select(claims::status).load(conn)?)
}

pub fn find(conn: &mut Conn, id: Id<Claim>) -> Result<Option<Claim>, Failure> {
    Ok(claims::table.find(id).select(Claim::as_select()).first(conn).optional()?)
}

/// Moves a claim on whose order is locked.
pub fn set_status(
    tx: &mut Tx<'_>,
    id: Id<Claim>,
    status: ClaimStatus,
    decision: Option<ClaimDecision>,
) -> Result<(), Failure> {
    let due_at = status.lapses().map(|(_, after)| tx.now() + after);
    diesel::update(claims::table.find(id))
        .set((claims::status.eq(status), claims::decision.eq(decision), claims::due_at.eq(due_at)))
        .execute(tx.conn())?;
    Ok(())
}

/// Notes that some more of parts goes back, with their claims that are open.
pub fn add_refunded(tx: &mut Tx<'_>, shares: &[Share]) -> Result<(), Failure> {
    let (parts, amounts): (Vec<Id<OrderPart>>, Vec<i64>) = shares.iter().copied().unzip();
    sql_query(
        "UPDATE claims SET refunded = refunded + back.amount FROM unnest($1, $2) AS back (part_id, amount) \
          WHERE claims.part_id = back.part_id AND status = ANY ($3)",
    )
    .bind::<Array<SqlUuid>, _>(parts)
    .bind::<Array<BigInt>, _>(amounts)
    .bind::<Array<Text>, _>(OPEN.map(ClaimStatus::as_str).to_vec())
    .execute(tx.conn())?;
    Ok(())
}

/// A claim that is closed, and its part.
pub type Closed = (Id<OrderPart>, Id<Claim>);

/// Closes the claims about parts that are open, if all that is wanted has gone back. Returns those that are closed by that.
pub fn close_settled(tx: &mut Tx<'_>, parts: &[Id<OrderPart>]) -> Result<Vec<Closed>, Failure> {
    Ok(diesel::update(claims::table.filter(claims::part_id.eq_any(parts)).filter(claims::status.eq_any(OPEN)))
        .filter(claims::refunded.ge(claims::amount))
        .set((claims::status.eq(ClaimStatus::Closed), claims::due_at.eq(None::<Time>)))
        .returning((claims::part_id, claims::id))
        .get_results(tx.conn())?)
}

/// Has a claim that waits looked at again later.
pub fn put_off(tx: &mut Tx<'_>, id: Id<Claim>, until: Time) -> Result<(), Failure> {
    let waiting = claims::table.find(id).filter(claims::due_at.is_not_null());
    diesel::update(waiting).set(claims::due_at.eq(until)).execute(tx.conn())?;
    Ok(())
}

/// Claims that have waited long enough, those that have waited longest first.
pub fn due(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Id<Claim>>, Failure> {
    let due = claims::table.filter(claims::due_at.is_not_null()).filter(claims::due_at.le(now));
    Ok(due.order((claims::due_at, claims::id)).select(claims::id).limit(limit).load(conn)?)
}

/// A claim's row, its order, and the order's buyer.
type Row = (Claim, Id<Order>, Option<Id<User>>);

fn full((row, order, buyer): Row) -> Bought<FullClaim> {
    (FullClaim { row, order }, buyer)
}

macro_rules! claims_with_orders {
    () => {
        claims::table
            .inner_join(order_parts::table.on(order_parts::id.eq(claims::part_id)))
            .inner_join(orders::table.on(orders::id.eq(order_parts::order_id)))
    };
}

/// The claims about some parts, oldest first.
pub fn by_parts(conn: &mut Conn, ids: &[Id<OrderPart>]) -> Result<Vec<Bought<FullClaim>>, Failure> {
    let rows: Vec<Row> = claims_with_orders!()
        .filter(claims::part_id.eq_any(ids))
        .order((claims::part_id, claims::created_at, claims::id))
        .select((Claim::as_select(), orders::id, orders::buyer_id))
        .load(conn)?;
    Ok(rows.into_iter().map(full).collect())
}

pub fn by_ids(conn: &mut Conn, ids: &[Id<Claim>]) -> Result<Vec<Bought<FullClaim>>, Failure> {
    let rows: Vec<Row> = claims_with_orders!()
        .filter(claims::id.eq_any(ids))
        .select((Claim::as_select(), orders::id, orders::buyer_id))
        .load(conn)?;
    Ok(rows.into_iter().map(full).collect())
}

/// Whose claims a list has: those about one shop, or all; only those that have come so far, if that is said.
#[derive(Debug, Clone, Copy)]
pub struct ClaimsOf {
    pub shop: Option<Id<Shop>>,
    pub status: Option<ClaimStatus>,
}

/// A page of claims, newest first.
pub fn list(conn: &mut Conn, of: ClaimsOf, page: &Page<Position>) -> Result<Slice<FullClaim>, Failure> {
    let mut query = claims_with_orders!().select((Claim::as_select(), orders::id, orders::buyer_id)).into_boxed();
    if let Some(shop) = of.shop {
        query = query.filter(claims::shop_id.eq(shop));
    }
    if let Some(status) = of.status {
        query = query.filter(claims::status.eq(status));
    }
    let query = newest_first!(query, page, (claims::created_at, claims::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.load::<Row>(conn)?).map(|row| full(row).0))
}

pub fn count(conn: &mut Conn, of: ClaimsOf, limit: i64) -> Result<i64, Failure> {
    let mut rows = claims::table.select(claims::id).limit(limit).into_boxed();
    if let Some(shop) = of.shop {
        rows = rows.filter(claims::shop_id.eq(shop));
    }
    if let Some(status) = of.status {
        rows = rows.filter(claims::status.eq(status));
    }
    Ok(crate::platform::counted::Counted(rows).get_result(conn)?)
}
