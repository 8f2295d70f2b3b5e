//! Which web pages may call from a browser: the market's own, and those of the operator's list.
//!
//! What a page of elsewhere sends with a token, its own script has put there, and the browser keeps the answer from it
//! unless its origin is listed (CORS). A cookie goes along by itself, and with sockets and event streams CORS comes too
//! late. So there is one check for all transports: **with a cookie, an origin is our own or listed, or the request goes
//! no further.**

use actix_cors::Cors;
use actix_web::{
    Error, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};

use super::pages::plain;

/// How long a browser may rely on what it was told about an origin.
const PREFLIGHT_SECONDS: usize = 24 * 3600;
/// What pages may send.
const HEADERS: [HeaderName; 12] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("agora-country"),
    HeaderName::from_static("agora-currency"),
    HeaderName::from_static("agora-include"),
    HeaderName::from_static("agora-on-behalf-of"),
    HeaderName::from_static("apollographql-client-name"),
    HeaderName::from_static("apollographql-client-version"),
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("traceparent"),
];

/// Whose page asks, as the browser sees it (Fetch Metadata): no script can set it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origins whose pages may call.
#[derive(Debug, Clone)]
pub struct Origins {
    own: Option<String>,
    listed: Vec<String>,
}

impl Origins {
    /// The market's own by its public URL, and those of the list.
    pub fn new(public_url: Option<&str>, listed: Vec<String>) -> Self {
        let own = public_url.and_then(|url| {
            let (scheme, rest) = url.split_once("://")?;
            Some(format!("{scheme}://{}", rest.split('/').next()?).to_ascii_lowercase())
        });
        Self { own, listed }
    }

    /// Whether any page of elsewhere may call.
    pub fn is_shared(&self) -> bool {
        !self.listed.is_empty()
    }

    /// Cross-origin resource sharing with those of the list.
    pub fn cors(&self) -> Cors {
        let cors = Cors::default()
            .allowed_methods([Method::GET, Method::POST, Method::PUT])
            .allowed_headers(HEADERS)
            .expose_headers([HeaderName::from_static("x-request-id"), header::RETRY_AFTER])
            .supports_credentials()
            .max_age(PREFLIGHT_SECONDS);
        self.listed.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
    }

    /// Whether a request may have been meant by whom its cookie speaks for.
    fn admits(&self, http: &HttpRequest) -> bool {
        if !http.headers().contains_key(header::COOKIE) {
            return true;
        }
        let Some(origin) = http.headers().get(header::ORIGIN) else {
            // Browsers leave the origin out where a page asks its own, and where a person has typed the address.
            let site = http.headers().get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
            return site.is_none_or(|site| matches!(site, b"same-origin" | b"none"));
        };
        let Ok(origin) = origin.to_str() else { return false };
        let host = http.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        // Behind a proxy the host may be the market's though the page came unencrypted, from anybody on the way.
        let scheme = self.own.as_deref().and_then(|own| own.split_once("://")).map(|(scheme, _)| scheme);
        let is_here =
            origin.split_once("://").is_some_and(|(of, authority)| Some(authority) == host && Some(of) == scheme);
        is_here || self.own.as_deref() == Some(origin) || self.listed.iter().any(|listed| listed == origin)
    }
}

/// Lets no request in that an unknown page sends with somebody's cookie.
pub async fn guard<B: MessageBody + 'static>(
    origins: web::Data<Origins>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if origins.admits(request.request()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    Ok(request.into_response(plain(StatusCode::FORBIDDEN, "this origin is not on the market's list\n")))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn with_a_cookie_an_origin_is_known() {
        let origins = Origins::new(Some("https://Market.example/shop"), vec!["https://app.example:8443".into()]);
        for (origin, is_admitted) in [
            ("https://market.example", true),
            ("https://app.example:8443", true),
            ("https://internal:8080", true),
            ("http://internal:8080", false),
            ("https://app.example", false),
            ("http://market.example", false),
            ("https://market.example.evil.example", false),
            ("null", false),
        ] {
            let request = || TestRequest::get().insert_header((header::HOST, "internal:8080"));
            let without = request().insert_header((header::ORIGIN, origin));
            assert!(origins.admits(&without.to_http_request()), "{origin}");
            let with = request().insert_header((header::ORIGIN, origin)).insert_header((header::COOKIE, "session=x"));
            assert_eq!(origins.admits(&with.to_http_request()), is_admitted, "{origin}");
            let direct = request().insert_header((header::COOKIE, "session=x"));
            assert!(origins.admits(&direct.to_http_request()));
            for (site, is_admitted) in
                [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)]
            {
                let with = request().insert_header((SEC_FETCH_SITE, site)).insert_header((header::COOKIE, "session=x"));
                assert_eq!(origins.admits(&with.to_http_request()), is_admitted, "{site}");
                let without = request().insert_header((SEC_FETCH_SITE, site));
                assert!(origins.admits(&without.to_http_request()), "{site}");
            }
        }
    }
}
