//! Searching in what was written.

use super::{Conversation, Message, Side};
use crate::{
    kernel::{
        id::Id,
        text::{placed_words, words},
        tsvector::{Document, Weight, quoted},
    },
    platform::clock::Time,
    users::model::User,
};

/// In how many conversations is searched at once: those in which something was written last.
pub const MAXIMUM_SEARCHED: i64 = 1_000;
/// How many words of a search are looked for.
const MAXIMUM_WORDS: usize = 16;
/// How many characters of a word tell it apart.
const MAXIMUM_LETTERS: usize = 40;
/// From how many letters on the beginning of a word is looked for in the index, whoever wrote it: of shorter ones nearly every message of the
/// market has a word.
const INDEXED_LETTERS: usize = 4;
/// How many places of a message are told.
pub const MAXIMUM_HIGHLIGHTS: usize = 50;

/// Which messages a search is among. What is absent does not narrow it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct MessageFilter {
    pub author: Option<Id<User>>,
    pub conversation: Option<Id<Conversation>>,
    /// Sent after this time, and before this one.
    pub after: Option<Time>,
    pub before: Option<Time>,
    pub has_attachment: Option<bool>,
}

/// What somebody searches on a side.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageSearch {
    pub side: Side,
    pub query: String,
    pub filter: MessageFilter,
}

/// The words of a search. All of them are in what it finds; the last one may only be the beginning of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    words: Vec<String>,
    last: String,
}

/// A search as Postgres is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// A `tsquery` that an index answers.
    pub indexed: String,
    /// A `tsquery` for what is looked at of that alone.
    pub beginning: Option<String>,
}

fn cut(word: &str) -> String {
    word.chars().take(MAXIMUM_LETTERS).collect()
}

/// A conversation as a word. No word of a text has this sign in it.
fn word_of(conversation: Id<Conversation>) -> String {
    format!("@{}", conversation.uuid().simple())
}

/// What of a message is searched.
pub fn searched(conversation: Id<Conversation>, text: &str) -> Document {
    let mut document = Document::default();
    document.add([word_of(conversation)], Weight::D);
    document.gap();
    for word in words(text) {
        document.add([cut(&word)], Weight::D);
    }
    document
}

impl Sought {
    /// None if there is no word in it.
    pub fn of(query: &str) -> Option<Self> {
        let mut words: Vec<_> = words(query).take(MAXIMUM_WORDS).map(|word| cut(&word)).collect();
        let last = words.pop()?;
        Some(Self { words, last })
    }

    /// For what stands in any of some conversations; none if there is none.
    pub fn terms(&self, conversations: &[Id<Conversation>]) -> Option<Terms> {
        if conversations.is_empty() {
            return None;
        }
        let among: Vec<_> = conversations.iter().map(|id| quoted(&word_of(*id))).collect();
        let mut parts = vec![format!("({})", among.join(" | "))];
        parts.extend(self.words.iter().map(|word| quoted(word)));
        let beginning = format!("{}:*", quoted(&self.last));
        let is_indexed = self.last.chars().count() >= INDEXED_LETTERS;
        if is_indexed {
            parts.push(beginning.clone());
        }
        Some(Terms { indexed: parts.join(" & "), beginning: (!is_indexed).then_some(beginning) })
    }

    fn is_hit(&self, word: &str) -> bool {
        let word = cut(word);
        word.starts_with(&self.last) || self.words.contains(&word)
    }

    /// Where in a text its words stand: from which character on, and how many.
    pub fn hits(&self, text: &str) -> Vec<(i32, i32)> {
        let hits = placed_words(text).into_iter().filter(|(_, _, forms)| forms.iter().any(|form| self.is_hit(form)));
        let place = |(start, length, _): (usize, usize, Vec<String>)| {
            Some((i32::try_from(start).ok()?, i32::try_from(length).ok()?))
        };
        hits.filter_map(place).take(MAXIMUM_HIGHLIGHTS).collect()
    }
}

/// A message that a search has found, and where its words stand in it.
#[derive(Debug, Clone)]
pub struct Hit {
    pub message: Message,
    pub places: Vec<(i32, i32)>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn conversation(number: u128) -> Id<Conversation> {
        Id::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn all_words_are_looked_for_in_all_conversations_and_the_last_one_by_its_beginning() {
        let sought = Sought::of(" Größe, te ").unwrap();
        let one = "00000000000000000000000000000001";
        let other = "00000000000000000000000000000002";
        let among = format!("('@{one}' | '@{other}') & 'grosse'");
        let terms = |sought: &Sought| sought.terms(&[conversation(1), conversation(2)]);
        assert_eq!(terms(&sought), Some(Terms { indexed: among.clone(), beginning: Some("'te':*".into()) }));
        let longer = Sought::of("größe teap").unwrap();
        assert_eq!(terms(&longer), Some(Terms { indexed: format!("{among} & 'teap':*"), beginning: None }));
        assert_eq!(sought.terms(&[]), None);
        assert_eq!(sought.hits("🎉 Tee, grosse Tassen - Größe"), [(2, 3), (7, 6), (23, 5)]);
        assert_eq!(Sought::of(" 🎉 & | ! :* "), None);
    }

    #[test]
    fn a_message_is_its_words_and_its_conversation() {
        let document = searched(conversation(1), "Tea, tea!").to_string();
        assert_eq!(document, "'@00000000000000000000000000000001':1 'tea':10,11");
    }

    proptest! {
        #[test]
        fn what_a_message_says_finds_it(text in "\\PC{1,40}") {
            if let Some(sought) = Sought::of(&text) {
                let said = searched(conversation(1), &text).to_string();
                for word in sought.words.iter().chain([&sought.last]) {
                    prop_assert!(said.contains(&quoted(word)), "{word} in {said}");
                }
            }
        }

        #[test]
        fn no_search_can_break_out_of_its_words(query: String) {
            if let Some(sought) = Sought::of(&query) {
                prop_assert!(sought.words.iter().chain([&sought.last]).all(|word| word.chars().all(char::is_alphanumeric)));
            }
        }
    }
}
