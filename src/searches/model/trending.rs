//! What many people look for these days.

use std::collections::HashMap;

use chrono::TimeDelta;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Nullable, Text, Uuid as SqlUuid},
};

use crate::{kernel::id::Id, shops::model::Shop};

/// People who look for the same, at the least: of fewer nothing is told.
pub const SEEKERS: i64 = 5;
/// Searches that trend at the most.
pub const MAXIMUM_TRENDING: usize = 20;
/// Of how many it is looked up whether a product has their words.
pub const CANDIDATES: i64 = 100;
/// After how long a search counts half, and after how long nothing any more.
pub const HALF_LIFE: TimeDelta = TimeDelta::days(1);
pub const TRENDS_FOR: TimeDelta = TimeDelta::days(7);
/// For how long somebody has to be here before they count: who wants a search to trend cannot sign people up for it.
pub const SETTLED_FOR: TimeDelta = TimeDelta::days(7);
/// Searches that are looked at, the last ones.
pub const LOOKED_AT: i64 = 200_000;
/// Searches that trend which only the products of one and the same shop answer, at the most, in a market of several shops.
const OF_ONE_SHOP: usize = 3;

/// A search that many people make.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Sought {
    #[diesel(sql_type = Text)]
    pub words: String,
    /// How many.
    #[diesel(sql_type = Integer)]
    pub people: i32,
}

/// Whose products answer a search.
#[derive(Debug, Clone, QueryableByName)]
pub struct Answered {
    #[diesel(sql_type = Text)]
    pub words: String,
    /// How many shops there are; of more than a thousand products only the first are looked at.
    #[diesel(sql_type = BigInt)]
    pub shops: i64,
    /// One of them.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub shop: Option<Id<Shop>>,
}

/// How many shops there are that could take places from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shops {
    One,
    Several,
}

/// What trends of what is sought, in its order: what products for sale have all words of, and of one shop alone no more than a few.
pub fn trending(sought: Vec<Sought>, answered: Vec<Answered>, shops: Shops) -> Vec<Sought> {
    let answered: HashMap<String, Answered> = answered.into_iter().map(|one| (one.words.clone(), one)).collect();
    let mut alone = HashMap::<Id<Shop>, usize>::new();
    let trends = sought.into_iter().filter(|one| match answered.get(&one.words) {
        Some(Answered { shops: 1, shop: Some(shop), .. }) if shops == Shops::Several => {
            let count = alone.entry(*shop).or_default();
            *count += 1;
            *count <= OF_ONE_SHOP
        }
        Some(found) => found.shops > 0,
        None => false,
    });
    trends.take(MAXIMUM_TRENDING).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn no_shop_has_the_list_for_itself() {
        let sought: Vec<_> = (0..30).map(|number| Sought { words: format!("word{number}"), people: 9 }).collect();
        let answered = |number: u32, shops: i64| Answered {
            words: format!("word{number}"),
            shops,
            shop: (shops > 0).then(|| Id::from_uuid(Uuid::nil())),
        };
        // Five of one shop, then what nobody has, what is not known, and the rest of two shops.
        let all: Vec<_> = (0..5)
            .map(|number| answered(number, 1))
            .chain([answered(5, 0)])
            .chain((7..30).map(|number| answered(number, 2)))
            .collect();
        let words = |shops| {
            let trends = trending(sought.clone(), all.clone(), shops);
            trends.into_iter().map(|one| one.words).collect::<Vec<_>>()
        };
        let several = words(Shops::Several);
        assert_eq!(several.len(), MAXIMUM_TRENDING);
        assert_eq!(several[..4], ["word0", "word1", "word2", "word7"]);
        assert_eq!(words(Shops::One)[..6], ["word0", "word1", "word2", "word3", "word4", "word7"]);
    }
}
