//! Heavy work on a bounded number of threads of their own, which give way to all others: however much of it is asked for, it
//! starves nobody else.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::kernel::error::Failure;

/// Work that may wait for a thread.
const MAXIMUM_WAITING: usize = 64;
/// How long it waits at the most.
const MAXIMUM_WAIT: Duration = Duration::from_secs(5);

type Work = Box<dyn FnOnce() + Send>;

/// A number of threads, and a bounded queue before them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pool {
    threads: usize,
    work: Sender<Work>,
    slots: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Pool {
    /// At least one thread. They end with the pool.
    ///
    /// # Errors
    /// If the system starts no more threads.
    pub fn new(name: &str, threads: usize) -> io::Result<Self> {
        let threads = threads.max(1);
        // Whoever sends has a slot, so there is always room.
        let (work, works) = bounded::<Work>(threads);
        for _ in 0..threads {
            let works = works.clone();
            thread::Builder::new().name(name.to_owned()).spawn(move || labour(&works))?;
        }
        Ok(Self { threads, work, slots: Arc::new(Semaphore::new(threads)), waiting: Arc::default() })
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
        self.queue()?.take().await
    }

    /// A place in the queue, for who has something to do before that would be in vain if there were none.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] when too much is waiting.
    pub fn queue(&self) -> Result<Queued, Failure> {
        let waiting = Waiting::enter(&self.waiting).ok_or(Failure::Unavailable)?;
        Ok(Queued { pool: self.clone(), _waiting: waiting })
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

/// Takes work until nobody can send any more.
fn labour(works: &Receiver<Work>) {
    give_way();
    for work in works {
        work();
    }
}

/// Elsewhere it would be the whole process that gives way.
#[cfg(target_os = "linux")]
fn give_way() {
    /// A ninth of the processor where a thread of the usual kind wants it, too.
    const NICENESS: i32 = 10;
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "a thread of heavy work has the priority of all others");
    }
}

#[cfg(not(target_os = "linux"))]
const fn give_way() {}

/// A place in the queue, until it is dropped or a thread taken.
#[derive(Debug)]
pub struct Queued {
    pool: Pool,
    _waiting: Waiting,
}

impl Queued {
    /// Waits for a thread.
    ///
    /// # Errors
    /// [`Failure::Unavailable`] if none is free in time.
    pub async fn take(self) -> Result<Slot, Failure> {
        let Self { pool, _waiting } = self;
        let slot = tokio::time::timeout(MAXIMUM_WAIT, pool.slots.acquire_owned()).await;
        let permit = slot.map_err(|_| Failure::Unavailable)?.map_err(Failure::internal)?;
        Ok(Slot { permit, work: pool.work })
    }
}

/// A thread that is taken until this is dropped.
#[derive(Debug)]
pub struct Slot {
    permit: OwnedSemaphorePermit,
    work: Sender<Work>,
}

impl Slot {
    /// Runs work to its end, also when nobody waits for it any more, and gives the thread back to its holder.
    ///
    /// # Errors
    /// If the work panics.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<(T, Self), Failure> {
        let (tell, told) = oneshot::channel();
        let Self { permit, work: works } = self;
        let labour = move || {
            let done = catch_unwind(AssertUnwindSafe(work));
            // Where nobody waits any more, the thread is free again.
            let _ = tell.send((done, permit));
        };
        works.try_send(Box::new(labour)).map_err(|_| Failure::internal("a pool has fewer threads than slots"))?;
        let (done, permit) = told.await.map_err(Failure::internal)?;
        let done = done.map_err(|_| Failure::internal("heavy work panicked"))?;
        Ok((done, Self { permit, work: works }))
    }
}

/// A place in the queue, given back also when its owner goes away.
#[derive(Debug)]
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
        let pool = Pool::new("test", 1).unwrap();
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

    #[tokio::test]
    async fn a_thread_lives_on_after_work_that_panicked() {
        let pool = Pool::new("test", 1).unwrap();
        assert!(matches!(pool.run(|| panic!("on purpose")).await, Err::<(), _>(Failure::Internal(_))));
        assert_eq!(pool.run(|| 1).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn who_only_stands_in_the_queue_takes_no_thread() {
        let pool = Pool::new("test", 1).unwrap();
        let places: Vec<_> = (0..MAXIMUM_WAITING).map(|_| pool.queue().unwrap()).collect();
        assert!(matches!(pool.queue(), Err(Failure::Unavailable)));
        drop(places);
        assert_eq!(pool.run(|| 1).await.unwrap(), 1);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn heavy_work_gives_way_and_nothing_else_does() {
        let niceness = || rustix::process::getpriority_process(None).unwrap();
        let before = niceness();
        let pool = Pool::new("test", 1).unwrap();
        assert_eq!(pool.run(niceness).await.unwrap(), before + 10);
        assert_eq!(niceness(), before);
    }
}
