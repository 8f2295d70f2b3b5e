//! Subscriptions over real sockets, each of somebody and from an address that few share.

use std::{net::Ipv4Addr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig},
};

use super::{AnyError, server::Server};

const PATIENCE: Duration = Duration::from_secs(20);
/// Sockets that one address opens: each has so many ports, and this many people share an address at the most.
const PER_ADDRESS: u32 = 50;
/// Room to read into. There are thousands of sockets, and what they are told is short.
const BUFFER: usize = 4 * 1024;

pub type Socket = WebSocketStream<TcpStream>;

/// The socket of this number, on which a person's subscription has said its first word.
pub async fn subscribe(server: &Server, number: u32, person: i64, payload: &Value) -> Result<Socket, AnyError> {
    let address = server.url.trim_start_matches("http://").split('/').next().unwrap_or_default().parse()?;
    let local = TcpSocket::new_v4()?;
    let host = number / PER_ADDRESS;
    local.bind((Ipv4Addr::new(127, 1, (host / 200) as u8, (host % 200 + 1) as u8), 0).into())?;
    let stream = local.connect(address).await?;
    let mut request = server.url.replacen("http", "ws", 1).into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    let config = WebSocketConfig::default().read_buffer_size(BUFFER);
    let (mut socket, _) = timeout(PATIENCE, client_async_with_config(request, stream, Some(config))).await??;
    let token = server.token(person)?;
    let init = json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}});
    let subscribe = json!({"type": "subscribe", "id": "1", "payload": payload});
    socket.send(Message::text(init.to_string())).await?;
    socket.send(Message::text(subscribe.to_string())).await?;
    loop {
        match timeout(PATIENCE, hear(&mut socket)).await? {
            Some(text) if text.contains("\"next\"") => return Ok(socket),
            Some(text) if text.contains("\"error\"") => return Err(format!("no subscription: {text}").into()),
            Some(_) => {}
            None => return Err("a socket ended".into()),
        }
    }
}

/// What the server says next; its pings are answered meanwhile. None once the socket has ended.
pub async fn hear(socket: &mut Socket) -> Option<String> {
    loop {
        match socket.next().await?.ok()? {
            Message::Text(text) if text.contains("\"type\":\"ping\"") => {
                socket.send(Message::text(r#"{"type":"pong"}"#)).await.ok()?;
            }
            Message::Text(text) => return Some(text.to_string()),
            Message::Close(_) => return None,
            _ => {}
        }
    }
}
