//! What happened to the safety of accounts: noted in the transaction in which it happens.

use std::sync::Arc;

use crate::users::{
    model::{SecurityEvent, SecurityEventKind, Session, User, oneself},
    queries::{self, NewSecurityEvent},
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{app::App, caller::Caller, db::Tx},
};

/// A step: notes what happens to a person's account, and on which device. That of somebody else is not theirs to see.
pub fn note(tx: &mut Tx<'_>, user: Id<User>, kind: SecurityEventKind) -> Result<(), Failure> {
    let is_another = tx.caller().in_person().is_some_and(|person| person.user != user.uuid());
    let request = if is_another { Arc::default() } else { Arc::clone(&tx.caller().request) };
    let address = request.address.map(|address| address.to_string());
    let event = NewSecurityEvent {
        id: tx.new_id(),
        user_id: user,
        kind,
        device: Session::device_of(&request.user_agent),
        address: address.as_deref(),
        created_at: tx.now(),
    };
    queries::insert_security_event(tx, &event)
}

/// What happened to the caller's account, newest first.
pub async fn security_events(
    app: &App,
    caller: &Caller,
    page: Page<Id<SecurityEvent>>,
) -> Result<Slice<SecurityEvent>, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::security_events(conn, user, &page)).await
}

/// How much happened to the caller's account, counted up to `limit`.
pub async fn count_security_events(app: &App, caller: &Caller, limit: i64) -> Result<i64, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::count_security_events(conn, user, limit)).await
}

/// Forgets where events came from after [`Session::ADDRESS_KEPT`], and all of them after [`SecurityEvent::KEPT`].
pub async fn forget_security_events(app: &App, caller: &Caller) -> Result<(), Failure> {
    const BATCH: i64 = 1_000;
    let forget_addresses = |tx: &mut Tx<'_>| {
        let before = tx.now() - Session::ADDRESS_KEPT;
        queries::set_event_addresses_forgotten(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget_addresses).await?;
    let forget = |tx: &mut Tx<'_>| {
        let before = tx.now() - SecurityEvent::KEPT;
        queries::delete_security_events(tx, before, BATCH)
    };
    app.db.write_in_batches(caller, forget).await
}
