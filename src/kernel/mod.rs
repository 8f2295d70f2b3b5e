//! Words that every domain shares: ids, money, text, emoji, pages, errors, dates, places, addresses, languages and types of files.
//!
//! Pure: no clock, no randomness, no database, no network.
//! **Invariant:** nothing here knows what Agora sells, says or stores.

pub mod address;
mod currency;
pub mod date;
pub mod emoji;
pub mod error;
pub mod file_type;
pub mod id;
pub mod money;
pub mod page;
pub mod place;
pub mod rate;
pub mod scalar;
pub mod text;
pub mod tsvector;
