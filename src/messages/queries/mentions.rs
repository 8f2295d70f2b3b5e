//! Mentions in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl,
    SelectableHelper,
    pg::Pg,
    sql_types::{Integer, Record, Uuid},
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    messages::model::{
        Conversation, Message,
        mentions::{Mention, MentionRow},
    },
    platform::db::{Conn, Tx},
    schema::{message_mentions, messages, participants},
    users::model::User,
};

/// Those of the people who take part in a conversation as people and came in before the message of a number, whether or not they want to
/// hear of it.
pub fn members_among(
    conn: &mut Conn,
    (conversation, number): (Id<Conversation>, i64),
    people: &[Id<User>],
) -> Result<Vec<Id<User>>, Failure> {
    let among = participants::conversation_id.eq(conversation).and(participants::user_id.eq_any(people));
    let members = participants::table.filter(among).filter(participants::is_member);
    let seeing = members.filter(participants::joined_number.lt(number));
    Ok(seeing.select(participants::user_id).load(conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = message_mentions)]
struct NewMention {
    message_id: Id<Message>,
    start: i32,
    length: i32,
    user_id: Id<User>,
}

pub fn insert_mentions(tx: &mut Tx<'_>, message_id: Id<Message>, mentions: &[Mention]) -> Result<(), Failure> {
    if mentions.is_empty() {
        return Ok(());
    }
    let row = |mention: &Mention| {
        let Mention { user, start, length } = *mention;
        NewMention { message_id, start, length, user_id: user }
    };
    let rows: Vec<_> = mentions.iter().map(row).collect();
    diesel::insert_into(message_mentions::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// Has a message speak of nobody.
pub fn delete_mentions(tx: &mut Tx<'_>, id: Id<Message>) -> Result<(), Failure> {
    diesel::delete(message_mentions::table.filter(message_mentions::message_id.eq(id))).execute(tx.conn())?;
    Ok(())
}

/// Of whom messages speak, each one's first place first.
pub fn mentions_of(conn: &mut Conn, ids: &[Id<Message>]) -> Result<Vec<MentionRow>, Failure> {
    Ok(message_mentions::table
        .filter(message_mentions::message_id.eq_any(ids))
        .order((message_mentions::message_id, message_mentions::start))
        .select(MentionRow::as_select())
        .load(conn)?)
}

/// A page of where somebody is spoken of, message by message.
pub fn mentions_naming(
    conn: &mut Conn,
    person: Id<User>,
    page: &Page<(Id<Message>, i32)>,
) -> Result<Slice<MentionRow>, Failure> {
    // Who is spoken of where they do not see it learns nothing of it.
    let own = messages::author_id.eq(person).assume_not_null();
    let query = message_mentions::table
        .inner_join(messages::table.on(messages::id.eq(message_mentions::message_id)))
        .filter(message_mentions::user_id.eq(person))
        .filter(messages::held.is_null().or(own))
        .order((message_mentions::message_id, message_mentions::start))
        .limit(page.fetch_limit())
        .select(MentionRow::as_select())
        .into_boxed::<Pg>();
    let key =
        diesel::IntoSql::into_sql::<Record<(Uuid, Integer)>>((message_mentions::message_id, message_mentions::start));
    let query = match page.from {
        Some(last) => query.filter(key.gt(last)),
        None => query,
    };
    Ok(page.slice(query.load(conn)?))
}
