//! Forgetting texts that were kept as long as the operator wants, each kind of conversation for itself.

use chrono::TimeDelta;

use super::{attachments::detach, editing::tell_of_change};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        model::{
            Conversation, Kind, Message,
            editing::{Change, Deletion, Removal},
        },
        queries::{checks, editing, held, retention},
    },
    platform::{app::App, caller::Caller, db::Tx},
};

/// Conversations of one transaction: most have nothing that is old.
const CONVERSATIONS: i64 = 200;
/// Messages of one transaction.
const MESSAGES: i64 = 100;
/// What may not be forgotten yet is looked at again after this.
const AGAIN: TimeDelta = TimeDelta::days(1);

/// Forgets what messages say, and said before, and what was sent along, whose time is over. Tombstones are left. What was reported and is not
/// decided stays, and so does what is about an order that is open. A bounded number of conversations at once; the next run goes on.
///
/// # Errors
/// If the database fails.
pub async fn forget_old_texts(app: &App, caller: &Caller) -> Result<(), Failure> {
    let kept = app.market.messaging;
    let kinds = [
        (Kind::Direct, kept.direct_kept),
        (Kind::Group, kept.groups_kept),
        (Kind::Order, kept.orders_kept),
        (Kind::Shop, kept.shops_kept),
    ];
    for (kind, kept) in kinds {
        let Some(kept) = kept else { continue };
        app.db.write_in_batches(caller, move |tx: &mut Tx<'_>| forget_some(tx, kind, kept)).await?;
        app.db.write_in_batches(caller, move |tx: &mut Tx<'_>| forget_held(tx, kind, kept)).await?;
    }
    Ok(())
}

/// 0 if there is no conversation of the kind with something to forget.
fn forget_some(tx: &mut Tx<'_>, kind: Kind, kept: TimeDelta) -> Result<usize, Failure> {
    let before = tx.now() - kept;
    let conversations = retention::next_due(tx.conn(), kind, before, CONVERSATIONS)?;
    if conversations.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Id<Conversation>> = conversations.iter().map(|conversation| conversation.id).collect();
    let due = retention::due(tx.conn(), &ids, before, MESSAGES)?;
    forget(tx, &conversations, &due)?;
    if i64::try_from(due.len()).map_err(Failure::internal)? < MESSAGES {
        // Or a message that is just being sent would be passed over.
        checks::lock(tx, &ids.iter().map(|id| id.uuid()).collect::<Vec<_>>())?;
        retention::set_looked_at(tx, &ids, before, before + AGAIN)?;
    }
    Ok(ids.len())
}

/// What only their authors see is forgotten when it would be if everybody saw it. Returns how much it was.
fn forget_held(tx: &mut Tx<'_>, kind: Kind, kept: TimeDelta) -> Result<usize, Failure> {
    let before = tx.now() - kept;
    let due = held::due(tx.conn(), kind, before, MESSAGES)?;
    if !due.is_empty() {
        let conversations = held::conversations_of(tx.conn(), &due)?;
        forget(tx, &conversations, &due)?;
    }
    Ok(due.len())
}

fn forget(tx: &mut Tx<'_>, conversations: &[Conversation], due: &[Id<Message>]) -> Result<(), Failure> {
    // Some may have been taken back meanwhile.
    let messages = retention::lock_said(tx, due)?;
    if messages.is_empty() {
        return Ok(());
    }
    let ids: Vec<Id<Message>> = messages.iter().map(|message| message.id).collect();
    detach(tx, &ids)?;
    editing::set_deleted(tx, &ids, Deletion::ByMarket(Removal::Expired))?;
    retention::forget_around(tx, &ids)?;
    for message in &messages {
        if let Some(conversation) = conversations.iter().find(|found| found.id == message.conversation_id) {
            tell_of_change(tx, conversation, message, Change::Expired)?;
        }
    }
    Ok(())
}
