//! What somebody was told of, and their devices: told to them, and erased with them.

use serde_json::json;

use crate::{
    kernel::{error::Failure, id::Id},
    notifications::{
        model::{Notification, PushDevice},
        queries::{self, devices},
    },
    platform::db::{Conn, Tx},
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] =
    &[Chapter { name: "notifications", read: notifications }, Chapter { name: "push-devices", read: push_devices }];

fn notifications(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |row: Notification| {
        json!({
            "id": row.id,
            "kind": row.kind.as_str(),
            "topic": row.topic.as_str(),
            "subjectKind": row.subject_kind.as_str(),
            "subject": row.subject_id,
            "createdAt": row.created_at,
            "readAt": row.read_at,
        })
    };
    Told::page(from, |page| queries::of_person(conn, user, page), |row| row.id, tell)
}

/// Of what their services call them, only that there is something.
fn push_devices(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |device: PushDevice| json!({"platform": device.platform.as_str(), "createdAt": device.created_at});
    Ok(Told::all(devices::all_of_person(conn, user)?.into_iter().map(tell).collect()))
}

/// A step: somebody was told of nothing, and no device of theirs is known.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    queries::delete_all(tx, user)?;
    devices::delete_all(tx, user)
}
