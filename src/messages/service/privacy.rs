//! What is told of conversations to who takes part in them. Erasing somebody takes nothing away: the thread is the others', too.

use serde_json::json;

use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        model::{Kind, Message, OrderStep},
        queries,
    },
    platform::db::Conn,
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[Chapter { name: "messages", read: messages }];

fn messages(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |(message, kind): (Message, Kind)| {
        json!({
            "conversation": message.conversation_id,
            "kind": kind.as_str(),
            "number": message.number,
            "author": message.author_id,
            "isMine": message.author_id == Some(user),
            "text": message.text,
            "step": message.step.map(OrderStep::as_str),
            "createdAt": message.created_at,
        })
    };
    let key = |(message, _): &(Message, Kind)| (message.conversation_id, message.number);
    Told::page(from, |page| queries::messages_of(conn, user, page), key, tell)
}
