//! Locations on the wire.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};

use crate::{
    inventory::{
        model,
        service::{self, CreateLocation, LocationChange},
    },
    kernel::id::Id,
    platform::gql::{Ask, SignedInOnly, WireResult, set},
    shops::model::Shop,
    user_errors::{UserError, answer},
};

/// A place where a shop keeps stock. Only the shop's members see it.
#[derive(Debug, Clone, SimpleObject)]
pub struct Location {
    /// Begins with `location_`.
    pub id: Id<model::Location>,
    /// What the shop calls it, 1 to 100 characters; no two locations of a shop have the same name.
    pub name: String,
    /// Whether orders take from here first. What is sold and not there is owed from here.
    pub is_default: bool,
    /// Whether it is in use. Out of use it holds nothing, and nothing comes in.
    pub is_active: bool,
}

impl From<model::Location> for Location {
    fn from(row: model::Location) -> Self {
        Self { id: row.id, name: row.name, is_default: row.is_default, is_active: row.is_active }
    }
}

/// What a new location shall be.
#[derive(InputObject)]
pub struct CreateLocationInput {
    /// The shop that keeps stock there.
    shop_id: Id<Shop>,
    /// What the shop calls it, 1 to 100 characters.
    name: String,
    /// 1 to 255 characters that name this very intent, so that a repeat makes no second location. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createLocation` answers.
#[derive(SimpleObject)]
pub struct CreateLocationPayload {
    /// The new location.
    location: Option<Location>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a location. What is absent stays.
#[derive(InputObject)]
pub struct UpdateLocationInput {
    /// Which one.
    location_id: Id<model::Location>,
    /// What the shop calls it, 1 to 100 characters.
    name: MaybeUndefined<String>,
    /// True: orders take from here first, no longer from the former default location. To end that, choose another one.
    is_default: MaybeUndefined<bool>,
    /// Whether it is in use. The default location, and one where something lies, stays in use: `IN_USE`.
    is_active: MaybeUndefined<bool>,
}

/// What `updateLocation` answers.
#[derive(SimpleObject)]
pub struct UpdateLocationPayload {
    /// The location as it is now.
    location: Option<Location>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct LocationsMutation;

#[Object]
impl LocationsMutation {
    /// Makes one more location of a shop, which has at most 50. Owners and managers of the shop may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `TOO_MANY`, `NOT_FOUND`, `NOT_PERMITTED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly")]
    async fn create_location(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the location shall be.")] input: CreateLocationInput,
    ) -> WireResult<CreateLocationPayload> {
        let CreateLocationInput { shop_id: shop, name, idempotency_key } = input;
        let create = CreateLocation { shop, name };
        let result = service::create_location(ctx.app(), ctx.caller(), idempotency_key.as_deref(), create).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let location = match id {
            Some(id) => service::locations(ctx.app(), shop).await?.into_iter().find(|location| location.id == id),
            None => None,
        };
        Ok(CreateLocationPayload { location: location.map(Into::into), user_errors })
    }

    /// Changes a location: what it is called, whether orders take from it first, and whether it is in use. Owners and managers of
    /// the shop may.
    ///
    /// Codes: `BLANK`, `TOO_LONG`, `INVALID`, `TAKEN`, `IN_USE`, `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly")]
    async fn update_location(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateLocationInput,
    ) -> WireResult<UpdateLocationPayload> {
        let change = LocationChange {
            name: set(input.name, "name")?,
            is_default: set(input.is_default, "isDefault")?,
            is_active: set(input.is_active, "isActive")?,
        };
        let result = service::update_location(ctx.app(), ctx.caller(), input.location_id, change).await;
        let (location, user_errors) = answer(ctx, result).await?;
        Ok(UpdateLocationPayload { location: location.map(Into::into), user_errors })
    }
}
