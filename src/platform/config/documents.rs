//! Options of how documents are kept and found.

use std::time::Duration;

use clap::{Args, ValueEnum};

const MIB: u64 = 1024 * 1024;

/// What trusted documents are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TrustedDocuments {
    /// Nothing: they are not looked at
    Off,
    /// They are run by their hash; others are run as well
    Allow,
    /// Nothing else is run
    Only,
}

/// The options as they were given.
#[derive(Debug, Clone, Copy, Args)]
pub struct DocumentOptions {
    /// MiB of memory in which documents are kept parsed, 1 to 1024
    #[arg(long, env = "AGORA_DOCUMENT_CACHE", global = true, default_value_t = 16, value_name = "MIB")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub document_cache: u16,
    /// Whether documents that `agora documents add` has made trusted are run by their hash, and whether any others are
    #[arg(long, env = "AGORA_TRUSTED_DOCUMENTS", global = true, default_value = "allow")]
    pub trusted_documents: TrustedDocuments,
    /// For how long shared caches may keep a guest's answer to a persisted query that came by GET; 0: ask each time
    #[arg(long, env = "AGORA_SHARED_CACHE_SECONDS", global = true, default_value_t = 60, value_name = "N")]
    pub shared_cache_seconds: u32,
}

/// How documents are kept and found.
#[derive(Debug, Clone, Copy)]
pub struct DocumentSettings {
    /// Memory for parsed documents.
    pub cache_bytes: u64,
    /// For how long shared caches may keep a guest's answers.
    pub shared_for: Duration,
    pub trusted: TrustedDocuments,
}

impl From<DocumentOptions> for DocumentSettings {
    fn from(options: DocumentOptions) -> Self {
        Self {
            cache_bytes: u64::from(options.document_cache) * MIB,
            shared_for: Duration::from_secs(options.shared_cache_seconds.into()),
            trusted: options.trusted_documents,
        }
    }
}

impl Default for DocumentSettings {
    fn default() -> Self {
        Self { cache_bytes: 16 * MIB, shared_for: Duration::from_mins(1), trusted: TrustedDocuments::Allow }
    }
}
