//! How much each caller may ask for: a bucket of points, shared by all processes on one database, without a statement on
//! the way of a request.
//!
//! Each process lends points in batches and spends them from memory. A caller who was not here of late gets a lease at
//! once, which is owed; ten times a second at the most a task settles what callers owe and want by then, with one
//! statement for a thousand of them. A request that costs more than is at hand waits for that, a second at the most. So
//! several processes overspend a bucket by no more than a lease each, and what they overspend is a debt that has to come
//! back first.
//!
//! **Invariants:** what is kept of callers is bounded; while the database is away there is a bucket in each process, so it
//! is neither an open door nor the end of everybody's requests.

mod account;
mod purse;
mod settle;
mod size;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use moka::{policy::EvictionPolicy, sync::Cache};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

use self::{
    account::{Account, Queue, Quiet, Waiting},
    purse::{Ask, Short},
    settle::Answer,
    size::Payer,
};
use super::{caller::Caller, clock::Clock, db::Db, metrics::Metrics};
use crate::kernel::error::Failure;

pub use self::{
    settle::forget_full,
    size::{BucketSize, BucketSizes},
};

/// Callers whose points are kept at once; who came longest ago goes first.
const MAXIMUM_ACCOUNTS: u64 = 100_000;
/// How far apart settlements are.
const ROUND: Duration = Duration::from_millis(100);
/// How far apart they are while the database is away, and how often the quiet are looked for.
const SLOW_ROUND: Duration = Duration::from_secs(1);
/// After how long the database counts as away. A request waits no longer for points.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a request tries before it is refused: others may have spent what it waited for, or an answer comes that was
/// on its way before.
const ATTEMPTS: u32 = 5;

/// The buckets of all callers, as this process sees them.
pub struct Buckets {
    sizes: BucketSizes,
    clock: Arc<Clock>,
    metrics: Arc<Metrics>,
    accounts: Cache<Payer, Arc<Account>>,
    queue: Arc<Queue>,
    is_away: AtomicBool,
    /// Held while settling, so that a process that ends does not come between question and answer.
    settling: tokio::sync::Mutex<()>,
}

/// A request that was paid for. Unless it is settled, it has cost what it asked for.
#[must_use = "what was not used is given back by `Buckets::settle`"]
pub struct Charge {
    account: Option<Arc<Account>>,
    requested: u64,
}

/// What a request has cost, and what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    pub requested: u64,
    pub actual: u64,
    /// As far as this process knows.
    pub remaining: u64,
    pub limit: u32,
    pub restore_per_second: u32,
}

impl BucketSize {
    /// What was spent of a bucket in which so much time's worth is left.
    fn spent(self, requested: u64, actual: u64, remaining: i64) -> Spent {
        let Self { limit, restore_per_second } = self;
        Spent { requested, actual, remaining: self.points_in(remaining), limit, restore_per_second }
    }
}

impl Buckets {
    pub fn new(sizes: BucketSizes, clock: Arc<Clock>, metrics: Arc<Metrics>) -> Self {
        let queue = Arc::new(Queue::default());
        let leaving = Arc::clone(&queue);
        let accounts = Cache::builder()
            .max_capacity(MAXIMUM_ACCOUNTS)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(Quiet(Arc::clone(&clock)))
            .eviction_listener(move |_, account: Arc<Account>, _| {
                account.lock().close();
                leaving.push(&account);
            })
            .build();
        let (is_away, settling) = (AtomicBool::new(false), tokio::sync::Mutex::default());
        Self { sizes, clock, metrics, accounts, queue, is_away, settling }
    }

    /// How many callers' points this process keeps.
    pub fn kept(&self) -> u64 {
        self.accounts.run_pending_tasks();
        self.accounts.entry_count()
    }

    /// Takes what a request costs out of its caller's bucket. Waits for the database only if it costs more than this
    /// process has at hand, and a second at the most: then it is lent what this process believes to be in the bucket.
    ///
    /// # Errors
    /// [`Failure::RateLimited`], with the time after which the bucket has enough.
    pub async fn charge(&self, caller: &Caller, cost: u64) -> Result<Charge, Failure> {
        let Some(account) = self.account(caller) else { return Ok(Charge { account: None, requested: cost }) };
        let deadline = Instant::now() + PATIENCE;
        let mut waiting = None;
        for _ in 0..ATTEMPTS {
            let answered = account.answered.notified();
            match self.spend(&account, cost) {
                Ok(()) => return Ok(Charge { account: Some(Arc::clone(&account)), requested: cost }),
                Err(Short::Refused(lacks)) => return Err(rate_limited(lacks)),
                Err(Short::Ask) => {
                    waiting.get_or_insert_with(|| Waiting::new(&account, cost));
                    self.queue.push(&account);
                    let is_away = self.is_away.load(Ordering::Relaxed);
                    if is_away || timeout_at(deadline, answered).await.is_err() {
                        account.lock().lend_alone(self.now());
                    }
                }
            }
        }
        Err(rate_limited(0))
    }

    fn spend(&self, account: &Arc<Account>, cost: u64) -> Result<(), Short> {
        let mut purse = account.lock();
        let time = purse.size.time_of(cost);
        purse.spend(time, self.now())?;
        let wants_settlement = purse.wants_settlement();
        drop(purse);
        if wants_settlement {
            self.queue.push(account);
        }
        Ok(())
    }

    /// Makes a request cost what it really was. What it did not use comes back; what its lists held beyond what was assumed
    /// of them is taken, if need be on credit.
    pub fn settle(&self, charge: Charge, actual: u64) -> Option<Spent> {
        let Charge { account, requested } = charge;
        let account = account?;
        let mut purse = account.lock();
        let size = purse.size;
        purse.refund(size.time_of(requested));
        purse.debit(size.time_of(actual));
        let wants_settlement = purse.wants_settlement();
        let remaining = purse.remaining(self.now());
        drop(purse);
        if wants_settlement {
            self.queue.push(&account);
        }
        Some(size.spent(requested, actual, remaining))
    }

    /// Takes what has been done already, such as telling an event, if need be on credit.
    ///
    /// # Errors
    /// [`Failure::RateLimited`] once the bucket is in debt.
    pub fn debit(&self, caller: &Caller, cost: u64) -> Result<Option<Spent>, Failure> {
        let Some(account) = self.account(caller) else { return Ok(None) };
        let mut purse = account.lock();
        let size = purse.size;
        let time = size.time_of(cost);
        purse.debit(time);
        let remaining = purse.remaining(self.now());
        let wants_settlement = purse.wants_settlement();
        drop(purse);
        if wants_settlement {
            self.queue.push(&account);
        }
        if remaining < 0 {
            return Err(rate_limited(-remaining));
        }
        Ok(Some(size.spent(cost, cost, remaining)))
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp_micros()
    }

    fn account(&self, caller: &Caller) -> Option<Arc<Account>> {
        let payer = Payer::of(caller)?;
        let mut is_new = false;
        let account = self.accounts.get_with(payer, || {
            is_new = true;
            Arc::new(Account::new(payer, payer.size(&self.sizes)))
        });
        if is_new {
            self.queue.push(&account);
        }
        Some(account)
    }

    /// Settles with the database until the task is aborted.
    pub fn start(self: &Arc<Self>, db: Db) -> JoinHandle<()> {
        let buckets = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                let _ = timeout(SLOW_ROUND, buckets.queue.rung.notified()).await;
                buckets.accounts.run_pending_tasks();
                let is_done = buckets.settle_all(&db).await;
                tokio::time::sleep(if is_done { ROUND } else { SLOW_ROUND }).await;
            }
        })
    }

    /// Gives back what this process has on loan, before it ends. A database that is away gets nothing.
    pub async fn give_back(&self, db: &Db) {
        for (_, account) in &self.accounts {
            account.lock().close();
            self.queue.push(&account);
        }
        let _ = timeout(2 * PATIENCE, self.settle_all(db)).await;
    }

    /// Settles with all who wait by now, as long as the database answers. Returns whether it does.
    async fn settle_all(&self, db: &Db) -> bool {
        let _turn = self.settling.lock().await;
        for batch in self.queue.batches() {
            let now = self.now();
            let asks: Vec<(Payer, i64, Ask)> = batch
                .iter()
                .map(|account| {
                    let mut purse = account.lock();
                    (account.payer, purse.size.fills_in(), purse.ask(now))
                })
                .collect();
            let answers = match timeout(PATIENCE, settle::settle(db, &asks)).await {
                Ok(Ok(answers)) => answers,
                Ok(Err(failure)) => return self.go_alone(&batch, &failure),
                Err(_) => return self.go_alone(&batch, &Failure::Timeout),
            };
            if self.is_away.swap(false, Ordering::Relaxed) {
                tracing::info!("cost buckets are shared again");
            }
            let mut answers: HashMap<String, Answer> =
                answers.into_iter().map(|answer| (answer.key.clone(), answer)).collect();
            for (account, (payer, _, ask)) in batch.iter().zip(asks) {
                if let Some(Answer { lent, lacks, .. }) = answers.remove(&payer.to_string()) {
                    if lent.saturating_add(ask.taken()) > 0 {
                        self.metrics.leases.taken.inc();
                    }
                    account.lock().answered(ask, lent, lacks, self.now());
                }
                account.answered.notify_waiters();
            }
        }
        true
    }

    /// Has everybody who waits go on with what this process lends by itself; the database hears of it later.
    fn go_alone(&self, batch: &[Arc<Account>], failure: &Failure) -> bool {
        if !self.is_away.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = %failure, "cost buckets are this process' own for now");
        }
        for account in batch {
            self.metrics.leases.failed.inc();
            account.lock().lend_alone(self.now());
            self.queue.push(account);
        }
        for account in &*self.queue.lock() {
            account.answered.notify_waiters();
        }
        false
    }
}

fn rate_limited(lacks: i64) -> Failure {
    let seconds = u64::try_from(lacks).unwrap_or(0).div_ceil(1_000_000);
    Failure::RateLimited { retry_after_seconds: seconds.max(1) }
}

#[cfg(test)]
mod tests;
