//! Forgetting texts that were kept as long as the operator wants, each kind of conversation for itself.

use chrono::TimeDelta;

use super::{attachments::detach, editing::tell_of_change};
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        model::{
            Conversation, Kind, Message,
            editing::{Change, Removal},
        },
        queries::{checks, editing, hiding, mentions, reactions, retention},
    },
    platform::{app::App, caller::Caller, db::Tx},
};

/// Messages of one transaction, all of one conversation.
const BATCH: usize = 100;
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
    }
    Ok(())
}

/// 0 if there is no conversation of the kind with something to forget.
fn forget_some(tx: &mut Tx<'_>, kind: Kind, kept: TimeDelta) -> Result<usize, Failure> {
    let before = tx.now() - kept;
    let Some(conversation) = retention::next_due(tx.conn(), kind, before)? else { return Ok(0) };
    let limit = i64::try_from(BATCH).map_err(Failure::internal)?;
    let due = retention::due(tx.conn(), conversation.id, before, limit)?;
    for id in &due {
        forget(tx, &conversation, *id)?;
    }
    if due.len() < BATCH {
        // Or a message that is just being sent would be passed over.
        checks::lock(tx, &[conversation.id.uuid()])?;
        retention::set_looked_at(tx, conversation.id, before, before + AGAIN)?;
    }
    Ok(1)
}

fn forget(tx: &mut Tx<'_>, conversation: &Conversation, id: Id<Message>) -> Result<(), Failure> {
    // Somebody may have taken it back meanwhile.
    let locked = editing::lock_message(tx, id)?.filter(|message| message.text.is_some());
    let Some(message) = locked else { return Ok(()) };
    let now = tx.now();
    detach(tx, &[id])?;
    hiding::set_removed(tx, id, Removal::Expired, now)?;
    retention::delete_revisions(tx, id)?;
    reactions::delete_of(tx, id)?;
    mentions::delete_mentions(tx, id)?;
    tell_of_change(tx, conversation, &message, Change::Expired)
}
