//! From a request's words to its answer: parse, measure, run, and make every error one of the closed list.

use std::{sync::Arc, time::Duration};

use async_graphql::{Name, Request, Response, ValidationMode, Value, Variables, parser::types::OperationType};
use serde_json::Map;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::{
    AgoraSchema, builder,
    cost::{self, Price},
    documents::{self, Document, Documents},
    errors::{code_of, finish, is_request_error, log_refusal, server_error, unreadable},
    gate::{Catalogue, Gate, Given, Limits},
    includes, print,
    usage::{Call, Usage},
};
use crate::{
    documents::model::MAXIMUM_NAME,
    kernel::error::{ErrorCode, Failure},
    platform::{
        app::App,
        caller::{Caller, Who},
        config::{DocumentSettings, Switch},
        gql::Reader,
        telemetry::{self, Operation},
    },
    users,
};

/// How often documents are looked after: what is trusted or distrusted elsewhere is known here after this time.
const TENDED_EVERY: Duration = Duration::from_secs(2);

/// What the operator decided about the endpoint.
#[derive(Debug, Clone)]
pub struct ApiOptions {
    pub limits: Limits,
    pub introspection: Switch,
    pub suggestions: Switch,
    pub documents: DocumentSettings,
    /// How long an operation may take in all.
    pub deadline: Duration,
}

/// The parameters of a request (GraphQL over HTTP, section 5 and appendix A), already of the right types.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    pub query: Option<String>,
    pub document_id: Option<String>,
    pub operation_name: Option<String>,
    pub variables: Map<String, serde_json::Value>,
    pub extensions: Map<String, serde_json::Value>,
}

/// A request that parsed and is within the limits.
pub struct Prepared {
    pub(super) operation: Arc<Operation>,
    pub(super) request: Request,
    pub(super) document: Arc<Document>,
    /// None when the document holds no operation of the wanted name; validation will say so.
    pub kind: Option<OperationType>,
    pub(super) name: String,
    /// Which of its variables are given. None if validation has to look at them.
    pub(super) given: Option<Given>,
    pub(super) price: Price,
    values: u64,
    pub(super) naming: Naming,
}

impl Prepared {
    /// The points that it may cost.
    pub const fn cost(&self) -> u64 {
        self.price.requested
    }

    /// The values that its answer may have; see [`Limits::values`].
    pub const fn values(&self) -> u64 {
        self.values
    }
}

/// How a request says which document it wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// By its text alone.
    Text,
    /// By its hash.
    Hash,
}

/// The answer, and whether anything ran at all: a request error has no data.
pub struct Outcome {
    pub response: Response,
    pub is_request_error: bool,
}

/// Where a connection wants its subscriptions to go on, whatever their variables say.
#[derive(Debug, Clone)]
pub struct ResumeAfter(pub String);

/// What a guest reads by a token is for nobody else.
const BY_TOKEN: [&str; 4] = ["Query.cart", "Query.order", "Query.visitor", "Query.wishList"];

/// As much of an operation's name as a log line has room for. Clients may make it as long as a document.
pub(super) fn short(name: &str) -> &str {
    name.get(..MAXIMUM_NAME).unwrap_or(name)
}

/// The endpoint, without its transport.
#[derive(Clone)]
pub struct Api {
    /// Validates what it executes.
    strict: AgoraSchema,
    /// Executes what is known to be valid, which it takes on trust.
    trusting: AgoraSchema,
    pub(super) gate: Arc<Gate>,
    pub(super) documents: Arc<Documents>,
    pub(super) usage: Arc<Usage>,
    shared_for: Duration,
    pub(super) app: App,
    pub(super) deadline: Duration,
}

impl Api {
    /// # Errors
    /// If the schema cannot be printed and read back, which a test excludes.
    pub fn new(app: App, options: &ApiOptions) -> Result<Self, Failure> {
        let documents = Arc::new(Documents::new(&options.documents, app.metrics().cache("documents")));
        // No extension: with a single one, the library takes the long way round for every field of every answer.
        // The gate bounds recursion more exactly, and says so with a code.
        let schema = |mode| {
            let mut builder = builder().limit_recursive_depth(64).validation_mode(mode);
            if options.introspection == Switch::Off {
                builder = builder.disable_introspection();
            }
            if options.suggestions == Switch::Off {
                builder = builder.disable_suggestions();
            }
            builder.finish()
        };
        let (strict, trusting) = (schema(ValidationMode::Strict), schema(ValidationMode::Fast));
        let catalogue = Catalogue::from_sdl(&print(&strict)).map_err(|error| Failure::internal(error.to_string()))?;
        let gate = Arc::new(Gate::new(catalogue, options.limits));
        let usage = Arc::new(Usage::new(Arc::clone(&gate)));
        let (shared_for, deadline) = (options.documents.shared_for, options.deadline);
        Ok(Self { strict, trusting, gate, documents, usage, shared_for, app, deadline })
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    /// The schema that is to execute a document with these variables given.
    pub(super) fn schema(&self, document: &Document, given: Option<Given>) -> &AgoraSchema {
        if given.is_some_and(|given| document.has_passed(given)) { &self.trusting } else { &self.strict }
    }

    /// What one request may ask for.
    pub fn limits(&self) -> &Limits {
        self.gate.limits()
    }

    /// Learns which documents are trusted by now.
    ///
    /// # Errors
    /// If the database fails; what was known stays.
    pub async fn refresh_documents(&self) -> Result<(), Failure> {
        self.documents.refresh(&self.app).await
    }

    /// Writes down how documents and fields were used so far.
    ///
    /// # Errors
    /// If the database fails; what was counted stays.
    pub async fn flush_usage(&self) -> Result<(), Failure> {
        self.usage.flush(&self.app).await
    }

    /// Looks after documents until the task is aborted: learns which are trusted, and writes down how they are used.
    pub async fn tend(self) {
        loop {
            if let Err(error) = self.refresh_documents().await {
                tracing::warn!(%error, "trusted documents could not be looked up");
            }
            if let Err(error) = self.flush_usage().await {
                tracing::warn!(%error, "the use of documents could not be written down");
            }
            tokio::time::sleep(TENDED_EVERY).await;
        }
    }

    /// Parses a request and holds it against the limits. To be refused costs points, too.
    ///
    /// # Errors
    /// The answer to give instead, which is in the log.
    pub async fn prepare(&self, caller: &Caller, incoming: Incoming) -> Result<Prepared, Box<Response>> {
        let price = cost::of_refusal(incoming.query.as_deref());
        let operation = Operation::of(&caller.request);
        let read = telemetry::part_of(&operation, || self.read(incoming, Arc::clone(&operation)));
        match read {
            Ok(prepared) => Ok(prepared),
            Err(mut response) => {
                if let Err(failure) = self.app.buckets.charge(caller, price).await {
                    let error = telemetry::part_of(&operation, || server_error(failure));
                    *response = Response::from_errors(vec![error]);
                }
                log_refusal(&self.app, caller, &response);
                Err(response)
            }
        }
    }

    fn read(&self, incoming: Incoming, operation: Arc<Operation>) -> Result<Prepared, Box<Response>> {
        let hash = documents::named(incoming.document_id.as_deref(), &incoming.extensions);
        let hash = hash.map_err(|failure| unreadable(failure.into()))?;
        let naming = if hash.is_some() { Naming::Hash } else { Naming::Text };
        let document = self.documents.find(&self.gate, incoming.query.as_deref(), hash).map_err(unreadable)?;
        let variables = Variables::from_json(serde_json::Value::Object(incoming.variables));
        let operation_name = incoming.operation_name.as_deref();
        let chosen = document
            .parsed
            .operations
            .iter()
            .filter(|(name, _)| operation_name.is_none() || name.map(Name::as_str) == operation_name)
            .collect::<Vec<_>>();
        let (kind, name, given) = match chosen.as_slice() {
            [(name, operation)] => {
                let given = self.gate.given(&operation.node, &variables);
                (Some(operation.node.ty), name.map(ToString::to_string), given)
            }
            _ => (None, None, None),
        };
        let measured = document.measure(&self.gate, operation_name, &variables, given);
        let measured = measured.map_err(|refused| unreadable(refused.into()))?;
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
        // The text has been read: what runs is the document.
        let mut request = Request::new("").variables(variables);
        if let Some(name) = incoming.operation_name {
            request = request.operation_name(name);
        }
        request.set_parsed_query(document.parsed.clone());
        let (name, price, values) = (name.unwrap_or_default(), Price::of(&measured), measured.values);
        Ok(Prepared { operation, request, document, kind, name, given, price, values, naming })
    }

    /// For how long shared caches may keep the answer, if it holds no errors: a guest's, to a query that has a hash.
    pub fn shared_for(&self, caller: &Caller, prepared: &Prepared) -> Option<Duration> {
        let is_the_same_for_all = matches!(caller.who, Who::Guest) && prepared.kind == Some(OperationType::Query);
        let is_kept = || {
            let mut fields = prepared.document.fields(&self.gate, &prepared.name);
            fields.all(|field| !BY_TOKEN.contains(&&**field))
        };
        (is_the_same_for_all && prepared.naming == Naming::Hash && is_kept()).then_some(self.shared_for)
    }

    /// Runs a query or a mutation.
    pub async fn execute(&self, caller: Caller, prepared: Prepared, includes: &[String]) -> Outcome {
        let charge = match self.app.buckets.charge(&caller, prepared.price.requested).await {
            Ok(charge) => charge,
            Err(failure) => return Outcome { response: self.refused(&caller, failure), is_request_error: true },
        };
        if caller.on_behalf().is_some()
            && prepared.kind == Some(OperationType::Mutation)
            && let Err(failure) = self.note_on_behalf(&caller, &prepared).await
        {
            return Outcome { response: self.refused(&caller, failure), is_request_error: true };
        }
        let started = Instant::now();
        let deadline = started + self.deadline;
        let (operation, document) = (prepared.operation, prepared.document);
        let span = telemetry::span(&caller.request);
        let running = async {
            let request = self.with_data(prepared.request, &document, &caller, Arc::clone(&operation));
            let schema = self.schema(&document, prepared.given);
            let running = operation.ending_with(schema.execute(request));
            let answered = timeout_at(deadline, running).await;
            let mut response = answered.unwrap_or_else(|_| Response::from_errors(vec![server_error(Failure::Timeout)]));
            if operation.replayed() {
                response = response.extension("replayed", Value::Boolean(true));
            }
            includes::context(&self.app, &caller, response, includes, deadline).await
        };
        let mut response = telemetry::within(Arc::clone(&operation), running).instrument(span).await;
        // What becomes null on the way out was worked on all the same.
        let actual = prepared.price.of_answer(&response);
        finish(&mut response, &caller, |path| document.null_at(&self.gate, &prepared.name, path));
        document.put_in_order(&prepared.name, &mut response.data);
        let spent = self.app.buckets.settle(charge, actual);
        response = includes::cost(response, spent, includes);
        let took = started.elapsed();
        let is_request_error = is_request_error(&response);
        let code = code_of(&response).unwrap_or("OK");
        // Before it is counted: what nothing is known about is not. What took too long was valid.
        if !is_request_error || code == ErrorCode::Timeout.as_str() {
            self.documents.keep(&document, prepared.given);
        }
        self.usage.count(Call {
            document: &document,
            is_persisted: prepared.naming == Naming::Hash,
            operation: &prepared.name,
            client: &caller.request.client,
            cost: prepared.price.requested,
            elapsed: Some(took),
            has_failed: !response.errors.is_empty(),
        });
        self.app.metrics().operations.answered(&prepared.name, code, took);
        tracing::info!(
            operation = short(&prepared.name),
            request = %caller.request.id,
            trace = caller.request.trace_id(),
            milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            statements = operation.statements(),
            cost = prepared.price.requested,
            key = caller.api_key().map(|key| display(key.key)),
            buyer = caller.api_key().and_then(|key| key.buyer).map(display),
            code,
            "answered"
        );
        Outcome { response, is_request_error }
    }

    /// Leaves word for a person of what one of the staff asks for in their name.
    async fn note_on_behalf(&self, caller: &Caller, prepared: &Prepared) -> Result<(), Failure> {
        let fields = prepared.document.fields(&self.gate, &prepared.name);
        let mutations = fields.filter_map(|field| field.strip_prefix("Mutation.")).map(ToOwned::to_owned).collect();
        users::service::note_on_behalf(&self.app, caller, mutations).await
    }

    /// The answer to an operation that does not run (any more), which is in the log.
    pub fn refused(&self, caller: &Caller, failure: Failure) -> Response {
        let is_fault = failure.code() == ErrorCode::Internal;
        let mut error = telemetry::part_of(&Operation::of(&caller.request), || server_error(failure));
        if is_fault {
            error.extensions.get_or_insert_default().set("requestId", caller.request.id.as_str());
        }
        let response = Response::from_errors(vec![error]);
        log_refusal(&self.app, caller, &response);
        response
    }

    pub(super) fn with_data(
        &self,
        request: Request,
        document: &Document,
        caller: &Caller,
        operation: Arc<Operation>,
    ) -> Request {
        let reader = Reader { app: self.app.clone(), caller: caller.clone() };
        request.data(self.app.clone()).data(caller.clone()).data(document.merged()).data(reader.loader(operation))
    }
}
