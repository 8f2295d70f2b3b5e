//! Who listens: to everything that concerns them, or to one conversation. Whatever ends the stream, they come again with the
//! last cursor that they have seen.

use std::{sync::Arc, time::Duration};

use agora::platform::events::Cursor;
use futures_util::{SinkExt, StreamExt};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue, protocol::CloseFrame},
};

use crate::{Trial, tally::Kind};

/// How long a socket may take to open, and a subscription to begin.
const OPENING: Duration = Duration::from_secs(20);
/// How long everybody has in the end to be told what they have missed.
const PATIENCE: Duration = Duration::from_mins(2);
/// A connection is cut after so many milliseconds at least, and before so many; or before so many for each who listens, so that of
/// many people no more are cut off at once than two programs on one machine can serve beside their work.
const SHORTEST: u64 = 300;
const LONGEST: u64 = 8_000;
const LONGEST_EACH: u64 = 20;
/// Where all come at once, they do so within so many milliseconds for each of them.
const SPREAD_EACH: u64 = 4;
/// For how many milliseconds each listens at the least in the end, for what they have missed.
const LAST: u64 = 5_000;
/// After so many of a thousand messages a reader pauses, for so many milliseconds.
const SLOW: u32 = 5;
const NAP: std::ops::Range<u64> = 1_000..4_000;

const EVERYTHING: &str = "subscription($after: String) { told: events(after: $after) { __typename \
                          ... on MessageSent { cursor message { id } } ... on ConversationStateChanged { cursor } \
                          ... on Heartbeat { cursor } ... on Gap { resumeCursor } } }";
const ONE: &str = "subscription($id: ID!, $after: String) { told: conversationEvents(id: $id, after: $after) { __typename \
                   ... on MessageSent { cursor message { id } } ... on ParticipantChanged { cursor } ... on Typing { until } \
                   ... on Heartbeat { cursor } ... on Gap { resumeCursor } } }";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What somebody was told by the end.
pub struct Told {
    pub number: usize,
    /// The one conversation that they listen to; none if it is all of theirs.
    pub talk: Option<String>,
    /// The places and ids of messages.
    pub messages: Vec<(i64, String)>,
    pub has_caught_up: bool,
}

pub struct Subscriber {
    trial: Arc<Trial>,
    number: usize,
    rng: StdRng,
    talk: Option<String>,
    cursor: Cursor,
    messages: Vec<(i64, String)>,
}

/// Why a connection ends.
enum Ended {
    /// Everything was told.
    Done,
    /// We have cut it.
    Cut,
    /// In a word.
    Lost(String),
}

impl Subscriber {
    pub fn new(trial: Arc<Trial>, number: usize) -> Self {
        let seed = trial.seed.wrapping_mul(1_000_003).wrapping_add(number as u64 + 1);
        // Every second one listens to one conversation alone.
        let talk = (number % 2 == 1).then(|| trial.ground.talks_of(number).next().expect("everybody talks").id.clone());
        let cursor = trial.ground.start;
        Self { trial, number, rng: StdRng::seed_from_u64(seed), talk, cursor, messages: Vec::new() }
    }

    /// Listens until all has been told that was sent before it was over.
    pub async fn live(mut self) -> Told {
        let mut goal = self.trial.goal.subscribe();
        let mut times = 0;
        let people = self.trial.ground.people.len() as u64;
        let (longest, last) = (LONGEST.max(LONGEST_EACH * people), LAST.max(LONGEST_EACH * people));
        self.wait_in_line(people).await;
        while goal.borrow().is_none() {
            let life = Duration::from_millis(self.rng.random_range(SHORTEST..longest));
            tokio::select! {
                ended = self.listen(life, None, &mut times) => self.note(ended).await,
                // What was not read yet is told again.
                changed = goal.changed() => changed.expect("a goal"),
            }
        }
        let wanted = *goal.borrow();
        self.wait_in_line(people).await;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until && wanted.is_some_and(|wanted| self.cursor.position < wanted) {
            // Long enough to catch up beside all the others; then the log's end is asked for anew.
            let ended = self.listen(Duration::from_millis(last), wanted, &mut times).await;
            self.note(ended).await;
        }
        let has_caught_up = wanted.is_some_and(|wanted| self.cursor.position >= wanted);
        Told { number: self.number, talk: self.talk, messages: self.messages, has_caught_up }
    }

    /// Waits for a part of the time in which all who listen come.
    async fn wait_in_line(&mut self, people: u64) {
        sleep(Duration::from_millis(self.rng.random_range(0..=people * SPREAD_EACH))).await;
    }

    async fn note(&mut self, ended: Ended) {
        let why = match ended {
            Ended::Done => return,
            Ended::Cut => "cut".to_owned(),
            Ended::Lost(why) => why,
        };
        self.trial.tally.count(Kind::Stream, &why);
        // Not all at once.
        let longest = 200 + self.trial.ground.people.len() as u64 / 2;
        sleep(Duration::from_millis(self.rng.random_range(10..longest))).await;
    }

    /// One connection.
    async fn listen(&mut self, life: Duration, goal: Option<i64>, times: &mut u32) -> Ended {
        let mut socket = match timeout(OPENING, self.open()).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(why)) => return Ended::Lost(why),
            Err(_) => return Ended::Lost("not opened in time".to_owned()),
        };
        if *times > 0 {
            self.trial.tally.count(Kind::Stream, "resumed");
        }
        *times += 1;
        let cut_at = Instant::now() + life;
        loop {
            if goal.is_some_and(|goal| self.cursor.position >= goal) {
                return Ended::Done;
            }
            let message = match timeout_at(cut_at, socket.next()).await {
                Err(_) => return Ended::Cut,
                Ok(Some(Ok(message))) => message,
                Ok(_) => return Ended::Lost("connection lost".to_owned()),
            };
            let heard = match message {
                Message::Text(text) => self.hear(&mut socket, &text).await,
                Message::Close(frame) => Err(parting(frame.as_ref())),
                _ => Ok(()),
            };
            if let Err(why) = heard {
                return Ended::Lost(why);
            }
            if goal.is_none() && self.rng.random_ratio(SLOW, 1_000) {
                self.trial.tally.count(Kind::Fault, "readers paused");
                sleep(Duration::from_millis(self.rng.random_range(NAP))).await;
            }
        }
    }

    /// A socket on which the subscription has been asked for.
    async fn open(&mut self) -> Result<Socket, String> {
        let address = self.trial.ground.programs.any_address(&mut self.rng);
        let url = format!("{}/graphql", address.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
        let (mut socket, _) = connect_async(request).await.map_err(|_| "no connection")?;
        let token = &self.trial.ground.people[self.number];
        let init = json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}});
        say(&mut socket, &init).await?;
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).map_err(|_| "no JSON")?;
                    if message["type"] == "connection_ack" {
                        break;
                    }
                }
                Some(Ok(Message::Close(frame))) => return Err(parting(frame.as_ref())),
                Some(Ok(_)) => {}
                _ => return Err("connection lost".to_owned()),
            }
        }
        let document = if self.talk.is_some() { ONE } else { EVERYTHING };
        let variables = json!({"id": self.talk, "after": self.cursor.to_string()});
        let payload = json!({"query": document, "variables": variables});
        say(&mut socket, &json!({"type": "subscribe", "id": "1", "payload": payload})).await?;
        Ok(socket)
    }

    /// Takes note of what the server says. An error is why the stream ends.
    async fn hear(&mut self, socket: &mut Socket, text: &str) -> Result<(), String> {
        let mut message: Value = serde_json::from_str(text).map_err(|_| "no JSON")?;
        match message["type"].as_str() {
            Some("ping") => say(socket, &json!({"type": "pong"})).await,
            Some("next") => {
                let told = message["payload"]["data"]["told"].take();
                if message["payload"]["errors"].is_null() {
                    self.take(&told);
                    return Ok(());
                }
                self.complain_unless_retryable(&message["payload"]["errors"][0]);
                // It was not told, so it has to come again.
                Err("an event failed".to_owned())
            }
            Some("error") => {
                let error = &message["payload"][0];
                self.complain_unless_retryable(error);
                Err(error["extensions"]["code"].as_str().unwrap_or("no code").to_owned())
            }
            Some("complete") => Err("completed".to_owned()),
            _ => Ok(()),
        }
    }

    fn complain_unless_retryable(&self, error: &Value) {
        if error["extensions"]["isRetryable"] != true {
            self.trial.tally.complain(format!("subscriber {} was told {error}", self.number));
        }
    }

    fn take(&mut self, event: &Value) {
        let kind = event["__typename"].as_str().unwrap_or("nothing");
        self.trial.tally.count(Kind::Told, kind);
        if kind == "Typing" {
            return;
        }
        let cursor = event["cursor"].as_str().or_else(|| event["resumeCursor"].as_str());
        let Some(cursor) = cursor.and_then(|cursor| cursor.parse::<Cursor>().ok()) else {
            return self.trial.tally.complain(format!("subscriber {} was told {event}", self.number));
        };
        // A heartbeat may repeat the last one.
        let is_newer = match kind {
            "Heartbeat" => cursor.position >= self.cursor.position,
            _ => cursor.position > self.cursor.position,
        };
        if cursor.epoch != self.cursor.epoch || !is_newer {
            let (number, last) = (self.number, self.cursor);
            self.trial
                .tally
                .complain(format!("subscriber {number} stood at {last:?} and was told {event} of {cursor:?}"));
        }
        self.cursor = cursor;
        if kind == "MessageSent" {
            let id = event["message"]["id"].as_str().unwrap_or_default().to_owned();
            self.messages.push((cursor.position, id));
        }
    }
}

/// Why the server has closed a socket. Who reads too slowly is told so.
fn parting(frame: Option<&CloseFrame>) -> String {
    match frame {
        Some(frame) if frame.reason.starts_with("Too slow") => "overflowed".to_owned(),
        Some(frame) => format!("closed with {}", u16::from(frame.code)),
        None => "closed".to_owned(),
    }
}

async fn say(socket: &mut Socket, message: &Value) -> Result<(), String> {
    let sent = socket.send(Message::text(message.to_string())).await;
    sent.map_err(|_| "connection lost".to_owned())
}
