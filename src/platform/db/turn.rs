//! One job, as those see it who must agree on it: who waits for it, the thread that runs it, and the canceller.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// A process of Postgres that serves one of our connections.
#[derive(Debug)]
pub(super) struct Backend {
    pub pid: i32,
    is_doubtful: AtomicBool,
}

impl Backend {
    pub fn new(pid: i32) -> Arc<Self> {
        Arc::new(Self { pid, is_doubtful: AtomicBool::new(false) })
    }

    /// Whether a cancel may still be on its way to it, so that its connection must serve nobody any more.
    pub fn is_doubtful(&self) -> bool {
        self.is_doubtful.load(Ordering::Relaxed)
    }
}

/// What became of a cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// Postgres has signalled the backend.
    Arrived,
    /// It never left.
    No,
    /// Nobody knows: it may arrive late.
    InDoubt,
}

/// **Invariants:** a cancel is sent only while statements of this very job may run, and the thread goes on (to COMMIT, to
/// the next job) only when no cancel is in flight. Both hold because a cancel is sent under the lock that the thread takes
/// to go on. Postgres ignores a signal that reaches a backend between two commands, so what arrived harms nobody later.
#[derive(Debug, Default)]
pub(super) struct Turn(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    is_abandoned: bool,
    has_begun: bool,
    /// Where statements may be running now.
    backend: Option<Arc<Backend>>,
}

impl Turn {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread takes the job. Whether somebody still waits for it.
    pub fn begin(&self) -> bool {
        let mut state = self.lock();
        state.has_begun = !state.is_abandoned;
        state.has_begun
    }

    /// Nobody waits any more, unless a thread has the job already. Whether it was given up.
    pub fn give_up(&self) -> bool {
        let mut state = self.lock();
        state.is_abandoned |= !state.has_begun;
        !state.has_begun
    }

    /// From here on statements may be cancelled. Whether somebody still waits; if nobody does, none may be sent.
    pub fn open(&self, backend: &Arc<Backend>) -> bool {
        let mut state = self.lock();
        if !state.is_abandoned {
            state.backend = Some(Arc::clone(backend));
        }
        !state.is_abandoned
    }

    /// From here on nothing is cancelled. Whether somebody still waits.
    pub fn close(&self) -> bool {
        let mut state = self.lock();
        state.backend = None;
        !state.is_abandoned
    }

    /// Nobody waits any more. Whether there may be a statement to cancel.
    pub fn abandon(&self) -> bool {
        let mut state = self.lock();
        state.is_abandoned = true;
        state.backend.is_some()
    }

    /// Sends a cancel if statements may be running. Whether they were.
    pub fn cancel(&self, send: impl FnOnce(i32) -> Sent) -> bool {
        let state = self.lock();
        let Some(backend) = &state.backend else { return false };
        if send(backend.pid) == Sent::InDoubt {
            backend.is_doubtful.store(true, Ordering::Relaxed);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;

    #[test]
    fn only_an_open_turn_is_cancelled() {
        let (turn, backend) = (Turn::default(), Backend::new(7));
        let mut sent = Vec::new();
        let mut cancel = |turn: &Turn| {
            turn.cancel(|pid| {
                sent.push(pid);
                Sent::Arrived
            })
        };
        assert!(!cancel(&turn));
        assert!(turn.open(&backend));
        assert!(turn.abandon() && cancel(&turn));
        assert!(!turn.close(), "nobody waits");
        assert!(!cancel(&turn));
        assert!(!turn.open(&backend), "what nobody waits for is not begun");
        assert!(!cancel(&turn) && !turn.abandon());
        assert_eq!(sent, [7]);
        assert!(!backend.is_doubtful());
    }

    #[test]
    fn a_job_is_begun_or_given_up() {
        let (begun, given_up) = (Turn::default(), Turn::default());
        assert!(begun.begin() && !begun.give_up() && begun.open(&Backend::new(7)));
        assert!(given_up.give_up() && !given_up.begin());
    }

    #[test]
    fn the_thread_goes_on_only_when_a_cancel_is_no_longer_in_flight() {
        let (turn, backend) = (Arc::new(Turn::default()), Backend::new(7));
        assert!(turn.open(&backend));
        let (steps, seen) = mpsc::channel();
        let (let_go, held) = mpsc::channel::<()>();
        let (canceller, says) = (Arc::clone(&turn), steps.clone());
        let (in_flight, begun) = mpsc::channel();
        let canceller = thread::spawn(move || {
            canceller.cancel(|_| {
                in_flight.send(()).unwrap();
                held.recv().unwrap();
                says.send("arrived").unwrap();
                Sent::Arrived
            })
        });
        begun.recv().unwrap();
        let worker = thread::spawn(move || {
            turn.close();
            steps.send("went on").unwrap();
        });
        let_go.send(()).unwrap();
        worker.join().unwrap();
        assert!(canceller.join().unwrap());
        assert_eq!(seen.iter().collect::<Vec<_>>(), ["arrived", "went on"]);
    }

    #[test]
    fn a_connection_that_a_cancel_may_reach_late_is_doubtful() {
        let (turn, backend) = (Turn::default(), Backend::new(7));
        assert!(turn.open(&backend));
        assert!(turn.cancel(|_| Sent::No) && !backend.is_doubtful());
        assert!(turn.cancel(|_| Sent::InDoubt) && backend.is_doubtful());
    }
}
