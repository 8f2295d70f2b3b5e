//! Guesses: how often somebody tried a password lately, and when they may try again.

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
}

impl GuessedAt {
    /// Wrong guesses that nobody waits for.
    const fn free(self) -> i32 {
        match self {
            Self::Account => 5,
            Self::Line => 50,
        }
    }
}

/// The guesses at an account, or of a line.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = guesses)]
pub struct Guesses {
    pub key: Vec<u8>,
    pub wrong: i32,
    pub open_at: Time,
    pub last_at: Time,
}

impl Guesses {
    /// The longest that somebody waits for the next guess.
    const LONGEST: TimeDelta = TimeDelta::minutes(15);
    /// After so long without a guess, all are forgotten.
    pub const LIFETIME: TimeDelta = TimeDelta::days(1);

    /// The guesses with one more, which counts as wrong until it is found right. After the free ones, each makes the next one
    /// wait twice as long.
    ///
    /// # Errors
    /// The time from which on the next guess is looked at. One before it is not counted.
    pub fn with_one_more(self, at: GuessedAt, now: Time) -> Result<Self, Time> {
        if now < self.open_at {
            return Err(self.open_at);
        }
        let before = if now < self.last_at + Self::LIFETIME { self.wrong } else { 0 };
        let wrong = before.saturating_add(1);
        let seconds = u32::try_from(wrong - at.free()).ok().map(|doublings| 1_i64.checked_shl(doublings.min(32)));
        let wait = seconds.flatten().map_or(TimeDelta::zero(), TimeDelta::seconds).min(Self::LONGEST);
        Ok(Self { wrong, open_at: now + wait, last_at: now, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_guesses_are_free_and_then_each_waits_twice_as_long() {
        let start: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let mut guesses = Guesses { key: Vec::new(), wrong: 0, open_at: start, last_at: start };
        let mut waits = Vec::new();
        for _ in 0..17 {
            let now = guesses.open_at;
            guesses = guesses.with_one_more(GuessedAt::Account, now).unwrap();
            waits.push((guesses.open_at - now).num_seconds());
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        let early = guesses.open_at - TimeDelta::seconds(1);
        assert_eq!(guesses.clone().with_one_more(GuessedAt::Account, early), Err(guesses.open_at));
        let forgotten = guesses.last_at + Guesses::LIFETIME;
        assert_eq!(guesses.clone().with_one_more(GuessedAt::Account, forgotten).unwrap().wrong, 1);
        let line = Guesses { wrong: 48, open_at: start, last_at: start, ..guesses };
        let line = line.with_one_more(GuessedAt::Line, start).unwrap();
        assert_eq!((line.wrong, line.open_at), (49, start));
        let many = Guesses { wrong: i32::MAX, ..line };
        assert_eq!(many.with_one_more(GuessedAt::Line, start).unwrap().open_at, start + Guesses::LONGEST);
    }
}
