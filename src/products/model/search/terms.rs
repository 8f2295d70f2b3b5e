//! What the words of a search may mean among the words that products have.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use diesel::{
    QueryableByName,
    sql_types::{Integer, Text},
};

use super::{Search, Stemming, Word, is_learnt};
use crate::kernel::{place::Locale, text::SpelledWord};

/// A word of the market with how many products have it, about.
#[derive(Debug, Clone, QueryableByName)]
pub struct Counted {
    #[diesel(sql_type = Text)]
    pub word: String,
    #[diesel(sql_type = Integer)]
    pub products: i32,
}

/// What the market's words say of one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known {
    /// How many products have the word, about.
    pub products: i32,
    /// Whether it is one of the market's words, or one of them begins with it.
    pub is_beginning: bool,
}

/// In which form a product has what is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// The word itself.
    Word(String),
    /// A word that begins with it.
    Beginning(String),
    /// A word of the same stem.
    Stem(String),
    /// The word as it is written otherwise: `kase` for `kaese`.
    Spelled(String),
    /// Two words that were looked for as one: `cakestand` for `cake stand`.
    Joined(String),
    /// One word as two beside each other: `cake stand` for `cakestand`. The second one may begin a word, or be its stem.
    Split(String, Vec<String>),
    /// A word that ends with it, as compound words do.
    Ending(String),
    /// A word that is spelled almost alike, and in how many places it is not.
    Near(String, usize),
}

/// A word that is looked for, in all forms that it may have.
#[derive(Debug, Clone)]
pub struct Term {
    pub word: String,
    pub forms: Vec<Form>,
    /// How much it tells, in thousandths: what few products have tells more.
    pub weight: i64,
    /// How many products have the word itself, about.
    products: i32,
    is_known: bool,
}

/// A search as it is carried out.
#[derive(Debug, Clone)]
pub struct Understood {
    pub terms: Vec<Term>,
    pub needs: Needs,
    /// Whether all terms stand for words that are spelled almost alike, too.
    pub is_widened: bool,
    /// What who looks reads besides the originals: titles in these count as titles.
    pub read: Vec<Locale>,
}

/// How many terms of a search a product has to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    All,
    AllButOne,
    Any,
}

/// Terms of which one may be missing, at most: with more there are too many ways.
const MAXIMUM_BUT_ONE: usize = 8;

impl Needs {
    /// What comes after this for so many terms.
    fn less(self, terms: usize) -> Option<Self> {
        match self {
            Self::All if (3..=MAXIMUM_BUT_ONE).contains(&terms) => Some(Self::AllButOne),
            Self::All | Self::AllButOne if terms >= 2 => Some(Self::Any),
            _ => None,
        }
    }
}

impl Understood {
    /// The words to look up before a search is understood.
    pub fn lookups(search: &Search, stemming: &Stemming) -> Vec<String> {
        let mut words = BTreeSet::new();
        for (place, word) in search.words.iter().enumerate() {
            words.extend(stemming.stems(&word.word));
            words.extend(other_spellings(word));
            words.extend(joined(&search.words, place));
            for (first, second) in splits(&word.word.folded) {
                words.extend(stems_of_part(stemming, &second));
                words.extend([first, second]);
            }
            words.insert(word.word.folded.clone());
        }
        words.into_iter().collect()
    }

    /// What a search means, by what was looked up.
    pub fn of(search: &Search, stemming: &Stemming, known: &HashMap<String, Known>) -> Self {
        let known = |word: &str| known.get(word).copied().unwrap_or_default();
        let is_word = |word: &String| known(word).products > 0;
        let is_beginning = |word: &String| known(word).is_beginning;
        let all = &search.words;
        let term = |(place, word): (usize, &Word)| {
            let folded = &word.word.folded;
            let stems = stemming.stems(&word.word);
            // Whoever goes on with another word has written this one to its end, if many products have it; and all that it begins
            // would be long to look up.
            let is_whole = place + 1 < all.len() && known(folded).products > MANY && !folded.chars().any(is_dense);
            let itself = if begins(folded) && !is_whole { Form::Beginning } else { Form::Word };
            let mut forms = vec![itself(folded.clone())];
            forms.extend(other_spellings(word).into_iter().filter(is_word).map(Form::Spelled));
            let before = place.checked_sub(1).and_then(|before| joined(all, before));
            forms.extend(before.into_iter().chain(joined(all, place)).filter(is_beginning).map(Form::Joined));
            for (first, second) in splits(folded).into_iter().filter(|(first, _)| is_word(first)) {
                let stems = stems_of_part(stemming, &second);
                let seconds: Vec<_> = std::iter::once(second).chain(stems).collect();
                if seconds.iter().any(is_beginning) {
                    forms.push(Form::Split(first, seconds));
                }
            }
            let is_known =
                !is_learnt(folded) || is_beginning(folded) || stems.iter().any(is_beginning) || forms.len() > 1;
            forms.extend(stems.into_iter().map(Form::Stem));
            let products = known(folded).products;
            let rarity = i64::from(products.max(1).unsigned_abs().ilog2());
            Term { word: folded.clone(), forms, weight: 10_000 / (10 + rarity), products, is_known }
        };
        let terms = all.iter().enumerate().map(term).collect();
        Self { terms, needs: Needs::All, is_widened: false, read: Vec::new() }
    }

    /// The words of the terms that are known, or of those that nothing is known of.
    pub fn words(&self, whose: Whose) -> impl Iterator<Item = &str> {
        let is_known = whose == Whose::Known;
        self.terms.iter().filter(move |term| term.is_known == is_known).map(|term| term.word.as_str())
    }

    /// Adds words of the market that may have been meant instead, each with how many products have it: to terms that are known,
    /// or to those that nothing is known of. False if there is none to add.
    pub fn add_meant(&mut self, whose: Whose, words: &[Counted]) -> bool {
        let before: usize = self.terms.iter().map(|term| term.forms.len()).sum();
        let mut alike = |term: &mut Term| {
            let most = misspellings(&term.word);
            let near = words.iter().filter_map(|Counted { word, products }| {
                let distance = strsim::osa_distance(&term.word, word);
                (1..=most).contains(&distance).then_some((distance, Reverse(*products), word))
            });
            let mut near: Vec<_> = near.collect();
            near.sort_unstable();
            let least = near.first().map(|(distance, ..)| *distance);
            let near = near.into_iter().take_while(|(distance, ..)| Some(*distance) == least).take(10);
            term.forms.extend(near.map(|(distance, _, word)| Form::Near(word.clone(), distance)));
            if term.word.chars().count() >= LEAST_ENDING {
                let longer = words
                    .iter()
                    .map(|known| &known.word)
                    .filter(|word| **word != term.word && word.ends_with(&term.word));
                term.forms.extend(longer.take(20).map(|word| Form::Ending(word.clone())));
            }
        };
        let is_known = whose == Whose::Known;
        self.terms.iter_mut().filter(|term| term.is_known == is_known).for_each(&mut alike);
        self.terms.iter().map(|term| term.forms.len()).sum::<usize>() > before
    }

    /// Whether one of its words alone finds more products than this, about.
    pub fn finds_more_than(&self, products: i32) -> bool {
        let is_enough = self.needs == Needs::Any || self.terms.len() == 1;
        is_enough && self.terms.iter().any(|term| term.products > products)
    }

    /// The same search for products that have fewer of its terms; none if one is all that they need to have.
    pub fn for_less(&self) -> Option<Self> {
        Some(Self { needs: self.needs.less(self.terms.len())?, ..self.clone() })
    }
}

/// Which terms may mean other words, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Known,
    Unknown,
}

/// More than few products.
const MANY: i32 = 1_000;

/// Letters of the beginning of a word that is looked for, at least: fewer begin too many.
const LEAST_BEGINNING: usize = 3;
/// Letters of the ending of a word, and of a part of one, at least.
const LEAST_ENDING: usize = 4;
const LEAST_PART: usize = 3;

fn begins(word: &str) -> bool {
    word.chars().count() >= LEAST_BEGINNING || word.chars().any(is_dense)
}

/// Whether a letter is a syllable or a word by itself, as those of kana and Han are: one is enough to begin with.
const fn is_dense(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn other_spellings(word: &Word) -> Vec<String> {
    let folded = &word.word.folded;
    let plain = folded.replace("ae", "a").replace("oe", "o").replace("ue", "u");
    let plain = (plain != *folded).then_some(plain);
    word.written_out.iter().cloned().chain(plain).collect()
}

/// The word at a place and the next one, as one.
fn joined(words: &[Word], place: usize) -> Option<String> {
    let (first, second) = (&words.get(place)?.word.folded, &words.get(place + 1)?.word.folded);
    let is_part = |word: &str| is_learnt(word) && word.chars().count() >= LEAST_PART;
    (is_part(first) && is_part(second)).then(|| format!("{first}{second}"))
}

/// The stems of a part of a word, which is known as it is folded alone.
fn stems_of_part(stemming: &Stemming, part: &str) -> Vec<String> {
    stemming.stems(&SpelledWord { folded: part.into(), spelled: part.into() })
}

/// A word as two, in all ways.
fn splits(word: &str) -> Vec<(String, String)> {
    let length = word.chars().count();
    let places = if is_learnt(word) { LEAST_PART..(length + 1).saturating_sub(LEAST_PART) } else { 0..0 };
    let split = |place| (word.chars().take(place).collect(), word.chars().skip(place).collect());
    places.map(split).collect()
}

/// In how many places a word may be misspelled.
pub fn misspellings(word: &str) -> usize {
    match word.chars().count() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// The beginning of a word without some of its letters: two words that differ in `misspellings` places or fewer have one of them
/// in common (Garbe, "1000x faster spelling correction", 2012).
///
/// ```
/// # use agora::products::model::search::deletes;
/// assert_eq!(deletes("lamp", 1).into_iter().collect::<Vec<_>>(), ["amp", "lam", "lamp", "lap", "lmp"]);
/// ```
pub fn deletes(word: &str, misspellings: usize) -> BTreeSet<String> {
    let beginning: String = word.chars().take(7).collect();
    let mut all = BTreeSet::from([beginning.clone()]);
    let mut last = vec![beginning];
    for _ in 0..misspellings {
        let shorter = last.iter().flat_map(|word| (0..word.chars().count()).map(|place| without(word, place)));
        last = shorter.collect();
        all.extend(last.iter().filter(|word| word.chars().count() >= 2).cloned());
    }
    all
}

fn without(word: &str, place: usize) -> String {
    word.chars().enumerate().filter(|(here, _)| *here != place).map(|(_, letter)| letter).collect()
}

/// As [`deletes`], of a word that may be meant by one with as many places to misspell as the longest has that is near to it.
pub fn deletes_of_known(word: &str) -> BTreeSet<String> {
    deletes(word, if word.chars().count() >= 6 { 2 } else { 1 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn understood(text: &str, market: &[&str]) -> Understood {
        let search = Search::parse(text, None).unwrap();
        let stemming = Stemming::of(&["en".parse().unwrap()]);
        let known = |word: &String| {
            let products = i32::from(market.contains(&word.as_str()));
            Known { products, is_beginning: market.iter().any(|known| known.starts_with(word.as_str())) }
        };
        let lookups = Understood::lookups(&search, &stemming);
        let known = lookups.into_iter().map(|word| (word.clone(), known(&word))).collect();
        Understood::of(&search, &stemming, &known)
    }

    fn tsquery(search: &Understood) -> String {
        search.tsqueries().join(" & ")
    }

    fn counted((word, products): (&str, i32)) -> Counted {
        Counted { word: word.into(), products }
    }

    #[test]
    fn a_word_is_looked_for_in_its_forms() {
        assert_eq!(tsquery(&understood("candles", &["candle"])), "('candles':* | 'candl')");
        assert_eq!(tsquery(&understood("t light", &[])), "('t') & ('light':*)");
        assert_eq!(tsquery(&understood("Käse", &["kaese"])), "('kase':* | 'kaese')");
        assert_eq!(tsquery(&understood("moebel", &["mobel"])), "('moebel':* | 'mobel')");
        assert_eq!(
            tsquery(&understood("cake stand", &["cakestand"])),
            "('cake':* | 'cakestand':*) & ('stand':* | 'cakestand':*)"
        );
        assert_eq!(
            tsquery(&understood("cakestands", &["cake", "stand"])),
            "('cakestands':* | ('cake' <-> ('stands':* | 'stand':*)) | 'cakestand')"
        );
    }

    #[test]
    fn what_nobody_has_is_taken_for_what_is_spelled_almost_alike() {
        let mut search = understood("regency cakstand 85123a", &["regency", "cakestand"]);
        assert_eq!(search.words(Whose::Unknown).collect::<Vec<_>>(), ["cakstand"]);
        let words = [("cakestand", 3), ("cakestands", 9), ("lamp", 1)].map(counted);
        search.add_meant(Whose::Unknown, &words);
        assert_eq!(tsquery(&search), "('regency':* | 'regenc') & ('cakstand':* | 'cakestand') & ('85123a':*)");
        let mut brett = understood("brett", &[]);
        brett.add_meant(Whose::Unknown, &[counted(("fruhstucksbrett", 1))]);
        assert_eq!(tsquery(&brett), "('brett':* | 'fruhstucksbrett')");
    }

    #[test]
    fn what_many_products_have_is_a_whole_word_before_another_one() {
        let asked = |text: &str, products: i32| {
            let search = Search::parse(text, None).unwrap();
            let stemming = Stemming::of(&["en".parse().unwrap()]);
            let known = Known { products, is_beginning: true };
            let known = Understood::lookups(&search, &stemming).into_iter().map(|word| (word, known)).collect();
            let mut search = Understood::of(&search, &stemming, &known);
            search.terms.iter_mut().for_each(|term| term.forms.truncate(1));
            (tsquery(&search), search.finds_more_than(2_000), search.for_less().unwrap().finds_more_than(2_000))
        };
        assert_eq!(asked("red lamp", 5_000), ("('red') & ('lamp':*)".into(), false, true));
        assert_eq!(asked("red lamp", 1_000), ("('red':*) & ('lamp':*)".into(), false, false));
        assert_eq!(asked("日本 lamp", 5_000).0, "('日本':*) & ('lamp':*)");
    }

    #[test]
    fn fewer_words_will_do() {
        let all = understood("red tea cup", &[]);
        let most = all.for_less().unwrap();
        assert_eq!(tsquery(&most), "(('tea':*) | ('cup':*)) & (('red':*) | ('tea':*) & ('cup':*))");
        let any = most.for_less().unwrap();
        assert_eq!(tsquery(&any), "('red':*) | ('tea':*) | ('cup':*)");
        assert!(any.for_less().is_none() && understood("cup", &[]).for_less().is_none());
    }

    proptest! {
        #[test]
        fn words_that_are_near_share_a_delete(word in "[a-c]{4,12}", place in 0_usize..12, other in "[a-c]", kind in 0..4) {
            let place = place % word.chars().count();
            let mut letters: Vec<char> = word.chars().collect();
            match kind {
                0 => { letters.remove(place); }
                1 => letters.insert(place, other.chars().next().unwrap()),
                2 => letters[place] = other.chars().next().unwrap(),
                _ => letters.swap(place, (place + 1) % word.chars().count().max(1)),
            }
            let typed: String = letters.into_iter().collect();
            prop_assume!(strsim::osa_distance(&word, &typed) <= misspellings(&typed));
            let (known, asked) = (deletes_of_known(&word), deletes(&typed, misspellings(&typed)));
            prop_assert!(!known.is_disjoint(&asked), "{word} {typed}");
        }

        #[test]
        fn no_search_can_break_out_of_its_words(text: String) {
            if let Some(search) = Search::parse(&text, None) {
                for word in search.words {
                    let folded = word.word.folded;
                    prop_assert!(!folded.is_empty() && folded.chars().all(char::is_alphanumeric));
                }
            }
        }
    }
}
