//! Answers of GraphQL over HTTP: which media type the client takes, which status says what, and how they are written.

use std::{cmp::Reverse, collections::BTreeMap};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use async_graphql::{Response, ServerError, Value};

use super::caller;
use crate::{
    api::{Api, code_of, server_error},
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
        if !http.headers().contains_key(header::ACCEPT) {
            return Some(Self::Json);
        }
        // What it likes alike is ranked by its order, and else by ours, in which JSON comes first.
        let ranked = [Self::EventStream, Self::GraphQl, Self::Json].into_iter().filter_map(|media| {
            let (place, quality) = media.liked(http)?;
            Some((quality, Reverse(place), media))
        });
        ranked.max_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1))).map(|(_, _, media)| media)
    }

    /// Whether the client takes event streams, perhaps not as what it likes best.
    pub fn takes_streams(http: &HttpRequest) -> bool {
        http.headers().contains_key(header::ACCEPT) && Self::EventStream.liked(http).is_some()
    }

    /// Where in `Accept` the media type stands, and how well the client likes it (RFC 9110, section 12.5.1): the range that
    /// names it most exactly counts. None if it is not taken.
    fn liked(self, http: &HttpRequest) -> Option<(usize, f32)> {
        let lines = http.headers().get_all(header::ACCEPT).filter_map(|line| line.to_str().ok());
        let ranges = lines.flat_map(|line| line.split(',')).enumerate();
        let covering = ranges.filter_map(|(place, range)| {
            let (exactness, quality) = self.covered_by(range)?;
            Some((exactness, quality, place))
        });
        let (_, quality, place) = covering.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        (quality > 0.0).then_some((place, quality))
    }

    /// How exactly one range of `Accept` names the media type, and its quality; none if it does not cover it.
    fn covered_by(self, range: &str) -> Option<(u8, f32)> {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let mut quality = 1.0_f32;
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (name, value) = (name.trim(), value.trim());
            if name.eq_ignore_ascii_case("q") {
                quality = value.parse().unwrap_or(0.0);
            } else if name.eq_ignore_ascii_case("charset") && !value.trim_matches('"').eq_ignore_ascii_case("utf-8") {
                return None;
            }
        }
        let exact = match self {
            Self::Json => "application/json",
            Self::GraphQl => "application/graphql-response+json",
            Self::EventStream => "text/event-stream",
        };
        let exactness = match name {
            _ if name.eq_ignore_ascii_case(exact) => 2,
            // Nobody gets a stream who has not named it.
            _ if self == Self::EventStream => return None,
            "*/*" => 0,
            _ if name.eq_ignore_ascii_case("application/*") => 1,
            _ => return None,
        };
        Some((exactness, quality))
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
        String::from_utf8(self.bytes()).unwrap_or_default()
    }

    /// As [`Body::json`], as it goes over the wire.
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(4096);
        self.write(&mut out);
        out
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
        return write(StatusCode::SERVICE_UNAVAILABLE, media, Body::refused(response).bytes(), &response.errors);
    }
    write(StatusCode::OK, media, Body::answered(response).bytes(), &response.errors)
}

/// Writes what never ran, with the status that its media type has for that.
pub fn refused(media: Media, response: &Response) -> HttpResponse {
    let code = code_of(response);
    let is = |wanted: ErrorCode| code == Some(wanted.as_str());
    let told = [ErrorCode::Unavailable, ErrorCode::Timeout, ErrorCode::RateLimited, ErrorCode::Internal];
    let status = match media {
        _ if is(ErrorCode::Unauthenticated) => StatusCode::UNAUTHORIZED,
        Media::Json | Media::EventStream => StatusCode::OK,
        Media::GraphQl => told.into_iter().find(|&code| is(code)).map_or(StatusCode::BAD_REQUEST, status_of),
    };
    write(status, media, Body::refused(response).bytes(), &response.errors)
}

/// The status that says the same as a code.
const fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::Unavailable | ErrorCode::Timeout => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// Refuses a request that is none of GraphQL yet, with the same status for all media types: that of the failure's code.
pub fn refuse(http: &HttpRequest, media: Media, failure: Failure) -> HttpResponse {
    refuse_with(status_of(failure.code()), http, media, failure)
}

/// As [`refuse`], with a status that says more than the code.
pub fn refuse_with(status: StatusCode, http: &HttpRequest, media: Media, failure: Failure) -> HttpResponse {
    let response = match http.app_data::<web::Data<Api>>() {
        Some(api) => api.refused(&caller::unknown(api.app(), http), failure),
        None => Response::from_errors(vec![server_error(failure)]),
    };
    write(status, media, Body::refused(&response).bytes(), &response.errors)
}

/// Refuses a request that is malformed.
pub fn bad_request(http: &HttpRequest, media: Media, problem: impl Into<String>) -> HttpResponse {
    refuse(http, media, Failure::BadUserInput(problem.into()))
}

/// Writes JSON. `errors` are those of which the headers speak.
pub fn write(status: StatusCode, media: Media, json: Vec<u8>, errors: &[ServerError]) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((header::CACHE_CONTROL, "private, no-store"));
    if let Some(seconds) = errors.iter().filter_map(retry_after).max() {
        answer.insert_header((header::RETRY_AFTER, seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((header::WWW_AUTHENTICATE, challenge(errors)));
    }
    answer.content_type(media.content_type()).body(json)
}

/// What to authenticate by (RFC 6750, section 3): a token that came and was no good is told from one that is missing.
fn challenge(errors: &[ServerError]) -> &'static str {
    let is_no_good =
        |error: &ServerError| error.extensions.as_ref().is_some_and(|extensions| extensions.get("reason").is_some());
    if errors.iter().any(is_no_good) {
        r#"Bearer realm="agora", error="invalid_token""#
    } else {
        r#"Bearer realm="agora""#
    }
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
    use crate::kernel::error::TokenFault;

    /// `|` stands between lines.
    fn accepted(accept: &str) -> (Option<Media>, bool) {
        let lines = accept.split('|').map(|line| (header::ACCEPT, line));
        let http = lines.fold(TestRequest::get(), TestRequest::append_header).to_http_request();
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
        // What is named most exactly counts, wherever it stands.
        assert_eq!(accepted("application/json;q=0, */*"), (Some(Media::GraphQl), false));
        assert_eq!(accepted("*/*, application/json;q=0"), (Some(Media::GraphQl), false));
        assert_eq!(accepted("application/*;q=0.1, application/json;q=0.2, */*;q=0.9"), (Some(Media::Json), false));
        assert_eq!(accepted("application/*;q=0, */*"), (None, false));
        // Several lines are one list.
        assert_eq!(accepted("text/html|application/graphql-response+json"), (Some(Media::GraphQl), false));
        assert_eq!(accepted("application/json;q=0.5|text/event-stream"), (Some(Media::EventStream), true));
    }

    #[actix_web::test]
    async fn who_is_not_known_is_told_what_to_authenticate_by() {
        let challenge = |fault| {
            let response = Response::from_errors(vec![server_error(Failure::Unauthenticated(fault))]);
            let answer = refused(Media::Json, &response);
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
            answer.headers().get(header::WWW_AUTHENTICATE).unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(challenge(None), r#"Bearer realm="agora""#);
        assert_eq!(challenge(Some(TokenFault::Expired)), r#"Bearer realm="agora", error="invalid_token""#);
    }

    #[test]
    fn a_fault_is_no_overload() {
        assert_eq!(status_of(Failure::internal("x").code()), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(status_of(Failure::Overloaded { retry_after_seconds: 1 }.code()), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status_of(Failure::RateLimited { retry_after_seconds: 1 }.code()), StatusCode::TOO_MANY_REQUESTS);
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
