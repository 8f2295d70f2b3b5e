//! Where the log's lines and spans go. With the cargo feature `otel`, spans are exported besides, by OTLP over HTTP, as
//! [OpenTelemetry's variables](https://opentelemetry.io/docs/specs/otel/protocol/exporter/) say.

use tracing::{Span, Subscriber};
use tracing_subscriber::{EnvFilter, registry::LookupSpan, util::SubscriberInitExt};

use crate::platform::caller::Request;

/// Why spans are not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[cfg(feature = "otel")]
    #[error("OTEL_EXPORTER_OTLP_…: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    #[error("the log cannot be opened: {0}")]
    Log(#[from] tracing_subscriber::util::TryInitError),
}

/// What was begun is written down when this is dropped.
#[must_use]
#[derive(Debug)]
pub struct Export {
    #[cfg(feature = "otel")]
    provider: opentelemetry_sdk::trace::SdkTracerProvider,
}

/// What the log holds. The library of the sockets writes every frame down at `trace`, and so the tokens in them: wanting
/// everything does not mean those.
pub fn filter(wanted: &str) -> EnvFilter {
    EnvFilter::new(format!("{wanted},tungstenite=info"))
}

/// Begins to log.
///
/// # Errors
/// If it was begun before, or spans cannot be exported where the environment says.
#[cfg(not(feature = "otel"))]
pub fn start(lines: impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync + 'static) -> Result<Export, ExportError> {
    lines.try_init()?;
    Ok(Export {})
}

/// Begins to log and to export.
///
/// # Errors
/// If it was begun before, or spans cannot be exported where the environment says.
#[cfg(feature = "otel")]
pub fn start(lines: impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync + 'static) -> Result<Export, ExportError> {
    use opentelemetry::trace::TracerProvider;
    use tracing_subscriber::layer::SubscriberExt;

    let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build()?;
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("agora"));
    lines.with(spans).try_init()?;
    Ok(Export { provider })
}

#[cfg(feature = "otel")]
impl Drop for Export {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown() {
            eprintln!("agora: the last spans were not exported: {error}");
        }
    }
}

/// The span of a request's operation. There is none where nobody exports it: the log's lines about it name their request.
#[cfg(not(feature = "otel"))]
pub fn span(_: &Request) -> Span {
    Span::none()
}

/// The span of a request's operation, which is part of the trace that the client named.
#[cfg(feature = "otel")]
pub fn span(request: &Request) -> Span {
    use std::collections::HashMap;

    use opentelemetry::propagation::TextMapPropagator;
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use tracing_opentelemetry::OpenTelemetrySpanExt;

    let span = tracing::info_span!("operation", request = %request.id, trace = request.trace_id());
    if let Some(trace) = &request.trace {
        let headers = HashMap::from([("traceparent".to_owned(), trace.header().to_owned())]);
        // A span that nobody exports has no place in a trace.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&headers));
    }
    span
}
