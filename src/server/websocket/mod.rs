//! `graphql-transport-ws` on `/graphql`, by its [protocol](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).
//!
//! A socket belongs to a session, not to a token: it outlives token refreshes, and ends when the session does. Everything
//! is bounded: the client's messages (one is taken after the other, so a flood waits in its own connection), its
//! operations, the answers that wait for it, and its silence. A client that does not read is told and closed.

mod messages;
mod opening;

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix_web::{rt, web};
use async_graphql::{ServerError, parser::types::OperationType};
use futures_util::{SinkExt, StreamExt, pin_mut};
use serde_json::{Map, Value as Json};
use tokio::{
    io::{AsyncWriteExt, copy, sink},
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::CloseFrame},
};

use self::messages::{FromClient, ToClient, close, next};
pub use self::opening::{Opening, upgrade};
use super::{
    caller,
    connection::Connection,
    http::{Endpoint, incoming},
    live::{self, Changes, Known, Parting, Place, Said},
};
use crate::{
    api::ResumeAfter,
    kernel::error::{Failure, TokenFault},
    platform::{
        caller::{Caller, Client, Cookies, Request},
        metrics::Counted,
    },
    users,
};

/// A message of a client is no larger, in one frame or in several.
const MAXIMUM_MESSAGE: usize = 128 * 1024;
/// An operation's id is no longer: it comes back with each answer.
const MAXIMUM_ID: usize = 255;
/// Operations that one socket has running at once.
const MAXIMUM_OPERATIONS: usize = 64;
/// Answers that wait until the client has read those before.
const OUTBOX: usize = 64;
/// How long the client's part of the closing handshake is waited for.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What an operation's task hands to its socket.
struct FromTask {
    id: Arc<str>,
    number: u64,
    word: Word,
}

enum Word {
    Next(String),
    /// The operation is over.
    Last(String),
    /// The client lags behind the events.
    Lagged,
}

/// An operation that runs. Ids are used again, numbers are not: so nobody is told what an earlier operation had to say.
struct Operation {
    number: u64,
    kind: Option<OperationType>,
    task: JoinHandle<()>,
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.task.abort();
    }
}

enum State {
    /// `connection_init` has not come yet.
    Fresh,
    Acknowledged {
        resume_after: Option<ResumeAfter>,
        #[allow(dead_code, reason = "it is held, not read")]
        place: Place,
    },
}

/// A socket, which belongs to nobody but its own task.
pub struct Socket {
    endpoint: web::Data<Endpoint>,
    stream: WebSocketStream<Connection>,
    /// Whether the client speaks our protocol.
    is_spoken: bool,
    request: Arc<Request>,
    caller: Caller,
    changes: Changes,
    /// Why it ends once nothing runs on it any more.
    leaving: Option<CloseFrame>,
    /// What its answers tell besides their data.
    includes: Vec<String>,
    state: State,
    operations: HashMap<Arc<str>, Operation>,
    /// Operations so far.
    begun: u64,
    /// Boxed, because a channel has room for 32 words from the beginning.
    outbox: mpsc::Sender<Box<FromTask>>,
    inbox: mpsc::Receiver<Box<FromTask>>,
    _open: Counted,
}

/// Why a socket ends. `None` inside: it is gone already.
type Ended = Option<CloseFrame>;

impl Socket {
    /// Serves the client until the socket ends.
    #[allow(clippy::manual_async_fn, reason = "the future of an `async fn` has room for `self` twice")]
    pub fn run(mut self) -> impl Future<Output = ()> {
        async move {
            if let Some(reason) = self.serve().await {
                Box::pin(self.part(reason)).await;
            }
        }
    }

    /// Ends the socket as the protocol wants it.
    async fn part(self, reason: CloseFrame) {
        let Self { endpoint, mut stream, .. } = self;
        let _ = timeout(endpoint.patience.reading, stream.close(Some(reason))).await;
        let _ = timeout(CLOSE_TIMEOUT, async {
            // The client's own close frame ends the handshake.
            while stream.next().await.is_some_and(|message| message.is_ok()) {}
            // A connection that ends with something unread takes the close frame along.
            let connection = stream.get_mut();
            let _ = connection.shutdown().await;
            let _ = copy(connection, &mut sink()).await;
        })
        .await;
    }

    async fn serve(&mut self) -> Ended {
        if !self.is_spoken {
            return Some(close(4406, "Subprotocol not acceptable"));
        }
        let patience = self.endpoint.patience;
        let mut stopping = self.endpoint.stopping.clone();
        let opened = Instant::now();
        let mut heard = opened;
        let mut ping = interval_at(opened + patience.ping, patience.ping);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let init_deadline = sleep_until(opened + patience.init);
        pin_mut!(init_deadline);
        loop {
            let step = tokio::select! {
                biased;
                changed = stopping.wait_for(|is_stopping| *is_stopping) => {
                    drop(changed);
                    return Some(Parting::Restart.into());
                }
                () = &mut init_deadline, if matches!(self.state, State::Fresh) => {
                    return Some(close(4408, "Connection initialisation timeout"));
                }
                () = self.changes.next() => Box::pin(self.hear_of_change()).await,
                _ = ping.tick() => Box::pin(self.tick(heard)).await,
                Some(word) = self.inbox.recv() => self.hand_on(*word).await,
                message = self.stream.next() => {
                    heard = Instant::now();
                    match message {
                        // Boxed, because a socket waits most of the time.
                        Some(Ok(Message::Text(text))) => Box::pin(self.take(&text)).await,
                        Some(Ok(Message::Binary(_))) => Err(Some(close(4400, "Binary messages are not taken"))),
                        Some(Ok(Message::Close(reason))) => Err(Some(reason.unwrap_or_else(|| close(1000, "")))),
                        // Pings are answered below us.
                        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(()),
                        Some(Err(_)) => Err(Some(close(4400, "The message is too large or malformed"))),
                        None => Err(None),
                    }
                }
            };
            if let Err(ended) = step {
                return ended;
            }
            if self.operations.is_empty() && self.leaving.is_some() {
                return self.leaving.take();
            }
        }
    }

    /// Looks after the socket from time to time: whether the client is there, whether its session goes on.
    async fn tick(&mut self, heard: Instant) -> Result<(), Ended> {
        if heard.elapsed() > self.endpoint.patience.ping * 3 {
            return Err(None);
        }
        if self.leaving.is_none() {
            self.check_standing().await?;
        }
        if matches!(self.state, State::Acknowledged { .. }) {
            self.send(ToClient::Ping.text()).await?;
        }
        Ok(())
    }

    /// Its session has changed. An operation that ends by itself may say its last words: perhaps it is what ended the session.
    async fn hear_of_change(&mut self) -> Result<(), Ended> {
        match self.check_standing().await {
            Ok(known) => self.changes.note(known),
            Err(ended) => {
                self.changes = Changes::default();
                self.operations.retain(|_, operation| operation.kind != Some(OperationType::Subscription));
                self.leaving = ended;
            }
        }
        Ok(())
    }

    async fn check_standing(&self) -> Result<Known, Ended> {
        live::check_standing(self.endpoint.api.app(), &self.caller).await.map_err(|parting| Some(parting.into()))
    }

    async fn send(&mut self, text: String) -> Result<(), Ended> {
        match timeout(self.endpoint.patience.reading, self.stream.send(Message::text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some(Parting::TooSlow.into())),
        }
    }

    async fn hand_on(&mut self, FromTask { id, number, word }: FromTask) -> Result<(), Ended> {
        // What the client has completed meanwhile says no more.
        if self.operations.get(&id).is_none_or(|operation| operation.number != number) {
            return Ok(());
        }
        match word {
            Word::Next(text) => self.send(text).await,
            Word::Last(text) => {
                // The id is free before the client learns that it is.
                self.operations.remove(&id);
                self.send(text).await
            }
            Word::Lagged => Err(Some(Parting::TooSlow.into())),
        }
    }

    async fn take(&mut self, text: &str) -> Result<(), Ended> {
        let message =
            serde_json::from_str(text).map_err(|error| Some(close(4400, &format!("Invalid message: {error}"))))?;
        match message {
            FromClient::ConnectionInit { payload } => self.init(payload.unwrap_or_default()).await,
            FromClient::Ping { payload } => self.send(ToClient::Pong { payload }.text()).await,
            FromClient::Pong {} => Ok(()),
            FromClient::Complete { id } => {
                self.operations.remove(id.as_str());
                Ok(())
            }
            FromClient::Subscribe { id, payload } => self.subscribe(id.into(), payload).await,
        }
    }

    async fn init(&mut self, payload: Map<String, Json>) -> Result<(), Ended> {
        if matches!(self.state, State::Acknowledged { .. }) {
            return Err(Some(close(4429, "Too many initialisation requests")));
        }
        let text = |name: &str| {
            payload.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
        };
        if payload.keys().any(|key| key.eq_ignore_ascii_case(caller::ON_BEHALF.as_str())) {
            return Err(Some(close(4400, "Nobody opens a socket in another's name")));
        }
        if let Some(value) = text("authorization") {
            if self.request.cookies == Cookies::HoldTheSession {
                return Err(Some(close(4400, "A session is in cookies or in the payload, not in both")));
            }
            let token = caller::bearer_token(value).ok_or_else(|| Some(close(4401, "Unauthorized")))?;
            let who = users::service::authenticate(self.endpoint.api.app(), &self.request, token).await;
            self.caller.who = who.map_err(|failure| match failure {
                Failure::Unauthenticated(_) => Some(close(4401, "Unauthorized")),
                _ => Some(close(1013, "Try again later")),
            })?;
        }
        let Ok(place) = self.endpoint.places.take(&self.caller) else {
            return Err(Some(close(1013, "Too many connections: close others first")));
        };
        // Browsers can set no headers on a socket.
        let client = Client::of(text("apollographql-client-name"), text("apollographql-client-version"));
        if client != Client::default() {
            self.request = Arc::new(Request { client, ..(*self.request).clone() });
        }
        if let Some(wanted) = text(caller::INCLUDE.as_str()) {
            self.includes = caller::included(wanted);
        }
        let resume_after = text("resumeAfter").map(|cursor| ResumeAfter(cursor.to_owned()));
        self.changes = Changes::of(self.endpoint.api.app(), &self.caller);
        self.state = State::Acknowledged { resume_after, place };
        self.send(ToClient::ConnectionAck.text()).await
    }

    async fn subscribe(&mut self, id: Arc<str>, payload: Map<String, Json>) -> Result<(), Ended> {
        let State::Acknowledged { resume_after, .. } = &self.state else {
            return Err(Some(close(4401, "Unauthorized")));
        };
        let resume_after = resume_after.clone();
        if id.is_empty() || id.len() > MAXIMUM_ID {
            return Err(Some(close(4400, "Invalid message: an id has 1 to 255 bytes")));
        }
        if self.operations.contains_key(&id) {
            return Err(Some(close(4409, &format!("Subscriber for {id} already exists"))));
        }
        if self.leaving.is_some() {
            let over = Failure::Unauthenticated(Some(TokenFault::Revoked));
            return self.refuse(&id, self.endpoint.api.refused(&self.operation_caller(), over).errors).await;
        }
        if self.check_standing().await? == Known::Not {
            let unknown = self.endpoint.api.refused(&self.operation_caller(), Failure::Unavailable);
            return self.refuse(&id, unknown.errors).await;
        }
        let incoming = incoming(payload).map_err(|problem| Some(close(4400, problem)))?;
        let caller = self.operation_caller();
        let api = self.endpoint.api.clone();
        if self.operations.len() >= MAXIMUM_OPERATIONS {
            let failure = Failure::QueryTooComplex {
                limit: "OPERATIONS",
                value: u64::try_from(self.operations.len() + 1).unwrap_or(u64::MAX),
                maximum: u64::try_from(MAXIMUM_OPERATIONS).unwrap_or(u64::MAX),
                advice: "Complete some operations of this connection first.".into(),
            };
            return self.refuse(&id, api.refused(&caller, failure).errors).await;
        }
        let admitted = match self.endpoint.admission.admit(self.request.address) {
            Ok(admitted) => admitted,
            Err(failure) => return self.refuse(&id, api.refused(&caller, failure).errors).await,
        };
        let prepared = match api.prepare(&caller, incoming).await {
            Ok(prepared) => prepared,
            Err(response) => return self.refuse(&id, response.errors).await,
        };
        let held = match live::hold(&self.endpoint.subscriptions, &caller, prepared.kind, admitted) {
            Ok(held) => held,
            Err(failure) => return self.refuse(&id, api.refused(&caller, failure).errors).await,
        };
        self.begun += 1;
        let (number, kind) = (self.begun, prepared.kind);
        let mut said = live::run(api, caller, prepared, resume_after, self.includes.clone());
        let (name, outbox) = (Arc::clone(&id), self.outbox.clone());
        let task = rt::spawn(async move {
            let _held = held;
            loop {
                let word = match said.next().await {
                    Some(Said::Next { response, .. }) => Word::Next(next(&name, &response)),
                    Some(Said::Refused(response)) => {
                        Word::Last(ToClient::Error { id: &name, payload: response.errors }.text())
                    }
                    Some(Said::Lagged) => Word::Lagged,
                    None => Word::Last(ToClient::Complete { id: &name }.text()),
                };
                let is_last = !matches!(word, Word::Next(_));
                let word = Box::new(FromTask { id: Arc::clone(&name), number, word });
                if outbox.send(word).await.is_err() || is_last {
                    return;
                }
            }
        });
        self.operations.insert(id, Operation { number, kind, task });
        Ok(())
    }

    /// Ends an operation that never ran.
    async fn refuse(&mut self, id: &str, errors: Vec<ServerError>) -> Result<(), Ended> {
        self.send(ToClient::Error { id, payload: errors }.text()).await
    }

    /// Each operation has a request id of its own.
    fn operation_caller(&self) -> Caller {
        let app = self.endpoint.api.app();
        let id = app.generator.uuid(app.now()).simple().to_string();
        Caller { who: self.caller.who, request: Arc::new(Request { id, ..self.request.without_cookies() }) }
    }
}
