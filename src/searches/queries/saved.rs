//! Saved searches in Postgres.

use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl,
    SelectableHelper,
    dsl::sql,
    sql_query,
    sql_types::{Array, Bool, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id, place::Locale},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::{Card, Product},
    schema::{products, saved_searches},
    searches::model::SavedSearch,
    shops::model::Shop,
    users::model::User,
};

#[derive(Insertable)]
#[diesel(table_name = saved_searches)]
pub struct NewSearch<'a> {
    pub id: Id<SavedSearch>,
    pub user_id: Id<User>,
    pub name: &'a str,
    pub filter: &'a serde_json::Value,
    pub locale: Option<Locale>,
    pub has_notices: bool,
    pub created_at: Time,
    pub looked_at: Time,
    pub look_at: Time,
}

/// The searches that somebody has saved, the last one first.
pub fn saved_of(conn: &mut Conn, user: Id<User>) -> Result<Vec<SavedSearch>, Failure> {
    let own = saved_searches::table.filter(saved_searches::user_id.eq(user));
    let own = own.order((saved_searches::created_at.desc(), saved_searches::id.desc())).limit(SavedSearch::MAXIMUM);
    Ok(own.select(SavedSearch::as_select()).load(conn)?)
}

/// Those of the searches that somebody has saved.
pub fn saved_by_ids(conn: &mut Conn, user: Id<User>, ids: &[Id<SavedSearch>]) -> Result<Vec<SavedSearch>, Failure> {
    let own = saved_searches::table.filter(saved_searches::user_id.eq(user));
    Ok(own.filter(saved_searches::id.eq_any(ids)).select(SavedSearch::as_select()).load(conn)?)
}

pub fn count_saved(conn: &mut Conn, user: Id<User>) -> Result<i64, Failure> {
    Ok(saved_searches::table.filter(saved_searches::user_id.eq(user)).count().get_result(conn)?)
}

pub fn insert_saved(tx: &mut Tx<'_>, search: &NewSearch<'_>) -> Result<(), Failure> {
    diesel::insert_into(saved_searches::table).values(search).execute(tx.conn())?;
    Ok(())
}

pub fn lock_saved(tx: &mut Tx<'_>, user: Id<User>, id: Id<SavedSearch>) -> Result<Option<SavedSearch>, Failure> {
    let own = saved_searches::table.find(id).filter(saved_searches::user_id.eq(user));
    Ok(own.select(SavedSearch::as_select()).for_no_key_update().first(tx.conn()).optional()?)
}

/// What changes about a saved search.
#[derive(Default, AsChangeset)]
#[diesel(table_name = saved_searches)]
pub struct SavedColumns<'a> {
    pub name: Option<&'a str>,
    pub has_notices: Option<bool>,
    pub looked_at: Option<Time>,
    pub look_at: Option<Time>,
}

/// Changes something about a locked search: one column at the least.
pub fn set_saved(tx: &mut Tx<'_>, id: Id<SavedSearch>, columns: &SavedColumns<'_>) -> Result<(), Failure> {
    diesel::update(saved_searches::table.find(id)).set(columns).execute(tx.conn())?;
    Ok(())
}

pub fn delete_saved(tx: &mut Tx<'_>, id: Id<SavedSearch>) -> Result<(), Failure> {
    diesel::delete(saved_searches::table.find(id)).execute(tx.conn())?;
    Ok(())
}

pub fn delete_all_saved(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    diesel::delete(saved_searches::table.filter(saved_searches::user_id.eq(user))).execute(tx.conn())?;
    Ok(())
}

/// Searches that are to be looked at by `now`, those first that wait for the longest time.
pub fn due(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<SavedSearch>, Failure> {
    let due = saved_searches::table.filter(sql::<Bool>("has_notices")).filter(saved_searches::look_at.le(now));
    let due = due.order((saved_searches::look_at, saved_searches::id)).limit(limit);
    Ok(due.select(SavedSearch::as_select()).load(conn)?)
}

/// Notes that searches which are due by `now` were looked at, up to `until` unless they were looked at further, and when they are looked at again.
/// Returns those of which it was noted: nobody else has looked at them meanwhile.
pub fn set_looked_at(
    tx: &mut Tx<'_>,
    ids: &[Id<SavedSearch>],
    until: Option<Time>,
    look_at: Time,
) -> Result<Vec<Id<SavedSearch>>, Failure> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let now = tx.now();
    // In one order, whoever else does so, too.
    let held = saved_searches::table
        .filter(saved_searches::id.eq_any(ids))
        .filter(saved_searches::has_notices)
        .filter(saved_searches::look_at.le(now))
        .order(saved_searches::id)
        .select(saved_searches::id)
        .for_no_key_update()
        .load::<Id<SavedSearch>>(tx.conn())?;
    let rows = saved_searches::table.filter(saved_searches::id.eq_any(&held));
    diesel::update(rows).set(saved_searches::look_at.eq(look_at)).execute(tx.conn())?;
    if let Some(until) = until {
        let rows = saved_searches::table.filter(saved_searches::id.eq_any(&held));
        let rows = rows.filter(saved_searches::looked_at.lt(until));
        diesel::update(rows).set(saved_searches::looked_at.eq(until)).execute(tx.conn())?;
    }
    Ok(held)
}

#[derive(QueryableByName)]
struct Hidden {
    #[diesel(sql_type = SqlUuid)]
    shop_id: Id<Shop>,
}

/// Those of the shops for which somebody works, or somebody who has blocked them, or whom they have blocked.
pub fn no_news_of(conn: &mut Conn, user: Id<User>, shops: &[Id<Shop>]) -> Result<Vec<Id<Shop>>, Failure> {
    let query = sql_query(
        "SELECT DISTINCT shop_id FROM shop_members WHERE shop_id = ANY ($2) AND (shop_members.user_id = $1 \
             OR EXISTS (SELECT FROM blocks WHERE blocker_id = $1 AND blocked_id = shop_members.user_id) \
             OR EXISTS (SELECT FROM blocks WHERE blocker_id = shop_members.user_id AND blocked_id = $1))",
    );
    let rows: Vec<Hidden> = query.bind::<SqlUuid, _>(user).bind::<Array<SqlUuid>, _>(shops).load(conn)?;
    Ok(rows.into_iter().map(|row| row.shop_id).collect())
}

/// Those of the products that are for sale.
pub fn for_sale(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<Card>, Failure> {
    let active = products::table.filter(products::id.eq_any(ids)).filter(sql::<Bool>("products.status = 'ACTIVE'"));
    Ok(active.select(Card::as_select()).load(conn)?)
}
