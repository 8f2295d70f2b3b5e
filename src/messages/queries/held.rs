//! Messages that only their author sees, in Postgres.

use diesel::{
    ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, QueryableByName,
    RunQueryDsl, SelectableHelper,
    dsl::{min, not},
    pg::Pg,
    sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid},
};

use super::{pages::Written, support::concerns};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Direction, Page, Slice},
        tsvector::Document,
    },
    messages::model::{
        Conversation, Draft, Kind, Message,
        held::{Held, Hold},
        search::searched,
    },
    newest_first,
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
        gql::COUNT_LIMIT,
    },
    schema::{conversations, messages, participants},
    users::model::User,
};

#[derive(QueryableByName)]
struct Unheard {
    #[diesel(sql_type = Bool)]
    is_unheard: bool,
}

/// Whether nobody hears what somebody writes in a conversation: the other one of two has blocked them; about an order, its buyer has, or all of
/// those who answer for its shop in these roles, unless support is there. Who asks a shop, and who writes in a group, is heard.
pub fn is_unheard(
    conn: &mut Conn,
    id: Id<Conversation>,
    author: Id<User>,
    answering: &[&str],
) -> Result<bool, Failure> {
    let query = sql_query(
        "SELECT CASE c.kind \
                WHEN 'DIRECT' THEN EXISTS (SELECT FROM participants p \
                     WHERE p.conversation_id = c.id AND p.user_id <> $2 AND p.has_blocked) \
                WHEN 'ORDER' THEN NOT EXISTS (SELECT FROM support_calls u \
                     WHERE u.conversation_id = c.id AND u.closed_at IS NULL AND u.staff_id IS NOT NULL) \
                  AND (coalesce((SELECT bool_and(EXISTS ( \
                            SELECT FROM blocks b WHERE b.blocker_id = s.user_id AND b.blocked_id = $2)) \
                       FROM shop_members s JOIN participants p ON p.conversation_id = c.id AND p.user_id = $2 AND p.is_member \
                      WHERE s.shop_id = c.shop_id AND s.role = ANY ($3)), false) \
                  OR EXISTS (SELECT FROM shop_members s JOIN participants p ON p.conversation_id = c.id AND p.is_member \
                       JOIN blocks b ON b.blocker_id = p.user_id AND b.blocked_id = s.user_id \
                      WHERE s.shop_id = c.shop_id AND s.user_id = $2)) \
                ELSE false END AS is_unheard \
           FROM conversations c WHERE c.id = $1",
    );
    let query = query.bind::<Uuid, _>(id).bind::<Uuid, _>(author).bind::<Array<Text>, _>(answering);
    let found: Option<Unheard> = query.get_result(conn).optional()?;
    Ok(found.is_some_and(|found| found.is_unheard))
}

/// Locks a conversation without taking a number in it. None if there is no such one.
pub fn lock_conversation(tx: &mut Tx<'_>, id: Id<Conversation>) -> Result<Option<Conversation>, Failure> {
    let row = conversations::table.find(id).select(Conversation::as_select()).for_no_key_update();
    Ok(row.first(tx.conn()).optional()?)
}

/// What somebody alone sees in a conversation in which they have a marker, locked.
pub fn lock_held(tx: &mut Tx<'_>, id: Id<Conversation>, author: Id<User>) -> Result<Option<Held>, Failure> {
    let columns = (participants::held_runs, participants::held_unread, participants::held_at);
    let row = participants::table.find((id, author)).select(columns).for_no_key_update();
    let held: Option<(Vec<i64>, i64, Option<Time>)> = row.first(tx.conn()).optional()?;
    Ok(held.map(|(runs, unread, at)| Held::new(runs, unread, at)))
}

pub fn set_held(tx: &mut Tx<'_>, id: Id<Conversation>, author: Id<User>, held: &Held) -> Result<(), Failure> {
    diesel::update(participants::table.find((id, author)))
        .set((
            participants::held_runs.eq(held.runs()),
            participants::held_unread.eq(held.unread),
            participants::held_at.eq(held.at),
        ))
        .execute(tx.conn())?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = messages)]
struct NewHeld<'a> {
    id: Id<Message>,
    conversation_id: Id<Conversation>,
    number: i64,
    author_id: Id<User>,
    text: &'a str,
    client_key: &'a str,
    created_at: Time,
    reply_to_id: Option<Id<Message>>,
    words: Document,
    held: Hold,
    held_number: i64,
    held_after: i64,
}

/// Inserts a message at a place that its author alone sees into a locked conversation. Returns it with what stands for its number.
pub fn insert(
    tx: &mut Tx<'_>,
    conversation: &Conversation,
    (author_id, draft, client_key): (Id<User>, Draft<'_>, &str),
    (held, held_number, created_at): (Hold, i64, Time),
) -> Result<(Id<Message>, i64), Failure> {
    let id = tx.new_id();
    let all = messages::table.filter(messages::conversation_id.eq(conversation.id));
    let least: Option<i64> = all.select(min(messages::number)).first(tx.conn())?;
    let number = least.unwrap_or_default().min(0) - 1;
    let message = NewHeld {
        id,
        conversation_id: conversation.id,
        number,
        author_id,
        text: draft.text,
        client_key,
        created_at,
        reply_to_id: draft.reply_to,
        words: searched(conversation.id, draft.text),
        held,
        held_number,
        held_after: conversation.last_number,
    };
    diesel::insert_into(messages::table).values(message).execute(tx.conn())?;
    Ok((id, number))
}

/// What somebody alone sees, for a page by places.
pub fn page_of(
    conn: &mut Conn,
    (id, author): (Id<Conversation>, Id<User>),
    page: &Page<i64>,
) -> Result<Vec<Written>, Failure> {
    let query = messages::table
        .filter(messages::conversation_id.eq(id))
        .filter(messages::author_id.eq(author))
        .filter(messages::held.is_not_null())
        .filter(messages::held_number.is_not_null())
        .select(Message::as_select())
        .limit(page.fetch_limit())
        .into_boxed::<Pg>();
    let query = match (page.direction, page.from) {
        (Direction::Forward, Some(last)) => query.filter(messages::held_number.gt(last)),
        (Direction::Backward, Some(first)) => query.filter(messages::held_number.lt(first)),
        (_, None) => query,
    };
    let query = match page.direction {
        Direction::Forward => query.order(messages::held_number.asc()),
        Direction::Backward => query.order(messages::held_number.desc()),
    };
    let messages: Vec<Message> = query.load(conn)?;
    Ok(messages.into_iter().map(|message| (message, None)).collect())
}

/// What somebody alone sees in conversations at one of some places. Who wants one place in each picks it out.
pub fn at_places(
    conn: &mut Conn,
    author: Id<User>,
    ids: &[Id<Conversation>],
    places: &[i64],
) -> Result<Vec<Message>, Failure> {
    Ok(messages::table
        .filter(messages::conversation_id.eq_any(ids))
        .filter(messages::author_id.eq(author))
        .filter(messages::held.is_not_null())
        .filter(messages::held_number.assume_not_null().eq_any(places))
        .select(Message::as_select())
        .load(conn)?)
}

/// Has a locked message that waited be held for ever, at another place of what its author sees, and moves up what stood after it.
pub fn set_kept(
    tx: &mut Tx<'_>,
    message: &Message,
    (held_number, held_after, created_at): (i64, i64, Time),
) -> Result<(), Failure> {
    move_up(tx, message)?;
    diesel::update(messages::table.filter(messages::id.eq(message.id)))
        .set((
            messages::created_at.eq(created_at),
            messages::held.eq(Hold::Blocked),
            messages::held_number.eq(held_number),
            messages::held_after.eq(held_after),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Gives a locked message the number that was just taken, and moves up what its author alone sees after it.
pub fn set_released(tx: &mut Tx<'_>, message: &Message, conversation: &Conversation) -> Result<(), Failure> {
    diesel::update(messages::table.filter(messages::id.eq(message.id)))
        .set((
            messages::number.eq(conversation.last_number),
            messages::created_at.eq(conversation.last_message_at),
            messages::held.eq(None::<Hold>),
            messages::held_number.eq(None::<i64>),
            messages::held_after.eq(None::<i64>),
        ))
        .execute(tx.conn())?;
    move_up(tx, message)
}

/// Moves up what stands after a message that its author sees alone.
fn move_up(tx: &mut Tx<'_>, message: &Message) -> Result<(), Failure> {
    let query = sql_query(
        "UPDATE messages SET held_number = held_number - 1 \
          WHERE conversation_id = $1 AND author_id = $2 AND held IS NOT NULL AND held_number > $3",
    );
    query
        .bind::<Uuid, _>(message.conversation_id)
        .bind::<Nullable<Uuid>, _>(message.author_id)
        .bind::<Nullable<BigInt>, _>(message.held_number)
        .execute(tx.conn())?;
    Ok(())
}

/// Has somebody not see any more what they alone saw in a group, which they come into anew.
pub fn forget_places(tx: &mut Tx<'_>, id: Id<Conversation>, author: Id<User>) -> Result<(), Failure> {
    let own = messages::table
        .filter(messages::conversation_id.eq(id))
        .filter(messages::author_id.eq(author))
        .filter(messages::held.is_not_null());
    diesel::update(own).set(messages::held_number.eq(None::<i64>)).execute(tx.conn())?;
    set_held(tx, id, author, &Held::default())
}

/// A page of what waits for one of the staff to look at it, the newest first: nothing of their own affairs.
pub fn to_review(
    conn: &mut Conn,
    reader: Id<User>,
    page: &Page<(Time, Id<Message>)>,
) -> Result<Slice<(Message, Kind)>, Failure> {
    let query = messages::table
        .inner_join(conversations::table.on(conversations::id.eq(messages::conversation_id)))
        .filter(messages::held.eq(Hold::Review))
        .filter(messages::text.is_not_null())
        .filter(not(concerns(reader)))
        .select((Message::as_select(), conversations::kind))
        .into_boxed::<Pg>();
    let query = newest_first!(query, page, (messages::created_at, messages::id): (Timestamptz, Uuid));
    Ok(page.slice(query.load(conn)?))
}

/// How much that is, counted to one more than [`COUNT_LIMIT`].
pub fn count_to_review(conn: &mut Conn, reader: Id<User>) -> Result<i64, Failure> {
    let all = messages::table
        .inner_join(conversations::table.on(conversations::id.eq(messages::conversation_id)))
        .filter(messages::held.eq(Hold::Review))
        .filter(messages::text.is_not_null())
        .filter(not(concerns(reader)));
    Ok(Counted(all.select(messages::id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Uuid)]
    id: Id<Message>,
}

/// At most `limit` messages from before a time that only their authors see and that still say something, in conversations of a kind. Those about
/// an open order are not among them.
pub fn due(conn: &mut Conn, kind: Kind, before: Time, limit: i64) -> Result<Vec<Id<Message>>, Failure> {
    let query = sql_query(
        "SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id \
          WHERE m.held IN ('BLOCKED', 'REVIEW') AND m.text IS NOT NULL AND m.created_at < $2 AND c.kind = $1 \
            AND NOT EXISTS (SELECT FROM order_parts p JOIN orders o ON o.id = p.order_id \
                 WHERE p.conversation_id = m.conversation_id AND o.status = 'OPEN') \
          LIMIT $3",
    );
    let query = query.bind::<Text, _>(kind).bind::<Timestamptz, _>(before).bind::<BigInt, _>(limit);
    let rows: Vec<Row> = query.load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The conversations of some messages.
pub fn conversations_of(conn: &mut Conn, ids: &[Id<Message>]) -> Result<Vec<Conversation>, Failure> {
    let those = messages::table.filter(messages::id.eq_any(ids)).select(messages::conversation_id);
    let rows = conversations::table.filter(conversations::id.eq_any(those));
    Ok(rows.select(Conversation::as_select()).load(conn)?)
}

/// Takes the texts out of what somebody wrote that nobody else ever saw.
pub fn delete_texts_by(tx: &mut Tx<'_>, author: Id<User>) -> Result<(), Failure> {
    let now = tx.now();
    let own = messages::table
        .filter(messages::author_id.eq(author))
        .filter(messages::held.is_not_null())
        .filter(messages::text.is_not_null());
    diesel::update(own)
        .set((
            messages::text.eq(None::<String>),
            messages::words.eq(None::<Document>),
            messages::deleted_at.eq(now),
            messages::version.eq(messages::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}
