//! The imports that somebody asked for: told to them, and nobody's when they are erased.

use serde_json::json;

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::{Conn, Tx},
    porting::{model::ProductImport, queries::imports},
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[Chapter { name: "product-imports", read: product_imports }];

fn product_imports(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |import: ProductImport| {
        let ProductImport { id, shop_id, state, is_dry_run, created_at, finished_at, .. } = import;
        json!({
            "id": id,
            "shop": shop_id,
            "state": state.as_str(),
            "isDryRun": is_dry_run,
            "createdAt": created_at,
            "finishedAt": finished_at,
        })
    };
    Told::page(from, |page| imports::of_user(conn, user, page), |import| (import.created_at, import.id), tell)
}

/// A step: nobody has asked for their imports. What they brought in stays with the shops.
///
/// # Errors
/// If the database fails.
pub fn erase(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), Failure> {
    imports::forget_user(tx, user)
}
