//! Counts who uses which documents and fields, in memory, and writes it down from time to time.
//!
//! **Invariants:** a call costs no statement and allocates nothing once its document and client are known; memory is bounded
//! whatever clients send; no call of a field is forgotten, but what cannot be told apart is counted together.

use std::{
    collections::{HashMap, hash_map::Entry},
    mem::take,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{documents::Document, gate::Gate};
use crate::{
    documents::{
        model::{Batch, DocumentHash, DocumentUse, Tally, other},
        service,
    },
    kernel::error::{ErrorCode, Failure},
    platform::{app::App, caller::Client},
};

const SHARDS: usize = 16;
/// Documents that a shard tells apart until it is written down.
const DOCUMENTS: usize = 64;
/// Operations and clients of a document that are told apart until it is written down.
const TALLIES: usize = 32;

/// A call of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub document: &'a Arc<Document>,
    /// Whether the request named the document by its hash.
    pub is_persisted: bool,
    /// The operation's name, or nothing.
    pub operation: &'a str,
    pub client: &'a Client,
    pub cost: u64,
    /// None for a subscription, which has no end to wait for.
    pub elapsed: Option<Duration>,
    pub has_failed: bool,
}

/// What has been used since it was last written down.
pub struct Usage {
    gate: Arc<Gate>,
    shards: [Mutex<Shard>; SHARDS],
    /// A batch that could not be written down yet; meanwhile the shards go on counting.
    unwritten: tokio::sync::Mutex<Option<Arc<Batch>>>,
}

#[derive(Default)]
struct Shard {
    documents: HashMap<DocumentHash, Used>,
    /// Calls by field of documents for which there was no room.
    fields: HashMap<Arc<str>, i64>,
}

struct Used {
    document: Arc<Document>,
    is_persisted: bool,
    tallies: Vec<(String, Client, Tally)>,
}

impl Used {
    fn tally(&mut self, operation: &str, client: &Client) -> Option<&mut Tally> {
        let is_known = |client: &Client, tallies: &[(String, Client, Tally)]| {
            tallies.iter().position(|(name, by, _)| name == operation && by == client)
        };
        let place = is_known(client, &self.tallies).or_else(|| {
            let client = if self.tallies.len() < TALLIES { client.clone() } else { other() };
            is_known(&client, &self.tallies).or_else(|| {
                self.tallies.push((operation.to_owned(), client, Tally::default()));
                self.tallies.len().checked_sub(1)
            })
        });
        self.tallies.get_mut(place?).map(|(_, _, tally)| tally)
    }
}

impl Usage {
    pub fn new(gate: Arc<Gate>) -> Self {
        Self { gate, shards: Default::default(), unwritten: tokio::sync::Mutex::default() }
    }

    /// Counts a call, if its document is valid.
    pub fn count(&self, call: Call<'_>) {
        if !call.document.is_valid() {
            return;
        }
        let hash = call.document.hash;
        let Some(shard) = self.shards.get(usize::from(hash.first_byte()) % SHARDS) else { return };
        let mut shard = lock(shard);
        let shard = &mut *shard;
        let has_room = shard.documents.len() < DOCUMENTS;
        let used = match shard.documents.entry(hash) {
            Entry::Occupied(used) => used.into_mut(),
            Entry::Vacant(place) if has_room => {
                let document = Arc::clone(call.document);
                place.insert(Used { document, is_persisted: false, tallies: Vec::new() })
            }
            Entry::Vacant(_) => {
                for field in call.document.fields(&self.gate, call.operation) {
                    *shard.fields.entry(Arc::clone(field)).or_default() += 1;
                }
                return;
            }
        };
        used.is_persisted |= call.is_persisted;
        let Some(tally) = used.tally(call.operation, call.client) else { return };
        tally.calls += 1;
        tally.errors += i64::from(call.has_failed);
        tally.cost = tally.cost.saturating_add(i64::try_from(call.cost).unwrap_or(i64::MAX));
        if let Some(elapsed) = call.elapsed {
            tally.latencies.add(elapsed);
        }
    }

    /// Writes down what was counted so far. What cannot be written now stays, to be tried again.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn flush(&self, app: &App) -> Result<(), Failure> {
        let mut unwritten = self.unwritten.lock().await;
        loop {
            let batch = unwritten.take().unwrap_or_else(|| Arc::new(self.take()));
            if batch.is_empty() {
                return Ok(());
            }
            if let Err(failure) = service::record(app, Arc::clone(&batch)).await {
                // What the database refuses it would refuse for ever, and all that comes after it would wait.
                let is_busy = matches!(failure.code(), ErrorCode::Unavailable | ErrorCode::Timeout);
                *unwritten = is_busy.then_some(batch);
                return Err(failure);
            }
        }
    }

    fn take(&self) -> Batch {
        let mut batch = Batch::default();
        for shard in &self.shards {
            let Shard { documents, fields } = take(&mut *lock(shard));
            for (field, calls) in fields {
                *batch.fields.entry((field, other())).or_default() += calls;
            }
            for (hash, Used { document, is_persisted, tallies }) in documents {
                for (operation, client, tally) in tallies {
                    for field in document.fields(&self.gate, &operation) {
                        *batch.fields.entry((Arc::clone(field), client.clone())).or_default() += tally.calls;
                    }
                    let operations = document.operations();
                    batch.documents.push(DocumentUse { hash, operations, is_persisted, operation, client, tally });
                }
            }
        }
        batch
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
