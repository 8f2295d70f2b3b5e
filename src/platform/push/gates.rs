//! Services that do not answer, which are left alone for a while: whoever waits for one keeps a job of something else from being done.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::TimeDelta;

use super::PushError;
use crate::platform::{clock::Time, http::HttpError};

/// For how long a service is left alone.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// After how long one is forgotten that nobody asked again.
const FORGOTTEN: TimeDelta = TimeDelta::hours(1);

/// Until when services are left alone, by their names.
#[derive(Default)]
pub struct Gates(Mutex<HashMap<String, Time>>);

impl Gates {
    fn closed(&self) -> MutexGuard<'_, HashMap<String, Time>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a service is asked now. Of one that did not answer, one at a time finds out whether it does again.
    pub fn lets_in(&self, service: &str, now: Time) -> bool {
        match self.closed().get_mut(service) {
            None => true,
            Some(until) if now < *until => false,
            Some(until) => {
                *until = now + PAUSE;
                true
            }
        }
    }

    /// Notes what became of asking a service.
    pub fn note(&self, service: &str, outcome: &Result<(), PushError>, now: Time) {
        let mut closed = self.closed();
        match outcome {
            Err(PushError::Http(HttpError::TimedOut | HttpError::Failed(_))) => {
                closed.retain(|_, until| now < *until + FORGOTTEN);
                closed.insert(service.to_owned(), now + PAUSE);
            }
            Ok(())
            | Err(
                PushError::Gone
                | PushError::NotOurs(_)
                | PushError::Refused(_)
                | PushError::NotNow(_)
                | PushError::Answer,
            ) => {
                closed.remove(service);
            }
            // It was not asked.
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_answer_is_left_alone_and_then_asked_by_one_at_a_time() {
        let (gates, start): (_, Time) = (Gates::default(), "2026-11-20T12:00:00Z".parse().unwrap());
        let silent = || Err(PushError::Http(HttpError::TimedOut));
        assert!(gates.lets_in("one", start));
        gates.note("one", &silent(), start);
        assert!(!gates.lets_in("one", start + TimeDelta::seconds(29)));
        assert!(gates.lets_in("other", start));
        let later = start + PAUSE;
        assert!(gates.lets_in("one", later));
        assert!(!gates.lets_in("one", later), "somebody is asking already");
        gates.note("one", &silent(), later);
        assert!(!gates.lets_in("one", later + TimeDelta::seconds(29)));
        // Whatever it answers, it does.
        gates.note("one", &Err(PushError::NotNow(503)), later + PAUSE);
        assert!(gates.lets_in("one", later) && gates.lets_in("one", later));
    }
}
