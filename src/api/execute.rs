//! From a request's words to its answer: parse, measure, run, and make every error one of the closed list.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::{
    Name, PathSegment, Request, Response, ServerError, Value, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
    parser::{parse_query, types::OperationType},
};
use futures_util::{Stream, StreamExt};
use serde_json::Map;
use tracing::Instrument;

use super::{
    AgoraSchema, builder,
    gate::{Catalogue, Gate, Limits, Refused},
    sdl,
};
use crate::{
    kernel::error::{ErrorCode, Failure},
    platform::{
        app::App,
        caller::Caller,
        config::Switch,
        events::Cursor,
        gql::{Reader, WireError},
        metrics::Counted,
        telemetry::{self, Operation},
    },
    users,
};

/// Errors that one answer tells at the most.
const MAXIMUM_ERRORS: usize = 50;

/// What the operator decided about the endpoint.
#[derive(Debug, Clone)]
pub struct ApiOptions {
    pub limits: Limits,
    pub introspection: Switch,
    pub suggestions: Switch,
    /// How long an operation may take in all.
    pub deadline: Duration,
}

/// The four parameters of a request (GraphQL over HTTP, section 5), already of the right types.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Map<String, serde_json::Value>,
    pub extensions: Map<String, serde_json::Value>,
}

/// A request that parsed and is within the limits.
pub struct Prepared {
    request: Request,
    /// None when the document holds no operation of the wanted name; validation will say so.
    pub kind: Option<OperationType>,
    name: String,
    cost: u64,
    values: u64,
}

impl Prepared {
    /// The points that it may cost.
    pub const fn cost(&self) -> u64 {
        self.cost
    }

    /// The values that its answer may have; see [`Limits::values`].
    pub const fn values(&self) -> u64 {
        self.values
    }
}

/// The answer, and whether anything ran at all: a request error has no data.
pub struct Outcome {
    pub response: Response,
    pub is_request_error: bool,
}

/// Where a connection wants its subscriptions to go on, whatever their variables say.
#[derive(Debug, Clone)]
pub struct ResumeAfter(pub String);

/// One answer of a subscription.
pub struct Told {
    pub response: Response,
    /// The event's place in the log, whether it was selected or not; none for what the log does not hold.
    pub cursor: Option<Cursor>,
}

/// Where a stream of stored events stands. Its resolver moves it, before the event's fields are resolved.
#[derive(Debug, Clone, Default)]
pub struct Position(Arc<Mutex<Option<Cursor>>>);

impl Position {
    pub(super) fn move_to(&self, cursor: Cursor) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(cursor);
    }

    fn take(&self) -> Option<Cursor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The endpoint, without its transport.
#[derive(Clone)]
pub struct Api {
    schema: AgoraSchema,
    gate: Arc<Gate>,
    app: App,
    deadline: Duration,
}

impl Api {
    /// # Errors
    /// If the schema cannot be printed and read back, which a test excludes.
    pub fn new(app: App, options: &ApiOptions) -> Result<Self, Failure> {
        let catalogue = Catalogue::from_sdl(&sdl()).map_err(|error| Failure::internal(error.to_string()))?;
        // The gate bounds recursion more exactly, and says so with a code.
        let mut builder = builder().extension(Codes).limit_recursive_depth(64);
        if options.introspection == Switch::Off {
            builder = builder.disable_introspection();
        }
        if options.suggestions == Switch::Off {
            builder = builder.disable_suggestions();
        }
        let gate = Arc::new(Gate::new(catalogue, options.limits));
        Ok(Self { schema: builder.finish(), gate, app, deadline: options.deadline })
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// What one request may ask for.
    pub fn limits(&self) -> &Limits {
        self.gate.limits()
    }

    /// Parses a request and holds it against the limits.
    ///
    /// # Errors
    /// The answer to give instead.
    pub fn prepare(&self, incoming: Incoming) -> Result<Prepared, Box<Response>> {
        let refused = |refused: Refused| Box::new(Response::from_errors(vec![server_error(too_complex(&refused))]));
        self.gate.scan(&incoming.query).map_err(refused)?;
        let document = parse_query(&incoming.query).map_err(|error| {
            let mut error = ServerError::from(error);
            set_code(&mut error, ErrorCode::ParseFailed);
            Box::new(Response::from_errors(vec![error]))
        })?;
        let variables = Variables::from_json(serde_json::Value::Object(incoming.variables));
        let operation_name = incoming.operation_name.as_deref();
        let measured = self.gate.measure(&document, operation_name, &variables).map_err(refused)?;
        let chosen = document
            .operations
            .iter()
            .filter(|(name, _)| operation_name.is_none() || name.map(Name::as_str) == operation_name)
            .collect::<Vec<_>>();
        let (kind, name) = match chosen.as_slice() {
            [(name, operation)] => (Some(operation.node.ty), name.map(ToString::to_string)),
            _ => (None, None),
        };
        // A subscription has one root field (GraphQL, section 5.2.3.1), which the library does not check.
        if kind == Some(OperationType::Subscription) && measured.root_fields > 1 {
            let failure = Failure::QueryTooComplex {
                limit: "ROOT_FIELDS",
                value: measured.root_fields,
                maximum: 1,
                advice: "A subscription has one root field; subscribe to each by itself.".into(),
            };
            return Err(Box::new(Response::from_errors(vec![server_error(failure)])));
        }
        let mut request = Request::new(incoming.query).variables(variables);
        if let Some(name) = incoming.operation_name {
            request = request.operation_name(name);
        }
        request.set_parsed_query(document);
        Ok(Prepared { request, kind, name: name.unwrap_or_default(), cost: measured.cost, values: measured.values })
    }

    /// Runs a query or a mutation.
    pub async fn execute(&self, caller: Caller, prepared: Prepared, includes: &[String]) -> Outcome {
        let started = std::time::Instant::now();
        let operation = Arc::new(Operation::default());
        let span = tracing::info_span!("operation", request = %caller.request.id, trace = caller.request.trace_id());
        telemetry::continue_trace(&span, &caller.request);
        let running = async {
            let request = self.with_data(prepared.request, &caller, Arc::clone(&operation));
            let running = operation.ending_with(self.schema.execute(request));
            let answered = tokio::time::timeout(self.deadline, running).await;
            let mut response = answered.unwrap_or_else(|_| Response::from_errors(vec![server_error(Failure::Timeout)]));
            if operation.replayed() {
                response = response.extension("replayed", Value::Boolean(true));
            }
            if includes.iter().any(|include| include == "context") {
                response = match users::service::surroundings(&self.app, &caller).await {
                    Ok(used) => response.extension(
                        "context",
                        async_graphql::value!({
                            "locale": used.locale.to_string(),
                            "currency": used.currency.to_string(),
                            "country": used.country.to_string(),
                        }),
                    ),
                    Err(failure) => {
                        response.errors.push(server_error(failure));
                        response
                    }
                };
            }
            response
        };
        let mut response = telemetry::within(Arc::clone(&operation), running).instrument(span).await;
        finish(&mut response, &caller);
        let took = started.elapsed();
        let code = code_of(&response).unwrap_or("OK");
        self.app.metrics().operations.answered(&prepared.name, code, took);
        tracing::info!(
            operation = prepared.name,
            request = %caller.request.id,
            trace = caller.request.trace_id(),
            milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            statements = operation.statements(),
            cost = prepared.cost,
            code,
            "answered"
        );
        let has_data = !matches!(response.data, Value::Null);
        let is_request_error =
            !has_data && !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty());
        Outcome { response, is_request_error }
    }

    /// Runs an operation whose answers come one after the other.
    pub fn subscribe(
        &self,
        caller: Caller,
        prepared: Prepared,
        resume_after: Option<ResumeAfter>,
    ) -> impl Stream<Item = Told> + Send + use<> {
        let (operation, position) = (Arc::new(Operation::default()), Position::default());
        let mut request = self.with_data(prepared.request, &caller, Arc::clone(&operation)).data(position.clone());
        if let Some(resume_after) = resume_after {
            request = request.data(resume_after);
        }
        tracing::info!(
            operation = prepared.name,
            request = %caller.request.id,
            trace = caller.request.trace_id(),
            cost = prepared.cost,
            "subscribed"
        );
        let until_dropped = (operation.end_on_drop(), Counted::new(&self.app.metrics().subscriptions));
        self.schema.execute_stream(request).map(move |mut response| {
            let _ = &until_dropped;
            finish(&mut response, &caller);
            Told { response, cursor: position.take() }
        })
    }

    fn with_data(&self, request: Request, caller: &Caller, operation: Arc<Operation>) -> Request {
        let reader = Reader { app: self.app.clone(), caller: caller.clone() };
        request.data(self.app.clone()).data(caller.clone()).data(reader.loader(operation))
    }
}

/// The log line of an operation that did not run, and its count.
pub fn log_refusal(app: &App, caller: &Caller, response: &Response) {
    let code = code_of(response).unwrap_or("OK");
    app.metrics().operations.refused(code);
    tracing::info!(request = %caller.request.id, trace = caller.request.trace_id(), code, "refused");
}

/// Sees to it that every error has a code of the closed list, and that there are not too many.
fn finish(response: &mut Response, caller: &Caller) {
    for error in &response.errors {
        put_null(&mut response.data, &error.path);
    }
    response.errors.truncate(MAXIMUM_ERRORS);
    for error in &mut response.errors {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code")).cloned();
        match code {
            // Only values that do not fit their types are refused by the library without a code of ours.
            None if error.path.is_empty() => set_code(error, ErrorCode::ValidationFailed),
            None => set_code(error, ErrorCode::BadUserInput),
            Some(Value::String(code)) if code == ErrorCode::Internal.as_str() => {
                let extensions = error.extensions.get_or_insert_default();
                extensions.set("requestId", caller.request.id.as_str());
            }
            Some(_) => {}
        }
    }
}

/// Puts the null that a failed nullable field has (GraphQL, section 6.4.4), which the library leaves out.
fn put_null(data: &mut Value, path: &[PathSegment]) {
    match (data, path) {
        (Value::Object(fields), [PathSegment::Field(last)]) => {
            fields.entry(Name::new(last)).or_insert(Value::Null);
        }
        (Value::Object(fields), [PathSegment::Field(next), rest @ ..]) => {
            if let Some(value) = fields.get_mut(next.as_str()) {
                put_null(value, rest);
            }
        }
        (Value::List(items), [PathSegment::Index(next), rest @ ..]) => {
            if let Some(value) = items.get_mut(*next) {
                put_null(value, rest);
            }
        }
        _ => {}
    }
}

/// The code of the first error.
pub fn code_of(response: &Response) -> Option<&str> {
    match response.errors.first()?.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

fn set_code(error: &mut ServerError, code: ErrorCode) {
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", code.as_str());
    extensions.set("isRetryable", code.is_retryable());
}

fn too_complex(refused: &Refused) -> Failure {
    Failure::QueryTooComplex {
        limit: refused.limit.as_str(),
        value: refused.value,
        maximum: refused.maximum,
        advice: refused.to_string(),
    }
}

/// A failure as an error of a whole answer.
pub fn server_error(failure: Failure) -> ServerError {
    let mut error =
        async_graphql::Error::from(WireError::from(failure)).into_server_error(async_graphql::Pos::default());
    // It is about the request as a whole, so it names no place in the document.
    error.locations.clear();
    error
}

/// Marks what validation finds.
struct Codes;

impl ExtensionFactory for Codes {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Codes {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<async_graphql::ValidationResult, Vec<ServerError>> {
        next.run(ctx).await.map_err(|errors| {
            // The same problem in many places is told once.
            let mut seen = HashSet::new();
            errors
                .into_iter()
                .filter(|error| seen.insert(error.message.clone()))
                .take(MAXIMUM_ERRORS)
                .map(|mut error| {
                    set_code(&mut error, ErrorCode::ValidationFailed);
                    error
                })
                .collect()
        })
    }
}
