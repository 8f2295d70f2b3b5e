//! Reactions in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper,
    pg::Pg,
    sql_query,
    sql_types::{Array, Record, Text, Uuid},
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    messages::model::{
        Message,
        reactions::{Reaction, ReactionCount},
    },
    platform::db::{Conn, Tx},
    schema::message_reactions,
    users::model::User,
};

/// How many answered messages with what, each message's first emoji first. Of one that is written in two ways it is the coloured form.
pub fn counts_of(conn: &mut Conn, reader: Id<User>, ids: &[Id<Message>]) -> Result<Vec<ReactionCount>, Failure> {
    let query = sql_query(
        "SELECT message_id, max(emoji COLLATE \"C\") AS emoji, count(*) AS count, bool_or(user_id = $2) AS is_mine \
           FROM message_reactions WHERE message_id = ANY($1) \
          GROUP BY message_id, kind ORDER BY message_id, min(created_at), kind COLLATE \"C\"",
    );
    Ok(query.bind::<Array<Uuid>, _>(ids).bind::<Uuid, _>(reader).load(conn)?)
}

/// The kinds of emoji that a message has.
pub fn kinds(conn: &mut Conn, id: Id<Message>) -> Result<Vec<String>, Failure> {
    let all = message_reactions::table.filter(message_reactions::message_id.eq(id));
    Ok(all.select(message_reactions::kind).distinct().load(conn)?)
}

/// Those of them that are somebody's.
pub fn kinds_by(conn: &mut Conn, id: Id<Message>, person: Id<User>) -> Result<Vec<String>, Failure> {
    let own = message_reactions::message_id.eq(id).and(message_reactions::user_id.eq(person));
    Ok(message_reactions::table.filter(own).select(message_reactions::kind).load(conn)?)
}

pub fn insert_reaction(
    tx: &mut Tx<'_>,
    id: Id<Message>,
    person: Id<User>,
    (kind, emoji): (&str, &str),
) -> Result<(), Failure> {
    let now = tx.now();
    let row = (
        message_reactions::message_id.eq(id),
        message_reactions::user_id.eq(person),
        message_reactions::kind.eq(kind),
        message_reactions::emoji.eq(emoji),
        message_reactions::created_at.eq(now),
    );
    diesel::insert_into(message_reactions::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// False if it was not there.
pub fn delete_reaction(tx: &mut Tx<'_>, id: Id<Message>, person: Id<User>, kind: &str) -> Result<bool, Failure> {
    Ok(diesel::delete(message_reactions::table.find((id, person, kind))).execute(tx.conn())? == 1)
}

/// Takes all reactions off a message.
pub fn delete_of(tx: &mut Tx<'_>, id: Id<Message>) -> Result<(), Failure> {
    let all = message_reactions::table.filter(message_reactions::message_id.eq(id));
    diesel::delete(all).execute(tx.conn())?;
    Ok(())
}

/// Takes all of somebody's reactions off.
pub fn delete_by(tx: &mut Tx<'_>, person: Id<User>) -> Result<(), Failure> {
    let own = message_reactions::table.filter(message_reactions::user_id.eq(person));
    diesel::delete(own).execute(tx.conn())?;
    Ok(())
}

/// A page of what somebody answered, message by message.
pub fn reactions_by(
    conn: &mut Conn,
    person: Id<User>,
    page: &Page<(Id<Message>, String)>,
) -> Result<Slice<Reaction>, Failure> {
    let query = message_reactions::table
        .filter(message_reactions::user_id.eq(person))
        .order((message_reactions::message_id, message_reactions::kind))
        .limit(page.fetch_limit())
        .select(Reaction::as_select())
        .into_boxed::<Pg>();
    let key =
        diesel::IntoSql::into_sql::<Record<(Uuid, Text)>>((message_reactions::message_id, message_reactions::kind));
    let query = match &page.from {
        Some((message, kind)) => query.filter(key.gt((*message, kind.clone()))),
        None => query,
    };
    Ok(page.slice(query.load(conn)?))
}
