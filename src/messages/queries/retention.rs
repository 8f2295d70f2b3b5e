//! Texts that were kept as long as the operator wants, in Postgres.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper, sql_query,
    sql_types::{BigInt, Timestamptz, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::{Conversation, Kind, Message},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{conversations, message_revisions},
};

/// The conversation of a kind in which texts from before a time have been left for longest, if there is one.
pub fn next_due(conn: &mut Conn, kind: Kind, before: Time) -> Result<Option<Conversation>, Failure> {
    let due = conversations::table.filter(conversations::kind.eq(kind)).filter(conversations::texts_from.lt(before));
    Ok(due.order(conversations::texts_from).select(Conversation::as_select()).first(conn).optional()?)
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Id<Message>,
}

/// At most `limit` messages of a conversation from before a time that still say something, the first first. Those that wait for the staff, and
/// those about an open order, are not among them.
pub fn due(conn: &mut Conn, id: Id<Conversation>, before: Time, limit: i64) -> Result<Vec<Id<Message>>, Failure> {
    let query = sql_query(
        "SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id \
          WHERE m.conversation_id = $1 AND m.number > c.texts_after AND m.created_at < $2 AND m.text IS NOT NULL \
            AND NOT EXISTS (SELECT FROM moderation_cases r \
                 WHERE r.target_kind = 'MESSAGE' AND r.target_id = m.id AND r.state IN ('OPEN', 'APPEALED')) \
            AND NOT EXISTS (SELECT FROM order_parts p JOIN orders o ON o.id = p.order_id \
                 WHERE p.conversation_id = m.conversation_id AND o.status = 'OPEN') \
          ORDER BY m.number LIMIT $3",
    );
    let query = query.bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(before).bind::<BigInt, _>(limit);
    let rows: Vec<Row> = query.load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Says when a conversation, of which nothing is due now, is to be looked at again: when its first text is, or, where texts from before the time
/// are left, at `again`.
pub fn set_looked_at(tx: &mut Tx<'_>, id: Id<Conversation>, before: Time, again: Time) -> Result<(), Failure> {
    let now = tx.now();
    let query = sql_query(
        "UPDATE conversations SET \
                texts_from = CASE WHEN f.created_at < $2 THEN $3 ELSE coalesce(f.created_at, $4) END, \
                texts_after = coalesce(f.number - 1, conversations.last_number) \
           FROM (SELECT $1 AS id) w LEFT JOIN LATERAL \
                (SELECT m.number, m.created_at FROM messages m JOIN conversations c ON c.id = m.conversation_id \
                  WHERE m.conversation_id = w.id AND m.number > c.texts_after AND m.text IS NOT NULL \
                  ORDER BY m.number LIMIT 1) f ON true \
          WHERE conversations.id = w.id",
    );
    query
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(before)
        .bind::<Timestamptz, _>(again)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets what a message said before.
pub fn delete_revisions(tx: &mut Tx<'_>, id: Id<Message>) -> Result<(), Failure> {
    diesel::delete(message_revisions::table.filter(message_revisions::message_id.eq(id))).execute(tx.conn())?;
    Ok(())
}
