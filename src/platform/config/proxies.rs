//! Options: whose word about the addresses of clients is taken.

use clap::Args;
use ipnet::IpNet;

use crate::platform::proxies::{ProxyHeader, TrustedProxies, network};

/// The proxies in front.
#[derive(Debug, Clone, Args)]
pub struct ProxyArgs {
    /// Addresses or networks (CIDR) of proxies that are believed when they name a client's address, with commas
    #[arg(long, env = "AGORA_TRUSTED_PROXY", global = true, value_delimiter = ',', value_parser = network, value_name = "CIDR")]
    pub trusted_proxy: Vec<IpNet>,
    /// The header in which they name it; the other one is not looked at
    #[arg(long, env = "AGORA_PROXY_HEADER", global = true, default_value = "x-forwarded-for")]
    pub proxy_header: ProxyHeader,
}

impl ProxyArgs {
    pub(super) fn trusted(&self) -> TrustedProxies {
        TrustedProxies { networks: self.trusted_proxy.clone(), header: self.proxy_header }
    }
}
