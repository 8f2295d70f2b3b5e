//! What a thread of a lane notes of the statements that it runs: how many, for how long, for which use case.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use diesel::connection::{Instrumentation, InstrumentationEvent};

thread_local! {
    static LEDGER: Ledger = const {
        Ledger { use_case: Cell::new(""), statements: Cell::new(0), took: Cell::new(Duration::ZERO) }
    };
}

struct Ledger {
    use_case: Cell<&'static str>,
    statements: Cell<u32>,
    took: Cell<Duration>,
}

/// What a job's statements came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    /// All but BEGIN, COMMIT, ROLLBACK and SAVEPOINT.
    pub statements: u32,
    /// With them.
    pub took: Duration,
}

/// What follows on this thread is of this use case.
pub(super) fn begin(use_case: &'static str) {
    LEDGER.with(|ledger| {
        ledger.use_case.set(use_case);
        ledger.statements.set(0);
        ledger.took.set(Duration::ZERO);
    });
}

/// What came since it began.
pub(super) fn tally() -> Tally {
    LEDGER.with(|ledger| Tally { statements: ledger.statements.get(), took: ledger.took.get() })
}

/// Notes the statements of one connection. It knows no values: those that are slow are logged by their use case.
pub(super) struct Notes {
    slow: Duration,
    started: Option<Instant>,
    is_transaction_control: bool,
}

impl Notes {
    pub fn new(slow: Duration) -> Self {
        Self { slow, started: None, is_transaction_control: false }
    }
}

impl Instrumentation for Notes {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::BeginTransaction { .. }
            | InstrumentationEvent::CommitTransaction { .. }
            | InstrumentationEvent::RollbackTransaction { .. } => self.is_transaction_control = true,
            InstrumentationEvent::StartQuery { .. } => {
                self.started = Some(Instant::now());
                if !std::mem::take(&mut self.is_transaction_control) {
                    LEDGER.with(|ledger| ledger.statements.set(ledger.statements.get() + 1));
                }
            }
            InstrumentationEvent::FinishQuery { .. } => {
                let Some(took) = self.started.take().map(|started| started.elapsed()) else { return };
                LEDGER.with(|ledger| {
                    ledger.took.set(ledger.took.get() + took);
                    if took >= self.slow {
                        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
                        tracing::warn!(query = ledger.use_case.get(), milliseconds, "a slow statement");
                    }
                });
            }
            _ => {}
        }
    }
}

/// The name of a use case, from that of the closure that it gives to the database:
/// `agora::products::service::page::{{closure}}` is `products::service::page`. Where a mechanism of the platform runs it,
/// as idempotency does, the use case is among the closure's type arguments, and the last of them is it.
pub(super) fn use_case(closure: &'static str) -> &'static str {
    const CRATE: &str = "agora::";
    let paths = closure.match_indices(CRATE).filter_map(|(at, _)| closure.get(at + CRATE.len()..));
    let first = paths.clone().next();
    let path = paths.filter(|path| !path.starts_with("platform::")).last().or(first).unwrap_or(closure);
    let end = path.find(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != ':');
    path.get(..end.unwrap_or(path.len())).unwrap_or(path).trim_end_matches(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_case_is_named_by_its_closure() {
        for (closure, name) in [
            ("agora::products::service::page::{{closure}}::{{closure}}", "products::service::page"),
            ("agora::platform::events::queries::log_state", "platform::events::queries::log_state"),
            (
                "<agora::platform::gql::Reader as async_graphql::dataloader::Loader<agora::users::loaders::UserById>>::load::{{closure}}",
                "users::loaders::UserById",
            ),
            (
                "agora::platform::idempotency::once<agora::orders::model::Placed, agora::orders::error::OrderError, \
                 agora::orders::service::place::place::{{closure}}::{{closure}}>::{{closure}}::{{closure}}",
                "orders::service::place::place",
            ),
            ("agora::platform::jobs::claim::{{closure}}::{{closure}}", "platform::jobs::claim"),
            ("it::cancellation::{{closure}}", "it::cancellation"),
        ] {
            assert_eq!(use_case(closure), name);
        }
    }
}
