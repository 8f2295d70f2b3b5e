//! What the program logs while tests run, at the most verbose level; and from it, how many SQL statements an operation took, so
//! that nothing in the program exists for tests.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Arc, LazyLock, Mutex, Once, Weak},
};

use agora::platform::telemetry;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt, util::SubscriberInitExt};

static STATEMENTS: LazyLock<Mutex<HashMap<String, u64>>> = LazyLock::new(Mutex::default);
static LISTENING: Mutex<Vec<Weak<Mutex<String>>>> = Mutex::new(Vec::new());

/// The statements of the operation with this request id, which has been answered.
pub fn statements(request: &str) -> Option<u64> {
    STATEMENTS.lock().unwrap().remove(request)
}

/// The lines of the log while this lives, those of other services at the time as well.
pub struct Lines(Arc<Mutex<String>>);

impl Lines {
    /// Listens from now on.
    pub fn listen() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing_subscriber::registry().with(telemetry::filter("trace")).with(Reader).init());
        let lines = Arc::default();
        let mut listening = LISTENING.lock().unwrap();
        listening.retain(|lines| lines.strong_count() > 0);
        listening.push(Arc::downgrade(&lines));
        Self(lines)
    }

    pub fn so_far(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

struct Reader;

impl<S: Subscriber> Layer<S> for Reader {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::of(event.metadata().target());
        event.record(&mut line);
        line.end();
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        let mut line = Line::of(attributes.metadata().target());
        attributes.record(&mut line);
        line.end();
    }

    fn on_record(&self, _: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        let mut line = Line::of("agora");
        values.record(&mut line);
        line.end();
    }
}

struct Line {
    text: String,
    request: Option<String>,
    statements: Option<u64>,
}

impl Line {
    fn of(target: &str) -> Self {
        Self { text: format!("{target}:"), request: None, statements: None }
    }

    fn end(mut self) {
        if let (Some(request), Some(statements)) = (self.request, self.statements) {
            STATEMENTS.lock().unwrap().insert(request, statements);
        }
        self.text.push('\n');
        for lines in LISTENING.lock().unwrap().iter().filter_map(Weak::upgrade) {
            lines.lock().unwrap().push_str(&self.text);
        }
    }
}

impl Visit for Line {
    // A number is no secret.
    fn record_i64(&mut self, _: &Field, _: i64) {}

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "statements" {
            self.statements = Some(value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = write!(self.text, " {field}={value}");
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "request" {
            self.request = Some(format!("{value:?}"));
        }
        let _ = write!(self.text, " {field}={value:?}");
    }
}
