//! Documents are found by their text or their hash, and read once: scanned, parsed, validated, and then kept in memory
//! for whoever sends them again.
//!
//! **Invariants:** only what passed the gate and validation is kept, within a bound by memory. What is asked for once does
//! not push out what is asked for often (`TinyLFU`), so nobody empties the cache with documents made up for it.

mod check;
mod name;
mod trusted;

use std::{
    collections::{BTreeSet, HashMap},
    mem::size_of,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{
    Name, PathSegment, ServerError, Value, Variables,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationDefinition, Selection},
    },
};
use moka::sync::Cache;

use self::trusted::Trusted;
pub use self::{check::Checker, name::named};
use super::{
    gate::{Gate, Given, Measured, Refused},
    ordered::put_in_order,
};
use crate::{
    documents::model::DocumentHash,
    kernel::error::Failure,
    platform::{app::App, config::DocumentSettings, gql::Merged, metrics},
};

/// A document as it was parsed.
#[derive(Debug)]
pub struct Document {
    pub hash: DocumentHash,
    pub parsed: ExecutableDocument,
    /// About how many bytes it takes up.
    weight: u32,
    /// Whether validation found nothing wrong with it.
    is_valid: AtomicBool,
    /// Whether it is as good with other variables, if the same are given. See [`Gate::is_predictable`].
    is_predictable: bool,
    /// With which variables given validation found nothing wrong, the latest last.
    passed: Mutex<Vec<Given>>,
    /// What it amounts to with slight variables, of which these are given, the latest last.
    measured: Mutex<Vec<(Given, Measured)>>,
    /// What each operation selects, once somebody has asked for it.
    fields: OnceLock<HashMap<String, Fields>>,
    /// Which fields are merged, once it has run.
    merged: OnceLock<Arc<Merged>>,
}

/// Ways of giving its variables that a document remembers. In any other it is validated again.
const WAYS: usize = 32;

/// Fields as `Type.field`.
type Fields = BTreeSet<Arc<str>>;

impl Document {
    /// Reads a text that nothing is known about.
    ///
    /// # Errors
    /// If the gate refuses it, or if it is not GraphQL.
    pub fn read(gate: &Gate, text: &str, hash: DocumentHash) -> Result<Self, Unreadable> {
        let tokens = gate.scan(text)?;
        let parsed = parse_query(text).map_err(|error| Unreadable::Syntax(error.into()))?;
        let is_predictable = gate.is_predictable(&parsed);
        // A token of an executable document is a field at the most, with a name of its own.
        let each = u64::try_from(size_of::<Selection>() + 64).unwrap_or(u64::MAX);
        let bytes = tokens.saturating_mul(each).saturating_add(1024);
        let weight = u32::try_from(bytes).unwrap_or(u32::MAX);
        Ok(Self {
            hash,
            parsed,
            weight,
            is_valid: AtomicBool::new(false),
            is_predictable,
            passed: Mutex::default(),
            measured: Mutex::default(),
            fields: OnceLock::new(),
            merged: OnceLock::new(),
        })
    }

    /// Whether validation found nothing wrong with it, with one set of variables at least.
    pub fn is_valid(&self) -> bool {
        self.is_valid.load(Ordering::Relaxed)
    }

    /// Whether validation would find nothing wrong with these variables given: it has not, before.
    pub fn has_passed(&self, given: Given) -> bool {
        self.passed.lock().unwrap_or_else(PoisonError::into_inner).contains(&given)
    }

    fn pass(&self, given: Given) {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_predictable && !passed.contains(&given) {
            remember(&mut passed, given);
        }
    }

    /// What one of its operations amounts to. See [`Gate::measure`]; `given` are those of the variables that are.
    ///
    /// # Errors
    /// What is past a limit.
    pub fn measure(
        &self,
        gate: &Gate,
        operation: Option<&str>,
        variables: &Variables,
        given: Option<Given>,
    ) -> Result<Measured, Refused> {
        let given = given.filter(|_| self.is_predictable && Gate::are_slight(variables));
        let Some(given) = given else { return gate.measure(&self.parsed, operation, variables) };
        let known = |all: &[(Given, Measured)]| all.iter().find(|known| known.0 == given).map(|known| known.1);
        if let Some(measured) = known(&self.measured.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(measured);
        }
        let measured = gate.measure(&self.parsed, operation, variables)?;
        let mut all = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        if known(&all).is_none() {
            remember(&mut all, (given, measured));
        }
        Ok(measured)
    }

    /// The fields whose answers are merged with others.
    pub fn merged(&self) -> Arc<Merged> {
        Arc::clone(self.merged.get_or_init(|| Arc::new(Merged::of(&self.parsed))))
    }

    /// The names of its operations.
    pub fn operations(&self) -> Vec<String> {
        let mut names: Vec<_> = self.parsed.operations.iter().filter_map(|(name, _)| Some(name?.to_string())).collect();
        names.sort();
        names
    }

    /// How many steps of an error's path lead to what is null because of it, in the answer of one of its operations, by its
    /// name or nothing. See [`Gate::null_at`].
    pub fn null_at(&self, gate: &Gate, operation: &str, path: &[PathSegment]) -> usize {
        self.operation(operation).map_or(path.len(), |operation| gate.null_at(&self.parsed, operation, path))
    }

    /// Puts an answer's data in the order in which one of its operations, by its name or nothing, selects them.
    pub fn put_in_order(&self, operation: &str, data: &mut Value) {
        if let Some(operation) = self.operation(operation) {
            put_in_order(&self.parsed.fragments, &operation.selection_set.node, data);
        }
    }

    fn operation(&self, name: &str) -> Option<&OperationDefinition> {
        let mut operations = self.parsed.operations.iter();
        let chosen = operations.find(|(of, _)| of.map_or("", Name::as_str) == name);
        chosen.map(|(_, operation)| &operation.node)
    }

    /// The fields (`Type.field`) that one of its operations selects, by its name or nothing.
    pub fn fields(&self, gate: &Gate, operation: &str) -> impl Iterator<Item = &Arc<str>> {
        let all = self.fields.get_or_init(|| {
            let operations = self.parsed.operations.iter();
            let name = |name: Option<&Name>| name.map(ToString::to_string).unwrap_or_default();
            operations.map(|(of, operation)| (name(of), gate.fields(&self.parsed, &operation.node))).collect()
        });
        all.get(operation).into_iter().flatten()
    }
}

/// Adds what is the latest, and forgets the oldest if there are too many.
fn remember<T>(all: &mut Vec<T>, latest: T) {
    if all.len() == WAYS {
        all.remove(0);
    }
    all.push(latest);
}

/// Why there is no document to run.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("{}", .0.message)]
    Syntax(ServerError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// The documents of one process.
pub struct Documents {
    parsed: Cache<DocumentHash, Arc<Document>>,
    lookups: metrics::Cache,
    trusted: Trusted,
}

impl Documents {
    pub fn new(settings: &DocumentSettings, lookups: metrics::Cache) -> Self {
        let weigh = |_: &DocumentHash, document: &Arc<Document>| document.weight;
        let parsed = Cache::builder().max_capacity(settings.cache_bytes).weigher(weigh).build();
        Self { parsed, lookups, trusted: Trusted::new(settings.trusted) }
    }

    /// Learns which documents are trusted by now.
    ///
    /// # Errors
    /// If the database fails; what was known stays.
    pub async fn refresh(&self, app: &App) -> Result<(), Failure> {
        self.trusted.refresh(app).await
    }

    /// The document with this text, or this hash, or both.
    ///
    /// # Errors
    /// If there is none, if the gate refuses it, or if it is not GraphQL.
    pub fn find(
        &self,
        gate: &Gate,
        text: Option<&str>,
        hash: Option<DocumentHash>,
    ) -> Result<Arc<Document>, Unreadable> {
        let hash = match (text, hash) {
            (Some(text), stated) => {
                gate.check_bytes(text)?;
                let hash = DocumentHash::of(text);
                if stated.is_some_and(|stated| stated != hash) {
                    return Err(Failure::BadUserInput("the hash is not the SHA-256 of `query`".into()).into());
                }
                hash
            }
            (None, Some(hash)) => hash,
            (None, None) => return Err(Failure::BadUserInput("`query` is missing".into()).into()),
        };
        // Asked first: a document that is kept may be trusted no more.
        let trusted = self.trusted.text(hash)?;
        if let Some(document) = self.parsed.get(&hash) {
            self.lookups.hits.inc();
            return Ok(document);
        }
        self.lookups.misses.inc();
        let text = text.or(trusted.as_deref()).ok_or(Failure::PersistedQueryNotFound)?;
        Document::read(gate, text, hash).map(Arc::new)
    }

    /// Keeps a document that validation has found good, with these variables given.
    pub fn keep(&self, document: &Arc<Document>, given: Option<Given>) {
        if let Some(given) = given {
            document.pass(given);
        }
        if !document.is_valid.swap(true, Ordering::Relaxed) {
            self.parsed.insert(document.hash, Arc::clone(document));
        }
    }
}

#[cfg(test)]
mod tests;
