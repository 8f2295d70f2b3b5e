//! Writing and answering reviews.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, OneofObject, SimpleObject};

use super::{Review, load};
use crate::{
    kernel::id::Id,
    media::model::{Medium, Upload},
    platform::gql::{Ask, SignedInOnly, WireResult, change, cost, set},
    products::{self, graphql::Product, loaders::ProductKey},
    reviews::{
        model::{self, PhotoSource, WriteReview},
        service::{self, ReviewChange},
    },
    user_errors::{UserError, answer},
};

/// Where a photo of a review comes from: exactly one of the fields.
#[derive(OneofObject)]
pub enum ReviewPhotoInput {
    /// The id of an image that the review shows already.
    ImageId(Id<Medium>),
    /// An upload of yours with the purpose `REVIEW`, to which a file was sent.
    UploadId(Id<Upload>),
}

impl From<ReviewPhotoInput> for PhotoSource {
    fn from(input: ReviewPhotoInput) -> Self {
        match input {
            ReviewPhotoInput::ImageId(image) => Self::Image(image),
            ReviewPhotoInput::UploadId(upload) => Self::Upload(upload),
        }
    }
}

/// What you say of a product that you bought.
#[derive(InputObject)]
pub struct CreateReviewInput {
    /// Which product.
    product_id: Id<products::model::Product>,
    /// How many stars, 1 to 5.
    rating: i32,
    /// What stands above the text, up to 100 characters.
    #[graphql(default)]
    title: String,
    /// What you say, up to 5,000 characters of plain text.
    #[graphql(default)]
    text: String,
    /// What you show, at most 6 photos. Whatever a file tells besides its picture, such as a place, is left out.
    #[graphql(default)]
    photos: Vec<ReviewPhotoInput>,
    /// 1 to 255 characters that name this very intent, so that a repeat answers the same review. Kept for a day.
    idempotency_key: Option<String>,
}

/// What `createReview` answers.
#[derive(SimpleObject)]
pub struct CreateReviewPayload {
    /// The new review.
    review: Option<Review>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What changes about a review. What is absent stays.
#[derive(InputObject)]
pub struct UpdateReviewInput {
    /// One of yours.
    review_id: Id<model::Review>,
    /// The `version` of the review as it was read.
    expected_version: i32,
    /// How many stars, 1 to 5.
    rating: MaybeUndefined<i32>,
    /// What stands above the text, up to 100 characters. Null clears it.
    title: MaybeUndefined<String>,
    /// What you say, up to 5,000 characters of plain text. Null clears it.
    text: MaybeUndefined<String>,
    /// All that you show, at most 6 photos. One that is not among them goes.
    photos: MaybeUndefined<Vec<ReviewPhotoInput>>,
}

/// What `updateReview` answers.
#[derive(SimpleObject)]
pub struct UpdateReviewPayload {
    /// The review as it is now.
    review: Option<Review>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// Which review to delete.
#[derive(InputObject)]
pub struct DeleteReviewInput {
    /// One of yours.
    review_id: Id<model::Review>,
}

/// What `deleteReview` answers.
#[derive(SimpleObject)]
pub struct DeleteReviewPayload {
    /// The id of the review that is no more.
    deleted_review_id: Option<Id<model::Review>>,
    /// The product that it was about; null also if you do not see it any more.
    product: Option<Product>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What the shop answers to which review.
#[derive(InputObject)]
pub struct ReplyToReviewInput {
    /// Which review, of one of the shop's products.
    review_id: Id<model::Review>,
    /// 1 to 2,000 characters of plain text. They take the place of the answer that there is.
    text: String,
}

/// What `replyToReview` answers.
#[derive(SimpleObject)]
pub struct ReplyToReviewPayload {
    /// The review with the answer.
    review: Option<Review>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// The answer to which review is taken back.
#[derive(InputObject)]
pub struct DeleteReviewReplyInput {
    /// Which review, of one of the shop's products.
    review_id: Id<model::Review>,
}

/// What `deleteReviewReply` answers.
#[derive(SimpleObject)]
pub struct DeleteReviewReplyPayload {
    /// The review without an answer.
    review: Option<Review>,
    /// Why not, if not.
    user_errors: Vec<UserError>,
}

/// What people and shops change about reviews.
#[derive(Default)]
pub struct ReviewsMutation;

#[Object]
impl ReviewsMutation {
    /// Says what you think of a product that you bought here and paid, once: `Product.canReview` tells whether you may. Who
    /// works for its shop may not.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_DONE`, `OUT_OF_RANGE`, `TOO_LONG`, `INVALID`, `TOO_MANY`, `TAKEN`,
    /// `UPLOAD_INCOMPLETE`, `ACCOUNT_SUSPENDED`, `IDEMPOTENCY_KEY_REUSED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn create_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What you say of what.")] input: CreateReviewInput,
    ) -> WireResult<CreateReviewPayload> {
        let CreateReviewInput { product_id, rating, title, text, photos, idempotency_key } = input;
        let photos = photos.into_iter().map(Into::into).collect();
        let review = WriteReview { product: product_id, rating, title, text, photos };
        let result = service::create_review(ctx.app(), ctx.caller(), idempotency_key.as_deref(), review).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(CreateReviewPayload { review: load(ctx, id).await?, user_errors })
    }

    /// Changes a review of yours, which then says when it was changed. One that the staff have hidden stays hidden.
    ///
    /// Codes: `NOT_FOUND`, `OUT_OF_RANGE`, `TOO_LONG`, `INVALID`, `TOO_MANY`, `TAKEN`, `UPLOAD_INCOMPLETE`, `STALE_VERSION`,
    /// `ACCOUNT_SUSPENDED`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(200))]
    async fn update_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UpdateReviewInput,
    ) -> WireResult<UpdateReviewPayload> {
        let change = ReviewChange {
            rating: set(input.rating, "rating")?,
            title: change(input.title).map(Option::unwrap_or_default),
            text: change(input.text).map(Option::unwrap_or_default),
            photos: set(input.photos, "photos")?.map(|photos| photos.into_iter().map(Into::into).collect()),
        };
        let (id, version) = (input.review_id, input.expected_version);
        let result = service::update_review(ctx.app(), ctx.caller(), id, version, change).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(UpdateReviewPayload { review: load(ctx, id).await?, user_errors })
    }

    /// Deletes a review of yours, with its photos and the shop's answer. Its stars count no more, and you may write another one.
    /// One that the staff have hidden, or that was reported and is yet to be looked at, is `NOT_PERMITTED`; `updateReview` takes the
    /// words out of it.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly")]
    async fn delete_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteReviewInput,
    ) -> WireResult<DeleteReviewPayload> {
        let result = service::delete_review(ctx.app(), ctx.caller(), input.review_id).await;
        let (product, user_errors) = answer(ctx, result).await?;
        let deleted_review_id = product.map(|_| input.review_id);
        let product = match product {
            Some(id) => ctx.loader().load_one(ProductKey::id(id)).await?.map(Into::into),
            None => None,
        };
        Ok(DeleteReviewPayload { deleted_review_id, product, user_errors })
    }

    /// Answers a review for its shop, or changes the answer. The members who answer messages may.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`, `BLANK`, `TOO_LONG`, `INVALID`.
    #[graphql(guard = "SignedInOnly", directive = cost::apply(100))]
    async fn reply_to_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to which.")] input: ReplyToReviewInput,
    ) -> WireResult<ReplyToReviewPayload> {
        let result = service::reply_to_review(ctx.app(), ctx.caller(), input.review_id, &input.text).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(ReplyToReviewPayload { review: load(ctx, id).await?, user_errors })
    }

    /// Takes the answer of the shop back. Once more changes nothing. The members who answer messages may.
    ///
    /// Codes: `NOT_FOUND`, `NOT_PERMITTED`.
    #[graphql(guard = "SignedInOnly")]
    async fn delete_review_reply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: DeleteReviewReplyInput,
    ) -> WireResult<DeleteReviewReplyPayload> {
        let result = service::withdraw_reply(ctx.app(), ctx.caller(), input.review_id).await;
        let (id, user_errors) = answer(ctx, result).await?;
        Ok(DeleteReviewReplyPayload { review: load(ctx, id).await?, user_errors })
    }
}
