//! Who waits for what, in Postgres.

use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper, sql_types};

use crate::{
    inventory::model::NoticeKey,
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    products::model::{ProductStatus, Variant},
    schema::{availability_notices, product_variants, products},
    users::model::User,
};

/// Waits for a variant. False if somebody waits for it already.
pub fn insert(tx: &mut Tx<'_>, user: Id<User>, variant: Id<Variant>) -> Result<bool, Failure> {
    let now = tx.now();
    let row = (
        availability_notices::user_id.eq(user),
        availability_notices::variant_id.eq(variant),
        availability_notices::created_at.eq(now),
    );
    Ok(diesel::insert_into(availability_notices::table).values(row).on_conflict_do_nothing().execute(tx.conn())? == 1)
}

pub fn delete(tx: &mut Tx<'_>, user: Id<User>, variant: Id<Variant>) -> Result<(), Failure> {
    diesel::delete(availability_notices::table.find((user, variant))).execute(tx.conn())?;
    Ok(())
}

/// Waits for nothing any more.
pub fn delete_all(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    diesel::delete(availability_notices::table.filter(availability_notices::user_id.eq(user))).execute(tx.conn())?;
    Ok(())
}

/// For how many variants somebody waits, counted up to `limit`; those of products that are not for sale are among them.
pub fn count(conn: &mut Conn, user: Id<User>, limit: i64) -> Result<i64, Failure> {
    let own = availability_notices::table.filter(availability_notices::user_id.eq(user));
    Ok(Counted(own.select(availability_notices::variant_id).limit(limit)).get_result(conn)?)
}

/// How many of them [`page`] shows.
pub fn count_shown(conn: &mut Conn, user: Id<User>, limit: i64) -> Result<i64, Failure> {
    let own = availability_notices::table
        .inner_join(product_variants::table.on(product_variants::id.eq(availability_notices::variant_id)))
        .inner_join(products::table.on(products::id.eq(product_variants::product_id)))
        .filter(availability_notices::user_id.eq(user).and(products::status.eq(ProductStatus::Active)));
    Ok(Counted(own.select(availability_notices::variant_id).limit(limit)).get_result(conn)?)
}

/// For what somebody waits, the last one first, and since when; without products that are not for sale.
pub fn page(conn: &mut Conn, user: Id<User>, page: &Page<NoticeKey>) -> Result<Slice<(Variant, Time)>, Failure> {
    let query = availability_notices::table
        .inner_join(product_variants::table.on(product_variants::id.eq(availability_notices::variant_id)))
        .inner_join(products::table.on(products::id.eq(product_variants::product_id)))
        .filter(availability_notices::user_id.eq(user).and(products::status.eq(ProductStatus::Active)))
        .select((Variant::as_select(), availability_notices::created_at))
        .into_boxed();
    let key = (availability_notices::created_at, availability_notices::variant_id);
    let query = newest_first!(query, page, (key.0, key.1): (sql_types::Timestamptz, sql_types::Uuid));
    Ok(page.slice(query.load(conn)?))
}

/// Everything that somebody waits for, as [`page`], also what is not for sale.
pub fn all(conn: &mut Conn, user: Id<User>, page: &Page<NoticeKey>) -> Result<Slice<(Id<Variant>, Time)>, Failure> {
    let query = availability_notices::table
        .filter(availability_notices::user_id.eq(user))
        .select((availability_notices::variant_id, availability_notices::created_at))
        .into_boxed();
    let key = (availability_notices::created_at, availability_notices::variant_id);
    let query = newest_first!(query, page, (key.0, key.1): (sql_types::Timestamptz, sql_types::Uuid));
    Ok(page.slice(query.load(conn)?))
}

/// Those of the variants for which somebody waits.
pub fn awaited_by(conn: &mut Conn, user: Id<User>, variants: &[Id<Variant>]) -> Result<Vec<Id<Variant>>, Failure> {
    let own = availability_notices::table.filter(availability_notices::user_id.eq(user));
    let own = own.filter(availability_notices::variant_id.eq_any(variants));
    Ok(own.select(availability_notices::variant_id).load(conn)?)
}

/// Those of the variants for which anybody waits.
pub fn awaited(conn: &mut Conn, variants: &[Id<Variant>]) -> Result<Vec<Id<Variant>>, Failure> {
    let waiting = availability_notices::table.filter(availability_notices::variant_id.eq_any(variants));
    Ok(waiting.select(availability_notices::variant_id).distinct().load(conn)?)
}

/// Takes some of those who wait for a variant off the list.
pub fn take(tx: &mut Tx<'_>, variant: Id<Variant>, limit: i64) -> Result<Vec<Id<User>>, Failure> {
    let waiting: Vec<Id<User>> = availability_notices::table
        .filter(availability_notices::variant_id.eq(variant))
        .order(availability_notices::user_id)
        .select(availability_notices::user_id)
        .limit(limit)
        .for_update()
        .skip_locked()
        .load(tx.conn())?;
    let taken = availability_notices::table
        .filter(availability_notices::variant_id.eq(variant).and(availability_notices::user_id.eq_any(&waiting)));
    diesel::delete(taken).execute(tx.conn())?;
    Ok(waiting)
}
