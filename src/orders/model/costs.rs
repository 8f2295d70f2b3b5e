//! What an order costs: its lines, less what promotions take off them, with the tax on what is left, and what it costs to send them.

use diesel::{Insertable, Queryable, Selectable};

use super::{OrderLine, OrderLineKind};
use crate::{
    kernel::{
        id::Id,
        money::{CurrencyCode, Money, MoneyError},
        rate::Rate,
    },
    products::model::ForSale,
    promotions::model::{Applied, CodeFault},
    schema::{order_lines, orders},
    shipping::model::{Offer, Offers},
    shops::model::Shop,
    taxes::model::{CountryTaxes, Remitter, Taxed},
};

/// What is taken off the price of a line, and its tax.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = order_lines)]
pub struct Charge {
    /// What a promotion takes off, in minor units.
    pub discount: i64,
    /// The tax in what is paid for the line.
    pub tax: i64,
    /// In hundredths of a percent.
    pub tax_rate: i32,
    /// Whether the tax came on top of the price. Else it is contained in it.
    pub tax_is_added: bool,
}

/// What the lines of an order come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = orders, treat_none_as_default_value = false)]
pub struct OrderCosts {
    /// What is taken off goods and shipping.
    pub discount: i64,
    /// What it costs to send it, before anything is taken off.
    pub shipping: i64,
    /// The tax in the total.
    pub tax: i64,
    pub tax_is_added: bool,
    /// What the tax is called where it goes.
    pub tax_name: Option<String>,
    /// The code that took something off.
    pub code: Option<String>,
}

/// Some pieces of a variant, and what they cost before anything is taken off.
#[derive(Debug, Clone)]
pub struct AgreedLine {
    /// Where it stands in the input.
    pub place: usize,
    pub item: ForSale,
    pub quantity: i32,
    pub price: Money,
}

/// A price with what is taken off and added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charged {
    pub charge: Charge,
    /// What is paid, in minor units.
    pub total: i64,
}

/// How a part is sent.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub offer: Offer,
    pub charged: Charged,
}

/// What a shop's part of an order costs.
#[derive(Debug, Clone)]
pub struct PartCosts {
    pub shop: Id<Shop>,
    pub lines: Vec<(AgreedLine, Charged)>,
    /// How the shop would send it.
    pub offers: Offers,
    /// How it is to be sent; none if the shop says nothing of it, or sends nothing there.
    pub delivery: Option<Delivery>,
    pub promotion: Option<Applied>,
}

/// What an order costs, part by part.
#[derive(Debug, Clone)]
pub struct Costs {
    pub currency: CurrencyCode,
    /// In the order in which their shops first appear.
    pub parts: Vec<PartCosts>,
    pub taxes: Option<CountryTaxes>,
    /// Why the code that was given does nothing.
    pub fault: Option<CodeFault>,
}

/// What lines come to, in minor units: the total is goods and shipping, less the discount, with the tax if it is added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    pub goods: i64,
    pub shipping: i64,
    pub discount: i64,
    pub tax: i64,
    pub total: i64,
}

impl Sums {
    /// Those of lines with their prices before anything is taken off. Each order's are in range: that is looked at when it is placed.
    pub fn of(lines: impl IntoIterator<Item = (OrderLineKind, i64, Charged)>) -> Self {
        let mut sums = Self::default();
        for (kind, price, Charged { charge, total }) in lines {
            let prices = match kind {
                OrderLineKind::Goods => &mut sums.goods,
                OrderLineKind::Charge => &mut sums.shipping,
            };
            *prices = prices.saturating_add(price);
            sums.discount = sums.discount.saturating_add(charge.discount);
            sums.tax = sums.tax.saturating_add(charge.tax);
            sums.total = sums.total.saturating_add(total);
        }
        sums
    }

    /// Those of the lines of a part.
    pub fn of_lines(lines: &[OrderLine]) -> Self {
        let line = |line: &OrderLine| {
            let price = line.unit_price.saturating_mul(line.quantity.into());
            (line.kind, price, Charged { charge: line.charge, total: line.total })
        };
        Self::of(lines.iter().map(line))
    }
}

impl PartCosts {
    fn lines(&self) -> impl Iterator<Item = (OrderLineKind, i64, Charged)> {
        let goods = self.lines.iter().map(|(line, charged)| (OrderLineKind::Goods, line.price.minor, *charged));
        let sent = self.delivery.as_ref();
        goods.chain(sent.map(|delivery| (OrderLineKind::Charge, delivery.offer.price, delivery.charged)))
    }

    /// What it comes to.
    pub fn sums(&self) -> Sums {
        Sums::of(self.lines())
    }

    /// Whether the shop sends it there.
    pub fn can_be_sent(&self) -> bool {
        !matches!(&self.offers, Offers::Of(offers) if offers.is_empty())
    }

    /// What of its tax the market keeps for the state.
    pub fn tax_withheld(&self, taxes: Option<&CountryTaxes>) -> i64 {
        match taxes.map(|taxes| taxes.remitted_by) {
            Some(Remitter::Market) => self.sums().tax,
            Some(Remitter::Shops) | None => 0,
        }
    }
}

impl Costs {
    /// What all of it comes to.
    pub fn sums(&self) -> Sums {
        Sums::of(self.parts.iter().flat_map(PartCosts::lines))
    }

    /// What is to be paid.
    ///
    /// # Errors
    /// If that is out of range.
    pub fn total(&self) -> Result<Money, MoneyError> {
        let lines = self.parts.iter().flat_map(PartCosts::lines);
        Money::sum(lines.map(|(_, _, charged)| Money::new(charged.total, self.currency)), self.currency)
    }

    /// The lines of all parts.
    pub fn goods(&self) -> impl Iterator<Item = &AgreedLine> + Clone {
        self.parts.iter().flat_map(|part| &part.lines).map(|(line, _)| line)
    }

    /// What is written down of them with the order.
    pub fn of_order(&self) -> OrderCosts {
        let Sums { discount, shipping, tax, .. } = self.sums();
        let mut applied = self.parts.iter().filter_map(|part| part.promotion.as_ref());
        OrderCosts {
            discount,
            shipping,
            tax,
            tax_is_added: self.taxes.as_ref().is_some_and(|taxes| !taxes.is_included),
            tax_name: self.taxes.as_ref().map(|taxes| taxes.name.clone()),
            code: applied.find_map(|it| it.promotion.code.clone()),
        }
    }
}

/// What is paid for lines at these prices, off which so much is taken together: that is shared out by their prices, and what is left
/// of each is taxed by itself.
///
/// # Errors
/// If an amount is out of range, or more is taken off than there is.
pub fn charge(
    lines: &[(Money, Rate)],
    discount: Money,
    taxes: Option<&CountryTaxes>,
) -> Result<Vec<Charged>, MoneyError> {
    let prices: Vec<i64> = lines.iter().map(|(price, _)| price.minor).collect();
    let shares = if discount.minor == 0 { vec![discount; lines.len()] } else { discount.allocate(&prices)? };
    let charged = |(&(price, rate), share): (&(Money, Rate), Money)| {
        let left = price.minor.checked_sub(share.minor).filter(|&left| left >= 0).ok_or(MoneyError::OutOfRange)?;
        let Some(taxes) = taxes else {
            return Ok(Charged { charge: Charge { discount: share.minor, ..Charge::default() }, total: left });
        };
        let Taxed { tax, gross } = taxes.on(rate, Money::new(left, price.currency))?;
        let charge = Charge {
            discount: share.minor,
            tax: tax.minor,
            tax_rate: rate.basis_points(),
            tax_is_added: !taxes.is_included,
        };
        Ok(Charged { charge, total: gross.minor })
    };
    lines.iter().zip(shares).map(charged).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn taxes(is_included: bool) -> CountryTaxes {
        CountryTaxes {
            country: "AT".parse().unwrap(),
            is_included,
            remitted_by: Remitter::Market,
            name: "VAT".into(),
            standard: Rate::default(),
            shipping: None,
            rates: BTreeMap::new(),
            version: 1,
        }
    }

    fn rate(points: i32) -> Rate {
        Rate::from_basis_points(points).unwrap()
    }

    /// What is taken off, the tax, and what is paid.
    fn charged(prices: &[(i64, i32)], discount: i64, taxes: Option<&CountryTaxes>) -> Vec<(i64, i64, i64)> {
        let gbp = |minor| Money::new(minor, CurrencyCode::GBP);
        let lines: Vec<_> = prices.iter().map(|&(minor, points)| (gbp(minor), rate(points))).collect();
        let charged = charge(&lines, gbp(discount), taxes).unwrap();
        charged.iter().map(|it| (it.charge.discount, it.charge.tax, it.total)).collect()
    }

    #[test]
    fn what_is_taken_off_is_shared_out_and_the_rest_is_taxed_line_by_line() {
        assert_eq!(charged(&[(999, 0), (1, 0)], 0, None), [(0, 0, 999), (0, 0, 1)]);
        assert_eq!(charged(&[(1000, 0), (500, 0)], 100, None), [(67, 0, 933), (33, 0, 467)]);
        assert_eq!(charged(&[(1000, 2000), (500, 500)], 100, Some(&taxes(false))), [(67, 187, 1120), (33, 23, 490)]);
        assert_eq!(charged(&[(1000, 2000), (500, 500)], 100, Some(&taxes(true))), [(67, 156, 933), (33, 22, 467)]);
        assert_eq!(charged(&[(0, 2000), (0, 500)], 0, Some(&taxes(false))), [(0, 0, 0), (0, 0, 0)]);
        assert_eq!(charged(&[(700, 2000)], 700, Some(&taxes(false))), [(700, 0, 0)]);
    }

    #[test]
    fn no_more_is_taken_off_than_there_is() {
        let gbp = |minor| Money::new(minor, CurrencyCode::GBP);
        assert!(charge(&[(gbp(5), rate(0))], gbp(6), None).is_err());
        assert!(charge(&[(gbp(0), rate(0))], gbp(1), None).is_err());
    }

    proptest! {
        #[test]
        fn an_order_is_its_goods_less_the_discount_with_the_tax(
            lines in prop::collection::vec((0_i64..1_000_000_000_000, 0_i32..=10_000), 1..40),
            percent in 0_i64..=100, is_included: bool, is_taxed: bool,
            code in prop::sample::select(vec!["EUR", "JPY", "KWD"]),
        ) {
            let currency: CurrencyCode = code.parse().unwrap();
            let prices: Vec<_> = lines.iter().map(|&(minor, points)| (Money::new(minor, currency), rate(points))).collect();
            let goods: i64 = lines.iter().map(|(minor, _)| minor).sum();
            let discount = goods / 100 * percent;
            let laid_down = taxes(is_included);
            let charged = charge(&prices, Money::new(discount, currency), is_taxed.then_some(&laid_down)).unwrap();
            for (it, (price, _)) in charged.iter().zip(&prices) {
                prop_assert!((0..=price.minor).contains(&it.charge.discount));
                prop_assert!(it.charge.tax >= 0 && it.total >= it.charge.tax);
            }
            let sums = Sums::of(charged.iter().zip(&prices).map(|(it, (price, _))| (OrderLineKind::Goods, price.minor, *it)));
            prop_assert_eq!((sums.goods, sums.discount, sums.shipping), (goods, discount, 0));
            let added = if is_taxed && !is_included { sums.tax } else { 0 };
            prop_assert_eq!(sums.total, goods - discount + added);
            prop_assert!(is_taxed || sums.tax == 0);
        }
    }
}
