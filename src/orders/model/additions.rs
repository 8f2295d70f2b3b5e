//! What a buyer adds to a part that is paid: apart from the order until it is paid, too, and then of it.

use diesel::{Queryable, Selectable};

use super::{Charge, Order, OrderCosts, OrderLine, OrderLineKind, OrderPart, Pieces};
use crate::{
    kernel::{
        id::Id,
        money::{CurrencyCode, Money},
    },
    platform::clock::Time,
    products::model::{Product, Variant},
    schema::order_added_lines,
};

/// Pieces of a variant that are held for who has added them, until they are paid.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = order_added_lines)]
pub struct AddedLine {
    /// That of the order's line that comes of it.
    pub id: Id<OrderLine>,
    pub part_id: Id<OrderPart>,
    pub ordinal: i32,
    pub product_id: Id<Product>,
    pub variant_id: Id<Variant>,
    pub title: String,
    pub sku: String,
    pub quantity: i32,
    pub unit_price: i64,
    pub total: i64,
    pub tax: i64,
    pub tax_rate: i32,
    pub tax_is_added: bool,
    /// What the tax is called where it goes; none if there is none.
    pub tax_name: Option<String>,
    /// Whether the market keeps the tax for the state.
    pub is_tax_withheld: bool,
    /// How many were taken out again.
    pub cancelled: i32,
    pub created_at: Time,
}

impl AddedLine {
    /// How many are still wanted.
    pub const fn open(&self) -> i32 {
        self.quantity - self.cancelled
    }

    /// As the order's line that comes of it.
    pub fn line(&self) -> OrderLine {
        let (tax, tax_rate, tax_is_added) = (self.tax, self.tax_rate, self.tax_is_added);
        OrderLine {
            id: self.id,
            part_id: self.part_id,
            ordinal: self.ordinal,
            kind: OrderLineKind::Goods,
            product_id: Some(self.product_id),
            variant_id: Some(self.variant_id),
            title: self.title.clone(),
            sku: self.sku.clone(),
            quantity: self.quantity,
            unit_price: self.unit_price,
            total: self.total,
            packed: 0,
            cancelled: self.cancelled,
            returned: 0,
            dropped: self.cancelled,
            charge: Charge { discount: 0, tax, tax_rate, tax_is_added },
        }
    }

    /// What of an amount fell away with the pieces that were taken out.
    fn fallen(&self, minor: i64, currency: CurrencyCode) -> i64 {
        Money::new(minor, currency).upto(self.cancelled.into(), self.quantity.into()).minor
    }
}

/// What lines come to that are added to a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AddedSums {
    pub total: i64,
    /// What of that fell away before it was paid.
    pub dropped: i64,
    /// The tax in the total.
    pub tax: i64,
    /// What of that the market keeps for the state.
    pub tax_withheld: i64,
    /// What of that fell away.
    pub tax_dropped: i64,
}

impl AddedSums {
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a AddedLine>, currency: CurrencyCode) -> Self {
        let mut sums = Self::default();
        for line in lines {
            sums.total += line.total;
            sums.dropped += line.fallen(line.total, currency);
            sums.tax += line.tax;
            if line.is_tax_withheld {
                sums.tax_withheld += line.tax;
                sums.tax_dropped += line.fallen(line.tax, currency);
            }
        }
        sums
    }

    /// What is to be paid for them.
    pub const fn owed(&self) -> i64 {
        self.total - self.dropped
    }
}

/// What was to be paid for pieces of lines that are added, if they are taken out.
pub fn worth_of_added(lines: &[AddedLine], pieces: &[Pieces], currency: CurrencyCode) -> i64 {
    let of = |pieces: &Pieces| lines.iter().find(|line| line.id == pieces.line).map(|line| (line, pieces.quantity));
    let worth = |(line, quantity): (&AddedLine, i32)| line.line().cost_of_cancelled(quantity, currency);
    pieces.iter().filter_map(of).map(worth).sum()
}

/// An order and one of its parts as they are taxed with what waits to be part of them.
pub fn taxed_with(order: &Order, part: &OrderPart, waiting: &[AddedLine]) -> (Order, OrderPart) {
    let (mut order, mut part) = (order.clone(), part.clone());
    if order.costs.tax_name.is_none()
        && let Some(line) = waiting.iter().find(|line| line.tax_name.is_some())
    {
        order.costs =
            OrderCosts { tax_name: line.tax_name.clone(), tax_is_added: line.tax_is_added, ..order.costs.clone() };
    }
    let own = waiting.iter().filter(|line| line.part_id == part.id);
    part.tax_withheld += AddedSums::of(own, order.currency).tax_withheld;
    (order, part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const GBP: CurrencyCode = CurrencyCode::GBP;

    fn line(quantity: i32, unit_price: i64, tax: i64, cancelled: i32) -> AddedLine {
        AddedLine {
            id: Id::from_uuid(Uuid::nil()),
            part_id: Id::from_uuid(Uuid::nil()),
            ordinal: 2,
            product_id: Id::from_uuid(Uuid::nil()),
            variant_id: Id::from_uuid(Uuid::nil()),
            title: "Shade".into(),
            sku: String::new(),
            quantity,
            unit_price,
            total: unit_price * i64::from(quantity) + tax,
            tax,
            tax_rate: 0,
            tax_is_added: true,
            tax_name: None,
            is_tax_withheld: true,
            cancelled,
            created_at: Time::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_taken_out_again_is_not_owed() {
        let sums = AddedSums::of(&[line(3, 333, 1, 1), line(2, 50, 0, 0)], GBP);
        assert_eq!(sums, AddedSums { total: 1_100, dropped: 333, tax: 1, tax_withheld: 1, tax_dropped: 0 });
        assert_eq!(sums.owed(), 767);
    }

    proptest! {
        #[test]
        fn in_however_many_steps_it_is_taken_out_nothing_is_owed_in_the_end(
            quantity in 1_i32..200, unit_price in 0_i64..1_000_000, percent in 0_i64..=100, first in 0_i32..200,
        ) {
            let first = first.min(quantity);
            let tax = unit_price * i64::from(quantity) * percent / 100;
            let whole = line(quantity, unit_price, tax, 0);
            let some = |quantity| [Pieces { line: whole.id, quantity }];
            let one = worth_of_added(std::slice::from_ref(&whole), &some(first), GBP);
            let rest = [line(quantity, unit_price, tax, first)];
            let left = AddedSums::of(&rest, GBP);
            prop_assert_eq!(left.owed(), whole.total - one);
            prop_assert_eq!(worth_of_added(&rest, &some(quantity - first), GBP), left.owed());
            prop_assert!(left.tax_dropped <= left.dropped && left.tax_dropped <= left.tax_withheld);
        }
    }
}
