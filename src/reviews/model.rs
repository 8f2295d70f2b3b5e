//! Rows of reviews and reports.

use diesel::{Queryable, QueryableByName, Selectable};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    kernel::id::{Entity, Id},
    media::model::{Medium, Upload},
    platform::clock::Time,
    products::model::{Product, Variant},
    schema::{review_reports, reviews},
    shops::model::Shop,
    text_enum,
    users::model::User,
};

/// Photos of a review at the most.
pub const MAXIMUM_PHOTOS: usize = 6;
/// Reports of a review that are shown at the most.
pub const MAXIMUM_REPORTS: i64 = 100;

/// What somebody says of a product that they bought.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Review {
    pub id: Id<Review>,
    pub product_id: Id<Product>,
    pub shop_id: Id<Shop>,
    pub variant_id: Option<Id<Variant>>,
    pub author_id: Id<User>,
    pub rating: i32,
    pub title: String,
    pub text: String,
    pub photo_count: i32,
    pub version: i32,
    pub created_at: Time,
    pub edited_at: Option<Time>,
    pub reply: Option<String>,
    pub replied_at: Option<Time>,
    pub reply_edited_at: Option<Time>,
    pub hidden_at: Option<Time>,
    pub hidden_reason: Option<String>,
    pub reported_at: Option<Time>,
}

impl Entity for Review {
    const PREFIX: &'static str = "review";
}

impl Review {
    pub const fn is_hidden(&self) -> bool {
        self.hidden_at.is_some()
    }
}

/// What a review is made of.
#[derive(Debug, Clone, Serialize)]
pub struct WriteReview {
    pub product: Id<Product>,
    pub rating: i32,
    pub title: String,
    pub text: String,
    pub photos: Vec<PhotoSource>,
}

/// Where a photo comes from.
#[derive(Debug, Clone, Copy, Serialize)]
pub enum PhotoSource {
    /// The review shows it already.
    Image(Id<Medium>),
    /// The author has sent it.
    Upload(Id<Upload>),
}

/// The order of the reviews of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum ReviewSort {
    /// The newest first.
    Newest,
    /// Those with most stars first, and the newest of them.
    RatingHighToLow,
    /// Those with fewest stars first, and the newest of them.
    RatingLowToHigh,
}

/// Which reviews of a product a list has. What is absent does not narrow it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ReviewFilter {
    pub rating: Option<i32>,
    pub has_photos: Option<bool>,
}

/// Where a review stands in a list of a product's: by what `sort` looks at first (nothing for the newest), and when it was written.
pub type Position = (i32, Time, Uuid);

/// Where a review stands in a list by time.
pub type TimeKey = (Time, Uuid);

impl ReviewSort {
    /// Where a review stands.
    pub const fn position(self, review: &Review) -> Position {
        let first = match self {
            Self::Newest => 0,
            Self::RatingHighToLow => review.rating,
            Self::RatingLowToHigh => -review.rating,
        };
        (first, review.created_at, review.id.uuid())
    }
}

text_enum! {
    /// Why somebody thinks that the staff should look at a review. New reasons may appear.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "ReviewReportReason")]
    pub enum ReportReason {
        /// It advertises something.
        Spam = "SPAM",
        /// It insults or threatens somebody, or is indecent.
        Offensive = "OFFENSIVE",
        /// It is not true, or was paid for.
        Untrue = "UNTRUE",
        /// It tells what is private.
        Private = "PRIVATE",
        /// It is not about the product.
        OffTopic = "OFF_TOPIC",
        /// Something else: see the note.
        Other = "OTHER",
    }
}

/// What somebody reports about a review.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = review_reports)]
pub struct Report {
    pub review_id: Id<Review>,
    pub reporter_id: Id<User>,
    pub reason: ReportReason,
    pub note: String,
    pub created_at: Time,
}
