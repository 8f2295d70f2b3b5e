//! What people look for: told to them, and erased with them.

use serde_json::json;

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    searches::{
        model::{SavedSearch, Searched},
        queries,
    },
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { name: "recent-searches", read: recent_searches },
    Chapter { name: "saved-searches", read: saved_searches },
];

fn recent_searches(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let recent = queries::recent(conn, user, Time::UNIX_EPOCH)?.into_iter();
    Ok(Told::all(recent.map(|Searched { query, at }| json!({"query": query, "searchedAt": at})).collect()))
}

fn saved_searches(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |search: SavedSearch| {
        let SavedSearch { id, name, filter, locale, has_notices, created_at, .. } = search;
        json!({
            "id": id,
            "name": name,
            "filter": filter,
            "locale": locale,
            "hasNotices": has_notices,
            "createdAt": created_at,
        })
    };
    Ok(Told::all(queries::saved_of(conn, user)?.into_iter().map(tell).collect()))
}

/// A step: nobody has looked for anything.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    queries::delete_recent(tx, user, Time::UNIX_EPOCH)?;
    queries::delete_all_saved(tx, user)
}
