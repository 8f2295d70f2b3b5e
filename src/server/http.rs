//! GraphQL over HTTP, by the [specification](https://graphql.github.io/graphql-over-http/draft/).

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web::{self, Bytes},
};
use async_graphql::{Response, ServerError, Value, parser::types::OperationType};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::caller;
use crate::{
    api::{Api, Incoming, Outcome, server_error},
    kernel::error::Failure,
};

/// The media types of answers (section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Media {
    /// `application/json`: a well-formed answer is 200, whatever it says.
    Json,
    /// `application/graphql-response+json`: the status tells request errors apart.
    GraphQl,
}

impl Media {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// What the client likes best of what there is; nothing if it takes none of it.
    fn accepted(http: &HttpRequest) -> Option<Self> {
        let Some(accept) = http.headers().get(header::ACCEPT) else { return Some(Self::Json) };
        let mut best: Option<(f32, Self)> = None;
        for item in accept.to_str().ok()?.split(',') {
            let mut parts = item.split(';').map(str::trim);
            let range = parts.next().unwrap_or_default().to_ascii_lowercase();
            let mut quality = 1.0_f32;
            let mut is_utf8 = true;
            for parameter in parts {
                let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
                match name.trim().to_ascii_lowercase().as_str() {
                    "q" => quality = value.trim().parse().unwrap_or(0.0),
                    "charset" => is_utf8 = value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"),
                    _ => {}
                }
            }
            let media = match range.as_str() {
                "application/json" | "application/*" | "*/*" => Self::Json,
                "application/graphql-response+json" => Self::GraphQl,
                _ => continue,
            };
            if is_utf8 && quality > 0.0 && best.is_none_or(|(most, _)| quality > most) {
                best = Some((quality, media));
            }
        }
        best.map(|(_, media)| media)
    }
}

/// An answer as it is written: a request error has no `data` at all.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[ServerError]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<&'a std::collections::BTreeMap<String, Value>>,
}

fn write(status: StatusCode, media: Media, response: &Response, is_request_error: bool) -> HttpResponse {
    let body = Body {
        data: (!is_request_error).then_some(&response.data),
        errors: &response.errors,
        extensions: (!response.extensions.is_empty()).then_some(&response.extensions),
    };
    let mut answer = HttpResponse::build(status);
    answer.insert_header((header::CACHE_CONTROL, "private, no-store"));
    match serde_json::to_vec(&body) {
        Ok(json) => answer.content_type(media.content_type()).body(json),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn refuse(status: StatusCode, media: Media, failure: Failure) -> HttpResponse {
    write(status, media, &Response::from_errors(vec![server_error(failure)]), true)
}

fn bad_request(problem: impl Into<String>, media: Media) -> HttpResponse {
    refuse(StatusCode::BAD_REQUEST, media, Failure::BadUserInput(problem.into()))
}

/// The status of a request error (section 6.4).
fn request_error_status(media: Media, response: &Response) -> StatusCode {
    let code = response.errors.first().and_then(|error| error.extensions.as_ref()?.get("code"));
    let is = |name: &str| matches!(code, Some(Value::String(code)) if code == name);
    match media {
        _ if is("UNAUTHENTICATED") => StatusCode::UNAUTHORIZED,
        Media::Json => StatusCode::OK,
        Media::GraphQl if is("UNAVAILABLE") || is("TIMEOUT") => StatusCode::SERVICE_UNAVAILABLE,
        Media::GraphQl if is("INTERNAL") => StatusCode::INTERNAL_SERVER_ERROR,
        Media::GraphQl => StatusCode::BAD_REQUEST,
    }
}

/// `POST /graphql`: one JSON object. Other content types are refused unread, so that no form of another site gets in.
pub async fn post(http: HttpRequest, api: web::Data<Api>, body: Bytes) -> HttpResponse {
    let Some(media) = Media::accepted(&http) else { return HttpResponse::NotAcceptable().finish() };
    if caller::content_type(&http) != "application/json" {
        let problem = Failure::BadUserInput("a request is `application/json`".into());
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, media, problem);
    }
    match serde_json::from_slice(&body) {
        Ok(Json::Object(object)) => match incoming(object) {
            Ok(incoming) => run(&http, &api, incoming, media, Method::Post).await,
            Err(problem) => bad_request(problem, media),
        },
        Ok(Json::Array(_)) => bad_request("batches are not taken; send each request by itself", media),
        Ok(_) => bad_request("a request is a JSON object", media),
        Err(error) => bad_request(format!("the body is not JSON: {error}"), media),
    }
}

/// `GET /graphql`: a query in the URL, never a mutation.
pub async fn get(http: HttpRequest, api: web::Data<Api>) -> HttpResponse {
    let Some(media) = Media::accepted(&http) else { return HttpResponse::NotAcceptable().finish() };
    let Ok(parameters) = web::Query::<Vec<(String, String)>>::from_query(http.query_string()) else {
        return bad_request("the URL's query is malformed", media);
    };
    let mut object = Map::new();
    for (name, value) in parameters.into_inner() {
        let value = match name.as_str() {
            "variables" | "extensions" | "operationName" if value.is_empty() => continue,
            "variables" | "extensions" => match serde_json::from_str(&value) {
                Ok(value) => value,
                Err(error) => return bad_request(format!("`{name}` is not JSON: {error}"), media),
            },
            _ => Json::String(value),
        };
        object.insert(name, value);
    }
    match incoming(object) {
        Ok(incoming) => run(&http, &api, incoming, media, Method::Get).await,
        Err(problem) => bad_request(problem, media),
    }
}

/// The four parameters, each of its type (section 5.1).
pub(super) fn incoming(mut object: Map<String, Json>) -> Result<Incoming, &'static str> {
    let mut take = |name: &str| object.remove(name).filter(|value| !value.is_null());
    let map = |value: Option<Json>, problem| match value {
        None => Ok(Map::new()),
        Some(Json::Object(map)) => Ok(map),
        Some(_) => Err(problem),
    };
    Ok(Incoming {
        query: match take("query") {
            Some(Json::String(query)) => query,
            Some(_) => return Err("`query` is a string"),
            None => return Err("`query` is missing"),
        },
        operation_name: match take("operationName") {
            Some(Json::String(name)) => Some(name),
            Some(_) => return Err("`operationName` is a string"),
            None => None,
        },
        variables: map(take("variables"), "`variables` is an object")?,
        extensions: map(take("extensions"), "`extensions` is an object")?,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
}

async fn run(http: &HttpRequest, api: &Api, incoming: Incoming, media: Media, method: Method) -> HttpResponse {
    let caller = match caller::of(api.app(), http).await {
        Ok(caller) => caller,
        Err(failure @ Failure::Unauthenticated(_)) => return refuse(StatusCode::UNAUTHORIZED, media, failure),
        Err(failure @ Failure::BadUserInput(_)) => return refuse(StatusCode::BAD_REQUEST, media, failure),
        Err(failure) => return refuse(StatusCode::SERVICE_UNAVAILABLE, media, failure),
    };
    let request_id = caller.request.id.clone();
    let prepared = match api.prepare(incoming) {
        Ok(prepared) => prepared,
        Err(response) => return write(request_error_status(media, &response), media, &response, true),
    };
    if method == Method::Get && prepared.kind.is_some_and(|kind| kind != OperationType::Query) {
        let mut answer = refuse(
            StatusCode::METHOD_NOT_ALLOWED,
            media,
            Failure::BadUserInput("GET takes queries only; send this with POST".into()),
        );
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        return answer;
    }
    if prepared.kind == Some(OperationType::Subscription) {
        return bad_request("a subscription runs over WebSocket, by graphql-transport-ws", media);
    }
    let Outcome { response, is_request_error } = api.execute(caller, prepared, &caller::includes(http)).await;
    let status = if is_request_error { request_error_status(media, &response) } else { StatusCode::OK };
    let mut answer = write(status, media, &response, is_request_error);
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        answer.headers_mut().insert(header::HeaderName::from_static("x-request-id"), id);
    }
    answer
}
