//! Search: what products are found by, what is looked for, and how well the two fit.

mod document;
mod relevance;
mod stems;
mod terms;
mod tsquery;

pub use self::{
    document::{Texts, is_learnt},
    relevance::{Relevance, Seen},
    stems::Stemming,
    terms::{Counted, Form, Known, Needs, Understood, Whose, deletes, deletes_of_known, misspellings},
};

use std::hash::{Hash, Hasher};

use crate::kernel::{
    place::Locale,
    text::{self, SpelledWord},
};

/// What somebody looks for, in their words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pub words: Vec<Word>,
    /// Of who looks.
    pub locale: Option<Locale>,
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub word: SpelledWord,
    /// Folded with umlauts written out, where that is another word: `kaese` of `Käse`.
    pub written_out: Option<String>,
}

/// Words that are looked for: those beyond it narrow nothing any more.
const MAXIMUM_WORDS: usize = 20;
/// Letters of a word that are looked at: what begins with these has the others, too, as far as is known.
const MAXIMUM_LETTERS: usize = 40;

/// The beginning of a word that is looked at.
#[must_use]
pub fn cut(word: &str) -> String {
    word.chars().take(MAXIMUM_LETTERS).collect()
}

/// Cursors are tied to it: to the words alone, so that a page goes on in another language, and in the next release.
impl Hash for Search {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let words: Vec<_> = self.words.iter().map(|word| format!("{}:*", word.word.folded)).collect();
        words.join(" & ").hash(state);
    }
}

impl Search {
    /// What to look for; none if the text holds no word.
    #[must_use]
    pub fn parse(text: &str, locale: Option<Locale>) -> Option<Self> {
        let mut words = Vec::<Word>::new();
        for (word, written_out) in text::spelled_words(text).zip(text::words(&text::write_umlauts_out(text))) {
            let word = SpelledWord { folded: cut(&word.folded), spelled: cut(&word.spelled) };
            let written_out = cut(&written_out);
            if words.len() < MAXIMUM_WORDS && !words.iter().any(|known| known.word.folded == word.folded) {
                let written_out = (written_out != word.folded).then_some(written_out);
                words.push(Word { word, written_out });
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
        search.map(|search| search.words.into_iter().map(|word| word.word.folded).collect()).unwrap_or_default()
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
        let folded: Vec<_> = search.words.iter().map(|word| word.word.folded.as_str()).collect();
        assert_eq!(folded, ["kase", "gross"]);
        let written_out: Vec<_> = search.words.iter().map(|word| word.written_out.as_deref()).collect();
        assert_eq!(written_out, [Some("kaese"), None]);
    }
}
