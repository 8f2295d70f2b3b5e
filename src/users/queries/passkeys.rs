//! Passkeys in Postgres.

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, OptionalExtension, QueryDsl, Queryable, RunQueryDsl, Selectable,
    SelectableHelper,
};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        crypto::{Ceremony, StoredPasskey},
        db::{Conn, Tx},
    },
    schema::{passkey_ceremonies, passkeys, users},
    users::model::{Passkey, User},
};

/// A person's passkeys, the newest first.
pub fn passkeys(conn: &mut Conn, user: Id<User>) -> Result<Vec<Passkey>, Failure> {
    Ok(passkeys::table
        .filter(passkeys::user_id.eq(user))
        .order(passkeys::id.desc())
        .limit(Passkey::MAXIMUM)
        .select(Passkey::as_select())
        .load(conn)?)
}

pub fn has_passkeys(conn: &mut Conn, user: Id<User>) -> Result<bool, Failure> {
    let theirs = passkeys::table.filter(passkeys::user_id.eq(user));
    Ok(diesel::select(diesel::dsl::exists(theirs)).get_result(conn)?)
}

/// A passkey of somebody who is not gone.
pub fn passkey_by_credential(conn: &mut Conn, credential_id: &[u8]) -> Result<Option<Passkey>, Failure> {
    let one = passkeys::table
        .inner_join(users::table.on(users::id.eq(passkeys::user_id)))
        .filter(passkeys::credential_id.eq(credential_id))
        .filter(users::erased_at.is_null());
    Ok(one.select(Passkey::as_select()).first(conn).optional()?)
}

#[derive(Insertable)]
#[diesel(table_name = passkeys)]
struct NewPasskey<'a> {
    id: Id<Passkey>,
    user_id: Id<User>,
    credential_id: &'a [u8],
    name: &'a str,
    static_state: &'a [u8],
    dynamic_state: &'a [u8],
    transports: i16,
    sign_count: i64,
    created_at: Time,
}

/// # Errors
/// A violation of `passkeys_credential_key` if somebody has it.
pub fn insert_passkey(tx: &mut Tx<'_>, user: Id<User>, name: &str, made: &StoredPasskey) -> Result<Passkey, Failure> {
    let new = NewPasskey {
        id: tx.new_id(),
        user_id: user,
        credential_id: &made.credential_id,
        name,
        static_state: &made.static_state,
        dynamic_state: &made.dynamic_state,
        transports: made.transports,
        sign_count: made.sign_count,
        created_at: tx.now(),
    };
    Ok(diesel::insert_into(passkeys::table).values(new).returning(Passkey::as_returning()).get_result(tx.conn())?)
}

pub fn lock_passkey(tx: &mut Tx<'_>, id: Id<Passkey>) -> Result<Option<Passkey>, Failure> {
    Ok(passkeys::table.find(id).select(Passkey::as_select()).for_update().first(tx.conn()).optional()?)
}

/// Notes a use. The count never falls, or a copy of the key could have itself forgotten.
pub fn set_passkey_used(tx: &mut Tx<'_>, locked: &Passkey, used: &StoredPasskey) -> Result<(), Failure> {
    let now = tx.now();
    diesel::update(passkeys::table.find(locked.id))
        .set((
            passkeys::dynamic_state.eq(&used.dynamic_state),
            passkeys::sign_count.eq(used.sign_count.max(locked.sign_count)),
            passkeys::last_used_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

pub fn set_passkey_name(
    tx: &mut Tx<'_>,
    user: Id<User>,
    id: Id<Passkey>,
    name: &str,
) -> Result<Option<Passkey>, Failure> {
    Ok(diesel::update(passkeys::table.find(id))
        .filter(passkeys::user_id.eq(user))
        .set(passkeys::name.eq(name))
        .returning(Passkey::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Deletes a passkey of somebody. None if it is not theirs.
pub fn delete_passkey(tx: &mut Tx<'_>, user: Id<User>, id: Id<Passkey>) -> Result<Option<Passkey>, Failure> {
    Ok(diesel::delete(passkeys::table.find(id))
        .filter(passkeys::user_id.eq(user))
        .returning(Passkey::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Has an authenticator's answer be waited for. A person waits for one new passkey at a time. Two that are over go for each
/// one that comes, so that however many begin, none are left but those of the last minutes.
pub fn insert_ceremony(tx: &mut Tx<'_>, user: Option<Id<User>>, ceremony: &Ceremony) -> Result<(), Failure> {
    let now = tx.now();
    delete_old_ceremonies(tx, now, 2)?;
    if let Some(user) = user {
        diesel::delete(passkey_ceremonies::table.filter(passkey_ceremonies::user_id.eq(user))).execute(tx.conn())?;
    }
    diesel::insert_into(passkey_ceremonies::table)
        .values((
            passkey_ceremonies::challenge.eq(&ceremony.challenge),
            passkey_ceremonies::user_id.eq(user),
            passkey_ceremonies::state.eq(&ceremony.state),
            passkey_ceremonies::expires_at.eq(now + Passkey::CEREMONY_LIFETIME),
            passkey_ceremonies::created_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// A ceremony that has ended.
#[derive(Queryable, Selectable)]
#[diesel(table_name = passkey_ceremonies)]
pub struct TakenCeremony {
    /// Whose new passkey it was to be; none where any passkey was asked for.
    pub user_id: Option<Id<User>>,
    pub state: Vec<u8>,
}

/// Ends a ceremony. None if it is over.
pub fn take_ceremony(tx: &mut Tx<'_>, challenge: &[u8]) -> Result<Option<TakenCeremony>, Failure> {
    let now = tx.now();
    Ok(diesel::delete(passkey_ceremonies::table.find(challenge))
        .filter(passkey_ceremonies::expires_at.gt(now))
        .returning(TakenCeremony::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Deletes at most `limit` ceremonies that expired before a time. Returns how many.
pub fn delete_old_ceremonies(tx: &mut Tx<'_>, expired_before: Time, limit: i64) -> Result<usize, Failure> {
    let expired: Vec<Vec<u8>> = passkey_ceremonies::table
        .filter(passkey_ceremonies::expires_at.lt(expired_before))
        .limit(limit)
        .select(passkey_ceremonies::challenge)
        .for_update()
        .skip_locked()
        .load(tx.conn())?;
    let rows = passkey_ceremonies::table.filter(passkey_ceremonies::challenge.eq_any(expired));
    Ok(diesel::delete(rows).execute(tx.conn())?)
}
