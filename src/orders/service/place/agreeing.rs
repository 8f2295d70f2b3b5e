//! What is wanted, held against the catalogue.

use std::collections::BTreeMap;

use crate::{
    carts::model::MAXIMUM_QUANTITY,
    inventory::model::Shortage,
    kernel::{id::Id, money::CurrencyCode},
    orders::{
        error::{OrderError, ShortLine},
        model::{AgreedLine, MAXIMUM_LINES, WantedLine},
    },
    platform::{clock::Time, db::Conn},
    products::{
        self,
        model::{ForSale, ProductStatus, Variant},
    },
};

/// The wanted lines, one per variant, each with its first place in the input.
pub(in crate::orders::service) fn merged(wanted: &[WantedLine]) -> Result<Vec<(usize, WantedLine)>, OrderError> {
    if wanted.is_empty() || wanted.len() > MAXIMUM_LINES {
        return Err(OrderError::Lines { is_empty: wanted.is_empty() });
    }
    let mut lines: Vec<(usize, WantedLine)> = Vec::with_capacity(wanted.len());
    for (place, line) in wanted.iter().enumerate() {
        let quantity = if let Some((_, known)) = lines.iter_mut().find(|(_, known)| known.variant == line.variant) {
            known.quantity = known.quantity.saturating_add(line.quantity.max(0));
            known.quantity.min(if line.quantity > 0 { i32::MAX } else { 0 })
        } else {
            lines.push((place, line.clone()));
            line.quantity
        };
        if !(1..=MAXIMUM_QUANTITY).contains(&quantity) {
            return Err(OrderError::Quantity { line: place });
        }
    }
    Ok(lines)
}

/// Holds the wanted lines, as they were `merged`, against the catalogue: at the prices in `currency`, or each at its shop's own.
pub(in crate::orders::service) fn agree(
    conn: &mut Conn,
    lines: &[(usize, WantedLine)],
    wanted: &[WantedLine],
    currency: Option<CurrencyCode>,
    now: Time,
) -> Result<Vec<AgreedLine>, OrderError> {
    let ids: Vec<Id<Variant>> = lines.iter().map(|(_, line)| line.variant).collect();
    let items = match currency {
        None => products::service::variants_for_sale(conn, &ids)?,
        Some(currency) => products::service::variants_for_sale_in(conn, &ids, currency)?,
    };
    let mut items: BTreeMap<Id<Variant>, ForSale> = items.into_iter().map(|item| (item.variant, item)).collect();
    let mut agreed: Vec<AgreedLine> = Vec::with_capacity(lines.len());
    for &(place, ref line) in lines {
        let item = items.remove(&line.variant).filter(|item| item.status == ProductStatus::Active);
        let item = item.ok_or(OrderError::NotForSale { line: place })?;
        if item.holiday.and_then(|columns| columns.holiday(now)).is_some_and(|holiday| holiday.is_on(now)) {
            return Err(OrderError::OnHoliday { line: place });
        }
        let expected = currency.or(agreed.first().map(|first| first.item.price.currency));
        if expected.is_some_and(|expected| expected != item.price.currency) {
            return Err(OrderError::CurrencyMismatch { line: place });
        }
        // Several lines of one variant became one, but each may have named its price.
        for (place, wanted) in wanted.iter().enumerate().filter(|(_, wanted)| wanted.variant == line.variant) {
            match wanted.expected_unit_price {
                Some(expected) if expected != item.price => {
                    return Err(OrderError::PriceChanged { line: Some(place), old: expected, new: item.price });
                }
                _ => {}
            }
        }
        let price = item.price.checked_mul(line.quantity)?;
        agreed.push(AgreedLine { place, item, quantity: line.quantity, price });
    }
    Ok(agreed)
}

/// Which of some lines are short.
pub(in crate::orders::service) fn out_of_stock<'a>(
    short: &[Shortage],
    wanted: impl Iterator<Item = &'a AgreedLine>,
) -> OrderError {
    let line = |line: &AgreedLine| {
        let short = short.iter().find(|short| short.variant == line.item.variant)?;
        Some(ShortLine { line: line.place, available: short.available })
    };
    let mut lines: Vec<ShortLine> = wanted.filter_map(line).collect();
    lines.sort_unstable_by_key(|line| line.line);
    OrderError::OutOfStock(lines)
}
