//! Following shops.

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{app::App, caller::Caller, clock::Time},
    shops::{
        error::ShopError,
        model::{FollowKey, MAXIMUM_FOLLOWED, Shop},
        queries,
    },
    users::{self, model::signed_in},
};

/// Follows a shop that may be followed already.
pub async fn follow_shop(app: &App, caller: &Caller, shop: Id<Shop>) -> Result<Id<Shop>, ShopError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            if queries::by_ids(tx.conn(), &[shop])?.is_empty() {
                return Err(ShopError::NotFound { field: "shopId".into() });
            }
            users::service::lock_person(tx, user)?;
            let is_new = queries::insert_follow(tx, user, shop)?;
            if is_new && queries::count_followed(tx.conn(), user, MAXIMUM_FOLLOWED + 1)? > MAXIMUM_FOLLOWED {
                return Err(ShopError::TooMany);
            }
            Ok(shop)
        })
        .await
}

/// Follows a shop no more, if it was followed.
pub async fn unfollow_shop(app: &App, caller: &Caller, shop: Id<Shop>) -> Result<Id<Shop>, ShopError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            queries::delete_follow(tx, user, shop)?;
            Ok::<_, ShopError>(shop)
        })
        .await
}

/// The shops that the caller follows, the last one first, and since when.
pub async fn followed_shops(app: &App, caller: &Caller, page: Page<FollowKey>) -> Result<Slice<(Shop, Time)>, Failure> {
    let user = signed_in(caller)?;
    app.db.read(move |conn| queries::followed(conn, user, &page)).await
}

/// How many shops the caller follows, counted up to `limit`.
pub async fn count_followed_shops(app: &App, caller: &Caller, limit: i64) -> Result<i64, Failure> {
    let user = signed_in(caller)?;
    app.db.read(move |conn| queries::count_followed(conn, user, limit)).await
}
