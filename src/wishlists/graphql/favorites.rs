//! What people like, on the wire.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use crate::{
    kernel::{id::Id, page::PageArgs},
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, List, Listing, SignedInOnly, Total, WireResult},
    },
    products::{self, graphql::Product, loaders::ProductKey},
    user_errors::{UserError, answer},
    wishlists::{loaders::FavoriteProduct, model::TimeKey, service},
};

/// A product that you like. Only you see that you do.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Favorite {
    /// The product's id, for `unfavoriteProduct`.
    product_id: Id<products::model::Product>,
    /// Since when it is one.
    created_at: Time,
}

#[ComplexObject]
impl Favorite {
    /// The product; null if you do not see it any more.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        Ok(ctx.loader().load_one(ProductKey::id(self.product_id)).await?.map(Into::into))
    }
}

/// Whether a product is a favourite of the caller's.
pub async fn is_favorite(ctx: &Context<'_>, product: Id<products::model::Product>) -> WireResult<bool> {
    Ok(ctx.loader().load_one(FavoriteProduct(product)).await?.is_some())
}

/// The favourites' part of the viewer.
pub struct FavoritesViewer(pub Caller);

#[Object]
impl FavoritesViewer {
    /// What you like, the last one first; at most 10,000.
    async fn favorites(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<Favorite>> {
        let listing = Listing::<TimeKey>::new("favorites", &PageArgs { first, after, last, before })?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let rows = service::favorites(&app, &caller, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_favorites(&app, &caller).await }
        });
        let node = |(product_id, created_at)| Favorite { product_id, created_at };
        Ok(listing.connection(rows, |(id, at)| (*at, id.uuid()), node, total))
    }
}

/// Which product you like.
#[derive(InputObject)]
pub struct FavoriteProductInput {
    /// Which one.
    product_id: Id<products::model::Product>,
}

/// What `favoriteProduct` answers.
#[derive(SimpleObject)]
pub struct FavoriteProductPayload {
    /// The product that you like.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which product you like no more.
#[derive(InputObject)]
pub struct UnfavoriteProductInput {
    /// Which one.
    product_id: Id<products::model::Product>,
}

/// What `unfavoriteProduct` answers.
#[derive(SimpleObject)]
pub struct UnfavoriteProductPayload {
    /// The product that you like no more; null also if you do not see it any more.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What people change about what they like.
#[derive(Default)]
pub struct FavoritesMutation;

#[Object]
impl FavoritesMutation {
    /// Makes a product one of your favourites, of which there are at most 10,000. Once more changes nothing.
    ///
    /// Codes: `NOT_FOUND`, `TOO_MANY`.
    #[graphql(guard = "SignedInOnly")]
    async fn favorite_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: FavoriteProductInput,
    ) -> WireResult<FavoriteProductPayload> {
        let result = service::favorite_product(ctx.app(), ctx.caller(), input.product_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(FavoriteProductPayload { product: product(ctx, id).await?, user_errors })
    }

    /// Takes a product from your favourites, also one that you do not see any more. Once more changes nothing.
    ///
    /// Codes: none.
    #[graphql(guard = "SignedInOnly")]
    async fn unfavorite_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: UnfavoriteProductInput,
    ) -> WireResult<UnfavoriteProductPayload> {
        let result = service::unfavorite_product(ctx.app(), ctx.caller(), input.product_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(UnfavoriteProductPayload { product: product(ctx, id).await?, user_errors })
    }
}

async fn product(ctx: &Context<'_>, id: Option<Id<products::model::Product>>) -> WireResult<Option<Product>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(ProductKey::id(id)).await?.map(Into::into))
}
