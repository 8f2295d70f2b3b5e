//! Words and domains that nobody sends in messages.

use std::collections::BTreeSet;

use diesel::{Queryable, Selectable};
use serde::Serialize;

use super::attachments::{AttachmentDraft, Place};
use crate::{
    kernel::{
        id::{Entity, Id},
        text,
    },
    platform::clock::Time,
    schema::message_filters,
    text_enum,
};

text_enum! {
    /// What a filter looks for. New kinds may appear.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "MessageFilterKind")]
    pub enum FilterKind {
        /// A word, whatever its case and its marks.
        Word = "WORD",
        /// A domain, and all that lie below it.
        Link = "LINK",
    }
}

text_enum! {
    /// What is done about a message that holds what a filter looks for. New actions may appear.
    #[derive(async_graphql::Enum)]
    #[graphql(name = "MessageFilterAction")]
    pub enum FilterAction {
        /// It is not sent, and its author is told so.
        Refuse = "REFUSE",
        /// The staff look at it first; until then nobody but its author sees it.
        Review = "REVIEW",
    }
}

/// Something that nobody sends, or that is looked at first.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = message_filters)]
pub struct MessageFilter {
    pub id: Id<MessageFilter>,
    pub kind: FilterKind,
    /// As the staff wrote it.
    pub pattern: String,
    pub created_at: Time,
    pub action: FilterAction,
}

impl Entity for MessageFilter {
    const PREFIX: &'static str = "filter";
}

impl MessageFilter {
    /// How many there are at the most.
    pub const MAXIMUM: i64 = 1_000;
}

/// What a new filter looks for.
#[derive(Debug, Clone, Serialize)]
pub struct CreateMessageFilter {
    pub kind: FilterKind,
    pub pattern: String,
    /// None refuses it. Left out then, so that keys that were used before there was another action stay good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<FilterAction>,
}

impl CreateMessageFilter {
    /// By what it is compared; none if it is neither one word nor one domain.
    pub fn folded(&self) -> Option<String> {
        match self.kind {
            FilterKind::Link => text::host(&self.pattern),
            FilterKind::Word => {
                let mut words = words_of(&self.pattern).into_iter();
                words.next().filter(|_| words.next().is_none())
            }
        }
    }
}

/// What is about to be said, as filters compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    pub words: Vec<String>,
    pub hosts: Vec<String>,
}

impl Spoken {
    /// A text, and the names of what is sent along.
    pub fn of(text: &str, attachments: &[AttachmentDraft]) -> Self {
        let mut said = text.to_owned();
        for attachment in attachments {
            if let AttachmentDraft::File { name, .. } | AttachmentDraft::Place(Place { name, .. }) = attachment {
                said.push('\n');
                said.push_str(name);
            }
        }
        Self { words: words_of(&said).into_iter().collect(), hosts: text::hosts(&said).into_iter().collect() }
    }
}

fn words_of(said: &str) -> BTreeSet<String> {
    text::words(&text::without_invisible(said)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(kind: FilterKind, pattern: &str) -> Option<String> {
        CreateMessageFilter { kind, pattern: pattern.into(), action: None }.folded()
    }

    #[test]
    fn a_filter_is_one_word_or_one_domain() {
        assert_eq!(folded(FilterKind::Word, " Größe "), Some("grosse".into()));
        assert_eq!(folded(FilterKind::Link, "Bücher.Example"), Some("bücher.example".into()));
        for (kind, pattern) in [
            (FilterKind::Word, "two words"),
            (FilterKind::Word, "…"),
            (FilterKind::Link, "example"),
            (FilterKind::Link, "https://evil.example/"),
            (FilterKind::Link, "evil..example"),
        ] {
            assert_eq!(folded(kind, pattern), None, "{pattern}");
        }
    }

    #[test]
    fn a_word_is_found_however_it_is_written() {
        for text in ["SPÄM", "ｓｐａｍ!", "sp\u{200b}am", "a spa\u{308}m.", "SPAM\u{fe0f}"] {
            assert!(Spoken::of(text, &[]).words.contains(&"spam".to_owned()), "{text}");
        }
        assert!(!Spoken::of("spammer", &[]).words.contains(&"spam".to_owned()));
    }

    #[test]
    fn a_domain_is_found_in_links_and_names() {
        let place = Place { name: "www.evil.example".into(), latitude: 0.0, longitude: 0.0 };
        for spoken in [
            Spoken::of("http://a.b.evil.example:80/?x", &[]),
            Spoken::of("ＥＶＩＬ．example", &[]),
            Spoken::of("good.example@evil.example", &[]),
            Spoken::of("", &[AttachmentDraft::Place(place)]),
        ] {
            assert!(spoken.hosts.contains(&"evil.example".to_owned()), "{spoken:?}");
        }
        assert!(!Spoken::of("notevil.example", &[]).hosts.contains(&"evil.example".to_owned()));
    }
}
