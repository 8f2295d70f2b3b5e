//! What is left of a part that is edited, held against what was agreed about it.

use super::Wanted;
use crate::{
    kernel::{address::StoredAddress, error::Failure, id::Id, place::CountryCode},
    orders::{
        error::OrderError,
        model::{AgreedLine, Charged, Order, OrderLine, OrderPart, Pieces},
        queries::edits,
    },
    platform::db::Conn,
    products::{self, model::Variant},
    promotions,
    shipping::{
        self,
        model::{Offer, Offers, Parcel},
    },
};

/// Holds what stays of a part once its buyer has removed pieces against what its promotion asks for, and against what it would cost by now to
/// send it. With what is paid nothing counts that is added: it may never be paid, and fall away. Of nothing, nothing is asked.
pub(super) fn check_rest(
    conn: &mut Conn,
    (order, part): (&Order, &OrderPart),
    wanted: &Wanted,
    (added, is_paid): (&[(AgreedLine, Charged)], bool),
) -> Result<(), OrderError> {
    let Wanted { goods, called_off, .. } = wanted;
    let stays = left_of(goods, called_off);
    let counted: &[(AgreedLine, Charged)] = if is_paid { &[] } else { added };
    let is_anything_left = !counted.is_empty() || stays.iter().any(|(_, quantity, _)| *quantity > 0);
    if !called_off.is_empty() && is_anything_left {
        // What is added is sent with it for what was agreed, or is not added.
        let is_fair = keeps_minimum(conn, (order, part), goods, (&stays, counted))?
            && (!counted.is_empty() || !is_dearer_to_send(conn, (order, part), &stays)?);
        if !is_fair {
            return Err(OrderError::NotReducible);
        }
    }
    // What waits for its money is sent with it, too.
    let (_, is_waiting) = wanted.leaves();
    if !is_waiting || !added.is_empty() {
        return Ok(());
    }
    let together = left_of(&wanted.all, &wanted.removed);
    if is_dearer_to_send(conn, (order, part), &together)? { Err(OrderError::NotReducible) } else { Ok(()) }
}

/// Whether what is left of a part, and what is added to it, cost as much as the promotion asked for that takes something off it, when it was ordered.
/// What missed that before, as by its shop's word, may miss it still.
fn keeps_minimum(
    conn: &mut Conn,
    (order, part): (&Order, &OrderPart),
    goods: &[OrderLine],
    (left, added): (&[Left], &[(AgreedLine, Charged)]),
) -> Result<bool, Failure> {
    if part.promotion.is_none() {
        return Ok(true);
    }
    let Some(minimum) = promotions::service::minimum_of(conn, order.id.uuid(), part.shop_id)? else { return Ok(true) };
    let price = |left: &[Left]| left.iter().map(|(_, quantity, price)| price * i64::from(*quantity)).sum::<i64>();
    let after = price(left) + added.iter().map(|(line, _)| line.price.minor).sum::<i64>();
    let was_missed = price(&left_of(goods, &[])) < minimum.minor;
    Ok(minimum.currency != order.currency || after >= minimum.minor || was_missed)
}

/// The pieces of a line that are left, and what one of them costs.
type Left = (Option<Id<Variant>>, i32, i64);

pub(super) fn left_of(goods: &[OrderLine], removed: &[Pieces]) -> Vec<Left> {
    let gone = |line: &OrderLine| removed.iter().find(|pieces| pieces.line == line.id).map_or(0, |it| it.quantity);
    goods.iter().map(|line| (line.variant_id, line.quantity - line.cancelled - gone(line), line.unit_price)).collect()
}

/// Whether a shop sends what is left and what is added in the way that was agreed, and for no more.
pub(super) fn is_sent_alike(
    conn: &mut Conn,
    (order, part): (&Order, &OrderPart),
    left: &[Left],
    added: &[AgreedLine],
    to: CountryCode,
) -> Result<bool, Failure> {
    let price = edits::delivery_price(conn, part.id)?.unwrap_or(0);
    let is_agreed = |offer: &Offer| Some(&offer.name) == part.shipping_method.as_ref() && offer.price <= price;
    let offers = offers_for(conn, (order, part), left, added, to)?;
    Ok(offers.is_none_or(|offers| offers.iter().any(is_agreed)))
}

/// Whether it would cost more by now to send what is left than was agreed: in the way that was agreed or, where that is not to be had any more,
/// in the cheapest. Where nothing was agreed, and of who has left, nobody knows.
fn is_dearer_to_send(conn: &mut Conn, (order, part): (&Order, &OrderPart), left: &[Left]) -> Result<bool, Failure> {
    let to = order.shipping_address.as_ref().and_then(StoredAddress::country);
    let (Some(to), Some(method)) = (to, &part.shipping_method) else { return Ok(false) };
    let agreed = edits::delivery_price(conn, part.id)?.unwrap_or(0);
    let Some(offers) = offers_for(conn, (order, part), left, &[], to)? else { return Ok(false) };
    let offer = offers.iter().find(|offer| offer.name == *method).or(offers.first());
    Ok(offer.is_some_and(|offer| offer.price > agreed))
}

/// How a shop would send what is left and what is added, the cheapest first; none if it says nothing of that.
fn offers_for(
    conn: &mut Conn,
    (order, part): (&Order, &OrderPart),
    left: &[Left],
    added: &[AgreedLine],
    to: CountryCode,
) -> Result<Option<Vec<Offer>>, Failure> {
    let variants: Vec<_> = left.iter().filter_map(|(variant, ..)| *variant).collect();
    let known = products::service::variants_for_sale(conn, &variants)?;
    let weight = |variant| known.iter().find(|item| Some(item.variant) == variant).and_then(|item| item.weight_grams);
    let left = left.iter().map(|&(variant, quantity, price)| (weight(variant), quantity, price));
    let added = added.iter().map(|line| (line.item.weight_grams, line.quantity, line.item.price.minor));
    let mut parcel = Parcel { shop: part.shop_id, weight_grams: 0, subtotal: 0 };
    for (weight, quantity, price) in left.chain(added) {
        parcel.weight_grams += i64::from(weight.unwrap_or(0)) * i64::from(quantity);
        parcel.subtotal += price * i64::from(quantity);
    }
    let mut offers = shipping::service::offers(conn, &[parcel], to, order.currency)?;
    Ok(match offers.remove(&part.shop_id) {
        None | Some(Offers::Unsaid) => None,
        Some(Offers::Of(offers)) => Some(offers),
    })
}
