//! What is laid down of a country, and what that makes of an amount.

use std::collections::BTreeMap;

use crate::{
    kernel::{
        id::Id,
        money::{Money, MoneyError},
        place::CountryCode,
        rate::Rate,
    },
    products::model::taxes::TaxClass,
    text_enum,
};

/// Tax classes with a rate of their own in a country at the most: all that there can be.
pub const MAXIMUM_RATES: usize = 50;

/// All of an amount, in hundredths of a percent.
const WHOLE: i128 = 10_000;

text_enum! {
    /// Who pays a tax to the state.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "TaxRemitter")]
    pub enum Remitter {
        /// The market, which keeps it back from what shops get.
        Market = "MARKET",
        /// Each shop for what it sells. It gets the tax with the price.
        Shops = "SHOPS",
    }
}

/// How what is sent to a country is taxed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountryTaxes {
    pub country: CountryCode,
    /// Whether prices contain the tax. Else it comes on top.
    pub is_included: bool,
    pub remitted_by: Remitter,
    /// What it is called on documents.
    pub name: String,
    pub standard: Rate,
    /// Of what sending costs; none: the standard one.
    pub shipping: Option<Rate>,
    /// Of the tax classes that have one of their own.
    pub rates: BTreeMap<Id<TaxClass>, Rate>,
    pub version: i32,
}

/// What is paid for something, and what of it is tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taxed {
    pub tax: Money,
    pub gross: Money,
}

impl CountryTaxes {
    /// The rate of what is of a tax class, or of none.
    pub fn of_class(&self, class: Option<Id<TaxClass>>) -> Rate {
        class.and_then(|class| self.rates.get(&class)).copied().unwrap_or(self.standard)
    }

    /// The rate of what sending costs.
    pub fn of_shipping(&self) -> Rate {
        self.shipping.unwrap_or(self.standard)
    }

    /// The tax on the amount of a line: of all its pieces together, after discounts. It is rounded once, to the nearest minor unit of the
    /// currency, halves up (of what is negative, away from zero).
    ///
    /// Three mugs for 3.33 each are 9.99. At 20 % that is contained, the tax is 9.99 × 20 / 120 = 1.665, which is 1.67; the tax on
    /// each mug by itself would have made 3 × 0.56 = 1.68.
    ///
    /// ```
    /// # use std::collections::BTreeMap;
    /// # use agora::{kernel::money::{CurrencyCode, Money}, taxes::model::{CountryTaxes, Remitter}};
    /// let mut taxes = CountryTaxes {
    ///     country: "GB".parse().unwrap(),
    ///     is_included: true,
    ///     remitted_by: Remitter::Market,
    ///     name: "VAT".into(),
    ///     standard: "20".parse().unwrap(),
    ///     shipping: None,
    ///     rates: BTreeMap::new(),
    ///     version: 1,
    /// };
    /// let mugs = Money::new(999, CurrencyCode::GBP);
    /// let contained = taxes.on(taxes.of_class(None), mugs).unwrap();
    /// assert_eq!((contained.tax.minor, contained.gross.minor), (167, 999));
    /// taxes.is_included = false;
    /// let on_top = taxes.on(taxes.of_class(None), mugs).unwrap();
    /// assert_eq!((on_top.tax.minor, on_top.gross.minor), (200, 1_199));
    /// ```
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] if the sum is.
    pub fn on(&self, rate: Rate, amount: Money) -> Result<Taxed, MoneyError> {
        let points = i128::from(rate.basis_points());
        let base = if self.is_included { WHOLE + points } else { WHOLE };
        let product = i128::from(amount.minor) * points;
        let rounded = (product + base / 2 * product.signum()) / base;
        let minor = i64::try_from(rounded).map_err(|_| MoneyError::OutOfRange)?;
        let tax = Money { minor, ..amount };
        let gross = if self.is_included { amount } else { amount.checked_add(tax)? };
        Ok(Taxed { tax, gross })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::money::CurrencyCode;

    /// A class by a number.
    fn class(number: u128) -> Id<TaxClass> {
        Id::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn rate(percent: &str) -> Rate {
        percent.parse().unwrap()
    }

    fn taxes(is_included: bool) -> CountryTaxes {
        CountryTaxes {
            country: "AT".parse().unwrap(),
            is_included,
            remitted_by: Remitter::Shops,
            name: "VAT".into(),
            standard: rate("20"),
            shipping: None,
            rates: BTreeMap::from([(class(1), rate("10")), (class(2), rate("0"))]),
            version: 1,
        }
    }

    /// The tax on minor units of a currency, and what is paid.
    fn on(is_included: bool, percent: &str, minor: i64, currency: &str) -> (i64, i64) {
        let amount = Money::new(minor, currency.parse().unwrap());
        let Taxed { tax, gross } = taxes(is_included).on(rate(percent), amount).unwrap();
        assert_eq!((tax.currency, gross.currency), (amount.currency, amount.currency));
        (tax.minor, gross.minor)
    }

    #[test]
    fn what_has_no_rate_of_its_own_is_taxed_as_usual() {
        let mut taxes = taxes(true);
        assert_eq!(taxes.of_class(None), rate("20"));
        assert_eq!(taxes.of_class(Some(class(1))), rate("10"));
        assert_eq!(taxes.of_class(Some(class(2))), rate("0"));
        assert_eq!(taxes.of_class(Some(class(3))), rate("20"));
        assert_eq!(taxes.of_shipping(), rate("20"));
        taxes.shipping = Some(rate("0"));
        assert_eq!(taxes.of_shipping(), rate("0"));
    }

    #[test]
    fn halves_are_rounded_up() {
        assert_eq!(on(false, "10", 25, "EUR"), (3, 28));
        assert_eq!(on(false, "10", 24, "EUR"), (2, 26));
        assert_eq!(on(true, "20", 3, "EUR"), (1, 3));
        assert_eq!(on(true, "20", 999, "EUR"), (167, 999));
        assert_eq!(on(false, "8.25", 999, "USD"), (82, 1_081));
        assert_eq!(on(true, "10", 1_078, "JPY"), (98, 1_078));
        assert_eq!(on(false, "10", 1_005, "JPY"), (101, 1_106));
        assert_eq!(on(false, "5", 10, "KWD"), (1, 11));
        assert_eq!(on(true, "5", 10_500, "KWD"), (500, 10_500));
        assert_eq!(on(false, "10", -25, "EUR"), (-3, -28));
    }

    #[test]
    fn a_sum_that_is_out_of_range_is_none() {
        let all = Money::new(i64::MAX, CurrencyCode::GBP);
        assert_eq!(taxes(false).on(rate("0.01"), all), Err(MoneyError::OutOfRange));
        let contained = taxes(true).on(rate("100"), all).unwrap();
        assert_eq!((contained.tax.minor, contained.gross), (i64::MAX / 2 + 1, all));
    }

    fn any_rate() -> impl Strategy<Value = Rate> {
        (0_i32..=10_000).prop_map(|points| Rate::from_basis_points(points).unwrap())
    }

    fn any_amount() -> impl Strategy<Value = Money> {
        let currency = prop::sample::select(vec!["EUR", "JPY", "KWD"]);
        (prop_oneof![0_i64..100_000, 0_i64..=i64::MAX / 2], currency)
            .prop_map(|(minor, currency)| Money::new(minor, currency.parse().unwrap()))
    }

    proptest! {
        #[test]
        fn the_tax_is_within_half_a_unit(is_included: bool, rate in any_rate(), amount in any_amount()) {
            let tax = i128::from(taxes(is_included).on(rate, amount).unwrap().tax.minor);
            let points = i128::from(rate.basis_points());
            let base = if is_included { WHOLE + points } else { WHOLE };
            let twice_off = (tax * base - i128::from(amount.minor) * points) * 2;
            // More than half too little never is, nor half too little: halves are rounded up.
            prop_assert!(-base < twice_off && twice_off <= base, "{twice_off} of {base}");
        }

        #[test]
        fn nothing_is_lost_and_nothing_is_made(rate in any_rate(), amount in any_amount()) {
            let on_top = taxes(false).on(rate, amount).unwrap();
            prop_assert_eq!(amount.checked_add(on_top.tax), Ok(on_top.gross));
            let contained = taxes(true).on(rate, amount).unwrap();
            prop_assert_eq!(contained.gross, amount);
            let net = Money::new(amount.minor - contained.tax.minor, amount.currency);
            prop_assert!(net.minor >= 0 && contained.tax.minor >= 0);
            prop_assert_eq!(net.checked_add(contained.tax), Ok(contained.gross));
        }

        #[test]
        fn a_rate_of_nothing_is_no_tax(is_included: bool, amount in any_amount()) {
            let taxed = taxes(is_included).on(rate("0"), amount).unwrap();
            prop_assert_eq!(taxed, Taxed { tax: Money::zero(amount.currency), gross: amount });
        }

        #[test]
        fn who_pays_more_pays_no_less_tax(
            is_included: bool, one in any_rate(), other in any_rate(), amount in any_amount(), more in 0_i64..1_000_000,
        ) {
            let taxes = taxes(is_included);
            let dearer = Money::new(amount.minor.saturating_add(more).min(i64::MAX / 2), amount.currency);
            let (little, much) = (taxes.on(one, amount).unwrap(), taxes.on(one, dearer).unwrap());
            prop_assert!(little.tax.minor <= much.tax.minor && little.gross.minor <= much.gross.minor);
            let (low, high) = if one.basis_points() <= other.basis_points() { (one, other) } else { (other, one) };
            let (little, much) = (taxes.on(low, amount).unwrap(), taxes.on(high, amount).unwrap());
            prop_assert!(little.tax.minor <= much.tax.minor && little.gross.minor <= much.gross.minor);
        }
    }
}
