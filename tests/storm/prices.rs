//! What things cost, by no word of the program's own. Amounts are in minor units, and halves are rounded up.

use std::cmp::Reverse;

use crate::market::{Goods, OFF, OFTEN};

/// Where what is sent is taxed, so many thousandths on top of what each line costs; the market pays that to the state.
pub const TAXED: &str = "GB";
pub const TAX: i64 = 175;
/// Where nothing is taxed.
pub const UNTAXED: &str = "IE";

/// The one shop that takes something for sending what was ordered. The others say nothing of it.
pub const SENDER: usize = 0;
pub const POSTAGE: i64 = 395;

/// What is paid for something, and the tax in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price {
    pub total: i64,
    pub tax: i64,
}

impl Price {
    /// Of what costs so much before tax, and is sent to a country.
    pub fn of(net: i64, country: &str) -> Self {
        let tax = if country == TAXED { share(net, TAX) } else { 0 };
        Self { total: net + tax, tax }
    }
}

/// So many thousandths of an amount.
pub const fn share(amount: i64, thousandths: i64) -> i64 {
    (amount * thousandths + 500) / 1_000
}

/// What one shop's part of an order costs.
#[derive(Debug)]
pub struct Cost {
    pub seller: usize,
    /// Which goods, how many, and what is paid for all of them.
    pub lines: Vec<(usize, i64, Price)>,
    pub postage: Price,
}

impl Cost {
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|(_, _, price)| price.total).sum::<i64>() + self.postage.total
    }
}

/// What goods cost that are sent to a country, if a code applies wherever it can: shop by shop.
pub fn costs(market: &[Goods], wanted: &[(usize, i64)], code: Option<&str>, country: &str) -> Vec<Cost> {
    let mut sellers: Vec<usize> = wanted.iter().map(|&(goods, _)| market[goods].seller).collect();
    sellers.sort_unstable();
    sellers.dedup();
    let cost = |seller: usize| {
        let own: Vec<_> = wanted.iter().filter(|(goods, _)| market[*goods].seller == seller).collect();
        let prices: Vec<i64> = own.iter().map(|(goods, pieces)| market[*goods].price * pieces).collect();
        let lines = own.iter().zip(discounted(&prices, code));
        let lines = lines.map(|(&&(goods, pieces), left)| (goods, pieces, Price::of(left, country))).collect();
        let postage = if seller == SENDER { Price::of(POSTAGE, country) } else { Price::default() };
        Cost { seller, lines, postage }
    };
    sellers.into_iter().map(cost).collect()
}

/// What is left of prices off which a code takes something together: shared out by what they are, what does not come out even by the
/// largest remainders, of equal ones to the first.
fn discounted(prices: &[i64], code: Option<&str>) -> Vec<i64> {
    let whole: i64 = prices.iter().sum();
    let off = match code {
        Some(OFTEN) => share(whole, 125),
        Some(_) => OFF.min(whole),
        None => 0,
    };
    let mut left: Vec<i64> = prices.iter().map(|price| price - off * price / whole).collect();
    let mut places: Vec<usize> = (0..prices.len()).collect();
    places.sort_by_key(|&place| Reverse(off * prices[place] % whole));
    let over = left.iter().sum::<i64>() + off - whole;
    for &place in places.iter().take(usize::try_from(over).unwrap()) {
        left[place] -= 1;
    }
    left
}
