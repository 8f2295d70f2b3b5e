//! What moved, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, SimpleObject};

use super::Location;
use crate::{
    inventory::{
        model::{self, Movement, MovementFilter, MovementReason},
        service,
    },
    kernel::{id::Id, page::PageArgs},
    orders::{graphql::OrderPart, loaders::PartsByOrder},
    platform::{
        clock::Time,
        gql::{Ask, List, Listing, Total, WireResult},
    },
    products::{self, graphql::ProductVariant, loaders::VariantById},
    shops::model::Shop,
    users::{graphql::User, loaders::UserById},
};

/// Which movements a list has. What is absent does not narrow it.
#[derive(Default, InputObject)]
#[graphql(name = "StockMovementFilter")]
pub struct StockMovementFilterInput {
    /// Of this variant.
    variant_id: Option<Id<products::model::Variant>>,
    /// At this location.
    location_id: Option<Id<model::Location>>,
    /// For this reason.
    reason: Option<MovementReason>,
}

impl From<StockMovementFilterInput> for MovementFilter {
    fn from(StockMovementFilterInput { variant_id, location_id, reason }: StockMovementFilterInput) -> Self {
        Self { variant: variant_id, location: location_id, reason }
    }
}

/// Pieces of a variant that came or went. A level is the sum of its movements. Only the shop's members see it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct StockMovement {
    /// Where.
    location: Location,
    /// How many pieces more, or fewer if it is negative; never 0.
    delta: i32,
    /// Why.
    reason: MovementReason,
    /// When.
    created_at: Time,
    #[graphql(skip)]
    row: Movement,
}

impl From<Movement> for StockMovement {
    fn from(row: Movement) -> Self {
        let (location, delta, reason, created_at) =
            (row.location.clone().into(), row.delta, row.reason, row.created_at);
        Self { location, delta, reason, created_at, row }
    }
}

#[ComplexObject]
impl StockMovement {
    /// Of what; null if you work for the shop no longer.
    async fn variant(&self, ctx: &Context<'_>) -> WireResult<Option<ProductVariant>> {
        Ok(ctx.loader().load_one(VariantById(self.row.variant)).await?.map(Into::into))
    }

    /// Who did it, by adjusting, moving or ordering; null if nobody did in person.
    async fn actor(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        let Some(actor) = self.row.actor else { return Ok(None) };
        Ok(ctx.loader().load_one(UserById(actor)).await?.map(Into::into))
    }

    /// The shop's part of the order that took the pieces or gave them back; null for other reasons, and for what came back to the counter.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        let is_of_order =
            matches!(self.reason, MovementReason::Sold | MovementReason::Restocked | MovementReason::Returned);
        let Some(order) = self.row.cause.filter(|_| is_of_order) else { return Ok(None) };
        let parts = ctx.loader().load_one(PartsByOrder(Id::from_uuid(order))).await?.unwrap_or_default();
        let own = parts.into_iter().find(|part| part.part.shop_id == self.row.location.shop_id);
        Ok(own.map(Into::into))
    }
}

pub(super) async fn list(
    ctx: &Context<'_>,
    shop: Id<Shop>,
    filter: MovementFilter,
    args: &PageArgs,
) -> WireResult<List<StockMovement>> {
    let listing = Listing::new(("stock_movements", shop, filter), args)?;
    let app = ctx.app().clone();
    let rows = service::movements(&app, shop, filter, listing.page.clone()).await?;
    let total = Total::new(move || {
        let app = app.clone();
        async move { service::count_movements(&app, shop, filter).await }
    });
    Ok(listing.connection(rows, |row| (row.created_at, row.id), Into::into, total))
}
