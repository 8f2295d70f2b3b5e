//! Messages that the staff have hidden, in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::exists,
    sql_query,
    sql_types::{BigInt, Timestamptz, Uuid as SqlUuid},
};

use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::{Conversation, Kind, Message, editing::Removal, search::searched},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{conversations, message_revisions, messages},
};

/// A conversation, whoever sees it.
pub fn conversation(conn: &mut Conn, id: Id<Conversation>) -> Result<Option<Conversation>, Failure> {
    Ok(conversations::table.find(id).select(Conversation::as_select()).first(conn).optional()?)
}

/// Whether there is a conversation about an order with this id.
pub fn is_about_order(conn: &mut Conn, id: Id<Conversation>) -> Result<bool, Failure> {
    let row = conversations::table.filter(conversations::id.eq(id).and(conversations::kind.eq(Kind::Order)));
    Ok(diesel::select(exists(row)).get_result(conn)?)
}

/// What a hidden message said when it was hidden, which is kept with it no more. None if it is forgotten.
pub fn take_hidden_text(tx: &mut Tx<'_>, message: &Message) -> Result<Option<String>, Failure> {
    let last = message_revisions::table.find((message.id, message.version - 1));
    Ok(diesel::delete(last).returning(message_revisions::text).get_result(tx.conn()).optional()?)
}

/// Has a hidden message say again what it said.
pub fn set_shown(tx: &mut Tx<'_>, message: &Message, text: &str) -> Result<(), Failure> {
    let row = diesel::update(messages::table.filter(messages::id.eq(message.id)));
    row.set((
        messages::text.eq(text),
        messages::words.eq(searched(message.conversation_id, text)),
        messages::deleted_at.eq(None::<Time>),
        messages::removal.eq(None::<Removal>),
        messages::version.eq(messages::version + 1),
    ))
    .execute(tx.conn())?;
    let said = diesel::update(message_revisions::table.filter(message_revisions::message_id.eq(message.id)));
    said.set(message_revisions::kept_until.eq(None::<Time>)).execute(tx.conn())?;
    Ok(())
}

/// Has a locked message be looked at again by whoever forgets old texts.
pub fn set_text_left(tx: &mut Tx<'_>, message: &Message) -> Result<(), Failure> {
    let query =
        sql_query("UPDATE conversations SET texts_from = $2, texts_after = least(texts_after, $3) WHERE id = $1");
    query
        .bind::<SqlUuid, _>(message.conversation_id)
        .bind::<Timestamptz, _>(Time::UNIX_EPOCH)
        .bind::<BigInt, _>(message.number - 1)
        .execute(tx.conn())?;
    Ok(())
}
