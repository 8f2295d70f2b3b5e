//! Whom the staff keep from writing, in Postgres.

use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, upsert::excluded,
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

/// Keeps somebody from writing until a time, or for good. What kept them from it before does so no more.
pub fn put_suspension(tx: &mut Tx<'_>, user: Id<User>, cause: Uuid, until: Option<Time>) -> Result<(), Failure> {
    let now = tx.now();
    let row = (
        suspensions::user_id.eq(user),
        suspensions::cause_id.eq(cause),
        suspensions::until.eq(until),
        suspensions::created_at.eq(now),
    );
    diesel::insert_into(suspensions::table)
        .values(row)
        .on_conflict(suspensions::user_id)
        .do_update()
        .set((
            suspensions::cause_id.eq(excluded(suspensions::cause_id)),
            suspensions::until.eq(excluded(suspensions::until)),
            suspensions::created_at.eq(excluded(suspensions::created_at)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Lets somebody write again whom this very cause kept from it. False if it does not.
pub fn delete_suspension(tx: &mut Tx<'_>, user: Id<User>, cause: Uuid) -> Result<bool, Failure> {
    let row = suspensions::table.find(user).filter(suspensions::cause_id.eq(cause));
    Ok(diesel::delete(row).execute(tx.conn())? == 1)
}
