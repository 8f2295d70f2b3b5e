//! Whom the staff keep from writing.

use chrono::TimeDelta;

use crate::platform::clock::Time;

/// That the staff keep somebody from writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    /// For good if there is no time.
    pub until: Option<Time>,
}

/// Somebody who is about to write something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writer {
    /// Since when they have their account.
    pub since: Time,
    pub suspension: Option<Suspension>,
}

impl Writer {
    /// For so long an account is a new one.
    const NEW: TimeDelta = TimeDelta::days(1);

    /// Whether the staff keep them from it.
    pub fn is_suspended(&self, now: Time) -> bool {
        self.suspension.is_some_and(|suspension| suspension.until.is_none_or(|until| now < until))
    }

    /// Whether nobody knows them yet.
    pub fn is_new(&self, now: Time) -> bool {
        now < self.since + Self::NEW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspension_ends_at_its_time_and_one_for_good_never() {
        let now: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let of = |suspension| Writer { since: now, suspension };
        assert!(!of(None).is_suspended(now));
        assert!(of(Some(Suspension { until: None })).is_suspended(now));
        let until = now + TimeDelta::hours(1);
        let suspended = of(Some(Suspension { until: Some(until) }));
        assert!(suspended.is_suspended(now) && !suspended.is_suspended(until));
    }

    #[test]
    fn an_account_is_new_for_a_day() {
        let now: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let writer = Writer { since: now, suspension: None };
        assert!(writer.is_new(now) && !writer.is_new(now + TimeDelta::days(1)));
    }
}
