//! What nobody sends in messages, as the staff say.

use crate::{
    kernel::{error::Failure, id::Id, text},
    messages::{
        error::MessageError,
        model::{
            filters::{CreateMessageFilter, FilterAction, MessageFilter, Spoken},
            held::Hold,
        },
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

/// What is to be done about what is about to be sent: it is refused, or held for the staff to look at it, or nothing.
pub(super) fn judge(conn: &mut Conn, spoken: &Spoken) -> Result<Option<Hold>, MessageError> {
    let actions = filters::actions_about(conn, spoken)?;
    if actions.contains(&FilterAction::Refuse) {
        return Err(MessageError::Refused);
    }
    Ok(actions.contains(&FilterAction::Review).then_some(Hold::Review))
}

/// Lets pass what no filter looks for. What others see already, or who asks them in, waits for nobody to look at it: so it is refused.
pub(super) fn check(conn: &mut Conn, spoken: &Spoken) -> Result<(), MessageError> {
    match judge(conn, spoken)? {
        Some(_) => Err(MessageError::Refused),
        None => Ok(()),
    }
}

/// All filters, the last one first.
///
/// # Errors
/// If the database fails.
pub async fn message_filters(app: &App) -> Result<Vec<MessageFilter>, Failure> {
    app.db.read(filters::all).await
}

/// Has a word or a domain be sent by nobody from now on, or looked at first. What was sent before stays.
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
        let (kind, action) = (input.kind, input.action.unwrap_or(FilterAction::Refuse));
        let row = NewMessageFilter { id, kind, pattern: &pattern, folded: &folded, created_at, action };
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
