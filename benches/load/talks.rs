//! Reading conversations, over few messages and over a hundred times as many: what it costs may not follow.
//!
//! Of the larger half there are ten times as many conversations, each ten times as long. Whoever reads takes part in 50 of them in
//! both. What was said in all of them lies in one table in the order of time, as it does where people talk, so that the last fifty
//! messages of one stand on as many pages.

use std::{fs, path::Path};

use serde_json::Value;

use super::{
    AnyError, bulk,
    capture::ask,
    closed::{Bench, Pace, Tools},
    fill,
    ground::{Contents, Ground, SETTINGS},
    market::{Kind, Size},
    operations::{Operation, Reading, readings},
    results::{Growth, Messaging},
    server::Server,
};

const CONNECTIONS: u32 = 16;
/// Conversations of everybody who reads.
const EACH: i64 = 50;
/// Messages of a conversation where there are a hundred thousand in all.
const LENGTH: i64 = 50;
/// The moment of the first message; the others follow, one a second.
const FIRST_AT: i64 = 1_767_225_600;

/// How much is said.
#[derive(Debug, Clone, Copy)]
pub struct Talks {
    pub messages: i64,
    pub conversations: i64,
    /// Messages of each.
    pub length: i64,
    /// People who take part in [`EACH`] of them, each with somebody else.
    pub readers: i64,
}

impl Talks {
    /// About so many messages.
    pub fn of(messages: i64) -> Self {
        let times = (messages as f64 / 100_000.0).sqrt();
        let length = ((LENGTH as f64 * times).round() as i64).max(LENGTH);
        let readers = (messages / length / EACH).max(1);
        let conversations = readers * EACH;
        Self { messages: conversations * length, conversations, length, readers }
    }

    fn contents(self) -> Contents {
        let small = Size::new(0.05);
        let people = small.people.max(self.readers + self.conversations);
        let size = Size { people, conversations: 0, ..small };
        let mut statements = fill::statements(&size);
        statements.extend(self.statements());
        Contents {
            name: format!("messages-{}", self.messages),
            size,
            statements,
            settings: SETTINGS,
            is_checked: self.messages < 1_000_000,
        }
    }

    fn statements(self) -> Vec<(&'static str, String)> {
        let Self { messages, conversations, length, readers } = self;
        let conversation = Kind::Conversation.sql("c");
        let (reader, other) =
            (Kind::Person.sql(&format!("c % {readers}")), Kind::Person.sql(&format!("({readers} + c)")));
        let first = format!("to_timestamp({FIRST_AT} + c)");
        vec![
            (
                "conversations",
                format!(
                    "INSERT INTO conversations (id, kind, pair_key, last_number, last_message_at, created_at)
                     SELECT {conversation}, 'DIRECT', 'direct:' || {reader} || ':' || {other}, {length},
                            to_timestamp({FIRST_AT} + {conversations} * ({length} - 1) + c), {first}
                     FROM generate_series(0, {conversations} - 1) c"
                ),
            ),
            (
                "participants",
                format!(
                    "INSERT INTO participants (conversation_id, user_id, is_member, last_read_number, created_at)
                     SELECT {conversation}, who, true, read, {first}
                     FROM generate_series(0, {conversations} - 1) c,
                          LATERAL (VALUES ({reader}, {length} - c % 4), ({other}, {length})) pair (who, read)"
                ),
            ),
            bulk::without_indexes("messages"),
            (
                "messages",
                format!(
                    "INSERT INTO messages (conversation_id, number, id, author_id, text, words, created_at)
                     SELECT {conversation}, m, {}, CASE WHEN m % 2 = 1 THEN {reader} ELSE {other} END, {}, {},
                            to_timestamp({FIRST_AT} + i)
                     FROM (SELECT i, i % {conversations} AS c, i / {conversations} + 1 AS m
                           FROM generate_series(0, {messages} - 1) i) said",
                    Kind::Message.sql("i"),
                    bulk::text("m"),
                    bulk::words(&conversation, "m")
                ),
            ),
            bulk::with_indexes("messages"),
        ]
    }
}

/// One of the two halves.
struct Half {
    // Before its Postgres ends.
    server: Server,
    ground: Ground,
    talks: Talks,
    tools: Tools,
    readings: [Reading; 3],
    runs: u32,
}

impl Half {
    async fn open(wrk: &Path, folder: &Path, messages: i64) -> Result<Self, AnyError> {
        let talks = Talks::of(messages);
        let contents = talks.contents();
        let ground = Ground::open(folder, &contents)?;
        // Both servers write logs.
        let own = folder.join(format!("run-{}", contents.name));
        fs::create_dir_all(&own)?;
        let tools = Tools::of(wrk, &ground, &own)?;
        let server = Server::start(&ground.fresh()?, &own)?;
        let half = Self { talks, ground, tools, server, readings: readings(talks), runs: 0 };
        for Reading { operation, list, .. } in &half.readings {
            half.check(operation, *list).await?;
        }
        Ok(half)
    }

    /// Looks whether an answer has what was asked for.
    async fn check(&self, operation: &Operation, list: Option<&str>) -> Result<(), AnyError> {
        let drawn: Vec<i64> = operation.draws.iter().map(|(_, min, max)| min.midpoint(*max)).collect();
        let (token, body) = operation.request(&self.server, &drawn)?;
        let answer = ask(&reqwest::Client::new(), &self.server, token.as_deref(), body.to_string()).await?;
        let found = list.map(|list| answer.pointer(list).and_then(Value::as_array).map_or(0, Vec::len));
        match found {
            Some(found) if found != 50 => Err(format!("{}: {found} instead of 50", operation.title).into()),
            _ => Ok(()),
        }
    }

    fn bytes(&self) -> Result<i64, AnyError> {
        self.ground.number("SELECT pg_database_size(current_database()) AS number")
    }
}

/// Each reading over a hundredth of so many messages, and over all.
pub async fn measure(wrk: &Path, folder: &Path, messages: i64, pace: Pace) -> Result<Messaging, AnyError> {
    let mut halves = [Half::open(wrk, folder, messages / 100).await?, Half::open(wrk, folder, messages).await?];
    let mut growth = Vec::new();
    for place in 0..3 {
        let mut rows = Vec::new();
        // Right after each other, so that both meet the same weather.
        for Half { ground, tools, server, readings, runs, .. } in &mut halves {
            let mut bench = Bench { tools, ground, server, runs: *runs };
            rows.push(bench.measure(&readings[place].operation, None, CONNECTIONS, pace)?);
            *runs = bench.runs;
        }
        let (Some(many), Some(few)) = (rows.pop(), rows.pop()) else { return Err("no rows".into()) };
        eprintln!("{}: CPU {:.3} and {:.3} ms", many.title, few.cpu(), many.cpu());
        growth.push(Growth { statements: halves[0].readings[place].statements, few, many });
    }
    let [few, many] = &halves;
    let messaging = Messaging {
        few: few.talks.messages,
        many: many.talks.messages,
        few_bytes: few.bytes()?,
        many_bytes: many.bytes()?,
        growth,
    };
    for Half { ground, server, .. } in halves {
        drop(server);
        ground.clear()?;
    }
    Ok(messaging)
}
