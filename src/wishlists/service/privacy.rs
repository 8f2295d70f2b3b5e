//! What people like and wish for: told to them, and erased with them.

use serde_json::json;

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::{Conn, Tx},
    users::model::{Bookmark, Chapter, Told, User},
    wishlists::{
        model::{Item, WishList},
        queries,
    },
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { name: "favorites", read: favorites },
    Chapter { name: "wish-lists", read: wish_lists },
    Chapter { name: "wishes", read: wishes },
];

fn favorites(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let read = |page: &_| queries::favorites(conn, user, page);
    Told::page(from, read, |(id, at)| (*at, id.uuid()), |(id, at)| json!({"product": id, "createdAt": at}))
}

fn wish_lists(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |list: WishList| {
        let WishList { id, name, visibility, created_at, updated_at, .. } = list;
        json!({"id": id, "name": name, "visibility": visibility.as_str(), "createdAt": created_at, "updatedAt": updated_at})
    };
    Ok(Told::all(queries::lists_of(conn, user)?.into_iter().map(tell).collect()))
}

fn wishes(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |(item, list): (Item, String)| {
        json!({
            "wishList": item.wish_list_id,
            "wishListName": list,
            "product": item.product_id,
            "variant": item.variant_id,
            "quantity": item.quantity,
            "note": item.note,
            "createdAt": item.created_at,
        })
    };
    let key = |(item, _): &(Item, String)| (item.created_at, item.id.uuid());
    Told::page(from, |page| queries::items_by(conn, user, page), key, tell)
}

/// A step: nobody has liked, or wished for, anything.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    queries::delete_all(tx, user)
}
