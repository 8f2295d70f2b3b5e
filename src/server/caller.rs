//! From a request's headers to who asks.

use std::{net::IpAddr, str::FromStr, sync::Arc};

use actix_web::{
    HttpMessage, HttpRequest,
    http::header::{self, AcceptLanguage, Header, HeaderMap, HeaderName, HeaderValue, Preference},
};

use super::naming;
use crate::{
    kernel::{
        error::{Failure, TokenFault},
        id::Id,
        place::Locale,
    },
    platform::{
        app::App,
        caller::{Caller, Client, Cookies, Request, Scope, Who},
        cookies::Sent,
        trace::TraceParent,
    },
    users::{self, model::StaffGrant},
};

/// Names the address of the buyer on whose behalf a storefront's machine asks.
static BUYER: HeaderName = HeaderName::from_static("agora-buyer-ip");
/// Names what an answer tells besides its data.
pub static INCLUDE: HeaderName = HeaderName::from_static("agora-include");
/// Names the leave by which one of the staff acts in somebody's name.
pub static ON_BEHALF: HeaderName = HeaderName::from_static("agora-on-behalf-of");
static CURRENCY: HeaderName = HeaderName::from_static("agora-currency");
static COUNTRY: HeaderName = HeaderName::from_static("agora-country");
static CLIENT_NAME: HeaderName = HeaderName::from_static("apollographql-client-name");
static CLIENT_VERSION: HeaderName = HeaderName::from_static("apollographql-client-version");
static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Who asks, and in which surroundings.
///
/// # Errors
/// `RATE_LIMITED` where unknown API keys came too often; `UNAUTHENTICATED` if a token is present but no good;
/// `BAD_USER_INPUT` if a header of ours is malformed; `FORBIDDEN` in the name of somebody without leave.
pub async fn of(app: &App, http: &HttpRequest) -> Result<Caller, Failure> {
    let mut request = surroundings(app, http)?;
    let sent = sent_cookies(http);
    let mut who = match token(http.headers(), &sent)? {
        Some(token) => users::service::authenticate(app, &request, token).await?,
        None => Who::Guest,
    };
    if let Some(grant) = parsed::<Id<StaffGrant>>(http.headers(), &ON_BEHALF)? {
        who = users::service::on_behalf(app, who, grant).await?;
    }
    request.binding = sent.binding.clone().map(Into::into);
    if sent.is_some() {
        request.cookies = Cookies::HoldTheSession;
    }
    if let Some(buyer) = parsed::<IpAddr>(http.headers(), &BUYER)? {
        match &mut who {
            Who::ApiKey(key) if key.scopes.contains(Scope::Storefront) => key.buyer = Some(buyer.to_canonical()),
            // Said aloud: a storefront that believes it to be heard would have all its buyers share one bucket.
            _ => {
                let problem = "only an API key with the scope STOREFRONT names its buyer";
                return Err(Failure::BadUserInput(format!("header {BUYER}: {problem}")));
            }
        }
        request.address = Some(buyer.to_canonical());
    }
    Ok(Caller { who, request: Arc::new(request) })
}

/// Who asks, before anything was looked at: enough to name the request.
pub fn unknown(app: &App, http: &HttpRequest) -> Caller {
    let trace = text(http.headers(), &TRACEPARENT).and_then(TraceParent::parse);
    let request = Request { id: naming::id(app, http), trace, address: address(app, http), ..Request::default() };
    Caller { who: Who::Guest, request: Arc::new(request) }
}

/// Where a request comes from.
pub fn address(app: &App, http: &HttpRequest) -> Option<IpAddr> {
    http.peer_addr().map(|peer| app.proxies.client(peer.ip(), &forwarded(app, http.headers())))
}

/// The surroundings of a request, whoever asks.
///
/// # Errors
/// `BAD_USER_INPUT` if a header of ours is malformed.
pub fn surroundings(app: &App, http: &HttpRequest) -> Result<Request, Failure> {
    let headers = http.headers();
    Ok(Request {
        id: naming::id(app, http),
        trace: text(headers, &TRACEPARENT).and_then(TraceParent::parse),
        address: address(app, http),
        client: Client::of(text(headers, &CLIENT_NAME), text(headers, &CLIENT_VERSION)),
        user_agent: text(headers, &header::USER_AGENT).unwrap_or_default().to_owned(),
        locale: locale(http),
        currency: parsed(headers, &CURRENCY)?,
        country: parsed(headers, &COUNTRY)?,
        cookies: Cookies::CanBeSet,
        binding: None,
    })
}

/// What proxies say of whom they speak for, line by line. One that is no text ends what can be believed.
fn forwarded<'a>(app: &App, headers: &'a HeaderMap) -> Vec<&'a str> {
    headers.get_all(app.proxies.header.name()).map(|line| line.to_str().unwrap_or("?")).collect()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn parsed<T: FromStr<Err: std::fmt::Display>>(headers: &HeaderMap, name: &HeaderName) -> Result<Option<T>, Failure> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let wrong = |problem: String| Failure::BadUserInput(format!("header {name}: {problem}"));
    // What cannot be read is never taken for nothing: it may say in whose name the request is.
    let value = value.to_str().map_err(|error| wrong(error.to_string()))?;
    value.trim().parse().map(Some).map_err(|error: T::Err| wrong(error.to_string()))
}

/// The language that the request likes best.
pub fn locale(http: &HttpRequest) -> Option<Locale> {
    http.headers().contains_key(header::ACCEPT_LANGUAGE).then_some(())?;
    match AcceptLanguage::parse(http).ok()?.ranked().into_iter().next()? {
        Preference::Specific(tag) => tag.as_str().parse().ok(),
        Preference::Any => None,
    }
}

/// What the request's cookies hold of a session.
pub fn sent_cookies(http: &HttpRequest) -> Sent {
    Sent::of(http.headers().get_all(header::COOKIE).map(HeaderValue::as_bytes))
}

/// The token that says who asks, from the header or from a cookie. Two are not weighed against each other.
fn token<'a>(headers: &'a HeaderMap, sent: &'a Sent) -> Result<Option<&'a str>, Failure> {
    match (bearer(headers)?, &sent.access_token) {
        (Some(_), _) if sent.is_some() => {
            let problem = "a session is in the header `authorization` or in cookies, not in both";
            Err(Failure::BadUserInput(problem.into()))
        }
        // The browser has dropped the one that had ended, and who was signed in is no guest now.
        (None, None) if sent.is_some() => Err(Failure::Unauthenticated(Some(TokenFault::Expired))),
        (None, access_token) => Ok(access_token.as_deref()),
        (bearer, _) => Ok(bearer),
    }
}

/// The token of an `Authorization: Bearer …` header (RFC 6750).
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Failure> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    value.to_str().ok().and_then(bearer_token).map(Some).ok_or(Failure::Unauthenticated(Some(TokenFault::Invalid)))
}

/// The token in `Bearer …`.
pub fn bearer_token(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

/// What the request asks to be told besides, in `Agora-Include`.
pub fn includes(http: &HttpRequest) -> Vec<String> {
    text(http.headers(), &INCLUDE).map(included).unwrap_or_default()
}

/// What a value of `Agora-Include` asks for.
pub fn included(wanted: &str) -> Vec<String> {
    wanted.split(',').map(|include| include.trim().to_owned()).filter(|include| !include.is_empty()).take(8).collect()
}

/// The media type of a request's body, without parameters.
pub fn content_type(http: &HttpRequest) -> String {
    http.content_type().to_ascii_lowercase()
}
