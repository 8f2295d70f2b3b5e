//! What shops do with their promotions, on the wire.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::Promotion;
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{self, Decimal},
    },
    platform::{
        clock::Time,
        gql::{Ask, MoneyInput, SignedInOnly, WireResult, change, set},
    },
    promotions::{
        loaders::PromotionById,
        model::{self, PromotionKind},
        service::{self, CreatePromotion, PromotionChange, Terms},
    },
    shops::model::Shop,
    user_errors::{UserError, answer},
};

/// What a new promotion shall be.
#[derive(InputObject)]
pub struct CreatePromotionInput {
    /// The shop that takes it off, and bears it.
    shop_id: Id<Shop>,
    /// What buyers see, 1 to 80 characters.
    name: String,
    /// What buyers type: 3 to 40 letters, digits and hyphens, of which the case does not matter. Left out, it applies by itself.
    code: Option<String>,
    /// What it takes off.
    kind: PromotionKind,
    /// How much of what the goods cost, in percent: above 0, at most 100, with at most two decimals. With `PERCENTAGE`, and only then.
    percentage: Option<Decimal>,
    /// How much of what the goods cost, above 0. With `AMOUNT`, and only then.
    amount: Option<MoneyInput>,
    /// What the shop's goods in the order must cost at the least, above 0, in the currency of `amount` if there is one.
    minimum_subtotal: Option<MoneyInput>,
    /// When it begins; now if absent.
    starts_at: Option<Time>,
    /// When it ends, after it begins.
    ends_at: Option<Time>,
    /// How many orders may have it, 1 or more.
    limit_total: Option<i32>,
    /// How many orders of one person may have it, 1 or more.
    limit_per_person: Option<i32>,
    /// Whether it is switched on.
    #[graphql(default_with = "true")]
    is_active: bool,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second promotion. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createPromotion` answers.
#[derive(SimpleObject)]
pub struct CreatePromotionPayload {
    /// The new promotion.
    promotion: Option<Promotion>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a promotion. What is absent stays.
#[derive(InputObject)]
pub struct UpdatePromotionInput {
    /// Which one.
    promotion_id: Id<model::Promotion>,
    /// The `version` of the promotion as it was read.
    expected_version: i32,
    /// What buyers see, 1 to 80 characters.
    name: MaybeUndefined<String>,
    /// What buyers type: 3 to 40 letters, digits and hyphens, of which the case does not matter. Null: it applies by itself.
    code: MaybeUndefined<String>,
    /// How much of what the goods cost, in percent: above 0, at most 100, with at most two decimals. Of a `PERCENTAGE` only.
    percentage: MaybeUndefined<Decimal>,
    /// How much of what the goods cost, above 0. Of an `AMOUNT` only.
    amount: MaybeUndefined<MoneyInput>,
    /// What the shop's goods in the order must cost at the least, above 0, in the currency of the amount if there is one. Null: it
    /// does not matter.
    minimum_subtotal: MaybeUndefined<MoneyInput>,
    /// When it begins.
    starts_at: MaybeUndefined<Time>,
    /// When it ends, after it begins. Null: it does not end by itself.
    ends_at: MaybeUndefined<Time>,
    /// How many orders may have it, 1 or more, and not fewer than have it. Null: any number.
    limit_total: MaybeUndefined<i32>,
    /// How many orders of one person may have it, 1 or more. Null: any number.
    limit_per_person: MaybeUndefined<i32>,
    /// Whether it is switched on.
    is_active: MaybeUndefined<bool>,
}

/// What `updatePromotion` answers.
#[derive(SimpleObject)]
pub struct UpdatePromotionPayload {
    /// The promotion as it is now.
    promotion: Option<Promotion>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which promotion to delete.
#[derive(InputObject)]
pub struct DeletePromotionInput {
    /// Which one.
    promotion_id: Id<model::Promotion>,
    /// The `version` of the promotion as it was read.
    expected_version: i32,
}

/// What `deletePromotion` answers.
#[derive(SimpleObject)]
pub struct DeletePromotionPayload {
    /// The id that the promotion had.
    deleted_promotion_id: Option<Id<model::Promotion>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

fn given_money(given: Option<MoneyInput>) -> Result<Option<money::Money>, Failure> {
    given.map(money::Money::try_from).transpose()
}

async fn load(ctx: &Context<'_>, id: Option<Id<model::Promotion>>) -> WireResult<Option<Promotion>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(PromotionById(id)).await?.map(Into::into))
}

/// What members of shops do with promotions.
#[derive(Default)]
pub struct PromotionsMutation;

#[Object]
impl PromotionsMutation {
    /// Has a shop take something off its part of orders, by a code or by itself. A shop has at most 200 promotions. Owners and managers
    /// of the shop may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `TAKEN`, `TOO_MANY`, `NOT_FOUND`, `NOT_PERMITTED`,
    /// `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn create_promotion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the promotion shall be.")] input: CreatePromotionInput,
    ) -> WireResult<CreatePromotionPayload> {
        let terms = Terms {
            name: input.name,
            code: input.code,
            kind: input.kind,
            percentage: input.percentage,
            amount: given_money(input.amount)?,
            minimum_subtotal: given_money(input.minimum_subtotal)?,
            starts_at: input.starts_at,
            ends_at: input.ends_at,
            limit_total: input.limit_total,
            limit_per_person: input.limit_per_person,
            is_active: input.is_active,
        };
        let (create, key) = (CreatePromotion { shop: input.shop_id, terms }, input.idempotency_key);
        let result = service::create_promotion(ctx.app(), ctx.caller(), key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CreatePromotionPayload { promotion: load(ctx, id).await?, user_errors })
    }

    /// Changes a promotion. Orders that were placed before keep what it took off them. Owners and managers of the shop may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `TAKEN`, `NOT_FOUND`, `NOT_PERMITTED`,
    /// `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_promotion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdatePromotionInput,
    ) -> WireResult<UpdatePromotionPayload> {
        let wanted = PromotionChange {
            name: set(input.name, "name")?,
            code: change(input.code),
            percentage: set(input.percentage, "percentage")?,
            amount: given_money(set(input.amount, "amount")?)?,
            minimum_subtotal: change(input.minimum_subtotal).map(given_money).transpose()?,
            starts_at: set(input.starts_at, "startsAt")?,
            ends_at: change(input.ends_at),
            limit_total: change(input.limit_total),
            limit_per_person: change(input.limit_per_person),
            is_active: set(input.is_active, "isActive")?,
        };
        let (id, version) = (input.promotion_id, input.expected_version);
        let result = service::update_promotion(ctx.app(), ctx.caller(), id, version, wanted).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(UpdatePromotionPayload { promotion: load(ctx, id).await?, user_errors })
    }

    /// Takes a promotion out of use for good. Its code is free again; orders that were placed before keep what it took off them.
    /// Owners and managers of the shop may.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn delete_promotion(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeletePromotionInput,
    ) -> WireResult<DeletePromotionPayload> {
        let (id, version) = (input.promotion_id, input.expected_version);
        let result = service::delete_promotion(ctx.app(), ctx.caller(), id, version).await;
        let (deleted_promotion_id, user_errors) = answer(ctx, result).await?;
        Ok(DeletePromotionPayload { deleted_promotion_id, user_errors })
    }
}
