//! What a product is found by.

use std::collections::BTreeSet;

use super::Stemming;
use crate::kernel::{
    text,
    tsvector::{Document, Weight},
};

/// What a product says of itself as a whole.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    pub title: &'a str,
    pub brand: &'a str,
    pub tags: &'a [String],
    pub description: &'a str,
}

impl Texts<'_> {
    /// What the product is found by, with what its variants and attributes say; and its words that are learnt.
    pub fn document<'a>(
        &self,
        details: impl Iterator<Item = &'a str>,
        stemming: &Stemming,
    ) -> (Document, BTreeSet<String>) {
        let (mut document, mut learnt) = (Document::default(), BTreeSet::new());
        let mut add = |text: &str, weight| {
            let mut words = text::spelled_words(text).peekable();
            if words.peek().is_none() {
                return;
            }
            for word in words {
                document.add(std::iter::once(word.folded.clone()).chain(stemming.stems(&word)), weight);
                if is_learnt(&word.folded) {
                    learnt.insert(word.folded);
                }
            }
            document.gap();
        };
        add(self.title, Weight::A);
        std::iter::once(self.brand).chain(self.tags.iter().map(String::as_str)).for_each(|text| add(text, Weight::B));
        details.for_each(|text| add(text, Weight::C));
        add(self.description, Weight::D);
        (document, learnt)
    }
}

/// Whether a word may be meant by one that is spelled almost alike: numbers and codes never are.
pub fn is_learnt(word: &str) -> bool {
    word.chars().all(char::is_alphabetic) && (2..=40).contains(&word.chars().count())
}
