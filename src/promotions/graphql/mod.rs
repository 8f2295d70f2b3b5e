//! Promotions on the wire: at the desk of the shop that has them, and nowhere else, for their codes are secret.

mod mutations;

pub use self::mutations::*;

use async_graphql::{ComplexObject, Context, Object, SimpleObject};

use super::{
    loaders::UsesOf,
    model::{self, PromotionKey, PromotionKind, PromotionStatus},
    service,
};
use crate::{
    kernel::{error::Failure, id::Id, money::Decimal, page::PageArgs, rate::Rate},
    platform::{
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, Money, Total, WireResult, cost},
    },
    shops::{
        graphql::Shop,
        loaders::ShopById,
        model::{self as shops, Desk},
    },
};

/// What a shop takes off its part of an order, by a code or by itself. Only the shop's members see it.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Promotion {
    /// Begins with `promotion_`.
    pub id: Id<model::Promotion>,
    /// What buyers see, 1 to 80 characters.
    name: String,
    /// What buyers type, in upper case; null of one that applies by itself. No two promotions of a shop have the same.
    code: Option<String>,
    /// What it takes off. It never changes.
    kind: PromotionKind,
    /// How much of what the goods cost, in percent; null of another kind than `PERCENTAGE`.
    percentage: Option<Decimal>,
    /// How much of what the goods cost, at most all of it; null of another kind than `AMOUNT`.
    amount: Option<Money>,
    /// What the shop's goods in the order must cost at the least; null if that does not matter. A promotion with amounts applies to
    /// orders in their currency only.
    minimum_subtotal: Option<Money>,
    /// When it begins.
    starts_at: Time,
    /// When it ends; null if it does not end by itself.
    ends_at: Option<Time>,
    /// How many orders may have it; null: any number.
    limit_total: Option<i32>,
    /// How many orders of one person may have it; null: any number.
    limit_per_person: Option<i32>,
    /// Whether it is switched on.
    is_active: bool,
    /// Rises with every change of the promotion; goes into `updatePromotion` as `expectedVersion`.
    version: i32,
    /// When it was made.
    created_at: Time,
    #[graphql(skip)]
    row: model::Promotion,
}

impl From<model::Promotion> for Promotion {
    fn from(row: model::Promotion) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            code: row.code.clone(),
            kind: row.kind,
            percentage: row.percentage().map(Rate::percent),
            amount: row.amount_off().map(Into::into),
            minimum_subtotal: row.minimum().map(Into::into),
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            limit_total: row.limit_total,
            limit_per_person: row.limit_per_person,
            is_active: row.is_active,
            version: row.version,
            created_at: row.created_at,
            row,
        }
    }
}

#[ComplexObject]
impl Promotion {
    /// The shop that has it, and bears it.
    async fn shop(&self, ctx: &Context<'_>) -> WireResult<Shop> {
        let shop = ctx.loader().load_one(ShopById(self.row.shop_id)).await?;
        Ok(shop.ok_or_else(|| Failure::internal("a promotion of no shop"))?.into())
    }

    /// How it stands now.
    async fn status(&self, ctx: &Context<'_>) -> PromotionStatus {
        self.row.status(ctx.app().now())
    }

    /// How many orders have it, without those that were called off. Of one without `limitTotal` it is exact up to 10,000; more than
    /// that are told as 10,000.
    #[graphql(directive = cost::apply(10))]
    async fn used_count(&self, ctx: &Context<'_>) -> WireResult<i32> {
        if self.limit_total.is_some() {
            return Ok(self.row.used);
        }
        let uses = ctx.loader().load_one(UsesOf(self.id)).await?.unwrap_or_default();
        Ok(i32::try_from(uses).unwrap_or(i32::MAX))
    }
}

/// The promotions' part of a shop's desk.
pub struct PromotionsDesk(Id<shops::Shop>);

impl From<&Desk> for PromotionsDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.shop.id)
    }
}

#[Object]
impl PromotionsDesk {
    /// What the shop takes off, newest first.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn promotions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Only those that stand so now.")] status: Option<PromotionStatus>,
    ) -> WireResult<List<Promotion>> {
        let (app, shop) = (ctx.app().clone(), self.0);
        let list = ("desk promotions", shop, status);
        let listing = Listing::<PromotionKey>::new(list, &PageArgs { first, after, last, before })?;
        let rows = service::promotions(&app, shop, status, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_promotions(&app, shop, status, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |row| (row.created_at, row.id), Into::into, total))
    }
}
