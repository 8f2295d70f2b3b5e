//! What is told of prices to who set them. Erasing somebody takes nothing away: what was asked for is the shop's to prove.

use serde_json::json;

use crate::{
    kernel::{error::Failure, id::Id, money::Money},
    platform::db::Conn,
    products::{model::prices::PriceChange, queries::prices},
    users::model::{Bookmark, Chapter, Told, User},
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[Chapter { name: "price-changes", read: price_changes }];

fn price_changes(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |change: PriceChange| {
        let money = |minor| Money::new(minor, change.currency).amount();
        json!({
            "variant": change.variant_id,
            "currency": change.currency,
            "price": change.amount.map(money),
            "compareAtPrice": change.compare_at_amount.map(money),
            "createdAt": change.created_at,
        })
    };
    Told::page(from, |page| prices::changes_by(conn, user, page), |change| change.id, tell)
}
