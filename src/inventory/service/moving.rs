//! Moving stock from one location to another one.

use serde::Serialize;

use super::{locations::in_use, not_found, shelves};
use crate::{
    inventory::{
        error::StockError,
        model::{Location, MAXIMUM_MOVED, MovementReason},
        queries,
    },
    kernel::id::Id,
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    products::{self, model::Variant},
    shops::{
        self,
        model::{Permission, Shop},
    },
    users::model::signed_in,
};

/// Pieces that shall lie elsewhere.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MoveStock {
    pub variant: Id<Variant>,
    pub from: Id<Location>,
    pub to: Id<Location>,
    pub quantity: i32,
}

/// Moves pieces between two locations of a shop on behalf of one of its members.
pub async fn move_stock(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: MoveStock,
) -> Result<(), StockError> {
    let user = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&user, "moveStock", key, &input, Retention::Day)).transpose()?;
    if !(1..=MAXIMUM_MOVED).contains(&input.quantity) {
        return Err(StockError::OutOfRange { field: "quantity".into() });
    }
    if input.from == input.to {
        return Err(StockError::Invalid { field: "toLocationId".into() });
    }
    app.once(caller, key, move |tx| {
        let variant = products::service::variant(tx.conn(), input.variant)?.ok_or_else(|| not_found("variantId"))?;
        shops::service::permit(tx.conn(), user, variant.shop_id, Permission::AdjustStock, "variantId")?;
        relocate(tx, variant.shop_id, input)
    })
    .await
}

/// A step: pieces lie elsewhere in the same shop.
pub fn relocate(tx: &mut Tx<'_>, shop: Id<Shop>, wanted: MoveStock) -> Result<(), StockError> {
    let MoveStock { variant, from, to, quantity } = wanted;
    let here = queries::locations::by_id(tx.conn(), from)?;
    here.filter(|location| location.shop_id == shop).ok_or_else(|| not_found("fromLocationId"))?;
    in_use(tx, shop, to, "toLocationId")?;
    for location in [from.min(to), from.max(to)] {
        queries::ensure_level(tx, variant, location)?;
    }
    let mut shelf = shelves::lock_one(tx, variant)?;
    if !shelf.remove(from, quantity, MovementReason::Moved) {
        return Err(StockError::TooFew { field: "quantity".into() });
    }
    if !shelf.has_room(to, quantity) {
        return Err(StockError::OutOfRange { field: "quantity".into() });
    }
    shelf.put(to, quantity, MovementReason::Moved);
    let cause = tx.new_uuid();
    Ok(shelves::store(tx, [&shelf].into_iter(), Some(cause))?)
}
