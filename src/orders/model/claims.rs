//! What buyers complain of, and what of it may happen next.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};

use super::{FulfillmentState, Order, OrderPart};
use crate::{
    kernel::{
        id::{Entity, Id},
        money::CurrencyCode,
    },
    messages::model::OrderStep,
    platform::clock::Time,
    schema::claims,
    shops::model::Shop,
    text_enum,
};

text_enum! {
    /// What a buyer complains of. New kinds may appear at any time.
    #[derive(async_graphql::Enum)]
    pub enum ClaimKind {
        /// It has not arrived, or not all of it.
        NotReceived = "NOT_RECEIVED",
        /// It is not what was described, or it is broken.
        NotAsDescribed = "NOT_AS_DESCRIBED",
    }
}

text_enum! {
    /// How far a claim has come.
    #[derive(async_graphql::Enum)]
    pub enum ClaimStatus {
        /// It waits for the shop's answer.
        Open = "OPEN",
        /// It waits for what the buyer thinks of the shop's answer.
        Answered = "ANSWERED",
        /// It waits for the decision of the market's staff.
        Escalated = "ESCALATED",
        /// The market's staff have decided.
        Decided = "DECIDED",
        /// The buyer asks for nothing more, has got what they wanted, or did not answer in time.
        Closed = "CLOSED",
    }
}

impl ClaimStatus {
    /// To what somebody may move it next.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Open => &[Self::Answered, Self::Closed],
            Self::Answered => &[Self::Escalated, Self::Closed],
            Self::Escalated => &[Self::Decided, Self::Closed],
            Self::Decided | Self::Closed => &[],
        }
    }

    /// Whether it waits for nobody any more.
    pub const fn is_over(self) -> bool {
        self.next().is_empty()
    }

    /// By which step it came to this.
    pub const fn step(self) -> OrderStep {
        match self {
            Self::Open => OrderStep::ClaimOpened,
            Self::Answered => OrderStep::ClaimAnswered,
            Self::Escalated => OrderStep::ClaimEscalated,
            Self::Decided => OrderStep::ClaimDecided,
            Self::Closed => OrderStep::ClaimClosed,
        }
    }

    /// To what it goes on by itself, and after how long.
    pub const fn lapses(self) -> Option<(Self, TimeDelta)> {
        match self {
            Self::Open => Some((Self::Escalated, TimeDelta::days(3))),
            Self::Answered => Some((Self::Closed, TimeDelta::days(7))),
            Self::Escalated | Self::Decided | Self::Closed => None,
        }
    }
}

text_enum! {
    /// What the market's staff think of a claim.
    #[derive(async_graphql::Enum)]
    pub enum ClaimDecision {
        /// The buyer is right: money goes back.
        ForBuyer = "FOR_BUYER",
        /// The shop is right.
        ForShop = "FOR_SHOP",
    }
}

/// A complaint of a buyer about a part.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Claim {
    pub id: Id<Claim>,
    pub part_id: Id<OrderPart>,
    pub shop_id: Id<Shop>,
    pub kind: ClaimKind,
    pub status: ClaimStatus,
    /// What is wanted back, in minor units.
    pub amount: i64,
    pub currency: CurrencyCode,
    /// What of the part has gone back while it was open, by whatever way.
    pub refunded: i64,
    pub decision: Option<ClaimDecision>,
    /// When it goes on by itself.
    pub due_at: Option<Time>,
    pub created_at: Time,
}

impl Entity for Claim {
    const PREFIX: &'static str = "claim";
}

impl Claim {
    /// Claims about one part at the most.
    pub const MAXIMUM: usize = 10;
    /// For how long after an order was placed its buyer can complain of it.
    pub const WINDOW: TimeDelta = TimeDelta::days(180);
    /// After how long something can be missed of which nothing was sent.
    pub const PATIENCE: TimeDelta = TimeDelta::days(7);

    /// What is wanted back and has not gone back yet, in minor units.
    pub const fn left(&self) -> i64 {
        self.amount - self.refunded
    }
}

impl ClaimKind {
    /// Whether a buyer can complain of this about a part that was agreed so long ago.
    pub fn is_possible(self, state: FulfillmentState, age: TimeDelta) -> bool {
        let is_sent = matches!(
            state,
            FulfillmentState::PartiallyShipped
                | FulfillmentState::Shipped
                | FulfillmentState::Delivered
                | FulfillmentState::Returned
        );
        age <= Claim::WINDOW && (is_sent || self == Self::NotReceived && age >= Claim::PATIENCE)
    }
}

/// A claim and the order that it is about.
#[derive(Debug, Clone)]
pub struct FullClaim {
    pub row: Claim,
    pub order: Id<Order>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_missed_too_early_or_too_late() {
        use ClaimKind::{NotAsDescribed, NotReceived};
        use FulfillmentState::{Delivered, Packed, Unfulfilled};
        let days = TimeDelta::days;
        for (kind, state, age, is_possible) in [
            (NotReceived, Unfulfilled, days(6), false),
            (NotReceived, Packed, days(7), true),
            (NotReceived, Delivered, days(0), true),
            (NotAsDescribed, Unfulfilled, days(30), false),
            (NotAsDescribed, Delivered, days(180), true),
            (NotAsDescribed, Delivered, days(181), false),
        ] {
            assert_eq!(kind.is_possible(state, age), is_possible, "{kind:?} {state:?} {age}");
        }
    }

    #[test]
    fn a_claim_that_waits_for_people_goes_on_by_itself_in_the_end() {
        let mut status = ClaimStatus::Open;
        while let Some((next, after)) = status.lapses() {
            assert!(after > TimeDelta::zero() && !status.next().is_empty(), "{status:?}");
            status = next;
        }
        assert_eq!(status, ClaimStatus::Escalated, "which waits for the staff");
        assert_eq!(ClaimStatus::Answered.lapses().map(|(next, _)| next), Some(ClaimStatus::Closed));
    }
}
