//! Who has not read what is new in the log, in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    RunQueryDsl, sql_query,
    sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid},
    upsert::excluded,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::{
        Conversation, Marker, MessageSent,
        news::{ToWake, ToWrite, Waiting, Watch},
    },
    platform::{
        clock::Time,
        db::{Conn, Tx},
        events::EventBody,
    },
    schema::{events, message_digests, message_watches, messages, sessions, users},
    users::model::User,
};

/// Where a watch has come to, in which epoch of the log. Locked, so that nothing is told twice.
pub fn lock_watch(tx: &mut Tx<'_>, watch: Watch) -> Result<Option<(Uuid, i64)>, Failure> {
    let row = message_watches::table.find(watch).select((message_watches::epoch, message_watches::position));
    Ok(row.for_update().first(tx.conn()).optional()?)
}

pub fn set_watch(tx: &mut Tx<'_>, watch: Watch, (epoch, position): (Uuid, i64)) -> Result<(), Failure> {
    let row =
        (message_watches::name.eq(watch), message_watches::epoch.eq(epoch), message_watches::position.eq(position));
    diesel::insert_into(message_watches::table)
        .values(row)
        .on_conflict(message_watches::name)
        .do_update()
        .set((
            message_watches::epoch.eq(excluded(message_watches::epoch)),
            message_watches::position.eq(excluded(message_watches::position)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// The first place of a part of the log that was recorded after a time.
pub fn first_after(conn: &mut Conn, (from, until): (i64, i64), time: Time) -> Result<Option<i64>, Failure> {
    Ok(events::table
        .filter(events::position.gt(from))
        .filter(events::position.le(until))
        .filter(events::recorded_at.gt(time))
        .order(events::position)
        .select(events::position)
        .first(conn)
        .optional()?)
}

/// The messages that were sent in a part of the log.
pub fn sent_between(conn: &mut Conn, (from, until): (i64, i64)) -> Result<Vec<Uuid>, Failure> {
    let sent: Vec<Value> = events::table
        .filter(events::position.gt(from))
        .filter(events::position.le(until))
        .filter(events::kind.eq(MessageSent::KIND))
        .order(events::position)
        .select(events::payload)
        .load(conn)?;
    let message = |payload| serde_json::from_value::<MessageSent>(payload).map(|sent| sent.message.uuid());
    sent.into_iter().map(message).collect::<Result<_, _>>().map_err(Failure::internal)
}

/// The people who have not read texts of some messages: those who take part in person, unless they have put the conversation away or muted
/// it, and those who have accepted that they answer for its shop, to what others write.
const UNREAD: &str = "\
    WITH told AS ( \
      SELECT m.conversation_id, m.number, c.shop_id, \
             NOT EXISTS (SELECT FROM shop_members a WHERE a.shop_id = c.shop_id AND a.user_id = m.author_id) AS is_asked \
        FROM messages m JOIN conversations c ON c.id = m.conversation_id \
       WHERE m.id = ANY ($1) AND m.text IS NOT NULL AND m.deleted_at IS NULL AND m.created_at > $2), \
    unread AS ( \
      SELECT p.user_id, t.conversation_id, t.number \
        FROM told t JOIN participants p ON p.conversation_id = t.conversation_id \
       WHERE p.is_member AND NOT p.has_blocked AND NOT p.is_archived AND (p.muted_until IS NULL OR p.muted_until <= $3) \
         AND p.last_read_number < t.number AND p.joined_number < t.number \
       UNION ALL \
      SELECT s.user_id, t.conversation_id, t.number \
        FROM told t JOIN shop_members s ON s.shop_id = t.shop_id \
        LEFT JOIN participants p ON p.conversation_id = t.conversation_id AND p.user_id = s.user_id \
       WHERE t.is_asked AND s.is_accepted AND s.role = ANY ($4) AND NOT coalesce(p.is_archived, false) \
         AND (p.muted_until IS NULL OR p.muted_until <= $3) AND coalesce(p.last_read_number, 0) < t.number) ";

/// The devices of those who have not read some messages that were written since a time, for each conversation once.
pub fn to_wake(
    conn: &mut Conn,
    sent: &[Uuid],
    (since, now): (Time, Time),
    answering: &[&str],
) -> Result<Vec<ToWake>, Failure> {
    let query = sql_query(format!(
        "{UNREAD} SELECT u.conversation_id, u.user_id, d.id AS device_id, max(u.number) AS number \
           FROM unread u JOIN push_devices d ON d.user_id = u.user_id JOIN sessions e ON e.id = d.session_id \
          WHERE e.ended_at IS NULL AND e.expires_at > $3 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ));
    Ok(query
        .bind::<Array<SqlUuid>, _>(sent)
        .bind::<Timestamptz, _>(since)
        .bind::<Timestamptz, _>(now)
        .bind::<Array<Text>, _>(answering)
        .load(conn)?)
}

/// Who takes part in person, has not read some messages, and has an address.
pub fn to_write(conn: &mut Conn, sent: &[Uuid], now: Time) -> Result<Vec<ToWrite>, Failure> {
    let nobody: &[&str] = &[];
    let query = sql_query(format!(
        "{UNREAD} SELECT u.user_id, max(d.told_at) AS told_at \
           FROM unread u JOIN users p ON p.id = u.user_id LEFT JOIN message_digests d ON d.user_id = u.user_id \
          WHERE p.erased_at IS NULL AND p.email IS NOT NULL GROUP BY 1 ORDER BY 1"
    ));
    Ok(query
        .bind::<Array<SqlUuid>, _>(sent)
        .bind::<Timestamptz, _>(Time::UNIX_EPOCH)
        .bind::<Timestamptz, _>(now)
        .bind::<Array<Text>, _>(nobody)
        .load(conn)?)
}

/// Who wrote the newest text that somebody has not read, and the text.
pub fn newest_text(
    conn: &mut Conn,
    id: Id<Conversation>,
    reader: Id<User>,
    marker: &Marker,
) -> Result<Option<(String, String)>, Failure> {
    let text: Option<(String, Option<String>)> = messages::table
        .inner_join(users::table.on(users::id.nullable().eq(messages::author_id)))
        .filter(messages::conversation_id.eq(id))
        .filter(messages::number.gt(marker.last_read_number.max(marker.joined_number)))
        .filter(messages::text.is_not_null().and(messages::deleted_at.is_null()))
        .filter(users::id.ne(reader))
        .order(messages::number.desc())
        .select((users::display_name, messages::text))
        .first(conn)
        .optional()?;
    Ok(text.and_then(|(name, text)| Some((name, text?))))
}

/// Whether somebody has been seen since a time.
pub fn is_seen_since(conn: &mut Conn, user: Id<User>, since: Time) -> Result<bool, Failure> {
    let seen = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::last_seen_at.gt(since));
    Ok(diesel::select(diesel::dsl::exists(seen)).get_result(conn)?)
}

/// When somebody was last told by mail of what they have not read.
pub fn told_at(conn: &mut Conn, user: Id<User>) -> Result<Option<Time>, Failure> {
    Ok(message_digests::table.find(user).select(message_digests::told_at).first(conn).optional()?)
}

/// What was written since a time that somebody has not read, as [`badges`](super::state::badges) counts it.
pub fn waiting(conn: &mut Conn, user: Id<User>, since: Option<Time>, now: Time) -> Result<Waiting, Failure> {
    let query = sql_query(
        "SELECT count(*) AS conversations, coalesce(sum(c.last_number - p.last_read_number + p.held_unread), 0)::bigint AS messages \
           FROM participants p JOIN conversations c ON c.id = p.conversation_id \
          WHERE p.user_id = $1 AND p.is_member AND NOT p.has_blocked AND NOT p.is_archived \
            AND (p.muted_until IS NULL OR p.muted_until <= $2) AND c.last_number > p.last_read_number \
            AND c.last_message_at > coalesce($3, '-infinity'::timestamptz)",
    );
    Ok(query
        .bind::<SqlUuid, _>(user)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Timestamptz>, _>(since)
        .get_result(conn)?)
}

pub fn set_told(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    let now = tx.now();
    diesel::insert_into(message_digests::table)
        .values((message_digests::user_id.eq(user), message_digests::told_at.eq(now)))
        .on_conflict(message_digests::user_id)
        .do_update()
        .set(message_digests::told_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}

pub fn forget_told(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    diesel::delete(message_digests::table.find(user)).execute(tx.conn())?;
    Ok(())
}
