//! What clients keep for a person.

use diesel::{Queryable, Selectable};

use crate::{platform::clock::Time, schema::client_settings};

/// What one client, or one part of it, keeps for a person. We do not look into it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = client_settings)]
pub struct ClientSettings {
    pub namespace: String,
    /// JSON.
    pub value: String,
    /// Rises with each change. No version of a namespace is given twice.
    pub version: i32,
    pub updated_at: Time,
}

impl ClientSettings {
    /// Namespaces of one person at the most.
    pub const MAXIMUM: i64 = 16;
    /// Bytes of one value at the most, as JSON without white space.
    pub const MAXIMUM_BYTES: usize = 4_096;

    /// Whether a text can be a namespace: 1 to 64 small letters, digits, and `.`, `_`, `-` between them.
    pub fn is_namespace(text: &str) -> bool {
        let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
        let is_end = |end: Option<&u8>| end.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = text.as_bytes();
        bytes.len() <= 64 && bytes.iter().copied().all(is_inner) && is_end(bytes.first()) && is_end(bytes.last())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_short_words() {
        for good in ["a", "web", "com.example.shop_app-2"] {
            assert!(ClientSettings::is_namespace(good), "{good}");
        }
        for bad in ["", "Web", ".web", "web.", "a b", "\u{e9}t\u{e9}", &"a".repeat(65)] {
            assert!(!ClientSettings::is_namespace(bad), "{bad}");
        }
    }
}
