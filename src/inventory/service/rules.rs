//! What a shop decides about the stock of a variant.

use super::{
    not_found,
    settle::{Turns, settle},
    shelves,
};
use crate::{
    inventory::{
        error::StockError,
        model::{MAXIMUM_MOVED, MAXIMUM_ON_HAND, StockRule},
        queries,
    },
    kernel::{error::Failure, id::Id},
    platform::{app::App, caller::Caller, db::Tx},
    products::{self, model::Variant},
    shops::{self, model::Permission},
    users::model::signed_in,
};

/// A change of a rule; what is absent stays. The inner `None` clears.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::option_option, reason = "absent stays, an explicit null clears")]
pub struct StockRuleChange {
    pub backorder_limit: Option<i32>,
    pub low_stock_threshold: Option<Option<i32>>,
}

/// Changes the rule of a variant on behalf of a member of the shop.
pub async fn set_stock_rule(
    app: &App,
    caller: &Caller,
    variant: Id<Variant>,
    change: StockRuleChange,
) -> Result<Id<Variant>, StockError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            let variant = products::service::variant(tx.conn(), variant)?.ok_or_else(|| not_found("variantId"))?;
            shops::service::permit(tx.conn(), user, variant.shop_id, Permission::AdjustStock, "variantId")?;
            // Under the locks of its levels, so that no order goes by a rule that is gone.
            let mut shelf = shelves::lock_one(tx, variant.id)?;
            let (before, current) = (shelf.before(), shelf.terms.rule);
            let rule = StockRule {
                backorder_limit: change.backorder_limit.unwrap_or(current.backorder_limit),
                low_stock_threshold: change.low_stock_threshold.unwrap_or(current.low_stock_threshold),
            };
            check(rule, "")?;
            decide(tx, &[(variant.id, rule)])?;
            shelf.terms.rule = rule;
            settle(tx, &Turns::since(before, &shelf))?;
            Ok(variant.id)
        })
        .await
}

/// Whether a rule is within its bounds.
pub(super) fn check(rule: StockRule, prefix: &str) -> Result<(), StockError> {
    let out_of_range = |field: &str| Err(StockError::OutOfRange { field: format!("{prefix}{field}") });
    if !(0..=MAXIMUM_MOVED).contains(&rule.backorder_limit) {
        return out_of_range("backorderLimit");
    }
    match rule.low_stock_threshold {
        Some(threshold) if !(0..=MAXIMUM_ON_HAND).contains(&threshold) => out_of_range("lowStockThreshold"),
        _ => Ok(()),
    }
}

/// A step: rules of variants, whose levels are locked or new.
pub fn decide(tx: &mut Tx<'_>, rules: &[(Id<Variant>, StockRule)]) -> Result<(), Failure> {
    if rules.is_empty() { Ok(()) } else { queries::set_rules(tx, rules) }
}
