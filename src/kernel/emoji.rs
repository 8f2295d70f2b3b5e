//! One emoji, as people see it.

use std::{iter::Peekable, str::Chars};

/// How many characters (Unicode scalar values) an emoji has at the most: families and flags of regions have some ten.
const MAXIMUM: usize = 32;
const JOINER: char = '\u{200d}';
/// Asks for the coloured form of what is a character of text, too.
const COLOURED: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';
const END_OF_TAGS: char = '\u{e007f}';

/// Whether a text is one emoji, by the grammar of Unicode TS 51 (ED-14 to ED-17). Blocks that Unicode keeps for emoji count as a whole, so
/// that new ones are taken as soon as a phone has them.
///
/// ```
/// # use agora::kernel::emoji::is_emoji;
/// assert!(is_emoji("👍🏽") && is_emoji("🇺🇳") && !is_emoji("ok") && !is_emoji("👍👍"));
/// ```
#[must_use]
pub fn is_emoji(text: &str) -> bool {
    if text.chars().nth(MAXIMUM).is_some() {
        return false;
    }
    let mut rest = text.chars().peekable();
    loop {
        if !element(&mut rest) {
            return false;
        }
        match rest.next() {
            None => return true,
            Some(JOINER) => {}
            Some(_) => return false,
        }
    }
}

/// What two spellings of one emoji have in common: with and without the mark that asks for the coloured form.
///
/// ```
/// # use agora::kernel::emoji::kind;
/// assert_eq!(kind("❤️"), kind("❤"));
/// ```
#[must_use]
pub fn kind(emoji: &str) -> String {
    emoji.chars().filter(|&character| character != COLOURED).collect()
}

/// What joiners join: a flag, a keycap, or a picture with its colour of skin or its tags.
fn element(rest: &mut Peekable<Chars<'_>>) -> bool {
    match rest.next() {
        Some(first) if is_flag_letter(first) => rest.next_if(|&next| is_flag_letter(next)).is_some(),
        Some('0'..='9' | '#' | '*') => {
            rest.next_if_eq(&COLOURED);
            rest.next_if_eq(&KEYCAP).is_some()
        }
        Some(first) if is_picture(first) => {
            rest.next_if(|&next| next == COLOURED || is_skin(next));
            if rest.next_if(|&next| is_tag(next)).is_none() {
                return true;
            }
            while rest.next_if(|&next| is_tag(next)).is_some() {}
            rest.next_if_eq(&END_OF_TAGS).is_some()
        }
        _ => false,
    }
}

const fn is_flag_letter(character: char) -> bool {
    matches!(character, '\u{1f1e6}'..='\u{1f1ff}')
}

const fn is_skin(character: char) -> bool {
    matches!(character, '\u{1f3fb}'..='\u{1f3ff}')
}

const fn is_tag(character: char) -> bool {
    matches!(character, '\u{e0020}'..='\u{e007e}')
}

/// Those of `emoji-data.txt` that stand alone, but for flags' letters; blocks that are kept for emoji as a whole.
const fn is_picture(character: char) -> bool {
    matches!(
        character,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2194}'..='\u{2199}'
            | '\u{21a9}'..='\u{21aa}' | '\u{231a}'..='\u{231b}' | '\u{2328}' | '\u{23cf}' | '\u{23e9}'..='\u{23f3}'
            | '\u{23f8}'..='\u{23fa}' | '\u{24c2}' | '\u{25aa}'..='\u{25ab}' | '\u{25b6}' | '\u{25c0}'
            | '\u{25fb}'..='\u{25fe}' | '\u{2600}'..='\u{2604}' | '\u{260e}' | '\u{2611}' | '\u{2614}'..='\u{2615}'
            | '\u{2618}' | '\u{261d}' | '\u{2620}' | '\u{2622}'..='\u{2623}' | '\u{2626}' | '\u{262a}'
            | '\u{262e}'..='\u{262f}' | '\u{2638}'..='\u{263a}' | '\u{2640}' | '\u{2642}' | '\u{2648}'..='\u{2653}'
            | '\u{265f}'..='\u{2660}' | '\u{2663}' | '\u{2665}'..='\u{2666}' | '\u{2668}' | '\u{267b}'
            | '\u{267e}'..='\u{267f}' | '\u{2692}'..='\u{2697}' | '\u{2699}' | '\u{269b}'..='\u{269c}'
            | '\u{26a0}'..='\u{26a1}' | '\u{26a7}' | '\u{26aa}'..='\u{26ab}' | '\u{26b0}'..='\u{26b1}'
            | '\u{26bd}'..='\u{26be}' | '\u{26c4}'..='\u{26c5}' | '\u{26c8}' | '\u{26ce}'..='\u{26cf}' | '\u{26d1}'
            | '\u{26d3}'..='\u{26d4}' | '\u{26e9}'..='\u{26ea}' | '\u{26f0}'..='\u{26f5}' | '\u{26f7}'..='\u{26fa}'
            | '\u{26fd}' | '\u{2702}' | '\u{2705}' | '\u{2708}'..='\u{270d}' | '\u{270f}' | '\u{2712}' | '\u{2714}'
            | '\u{2716}' | '\u{271d}' | '\u{2721}' | '\u{2728}' | '\u{2733}'..='\u{2734}' | '\u{2744}' | '\u{2747}'
            | '\u{274c}' | '\u{274e}' | '\u{2753}'..='\u{2755}' | '\u{2757}' | '\u{2763}'..='\u{2764}'
            | '\u{2795}'..='\u{2797}' | '\u{27a1}' | '\u{27b0}' | '\u{27bf}' | '\u{2934}'..='\u{2935}'
            | '\u{2b05}'..='\u{2b07}' | '\u{2b1b}'..='\u{2b1c}' | '\u{2b50}' | '\u{2b55}' | '\u{3030}' | '\u{303d}'
            | '\u{3297}' | '\u{3299}' | '\u{1f004}' | '\u{1f0cf}' | '\u{1f170}'..='\u{1f171}'
            | '\u{1f17e}'..='\u{1f17f}' | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}' | '\u{1f201}'..='\u{1f202}'
            | '\u{1f21a}' | '\u{1f22f}' | '\u{1f232}'..='\u{1f23a}' | '\u{1f250}'..='\u{1f251}'
            | '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6ff}' | '\u{1f7e0}'..='\u{1f7eb}' | '\u{1f7f0}'
            | '\u{1f90c}'..='\u{1f9ff}' | '\u{1fa70}'..='\u{1faff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_emoji_is_one_however_many_characters_it_has() {
        for emoji in ["👍", "👍🏽", "❤", "❤️", "❤️‍🔥", "👩‍👩‍👧‍👦", "👩🏽‍❤️‍💋‍👨🏿", "🏳️‍🌈", "🇩🇪", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "3️⃣", "#️⃣", "☎️", "🫨"]
        {
            assert!(is_emoji(emoji), "{emoji}");
        }
        for text in [
            "",
            " ",
            "a",
            "3",
            "ok",
            "👍👍",
            "👍 ",
            "🇩",
            "🇩🇪🇫",
            "👍\u{200d}",
            "\u{200d}",
            "\u{fe0f}",
            "❤\u{fe0e}",
            "🏴\u{e0067}",
            "ß",
            "日",
        ] {
            assert!(!is_emoji(text), "{text:?}");
        }
        assert!(!is_emoji(&["👍"; 40].join("\u{200d}")));
    }

    proptest! {
        #[test]
        fn words_are_no_emoji_and_every_kind_of_one_is_one(text in "[a-zäж日0-9 ]{1,8}", emoji in "[❤☎👍👩🏳]\u{fe0f}?(\u{200d}[🔥🌈👧])?") {
            prop_assert!(!is_emoji(&text));
            prop_assert!(is_emoji(&emoji) && is_emoji(&kind(&emoji)));
            prop_assert_eq!(kind(&kind(&emoji)), kind(&emoji));
        }
    }
}
