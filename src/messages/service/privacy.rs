//! What is told of conversations to who takes part in them. Erasing somebody takes no message away: the thread is the others', too. What
//! their messages said before goes, and so do what was sent along with them, their reactions, and how they kept it.

use serde_json::json;

use crate::{
    kernel::{error::Failure, id::Id},
    messages::{
        model::{
            attachments::AttachmentRow,
            editing::Revision,
            groups::{Invitation, MessageStep},
            held::Held,
            mentions::MentionRow,
            reactions::Reaction,
        },
        queries::{attachments, editing, groups, held, mentions, news, reactions, state, told},
    },
    platform::db::{Conn, Tx},
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { name: "messages", read: messages },
    Chapter { name: "conversations", read: conversations },
    Chapter { name: "group-invitations", read: invitations },
    Chapter { name: "message-attachments", read: message_attachments },
    Chapter { name: "message-digests", read: message_digests },
    Chapter { name: "message-mentions", read: message_mentions },
    Chapter { name: "message-reactions", read: message_reactions },
    Chapter { name: "message-revisions", read: message_revisions },
];

fn messages(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |(message, kind, _, runs): told::Placed| {
        let message = message.placed(&Held::new(runs, 0, None));
        json!({
            "id": message.id,
            "conversation": message.conversation_id,
            "kind": kind.as_str(),
            // None of what they alone saw in a group that they came into again.
            "number": Some(message.number).filter(|number| *number > 0),
            "author": message.author_id,
            "isMine": message.author_id == Some(user),
            "text": message.text,
            "step": message.step.map(MessageStep::as_str),
            "replyTo": message.reply_to_id,
            "createdAt": message.created_at,
            "editedAt": message.edited_at,
            "deletedAt": message.deleted_at,
        })
    };
    let key = |(_, _, key, _): &told::Placed| *key;
    Told::page(from, |page| told::messages_of(conn, user, page), key, tell)
}

fn conversations(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |(id, kind, since, read, is_archived, pinned_at, muted_until, runs, unread): told::Marked| {
        json!({
            "id": id,
            "kind": kind.as_str(),
            "since": since,
            // As they are shown it, or who is not heard would notice.
            "lastReadNumber": Held::new(runs, unread, None).read(read),
            "isArchived": is_archived,
            "pinnedAt": pinned_at,
            "mutedUntil": muted_until,
        })
    };
    Told::page(from, |page| told::markers_of(conn, user, page), |marked: &told::Marked| marked.0, tell)
}

fn invitations(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |(row, title): (Invitation, Option<String>)| {
        json!({
            // What it is called by now is not for who did not want to come in.
            "group": title.filter(|_| row.is_open()),
            "by": row.inviter_id,
            "createdAt": row.created_at,
            "declinedAt": row.declined_at,
        })
    };
    let key = |(row, _): &(Invitation, Option<String>)| row.conversation_id;
    Told::page(from, |page| told::invitations_of(conn, user, page), key, tell)
}

fn message_revisions(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |revision: Revision| {
        json!({
            "message": revision.message_id,
            "version": revision.version,
            "text": revision.text,
            "writtenAt": revision.written_at,
            "keptUntil": revision.kept_until,
        })
    };
    let key = |revision: &Revision| (revision.message_id, revision.version);
    Told::page(from, |page| editing::revisions_by(conn, user, page), key, tell)
}

fn message_attachments(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |(row, _): (AttachmentRow, i32)| {
        json!({
            "message": row.message_id,
            "image": row.media_id,
            "file": row.upload_id,
            "product": row.product_id,
            "orderPart": row.part_id,
            "name": row.name,
            "latitude": row.latitude,
            "longitude": row.longitude,
        })
    };
    let key = |(row, ordinal): &(AttachmentRow, i32)| (row.message_id, *ordinal);
    Told::page(from, |page| attachments::attachments_by(conn, user, page), key, tell)
}

/// When they were last told by mail of what they had not read.
fn message_digests(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let told_at = news::told_at(conn, user)?;
    Ok(Told::all(told_at.into_iter().map(|told_at| json!({"toldAt": told_at})).collect()))
}

fn message_mentions(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell =
        |mention: MentionRow| json!({"message": mention.message_id, "start": mention.start, "length": mention.length});
    let key = |mention: &MentionRow| (mention.message_id, mention.start);
    Told::page(from, |page| mentions::mentions_naming(conn, user, page), key, tell)
}

fn message_reactions(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |reaction: Reaction| json!({"message": reaction.message_id, "emoji": reaction.emoji, "createdAt": reaction.created_at});
    let key = |reaction: &Reaction| (reaction.message_id, reaction.kind.clone());
    Told::page(from, |page| reactions::reactions_by(conn, user, page), key, tell)
}

/// A step: somebody leaves their groups, and asks nobody in. How they kept their conversations is forgotten, and so is what their messages
/// said before, what was sent along with them, and what they answered with an emoji. What nobody but they ever saw says nothing any more.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    for group in groups::groups_of(tx.conn(), user)? {
        super::groups::leave(tx, group, user)?;
    }
    groups::delete_invitations_of(tx, user)?;
    editing::delete_revisions_by(tx, user)?;
    super::attachments::detach_all_of(tx, user)?;
    held::delete_texts_by(tx, user)?;
    reactions::delete_by(tx, user)?;
    news::forget_told(tx, user)?;
    state::forget_kept(tx, user)
}
