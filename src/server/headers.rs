//! What every answer says to browsers, whatever it is. A handler that says one of these itself is heard: a page has a policy of
//! its own. What is shown on pages of elsewhere, such as a picture, says so by `Cross-Origin-Resource-Policy: cross-origin`.

use actix_web::{http::header, middleware::DefaultHeaders};

/// An answer is no page: nothing of it runs, and nothing frames it.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// A year, and for all names below the market's (RFC 6797, section 6.1).
const ENCRYPTED: &str = "max-age=31536000; includeSubDomains";

/// The headers of every answer of a market at this URL.
pub fn of_every_answer(public_url: Option<&str>) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add((header::CONTENT_SECURITY_POLICY, NOTHING))
        .add((header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"))
        .add((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .add((header::CACHE_CONTROL, "no-store"));
    match public_url {
        Some(url) if url.starts_with("https://") => headers.add((header::STRICT_TRANSPORT_SECURITY, ENCRYPTED)),
        _ => headers,
    }
}
