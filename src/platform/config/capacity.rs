//! How much and how long one process takes on.

use std::time::Duration;

/// How long clients may take over their part before they are given up.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the head of a connection's first request.
    pub head: Duration,
    /// For a request's body.
    pub body: Duration,
    /// For a file that is uploaded, however large it is.
    pub upload: Duration,
    /// From the first byte of a request to the first byte of its answer, whoever is to blame. See [`Patience::with_deadline`].
    pub exchange: Duration,
    /// To read on, once nothing more fits into the connection.
    pub reading: Duration,
    /// For `connection_init` of a socket.
    pub init: Duration,
    /// Between two signs of life that sockets and event streams are sent. A socket that is silent for three is dead.
    pub ping: Duration,
}

/// What of an exchange is neither the client's head and body nor the operation: token, queues, writing.
const REST_OF_EXCHANGE: Duration = Duration::from_secs(15);

impl Patience {
    /// For operations that may take so long: an exchange ends later, whatever else it takes.
    pub fn with_deadline(deadline: Duration) -> Self {
        let (head, body) = (Duration::from_secs(10), Duration::from_secs(20));
        Self {
            head,
            body,
            upload: Duration::from_mins(15),
            exchange: head + body + deadline + REST_OF_EXCHANGE,
            reading: Duration::from_secs(30),
            init: Duration::from_secs(10),
            ping: Duration::from_secs(25),
        }
    }
}

/// How much one process takes on at once.
#[derive(Debug, Clone, Copy)]
pub struct Capacity {
    /// Open connections; further ones wait until one ends.
    pub connections: usize,
    /// Open connections from one address (IPv6: one /64 network) that is no trusted proxy's; further ones are closed.
    pub connections_per_address: usize,
    /// Requests and operations of sockets that are being worked on; further ones are told to come again.
    pub requests: usize,
    /// How many of these one address may have.
    pub requests_per_address: usize,
    /// Bytes of bodies on their way in, beyond what each may have anyway; who finds no room is told to come again.
    pub body_bytes: usize,
    /// Sockets and event streams of one person, or of one guest's address.
    pub streams_per_caller: usize,
    /// Subscriptions of one person, or of one guest's address, whatever they came by: each event is read for each of them.
    pub subscriptions_per_caller: usize,
    /// Requests in one body; 0 where batches are not taken.
    pub batch: usize,
}

/// [`Capacity::connections`] where the operator says nothing of it.
pub const CONNECTIONS: usize = 20_000;

/// What the operator says of it.
#[derive(Debug, Clone, clap::Args)]
pub struct CapacityArgs {
    /// Requests that may come together as one array; 0 refuses arrays
    #[arg(long, env = "AGORA_BATCHING", global = true, default_value_t = 0, value_name = "N")]
    pub batching: usize,
    /// Connections that may be open; further ones wait
    #[arg(long, env = "AGORA_CONNECTIONS", global = true, default_value_t = CONNECTIONS, value_name = "N")]
    pub connections: usize,
    /// Connections that one address may have open, unless it is a trusted proxy's; further ones are closed
    #[arg(long, env = "AGORA_CONNECTIONS_PER_ADDRESS", global = true, default_value_t = 1_000, value_name = "N")]
    pub connections_per_address: usize,
    /// Requests that may be worked on at once; further ones are answered 503
    #[arg(long, env = "AGORA_REQUESTS", global = true, default_value_t = 1_024, value_name = "N")]
    pub requests: usize,
    /// Requests of one address that may be worked on at once; further ones are answered 429
    #[arg(long, env = "AGORA_REQUESTS_PER_ADDRESS", global = true, default_value_t = 256, value_name = "N")]
    pub requests_per_address: usize,
    /// Sockets and event streams that one person may have open, or one address of guests
    #[arg(long, env = "AGORA_STREAMS_PER_CALLER", global = true, default_value_t = 100, value_name = "N")]
    pub streams_per_caller: usize,
    /// Subscriptions that one person may have running, or one address of guests
    #[arg(long, env = "AGORA_SUBSCRIPTIONS_PER_CALLER", global = true, default_value_t = 200, value_name = "N")]
    pub subscriptions_per_caller: usize,
}

impl CapacityArgs {
    pub fn capacity(&self) -> Capacity {
        Capacity {
            connections: self.connections,
            connections_per_address: self.connections_per_address,
            requests: self.requests,
            requests_per_address: self.requests_per_address,
            body_bytes: BODY_BYTES,
            streams_per_caller: self.streams_per_caller,
            subscriptions_per_caller: self.subscriptions_per_caller,
            batch: self.batching,
        }
    }
}

/// [`Capacity::body_bytes`] of every process.
pub const BODY_BYTES: usize = 128 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use crate::platform::config::Options;

    #[test]
    fn an_exchange_outlasts_the_deadline() {
        for (arguments, seconds) in
            [(vec![], 75), (vec!["--deadline=300000"], 345), (vec!["--deadline=86400000"], 86_445)]
        {
            let arguments = ["agora"].into_iter().chain(arguments);
            let matches = Options::augment_args(Command::new("agora")).get_matches_from(arguments);
            let settings = Options::from_arg_matches(&matches).unwrap().settings().unwrap();
            assert_eq!(settings.patience.exchange.as_secs(), seconds);
        }
    }
}
