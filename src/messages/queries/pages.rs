//! Pages of a conversation's messages, in Postgres.

use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper, pg::Pg,
};

use super::held;
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Direction, Page, Slice},
    },
    messages::model::{Conversation, Message, With, held::Held},
    platform::db::Conn,
    schema::{messages, users},
    users::model::{Face, User},
};

/// A message, and its author if they were asked for.
pub type Written = (Message, Option<Face>);

/// A page of what a conversation has after a number, as somebody sees it: oldest first, by place.
pub fn messages_in(
    conn: &mut Conn,
    (id, after): (Id<Conversation>, i64),
    (reader, held): (Id<User>, &Held),
    with: With,
    page: &Page<i64>,
) -> Result<Slice<Written>, Failure> {
    if held.count() == 0 {
        return Ok(page.slice(numbered(conn, (id, after), with, page)?));
    }
    let from = page.from.map(|place| match page.direction {
        Direction::Forward => held.up_to(place).0,
        Direction::Backward => held.up_to(place - 1).0 + 1,
    });
    let told = Page { limit: page.limit, from, direction: page.direction };
    let mut rows = numbered(conn, (id, after), with, &told)?;
    rows.extend(held::page_of(conn, (id, reader), page)?);
    let mut rows: Vec<Written> = rows.into_iter().map(|(message, author)| (message.placed(held), author)).collect();
    match page.direction {
        Direction::Forward => rows.sort_by_key(|(message, _)| message.number),
        Direction::Backward => rows.sort_by_key(|(message, _)| std::cmp::Reverse(message.number)),
    }
    Ok(page.slice(rows))
}

/// Messages of a conversation after a number, for a page by numbers. What is held has numbers below 0.
fn numbered(
    conn: &mut Conn,
    (id, after): (Id<Conversation>, i64),
    with: With,
    page: &Page<i64>,
) -> Result<Vec<Written>, Failure> {
    let query = messages::table
        .left_join(users::table.on(users::id.nullable().eq(messages::author_id)))
        .filter(messages::conversation_id.eq(id))
        .filter(messages::number.gt(after))
        .limit(page.fetch_limit())
        .into_boxed::<Pg>();
    let query = match (page.direction, page.from) {
        (Direction::Forward, Some(last)) => query.filter(messages::number.gt(last)),
        (Direction::Backward, Some(first)) => query.filter(messages::number.lt(first)),
        (_, None) => query,
    };
    let query = match page.direction {
        Direction::Forward => query.order(messages::number.asc()),
        Direction::Backward => query.order(messages::number.desc()),
    };
    Ok(match with {
        // Without a column of theirs, Postgres leaves the people out of its plan.
        With::Nothing => {
            let messages: Vec<Message> = query.select(Message::as_select()).load(conn)?;
            messages.into_iter().map(|message| (message, None)).collect()
        }
        With::Author => query.select((Message::as_select(), Option::<Face>::as_select())).load(conn)?,
    })
}
