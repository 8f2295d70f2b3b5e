//! Second factors, and the sign-ins that wait for them, in Postgres.

use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, PgArrayExpressionMethods, QueryDsl,
    RunQueryDsl, SelectableHelper, dsl::array_remove, upsert::excluded,
};
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{second_factors, sessions, sign_in_challenges},
    users::model::{Challenge, ProofMethod, SecondFactor, Session, User},
};

pub fn second_factor(conn: &mut Conn, user: Id<User>) -> Result<Option<SecondFactor>, Failure> {
    Ok(second_factors::table.find(user).select(SecondFactor::as_select()).first(conn).optional()?)
}

/// A secret that waits to be confirmed; it takes the place of one that waited before.
pub fn set_second_factor(tx: &mut Tx<'_>, user: Id<User>, sealed_secret: &[u8]) -> Result<SecondFactor, Failure> {
    let now = tx.now();
    Ok(diesel::insert_into(second_factors::table)
        .values((
            second_factors::user_id.eq(user),
            second_factors::sealed_secret.eq(sealed_secret),
            second_factors::created_at.eq(now),
        ))
        .on_conflict(second_factors::user_id)
        .do_update()
        .set((
            second_factors::sealed_secret.eq(excluded(second_factors::sealed_secret)),
            second_factors::created_at.eq(excluded(second_factors::created_at)),
        ))
        .returning(SecondFactor::as_returning())
        .get_result(tx.conn())?)
}

/// Has a secret count from now on. False if it does already, or is not the one that was begun with.
pub fn set_second_factor_confirmed(
    tx: &mut Tx<'_>,
    begun: &SecondFactor,
    step: i64,
    recovery_codes: &[Vec<u8>],
) -> Result<bool, Failure> {
    let now = tx.now();
    let row = diesel::update(second_factors::table.find(begun.user_id))
        .filter(second_factors::created_at.eq(begun.created_at))
        .filter(second_factors::confirmed_at.is_null());
    let changed = row
        .set((
            second_factors::confirmed_at.eq(now),
            second_factors::last_used_at.eq(now),
            second_factors::last_step.eq(step),
            second_factors::recovery_codes.eq(recovery_codes),
        ))
        .execute(tx.conn())?;
    Ok(changed == 1)
}

/// Takes the code of a step. False if that, or that of a later one, was taken before.
pub fn set_step_used(tx: &mut Tx<'_>, factor: &SecondFactor, step: i64) -> Result<bool, Failure> {
    let now = tx.now();
    let row = diesel::update(second_factors::table.find(factor.user_id))
        .filter(second_factors::created_at.eq(factor.created_at))
        .filter(second_factors::confirmed_at.is_not_null())
        .filter(second_factors::wrong.lt(SecondFactor::MAXIMUM_WRONG))
        .filter(second_factors::last_step.lt(step));
    let changes =
        (second_factors::last_step.eq(step), second_factors::last_used_at.eq(now), second_factors::wrong.eq(0));
    Ok(row.set(changes).execute(tx.conn())? == 1)
}

/// Takes a recovery code. False if there is none with this hash.
pub fn set_recovery_code_used(tx: &mut Tx<'_>, user: Id<User>, hash: &[u8]) -> Result<bool, Failure> {
    let now = tx.now();
    let row = diesel::update(second_factors::table.find(user))
        .filter(second_factors::confirmed_at.is_not_null())
        .filter(second_factors::recovery_codes.contains(vec![hash]));
    let left = array_remove(second_factors::recovery_codes, hash);
    let changes =
        (second_factors::recovery_codes.eq(left), second_factors::last_used_at.eq(now), second_factors::wrong.eq(0));
    Ok(row.set(changes).execute(tx.conn())? == 1)
}

/// Counts a wrong code. None if no code is asked for any more.
pub fn set_second_factor_wrong(tx: &mut Tx<'_>, user: Id<User>) -> Result<Option<SecondFactor>, Failure> {
    Ok(diesel::update(second_factors::table.find(user))
        .filter(second_factors::confirmed_at.is_not_null())
        .set(second_factors::wrong.eq(second_factors::wrong + 1))
        .returning(SecondFactor::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Forgets wrong codes: the person has proven otherwise who they are.
pub fn set_wrong_forgotten(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let row = diesel::update(second_factors::table.find(user)).filter(second_factors::wrong.gt(0));
    row.set(second_factors::wrong.eq(0)).execute(tx.conn())?;
    Ok(())
}

pub fn set_recovery_codes(tx: &mut Tx<'_>, user: Id<User>, hashes: &[Vec<u8>]) -> Result<(), Failure> {
    let row = diesel::update(second_factors::table.find(user));
    row.set(second_factors::recovery_codes.eq(hashes)).execute(tx.conn())?;
    Ok(())
}

/// Has the password alone be enough. False if it was before.
pub fn delete_second_factor(tx: &mut Tx<'_>, user: Id<User>) -> Result<bool, Failure> {
    let row = diesel::delete(second_factors::table.find(user)).filter(second_factors::confirmed_at.is_not_null());
    Ok(row.execute(tx.conn())? == 1)
}

/// Whose secret it is, and the secret.
pub type SealedSecret = (Id<User>, Vec<u8>);

/// Locks at most `limit` sealed secrets of people after one, in the order of their ids.
pub fn lock_sealed_secrets(tx: &mut Tx<'_>, after: Option<Id<User>>, limit: i64) -> Result<Vec<SealedSecret>, Failure> {
    let after = after.unwrap_or(Id::from_uuid(Uuid::nil()));
    Ok(second_factors::table
        .filter(second_factors::user_id.gt(after))
        .order(second_factors::user_id)
        .limit(limit)
        .select((second_factors::user_id, second_factors::sealed_secret))
        .for_update()
        .load(tx.conn())?)
}

pub fn set_sealed_secret(tx: &mut Tx<'_>, user: Id<User>, sealed: &[u8]) -> Result<(), Failure> {
    let row = diesel::update(second_factors::table.find(user));
    row.set(second_factors::sealed_secret.eq(sealed)).execute(tx.conn())?;
    Ok(())
}

pub fn insert_challenge(
    tx: &mut Tx<'_>,
    id: Id<Challenge>,
    user: Id<User>,
    expires_at: Time,
) -> Result<Challenge, Failure> {
    let now = tx.now();
    Ok(diesel::insert_into(sign_in_challenges::table)
        .values((
            sign_in_challenges::id.eq(id),
            sign_in_challenges::user_id.eq(user),
            sign_in_challenges::expires_at.eq(expires_at),
            sign_in_challenges::created_at.eq(now),
        ))
        .returning(Challenge::as_returning())
        .get_result(tx.conn())?)
}

pub fn challenge(conn: &mut Conn, id: Id<Challenge>) -> Result<Option<Challenge>, Failure> {
    Ok(sign_in_challenges::table.find(id).select(Challenge::as_select()).first(conn).optional()?)
}

/// Counts an attempt.
pub fn set_challenge_attempted(tx: &mut Tx<'_>, id: Id<Challenge>) -> Result<(), Failure> {
    diesel::update(sign_in_challenges::table.find(id))
        .set(sign_in_challenges::attempts.eq(sign_in_challenges::attempts + 1))
        .execute(tx.conn())?;
    Ok(())
}

/// Ends a challenge. False if it was over, for whatever reason.
pub fn delete_challenge(tx: &mut Tx<'_>, id: Id<Challenge>) -> Result<bool, Failure> {
    let now = tx.now();
    let open = sign_in_challenges::table
        .find(id)
        .filter(sign_in_challenges::attempts.lt(Challenge::MAXIMUM_ATTEMPTS))
        .filter(sign_in_challenges::expires_at.gt(now));
    Ok(diesel::delete(open).execute(tx.conn())? == 1)
}

/// Ends all challenges of a person.
pub fn delete_challenges(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    diesel::delete(sign_in_challenges::table.filter(sign_in_challenges::user_id.eq(user))).execute(tx.conn())?;
    Ok(())
}

/// Deletes at most `limit` challenges that expired before a time. Returns how many.
pub fn delete_old_challenges(tx: &mut Tx<'_>, expired_before: Time, limit: i64) -> Result<usize, Failure> {
    let expired: Vec<Id<Challenge>> = sign_in_challenges::table
        .filter(sign_in_challenges::expires_at.lt(expired_before))
        .limit(limit)
        .select(sign_in_challenges::id)
        .load(tx.conn())?;
    Ok(diesel::delete(sign_in_challenges::table.filter(sign_in_challenges::id.eq_any(expired))).execute(tx.conn())?)
}

/// A session that goes on, and whether its person has a second factor.
pub fn session_and_factor(conn: &mut Conn, id: Uuid, now: Time) -> Result<Option<(Session, bool)>, Failure> {
    let is_theirs = second_factors::user_id.eq(sessions::user_id);
    let found: Option<(Session, Option<Time>)> = sessions::table
        .left_join(second_factors::table.on(is_theirs))
        .filter(sessions::id.eq(id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .select((Session::as_select(), second_factors::confirmed_at.nullable()))
        .first(conn)
        .optional()?;
    Ok(found.map(|(session, confirmed_at)| (session, confirmed_at.is_some())))
}

/// Notes that the person of a session has proven who they are. None if the session is over.
pub fn set_authenticated(tx: &mut Tx<'_>, id: Uuid, by: ProofMethod) -> Result<Option<Session>, Failure> {
    let now = tx.now();
    Ok(diesel::update(sessions::table.find(id))
        .filter(sessions::ended_at.is_null())
        .set((sessions::authenticated_at.eq(now), sessions::authenticated_by.eq(by)))
        .returning(Session::as_returning())
        .get_result(tx.conn())
        .optional()?)
}
