//! Guesses: how often somebody tried a password or a card lately, and when they may try again.

use chrono::TimeDelta;
use diesel::{Insertable, Queryable, Selectable};

use crate::{platform::clock::Time, schema::guesses};

/// What guesses are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuessedAt {
    /// The account that is guessed at, whether or not there is one.
    Account,
    /// The line that the guesses come from, and with it everybody behind it.
    Line,
    /// Somebody who tries out cards, which are their own or not: a person, or of a guest what they pay for.
    Payer,
    /// The line that cards are tried out from, and with it everybody behind it.
    PayersLine,
    /// What is wider than a line that cards are tried out from: an IPv6 network of 48 bits, or a machine that does not say for whom it asks.
    PayersCrowd,
    /// A card that is tried out, whoever does it.
    Card,
    /// The line that guests order from, whatever becomes of what they order.
    GuestsLine,
    /// The same, where a machine does not say for whom it asks.
    GuestsCrowd,
    /// An address that guests give: how often on one line, and how much mail goes there.
    GuestsAddress,
    /// The line that new visitors come from, whose views are kept.
    VisitorsLine,
    /// The same, where a machine does not say for whom it asks.
    VisitorsCrowd,
    /// Somebody who sends messages, so many in a minute.
    Sender { free: i32 },
    /// Somebody who writes to people and shops for the first time, to so many in a day.
    Newcomer { free: i32 },
    /// Somebody who reports things to the staff.
    Reporter,
    /// A shop that somebody comes to own: all who own it get a mail each time.
    Owners,
    /// Somebody who gets mail because others say that they own a shop, which they have not accepted.
    Unasked,
}

/// How wrong guesses are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forgetting {
    /// One after the other, each after so long. Who has made too many waits a little, and then twice as long each time.
    OneIn(TimeDelta),
    /// All of them at once, so long after the first. Who has made too many waits for that.
    AllAfter(TimeDelta),
}

impl GuessedAt {
    /// Wrong guesses that nobody waits for. Nobody has ten cards, nor tries the same one ten times and means it; behind a line there may
    /// be an office.
    const fn free(self) -> i32 {
        match self {
            Self::Account | Self::Unasked => 5,
            Self::Line | Self::PayersLine | Self::Reporter => 50,
            Self::Payer | Self::Card | Self::Owners => 10,
            Self::PayersCrowd => 500,
            Self::GuestsLine => 200,
            Self::VisitorsLine => 100,
            Self::GuestsCrowd | Self::VisitorsCrowd => 2_000,
            Self::GuestsAddress => 20,
            Self::Sender { free } | Self::Newcomer { free } => free,
        }
    }

    /// A line is many people, who may well mistype for ever. Who tries out cards has many of them, and gains nothing by a wait that is
    /// short: so an hour has a bound. So has a day of what guests order, and of the mail that they have sent to strangers.
    const fn forgets(self) -> Forgetting {
        match self {
            Self::Account => Forgetting::OneIn(TimeDelta::hours(1)),
            Self::Line => Forgetting::OneIn(TimeDelta::minutes(1)),
            Self::Payer
            | Self::PayersLine
            | Self::PayersCrowd
            | Self::Card
            | Self::VisitorsLine
            | Self::VisitorsCrowd => Forgetting::AllAfter(TimeDelta::hours(1)),
            Self::Sender { .. } => Forgetting::AllAfter(TimeDelta::minutes(1)),
            Self::GuestsLine
            | Self::GuestsCrowd
            | Self::GuestsAddress
            | Self::Newcomer { .. }
            | Self::Reporter
            | Self::Owners
            | Self::Unasked => Forgetting::AllAfter(Guesses::LIFETIME),
        }
    }
}

/// The guesses at an account or a card, or of a person or a line.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = guesses)]
pub struct Guesses {
    pub key: Vec<u8>,
    pub wrong: i32,
    /// From when on the next one is looked at; none where nobody waits. A time that is just now would refuse whoever began a
    /// moment earlier and waited for the row.
    pub open_at: Option<Time>,
    pub counted_at: Time,
}

impl Guesses {
    /// The longest that somebody waits for the next guess.
    const LONGEST: TimeDelta = TimeDelta::minutes(15);
    /// After so long without a guess, all are forgotten.
    pub const LIFETIME: TimeDelta = TimeDelta::days(1);

    /// The guesses with one more, which counts as wrong until it is found right. After the free ones, each makes the next one
    /// wait twice as long, or until all are forgotten.
    ///
    /// # Errors
    /// The time from which on the next guess is looked at. One before it is not counted.
    pub fn with_one_more(self, at: GuessedAt, now: Time) -> Result<Self, Time> {
        if let Some(open_at) = self.open_at.filter(|open_at| now < *open_at) {
            return Err(open_at);
        }
        let remembered = self.remembered(at, now);
        let wrong = remembered.wrong.saturating_add(1);
        let open_at = match at.forgets() {
            Forgetting::OneIn(_) => {
                let doublings = u32::try_from(wrong - at.free()).ok();
                doublings.map(|doublings| now + TimeDelta::seconds(1 << doublings.min(32)).min(Self::LONGEST))
            }
            Forgetting::AllAfter(span) => (wrong >= at.free()).then(|| remembered.counted_at + span),
        };
        Ok(Self { wrong, open_at, ..remembered })
    }

    /// What has not been forgotten by now.
    fn remembered(self, at: GuessedAt, now: Time) -> Self {
        let every = match at.forgets() {
            Forgetting::OneIn(every) => every.num_seconds(),
            Forgetting::AllAfter(span) if self.wrong > 0 && now < self.counted_at + span => return self,
            Forgetting::AllAfter(_) => return Self { wrong: 0, counted_at: now, ..self },
        };
        let forgotten = (now - self.counted_at).num_seconds().max(0) / every;
        match i32::try_from(forgotten).ok().map(|forgotten| self.wrong - forgotten) {
            Some(wrong) if wrong > 0 => {
                Self { wrong, counted_at: self.counted_at + TimeDelta::seconds(forgotten * every), ..self }
            }
            _ => Self { wrong: 0, counted_at: now, ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_guesses_are_free_and_then_each_waits_twice_as_long() {
        let start: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let mut guesses = Guesses { key: Vec::new(), wrong: 0, open_at: None, counted_at: start };
        let (mut now, mut waits) = (start, Vec::new());
        for _ in 0..15 {
            now = guesses.open_at.unwrap_or(now);
            guesses = guesses.with_one_more(GuessedAt::Account, now).unwrap();
            waits.push(guesses.open_at.map(|open_at| (open_at - now).num_seconds()));
        }
        assert_eq!(waits[..4], [None; 4]);
        assert_eq!(
            waits[4..].iter().flatten().copied().collect::<Vec<_>>(),
            [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]
        );
        let open_at = guesses.open_at.unwrap();
        let early = open_at - TimeDelta::seconds(1);
        assert_eq!(guesses.clone().with_one_more(GuessedAt::Account, early), Err(open_at));
        let many = Guesses { wrong: i32::MAX, ..guesses };
        let longest = many.with_one_more(GuessedAt::Line, open_at).unwrap();
        assert_eq!(longest.open_at, Some(open_at + Guesses::LONGEST));
    }

    #[test]
    fn who_began_a_moment_earlier_and_waited_for_the_row_is_not_refused() {
        let start: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let guesses = Guesses { key: Vec::new(), wrong: 0, open_at: None, counted_at: start };
        let first = guesses.with_one_more(GuessedAt::Account, start).unwrap();
        let second = first.with_one_more(GuessedAt::Account, start - TimeDelta::milliseconds(5)).unwrap();
        assert_eq!((second.wrong, second.open_at), (2, None));
    }

    #[test]
    fn who_tries_out_cards_waits_for_the_end_of_the_hour() {
        let start: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let none = Guesses { key: Vec::new(), wrong: 0, open_at: None, counted_at: start - TimeDelta::minutes(30) };
        let mut guesses = none;
        for minute in 0..10 {
            assert_eq!(guesses.open_at, None);
            guesses = guesses.with_one_more(GuessedAt::Payer, start + TimeDelta::minutes(minute)).unwrap();
        }
        // The hour began with the first.
        let end = start + TimeDelta::hours(1);
        assert_eq!((guesses.wrong, guesses.counted_at, guesses.open_at), (10, start, Some(end)));
        let early = end - TimeDelta::seconds(1);
        assert_eq!(guesses.clone().with_one_more(GuessedAt::Payer, early), Err(end));
        let next = guesses.with_one_more(GuessedAt::Payer, end).unwrap();
        assert_eq!((next.wrong, next.counted_at, next.open_at), (1, end, None));
        let line = next.with_one_more(GuessedAt::PayersLine, end + TimeDelta::minutes(59)).unwrap();
        assert_eq!((line.wrong, line.counted_at), (2, end));
    }

    #[test]
    fn who_sends_much_waits_for_the_end_of_the_minute() {
        let start: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let mut guesses = Guesses { key: Vec::new(), wrong: 0, open_at: None, counted_at: start };
        for _ in 0..3 {
            guesses = guesses.with_one_more(GuessedAt::Sender { free: 3 }, start).unwrap();
        }
        let end = start + TimeDelta::minutes(1);
        assert_eq!(guesses.clone().with_one_more(GuessedAt::Sender { free: 3 }, start), Err(end));
        let next = guesses.with_one_more(GuessedAt::Sender { free: 3 }, end).unwrap();
        assert_eq!((next.wrong, next.open_at), (1, None));
    }

    #[test]
    fn guesses_are_forgotten_one_after_the_other() {
        let start: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let guesses = Guesses { key: Vec::new(), wrong: 3, open_at: None, counted_at: start };
        let after =
            |minutes| guesses.clone().with_one_more(GuessedAt::Account, start + TimeDelta::minutes(minutes)).unwrap();
        assert_eq!((after(59).wrong, after(59).counted_at), (4, start));
        // What has passed of the next hour counts for the next one.
        assert_eq!((after(61).wrong, after(61).counted_at), (3, start + TimeDelta::hours(1)));
        assert_eq!((after(181).wrong, after(181).counted_at), (1, start + TimeDelta::minutes(181)));
        // An office where somebody mistypes now and then never waits.
        let mut line = guesses;
        for minute in 0..1_000 {
            let now = start + TimeDelta::minutes(minute);
            line = line.with_one_more(GuessedAt::Line, now).unwrap();
            assert_eq!(line.open_at, None);
        }
    }
}
