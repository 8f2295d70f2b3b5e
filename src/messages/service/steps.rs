//! What happens to orders, as their conversations tell it.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{live::tell_of_part, tell};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        model::{Content, Conversation, Kind, MessageSent, OrderStep, groups::MessageStep},
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
/// the same transaction. A guest who ordered takes no part in it. `actor` is as for [`post_steps`].
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

/// A step: writes the first message into an order's conversation: as [`post_steps`], without asking for what is known of it.
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

/// A step: writes into conversations of an order what happened to it, each with the id of the step's row. `actor` is who did it, if somebody who was
/// signed in did, and nobody in their name; if it is they who ask, and they had read all before it, they have read it. The conversations are locked in
/// the order of their ids, until the transaction ends.
///
/// # Errors
/// If there is no such conversation, or the database fails.
pub fn post_steps(
    tx: &mut Tx<'_>,
    step: OrderStep,
    posts: &BTreeMap<Id<Conversation>, Uuid>,
    actor: Option<Id<User>>,
) -> Result<(), Failure> {
    if posts.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = posts.keys().copied().collect();
    let mut locked = queries::steps::lock_for_next_numbers(tx, &ids)?;
    locked.sort_unstable_by_key(|conversation| conversation.id);
    if locked.len() != posts.len() {
        return Err(Failure::internal("a conversation of an order does not exist"));
    }
    let written: Vec<_> = locked.iter().zip(posts.values().copied()).collect();
    let messages = queries::steps::insert(tx, MessageStep::Order(step), &written, actor)?;
    if let Some(actor) = actor.filter(|actor| tx.caller().in_person().is_some_and(|own| own.user == actor.uuid())) {
        queries::state::set_read_next(tx, &ids, actor)?;
    }
    let newest: Vec<_> = locked.iter().map(|conversation| (conversation.id, conversation.last_number)).collect();
    let people = queries::support::people_seeing_each(tx.conn(), &newest)?;
    let sent = locked.iter().zip(messages).map(|(conversation, message)| {
        let &Conversation { id, last_number: number, shop_id, .. } = conversation;
        let seeing = people.iter().filter(|(where_to, _)| *where_to == id).map(|(_, person)| *person);
        let topics: Vec<Uuid> = seeing.chain(shop_id.map(Id::uuid)).chain([id.uuid()]).collect();
        (MessageSent { conversation: id, message, number }, topics)
    });
    let sent: Vec<_> = sent.collect();
    tx.emit_all(&sent.iter().map(|(event, topics)| (event, topics.as_slice())).collect::<Vec<_>>())
}
