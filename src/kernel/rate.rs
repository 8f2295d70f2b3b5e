//! Shares of money.

use std::str::FromStr;

use super::money::{Decimal, Money};

/// A share of something, in hundredths of a percent: at least nothing, at most all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rate(u16);

impl Rate {
    const WHOLE: u16 = 10_000;

    /// So many hundredths of a percent; none if that is less than nothing or more than all.
    #[must_use]
    pub fn from_basis_points(points: i32) -> Option<Self> {
        u16::try_from(points).ok().filter(|&points| points <= Self::WHOLE).map(Self)
    }

    #[must_use]
    pub fn basis_points(self) -> i32 {
        self.0.into()
    }

    /// As people write it: `12.5`.
    #[must_use]
    pub fn percent(self) -> Decimal {
        Decimal::shortest(self.0.into(), 2)
    }

    /// This share of an amount, rounded to the nearest minor unit, halves away from zero.
    ///
    /// ```
    /// # use agora::kernel::{money::{CurrencyCode, Money}, rate::Rate};
    /// let rate: Rate = "12.5".parse().unwrap();
    /// assert_eq!(rate.of(Money::new(1_000, CurrencyCode::GBP)).minor, 125);
    /// assert_eq!(rate.of(Money::new(20, CurrencyCode::GBP)).minor, 3);
    /// ```
    #[must_use]
    pub fn of(self, whole: Money) -> Money {
        let product = i128::from(whole.minor) * i128::from(self.0);
        let half = i128::from(Self::WHOLE / 2) * product.signum();
        // A share is no larger than the whole, so it is in range.
        let minor = i64::try_from((product + half) / i128::from(Self::WHOLE)).unwrap_or(whole.minor);
        Money { minor, ..whole }
    }
}

/// A text that is no percentage from 0 to 100 with at most two decimals.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a percentage from 0 to 100 with at most two decimals, such as 12.5")]
pub struct InvalidRate;

impl TryFrom<Decimal> for Rate {
    type Error = InvalidRate;

    fn try_from(percent: Decimal) -> Result<Self, InvalidRate> {
        let points = percent.units(2).and_then(|points| i32::try_from(points).ok());
        points.and_then(Self::from_basis_points).ok_or(InvalidRate)
    }
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        text.parse::<Decimal>().map_err(|_| InvalidRate)?.try_into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::money::CurrencyCode;

    #[test]
    fn a_rate_is_a_percentage_with_two_decimals() {
        for (text, points) in [("0", 0), ("12.5", 1_250), ("7.25", 725), ("100", 10_000)] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!((rate.basis_points(), rate.percent().to_string().as_str()), (points, text));
        }
        for text in ["", "-1", "100.01", "1.234", "12,5", "12%"] {
            assert_eq!(text.parse::<Rate>(), Err(InvalidRate), "{text}");
        }
        assert_eq!(Rate::from_basis_points(10_001), None);
        assert_eq!(Rate::from_basis_points(-1), None);
    }

    proptest! {
        #[test]
        fn a_share_is_the_nearest_unit_and_never_more_than_the_whole(minor: i64, points in 0_i32..=10_000) {
            let share = Rate::from_basis_points(points).unwrap().of(Money::new(minor, CurrencyCode::GBP));
            prop_assert!(share.minor.unsigned_abs() <= minor.unsigned_abs());
            let exact = i128::from(minor) * i128::from(points);
            prop_assert!((i128::from(share.minor) * 10_000 - exact).abs() * 2 <= 10_000);
        }
    }
}
