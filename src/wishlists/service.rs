//! Liking products, and keeping lists of them.

mod favorites;
mod items;
mod prices;
mod privacy;

pub use self::{favorites::*, items::*, prices::*, privacy::*};
use super::{
    error::WishListError,
    model::{CreateWishList, MAXIMUM_LISTS, Visibility, WishList, WishListLink},
    policy::{Way, may_see},
    queries::{self, NewWishList},
};
use crate::{
    kernel::{error::Failure, id::Id, text},
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    users::{
        self,
        model::{User, signed_in},
    },
};

/// What the tokens of links are for.
const LINK: &str = "link";

/// Begins a wish list.
pub async fn create_wish_list(
    app: &App,
    caller: &Caller,
    key: Option<&str>,
    input: CreateWishList,
) -> Result<Id<WishList>, WishListError> {
    let owner = signed_in(caller)?;
    let key = key.map(|key| Key::new(&owner, "createWishList", key, &input, Retention::Day)).transpose()?;
    let input = CreateWishList { name: name(&input.name)?, ..input };
    app.once(caller, key, move |tx| add_wish_list(tx, owner, &input)).await
}

/// A step: a wish list of somebody's. The name is taken as it is.
///
/// # Errors
/// [`WishListError::TooMany`].
pub fn add_wish_list(tx: &mut Tx<'_>, owner: Id<User>, input: &CreateWishList) -> Result<Id<WishList>, WishListError> {
    users::service::lock_person(tx, owner)?.ok_or(Failure::Unauthenticated(None))?;
    if i64::try_from(queries::lists_of(tx.conn(), owner)?.len()).is_ok_and(|count| count >= MAXIMUM_LISTS) {
        return Err(WishListError::TooMany);
    }
    let (id, now) = (tx.new_id(), tx.now());
    let link_id = link_for(tx, input.visibility, None);
    let (name, visibility) = (input.name.as_str(), input.visibility);
    let list = NewWishList { id, owner_id: owner, name, visibility, link_id, created_at: now, updated_at: now };
    queries::insert_list(tx, &list)?;
    Ok(id)
}

/// What is private has no link; what is not keeps the one that it has.
fn link_for(tx: &mut Tx<'_>, visibility: Visibility, present: Option<Id<WishListLink>>) -> Option<Id<WishListLink>> {
    match visibility {
        Visibility::Private => None,
        Visibility::Link | Visibility::Public => Some(present.unwrap_or_else(|| tx.new_id())),
    }
}

/// A change of a wish list; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct WishListChange {
    pub name: Option<String>,
    pub visibility: Option<Visibility>,
}

/// Changes a list of the caller's that nobody has changed since `expected_version`.
pub async fn update_wish_list(
    app: &App,
    caller: &Caller,
    id: Id<WishList>,
    expected_version: i32,
    change: WishListChange,
) -> Result<Id<WishList>, WishListError> {
    let owner = signed_in(caller)?;
    let new_name = change.name.as_deref().map(name).transpose()?;
    app.db
        .write(caller, move |tx| {
            let list = lock(tx, owner, id)?;
            if list.version != expected_version {
                return Err(WishListError::StaleVersion { current: list.version });
            }
            let visibility = change.visibility.unwrap_or(list.visibility);
            let link = link_for(tx, visibility, list.link_id);
            queries::set_list(tx, id, new_name.as_deref().unwrap_or(&list.name), visibility, link)?;
            Ok(id)
        })
        .await
}

/// Gives a list of the caller's another link, so that the one before leads nowhere.
pub async fn renew_link(app: &App, caller: &Caller, id: Id<WishList>) -> Result<Id<WishList>, WishListError> {
    let owner = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            let list = lock(tx, owner, id)?;
            let link = link_for(tx, list.visibility, None).ok_or(WishListError::NoLink)?;
            queries::set_list(tx, id, &list.name, list.visibility, Some(link))?;
            Ok(id)
        })
        .await
}

/// Deletes a list of the caller's with all that is in it.
pub async fn delete_wish_list(app: &App, caller: &Caller, id: Id<WishList>) -> Result<Id<WishList>, WishListError> {
    let owner = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            lock(tx, owner, id)?;
            queries::delete_list(tx, id)?;
            Ok(id)
        })
        .await
}

fn lock(tx: &mut Tx<'_>, owner: Id<User>, id: Id<WishList>) -> Result<WishList, WishListError> {
    queries::lock_list(tx, owner, id)?.ok_or_else(|| WishListError::not_found("wishListId"))
}

/// The lists of the caller, the newest first.
pub async fn wish_lists(app: &App, caller: &Caller) -> Result<Vec<WishList>, Failure> {
    let owner = signed_in(caller)?;
    app.db.read(move |conn| queries::lists_of(conn, owner)).await
}

/// The list to which a link leads, for who asks.
pub async fn wish_list_by_link(app: &App, caller: &Caller, token: &str) -> Result<Option<WishList>, Failure> {
    let Some(link) = app.master.row_of::<WishListLink>(LINK, token) else { return Ok(None) };
    let viewer = signed_in(caller).ok();
    let found = app.db.read(move |conn| queries::by_link(conn, viewer, link)).await?.pop();
    Ok(found.filter(|(list, is_blocked)| may_see(list, viewer, *is_blocked, Way::Link)).map(|(list, _)| list))
}

/// What proves that somebody has the link of a list; none where there is none, and for everybody but its owner.
pub fn link_token(app: &App, caller: &Caller, owner: Id<User>, link: Option<Id<WishListLink>>) -> Option<String> {
    let is_own = signed_in(caller).is_ok_and(|user| user == owner);
    link.filter(|_| is_own).map(|link| app.master.row_token(LINK, link))
}

fn name(given: &str) -> Result<String, WishListError> {
    text::line(given, 80).map_err(|error| WishListError::Text { field: "name".into(), error })
}
