//! Making products and variants, which come with stock.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{locations::default_location, rules, settle::settle_new, shelves::movement};
use crate::{
    inventory::{
        error::StockError,
        model::{MAXIMUM_MOVED, MAXIMUM_ON_HAND, MovementReason, StockRule},
        queries::{self, NewLevel},
    },
    kernel::{error::Failure, id::Id},
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
    shops::model::Shop,
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
    /// The rules of the variants, as the quantities; empty if none is given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<StockRule>,
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
    for (index, rule) in input.rules.iter().enumerate() {
        rules::check(*rule, &format!("variants.{index}."))?;
    }
    app.once(caller, key, move |tx| {
        let added = products::service::add_product(tx, user, &input.product)?;
        let rules: Vec<_> = added.variants.iter().copied().zip(input.rules.iter().copied()).collect();
        let quantities = input.quantities.iter().copied().chain(std::iter::repeat(0));
        let received: Vec<_> = added.variants.into_iter().zip(quantities).collect();
        rules::decide(tx, &rules)?;
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<StockRule>,
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
    if let Some(rule) = input.rule {
        rules::check(rule, "")?;
    }
    app.once(caller, key, move |tx| {
        let variant = products::service::add_variant(tx, user, input.product, &input.variant)?;
        let rules: Vec<_> = input.rule.map(|rule| (variant.id, rule)).into_iter().collect();
        rules::decide(tx, &rules)?;
        receive(tx, variant.shop_id, &[(variant.id, input.quantity)])?;
        Ok(variant.id)
    })
    .await
}

/// A step: pieces of new variants of a shop come in at its default location. Zero makes an empty level. Their products are new,
/// or locked.
pub fn receive(tx: &mut Tx<'_>, shop: Id<Shop>, received: &[(Id<Variant>, i32)]) -> Result<(), Failure> {
    let location = default_location(tx, shop)?.id;
    let received: Vec<_> = merge(received)?.into_iter().collect();
    for batch in received.chunks(ROWS) {
        let level = |&(variant_id, on_hand): &_| NewLevel { variant_id, location_id: location, on_hand };
        queries::add_to_levels(tx, &batch.iter().map(level).collect::<Vec<_>>())?;
        let moved = batch.iter().filter(|(_, quantity)| *quantity > 0);
        let rows: Vec<_> = moved
            .map(|&(variant, quantity)| movement(tx, (variant, location, quantity), MovementReason::Received, None))
            .collect();
        queries::movements::insert(tx, &rows)?;
        settle_new(tx, &batch.iter().map(|(variant, _)| *variant).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Each variant once, in the order in which levels are locked.
///
/// # Errors
/// If a quantity is negative or out of range, which the use case has refused before.
pub(super) fn merge(quantities: &[(Id<Variant>, i32)]) -> Result<BTreeMap<Id<Variant>, i32>, Failure> {
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

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
}
