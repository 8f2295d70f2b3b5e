//! The model and what it is held against, of baskets that are all at hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::Hash,
};

use super::{
    association::{Basket, Candidate, Neighbor, nearest, real},
    change::Counts,
};

/// Ways to recommend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// What goes well with what is in the basket.
    Model,
    /// What was ordered most, whatever is in the basket.
    Popularity,
    /// What was ordered most often together with what is in the basket.
    CoCount,
}

impl Method {
    pub const ALL: [Self; 3] = [Self::Model, Self::Popularity, Self::CoCount];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Popularity => "popularity",
            Self::CoCount => "co-count",
        }
    }
}

/// What was learned of baskets.
#[derive(Debug)]
pub struct Trained<T> {
    neighbors: BTreeMap<T, Vec<Neighbor<T>>>,
    /// How many baskets had both, by the one and the other.
    together: BTreeMap<T, BTreeMap<T, i64>>,
    /// How many baskets had each, those first that most had.
    popular: Vec<(T, i64)>,
}

impl<T: Copy + Ord + Hash> Trained<T> {
    pub fn of<P: Copy + Ord>(baskets: &[Basket<P, T>]) -> Self {
        let counts = Counts::of(baskets, &[]);
        let mut together: BTreeMap<T, BTreeMap<T, i64>> = BTreeMap::new();
        for basket in baskets {
            for &one in &basket.products {
                let others = together.entry(one).or_default();
                for &other in basket.products.iter().filter(|other| **other != one) {
                    *others.entry(other).or_default() += 1;
                }
            }
        }
        let mut popular: Vec<(T, i64)> =
            counts.products.iter().map(|(product, count)| (*product, count.orders)).collect();
        popular.sort_by_key(|(product, orders)| (-orders, *product));
        Self { neighbors: neighbors(&counts), together, popular }
    }

    /// Products that were ordered, and in how many baskets.
    pub fn popular(&self) -> &[(T, i64)] {
        &self.popular
    }

    /// The best `limit` products for a basket in which these are; what is left of them is filled up with what is ordered most.
    pub fn recommended(&self, method: Method, basket: &[T], limit: usize) -> Vec<T> {
        let mut scores: BTreeMap<T, f64> = BTreeMap::new();
        for product in basket {
            match method {
                Method::Model => {
                    for neighbor in self.neighbors.get(product).into_iter().flatten() {
                        *scores.entry(neighbor.other).or_default() += neighbor.score;
                    }
                }
                Method::Popularity => {}
                Method::CoCount => {
                    for (&other, &count) in self.together.get(product).into_iter().flatten() {
                        *scores.entry(other).or_default() += real(count);
                    }
                }
            }
        }
        let mut left_out: BTreeSet<T> = basket.iter().copied().collect();
        let mut ranked: Vec<(T, f64)> = scores.into_iter().collect();
        ranked.sort_by(|one, two| two.1.total_cmp(&one.1));
        let ranked = ranked.into_iter().map(|(product, _)| product);
        let popular = self.popular.iter().map(|(product, _)| *product);
        ranked.chain(popular).filter(|product| left_out.insert(*product)).take(limit).collect()
    }
}

fn neighbors<T: Copy + Ord>(counts: &Counts<T>) -> BTreeMap<T, Vec<Neighbor<T>>> {
    let mut candidates: BTreeMap<T, Vec<Candidate<T>>> = BTreeMap::new();
    for (&(low, high), count) in &counts.pairs {
        for (own, other) in [(low, high), (high, low)] {
            let mass = counts.products.get(&other).map_or(0, |count| count.mass);
            let candidate = Candidate { other, weight: count.weight, backers: count.backers(), mass };
            candidates.entry(own).or_default().push(candidate);
        }
    }
    let mass = |product: &T| counts.products.get(product).map_or(0, |count| count.mass);
    candidates.into_iter().map(|(product, candidates)| (product, nearest(mass(&product), candidates))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basket(person: u32, products: &[u32]) -> Basket<u32, u32> {
        Basket { person: Some(person), products: products.to_vec() }
    }

    #[test]
    fn what_goes_together_comes_first_and_what_is_there_never() {
        // 9 is in every basket, 1 goes with 2, and 3 with 4.
        let baskets: Vec<_> =
            (0..12).map(|person| basket(person, if person % 2 == 0 { &[1, 2, 9] } else { &[3, 4, 9] })).collect();
        let trained = Trained::of(&baskets);
        assert_eq!(trained.recommended(Method::Model, &[1], 2), [2, 9]);
        assert_eq!(trained.recommended(Method::Model, &[3, 9], 1), [4]);
        assert_eq!(trained.recommended(Method::Popularity, &[1], 1), [9]);
        assert_eq!(trained.recommended(Method::Popularity, &[9], 9), [1, 2, 3, 4]);
        assert_eq!(trained.recommended(Method::CoCount, &[1], 1), [2]);
        // Of what nobody has ordered, nothing is known.
        assert_eq!(trained.recommended(Method::Model, &[77], 1), [9]);
    }

    #[test]
    fn four_people_are_too_few() {
        let of = |people: u32| Trained::of(&(0..people).map(|person| basket(person, &[1, 2])).collect::<Vec<_>>());
        assert!(of(4).neighbors.values().all(Vec::is_empty));
        assert_eq!(of(5).neighbors[&1][0].backers, 5);
    }
}
