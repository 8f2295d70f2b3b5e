//! Promotions in Postgres.

pub mod checks;
pub mod uses;

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::{IntoBoxed, sql},
    pg::Pg,
    sql_types::{Bool, Integer, Timestamptz, Uuid as SqlUuid},
};

use super::model::{Promotion, PromotionKey, PromotionKind, PromotionStatus};
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
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::{promotions, shop_members},
    shops::model::Shop,
    users::model::User,
};

/// What a promotion is made of.
#[derive(Debug, Clone, PartialEq, Eq, Insertable, AsChangeset)]
#[diesel(table_name = promotions, treat_none_as_null = true)]
pub struct PromotionColumns {
    pub name: String,
    pub code: Option<String>,
    pub kind: PromotionKind,
    pub rate: Option<i32>,
    pub amount: Option<i64>,
    pub minimum_subtotal: Option<i64>,
    pub currency: Option<CurrencyCode>,
    pub starts_at: Time,
    pub ends_at: Option<Time>,
    pub limit_total: Option<i32>,
    pub limit_per_person: Option<i32>,
    pub is_active: bool,
}

/// How many a shop has, without those that were deleted.
pub fn count(conn: &mut Conn, shop: Id<Shop>) -> Result<i64, Failure> {
    let own = promotions::table.filter(promotions::shop_id.eq(shop)).filter(promotions::deleted_at.is_null());
    Ok(own.count().get_result(conn)?)
}

pub fn insert(tx: &mut Tx<'_>, id: Id<Promotion>, shop: Id<Shop>, columns: &PromotionColumns) -> Result<(), Failure> {
    let row = (promotions::id.eq(id), promotions::shop_id.eq(shop), promotions::created_at.eq(tx.now()), columns);
    diesel::insert_into(promotions::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Whose it is; none if it was deleted.
pub fn shop_of(conn: &mut Conn, id: Id<Promotion>) -> Result<Option<Id<Shop>>, Failure> {
    let row = promotions::table.find(id).filter(promotions::deleted_at.is_null());
    Ok(row.select(promotions::shop_id).first(conn).optional()?)
}

/// Locks a promotion; none if it was deleted. Who counts uses of it meanwhile has done so before, or waits.
pub fn lock(tx: &mut Tx<'_>, id: Id<Promotion>) -> Result<Option<Promotion>, Failure> {
    let row = promotions::table.find(id).filter(promotions::deleted_at.is_null()).select(Promotion::as_select());
    Ok(row.for_no_key_update().first(tx.conn()).optional()?)
}

/// Changes a locked promotion. Where it gets a limit in total that it had not, its uses are counted from then on, those that are
/// there first.
pub fn set(tx: &mut Tx<'_>, id: Id<Promotion>, columns: &PromotionColumns) -> Result<(), Failure> {
    let used = sql::<Integer>("CASE WHEN ").bind::<Bool, _>(columns.limit_total.is_none()).sql(
        " THEN 0 WHEN limit_total IS NOT NULL THEN used \
          ELSE (SELECT count(*)::integer FROM promotion_uses \
                WHERE promotion_id = promotions.id AND released_at IS NULL) END",
    );
    diesel::update(promotions::table.find(id))
        .set((columns, promotions::version.eq(promotions::version + 1), promotions::used.eq(used)))
        .execute(tx.conn())?;
    Ok(())
}

/// Takes a locked promotion out of use. Orders that have it keep it.
pub fn set_deleted(tx: &mut Tx<'_>, id: Id<Promotion>) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(promotions::table.find(id))
        .set((promotions::deleted_at.eq(Some(now)), promotions::version.eq(promotions::version + 1)))
        .execute(tx.conn())?;
    Ok(())
}

/// Those of shops for which somebody works.
pub fn by_ids(conn: &mut Conn, user: Id<User>, ids: &[Id<Promotion>]) -> Result<Vec<Promotion>, Failure> {
    Ok(promotions::table
        .inner_join(shop_members::table.on(shop_members::shop_id.eq(promotions::shop_id)))
        .filter(shop_members::user_id.eq(user))
        .filter(promotions::id.eq_any(ids))
        .filter(promotions::deleted_at.is_null())
        .select(Promotion::as_select())
        .load(conn)?)
}

/// As [`Promotion::status`] tells it.
fn of_shop_as<'a>(shop: Id<Shop>, status: Option<PromotionStatus>, now: Time) -> IntoBoxed<'a, promotions::table, Pg> {
    let own = promotions::table.into_boxed().filter(promotions::shop_id.eq(shop));
    let own = own.filter(promotions::deleted_at.is_null());
    let Some(status) = status else { return own };
    if status == PromotionStatus::Ended {
        return own.filter(promotions::ends_at.le(now));
    }
    let own = own.filter(promotions::ends_at.is_null().or(promotions::ends_at.gt(now)));
    if status == PromotionStatus::Paused {
        return own.filter(promotions::is_active.eq(false));
    }
    let own = own.filter(promotions::is_active.eq(true));
    if status == PromotionStatus::UsedUp {
        return own.filter(promotions::limit_total.le(promotions::used.nullable()));
    }
    let is_left = promotions::limit_total.is_null().or(promotions::limit_total.gt(promotions::used.nullable()));
    let own = own.filter(is_left);
    if status == PromotionStatus::Scheduled {
        own.filter(promotions::starts_at.gt(now))
    } else {
        own.filter(promotions::starts_at.le(now))
    }
}

/// A page of a shop's promotions, newest first; only those that stand so, if that is said.
pub fn of_shop(
    conn: &mut Conn,
    shop: Id<Shop>,
    (status, now): (Option<PromotionStatus>, Time),
    page: &Page<PromotionKey>,
) -> Result<Slice<Promotion>, Failure> {
    let rows = of_shop_as(shop, status, now);
    let query = newest_first!(rows, page, (promotions::created_at, promotions::id): (Timestamptz, SqlUuid));
    Ok(page.slice(query.select(Promotion::as_select()).load(conn)?))
}

pub fn count_of_shop(
    conn: &mut Conn,
    shop: Id<Shop>,
    (status, now): (Option<PromotionStatus>, Time),
    limit: i64,
) -> Result<i64, Failure> {
    let rows = of_shop_as(shop, status, now).select(promotions::id).limit(limit);
    Ok(Counted(rows).get_result(conn)?)
}

/// Those of shops that apply by themselves at a moment, and those with this code, however they stand.
pub fn applicable(
    conn: &mut Conn,
    shops: &[Id<Shop>],
    wanted: Option<&str>,
    now: Time,
) -> Result<Vec<Promotion>, Failure> {
    let own = promotions::table
        .filter(promotions::shop_id.eq_any(shops))
        .filter(promotions::deleted_at.is_null())
        .select(Promotion::as_select())
        .into_boxed();
    let is_on = promotions::is_active.eq(true).and(promotions::starts_at.le(now));
    let is_on = is_on.and(promotions::ends_at.is_null().or(promotions::ends_at.gt(now)));
    let by_itself = promotions::code.is_null().and(is_on);
    let own = match wanted {
        None => own.filter(by_itself),
        Some(wanted) => own.filter(by_itself.or(promotions::code.eq(wanted))),
    };
    Ok(own.load(conn)?)
}
