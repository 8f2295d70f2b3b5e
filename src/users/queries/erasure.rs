//! Erasing people in Postgres.

use diesel::{
    ExpressionMethods, NullableExpressionMethods, QueryDsl, RunQueryDsl, dsl,
    sql_types::{Bytea, Timestamptz, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id, place::Locale},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{
        api_keys, audit_entries, blocks, client_settings, email_changes, former_addresses, handles, identities,
        passkey_ceremonies, passkeys, password_resets, preferences, provider_flows, saved_addresses, second_factors,
        security_events, sessions, sign_in_challenges, staff_grants, suspensions, users, verifications,
    },
    users::model::{Role, User},
};

/// Deletes what is a person's alone.
pub fn delete_belongings(tx: &mut Tx<'_>, user: Id<User>, email_key: Option<&str>) -> Result<(), Failure> {
    macro_rules! delete {
        ($($table:ident),+) => {
            $(diesel::delete($table::table.filter($table::user_id.eq(user))).execute(tx.conn())?;)+
        };
    }
    delete!(client_settings, handles, identities, passkeys, preferences, saved_addresses, second_factors);
    delete!(email_changes, passkey_ceremonies, password_resets, provider_flows, security_events, sign_in_challenges);
    delete!(suspensions);
    diesel::delete(blocks::table.filter(blocks::blocker_id.eq(user))).execute(tx.conn())?;
    if let Some(key) = email_key {
        diesel::delete(verifications::table.filter(verifications::email_key.eq(key))).execute(tx.conn())?;
    }
    Ok(())
}

/// Forgets the devices of a person's sessions, ends their keys, and keeps of what the staff did that they did it, without why.
pub fn set_forgotten(tx: &mut Tx<'_>, user: Id<User>, now: Time) -> Result<(), Failure> {
    diesel::update(sessions::table.filter(sessions::user_id.eq(user)))
        .set((sessions::device.eq(""), sessions::address.eq(None::<String>)))
        .execute(tx.conn())?;
    diesel::update(api_keys::table.filter(api_keys::user_id.eq(user)))
        .set((
            api_keys::name.eq(""),
            api_keys::revoked_at
                .eq(dsl::sql::<Timestamptz>("coalesce(revoked_at, ").bind::<Timestamptz, _>(now).sql(")").nullable()),
        ))
        .execute(tx.conn())?;
    diesel::update(audit_entries::table.filter(audit_entries::user_id.eq(user)))
        .set(audit_entries::reason.eq(""))
        .execute(tx.conn())?;
    diesel::update(staff_grants::table.filter(staff_grants::user_id.eq(user)))
        .set(staff_grants::reason.eq(""))
        .execute(tx.conn())?;
    Ok(())
}

/// Leaves of a person that there was one.
pub fn set_erased(tx: &mut Tx<'_>, user: Id<User>, now: Time) -> Result<(), Failure> {
    diesel::update(users::table.find(user))
        .set((
            users::email.eq(None::<String>),
            users::email_key.eq(None::<String>),
            users::password_hash.eq(None::<String>),
            users::display_name.eq(""),
            users::handle.eq(None::<String>),
            users::bio.eq(""),
            users::role.eq(Role::Member),
            users::locale.eq(Locale::default()),
            users::version.eq(users::version + 1),
            users::erased_at.eq(now),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Whether anybody has blocked a person.
pub fn is_blocked_by_any(conn: &mut Conn, user: Id<User>) -> Result<bool, Failure> {
    let any = blocks::table.filter(blocks::blocked_id.eq(user));
    Ok(diesel::select(diesel::dsl::exists(any)).get_result(conn)?)
}

/// Has what blocks the erased accounts of an address block a new one, too. Those who blocked do not see it.
pub fn inherit_blocks(tx: &mut Tx<'_>, user: Id<User>, address_key: &[u8]) -> Result<(), Failure> {
    diesel::sql_query(
        "INSERT INTO blocks (blocker_id, blocked_id, created_at, inherited_from) \
         SELECT blocker_id, $1, created_at, coalesce(inherited_from, blocked_id) FROM blocks \
          WHERE blocked_id IN (SELECT user_id FROM former_addresses WHERE address_key = $2) \
         ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(user)
    .bind::<Bytea, _>(address_key)
    .execute(tx.conn())?;
    Ok(())
}

/// Keeps what stands for the address of somebody who is erased.
pub fn insert_former_address(tx: &mut Tx<'_>, user: Id<User>, address_key: &[u8]) -> Result<(), Failure> {
    let now = tx.now();
    let row = (
        former_addresses::user_id.eq(user),
        former_addresses::address_key.eq(address_key),
        former_addresses::erased_at.eq(now),
    );
    diesel::insert_into(former_addresses::table).values(row).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}

/// Deletes at most `limit` of them that were kept since before a time. Returns how many.
pub fn delete_former_addresses(tx: &mut Tx<'_>, before: Time, limit: i64) -> Result<usize, Failure> {
    let old = former_addresses::table.filter(former_addresses::erased_at.lt(before)).limit(limit);
    let old: Vec<Id<User>> = old.select(former_addresses::user_id).load(tx.conn())?;
    let rows = former_addresses::table.filter(former_addresses::user_id.eq_any(old));
    Ok(diesel::delete(rows).execute(tx.conn())?)
}
