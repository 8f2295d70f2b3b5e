//! Keys of machines in Postgres.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    newest_first_by_id,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
    },
    schema::api_keys,
    users::model::ApiKey,
};

#[derive(Insertable)]
#[diesel(table_name = api_keys)]
pub struct NewApiKey<'a> {
    pub id: Id<ApiKey>,
    pub name: &'a str,
    pub token_hash: &'a [u8],
    pub scopes: Vec<&'a str>,
    pub created_at: Time,
    pub expires_at: Option<Time>,
}

pub fn insert_api_key(tx: &mut Tx<'_>, key: &NewApiKey<'_>) -> Result<ApiKey, Failure> {
    Ok(diesel::insert_into(api_keys::table).values(key).returning(ApiKey::as_returning()).get_result(tx.conn())?)
}

pub fn api_key_by_hash(conn: &mut Conn, hash: &[u8]) -> Result<Option<ApiKey>, Failure> {
    Ok(api_keys::table.filter(api_keys::token_hash.eq(hash)).select(ApiKey::as_select()).first(conn).optional()?)
}

/// The newest keys first.
pub fn api_keys(conn: &mut Conn, page: &Page<Id<ApiKey>>) -> Result<Slice<ApiKey>, Failure> {
    let query = api_keys::table.select(ApiKey::as_select()).into_boxed();
    let query = newest_first_by_id!(query, page, api_keys::id);
    Ok(page.slice(query.load(conn)?))
}

pub fn count_api_keys(conn: &mut Conn, limit: i64) -> Result<i64, Failure> {
    Ok(Counted(api_keys::table.select(api_keys::id).limit(limit)).get_result(conn)?)
}

/// Revokes a key that is not. Returns it; none if there is no such key.
pub fn set_revoked(tx: &mut Tx<'_>, id: Id<ApiKey>, now: Time) -> Result<Option<ApiKey>, Failure> {
    Ok(diesel::update(api_keys::table.find(id).filter(api_keys::revoked_at.is_null()))
        .set(api_keys::revoked_at.eq(now))
        .returning(ApiKey::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

pub fn set_used(tx: &mut Tx<'_>, id: Id<ApiKey>, now: Time) -> Result<(), Failure> {
    diesel::update(api_keys::table.find(id)).set(api_keys::last_used_at.eq(now)).execute(tx.conn())?;
    Ok(())
}
