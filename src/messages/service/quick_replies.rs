//! Saving texts with which a shop's members answer again and again.

use super::checked;
use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        error::MessageError,
        model::quick_replies::{CreateQuickReply, QuickReply, QuickReplyChange, is_shortcut},
        policy,
        queries::quick_replies::{self, NewQuickReply},
    },
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    shops::{self, model::Shop},
    users::model::{User, oneself},
};

/// Saves a text of a shop for which the caller answers.
pub async fn create_quick_reply(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreateQuickReply,
) -> Result<Id<QuickReply>, MessageError> {
    let user = oneself(caller)?;
    let key =
        idempotency_key.map(|key| Key::new(&user, "createQuickReply", key, &input, Retention::Day)).transpose()?;
    check_shortcut(&input.shortcut)?;
    let text = checked(&input.text)?;
    app.once(caller, key, move |tx| {
        permit(tx, user, input.shop, "shopId")?;
        // One after the other, so that they are counted.
        shops::service::lock_shop(tx, input.shop)?;
        let count = quick_replies::count(tx.conn(), input.shop)?;
        if usize::try_from(count).is_ok_and(|count| count >= QuickReply::MAXIMUM) {
            return Err(MessageError::TooManyQuickReplies);
        }
        let (id, created_at) = (tx.new_id(), tx.now());
        let row = NewQuickReply { id, shop_id: input.shop, shortcut: &input.shortcut, text: &text, created_at };
        quick_replies::insert(tx, &row).map_err(of_constraint)?;
        Ok(id)
    })
    .await
}

/// Changes a saved text that nobody has changed since `expected_version`.
pub async fn update_quick_reply(
    app: &App,
    caller: &Caller,
    id: Id<QuickReply>,
    expected_version: i32,
    change: QuickReplyChange,
) -> Result<Id<QuickReply>, MessageError> {
    let user = oneself(caller)?;
    change.shortcut.as_deref().map(check_shortcut).transpose()?;
    let text = change.text.as_deref().map(checked).transpose()?;
    app.db
        .write(caller, move |tx| {
            let reply = lock(tx, user, id)?;
            if reply.version != expected_version {
                return Err(MessageError::StaleVersion { current: reply.version });
            }
            let shortcut = change.shortcut.as_deref().unwrap_or(&reply.shortcut);
            let text = text.as_deref().unwrap_or(&reply.text);
            // So that nobody else's change is refused for the sake of none.
            if shortcut != reply.shortcut || text != reply.text {
                quick_replies::set(tx, id, shortcut, text).map_err(of_constraint)?;
            }
            Ok(id)
        })
        .await
}

/// Deletes a saved text. What was sent with it stays.
pub async fn delete_quick_reply(
    app: &App,
    caller: &Caller,
    id: Id<QuickReply>,
) -> Result<Id<QuickReply>, MessageError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            lock(tx, user, id)?;
            quick_replies::delete(tx, id)?;
            Ok(id)
        })
        .await
}

fn lock(tx: &mut Tx<'_>, user: Id<User>, id: Id<QuickReply>) -> Result<QuickReply, MessageError> {
    let reply = quick_replies::lock(tx, id)?.ok_or_else(|| MessageError::not_found("quickReplyId"))?;
    permit(tx, user, reply.shop_id, "quickReplyId")?;
    Ok(reply)
}

/// Lets somebody in who answers for a shop. For who does not work there, it has none.
fn permit(tx: &mut Tx<'_>, user: Id<User>, shop: Id<Shop>, field: &str) -> Result<(), MessageError> {
    let role = shops::service::membership(tx.conn(), user, shop)?.ok_or_else(|| MessageError::not_found(field))?;
    if policy::answers(role) { Ok(()) } else { Err(MessageError::NotAnswering { field: field.into() }) }
}

fn check_shortcut(given: &str) -> Result<(), MessageError> {
    if is_shortcut(given) { Ok(()) } else { Err(MessageError::Shortcut) }
}

fn of_constraint(failure: Failure) -> MessageError {
    if failure.violates(quick_replies::ONE_SHORTCUT) { MessageError::ShortcutTaken } else { failure.into() }
}
