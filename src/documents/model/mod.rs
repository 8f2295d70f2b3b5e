//! Documents, what they are named by, and where they were found.

mod usage;

use std::{fmt, path::PathBuf, str::FromStr};

use diesel::{Queryable, Selectable, deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use sha2::{Digest, Sha256};

pub use self::usage::{
    Batch, ClientUsage, DocumentUse, DocumentWithUsage, FieldClientUsage, Latencies, MAXIMUM_CLIENTS, MAXIMUM_NAME,
    MAXIMUM_PERSISTED, RETENTION, Tally, add_counts, other, p99_milliseconds,
};
use crate::{platform::clock::Time, text_column};

/// The SHA-256 of a document's text in UTF-8, written as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct DocumentHash([u8; 32]);

/// A text that is no hash of a document.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hash of a document is its SHA-256 in 64 hexadecimal digits")]
pub struct InvalidHash;

impl DocumentHash {
    /// The hash of a document with this text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// Spreads documents evenly.
    #[must_use]
    pub const fn first_byte(self) -> u8 {
        let [first, ..] = self.0;
        first
    }
}

impl fmt::Display for DocumentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for DocumentHash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(InvalidHash) };
        let mut hash = [0; 32];
        if pairs.len() != hash.len() {
            return Err(InvalidHash);
        }
        let digit = |letter: u8| char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            *byte = digit(*high).zip(digit(*low)).map(|(high, low)| (high << 4) | low).ok_or(InvalidHash)?;
        }
        Ok(Self(hash))
    }
}

text_column!(DocumentHash);

/// Documents that are trusted at the most, and bytes of text that they have together: each process holds them in memory.
pub const MAXIMUM_TRUSTED: i64 = 10_000;
pub const MAXIMUM_TRUSTED_BYTES: i64 = 32 * 1024 * 1024;

/// A document in a file of a client.
#[derive(Debug)]
pub struct Found {
    pub place: Place,
    pub text: String,
}

/// Where a document begins.
#[derive(Debug, Clone)]
pub enum Place {
    /// The file is the document.
    File(PathBuf),
    /// The document stands in one line of a manifest.
    Manifest(PathBuf, usize),
}

/// A document that was held against the schema.
#[derive(Debug, Clone)]
pub struct NewDocument {
    pub hash: DocumentHash,
    pub text: String,
    /// The names of its operations.
    pub operations: Vec<String>,
}

/// A document as it stands in the table.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = crate::schema::documents, check_for_backend(diesel::pg::Pg))]
pub struct Document {
    pub hash: DocumentHash,
    pub operations: Vec<String>,
    /// Of trusted ones only.
    pub text: Option<String>,
    pub trusted_at: Option<Time>,
    pub first_seen_at: Time,
}

/// What became of documents that were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// Those that had not been trusted before.
    pub new: i64,
    /// All that are trusted now.
    pub all: i64,
}

/// All documents that are trusted.
#[derive(Debug)]
pub struct Trusted {
    /// Counts the changes.
    pub revision: i64,
    pub texts: Vec<(DocumentHash, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_what_sha256sum_prints() {
        let hash = DocumentHash::of("{ __typename }");
        assert_eq!(hash.to_string(), "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!(hash.to_string().to_uppercase().parse(), Ok(hash));
        for broken in ["", "7f", &"g".repeat(64), &"0".repeat(63), &"0".repeat(65), &"0".repeat(66), &"ä".repeat(32)] {
            assert_eq!(broken.parse::<DocumentHash>(), Err(InvalidHash), "{broken}");
        }
    }
}
