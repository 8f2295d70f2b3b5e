//! How much is worked on at once. What is more is told to come again at once, before anybody has unpacked or parsed it.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::shares::{Share, Shares};
use crate::{kernel::error::Failure, platform::caller::line};

/// When who has too much under way may come again: as soon as some of it is done.
const SOON: u64 = 1;

/// The door that every operation goes through, whatever it came by.
#[derive(Clone)]
pub struct Admission {
    all: Arc<Semaphore>,
    lines: Shares<IpAddr>,
}

/// The right to work until this is dropped.
#[allow(dead_code, reason = "it is held, not read")]
pub struct Admitted(OwnedSemaphorePermit, Option<Share<IpAddr>>);

impl Admission {
    /// For so many at once, of which so many from one address.
    pub fn new(all: usize, per_address: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))), lines: Shares::new(per_address) }
    }

    /// Lets in who comes from an address, or answers at once that the process has its hands full.
    ///
    /// # Errors
    /// [`Failure::RateLimited`] if they are full of what this address asks, else [`Failure::Unavailable`].
    pub fn admit(&self, address: Option<IpAddr>) -> Result<Admitted, Failure> {
        let share = address
            .map(|address| self.lines.take(line(address)).ok_or(Failure::RateLimited { retry_after_seconds: SOON }));
        let share = share.transpose()?;
        let one = Arc::clone(&self.all).try_acquire_owned().map_err(|_| Failure::Unavailable)?;
        Ok(Admitted(one, share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_is_told_to_come_again() {
        let admission = Admission::new(2, 2);
        let first = admission.admit(None).unwrap();
        let _second = admission.admit(None).unwrap();
        assert!(matches!(admission.admit(None), Err(Failure::Unavailable)));
        drop(first);
        assert!(admission.admit(None).is_ok());
    }

    #[test]
    fn nobody_takes_the_room_of_all() {
        let admission = Admission::new(3, 2);
        let from = |address: &str| admission.admit(Some(address.parse().unwrap()));
        let first = from("2001:db8:0:1::1").unwrap();
        let _second = from("2001:db8:0:1::2").unwrap();
        assert!(matches!(from("2001:db8:0:1::3"), Err(Failure::RateLimited { .. })));
        let third = from("192.0.2.1").unwrap();
        assert!(matches!(from("192.0.2.1"), Err(Failure::Unavailable)));
        drop(first);
        drop(third);
        // Who was refused holds nothing.
        let _held = (from("2001:db8:0:1::3").unwrap(), from("192.0.2.1").unwrap());
    }
}
