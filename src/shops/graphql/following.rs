//! Shops that people follow, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::Shop;
use crate::shops::{
    loaders::ShopById,
    model::{self, FollowKey},
    service,
};
use crate::{
    kernel::{id::Id, page::PageArgs},
    platform::{
        caller::Caller,
        gql::{Ask, COUNT_LIMIT, List, Listing, SignedInOnly, Total, WireResult},
    },
    user_errors::{UserError, answer},
};

/// The followed shops' part of the viewer.
pub struct FollowingViewer(pub Caller);

#[Object]
impl FollowingViewer {
    /// The shops that you follow, the last one first. Only you see them.
    async fn followed_shops(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<Shop>> {
        let listing = Listing::<FollowKey>::new("followed_shops", &PageArgs { first, after, last, before })?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let rows = service::followed_shops(&app, &caller, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_followed_shops(&app, &caller, COUNT_LIMIT + 1).await }
        });
        Ok(listing.connection(rows, |(shop, at)| (*at, shop.id), |(shop, _)| shop.into(), total))
    }
}

/// Which shop to follow.
#[derive(InputObject)]
pub struct FollowShopInput {
    /// Which one.
    shop_id: Id<model::Shop>,
}

/// What `followShop` answers.
#[derive(SimpleObject)]
pub struct FollowShopPayload {
    /// The shop that you follow.
    shop: Option<Shop>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which shop to follow no more.
#[derive(InputObject)]
pub struct UnfollowShopInput {
    /// Which one.
    shop_id: Id<model::Shop>,
}

/// What `unfollowShop` answers.
#[derive(SimpleObject)]
pub struct UnfollowShopPayload {
    /// The shop that you follow no more.
    shop: Option<Shop>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct FollowingMutation;

#[Object]
impl FollowingMutation {
    /// Follows a shop, one of at most 5,000. Once more changes nothing.
    ///
    /// Codes: `NOT_FOUND`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly")]
    async fn follow_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: FollowShopInput,
    ) -> WireResult<FollowShopPayload> {
        let result = service::follow_shop(ctx.app(), ctx.caller(), input.shop_id).await;
        let (followed, user_errors) = answer(ctx, result).await?;
        Ok(FollowShopPayload { shop: shop(ctx, followed).await?, user_errors })
    }

    /// Follows a shop no more. Once more changes nothing.
    ///
    /// Codes: none.
    #[graphql(guard = "SignedInOnly")]
    async fn unfollow_shop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: UnfollowShopInput,
    ) -> WireResult<UnfollowShopPayload> {
        let result = service::unfollow_shop(ctx.app(), ctx.caller(), input.shop_id).await;
        let (left, user_errors) = answer(ctx, result).await?;
        Ok(UnfollowShopPayload { shop: shop(ctx, left).await?, user_errors })
    }
}

async fn shop(ctx: &Context<'_>, id: Option<Id<model::Shop>>) -> WireResult<Option<Shop>> {
    match id {
        Some(id) => Ok(ctx.loader().load_one(ShopById(id)).await?.map(Into::into)),
        None => Ok(None),
    }
}
