//! Tokens of links in mail: an id and its keyed hash, so that nothing of them is stored, and a mail that is sent again has the
//! same one. What makes them good once, and for a while, is the row that they name.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

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
    let id = id.uuid();
    let tag = app.master.mac(T::PREFIX, &[b"link", id.as_bytes()]);
    URL_SAFE_NO_PAD.encode([&id.as_bytes()[..], &tag].concat())
}

/// The row that a token is about. None if it is about another kind of row, or was not made here.
pub(super) fn linked<T: Entity>(app: &App, token: &str) -> Option<Id<T>> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, tag) = bytes.split_first_chunk::<16>()?;
    let is_ours = app.master.verifies(T::PREFIX, &[b"link", id], tag);
    is_ours.then(|| Id::from_uuid(uuid::Uuid::from_bytes(*id)))
}
