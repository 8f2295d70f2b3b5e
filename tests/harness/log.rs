//! How many SQL statements an operation took: read from its log line, so that nothing in the program exists for tests.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, Once},
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt};

static STATEMENTS: LazyLock<Mutex<HashMap<String, u64>>> = LazyLock::new(Mutex::default);

/// Reads the log from now on.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Lines)).unwrap());
}

/// The statements of the operation with this request id, which has been answered.
pub fn statements(request: &str) -> Option<u64> {
    STATEMENTS.lock().unwrap().remove(request)
}

struct Lines;

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        if let (Some(request), Some(statements)) = (line.request, line.statements) {
            STATEMENTS.lock().unwrap().insert(request, statements);
        }
    }
}

#[derive(Default)]
struct Line {
    request: Option<String>,
    statements: Option<u64>,
}

impl Visit for Line {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "statements" {
            self.statements = Some(value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "request" {
            self.request = Some(format!("{value:?}"));
        }
    }
}
