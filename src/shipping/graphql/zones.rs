//! Making, changing and deleting zones.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use super::ShippingZone;
use crate::{
    kernel::{id::Id, place::CountryCode},
    platform::gql::{Ask, SignedInOnly, WireResult, set},
    shipping::{
        loaders::ZoneById,
        model,
        service::{self, CreateZone, ZoneChange},
    },
    shops::model::Shop,
    user_errors::{UserError, answer},
};

/// What a new shipping zone shall be.
#[derive(InputObject)]
pub struct CreateShippingZoneInput {
    /// The shop that sends there.
    shop_id: Id<Shop>,
    /// What the shop calls it, 1 to 80 characters.
    name: String,
    /// What lies in it, at most 250, each once, and none that lies in another zone of the shop. Empty: all that lies in no other zone.
    countries: Vec<CountryCode>,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second zone. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createShippingZone` answers.
#[derive(SimpleObject)]
pub struct CreateShippingZonePayload {
    /// The new zone.
    shipping_zone: Option<ShippingZone>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a shipping zone. What is absent stays.
#[derive(InputObject)]
pub struct UpdateShippingZoneInput {
    /// Which zone.
    shipping_zone_id: Id<model::Zone>,
    /// The `version` of the zone as it was read.
    expected_version: i32,
    /// What the shop calls it, 1 to 80 characters.
    name: MaybeUndefined<String>,
    /// All that lies in it, at most 250, each once, and none that lies in another zone of the shop. Empty: all that lies in no other zone.
    countries: MaybeUndefined<Vec<CountryCode>>,
}

/// What `updateShippingZone` answers.
#[derive(SimpleObject)]
pub struct UpdateShippingZonePayload {
    /// The zone as it is now.
    shipping_zone: Option<ShippingZone>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which shipping zone goes.
#[derive(InputObject)]
pub struct DeleteShippingZoneInput {
    /// Which zone.
    shipping_zone_id: Id<model::Zone>,
    /// The `version` of the zone as it was read.
    expected_version: i32,
}

/// What `deleteShippingZone` answers.
#[derive(SimpleObject)]
pub struct DeleteShippingZonePayload {
    /// The id of the zone that is no more.
    deleted_shipping_zone_id: Option<Id<model::Zone>>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

async fn zone(ctx: &Context<'_>, id: Option<Id<model::Zone>>) -> WireResult<Option<ShippingZone>> {
    match id {
        Some(id) => Ok(ctx.loader().load_one(ZoneById(id)).await?.map(Into::into)),
        None => Ok(None),
    }
}

#[derive(Default)]
pub struct ShippingZonesMutation;

#[Object]
impl ShippingZonesMutation {
    /// Makes a part of the world to which a shop sends in ways of their own; it has at most 50. Owners and managers of the shop may.
    /// With its first zone a shop no longer sends everywhere for nothing.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `NOT_FOUND`, `NOT_PERMITTED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn create_shipping_zone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the zone shall be.")] input: CreateShippingZoneInput,
    ) -> WireResult<CreateShippingZonePayload> {
        let CreateShippingZoneInput { shop_id: shop, name, countries, idempotency_key } = input;
        let create = CreateZone { shop, name, countries };
        let result = service::create_zone(ctx.app(), ctx.caller(), idempotency_key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CreateShippingZonePayload { shipping_zone: zone(ctx, id).await?, user_errors })
    }

    /// Changes what a shipping zone is called, and what lies in it. Owners and managers of the shop may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `NOT_FOUND`, `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_shipping_zone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateShippingZoneInput,
    ) -> WireResult<UpdateShippingZonePayload> {
        let (id, version) = (input.shipping_zone_id, input.expected_version);
        let change = ZoneChange { name: set(input.name, "name")?, countries: set(input.countries, "countries")? };
        let result = service::update_zone(ctx.app(), ctx.caller(), id, version, change).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(UpdateShippingZonePayload { shipping_zone: zone(ctx, id).await?, user_errors })
    }

    /// Deletes a shipping zone with its methods. Owners and managers of the shop may. What was ordered stays as it was. Without its last
    /// zone a shop sends everywhere for nothing again.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `STALE_VERSION`.
    #[graphql(guard = "SignedInOnly")]
    async fn delete_shipping_zone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which zone goes.")] input: DeleteShippingZoneInput,
    ) -> WireResult<DeleteShippingZonePayload> {
        let (id, version) = (input.shipping_zone_id, input.expected_version);
        let result = service::delete_zone(ctx.app(), ctx.caller(), id, version).await;
        let (deleted_shipping_zone_id, user_errors) = answer(ctx, result).await?;
        Ok(DeleteShippingZonePayload { deleted_shipping_zone_id, user_errors })
    }
}
