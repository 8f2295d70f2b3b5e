//! How much two products have to do with each other.
//!
//! Who chooses many things chooses related ones one after the other, so two lines weigh the more the nearer they stand: the whole unit side
//! by side, half of it with one line between, and so on. A long order thereby says little about most of its pairs, and nothing about distant ones.

use std::{collections::HashSet, hash::Hash};

/// Products of one order that are looked at.
pub const MAXIMUM_PRODUCTS: usize = 500;
/// How far apart two of them may stand to have anything to do with each other.
pub const WINDOW: i64 = 50;
/// Neighbours of a product at the most.
pub const NEIGHBORS: usize = 50;
/// People behind an association at the least, so that it tells of none of them. Indexes of pairs, and who reads by them, say the same.
pub const BACKERS: i32 = 5;

/// What a pair weighs that stands side by side. Divisible by the smallest distances, so that whole numbers do: their sums are the same in
/// whatever order they come.
const UNIT: i64 = 2_520;

/// What was ordered together, by whom if that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basket<P, T> {
    pub person: Option<P>,
    /// Each once, in the order in which they were chosen.
    pub products: Vec<T>,
}

impl<P, T: Copy + Eq + Hash> Basket<P, T> {
    /// The basket of an order with these lines.
    pub fn new(person: Option<P>, lines: impl IntoIterator<Item = T>) -> Self {
        let mut seen = HashSet::new();
        let products = lines.into_iter().filter(|product| seen.insert(*product)).take(MAXIMUM_PRODUCTS).collect();
        Self { person, products }
    }
}

/// Two products that stand near each other in a basket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair<T> {
    pub low: T,
    pub high: T,
    pub weight: i64,
}

/// The pairs of a basket, each once.
pub fn pairs<T: Copy + Ord>(products: &[T]) -> impl Iterator<Item = Pair<T>> {
    products.iter().enumerate().flat_map(move |(place, &one)| {
        let after = products.iter().skip(place + 1).zip(1..=WINDOW);
        after.map(move |(&other, distance)| Pair { low: one.min(other), high: one.max(other), weight: UNIT / distance })
    })
}

/// A mass as scores know it: rounded down to a quarter of a power of two. A product's neighbours go by it, and so must be found anew
/// only after it has grown by a fifth or so, not with every order.
pub const fn level(mass: i64) -> i64 {
    let Some(exponent) = mass.checked_ilog2() else { return 0 };
    let below = exponent.saturating_sub(2);
    mass >> below << below
}

/// How well `other` goes with `own`: what they weigh together, by what each weighs with everything. Of two that go equally well with it, the
/// one is better that is not in every basket anyway. Roots are exact to the last bit everywhere, so it is the same on all machines.
pub fn score(weight: i64, own: i64, other: i64) -> f64 {
    let quarter = |number: f64| number.sqrt().sqrt();
    let (own, other) = (real(level(own)), real(level(other)));
    let share = real(weight) / (own.sqrt() * quarter(own) * quarter(other));
    // What goes together clearly says more than several things that do so barely.
    share * quarter(share)
}

/// A count as a fraction, exact up to 2^53.
pub(super) fn real(count: i64) -> f64 {
    let count = count.unsigned_abs();
    let half = |bits: u64| f64::from(u32::try_from(bits).unwrap_or(u32::MAX));
    half(count >> 32) * 4_294_967_296.0 + half(count & u64::from(u32::MAX))
}

/// A product that may become a neighbour, with what counts for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<T> {
    pub other: T,
    pub weight: i64,
    /// People who ordered both; all who are not known are one.
    pub backers: i32,
    /// What it weighs in all of its pairs.
    pub mass: i64,
}

/// A product that goes well with another one, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbor<T> {
    pub other: T,
    pub score: f64,
    pub weight: i64,
    pub backers: i32,
}

/// The best neighbours of a product of this mass, the best one first.
pub fn nearest<T: Copy + Ord>(mass: i64, candidates: impl IntoIterator<Item = Candidate<T>>) -> Vec<Neighbor<T>> {
    let backed = candidates.into_iter().filter(|candidate| candidate.backers >= BACKERS && candidate.weight > 0);
    let mut neighbors: Vec<Neighbor<T>> = backed
        .map(|Candidate { other, weight, backers, mass: others }| Neighbor {
            other,
            score: score(weight, mass, others),
            weight,
            backers,
        })
        .collect();
    neighbors.sort_unstable_by(|one, two| two.score.total_cmp(&one.score).then_with(|| one.other.cmp(&two.other)));
    neighbors.truncate(NEIGHBORS);
    neighbors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_nearer_weighs_more_and_what_is_far_nothing() {
        let found: Vec<Pair<u8>> = pairs(&[3, 1, 2]).collect();
        let pair = |low, high, weight| Pair { low, high, weight };
        assert_eq!(found, [pair(1, 3, 2_520), pair(2, 3, 1_260), pair(1, 2, 2_520)]);
        let long: Vec<usize> = (0..MAXIMUM_PRODUCTS).collect();
        let window = usize::try_from(WINDOW).unwrap();
        assert!(pairs(&long).all(|pair| pair.high - pair.low <= window && pair.weight > 0));
        assert_eq!(pairs(&long).count(), MAXIMUM_PRODUCTS * window - window * (window + 1) / 2);
    }

    #[test]
    fn a_basket_has_each_product_once_and_not_too_many() {
        assert_eq!(Basket::<u8, _>::new(None, [2, 1, 2, 3, 1]).products, [2, 1, 3]);
        assert_eq!(Basket::<u8, _>::new(None, 0..2_000).products.len(), MAXIMUM_PRODUCTS);
    }

    #[test]
    fn a_mass_makes_four_steps_to_its_double() {
        assert_eq!(
            [0, 1, 2, 3, 4, 7, 8, 9, 10, 15, 16, 19, 20].map(level),
            [0, 1, 2, 3, 4, 7, 8, 8, 10, 14, 16, 16, 20]
        );
        assert!((1..100_000).all(|mass| level(mass) <= mass && level(mass) * 5 > mass * 4));
        assert_eq!(level(i64::MAX) >> 60, 7);
    }

    #[test]
    fn counts_become_fractions_exactly() {
        for count in [0, 1, i64::from(u32::MAX), 4_294_967_296, 123_456_789_012_345] {
            assert_eq!(format!("{:.0}", real(count)), count.to_string());
        }
    }

    #[test]
    fn neighbours_are_those_that_go_together_most_and_have_people_behind_them() {
        let candidate = |other, weight, backers, mass| Candidate { other, weight, backers, mass };
        let found = nearest(
            10_000,
            [
                candidate(1, 5_000, 5, 10_000),
                candidate(2, 6_000, 4, 10_000),
                candidate(3, 5_000, 9, 1_000_000),
                candidate(4, 7_000, 5, 10_000),
                candidate(5, 5_000, 5, 10_000),
            ],
        );
        assert_eq!(found.iter().map(|neighbor| neighbor.other).collect::<Vec<_>>(), [4, 1, 5, 3]);
        let many = nearest(10_000, (0..200).map(|other| candidate(other, 100 + i64::from(other), 5, 10_000)));
        assert_eq!((many.len(), many[0].other), (NEIGHBORS, 199));
    }
}
