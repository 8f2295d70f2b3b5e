//! Subscriptions over WebSocket, by [graphql-transport-ws](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).
//!
//! A socket belongs to a session, not to a token: it outlives token refreshes, and ends when the session does. Everything
//! is bounded: frames, operations at once, answers that wait to be sent. A client that does not read is told and closed.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix_web::{HttpRequest, HttpResponse, rt, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason};
use async_graphql::{Response, parser::types::OperationType};
use futures_util::{StreamExt, pin_mut};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

use super::{caller, http};
use crate::{
    api::{Api, Outcome, ResumeAfter, server_error},
    kernel::error::Failure,
    platform::caller::{Caller, Request, Who},
    users,
};

const PROTOCOL: &str = "graphql-transport-ws";
/// A message of a client is no larger.
const MAXIMUM_MESSAGE: usize = 128 * 1024;
/// Operations that one socket has running at once.
const MAXIMUM_OPERATIONS: usize = 64;
/// Answers that wait until the client has read those before.
const OUTBOX: usize = 64;
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to read one message.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);
const PING_EVERY: Duration = Duration::from_secs(25);
/// A socket on which nothing came for so long is dead.
const SILENCE: Duration = Duration::from_mins(1);

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum FromClient {
    ConnectionInit { payload: Option<Map<String, Json>> },
    Subscribe { id: String, payload: Map<String, Json> },
    Complete { id: String },
    Ping,
    Pong,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ToClient<'a> {
    ConnectionAck,
    Next { id: &'a str, payload: Response },
    Error { id: &'a str, payload: Vec<async_graphql::ServerError> },
    Complete { id: &'a str },
    Ping,
    Pong,
}

impl ToClient<'_> {
    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What an operation's task hands to its socket.
enum FromTask {
    Text(String),
    /// The operation is over; its id is free again.
    Over(String),
    /// The client lags behind the events.
    Lagged,
}

fn close(code: u16, reason: &str) -> CloseReason {
    CloseReason { code: CloseCode::Other(code), description: Some(reason.into()) }
}

/// Upgrades a request to a socket.
pub async fn upgrade(
    http: HttpRequest,
    body: web::Payload,
    api: web::Data<Api>,
    stopping: web::Data<watch::Receiver<bool>>,
) -> actix_web::Result<HttpResponse> {
    // A token in the header must be good, as with any request; one in `connection_init` is looked at there.
    let caller = match caller::of(api.app(), &http).await {
        Ok(caller) => caller,
        Err(Failure::Unauthenticated(_)) => return Ok(HttpResponse::Unauthorized().finish()),
        Err(Failure::BadUserInput(_)) => return Ok(HttpResponse::BadRequest().finish()),
        Err(_) => return Ok(HttpResponse::ServiceUnavailable().finish()),
    };
    let (response, session, stream) = actix_ws::handle_with_protocols(&http, body, &[PROTOCOL])?;
    let is_spoken = response.headers().contains_key("sec-websocket-protocol");
    let stream =
        stream.max_frame_size(MAXIMUM_MESSAGE).aggregate_continuations().max_continuation_size(MAXIMUM_MESSAGE);
    let (outbox, inbox) = mpsc::channel(OUTBOX);
    let socket = Socket {
        api: api.get_ref().clone(),
        session,
        request: Arc::clone(&caller.request),
        caller,
        state: State::Fresh,
        operations: HashMap::new(),
        outbox,
    };
    let stopping = stopping.get_ref().clone();
    rt::spawn(async move {
        let reason = if is_spoken { None } else { Some(close(4406, "Subprotocol not acceptable")) };
        socket.run(stream, inbox, stopping, reason).await;
    });
    Ok(response)
}

enum State {
    /// `connection_init` has not come yet.
    Fresh,
    Acknowledged {
        resume_after: Option<ResumeAfter>,
    },
}

struct Socket {
    api: Api,
    session: actix_ws::Session,
    request: Arc<Request>,
    caller: Caller,
    state: State,
    operations: HashMap<String, JoinHandle<()>>,
    outbox: mpsc::Sender<FromTask>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        for operation in self.operations.values() {
            operation.abort();
        }
    }
}

/// Why a socket ends. `None` inside: it is gone already.
type Ended = Option<CloseReason>;

impl Socket {
    async fn run(
        mut self,
        mut stream: AggregatedMessageStream,
        mut inbox: mpsc::Receiver<FromTask>,
        mut stopping: watch::Receiver<bool>,
        refused: Option<CloseReason>,
    ) {
        let ended = match refused {
            Some(reason) => Some(reason),
            None => self.serve(&mut stream, &mut inbox, &mut stopping).await,
        };
        let session = self.session.clone();
        drop(self);
        if let Some(reason) = ended {
            let _ = timeout(SEND_TIMEOUT, session.close(Some(reason))).await;
            // The client's own close frame ends the handshake.
            let _ = timeout(Duration::from_secs(2), async {
                while stream.recv().await.is_some_and(|message| message.is_ok()) {}
            })
            .await;
        }
    }

    async fn serve(
        &mut self,
        stream: &mut AggregatedMessageStream,
        inbox: &mut mpsc::Receiver<FromTask>,
        stopping: &mut watch::Receiver<bool>,
    ) -> Ended {
        let opened = Instant::now();
        let mut heard = opened;
        let mut ping = interval_at(opened + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let init_deadline = tokio::time::sleep(INIT_TIMEOUT);
        pin_mut!(init_deadline);
        loop {
            let step = tokio::select! {
                biased;
                changed = stopping.wait_for(|is_stopping| *is_stopping) => {
                    drop(changed);
                    return Some(close(1012, "Service restart"));
                }
                () = &mut init_deadline, if matches!(self.state, State::Fresh) => {
                    return Some(close(4408, "Connection initialisation timeout"));
                }
                Some(message) = inbox.recv() => self.hand_on(message).await,
                message = stream.recv() => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(AggregatedMessage::Text(text))) => self.take(&text).await,
                        Some(Ok(AggregatedMessage::Ping(bytes))) => self.session.pong(&bytes).await.map_err(|_| None),
                        Some(Ok(AggregatedMessage::Pong(_))) => Ok(()),
                        Some(Ok(AggregatedMessage::Binary(_))) => Err(Some(close(4400, "Binary messages are not taken"))),
                        Some(Ok(AggregatedMessage::Close(reason))) => Err(Some(reason.unwrap_or(CloseCode::Normal.into()))),
                        Some(Err(_)) => Err(Some(close(4400, "The message is too large or malformed"))),
                        None => Err(None),
                    }
                }
                _ = ping.tick() => self.tick(heard).await,
            };
            if let Err(ended) = step {
                return ended;
            }
        }
    }

    /// Looks after the socket from time to time: whether the client is there, whether its session goes on.
    async fn tick(&mut self, heard: Instant) -> Result<(), Ended> {
        if heard.elapsed() > SILENCE {
            return Err(None);
        }
        let is_over = match self.caller.signed_in() {
            Some(person) => matches!(users::service::standing(self.api.app(), person).await, Ok(None)),
            None => false,
        };
        if is_over {
            return Err(Some(close(4401, "Session ended")));
        }
        if matches!(self.state, State::Acknowledged { .. }) {
            self.send(ToClient::Ping.text()).await?;
        }
        Ok(())
    }

    async fn send(&mut self, text: String) -> Result<(), Ended> {
        match timeout(SEND_TIMEOUT, self.session.text(text)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some(close(1013, "The client does not read"))),
        }
    }

    async fn hand_on(&mut self, message: FromTask) -> Result<(), Ended> {
        match message {
            FromTask::Text(text) => self.send(text).await,
            FromTask::Over(id) => {
                self.operations.remove(&id);
                Ok(())
            }
            FromTask::Lagged => Err(Some(close(1013, "Too slow: resume with the last cursor"))),
        }
    }

    async fn take(&mut self, text: &str) -> Result<(), Ended> {
        let message =
            serde_json::from_str(text).map_err(|error| Some(close(4400, &format!("Invalid message: {error}"))))?;
        match message {
            FromClient::ConnectionInit { payload } => self.init(payload.unwrap_or_default()).await,
            FromClient::Ping => self.send(ToClient::Pong.text()).await,
            FromClient::Pong => Ok(()),
            FromClient::Complete { id } => {
                if let Some(operation) = self.operations.remove(&id) {
                    operation.abort();
                }
                Ok(())
            }
            FromClient::Subscribe { id, payload } => self.subscribe(id, payload).await,
        }
    }

    async fn init(&mut self, payload: Map<String, Json>) -> Result<(), Ended> {
        if matches!(self.state, State::Acknowledged { .. }) {
            return Err(Some(close(4429, "Too many initialisation requests")));
        }
        let text = |name: &str| {
            payload.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
        };
        if let Some(value) = text("authorization") {
            let token = caller::bearer_token(value).ok_or_else(|| Some(close(4401, "Unauthorized")))?;
            let who = users::service::authenticate(self.api.app(), token).await;
            self.caller.who = who.map_err(|failure| match failure {
                Failure::Unauthenticated(_) => Some(close(4401, "Unauthorized")),
                _ => Some(close(1013, "Try again later")),
            })?;
        }
        let resume_after = text("resumeAfter").map(|cursor| ResumeAfter(cursor.to_owned()));
        self.state = State::Acknowledged { resume_after };
        self.send(ToClient::ConnectionAck.text()).await
    }

    async fn subscribe(&mut self, id: String, payload: Map<String, Json>) -> Result<(), Ended> {
        let State::Acknowledged { resume_after } = &self.state else {
            return Err(Some(close(4401, "Unauthorized")));
        };
        if self.operations.contains_key(&id) {
            return Err(Some(close(4409, &format!("Subscriber for {id} already exists"))));
        }
        let incoming = http::incoming(payload).map_err(|problem| Some(close(4400, problem)))?;
        let caller = self.operation_caller();
        let (api, resume_after) = (self.api.clone(), resume_after.clone());
        if self.operations.len() >= MAXIMUM_OPERATIONS {
            let failure = Failure::QueryTooComplex {
                limit: "OPERATIONS",
                value: u64::try_from(self.operations.len() + 1).unwrap_or(u64::MAX),
                maximum: u64::try_from(MAXIMUM_OPERATIONS).unwrap_or(u64::MAX),
                advice: "Complete some operations of this connection first.".into(),
            };
            return self.send(ToClient::Error { id: &id, payload: vec![server_error(failure)] }.text()).await;
        }
        let prepared = match api.prepare(incoming) {
            Ok(prepared) => prepared,
            Err(response) => return self.send(ToClient::Error { id: &id, payload: response.errors }.text()).await,
        };
        let outbox = self.outbox.clone();
        let name = id.clone();
        let operation = rt::spawn(async move {
            let last = if prepared.kind == Some(OperationType::Subscription) {
                let stream = api.subscribe(caller, prepared, resume_after);
                pin_mut!(stream);
                forward(&name, stream, &outbox).await
            } else {
                let Outcome { response, is_request_error } = api.execute(caller, prepared, &[]).await;
                let text = if is_request_error {
                    return over(&outbox, name.clone(), ToClient::Error { id: &name, payload: response.errors }.text())
                        .await;
                } else {
                    ToClient::Next { id: &name, payload: response }.text()
                };
                outbox.send(FromTask::Text(text)).await.ok();
                Some(ToClient::Complete { id: &name }.text())
            };
            if let Some(last) = last {
                over(&outbox, name.clone(), last).await;
            }
        });
        self.operations.insert(id, operation);
        Ok(())
    }

    /// Each operation has a request id of its own.
    fn operation_caller(&self) -> Caller {
        let app = self.api.app();
        let id = app.generator.uuid(app.now()).simple().to_string();
        let who: Who = self.caller.who;
        Caller { who, request: Arc::new(Request { id, ..(*self.request).clone() }) }
    }
}

async fn over(outbox: &mpsc::Sender<FromTask>, id: String, last: String) {
    // The id is free before the client learns that it is.
    let _ = outbox.send(FromTask::Over(id)).await;
    let _ = outbox.send(FromTask::Text(last)).await;
}

/// Hands a subscription's answers on. Returns the last message, unless the socket is to end.
async fn forward(
    id: &str,
    mut stream: impl futures_util::Stream<Item = Response> + Unpin,
    outbox: &mpsc::Sender<FromTask>,
) -> Option<String> {
    let mut is_first = true;
    while let Some(response) = stream.next().await {
        let code = response.errors.first().and_then(|error| error.extensions.as_ref()?.get("code").cloned());
        if matches!(code, Some(async_graphql::Value::String(code)) if code == "UNAVAILABLE") && !is_first {
            let _ = outbox.send(FromTask::Lagged).await;
            return None;
        }
        // What fails before the first event is an error of the operation.
        if is_first && !response.errors.is_empty() && matches!(response.data, async_graphql::Value::Null) {
            return Some(ToClient::Error { id, payload: response.errors }.text());
        }
        is_first = false;
        outbox.send(FromTask::Text(ToClient::Next { id, payload: response }.text())).await.ok()?;
    }
    Some(ToClient::Complete { id }.text())
}
