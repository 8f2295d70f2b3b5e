//! What buyers send back, and what of it may happen next.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};

use super::{Order, OrderLine, OrderPart};
use crate::{
    kernel::id::{Entity, Id},
    messages::model::OrderStep,
    platform::clock::Time,
    schema::{return_lines, returns},
    shops::model::Shop,
    text_enum,
};

text_enum! {
    /// How far a return has come.
    #[derive(async_graphql::Enum)]
    pub enum ReturnStatus {
        /// It waits for the shop's answer.
        Requested = "REQUESTED",
        /// The pieces may come back.
        Approved = "APPROVED",
        /// The shop does not take them back.
        Declined = "DECLINED",
        /// The buyer keeps them after all.
        Withdrawn = "WITHDRAWN",
        /// They have come back.
        Received = "RECEIVED",
    }
}

impl ReturnStatus {
    /// What may happen to it next.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Requested => &[Self::Approved, Self::Declined, Self::Withdrawn],
            // What never came is declined in the end.
            Self::Approved => &[Self::Received, Self::Declined, Self::Withdrawn],
            Self::Declined | Self::Withdrawn | Self::Received => &[],
        }
    }

    /// By which step it came to this.
    pub const fn step(self) -> OrderStep {
        match self {
            Self::Requested => OrderStep::ReturnRequested,
            Self::Approved => OrderStep::ReturnApproved,
            Self::Declined => OrderStep::ReturnDeclined,
            Self::Withdrawn => OrderStep::ReturnWithdrawn,
            Self::Received => OrderStep::ReturnReceived,
        }
    }
}

text_enum! {
    /// Why something comes back. New reasons may appear at any time.
    #[derive(async_graphql::Enum)]
    pub enum ReturnReason {
        /// It is not wanted any more.
        ChangedMind = "CHANGED_MIND",
        /// It does not fit.
        DoesNotFit = "DOES_NOT_FIT",
        /// It is broken.
        Damaged = "DAMAGED",
        /// It is something else than was ordered.
        WrongItem = "WRONG_ITEM",
        /// It is not what was described.
        NotAsDescribed = "NOT_AS_DESCRIBED",
        /// Something else.
        Other = "OTHER",
    }
}

/// Pieces of a part that come back together.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Return {
    pub id: Id<Return>,
    pub part_id: Id<OrderPart>,
    pub shop_id: Id<Shop>,
    pub status: ReturnStatus,
    pub reason: ReturnReason,
    /// What went back for it, in minor units of the order's currency.
    pub refunded: i64,
    pub created_at: Time,
}

impl Entity for Return {
    const PREFIX: &'static str = "return";
}

impl Return {
    /// Returns of one part at the most.
    pub const MAXIMUM: i64 = 20;
}

/// Pieces of a line that come back.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct ReturnLine {
    pub return_id: Id<Return>,
    pub line_id: Id<OrderLine>,
    pub quantity: i32,
    /// How many of them came.
    pub received: i32,
    /// How many of those went back into stock.
    pub restocked: i32,
}

/// A return and what it consists of.
#[derive(Debug, Clone)]
pub struct FullReturn {
    pub row: Return,
    pub order: Id<Order>,
    pub lines: Vec<ReturnLine>,
}

/// So many pieces of a line that arrived at some moment.
pub type Arrival = (Id<OrderLine>, i32, Option<Time>);

/// How many pieces of a line can come back of what arrived within a while, if so many are coming back already. Those may be others, which
/// arrived before: which of them came when, nobody can tell.
pub fn returnable(line: &OrderLine, arrivals: &[Arrival], within: TimeDelta, now: Time) -> i32 {
    let own = arrivals.iter().filter(|(of, ..)| *of == line.id);
    let all: i32 = own.clone().map(|(_, quantity, _)| quantity).sum();
    let lately = own.filter(|(.., at)| at.is_some_and(|at| now - at <= within));
    lately.map(|(_, quantity, _)| quantity).sum::<i32>().min(all - line.returned)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::orders::model::OrderLineKind;

    #[test]
    fn what_arrived_lately_can_come_back_once() {
        let now: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let line = |returned| OrderLine {
            id: Id::from_uuid(Uuid::nil()),
            part_id: Id::from_uuid(Uuid::nil()),
            ordinal: 0,
            kind: OrderLineKind::Goods,
            product_id: None,
            variant_id: None,
            title: String::new(),
            sku: String::new(),
            quantity: 9,
            unit_price: 1,
            total: 9,
            packed: 9,
            cancelled: 0,
            returned,
            dropped: 0,
            charge: crate::orders::model::Charge::default(),
        };
        let id = line(0).id;
        let arrivals = [
            (id, 2, Some(now - TimeDelta::days(31))),
            (id, 3, Some(now - TimeDelta::days(30))),
            (id, 1, Some(now)),
            (Id::from_uuid(Uuid::max()), 7, Some(now)),
        ];
        for (returned, left) in [(0, 4), (2, 4), (3, 3), (6, 0)] {
            assert_eq!(returnable(&line(returned), &arrivals, TimeDelta::days(30), now), left, "{returned}");
        }
    }

    #[test]
    fn what_is_over_goes_nowhere() {
        for status in [ReturnStatus::Declined, ReturnStatus::Withdrawn, ReturnStatus::Received] {
            assert!(status.next().is_empty());
        }
        assert!(!ReturnStatus::Requested.next().contains(&ReturnStatus::Received));
    }
}
