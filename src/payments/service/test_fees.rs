//! What the test provider keeps for its work, as it is written here.

use crate::{
    kernel::{
        money::{CurrencyCode, Money},
        rate::Rate,
    },
    payments::model::{DisputeMoney, DisputeStanding},
};

/// Of each payment 1.4 %, rounded to the nearest minor unit, halves up,
const SHARE: i32 = 140;
/// and 0.25 of the currency's unit, rounded down.
const BESIDE: i64 = 25;
/// For each dispute for which money was taken 15.00 of it, rounded down; it does not come back if the dispute is won.
const DISPUTE: i64 = 1_500;

/// What it keeps of a payment: never more than that.
pub(super) fn of_payment(amount: Money) -> i64 {
    let share = Rate::from_basis_points(SHARE).unwrap_or_default().of(amount);
    share.minor.saturating_add(hundredths(BESIDE, amount.currency)).clamp(0, amount.minor.max(0))
}

/// What it charges for a dispute that stands so.
pub(super) fn of_dispute(standing: DisputeStanding, currency: CurrencyCode) -> Option<i64> {
    (standing.money != DisputeMoney::Untouched).then(|| hundredths(DISPUTE, currency))
}

/// So many hundredths of a currency's unit, in its minor units.
fn hundredths(many: i64, currency: CurrencyCode) -> i64 {
    10_i64.saturating_pow(currency.decimals()).saturating_mul(many) / 100
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::model::DisputeStatus;

    #[test]
    fn what_is_kept_is_scaled_to_the_currency_and_rounded_as_it_says() {
        for (amount, currency, kept) in [
            (1_200, "GBP", 42),
            // 0.5 of a penny is a penny, 0.49 none.
            (1_250, "GBP", 43),
            (1_249, "GBP", 42),
            (10, "GBP", 10),
            (0, "GBP", 0),
            (1_000, "JPY", 14),
            (12_000, "KWD", 418),
        ] {
            assert_eq!(of_payment(Money::new(amount, currency.parse().unwrap())), kept, "{amount} {currency}");
        }
        let stands = |money| DisputeStanding { status: DisputeStatus::Lost, money };
        for (money, currency, charged) in [
            (DisputeMoney::Untouched, "GBP", None),
            (DisputeMoney::Taken, "GBP", Some(1_500)),
            (DisputeMoney::Returned, "JPY", Some(15)),
            (DisputeMoney::Taken, "KWD", Some(15_000)),
        ] {
            assert_eq!(of_dispute(stands(money), currency.parse().unwrap()), charged, "{money} {currency}");
        }
    }
}
