//! What an operation did, for its log line and for tests.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

/// What is counted while one operation runs.
#[derive(Debug, Default)]
pub struct Operation {
    statements: AtomicU32,
    replayed: AtomicBool,
}

impl Operation {
    /// SQL statements so far, without transaction control.
    pub fn statements(&self) -> u32 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Whether an outcome was told again instead of acting a second time.
    pub fn replayed(&self) -> bool {
        self.replayed.load(Ordering::Relaxed)
    }
}

tokio::task_local! {
    static CURRENT: Arc<Operation>;
}

/// Runs a future as (part of) an operation. A task that is spawned for one must be run within it too.
pub async fn within<F: Future>(operation: Arc<Operation>, future: F) -> F::Output {
    CURRENT.scope(operation, future).await
}

pub(super) fn count_statements(statements: u32) {
    let _ = CURRENT.try_with(|operation| operation.statements.fetch_add(statements, Ordering::Relaxed));
}

pub(super) fn note_replay() {
    let _ = CURRENT.try_with(|operation| operation.replayed.store(true, Ordering::Relaxed));
}
