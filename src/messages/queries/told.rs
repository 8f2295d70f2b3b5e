//! What somebody is told who asks what is kept about them.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl,
    SelectableHelper,
    dsl::sql,
    pg::Pg,
    sql_types::{BigInt, Uuid},
};

use super::sees;
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    messages::model::{Conversation, Kind, Message, groups::Invitation},
    platform::{clock::Time, db::Conn},
    schema::{conversations, group_invitations, messages, participants},
    users::model::User,
};

/// A conversation in which somebody has a marker, of which kind it is, since when, up to which message they have read it, and how
/// they keep it: whether it is put away, since when it is pinned, and until when it is muted. Then where those stand that they alone see, and how
/// many of these they have marked unread.
pub type Marked = (Id<Conversation>, Kind, Time, i64, bool, Option<Time>, Option<Time>, Vec<i64>, i64);

/// A page of the conversations in which somebody has a marker.
pub fn markers_of(conn: &mut Conn, user: Id<User>, page: &Page<Id<Conversation>>) -> Result<Slice<Marked>, Failure> {
    let query = participants::table
        .inner_join(conversations::table.on(conversations::id.eq(participants::conversation_id)))
        .filter(participants::user_id.eq(user))
        .order(participants::conversation_id)
        .limit(page.fetch_limit())
        .select((
            conversations::id,
            conversations::kind,
            participants::created_at,
            participants::last_read_number,
            participants::is_archived,
            participants::pinned_at,
            participants::muted_until,
            participants::held_runs,
            participants::held_unread,
        ))
        .into_boxed::<Pg>();
    let query = match page.from {
        Some(last) => query.filter(participants::conversation_id.gt(last)),
        None => query,
    };
    Ok(page.slice(query.load(conn)?))
}

/// A page of the groups into which somebody is asked, or did not want to come, and what they are called.
pub fn invitations_of(
    conn: &mut Conn,
    user: Id<User>,
    page: &Page<Id<Conversation>>,
) -> Result<Slice<(Invitation, Option<String>)>, Failure> {
    let query = group_invitations::table
        .inner_join(conversations::table.on(conversations::id.eq(group_invitations::conversation_id)))
        .filter(group_invitations::user_id.eq(user))
        .order(group_invitations::conversation_id)
        .limit(page.fetch_limit())
        .select((Invitation::as_select(), conversations::title))
        .into_boxed::<Pg>();
    let query = match page.from {
        Some(last) => query.filter(group_invitations::conversation_id.gt(last)),
        None => query,
    };
    Ok(page.slice(query.load(conn)?))
}

/// Where a page of messages goes on: the conversation, the last number before what is held, and its place.
pub type PlaceKey = (Id<Conversation>, i64, i64);

/// A message, of which kind its conversation is, its key, and where those stand that somebody alone sees in it.
pub type Placed = (Message, Kind, PlaceKey, Vec<i64>);

/// A page of all that somebody may read who takes part as a person, and of what they wrote for shops and in groups that they have
/// left, conversation by conversation.
pub fn messages_of(conn: &mut Conn, user: Id<User>, page: &Page<PlaceKey>) -> Result<Slice<Placed>, Failure> {
    let own = participants::conversation_id.eq(messages::conversation_id).and(participants::user_id.eq(user));
    let read = sees().and(messages::number.gt(participants::joined_number));
    let key = (
        messages::conversation_id,
        sql::<BigInt>("coalesce(messages.held_after, messages.number)"),
        sql::<BigInt>("coalesce(messages.held_number, -least(messages.number, 0))"),
    );
    let query = messages::table
        .inner_join(participants::table.on(own))
        .inner_join(conversations::table.on(conversations::id.eq(messages::conversation_id)))
        .filter(read.or(messages::author_id.eq(user).assume_not_null()))
        .order(key.clone())
        .limit(page.fetch_limit())
        .select((Message::as_select(), conversations::kind, key.clone(), participants::held_runs))
        .into_boxed::<Pg>();
    let key = diesel::IntoSql::into_sql::<diesel::sql_types::Record<(Uuid, BigInt, BigInt)>>(key);
    let query = match page.from {
        // By the conversation, it goes on by an index.
        Some(last) => query.filter(messages::conversation_id.ge(last.0)).filter(key.gt(last)),
        None => query,
    };
    Ok(page.slice(query.load(conn)?))
}
