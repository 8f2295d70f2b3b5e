//! How much is kept about a person, in Postgres.

use diesel::{
    RunQueryDsl, sql_query,
    sql_types::{Timestamptz, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{clock::Time, db::Conn},
    recommendations::model::PersonalCount,
    users::model::User,
};

/// How much is kept about somebody, of what ends since a time. Each kind is bounded but orders, of which 10,000 are counted.
pub fn personal_counts(conn: &mut Conn, user: Id<User>, since: Time) -> Result<Vec<PersonalCount>, Failure> {
    let query = sql_query(
        "SELECT 'VIEWS' AS kind, count(*) AS count, min(viewed_at) AS oldest FROM product_views \
          WHERE viewer_id = $1 AND viewed_at > $2 \
         UNION ALL SELECT 'SEARCHES', count(*), min(searched_at) FROM recent_searches WHERE user_id = $1 AND searched_at > $2 \
         UNION ALL SELECT 'SAVED_SEARCHES', count(*), min(created_at) FROM saved_searches WHERE user_id = $1 \
         UNION ALL SELECT 'DISMISSALS', count(*), min(created_at) FROM recommendation_dismissals WHERE user_id = $1 \
         UNION ALL SELECT 'ORDERS', count(*), min(placed_at) FROM \
           (SELECT orders.placed_at FROM recommendation_baskets JOIN orders ON orders.id = order_id \
             WHERE person_id = $1 LIMIT 10000) AS learned",
    );
    Ok(query.bind::<SqlUuid, _>(user).bind::<Timestamptz, _>(since).load(conn)?)
}
