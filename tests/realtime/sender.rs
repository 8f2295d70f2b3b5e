//! Who writes: each message until it is answered, whatever dies meanwhile, to either program and under one key.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{Trial, tally::Kind};

/// How many write at once.
pub const SENDERS: usize = 16;
/// Longer than anything is down.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long one answer is waited for.
const ANSWER: Duration = Duration::from_secs(20);
/// In so many of a hundred cases they are seen typing before, and say after that they have read.
const LIVELY: u32 = 20;
/// In so many of a hundred cases a message is sent once more after it was answered.
const AGAIN: u32 = 5;

const SEND: &str =
    "mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { id number } userErrors { code } } }";
const TYPE: &str = "mutation($input: SendTypingInput!) { sendTyping(input: $input) { userErrors { code } } }";
const READ: &str = "mutation($input: MarkReadInput!) { markRead(input: $input) { userErrors { code } } }";

/// A message that was answered.
pub struct Answered {
    pub key: String,
    pub message: String,
    pub number: i64,
}

pub struct Sender {
    trial: Arc<Trial>,
    number: usize,
    rng: StdRng,
}

impl Sender {
    pub fn new(trial: Arc<Trial>, number: usize) -> Self {
        let seed = trial.seed.wrapping_mul(1_000_003).wrapping_add(number as u64 + 1_000_000);
        Self { trial, number, rng: StdRng::seed_from_u64(seed) }
    }

    /// Writes once in every so long, on the average, until it is over. What could not be sent in time is sent when it can be.
    pub async fn live(mut self, every: Duration) {
        let mut due = Instant::now() + every.mul_f64(self.rng.random());
        for count in 0.. {
            sleep(due.saturating_duration_since(Instant::now())).await;
            if !self.trial.goes_on() {
                return;
            }
            due += every;
            self.write(format!("{}-{count}", self.number)).await;
        }
    }

    async fn write(&mut self, key: String) {
        let trial = Arc::clone(&self.trial);
        let talk = trial.ground.talks.choose(&mut self.rng).expect("a conversation");
        let author = *talk.people.choose(&mut self.rng).expect("everybody left");
        let token = &trial.ground.people[author];
        let is_lively = self.rng.random_ratio(LIVELY, 100);
        if is_lively {
            self.try_once(token, TYPE, json!({"conversationId": talk.id}), "typing").await;
        }
        let input = json!({"conversationId": talk.id, "text": key, "idempotencyKey": key});
        let Some(first) = self.persist(token, &input).await else { return };
        trial.tally.count(Kind::Done, "messages");
        if self.rng.random_ratio(AGAIN, 100) {
            let again = self.persist(token, &input).await;
            trial.tally.count(Kind::Done, "repeats");
            if again.as_ref().is_some_and(|again| *again != first) {
                trial.tally.complain(format!("{key} was answered with {first}, and with {again:?}"));
            }
        }
        let number = first["number"].as_i64().expect("a number");
        if is_lively {
            self.try_once(token, READ, json!({"conversationId": talk.id, "upTo": number}), "marks").await;
        }
        let message = first["id"].as_str().expect("an id").to_owned();
        trial.answered.lock().unwrap().push(Answered { key, message, number });
    }

    /// What nobody misses if it does not arrive.
    async fn try_once(&mut self, token: &str, document: &str, input: Value, what: &str) {
        if self.ask(token, document, &input).await.is_ok() {
            self.trial.tally.count(Kind::Done, what);
        }
    }

    /// Sends a message until it is answered. None if it never is, which has been noted then.
    async fn persist(&mut self, token: &str, input: &Value) -> Option<Value> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            match self.ask(token, SEND, input).await {
                Ok(mut data) => {
                    let message = data["sendMessage"]["message"].take();
                    if message.is_null() {
                        self.trial.tally.complain(format!("{input} was refused: {data}"));
                        return None;
                    }
                    return Some(message);
                }
                Err(why) => {
                    self.trial.tally.count(Kind::Retry, &why);
                    sleep(Duration::from_millis(self.rng.random_range(20..300))).await;
                }
            }
        }
        self.trial.tally.complain(format!("{input} was never answered"));
        None
    }

    /// One attempt; an error is why it is worth another.
    async fn ask(&mut self, token: &str, document: &str, input: &Value) -> Result<Value, String> {
        let mut client = self.trial.client.with_token(token);
        client.url = format!("{}/graphql", self.trial.ground.programs.any_address(&mut self.rng));
        let sent = timeout(ANSWER, client.try_send(document, json!({"input": input}))).await;
        let answer = sent.map_err(|_| "no answer in time")?.ok_or("connection lost")?;
        let Some(error) = answer.errors.first() else { return Ok(answer.data) };
        if error["extensions"]["isRetryable"] != true {
            self.trial.tally.complain(format!("{document} with {input} was answered with {error}"));
        }
        Err(error["extensions"]["code"].as_str().unwrap_or("no code").to_owned())
    }
}
