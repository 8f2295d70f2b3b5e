//! Errors on their way out: each has a code of the closed list, and there are not too many.

use std::collections::HashSet;

use async_graphql::{PathSegment, Response, ServerError, Value};

use super::{documents::Unreadable, gate::Refused, nulls::put_nulls};
use crate::{
    kernel::error::{ErrorCode, Failure},
    platform::{app::App, caller::Caller, gql::WireError},
};

/// Errors that one answer tells at the most.
pub const MAXIMUM_ERRORS: usize = 50;

/// Sees to it that every error has a code of the closed list and its null in the data (for `null_at` see [`put_nulls`]), and
/// that there are not too many.
pub fn finish(response: &mut Response, caller: &Caller, null_at: impl Fn(&[PathSegment]) -> usize) {
    if response.errors.is_empty() {
        return;
    }
    put_nulls(response, null_at);
    // What validation finds wrong in many places is told once.
    let mut seen = HashSet::new();
    response.errors.retain(|error| !error.path.is_empty() || seen.insert(error.message.clone()));
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

pub fn code_of(response: &Response) -> Option<&str> {
    match response.errors.first()?.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// Whether nothing ran: validation found something wrong, or no operation was to be found.
pub fn is_request_error(response: &Response) -> bool {
    let has_data = !matches!(response.data, Value::Null);
    !has_data && !response.errors.is_empty() && response.errors.iter().all(|error| error.path.is_empty())
}

pub fn set_code(error: &mut ServerError, code: ErrorCode) {
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", code.as_str());
    extensions.set("isRetryable", code.is_retryable());
}

/// The answer when there is no document to run.
pub fn unreadable(problem: Unreadable) -> Box<Response> {
    let error = match problem {
        Unreadable::Refused(refused) => server_error(too_complex(&refused)),
        Unreadable::Syntax(mut error) => {
            set_code(&mut error, ErrorCode::ParseFailed);
            error
        }
        Unreadable::Failed(failure) => server_error(failure),
    };
    Box::new(Response::from_errors(vec![error]))
}

/// The log line of an operation that did not run, and its count.
pub fn log_refusal(app: &App, caller: &Caller, response: &Response) {
    let code = code_of(response).unwrap_or("OK");
    app.metrics().operations.refused(code);
    tracing::info!(request = %caller.request.id, trace = caller.request.trace_id(), code, "refused");
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
