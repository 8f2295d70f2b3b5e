//! Reading reviews page by page.

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{app::App, caller::Caller, gql::COUNT_LIMIT},
    products::model::Product,
    reviews::{
        model::{Position, Review, ReviewFilter, ReviewSort, TimeKey},
        queries,
    },
    shops::model::Shop,
    users::model::signed_in,
};

/// A page of the reviews of a product that the caller sees.
pub async fn reviews_of_product(
    app: &App,
    product: Id<Product>,
    filter: ReviewFilter,
    sort: ReviewSort,
    page: Page<Position>,
) -> Result<Slice<Review>, Failure> {
    app.db.read(move |conn| queries::of_product(conn, product, filter, sort, &page)).await
}

/// How many these are, counted to a little more than is told.
pub async fn count_reviews_of_product(app: &App, product: Id<Product>, filter: ReviewFilter) -> Result<i64, Failure> {
    app.db.read_long(move |conn| queries::count_of_product(conn, product, filter, COUNT_LIMIT + 1)).await
}

/// A page of what the caller wrote, newest first.
pub async fn own_reviews(app: &App, caller: &Caller, page: Page<TimeKey>) -> Result<Slice<Review>, Failure> {
    let author = signed_in(caller)?;
    app.db.read(move |conn| queries::by_author(conn, author, &page)).await
}

/// How many these are, counted to a little more than is told.
pub async fn count_own_reviews(app: &App, caller: &Caller) -> Result<i64, Failure> {
    let author = signed_in(caller)?;
    app.db.read_long(move |conn| queries::count_by_author(conn, author, COUNT_LIMIT + 1)).await
}

/// A page of the reviews of what a shop sells, newest first. The face has a desk, so the caller is a member.
pub async fn reviews_of_shop(
    app: &App,
    shop: Id<Shop>,
    is_answered: Option<bool>,
    page: Page<TimeKey>,
) -> Result<Slice<Review>, Failure> {
    app.db.read(move |conn| queries::of_shop(conn, shop, is_answered, &page)).await
}

/// How many these are, counted to a little more than is told.
pub async fn count_reviews_of_shop(app: &App, shop: Id<Shop>, is_answered: Option<bool>) -> Result<i64, Failure> {
    app.db.read_long(move |conn| queries::count_of_shop(conn, shop, is_answered, COUNT_LIMIT + 1)).await
}

/// A page of the reviews that wait for the staff. The face lets nobody else in.
pub async fn reported_reviews(app: &App, page: Page<TimeKey>) -> Result<Slice<Review>, Failure> {
    app.db.read(move |conn| queries::reported(conn, &page)).await
}

/// How many these are, counted to a little more than is told.
pub async fn count_reported_reviews(app: &App) -> Result<i64, Failure> {
    app.db.read_long(|conn| queries::count_reported(conn, COUNT_LIMIT + 1)).await
}
