//! Messages that only their author sees, and where these stand for the author.
//!
//! Others never learn of them, so they have no number. For their author they are sent like any other: their **place** goes on from the message
//! before, and what others write afterwards comes after it. So a place is what an author who has such messages is shown as a number, and for
//! everybody else numbers and places are the same.

use super::{ActivityKey, Conversation, Message, Seen};
use crate::{kernel::id::Id, platform::clock::Time, text_enum, users::model::User};

text_enum! {
    /// Why nobody but its author sees a message.
    pub enum Hold {
        /// Whoever would read it has blocked its author. So it stays for ever.
        Blocked = "BLOCKED",
        /// The staff are to look at it first.
        Review = "REVIEW",
    }
}

/// The places of what somebody wrote in a conversation that they alone see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// The first place of each run and how many it has, one run after the other.
    runs: Vec<i64>,
    /// How many of the last of them their author has marked unread.
    pub unread: i64,
    /// When the last of them was sent.
    pub at: Option<Time>,
}

impl Held {
    pub const fn new(runs: Vec<i64>, unread: i64, at: Option<Time>) -> Self {
        Self { runs, unread, at }
    }

    /// As they are kept.
    pub fn runs(&self) -> &[i64] {
        &self.runs
    }

    fn each(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.runs.chunks_exact(2).filter_map(|run| match run {
            [first, count] => Some((*first, *count)),
            _ => None,
        })
    }

    /// How many they are.
    pub fn count(&self) -> i64 {
        self.each().map(|(_, count)| count).sum()
    }

    /// Where the message of a number stands.
    pub fn place_of(&self, number: i64) -> i64 {
        self.each().fold(number, |place, (first, count)| if first <= place { place + count } else { place })
    }

    /// What there is up to a place: the last number, and how many of these.
    pub fn up_to(&self, place: i64) -> (i64, i64) {
        let own = self.each().map(|(first, count)| (place - first + 1).clamp(0, count)).sum::<i64>();
        (place - own, own)
    }

    /// The last place, where the conversation's last number is this.
    pub fn last(&self, last_number: i64) -> i64 {
        last_number + self.count()
    }

    /// Whether the last place is one of these.
    pub fn is_last(&self, last_number: i64) -> bool {
        let last = self.last(last_number);
        self.each().last().is_some_and(|(first, count)| first + count > last)
    }

    /// Up to which place they have read, whose marker stands at a number.
    pub fn read(&self, last_read_number: i64) -> i64 {
        last_read_number + self.count() - self.unread
    }

    /// Up to which place they ever read, whose marker stood at a number: what they wrote just after it they have read by writing it.
    pub fn furthest(&self, number: i64) -> i64 {
        self.place_of(number + 1) - 1
    }

    /// How many of these are unread for who has read up to a place.
    pub fn unread_after(&self, place: i64) -> i64 {
        self.count() - self.up_to(place).1
    }

    /// With one more, after all that there is. Who writes has read everything.
    #[must_use]
    pub fn with(&self, place: i64, at: Time) -> Self {
        let mut runs = self.runs.clone();
        match (self.each().last(), runs.last_mut()) {
            (Some((first, count)), Some(last)) if first + count == place => *last += 1,
            _ => runs.extend([place, 1]),
        }
        Self { runs, unread: 0, at: Some(at) }
    }

    /// Without the one at a place: what comes after it moves up.
    #[must_use]
    pub fn without(&self, place: i64) -> Self {
        let is_unread = self.up_to(place).1 > self.count() - self.unread;
        let mut runs = Vec::with_capacity(self.runs.len());
        for (first, count) in self.each() {
            match (first > place, first + count > place) {
                (true, _) => runs.extend([first - 1, count]),
                (false, true) if count > 1 => runs.extend([first, count - 1]),
                (false, true) => {}
                (false, false) => runs.extend([first, count]),
            }
        }
        Self { runs, unread: self.unread - i64::from(is_unread), at: self.at }
    }
}

impl Seen {
    /// Where it stands in a list of theirs: what they wrote themself counts, whoever sees it.
    pub fn activity(&self) -> ActivityKey {
        let Conversation { id, last_message_at, .. } = self.conversation;
        (self.marker.held.at.map_or(last_message_at, |at| at.max(last_message_at)), id)
    }
}

impl Message {
    /// Whether it was told to nobody but its author.
    pub const fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Whether somebody sees it who takes part and came in after a number.
    pub fn is_shown_to(&self, reader: Id<User>, joined_number: i64) -> bool {
        match self.held {
            None => self.number > joined_number,
            Some(_) => self.author_id == Some(reader) && self.held_number.is_some(),
        }
    }

    /// As somebody sees it who sees it: numbered by its place.
    #[must_use]
    pub fn placed(mut self, held: &Held) -> Self {
        self.number = self.held_number.unwrap_or_else(|| held.place_of(self.number));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers 1 and 2, two held, number 3, one held.
    fn held() -> Held {
        let at = Time::UNIX_EPOCH;
        Held::default().with(3, at).with(4, at).with(6, at)
    }

    #[test]
    fn what_is_held_stands_among_the_rest_without_gaps() {
        let held = held();
        assert_eq!((held.runs(), held.count(), held.last(3)), (&[3, 2, 6, 1][..], 3, 6));
        assert_eq!([1, 2, 3, 4].map(|number| held.place_of(number)), [1, 2, 5, 7]);
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 6, 7].map(|place| held.up_to(place)),
            [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (3, 2), (3, 3), (4, 3)]
        );
        assert!(held.is_last(3) && !held.is_last(4));
        assert!(!Held::default().is_last(0));
    }

    #[test]
    fn whoever_has_written_has_read() {
        let held = held();
        assert_eq!((held.read(3), held.furthest(2), held.furthest(3)), (6, 4, 6));
        assert_eq!((held.unread_after(6), held.unread_after(5), held.unread_after(2)), (0, 1, 3));
        let less = Held { unread: held.unread_after(3), ..held };
        assert_eq!(less.read(2), 3);
    }

    #[test]
    fn what_is_released_leaves_no_gap() {
        let held = held();
        assert_eq!(held.without(3).runs(), [3, 1, 5, 1]);
        assert_eq!(held.without(6).runs(), [3, 2]);
        assert_eq!(held.without(4).place_of(3), 4);
        let unread = Held { unread: 1, ..held };
        assert_eq!((unread.without(6).unread, unread.without(3).unread), (0, 1));
    }

    #[test]
    fn before_there_is_a_number_too() {
        let held = Held::default().with(1, Time::UNIX_EPOCH).with(2, Time::UNIX_EPOCH);
        assert_eq!((held.place_of(0), held.place_of(1), held.last(0), held.read(0)), (0, 3, 2, 2));
        assert_eq!((held.furthest(0), held.up_to(1)), (2, (0, 1)));
        assert!(held.is_last(0));
    }
}
