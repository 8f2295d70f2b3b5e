//! What things are called in URLs and by programs.

use crate::{
    kernel::{
        error::Failure,
        text::{slug, slug_candidates},
    },
    platform::db::Tx,
};

/// Names to try in turn: the given one, or a few that are made of what the thing is called by people.
pub fn candidates(tx: &Tx<'_>, given: Option<&str>, name: &str) -> Vec<String> {
    match given {
        Some(given) => vec![given.to_owned()],
        None => slug_candidates(&slug(name), tx.generator().bytes()),
    }
}

/// What is inserted under the first name that is free. None if all of them are taken.
///
/// # Errors
/// As the first insert that fails.
pub fn under_first<'a, T>(
    candidates: impl IntoIterator<Item = &'a String>,
    insert: impl FnMut(&'a String) -> Result<Option<T>, Failure>,
) -> Result<Option<T>, Failure> {
    candidates.into_iter().map(insert).find_map(Result::transpose).transpose()
}
