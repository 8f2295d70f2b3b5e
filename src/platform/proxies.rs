//! The address of a client behind proxies.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// The header in which a proxy says for whom it speaks. Only one is looked at: a proxy that writes the one hands on the
/// other as a client forged it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ProxyHeader {
    /// `X-Forwarded-For: client, proxy`, the custom of most proxies
    #[default]
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy` (RFC 7239)
    Forwarded,
}

impl ProxyHeader {
    /// The header's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}

/// The proxies that are believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    pub networks: Vec<IpNet>,
    pub header: ProxyHeader,
}

impl TrustedProxies {
    /// The address of the client: seen from here, the first that is no trusted proxy. `lines` are the values of the header
    /// in the order of the request. Whatever a client wrote itself stands left of what the proxies wrote, and is never
    /// reached.
    pub fn client(&self, peer: IpAddr, lines: &[&str]) -> IpAddr {
        let mut client = peer.to_canonical();
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            let named = if self.is_trusted(client) { self.address(hop) } else { None };
            let Some(address) = named else { break };
            client = address.to_canonical();
        }
        client
    }

    /// Whether this is the address of a proxy that speaks for others.
    pub fn is_trusted(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The address in one element of the header; none where a proxy hides it or writes nonsense.
    fn address(&self, hop: &str) -> Option<IpAddr> {
        let node = match self.header {
            ProxyHeader::XForwardedFor => hop.trim(),
            ProxyHeader::Forwarded => hop.split(';').find_map(|pair| {
                let (name, value) = pair.trim().split_once('=')?;
                name.eq_ignore_ascii_case("for").then_some(value.trim_matches('"'))
            })?,
        };
        let bare = node.strip_prefix('[').and_then(|node| node.strip_suffix(']')).unwrap_or(node);
        bare.parse().ok().or_else(|| node.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
    }
}

/// An address or a network of the command line.
///
/// # Errors
/// If it is neither.
pub fn network(text: &str) -> Result<IpNet, ipnet::AddrParseError> {
    text.parse::<IpNet>().or_else(|error| text.parse::<IpAddr>().map(IpNet::from).map_err(|_| error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(header: ProxyHeader, peer: &str, lines: &[&str]) -> String {
        let networks = ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"].map(|text| network(text).unwrap()).to_vec();
        TrustedProxies { networks, header }.client(peer.parse().unwrap(), lines).to_string()
    }

    #[test]
    fn the_right_most_untrusted_address_wins() {
        let of = |peer, lines: &[&str]| client(ProxyHeader::XForwardedFor, peer, lines);
        assert_eq!(of("203.0.113.9", &["198.51.100.1"]), "203.0.113.9", "a stranger is not believed");
        assert_eq!(of("10.1.1.1", &[]), "10.1.1.1");
        assert_eq!(of("10.1.1.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(of("10.1.1.1", &["1.1.1.1, 198.51.100.1"]), "198.51.100.1", "the left one is the client's own word");
        assert_eq!(of("10.1.1.1", &["1.1.1.1, 198.51.100.1, 10.2.2.2", "192.0.2.1"]), "198.51.100.1");
        assert_eq!(of("10.1.1.1", &["10.3.3.3, 10.2.2.2"]), "10.3.3.3");
        assert_eq!(of("::ffff:10.1.1.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
        assert_eq!(of("10.1.1.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(of("2001:db8::1", &["[2a00::7]:443"]), "2a00::7");
        assert_eq!(of("10.1.1.1", &["198.51.100.1, unknown"]), "10.1.1.1", "nothing left of nonsense is believed");
        assert_eq!(of("10.1.1.1", &["198.51.100.1,"]), "10.1.1.1");
    }

    #[test]
    fn forwarded_is_read_as_its_specification_says() {
        let of = |lines: &[&str]| client(ProxyHeader::Forwarded, "10.1.1.1", lines);
        assert_eq!(of(&["for=1.1.1.1, FOR=198.51.100.1;proto=https"]), "198.51.100.1");
        assert_eq!(of(&["by=10.2.2.2;for=\"[2a00::7]:4711\""]), "2a00::7");
        assert_eq!(of(&["for=\"[2a00::7]\"", "for=10.2.2.2"]), "2a00::7");
        assert_eq!(of(&["for=198.51.100.1, for=_hidden"]), "10.1.1.1");
        assert_eq!(of(&["proto=https"]), "10.1.1.1");
    }
}
