//! A connection on which every byte is the test's own.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long anything is waited for before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Raw(pub TcpStream);

impl Raw {
    /// `url` is of any page of the service.
    pub async fn connect(url: &str) -> Self {
        let authority = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
        Self(TcpStream::connect(authority).await.unwrap())
    }

    /// Sends something, and reads one answer, which is short.
    pub async fn ask(&mut self, text: &str) -> String {
        self.0.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        loop {
            let answered = String::from_utf8_lossy(&answer).into_owned();
            if let Some((head, body)) = answered.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                    return answered;
                }
            }
            let read = timeout(PATIENCE, self.0.read_buf(&mut answer)).await;
            assert_ne!(read.expect("the server says nothing").unwrap(), 0, "{answered}");
        }
    }

    /// Waits until there is something to read, and reads all of it.
    pub async fn more(&mut self) {
        let mut more = Vec::with_capacity(64 * 1024);
        let read = timeout(PATIENCE, self.0.read_buf(&mut more)).await;
        assert_ne!(read.expect("the server says nothing").unwrap(), 0, "the connection has ended");
    }

    /// Whatever comes until the server ends the connection.
    pub async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let read = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.expect("the connection goes on");
        // Reset, if the server had not read everything.
        assert!(read.is_ok() || read.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset));
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// Sends the same little again and again, and reads nothing, until the server ends the connection.
    pub async fn trickle(&mut self, text: &str) {
        for _ in 0..400 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let ended = match timeout(Duration::ZERO, self.0.peek(&mut [0])).await {
                // Nothing has come.
                Err(_) => false,
                Ok(read) => read.map_or(true, |length| length == 0),
            };
            if ended || self.0.write_all(text.as_bytes()).await.is_err() {
                return;
            }
        }
        panic!("the server waits for ever");
    }
}
