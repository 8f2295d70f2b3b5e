//! What is recommended, and why.

use crate::{
    kernel::id::Id,
    products::model::{Card, Product},
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

/// Why something is recommended. New ones may appear at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "RecommendationReasonKind")]
pub enum ReasonKind {
    /// Five people or more have ordered it along with the product that this rests on.
    BoughtTogether,
    /// It goes with the same things as the product that this rests on: five people or more stand behind each of these.
    GoesWithTheSame,
    /// It is new in the category of the product that this rests on.
    SameCategory,
}

/// A product that is recommended.
#[derive(Debug, Clone)]
pub struct Recommended {
    pub card: Card,
    pub kind: ReasonKind,
    /// What it rests on.
    pub source: Id<Product>,
    /// What that is called.
    pub source_title: String,
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
