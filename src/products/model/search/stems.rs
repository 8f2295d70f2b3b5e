//! Stems of words, by language.

use snowball_stemmers_rs::{Algorithm, Stemmer};

use crate::kernel::{
    place::Locale,
    text::{self, SpelledWord},
};

/// How words of a few languages are cut down to their stems. Of a language without a known algorithm (there are 34) words
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

    /// The folded stems of a word that are not the word itself: as it is spelled, and as somebody writes it who leaves out marks.
    pub fn stems(&self, word: &SpelledWord) -> Vec<String> {
        let SpelledWord { folded, spelled } = word;
        // A stem is for words of letters: `85123a` has none.
        if !folded.chars().all(char::is_alphabetic) {
            return Vec::new();
        }
        let mut stems = Vec::new();
        for algorithm in &self.0 {
            let stemmer = Stemmer::create(*algorithm);
            for stem in [text::fold(&stemmer.stem(spelled)), stemmer.stem(folded).into_owned()] {
                // Some algorithms leave nothing of some words.
                if stem.chars().all(char::is_alphabetic)
                    && !stem.is_empty()
                    && stem != *folded
                    && !stems.contains(&stem)
                {
                    stems.push(stem);
                }
            }
        }
        stems
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
        Stemming::of(&locales).stems(&text::spelled_words(word).next().unwrap())
    }

    #[test]
    fn stems_go_by_the_language() {
        assert_eq!(stems(&["en"], "candles"), ["candl"]);
        assert_eq!(stems(&["en-GB", "en"], "candle"), ["candl"]);
        assert_eq!(stems(&["de-AT"], "lampen"), ["lamp"]);
        assert_eq!(stems(&["en", "de"], "lampen"), ["lamp"]);
        assert!(stems(&["ja"], "candles").is_empty());
        assert!(stems(&["en"], "85123as").is_empty());
        assert_eq!(stems(&["ru"], "красный")[0], stems(&["ru"], "красная")[0]);
    }

    #[test]
    fn no_stem_is_empty() {
        let languages = [
            "ar", "hy", "eu", "ca", "cs", "da", "nl", "en", "eo", "et", "fi", "fr", "de", "el", "hi", "hu", "id", "ga",
            "it", "lt", "ne", "no", "fa", "pl", "pt", "ro", "ru", "sr", "es", "sv", "ta", "tr", "uk", "yi",
        ];
        for word in ["ـ", "छ", "रत", "s", "е", "й", "いぬ", "ات", "ing"] {
            for stem in stems(&languages, word) {
                assert!(!stem.is_empty() && stem.chars().all(char::is_alphabetic), "{word}: {stem:?}");
            }
        }
    }
}
