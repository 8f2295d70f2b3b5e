//! How much and how long one process takes on.

use std::time::Duration;

/// How long clients may take over their part before they are given up.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the head of a connection's first request.
    pub head: Duration,
    /// For a request's body.
    pub body: Duration,
    /// From the first byte of a request to the first byte of its answer, whoever is to blame.
    pub exchange: Duration,
    /// To read on, once nothing more fits into the connection.
    pub reading: Duration,
    /// For `connection_init` of a socket.
    pub init: Duration,
    /// Between two signs of life that sockets and event streams are sent. A socket that is silent for three is dead.
    pub ping: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(20),
            exchange: Duration::from_secs(75),
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
    /// Requests and operations of sockets that are being worked on; further ones are told to come again.
    pub requests: usize,
    /// Sockets and event streams of one person, or of one guest's address.
    pub streams_per_caller: usize,
    /// Subscriptions of one person, or of one guest's address, whatever they came by: each event is read for each of them.
    pub subscriptions_per_caller: usize,
    /// Requests in one body; 0 where batches are not taken.
    pub batch: usize,
}
