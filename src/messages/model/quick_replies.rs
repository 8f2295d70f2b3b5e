//! Texts that a shop's members answer with again and again.

use diesel::{Queryable, Selectable};
use serde::Serialize;

use crate::{
    kernel::{
        id::{Entity, Id},
        text,
    },
    schema::quick_replies,
    shops::model::Shop,
};

/// A saved text of a shop.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = quick_replies)]
pub struct QuickReply {
    pub id: Id<QuickReply>,
    pub shop_id: Id<Shop>,
    /// By what members find it; no other one of the shop has it.
    pub shortcut: String,
    pub text: String,
    pub version: i32,
}

impl Entity for QuickReply {
    const PREFIX: &'static str = "quickreply";
}

impl QuickReply {
    /// How many of them a shop has at the most.
    pub const MAXIMUM: usize = 50;
    /// Characters of a shortcut at the most.
    pub const MAXIMUM_SHORTCUT: usize = 32;
}

/// Whether something can be typed as a shortcut: lower-case letters, digits and single inner hyphens.
pub fn is_shortcut(text: &str) -> bool {
    text.len() <= QuickReply::MAXIMUM_SHORTCUT && text::is_slug(text)
}

/// What a new one says.
#[derive(Debug, Clone, Serialize)]
pub struct CreateQuickReply {
    pub shop: Id<Shop>,
    pub shortcut: String,
    pub text: String,
}

/// A change of one; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct QuickReplyChange {
    pub shortcut: Option<String>,
    pub text: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortcut_is_quickly_typed() {
        assert!(is_shortcut("thanks") && is_shortcut("back-on-monday") && is_shortcut("24h"));
        for text in ["", "Thanks", "/thanks", "a b", "-a", "größe", &"a".repeat(33)] {
            assert!(!is_shortcut(text), "{text}");
        }
    }
}
