//! What many people look for, in Postgres.

use diesel::{
    ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Bool, Double, Text, Timestamptz},
};

use crate::{
    kernel::{error::Failure, tsvector::quoted},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::trending_searches,
    searches::model::{
        Answered, CANDIDATES, HALF_LIFE, LOOKED_AT, MAXIMUM_TRENDING, SEEKERS, SETTLED_FOR, Shops, Sought, TRENDS_FOR,
    },
};

/// What most people look for by `now`, those first of whom more did so lately. Who works for a shop does not count, nor who is new, or does not
/// want it to be kept.
pub fn sought(conn: &mut Conn, now: Time) -> Result<Vec<Sought>, Failure> {
    let query = sql_query(
        "SELECT words, count(*)::int4 AS people \
           FROM (SELECT user_id, words, searched_at FROM recent_searches WHERE searched_at > $1 \
                  ORDER BY searched_at DESC LIMIT $2) AS recent \
           JOIN users ON users.id = recent.user_id AND users.created_at <= $3 \
          WHERE NOT EXISTS (SELECT FROM preferences WHERE preferences.user_id = recent.user_id AND NOT has_personalization) \
            AND NOT EXISTS (SELECT FROM shop_members WHERE shop_members.user_id = recent.user_id) \
          GROUP BY words HAVING count(*) >= $4 \
          ORDER BY sum(power(0.5, extract(epoch FROM $5 - searched_at)::float8 / $6)) DESC, words LIMIT $7",
    );
    let half_life = f64::from(i32::try_from(HALF_LIFE.num_seconds()).map_err(Failure::internal)?);
    Ok(query
        .bind::<Timestamptz, _>(now - TRENDS_FOR)
        .bind::<BigInt, _>(LOOKED_AT)
        .bind::<Timestamptz, _>(now - SETTLED_FOR)
        .bind::<BigInt, _>(SEEKERS)
        .bind::<Timestamptz, _>(now)
        .bind::<Double, _>(half_life)
        .bind::<BigInt, _>(CANDIDATES)
        .load(conn)?)
}

/// Whose products for sale have all words of these searches.
pub fn answered(conn: &mut Conn, sought: &[Sought]) -> Result<Vec<Answered>, Failure> {
    let words: Vec<&str> = sought.iter().map(|one| one.words.as_str()).collect();
    let queries: Vec<String> =
        words.iter().map(|words| words.split(' ').map(quoted).collect::<Vec<_>>().join(" & ")).collect();
    let query = sql_query(
        "SELECT asked.words, found.shops, found.shop FROM unnest($1::text[], $2::text[]) AS asked (words, query) CROSS JOIN LATERAL \
           (WITH hits AS MATERIALIZED (SELECT shop_id FROM products WHERE status = 'ACTIVE' AND search @@ asked.query::tsquery) \
            SELECT count(DISTINCT shop_id) AS shops, (array_agg(shop_id))[1] AS shop FROM (SELECT shop_id FROM hits LIMIT 1000) AS few) \
           AS found",
    );
    Ok(query.bind::<Array<Text>, _>(words).bind::<Array<Text>, _>(queries).load(conn)?)
}

#[derive(QueryableByName)]
struct HasSeveral {
    #[diesel(sql_type = Bool)]
    has_several: bool,
}

/// How many shops the market has.
pub fn shops(conn: &mut Conn) -> Result<Shops, Failure> {
    let query = sql_query("SELECT count(*) > 1 AS has_several FROM (SELECT FROM shops LIMIT 2) AS few");
    let HasSeveral { has_several } = query.get_result(conn)?;
    Ok(if has_several { Shops::Several } else { Shops::One })
}

/// Puts what trends in the place of what did so before.
pub fn set_trending(tx: &mut Tx<'_>, trends: &[Sought]) -> Result<(), Failure> {
    diesel::delete(trending_searches::table).execute(tx.conn())?;
    let rows: Vec<_> = (1_i16..)
        .zip(trends)
        .map(|(rank, one)| {
            (
                trending_searches::rank.eq(rank),
                trending_searches::words.eq(&one.words),
                trending_searches::people.eq(one.people),
            )
        })
        .collect();
    diesel::insert_into(trending_searches::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// What trends, that first which most people look for.
pub fn trending(conn: &mut Conn) -> Result<Vec<String>, Failure> {
    let all = trending_searches::table.order(trending_searches::rank).select(trending_searches::words);
    Ok(all.limit(i64::try_from(MAXIMUM_TRENDING).unwrap_or(i64::MAX)).load(conn)?)
}
