//! From the sending of a message to the sockets of those whom it concerns: how long that takes.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use agora::messages::model::Conversation;
use serde_json::{Value, json};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};

use super::{
    AnyError,
    ground::Ground,
    market::{Kind, PERSONS, Size},
    results::Delivery,
    server::Server,
    socket::{hear, subscribe},
};

/// People of a group.
const GROUP: i64 = 100;
/// One of so many messages is to a group. The others are to one person each, so that everybody is told about one a second.
const GROUPS_TURN: i64 = 10;
/// Messages that are under way at the most. Who is this far behind does not keep up.
const UNDER_WAY: usize = 500;
/// What is sent in the first moments warms caches and connections, and is not measured.
const WARM: Duration = Duration::from_secs(1);
/// How long the last messages may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// What stands before the moment of sending in a text.
const MARK: &str = "sent at ";

const SENT: &str = "__typename ... on MessageSent { cursor message { id number author { id displayName } content { __typename \
                    ... on TextContent { text } } } } ... on Heartbeat { cursor }";
const SEND: &str = "mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { id number } \
                    userErrors { code } } }";

/// How much is sent, and to how many.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// People who listen, [`PERSONS`] at the most.
    pub receivers: i64,
    pub messages_per_second: u32,
    pub seconds: u32,
}

/// What one message is, and how many are to be told of it.
struct Letter {
    author: i64,
    conversation: i64,
    hearers: i64,
}

/// What somebody listens to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ear {
    /// Everything that concerns them.
    Everything,
    /// Their conversation with one person alone.
    Direct,
    /// The conversation of their group alone.
    Group,
}

impl Ear {
    const fn of(person: i64) -> Self {
        match person % 4 {
            1 => Self::Direct,
            3 => Self::Group,
            _ => Self::Everything,
        }
    }
}

/// The group in which somebody is.
fn group_of(size: &Size, person: i64) -> i64 {
    size.conversations + person / GROUP
}

impl Load {
    /// The groups of all who listen, whose people follow each other.
    fn groups(self) -> i64 {
        (self.receivers + GROUP - 1) / GROUP
    }

    /// Groups for all who listen: the market has none.
    fn statements(self, size: &Size) -> String {
        let (receivers, groups) = (self.receivers, self.groups());
        format!(
            "INSERT INTO conversations (id, kind, title, last_message_at, created_at)
             SELECT {}, 'GROUP', 'Group ' || g, now(), now() FROM generate_series(0, {groups} - 1) g;
             INSERT INTO participants (conversation_id, user_id, is_member, role, created_at)
             SELECT {}, {}, true, CASE WHEN p % {GROUP} = 0 THEN 'OWNER' ELSE 'MEMBER' END, now()
             FROM generate_series(0, {receivers} - 1) p",
            Kind::Conversation.sql(&format!("({} + g)", size.conversations)),
            Kind::Conversation.sql(&format!("({} + p / {GROUP})", size.conversations)),
            Kind::Person.sql("p"),
        )
    }

    /// The message of a number: to a group by one of its people, or to somebody by who has a conversation with them alone.
    fn letter(self, size: &Size, number: i64) -> Letter {
        let turn = number / GROUPS_TURN;
        if number % GROUPS_TURN == 0 {
            let first = turn % self.groups() * GROUP;
            let people = first..(first + GROUP).min(self.receivers);
            let author = first + turn / self.groups() % (people.end - first);
            let hearers = people.filter(|person| Ear::of(*person) != Ear::Direct).count() as i64;
            return Letter { author, conversation: group_of(size, first), hearers };
        }
        let receiver = number * 7 % self.receivers;
        let hearers = i64::from(Ear::of(receiver) != Ear::Group);
        Letter { author: PERSONS + receiver, conversation: receiver, hearers }
    }
}

/// What everybody has heard: of each message how long it took, in milliseconds, or nothing of one that warms up.
type Heard = Arc<Mutex<Vec<Option<f64>>>>;

/// Sends at a fixed rate, however long it takes.
pub async fn measure(server: &Server, ground: &Ground, load: Load) -> Result<Delivery, AnyError> {
    let size = &ground.size;
    ground.execute(&load.statements(size))?;
    let (begun, heard) = (Instant::now(), Heard::default());
    let mut listening = JoinSet::new();
    for person in 0..load.receivers {
        let payload = subscription(size, person);
        let mut socket = subscribe(server, u32::try_from(person)?, person, &payload).await?;
        let heard = Arc::clone(&heard);
        listening.spawn(async move {
            while let Some(text) = hear(&mut socket).await {
                note(&heard, &text, begun);
            }
        });
    }
    let http = reqwest::Client::new();
    let (room, warm) = (Arc::new(Semaphore::new(UNDER_WAY)), begun.elapsed() + WARM);
    let mut sending = JoinSet::new();
    let mut turns = interval(Duration::from_secs(1) / load.messages_per_second);
    turns.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut wanted = 0;
    for number in 0..i64::from(load.messages_per_second * load.seconds) {
        turns.tick().await;
        let letter = load.letter(size, number);
        let place =
            Arc::clone(&room).try_acquire_owned().map_err(|_| "messages are sent faster than they are taken")?;
        let token = server.token(letter.author)?;
        let (request, is_measured) = (http.post(&server.url).bearer_auth(token), begun.elapsed() >= warm);
        sending.spawn(async move {
            let at = if is_measured { begun.elapsed().as_micros().to_string() } else { "once".to_owned() };
            let input = json!({
                "conversationId": Kind::Conversation.id::<Conversation>(letter.conversation),
                "text": format!("{MARK}{at}."),
                "idempotencyKey": format!("delivery-{number}"),
            });
            let answer = request.json(&json!({"query": SEND, "variables": {"input": input}})).send().await;
            drop(place);
            let Ok(answer) = answer else { return false };
            let answer: Value = answer.json().await.unwrap_or_default();
            answer["data"]["sendMessage"]["message"]["id"].is_string()
        });
        wanted += letter.hearers;
    }
    let mut refused = 0;
    while let Some(sent) = sending.join_next().await {
        refused += u64::from(!sent?);
    }
    let ended = Instant::now();
    while told(&heard) < wanted && ended.elapsed() < PATIENCE {
        sleep(Duration::from_millis(20)).await;
    }
    // Whoever is told anything twice shall be seen.
    sleep(Duration::from_millis(500)).await;
    let has_lost_sockets = listening.try_join_next().is_some();
    drop(listening);
    let heard = std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner));
    let count = heard.len() as i64;
    let mut times: Vec<f64> = heard.into_iter().flatten().collect();
    times.sort_by(f64::total_cmp);
    let quantile = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN);
    Ok(Delivery {
        receivers: load.receivers,
        messages_per_second: load.messages_per_second,
        seconds: load.seconds,
        wanted,
        heard: count,
        refused,
        has_lost_sockets,
        p50: quantile(0.5),
        p99: quantile(0.99),
        most: times.last().copied().unwrap_or(f64::NAN),
    })
}

fn subscription(size: &Size, person: i64) -> Value {
    let conversation = match Ear::of(person) {
        Ear::Everything => return json!({"query": format!("subscription {{ told: events {{ {SENT} }} }}")}),
        Ear::Direct => person,
        Ear::Group => group_of(size, person),
    };
    let query = format!("subscription($id: ID!) {{ told: conversationEvents(id: $id) {{ {SENT} }} }}");
    json!({"query": query, "variables": {"id": Kind::Conversation.id::<Conversation>(conversation)}})
}

fn told(heard: &Heard) -> i64 {
    heard.lock().unwrap_or_else(PoisonError::into_inner).len() as i64
}

/// Takes note of a message that somebody was told of.
fn note(heard: &Heard, text: &str, begun: Instant) {
    let Some((_, at)) = text.split_once(MARK) else { return };
    let at = at.split_once('.').and_then(|(at, _)| at.parse::<f64>().ok());
    let took = at.map(|at| begun.elapsed().as_secs_f64() * 1e3 - at / 1e3);
    heard.lock().unwrap_or_else(PoisonError::into_inner).push(took);
}
