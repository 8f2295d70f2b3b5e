//! What sessions are found to be: kept by each process, and looked up again when something about them has changed.
//!
//! A signed-in request needs no statement of its own. **Invariants:** a session that has ended, or a person's new role, is
//! known to every process within a second; a process that has not heard of changes for [`PATIENCE`] takes nobody's word for
//! who they are.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::watch;
use uuid::Uuid;

use super::{caller::StaffRole, clock::Time};

/// Sessions that are kept. Of others the standing is looked up again.
const KEPT: u64 = 100_000;
/// As long as an access token: whoever has a new one may be looked up again.
const KEPT_FOR: Duration = Duration::from_mins(10);
/// Changes that are told one by one. Beyond that, everything is looked up again.
pub const MOST: usize = 10_000;
/// How long a process believes what it knows without hearing of changes.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// What a session is good for: nothing if it is over, else its person's role in the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Over,
    GoesOn(Option<StaffRole>),
}

/// The sessions that this process knows.
#[derive(Debug)]
pub struct Standings {
    known: moka::sync::Cache<Uuid, Standing>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    heard_at: Option<Instant>,
    /// The latest changes, so that those who watch hear of each once.
    changes: HashMap<Uuid, Time>,
    watched: HashMap<Uuid, watch::Sender<()>>,
}

impl Default for Standings {
    fn default() -> Self {
        let known = moka::sync::Cache::builder().max_capacity(KEPT).time_to_live(KEPT_FOR).build();
        Self { known, state: Mutex::default() }
    }
}

impl Standings {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a session was found to be, if that is known.
    pub fn get(&self, session: Uuid) -> Option<Standing> {
        self.known.get(&session)
    }

    pub fn keep(&self, session: Uuid, standing: Standing) {
        self.known.insert(session, standing);
    }

    /// Whether what is known can be believed.
    pub fn are_current(&self) -> bool {
        self.lock().heard_at.is_some_and(|heard| heard.elapsed() < PATIENCE)
    }

    /// Takes note of the changes that were found, those of the last minutes all over again: what was looked up while one
    /// was on its way is looked up once more. They were asked for at `asked_at`.
    pub fn note(&self, changes: Vec<(Uuid, Time)>, asked_at: Instant) {
        for (session, _) in &changes {
            self.known.invalidate(session);
        }
        let mut state = self.lock();
        state.heard_at = Some(asked_at);
        state.watched.retain(|_, watched| watched.receiver_count() > 0);
        if changes.len() < MOST {
            let news = changes.iter().filter(|(session, at)| state.changes.get(session) != Some(at));
            for watched in news.filter_map(|(session, _)| state.watched.get(session)) {
                watched.send_replace(());
            }
        } else {
            self.known.invalidate_all();
            state.watched.values().for_each(|watched| watched.send_replace(()));
        }
        state.changes = changes.into_iter().collect();
    }

    /// Something about a session has changed here: it is looked up again at once.
    pub fn forget(&self, session: Uuid) {
        self.known.invalidate(&session);
        if let Some(watched) = self.lock().watched.get(&session) {
            watched.send_replace(());
        }
    }

    /// Hears of the changes of a session from now on.
    pub fn watch(&self, session: Uuid) -> watch::Receiver<()> {
        self.lock().watched.entry(session).or_insert_with(|| watch::Sender::new(())).subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(second: u32) -> Time {
        format!("2026-11-20T12:00:{second:02}Z").parse().unwrap()
    }

    #[test]
    fn what_was_not_heard_of_for_a_while_is_not_believed() {
        let standings = Standings::default();
        assert!(!standings.are_current());
        standings.note(Vec::new(), Instant::now());
        assert!(standings.are_current());
        standings.note(Vec::new(), Instant::now().checked_sub(PATIENCE).unwrap());
        assert!(!standings.are_current());
    }

    #[test]
    fn after_more_changes_than_are_told_everything_is_looked_up_again() {
        let standings = Standings::default();
        let ada = Uuid::from_u128(1);
        let of_ada = standings.watch(ada);
        standings.keep(ada, Standing::GoesOn(None));
        let others = |count: usize| (2_u128..).take(count).map(|n| (Uuid::from_u128(n), time(1))).collect::<Vec<_>>();
        standings.note(others(MOST - 1), Instant::now());
        assert!(standings.get(ada).is_some() && !of_ada.has_changed().unwrap());
        standings.note(others(MOST), Instant::now());
        assert!(standings.get(ada).is_none() && of_ada.has_changed().unwrap());
    }

    #[test]
    fn a_change_is_told_once_and_what_was_known_looked_up_again() {
        let standings = Standings::default();
        let (ada, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (mut of_ada, of_bob) = (standings.watch(ada), standings.watch(bob));
        standings.keep(ada, Standing::GoesOn(None));
        standings.note(vec![(ada, time(1))], Instant::now());
        assert_eq!(standings.get(ada), None);
        assert!(of_ada.has_changed().unwrap() && !of_bob.has_changed().unwrap());
        of_ada.mark_unchanged();

        // Somebody looked it up before the change was there, and kept it after it had been heard of.
        standings.keep(ada, Standing::GoesOn(None));
        standings.note(vec![(ada, time(1))], Instant::now());
        assert_eq!(standings.get(ada), None);
        assert!(!of_ada.has_changed().unwrap());

        standings.note(vec![(ada, time(2))], Instant::now());
        assert!(of_ada.has_changed().unwrap());
        drop(of_bob);
        standings.note(Vec::new(), Instant::now());
        assert_eq!(standings.lock().watched.len(), 1);
    }
}
