//! What banks of buyers take back.

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Fee, PaymentIntent};
use crate::{
    kernel::{
        id::{Entity, Id},
        money::{CurrencyCode, Money},
    },
    platform::{clock::Time, jobs::JobBody},
    schema::payment_disputes,
    text_enum,
};

text_enum! {
    /// How far a dispute has come. New states may appear at any time.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "PaymentDisputeStatus")]
    pub enum DisputeStatus {
        /// The bank waits for what the market has to say, until `dueAt`.
        NeedsResponse = "NEEDS_RESPONSE",
        /// The bank looks into it.
        UnderReview = "UNDER_REVIEW",
        /// The payment stands.
        Won = "WON",
        /// The buyer has their money back.
        Lost = "LOST",
    }
}

impl DisputeStatus {
    pub const OPEN: [Self; 2] = [Self::NeedsResponse, Self::UnderReview];

    /// Whether it is not decided yet.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::NeedsResponse | Self::UnderReview)
    }

    const fn rank(self) -> u8 {
        match self {
            Self::NeedsResponse => 0,
            Self::UnderReview => 1,
            Self::Won | Self::Lost => 2,
        }
    }
}

text_enum! {
    /// Where the money of a dispute is.
    pub enum DisputeMoney {
        /// The provider has not taken it: the bank only asks so far, or the dispute came to nothing.
        Untouched = "UNTOUCHED",
        /// The provider has taken it from the market.
        Taken = "TAKEN",
        /// The provider has given it to the market again.
        Returned = "RETURNED",
    }
}

impl DisputeMoney {
    const fn rank(self) -> u8 {
        match self {
            Self::Untouched => 0,
            Self::Taken => 1,
            Self::Returned => 2,
        }
    }
}

/// How a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisputeStanding {
    pub status: DisputeStatus,
    pub money: DisputeMoney,
}

impl DisputeStanding {
    /// Whether one that stands so now can have stood like the other before. Money goes one way, and with it the status: so what is told
    /// twice, or late, changes nothing.
    pub const fn follows(self, other: Self) -> bool {
        let (new, old) = (self.money.rank(), other.money.rank());
        new > old || new == old && self.status.rank() > other.status.rank()
    }
}

/// A payment that its buyer's bank takes back, or wants to.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = payment_disputes)]
pub struct Dispute {
    pub id: Id<Dispute>,
    pub intent_id: Id<PaymentIntent>,
    pub order_id: Uuid,
    /// What the provider calls it.
    pub reference: String,
    pub amount: i64,
    pub currency: CurrencyCode,
    /// A word of the provider's.
    pub reason: Option<String>,
    pub status: DisputeStatus,
    pub money: DisputeMoney,
    pub due_by: Option<Time>,
    pub created_at: Time,
}

impl Entity for Dispute {
    const PREFIX: &'static str = "dispute";
}

impl Dispute {
    /// Characters of the longest reason.
    pub const REASON: usize = 60;

    pub const fn standing(&self) -> DisputeStanding {
        DisputeStanding { status: self.status, money: self.money }
    }

    /// Where it stands in a list by when something has to be said to it, of which those stand last that have no such time.
    pub fn place(&self) -> (Time, Uuid) {
        // As the index has it: the last day of 9999.
        let never = Time::from_timestamp(253_402_214_400, 0).unwrap_or_default();
        (self.due_by.unwrap_or(never), self.id.uuid())
    }

    pub const fn amount(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// Whether something is still to be heard of it, so that the provider is asked again and again.
    pub const fn is_watched(&self) -> bool {
        self.status.is_open() || matches!((self.status, self.money), (DisputeStatus::Won, DisputeMoney::Taken))
    }
}

/// A dispute by the provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldDispute {
    pub reference: String,
    pub amount: Money,
    pub reason: Option<String>,
    pub standing: DisputeStanding,
    pub due_by: Option<Time>,
    /// When it began; none if the provider does not say.
    pub since: Option<Time>,
    /// What the provider charges for it, so far.
    pub fees: Vec<Fee>,
}

/// Asks the provider about the disputes of a payment. What it says is for the domain that knows what was paid.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct AskAboutDisputes {
    pub payment: Id<PaymentIntent>,
}

impl JobBody for AskAboutDisputes {
    const KIND: &'static str = "orders.ask_about_disputes";
}

impl AskAboutDisputes {
    /// While one is due, no second one is made.
    pub fn key(&self) -> String {
        format!("{} {}", Self::KIND, self.payment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_twice_or_late_follows_nothing() {
        use DisputeMoney::{Returned, Taken, Untouched};
        use DisputeStatus::{Lost, NeedsResponse, UnderReview, Won};
        let stands = |(status, money)| DisputeStanding { status, money };
        // Each as it comes, from a bank that only asks to one that gives it again.
        for way in [
            &[(NeedsResponse, Untouched), (UnderReview, Untouched), (Won, Untouched)][..],
            &[(UnderReview, Untouched), (NeedsResponse, Taken), (UnderReview, Taken), (Lost, Taken)],
            &[(NeedsResponse, Taken), (Won, Taken), (Won, Returned)],
            &[(NeedsResponse, Taken), (Lost, Taken), (Won, Returned)],
            &[(Won, Untouched), (NeedsResponse, Taken)],
        ] {
            for (place, now) in way.iter().enumerate() {
                for (other, before) in way.iter().enumerate() {
                    assert_eq!(stands(*now).follows(stands(*before)), place > other, "{before:?} {now:?}");
                }
            }
        }
        let (lost, won) = (stands((Lost, Taken)), stands((Won, Taken)));
        assert!(!lost.follows(won) && !won.follows(lost));
        assert!(NeedsResponse.is_open() && UnderReview.is_open() && !Won.is_open() && !Lost.is_open());
    }
}
