//! Of whom a message speaks, and where in its text.

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::Message;
use crate::{
    kernel::{
        id::Id,
        text::{turns_direction, without_turns},
    },
    schema::message_mentions,
    text_enum,
    users::model::User,
};

/// Places in a message that speak of somebody, at the most.
pub const MAXIMUM_MENTIONS: usize = 50;

text_enum! {
    /// In what a place in a text is counted.
    #[derive(async_graphql::Enum)]
    pub enum TextUnit {
        /// UTF-16 code units, as strings are counted in JavaScript, Java, Kotlin, C# and by `NSString`: an emoji is two or more.
        #[graphql(name = "UTF16")]
        Utf16 = "UTF16",
        /// Unicode scalar values, as strings are counted in Python, by `unicodeScalars` in Swift and by `chars` in Rust.
        #[graphql(name = "SCALAR")]
        Scalar = "SCALAR",
    }
}

/// What a client says of whom a text speaks, counted in the text as the client sends it.
#[derive(Debug, Clone, Serialize)]
pub struct MentionDraft {
    pub user: Id<User>,
    pub start: i32,
    pub length: i32,
    pub unit: TextUnit,
}

/// A place in a message that speaks of somebody, counted in Unicode scalar values of the text as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub user: Id<User>,
    pub start: i32,
    pub length: i32,
}

/// The row of a [`Mention`].
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = message_mentions)]
pub struct MentionRow {
    pub message_id: Id<Message>,
    pub start: i32,
    pub length: i32,
    pub user_id: Id<User>,
}

/// Which mention is not taken, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum MentionFault {
    #[error("a text speaks of people in more places than it may")]
    TooMany,
    #[error("mention {0} is not within the text, or begins or ends within a character")]
    OutOfText(usize),
    #[error("mention {0} overlaps another one")]
    Overlapping(usize),
    #[error("the person of mention {0} does not take part")]
    NotThere(usize),
}

/// The mentions of a text, in the order in which they were sent. `given` is the text as it was sent, of which what turns the direction of writing is
/// left out, and then white space at both ends cut off.
///
/// # Errors
/// [`MentionFault`].
pub fn placed(given: &str, drafts: &[MentionDraft]) -> Result<Vec<Mention>, MentionFault> {
    if drafts.len() > MAXIMUM_MENTIONS {
        return Err(MentionFault::TooMany);
    }
    let kept = without_turns(given);
    let begin = kept.chars().take_while(|character| character.is_whitespace()).count();
    let length = kept.trim().chars().count();
    let within = |draft: &MentionDraft| {
        let start = usize::try_from(draft.start).ok()?;
        let end = start.checked_add(usize::try_from(draft.length).ok()?)?;
        let (start, end) = (scalars(given, draft.unit, start)?, scalars(given, draft.unit, end)?);
        let (start, end) = (start.checked_sub(begin)?, end.checked_sub(begin)?);
        let length = (start < end && end <= length).then(|| end - start)?;
        Some(Mention { user: draft.user, start: i32::try_from(start).ok()?, length: i32::try_from(length).ok()? })
    };
    let mut mentions = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        mentions.push(within(draft).ok_or(MentionFault::OutOfText(index))?);
    }
    let mut by_place: Vec<(usize, &Mention)> = mentions.iter().enumerate().collect();
    by_place.sort_by_key(|(_, mention)| mention.start);
    let mut free = 0;
    for (index, mention) in by_place {
        if mention.start < free {
            return Err(MentionFault::Overlapping(index));
        }
        free = mention.start + mention.length;
    }
    Ok(mentions)
}

/// How many scalar values stand before a place that do not turn the direction of writing; none if the place is within one, or behind the text.
fn scalars(text: &str, unit: TextUnit, place: usize) -> Option<usize> {
    let width = |character: char| match unit {
        TextUnit::Utf16 => character.len_utf16(),
        TextUnit::Scalar => 1,
    };
    let mut passed = 0;
    let mut count = 0;
    for character in text.chars() {
        if passed >= place {
            break;
        }
        passed += width(character);
        count += usize::from(!turns_direction(character));
    }
    (passed == place).then_some(count)
}

/// A place in a text in both ways of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub start: i32,
    pub length: i32,
    pub utf16_start: i32,
    pub utf16_length: i32,
}

/// Where in a text, counted in scalar values, something stands; none if it is not within the text.
pub fn range_in(text: &str, start: i32, length: i32) -> Option<Range> {
    let (begin, count) = (usize::try_from(start).ok()?, usize::try_from(length).ok()?);
    let mut characters = text.chars();
    let before: usize = characters.by_ref().take(begin).map(char::len_utf16).sum();
    let within: Vec<usize> = characters.take(count).map(char::len_utf16).collect();
    if within.len() != count {
        return None;
    }
    let (utf16_start, utf16_length) = (i32::try_from(before).ok()?, i32::try_from(within.iter().sum::<usize>()).ok()?);
    Some(Range { start, length, utf16_start, utf16_length })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn draft(start: i32, length: i32, unit: TextUnit) -> MentionDraft {
        MentionDraft { user: Id::from_uuid(Uuid::nil()), start, length, unit }
    }

    fn places(given: &str, drafts: &[MentionDraft]) -> Result<Vec<(i32, i32)>, MentionFault> {
        let mut places: Vec<_> =
            placed(given, drafts)?.into_iter().map(|mention| (mention.start, mention.length)).collect();
        places.sort_unstable();
        Ok(places)
    }

    #[test]
    fn places_are_the_same_however_they_are_counted() {
        let text = " 🎉 @Ada, @Bob";
        let utf16 = [draft(10, 4, TextUnit::Utf16), draft(4, 4, TextUnit::Utf16)];
        let scalar = [draft(3, 4, TextUnit::Scalar), draft(9, 4, TextUnit::Scalar)];
        assert_eq!(places(text, &utf16), Ok(vec![(2, 4), (8, 4)]));
        assert_eq!(places(text, &utf16), places(text, &scalar));
        let range = range_in(text.trim(), 2, 4);
        assert_eq!(range, Some(Range { start: 2, length: 4, utf16_start: 3, utf16_length: 4 }));
        assert_eq!(range_in("Ada", 2, 2), None);
    }

    #[test]
    fn what_turns_the_direction_of_writing_is_not_counted() {
        let text = "\u{202b} \u{2067}@עדה\u{2069} \u{202c}@Bob";
        for (start, length) in [(2, 6), (3, 4)] {
            let drafts = [draft(start, length, TextUnit::Scalar), draft(10, 4, TextUnit::Utf16)];
            assert_eq!(places(text, &drafts), Ok(vec![(0, 4), (5, 4)]), "{start} {length}");
        }
        assert_eq!(places(text, &[draft(2, 1, TextUnit::Scalar)]), Err(MentionFault::OutOfText(0)));
    }

    #[test]
    fn what_is_not_within_the_text_is_not_taken() {
        for (start, length) in [(-1, 1), (0, 1), (2, 1), (4, 0), (10, 5), (i32::MAX, i32::MAX)] {
            let drafts = [draft(4, 4, TextUnit::Utf16), draft(start, length, TextUnit::Utf16)];
            assert_eq!(places(" 🎉 @Ada, @Bob", &drafts), Err(MentionFault::OutOfText(1)), "{start} {length}");
        }
        let twice = [draft(0, 4, TextUnit::Scalar), draft(3, 2, TextUnit::Scalar)];
        assert_eq!(places("@Ada @Bob", &twice), Err(MentionFault::Overlapping(1)));
        let many = vec![draft(0, 1, TextUnit::Scalar); MAXIMUM_MENTIONS + 1];
        assert_eq!(places("@Ada", &many), Err(MentionFault::TooMany));
    }

    proptest! {
        #[test]
        fn what_is_told_of_a_place_leads_back_to_it(text in "[a-z🎉é\u{301} ]{1,20}", start in 0..20_i32, length in 1..5_i32) {
            if let Some(range) = range_in(text.trim(), start, length) {
                let given = [draft(range.utf16_start, range.utf16_length, TextUnit::Utf16)];
                prop_assert_eq!(places(text.trim(), &given), Ok(vec![(start, length)]));
            }
        }
    }
}
