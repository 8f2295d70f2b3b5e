//! What people like.

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{app::App, caller::Caller, clock::Time, gql::COUNT_LIMIT},
    products::model::Product,
    users::{self, model::signed_in},
    wishlists::{
        error::WishListError,
        model::{MAXIMUM_FAVORITES, TimeKey},
        queries,
    },
};

/// Makes a product that the caller sees a favourite, if it is none.
pub async fn favorite_product(app: &App, caller: &Caller, id: Id<Product>) -> Result<Id<Product>, WishListError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
            let price = queries::price_seen_by(tx.conn(), user, id)?;
            let price = price.ok_or_else(|| WishListError::not_found("productId"))?;
            let is_new = queries::insert_favorite(tx, user, id, price)?;
            if is_new && queries::count_favorites(tx.conn(), user, MAXIMUM_FAVORITES + 1)? > MAXIMUM_FAVORITES {
                return Err(WishListError::TooMany);
            }
            Ok(id)
        })
        .await
}

/// Makes a product no favourite of the caller's, if it was one. Also one that they do not see any more.
pub async fn unfavorite_product(app: &App, caller: &Caller, id: Id<Product>) -> Result<Id<Product>, WishListError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            queries::delete_favorite(tx, user, id)?;
            Ok(id)
        })
        .await
}

/// A page of the caller's favourites, the last one first, and since when they are some.
pub async fn favorites(app: &App, caller: &Caller, page: Page<TimeKey>) -> Result<Slice<(Id<Product>, Time)>, Failure> {
    let user = signed_in(caller)?;
    app.db.read(move |conn| queries::favorites(conn, user, &page)).await
}

/// How many these are, counted to a little more than is told.
pub async fn count_favorites(app: &App, caller: &Caller) -> Result<i64, Failure> {
    let user = signed_in(caller)?;
    app.db.read_long(move |conn| queries::count_favorites(conn, user, COUNT_LIMIT + 1)).await
}
