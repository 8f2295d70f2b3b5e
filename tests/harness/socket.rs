//! A client that speaks `graphql-transport-ws`.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue},
    },
};

/// How long anything is waited for before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Socket {
    pub stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What the server said.
#[derive(Debug, PartialEq)]
pub enum Said {
    Message(Value),
    Closed(u16),
}

impl Socket {
    /// A socket on which nothing has been said. `url` is that of GraphQL over HTTP.
    pub async fn open(url: &str) -> Self {
        Self::open_with(url, &[]).await.unwrap()
    }

    /// The same with headers, or the status by which the upgrade is refused.
    pub async fn open_with(url: &str, headers: &[(String, String)]) -> Result<Self, u16> {
        let mut request = url.replacen("http", "ws", 1).into_client_request().unwrap();
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Self { stream }),
            Err(Error::Http(refusal)) => Err(refusal.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// A socket of a client that has been acknowledged. `payload` goes into `connection_init` beside the token.
    pub async fn connect(client: &super::Client, mut payload: Value) -> Self {
        let mut socket = Self::open_with(&client.url, &client.headers).await.unwrap();
        if let Some(token) = &client.token {
            payload["authorization"] = json!(format!("Bearer {token}"));
        }
        socket.send(&json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.receive().await, Said::Message(json!({"type": "connection_ack"})));
        socket
    }

    pub async fn send(&mut self, message: &Value) {
        self.stream.send(Message::text(message.to_string())).await.unwrap();
    }

    pub async fn subscribe(&mut self, id: &str, document: &str, variables: Value) {
        let payload = json!({"query": document, "variables": variables});
        self.send(&json!({"type": "subscribe", "id": id, "payload": payload})).await;
    }

    pub async fn complete(&mut self, id: &str) {
        self.send(&json!({"type": "complete", "id": id})).await;
    }

    /// The next message that is no ping, which is answered.
    pub async fn receive(&mut self) -> Said {
        loop {
            let message = timeout(PATIENCE, self.stream.next()).await.expect("the server says nothing");
            match message.expect("the socket ended without a word").unwrap() {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if message["type"] != "ping" {
                        return Said::Message(message);
                    }
                    self.send(&json!({"type": "pong"})).await;
                }
                Message::Close(frame) => return Said::Closed(frame.map_or(1005, |frame| frame.code.into())),
                _ => {}
            }
        }
    }

    /// The data of the next event of an operation. Panics if anything else is said.
    pub async fn next(&mut self, id: &str) -> Value {
        match self.receive().await {
            Said::Message(message) if message["type"] == "next" && message["id"] == id => {
                assert_eq!(message["payload"]["errors"], Value::Null, "{message:#}");
                message["payload"]["data"].clone()
            }
            other => panic!("no event of {id}, but {other:?}"),
        }
    }
}
