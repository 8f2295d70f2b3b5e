//! Options: whose passkeys are taken.

use std::net::IpAddr;

use clap::Args;

use super::web::web_origin;
use crate::platform::crypto::RelyingParty;

/// Passkeys belong to a domain, and are used by pages and apps of it.
#[derive(Debug, Clone, Default, Args)]
pub struct PasskeyArgs {
    /// The domain that passkeys belong to [default: the host of the public URL]
    #[arg(long, env = "AGORA_PASSKEY_RP_ID", global = true, value_name = "DOMAIN", value_parser = domain)]
    pub passkey_rp_id: Option<String>,
    /// Origins of pages that may use them, and of Android's apps (`android:apk-key-hash:…`) [default: of the public URL, and the allowed ones below the domain]
    #[arg(long, env = "AGORA_PASSKEY_ORIGINS", global = true, value_delimiter = ',', value_name = "ORIGIN", value_parser = passkey_origin)]
    pub passkey_origins: Vec<String>,
}

impl PasskeyArgs {
    /// Whose passkeys are taken. None where the public URL has no domain and none is given.
    pub fn relying_party(&self, public_url: &str, allowed_origins: &[String]) -> Option<RelyingParty> {
        let (scheme, authority) = scheme_and_authority(public_url)?;
        let (host, port) = host_and_port(authority);
        // Browsers on the same machine reach it by this name as well, and have passkeys for names only.
        let is_loopback = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let host = if is_loopback { "localhost" } else { host };
        let id = self.passkey_rp_id.as_deref().unwrap_or(host).to_ascii_lowercase();
        let origins = if self.passkey_origins.is_empty() {
            let own = format!("{scheme}://{host}{port}").to_ascii_lowercase();
            let is_below = |origin: &&String| {
                let host = scheme_and_authority(origin).map(|(_, authority)| host_and_port(authority).0);
                host.is_some_and(|host| host == id || host.strip_suffix(&id).is_some_and(|rest| rest.ends_with('.')))
            };
            std::iter::once(own).chain(allowed_origins.iter().filter(is_below).cloned()).collect()
        } else {
            self.passkey_origins.clone()
        };
        RelyingParty::new(&id, origins)
    }
}

fn scheme_and_authority(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    Some((scheme, rest.split(['/', '?', '#']).next()?))
}

/// The port with its colon, if there is one. The colons of an IPv6 address stand between brackets.
fn host_and_port(authority: &str) -> (&str, &str) {
    let end = authority.find(']').map_or_else(|| authority.find(':'), |bracket| Some(bracket + 1));
    authority.split_at(end.unwrap_or(authority.len()))
}

fn domain(text: &str) -> Result<String, &'static str> {
    let is_domain = RelyingParty::new(text, Vec::new()).is_some();
    is_domain.then(|| text.to_ascii_lowercase()).ok_or("passkeys belong to a domain, such as market.example")
}

/// An origin of a page, or of an app on Android: the SHA-256 of its signing certificate.
fn passkey_origin(text: &str) -> Result<String, &'static str> {
    match text.strip_prefix("android:apk-key-hash:") {
        Some(hash)
            if hash.len() == 43 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) =>
        {
            Ok(text.to_owned())
        }
        Some(_) => Err("android:apk-key-hash: is followed by 43 letters of base64url"),
        None => web_origin(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(args: &PasskeyArgs, public_url: &str, allowed: &[&str]) -> Option<String> {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        args.relying_party(public_url, &allowed).map(|party| party.to_string())
    }

    #[test]
    fn passkeys_are_those_of_the_public_url_unless_said_otherwise() {
        let none = PasskeyArgs::default();
        let allowed = ["https://shop.market.example", "https://market.example:8443", "https://evilmarket.example"];
        assert_eq!(
            party(&none, "https://Market.example/api", &allowed).unwrap(),
            "market.example: https://market.example https://shop.market.example https://market.example:8443"
        );
        assert_eq!(party(&none, "http://127.0.0.1:8080", &[]).unwrap(), "localhost: http://localhost:8080");
        assert_eq!(party(&none, "http://[::1]:80", &[]).unwrap(), "localhost: http://localhost:80");
        for nowhere in ["http://192.0.2.7:8080", "https://[2001:db8::1]", "nothing", ""] {
            assert_eq!(party(&none, nowhere, &[]), None, "{nowhere}");
        }
        let android = format!("android:apk-key-hash:{}", "A".repeat(43));
        let given = PasskeyArgs { passkey_rp_id: Some("example".into()), passkey_origins: vec![android.clone()] };
        assert_eq!(party(&given, "https://192.0.2.7", &[]).unwrap(), format!("example: {android}"));
    }

    #[test]
    fn origins_are_those_of_pages_and_of_apps() {
        let android = format!("android:apk-key-hash:{}", "pNiP5iKyQ8JwgGOaKA1zGPUPJIS-0H1xKCQcfIoGLck");
        assert_eq!(passkey_origin(&android), Ok(android.clone()));
        assert_eq!(passkey_origin("https://Shop.example"), Ok("https://shop.example".into()));
        for wrong in ["android:apk-key-hash:", "android:apk-key-hash:abc", "shop.example", "https://shop.example/x"] {
            assert!(passkey_origin(wrong).is_err(), "{wrong}");
        }
        assert!(domain("127.0.0.1").is_err() && domain("Market.example").as_deref() == Ok("market.example"));
    }
}
