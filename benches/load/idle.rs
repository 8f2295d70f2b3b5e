//! Subscriptions on which nothing happens: what each of them holds in memory.

use std::{net::Ipv4Addr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::{
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use super::{AnyError, processes::resident, server::Server};

const PATIENCE: Duration = Duration::from_secs(20);
/// Sockets that one address opens: this many people share an address at the most.
const PER_ADDRESS: u32 = 50;

type Socket = WebSocketStream<TcpStream>;

/// Bytes of the server's memory for each of `count` subscriptions, every one of another person.
pub async fn bytes_each(server: &Server, count: u32) -> Result<f64, AnyError> {
    // The first ones bring along what all of them share.
    let mut sockets = Vec::new();
    for number in 0..100 {
        sockets.push(subscribe(server, number).await?);
    }
    sleep(Duration::from_secs(1)).await;
    let before = resident(server.pid())?;
    for number in 100..100 + count {
        sockets.push(subscribe(server, number).await?);
    }
    sleep(Duration::from_secs(3)).await;
    let after = resident(server.pid())?;
    Ok((after - before) / f64::from(count))
}

/// A subscription that has said its first word.
async fn subscribe(server: &Server, number: u32) -> Result<Socket, AnyError> {
    let address = server.url.trim_start_matches("http://").split('/').next().unwrap_or_default().parse()?;
    let local = TcpSocket::new_v4()?;
    let host = number / PER_ADDRESS;
    local.bind((Ipv4Addr::new(127, 1, (host / 200) as u8, (host % 200 + 1) as u8), 0).into())?;
    let stream = local.connect(address).await?;
    let mut request = server.url.replacen("http", "ws", 1).into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    let (mut socket, _) = timeout(PATIENCE, client_async(request, stream)).await??;
    let token = server.token(i64::from(number))?;
    let init = json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}});
    let query = "subscription { events { __typename ... on MessageSent { cursor } ... on OrderChanged { cursor } \
                 ... on Heartbeat { cursor } } }";
    let subscribe = json!({"type": "subscribe", "id": "1", "payload": {"query": query}});
    socket.send(Message::text(init.to_string())).await?;
    socket.send(Message::text(subscribe.to_string())).await?;
    loop {
        match timeout(PATIENCE, socket.next()).await?.ok_or("a socket ended")?? {
            Message::Text(text) if text.contains("\"next\"") => return Ok(socket),
            Message::Text(text) if text.contains("\"error\"") => return Err(format!("no subscription: {text}").into()),
            Message::Close(reason) => return Err(format!("a socket was closed: {reason:?}").into()),
            _ => {}
        }
    }
}
