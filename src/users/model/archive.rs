//! What somebody is given who asks what is kept about them: an archive of files, each of which is a list in JSON.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::User;
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Direction, Page, Slice},
    },
    platform::db::Conn,
};

/// A file of the archive: what one domain keeps of one kind.
pub struct Chapter {
    /// Its name without `.json`.
    pub name: &'static str,
    pub read: Read,
}

/// Reads what comes after a bookmark, from the beginning if there is none.
pub type Read = fn(&mut Conn, Id<User>, Option<Bookmark>) -> Result<Told, Failure>;

/// Where a chapter goes on; only the chapter itself knows what it says.
#[derive(Debug, Clone)]
pub struct Bookmark(Value);

/// Some rows of a chapter, as they are told.
pub struct Told {
    pub rows: Vec<Value>,
    /// Where it goes on; none at its end.
    pub next: Option<Bookmark>,
}

impl Told {
    /// Rows that are read at once.
    const PAGE: i64 = 500;

    /// A chapter that is bounded, and read as a whole.
    pub const fn all(rows: Vec<Value>) -> Self {
        Self { rows, next: None }
    }

    /// A page of a chapter that can be long, read as the pages of lists are. `key` is where a row stands.
    ///
    /// # Errors
    /// What `read` returns.
    pub fn page<K: Serialize + DeserializeOwned, T>(
        from: Option<Bookmark>,
        read: impl FnOnce(&Page<K>) -> Result<Slice<T>, Failure>,
        key: impl Fn(&T) -> K,
        tell: impl Fn(T) -> Value,
    ) -> Result<Self, Failure> {
        let from = from.map(|Bookmark(key)| serde_json::from_value(key)).transpose().map_err(Failure::internal)?;
        let slice = read(&Page { limit: Self::PAGE, from, direction: Direction::Forward })?;
        let last = slice.items.last().filter(|_| slice.has_next);
        let next = last.map(|row| serde_json::to_value(key(row)).map(Bookmark)).transpose();
        Ok(Self { next: next.map_err(Failure::internal)?, rows: slice.items.into_iter().map(tell).collect() })
    }
}
