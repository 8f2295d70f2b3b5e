//! Answers of GraphQL over HTTP: which media type the client takes, which status says what, and how they are written.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use async_graphql::{Response, ServerError, Value};

use crate::{
    api::{code_of, server_error},
    kernel::error::{ErrorCode, Failure},
    platform::gql::write_value,
};

/// The media types of answers (section 4.1 of the specification, and the graphql-sse protocol).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/json`: a well-formed answer is 200, whatever it says.
    Json,
    /// `application/graphql-response+json`: the status tells request errors apart.
    GraphQl,
    /// `text/event-stream`: answers as they come, each an event.
    EventStream,
}

impl Media {
    const fn content_type(self) -> &'static str {
        match self {
            // What is wrong before there is a stream is said in JSON.
            Self::Json | Self::EventStream => "application/json; charset=utf-8",
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// What the client likes best of what there is; nothing if it takes none of it.
    pub fn accepted(http: &HttpRequest) -> Option<Self> {
        let Some(accept) = http.headers().get(header::ACCEPT) else { return Some(Self::Json) };
        let mut best: Option<(f32, Self)> = None;
        for (quality, media) in accept.to_str().ok()?.split(',').filter_map(Self::named) {
            if quality > 0.0 && best.is_none_or(|(most, _)| quality > most) {
                best = Some((quality, media));
            }
        }
        best.map(|(_, media)| media)
    }

    /// Whether the client takes event streams, perhaps not as what it likes best.
    pub fn takes_streams(http: &HttpRequest) -> bool {
        let accept = http.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        accept.split(',').filter_map(Self::named).any(|(quality, media)| quality > 0.0 && media == Self::EventStream)
    }

    /// One item of `Accept` (RFC 9110, section 12.5.1) with its quality; none if it is not of ours.
    fn named(item: &str) -> Option<(f32, Self)> {
        let mut parts = item.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut quality = 1.0_f32;
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => quality = value.trim().parse().unwrap_or(0.0),
                "charset" if !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8") => return None,
                _ => {}
            }
        }
        let media = match range.as_str() {
            "application/json" | "application/*" | "*/*" => Self::Json,
            "application/graphql-response+json" => Self::GraphQl,
            "text/event-stream" => Self::EventStream,
            _ => return None,
        };
        Some((quality, media))
    }
}

/// An answer as it is written: a request error has no `data` at all.
pub struct Body<'a> {
    data: Option<&'a Value>,
    errors: &'a [ServerError],
    extensions: Option<&'a BTreeMap<String, Value>>,
}

impl<'a> Body<'a> {
    /// An answer with its data.
    pub fn answered(response: &'a Response) -> Self {
        Self {
            data: Some(&response.data),
            errors: &response.errors,
            extensions: (!response.extensions.is_empty()).then_some(&response.extensions),
        }
    }

    /// An answer to what never ran.
    pub fn refused(response: &'a Response) -> Self {
        Self { data: None, ..Self::answered(response) }
    }

    /// The answer as JSON, in one line.
    pub fn json(&self) -> String {
        let mut out = Vec::with_capacity(1024);
        self.write(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Writes the answer as JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        if !self.errors.is_empty() {
            out.extend(b"\"errors\":");
            // Neither errors nor extensions can fail to be written to memory.
            let _ = serde_json::to_writer(&mut *out, self.errors);
        }
        if let Some(data) = self.data {
            out.extend(if self.errors.is_empty() { b"\"data\":".as_slice() } else { b",\"data\":" });
            write_value(data, out);
        }
        if let Some(extensions) = self.extensions {
            out.extend(b",\"extensions\":");
            let _ = serde_json::to_writer(&mut *out, extensions);
        }
        out.push(b'}');
    }
}

/// Writes what ran, whatever came of it (section 6.4.2).
pub fn answered(media: Media, response: &Response) -> HttpResponse {
    if media == Media::GraphQl && is_only_overload(response) {
        return write(StatusCode::SERVICE_UNAVAILABLE, media, Body::refused(response).json(), &response.errors);
    }
    write(StatusCode::OK, media, Body::answered(response).json(), &response.errors)
}

/// Writes what never ran, with the status that its media type has for that.
pub fn refused(media: Media, response: &Response) -> HttpResponse {
    let code = code_of(response);
    let is = |wanted: ErrorCode| code == Some(wanted.as_str());
    let status = match media {
        _ if is(ErrorCode::Unauthenticated) => StatusCode::UNAUTHORIZED,
        Media::Json | Media::EventStream => StatusCode::OK,
        Media::GraphQl if is(ErrorCode::Unavailable) || is(ErrorCode::Timeout) => StatusCode::SERVICE_UNAVAILABLE,
        Media::GraphQl if is(ErrorCode::RateLimited) => StatusCode::TOO_MANY_REQUESTS,
        Media::GraphQl if is(ErrorCode::Internal) => StatusCode::INTERNAL_SERVER_ERROR,
        Media::GraphQl => StatusCode::BAD_REQUEST,
    };
    write(status, media, Body::refused(response).json(), &response.errors)
}

/// Refuses a request that is none of GraphQL yet, with the same status for all media types.
pub fn refuse(status: StatusCode, media: Media, failure: Failure) -> HttpResponse {
    let response = Response::from_errors(vec![server_error(failure)]);
    write(status, media, Body::refused(&response).json(), &response.errors)
}

/// Refuses a request that is malformed.
pub fn bad_request(problem: impl Into<String>, media: Media) -> HttpResponse {
    refuse(StatusCode::BAD_REQUEST, media, Failure::BadUserInput(problem.into()))
}

/// Writes JSON. `errors` are those of which the headers speak.
pub fn write(status: StatusCode, media: Media, json: String, errors: &[ServerError]) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((header::CACHE_CONTROL, "private, no-store"));
    if let Some(seconds) = errors.iter().filter_map(retry_after).max() {
        answer.insert_header((header::RETRY_AFTER, seconds));
    }
    answer.content_type(media.content_type()).body(json)
}

/// The seconds after which the client may come again, where an error says so.
fn retry_after(error: &ServerError) -> Option<u64> {
    match error.extensions.as_ref()?.get("retryAfterSeconds")? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    }
}

/// Whether nothing came of the operation because the process was busy: then proxies and clients should hear of it by the
/// status, as of a request that was not let in.
fn is_only_overload(response: &Response) -> bool {
    let has_data = match &response.data {
        Value::Null => false,
        Value::Object(fields) => fields.values().any(|value| *value != Value::Null),
        _ => true,
    };
    let is_busy = |error: &ServerError| {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
        matches!(code, Some(Value::String(code)) if code == ErrorCode::Unavailable.as_str())
    };
    !has_data && !response.errors.is_empty() && response.errors.iter().all(is_busy)
}

#[cfg(test)]
mod tests {
    use actix_web::{body::to_bytes, test::TestRequest};
    use async_graphql::value;

    use super::*;

    fn accepted(accept: &str) -> (Option<Media>, bool) {
        let http = TestRequest::get().insert_header((header::ACCEPT, accept)).to_http_request();
        (Media::accepted(&http), Media::takes_streams(&http))
    }

    #[test]
    fn the_client_chooses() {
        assert_eq!(accepted("*/*"), (Some(Media::Json), false));
        assert_eq!(accepted("text/event-stream"), (Some(Media::EventStream), true));
        assert_eq!(accepted("application/json, text/event-stream"), (Some(Media::Json), true));
        assert_eq!(accepted("application/json;q=0.5, text/event-stream"), (Some(Media::EventStream), true));
        assert_eq!(accepted("application/json, text/event-stream;q=0"), (Some(Media::Json), false));
        assert_eq!(
            accepted("application/json;q=0.8, application/graphql-response+json"),
            (Some(Media::GraphQl), false)
        );
        assert_eq!(accepted("application/json; charset=latin1, text/html"), (None, false));
    }

    fn retry_after(answer: &HttpResponse) -> &str {
        answer.headers().get(header::RETRY_AFTER).unwrap().to_str().unwrap()
    }

    #[actix_web::test]
    async fn a_busy_process_says_so_by_the_status_where_the_media_type_has_one() {
        let mut response = Response::from_errors(vec![server_error(Failure::Unavailable)]);
        response.data = value!({ "viewer": null });
        let answer = answered(Media::Json, &response);
        assert_eq!((answer.status(), retry_after(&answer)), (StatusCode::OK, "1"));
        let answer = answered(Media::GraphQl, &response);
        assert_eq!((answer.status(), retry_after(&answer)), (StatusCode::SERVICE_UNAVAILABLE, "1"));
        let body = to_bytes(answer.into_body()).await.unwrap();
        assert!(body.starts_with(br#"{"errors":"#), "{body:?}");

        // Something came of it, so it was answered.
        response.data = value!({ "viewer": null, "product": { "id": "x" } });
        assert_eq!(answered(Media::GraphQl, &response).status(), StatusCode::OK);
        response.data = value!({ "viewer": null });
        response.errors.push(server_error(Failure::Forbidden));
        assert_eq!(answered(Media::GraphQl, &response).status(), StatusCode::OK);

        let limited = Response::from_errors(vec![server_error(Failure::RateLimited { retry_after_seconds: 7 })]);
        let answer = refused(Media::GraphQl, &limited);
        assert_eq!((answer.status(), retry_after(&answer)), (StatusCode::TOO_MANY_REQUESTS, "7"));
        assert_eq!(refused(Media::Json, &limited).status(), StatusCode::OK);
    }
}
