//! Subscriptions: what they cost, what they tell, and how they go on.
//!
//! One goes on by itself when an event could not be read in an overload: from the last cursor, after a pause, as its client
//! would. The clients of a busy process would come back all at once.

use std::{mem::take, sync::Arc, time::Duration};

use async_graphql::{Request, Response, Variables};
use futures_util::{StreamExt, stream::BoxStream};
use tokio::time::Instant;

use super::{
    Api, Prepared, ResumeAfter,
    documents::Document,
    errors::{code_of, finish, is_request_error},
    events::{Happened, Opened, Source},
    execute::{Naming, short},
    gate::Given,
    includes,
    usage::Call,
};
use crate::{
    kernel::error::{ErrorCode, Failure},
    platform::{
        caller::Caller,
        events::{Cursor, Delivery, Interrupted},
        metrics::Counted,
        telemetry::{self, Operation},
    },
};

/// How often an event is tried again until its subscription ends.
const RESUMPTIONS: u32 = 3;
/// What the first pause is at least, and half of what it is at the most; each later one is twice as long.
const PAUSE: Duration = Duration::from_millis(250);

/// What a subscription tells.
#[allow(clippy::large_enum_variant, reason = "it lives as long as one answer is written")]
pub enum Told {
    Next {
        response: Response,
        /// The event's place in the log, whether it was selected or not; none for what the log does not hold.
        cursor: Option<Cursor>,
    },
    /// It does not run, or not any more. Nothing follows.
    Refused(Response),
    /// The client lags behind the events. Nothing follows.
    Lagged,
}

/// What runs again for each event.
struct Run {
    variables: Variables,
    operation_name: Option<String>,
    document: Arc<Document>,
    given: Option<Given>,
}

impl Run {
    fn request(&self) -> Request {
        let mut request = Request::new("").variables(self.variables.clone());
        request.operation_name.clone_from(&self.operation_name);
        request.set_parsed_query(self.document.parsed.clone());
        request
    }
}

impl Api {
    /// Runs an operation whose answers come one after the other. It is charged when it begins, and each answer for what it
    /// holds; with the bucket in debt it ends with `RATE_LIMITED`, and the client goes on later from its last cursor.
    pub fn subscribe(
        &self,
        caller: Caller,
        prepared: Prepared,
        resume_after: Option<ResumeAfter>,
        includes: Vec<String>,
    ) -> BoxStream<'static, Told> {
        let (api, usage) = (self.clone(), Arc::clone(&self.usage));
        let Prepared { operation, request, document, name, given, price, naming, .. } = prepared;
        let Request { variables, operation_name, .. } = request;
        let run = Run { variables, operation_name, document: Arc::clone(&document), given };
        let mut answers = self.answers(caller.clone(), run, Arc::clone(&operation), resume_after);
        async_stream::stream! {
            if let Err(failure) = api.app.buckets.charge(&caller, price.requested).await {
                yield Told::Refused(api.refused(&caller, failure));
                return;
            }
            tracing::info!(
                operation = short(&name),
                request = %caller.request.id,
                trace = caller.request.trace_id(),
                cost = price.requested,
                "subscribed"
            );
            let _until_dropped = (operation.end_on_drop(), Counted::new(&api.app.metrics().subscriptions));
            let started = Instant::now();
            let mut is_first = true;
            while let Some(told) = telemetry::within(Arc::clone(&operation), answers.next()).await {
                let Told::Next { mut response, cursor } = told else {
                    yield told;
                    return;
                };
                let actual = price.of_answer(&response);
                let deadline = Instant::now() + api.deadline;
                let context = includes::context(&api.app, &caller, response, &includes, deadline);
                response = Box::pin(telemetry::within(Arc::clone(&operation), context)).await;
                finish(&mut response, &caller, |path| document.null_at(&api.gate, &name, path));
                document.put_in_order(&name, &mut response.data);
                if take(&mut is_first) {
                    let code = code_of(&response).unwrap_or("OK");
                    api.app.metrics().operations.answered(&name, code, started.elapsed());
                    if !is_request_error(&response) {
                        api.documents.keep(&document, given);
                    }
                    usage.count(Call {
                        document: &document,
                        is_persisted: naming == Naming::Hash,
                        operation: &name,
                        client: &caller.request.client,
                        cost: price.requested,
                        elapsed: None,
                        has_failed: !response.errors.is_empty(),
                    });
                }
                let (spent, debt) = match api.app.buckets.debit(&caller, actual) {
                    Ok(spent) => (spent, None),
                    Err(failure) => (None, Some(failure)),
                };
                yield Told::Next { response: includes::cost(response, spent, &includes), cursor };
                if let Some(failure) = debt {
                    yield Told::Refused(api.refused(&caller, failure));
                    return;
                }
            }
        }
        .boxed()
    }

    /// The answers of a subscription, as the schema gives them. What fails before the first event is not tried again.
    fn answers(
        &self,
        caller: Caller,
        run: Run,
        operation: Arc<Operation>,
        mut resume_after: Option<ResumeAfter>,
    ) -> BoxStream<'static, Told> {
        let api = self.clone();
        async_stream::stream! {
            let (mut source, mut happened): (Option<Source>, Option<Happened>) = (None, None);
            let (mut has_begun, mut resumed) = (false, 0);
            let mut looked = None;
            'executed: loop {
                if happened.is_none() {
                    // Before the resolver reads what may be heard of: whatever has changed of it up to here, it knows.
                    looked = api.app.hub.cursor();
                }
                let cursor = happened.as_ref().and_then(Happened::cursor);
                let is_within = has_begun || cursor.is_some();
                let opened = Opened::default();
                let mut answers = {
                    let request = match (happened.take(), resume_after.clone()) {
                        (Some(happened), _) => run.request().data(happened),
                        (None, Some(resume_after)) => run.request().data(opened.clone()).data(resume_after),
                        (None, None) => run.request().data(opened.clone()),
                    };
                    let request = api.with_data(request, &run.document, &caller, Arc::clone(&operation));
                    api.schema(&run.document, run.given).execute_stream(request)
                };
                while let Some(response) = answers.next().await {
                    if is_within && code_of(&response) == Some(ErrorCode::Unavailable.as_str()) {
                        if resumed == RESUMPTIONS {
                            yield Told::Refused(api.refused(&caller, Failure::Unavailable));
                            return;
                        }
                        tokio::time::sleep(api.pause(resumed)).await;
                        resumed += 1;
                        source = None;
                        continue 'executed;
                    }
                    if is_within && code_of(&response) == Some(ErrorCode::NotFound.as_str()) {
                        yield Told::Refused(api.refused(&caller, Failure::NotFound("conversation")));
                        return;
                    }
                    (has_begun, resumed) = (true, 0);
                    resume_after = cursor.map(|cursor| ResumeAfter(cursor.to_string())).or(resume_after);
                    yield Told::Next { response, cursor };
                }
                // Nothing of it is held while nothing happens.
                drop(answers);
                source = source.or_else(|| opened.take());
                let Some(live) = &mut source else { return };
                // However many changes wait, to look once is enough.
                let next = loop {
                    match live.next().await {
                        Some(Ok(delivery)) if live.begins_anew(&delivery) && is_known(&delivery, looked) => {
                            let cursor = delivery.cursor();
                            resume_after = cursor.map(|cursor| ResumeAfter(cursor.to_string())).or(resume_after);
                        }
                        next => break next,
                    }
                };
                happened = match next {
                    Some(Ok(delivery)) if live.begins_anew(&delivery) => {
                        resume_after = delivery.cursor().map(|cursor| ResumeAfter(cursor.to_string())).or(resume_after);
                        source = None;
                        None
                    }
                    Some(Ok(delivery)) => Some(Happened(Ok(delivery))),
                    Some(Err(Interrupted::Failed(failure))) => Some(Happened(Err(failure.into()))),
                    Some(Err(Interrupted::Lagged(_))) => {
                        yield Told::Lagged;
                        return;
                    }
                    None => return,
                };
            }
        }
        .boxed()
    }

    /// Not the same for all, who would come at once again.
    fn pause(&self, resumed: u32) -> Duration {
        let [chance] = self.app().generator.bytes::<1>();
        PAUSE * 2_u32.saturating_pow(resumed) * (256 + u32::from(chance)) / 256
    }
}

/// Whether something happened before a place in the log.
fn is_known(delivery: &Delivery, looked: Option<Cursor>) -> bool {
    match (delivery.cursor(), looked) {
        (Some(at), Some(looked)) => at.epoch == looked.epoch && at.position <= looked.position,
        _ => false,
    }
}
