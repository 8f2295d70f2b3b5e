//! Receiving and counting stock.

use serde::Serialize;

use super::{
    locations::{default_location, in_use},
    not_found,
    settle::{Turns, settle},
    shelves,
};
use crate::{
    inventory::{
        error::StockError,
        model::{AdjustmentReason, Location, MAXIMUM_MOVED, MAXIMUM_ON_HAND, StockChange},
        queries,
    },
    kernel::id::Id,
    platform::{
        app::App,
        caller::Caller,
        idempotency::{Key, Retention},
    },
    products::{self, model::Variant},
    shops::{self, model::Permission},
    users::model::signed_in,
};

/// A level that shall change; at the shop's default location if none is named.
#[derive(Debug, Serialize)]
pub struct AdjustStock {
    pub variant: Id<Variant>,
    pub location: Option<Id<Location>>,
    pub change: StockChange,
    // Absent where nothing is given, as before there was one: an idempotency key goes by what is written here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<AdjustmentReason>,
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
    let reason = input.reason.unwrap_or(AdjustmentReason::Corrected);
    check(input.change, reason)?;
    app.once(caller, key, move |tx| {
        let variant = products::service::variant(tx.conn(), input.variant)?.ok_or_else(|| not_found("variantId"))?;
        shops::service::permit(tx.conn(), user, variant.shop_id, Permission::AdjustStock, "variantId")?;
        let location = match input.location {
            Some(id) => id,
            None => default_location(tx, variant.shop_id)?.id,
        };
        in_use(tx, variant.shop_id, location, "locationId")?;
        queries::ensure_level(tx, variant.id, location)?;
        let mut shelf = shelves::lock_one(tx, variant.id)?;
        let delta = match input.change {
            StockChange::By(delta) => delta,
            StockChange::To { expected, .. } if shelf.on_hand(location) != i64::from(expected) => {
                return Err(StockError::StockChanged);
            }
            StockChange::To { quantity, expected } => quantity - expected,
        };
        if delta < 0 && !shelf.remove(location, -delta, reason.into()) {
            return Err(StockError::OutOfStock);
        }
        if delta > 0 {
            if !shelf.has_room(location, delta) {
                return Err(StockError::OutOfRange { field: "change.by".into() });
            }
            shelf.put(location, delta, reason.into());
        }
        shelves::store(tx, [&shelf].into_iter(), None)?;
        settle(tx, &Turns::since(shelf.before(), &shelf))?;
        Ok((variant.id, location))
    })
    .await
}

fn check(change: StockChange, reason: AdjustmentReason) -> Result<(), StockError> {
    let out_of_range = |field: &str| Err(StockError::OutOfRange { field: field.into() });
    match change {
        StockChange::By(by) if by == 0 || !(-MAXIMUM_MOVED..=MAXIMUM_MOVED).contains(&by) => out_of_range("change.by"),
        StockChange::To { quantity, .. } if !(0..=MAXIMUM_ON_HAND).contains(&quantity) => {
            out_of_range("change.to.quantity")
        }
        StockChange::To { expected, .. } if !(0..=MAXIMUM_ON_HAND).contains(&expected) => {
            out_of_range("change.to.expected")
        }
        // Who counts corrects, and nothing comes in by going away.
        StockChange::By(1..) => Ok(()),
        _ if reason == AdjustmentReason::Corrected => Ok(()),
        _ => Err(StockError::Invalid { field: "reason".into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_have_bounds() {
        let refusal = |change| check(change, AdjustmentReason::Corrected).map_err(|error| error.to_string());
        assert_eq!(refusal(StockChange::By(-1_000_000)), Ok(()));
        for by in [0, 1_000_001, -1_000_001, i32::MIN] {
            assert_eq!(refusal(StockChange::By(by)), Err("change.by: out of range".into()));
        }
        assert_eq!(refusal(StockChange::To { quantity: 0, expected: 0 }), Ok(()));
        assert!(refusal(StockChange::To { quantity: -1, expected: 0 }).is_err());
        assert!(refusal(StockChange::To { quantity: 0, expected: -1 }).is_err());
    }

    #[test]
    fn what_comes_in_is_more() {
        for reason in [AdjustmentReason::Received, AdjustmentReason::Returned] {
            assert!(check(StockChange::By(1), reason).is_ok());
            assert!(check(StockChange::By(-1), reason).is_err());
            assert!(check(StockChange::To { quantity: 2, expected: 1 }, reason).is_err());
        }
    }
}
