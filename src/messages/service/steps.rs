//! What happens to orders, as their conversations tell it.

use uuid::Uuid;

use super::{live::tell_of_part, post, tell};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        model::{Content, Conversation, Kind, Message, OrderStep, groups::MessageStep},
        queries::{self, NewConversation, NewParticipant},
    },
    platform::db::Tx,
    shops::model::Shop,
    users::model::User,
};

/// The conversation about a part of an order, just opened: nobody else knows of it yet.
pub struct OrderConversation {
    row: Conversation,
    buyer: Option<Id<User>>,
    actor: Option<Id<User>>,
}

impl OrderConversation {
    pub const fn id(&self) -> Id<Conversation> {
        self.row.id
    }
}

/// A step: opens the conversation about a shop's part of an order, which is whole once its first message is there: [`post_first_step`] follows in
/// the same transaction. A guest who ordered takes no part in it. `actor` is as for [`post_step`].
///
/// # Errors
/// If the database fails.
pub fn open_order_conversation(
    tx: &mut Tx<'_>,
    buyer: Option<Id<User>>,
    shop: Id<Shop>,
    actor: Option<Id<User>>,
) -> Result<OrderConversation, Failure> {
    const FIRST: i64 = 1;
    let (id, now, kind) = (tx.new_id(), tx.now(), Kind::Order);
    let new = NewConversation {
        id,
        kind,
        shop_id: Some(shop),
        pair_key: None,
        last_number: FIRST,
        last_message_at: now,
        created_at: now,
    };
    queries::insert_conversation(tx, &new)?;
    if let Some(user_id) = buyer {
        let participant = NewParticipant {
            conversation_id: id,
            user_id,
            is_member: true,
            has_blocked: false,
            last_read_number: if actor == buyer { FIRST } else { 0 },
            created_at: now,
        };
        queries::insert_participants(tx, &[participant])?;
    }
    let row = Conversation {
        id,
        kind,
        shop_id: Some(shop),
        product_id: None,
        last_number: FIRST,
        last_message_at: now,
        created_at: now,
        title: None,
        version: 1,
    };
    Ok(OrderConversation { row, buyer, actor })
}

/// A step: writes the first message into an order's conversation: as [`post_step`], without asking for what is known of it.
///
/// # Errors
/// If the database fails.
pub fn post_first_step(
    tx: &mut Tx<'_>,
    OrderConversation { row, buyer, actor }: &OrderConversation,
    (step, id): (OrderStep, Uuid),
) -> Result<(), Failure> {
    let message =
        queries::insert_message(tx, row, Content::Step { step: MessageStep::Order(step), id, actor: *actor })?;
    tell(tx, row, message, buyer.iter().map(|buyer| buyer.uuid()).collect())
}

/// A step: has somebody take part in an order's conversation who ordered as a guest. Whoever joins several does so in the order of their ids.
///
/// # Errors
/// If there is no such conversation, or the database fails.
pub fn join_order_conversation(tx: &mut Tx<'_>, id: Id<Conversation>, person: Id<User>) -> Result<(), Failure> {
    let participant = NewParticipant {
        conversation_id: id,
        user_id: person,
        is_member: true,
        has_blocked: false,
        last_read_number: 0,
        created_at: tx.now(),
    };
    queries::put_participant(tx, &participant)?;
    tell_of_part(tx, id, person)
}

/// A step: writes into an order's conversation what happened to it, and the id of the step's row. `actor` is who did it, if somebody who was signed in
/// did, and nobody in their name; if it is they who ask, and they had read all before it, they have read it. Whoever writes into several conversations does so in the order of their ids.
///
/// # Errors
/// If there is no such conversation, or the database fails.
pub fn post_step(
    tx: &mut Tx<'_>,
    conversation: Id<Conversation>,
    (step, id): (OrderStep, Uuid),
    actor: Option<Id<User>>,
) -> Result<Id<Message>, Failure> {
    let locked = queries::lock_for_next_number(tx, conversation)?;
    let locked = locked.ok_or_else(|| Failure::internal(format!("{conversation} does not exist")))?;
    post(tx, &locked, Content::Step { step: MessageStep::Order(step), id, actor })
}
