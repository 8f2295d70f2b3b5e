//! What everything stands on: a Postgres of its own, two programs on it, and people who are signed in and talk to each other.

use std::{collections::BTreeSet, thread, time::Duration};

use agora::{kernel::id::Id, messages::model::Conversation, platform::events::Cursor};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Uuid as SqlUuid},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use uuid::Uuid;

use crate::{
    elsewhere,
    harness::{
        Client,
        people::{person, tokens},
        trial::programs::Programs,
    },
};

/// In so many of a hundred cases somebody takes part in a second conversation.
const SECOND: u32 = 30;

/// Some people who talk to each other.
pub struct Talk {
    pub id: String,
    /// Their numbers.
    pub people: Vec<usize>,
}

pub struct Ground {
    pub programs: Programs,
    /// Access tokens.
    pub people: Vec<String>,
    pub talks: Vec<Talk>,
    /// Where everybody begins to listen.
    pub start: Cursor,
}

/// What programs are told here.
fn arguments() -> Vec<String> {
    // Everybody comes from one address.
    let mut arguments = vec!["--connections-per-address=20000".to_owned(), "--requests-per-address=1024".to_owned()];
    for limit in ["messages-per-minute", "first-contacts-per-day"] {
        arguments.extend([format!("--{limit}=1000000"), format!("--new-{limit}=1000000")]);
    }
    arguments
}

fn execute(url: &str, sql: &str) {
    PgConnection::establish(url).unwrap().batch_execute(sql).unwrap();
}

#[derive(QueryableByName)]
struct LogRow {
    #[diesel(sql_type = SqlUuid)]
    epoch: Uuid,
    #[diesel(sql_type = BigInt)]
    position: i64,
}

/// Where the log stands, once its first event has come into it: from then on it is known which log this is.
fn beginning(url: &str) -> Cursor {
    let mut connection = PgConnection::establish(url).unwrap();
    for _ in 0..600 {
        let sql = "SELECT epoch, last_position AS position FROM event_log \
                   WHERE last_position > 0 AND NOT EXISTS (SELECT FROM event_outbox)";
        let rows: Vec<LogRow> = sql_query(sql).load(&mut connection).unwrap();
        if let Some(LogRow { epoch, position }) = rows.into_iter().next() {
            return Cursor { epoch, position };
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("nobody writes the log");
}

/// Who talks to whom: everybody in one conversation, and some in another one, too.
fn talks(people: usize, talks: usize, seed: u64) -> Vec<BTreeSet<usize>> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut made = vec![BTreeSet::new(); talks];
    for person in 0..people {
        made[person % talks].insert(person);
        if rng.random_ratio(SECOND, 100) {
            made[rng.random_range(0..talks)].insert(person);
        }
    }
    made
}

impl Ground {
    pub async fn open(people: usize, talks: usize, seed: u64) -> Self {
        let mut ground = tokio::task::spawn_blocking(move || Self::build(people, talks, seed)).await.unwrap();
        let client = Client::new(format!("{}/graphql", ground.programs.address(0))).with_token(&ground.people[0]);
        let input = json!({"conversationId": ground.talks[0].id, "text": "first", "idempotencyKey": "first"});
        client.mutate("sendMessage", input, "message { id }").await.ok();
        let url = ground.programs.url.clone();
        ground.start = tokio::task::spawn_blocking(move || beginning(&url)).await.unwrap();
        ground
    }

    fn build(people: usize, count: usize, seed: u64) -> Self {
        let programs = Programs::open("realtime", arguments(), |postgres| {
            execute(&postgres.url("postgres"), &format!("CREATE DATABASE {}", elsewhere::DATABASE));
        });
        let url = programs.url.clone();
        let tokens = tokens(&url, people);
        let talk = |(number, people): (usize, BTreeSet<usize>)| {
            let id = Uuid::from_u128(0x0190_0000_0001_7000_8000_0000_0000_0000 + number as u128);
            let mut sql = format!(
                "INSERT INTO conversations (id, kind, pair_key, last_message_at, created_at) \
                 VALUES ('{id}', 'DIRECT', 'realtime:{number}', now(), now());"
            );
            for number in &people {
                let user = person(*number);
                sql += &format!(
                    "INSERT INTO participants (conversation_id, user_id, is_member, created_at) \
                     VALUES ('{id}', '{user}', true, now());"
                );
            }
            execute(&url, &sql);
            Talk { id: Id::<Conversation>::from_uuid(id).to_string(), people: people.into_iter().collect() }
        };
        let talks = talks(people, count, seed).into_iter().enumerate().map(talk).collect();
        Self { programs, people: tokens, talks, start: Cursor { epoch: Uuid::nil(), position: 0 } }
    }

    /// The conversations in which somebody takes part.
    pub fn talks_of(&self, person: usize) -> impl Iterator<Item = &Talk> {
        self.talks.iter().filter(move |talk| talk.people.contains(&person))
    }
}
