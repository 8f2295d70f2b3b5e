//! Search: what products are found by, what is looked for, and how well the two fit.

mod document;
mod relevance;
mod stems;
mod terms;

pub use self::{
    document::{Texts, is_learnt},
    relevance::{Relevance, Seen},
    stems::Stemming,
    terms::{Counted, Form, Known, Needs, Understood, Whose, deletes, deletes_of_known, misspellings},
};

use crate::kernel::{place::Locale, text};

/// What somebody looks for, in their words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Search {
    pub words: Vec<Word>,
    /// Of who looks.
    pub locale: Option<Locale>,
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Word {
    /// As [`text::words`] folds it.
    pub folded: String,
    /// Folded with umlauts written out, where that is another word: `kaese` of `Käse`.
    pub written_out: Option<String>,
}

impl Search {
    /// Words beyond these narrow nothing any more.
    const MAXIMUM_WORDS: usize = 20;
    /// Whoever looks for more letters finds what begins with these.
    const MAXIMUM_LETTERS: usize = 40;

    /// What to look for; none if the text holds no word.
    #[must_use]
    pub fn parse(text: &str, locale: Option<Locale>) -> Option<Self> {
        let cut = |word: String| word.chars().take(Self::MAXIMUM_LETTERS).collect::<String>();
        let mut words = Vec::<Word>::new();
        for (folded, written_out) in text::words(text).zip(text::words(&text::write_umlauts_out(text))) {
            let (folded, written_out) = (cut(folded), cut(written_out));
            if words.len() < Self::MAXIMUM_WORDS && !words.iter().any(|word| word.folded == folded) {
                let written_out = (written_out != folded).then_some(written_out);
                words.push(Word { folded, written_out });
            }
        }
        (!words.is_empty()).then_some(Self { words, locale })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        let search = Search::parse(text, None);
        search.map(|search| search.words.into_iter().map(|word| word.folded).collect()).unwrap_or_default()
    }

    #[test]
    fn a_search_is_made_of_words() {
        assert_eq!(folded("T-Light  Hölder, t"), ["t", "light", "holder"]);
        assert!(folded(" -'&|!():* ").is_empty());
        assert_eq!(folded(&"x".repeat(61)), ["x".repeat(40)]);
        let many: Vec<_> = (0..50).map(|number| number.to_string()).collect();
        assert_eq!(folded(&many.join(" ")).len(), 20);
    }

    #[test]
    fn umlauts_are_written_out_too() {
        let search = Search::parse("Käse groß", None).unwrap();
        assert_eq!(search.words[0], Word { folded: "kase".into(), written_out: Some("kaese".into()) });
        assert_eq!(search.words[1], Word { folded: "gross".into(), written_out: None });
    }
}
