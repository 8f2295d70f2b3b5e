//! Stems of words, by language.

use snowball_stemmers_rs::{Algorithm, Stemmer};

use crate::kernel::place::Locale;

/// How words of a few languages are cut down to their stems. Of a language without a known algorithm (Snowball has 30) words
/// stay as they are.
#[derive(Debug, Clone)]
pub struct Stemming(Vec<Algorithm>);

impl Stemming {
    /// For texts in these languages.
    pub fn of<'a>(locales: impl IntoIterator<Item = &'a Locale>) -> Self {
        let mut algorithms: Vec<Algorithm> = Vec::new();
        for algorithm in locales.into_iter().filter_map(algorithm) {
            if !algorithms.contains(&algorithm) {
                algorithms.push(algorithm);
            }
        }
        Self(algorithms)
    }

    /// The stems of a folded word that are not the word itself.
    pub fn stems(&self, word: &str) -> impl Iterator<Item = String> {
        // A stem is for words of letters: `85123a` is none.
        let algorithms = if word.chars().all(char::is_alphabetic) { self.0.as_slice() } else { &[] };
        let stem = move |algorithm: &Algorithm| Stemmer::create(*algorithm).stem(word).into_owned();
        algorithms.iter().map(stem).filter(move |stem| stem != word)
    }
}

fn algorithm(locale: &Locale) -> Option<Algorithm> {
    Some(match locale.primary_language() {
        "ar" => Algorithm::Arabic,
        "hy" => Algorithm::Armenian,
        "eu" => Algorithm::Basque,
        "ca" => Algorithm::Catalan,
        "cs" => Algorithm::Czech,
        "da" => Algorithm::Danish,
        "nl" => Algorithm::Dutch,
        "en" => Algorithm::English,
        "eo" => Algorithm::Esperanto,
        "et" => Algorithm::Estonian,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "hi" => Algorithm::Hindi,
        "hu" => Algorithm::Hungarian,
        "id" => Algorithm::Indonesian,
        "ga" => Algorithm::Irish,
        "it" => Algorithm::Italian,
        "lt" => Algorithm::Lithuanian,
        "ne" => Algorithm::Nepali,
        "nb" | "nn" | "no" => Algorithm::Norwegian,
        "fa" => Algorithm::Persian,
        "pl" => Algorithm::Polish,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sr" => Algorithm::Serbian,
        "es" => Algorithm::Spanish,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        "uk" => Algorithm::Ukrainian,
        "yi" => Algorithm::Yiddish,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(locales: &[&str], word: &str) -> Vec<String> {
        let locales: Vec<Locale> = locales.iter().map(|locale| locale.parse().unwrap()).collect();
        Stemming::of(&locales).stems(word).collect()
    }

    #[test]
    fn stems_go_by_the_language() {
        assert_eq!(stems(&["en"], "candles"), ["candl"]);
        assert_eq!(stems(&["en-GB", "en"], "candle"), ["candl"]);
        assert_eq!(stems(&["de-AT"], "lampen"), ["lamp"]);
        assert_eq!(stems(&["en", "de"], "lampen"), ["lamp"]);
        assert!(stems(&["ja"], "candles").is_empty());
        assert!(stems(&["en"], "85123as").is_empty());
    }
}
