//! What one caller may spend in this process: a part of their bucket, on loan. Pure; all amounts are microseconds in which
//! points come back.

use std::time::{Duration, Instant};

use super::size::BucketSize;

/// For how long what the database told is taken for the truth when it says no.
const FRESH: Duration = Duration::from_secs(1);

/// A caller's points in this process.
#[derive(Debug)]
pub(super) struct Purse {
    pub size: BucketSize,
    /// What can be spent at once. Negative after something that could not be refused.
    held: i64,
    /// Taken here, and not told to the database yet; negative: to be given back.
    owed: i64,
    /// What requests are waiting for.
    demand: i64,
    /// When the bucket will be full, as the database last told.
    full_at: i64,
    /// The same of a bucket of our own, out of which is lent while the database is away.
    alone_full_at: i64,
    told_at: Option<Instant>,
    is_closed: bool,
}

/// Why nothing was spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Short {
    /// The bucket may have it: ask the database.
    Ask,
    /// It does not; it will in so many microseconds.
    Refused(i64),
}

/// What a purse asks of the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ask {
    owed: i64,
    /// What was lent out of our own bucket meanwhile, and has not come back.
    alone: i64,
    /// What is to be lent, as far as there is something.
    pub wanted: i64,
}

impl Ask {
    /// What the bucket loses in any case.
    pub const fn taken(self) -> i64 {
        self.owed.saturating_add(self.alone)
    }
}

impl Purse {
    /// Of a caller who was not here of late: a lease at once, which is owed. So the first request does not wait.
    pub fn new(size: BucketSize) -> Self {
        let lease = size.lease();
        Self {
            size,
            held: lease,
            owed: lease,
            demand: 0,
            full_at: i64::MIN,
            alone_full_at: i64::MIN,
            told_at: None,
            is_closed: false,
        }
    }

    /// What the bucket still has, as far as is known here. Negative in debt.
    fn room(&self, now: i64) -> i64 {
        let lacks = |full_at: i64| full_at.saturating_sub(now).max(0);
        self.size.fills_in() - lacks(self.full_at) - lacks(self.alone_full_at) - self.owed
    }

    /// What the caller can still spend, as far as is known here.
    pub fn remaining(&self, now: i64) -> i64 {
        self.held.saturating_add(self.room(now))
    }

    /// Spends what is at hand.
    pub fn spend(&mut self, cost: i64, now: i64) -> Result<(), Short> {
        let cost = cost.min(self.size.fills_in());
        if self.held >= cost {
            self.held -= cost;
            return Ok(());
        }
        let lacks = cost - self.remaining(now);
        if lacks > 0 && self.told_at.is_some_and(|told| told.elapsed() < FRESH) {
            return Err(Short::Refused(lacks));
        }
        Err(Short::Ask)
    }

    /// A request begins to wait for so much, which is asked for with the next settlement and kept until it is done.
    pub fn wait(&mut self, cost: i64) {
        self.demand = self.demand.saturating_add(cost);
    }

    /// A request has what it waited for, or waits no longer.
    pub fn stop_waiting(&mut self, cost: i64) {
        self.demand = self.demand.saturating_sub(cost);
    }

    /// Spends what cannot be refused any more, if need be on credit.
    pub fn debit(&mut self, cost: i64) {
        self.held = self.held.saturating_sub(cost);
    }

    /// Takes back what was spent.
    pub fn refund(&mut self, cost: i64) {
        self.held = self.held.saturating_add(cost);
    }

    /// Whether the database should hear of this purse: it runs short, or has too much.
    pub fn wants_settlement(&self) -> bool {
        let lease = self.size.lease();
        self.held < lease / 2 || self.has_surplus() || (self.is_closed && self.held != 0)
    }

    /// The caller has gone quiet, or the process ends: all is given back with the next settlement.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// How long the bucket takes until a lease at once, as for a newcomer, is no overspending. A purse is kept so long, or
    /// going quiet for a moment would be worth a lease again and again.
    pub fn recovers_in(&self, now: i64) -> Duration {
        let lacks = self.size.lease() - self.remaining(now);
        Duration::from_micros(u64::try_from(lacks).unwrap_or(0))
    }

    /// Whether there is more than this process needs for the moment.
    fn has_surplus(&self) -> bool {
        self.held.saturating_sub(self.demand) > 2 * self.size.lease()
    }

    /// What this process should have at hand.
    fn needs(&self) -> i64 {
        let lease = if self.is_closed { 0 } else { self.size.lease() };
        self.demand.saturating_add(lease)
    }

    /// What to ask of the bucket now.
    pub fn ask(&mut self, now: i64) -> Ask {
        if self.is_closed || self.has_surplus() {
            self.owed = self.owed.saturating_sub(self.held - self.needs());
            self.held = self.needs();
        }
        let alone = self.alone_full_at.saturating_sub(now).max(0);
        Ask { owed: self.owed, alone, wanted: self.wanted() }
    }

    fn wanted(&self) -> i64 {
        self.needs().saturating_sub(self.held).clamp(0, self.size.fills_in())
    }

    /// The database answered what was asked: it lent this, and the bucket now lacks so much until it is full.
    pub fn answered(&mut self, ask: Ask, lent: i64, lacks: i64, now: i64) {
        self.held = self.held.saturating_add(lent);
        self.owed = self.owed.saturating_sub(ask.owed);
        // Further lending may have come between: what is told of is subtracted, not forgotten.
        self.alone_full_at = self.alone_full_at.saturating_sub(ask.alone);
        self.full_at = now.saturating_add(lacks);
        self.told_at = Some(Instant::now());
    }

    /// Lends out of a bucket of our own, which fills up as fast as the real one: the database is away.
    pub fn lend_alone(&mut self, now: i64) {
        let lent = self.room(now).clamp(0, self.wanted());
        self.held = self.held.saturating_add(lent);
        let taken = lent.saturating_add(std::mem::take(&mut self.owed));
        self.alone_full_at = self.alone_full_at.max(now).saturating_add(taken);
        self.told_at = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests;
