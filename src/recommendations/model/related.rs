//! What is recommended, and why.

use crate::{
    kernel::id::Id,
    products::model::{Card, Product},
    shops::model::Shop,
};

/// What somebody wants a recommendation for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
#[graphql(name = "RecommendationIntent")]
pub enum Intent {
    /// What goes with the same things: for who looks around. Where little is known, what is new in its category follows.
    Similar,
    /// What is ordered along with it: for who has decided.
    BoughtTogether,
    /// What could be had instead: of the same category, at half the price to twice of it. What goes with the same things comes first.
    Alternative,
}

crate::text_enum! {
    /// Why something is recommended. New ones may appear at any time.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "RecommendationReasonKind")]
    pub enum ReasonKind {
        /// Five people or more have ordered it along with the product that this rests on.
        BoughtTogether = "BOUGHT_TOGETHER",
        /// It goes with the same things as the product that this rests on: five people or more stand behind each of these.
        GoesWithTheSame = "GOES_WITH_THE_SAME",
        /// It is new in the category of the product that this rests on; of a section, in categories of what you looked at, liked and ordered.
        SameCategory = "SAME_CATEGORY",
        /// It is in your cart.
        InCart = "IN_CART",
        /// You have looked at it; of a section, at the product that this rests on.
        Viewed = "VIEWED",
        /// Of a section: you have ordered the product that this rests on.
        Ordered = "ORDERED",
        /// Of a section: it goes with what you looked at, liked, put into your cart and ordered.
        History = "HISTORY",
        /// It is from the shop that this rests on, which you follow; of a section, from such shops.
        FollowedShop = "FOLLOWED_SHOP",
        /// You like it, and it costs less than when you began to.
        PriceDropped = "PRICE_DROPPED",
        /// You like it, and it can be ordered again.
        BackInStock = "BACK_IN_STOCK",
        /// Five people or more have ordered it lately.
        Trending = "TRENDING",
        /// It is among what is sold most often.
        BestSelling = "BEST_SELLING",
    }
}

/// What a recommendation rests on.
#[derive(Debug, Clone)]
pub enum Source {
    Product { id: Id<Product>, title: String },
    Shop { id: Id<Shop>, name: String },
}

/// Why something is recommended.
#[derive(Debug, Clone)]
pub struct Reason {
    pub kind: ReasonKind,
    pub source: Option<Source>,
}

impl Reason {
    /// A reason that rests on nothing but itself.
    pub const fn plain(kind: ReasonKind) -> Self {
        Self { kind, source: None }
    }
}

/// A product that is recommended.
#[derive(Debug, Clone)]
pub struct Recommended {
    pub card: Card,
    pub reason: Reason,
}

/// Things of one seller that stand in a row at the most.
const IN_A_ROW: usize = 3;

/// Has things of other sellers come between those of one: what would be too much in a row comes later, or not at all if nothing of
/// others is left. Where there is only one seller, everything stays.
pub fn mixed<T, S: PartialEq>(mut waiting: Vec<T>, seller: impl Fn(&T) -> S) -> Vec<T> {
    let is_of_one = waiting.first().map(&seller).is_none_or(|first| waiting.iter().all(|item| seller(item) == first));
    if is_of_one {
        return waiting;
    }
    let mut chosen: Vec<T> = Vec::with_capacity(waiting.len());
    loop {
        let mut row = chosen.iter().rev().take(IN_A_ROW).map(&seller);
        let last = row.next().filter(|last| chosen.len() >= IN_A_ROW && row.all(|other| other == *last));
        let next = waiting.iter().position(|item| last.as_ref() != Some(&seller(item)));
        match next {
            Some(place) => chosen.push(waiting.remove(place)),
            None => return chosen,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(sellers: &str) -> String {
        mixed(sellers.chars().collect(), |seller| *seller).into_iter().collect()
    }

    #[test]
    fn others_come_between() {
        assert_eq!(of("aaaab"), "aaaba");
        assert_eq!(of("aaaabbbbb"), "aaababbb");
        assert_eq!(of("aaaaaaab"), "aaabaaa", "the last one would be the fourth in a row");
        assert_eq!(of("abcabc"), "abcabc");
        assert_eq!((of("aaaaaa"), of("")), ("aaaaaa".to_owned(), String::new()));
    }

    proptest! {
        #[test]
        fn never_too_many_in_a_row_and_nothing_is_made_up(sellers in prop::collection::vec(0_u16..3, 0..40)) {
            let found = mixed(sellers.clone(), |seller| *seller);
            let count = |all: &[u16], seller: u16| all.iter().filter(|one| **one == seller).count();
            if (0..3).any(|seller| count(&sellers, seller) == sellers.len()) {
                prop_assert_eq!(found, sellers);
            } else {
                prop_assert!(found.windows(IN_A_ROW + 1).all(|row| row.iter().any(|seller| *seller != row[0])), "{found:?}");
                for seller in 0..3 {
                    let (all, left) = (count(&sellers, seller), count(&found, seller));
                    prop_assert!(left <= all && (left > 0) == (all > 0), "{found:?}");
                }
            }
        }
    }
}
