//! Turns at things: who has a thing's turn works on it, and the others wait, without a thread or a connection.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::OwnedMutexGuard;

/// Turns at things of this process that are named by `K`.
#[derive(Debug)]
pub struct Turns<K>(Mutex<HashMap<K, Arc<tokio::sync::Mutex<()>>>>);

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Turns<K> {
    /// The turn at a thing, until it is dropped. None if that takes longer than `patience`.
    pub async fn take(&self, thing: K, patience: Duration) -> Option<OwnedMutexGuard<()>> {
        let turn = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|other, turn| Arc::strong_count(turn) > 1 || *other == thing);
            Arc::clone(turns.entry(thing).or_default())
        };
        tokio::time::timeout(patience, turn.lock_owned()).await.ok()
    }
}
