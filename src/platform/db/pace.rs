//! How long a job would wait, from how long the last ones took.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A lane's pace: the running mean of what jobs take, and how many run at once.
#[derive(Debug)]
pub(super) struct Pace {
    threads: u32,
    /// Nanoseconds; zero until the first job.
    mean: AtomicU64,
}

/// One in so many parts of the mean is the newest job's.
const WEIGHT: u64 = 8;

impl Pace {
    pub fn new(threads: u32) -> Self {
        Self { threads: threads.max(1), mean: AtomicU64::new(0) }
    }

    /// A job took so long. Two at once may lose one of them, which a mean survives.
    pub fn note(&self, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1);
        let mean = match self.mean.load(Ordering::Relaxed) {
            0 => took,
            mean => mean - mean / WEIGHT + took / WEIGHT,
        };
        self.mean.store(mean, Ordering::Relaxed);
    }

    /// How long a job would wait behind so many others.
    pub fn wait(&self, queued: usize) -> Duration {
        let queued = u64::try_from(queued).unwrap_or(u64::MAX);
        Duration::from_nanos(queued.saturating_mul(self.mean.load(Ordering::Relaxed)) / u64::from(self.threads))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_waits_for_those_before() {
        let pace = Pace::new(4);
        assert_eq!(pace.wait(1_000), Duration::ZERO, "nothing is known yet");
        pace.note(Duration::from_millis(80));
        assert_eq!(pace.wait(0), Duration::ZERO);
        assert_eq!(pace.wait(3), Duration::from_millis(60));
        for _ in 0..100 {
            pace.note(Duration::from_millis(8));
        }
        assert!(pace.wait(4) < Duration::from_millis(9), "{:?}", pace.wait(4));
    }
}
