//! Stock on the wire.

mod keeping;
mod locations;
mod making;
mod movements;
mod notices;

pub use self::{keeping::*, locations::*, making::*, movements::StockMovement, notices::*};

use async_graphql::{Context, InputObject, Object, SimpleObject};

use self::movements::StockMovementFilterInput;
use super::{
    model::{self, StockFilter},
    service,
};
use crate::{
    kernel::{error::Failure, id::Id, page::PageArgs},
    platform::gql::{Ask, List, Listing, Total, WireResult},
    products::graphql::ProductVariant,
    shops::model::{Desk, Shop},
};

/// How many pieces of a variant lie at a location. Only the shop's members see it.
#[derive(Debug, Clone, SimpleObject)]
pub struct StockLevel {
    /// What lies there.
    pub variant: ProductVariant,
    /// Where it lies.
    pub location: Location,
    /// How many pieces there are.
    pub on_hand: i32,
    /// How many pieces were sold from there that are not there yet. What comes in goes to them first.
    pub backordered: i32,
}

impl From<model::Stock> for StockLevel {
    fn from(row: model::Stock) -> Self {
        let model::Stock { variant, location, on_hand, backordered } = row;
        Self { variant: variant.into(), location: location.into(), on_hand, backordered }
    }
}

/// What a shop has decided about the stock of a variant. Only the shop's members see it.
#[derive(Debug, Clone, SimpleObject)]
pub struct StockRule {
    /// How many pieces can be ordered that are not there.
    pub backorder_limit: i32,
    /// At how many pieces, or fewer, those who keep the stock are told that it is low; null means never.
    pub low_stock_threshold: Option<i32>,
}

impl From<model::StockRule> for StockRule {
    fn from(model::StockRule { backorder_limit, low_stock_threshold }: model::StockRule) -> Self {
        Self { backorder_limit, low_stock_threshold }
    }
}

/// Which levels a list has. What is absent does not narrow it.
#[derive(Default, InputObject)]
#[graphql(name = "StockFilter")]
pub struct StockFilterInput {
    /// At this location.
    location_id: Option<Id<model::Location>>,
    /// True: of variants that are low by the threshold of their rule. False: of all others.
    is_low: Option<bool>,
    /// Of variants whose SKU begins so, up to 64 characters. Case matters.
    sku_prefix: Option<String>,
}

impl TryFrom<StockFilterInput> for StockFilter {
    type Error = Failure;

    fn try_from(StockFilterInput { location_id, is_low, sku_prefix }: StockFilterInput) -> Result<Self, Failure> {
        if sku_prefix.as_ref().is_some_and(|prefix| prefix.chars().nth(64).is_some() || prefix.contains('\0')) {
            return Err(Failure::BadUserInput("`skuPrefix` has at most 64 characters".into()));
        }
        Ok(Self { location: location_id, is_low, sku: sku_prefix.filter(|prefix| !prefix.is_empty()) })
    }
}

/// The stock's part of a shop's desk.
pub struct InventoryDesk(Id<Shop>);

impl From<&Desk> for InventoryDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.shop.id)
    }
}

#[Object]
impl InventoryDesk {
    /// The places where the shop keeps stock, at most 50: the default one first, then the oldest.
    async fn locations(&self, ctx: &Context<'_>) -> WireResult<Vec<Location>> {
        Ok(service::locations(ctx.app(), self.0).await?.into_iter().map(Into::into).collect())
    }

    /// What the shop has on hand, by SKU.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn stock(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which levels.", default)] filter: StockFilterInput,
    ) -> WireResult<List<StockLevel>> {
        let (shop, filter) = (self.0, StockFilter::try_from(filter)?);
        let listing = Listing::new(("stock", shop, &filter), &PageArgs { first, after, last, before })?;
        let app = ctx.app().clone();
        let rows = service::stock_of(&app, shop, filter.clone(), listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, filter) = (app.clone(), filter.clone());
            async move { service::count_stock(&app, shop, filter).await }
        });
        Ok(listing.connection(rows, |row| (row.variant.sku.clone(), row.location.id), StockLevel::from, total))
    }

    /// What moved, and why, the newest first.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn stock_movements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Which movements.", default)] filter: StockMovementFilterInput,
    ) -> WireResult<List<StockMovement>> {
        movements::list(ctx, self.0, filter.into(), &PageArgs { first, after, last, before }).await
    }
}
