//! Reviews on the wire.

mod lists;
mod moderation;
mod mutations;

pub use self::{
    lists::{ReviewFilterInput, ReviewsDesk, ReviewsViewer, can_review, of_product, own_review},
    moderation::{ModerationMutation, StaffReviews},
    mutations::ReviewsMutation,
};

use async_graphql::{ComplexObject, Context, SimpleObject};

use super::{
    loaders::{PhotosOf, ReportsOf, ReviewById},
    model::{self, ReportReason},
};
use crate::{
    kernel::{error::Failure, id::Id},
    media::graphql::Image,
    platform::{
        clock::Time,
        gql::{Ask, WireResult, list_size},
    },
    products::{
        self,
        graphql::{Product, ProductVariant},
        loaders::{ProductKey, VariantById},
    },
    users::{self, graphql::User, loaders::UserById},
};

/// What somebody says of a product that they bought here. Everybody sees it who sees the product, unless the market's staff have
/// hidden it: then they and its author do.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Review {
    /// Begins with `review_`.
    pub id: Id<model::Review>,
    /// How many stars, 1 to 5.
    rating: i32,
    /// What it says above the text, up to 100 characters; empty if nothing.
    title: String,
    /// What it says, up to 5,000 characters of plain text; empty if it has stars alone.
    text: String,
    /// When it was written.
    created_at: Time,
    /// When its author changed it last; null if they did not.
    edited_at: Option<Time>,
    /// Rises when its author changes it; goes into `updateReview` as `expectedVersion`.
    version: i32,
    /// What the shop answers; null if nothing.
    reply: Option<ReviewReply>,
    /// Whether the staff have hidden it. Its stars count no more then.
    is_hidden: bool,
    /// Why the staff have hidden it; null unless they have.
    hidden_reason: Option<String>,
    #[graphql(skip)]
    author: Id<users::model::User>,
    #[graphql(skip)]
    product: Id<products::model::Product>,
    #[graphql(skip)]
    variant: Option<Id<products::model::Variant>>,
    #[graphql(skip)]
    photo_count: i32,
}

/// What a shop answers to a review.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReviewReply {
    /// 1 to 2,000 characters of plain text.
    text: String,
    /// When it was written.
    created_at: Time,
    /// When it was changed last; null if it was not.
    edited_at: Option<Time>,
}

impl From<model::Review> for Review {
    fn from(row: model::Review) -> Self {
        let is_hidden = row.is_hidden();
        let reply = row.reply.zip(row.replied_at);
        Self {
            id: row.id,
            rating: row.rating,
            title: row.title,
            text: row.text,
            created_at: row.created_at,
            edited_at: row.edited_at,
            version: row.version,
            reply: reply.map(|(text, created_at)| ReviewReply { text, created_at, edited_at: row.reply_edited_at }),
            is_hidden,
            hidden_reason: row.hidden_reason,
            author: row.author_id,
            product: row.product_id,
            variant: row.variant_id,
            photo_count: row.photo_count,
        }
    }
}

#[ComplexObject]
impl Review {
    /// Who wrote it. Of somebody who had their account erased the stars are left.
    async fn author(&self, ctx: &Context<'_>) -> WireResult<User> {
        let author = ctx.loader().load_one(UserById(self.author)).await?;
        Ok(author.ok_or_else(|| Failure::internal("a review without an author"))?.into())
    }

    /// What it is about; null if you do not see the product any more.
    async fn product(&self, ctx: &Context<'_>) -> WireResult<Option<Product>> {
        Ok(ctx.loader().load_one(ProductKey::id(self.product)).await?.map(Into::into))
    }

    /// In which variant the author bought it last before they wrote; null if you do not see the product any more.
    async fn variant(&self, ctx: &Context<'_>) -> WireResult<Option<ProductVariant>> {
        let Some(id) = self.variant else { return Ok(None) };
        Ok(ctx.loader().load_one(VariantById(id)).await?.map(Into::into))
    }

    /// What the author shows, in their order; at most 6.
    #[graphql(directive = list_size::apply(3))]
    async fn photos(&self, ctx: &Context<'_>) -> WireResult<Vec<Image>> {
        if self.photo_count == 0 {
            return Ok(Vec::new());
        }
        let photos = ctx.loader().load_one(PhotosOf(self.id)).await?;
        Ok(photos.unwrap_or_default().into_iter().map(Into::into).collect())
    }

    /// What people report about it, the last first, at most 100; empty for everybody but the staff who see to it.
    async fn reports(&self, ctx: &Context<'_>) -> WireResult<Vec<ReviewReport>> {
        let reports = ctx.loader().load_one(ReportsOf(self.id)).await?;
        Ok(reports.unwrap_or_default().into_iter().map(Into::into).collect())
    }
}

/// What somebody reports about a review. Only the staff see it.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ReviewReport {
    /// Why the staff should look at it.
    reason: ReportReason,
    /// What else the person says, up to 1,000 characters; empty if nothing.
    note: String,
    /// When it was reported.
    created_at: Time,
    #[graphql(skip)]
    reporter: Id<users::model::User>,
}

#[ComplexObject]
impl ReviewReport {
    /// Who reported it.
    async fn reporter(&self, ctx: &Context<'_>) -> WireResult<Option<User>> {
        Ok(ctx.loader().load_one(UserById(self.reporter)).await?.map(Into::into))
    }
}

impl From<model::Report> for ReviewReport {
    fn from(row: model::Report) -> Self {
        Self { reason: row.reason, note: row.note, created_at: row.created_at, reporter: row.reporter_id }
    }
}

async fn load(ctx: &Context<'_>, id: Option<Id<model::Review>>) -> WireResult<Option<Review>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.loader().load_one(ReviewById(id)).await?.map(Into::into))
}
