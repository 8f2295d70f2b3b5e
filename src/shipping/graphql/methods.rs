//! Making, changing and deleting methods.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::ShippingMethod;
use crate::{
    kernel::{error::Failure, id::Id},
    platform::gql::{Ask, MoneyInput, SignedInOnly, WireResult, change, set},
    shipping::{
        loaders::MethodById,
        model::{self, GivenRate},
        service::{self, CreateMethod, MethodChange},
    },
    user_errors::{UserError, answer},
};

/// What a shipping method shall cost in one currency, that of its price.
#[derive(InputObject)]
pub struct ShippingRateInput {
    /// What it costs; 0 or more.
    price: MoneyInput,
    /// The lowest subtotal for which it can be chosen, in the same currency; no such bound if absent.
    minimum_subtotal: Option<MoneyInput>,
    /// The subtotal from which on it cannot be chosen any more, in the same currency and above the lowest one; no such bound if absent.
    maximum_subtotal: Option<MoneyInput>,
    /// The subtotal from which on it costs nothing, in the same currency; it always costs its price if absent.
    free_from: Option<MoneyInput>,
}

impl TryFrom<ShippingRateInput> for GivenRate {
    type Error = Failure;

    fn try_from(input: ShippingRateInput) -> Result<Self, Failure> {
        Ok(Self {
            price: input.price.try_into()?,
            minimum_subtotal: input.minimum_subtotal.map(TryInto::try_into).transpose()?,
            maximum_subtotal: input.maximum_subtotal.map(TryInto::try_into).transpose()?,
            free_from: input.free_from.map(TryInto::try_into).transpose()?,
        })
    }
}

fn given(rates: Vec<ShippingRateInput>) -> Result<Vec<GivenRate>, Failure> {
    rates.into_iter().map(TryInto::try_into).collect()
}

/// What a new shipping method shall be.
#[derive(InputObject)]
pub struct CreateShippingMethodInput {
    /// The zone that it leads to.
    shipping_zone_id: Id<model::Zone>,
    /// What buyers choose it by, 1 to 80 characters.
    name: String,
    /// What buyers are told about it, up to 300 characters.
    description: Option<String>,
    /// What a parcel weighs at the least, in grams, 0 to 1,000,000,000; no such bound if absent. What weighs an unknown amount counts as
    /// nothing.
    minimum_weight_grams: Option<i32>,
    /// What a parcel weighs at the most, in grams, 0 to 1,000,000,000; no such bound if absent.
    maximum_weight_grams: Option<i32>,
    /// How many days it takes at the least, 0 to 365.
    minimum_delivery_days: Option<i32>,
    /// How many days it takes at the most, 0 to 365.
    maximum_delivery_days: Option<i32>,
    /// Whether buyers can choose it.
    #[graphql(default = true)]
    is_active: bool,
    /// What it costs, one rate for each currency in which it shall be offered, at most 20.
    rates: Vec<ShippingRateInput>,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second method. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createShippingMethod` answers.
#[derive(SimpleObject)]
pub struct CreateShippingMethodPayload {
    /// The new method.
    shipping_method: Option<ShippingMethod>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a shipping method. What is absent stays.
#[derive(InputObject)]
pub struct UpdateShippingMethodInput {
    /// Which method.
    shipping_method_id: Id<model::Method>,
    /// The `version` of the method as it was read.
    expected_version: i32,
    /// What buyers choose it by, 1 to 80 characters.
    name: MaybeUndefined<String>,
    /// What buyers are told about it, up to 300 characters. Null clears it.
    description: MaybeUndefined<String>,
    /// What a parcel weighs at the least, in grams, 0 to 1,000,000,000. Null ends this bound.
    minimum_weight_grams: MaybeUndefined<i32>,
    /// What a parcel weighs at the most, in grams, 0 to 1,000,000,000. Null ends this bound.
    maximum_weight_grams: MaybeUndefined<i32>,
    /// How many days it takes at the least, 0 to 365. Null clears it.
    minimum_delivery_days: MaybeUndefined<i32>,
    /// How many days it takes at the most, 0 to 365. Null clears it.
    maximum_delivery_days: MaybeUndefined<i32>,
    /// Whether buyers can choose it.
    is_active: MaybeUndefined<bool>,
    /// All its rates, one for each currency in which it shall be offered, at most 20. One that is not among them goes.
    rates: MaybeUndefined<Vec<ShippingRateInput>>,
}

/// What `updateShippingMethod` answers.
#[derive(SimpleObject)]
pub struct UpdateShippingMethodPayload {
    /// The method as it is now.
    shipping_method: Option<ShippingMethod>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which shipping method goes.
#[derive(InputObject)]
pub struct DeleteShippingMethodInput {
    /// Which method.
    shipping_method_id: Id<model::Method>,
    /// The `version` of the method as it was read.
    expected_version: i32,
}

/// What `deleteShippingMethod` answers.
#[derive(SimpleObject)]
pub struct DeleteShippingMethodPayload {
    /// The id of the method that is no more.
    deleted_shipping_method_id: Option<Id<model::Method>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

async fn method(ctx: &Context<'_>, id: Option<Id<model::Method>>) -> WireResult<Option<ShippingMethod>> {
    match id {
        Some(id) => Ok(ctx.loader().load_one(MethodById(id)).await?.map(Into::into)),
        None => Ok(None),
    }
}

#[derive(Default)]
pub struct ShippingMethodsMutation;

#[Object]
impl ShippingMethodsMutation {
    /// Makes one more way in which a shop sends things to a zone, which has at most 20. Owners and managers of the shop may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `NOT_FOUND`,
    /// `NOT_PERMITTED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn create_shipping_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the method shall be.")] input: CreateShippingMethodInput,
    ) -> WireResult<CreateShippingMethodPayload> {
        let create = CreateMethod {
            zone: input.shipping_zone_id,
            name: input.name,
            description: input.description,
            minimum_weight_grams: input.minimum_weight_grams,
            maximum_weight_grams: input.maximum_weight_grams,
            days_from: input.minimum_delivery_days,
            days_until: input.maximum_delivery_days,
            is_active: input.is_active,
            rates: given(input.rates)?,
        };
        let result = service::create_method(ctx.app(), ctx.caller(), input.idempotency_key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CreateShippingMethodPayload { shipping_method: method(ctx, id).await?, user_errors })
    }

    /// Changes a shipping method. Owners and managers of the shop may. What was ordered stays as it was.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `OUT_OF_RANGE`, `CURRENCY_MISMATCH`, `NOT_FOUND`,
    /// `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_shipping_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateShippingMethodInput,
    ) -> WireResult<UpdateShippingMethodPayload> {
        let (id, version) = (input.shipping_method_id, input.expected_version);
        let changed = MethodChange {
            name: set(input.name, "name")?,
            description: change(input.description),
            minimum_weight_grams: change(input.minimum_weight_grams),
            maximum_weight_grams: change(input.maximum_weight_grams),
            days_from: change(input.minimum_delivery_days),
            days_until: change(input.maximum_delivery_days),
            is_active: set(input.is_active, "isActive")?,
            rates: set(input.rates, "rates")?.map(given).transpose()?,
        };
        let result = service::update_method(ctx.app(), ctx.caller(), id, version, changed).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(UpdateShippingMethodPayload { shipping_method: method(ctx, id).await?, user_errors })
    }

    /// Deletes a shipping method with its rates. Owners and managers of the shop may. What was ordered stays as it was.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn delete_shipping_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which method goes.")] input: DeleteShippingMethodInput,
    ) -> WireResult<DeleteShippingMethodPayload> {
        let (id, version) = (input.shipping_method_id, input.expected_version);
        let result = service::delete_method(ctx.app(), ctx.caller(), id, version).await;
        let (deleted_shipping_method_id, user_errors) = answer(ctx, result).await?;
        Ok(DeleteShippingMethodPayload { deleted_shipping_method_id, user_errors })
    }
}
