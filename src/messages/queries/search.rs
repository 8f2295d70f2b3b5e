//! Searching in what was written, in Postgres.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::{exists, not, sql},
    pg::Pg,
    sql_query,
    sql_types::{Array, Bool, Text, Uuid},
};

use super::{on_side, sees};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    messages::model::{
        Conversation, ConversationFilter, Message, Side,
        search::{MAXIMUM_SEARCHED, MessageFilter, Terms, searched},
    },
    newest_first_by_id,
    platform::{
        counted::Counted,
        db::{Conn, Tx},
        gql::COUNT_LIMIT,
    },
    schema::{conversations, message_attachments, messages, participants},
    users::model::User,
};

/// The conversations on a side in which something was written last, or one of them.
pub fn searched_on(
    conn: &mut Conn,
    reader: Id<User>,
    side: Side,
    only: Option<Id<Conversation>>,
) -> Result<Vec<Id<Conversation>>, Failure> {
    let query = on_side(reader, side, ConversationFilter::default());
    let query = match only {
        Some(id) => query.filter(conversations::id.eq(id)),
        None => query,
    };
    let newest = query.order(conversations::last_message_at.desc()).limit(MAXIMUM_SEARCHED);
    Ok(newest.select(conversations::id).load(conn)?)
}

/// The messages on a side that a search finds. Of a group none is from before the reader came in, and what is held only its author finds.
fn hits(reader: Id<User>, side: Side, terms: Terms, filter: MessageFilter) -> messages::BoxedQuery<'static, Pg> {
    let MessageFilter { author, conversation, after, before, has_attachment } = filter;
    let matches = sql::<Bool>("messages.words @@ ").bind::<Text, _>(terms.indexed).sql("::tsquery");
    let query = messages::table.into_boxed::<Pg>().filter(matches);
    let query = match terms.beginning {
        // No index is asked for it: written so, there is none.
        Some(beginning) => {
            let begins = sql::<Bool>("(messages.words || ''::tsvector) @@ ").bind::<Text, _>(beginning);
            query.filter(begins.sql("::tsquery"))
        }
        None => query,
    };
    let query = match side {
        Side::Participant => {
            let is_seen = participants::joined_number.lt(messages::number).or(messages::number.lt(0));
            let marker = participants::table
                .filter(participants::conversation_id.eq(messages::conversation_id))
                .filter(participants::user_id.eq(reader))
                .filter(is_seen)
                .filter(sees());
            query.filter(exists(marker))
        }
        Side::Shop(_) => query,
    };
    let own = messages::author_id.eq(reader).and(messages::held_number.is_not_null());
    let query = query.filter(messages::held.is_null().or(own.assume_not_null()));
    let query = match conversation {
        Some(id) => query.filter(messages::conversation_id.eq(id)),
        None => query,
    };
    let query = match author {
        Some(author) => query.filter(messages::author_id.eq(author)),
        None => query,
    };
    let query = match after {
        Some(after) => query.filter(messages::created_at.gt(after)),
        None => query,
    };
    let query = match before {
        Some(before) => query.filter(messages::created_at.lt(before)),
        None => query,
    };
    let attached = message_attachments::table.filter(message_attachments::message_id.eq(messages::id));
    match has_attachment {
        Some(true) => query.filter(exists(attached)),
        Some(false) => query.filter(not(exists(attached))),
        None => query,
    }
}

/// A page of what a search finds, newest first.
pub fn found(
    conn: &mut Conn,
    (reader, side): (Id<User>, Side),
    terms: Terms,
    filter: MessageFilter,
    page: &Page<Id<Message>>,
) -> Result<Slice<Id<Message>>, Failure> {
    let query = hits(reader, side, terms, filter).select(messages::id);
    let query = newest_first_by_id!(query, page, messages::id);
    Ok(page.slice(query.load(conn)?))
}

/// How many messages a search finds, counted to one more than [`COUNT_LIMIT`].
pub fn count_found(
    conn: &mut Conn,
    (reader, side): (Id<User>, Side),
    terms: Terms,
    filter: MessageFilter,
) -> Result<i64, Failure> {
    let query = hits(reader, side, terms, filter).select(messages::id);
    Ok(Counted(query.limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

/// Writes the words of messages that have none, a bounded number at once, the newest first. Returns how many. Whoever is changing one writes them
/// anyway.
pub fn write_words(tx: &mut Tx<'_>, limit: i64) -> Result<usize, Failure> {
    let wordless: Vec<(Id<Message>, Id<Conversation>, Option<String>)> = messages::table
        .filter(sql::<Bool>("words IS NULL AND text IS NOT NULL"))
        .order(messages::id.desc())
        .limit(limit)
        .select((messages::id, messages::conversation_id, messages::text))
        .for_no_key_update()
        .skip_locked()
        .load(tx.conn())?;
    let ids: Vec<_> = wordless.iter().map(|(id, ..)| *id).collect();
    let words: Vec<_> = wordless
        .iter()
        .map(|(_, conversation, text)| searched(*conversation, text.as_deref().unwrap_or_default()).to_string())
        .collect();
    let query = sql_query(
        "UPDATE messages SET words = w.words::tsvector FROM unnest($1, $2) AS w (id, words) WHERE messages.id = w.id",
    );
    Ok(query.bind::<Array<Uuid>, _>(ids).bind::<Array<Text>, _>(words).execute(tx.conn())?)
}
