//! Amounts as Stripe writes them: whole numbers, of units that are not always those of ISO 4217.

use crate::kernel::money::{CurrencyCode, Money};

/// Currencies whose amounts have no decimals there.
const NONE: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Currencies whose amounts have three. The last one must be zero: else the amount is one that cannot be asked for.
const THREE: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// What is said of these contradicts itself, and one would be charged a hundredfold. They are not taken.
const UNCERTAIN: [&str; 1] = ["UGX"];

fn decimals(currency: CurrencyCode) -> Option<u32> {
    let code = currency.to_string();
    let is_among = |codes: &[&str]| codes.contains(&code.as_str());
    if is_among(&UNCERTAIN) {
        return None;
    }
    // The Icelandic crown has none either, and is written with two there.
    Some(if is_among(&NONE) {
        0
    } else if is_among(&THREE) {
        3
    } else {
        2
    })
}

/// An amount as Stripe takes it; none if it takes no such amount. Nothing is ever rounded.
pub fn to_stripe(amount: Money) -> Option<i64> {
    let (ours, theirs) = (amount.currency.decimals(), decimals(amount.currency)?);
    let units = shifted(amount.minor, ours, theirs)?;
    (units > 0 && (theirs < 3 || units % 10 == 0)).then_some(units)
}

/// Of how many of our units each amount that Stripe takes is a multiple.
pub fn step(currency: CurrencyCode) -> i64 {
    let (ours, theirs) = (currency.decimals(), decimals(currency));
    let whole = theirs.and_then(|theirs| 10_i64.checked_pow(ours.saturating_sub(theirs))).unwrap_or(1);
    if theirs == Some(3) { 10 * whole } else { whole }
}

/// The amount that Stripe's number stands for; none if we have no such amount.
pub fn from_stripe(units: i64, currency: CurrencyCode) -> Option<Money> {
    shifted(units, decimals(currency)?, currency.decimals()).map(|minor| Money::new(minor, currency))
}

/// Units of so many decimals as units of so many others, if they are whole.
fn shifted(units: i64, from: u32, to: u32) -> Option<i64> {
    if to >= from {
        return units.checked_mul(10_i64.checked_pow(to - from)?);
    }
    let by = 10_i64.checked_pow(from - to)?;
    (units % by == 0).then_some(units / by)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().unwrap())
    }

    #[test]
    fn amounts_are_in_stripes_units_or_not_taken() {
        for (minor, code, units) in [
            (1_000, "GBP", Some(1_000)),
            (500, "JPY", Some(500)),
            // Two decimals with ISO, none with Stripe.
            (500, "MGA", Some(5)),
            (550, "MGA", None),
            // None with ISO, two with Stripe.
            (5, "ISK", Some(500)),
            (5_120, "KWD", Some(5_120)),
            (5_124, "KWD", None),
            (5, "UGX", None),
            (0, "GBP", None),
            (-1, "GBP", None),
            (i64::MAX, "ISK", None),
        ] {
            assert_eq!(to_stripe(money(minor, code)), units, "{minor} {code}");
        }
        for (code, expected) in [("GBP", 1), ("JPY", 1), ("ISK", 1), ("KWD", 10), ("IQD", 10), ("MGA", 100), ("UGX", 1)]
        {
            assert_eq!(step(code.parse().unwrap()), expected, "{code}");
        }
        assert_eq!(from_stripe(500, "ISK".parse().unwrap()), Some(money(5, "ISK")));
        assert_eq!(from_stripe(550, "ISK".parse().unwrap()), None);
        assert_eq!(from_stripe(0, "GBP".parse().unwrap()), Some(money(0, "GBP")));
    }

    proptest! {
        #[test]
        fn what_is_taken_is_a_multiple_of_the_step_and_so_are_its_parts(
            minor in 1..1_000_000_i64,
            code in prop::sample::select(vec!["GBP", "JPY", "KWD", "IQD", "MGA", "ISK", "XAF"]),
        ) {
            let amount = money(minor, code);
            prop_assert_eq!(to_stripe(amount).is_some(), minor % step(amount.currency) == 0);
        }

        #[test]
        fn what_is_asked_for_is_what_is_understood(
            minor in any::<i64>(),
            code in prop::sample::select(vec!["GBP", "EUR", "JPY", "KWD", "MGA", "ISK", "TWD", "HUF", "XAF"]),
        ) {
            let amount = money(minor, code);
            if let Some(units) = to_stripe(amount) {
                prop_assert_eq!(from_stripe(units, amount.currency), Some(amount));
            }
        }
    }
}
