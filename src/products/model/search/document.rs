//! What a product is found by.

use std::collections::BTreeSet;

use super::Stemming;
use crate::{
    kernel::{
        text,
        tsvector::{Document, Weight},
    },
    products::model::translations::ProductTranslation,
};

/// What a product says of itself as a whole.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    pub title: &'a str,
    pub brand: &'a str,
    pub tags: &'a [String],
    pub description: &'a str,
    pub translations: &'a [ProductTranslation],
}

impl Texts<'_> {
    /// What the product is found by, with what its variants and attributes say; and its words that are learnt.
    pub fn document<'a>(
        &self,
        details: impl Iterator<Item = &'a str>,
        stemming: &Stemming,
    ) -> (Document, BTreeSet<String>) {
        let (mut document, mut learnt) = (Document::default(), BTreeSet::new());
        let mut add = |text: &str, weight, stemming: &Stemming| {
            let mut words = text::spelled_words(text).peekable();
            if words.peek().is_none() {
                return;
            }
            for word in words {
                let is_in = document.add(std::iter::once(word.folded.clone()).chain(stemming.stems(&word)), weight);
                if is_in && is_learnt(&word.folded) {
                    learnt.insert(word.folded);
                }
                // Whoever says more than this is found by what came before.
                if document.is_full() {
                    return;
                }
            }
            document.gap();
        };
        let named = std::iter::once(self.brand).chain(self.tags.iter().map(String::as_str));
        add(self.title, Weight::A, stemming);
        named.for_each(|text| add(text, Weight::B, stemming));
        details.for_each(|text| add(text, Weight::C, stemming));
        // A document holds only so much: no description keeps a title out.
        let others: Vec<_> = self.translations.iter().map(|other| (other, Stemming::of([&other.locale]))).collect();
        for (other, stemming) in &others {
            add(&other.title, Weight::A, stemming);
        }
        for (other, stemming) in &others {
            other.option_words().for_each(|text| add(text, Weight::C, stemming));
        }
        add(self.description, Weight::D, stemming);
        for (other, stemming) in &others {
            add(&other.description, Weight::D, stemming);
        }
        (document, learnt)
    }
}

/// Whether a word may be meant by one that is spelled almost alike: numbers and codes never are.
pub fn is_learnt(word: &str) -> bool {
    word.chars().all(char::is_alphabetic) && (2..=40).contains(&word.chars().count())
}
