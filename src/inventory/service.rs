//! Making products with their stock, counting it, and what orders do to it.

pub mod import;

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::{
    error::StockError,
    model::{Location, MAXIMUM_MOVED, MAXIMUM_ON_HAND, MovementReason, Shortage, Stock, StockChange},
    queries::{self, NewLevel, NewLocation, NewMovement},
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    products::{
        self,
        model::{AddProduct, AddVariant, Product, Variant},
    },
    shops::{
        self,
        model::{Permission, Shop},
    },
    users::model::signed_in,
};

/// Rows of one statement.
const ROWS: usize = 1_000;

/// A product with the stock that it begins with.
#[derive(Debug, Serialize)]
pub struct CreateProduct {
    pub product: AddProduct,
    /// Pieces on hand of each variant, in the variants' order; none where the list ends.
    pub quantities: Vec<i32>,
}

/// Makes a product, with its variants and their stock.
pub async fn create_product(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreateProduct,
) -> Result<Id<Product>, StockError> {
    let user = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&user, "createProduct", key, &input, Retention::Day)).transpose()?;
    if let Some(index) = input.quantities.iter().position(|quantity| !(0..=MAXIMUM_MOVED).contains(quantity)) {
        return Err(StockError::OutOfRange { field: format!("variants.{index}.quantity") });
    }
    app.once(caller, key, move |tx| {
        let added = products::service::add_product(tx, user, &input.product)?;
        let quantities = input.quantities.iter().copied().chain(std::iter::repeat(0));
        let received: Vec<_> = added.variants.into_iter().zip(quantities).collect();
        receive(tx, input.product.shop, &received)?;
        Ok(added.product)
    })
    .await
}

/// A variant with the stock that it begins with.
#[derive(Debug, Serialize)]
pub struct CreateVariant {
    pub product: Id<Product>,
    pub variant: AddVariant,
    pub quantity: i32,
}

/// Makes one more variant of a product, with its stock.
pub async fn create_variant(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreateVariant,
) -> Result<Id<Variant>, StockError> {
    let user = signed_in(caller)?;
    let key =
        idempotency_key.map(|key| Key::new(&user, "createProductVariant", key, &input, Retention::Day)).transpose()?;
    if !(0..=MAXIMUM_MOVED).contains(&input.quantity) {
        return Err(StockError::OutOfRange { field: "quantity".into() });
    }
    app.once(caller, key, move |tx| {
        let variant = products::service::add_variant(tx, user, input.product, &input.variant)?;
        receive(tx, variant.shop_id, &[(variant.id, input.quantity)])?;
        Ok(variant.id)
    })
    .await
}

/// A level that shall change; at the shop's default location if none is named.
#[derive(Debug, Serialize)]
pub struct AdjustStock {
    pub variant: Id<Variant>,
    pub location: Option<Id<Location>>,
    pub change: StockChange,
}

/// Changes a level on behalf of a member of the shop. Tells which level it was.
pub async fn adjust_stock(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: AdjustStock,
) -> Result<(Id<Variant>, Id<Location>), StockError> {
    let user = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&user, "adjustStock", key, &input, Retention::Day)).transpose()?;
    check(input.change)?;
    app.once(caller, key, move |tx| {
        let variant = products::service::variant(tx.conn(), input.variant)?.ok_or_else(|| not_found("variantId"))?;
        shops::service::permit(tx.conn(), user, variant.shop_id, Permission::AdjustStock, "variantId")?;
        let location = match input.location {
            None => default_location(tx, variant.shop_id)?,
            Some(id) => queries::location(tx.conn(), variant.shop_id, id)?.ok_or_else(|| not_found("locationId"))?,
        };
        queries::ensure_level(tx, variant.id, location.id)?;
        let delta = match input.change {
            StockChange::By(delta) if queries::move_level(tx, variant.id, location.id, delta)? => delta,
            StockChange::By(..0) => return Err(StockError::OutOfStock),
            StockChange::By(_) => return Err(StockError::OutOfRange { field: "change.by".into() }),
            StockChange::To { quantity, expected } => {
                if !queries::set_level(tx, variant.id, location.id, expected, quantity)? {
                    return Err(StockError::StockChanged);
                }
                quantity - expected
            }
        };
        if delta != 0 {
            let row = movement(tx, variant.id, location.id, delta, MovementReason::Corrected, None);
            queries::insert_movements(tx, &[row])?;
        }
        Ok((variant.id, location.id))
    })
    .await
}

fn check(change: StockChange) -> Result<(), StockError> {
    let out_of_range = |field: &str| Err(StockError::OutOfRange { field: field.into() });
    match change {
        StockChange::By(by) if by == 0 || !(-MAXIMUM_MOVED..=MAXIMUM_MOVED).contains(&by) => out_of_range("change.by"),
        StockChange::To { quantity, .. } if !(0..=MAXIMUM_ON_HAND).contains(&quantity) => {
            out_of_range("change.to.quantity")
        }
        StockChange::To { expected, .. } if !(0..=MAXIMUM_ON_HAND).contains(&expected) => {
            out_of_range("change.to.expected")
        }
        _ => Ok(()),
    }
}

fn not_found(field: &str) -> StockError {
    StockError::NotFound { field: field.into() }
}

/// A level with what it is a level of, if the caller works for its shop.
pub async fn stock(
    app: &App,
    caller: &Caller,
    variant: Id<Variant>,
    location: Id<Location>,
) -> Result<Option<Stock>, Failure> {
    let user = signed_in(caller)?;
    app.db.read(move |conn| queries::stock(conn, user, variant, location)).await
}

/// A page of a shop's stock by SKU, for its members.
pub async fn stock_of(app: &App, shop: Id<Shop>, page: Page<(String, Id<Location>)>) -> Result<Slice<Stock>, Failure> {
    app.db.read(move |conn| queries::page(conn, shop, &page)).await
}

/// How many levels a shop has, counted to a little more than is told.
pub async fn count_stock(app: &App, shop: Id<Shop>) -> Result<i64, Failure> {
    app.db.read(move |conn| queries::count(conn, shop)).await
}

/// A step: the place that orders take from, made if the shop has none yet.
pub fn default_location(tx: &mut Tx<'_>, shop: Id<Shop>) -> Result<Location, Failure> {
    if let Some(location) = queries::default_location(tx.conn(), shop)? {
        return Ok(location);
    }
    let (id, created_at) = (tx.new_id(), tx.now());
    let new = NewLocation { id, shop_id: shop, name: "Default", is_default: true, created_at };
    queries::insert_location(tx, &new)?;
    queries::default_location(tx.conn(), shop)?.ok_or_else(|| Failure::internal("a shop without a default location"))
}

/// A step: pieces of a shop's variants come in at its default location. Zero makes an empty level.
pub fn receive(tx: &mut Tx<'_>, shop: Id<Shop>, received: &[(Id<Variant>, i32)]) -> Result<(), Failure> {
    let location = default_location(tx, shop)?.id;
    let received: Vec<_> = merge(received)?.into_iter().collect();
    for batch in received.chunks(ROWS) {
        let level = |&(variant_id, on_hand): &_| NewLevel { variant_id, location_id: location, on_hand };
        queries::add_to_levels(tx, &batch.iter().map(level).collect::<Vec<_>>())?;
        let moved = batch.iter().filter(|(_, quantity)| *quantity > 0);
        let rows: Vec<_> = moved
            .map(|&(variant, quantity)| movement(tx, variant, location, quantity, MovementReason::Received, None))
            .collect();
        queries::insert_movements(tx, &rows)?;
    }
    Ok(())
}

/// A step: an order takes pieces from the default locations. What is short comes back; then the caller rolls back.
///
/// # Errors
/// If `cause` has taken something before.
pub fn take(tx: &mut Tx<'_>, wanted: &[(Id<Variant>, i32)], cause: Uuid) -> Result<Vec<Shortage>, Failure> {
    let wanted = merge(wanted)?;
    let variants: Vec<_> = wanted.keys().copied().collect();
    let levels = queries::default_levels(tx.conn(), &variants)?;
    let locations: BTreeMap<_, _> = levels.iter().map(|level| (level.variant_id, level.location_id)).collect();
    let (mut short, mut taken) = (Vec::new(), Vec::new());
    for (&variant, &quantity) in &wanted {
        match locations.get(&variant) {
            Some(&location) if queries::move_level(tx, variant, location, -quantity)? => {
                taken.push(movement(tx, variant, location, -quantity, MovementReason::Sold, Some(cause)));
            }
            _ => short.push(variant),
        }
    }
    if short.is_empty() {
        return if queries::insert_movements(tx, &taken)?.len() == taken.len() {
            Ok(Vec::new())
        } else {
            Err(Failure::internal("a cause takes stock twice"))
        };
    }
    let left: BTreeMap<_, _> = queries::default_levels(tx.conn(), &short)?
        .into_iter()
        .map(|level| (level.variant_id, level.on_hand))
        .collect();
    let shortage = |variant| Shortage { variant, available: left.get(&variant).copied().unwrap_or_default() };
    Ok(short.into_iter().map(shortage).collect())
}

/// A step: what a cause took goes back where it came from, once; a repeat does nothing.
pub fn restock(tx: &mut Tx<'_>, cause: Uuid) -> Result<(), Failure> {
    let sold = queries::movements_by_cause(tx.conn(), cause, MovementReason::Sold)?;
    let rows: Vec<_> = sold
        .into_iter()
        .map(|sold| {
            let (reason, cause) = (MovementReason::Restocked, Some(cause));
            movement(tx, sold.variant_id, sold.location_id, -sold.delta, reason, cause)
        })
        .collect();
    let mut back = queries::insert_movements(tx, &rows)?;
    back.sort_unstable();
    for back in back {
        queries::put_back(tx, back.variant_id, back.location_id, back.delta)?;
    }
    Ok(())
}

/// Each variant once, in the order in which levels are locked.
///
/// # Errors
/// If a quantity is negative or out of range, which the use case has refused before.
fn merge(quantities: &[(Id<Variant>, i32)]) -> Result<BTreeMap<Id<Variant>, i32>, Failure> {
    let mut merged = BTreeMap::<_, i32>::new();
    for &(variant, quantity) in quantities {
        let sum = merged.entry(variant).or_default();
        *sum = sum
            .checked_add(quantity)
            .filter(|sum| quantity >= 0 && *sum <= MAXIMUM_ON_HAND)
            .ok_or_else(|| Failure::internal("a quantity of stock is out of range"))?;
    }
    Ok(merged)
}

fn movement(
    tx: &Tx<'_>,
    variant_id: Id<Variant>,
    location_id: Id<Location>,
    delta: i32,
    reason: MovementReason,
    cause_id: Option<Uuid>,
) -> NewMovement {
    let actor_id = tx.caller().in_person().map(|person| person.user);
    let (id, created_at) = (tx.new_uuid(), tx.now());
    NewMovement { id, variant_id, location_id, delta, reason, cause_id, actor_id, created_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variant(number: u128) -> Id<Variant> {
        Id::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn levels_are_locked_in_one_order_and_each_once() {
        let merged = merge(&[(variant(2), 3), (variant(1), 1), (variant(2), 4)]).unwrap();
        assert_eq!(merged.into_iter().collect::<Vec<_>>(), [(variant(1), 1), (variant(2), 7)]);
        assert!(merge(&[(variant(1), -1)]).is_err());
        assert!(merge(&[(variant(1), i32::MAX), (variant(1), 1)]).is_err());
    }

    #[test]
    fn changes_have_bounds() {
        let refusal = |change| check(change).map_err(|error| error.to_string());
        assert_eq!(refusal(StockChange::By(-1_000_000)), Ok(()));
        for by in [0, 1_000_001, -1_000_001, i32::MIN] {
            assert_eq!(refusal(StockChange::By(by)), Err("change.by: out of range".into()));
        }
        assert_eq!(refusal(StockChange::To { quantity: 0, expected: 0 }), Ok(()));
        assert!(refusal(StockChange::To { quantity: -1, expected: 0 }).is_err());
        assert!(refusal(StockChange::To { quantity: 0, expected: -1 }).is_err());
    }
}
