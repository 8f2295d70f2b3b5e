//! What people have looked for, in Postgres.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::recent_searches,
    searches::model::{LastSearches, MAXIMUM_RECENT, Searched},
    users::model::User,
};

/// Notes what somebody, who is locked, has looked for. What they have looked for later stays as it was then.
pub fn put_recent(tx: &mut Tx<'_>, user: Id<User>, searches: &LastSearches) -> Result<(), Failure> {
    let words: Vec<&str> = searches.keys().map(String::as_str).collect();
    let queries: Vec<&str> = searches.values().map(|search| search.query.as_str()).collect();
    let times: Vec<Time> = searches.values().map(|search| search.at).collect();
    sql_query(
        "INSERT INTO recent_searches (user_id, words, query, searched_at) \
         SELECT $1, words, query, searched_at FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS told (words, query, searched_at) \
         ON CONFLICT (user_id, words) DO UPDATE SET query = excluded.query, searched_at = excluded.searched_at \
          WHERE recent_searches.searched_at <= excluded.searched_at",
    )
    .bind::<SqlUuid, _>(user)
    .bind::<Array<Text>, _>(words)
    .bind::<Array<Text>, _>(queries)
    .bind::<Array<Timestamptz>, _>(times)
    .execute(tx.conn())?;
    Ok(())
}

/// Leaves so many searches to somebody as are kept.
pub fn trim_recent(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let trim = sql_query(
        "DELETE FROM recent_searches WHERE user_id = $1 AND (searched_at, words) < \
           (SELECT searched_at, words FROM recent_searches WHERE user_id = $1 \
             ORDER BY searched_at DESC, words DESC OFFSET $2 LIMIT 1)",
    );
    trim.bind::<SqlUuid, _>(user).bind::<BigInt, _>(MAXIMUM_RECENT - 1).execute(tx.conn())?;
    Ok(())
}

/// What somebody has looked for since a time, the last one first.
pub fn recent(conn: &mut Conn, user: Id<User>, since: Time) -> Result<Vec<Searched>, Failure> {
    let own = recent_searches::table
        .filter(recent_searches::user_id.eq(user))
        .filter(recent_searches::searched_at.gt(since))
        .order((recent_searches::searched_at.desc(), recent_searches::words.desc()))
        .limit(MAXIMUM_RECENT);
    let rows: Vec<(String, Time)> = own.select((recent_searches::query, recent_searches::searched_at)).load(conn)?;
    Ok(rows.into_iter().map(|(query, at)| Searched { query, at }).collect())
}

/// Deletes what somebody has looked for since a time.
pub fn delete_recent(tx: &mut Tx<'_>, user: Id<User>, since: Time) -> Result<(), Failure> {
    let own = recent_searches::table.filter(recent_searches::user_id.eq(user));
    diesel::delete(own.filter(recent_searches::searched_at.ge(since))).execute(tx.conn())?;
    Ok(())
}

/// Deletes some searches of before a time. Returns how many.
pub fn delete_old_recent(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let delete = sql_query(
        "DELETE FROM recent_searches AS known USING \
           (SELECT user_id, words FROM recent_searches WHERE searched_at < $1 ORDER BY searched_at LIMIT $2) AS old \
         WHERE known.user_id = old.user_id AND known.words = old.words AND known.searched_at < $1",
    );
    Ok(delete.bind::<Timestamptz, _>(before).bind::<BigInt, _>(limit).execute(tx.conn())?)
}
