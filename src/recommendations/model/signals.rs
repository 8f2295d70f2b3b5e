//! What somebody did, by which it is known what they may want.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use uuid::Uuid;

use super::association::real;
use crate::platform::clock::Time;

/// Signals of one kind from which it goes on to other products: the last ones.
const SEEDS: usize = 10;
/// After so long a signal weighs half.
const HALF_LIFE: TimeDelta = TimeDelta::days(30);

crate::text_enum! {
    /// By what it is known what somebody may want.
    #[derive(PartialOrd, Ord)]
    pub enum SignalKind {
        /// A product that they ordered.
        Ordered = "ORDERED",
        /// A product in their cart.
        InCart = "IN_CART",
        /// A product that they like.
        Liked = "LIKED",
        /// A product that they have looked at.
        Viewed = "VIEWED",
        /// A shop that they follow.
        Followed = "FOLLOWED",
    }
}

impl SignalKind {
    /// What one says of what somebody may want; nothing of what is no product.
    const fn weight(self) -> f64 {
        match self {
            Self::Ordered => 4.0,
            Self::InCart => 3.0,
            Self::Liked => 2.0,
            Self::Viewed => 1.0,
            Self::Followed => 0.0,
        }
    }
}

/// Something that somebody did.
#[derive(Debug, Clone)]
pub struct Signal {
    pub kind: SignalKind,
    /// Of a product, or of a shop.
    pub id: Uuid,
    /// When they did so last.
    pub at: Time,
    /// How often, of what they ordered.
    pub times: i32,
}

impl Signal {
    /// Whether it is a product that has been ordered once, and so is not wanted again. What they have ordered again is something that they use up.
    const fn is_had(&self) -> bool {
        matches!(self.kind, SignalKind::Ordered) && self.times == 1
    }
}

/// What to go on from.
#[derive(Debug, Clone, PartialEq)]
pub struct Seed {
    pub kind: SignalKind,
    pub id: Uuid,
    /// How much it says of other products; zero if nothing.
    pub weight: f64,
}

/// The signals as they count at `now`, in their order, the last one of each kind first. What they have, and liked or looked at
/// before, is not shown as such any more.
pub fn seeds(now: Time, signals: &[Signal]) -> Vec<Seed> {
    let had: BTreeSet<Uuid> = signals.iter().filter(|signal| signal.is_had()).map(|signal| signal.id).collect();
    let mut seen = BTreeMap::<SignalKind, usize>::new();
    let mut seeds = Vec::with_capacity(signals.len());
    for Signal { kind, id, at, .. } in signals {
        if matches!(kind, SignalKind::Liked | SignalKind::Viewed) && had.contains(id) {
            continue;
        }
        let before = seen.entry(*kind).or_default();
        *before += 1;
        let age = real((now - *at).num_seconds().max(0)) / real(HALF_LIFE.num_seconds());
        let weight = if *before > SEEDS { 0.0 } else { kind.weight() * (-age).exp2() };
        seeds.push(Seed { kind: *kind, id: *id, weight });
    }
    seeds
}

/// The products that are not recommended to whom they are known: all of them but those that they have ordered again.
pub fn known(signals: &[Signal]) -> Vec<Uuid> {
    let used_up: BTreeSet<Uuid> = signals.iter().filter(|signal| signal.times > 1).map(|signal| signal.id).collect();
    let known: BTreeSet<Uuid> = signals
        .iter()
        .filter(|signal| signal.kind != SignalKind::Followed && !used_up.contains(&signal.id))
        .map(|signal| signal.id)
        .collect();
    known.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn now() -> Time {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn signal(kind: SignalKind, number: u128, days: i64) -> Signal {
        Signal { kind, id: id(number), at: now() - TimeDelta::days(days), times: 1 }
    }

    #[test]
    fn what_is_newer_and_of_more_weight_says_more() {
        let viewed = |number, days| signal(SignalKind::Viewed, number, days);
        let signals = [signal(SignalKind::Ordered, 1, 30), viewed(2, 0), viewed(3, 60), viewed(1, 0)];
        let found = seeds(now(), &signals);
        let seed = |kind, number, weight| Seed { kind, id: id(number), weight };
        // What was looked at before it was ordered is not looked at again.
        let expected =
            [seed(SignalKind::Ordered, 1, 2.0), seed(SignalKind::Viewed, 2, 1.0), seed(SignalKind::Viewed, 3, 0.25)];
        assert_eq!(found, expected);
        let many: Vec<_> = (0..30).map(|number| viewed(number, 0)).collect();
        let weighty = seeds(now(), &many).iter().filter(|seed| seed.weight > 0.0).count();
        assert_eq!(weighty, SEEDS);
    }

    #[test]
    fn what_is_ordered_again_is_used_up_and_may_be_wanted() {
        let again = Signal { times: 2, ..signal(SignalKind::Ordered, 1, 0) };
        let signals = [
            again,
            signal(SignalKind::Ordered, 2, 0),
            signal(SignalKind::Viewed, 1, 0),
            signal(SignalKind::Liked, 3, 0),
            signal(SignalKind::Followed, 4, 0),
        ];
        assert_eq!(known(&signals), [id(2), id(3)]);
    }
}
