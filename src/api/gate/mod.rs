//! The one gate before execution, the same for POST, GET, WebSocket and server-sent events.
//!
//! 1. [`Gate::scan`] reads the text once, before the parser, which would overflow the stack on
//!    a literal nested deeply enough.
//! 2. [`Gate::measure`] walks the parsed document before validation, whose rules follow
//!    fragments without a bound, in every operation of the document.
//!
//! Invariant: the work of each is bounded by [`Limits`], never by what the request multiplies to.
//! The gate knows no caller, does no I/O, and leaves whatever is merely invalid to validation.

mod catalogue;
mod fields;
mod inputs;
mod measure;
mod nulls;
mod refusal;
mod scan;
mod values;

pub use catalogue::Catalogue;
pub use inputs::Given;
pub use measure::Measured;
pub use refusal::{Limit, Refused};

use std::{collections::BTreeSet, sync::Arc};

use async_graphql::{
    PathSegment, Variables,
    parser::types::{ExecutableDocument, OperationDefinition},
};

/// What one request may ask for, at most. "In place" means: fragments and variables are counted
/// as if they were written out wherever they are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the query text: 64 KiB.
    pub bytes: u64,
    /// Lexical tokens of the query text: 10,000.
    pub tokens: u64,
    /// Brackets of any kind within each other, in the text and in the JSON of the variables, and
    /// selection sets within each other with fragments in place: 50.
    pub nesting: u64,
    /// Fragment definitions of the document: 100.
    pub fragments: u64,
    /// Steps of validation, which visits all operations of the document: 10,000. Each selection,
    /// directive and argument value in place is a step, and each 256 bytes of a string. A field is
    /// compared with the fields before it in its object, once per fragment around it, and each
    /// argument may become an error: 20 kB of text made 3 million of them, and 1.4 GB. So a field
    /// counts again for each of these fragments, times the most arguments of a field before it.
    pub size: u64,
    /// Fields within each other, leaves included, introspection apart: 15.
    pub depth: u64,
    /// Aliases in place: 30.
    pub aliases: u64,
    /// Fields of the operation itself, in place: 20.
    pub root_fields: u64,
    /// Directives in place: 50.
    pub directives: u64,
    /// Lists of introspection within each other: 3, as `types { fields { args } }`.
    pub introspection_depth: u64,
    /// Points: 10,000. What they are is said at [`Measured::cost`].
    pub cost: u64,
    /// Fields and argument values in place, each as often as the rows above it repeat it: 100,000.
    /// It is an estimate of the answer, whose scalars cost no points: exact for pages, a guess for
    /// plain lists, as with the points.
    pub values: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024,
            tokens: 10_000,
            nesting: 50,
            fragments: 100,
            size: 10_000,
            depth: 15,
            aliases: 30,
            root_fields: 20,
            directives: 50,
            introspection_depth: 3,
            cost: 10_000,
            values: 100_000,
        }
    }
}

impl Limits {
    fn maximum(&self, limit: Limit) -> u64 {
        match limit {
            Limit::Bytes => self.bytes,
            Limit::Tokens => self.tokens,
            Limit::Nesting => self.nesting,
            Limit::Fragments => self.fragments,
            Limit::FragmentCycles => 0,
            Limit::Size => self.size,
            Limit::Depth => self.depth,
            Limit::Aliases => self.aliases,
            Limit::RootFields => self.root_fields,
            Limit::Directives => self.directives,
            Limit::IntrospectionDepth => self.introspection_depth,
            Limit::Cost => self.cost,
            Limit::Values => self.values,
        }
    }

    fn check(&self, limit: Limit, value: u64) -> Result<(), Refused> {
        let maximum = self.maximum(limit);
        if value > maximum {
            return Err(Refused { limit, value, maximum });
        }
        Ok(())
    }
}

/// The limits, and what the schema says about the size of its lists.
#[derive(Debug)]
pub struct Gate {
    catalogue: Catalogue,
    limits: Limits,
}

impl Gate {
    /// A gate before the schema that `catalogue` describes.
    #[must_use]
    pub fn new(catalogue: Catalogue, limits: Limits) -> Self {
        Self { catalogue, limits }
    }

    /// The limits that it holds requests to.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Counts bytes, tokens and nesting of a text that has not been parsed, in one pass and
    /// without allocating. Returns the tokens.
    ///
    /// # Errors
    ///
    /// Refuses a text past [`Limits::bytes`], [`Limits::tokens`] or [`Limits::nesting`].
    pub fn scan(&self, query: &str) -> Result<u64, Refused> {
        self.check_bytes(query)?;
        let scanned = scan::scan(query);
        self.limits.check(Limit::Tokens, scanned.tokens)?;
        self.limits.check(Limit::Nesting, scanned.nesting)?;
        Ok(scanned.tokens)
    }

    /// Looks at the length of a text, for whoever reads it before [`Gate::scan`] does.
    ///
    /// # Errors
    ///
    /// Refuses a text past [`Limits::bytes`].
    pub fn check_bytes(&self, query: &str) -> Result<(), Refused> {
        self.limits.check(Limit::Bytes, count(query.len()))
    }

    /// Measures the operation that will be executed. The other operations and unused fragments
    /// count towards [`Limits::size`] only. Which operation that is, is decided as the executor
    /// does; if there is none, nothing is measured and the executor's error is the answer.
    ///
    /// The variables come from JSON, of which `serde_json` parses no more than 128 levels; here
    /// they are held to [`Limits::nesting`].
    ///
    /// # Errors
    ///
    /// Refuses what is past any limit but bytes and tokens, and fragments that spread themselves.
    pub fn measure(
        &self,
        document: &ExecutableDocument,
        operation_name: Option<&str>,
        variables: &Variables,
    ) -> Result<Measured, Refused> {
        measure::measure(self, document, operation_name, variables)
    }

    /// Whether [`Gate::measure`] comes to the same with any other variables that are as slight, if the same are given and the
    /// same are null: neither pages nor the size of values depend on them.
    #[must_use]
    pub fn are_slight(variables: &Variables) -> bool {
        variables.values().all(values::is_slight)
    }

    /// The fields that an operation of a valid document selects, as `Type.field`, fragments in place and introspection
    /// apart. A field of an interface is the interface's where it is selected there.
    pub fn fields(&self, document: &ExecutableDocument, operation: &OperationDefinition) -> BTreeSet<Arc<str>> {
        fields::fields(&self.catalogue, document, operation)
    }

    /// Which variables of an operation are given. None if one of them may not be of its type, which validation looks into.
    #[must_use]
    pub fn given(&self, operation: &OperationDefinition, variables: &Variables) -> Option<Given> {
        self.catalogue.given(operation, variables)
    }

    /// Whether what validation says of a document depends on which variables are given alone, if all are of their types.
    #[must_use]
    pub fn is_predictable(&self, document: &ExecutableDocument) -> bool {
        self.catalogue.is_predictable(document)
    }

    /// How many steps of an error's path in the operation's answer lead to what is null because of it (GraphQL, section
    /// 6.4.4): none of them if all of the data is. Takes as long as the document is, for each field on the path.
    pub fn null_at(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        path: &[PathSegment],
    ) -> usize {
        nulls::null_at(&self.catalogue, document, operation, path)
    }
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
