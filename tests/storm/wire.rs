//! Asking until there is an answer: whatever dies meanwhile, an operation is sent again with its key, to either program.

use std::time::{Duration, Instant};

use agora::{
    payments::service::test_webhooks::{PATH, SIGNATURE, sign},
    platform::{clock::Clock, crypto::MasterKey},
};
use rand::{Rng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    Storm,
    faults::CUT,
    harness::{Answer, Client, app::MASTER_KEY},
    tally::Kind,
};

/// Longer than anything is down.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long one answer is waited for.
const ANSWER: Duration = Duration::from_secs(20);
/// In so many of a hundred cases a connection is cut.
const CUTS: u32 = 5;
/// In so many of a hundred cases an operation is sent to two programs at once.
const TWINS: u32 = 10;

/// What people here are told no to: goods are short, others were quicker, pieces and money are gone already.
const REFUSALS: [(&str, &str); 22] = [
    ("placeOrder", "OUT_OF_STOCK"),
    ("placeGuestOrder", "OUT_OF_STOCK"),
    ("reserveCart", "OUT_OF_STOCK"),
    ("reserveCart", "STALE_VERSION"),
    ("claimOrder", "NOT_FOUND"),
    ("placeOrder", "CODE_NOT_APPLICABLE"),
    ("placeOrder", "PRICE_CHANGED"),
    ("payOrder", "ORDER_NOT_PAYABLE"),
    ("cancelOrder", "ORDER_NOT_CANCELLABLE"),
    ("cancelOrder", "PAYMENT_IN_PROGRESS"),
    ("cancelOrderPart", "OUT_OF_RANGE"),
    ("editOrderPart", "OUT_OF_STOCK"),
    ("editOrderPart", "STALE_VERSION"),
    ("createShipment", "ORDER_NOT_SHIPPABLE"),
    ("refundOrderPart", "ORDER_NOT_REFUNDABLE"),
    ("refundOrderPart", "OUT_OF_RANGE"),
    ("refundOrderPart", "BALANCE_TOO_LOW"),
    ("receiveReturn", "BALANCE_TOO_LOW"),
    ("answerClaim", "BALANCE_TOO_LOW"),
    ("requestReturn", "OUT_OF_RANGE"),
    ("openClaim", "OUT_OF_RANGE"),
    ("retryRefund", "NOT_FOUND"),
];

/// One operation of somebody.
#[derive(Clone)]
pub struct Request {
    /// Empty of who has no account.
    pub token: String,
    pub field: &'static str,
    pub input: Value,
    pub selection: &'static str,
}

/// What an operation was answered with.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub payload: Value,
    /// The code of its refusal.
    pub refusal: Option<String>,
}

/// What the test provider's page says.
pub struct Said {
    pub text: String,
    /// Whether the first one who was asked said so: then nothing that was asked before goes on unheard.
    pub is_at_once: bool,
}

/// Nobody answered. It has been noted, and whoever asked gives up.
pub struct Unanswered;

impl Request {
    pub fn new(token: &str, field: &'static str, input: Value, selection: &'static str) -> Self {
        Self { token: token.to_owned(), field, input, selection }
    }

    fn document(&self) -> String {
        let (field, selection) = (self.field, self.selection);
        let pascal = field[..1].to_uppercase() + &field[1..];
        format!(
            "mutation($input: {pascal}Input!) {{ {field}(input: $input) {{ {selection} userErrors {{ code message }} }} }}"
        )
    }

    /// Whether a repeat at any time is the same operation.
    pub fn has_key(&self) -> bool {
        self.input["idempotencyKey"].is_string()
    }
}

impl Outcome {
    /// What every answer to the same operation says: what it made, or why it did not.
    pub fn told(&self) -> (Option<&str>, Option<&str>) {
        (first_id(&self.payload), self.refusal.as_deref())
    }

    pub fn is_done(&self) -> bool {
        self.refusal.is_none()
    }
}

fn first_id(value: &Value) -> Option<&str> {
    match value {
        Value::Object(fields) => {
            fields.get("id").and_then(Value::as_str).or_else(|| fields.values().find_map(first_id))
        }
        Value::Array(values) => values.iter().find_map(first_id),
        _ => None,
    }
}

impl Storm {
    /// Has an operation done, now and then by two programs at once, and counts it.
    pub async fn ask(&self, rng: &mut StdRng, request: &Request) -> Result<Outcome, Unanswered> {
        let outcome = if request.has_key() && rng.random_ratio(TWINS, 100) {
            let mut other = rand::SeedableRng::from_rng(rng);
            let (one, two) = tokio::join!(self.persist(rng, request), self.persist(&mut other, request));
            let (one, two) = (one?, two?);
            self.tally.count(Kind::Repeat, "at once");
            self.compare(request, &one, &two);
            one
        } else {
            self.persist(rng, request).await?
        };
        match &outcome.refusal {
            None => self.tally.count(Kind::Operation, request.field),
            Some(code) => {
                self.tally.count(Kind::Refusal, &format!("{} {code}", request.field));
                if !REFUSALS.contains(&(request.field, code)) {
                    self.tally.complain(format!("{} {} was refused: {code}", request.field, request.input));
                }
            }
        }
        Ok(outcome)
    }

    /// Sends an operation again that was answered long ago.
    pub async fn ask_again(&self, rng: &mut StdRng, request: &Request, first: &Outcome) -> Result<(), Unanswered> {
        let again = self.persist(rng, request).await?;
        self.tally.count(Kind::Repeat, "later");
        self.compare(request, first, &again);
        Ok(())
    }

    fn compare(&self, request: &Request, one: &Outcome, two: &Outcome) {
        if one.told() != two.told() {
            let Request { field, input, .. } = request;
            self.tally.complain(format!("{field} {input} was answered with {one:?}, and with {two:?}"));
        }
    }

    /// Sends an operation until it is answered.
    async fn persist(&self, rng: &mut StdRng, request: &Request) -> Result<Outcome, Unanswered> {
        let variables = json!({"input": request.input});
        let mut answer = self.until_answered(rng, &request.token, &request.document(), variables).await?;
        let payload = answer.data[request.field].take();
        let refusal = payload["userErrors"][0]["code"].as_str().map(str::to_owned);
        Ok(Outcome { payload, refusal })
    }

    /// Sends a document until it is answered, to whichever program; on the way there, connections are cut.
    pub async fn until_answered(
        &self,
        rng: &mut StdRng,
        token: &str,
        document: &str,
        variables: Value,
    ) -> Result<Answer, Unanswered> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let address = self.market.programs.any_address(rng);
            if self.goes_on() && rng.random_ratio(CUTS, 100) {
                let body = json!({"query": document, "variables": variables});
                if cut(rng, &address, token, &body).await {
                    self.tally.count(Kind::Fault, CUT);
                }
                continue;
            }
            match self.send(&address, token, document, variables.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(why) => {
                    self.tally.count(Kind::Retry, &why);
                    sleep(Duration::from_millis(rng.random_range(20..300))).await;
                }
            }
        }
        self.tally.complain(format!("{document} with {variables} was never answered"));
        Err(Unanswered)
    }

    /// One attempt; an error is why it is worth another.
    pub async fn send(&self, address: &str, token: &str, document: &str, variables: Value) -> Result<Answer, String> {
        let mut client = if token.is_empty() { self.client.clone() } else { self.client.with_token(token) };
        client.url = format!("{address}/graphql");
        let sent =
            timeout(ANSWER, client.try_send(document, variables.clone())).await.map_err(|_| "no answer in time")?;
        let answer = sent.ok_or("connection lost")?;
        let Some(error) = answer.errors.first() else { return Ok(answer) };
        let code = error["extensions"]["code"].as_str().unwrap_or("no code").to_owned();
        if error["extensions"]["isRetryable"] != true {
            self.tally.complain(format!("{document} with {variables} was answered with {error}"));
        }
        Err(code)
    }

    /// The test provider's page, on which somebody approves or declines a payment. Returns what the page says after that: whatever was
    /// decided before counts.
    pub async fn decide(&self, rng: &mut StdRng, page: &str, decision: &'static str) -> Result<Said, Unanswered> {
        let mut is_at_once = true;
        let path = page.find("/dev/").map(|found| &page[found..]).expect("the test provider's page");
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let url = format!("{}{path}", self.market.programs.any_address(rng));
            match self.say(url, decision).await {
                Ok((200, text)) => {
                    self.tally.count(Kind::Operation, decision);
                    return Ok(Said { text, is_at_once });
                }
                Ok((status, _)) => self.tally.count(Kind::Retry, &format!("status {status}")),
                Err(_) => self.tally.count(Kind::Retry, "connection lost"),
            }
            is_at_once = false;
            sleep(Duration::from_millis(rng.random_range(20..300))).await;
        }
        self.tally.complain(format!("{path} was never answered"));
        Err(Unanswered)
    }

    /// Tells an event of the test provider's, signed as it signs, to whichever program, until that is noted.
    pub async fn tell(&self, rng: &mut StdRng, text: &str) -> Result<(), Unanswered> {
        let (begun, master) = (Instant::now(), MASTER_KEY.parse::<MasterKey>().unwrap());
        while begun.elapsed() < PATIENCE {
            let url = format!("{}{PATH}", self.market.programs.any_address(rng));
            let signature = sign(&master, Clock::System.now(), text);
            let request = self.pages.post(url).header(SIGNATURE, signature).body(text.to_owned()).timeout(ANSWER);
            match request.send().await.map(|answer| answer.status().as_u16()) {
                Ok(200) => return Ok(()),
                Ok(status) => self.tally.count(Kind::Retry, &format!("status {status}")),
                Err(_) => self.tally.count(Kind::Retry, "connection lost"),
            }
            sleep(Duration::from_millis(rng.random_range(20..300))).await;
        }
        self.tally.complain(format!("{text} was never noted"));
        Err(Unanswered)
    }

    async fn say(&self, url: String, decision: &str) -> Result<(u16, String), reqwest::Error> {
        let sent = self.pages.post(url).form(&[("decision", decision)]).timeout(ANSWER).send().await?;
        Ok((sent.status().as_u16(), sent.text().await?))
    }
}

/// Sends a request, and leaves in the middle: while it is worked on, or once the answer has begun. Whether somebody was there to be left.
async fn cut(rng: &mut StdRng, address: &str, token: &str, body: &Value) -> bool {
    let (authority, body) = (address.trim_start_matches("http://"), body.to_string());
    let authorization = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/json\r\n\
         {authorization}content-length: {}\r\n\r\n",
        body.len()
    );
    let is_answered = rng.random_bool(0.5);
    let moment = Duration::from_millis(rng.random_range(0..40));
    let Ok(mut socket) = TcpStream::connect(authority).await else { return false };
    if socket.write_all((head + &body).as_bytes()).await.is_err() {
        return false;
    }
    if is_answered {
        matches!(timeout(ANSWER, socket.read(&mut [0; 16])).await, Ok(Ok(1..)))
    } else {
        sleep(moment).await;
        true
    }
}

/// A client that any request goes through.
pub fn client() -> Client {
    Client::new(String::new())
}
