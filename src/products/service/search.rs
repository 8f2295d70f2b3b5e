//! The words of the market: what they suggest, how often products have them, and in which language.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use chrono::TimeDelta;

use crate::{
    kernel::{error::Failure, place::Locale, text},
    platform::{app::App, caller::Caller, clock::Time},
    products::{
        model::{
            Card, Listed, ProductFilter, ProductSort,
            attributes::SettleProducts,
            facets::{FacetKind, Facets},
            search::{Counted, cut},
        },
        queries::{self, words},
    },
};

/// Words that are counted by one statement, how many times in a row, and after how long a word is counted again.
const COUNTED: i32 = 10;
const MAXIMUM_BATCHES: usize = 50;
const COUNTED_FOR: TimeDelta = TimeDelta::days(1);
/// After how long a word is counted again that no product had: longer than a transaction takes.
const NONE_FOR: TimeDelta = TimeDelta::minutes(10);

/// Words before the last one that are looked at.
const BEFORE: usize = 10;

/// What somebody may be about to look for who has typed so much, the likely first: what they typed, its last word completed to
/// one that goes together with the others.
pub async fn suggestions(app: &App, typed: String, limit: usize) -> Result<Vec<String>, Failure> {
    let all: Vec<String> = text::words(&typed).map(|word| cut(&word)).collect();
    let Some((last, before)) = all.split_last() else { return Ok(Vec::new()) };
    let (last, before) = (last.clone(), before.get(before.len().saturating_sub(BEFORE)..).unwrap_or_default().to_vec());
    let completions = app
        .db
        .read_long(move |conn| {
            let completions = words::completions(conn, &last)?;
            if before.is_empty() || completions.is_empty() {
                return Ok::<_, Failure>(completions);
            }
            let texts = words::texts_with(conn, &before, &completions)?;
            Ok(going_with(&before, &completions, &texts))
        })
        .await?;
    let kept = text::before_last_word(&typed);
    Ok(completions.into_iter().take(limit).map(|word| format!("{kept}{word}")).collect())
}

/// Those of the completions that some of the texts have, the frequent ones first.
fn going_with(before: &[String], completions: &[String], texts: &[String]) -> Vec<String> {
    let mut counts = BTreeMap::<String, usize>::new();
    for text in texts {
        let words: BTreeSet<String> = text::words(text).collect();
        for word in words.into_iter().filter(|word| completions.contains(word) && !before.contains(word)) {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    counts.into_iter().map(|(word, _)| word).collect()
}

/// Counts what the products of a public list in an order say, of the kinds that are asked for.
pub async fn facets(
    app: &App,
    filter: ProductFilter,
    sort: ProductSort,
    kinds: Vec<FacetKind>,
) -> Result<Facets, Failure> {
    app.db.read_long(move |conn| queries::facets::facets(conn, &filter, sort, &kinds)).await
}

/// Products of a public list that were for sale for the first time after the first of two times and not after the other: some of the last ones, the
/// last one first. Of a search those that have all words.
pub async fn offered(
    app: &App,
    filter: ProductFilter,
    between: (Time, Time),
    limit: i64,
) -> Result<Vec<Card>, Failure> {
    let rows = app.db.read_long(move |conn| queries::lists::offered(conn, &filter, between, limit)).await?;
    Ok(rows.into_iter().map(|Listed { card, .. }| card).collect())
}

/// When something was for sale for the first time last that still is.
pub async fn last_offered(app: &App) -> Result<Option<Time>, Failure> {
    app.db.read(queries::lists::last_offered).await
}

/// Counts again how many products have the words that were not counted for the longest time.
pub async fn count_words(app: &App, caller: &Caller) -> Result<(), Failure> {
    for _ in 0..MAXIMUM_BATCHES {
        let now = app.clock.now();
        let counts: Vec<Counted> =
            app.db.read_long(move |conn| words::counts(conn, now - COUNTED_FOR, COUNTED)).await?;
        let is_last = i32::try_from(counts.len()).is_ok_and(|length| length < COUNTED);
        app.db.write(caller, move |tx| words::set_counts(tx, &counts, now, now - COUNTED_FOR + NONE_FOR)).await?;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// Sets in which language products are written, and brings the stems of all products in line. False if it was that before.
pub async fn set_locale(app: &App, caller: &Caller, locale: Locale) -> Result<bool, Failure> {
    app.db
        .write(caller, move |tx| {
            let is_new = words::set_locale(tx, &locale)?;
            if is_new {
                // Again in an hour: what is being inserted now with the stems of before is not there to be gone through yet.
                tx.enqueue(&SettleProducts::all())?;
                let later = tx.now() + TimeDelta::hours(1);
                tx.enqueue_at(&SettleProducts::all(), later, None)?;
            }
            Ok(is_new)
        })
        .await
}
