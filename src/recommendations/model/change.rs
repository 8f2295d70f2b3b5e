//! By how much counts go up when baskets are learned, and down when they are forgotten.

use std::collections::{BTreeMap, BTreeSet};

use super::association::{Basket, Pair, pairs};

/// How often two products were ordered together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PairCount {
    pub weight: i64,
    /// Known people who did so, each once.
    pub people: i32,
    /// Orders of nobody in particular. Whose they are is not known, so all of them are one person's when people are counted.
    pub strangers: i32,
}

impl PairCount {
    /// How many people are behind it at the least.
    pub fn backers(self) -> i32 {
        self.people.saturating_add(self.strangers.min(1))
    }
}

/// How often a product was ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProductCount {
    /// The weight of all of its pairs.
    pub mass: i64,
    pub orders: i64,
}

/// What baskets come to. All of it is sums, so it does not matter in which order they come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts<T> {
    /// By the lower product and the higher one.
    pub pairs: BTreeMap<(T, T), PairCount>,
    pub products: BTreeMap<T, ProductCount>,
}

impl<T: Copy + Ord> Counts<T> {
    /// By how much counts differ between a market with these baskets and one without. `others` are the baskets that the same people have in
    /// both, of which at least those count that share a pair.
    pub fn of<'a, P: Copy + Ord + 'a>(
        baskets: impl IntoIterator<Item = &'a Basket<P, T>>,
        others: &[Basket<P, T>],
    ) -> Self
    where
        T: 'a,
    {
        let mut counts = Self { pairs: BTreeMap::new(), products: BTreeMap::new() };
        let mut backed = BTreeSet::new();
        for basket in baskets {
            for &product in &basket.products {
                counts.products.entry(product).or_default().orders += 1;
            }
            for Pair { low, high, weight } in pairs(&basket.products) {
                for product in [low, high] {
                    counts.products.entry(product).or_default().mass += weight;
                }
                let count = counts.pairs.entry((low, high)).or_default();
                count.weight += weight;
                match basket.person {
                    Some(person) => drop(backed.insert((person, low, high))),
                    None => count.strangers += 1,
                }
            }
        }
        for other in others {
            if let Some(person) = other.person {
                for Pair { low, high, .. } in pairs(&other.products) {
                    backed.remove(&(person, low, high));
                }
            }
        }
        for (_, low, high) in backed {
            counts.pairs.entry((low, high)).or_default().people += 1;
        }
        counts
    }
}

/// How many pairs a basket of so many products has, or a few more.
pub fn pairs_at_most(products: usize) -> usize {
    let window = usize::try_from(super::association::WINDOW).unwrap_or(usize::MAX);
    products.saturating_mul(products.min(window))
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::Index};

    use super::*;

    type Known = BTreeMap<u8, Basket<u8, u8>>;

    /// What a market keeps: baskets by their orders, and counts that only ever go up and down.
    #[derive(Default)]
    struct Market {
        baskets: Known,
        pairs: BTreeMap<(u8, u8), PairCount>,
        products: BTreeMap<u8, ProductCount>,
    }

    impl Market {
        fn move_by(&mut self, basket: &Basket<u8, u8>, sign: i32) {
            let others: Vec<_> = self.baskets.values().filter(|other| other.person == basket.person).cloned().collect();
            let change = Counts::of(std::slice::from_ref(basket), &others);
            for (pair, count) in change.pairs {
                let known = self.pairs.entry(pair).or_default();
                known.weight += i64::from(sign) * count.weight;
                known.people += sign * count.people;
                known.strangers += sign * count.strangers;
            }
            for (product, count) in change.products {
                let known = self.products.entry(product).or_default();
                known.mass += i64::from(sign) * count.mass;
                known.orders += i64::from(sign) * count.orders;
            }
        }

        fn forget(&mut self, order: u8) {
            if let Some(basket) = self.baskets.remove(&order) {
                self.move_by(&basket, -1);
            }
        }

        fn learn(&mut self, order: u8, basket: Basket<u8, u8>) {
            self.forget(order);
            self.move_by(&basket, 1);
            self.baskets.insert(order, basket);
        }
    }

    #[derive(Debug, Clone)]
    enum Event {
        /// Placed, or become somebody else's, or longer.
        Order(u8, Option<u8>, Vec<u8>),
        CallOff(Index),
    }

    fn event() -> impl Strategy<Value = Event> {
        let order = (0..30_u8, proptest::option::of(0..4_u8), vec(0..8_u8, 0..7));
        prop_oneof![
            3 => order.prop_map(|(order, person, lines)| Event::Order(order, person, lines)),
            1 => any::<Index>().prop_map(Event::CallOff),
        ]
    }

    proptest! {
        #[test]
        fn whatever_happens_counts_are_as_if_they_were_made_anew(events in vec(event(), 0..60)) {
            let mut market = Market::default();
            for event in events {
                match event {
                    Event::Order(order, person, lines) => market.learn(order, Basket::new(person, lines)),
                    Event::CallOff(index) => {
                        let orders: Vec<u8> = market.baskets.keys().copied().collect();
                        if !orders.is_empty() {
                            market.forget(*index.get(&orders));
                        }
                    }
                }
                market.pairs.retain(|_, count| *count != PairCount::default());
                market.products.retain(|_, count| *count != ProductCount::default());
                let all: Vec<_> = market.baskets.values().cloned().collect();
                let anew = Counts::of(&all, &[]);
                prop_assert_eq!(&market.pairs, &anew.pairs);
                prop_assert_eq!(&market.products, &anew.products);
            }
        }
    }

    #[test]
    fn a_person_counts_once_and_strangers_are_one() {
        let basket = |person, products: &[u8]| Basket { person, products: products.to_vec() };
        let baskets: [Basket<u8, u8>; 5] = [
            basket(Some(1), &[1, 2]),
            basket(Some(1), &[2, 1]),
            basket(Some(2), &[1, 2, 3]),
            basket(None, &[1, 2]),
            basket(None, &[1, 2]),
        ];
        let counts = Counts::of(&baskets, &[]);
        let count = counts.pairs[&(1, 2)];
        assert_eq!(count, PairCount { weight: 5 * 2_520, people: 2, strangers: 2 });
        assert_eq!(count.backers(), 3);
        assert_eq!(counts.products[&3], ProductCount { mass: 2_520 + 1_260, orders: 1 });
    }

    #[test]
    fn the_bound_of_pairs_holds() {
        for products in [0, 1, 2, 10, 49, 50, 51, 200, 500] {
            let basket: Vec<usize> = (0..products).collect();
            assert!(pairs(&basket).count() <= pairs_at_most(products));
        }
    }
}
