//! A person's cart: told to them, and erased with them.

use chrono::TimeDelta;
use serde_json::json;

use super::keep_held;

use crate::{
    carts::{model::Line, queries},
    kernel::{error::Failure, id::Id, money::Money},
    platform::db::{Conn, Tx},
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[Chapter { name: "cart", read: cart }];

fn cart(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let Some(cart) = queries::of_person(conn, user)? else { return Ok(Told::all(Vec::new())) };
    let tell = |line: Line| {
        let price = line.unit_price.map(|minor| Money::new(minor, cart.currency).to_string());
        json!({"variant": line.variant_id, "quantity": line.quantity, "priceWhenAdded": price, "addedAt": line.added_at})
    };
    let lines: Vec<_> = queries::lines(conn, cart.id)?.into_iter().map(tell).collect();
    let cart = json!({
        "id": cart.id,
        "currency": cart.currency,
        "createdAt": cart.created_at,
        "updatedAt": cart.updated_at,
        "lines": lines,
    });
    Ok(Told::all(vec![cart]))
}

/// A step: nobody has put anything into a cart.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    // Locked first: what is put in just now goes, too.
    match queries::lock_of_person(tx, user)? {
        Some(cart) => {
            queries::delete_carts(tx, &[cart.id])?;
            keep_held(tx, cart.id, &[], &[], TimeDelta::zero())
        }
        None => Ok(()),
    }
}
