//! Orders that have promotions, in Postgres.
//!
//! Whoever counts a use of a promotion keeps its limit in total from coming or going until their transaction ends: one that has a
//! limit is locked, one that has none is held together with others. Whoever takes uses back, or takes them again, locks them all.

use std::collections::{BTreeMap, HashMap};

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryableByName,
    RunQueryDsl, SelectableHelper,
    dsl::count_star,
    sql_types::{Array, BigInt, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::CurrencyCode,
        page::{Page, Slice},
    },
    newest_first,
    platform::{
        clock::Time,
        db::{Conn, Tx},
        gql::COUNT_LIMIT,
    },
    promotions::model::{Promotion, PromotionUse, UseKey},
    schema::{promotion_uses, promotions},
    shops::model::Shop,
    users::model::User,
};

/// Holds those that have no limit in total, in their order. Which they are.
pub fn hold_unlimited(tx: &mut Tx<'_>, ids: &[Id<Promotion>]) -> Result<Vec<Id<Promotion>>, Failure> {
    let rows = promotions::table.filter(promotions::id.eq_any(ids)).filter(promotions::limit_total.is_null());
    Ok(rows.order(promotions::id).select(promotions::id).for_share().load(tx.conn())?)
}

/// Locks them, in their order: nobody else counts a use of them meanwhile.
pub fn lock(tx: &mut Tx<'_>, ids: &[Id<Promotion>]) -> Result<(), Failure> {
    let rows = promotions::table.filter(promotions::id.eq_any(ids)).order(promotions::id);
    rows.select(promotions::id).for_no_key_update().load::<Id<Promotion>>(tx.conn())?;
    Ok(())
}

/// Counts one more use of a promotion with a limit in total. False if none is left.
pub fn count_one(tx: &mut Tx<'_>, id: Id<Promotion>) -> Result<bool, Failure> {
    let row = promotions::table.find(id).filter(promotions::limit_total.gt(promotions::used.nullable()));
    Ok(diesel::update(row).set(promotions::used.eq(promotions::used + 1)).execute(tx.conn())? == 1)
}

/// Counts one use less of each that has a limit in total; all are locked.
pub fn uncount(tx: &mut Tx<'_>, ids: &[Id<Promotion>]) -> Result<(), Failure> {
    let rows = promotions::table.filter(promotions::id.eq_any(ids)).filter(promotions::limit_total.is_not_null());
    diesel::update(rows).set(promotions::used.eq(promotions::used - 1)).execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = promotion_uses, treat_none_as_default_value = false)]
pub struct NewUse {
    pub promotion_id: Id<Promotion>,
    pub order_id: Uuid,
    /// None of a guest's.
    pub user_id: Option<Id<User>>,
    pub currency: CurrencyCode,
    pub saved: i64,
    pub created_at: Time,
    pub minimum_subtotal: Option<i64>,
}

pub fn insert(tx: &mut Tx<'_>, rows: &[NewUse]) -> Result<(), Failure> {
    diesel::insert_into(promotion_uses::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// Which promotions an order has, in their order.
pub fn of_order(conn: &mut Conn, order: Uuid) -> Result<Vec<Id<Promotion>>, Failure> {
    let rows = promotion_uses::table
        .filter(promotion_uses::order_id.eq(order))
        .filter(promotion_uses::released_at.is_null())
        .order(promotion_uses::promotion_id);
    Ok(rows.select(promotion_uses::promotion_id).load(conn)?)
}

/// A promotion as it is now, and what it asked of an order for it when that was placed, if that is known.
pub type Asking = (Promotion, CurrencyCode, Option<i64>);

/// The promotion of a shop that an order has.
pub fn of_shop(conn: &mut Conn, order: Uuid, shop: Id<Shop>) -> Result<Option<Asking>, Failure> {
    Ok(promotion_uses::table
        .inner_join(promotions::table.on(promotions::id.eq(promotion_uses::promotion_id)))
        .filter(promotion_uses::order_id.eq(order))
        .filter(promotion_uses::released_at.is_null())
        .filter(promotions::shop_id.eq(shop))
        .select((Promotion::as_select(), promotion_uses::currency, promotion_uses::minimum_subtotal))
        .first(conn)
        .optional()?)
}

/// A promotion that an order has, or had, and whose it is.
pub type UseOf = (Id<Promotion>, Option<Id<User>>);

/// Which promotions an order has let go of, in their order.
pub fn released_by(conn: &mut Conn, order: Uuid) -> Result<Vec<UseOf>, Failure> {
    let rows = promotion_uses::table
        .filter(promotion_uses::order_id.eq(order))
        .filter(promotion_uses::released_at.is_not_null())
        .order(promotion_uses::promotion_id);
    Ok(rows.select((promotion_uses::promotion_id, promotion_uses::user_id)).load(conn)?)
}

/// Lets an order have none. Which it had.
pub fn release(tx: &mut Tx<'_>, order: Uuid) -> Result<Vec<Id<Promotion>>, Failure> {
    let now = tx.now();
    let rows =
        promotion_uses::table.filter(promotion_uses::order_id.eq(order)).filter(promotion_uses::released_at.is_null());
    let released = diesel::update(rows).set(promotion_uses::released_at.eq(now));
    Ok(released.returning(promotion_uses::promotion_id).get_results(tx.conn())?)
}

/// Lets an order have again what it has let go of.
pub fn take_again(tx: &mut Tx<'_>, order: Uuid) -> Result<(), Failure> {
    diesel::update(promotion_uses::table.filter(promotion_uses::order_id.eq(order)))
        .set(promotion_uses::released_at.eq(None::<Time>))
        .execute(tx.conn())?;
    Ok(())
}

/// How many orders of somebody have these promotions; nothing of those that none has.
pub fn of_person(
    conn: &mut Conn,
    user: Id<User>,
    ids: &[Id<Promotion>],
) -> Result<BTreeMap<Id<Promotion>, i64>, Failure> {
    let rows: Vec<(Id<Promotion>, i64)> = promotion_uses::table
        .filter(promotion_uses::user_id.eq(user))
        .filter(promotion_uses::promotion_id.eq_any(ids))
        .filter(promotion_uses::released_at.is_null())
        .group_by(promotion_uses::promotion_id)
        .select((promotion_uses::promotion_id, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = SqlUuid)]
    id: Id<Promotion>,
}

/// The first of the promotions that more orders of somebody have than may; none if none is.
pub fn too_often(conn: &mut Conn, user: Id<User>, ids: &[Id<Promotion>]) -> Result<Option<Id<Promotion>>, Failure> {
    let query = diesel::sql_query(
        "SELECT p.id FROM promotions p WHERE p.id = ANY($1) AND p.limit_per_person IS NOT NULL \
            AND (SELECT count(*) FROM promotion_uses u WHERE u.promotion_id = p.id AND u.user_id = $2 AND u.released_at IS NULL) \
                > p.limit_per_person \
          ORDER BY p.id LIMIT 1",
    );
    let found: Option<Named> =
        query.bind::<Array<SqlUuid>, _>(ids).bind::<SqlUuid, _>(user).get_result(conn).optional()?;
    Ok(found.map(|found| found.id))
}

#[derive(QueryableByName)]
struct Uses {
    #[diesel(sql_type = SqlUuid)]
    id: Id<Promotion>,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many orders have promotions of shops for which somebody works, each counted no further than anybody is told.
pub fn counts(conn: &mut Conn, user: Id<User>, ids: &[Id<Promotion>]) -> Result<HashMap<Id<Promotion>, i64>, Failure> {
    let query = diesel::sql_query(format!(
        "SELECT p.id, counted.count FROM promotions p \
           JOIN shop_members m ON m.shop_id = p.shop_id AND m.user_id = $2 \
          CROSS JOIN LATERAL (SELECT count(*) AS count FROM \
                (SELECT FROM promotion_uses u WHERE u.promotion_id = p.id AND u.released_at IS NULL LIMIT {COUNT_LIMIT}) AS uses) AS counted \
          WHERE p.id = ANY($1)"
    ));
    let rows: Vec<Uses> = query.bind::<Array<SqlUuid>, _>(ids).bind::<SqlUuid, _>(user).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row.count)).collect())
}

/// A use, and what the promotion is called, with its code.
pub type NamedUse = (PromotionUse, String, Option<String>);

/// A page of what somebody's orders have, the newest order first.
pub fn page_of_person(conn: &mut Conn, user: Id<User>, page: &Page<UseKey>) -> Result<Slice<NamedUse>, Failure> {
    let query = promotion_uses::table
        .inner_join(promotions::table.on(promotions::id.eq(promotion_uses::promotion_id)))
        .filter(promotion_uses::user_id.eq(user))
        .select((PromotionUse::as_select(), promotions::name, promotions::code))
        .into_boxed();
    let query =
        newest_first!(query, page, (promotion_uses::order_id, promotion_uses::promotion_id): (SqlUuid, SqlUuid));
    Ok(page.slice(query.load(conn)?))
}

/// The uses of a person are nobody's any more.
pub fn forget_person(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let own = promotion_uses::table.filter(promotion_uses::user_id.eq(user));
    diesel::update(own).set(promotion_uses::user_id.eq(None::<Id<User>>)).execute(tx.conn())?;
    Ok(())
}
