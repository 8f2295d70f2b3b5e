//! Lists of conversations and messages.

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    messages::{
        model::{
            ActivityKey, Conversation, ConversationFilter, Message, Seen, Side, With,
            groups::{Invitation, InvitationKey},
            held::Held,
        },
        policy, queries,
    },
    platform::{app::App, caller::Caller},
    users::model::{Face, oneself},
};

/// A page of the conversations on a side, newest activity first.
pub async fn conversations(
    app: &App,
    caller: &Caller,
    side: Side,
    filter: ConversationFilter,
    page: Page<ActivityKey>,
) -> Result<Slice<Seen>, Failure> {
    let reader = oneself(caller)?;
    let Slice { items, has_next, has_previous } =
        app.db.read(move |conn| queries::by_side(conn, reader, side, filter, &page)).await?;
    Ok(Slice { items: items.into_iter().filter_map(policy::seen).collect(), has_next, has_previous })
}

/// How many conversations there are on a side, counted to one more than 10,000.
pub async fn count_conversations(
    app: &App,
    caller: &Caller,
    side: Side,
    filter: ConversationFilter,
) -> Result<i64, Failure> {
    let reader = oneself(caller)?;
    app.db.read(move |conn| queries::count_by_side(conn, reader, side, filter)).await
}

/// A page of the messages of a conversation that the caller sees, oldest first. They see those after a number, and what is held of theirs.
pub async fn messages(
    app: &App,
    caller: &Caller,
    (seen, held): ((Id<Conversation>, i64), Held),
    with: With,
    page: Page<i64>,
) -> Result<Slice<(Message, Option<Face>)>, Failure> {
    let reader = oneself(caller)?;
    app.db.read(move |conn| queries::pages::messages_in(conn, seen, (reader, &held), with, &page)).await
}

/// A page of the invitations into groups that the caller may answer, the last one first, and what the groups are called.
pub async fn invitations(
    app: &App,
    caller: &Caller,
    page: Page<InvitationKey>,
) -> Result<Slice<(Invitation, Option<String>)>, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::groups::invitations_of(conn, user, &page)).await
}

/// How many of them there are, counted to `limit`.
pub async fn count_invitations(app: &App, caller: &Caller, limit: i64) -> Result<i64, Failure> {
    let user = oneself(caller)?;
    app.db.read(move |conn| queries::groups::count_invitations_of(conn, user, limit)).await
}
