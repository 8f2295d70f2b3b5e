//! Promotions at a shop's desk.

use serde::Serialize;

use super::terms::{PromotionChange, Terms};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    promotions::{
        error::PromotionError,
        model::{MAXIMUM_PROMOTIONS, Promotion, PromotionKey, PromotionStatus},
        queries,
    },
    shops::{
        self,
        model::{Permission, Shop},
    },
    users::model::{User, signed_in},
};

/// A new promotion of a shop.
#[derive(Debug, Serialize)]
pub struct CreatePromotion {
    pub shop: Id<Shop>,
    pub terms: Terms,
}

/// Makes a promotion on behalf of a member of the shop.
pub async fn create_promotion(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreatePromotion,
) -> Result<Id<Promotion>, PromotionError> {
    let user = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&user, "createPromotion", key, &input, Retention::Day)).transpose()?;
    let columns = input.terms.checked(app.now())?;
    app.once(caller, key, move |tx| {
        shops::service::lock_permitted(tx, user, input.shop, (Permission::EditProducts, "shopId"))?;
        if queries::count(tx.conn(), input.shop)? >= MAXIMUM_PROMOTIONS {
            return Err(PromotionError::TooMany);
        }
        let id = tx.new_id();
        queries::insert(tx, id, input.shop, &columns).map_err(refused)?;
        Ok(id)
    })
    .await
}

/// Changes a promotion that nobody has changed since `expected_version`, on behalf of a member of its shop. Orders that have it
/// keep what it took off.
pub async fn update_promotion(
    app: &App,
    caller: &Caller,
    id: Id<Promotion>,
    expected_version: i32,
    change: PromotionChange,
) -> Result<Id<Promotion>, PromotionError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            let present = lock(tx, user, id, expected_version)?;
            let columns = change.of(&present).checked(tx.now())?;
            queries::set(tx, id, &columns).map_err(refused)?;
            Ok(id)
        })
        .await
}

/// Takes a promotion out of use that nobody has changed since `expected_version`, on behalf of a member of its shop.
pub async fn delete_promotion(
    app: &App,
    caller: &Caller,
    id: Id<Promotion>,
    expected_version: i32,
) -> Result<Id<Promotion>, PromotionError> {
    let user = signed_in(caller)?;
    app.db
        .write(caller, move |tx| {
            lock(tx, user, id, expected_version)?;
            queries::set_deleted(tx, id)?;
            Ok(id)
        })
        .await
}

/// The shop first, as whoever makes one does: it stands for the codes that it has.
fn lock(
    tx: &mut Tx<'_>,
    user: Id<User>,
    id: Id<Promotion>,
    expected_version: i32,
) -> Result<Promotion, PromotionError> {
    let shop = queries::shop_of(tx.conn(), id)?.ok_or(PromotionError::NotFound)?;
    shops::service::lock_permitted(tx, user, shop, (Permission::EditProducts, "promotionId"))?;
    let present = queries::lock(tx, id)?.ok_or(PromotionError::NotFound)?;
    if present.version != expected_version {
        return Err(PromotionError::StaleVersion { current: present.version });
    }
    Ok(present)
}

fn refused(failure: Failure) -> PromotionError {
    match failure {
        failure if failure.violates("promotions_code") => PromotionError::CodeTaken,
        // More orders have it already than now may.
        failure if failure.violates("promotions_used_check") => {
            PromotionError::OutOfRange { field: "limitTotal".into() }
        }
        failure => failure.into(),
    }
}

/// A page of a shop's promotions, newest first, for its members; only those that stand so, if that is said.
pub async fn promotions(
    app: &App,
    shop: Id<Shop>,
    status: Option<PromotionStatus>,
    page: Page<PromotionKey>,
) -> Result<Slice<Promotion>, Failure> {
    let now = app.now();
    app.db.read(move |conn| queries::of_shop(conn, shop, (status, now), &page)).await
}

/// How many there are, counted up to `limit`.
pub async fn count_promotions(
    app: &App,
    shop: Id<Shop>,
    status: Option<PromotionStatus>,
    limit: i64,
) -> Result<i64, Failure> {
    let now = app.now();
    app.db.read(move |conn| queries::count_of_shop(conn, shop, (status, now), limit)).await
}
