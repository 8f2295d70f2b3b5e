//! GraphQL over HTTP, by the [specification](https://graphql.github.io/graphql-over-http/draft/).

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    web,
};
use async_graphql::parser::types::OperationType;
use serde_json::{Map, Value as Json};
use tokio::sync::watch;

use super::{
    admission::{Admission, Admitted},
    answer::{self, Media, bad_request, refuse, refuse_with},
    batch,
    body::{self, Room},
    caching, caller,
    live::Places,
    order_files,
    packing::packed,
    sse,
};
use crate::{
    api::{Api, Incoming, Outcome},
    kernel::error::Failure,
    platform::{caller::Caller, config::Patience},
};

/// What each transport of `/graphql` works with.
#[derive(Clone)]
pub struct Endpoint {
    pub api: Api,
    pub admission: Admission,
    pub room: Room,
    pub places: Places,
    pub subscriptions: Places,
    pub order_files: order_files::Places,
    pub patience: Patience,
    /// Requests that may come in one body.
    pub batch: usize,
    /// True once the process stops.
    pub stopping: watch::Receiver<bool>,
}

/// `POST /graphql`: one JSON object. Other content types are refused unread, so that no form of another site gets in.
pub async fn post(http: HttpRequest, endpoint: web::Data<Endpoint>, payload: web::Payload) -> HttpResponse {
    let Some(media) = Media::accepted(&http) else { return HttpResponse::NotAcceptable().finish() };
    if caller::content_type(&http) != "application/json" {
        let problem = Failure::BadUserInput("a request is `application/json`".into());
        return refuse_with(StatusCode::UNSUPPORTED_MEDIA_TYPE, &http, media, problem);
    }
    let packed = match body::read(payload, &endpoint.room, endpoint.patience.body).await {
        Ok(packed) => packed,
        Err(error) => return refuse_with(error.status(), &http, media, error.into()),
    };
    let admitted = match endpoint.admission.admit(caller::address(endpoint.api.app(), &http)) {
        Ok(admitted) => admitted,
        Err(failure) => return refuse(&http, media, failure),
    };
    // Neither the body nor its room is held while the request runs.
    let request = match packed.unpack(&http) {
        Ok(body) => serde_json::from_slice(&body),
        Err(error) => return refuse_with(error.status(), &http, media, error.into()),
    };
    match request {
        Ok(Json::Object(object)) => match incoming(object) {
            Ok(incoming) => run(&http, &endpoint, incoming, media, Method::Post, admitted).await,
            Err(problem) => bad_request(&http, media, problem),
        },
        Ok(Json::Array(requests)) => batch::run(&http, &endpoint, requests, media).await,
        Ok(_) => bad_request(&http, media, "a request is a JSON object"),
        Err(error) => bad_request(&http, media, format!("the body is not JSON: {error}")),
    }
}

/// `GET /graphql`: a query in the URL, or a subscription if the client takes event streams; never a mutation.
pub async fn get(http: HttpRequest, endpoint: web::Data<Endpoint>) -> HttpResponse {
    let Some(media) = Media::accepted(&http) else { return HttpResponse::NotAcceptable().finish() };
    let admitted = match endpoint.admission.admit(caller::address(endpoint.api.app(), &http)) {
        Ok(admitted) => admitted,
        Err(failure) => return refuse(&http, media, failure),
    };
    let Ok(parameters) = web::Query::<Vec<(String, String)>>::from_query(http.query_string()) else {
        return bad_request(&http, media, "the URL's query is malformed");
    };
    let mut object = Map::new();
    for (name, value) in parameters.into_inner() {
        let value = match name.as_str() {
            "variables" | "extensions" | "operationName" if value.is_empty() => continue,
            "variables" | "extensions" => match serde_json::from_str(&value) {
                Ok(value) => value,
                Err(error) => return bad_request(&http, media, format!("`{name}` is not JSON: {error}")),
            },
            _ => Json::String(value),
        };
        object.insert(name, value);
    }
    match incoming(object) {
        Ok(incoming) => run(&http, &endpoint, incoming, media, Method::Get, admitted).await,
        Err(problem) => bad_request(&http, media, problem),
    }
}

/// The parameters, each of its type (section 5.1 and appendix A). What has a hash needs no `query`.
pub(super) fn incoming(mut object: Map<String, Json>) -> Result<Incoming, &'static str> {
    let mut take = |name: &str| object.remove(name).filter(|value| !value.is_null());
    let map = |value: Option<Json>, problem| match value {
        None => Ok(Map::new()),
        Some(Json::Object(map)) => Ok(map),
        Some(_) => Err(problem),
    };
    let incoming = Incoming {
        query: match take("query") {
            Some(Json::String(query)) => Some(query),
            Some(_) => return Err("`query` is a string"),
            None => None,
        },
        document_id: match take("documentId") {
            Some(Json::String(id)) => Some(id),
            Some(_) => return Err("`documentId` is a string"),
            None => None,
        },
        operation_name: match take("operationName") {
            Some(Json::String(name)) => Some(name),
            Some(_) => return Err("`operationName` is a string"),
            None => None,
        },
        variables: map(take("variables"), "`variables` is an object")?,
        extensions: map(take("extensions"), "`extensions` is an object")?,
    };
    let is_named = incoming.document_id.is_some() || incoming.extensions.contains_key("persistedQuery");
    if incoming.query.is_some() || is_named { Ok(incoming) } else { Err("`query` is missing") }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
}

async fn run(
    http: &HttpRequest,
    endpoint: &Endpoint,
    incoming: Incoming,
    media: Media,
    method: Method,
    admitted: Admitted,
) -> HttpResponse {
    let caller = match identify(http, &endpoint.api, media).await {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let prepared = match endpoint.api.prepare(&caller, incoming).await {
        Ok(prepared) => prepared,
        Err(response) => {
            return match media {
                Media::EventStream => sse::refused(&response),
                Media::Json | Media::GraphQl => answer::refused(media, &response),
            };
        }
    };
    if method == Method::Get && prepared.kind == Some(OperationType::Mutation) {
        let problem = Failure::BadUserInput("GET runs no mutations; send this with POST".into());
        let mut answer = refuse_with(StatusCode::METHOD_NOT_ALLOWED, http, media, problem);
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return answer;
    }
    let is_subscription = prepared.kind == Some(OperationType::Subscription);
    if media == Media::EventStream || is_subscription && Media::takes_streams(http) {
        return sse::stream(http, endpoint, caller, prepared, admitted);
    }
    if is_subscription {
        return bad_request(http, media, "a subscription is answered as `text/event-stream`, or over WebSocket");
    }
    let includes = caller::includes(http);
    let shared_for = endpoint.api.shared_for(&caller, &prepared);
    let shared_for = shared_for.filter(|_| method == Method::Get && includes.is_empty());
    let Outcome { response, is_request_error } = endpoint.api.execute(caller, prepared, &includes).await;
    if is_request_error {
        return answer::refused(media, &response);
    }
    let mut answer = answer::answered(media, &response);
    // Cookies: nothing else that answers says anything by a header.
    for (name, value) in &response.http_headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_str().as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
        {
            answer.headers_mut().append(name, value);
        }
    }
    let answer = match shared_for {
        Some(age) if response.errors.is_empty() => caching::share(http, answer, age),
        _ => answer,
    };
    packed(http, answer).await
}

/// Who asks, or the answer to give instead.
pub(super) async fn identify(http: &HttpRequest, api: &Api, media: Media) -> Result<Caller, HttpResponse> {
    caller::of(api.app(), http).await.map_err(|failure| refuse(http, media, failure))
}
