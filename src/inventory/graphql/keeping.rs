//! Keeping stock: counting it, moving it, and its rules.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, OneofObject, SimpleObject};

use super::StockLevel;
use crate::{
    inventory::{
        model::{self, AdjustmentReason, StockChange},
        service::{self, AdjustStock, MoveStock, StockRuleChange},
    },
    kernel::id::Id,
    platform::gql::{Ask, SignedInOnly, WireResult, change, set},
    products::{self, graphql::ProductVariant, loaders::VariantById},
    user_errors::{UserError, answer},
};

/// What was counted, and what was there by the books.
#[derive(InputObject)]
pub struct StockCountInput {
    /// How many pieces there are, 0 to 1,000,000,000.
    quantity: i32,
    /// How many pieces there were as it was read. If there are others by now, nothing changes: `STOCK_CHANGED`.
    expected: i32,
}

/// How stock changes: exactly one of the fields.
#[derive(OneofObject)]
pub enum StockChangeInput {
    /// By so many pieces, more or less: -1,000,000 to 1,000,000, not 0.
    By(i32),
    /// To what was counted.
    To(StockCountInput),
}

impl From<StockChangeInput> for StockChange {
    fn from(input: StockChangeInput) -> Self {
        match input {
            StockChangeInput::By(by) => Self::By(by),
            StockChangeInput::To(StockCountInput { quantity, expected }) => Self::To { quantity, expected },
        }
    }
}

/// Which stock changes how.
#[derive(InputObject)]
pub struct AdjustStockInput {
    /// Of which variant.
    variant_id: Id<products::model::Variant>,
    /// Where; the shop's default location if absent.
    location_id: Option<Id<model::Location>>,
    /// How.
    change: StockChangeInput,
    /// Why; `CORRECTED` if absent. The others go with more pieces, by `by`.
    reason: Option<AdjustmentReason>,
    /// 1 to 255 characters that name this very intent, so that a repeat changes nothing. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `adjustStock` answers.
#[derive(SimpleObject)]
pub struct AdjustStockPayload {
    /// The stock as it is now.
    stock_level: Option<StockLevel>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What shall lie where.
#[derive(InputObject)]
pub struct MoveStockInput {
    /// Of which variant.
    variant_id: Id<products::model::Variant>,
    /// Where the pieces lie.
    from_location_id: Id<model::Location>,
    /// Where they shall lie: another location of the same shop, that is in use.
    to_location_id: Id<model::Location>,
    /// How many pieces, 1 to 1,000,000.
    quantity: i32,
    /// 1 to 255 characters that name this very intent, so that a repeat moves nothing. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `moveStock` answers.
#[derive(SimpleObject)]
pub struct MoveStockPayload {
    /// What is left where they lay.
    from: Option<StockLevel>,
    /// What lies where they are now.
    to: Option<StockLevel>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about the rule of a variant's stock. What is absent stays.
#[derive(InputObject)]
pub struct SetStockRuleInput {
    /// Of which variant.
    variant_id: Id<products::model::Variant>,
    /// How many pieces can be ordered that are not there, 0 to 1,000,000. What is owed already stays so.
    backorder_limit: MaybeUndefined<i32>,
    /// At how many pieces, or fewer, those who keep the stock are told that it is low: 0 to 1,000,000,000. Null: never.
    low_stock_threshold: MaybeUndefined<i32>,
}

/// What `setStockRule` answers.
#[derive(SimpleObject)]
pub struct SetStockRulePayload {
    /// The variant, with its rule as it is now.
    variant: Option<ProductVariant>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct KeepingMutation;

#[Object]
impl KeepingMutation {
    /// Changes how many pieces of a variant are on hand. Pieces that were sold and not there go off at once. Owners, managers and
    /// fulfillment of the shop may.
    ///
    /// Codes: `INVALID`, `OUT_OF_RANGE`, `OUT_OF_STOCK`, `STOCK_CHANGED`, `NOT_FOUND`, `NOT_PERMITTED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn adjust_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which stock, and how.")] input: AdjustStockInput,
    ) -> WireResult<AdjustStockPayload> {
        let AdjustStockInput { variant_id: variant, location_id: location, change, reason, idempotency_key } = input;
        let adjust = AdjustStock { variant, location, change: change.into(), reason };
        let result = service::adjust_stock(ctx.app(), ctx.caller(), idempotency_key.as_deref(), adjust).await;
        let (level, user_errors) = answer(ctx, result).await?;
        let stock = match level {
            Some((variant, location)) => service::stock(ctx.app(), ctx.caller(), variant, vec![location]).await?.pop(),
            None => None,
        };
        Ok(AdjustStockPayload { stock_level: stock.map(Into::into), user_errors })
    }

    /// Moves pieces of a variant from one location of a shop to another one. Owners, managers and fulfillment of the shop may.
    ///
    /// Codes: `INVALID`, `OUT_OF_RANGE`, `OUT_OF_STOCK`, `NOT_FOUND`, `NOT_PERMITTED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn move_stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What, from where, and to where.")] input: MoveStockInput,
    ) -> WireResult<MoveStockPayload> {
        let MoveStockInput { variant_id: variant, from_location_id: from, to_location_id: to, quantity, .. } = input;
        let wanted = MoveStock { variant, from, to, quantity };
        let result = service::move_stock(ctx.app(), ctx.caller(), input.idempotency_key.as_deref(), wanted).await;
        let (moved, user_errors) = answer(ctx, result).await?;
        let levels = match moved {
            Some(()) => service::stock(ctx.app(), ctx.caller(), variant, vec![from, to]).await?,
            None => Vec::new(),
        };
        let at = |location| levels.iter().find(|level| level.location.id == location).cloned().map(Into::into);
        Ok(MoveStockPayload { from: at(from), to: at(to), user_errors })
    }

    /// Decides how many pieces of a variant can be ordered that are not there, and when it is low. Owners, managers and
    /// fulfillment of the shop may.
    ///
    /// Codes: `OUT_OF_RANGE`, `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly")]
    async fn set_stock_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which variant, and what changes.")] input: SetStockRuleInput,
    ) -> WireResult<SetStockRulePayload> {
        let changes = StockRuleChange {
            backorder_limit: set(input.backorder_limit, "backorderLimit")?,
            low_stock_threshold: change(input.low_stock_threshold),
        };
        let result = service::set_stock_rule(ctx.app(), ctx.caller(), input.variant_id, changes).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let variant = match id {
            Some(id) => ctx.loader().load_one(VariantById(id)).await?,
            None => None,
        };
        Ok(SetStockRulePayload { variant: variant.map(Into::into), user_errors })
    }
}
