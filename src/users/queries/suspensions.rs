//! Whom the staff keep from writing, in Postgres.

use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, sql_query,
    sql_types::{Nullable, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{suspensions, users},
    users::model::{Suspension, User, Writer},
};

/// Somebody who is there, as far as writing goes.
pub fn writer(conn: &mut Conn, user: Id<User>) -> Result<Option<Writer>, Failure> {
    let row: Option<(Time, Option<Uuid>, Option<Time>)> = users::table
        .left_join(suspensions::table.on(suspensions::user_id.eq(users::id)))
        .filter(users::id.eq(user))
        .filter(users::erased_at.is_null())
        .select((users::created_at, suspensions::cause_id.nullable(), suspensions::until.nullable()))
        .first(conn)
        .optional()?;
    Ok(row.map(|(since, cause, until)| Writer { since, suspension: cause.map(|_| Suspension { until }) }))
}

/// Keeps somebody from writing until a time, or for good, unless something keeps them from it for longer.
pub fn put_suspension(tx: &mut Tx<'_>, user: Id<User>, cause: Uuid, until: Option<Time>) -> Result<(), Failure> {
    let now = tx.now();
    let query = sql_query(
        "INSERT INTO suspensions AS known (user_id, cause_id, until, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id) DO UPDATE \
           SET cause_id = excluded.cause_id, until = excluded.until, created_at = excluded.created_at \
         WHERE excluded.until IS NULL OR known.until < excluded.until",
    );
    query
        .bind::<SqlUuid, _>(user)
        .bind::<SqlUuid, _>(cause)
        .bind::<Nullable<Timestamptz>, _>(until)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())?;
    Ok(())
}

/// Lets somebody write again whom this very cause kept from it. False if it does not.
pub fn delete_suspension(tx: &mut Tx<'_>, user: Id<User>, cause: Uuid) -> Result<bool, Failure> {
    let row = suspensions::table.find(user).filter(suspensions::cause_id.eq(cause));
    Ok(diesel::delete(row).execute(tx.conn())? == 1)
}
