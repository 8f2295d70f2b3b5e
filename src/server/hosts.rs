//! By which names requests may ask for this market.
//!
//! A page of elsewhere can have its own name lead to this machine (DNS rebinding): its scripts would then be of one origin
//! with a market that only this machine or this network reaches. So a request that asks for a name of somebody else goes
//! no further. What proxies say in `X-Forwarded-Host` or `Forwarded` is not looked at, and no link is ever made of any of it.

use std::net::Ipv6Addr;

use actix_web::{
    Error, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header, uri::Authority},
    middleware::Next,
    web,
};
use url::{Host, Url};

use super::pages::plain;

/// The names that are the market's.
#[derive(Debug, Clone)]
pub struct Hosts(Vec<String>);

/// Why a request asks for nothing here.
#[derive(Debug, PartialEq, Eq)]
enum Astray {
    /// What it names is no host. One that names none, or several, is refused before (RFC 9112, section 3.2).
    Malformed,
    /// It names somebody else's (RFC 9110, section 15.5.20).
    Misdirected,
}

impl Hosts {
    /// The one of the public URL, and those of the list.
    pub fn new(public_url: Option<&str>, listed: &[String]) -> Self {
        let own = public_url.and_then(|url| Some(Url::parse(url).ok()?.host_str()?.to_owned()));
        Self(own.into_iter().chain(listed.iter().cloned()).collect())
    }

    /// Whether a request asks for this market, by what it says in `Host` and, as to a proxy, in its target.
    fn check(&self, http: &HttpRequest) -> Result<(), Astray> {
        let asked = http.headers().get(header::HOST);
        let asked = asked.map(|host| host.to_str().ok().and_then(|host| host.parse().ok()).ok_or(Astray::Malformed));
        let asked: Option<Authority> = asked.transpose()?;
        let are_ours = asked.iter().chain(http.uri().authority()).all(|authority| self.is_ours(authority));
        if are_ours { Ok(()) } else { Err(Astray::Misdirected) }
    }

    /// Names are compared, ports are not: proxies change them. An address cannot be made to lead elsewhere, and
    /// `localhost` leads to this machine alone (RFC 6761, section 6.3).
    fn is_ours(&self, authority: &Authority) -> bool {
        let name = authority.host().trim_end_matches('.').to_ascii_lowercase();
        let is_v6 = || name.trim_matches(['[', ']']).parse::<Ipv6Addr>().is_ok();
        let is_v4 = || matches!(Host::parse(&name), Ok(Host::Ipv4(_)));
        name == "localhost" || name.ends_with(".localhost") || self.0.contains(&name) || is_v4() || is_v6()
    }
}

/// Lets no request in that asks for somebody else's name.
///
/// # Errors
/// What the service returns.
pub async fn guard<B: MessageBody + 'static>(
    hosts: web::Data<Hosts>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (status, said) = match hosts.check(request.request()) {
        Ok(()) => return Ok(next.call(request).await?.map_into_boxed_body()),
        Err(Astray::Malformed) => (StatusCode::BAD_REQUEST, "a request names one host\n"),
        Err(Astray::Misdirected) => {
            (StatusCode::MISDIRECTED_REQUEST, "this market has another name: see --public-url and --hosts\n")
        }
    };
    Ok(request.into_response(plain(status, said)))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn check(hosts: &[&str], target: &str) -> Result<(), Astray> {
        let ours = Hosts::new(Some("https://Market.example:8443/shop"), &["agora.internal".into()]);
        let request = TestRequest::with_uri(target);
        let request = hosts.iter().fold(request, |request, host| request.append_header((header::HOST, *host)));
        ours.check(&request.to_http_request())
    }

    #[test]
    fn a_request_asks_for_a_name_of_the_market() {
        for ours in [
            "market.example",
            "MARKET.example:80",
            "market.example.",
            "agora.internal:8080",
            "localhost:8080",
            "shop.localhost",
            "127.0.0.1:8080",
            "192.0.2.7",
            "[::1]:8080",
        ] {
            assert_eq!(check(&[ours], "/"), Ok(()), "{ours}");
        }
        for foreign in [
            "evil.example",
            "evil.example:8080",
            "market.example.evil.example",
            "evilmarket.example",
            "localhost.evil.example",
            "www.market.example",
            "127.0.0.1.evil.example",
            "evil.example:80@market.example.evil.example",
        ] {
            assert_eq!(check(&[foreign], "/"), Err(Astray::Misdirected), "{foreign}");
        }
        for malformed in ["", "a b", "market.example/", "[::1"] {
            assert_eq!(check(&[malformed], "/"), Err(Astray::Malformed), "{malformed}");
        }
        assert_eq!(check(&[], "/"), Ok(()));
    }

    #[test]
    fn the_target_counts_as_well() {
        assert_eq!(check(&["market.example"], "http://market.example/graphql"), Ok(()));
        assert_eq!(check(&["market.example"], "http://evil.example/graphql"), Err(Astray::Misdirected));
    }
}
