//! Making products with their stock, keeping it, and what orders do to it.

mod adjust;
mod locations;
mod making;
mod moving;
mod notices;
mod orders;
mod repair;
mod reservations;
mod rules;
mod settle;
mod shelves;
mod telling;

pub use self::{
    adjust::{AdjustStock, adjust_stock},
    locations::{
        CreateLocation, LocationChange, add_location, create_location, default_location, locations, update_location,
    },
    making::{CreateProduct, CreateVariant, create_product, create_variant, receive},
    moving::{MoveStock, move_stock, relocate},
    notices::{
        CHAPTERS, availability_notices, count_availability_notices, erase, forget_availability_notice,
        notify_when_available,
    },
    orders::{PutBack, Taken, exchange, restock, take},
    repair::repair,
    reservations::{held_from, keep, reserve, sweep_reservations},
    rules::{StockRuleChange, decide, set_stock_rule},
    settle::{Turns, settle, settle_availability},
    telling::*,
};

pub use super::queries::checks::CHECKS;

use std::collections::{HashMap, HashSet};

use super::{
    error::StockError,
    model::{Location, Movement, MovementFilter, MovementKey, Stock, StockFilter},
    queries,
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{app::App, caller::Caller, clock::Time, db::Conn},
    products::model::Variant,
    shops::model::Shop,
    users::model::signed_in,
};

fn not_found(field: &str) -> StockError {
    StockError::NotFound { field: field.into() }
}

/// Levels of a variant with what they are levels of, in no order, if the caller works for its shop.
pub async fn stock(
    app: &App,
    caller: &Caller,
    variant: Id<Variant>,
    locations: Vec<Id<Location>>,
) -> Result<Vec<Stock>, Failure> {
    let user = signed_in(caller)?;
    app.db.read(move |conn| queries::stock(conn, user, variant, &locations)).await
}

/// A step: the pieces of variants on hand, wherever they are; nothing of those without a level.
pub fn on_hand(conn: &mut Conn, variants: &[Id<Variant>]) -> Result<HashMap<Id<Variant>, i64>, Failure> {
    // Nobody is owed a piece while one lies somewhere.
    Ok(queries::counted(conn, variants)?.into_iter().map(|(variant, left)| (variant, left.pieces.max(0))).collect())
}

/// A step: those of some variants that can be ordered now, as far as pieces of them go, be it that they are sent later.
///
/// # Errors
/// If the database fails.
pub fn orderable(conn: &mut Conn, variants: &[Id<Variant>], now: Time) -> Result<HashSet<Id<Variant>>, Failure> {
    let left = queries::left(conn, variants, now)?.into_iter();
    Ok(left.filter(|(_, left)| left.is_available()).map(|(variant, _)| variant).collect())
}

/// A page of a shop's stock by SKU, for its members.
pub async fn stock_of(
    app: &App,
    shop: Id<Shop>,
    filter: StockFilter,
    page: Page<(String, Id<Location>)>,
) -> Result<Slice<Stock>, Failure> {
    if filter == StockFilter::default() {
        app.db.read(move |conn| queries::page(conn, shop, &filter, &page)).await
    } else {
        app.db.read_long(move |conn| queries::page(conn, shop, &filter, &page)).await
    }
}

/// How many levels of a shop there are, counted to a little more than is told.
pub async fn count_stock(app: &App, shop: Id<Shop>, filter: StockFilter) -> Result<i64, Failure> {
    app.db.read_long(move |conn| queries::count(conn, shop, &filter)).await
}

/// A page of what moved in a shop, the newest first, for its members.
pub async fn movements(
    app: &App,
    shop: Id<Shop>,
    filter: MovementFilter,
    page: Page<MovementKey>,
) -> Result<Slice<Movement>, Failure> {
    app.db.read_long(move |conn| queries::movements::page(conn, shop, &filter, &page)).await
}

/// How many movements of a shop there are, counted to a little more than is told.
pub async fn count_movements(app: &App, shop: Id<Shop>, filter: MovementFilter) -> Result<i64, Failure> {
    app.db.read_long(move |conn| queries::movements::count(conn, shop, &filter)).await
}
