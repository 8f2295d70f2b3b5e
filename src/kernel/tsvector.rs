//! Documents for Postgres' text search, made here: no configuration, dictionary or collation of a server has a say in them.

use std::{collections::BTreeMap, io::Write as _};

use diesel::{
    expression::AsExpression,
    pg::Pg,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::SqlType,
};

/// The type `tsvector`.
#[derive(Debug, Clone, Copy, diesel::query_builder::QueryId, SqlType)]
#[diesel(postgres_type(oid = 3614, array_oid = 3643))]
pub struct Tsvector;

/// How much a word says of what it stands in, as Postgres numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    D,
    C,
    B,
    A,
}

impl Weight {
    const fn bits(self) -> u16 {
        match self {
            Self::D => 0,
            Self::C => 1 << 14,
            Self::B => 2 << 14,
            Self::A => 3 << 14,
        }
    }
}

/// Words with their places: a value of `tsvector`.
///
/// ```
/// use agora::kernel::tsvector::{Document, Weight};
/// let mut document = Document::default();
/// document.add(["white"], Weight::A);
/// document.add(["hearts", "heart"], Weight::A);
/// document.gap();
/// document.add(["white"], Weight::D);
/// assert_eq!(document.to_string(), "'heart':2A 'hearts':2A 'white':1A,11");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, AsExpression)]
#[diesel(sql_type = Tsvector)]
pub struct Document {
    /// What stands where: the weight in the upper two bits of a place, as Postgres keeps it.
    words: BTreeMap<String, Vec<u16>>,
    last: u16,
}

impl Document {
    /// The last place that is told apart, and how many places of one word are kept (Postgres' limits).
    const LAST_PLACE: u16 = (1 << 14) - 1;
    const PLACES: usize = 255;
    /// Postgres refuses words beyond 2,046 bytes, and documents beyond a megabyte. Forty letters have at most 160.
    const MAXIMUM_BYTES: usize = 200;
    const MAXIMUM_WORDS: usize = 4_000;

    /// Adds a word in all of its forms, right after the last one. What is too long is cut, what is too much left out. Tells whether the
    /// first form is in.
    pub fn add<S: Into<String>>(&mut self, forms: impl IntoIterator<Item = S>, weight: Weight) -> bool {
        let mut is_in = None;
        self.last = self.last.saturating_add(1).min(Self::LAST_PLACE);
        for form in forms {
            let mut form = form.into();
            form.truncate(form.floor_char_boundary(Self::MAXIMUM_BYTES));
            let is_known = self.words.contains_key(&form);
            let has_room = !form.is_empty() && (is_known || !self.is_full());
            is_in.get_or_insert(has_room);
            if !has_room {
                continue;
            }
            let places = self.words.entry(form).or_default();
            let is_new = places.last().is_none_or(|place| place & Self::LAST_PLACE < self.last);
            if is_new && places.len() < Self::PLACES {
                places.push(weight.bits() | self.last);
            }
        }
        is_in.unwrap_or_default()
    }

    /// Whether no word comes in any more that is not in it.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.words.len() >= Self::MAXIMUM_WORDS
    }

    /// Sets what comes apart from what was there, so that words beside each other are never of two texts.
    pub fn gap(&mut self) {
        self.last = self.last.saturating_add(8).min(Self::LAST_PLACE);
    }
}

/// As Postgres writes it.
impl std::fmt::Display for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = |place: &u16| match place >> 14 {
            0 => format!("{}", place & Self::LAST_PLACE),
            1 => format!("{}C", place & Self::LAST_PLACE),
            2 => format!("{}B", place & Self::LAST_PLACE),
            _ => format!("{}A", place & Self::LAST_PLACE),
        };
        let word = |(word, places): (&String, &Vec<u16>)| {
            format!("{}:{}", quoted(word), places.iter().map(place).collect::<Vec<_>>().join(","))
        };
        f.write_str(&self.words.iter().map(word).collect::<Vec<_>>().join(" "))
    }
}

/// A word as it stands in the text of a `tsvector` or a `tsquery`.
#[must_use]
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"))
}

/// As `tsvectorrecv` reads it (`src/backend/utils/adt/tsvector.c`): the number of words, and of each its bytes, a zero, the number of places
/// and the places.
impl ToSql<Tsvector, Pg> for Document {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&i32::try_from(self.words.len())?.to_be_bytes())?;
        for (word, places) in &self.words {
            out.write_all(word.as_bytes())?;
            out.write_all(&[0])?;
            out.write_all(&u16::try_from(places.len())?.to_be_bytes())?;
            for place in places {
                out.write_all(&place.to_be_bytes())?;
            }
        }
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_keeps_within_the_limits_of_postgres() {
        let mut document = Document::default();
        for number in 0..20_000 {
            document.add([format!("w{number}"), "all".into()], Weight::D);
        }
        assert_eq!(document.words.len(), Document::MAXIMUM_WORDS);
        assert_eq!(document.words["all"].len(), Document::PLACES);
        assert_eq!(document.last, Document::LAST_PLACE);
        let mut document = Document::default();
        document.add(["語".repeat(67)], Weight::D);
        assert_eq!(document.words.keys().next().map(String::len), Some(198));
    }
}
