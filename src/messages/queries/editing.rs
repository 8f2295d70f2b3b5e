//! Changes of messages in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    pg::Pg,
    sql_types::{Integer, Record, Uuid},
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
        tsvector::Document,
    },
    messages::model::{
        Conversation, Message,
        editing::{Deletion, Revision},
        search::searched,
    },
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    schema::{message_revisions, messages},
    users::model::User,
};

/// Locks a message, if there is such a one.
pub fn lock_message(tx: &mut Tx<'_>, id: Id<Message>) -> Result<Option<Message>, Failure> {
    let row = messages::table.filter(messages::id.eq(id)).select(Message::as_select()).for_no_key_update();
    Ok(row.first(tx.conn()).optional()?)
}

/// A message, whoever sees it.
pub fn by_id(conn: &mut Conn, id: Id<Message>) -> Result<Option<Message>, Failure> {
    Ok(messages::table.filter(messages::id.eq(id)).select(Message::as_select()).first(conn).optional()?)
}

/// A message of a conversation, whoever sees it.
pub fn message_of(
    conn: &mut Conn,
    conversation: Id<Conversation>,
    id: Id<Message>,
) -> Result<Option<Message>, Failure> {
    let row = messages::table.filter(messages::id.eq(id).and(messages::conversation_id.eq(conversation)));
    Ok(row.select(Message::as_select()).first(conn).optional()?)
}

/// Keeps what a locked message says.
pub fn insert_revision(tx: &mut Tx<'_>, message: &Message, text: &str) -> Result<(), Failure> {
    let row = (
        message_revisions::message_id.eq(message.id),
        message_revisions::version.eq(message.version),
        message_revisions::text.eq(text),
        message_revisions::written_at.eq(message.edited_at.unwrap_or(message.created_at)),
    );
    diesel::insert_into(message_revisions::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Has a locked message say something else.
pub fn set_text(tx: &mut Tx<'_>, message: &Message, text: &str) -> Result<(), Failure> {
    let now = tx.now();
    let row = diesel::update(messages::table.filter(messages::id.eq(message.id)));
    row.set((
        messages::text.eq(text),
        messages::words.eq(searched(message.conversation_id, text)),
        messages::edited_at.eq(now),
        messages::version.eq(messages::version + 1),
    ))
    .execute(tx.conn())?;
    Ok(())
}

/// Takes the texts out of locked messages. Who takes one away last is who did.
pub fn set_deleted(tx: &mut Tx<'_>, ids: &[Id<Message>], deletion: Deletion) -> Result<(), Failure> {
    let now = tx.now();
    let removal = match deletion {
        Deletion::ByMarket(removal) => Some(removal),
        Deletion::ByAuthor | Deletion::ByOthers => None,
    };
    let rows = diesel::update(messages::table.filter(messages::id.eq_any(ids)));
    rows.set((
        messages::text.eq(None::<String>),
        messages::words.eq(None::<Document>),
        messages::deleted_at.eq(now),
        messages::is_removed.eq(deletion == Deletion::ByOthers),
        messages::removal.eq(removal),
        messages::version.eq(messages::version + 1),
    ))
    .execute(tx.conn())?;
    Ok(())
}

/// Says until when it is kept what a locked message said.
pub fn set_kept_until(tx: &mut Tx<'_>, id: Id<Message>, kept_until: Time) -> Result<(), Failure> {
    let said = diesel::update(message_revisions::table.filter(message_revisions::message_id.eq(id)));
    said.set(message_revisions::kept_until.eq(kept_until)).execute(tx.conn())?;
    Ok(())
}

/// What messages said before, each one's first words first.
pub fn revisions_of(conn: &mut Conn, ids: &[Id<Message>]) -> Result<Vec<Revision>, Failure> {
    Ok(message_revisions::table
        .filter(message_revisions::message_id.eq_any(ids))
        .order((message_revisions::message_id, message_revisions::version))
        .select(Revision::as_select())
        .load(conn)?)
}

/// A page of what somebody's messages said before, message by message.
pub fn revisions_by(
    conn: &mut Conn,
    author: Id<User>,
    page: &Page<(Id<Message>, i32)>,
) -> Result<Slice<Revision>, Failure> {
    let query = message_revisions::table
        .inner_join(messages::table.on(messages::id.eq(message_revisions::message_id)))
        .filter(messages::author_id.eq(author))
        .order((message_revisions::message_id, message_revisions::version))
        .limit(page.fetch_limit())
        .select(Revision::as_select())
        .into_boxed::<Pg>();
    let key = diesel::IntoSql::into_sql::<Record<(Uuid, Integer)>>((
        message_revisions::message_id,
        message_revisions::version,
    ));
    let query = match page.from {
        Some(last) => query.filter(key.gt(last)),
        None => query,
    };
    Ok(page.slice(query.load(conn)?))
}

/// Deleted messages of which something is kept whose time is over, a bounded number, locked in the order of their ids.
pub fn lock_overdue(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Id<Message>>, Failure> {
    let now = tx.now();
    let overdue = message_revisions::table.filter(message_revisions::kept_until.le(now)).limit(limit);
    let ids: Vec<Id<Message>> = overdue.select(message_revisions::message_id).load(tx.conn())?;
    let rows = messages::table.filter(messages::id.eq_any(ids)).order(messages::id);
    Ok(rows.select(messages::id).for_no_key_update().load(tx.conn())?)
}

/// Forgets what locked messages said whose time is over. Returns which of them said it.
pub fn delete_overdue_revisions(tx: &mut Tx<'_>, ids: &[Id<Message>]) -> Result<Vec<Id<Message>>, Failure> {
    let now = tx.now();
    let rows = message_revisions::table.filter(message_revisions::message_id.eq_any(ids));
    let gone = diesel::delete(rows.filter(message_revisions::kept_until.le(now)));
    Ok(gone.returning(message_revisions::message_id).get_results(tx.conn())?)
}

/// Forgets what somebody's messages said before.
pub fn delete_revisions_by(tx: &mut Tx<'_>, author: Id<User>) -> Result<(), Failure> {
    let own = messages::table.filter(messages::author_id.eq(author)).select(messages::id);
    diesel::delete(message_revisions::table.filter(message_revisions::message_id.eq_any(own))).execute(tx.conn())?;
    Ok(())
}
