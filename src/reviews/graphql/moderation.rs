//! Reporting reviews, and what the staff do about them.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{Review, load};
use crate::{
    kernel::{id::Id, page::PageArgs},
    platform::{
        caller::StaffPermission,
        gql::{Ask, List, Listing, SignedInOnly, StaffOnly, Total, WireResult, cost},
    },
    reviews::{
        model::{self, ReportReason, TimeKey},
        service,
    },
    user_errors::{UserError, answer},
};

/// The reviews' part of the staff's side.
#[derive(Default)]
pub struct StaffReviews;

#[Object]
impl StaffReviews {
    /// The reviews that people reported and nobody has seen to, the last reported first.
    #[graphql(guard = "StaffOnly(StaffPermission::ModerateReviews)")]
    async fn reported_reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
    ) -> WireResult<List<Review>> {
        let listing = Listing::<TimeKey>::new("reported reviews", &PageArgs { first, after, last, before })?;
        let app = ctx.app().clone();
        let rows = service::reported_reviews(&app, listing.page.clone()).await?;
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_reported_reviews(&app).await }
        });
        let key = |review: &model::Review| (review.reported_at.unwrap_or(review.created_at), review.id.uuid());
        Ok(listing.connection(rows, key, Into::into, total))
    }
}

/// At which review the staff should look, and why.
#[derive(InputObject)]
pub struct ReportReviewInput {
    /// Which one. None of yours.
    review_id: Id<model::Review>,
    /// Why.
    reason: ReportReason,
    /// What else the staff should know, up to 1,000 characters.
    #[graphql(default)]
    note: String,
    /// 1 to 255 characters that name this very intent. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `reportReview` answers.
#[derive(SimpleObject)]
pub struct ReportReviewPayload {
    /// The review that was reported.
    review: Option<Review>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which review to hide, and why.
#[derive(InputObject)]
pub struct HideReviewInput {
    /// Which one.
    review_id: Id<model::Review>,
    /// Why, in 1 to 500 characters. The author reads it.
    reason: String,
}

/// What `hideReview` answers.
#[derive(SimpleObject)]
pub struct HideReviewPayload {
    /// The review, which is hidden.
    review: Option<Review>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which review can be seen, and why.
#[derive(InputObject)]
pub struct ShowReviewInput {
    /// Which one: it is hidden, or reported.
    review_id: Id<model::Review>,
    /// Why, in 1 to 500 characters. The author reads it if it was hidden.
    reason: String,
}

/// What `showReview` answers.
#[derive(SimpleObject)]
pub struct ShowReviewPayload {
    /// The review, which everybody sees.
    review: Option<Review>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What is done about reviews that should not be there.
#[derive(Default)]
pub struct ModerationMutation;

#[Object]
impl ModerationMutation {
    /// Asks the market's staff to look at a review, once, and once more after it was edited. Nobody else learns of it.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_DONE`, `TOO_LONG`, `INVALID`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn report_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: ReportReviewInput,
    ) -> WireResult<ReportReviewPayload> {
        let ReportReviewInput { review_id, reason, note, idempotency_key } = input;
        let key = idempotency_key.as_deref();
        let result = service::report_review(ctx.app(), ctx.caller(), key, review_id, reason, &note).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(ReportReviewPayload { review: load(ctx, id).await?, user_errors })
    }

    /// Hides a review from everybody but its author and the staff; its stars count no more, and what was reported about it is settled.
    /// The author sees why, also in their audit log. For the staff.
    ///
    /// Codes: `NOT_FOUND`, `ALREADY_DONE`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "StaffOnly(StaffPermission::ModerateReviews)")]
    async fn hide_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: HideReviewInput,
    ) -> WireResult<HideReviewPayload> {
        let result = service::hide_review(ctx.app(), ctx.caller(), input.review_id, &input.reason).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(HideReviewPayload { review: load(ctx, id).await?, user_errors })
    }

    /// Shows a review again that was hidden, or finds that one that was reported can be seen; what was reported about it is settled.
    /// For the staff.
    ///
    /// Codes: `NOT_FOUND`, `ALREADY_DONE`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "StaffOnly(StaffPermission::ModerateReviews)")]
    async fn show_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: ShowReviewInput,
    ) -> WireResult<ShowReviewPayload> {
        let result = service::show_review(ctx.app(), ctx.caller(), input.review_id, &input.reason).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(ShowReviewPayload { review: load(ctx, id).await?, user_errors })
    }
}
