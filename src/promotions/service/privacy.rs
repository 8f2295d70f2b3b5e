//! The promotions that somebody's orders have: told to them, and nobody's when they are erased. The orders stay, and so does what they
//! used.

use serde_json::json;

use crate::{
    kernel::{
        error::Failure,
        id::{self, Id},
        money::Money,
    },
    platform::db::{Conn, Tx},
    promotions::queries::uses::{self, NamedUse},
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[Chapter { name: "promotion-uses", read: promotion_uses }];

fn promotion_uses(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |(row, name, code): NamedUse| {
        json!({
            "promotion": row.promotion_id,
            "name": name,
            "code": code,
            "order": id::typed(&format!("order_{}", row.order_id)),
            "saved": Money::new(row.saved, row.currency).to_string(),
            "createdAt": row.created_at,
        })
    };
    let key = |(row, ..): &NamedUse| (row.order_id, row.promotion_id);
    Told::page(from, |page| uses::page_of_person(conn, user, page), key, tell)
}

/// A step: nobody's orders have used anything.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    uses::forget_person(tx, user)
}
