//! Reviews for one caller, one statement for all that a level of an answer names.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::{
    model::{Report, Review},
    policy, queries,
};
use crate::{
    kernel::id::Id,
    media::model::Medium,
    platform::{
        caller::StaffPermission,
        db::Conn,
        gql::{Reader, WireError},
    },
    products::model::Product,
    users::model::{oneself, signed_in},
};

/// A review, if the caller may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReviewById(pub Id<Review>);

impl Loader<ReviewById> for Reader {
    type Value = Review;
    type Error = WireError;

    async fn load(&self, keys: &[ReviewById]) -> Result<HashMap<ReviewById, Review>, WireError> {
        let viewer = signed_in(&self.caller).ok();
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::by_ids(conn, viewer, &ids)).await?;
        let seen =
            rows.into_iter().filter(|(review, status, role)| policy::may_see(&self.caller, review, *status, *role));
        Ok(seen.map(|(review, ..)| (ReviewById(review.id), review)).collect())
    }
}

/// What the caller has written about a product. Yields nobody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnReviewOf(pub Id<Product>);

impl Loader<OwnReviewOf> for Reader {
    type Value = Review;
    type Error = WireError;

    async fn load(&self, keys: &[OwnReviewOf]) -> Result<HashMap<OwnReviewOf, Review>, WireError> {
        let Ok(author) = signed_in(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::of_author(conn, author, &ids)).await?;
        Ok(rows.into_iter().map(|review| (OwnReviewOf(review.product_id), review)).collect())
    }
}

/// That the caller may review a product. Yields nothing where they may not, nor to who asks in another's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reviewable(pub Id<Product>);

impl Loader<Reviewable> for Reader {
    type Value = ();
    type Error = WireError;

    async fn load(&self, keys: &[Reviewable]) -> Result<HashMap<Reviewable, ()>, WireError> {
        let Ok(user) = oneself(&self.caller) else { return Ok(HashMap::new()) };
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let read = move |conn: &mut Conn| {
            let unreviewed = queries::unreviewed(conn, user, &ids)?;
            if unreviewed.is_empty() { Ok(Vec::new()) } else { queries::bought(conn, user, &unreviewed) }
        };
        let rows = self.app.db.read(read).await?;
        Ok(rows.into_iter().map(|row| (Reviewable(row.product_id), ())).collect())
    }
}

/// The photos of a review that the caller was shown in the same request, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PhotosOf(pub Id<Review>);

impl Loader<PhotosOf> for Reader {
    type Value = Vec<Medium>;
    type Error = WireError;

    async fn load(&self, keys: &[PhotosOf]) -> Result<HashMap<PhotosOf, Vec<Medium>>, WireError> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::photos(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for (id, medium) in rows {
            found.entry(PhotosOf(id)).or_default().push(medium);
        }
        Ok(found)
    }
}

/// What people report about a review, the last first. Yields nothing but to those of the staff who see to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ReportsOf(pub Id<Review>);

impl Loader<ReportsOf> for Reader {
    type Value = Vec<Report>;
    type Error = WireError;

    async fn load(&self, keys: &[ReportsOf]) -> Result<HashMap<ReportsOf, Vec<Report>>, WireError> {
        if !self.caller.may(StaffPermission::ModerateReviews) {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self.app.db.read(move |conn| queries::reports_of(conn, &ids)).await?;
        let mut found = HashMap::<_, Vec<_>>::new();
        for report in rows {
            found.entry(ReportsOf(report.review_id)).or_default().push(report);
        }
        Ok(found)
    }
}
