//! What people do not want to be recommended, in Postgres.

use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl, sql_query,
    sql_types::{BigInt, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::Product,
    recommendations::model::MAXIMUM_DISMISSALS,
    schema::recommendation_dismissals,
    users::model::User,
};

/// Notes that somebody does not want a product to be recommended, if that is not known.
pub fn insert_dismissal(tx: &mut Tx<'_>, user: Id<User>, product: Id<Product>) -> Result<(), Failure> {
    let row = (
        recommendation_dismissals::user_id.eq(user),
        recommendation_dismissals::product_id.eq(product),
        recommendation_dismissals::created_at.eq(tx.now()),
    );
    diesel::insert_into(recommendation_dismissals::table).values(row).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

/// Leaves so many dismissals to somebody as are kept.
pub fn trim_dismissals(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let trim = sql_query(
        "DELETE FROM recommendation_dismissals WHERE user_id = $1 AND (created_at, product_id) < \
           (SELECT created_at, product_id FROM recommendation_dismissals WHERE user_id = $1 \
             ORDER BY created_at DESC, product_id DESC OFFSET $2 LIMIT 1)",
    );
    trim.bind::<SqlUuid, _>(user).bind::<BigInt, _>(MAXIMUM_DISMISSALS - 1).execute(tx.conn())?;
    Ok(())
}

/// What somebody does not want to be recommended, the last one first.
pub fn dismissals(conn: &mut Conn, user: Id<User>) -> Result<Vec<(Id<Product>, Time)>, Failure> {
    let own = recommendation_dismissals::table.filter(recommendation_dismissals::user_id.eq(user));
    Ok(own
        .order((recommendation_dismissals::created_at.desc(), recommendation_dismissals::product_id.desc()))
        .limit(MAXIMUM_DISMISSALS)
        .select((recommendation_dismissals::product_id, recommendation_dismissals::created_at))
        .load(conn)?)
}

/// Deletes somebody's dismissals since a time.
pub fn delete_dismissals(tx: &mut Tx<'_>, user: Id<User>, since: Time) -> Result<(), Failure> {
    let own = recommendation_dismissals::table.filter(recommendation_dismissals::user_id.eq(user));
    diesel::delete(own.filter(recommendation_dismissals::created_at.ge(since))).execute(tx.conn())?;
    Ok(())
}
