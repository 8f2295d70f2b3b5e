//! Similarity of texts by their trigrams, as Postgres' extension `pg_trgm` has it: not every Postgres carries that.

use std::collections::HashSet;

/// The trigrams of each word, with two blanks before it and one behind.
pub fn trigrams(text: &str) -> HashSet<[char; 3]> {
    let folded = text.to_lowercase();
    let words = folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let padded = words.map(|word| format!("  {word} ").chars().collect::<Vec<_>>());
    padded.flat_map(|word| word.windows(3).map(|part| [part[0], part[1], part[2]]).collect::<Vec<_>>()).collect()
}

/// Of all trigrams that one of the texts has, those that both have.
pub fn similarity(one: &HashSet<[char; 3]>, other: &HashSet<[char; 3]>) -> f64 {
    let both = one.intersection(other).count() as f64;
    both / (one.len() as f64 + other.len() as f64 - both).max(1.0)
}
