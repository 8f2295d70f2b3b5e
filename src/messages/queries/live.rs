//! Who is told of what people do in conversations beside writing.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, IntoSql, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, RunQueryDsl, sql_types::Bool,
};

use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::{Conversation, Receipt},
    platform::db::Conn,
    schema::{blocks, participants, preferences},
    users::model::User,
};

/// Whether somebody lets others see that they are typing. Until they decide, they do.
pub fn shows_typing(conn: &mut Conn, user: Id<User>) -> Result<bool, Failure> {
    let row = preferences::table.find(user).select(preferences::has_typing_indicators).first(conn).optional()?;
    Ok(row.unwrap_or(true))
}

/// How far a conversation has come to somebody who takes part as a person, as far as that was told; and whether they let others see it.
/// Until they decide, they do.
pub fn receipt(conn: &mut Conn, id: Id<Conversation>, user: Id<User>) -> Result<Option<(Receipt, bool)>, Failure> {
    let row: Option<(i64, i64, i64, Option<bool>)> = participants::table
        .left_join(preferences::table.on(preferences::user_id.eq(participants::user_id)))
        .filter(participants::conversation_id.eq(id))
        .filter(participants::user_id.eq(user))
        .filter(participants::is_member)
        .select((
            participants::last_read_number,
            participants::furthest_read_number,
            participants::delivered_number,
            preferences::has_read_receipts.nullable(),
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(last, furthest, delivered, is_shown)| {
        let read = last.max(furthest);
        (Receipt { read, delivered: delivered.max(read) }, is_shown.unwrap_or(true))
    }))
}

/// Who takes part in a conversation and has blocked somebody. Of a shop's all are meant who have a marker: whether they answer for it still is not
/// looked at.
pub fn blockers_in(conn: &mut Conn, conversation: &Conversation, user: Id<User>) -> Result<Vec<Id<User>>, Failure> {
    let is_of_shop = IntoSql::into_sql::<Bool>(conversation.shop_id.is_some());
    let people = participants::table
        .filter(participants::conversation_id.eq(conversation.id))
        .filter(participants::is_member.or(is_of_shop))
        .select(participants::user_id);
    let blockers = blocks::table.filter(blocks::blocked_id.eq(user)).filter(blocks::blocker_id.eq_any(people));
    Ok(blockers.select(blocks::blocker_id).load(conn)?)
}
