//! Writing, answering, reporting and hiding reviews; lists of them.

mod answering;
mod lists;
mod moderating;
mod photos;
mod privacy;

pub use self::{
    answering::{add_reply, reply_to_review, withdraw_reply},
    lists::*,
    moderating::{hide, hide_review, report_review, seen_by, show_review, unhide},
    privacy::{CHAPTERS, erase},
};

use super::{
    error::ReviewError,
    model::{MAXIMUM_PHOTOS, PhotoSource, Review, WriteReview},
    queries::{self, NewReview, ReviewColumns},
};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        text::{self, TextError},
    },
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    products::{
        self,
        model::{
            Product, ProductStatus,
            rating::{MAXIMUM_STARS, RatingChange},
        },
    },
    shops,
    users::{
        self,
        model::{User, oneself},
    },
};

/// Characters of a title, and of a text, at the most.
const MAXIMUM_TITLE: usize = 100;
const MAXIMUM_TEXT: usize = 5_000;
/// Characters of what is said with a report.
const MAXIMUM_NOTE: usize = 1_000;

/// Writes what the caller says of a product that they bought.
pub async fn create_review(
    app: &App,
    caller: &Caller,
    key: Option<&str>,
    input: WriteReview,
) -> Result<Id<Review>, ReviewError> {
    let user = oneself(caller)?;
    let key = key.map(|key| Key::new(&user, "createReview", key, &input, Retention::Day)).transpose()?;
    let input = WriteReview { title: title(&input.title)?, text: body(&input.text)?, ..input };
    rating(input.rating)?;
    app.once(caller, key, move |tx| {
        permit(tx, user)?;
        add_review(tx, user, &input)
    })
    .await
}

/// Lets somebody write whom the staff do not keep from it.
fn permit(tx: &mut Tx<'_>, user: Id<User>) -> Result<(), ReviewError> {
    let writer = users::service::writer(tx.conn(), user)?.ok_or(Failure::Unauthenticated(None))?;
    if writer.is_suspended(tx.now()) { Err(ReviewError::Suspended) } else { Ok(()) }
}

/// A step: what somebody says of a product that they bought. Texts are taken as they are.
///
/// # Errors
/// Why they may not, or what is wrong with it: then the caller rolls back.
pub fn add_review(tx: &mut Tx<'_>, user: Id<User>, input: &WriteReview) -> Result<Id<Review>, ReviewError> {
    users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
    // Read before anybody waits for the product.
    let bought = queries::bought(tx.conn(), user, &[input.product])?.pop();
    let product = products::service::lock_product(tx, input.product)?;
    let product = product.filter(|product| product.card.status == ProductStatus::Active);
    let product = product.ok_or_else(|| ReviewError::not_found("productId"))?;
    if shops::service::membership(tx.conn(), user, product.card.shop_id)?.is_some() {
        return Err(ReviewError::OwnShop);
    }
    if !queries::of_author(tx.conn(), user, &[input.product])?.is_empty() {
        return Err(ReviewError::AlreadyReviewed);
    }
    let bought = bought.ok_or(ReviewError::NotBought)?;
    let photos = photos::wanted(tx, user, &[], &input.photos)?;
    let review = NewReview {
        id: tx.new_id(),
        product_id: input.product,
        shop_id: product.card.shop_id,
        variant_id: bought.variant_id,
        author_id: user,
        rating: input.rating,
        title: &input.title,
        text: &input.text,
        photo_count: i32::try_from(photos.len()).map_err(Failure::internal)?,
        created_at: tx.now(),
    };
    queries::insert(tx, &review)?;
    photos::set(tx, review.id, &[], &photos)?;
    products::service::count_rating(tx, &product, RatingChange { lost: None, gained: Some(input.rating) })?;
    Ok(review.id)
}

/// A change of a review; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ReviewChange {
    pub rating: Option<i32>,
    pub title: Option<String>,
    pub text: Option<String>,
    /// All of them.
    pub photos: Option<Vec<PhotoSource>>,
}

/// Changes a review of the caller's that they have not changed since `expected_version`.
pub async fn update_review(
    app: &App,
    caller: &Caller,
    id: Id<Review>,
    expected_version: i32,
    change: ReviewChange,
) -> Result<Id<Review>, ReviewError> {
    let user = oneself(caller)?;
    let new_title = change.title.as_deref().map(title).transpose()?;
    let new_text = change.text.as_deref().map(body).transpose()?;
    change.rating.map(rating).transpose()?;
    app.db
        .write(caller, move |tx| {
            permit(tx, user)?;
            let (review, product) = lock_own(tx, user, id)?;
            if review.version != expected_version {
                return Err(ReviewError::StaleVersion { current: review.version });
            }
            let mut photo_count = None;
            if let Some(wanted) = &change.photos {
                let before = queries::photo_ids(tx.conn(), &[id])?;
                let photos = photos::wanted(tx, user, &before, wanted)?;
                photos::set(tx, id, &before, &photos)?;
                photo_count = Some(i32::try_from(photos.len()).map_err(Failure::internal)?);
            }
            let (title, text) = (new_title.as_deref(), new_text.as_deref());
            queries::set(tx, id, &ReviewColumns { rating: change.rating, title, text, photo_count })?;
            let gained = change.rating.filter(|stars| *stars != review.rating && !review.is_hidden());
            if gained.is_some() {
                let change = RatingChange { lost: Some(review.rating), gained };
                products::service::count_rating(tx, &product, change)?;
            }
            Ok(id)
        })
        .await
}

/// Deletes a review of the caller's. One that the staff have hidden, or are yet to look at, stays, or another one could be written
/// in its place.
pub async fn delete_review(app: &App, caller: &Caller, id: Id<Review>) -> Result<Id<Product>, ReviewError> {
    let user = oneself(caller)?;
    app.db
        .write(caller, move |tx| {
            let (_, product) = lock_own(tx, user, id)?;
            // Under its own lock, which is all that whoever reports it takes.
            let review = queries::lock_leaving(tx, id)?.ok_or_else(|| ReviewError::not_found("reviewId"))?;
            if review.is_hidden() || review.reported_at.is_some() {
                return Err(ReviewError::Hidden);
            }
            let photos = queries::photo_ids(tx.conn(), &[id])?;
            photos::set(tx, id, &photos, &[])?;
            queries::delete_reports(tx, &[id])?;
            queries::delete(tx, id)?;
            let change = RatingChange { lost: Some(review.rating), gained: None };
            products::service::count_rating(tx, &product, change)?;
            Ok(review.product_id)
        })
        .await
}

/// A review of a person, with its product, which is locked.
fn lock_own(tx: &mut Tx<'_>, user: Id<User>, id: Id<Review>) -> Result<(Review, Product), ReviewError> {
    users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
    let (review, product) = lock(tx, id)?;
    if review.author_id == user { Ok((review, product)) } else { Err(ReviewError::not_found("reviewId")) }
}

/// A review as it is under the lock of its product, and the product.
fn lock(tx: &mut Tx<'_>, id: Id<Review>) -> Result<(Review, Product), ReviewError> {
    let not_found = || ReviewError::not_found("reviewId");
    let product = queries::by_id(tx.conn(), id)?.ok_or_else(not_found)?.product_id;
    let product = products::service::lock_product(tx, product)?.ok_or_else(not_found)?;
    let review = queries::by_id(tx.conn(), id)?.ok_or_else(not_found)?;
    Ok((review, product))
}

fn rating(stars: i32) -> Result<(), ReviewError> {
    if (1..=MAXIMUM_STARS).contains(&stars) { Ok(()) } else { Err(ReviewError::Rating) }
}

fn title(given: &str) -> Result<String, ReviewError> {
    or_nothing(text::line(given, MAXIMUM_TITLE), "title")
}

fn body(given: &str) -> Result<String, ReviewError> {
    or_nothing(text::paragraph(given, MAXIMUM_TEXT), "text")
}

fn or_nothing(checked: Result<String, TextError>, field: &str) -> Result<String, ReviewError> {
    match checked {
        Err(TextError::Blank) => Ok(String::new()),
        checked => checked.map_err(|error| ReviewError::Text { field: field.into(), error }),
    }
}

fn note_of_report(given: &str) -> Result<String, ReviewError> {
    or_nothing(text::paragraph(given, MAXIMUM_NOTE), "note")
}
