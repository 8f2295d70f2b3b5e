//! Text as people write it: bounds, and folding for search and comparison.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Why a text is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub enum TextError {
    #[error("a text is missing")]
    Blank,
    #[error("a text is longer than {maximum} characters")]
    TooLong { maximum: usize },
    #[error("a text holds control characters")]
    Control,
}

/// A text of one line: white space at the ends is cut off; 1 to `maximum` characters.
///
/// # Errors
/// If nothing is left, if it is too long, or if it holds control characters.
pub fn line(text: &str, maximum: usize) -> Result<String, TextError> {
    bounded(text, maximum, |_| false)
}

/// A text of any number of lines: as [`line`], with line breaks and tabs allowed.
///
/// # Errors
/// As [`line`].
pub fn paragraph(text: &str, maximum: usize) -> Result<String, TextError> {
    bounded(text, maximum, |character| matches!(character, '\n' | '\r' | '\t'))
}

fn bounded(text: &str, maximum: usize, allowed: impl Fn(char) -> bool) -> Result<String, TextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextError::Blank);
    }
    if text.chars().nth(maximum).is_some() {
        return Err(TextError::TooLong { maximum });
    }
    if text.chars().any(|character| (character.is_control() && !allowed(character)) || turns_direction(character)) {
        return Err(TextError::Control);
    }
    if text.chars().all(is_invisible) {
        return Err(TextError::Blank);
    }
    Ok(text.into())
}

/// Characters that turn the direction of what follows (Unicode TR 9), and so make a text look like another one.
#[must_use]
pub const fn turns_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

const fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{3164}')
}

/// A text without what turns the direction of writing. Phones put it around what they copy, where nobody sees it.
///
/// ```
/// # use agora::kernel::text::without_turns;
/// assert_eq!(without_turns("\u{2067}שלום\u{2069} hi"), "שלום hi");
/// ```
#[must_use]
pub fn without_turns(text: &str) -> String {
    text.chars().filter(|&character| !turns_direction(character)).collect()
}

/// A text without what nobody sees, such as a space of no width in the middle of a word.
#[must_use]
pub fn without_invisible(text: &str) -> String {
    text.chars().filter(|&character| !is_invisible(character)).collect()
}

/// Labels of a domain name that are looked at.
const MAXIMUM_LABELS: usize = 10;

/// A text as domain names are compared: NFKC, lower case, with full stops of all scripts as dots.
fn plain_host(text: &str) -> String {
    let lower = without_invisible(text).nfkc().flat_map(char::to_lowercase).collect::<String>();
    lower.replace('。', ".")
}

fn is_in_host(character: char) -> bool {
    character.is_alphanumeric() || is_combining_mark(character) || matches!(character, '-' | '.')
}

/// The domain name that a text is, as [`hosts`] has it; none if it is something else.
///
/// ```
/// # use agora::kernel::text::host;
/// assert_eq!(host(" Evil.Example. "), Some("evil.example".into()));
/// assert_eq!(host("https://evil.example"), None);
/// ```
#[must_use]
pub fn host(text: &str) -> Option<String> {
    let plain = plain_host(text.trim());
    let name = plain.strip_suffix('.').unwrap_or(&plain);
    let labels = name.split('.').count();
    let is_one = (2..=MAXIMUM_LABELS).contains(&labels) && name.split('.').all(|label| !label.is_empty());
    (is_one && name.chars().all(is_in_host)).then(|| name.to_owned())
}

/// What may be domain names in a text, and those that they lie below, however they are written.
///
/// ```
/// # use agora::kernel::text::hosts;
/// let found: Vec<_> = hosts("See HTTPS://you@Shop.EVIL。example/x, please").into_iter().collect();
/// assert_eq!(found, ["evil.example", "shop.evil.example"]);
/// ```
#[must_use]
pub fn hosts(text: &str) -> BTreeSet<String> {
    let plain = plain_host(text);
    let mut found = BTreeSet::new();
    for name in plain.split(|character: char| !is_in_host(character)) {
        let labels: Vec<&str> = name.split('.').filter(|label| !label.is_empty()).collect();
        let first = labels.len().saturating_sub(MAXIMUM_LABELS);
        let parents = (first..labels.len().saturating_sub(1)).filter_map(|from| labels.get(from..));
        found.extend(parents.map(|labels| labels.join(".")));
    }
    found
}

/// A text that stands in HTML, or in a quoted attribute, as it is.
///
/// ```
/// # use agora::kernel::text::escape_html;
/// assert_eq!(escape_html("<b a='1' c=\"2\">&"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;");
/// ```
#[must_use]
pub fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// The words of a text as search compares them: NFKD, marks off, lower case, split at what is no letter or digit.
///
/// ```
/// use agora::kernel::text::words;
/// assert_eq!(words("Käse-Brettchen, ½ Größe").collect::<Vec<_>>(), ["kase", "brettchen", "1", "2", "grosse"]);
/// ```
pub fn words(text: &str) -> impl Iterator<Item = String> {
    spelled_words(text).map(|word| word.folded)
}

/// A word as search compares it, and as it is spelled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SpelledWord {
    /// Without case and marks, see [`fold`].
    pub folded: String,
    /// In lower case, with marks (NFC): what a language's rules are about.
    pub spelled: String,
}

/// As [`words`], each as it is spelled, too.
pub fn spelled_words(text: &str) -> impl Iterator<Item = SpelledWord> {
    let parts: String = text.nfkd().collect();
    parts
        .split(|character: char| !character.is_alphanumeric() && !is_combining_mark(character))
        .map(|word| SpelledWord { folded: fold(word), spelled: word.nfc().collect::<String>().to_lowercase() })
        .filter(|word| !word.folded.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
}

/// Where the words of a text stand, counted in characters: where each begins, how many it has, and how search compares it. What is written
/// as one word may be compared as several.
///
/// ```
/// # use agora::kernel::text::placed_words;
/// let word = |start, length, word: &str| (start, length, vec![word.to_owned()]);
/// assert_eq!(placed_words("🎉 Käse, bitte"), [word(2, 4, "kase"), word(8, 5, "bitte")]);
/// ```
#[must_use]
pub fn placed_words(text: &str) -> Vec<(usize, usize, Vec<String>)> {
    let mut places = Vec::new();
    let mut word = String::new();
    for (place, character) in text.chars().chain([' ']).enumerate() {
        if character.is_alphanumeric() || is_combining_mark(character) {
            word.push(character);
        } else if !word.is_empty() {
            let length = word.chars().count();
            places.push((place - length, length, words(&word).collect()));
            word.clear();
        }
    }
    places
}

/// A text up to where its last word begins.
///
/// ```
/// # use agora::kernel::text::before_last_word;
/// assert_eq!(before_last_word("White T-Li "), "White T-");
/// assert_eq!(before_last_word("white"), "");
/// ```
#[must_use]
pub fn before_last_word(text: &str) -> &str {
    let is_between = |character: char| !character.is_alphanumeric() && !is_combining_mark(character);
    let end = text.trim_end_matches(is_between);
    let start = end.char_indices().rfind(|(_, character)| is_between(*character));
    start.and_then(|(place, character)| end.get(..place + character.len_utf8())).unwrap_or_default()
}

/// A text without case and marks: `Ä` and `a` are the same, `ß` is `ss`.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|&character| !is_combining_mark(character)).flat_map(char::to_lowercase).fold(
        String::with_capacity(text.len()),
        |mut folded, character| {
            match character {
                'ß' => folded.push_str("ss"),
                'ø' => folded.push('o'),
                'ł' => folded.push('l'),
                'æ' => folded.push_str("ae"),
                'œ' => folded.push_str("oe"),
                'ı' => folded.push('i'),
                'đ' | 'ð' => folded.push('d'),
                'þ' => folded.push_str("th"),
                'ς' => folded.push('σ'),
                other => folded.push(other),
            }
            folded
        },
    )
}

/// A text with its umlauts as they are written where there are none: `Käse` → `Kaese`.
#[must_use]
pub fn write_umlauts_out(text: &str) -> String {
    text.nfc().fold(String::with_capacity(text.len()), |mut written, character| {
        match character {
            'ä' | 'Ä' => written.push_str("ae"),
            'ö' | 'Ö' => written.push_str("oe"),
            'ü' | 'Ü' => written.push_str("ue"),
            other => written.push(other),
        }
        written
    })
}

/// A readable part of a URL made from a title: `White Hanging Heart` → `white-hanging-heart`; at most 80 characters, never empty.
#[must_use]
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for word in words(title) {
        let ascii: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        if ascii.is_empty() || slug.len() + ascii.len() >= 80 {
            continue;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&ascii);
    }
    if slug.is_empty() { "item".into() } else { slug }
}

/// A name made from a slug: `online-retail` → `Online Retail`.
#[must_use]
pub fn title_case(slug: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    slug.split('-').filter_map(capital).collect::<Vec<_>>().join(" ")
}

/// Names to try in turn for something that must have a slug of its own: the plain one, four with a small number, and four
/// with a long random one, which are hardly ever taken.
#[must_use]
pub fn slug_candidates(slug: &str, random: [u8; 16]) -> Vec<String> {
    let small = 2..=5_u64;
    let (chunks, _) = random.as_chunks::<4>();
    let long = chunks.iter().map(|&chunk| 1_000_000_000 + u64::from(u32::from_be_bytes(chunk)));
    std::iter::once(slug.to_owned()).chain(small.chain(long).map(|number| numbered(slug, number))).collect()
}

fn numbered(slug: &str, number: u64) -> String {
    let suffix = format!("-{number}");
    let kept: String = slug.chars().take(80 - suffix.len()).collect();
    format!("{}{suffix}", kept.trim_end_matches('-'))
}

/// Whether a text has the form of a [`slug`]: lower-case letters, digits and single inner hyphens, at most 80.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    text.len() <= 80
        && text
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

/// An e-mail address as accounts compare it: trimmed and in lower case.
///
/// Only the form that can be delivered is checked; that somebody reads it is proved by a code.
#[must_use]
pub fn email_key(address: &str) -> Option<String> {
    let address = address.trim();
    let (local, domain) = address.rsplit_once('@')?;
    // A quoted part has any number of spellings, each of which would be an address of its own here and one mailbox there.
    let fits =
        address.len() <= 254 && !local.is_empty() && local.len() <= 64 && !local.contains('"') && domain.contains('.');
    (fits && address.parse::<lettre::Address>().is_ok()).then(|| address.to_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_are_counted_in_characters() {
        assert_eq!(line("  ääää ", 4), Ok("ääää".into()));
        assert_eq!(line("äääää", 4), Err(TextError::TooLong { maximum: 4 }));
        assert_eq!(line(" \n ", 4), Err(TextError::Blank));
        assert_eq!(line("a\nb", 4), Err(TextError::Control));
        assert_eq!(line("\u{200b}", 4), Err(TextError::Blank));
        assert_eq!(line("a\u{202e}b", 4), Err(TextError::Control));
        assert_eq!(paragraph("a\nb", 4), Ok("a\nb".into()));
        assert_eq!(paragraph("a\u{0}b", 4), Err(TextError::Control));
    }

    #[test]
    fn words_are_the_same_however_they_are_written() {
        for (one, other) in
            [("ΛΆΜΠΕΣ", "λαμπες"), ("Đorđe", "dorde"), ("Þór", "thor"), ("İstanbul", "istanbul"), ("½", "1/2")]
        {
            assert_eq!(words(one).collect::<Vec<_>>(), words(other).collect::<Vec<_>>());
        }
        let word = spelled_words("КРАСНЫЙ").next().unwrap();
        assert_eq!((word.folded.as_str(), word.spelled.as_str()), ("красныи", "красный"));
    }

    #[test]
    fn slugs_are_readable_and_never_empty() {
        assert_eq!(slug("WHITE HANGING HEART T-LIGHT HOLDER"), "white-hanging-heart-t-light-holder");
        assert_eq!(slug("Straße & Größe"), "strasse-grosse");
        assert_eq!(slug("日本"), "item");
        assert_eq!(title_case("online-retail"), "Online Retail");
    }

    #[test]
    fn addresses_are_compared_without_case() {
        assert_eq!(email_key(" Ada@Example.COM "), Some("ada@example.com".into()));
        for text in ["", "ada", "ada@", "@example.com", "ada@example", "a b@example.com", "ada@exa mple.com"] {
            assert_eq!(email_key(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text: String) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn every_word_is_of_letters_and_digits(text: String) {
            for word in words(&text) {
                prop_assert!(word.chars().all(char::is_alphanumeric) && !word.is_empty(), "{word:?}");
                prop_assert_eq!(words(&word).collect::<Vec<_>>(), [word]);
            }
        }

        #[test]
        fn every_slug_is_one(title: String) {
            prop_assert!(is_slug(&slug(&title)));
        }

        #[test]
        fn every_candidate_is_a_slug_of_its_own(title: String, random: [u8; 16]) {
            let candidates = slug_candidates(&slug(&title), random);
            prop_assert!(candidates.iter().all(|candidate| is_slug(candidate)));
            prop_assert_eq!(&candidates[0], &slug(&title));
            let small: std::collections::HashSet<_> = candidates[..5].iter().collect();
            prop_assert_eq!(small.len(), 5);
        }
    }
}
