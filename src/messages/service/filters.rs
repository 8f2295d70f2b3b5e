//! What nobody sends in messages, as the staff say.

use crate::{
    kernel::{error::Failure, id::Id, text},
    messages::{
        error::MessageError,
        model::filters::{CreateMessageFilter, MessageFilter, Spoken},
        queries::filters::{self, NewMessageFilter},
    },
    platform::{
        app::App,
        caller::Caller,
        db::Conn,
        idempotency::{Key, Retention},
    },
    users::model::oneself,
};

/// Characters of a domain at the most; words are shorter.
const MAXIMUM_PATTERN: usize = 100;

/// Lets pass what no filter looks for.
pub(super) fn check(conn: &mut Conn, spoken: &Spoken) -> Result<(), MessageError> {
    if filters::refuses(conn, spoken)? { Err(MessageError::Refused) } else { Ok(()) }
}

/// All filters, the last one first.
///
/// # Errors
/// If the database fails.
pub async fn message_filters(app: &App) -> Result<Vec<MessageFilter>, Failure> {
    app.db.read(filters::all).await
}

/// Has a word or a domain be sent by nobody from now on. What was sent before stays.
pub async fn create_message_filter(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreateMessageFilter,
) -> Result<Id<MessageFilter>, MessageError> {
    let user = oneself(caller)?;
    let key =
        idempotency_key.map(|key| Key::new(&user, "createMessageFilter", key, &input, Retention::Day)).transpose()?;
    let pattern = text::line(&input.pattern, MAXIMUM_PATTERN).map_err(MessageError::Pattern)?;
    let folded = input.folded().ok_or(MessageError::NoPattern)?;
    app.once(caller, key, move |tx| {
        // One after the other, so that they are counted.
        filters::lock_all(tx)?;
        if filters::count(tx.conn())? >= MessageFilter::MAXIMUM {
            return Err(MessageError::TooManyFilters);
        }
        let (id, created_at) = (tx.new_id(), tx.now());
        let row = NewMessageFilter { id, kind: input.kind, pattern: &pattern, folded: &folded, created_at };
        if filters::insert(tx, &row)? { Ok(id) } else { Err(MessageError::FilterTaken) }
    })
    .await
}

/// Has what a filter looked for be sent again.
pub async fn delete_message_filter(
    app: &App,
    caller: &Caller,
    id: Id<MessageFilter>,
) -> Result<Id<MessageFilter>, MessageError> {
    oneself(caller)?;
    app.db
        .write(
            caller,
            move |tx| {
                if filters::delete(tx, id)? { Ok(id) } else { Err(MessageError::not_found("messageFilterId")) }
            },
        )
        .await
}
