//! What of a part's money has left for its shop. Payouts name no parts: money leaves by the order in which it came, the oldest first. So what
//! is still on the account is what came last.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Timestamptz, Uuid as SqlUuid},
};
use uuid::Uuid;

use super::{Explained, ExplanationStep, Moved, OrderPart};
use crate::{kernel::id::Id, platform::clock::Time};

/// How the account of a shop stands on which a part has brought something, and where that stands on it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct OnAccount {
    #[diesel(sql_type = SqlUuid)]
    pub part_id: Id<OrderPart>,
    #[diesel(sql_type = SqlUuid)]
    pub account_id: Uuid,
    /// When the part was sold, and by which transfer.
    #[diesel(sql_type = Timestamptz)]
    pub sold_at: Time,
    #[diesel(sql_type = SqlUuid)]
    pub sale_id: Uuid,
    /// What the market owes the shop; below zero, what that owes.
    #[diesel(sql_type = BigInt)]
    pub balance: i64,
    /// What has left since the part was sold, did not arrive, and has not left again.
    #[diesel(sql_type = BigInt)]
    pub returned: i64,
}

/// What some parts that were sold later have brought, the last of them first.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct SoldLater {
    #[diesel(sql_type = SqlUuid)]
    pub part_id: Id<OrderPart>,
    /// How many parts.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// What they have brought, without those that have brought less than nothing.
    #[diesel(sql_type = BigInt)]
    pub brought: i64,
    /// Where the first of them stands.
    #[diesel(sql_type = Timestamptz)]
    pub sold_at: Time,
    #[diesel(sql_type = SqlUuid)]
    pub sale_id: Uuid,
}

/// Looking for what was sold later, until it is known what of a part is left, or it is too much.
#[derive(Debug, Clone)]
pub struct Search {
    pub on: OnAccount,
    /// What was found by now.
    pub later: i64,
    /// Before where it goes on; none at the end of the account.
    pub before: Option<(Time, Uuid)>,
    found: i64,
    is_at_the_part: bool,
}

impl Search {
    /// Parts that are looked at in one statement.
    pub const CHUNK: i64 = 500;
    /// Parts that are looked at.
    const MOST: i64 = 10_000;

    pub fn new(on: OnAccount) -> Self {
        Self { on, later: 0, before: None, found: 0, is_at_the_part: false }
    }

    /// Goes on by what was found; nothing, if there was nothing more.
    pub fn note(&mut self, found: Option<&SoldLater>) {
        let Some(found) = found else {
            self.is_at_the_part = true;
            return;
        };
        self.later = self.later.saturating_add(found.brought);
        self.found += found.count;
        self.before = Some((found.sold_at, found.sale_id));
        self.is_at_the_part = found.count < Self::CHUNK;
    }

    /// Whether it is known what of the part is left: all that was sold later is found, or is more than there is.
    pub fn is_done(&self) -> bool {
        self.is_at_the_part || self.later >= self.on.balance
    }

    /// Whether to look on.
    pub fn goes_on(&self) -> bool {
        !self.is_done() && self.found < Self::MOST
    }
}

/// What moved on the account of a part's shop for it.
#[derive(Debug, Clone, Default)]
pub struct Books {
    pub moved: Vec<Moved>,
    /// What has to be known of the account to say what has left; none if nothing came, or too much came since and is still there.
    pub search: Option<Search>,
}

/// What has become of what a part has brought, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// What has left for the shop, or made up for what that owed.
    pub paid_out: i64,
    /// What of that has come back, and not left again.
    pub returned: i64,
    /// What is still on the account.
    pub held: i64,
}

impl Left {
    /// What is left of a part that has `brought` so much, where there is a `balance`, of which so much has come back from payouts, and
    /// so much was brought by parts that were sold `later`.
    pub fn of(brought: i64, (balance, returned): (i64, i64), later: i64) -> Self {
        // Who has brought less than nothing has nothing on the account.
        let held_of = |balance: i64| balance.saturating_sub(later).clamp(0, brought.max(0));
        let (held, before) = (held_of(balance), held_of(balance.saturating_sub(returned)));
        Self { paid_out: brought - before, returned: held - before, held }
    }
}

/// What of a part's money has left for its shop.
pub fn explain_payouts(part: Id<OrderPart>, moved: &[Moved], search: &Search) -> Vec<Explained> {
    let brought: i64 = moved.iter().map(|moved| moved.amount).sum();
    if brought <= 0 {
        return Vec::new();
    }
    let Left { paid_out, returned, held } = Left::of(brought, (search.on.balance, search.on.returned), search.later);
    let told = [
        (ExplanationStep::PaidOut, -paid_out),
        (ExplanationStep::PayoutReturned, returned),
        (ExplanationStep::Held, held),
    ];
    let told = told.into_iter().filter(|(_, amount)| *amount != 0);
    told.map(|(step, amount)| Explained { part: Some(part), ..Explained::new(step, amount) }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is left of each part, the oldest first.
    fn all(brought: &[i64], balance: i64, returned: i64) -> Vec<Left> {
        let later = |place: usize| brought.iter().skip(place + 1).map(|brought| (*brought).max(0)).sum();
        let left = |(place, brought): (usize, &i64)| Left::of(*brought, (balance, returned), later(place));
        brought.iter().enumerate().map(left).collect()
    }

    proptest! {
        #[test]
        fn what_is_told_of_the_parts_is_what_was_paid_out(
            brought in prop::collection::vec(-1_000_i64..10_000, 1..30), sent in 0_i64..400_000, returned in 0_i64..100_000,
        ) {
            let came: i64 = brought.iter().sum();
            let balance = came - sent;
            // All that was ever paid out is what did not come back, and what did.
            let left = all(&brought, balance, returned);
            let sum = |of: fn(&Left) -> i64| left.iter().map(of).sum::<i64>();
            let (held, paid, back) = (sum(|left| left.held), sum(|left| left.paid_out), sum(|left| left.returned));
            // Below zero there is nothing on the account; then as much more has left as the shop owes.
            prop_assert_eq!(held, balance.max(0));
            prop_assert_eq!(paid - back, sent + balance.min(0));
            prop_assert!(back <= returned);
            for (left, brought) in left.iter().zip(&brought) {
                prop_assert_eq!(left.paid_out - left.returned + left.held, *brought);
                prop_assert!(left.returned >= 0 && left.held >= 0 && left.held <= (*brought).max(0));
                prop_assert!(left.paid_out <= *brought && (*brought < 0 || left.paid_out >= 0));
            }
            // The oldest first: after one of which anything is left, nothing has left.
            let good = left.iter().zip(&brought).filter(|(_, brought)| **brought > 0).map(|(left, _)| left);
            let first = good.clone().position(|left| left.held > 0);
            prop_assert!(first.is_none_or(|first| good.clone().skip(first + 1).all(|left| left.paid_out == left.returned)));
        }
    }

    #[test]
    fn what_comes_back_is_told_until_it_leaves_again() {
        // Two parts of 9; the first was paid out, then both, and that came back.
        assert_eq!(all(&[9, 9], 9, 0), [left(9, 0, 0), left(0, 0, 9)]);
        assert_eq!(all(&[9, 9], 9, 9), [left(9, 0, 0), left(9, 9, 9)]);
        assert_eq!(all(&[9, 9], 0, 9), [left(9, 0, 0), left(9, 0, 0)]);
        // The first went back to its buyer after it was paid out: the second makes up for it.
        assert_eq!(all(&[0, 9], 0, 0), [left(0, 0, 0), left(9, 0, 0)]);
        assert_eq!(all(&[0, 4], -5, 0), [left(0, 0, 0), left(4, 0, 0)]);
    }

    fn left(paid_out: i64, returned: i64, held: i64) -> Left {
        Left { paid_out, returned, held }
    }

    #[test]
    fn it_is_looked_for_until_it_is_known() {
        let on = OnAccount {
            part_id: Id::from_uuid(Uuid::nil()),
            account_id: Uuid::nil(),
            sold_at: Time::UNIX_EPOCH,
            sale_id: Uuid::nil(),
            balance: 100,
            returned: 0,
        };
        let found = |count, brought| SoldLater {
            part_id: on.part_id,
            count,
            brought,
            sold_at: Time::UNIX_EPOCH,
            sale_id: Uuid::nil(),
        };
        let after = |found: &[Option<SoldLater>]| {
            let mut search = Search::new(on.clone());
            for found in found {
                search.note(found.as_ref());
            }
            (search.is_done(), search.goes_on())
        };
        assert_eq!(after(&[]), (false, true));
        assert_eq!(after(&[None]), (true, false));
        assert_eq!(after(&[Some(found(3, 10))]), (true, false), "there were no more");
        assert_eq!(after(&[Some(found(Search::CHUNK, 100))]), (true, false), "more is not on the account");
        assert_eq!(after(&[Some(found(Search::CHUNK, 99))]), (false, true));
        let many: Vec<_> = (0..20).map(|_| Some(found(Search::CHUNK, 1))).collect();
        assert_eq!(after(&many), (false, false), "it is too much");
        assert!(Search::new(OnAccount { balance: 0, ..on.clone() }).is_done());
    }
}
