//! What people have looked at, on the wire.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::{
    kernel::{id::Id, page::PageArgs},
    platform::{
        caller::Caller,
        clock::Time,
        gql::{Ask, AtOnce, List, Listing, SignedInOnly, Total, WireResult, cost},
    },
    products::{
        self,
        graphql::Product,
        loaders::ProductKey,
        model::{Card, Listed},
    },
    recommendations::{
        model::{HistoryKind, View, ViewKey},
        service::{self, ClearHistory, RecordViews},
    },
    user_errors::{UserError, answer},
};

/// A product that somebody has looked at, and when.
pub(super) struct Viewed(pub(super) Time, pub(super) Card);

impl From<Viewed> for Product {
    fn from(Viewed(_, card): Viewed) -> Self {
        Listed::from(card).into()
    }
}

/// What you have looked at: the part of the viewer.
pub struct HistoryViewer(pub Caller);

#[Object]
impl HistoryViewer {
    /// Products that you have looked at, as your clients have told by `recordViews`, the last one first; at most 500, and none for longer than the
    /// market keeps them, 90 days unless it says otherwise. Without what is not for sale any more. Empty while `Preferences.hasPersonalization`
    /// is off.
    async fn recently_viewed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<AtOnce<List<AtOnce<Product>>>> {
        let listing = Listing::<ViewKey>::new("recentlyViewed", &PageArgs { first, after, last, before })?;
        let (app, caller) = (ctx.app().clone(), self.0.clone());
        let rows = service::recently_viewed(&app, &caller, listing.page.clone()).await?;
        let total = Total::new(move || {
            let (app, caller) = (app.clone(), caller.clone());
            async move { service::count_recently_viewed(&app, &caller).await }
        });
        let rows = rows.map(|(at, card)| Viewed(at, card));
        Ok(listing.at_once(rows, |Viewed(at, card)| (*at, card.id.uuid()), total))
    }
}

/// Something that was looked at.
#[derive(InputObject)]
pub struct ProductViewInput {
    /// Which product. What is not for sale is left out without a word.
    product_id: Id<products::model::Product>,
    /// When: just now if absent. What was more than a day ago is left out.
    viewed_at: Option<Time>,
}

/// What was looked at, and by whom.
#[derive(InputObject)]
pub struct RecordViewsInput {
    /// What was looked at, at most 50 at once; perhaps nothing, to hand over what a visitor has looked at.
    views: Vec<ProductViewInput>,
    /// What a guest got for it the first time. Who is signed in and shows it has what the guest has looked at as their own from then on.
    #[graphql(secret)]
    visitor_token: Option<String>,
}

/// What `recordViews` answers.
#[derive(SimpleObject)]
pub struct RecordViewsPayload {
    /// What tells a guest from others: keep it, and show it the next time. Null for who is signed in.
    visitor_token: Option<String>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What is to be forgotten.
#[derive(InputObject)]
pub struct ClearHistoryInput {
    /// What.
    kinds: Vec<HistoryKind>,
    /// From when on; all of it if absent.
    since: Option<Time>,
    /// Also, or for a guest, what was kept of this visitor.
    #[graphql(secret)]
    visitor_token: Option<String>,
}

/// What `clearHistory` answers.
#[derive(SimpleObject)]
pub struct ClearHistoryPayload {
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What is not to be recommended.
#[derive(InputObject)]
pub struct DismissRecommendationInput {
    /// Which product.
    product_id: Id<products::model::Product>,
}

/// What `dismissRecommendation` answers.
#[derive(SimpleObject)]
pub struct DismissRecommendationPayload {
    /// The product that is not recommended to you any more.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What people let be kept of what they look at.
#[derive(Default)]
pub struct HistoryMutation;

#[Object]
impl HistoryMutation {
    /// Keeps what you have looked at, for `viewer.recentlyViewed`: of each product when you did so last. Tell of several at once, every minute or
    /// so. Nothing is kept while `Preferences.hasPersonalization` is off, nor of who tells of more than 300 views in an hour.
    ///
    /// Codes: `NOT_FOUND`, `TOO_MANY`.
    #[graphql(directive = cost::apply(50))]
    async fn record_views(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you have looked at.")] input: RecordViewsInput,
    ) -> WireResult<RecordViewsPayload> {
        let RecordViewsInput { views, visitor_token } = input;
        let view = |ProductViewInput { product_id, viewed_at }| View { product: product_id, viewed_at };
        let views = views.into_iter().map(view).collect();
        let result = service::record_views(ctx.app(), ctx.caller(), RecordViews { views, visitor_token }).await;
        let (visitor_token, user_errors) = answer(ctx, result).await?;
        Ok(RecordViewsPayload { visitor_token: visitor_token.flatten(), user_errors })
    }

    /// Has a product not be recommended to you any more: of the last 1,000 that you dismiss, until `clearHistory` of `DISMISSALS`. Once more
    /// changes nothing.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(guard = "SignedInOnly")]
    async fn dismiss_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DismissRecommendationInput,
    ) -> WireResult<DismissRecommendationPayload> {
        let result = service::dismiss_recommendation(ctx.app(), ctx.caller(), input.product_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        let product = match id {
            Some(id) => ctx.loader().load_one(ProductKey::id(id)).await?.map(Into::into),
            None => None,
        };
        Ok(DismissRecommendationPayload { product, user_errors })
    }

    /// Forgets what is kept of what you did.
    ///
    /// Codes: `NOT_FOUND`.
    #[graphql(directive = cost::apply(50))]
    async fn clear_history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What.")] input: ClearHistoryInput,
    ) -> WireResult<ClearHistoryPayload> {
        let ClearHistoryInput { kinds, since, visitor_token } = input;
        let result =
            service::clear_history(ctx.app(), ctx.caller(), ClearHistory { kinds, since, visitor_token }).await;
        let (_, user_errors) = answer(ctx, result).await?;
        Ok(ClearHistoryPayload { user_errors })
    }
}
