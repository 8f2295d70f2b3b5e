//! How a request becomes a socket.

use std::{collections::HashMap, sync::Arc};

use actix_http::{Response, ws::handshake};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderMap, SEC_WEBSOCKET_PROTOCOL},
    web,
};
use tokio::sync::mpsc;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::protocol::{Role, WebSocketConfig},
};

use super::{MAXIMUM_MESSAGE, OUTBOX, Socket, State};
use crate::{
    kernel::error::Failure,
    platform::{caller::Caller, metrics::Counted},
    server::{
        answer::{Media, refuse},
        caller,
        connection::Connection,
        http::{Endpoint, identify},
        live::Changes,
    },
};

const PROTOCOL: &str = "graphql-transport-ws";
/// What is read at once; a larger message gets more room while it comes in. Every socket holds this much.
const READ_BUFFER: usize = 1024;

/// Accepts a request to be a socket; the answer holds the [`Opening`].
pub async fn upgrade(http: HttpRequest, endpoint: web::Data<Endpoint>) -> HttpResponse {
    // A token in the header must be good, as with any request; one in `connection_init` is looked at there.
    let caller = match identify(&http, &endpoint.api, Media::Json).await {
        // In somebody's name there are requests, each with a look at the leave, and nothing that outlives one.
        Ok(caller) if caller.on_behalf().is_some() => return refuse(&http, Media::Json, Failure::Forbidden),
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let mut answer = match handshake(http.head()) {
        Ok(answer) => answer,
        Err(refused) => return Response::from(refused).into(),
    };
    let is_spoken = offers_protocol(http.headers());
    if is_spoken {
        answer.insert_header((SEC_WEBSOCKET_PROTOCOL, PROTOCOL));
    }
    let mut answer = HttpResponse::from(answer.finish().map_into_boxed_body());
    let includes = caller::includes(&http);
    answer.extensions_mut().insert(Opening { endpoint, caller, includes, is_spoken });
    answer
}

fn offers_protocol(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|protocol| protocol.trim() == PROTOCOL)
}

/// A socket that has been accepted, and waits for the connection that becomes it.
pub struct Opening {
    endpoint: web::Data<Endpoint>,
    caller: Caller,
    includes: Vec<String>,
    is_spoken: bool,
}

impl Opening {
    /// The socket on its connection. `read` is what the client has sent already.
    pub async fn open(self, connection: Connection, read: Vec<u8>) -> Socket {
        let Self { endpoint, caller, includes, is_spoken } = self;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_frame_size(Some(MAXIMUM_MESSAGE))
            .max_message_size(Some(MAXIMUM_MESSAGE));
        let (outbox, inbox) = mpsc::channel(OUTBOX);
        Socket {
            stream: WebSocketStream::from_partially_read(connection, read, Role::Server, Some(config)).await,
            is_spoken,
            request: Arc::clone(&caller.request),
            changes: Changes::of(endpoint.api.app(), &caller),
            leaving: None,
            caller,
            includes,
            state: State::Fresh,
            operations: HashMap::new(),
            begun: 0,
            outbox,
            inbox,
            _open: Counted::new(&endpoint.api.app().metrics().sockets),
            endpoint,
        }
    }
}
