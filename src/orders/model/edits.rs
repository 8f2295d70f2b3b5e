//! What a buyer changes about a part before anything of it is packed, and what that makes of what is to be paid for it.

use serde::Serialize;

use super::{Charged, OrderCosts, OrderLine, OrderLineKind, OrderPart, PartStanding, Pieces, WantedLine};
use crate::{
    kernel::{
        id::Id,
        money::{CurrencyCode, Money, MoneyError},
    },
    taxes::model::{CountryTaxes, Remitter},
};

/// What is to change about a part.
#[derive(Debug, Clone, Serialize)]
pub struct EditPart {
    pub part: Id<OrderPart>,
    /// The order's.
    pub expected_version: i32,
    pub add: Vec<WantedLine>,
    pub remove: Vec<Pieces>,
    pub expected_difference: Money,
}

impl EditPart {
    /// How often a part is edited at the most.
    pub const MAXIMUM: i64 = 50;
}

/// What was agreed about pieces that are called off, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Worth {
    pub total: i64,
    /// The tax in that which the market would have kept for the state.
    pub tax: i64,
}

impl Worth {
    /// Of pieces of a part's goods. With the last of them goes what it costs to send them, unless others come in their place.
    pub fn of(
        currency: CurrencyCode,
        part: &OrderPart,
        goods: &[OrderLine],
        pieces: &[Pieces],
        are_others_added: bool,
    ) -> Self {
        if pieces.is_empty() {
            return Self::default();
        }
        let more = |line: &OrderLine| pieces.iter().find(|it| it.line == line.id).map_or(0, |it| it.quantity);
        if !are_others_added && goods.iter().all(|line| line.cancelled + more(line) == line.quantity) {
            return Self { total: part.owed(), tax: part.tax_withheld - part.tax_dropped };
        }
        let total = goods.iter().map(|line| line.cost_of_cancelled(more(line), currency)).sum::<i64>();
        let tax = goods.iter().map(|line| line.tax_of_cancelled(more(line), currency)).sum();
        Self { total: total.min(part.owed()), tax: if part.tax_withheld > 0 { tax } else { 0 } }
    }

    /// As much of it as is left beyond the price of what stays, where so much is kept: what a shop gave back for no piece in particular does
    /// not go back a second time with the pieces.
    #[must_use]
    pub fn beyond(self, kept: i64, stays: i64) -> Self {
        Self { total: self.total.min(kept.saturating_sub(stays)).max(0), ..self }
    }
}

/// What was agreed to be paid for a part without what was called off of it, and without some more pieces; nothing of which no goods stay.
pub fn price_of_rest(currency: CurrencyCode, part: &OrderPart, goods: &[OrderLine], pieces: &[Pieces]) -> i64 {
    let gone = |line: &OrderLine| {
        let more = pieces.iter().find(|it| it.line == line.id).map_or(0, |it| it.quantity);
        line.cancelled + more
    };
    if goods.iter().all(|line| gone(line) == line.quantity) {
        return 0;
    }
    let off = goods.iter().map(|line| line.between(line.total, 0, gone(line), currency)).sum::<i64>();
    part.total - off
}

/// By how much a part becomes dearer by what is added, less what is removed; cheaper, if it is less than nothing.
///
/// # Errors
/// If an amount is out of range.
pub fn difference(
    added: impl IntoIterator<Item = Charged>,
    removed: Worth,
    currency: CurrencyCode,
) -> Result<Money, MoneyError> {
    let added = added.into_iter().map(|charged| Money::new(charged.total, currency));
    Money::sum(added, currency)?.checked_add(Money::new(-removed.total, currency))
}

/// Whether something is left of a part that its buyer can edit: nothing is packed, and not everything called off.
pub fn is_editable<'a>(mut goods: impl Iterator<Item = &'a OrderLine> + Clone) -> bool {
    goods.clone().all(|line| line.packed == 0) && goods.any(|line| line.open() > 0)
}

/// Whether what is added to a part today is taxed as its order is: an order has one tax, which is contained in all prices or comes on
/// top of them, and which of a part either the market pays or the shop.
pub fn is_taxed_alike(costs: &OrderCosts, part: &OrderPart, goods: &[OrderLine], taxes: &CountryTaxes) -> bool {
    let is_taxed = part.tax_withheld > 0 || goods.iter().any(|line| line.charge.tax > 0);
    let is_withheld = taxes.remitted_by == Remitter::Market;
    (costs.tax_name.is_none() || costs.tax_is_added != taxes.is_included)
        && (!is_taxed || is_withheld == (part.tax_withheld > 0))
}

impl PartStanding {
    /// Whether pieces can be called off: their money is nowhere in between.
    pub(super) fn can_shrink(&self) -> bool {
        let (money, is_open) = (self.money, self.full.order.order.is_open());
        let is_settled = if money.is_passed_on {
            money.left_of(&self.full.part).is_some()
        } else {
            money.kept <= 0 && !money.is_in_progress
        };
        is_open && self.has_open() && is_settled
    }

    /// Whether its buyer can edit it. Money goes back by nobody's word but their own.
    pub(super) fn can_be_edited(&self) -> bool {
        let goods = self.full.lines.iter().filter(|line| line.kind == OrderLineKind::Goods);
        self.can_shrink() && is_editable(goods) && (!self.money.is_passed_on || self.rights.is_oneself)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        kernel::{money::tests::any_currency, rate::Rate},
        orders::model::{Charge, FulfillmentState},
        platform::clock::Time,
    };

    const GBP: CurrencyCode = CurrencyCode::GBP;

    fn part(total: i64, tax_withheld: i64) -> OrderPart {
        OrderPart {
            id: Id::from_uuid(Uuid::nil()),
            order_id: Id::from_uuid(Uuid::nil()),
            shop_id: Id::from_uuid(Uuid::nil()),
            conversation_id: None,
            ordinal: 1,
            fulfillment_state: FulfillmentState::Unfulfilled,
            total,
            placed_at: Time::UNIX_EPOCH,
            commission_rate: 0,
            refunded: 0,
            dropped: 0,
            tax_withheld,
            tax_dropped: 0,
            shipping_method: None,
            promotion: None,
            disputed: 0,
        }
    }

    fn line(number: u128, quantity: i32, total: i64, tax: i64) -> OrderLine {
        OrderLine {
            id: Id::from_uuid(Uuid::from_u128(number)),
            part_id: Id::from_uuid(Uuid::nil()),
            ordinal: 1,
            kind: OrderLineKind::Goods,
            product_id: None,
            variant_id: None,
            title: String::new(),
            sku: String::new(),
            quantity,
            unit_price: 0,
            total,
            packed: 0,
            cancelled: 0,
            returned: 0,
            dropped: 0,
            charge: Charge { tax, ..Charge::default() },
        }
    }

    fn some(line: &OrderLine, quantity: i32) -> Pieces {
        Pieces { line: line.id, quantity }
    }

    fn charged(total: i64) -> Charged {
        Charged { charge: Charge::default(), total }
    }

    fn minor(added: &[i64], removed: Worth) -> i64 {
        difference(added.iter().map(|total| charged(*total)), removed, GBP).unwrap().minor
    }

    #[test]
    fn an_edit_costs_what_is_added_less_what_is_removed() {
        // Three for 10.00 and two for 5.00; 3.00 for sending them.
        let (lamps, rugs) = (line(1, 3, 1_000, 100), line(2, 2, 500, 0));
        let (part, goods) = (part(1_800, 130), [lamps.clone(), rugs.clone()]);
        let worth = |pieces: &[Pieces], are_others_added| Worth::of(GBP, &part, &goods, pieces, are_others_added);
        assert_eq!(minor(&[], worth(&[], false)), 0);
        assert_eq!(minor(&[250, 1], worth(&[], true)), 251);
        assert_eq!(worth(&[some(&lamps, 1)], false), Worth { total: 333, tax: 33 });
        assert_eq!(minor(&[], worth(&[some(&lamps, 1)], false)), -333);
        assert_eq!(minor(&[400], worth(&[some(&lamps, 1)], true)), 67);
        let all = [some(&lamps, 3), some(&rugs, 2)];
        assert_eq!(worth(&all, false), Worth { total: 1_800, tax: 130 }, "sending goes with the last of them");
        assert_eq!(worth(&all, true), Worth { total: 1_500, tax: 100 }, "something else is sent");
        assert!(difference([charged(i64::MAX), charged(1)], Worth::default(), GBP).is_err());
    }

    #[test]
    fn what_is_packed_or_called_off_is_not_edited() {
        let lamps = line(1, 3, 300, 0);
        let some_off = OrderLine { cancelled: 2, ..lamps.clone() };
        let all_off = OrderLine { cancelled: 3, ..lamps.clone() };
        let packed = OrderLine { packed: 1, ..lamps.clone() };
        assert!(is_editable([&lamps].into_iter()));
        assert!(is_editable([&some_off, &all_off].into_iter()));
        assert!(!is_editable([&all_off].into_iter()));
        assert!(!is_editable([&lamps, &packed].into_iter()));
        assert!(!is_editable(std::iter::empty()));
    }

    #[test]
    fn what_is_added_is_taxed_as_the_rest() {
        let taxes = |is_included, remitted_by| CountryTaxes {
            country: "GB".parse().unwrap(),
            is_included,
            remitted_by,
            name: "VAT".into(),
            standard: Rate::default(),
            shipping: None,
            rates: BTreeMap::new(),
            version: 1,
        };
        let added = OrderCosts { tax_is_added: true, tax_name: Some("VAT".into()), ..OrderCosts::default() };
        let (free, charged) = ([line(1, 1, 100, 0)], [line(1, 1, 100, 10)]);
        for (costs, withheld, goods, is_included, remitter, is_alike) in [
            (&OrderCosts::default(), 0, &free, true, Remitter::Market, true),
            (&OrderCosts::default(), 0, &free, false, Remitter::Shops, true),
            (&added, 10, &charged, false, Remitter::Market, true),
            (&added, 10, &charged, true, Remitter::Market, false),
            (&added, 10, &charged, false, Remitter::Shops, false),
            (&added, 0, &charged, false, Remitter::Shops, true),
            (&added, 0, &charged, false, Remitter::Market, false),
        ] {
            let found = is_taxed_alike(costs, &part(100, withheld), goods, &taxes(is_included, remitter));
            assert_eq!(found, is_alike, "{costs:?} {withheld} {is_included} {remitter:?}");
        }
    }

    #[test]
    fn what_a_shop_gave_back_for_no_piece_goes_back_once() {
        // Three for 9.00, and 3.00 for sending them, of which the shop has given 4.00 back.
        let whole = OrderPart { refunded: 400, ..part(1_200, 0) };
        let mut goods = [line(1, 3, 900, 0)];
        let back = |part: &OrderPart, goods: &[OrderLine], quantity: i32| {
            let pieces = [some(&goods[0], quantity)];
            let worth = Worth::of(GBP, part, goods, &pieces, false);
            worth.beyond(part.kept(), price_of_rest(GBP, part, goods, &pieces)).total
        };
        assert_eq!([1, 2, 3].map(|quantity| back(&whole, &goods, quantity)), [0, 200, 800]);
        // And if it gave nothing back, it is what they are worth.
        let paid = part(1_200, 0);
        assert_eq!([1, 2, 3].map(|quantity| back(&paid, &goods, quantity)), [300, 600, 1_200]);
        // Some fell away before it was paid.
        goods[0].cancelled = 1;
        let less = OrderPart { dropped: 300, ..paid };
        assert_eq!([1, 2].map(|quantity| back(&less, &goods, quantity)), [300, 900]);
    }

    proptest! {
        #[test]
        fn no_more_goes_back_than_what_stays_does_not_cost(
            quantity in 1_i32..200, total in 0_i64..1_000_000_000, first in 0_i32..200, then in 0_i32..200,
            refunded in 0_i64..1_000_000_300, disputed in 0_i64..1_000_000_300,
        ) {
            let first = first.min(quantity - 1);
            let then = then.clamp(1, quantity - first);
            let mut goods = [line(1, quantity, total, 0)];
            goods[0].cancelled = first;
            let whole = total + 300;
            let refunded = refunded.min(whole);
            let part = OrderPart { refunded, disputed: disputed.min(whole - refunded), ..part(whole, 0) };
            let pieces = [some(&goods[0], then)];
            let worth = Worth::of(GBP, &part, &goods, &pieces, false);
            let stays = price_of_rest(GBP, &part, &goods, &pieces);
            let back = worth.beyond(part.kept(), stays);
            prop_assert!((0..=worth.total).contains(&back.total));
            prop_assert!(back.total <= (part.kept() - stays).max(0));
            prop_assert!((0..=whole).contains(&stays));
            prop_assert!(stays == 0 || first + then < quantity);
            // Where nothing else went back than what was called off was worth, nothing is held back.
            let gone = goods[0].between(total, 0, first, GBP);
            let fair = OrderPart { refunded: gone, disputed: 0, ..part };
            let worth = Worth::of(GBP, &fair, &goods, &pieces, false);
            prop_assert_eq!(worth.beyond(fair.kept(), price_of_rest(GBP, &fair, &goods, &pieces)), worth);
        }

        #[test]
        fn however_pieces_are_removed_they_are_worth_the_whole_in_the_end(
            quantity in 1_i32..200, total in 0_i64..1_000_000_000, first in 0_i32..200, added in 0_i64..1_000_000_000,
            currency in any_currency(),
        ) {
            let first = first.min(quantity);
            let whole = part(total + 300, 0);
            let mut goods = [line(1, quantity, total, 0)];
            let one = Worth::of(currency, &whole, &goods, &[some(&goods[0], first)], true);
            prop_assert!((0..=total).contains(&one.total));
            let dearer = difference([charged(added)], one, currency).unwrap();
            prop_assert_eq!(dearer, Money::new(added - one.total, currency));
            goods[0].cancelled = first;
            let rest = OrderPart { dropped: one.total, ..whole };
            let two = Worth::of(currency, &rest, &goods, &[some(&goods[0], quantity - first)], true);
            prop_assert_eq!(one.total + two.total, total);
            let all = Worth::of(currency, &rest, &goods, &[some(&goods[0], quantity - first)], false);
            prop_assert_eq!(one.total + all.total, total + 300);
        }

        #[test]
        fn a_part_that_is_called_off_in_whatever_steps_leaves_neither_price_nor_tax(
            wanted in prop::collection::vec((1_i32..20, 0_i64..1_000_000_000, 0_i64..=100), 1..5),
            postage in (0_i64..1_000_000, 0_i64..=100), steps in prop::collection::vec((0_usize..5, 1_i32..20), 0..20),
            currency in any_currency(),
        ) {
            let mut goods: Vec<_> = (1..).zip(&wanted).map(|(number, &(quantity, total, percent))| {
                line(number, quantity, total, total / 100 * percent)
            }).collect();
            let (sending, percent) = postage;
            let total = goods.iter().map(|line| line.total).sum::<i64>() + sending;
            let tax = goods.iter().map(|line| line.charge.tax).sum::<i64>() + sending / 100 * percent;
            let mut part = part(total, tax);
            let rest = (0..goods.len()).map(|place| (place, i32::MAX));
            for (place, pieces) in steps.into_iter().map(|(place, pieces)| (place % wanted.len(), pieces)).chain(rest) {
                let line = &goods[place];
                let pieces = pieces.min(line.quantity - line.cancelled);
                if pieces == 0 {
                    continue;
                }
                let worth = Worth::of(currency, &part, &goods, &[some(line, pieces)], false);
                prop_assert!((0..=part.owed()).contains(&worth.total) && worth.tax >= 0, "{worth:?}");
                part.dropped += worth.total;
                part.tax_dropped += worth.tax;
                goods[place].cancelled += pieces;
                let left = goods.iter().map(|line| line.cost_of_cancelled(line.quantity - line.cancelled, currency)).sum::<i64>();
                let is_over = goods.iter().all(|line| line.cancelled == line.quantity);
                prop_assert_eq!(part.owed(), if is_over { 0 } else { left + sending });
            }
            prop_assert_eq!((part.dropped, part.tax_dropped), (total, tax));
        }
    }
}
