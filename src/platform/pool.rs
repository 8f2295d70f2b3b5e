//! Heavy work on a bounded number of threads, so that however much of it is asked for, it starves nobody else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::kernel::error::Failure;

/// Work that may wait for a thread.
const MAXIMUM_WAITING: usize = 64;
/// How long it waits at the most.
const MAXIMUM_WAIT: Duration = Duration::from_secs(5);

/// A number of threads, and a bounded queue before them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pool {
    threads: usize,
    slots: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Pool {
    /// At least one thread.
    pub fn new(threads: usize) -> Self {
        let threads = threads.max(1);
        Self { threads, slots: Arc::new(Semaphore::new(threads)), waiting: Arc::default() }
    }

    /// Runs work to its end, also when nobody waits for it any more.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when too much is waiting.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
        Ok(self.take().await?.run(work).await?.0)
    }

    /// A thread of one's own until it is dropped, for who has more to do than the work: what is large is read only by then.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when too much is waiting.
    pub async fn take(&self) -> Result<Slot, Failure> {
        let _waiting = Waiting::enter(&self.waiting).ok_or(Failure::Unavailable)?;
        let slot = tokio::time::timeout(MAXIMUM_WAIT, Arc::clone(&self.slots).acquire_owned()).await;
        Ok(Slot(slot.map_err(|_| Failure::Unavailable)?.map_err(Failure::internal)?))
    }

    /// How many threads there are.
    pub const fn threads(&self) -> usize {
        self.threads
    }

    /// How much work waits for a thread.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// A thread that is taken until this is dropped.
#[derive(Debug)]
#[allow(dead_code, reason = "it is held, not read")]
pub struct Slot(OwnedSemaphorePermit);

impl Slot {
    /// Runs work to its end, also when nobody waits for it any more, and gives the thread back to its holder.
    ///
    /// # Errors
    /// If the work panics.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<(T, Self), Failure> {
        tokio::task::spawn_blocking(move || (work(), self)).await.map_err(Failure::internal)
    }
}

/// A place in the queue, given back also when its owner goes away.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn enter(waiting: &Arc<AtomicUsize>) -> Option<Self> {
        let place = Self(Arc::clone(waiting));
        (waiting.fetch_add(1, Ordering::Relaxed) < MAXIMUM_WAITING).then_some(place)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn who_finds_the_queue_full_is_told_so_at_once() {
        let pool = Pool::new(1);
        let (release, released) = mpsc::channel::<()>();
        let worker = pool.clone();
        let first = tokio::spawn(async move { worker.run(move || released.recv().is_ok()).await });
        while pool.slots.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let waiting: Vec<_> = (0..MAXIMUM_WAITING)
            .map(|number| {
                let pool = pool.clone();
                tokio::spawn(async move { pool.run(move || number).await })
            })
            .collect();
        while pool.waiting.load(Ordering::Relaxed) < MAXIMUM_WAITING {
            tokio::task::yield_now().await;
        }
        assert!(matches!(pool.run(|| ()).await, Err(Failure::Unavailable)));
        release.send(()).unwrap();
        assert!(first.await.unwrap().unwrap());
        for (number, waited) in waiting.into_iter().enumerate() {
            assert_eq!(waited.await.unwrap().unwrap(), number);
        }
        assert_eq!(pool.waiting.load(Ordering::Relaxed), 0);
    }
}
