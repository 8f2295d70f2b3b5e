//! Money: whole minor units of one currency. Checked, exact, never a float.

use std::{fmt, str::FromStr};

pub use super::currency::{CurrencyCode, UnknownCurrency};

/// A decimal number: `units` of 10 to the power of minus `decimals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    units: i64,
    decimals: u32,
}

impl Decimal {
    /// Of a text: the digits of an `i64`, a sign and a point.
    const LONGEST: usize = 24;

    /// `units` of 10 to the power of minus `decimals`, written with no more decimals than it takes.
    ///
    /// ```
    /// # use agora::kernel::money::Decimal;
    /// assert_eq!(Decimal::shortest(1_250_000, 6).to_string(), "1.25");
    /// assert_eq!(Decimal::shortest(-40_000_000, 6).to_string(), "-40");
    /// ```
    #[must_use]
    pub const fn shortest(mut units: i64, mut decimals: u32) -> Self {
        while decimals > 0 && units % 10 == 0 {
            units /= 10;
            decimals -= 1;
        }
        Self { units, decimals }
    }

    /// How many units of 10 to the power of minus `decimals` it is; none if it has more decimals, zeros included, or there
    /// are too many.
    ///
    /// ```
    /// # use agora::kernel::money::Decimal;
    /// assert_eq!("1.25".parse::<Decimal>().unwrap().units(6), Some(1_250_000));
    /// assert_eq!("1.250".parse::<Decimal>().unwrap().units(2), None);
    /// ```
    #[must_use]
    pub fn units(self, decimals: u32) -> Option<i64> {
        let missing = decimals.checked_sub(self.decimals)?;
        self.units.checked_mul(10_i64.checked_pow(missing)?)
    }
}

impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that is no decimal number of at most 18 digits.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a decimal number such as \"10.00\"")]
pub struct InvalidDecimal(String);

impl From<i64> for Decimal {
    fn from(units: i64) -> Self {
        Self { units, decimals: 0 }
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        let invalid = || InvalidDecimal(text.chars().take(40).collect());
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = !whole.is_empty() && all_digits(whole) && all_digits(fraction);
        let ends_in_point = digits.contains('.') && fraction.is_empty();
        if !is_number || ends_in_point || whole.len() + fraction.len() > 18 {
            return Err(invalid());
        }
        let units: i64 = format!("{whole}{fraction}").parse().map_err(|_| invalid())?;
        let decimals = u32::try_from(fraction.len()).map_err(|_| invalid())?;
        Ok(Self { units: if text.starts_with('-') { -units } else { units }, decimals })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // From the last digit to the first, and then in one piece: every price is written.
        let mut text = [b'0'; Self::LONGEST];
        let mut begin = text.len();
        let mut units = self.units.unsigned_abs();
        let mut place = 0;
        while place <= self.decimals || units > 0 {
            if place == self.decimals && place > 0 {
                begin = put(&mut text, begin, b'.')?;
            }
            let digit = u8::try_from(units % 10).map_err(|_| fmt::Error)?;
            begin = put(&mut text, begin, b'0' + digit)?;
            units /= 10;
            place += 1;
        }
        if self.units < 0 {
            begin = put(&mut text, begin, b'-')?;
        }
        let text = text.get(begin..).ok_or(fmt::Error)?;
        f.write_str(str::from_utf8(text).map_err(|_| fmt::Error)?)
    }
}

/// Puts a character before the one at `begin`. Where it stands.
fn put(text: &mut [u8], begin: usize, character: u8) -> Result<usize, fmt::Error> {
    let before = begin.checked_sub(1).ok_or(fmt::Error)?;
    *text.get_mut(before).ok_or(fmt::Error)? = character;
    Ok(before)
}

/// An amount of one currency in its minor units (pence, cents; whole yen).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Money {
    pub minor: i64,
    pub currency: CurrencyCode,
}

/// Why a calculation with money has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("an amount in {0} cannot be reckoned with one in {1}")]
    CurrencyMismatch(CurrencyCode, CurrencyCode),
    #[error("an amount of money is out of range")]
    OutOfRange,
    #[error("an amount in {0} has at most {1} decimals")]
    TooPrecise(CurrencyCode, u32),
    #[error("money cannot be shared out by weights that are negative, or all zero")]
    NoWeights,
}

impl Money {
    #[must_use]
    pub const fn new(minor: i64, currency: CurrencyCode) -> Self {
        Self { minor, currency }
    }

    #[must_use]
    pub const fn zero(currency: CurrencyCode) -> Self {
        Self::new(0, currency)
    }

    /// The amount that a decimal number names.
    ///
    /// # Errors
    /// [`MoneyError::TooPrecise`] if it has more decimals than the currency, zeros included.
    pub fn from_decimal(amount: Decimal, currency: CurrencyCode) -> Result<Self, MoneyError> {
        if amount.decimals > currency.decimals() {
            return Err(MoneyError::TooPrecise(currency, currency.decimals()));
        }
        amount.units(currency.decimals()).map(|minor| Self { minor, currency }).ok_or(MoneyError::OutOfRange)
    }

    /// The amount with exactly the currency's decimals: `10.00` EUR, `10` JPY.
    #[must_use]
    pub fn amount(self) -> Decimal {
        Decimal { units: self.minor, decimals: self.currency.decimals() }
    }

    /// # Errors
    /// If the currencies differ or the sum is out of range.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, ..self })
    }

    /// # Errors
    /// If the product is out of range.
    pub fn checked_mul(self, quantity: i32) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(i64::from(quantity)).ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, ..self })
    }

    /// The sum of amounts in one currency.
    ///
    /// # Errors
    /// If a currency differs or the sum is out of range.
    pub fn sum(amounts: impl IntoIterator<Item = Self>, currency: CurrencyCode) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// What falls on the first `part` of `whole` pieces, rounded down: what falls on two of them less what falls on one is what
    /// falls on the second, so that all pieces together come to the whole.
    ///
    /// ```
    /// # use agora::kernel::money::{CurrencyCode, Money};
    /// let ten = Money::new(1000, CurrencyCode::GBP);
    /// assert_eq!([1, 2, 3].map(|pieces| ten.upto(pieces, 3).minor), [333, 666, 1000]);
    /// ```
    #[must_use]
    pub fn upto(self, part: i64, whole: i64) -> Self {
        let product = i128::from(self.minor) * i128::from(part.clamp(0, whole.max(0)));
        // No more than the whole, so it is in range.
        let minor = i64::try_from(product.div_euclid(i128::from(whole.max(1)))).unwrap_or(self.minor);
        Self { minor, ..self }
    }

    /// Shares the amount out in proportion to `weights`, to the last minor unit: by the largest
    /// remainder, ties to the first. The shares always sum to the whole.
    ///
    /// ```
    /// # use agora::kernel::money::{CurrencyCode, Money};
    /// let ten = Money::new(1000, CurrencyCode::GBP);
    /// let shares: Vec<i64> = ten.allocate(&[1, 1, 1]).unwrap().iter().map(|share| share.minor).collect();
    /// assert_eq!(shares, [334, 333, 333]);
    /// ```
    ///
    /// # Errors
    /// [`MoneyError::NoWeights`] if a weight is negative or their sum is zero.
    pub fn allocate(self, weights: &[i64]) -> Result<Vec<Self>, MoneyError> {
        let total: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
        if total <= 0 || weights.iter().any(|&weight| weight < 0) {
            return Err(MoneyError::NoWeights);
        }
        let whole = i128::from(self.minor);
        let mut shares = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        for (place, &weight) in weights.iter().enumerate() {
            let product = whole * i128::from(weight);
            shares.push(product.div_euclid(total));
            remainders.push((std::cmp::Reverse(product.rem_euclid(total)), place));
        }
        remainders.sort_unstable();
        let left = whole - shares.iter().sum::<i128>();
        for &(_, place) in remainders.iter().take(usize::try_from(left).map_err(|_| MoneyError::OutOfRange)?) {
            if let Some(share) = shares.get_mut(place) {
                *share += 1;
            }
        }
        shares
            .into_iter()
            .map(|share| i64::try_from(share).map(|minor| Self { minor, ..self }).map_err(|_| MoneyError::OutOfRange))
            .collect()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

#[cfg(test)]
pub mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> CurrencyCode {
        code.parse().unwrap()
    }

    #[test]
    fn has_exactly_the_digits_of_its_currency() {
        for (minor, code, text) in
            [(1000, "EUR", "10.00"), (10, "JPY", "10"), (5, "KWD", "0.005"), (-150, "GBP", "-1.50"), (0, "EUR", "0.00")]
        {
            assert_eq!(Money::new(minor, currency(code)).amount().to_string(), text);
        }
    }

    #[test]
    fn refuses_more_digits_than_the_currency_has() {
        for (text, code) in [("10.000", "EUR"), ("1.0", "JPY"), ("0.0001", "KWD")] {
            let error = Money::from_decimal(text.parse().unwrap(), currency(code)).unwrap_err();
            assert!(matches!(error, MoneyError::TooPrecise(..)), "{text} {code}");
        }
        assert_eq!(Money::from_decimal("10".parse().unwrap(), currency("EUR")), Ok(Money::new(1000, currency("EUR"))));
        assert_eq!(
            Money::from_decimal("10.5".parse().unwrap(), currency("EUR")),
            Ok(Money::new(1050, currency("EUR")))
        );
    }

    #[test]
    fn a_decimal_is_digits_and_at_most_one_point() {
        for text in ["", ".", "1.", ".5", "1e3", "+1", "1,5", "--1", " 1", "1234567890123456789", "0x1", "१"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    #[test]
    fn unknown_currencies_and_those_without_money_are_refused() {
        for code in ["eur", "XXX", "", "EURO"] {
            assert!(code.parse::<CurrencyCode>().is_err(), "{code}");
        }
    }

    #[test]
    fn never_wraps_and_never_mixes() {
        let (eur, gbp) = (currency("EUR"), CurrencyCode::GBP);
        assert_eq!(Money::new(i64::MAX, eur).checked_add(Money::new(1, eur)), Err(MoneyError::OutOfRange));
        assert_eq!(Money::new(i64::MAX / 2, eur).checked_mul(3), Err(MoneyError::OutOfRange));
        assert_eq!(Money::new(1, eur).checked_add(Money::new(1, gbp)), Err(MoneyError::CurrencyMismatch(eur, gbp)));
        assert_eq!(Money::new(1, eur).allocate(&[0, 0]), Err(MoneyError::NoWeights));
        assert_eq!(Money::new(1, eur).allocate(&[2, -1]), Err(MoneyError::NoWeights));
    }

    /// With two decimals, with none, and with three.
    pub fn any_currency() -> impl Strategy<Value = CurrencyCode> {
        prop::sample::select(vec!["EUR", "JPY", "KWD", "GBP", "USD"]).prop_map(currency)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in -999_999_999_999_999_999_i64..=999_999_999_999_999_999, currency in any_currency()) {
            let money = Money::new(minor, currency);
            prop_assert_eq!(Money::from_decimal(money.amount().to_string().parse().unwrap(), currency), Ok(money));
        }

        #[test]
        fn shares_sum_to_the_whole_and_are_fair(
            minor: i64, currency in any_currency(),
            weights in prop::collection::vec(0_i64..1_000_000_000, 1..40).prop_filter("all zero", |weights| weights.iter().any(|&weight| weight > 0)),
        ) {
            let shares = Money::new(minor, currency).allocate(&weights).unwrap();
            prop_assert_eq!(shares.iter().map(|share| i128::from(share.minor)).sum::<i128>(), i128::from(minor));
            let total: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
            for (share, &weight) in shares.iter().zip(&weights) {
                let exact = i128::from(minor) * i128::from(weight);
                prop_assert!((i128::from(share.minor) * total - exact).abs() < total, "a share is off by a unit or more");
            }
        }

        #[test]
        fn pieces_come_to_the_whole_in_whatever_steps(minor in 0_i64..1_000_000_000_000, whole in 1_i64..10_000, cuts in prop::collection::vec(0_i64..10_000, 0..5)) {
            let money = Money::new(minor, CurrencyCode::GBP);
            let mut steps: Vec<_> = cuts.into_iter().map(|cut| cut % (whole + 1)).chain([0, whole]).collect();
            steps.sort_unstable();
            let shares = steps.windows(2).map(|pair| money.upto(pair[1], whole).minor - money.upto(pair[0], whole).minor);
            let shares: Vec<_> = shares.collect();
            prop_assert!(shares.iter().all(|&share| share >= 0));
            prop_assert_eq!(shares.iter().sum::<i64>(), minor);
            prop_assert_eq!(money.upto(1, 0).minor, 0);
        }

        #[test]
        fn equal_weights_differ_by_a_unit_and_the_first_get_it(minor in 0_i64..1_000_000, parts in 1_usize..50) {
            let shares = Money::new(minor, CurrencyCode::GBP).allocate(&vec![1; parts]).unwrap();
            prop_assert!(shares.windows(2).all(|pair| pair[0].minor == pair[1].minor || pair[0].minor == pair[1].minor + 1));
        }

        #[test]
        fn every_number_of_units_is_written(units: i64, decimals in 0_u32..=18) {
            let text = Decimal { units, decimals }.to_string();
            prop_assert_eq!(text.replace('.', "").parse(), Ok(units));
            let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
            prop_assert_eq!(fraction.len(), usize::try_from(decimals).unwrap());
        }

        #[test]
        fn reading_a_decimal_never_panics(text: String) {
            let _ = text.parse::<Decimal>();
        }
    }
}
