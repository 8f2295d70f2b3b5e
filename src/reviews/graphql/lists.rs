//! Lists of reviews: of a product, of a person, of a shop.

use async_graphql::{Context, InputObject, Object};

use super::Review;
use crate::{
    kernel::{error::Failure, id::Id, page::PageArgs},
    platform::{
        caller::Caller,
        gql::{Ask, List, Listing, Total, WireResult},
    },
    products::model::{Product, rating::MAXIMUM_STARS},
    reviews::{
        loaders::{OwnReviewOf, Reviewable},
        model::{self, Position, ReviewFilter, ReviewSort, TimeKey},
        service,
    },
    shops::model::{Desk, Shop},
};

/// Which reviews of a product a list has. What is absent does not narrow it.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "ReviewFilter")]
pub struct ReviewFilterInput {
    /// Those with exactly so many stars, 1 to 5.
    rating: Option<i32>,
    /// Those with photos, or those without.
    has_photos: Option<bool>,
}

/// The reviews of a product that the caller was shown.
pub async fn of_product(
    ctx: &Context<'_>,
    product: Id<Product>,
    filter: ReviewFilterInput,
    sort: ReviewSort,
    args: &PageArgs,
) -> WireResult<List<Review>> {
    if filter.rating.is_some_and(|stars| !(1..=MAXIMUM_STARS).contains(&stars)) {
        return Err(Failure::BadUserInput("`rating` is from 1 to 5".into()).into());
    }
    let filter = ReviewFilter { rating: filter.rating, has_photos: filter.has_photos };
    let listing = Listing::<Position>::new(("reviews", product, filter, sort), args)?;
    let app = ctx.app().clone();
    let rows = service::reviews_of_product(&app, product, filter, sort, listing.page.clone()).await?;
    let total = Total::new(move || {
        let app = app.clone();
        async move { service::count_reviews_of_product(&app, product, filter).await }
    });
    Ok(listing.connection(rows, |review| sort.position(review), Into::into, total))
}

/// What the caller has written about a product.
pub async fn own_review(ctx: &Context<'_>, product: Id<Product>) -> WireResult<Option<Review>> {
    Ok(ctx.loader().load_one(OwnReviewOf(product)).await?.map(Into::into))
}

/// Whether the caller may write something about a product.
pub async fn can_review(ctx: &Context<'_>, product: Id<Product>) -> WireResult<bool> {
    Ok(ctx.loader().load_one(Reviewable(product)).await?.is_some())
}

fn time_key(review: &model::Review) -> TimeKey {
    (review.created_at, review.id.uuid())
}

/// The reviews' part of the viewer.
pub struct ReviewsViewer(pub Caller);

#[Object]
impl ReviewsViewer {
    /// What you wrote about what you bought, newest first; also what the staff have hidden.
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<Review>> {
        let listing = Listing::<TimeKey>::new("own reviews", &PageArgs { first, after, last, before })?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let rows = service::own_reviews(&app, &caller, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_own_reviews(&app, &caller).await }
        });
        Ok(listing.connection(rows, time_key, Into::into, total))
    }
}

/// The reviews' part of a shop's desk.
pub struct ReviewsDesk(Id<Shop>);

impl From<&Desk> for ReviewsDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.shop.id)
    }
}

#[Object]
impl ReviewsDesk {
    /// What people wrote about all products of the shop, newest first, but for what the staff have hidden.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Only those with an answer of the shop, or those without.")] is_answered: Option<bool>,
    ) -> WireResult<List<Review>> {
        let (app, shop) = (ctx.app().clone(), self.0);
        let list = ("desk reviews", shop, is_answered);
        let listing = Listing::<TimeKey>::new(list, &PageArgs { first, after, last, before })?;
        let rows = service::reviews_of_shop(&app, shop, is_answered, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_reviews_of_shop(&app, shop, is_answered).await }
        });
        Ok(listing.connection(rows, time_key, Into::into, total))
    }
}
