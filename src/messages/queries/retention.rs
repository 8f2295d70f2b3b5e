//! Texts that were kept as long as the operator wants, in Postgres.

use diesel::{
    ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper, sql_query,
    sql_types::{Array, BigInt, Timestamptz, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::{Conversation, Kind, Message},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{conversations, message_mentions, message_reactions, message_revisions, messages},
};

/// The conversations of a kind in which texts from before a time have been left for longest, a bounded number.
pub fn next_due(conn: &mut Conn, kind: Kind, before: Time, limit: i64) -> Result<Vec<Conversation>, Failure> {
    let due = conversations::table.filter(conversations::kind.eq(kind)).filter(conversations::texts_from.lt(before));
    Ok(due.order(conversations::texts_from).limit(limit).select(Conversation::as_select()).load(conn)?)
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Id<Message>,
}

/// At most `limit` messages of conversations from before a time that still say something, each one's first first. Those that wait for the staff, and
/// those about an open order, are not among them.
pub fn due(conn: &mut Conn, ids: &[Id<Conversation>], before: Time, limit: i64) -> Result<Vec<Id<Message>>, Failure> {
    let query = sql_query(
        "SELECT f.id FROM unnest($1) AS w (id) JOIN conversations c ON c.id = w.id CROSS JOIN LATERAL \
                (SELECT m.id FROM messages m \
                  WHERE m.conversation_id = c.id AND m.number > c.texts_after AND m.created_at < $2 AND m.text IS NOT NULL \
                    AND NOT EXISTS (SELECT FROM moderation_cases r \
                         WHERE r.target_kind = 'MESSAGE' AND r.target_id = m.id AND r.state IN ('OPEN', 'APPEALED')) \
                    AND NOT EXISTS (SELECT FROM order_parts p JOIN orders o ON o.id = p.order_id \
                         WHERE p.conversation_id = m.conversation_id AND o.status = 'OPEN') \
                  ORDER BY m.number LIMIT $3) f \
          LIMIT $3",
    );
    let query = query.bind::<Array<SqlUuid>, _>(ids).bind::<Timestamptz, _>(before).bind::<BigInt, _>(limit);
    let rows: Vec<Row> = query.load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Says when conversations, of which nothing is due now, are to be looked at again: when the first text of each is, or, where texts from before
/// the time are left, at `again`.
pub fn set_looked_at(tx: &mut Tx<'_>, ids: &[Id<Conversation>], before: Time, again: Time) -> Result<(), Failure> {
    let now = tx.now();
    let query = sql_query(
        "UPDATE conversations SET \
                texts_from = CASE WHEN f.created_at < $2 THEN $3 ELSE coalesce(f.created_at, $4) END, \
                texts_after = coalesce(f.number - 1, conversations.last_number) \
           FROM unnest($1) AS w (id) LEFT JOIN LATERAL \
                (SELECT m.number, m.created_at FROM messages m JOIN conversations c ON c.id = m.conversation_id \
                  WHERE m.conversation_id = w.id AND m.number > c.texts_after AND m.text IS NOT NULL \
                  ORDER BY m.number LIMIT 1) f ON true \
          WHERE conversations.id = w.id",
    );
    query
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Timestamptz, _>(before)
        .bind::<Timestamptz, _>(again)
        .bind::<Timestamptz, _>(now)
        .execute(tx.conn())?;
    Ok(())
}

/// Locks those of some messages that still say something.
pub fn lock_said(tx: &mut Tx<'_>, ids: &[Id<Message>]) -> Result<Vec<Message>, Failure> {
    let said = messages::table.filter(messages::id.eq_any(ids)).filter(messages::text.is_not_null());
    Ok(said.order(messages::id).select(Message::as_select()).for_no_key_update().load(tx.conn())?)
}

/// Forgets what locked messages said before, whom they named, and how they were answered.
pub fn forget_around(tx: &mut Tx<'_>, ids: &[Id<Message>]) -> Result<(), Failure> {
    diesel::delete(message_revisions::table.filter(message_revisions::message_id.eq_any(ids))).execute(tx.conn())?;
    diesel::delete(message_reactions::table.filter(message_reactions::message_id.eq_any(ids))).execute(tx.conn())?;
    diesel::delete(message_mentions::table.filter(message_mentions::message_id.eq_any(ids))).execute(tx.conn())?;
    Ok(())
}
