//! Shares of what there is for all: how much of it each holder may have at once.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Of which each holder has so many.
pub struct Shares<K>(Arc<Taken<K>>);

struct Taken<K> {
    each: usize,
    counts: Mutex<HashMap<K, usize>>,
}

/// What is held until this is dropped.
pub struct Share<K: Copy + Eq + Hash> {
    shares: Shares<K>,
    holder: K,
}

impl<K> Clone for Shares<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Copy + Eq + Hash> Shares<K> {
    pub fn new(each: usize) -> Self {
        Self(Arc::new(Taken { each, counts: Mutex::default() }))
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more for a holder; none if they have all of theirs.
    pub fn take(&self, holder: K) -> Option<Share<K>> {
        let mut counts = self.counts();
        let count = counts.get(&holder).copied().unwrap_or_default();
        if count >= self.0.each {
            return None;
        }
        counts.insert(holder, count + 1);
        Some(Share { shares: self.clone(), holder })
    }
}

impl<K: Copy + Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.shares.counts().entry(self.holder) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_so_many_and_gets_them_back() {
        let shares = Shares::new(2);
        let first = shares.take(1).unwrap();
        let second = shares.take(1).unwrap();
        assert!(shares.take(1).is_none());
        let of_another = shares.take(2).unwrap();
        drop(first);
        let again = shares.take(1).unwrap();
        assert!(shares.take(1).is_none());
        drop((second, of_another, again));
        assert!(shares.counts().is_empty(), "who holds nothing is forgotten");
    }
}
