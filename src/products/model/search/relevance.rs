//! How well a product fits what is looked for.

use std::collections::HashMap;

use super::{Form, Needs, Stemming, Understood};
use crate::kernel::text::{self, SpelledWord};

/// What is looked at of a product that was found.
#[derive(Debug, Clone)]
pub struct Seen {
    pub title: String,
    pub brand: String,
    pub tags: Vec<String>,
    pub sold_count: i64,
    /// Whether it has all terms without its description, too: what the title, brand and tags lack, its options or attributes say.
    pub says_all: bool,
}

/// Marks products that were found. In thousandths: a term that is the very word in the title counts 1,000; other forms, other
/// texts, and terms that tell little, less. What a title says beside that, another order of the words, and that others bought it,
/// decide among the like.
pub struct Relevance<'a> {
    search: &'a Understood,
    stemming: &'a Stemming,
    /// Where in `fits` a word of a product stands.
    known: HashMap<SpelledWord, usize>,
    /// How well each of these words fits each term.
    fits: Vec<Vec<i64>>,
    has_splits: bool,
}

/// A term that no title, brand or tag has: one of an option, SKU or attribute, or of the description.
const IN_DETAILS: i64 = 400;
const IN_DESCRIPTION: i64 = 300;
/// Of what a word of the title counts.
const IN_BRAND_OR_TAGS: i64 = 700;
/// A title that says nothing else.
const WHOLE_TITLE: i64 = 200;
/// Two terms that stand beside each other in the title, and if they do in the other order.
const BESIDE: i64 = 100;
const BESIDE_TURNED: i64 = 80;
/// For each time that the number of pieces sold doubles, and at the most.
const SOLD: i64 = 4;
const MOST_SOLD: i64 = 60;

impl<'a> Relevance<'a> {
    pub fn new(search: &'a Understood, stemming: &'a Stemming) -> Self {
        let has_splits = search.terms.iter().any(|term| term.forms.iter().any(|form| matches!(form, Form::Split(..))));
        Self { search, stemming, known: HashMap::new(), fits: Vec::new(), has_splits }
    }

    /// The mark of a product that was found: the higher the better.
    pub fn mark(&mut self, seen: &Seen) -> i64 {
        let words: Vec<SpelledWord> = text::spelled_words(&seen.title).collect();
        let splits = if self.has_splits { self.splits(&words) } else { Vec::new() };
        let title: Vec<usize> = words.into_iter().map(|word| self.look_up(word)).collect();
        let named = std::iter::once(&seen.brand).chain(&seen.tags).flat_map(|text| text::spelled_words(text));
        let named: Vec<usize> = named.map(|word| self.look_up(word)).collect();
        let fits = |word: &usize| self.fits.get(*word).map_or(&[][..], Vec::as_slice);
        let elsewhere = match self.search.needs {
            Needs::All if seen.says_all => IN_DETAILS,
            Needs::All => IN_DESCRIPTION,
            Needs::AllButOne | Needs::Any => 0,
        };

        let (mut sum, mut weights, mut beside) = (0, 0, 0);
        let mut places = Vec::with_capacity(self.search.terms.len());
        for (number, term) in self.search.terms.iter().enumerate() {
            let at = |word: &usize| fits(word).get(number).copied().unwrap_or_default();
            let in_title =
                title.iter().map(at).enumerate().max_by_key(|(place, fit)| (*fit, std::cmp::Reverse(*place)));
            let (place, fit) = in_title.unwrap_or_default();
            places.push((fit > 0).then_some(place));
            let fit = fit.max(splits.get(number).copied().unwrap_or_default());
            let in_named = named.iter().map(at).max().unwrap_or_default() * IN_BRAND_OR_TAGS / 1_000;
            sum += term.weight * fit.max(in_named).max(elsewhere);
            weights += term.weight;
        }
        for pair in places.windows(2) {
            beside += match pair {
                [Some(one), Some(next)] if *next == *one + 1 || next == one => BESIDE,
                [Some(one), Some(next)] if *one == *next + 1 => BESIDE_TURNED,
                _ => 0,
            };
        }
        let pairs = i64::try_from(places.len()).unwrap_or(i64::MAX).saturating_sub(1);
        let meant = i64::try_from(title.iter().filter(|word| fits(word).iter().any(|fit| *fit > 0)).count())
            .unwrap_or(i64::MAX);
        let words = i64::try_from(title.len()).unwrap_or(i64::MAX).max(1);
        let sold = i64::from(seen.sold_count.max(1).unsigned_abs().ilog2());
        sum / weights.max(1)
            + WHOLE_TITLE * meant / words
            + if pairs > 0 { beside / pairs } else { 0 }
            + (SOLD * sold).min(MOST_SOLD)
    }

    /// Where a word stands among those whose fits are known.
    fn look_up(&mut self, word: SpelledWord) -> usize {
        if let Some(place) = self.known.get(&word) {
            return *place;
        }
        let stems = self.stemming.stems(&word);
        let terms = self.search.terms.iter();
        let fits: Vec<i64> = terms
            .map(|term| {
                let fit = |form: &Form| fit(form, &term.word, &word.folded, &stems);
                term.forms.iter().map(fit).max().unwrap_or_default()
            })
            .collect();
        let place = self.fits.len();
        self.fits.push(fits);
        self.known.insert(word, place);
        place
    }

    /// How well two words of a title fit each term that is split.
    fn splits(&self, words: &[SpelledWord]) -> Vec<i64> {
        let has = |form: &Form| match form {
            Form::Split(first, seconds) => words.windows(2).any(|pair| match pair {
                [one, next] => {
                    one.folded == *first && seconds.iter().any(|second| next.folded.starts_with(second.as_str()))
                }
                _ => false,
            }),
            _ => false,
        };
        self.search.terms.iter().map(|term| if term.forms.iter().any(has) { 900 } else { 0 }).collect()
    }
}

/// How well a word of a product, with its stems, fits a form of a term.
fn fit(form: &Form, term: &str, word: &str, stems: &[String]) -> i64 {
    let length = |word: &str| i64::try_from(word.chars().count()).unwrap_or(i64::MAX);
    match form {
        Form::Word(wanted) | Form::Beginning(wanted) if wanted == word => 1_000,
        Form::Beginning(beginning) if word.starts_with(beginning.as_str()) => 600 + 300 * length(term) / length(word),
        Form::Stem(stem) if stem == word || stems.contains(stem) => 960,
        Form::Spelled(wanted) | Form::Joined(wanted) if wanted == word => 950,
        Form::Joined(beginning) if word.starts_with(beginning.as_str()) => 900,
        Form::Near(wanted, distance) if wanted == word => {
            if *distance == 1 {
                800
            } else {
                650
            }
        }
        Form::Ending(wanted) if wanted == word => 550,
        _ => 0,
    }
}
