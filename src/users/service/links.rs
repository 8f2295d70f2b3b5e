//! Tokens of links in mail. A mail that is sent again has the same one.

use crate::{
    kernel::id::{Entity, Id},
    platform::app::App,
};

/// What comes after somebody did by a link what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// They are signed in.
    SignIn,
    /// They sign in themselves, elsewhere.
    Leave,
}

/// The token of a link about a row.
pub(super) fn link_token<T: Entity>(app: &App, id: Id<T>) -> String {
    app.master.row_token("link", id)
}

/// The row that a token is about. None if it is about another kind of row, or was not made here.
pub(super) fn linked<T: Entity>(app: &App, token: &str) -> Option<Id<T>> {
    app.master.row_of("link", token)
}
