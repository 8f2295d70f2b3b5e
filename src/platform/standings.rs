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
    /// When changes were last asked for, and what Postgres' clock said then.
    heard: Option<(Instant, Time)>,
    /// Rises with every change that is heard of.
    version: u64,
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

    /// Names the moment at which a look-up begins.
    pub fn version(&self) -> u64 {
        self.lock().version
    }

    /// Keeps what was looked up since `version`, unless something has changed meanwhile.
    pub fn keep(&self, session: Uuid, standing: Standing, version: u64) {
        let state = self.lock();
        if state.version == version {
            self.known.insert(session, standing);
        }
    }

    /// Whether what is known can be believed.
    pub fn are_current(&self) -> bool {
        self.lock().heard.is_some_and(|(asked_at, _)| asked_at.elapsed() < PATIENCE)
    }

    /// What Postgres' clock said when changes were last heard of, however long ago that is.
    pub fn heard_until(&self) -> Option<Time> {
        self.lock().heard.map(|(_, until)| until)
    }

    /// Takes note of the changes that were found up to `until`, those of the minutes before all over again. They were asked
    /// for at `asked_at`.
    pub fn note(&self, changes: Vec<(Uuid, Time)>, asked_at: Instant, until: Time) {
        let mut state = self.lock();
        state.heard = Some((asked_at, until));
        state.watched.retain(|_, watched| watched.receiver_count() > 0);
        if changes.len() < MOST {
            let news = changes.iter().filter(|(session, at)| state.changes.get(session) != Some(at));
            let news: Vec<Uuid> = news.map(|(session, _)| *session).collect();
            for session in news {
                self.tell(&mut state, session);
            }
        } else {
            state.version += 1;
            self.known.invalidate_all();
            state.watched.values().for_each(|watched| watched.send_replace(()));
        }
        state.changes = changes.into_iter().collect();
    }

    /// Something about a session has changed here: it is looked up again at once.
    pub fn forget(&self, session: Uuid) {
        self.tell(&mut self.lock(), session);
    }

    fn tell(&self, state: &mut State, session: Uuid) {
        state.version += 1;
        self.known.invalidate(&session);
        if let Some(watched) = state.watched.get(&session) {
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
        assert!(!standings.are_current() && standings.heard_until().is_none());
        standings.note(Vec::new(), Instant::now(), time(1));
        assert!(standings.are_current());
        standings.note(Vec::new(), Instant::now().checked_sub(PATIENCE).unwrap(), time(2));
        assert!(!standings.are_current());
        assert_eq!(standings.heard_until(), Some(time(2)));
    }

    #[test]
    fn after_more_changes_than_are_told_everything_is_looked_up_again() {
        let standings = Standings::default();
        let ada = Uuid::from_u128(1);
        let of_ada = standings.watch(ada);
        standings.keep(ada, Standing::GoesOn(None), standings.version());
        let others = |count: usize| (2_u128..).take(count).map(|n| (Uuid::from_u128(n), time(1))).collect::<Vec<_>>();
        standings.note(others(MOST - 1), Instant::now(), time(1));
        assert!(standings.get(ada).is_some() && !of_ada.has_changed().unwrap());
        standings.note(others(MOST), Instant::now(), time(1));
        assert!(standings.get(ada).is_none() && of_ada.has_changed().unwrap());
    }

    #[test]
    fn a_change_is_told_once() {
        let standings = Standings::default();
        let (ada, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (mut of_ada, of_bob) = (standings.watch(ada), standings.watch(bob));
        standings.keep(ada, Standing::GoesOn(None), standings.version());
        let note = |changes| standings.note(changes, Instant::now(), time(9));
        note(vec![(ada, time(1))]);
        assert_eq!(standings.get(ada), None);
        assert!(of_ada.has_changed().unwrap() && !of_bob.has_changed().unwrap());
        of_ada.mark_unchanged();

        standings.keep(ada, Standing::Over, standings.version());
        note(vec![(ada, time(1))]);
        assert_eq!(standings.get(ada), Some(Standing::Over), "it was told twice");
        assert!(!of_ada.has_changed().unwrap());

        note(vec![(ada, time(2))]);
        assert!(standings.get(ada).is_none() && of_ada.has_changed().unwrap());
        drop(of_bob);
        note(Vec::new());
        assert_eq!(standings.lock().watched.len(), 1);
    }

    #[test]
    fn what_was_looked_up_while_it_changed_is_not_kept() {
        let standings = Standings::default();
        let ada = Uuid::from_u128(1);
        let version = standings.version();
        standings.note(vec![(ada, time(1))], Instant::now(), time(1));
        standings.keep(ada, Standing::GoesOn(None), version);
        assert_eq!(standings.get(ada), None);
        let version = standings.version();
        standings.forget(ada);
        standings.keep(ada, Standing::GoesOn(None), version);
        assert_eq!(standings.get(ada), None);
    }
}
