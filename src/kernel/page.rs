//! Pages of lists that can grow: keyset cursors, forward and backward, always bounded.

use std::hash::{Hash, Hasher};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

/// What a page holds when nothing is asked for.
const DEFAULT_SIZE: i32 = 20;
/// What a page holds at the most.
pub const MAXIMUM_SIZE: i32 = 100;

/// The four arguments of a Relay connection, as they came.
#[derive(Debug, Clone, Default)]
pub struct PageArgs {
    /// 20 if it says nothing.
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// Which way a page is read from its cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Backward,
}

/// A page to be read: `limit` rows that come after `from` in `direction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<K> {
    pub limit: i64,
    pub from: Option<K>,
    pub direction: Direction,
}

/// Rows of a page in the order of the list, whichever way they were read.
#[derive(Debug, Clone)]
pub struct Slice<T> {
    pub items: Vec<T>,
    pub has_next: bool,
    pub has_previous: bool,
}

impl<T> Slice<T> {
    /// The page with something else of each row.
    #[must_use]
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Slice<U> {
        let Self { items, has_next, has_previous } = self;
        Slice { items: items.into_iter().map(change).collect(), has_next, has_previous }
    }
}

/// Why a page cannot be read; all of it is the client's to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    #[error("`first` and `last` are from 1 to {MAXIMUM_SIZE}")]
    Size,
    #[error("`after` goes with `first`, `before` with `last`; one page is read one way")]
    Mixed,
    #[error("this cursor is not one of this list, in this order and with this filter")]
    Cursor,
}

/// What a cursor is tied to: the list with its sort and filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListTag(u64);

impl ListTag {
    /// A tag of everything that decides which rows a list has, and in which order.
    #[must_use]
    pub fn of(list: impl Hash) -> Self {
        let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
        list.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// The opaque cursor of a row with this key.
    #[must_use]
    pub fn cursor<K: Serialize>(self, key: &K) -> String {
        serde_json::to_vec(&(self.0, key)).map_or_else(|_| String::new(), |json| URL_SAFE_NO_PAD.encode(json))
    }

    fn key<K: DeserializeOwned>(self, cursor: &str) -> Result<K, PageError> {
        let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| PageError::Cursor)?;
        match serde_json::from_slice::<(u64, K)>(&json) {
            Ok((tag, key)) if tag == self.0 => Ok(key),
            _ => Err(PageError::Cursor),
        }
    }
}

/// FNV-1a: the same tag in every process and every release, which std's hasher does not promise.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl PageArgs {
    /// The page that the arguments ask for. `last` takes the place of `first`, which always has a value.
    ///
    /// # Errors
    /// [`PageError`] if the size, the combination or the cursor is wrong.
    pub fn page<K: DeserializeOwned>(&self, tag: ListTag) -> Result<Page<K>, PageError> {
        let (size, cursor, direction) = match (self.last, &self.after, &self.before) {
            (None, after, None) => (self.first.unwrap_or(DEFAULT_SIZE), after, Direction::Forward),
            (Some(last), None, before) => (last, before, Direction::Backward),
            _ => return Err(PageError::Mixed),
        };
        if !(1..=MAXIMUM_SIZE).contains(&size) {
            return Err(PageError::Size);
        }
        let from = cursor.as_deref().map(|cursor| tag.key(cursor)).transpose()?;
        Ok(Page { limit: i64::from(size), from, direction })
    }
}

impl<K> Page<K> {
    /// One row more than the page, so that its reader knows whether there are others.
    #[must_use]
    pub const fn fetch_limit(&self) -> i64 {
        self.limit + 1
    }

    /// The page made of what was fetched with [`Self::fetch_limit`] in the page's direction.
    #[must_use]
    pub fn slice<T>(&self, mut fetched: Vec<T>) -> Slice<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let has_more = fetched.len() > limit;
        fetched.truncate(limit);
        match self.direction {
            Direction::Forward => Slice { items: fetched, has_next: has_more, has_previous: self.from.is_some() },
            Direction::Backward => {
                fetched.reverse();
                Slice { items: fetched, has_next: self.from.is_some(), has_previous: has_more }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(first: i32, after: Option<String>, last: Option<i32>, before: Option<String>) -> PageArgs {
        PageArgs { first: Some(first), after, last, before }
    }

    #[test]
    fn sizes_have_bounds_and_ways_do_not_mix() {
        let tag = ListTag::of("list");
        for first in [-1, 0, 101] {
            assert_eq!(args(first, None, None, None).page::<i64>(tag), Err(PageError::Size));
        }
        assert_eq!(args(20, None, Some(101), None).page::<i64>(tag), Err(PageError::Size));
        assert_eq!(args(20, Some("a".into()), Some(1), None).page::<i64>(tag), Err(PageError::Mixed));
        assert_eq!(args(20, None, None, Some("a".into())).page::<i64>(tag), Err(PageError::Mixed));
        assert_eq!(args(20, None, Some(5), None).page::<i64>(tag).unwrap().direction, Direction::Backward);
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let (mine, other) = (ListTag::of(("list", 1)), ListTag::of(("list", 2)));
        let cursor = mine.cursor(&(7_i64, "b"));
        assert_eq!(
            args(20, Some(cursor.clone()), None, None).page::<(i64, String)>(mine).unwrap().from,
            Some((7, "b".into()))
        );
        assert_eq!(args(20, Some(cursor), None, None).page::<(i64, String)>(other), Err(PageError::Cursor));
        for broken in ["", "?", "bm9uc2Vuc2U"] {
            assert_eq!(args(20, Some(broken.into()), None, None).page::<(i64, String)>(mine), Err(PageError::Cursor));
        }
    }

    #[test]
    fn tags_are_the_same_in_every_release() {
        assert_eq!(ListTag::of(1_u8), ListTag(0xaf63_bc4c_8601_b62c));
    }

    #[test]
    fn slices_are_in_list_order_and_know_their_neighbours() {
        let forward = Page { limit: 2, from: Some(0), direction: Direction::Forward };
        let slice = forward.slice(vec![1, 2, 3]);
        assert_eq!((slice.items, slice.has_next, slice.has_previous), (vec![1, 2], true, true));
        let backward = Page { limit: 2, from: None::<i32>, direction: Direction::Backward };
        let slice = backward.slice(vec![9, 8]);
        assert_eq!((slice.items, slice.has_next, slice.has_previous), (vec![8, 9], false, false));
    }
}
