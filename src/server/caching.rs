//! Answers that shared caches may keep (RFC 9111).

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    body::MessageBody,
    http::header::{self, EntityTag, Header, HeaderValue, IfNoneMatch},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// What an answer depends on besides its URL.
const VARY: &str =
    "Accept, Accept-Language, Accept-Encoding, Agora-Country, Agora-Currency, Agora-Include, Authorization, Cookie";

/// Lets shared caches keep an answer for so long, and whoever has it already keep theirs (304).
///
/// The tag is weak: it names what is said, in whichever encoding.
pub fn share(http: &HttpRequest, answer: HttpResponse, age: Duration) -> HttpResponse {
    let (head, body) = answer.into_parts();
    let Ok(body) = body.try_into_bytes() else { return HttpResponse::InternalServerError().finish() };
    let hash = Sha256::digest(&body);
    let tag = EntityTag::new_weak(URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default()));
    let mut answer = if is_held(http, &tag) {
        HttpResponse::NotModified().finish()
    } else {
        head.set_body(body).map_into_boxed_body()
    };
    let (age, tag) = (format!("public, max-age={}", age.as_secs()), tag.to_string());
    let headers = answer.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static(VARY));
    for (name, value) in [(header::CACHE_CONTROL, age), (header::ETAG, tag)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    answer
}

/// Whether the client holds what has this tag already (RFC 9110, section 13.1.2).
pub fn is_held(http: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(http) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(held)) => held.iter().any(|held| held.weak_eq(tag)),
        Err(_) => false,
    }
}
