//! Several requests in one body, for clients that cannot do otherwise. Off unless the operator allows it.
//!
//! Each passes the gate by itself, and all of them together cost no more than one may.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use async_graphql::{Response, parser::types::OperationType};
use futures_util::{StreamExt, stream};
use serde_json::Value as Json;

use super::{
    answer::{Body, Media, bad_request, refuse, write},
    caller,
    http::{Endpoint, identify, incoming},
    packing::packed,
};
use crate::{
    api::{Api, Outcome, Prepared},
    kernel::error::Failure,
    platform::caller::Caller,
};

/// Requests of a batch that run at the same time.
const AT_ONCE: usize = 4;

/// Answers an array of requests with an array of answers, in the same order.
pub async fn run(http: &HttpRequest, endpoint: &Endpoint, requests: Vec<Json>, media: Media) -> HttpResponse {
    if endpoint.batch == 0 || media == Media::EventStream {
        return bad_request(http, media, "batches are not taken; send each request by itself");
    }
    if requests.is_empty() {
        return bad_request(http, media, "a batch holds at least one request");
    }
    if requests.len() > endpoint.batch {
        return too_much(http, media, "BATCH", count(requests.len()), count(endpoint.batch));
    }
    let caller = match identify(http, &endpoint.api, media).await {
        Ok(caller) => Caller { request: Arc::new(caller.request.without_cookies()), ..caller },
        Err(answer) => return answer,
    };
    let mut prepared = Vec::with_capacity(requests.len());
    for request in requests {
        prepared.push(prepare(&endpoint.api, &caller, request).await);
    }
    let limits = endpoint.api.limits();
    let sum = |of: fn(&Prepared) -> u64| prepared.iter().flatten().map(of).fold(0, u64::saturating_add);
    for (limit, value, maximum) in
        [("COST", sum(Prepared::cost), limits.cost), ("VALUES", sum(Prepared::values), limits.values)]
    {
        if value > maximum {
            return too_much(http, media, limit, value, maximum);
        }
    }
    let includes = caller::includes(http);
    let outcomes: Vec<Outcome> = stream::iter(prepared)
        .map(|prepared| outcome(&endpoint.api, caller.clone(), prepared, &includes))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let bodies: Vec<String> = outcomes
        .iter()
        .map(
            |Outcome { response, is_request_error }| {
                if *is_request_error { Body::refused(response).json() } else { Body::answered(response).json() }
            },
        )
        .collect();
    let errors: Vec<_> = outcomes.iter().flat_map(|outcome| outcome.response.errors.iter().cloned()).collect();
    packed(http, write(StatusCode::OK, media, format!("[{}]", bodies.join(",")).into(), &errors)).await
}

async fn prepare(api: &Api, caller: &Caller, request: Json) -> Result<Prepared, Box<Response>> {
    let refused = |problem: &str| Box::new(api.refused(caller, Failure::BadUserInput(problem.into())));
    let Json::Object(object) = request else { return Err(refused("a request is a JSON object")) };
    let prepared = api.prepare(caller, incoming(object).map_err(refused)?).await?;
    match prepared.kind {
        Some(OperationType::Subscription) => Err(refused("a subscription is not taken in a batch")),
        _ => Ok(prepared),
    }
}

async fn outcome(api: &Api, caller: Caller, prepared: Result<Prepared, Box<Response>>, includes: &[String]) -> Outcome {
    match prepared {
        Ok(prepared) => api.execute(caller, prepared, includes).await,
        Err(response) => Outcome { response: *response, is_request_error: true },
    }
}

fn too_much(http: &HttpRequest, media: Media, limit: &'static str, value: u64, maximum: u64) -> HttpResponse {
    let advice =
        format!("The requests of a batch have {value} in all, at most {maximum} are allowed: send fewer together.");
    refuse(http, media, Failure::QueryTooComplex { limit, value, maximum, advice })
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
