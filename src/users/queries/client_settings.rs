//! What clients keep for people, in Postgres.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::{Conn, Tx},
    schema::{client_settings, users},
    users::model::{ClientSettings, User},
};

/// A person's settings, by namespace.
pub fn client_settings(conn: &mut Conn, user: Id<User>) -> Result<Vec<ClientSettings>, Failure> {
    Ok(client_settings::table
        .filter(client_settings::user_id.eq(user))
        .order(client_settings::namespace)
        .limit(ClientSettings::MAXIMUM)
        .select(ClientSettings::as_select())
        .load(conn)?)
}

pub fn count_client_settings(conn: &mut Conn, user: Id<User>) -> Result<i64, Failure> {
    Ok(client_settings::table.filter(client_settings::user_id.eq(user)).count().get_result(conn)?)
}

/// The version of what is kept in a namespace; none if nothing is.
pub fn client_settings_version(conn: &mut Conn, user: Id<User>, namespace: &str) -> Result<Option<i32>, Failure> {
    let row = client_settings::table.find((user, namespace)).select(client_settings::version);
    Ok(row.first(conn).optional()?)
}

/// Keeps a value, as the next version. The person's row is locked.
pub fn set_client_settings(
    tx: &mut Tx<'_>,
    user: Id<User>,
    namespace: &str,
    value: &str,
) -> Result<ClientSettings, Failure> {
    let now = tx.now();
    let forgotten: i32 = users::table.find(user).select(users::settings_version).first(tx.conn())?;
    let row = (
        client_settings::user_id.eq(user),
        client_settings::namespace.eq(namespace),
        client_settings::value.eq(value),
        client_settings::version.eq(forgotten.saturating_add(1)),
        client_settings::updated_at.eq(now),
    );
    Ok(diesel::insert_into(client_settings::table)
        .values(row)
        .on_conflict((client_settings::user_id, client_settings::namespace))
        .do_update()
        .set((
            client_settings::value.eq(value),
            client_settings::version.eq(client_settings::version + 1),
            client_settings::updated_at.eq(now),
        ))
        .returning(ClientSettings::as_returning())
        .get_result(tx.conn())?)
}

/// Forgets what is kept, but not that there were so many versions. The person's row is locked.
pub fn delete_client_settings(tx: &mut Tx<'_>, user: Id<User>, namespace: &str) -> Result<(), Failure> {
    let row = diesel::delete(client_settings::table.find((user, namespace))).returning(client_settings::version);
    if let Some(version) = row.get_result::<i32>(tx.conn()).optional()? {
        let person = users::table.find(user).filter(users::settings_version.lt(version));
        diesel::update(person).set(users::settings_version.eq(version)).execute(tx.conn())?;
    }
    Ok(())
}
