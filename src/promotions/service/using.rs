//! How orders use promotions.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        money::{CurrencyCode, Money},
    },
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    promotions::{
        error::PromotionError,
        model::{self, Applying, Asked, Basket, Promotion, choose},
        queries::{
            self,
            uses::{self, NewUse},
        },
    },
    shops::model::Shop,
    users::model::User,
};

/// A step: for each basket the promotion that counts; and, if a code was given that counts for none, why. Nobody's use of one is
/// counted yet: see [`redeem`]. Two statements at the most, however many shops there are.
///
/// # Errors
/// If the database fails.
pub fn apply(
    conn: &mut Conn,
    baskets: &[Basket],
    code: Option<&str>,
    buyer: Option<Id<User>>,
    currency: CurrencyCode,
    now: Time,
) -> Result<Applying, Failure> {
    let shops: Vec<_> = baskets.iter().map(|basket| basket.shop).collect();
    let wanted = code.and_then(model::code);
    let promotions = queries::applicable(conn, &shops, wanted.as_deref(), now)?;
    let limited: Vec<_> = promotions.iter().filter(|it| it.limit_per_person.is_some()).map(|it| it.id).collect();
    let uses = match buyer {
        _ if limited.is_empty() => BTreeMap::new(),
        Some(buyer) => uses::of_person(conn, buyer, &limited)?,
        // Of guests nobody knows how often they were here.
        None => limited.into_iter().map(|id| (id, i64::MAX)).collect(),
    };
    Ok(choose(Asked { baskets, code, currency, now }, &promotions, &uses))
}

/// What an order has of a promotion, in minor units of its currency.
#[derive(Debug, Clone, Copy)]
pub struct Redeemed {
    pub promotion: Id<Promotion>,
    /// What it takes off.
    pub saved: i64,
    /// What the shop's goods in the order have to cost for that; 0 if nothing is asked for.
    pub minimum_subtotal: i64,
    pub currency: CurrencyCode,
}

/// A step: counts promotions as used by an order, each as the order is promised it. The caller holds the lock of the buyer's
/// row, if it is no guest's order, since before it asked which of them apply.
///
/// # Errors
/// [`PromotionError::UsedUp`] with the one that others have used up meanwhile: then the caller rolls back.
pub fn redeem(
    tx: &mut Tx<'_>,
    order: Uuid,
    buyer: Option<Id<User>>,
    applied: &[Redeemed],
) -> Result<(), PromotionError> {
    if applied.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<_> = applied.iter().map(|redeemed| redeemed.promotion).collect();
    ids.sort_unstable();
    count(tx, &ids)?;
    let created_at = tx.now();
    let row = |redeemed: &Redeemed| NewUse {
        promotion_id: redeemed.promotion,
        order_id: order,
        user_id: buyer,
        currency: redeemed.currency,
        saved: redeemed.saved,
        created_at,
        minimum_subtotal: Some(redeemed.minimum_subtotal),
    };
    uses::insert(tx, &applied.iter().map(row).collect::<Vec<_>>())?;
    match buyer {
        Some(buyer) => check_person(tx, buyer, &ids),
        None => Ok(()),
    }
}

/// A step: what a shop's goods in an order have to cost for what the order has of the shop's promotions, as it was when that was ordered; none if
/// it has nothing, or that asked for nothing.
///
/// # Errors
/// If the database fails.
pub fn minimum_of(conn: &mut Conn, order: Uuid, shop: Id<Shop>) -> Result<Option<Money>, Failure> {
    let Some((promotion, currency, asked)) = uses::of_shop(conn, order, shop)? else { return Ok(None) };
    Ok(match asked {
        Some(minimum) => Some(Money::new(minimum, currency)).filter(|minimum| minimum.minor > 0),
        // Of an order from before that was noted.
        None => promotion.minimum(),
    })
}

/// A step: an order that was called off lets go of what it used, so that others may use it. Once more changes nothing.
///
/// # Errors
/// If the database fails.
pub fn release(tx: &mut Tx<'_>, order: Uuid) -> Result<(), Failure> {
    let ids = uses::of_order(tx.conn(), order)?;
    if ids.is_empty() {
        return Ok(());
    }
    uses::lock(tx, &ids)?;
    let released = uses::release(tx, order)?;
    uses::uncount(tx, &released)
}

/// A step: an order that is opened again has what it had.
///
/// # Errors
/// [`PromotionError::UsedUp`] with the one that others have used up meanwhile: then the caller rolls back.
pub fn take_again(tx: &mut Tx<'_>, order: Uuid) -> Result<(), PromotionError> {
    let released = uses::released_by(tx.conn(), order)?;
    if released.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = released.iter().map(|(promotion, _)| *promotion).collect();
    // Of its buyer's other orders, who has the lock of their row, none counts one meanwhile.
    uses::lock(tx, &ids)?;
    count(tx, &ids)?;
    uses::take_again(tx, order)?;
    match released.iter().find_map(|(_, user)| *user) {
        Some(buyer) => check_person(tx, buyer, &ids),
        None => Ok(()),
    }
}

/// Counts one more use of each, which are in the order of their ids.
fn count(tx: &mut Tx<'_>, ids: &[Id<Promotion>]) -> Result<(), PromotionError> {
    let unlimited = uses::hold_unlimited(tx, ids)?;
    for promotion in ids.iter().copied().filter(|id| !unlimited.contains(id)) {
        // Its limit may have gone just now.
        if !uses::count_one(tx, promotion)? && uses::hold_unlimited(tx, &[promotion])?.is_empty() {
            return Err(PromotionError::UsedUp { promotion });
        }
    }
    Ok(())
}

fn check_person(tx: &mut Tx<'_>, buyer: Id<User>, ids: &[Id<Promotion>]) -> Result<(), PromotionError> {
    match uses::too_often(tx.conn(), buyer, ids)? {
        Some(promotion) => Err(PromotionError::UsedUp { promotion }),
        None => Ok(()),
    }
}
