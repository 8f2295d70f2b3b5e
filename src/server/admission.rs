//! How much is worked on at once. What is more is told to come again at once, before anybody has read it.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::kernel::error::Failure;

/// The door that every operation goes through, whatever it came by.
#[derive(Clone)]
pub struct Admission(Arc<Semaphore>);

/// The right to work until this is dropped.
pub struct Admitted(#[allow(dead_code, reason = "it is held, not read")] OwnedSemaphorePermit);

impl Admission {
    /// For so many at once.
    pub fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS))))
    }

    /// Lets one in, or answers at once that the process has its hands full.
    ///
    /// # Errors
    /// [`Failure::Unavailable`].
    pub fn admit(&self) -> Result<Admitted, Failure> {
        Arc::clone(&self.0).try_acquire_owned().map(Admitted).map_err(|_| Failure::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_is_told_to_come_again() {
        let admission = Admission::new(2);
        let first = admission.admit().unwrap();
        let _second = admission.admit().unwrap();
        assert!(matches!(admission.admit(), Err(Failure::Unavailable)));
        drop(first);
        assert!(admission.admit().is_ok());
    }
}
