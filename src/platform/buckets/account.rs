//! The callers of this process, and the queue of those of whom the database should hear.

use std::{
    iter,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use moka::Expiry;
use tokio::sync::Notify;

use super::{
    purse::Purse,
    size::{BucketSize, Payer},
};
use crate::platform::clock::Clock;

/// After how much quiet a caller's points are given back.
const QUIET: Duration = Duration::from_secs(10);
/// Callers in one statement.
const BATCH: usize = 1_000;
/// Callers who wait for a statement, at the most; what is beyond is not told.
const QUEUE: usize = 200_000;

/// What one caller has in this process.
pub(super) struct Account {
    pub payer: Payer,
    purse: Mutex<Purse>,
    is_queued: AtomicBool,
    /// Rung when the database has answered, or is found to be away.
    pub answered: Notify,
}

impl Account {
    pub fn new(payer: Payer, size: BucketSize) -> Self {
        let purse = Mutex::new(Purse::new(size));
        Self { payer, purse, is_queued: AtomicBool::new(false), answered: Notify::new() }
    }

    pub fn lock(&self) -> MutexGuard<'_, Purse> {
        self.purse.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accounts of which the database should hear.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Vec<Arc<Account>>>,
    pub rung: Notify,
}

impl Queue {
    pub fn lock(&self) -> MutexGuard<'_, Vec<Arc<Account>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, account: &Arc<Account>) {
        if !account.is_queued.swap(true, Ordering::AcqRel) {
            let mut waiting = self.lock();
            if waiting.len() >= QUEUE {
                account.is_queued.store(false, Ordering::Release);
                return;
            }
            waiting.push(Arc::clone(account));
            drop(waiting);
            self.rung.notify_one();
        }
    }

    /// Those who wait by now, in batches. Whoever comes meanwhile has to wait for the next call, or it would never end.
    pub fn batches(&self) -> impl Iterator<Item = Vec<Arc<Account>>> {
        let mut due = self.lock().len();
        iter::from_fn(move || {
            let batch = if due == 0 { Vec::new() } else { self.take() };
            due = due.saturating_sub(batch.len());
            (!batch.is_empty()).then_some(batch)
        })
    }

    /// The next accounts, no two of one payer.
    fn take(&self) -> Vec<Arc<Account>> {
        let mut waiting = self.lock();
        let size = waiting.len().min(BATCH);
        let rest = waiting.split_off(size);
        let mut batch = std::mem::replace(&mut *waiting, rest);
        batch.sort_by_key(|account| account.payer);
        let mut twins = Vec::new();
        batch.dedup_by(|later, earlier| {
            let is_twin = later.payer == earlier.payer;
            if is_twin {
                twins.push(Arc::clone(later));
            }
            is_twin
        });
        waiting.append(&mut twins);
        drop(waiting);
        for account in &batch {
            account.is_queued.store(false, Ordering::Release);
        }
        batch
    }
}

/// A request that waits for points. Its share is kept for it until this is dropped, also when its client goes away.
pub(super) struct Waiting {
    account: Arc<Account>,
    time: i64,
}

impl Waiting {
    pub fn new(account: &Arc<Account>, cost: u64) -> Self {
        let mut purse = account.lock();
        let time = purse.size.time_of(cost);
        purse.wait(time);
        drop(purse);
        Self { account: Arc::clone(account), time }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.account.lock().stop_waiting(self.time);
    }
}

/// How long a caller's points are kept: for some quiet, and as long as their bucket is in debt.
pub(super) struct Quiet(pub Arc<Clock>);

impl Expiry<Payer, Arc<Account>> for Quiet {
    fn expire_after_create(&self, _: &Payer, _: &Arc<Account>, _: Instant) -> Option<Duration> {
        Some(QUIET)
    }

    fn expire_after_read(
        &self,
        _: &Payer,
        account: &Arc<Account>,
        _: Instant,
        _: Option<Duration>,
        _: Instant,
    ) -> Option<Duration> {
        Some(QUIET + account.lock().recovers_in(self.0.now().timestamp_micros()))
    }
}
