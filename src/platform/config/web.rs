//! Options: by which names the market is known on the web.

use clap::Args;
use url::{Host, Url};

use super::{ConfigError, Mode};

/// The market's own names, and the origins that it lets in.
#[derive(Debug, Clone, Args)]
pub struct WebArgs {
    /// Where clients reach this market [default in development: where it listens]
    #[arg(long, env = "AGORA_PUBLIC_URL", global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// Hosts by whose names requests come, such as `agora.internal`, besides the public URL's, `localhost` and addresses
    #[arg(long, env = "AGORA_HOSTS", global = true, value_delimiter = ',', value_name = "HOST", value_parser = host)]
    pub hosts: Vec<String>,
    /// Origins of web pages that may call from a browser, such as `https://shop.example`, besides the market's own
    #[arg(long, env = "AGORA_ALLOWED_ORIGIN", global = true, value_delimiter = ',', value_name = "ORIGIN", value_parser = web_origin)]
    pub allowed_origin: Vec<String>,
}

impl WebArgs {
    /// The public URL without a slash at its end.
    ///
    /// # Errors
    /// If production has none, or it is no place on the web.
    pub(super) fn public_url(&self, mode: Mode) -> Result<Option<String>, ConfigError> {
        let Some(text) = &self.public_url else {
            let reason = "where clients reach this market";
            let missing = ConfigError::Missing { option: "--public-url", env: "AGORA_PUBLIC_URL", reason };
            return if mode == Mode::Production { Err(missing) } else { Ok(None) };
        };
        let is_place = |url: &Url| {
            matches!(url.scheme(), "http" | "https")
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        };
        match Url::parse(text) {
            Ok(url) if is_place(&url) => Ok(Some(text.trim_end_matches('/').to_owned())),
            _ => Err(ConfigError::PublicUrl(text.clone())),
        }
    }
}

/// A host's name as it stands in URLs, without a port.
fn host(text: &str) -> Result<String, &'static str> {
    let wrong = "a host is a name such as agora.internal, without a scheme, a port or a wildcard";
    match Host::parse(text) {
        Ok(host) if !text.contains('*') => Ok(host.to_string()),
        _ => Err(wrong),
    }
}

/// An origin as browsers send it (RFC 6454): scheme, host and perhaps a port, and nothing behind them.
pub(super) fn web_origin(text: &str) -> Result<String, &'static str> {
    let (scheme, authority) = text.split_once("://").ok_or("an origin is such as https://shop.example")?;
    let is_fine = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_fine(scheme) || !is_fine(authority) || authority.contains(['/', '?', '#', '@', '*']) {
        return Err("an origin is a scheme, a host and perhaps a port, without a path or a wildcard");
    }
    Ok(text.to_ascii_lowercase())
}
