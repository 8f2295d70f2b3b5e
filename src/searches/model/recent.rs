//! What people have looked for, as their clients tell it.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::{kernel::text, platform::clock::Time, products::model::search::Search};

/// Searches that a client tells of at once, at the most.
pub const MAXIMUM_BATCH: usize = 20;
/// Searches that are kept of one person at the most: the last ones.
pub const MAXIMUM_RECENT: i64 = 50;
/// For how long a client may keep a search to itself before it tells of it.
const LATE: TimeDelta = TimeDelta::days(1);
/// Characters of a search, and of its words, at the most.
const LONGEST: usize = 200;

/// A search as a client tells it: just now, if it does not say when.
#[derive(Debug, Clone)]
pub struct Told {
    pub query: String,
    pub searched_at: Option<Time>,
}

/// What somebody has looked for, and when they did so last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    pub query: String,
    pub at: Time,
}

/// What was looked for, by its words.
pub type LastSearches = BTreeMap<String, Searched>;

/// The words of a search, folded, each once; none if there are none, or too many.
pub fn words_of(query: &str) -> Option<String> {
    let words: Vec<String> = Search::parse(query, None)?.words.into_iter().map(|word| word.word.folded).collect();
    Some(words.join(" ")).filter(|words| words.chars().nth(LONGEST).is_none())
}

/// What was looked for last, by what a client tells at `now`. What it says of the future was just now; what was too long ago it tells too late,
/// and what holds no words is no search.
pub fn last_searches(now: Time, told: impl IntoIterator<Item = Told>) -> LastSearches {
    let mut searches = LastSearches::new();
    for Told { query, searched_at } in told {
        let at = searched_at.unwrap_or(now).min(now);
        let Ok(query) = text::line(&query, LONGEST) else { continue };
        let Some(words) = words_of(&query).filter(|_| at >= now - LATE) else { continue };
        let new = Searched { query, at };
        let last = searches.entry(words).or_insert_with(|| new.clone());
        if last.at <= new.at {
            *last = new;
        }
    }
    searches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_are_one_search_as_it_was_typed_last() {
        let now: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let told = |query: &str, back: Option<i64>| Told {
            query: query.into(),
            searched_at: back.map(|seconds| now - TimeDelta::seconds(seconds)),
        };
        let day = 24 * 60 * 60;
        let all = [
            told("Käse  Brett", Some(60)),
            told(" kase-BRETT ", Some(30)),
            told("käse brett", Some(90)),
            told("lamp", Some(-60)),
            told("mug", Some(day)),
            told("bowl", Some(day + 1)),
            told(" -&! ", None),
            told(&"x".repeat(201), None),
            told("a\u{0}b", None),
        ];
        let searched = |words: &str, query: &str, back: i64| {
            (words.to_owned(), Searched { query: query.to_owned(), at: now - TimeDelta::seconds(back) })
        };
        let last: Vec<_> = last_searches(now, all).into_iter().collect();
        assert_eq!(
            last,
            [searched("kase brett", "kase-BRETT", 30), searched("lamp", "lamp", 0), searched("mug", "mug", day)]
        );
    }

    #[test]
    fn words_have_an_end() {
        assert_eq!(words_of("red red lamp").as_deref(), Some("red lamp"));
        assert_eq!(words_of(" - "), None);
    }
}
