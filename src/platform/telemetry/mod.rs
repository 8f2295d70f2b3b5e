//! What an operation did, for its log line and for tests.

mod export;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use self::export::{Export, ExportError, filter, span, start};
use super::caller::Request;

/// What is counted while one operation runs, and whether it still does.
#[derive(Debug)]
pub struct Operation {
    request: Arc<Request>,
    statements: AtomicU32,
    replayed: AtomicBool,
    over: CancellationToken,
}

impl Operation {
    /// An operation of this request.
    pub fn of(request: &Arc<Request>) -> Arc<Self> {
        Arc::new(Self {
            request: Arc::clone(request),
            statements: AtomicU32::default(),
            replayed: AtomicBool::default(),
            over: CancellationToken::new(),
        })
    }

    /// SQL statements so far, without transaction control.
    pub fn statements(&self) -> u32 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Runs the operation itself. Its tasks end with it, also when it is dropped.
    pub async fn ending_with<F: Future>(&self, operation: F) -> F::Output {
        let _until_dropped = self.end_on_drop();
        operation.await
    }

    /// The operation is over when this is dropped, and with it its tasks.
    pub fn end_on_drop(&self) -> DropGuard {
        self.over.clone().drop_guard()
    }

    /// Whether an outcome was told again instead of acting a second time.
    pub fn replayed(&self) -> bool {
        self.replayed.load(Ordering::Relaxed)
    }
}

tokio::task_local! {
    static CURRENT: Arc<Operation>;
}

/// Starts a task of an operation, which ends with it.
pub fn spawn(operation: Arc<Operation>, task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        let over = operation.over.clone();
        over.run_until_cancelled(within(operation, task)).await;
    })
}

/// Runs a future as (part of) an operation.
pub async fn within<F: Future>(operation: Arc<Operation>, future: F) -> F::Output {
    CURRENT.scope(operation, future).await
}

/// Does something as a part of an operation.
pub fn part_of<T>(operation: &Arc<Operation>, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(Arc::clone(operation), work)
}

/// The request whose operation runs, if one does.
pub(super) fn request() -> Option<Arc<Request>> {
    CURRENT.try_with(|operation| Arc::clone(&operation.request)).ok()
}

pub(super) fn count_statements(statements: u32) {
    let _ = CURRENT.try_with(|operation| operation.statements.fetch_add(statements, Ordering::Relaxed));
}

pub(super) fn note_replay() {
    let _ = CURRENT.try_with(|operation| operation.replayed.store(true, Ordering::Relaxed));
}
