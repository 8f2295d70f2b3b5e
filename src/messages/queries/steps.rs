//! Steps of orders in Postgres, each written into several conversations at once.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use uuid::Uuid;

use super::{NewMessage, greatest_time};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::model::{Conversation, Message, groups::MessageStep},
    platform::db::Tx,
    schema::{conversations, messages},
    users::model::User,
};

/// Locks conversations in the order of their ids, and takes the next number in each. Their times never run backward.
pub fn lock_for_next_numbers(tx: &mut Tx<'_>, ids: &[Id<Conversation>]) -> Result<Vec<Conversation>, Failure> {
    if ids.len() > 1 {
        let rows = conversations::table.filter(conversations::id.eq_any(ids)).order(conversations::id);
        rows.select(conversations::id).for_no_key_update().load::<Id<Conversation>>(tx.conn())?;
    }
    let now = tx.now();
    Ok(diesel::update(conversations::table.filter(conversations::id.eq_any(ids)))
        .set((
            conversations::last_number.eq(conversations::last_number + 1),
            conversations::last_message_at.eq(greatest_time(conversations::last_message_at, now)),
        ))
        .returning(Conversation::as_returning())
        .get_results(tx.conn())?)
}

/// Inserts the messages whose numbers were just taken, each with the id of its step. Returns their ids, in the same order.
pub fn insert(
    tx: &mut Tx<'_>,
    step: MessageStep,
    written: &[(&Conversation, Uuid)],
    actor: Option<Id<User>>,
) -> Result<Vec<Id<Message>>, Failure> {
    let mut rows = Vec::with_capacity(written.len());
    for &(conversation, id) in written {
        rows.push(NewMessage {
            id: tx.new_id(),
            conversation_id: conversation.id,
            number: conversation.last_number,
            author_id: actor,
            text: None,
            step: Some(step),
            client_key: None,
            created_at: conversation.last_message_at,
            step_id: Some(id),
            reply_to_id: None,
            words: None,
        });
    }
    diesel::insert_into(messages::table).values(rows.as_slice()).execute(tx.conn())?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
