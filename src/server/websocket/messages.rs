//! The protocol's messages, and the codes that sockets are closed with.

use async_graphql::{Response, ServerError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::server::{answer::Body, live::Parting};

/// Bytes of a close frame's reason.
const MAXIMUM_REASON: usize = 123;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromClient {
    ConnectionInit { payload: Option<Map<String, Json>> },
    Subscribe { id: String, payload: Map<String, Json> },
    Complete { id: String },
    Ping { payload: Option<Map<String, Json>> },
    Pong {},
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToClient<'a> {
    ConnectionAck,
    Error {
        id: &'a str,
        payload: Vec<ServerError>,
    },
    Complete {
        id: &'a str,
    },
    Ping,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Json>>,
    },
}

impl ToClient<'_> {
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The message with an operation's (next) answer.
pub fn next(id: &str, response: &Response) -> String {
    let id = serde_json::Value::from(id);
    format!("{{\"type\":\"next\",\"id\":{id},\"payload\":{}}}", Body::answered(response).json())
}

/// A reason to close a socket with, as much of it as a close frame holds (RFC 6455, section 5.5).
pub fn close(code: u16, reason: &str) -> CloseFrame {
    let reason = reason.get(..reason.floor_char_boundary(MAXIMUM_REASON)).unwrap_or_default();
    CloseFrame { code: code.into(), reason: reason.into() }
}

impl From<Parting> for CloseFrame {
    fn from(parting: Parting) -> Self {
        let code = match parting {
            Parting::Restart => 1012,
            Parting::TooSlow => 1013,
            Parting::SessionEnded => 4401,
            Parting::RightsChanged => 4403,
        };
        close(code, parting.reason())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_123_bytes_and_whole_characters() {
        for (reason, kept) in [("x".repeat(123), 123), ("x".repeat(124), 123), ("ö".repeat(62), 122)] {
            assert_eq!(close(4400, &reason).reason.len(), kept);
        }
    }
}
