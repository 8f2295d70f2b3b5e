//! What shops keep of a person: told to them, and erased with them.

use serde_json::json;

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::{Conn, Tx},
    shops::{error::ShopError, model::Shop, queries},
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] =
    &[Chapter { name: "shops", read: memberships }, Chapter { name: "followed-shops", read: followed }];

fn memberships(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let rows = queries::roles_of(conn, user)?;
    Ok(Told::all(rows.into_iter().map(|(shop, role)| json!({"shop": shop, "role": role.as_str()})).collect()))
}

fn followed(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |(shop, at): (Shop, _)| json!({"shop": shop.id, "name": shop.name, "createdAt": at});
    Told::page(from, |page| queries::followed(conn, user, page), |(shop, at)| (*at, shop.id), tell)
}

/// A step: ends all memberships of a person, and follows nothing any more.
///
/// # Errors
/// [`ShopError::LastOwner`] if a shop would have nobody left to run it.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), ShopError> {
    let mut shops: Vec<_> = queries::roles_of(tx.conn(), user)?.into_iter().map(|(shop, _)| shop).collect();
    shops.sort_unstable();
    for shop in shops {
        super::lock(tx, shop)?;
        queries::delete_member(tx, shop, user)?;
        super::keep_an_owner(tx, shop)?;
    }
    Ok(queries::delete_follows(tx, user)?)
}

/// A step: whether a shop would have nobody left to run it without this person.
///
/// # Errors
/// If the database fails.
pub fn is_last_owner(conn: &mut Conn, user: Id<User>) -> Result<bool, Failure> {
    queries::is_last_owner(conn, user)
}
