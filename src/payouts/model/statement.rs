//! What moved on a shop's account in a month.

use crate::{
    kernel::{date::Date, money::CurrencyCode, place::TimeZone},
    payments::model::TransferCause,
    platform::clock::Time,
};

/// A month as it begins and ends somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    pub first: Date,
    pub last: Date,
    pub start: Time,
    /// The first moment after it.
    pub end: Time,
}

impl Month {
    /// The one that has this day.
    pub fn of(day: Date, zone: TimeZone) -> Self {
        let (first, last) = day.month();
        Self { first, last, start: zone.start_of(first), end: zone.end_of(last) }
    }
}

/// What moved for one reason, in minor units: came, or left if it is below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entries {
    pub cause: TransferCause,
    pub amount: i64,
    pub count: i64,
}

impl Entries {
    fn are_payouts(&self) -> bool {
        matches!(self.cause, TransferCause::Payout | TransferCause::PayoutReturned)
    }
}

/// What moved on a shop's account in a month, by the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub month: Month,
    pub currency: CurrencyCode,
    /// The balance when it began.
    pub opening: i64,
    /// All that moved, by its reason.
    pub entries: Vec<Entries>,
}

impl Statement {
    /// What was earned and what was taken back: all but payouts.
    pub fn earned(&self) -> impl Iterator<Item = &Entries> {
        self.entries.iter().filter(|entries| !entries.are_payouts())
    }

    /// What was paid out, less what came back of it.
    pub fn paid_out(&self) -> i64 {
        -self.entries.iter().filter(|entries| entries.are_payouts()).map(|entries| entries.amount).sum::<i64>()
    }

    /// The balance when it ended.
    pub fn closing(&self) -> i64 {
        self.opening + self.entries.iter().map(|entries| entries.amount).sum::<i64>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CAUSES: [TransferCause; 5] = [
        TransferCause::Sale,
        TransferCause::Commission,
        TransferCause::Refund,
        TransferCause::Payout,
        TransferCause::PayoutReturned,
    ];

    proptest! {
        #[test]
        fn a_statement_adds_up(
            opening in -1_000_000_i64..1_000_000,
            amounts in prop::array::uniform5(-1_000_000_i64..1_000_000),
        ) {
            let entries = CAUSES.into_iter().zip(amounts);
            let entries = entries.map(|(cause, amount)| Entries { cause, amount, count: 1 }).collect();
            let month = Month::of("2026-11-20".parse().unwrap(), TimeZone::UTC);
            let statement = Statement { month, currency: CurrencyCode::GBP, opening, entries };
            let earned: i64 = statement.earned().map(|entries| entries.amount).sum();
            prop_assert_eq!(statement.earned().count(), 3);
            prop_assert_eq!(opening + earned - statement.paid_out(), statement.closing());
        }
    }

    #[test]
    fn months_follow_each_other() {
        let month = |day: &str| Month::of(day.parse().unwrap(), TimeZone::UTC);
        assert_eq!(month("2026-11-30"), month("2026-11-01"));
        assert_eq!(month("2026-11-20").end, month("2026-12-20").start);
    }
}
