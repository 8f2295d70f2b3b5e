//! HTTP that leaves: the one client for whatever others serve.
//!
//! **Invariants:** each call has an end, in time and in bytes; none follows a redirect; what leaves the machine is encrypted;
//! a URL that somebody else named reaches no address but public ones, looked at where it is connected to, so that no name
//! that changes its address in between leads into the operator's network. No URL, header or body of a call is in the log.

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use ipnet::{Ipv4Net, Ipv6Net};
use reqwest::{
    Client, Method,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use url::{Host, Url};

use super::metrics::Metrics;

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until there is a connection.
    pub connect: Duration,
    /// In all, the answer's last byte included.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(4), total: Duration::from_secs(8) }
    }
}

/// Connections that are kept open to one host while nobody uses them.
const IDLE_PER_HOST: usize = 4;
/// Bytes of an answer that is read to its end, unless a request says otherwise.
const ANSWER_BYTES: usize = 256 * 1024;
/// Networks of IPv4 that are no public ones (IANA's registry of special-purpose addresses), and multicast.
const NOT_PUBLIC: [Ipv4Net; 15] = [
    Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 8),
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10),
    Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 0, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 2, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 88, 99, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(198, 18, 0, 0), 15),
    Ipv4Net::new_assert(Ipv4Addr::new(198, 51, 100, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(203, 0, 113, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(224, 0, 0, 0), 4),
    Ipv4Net::new_assert(Ipv4Addr::new(240, 0, 0, 0), 4),
];
/// All that is handed out to anybody.
const GLOBAL: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// What of it is not public, or leads to an IPv4 address of whatever kind (Teredo, 6to4).
const NOT_GLOBAL: [Ipv6Net; 4] = [
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    Ipv6Net::new_assert(Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    Ipv6Net::new_assert(Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether everybody can reach this address. Not those that only stand for another one, for that may be any.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !NOT_PUBLIC.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL.contains(&address) && !NOT_GLOBAL.iter().any(|network| network.contains(&address))
        }
    }
}

/// Which addresses a URL may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Anywhere,
    Public,
}

/// A URL that may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    reach: Reach,
}

/// Why a text is no [`Target`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    #[error("it is no URL with a host, and without a user, a password and a fragment")]
    Form,
    #[error("it does not begin with https:// (http:// is for 127.0.0.1, [::1] and localhost alone)")]
    Unencrypted,
}

impl Target {
    /// A URL of the operator's configuration. It leads wherever they like, by `https`; by `http` to this machine only.
    pub fn of_operator(text: &str) -> Result<Self, UrlFault> {
        let url = parsed(text)?;
        match url.scheme() {
            "https" => Ok(Self { url, reach: Reach::Anywhere }),
            "http" if is_loopback(&url) => Ok(Self { url, reach: Reach::Anywhere }),
            _ => Err(UrlFault::Unencrypted),
        }
    }

    /// A URL that somebody else named. It leads to public addresses only, by `https`.
    pub fn of_others(text: &str) -> Result<Self, UrlFault> {
        let url = parsed(text)?;
        if url.scheme() == "https" { Ok(Self { url, reach: Reach::Public }) } else { Err(UrlFault::Unencrypted) }
    }

    /// A URL that an answer from here names: on the same host it is as good as this one, elsewhere it is somebody else's.
    pub fn named_here(&self, text: &str) -> Result<Self, UrlFault> {
        let url = parsed(text)?;
        let is_here = url.host() == self.url.host() && url.scheme() == self.url.scheme();
        if is_here { Ok(Self { url, reach: self.reach }) } else { Self::of_others(text) }
    }

    pub const fn url(&self) -> &Url {
        &self.url
    }
}

fn parsed(text: &str) -> Result<Url, UrlFault> {
    let url = Url::parse(text).map_err(|_| UrlFault::Form)?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if is_plain && url.host().is_some() { Ok(url) } else { Err(UrlFault::Form) }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// What is asked.
#[derive(Debug)]
pub struct Request<'a> {
    purpose: &'static str,
    method: Method,
    target: &'a Target,
    headers: HeaderMap,
    body: Vec<u8>,
    answer_bytes: usize,
    patience: u32,
}

/// How many times as long as others a patient request waits.
const PATIENT: u32 = 3;

impl<'a> Request<'a> {
    /// `purpose` is a word of the program by which calls are counted.
    pub fn get(purpose: &'static str, target: &'a Target) -> Self {
        let (headers, body) = (HeaderMap::new(), Vec::new());
        Self { purpose, method: Method::GET, target, headers, body, answer_bytes: ANSWER_BYTES, patience: 1 }
    }

    pub fn delete(purpose: &'static str, target: &'a Target) -> Self {
        Self { method: Method::DELETE, ..Self::get(purpose, target) }
    }

    pub fn post(purpose: &'static str, target: &'a Target, content_type: &'static str, body: Vec<u8>) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { method: Method::POST, headers, body, ..Self::get(purpose, target) }
    }

    /// # Errors
    /// [`HttpError::Request`] if the value cannot stand in a header.
    pub fn header(mut self, name: &'static str, value: &str) -> Result<Self, HttpError> {
        let mut value = HeaderValue::from_str(value).map_err(|_| HttpError::Request)?;
        value.set_sensitive(true);
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    /// Reads no longer answer than this.
    #[must_use]
    pub fn answered_within(self, bytes: usize) -> Self {
        Self { answer_bytes: bytes, ..self }
    }

    /// Waits three times as long for the answer as others do.
    #[must_use]
    pub fn patient(self) -> Self {
        Self { patience: PATIENT, ..self }
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// Why nothing came back. Names no URL, for these may hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("the request cannot be written")]
    Request,
    #[error("the address is none that everybody can reach")]
    NotPublic,
    #[error("no whole answer came in time")]
    TimedOut,
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    #[error("the connection failed: {0}")]
    Failed(#[source] reqwest::Error),
}

impl HttpError {
    const fn outcome(&self) -> &'static str {
        match self {
            Self::Request | Self::NotPublic => "refused",
            Self::TimedOut => "timed_out",
            Self::TooLong(_) => "too_long",
            Self::Failed(_) => "failed",
        }
    }
}

impl From<reqwest::Error> for HttpError {
    fn from(error: reqwest::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(inner) = cause {
            if inner.is::<NotPublic>() {
                return Self::NotPublic;
            }
            cause = inner.source();
        }
        if error.is_timeout() { Self::TimedOut } else { Self::Failed(error.without_url()) }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name has no address that everybody can reach")]
struct NotPublic;

/// Looks names up, and yields nothing but public addresses.
struct PublicAddresses;

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() { Err(NotPublic.into()) } else { Ok(Box::new(public.into_iter()) as Addrs) }
        })
    }
}

/// Asks others.
#[derive(Debug)]
pub struct Http {
    anywhere: Client,
    public: Client,
    total: Duration,
    metrics: Arc<Metrics>,
}

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be made: {0}")]
pub struct NoClient(#[from] reqwest::Error);

impl Http {
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(timeouts: Timeouts, metrics: Arc<Metrics>) -> Result<Self, NoClient> {
        let client = || {
            Client::builder()
                .user_agent(concat!("agora/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(timeouts.connect)
                .timeout(timeouts.total)
                .pool_max_idle_per_host(IDLE_PER_HOST)
                .redirect(Policy::none())
                .referer(false)
                .no_proxy()
        };
        let public = client().dns_resolver(Arc::new(PublicAddresses)).https_only(true).build()?;
        Ok(Self { anywhere: client().build()?, public, total: timeouts.total, metrics })
    }

    /// Asks once. Belongs outside of transactions.
    ///
    /// # Errors
    /// If no whole answer came; any status is an answer.
    pub async fn send(&self, request: Request<'_>) -> Result<Answer, HttpError> {
        let (purpose, began) = (request.purpose, Instant::now());
        // Boxed, or the future of every resolver had room for a client's.
        let result = Box::pin(self.exchange(request)).await;
        let outcome = match &result {
            Ok(answer) if answer.is_success() => "success",
            Ok(_) => "status",
            Err(error) => error.outcome(),
        };
        self.metrics.outgoing.asked(purpose, outcome, began.elapsed());
        result
    }

    async fn exchange(&self, request: Request<'_>) -> Result<Answer, HttpError> {
        let Request { method, target, headers, body, answer_bytes, patience, .. } = request;
        let client = match target.reach {
            Reach::Anywhere => &self.anywhere,
            Reach::Public => &self.public,
        };
        // An address that stands in the URL is looked up by nobody.
        let literal = match target.url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        if target.reach == Reach::Public && literal.is_some_and(|address| !is_public(address)) {
            return Err(HttpError::NotPublic);
        }
        let asked = client.request(method, target.url.clone()).headers(headers).body(body);
        let mut response = asked.timeout(self.total * patience).send().await?;
        let (status, mut read) = (response.status().as_u16(), Vec::new());
        while let Some(chunk) = response.chunk().await? {
            if chunk.len() > answer_bytes.saturating_sub(read.len()) {
                return Err(HttpError::TooLong(answer_bytes));
            }
            read.extend_from_slice(&chunk);
        }
        Ok(Answer { status, body: read })
    }
}

#[cfg(test)]
mod tests;
