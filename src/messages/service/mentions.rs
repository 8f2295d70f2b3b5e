//! Of whom a message may speak.

use crate::{
    kernel::id::Id,
    messages::{
        error::MessageError,
        model::{
            Conversation,
            mentions::{Mention, MentionFault},
        },
        queries::mentions,
    },
    platform::db::Conn,
};

/// A message of a number speaks of people who take part and see it, and of those whom it named before. Who has blocked the author takes part,
/// as far as the author can tell.
pub(super) fn check(
    conn: &mut Conn,
    message: (Id<Conversation>, i64),
    named: &[Mention],
    wanted: &[Mention],
) -> Result<(), MessageError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let people: Vec<_> = wanted.iter().map(|mention| mention.user).collect();
    let mut there = mentions::members_among(conn, message, &people)?;
    there.extend(named.iter().map(|mention| mention.user));
    match people.iter().position(|person| !there.contains(person)) {
        Some(index) => Err(MentionFault::NotThere(index).into()),
        None => Ok(()),
    }
}
