//! Calling the market's staff into the thread of an order, and answering.
//!
//! Nobody of the staff reads a thread into which they were not called, and of those who may answer only the one does who has: that is noted for
//! the people who take part. Calls are locked after their conversation.

use super::{held, post, seen, sending::Pace};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    messages::{
        error::MessageError,
        model::{
            Content, Conversation, Kind, Seen,
            groups::MessageStep,
            support::{SupportCall, SupportStep},
        },
        queries::{self, support},
    },
    platform::{app::App, caller::Caller, clock::Time, db::Tx},
    users::{
        self,
        model::{User, oneself},
    },
};

/// What the people who take part read of why.
const REASON: &str = "Support was called";

/// Calls the market's staff into the thread of an order in which the caller takes part. While a call is open, once more changes nothing.
pub async fn call_support(app: &App, caller: &Caller, id: Id<Conversation>) -> Result<Seen, MessageError> {
    let user = oneself(caller)?;
    let pace = Pace::of(app, user);
    app.db
        .write(caller, move |tx| {
            let before = seen(tx.conn(), user, id)?;
            if before.conversation.kind != Kind::Order || before.is_support {
                return Err(MessageError::not_found("conversationId"));
            }
            if support::open_call(tx.conn(), id)?.is_some() {
                return Ok(before);
            }
            pace.count_message(tx, id)?;
            held::lock(tx, id)?;
            // Under the lock.
            if support::open_call(tx.conn(), id)?.is_some() {
                return seen(tx.conn(), user, id);
            }
            let since = tx.now() - SupportCall::COUNTED;
            if support::count_calls(tx.conn(), id, since)? >= SupportCall::MAXIMUM {
                return Err(MessageError::TooManyCalls);
            }
            let call = support::insert_call(tx, id, user)?;
            tell(tx, id, (SupportStep::Called, call), user)?;
            seen(tx.conn(), user, id)
        })
        .await
}

/// Answers an open call: from now on the caller reads and writes in its thread. Somebody else of the staff who has answered it leaves.
pub async fn answer_support_call(
    app: &App,
    caller: &Caller,
    id: Id<SupportCall>,
) -> Result<Id<SupportCall>, MessageError> {
    let staff = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            let call = lock(tx, id)?;
            if call.staff_id == Some(staff) {
                return Ok(id);
            }
            // Nobody answers in their own affair.
            if support::is_own_affair(tx.conn(), call.conversation_id, staff)? {
                return Err(MessageError::NotTheirCall);
            }
            if let Some(before) = call.staff_id {
                tell(tx, call.conversation_id, (SupportStep::Left, id), before)?;
                users::service::tell_of_access(tx, before)?;
            }
            support::set_answered(tx, id, staff)?;
            note(tx, call.conversation_id, "answerSupportCall")?;
            tell(tx, call.conversation_id, (SupportStep::Joined, id), staff)?;
            Ok(id)
        })
        .await
}

/// Closes an open call that the caller has answered, or nobody has. From now on they do not see its thread.
pub async fn close_support_call(
    app: &App,
    caller: &Caller,
    id: Id<SupportCall>,
) -> Result<Id<SupportCall>, MessageError> {
    let staff = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            let call = lock(tx, id)?;
            let is_theirs = match call.staff_id {
                Some(other) => other == staff,
                // Nobody ends what was called for against themself.
                None => !support::is_own_affair(tx.conn(), call.conversation_id, staff)?,
            };
            if !is_theirs {
                return Err(MessageError::NotTheirCall);
            }
            tell(tx, call.conversation_id, (SupportStep::Left, id), staff)?;
            support::set_closed(tx, id)?;
            note(tx, call.conversation_id, "closeSupportCall")?;
            users::service::tell_of_access(tx, staff)?;
            Ok(id)
        })
        .await
}

/// An open call, under the lock of its conversation.
fn lock(tx: &mut Tx<'_>, id: Id<SupportCall>) -> Result<SupportCall, MessageError> {
    let not_found = || MessageError::not_found("supportCallId");
    let call = support::by_id(tx.conn(), id)?.ok_or_else(not_found)?;
    held::lock(tx, call.conversation_id)?;
    // Under the lock.
    support::by_id(tx.conn(), id)?.ok_or_else(not_found)
}

/// Notes for the people who take part what one of the staff did.
fn note(tx: &mut Tx<'_>, id: Id<Conversation>, action: &str) -> Result<(), Failure> {
    for person in support::people_in(tx.conn(), id)? {
        users::service::audit(tx, person, None, REASON, &[action])?;
    }
    Ok(())
}

/// Writes into a thread what happened about a call.
fn tell(
    tx: &mut Tx<'_>,
    id: Id<Conversation>,
    (step, call): (SupportStep, Id<SupportCall>),
    actor: Id<User>,
) -> Result<(), MessageError> {
    let locked = queries::lock_for_next_number(tx, id)?;
    let locked = locked.ok_or_else(|| MessageError::not_found("conversationId"))?;
    post(tx, &locked, Content::Step { step: MessageStep::Support(step), id: call.uuid(), actor: Some(actor) })?;
    Ok(())
}

/// A page of the open calls, the newest first.
///
/// # Errors
/// If the database fails.
pub async fn support_calls(app: &App, page: Page<(Time, Id<SupportCall>)>) -> Result<Slice<SupportCall>, Failure> {
    app.db.read(move |conn| support::open_calls(conn, &page)).await
}

/// How many calls are open, counted to one more than 10,000.
///
/// # Errors
/// If the database fails.
pub async fn count_support_calls(app: &App) -> Result<i64, Failure> {
    app.db.read(support::count_open_calls).await
}
