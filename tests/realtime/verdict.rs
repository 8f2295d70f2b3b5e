//! What people were told, held against the tables, and the tables against themselves.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use agora::kernel::id::Id;
use diesel::{
    QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid},
};
use tokio::{task::JoinHandle, time::sleep};
use uuid::Uuid;

use crate::{
    Trial,
    elsewhere::Elsewhere,
    harness::{
        cluster::count,
        trial::{faults::Fault, verdict::Verdict},
    },
    subscriber::Told,
    tally::Kind,
};

/// More than what is left to do takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// A message as the tables have it.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    conversation_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Nullable<Text>)]
    client_key: Option<String>,
}

/// A message as the log has it.
#[derive(QueryableByName)]
struct Event {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Text)]
    conversation: String,
    #[diesel(sql_type = Text)]
    message: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Row {
    fn wire(&self) -> String {
        Id::<agora::messages::model::Message>::from_uuid(self.id).to_string()
    }

    fn conversation(&self) -> String {
        Id::<agora::messages::model::Conversation>::from_uuid(self.conversation_id).to_string()
    }
}

impl Trial {
    /// Waits until everybody was told everything, and holds it against the tables.
    pub async fn judge(&self, listening: Vec<JoinHandle<Told>>, elsewhere: &Elsewhere) -> Verdict {
        let mut verdict = Verdict::default();
        let mut connection = self.ground.programs.connect();
        let begun = Instant::now();
        let left = loop {
            let left = count(&mut connection, "SELECT count(*) FROM event_outbox");
            if left == 0 || begun.elapsed() > PATIENCE {
                break left;
            }
            sleep(Duration::from_millis(50)).await;
        };
        verdict.holds("everything that happened is in the log", left == 0, format!("{left} events are not"));
        let age = tokio::task::block_in_place(|| elsewhere.age());
        let what = "a transaction that has written is open in another database of the cluster";
        verdict.holds(what, age.is_some(), "there is none".to_owned());
        let last = count(&mut connection, "SELECT last_position AS count FROM event_log");
        self.goal.send_replace(Some(last));
        let mut told = Vec::with_capacity(listening.len());
        for subscriber in listening {
            told.push(subscriber.await.unwrap());
        }

        let rows: Vec<Row> =
            sql_query("SELECT conversation_id, id, number, client_key FROM messages").load(&mut connection).unwrap();
        let events: Vec<Event> = sql_query(
            "SELECT position, payload ->> 'conversation' AS conversation, payload ->> 'message' AS message, \
                    (payload ->> 'number')::bigint AS number \
               FROM events WHERE kind = 'messages.message_sent' ORDER BY position",
        )
        .load(&mut connection)
        .unwrap();
        verdict.check("nobody was told what there must not be", &self.tally.complaints());
        verdict.check("what was answered is in the table, once", &self.unlike_answers(&rows));
        verdict.check("each message is in the log, once and in the order of its number", &unlike_log(&rows, &events));
        verdict.check("everybody has caught up", &late(&told));
        verdict.check(
            &format!("what each of {} people was told is what the table has", told.len()),
            &self.unlike_table(&told, &events),
        );
        let gaps = self.tally.of(Kind::Told, "Gap");
        verdict.holds("nobody was told of a gap", gaps == 0, format!("{gaps} were"));
        let holes = count(&mut connection, "SELECT max(position) - min(position) + 1 - count(*) AS count FROM events");
        verdict.holds("the log has no gaps", holes == 0, format!("{holes} places are empty"));
        let resumed = self.tally.of(Kind::Stream, "resumed");
        let killed = self.tally.of(Kind::Fault, Fault::Program.name());
        let has_happened = resumed > 0 && killed > 0 && self.tally.of(Kind::Told, "MessageSent") > 0;
        verdict.holds("streams were cut and resumed", has_happened, format!("{resumed} resumed, {killed} killed"));
        drop(connection);
        verdict.check_programs(&self.ground.programs).await;
        verdict
    }

    /// What the table has of what was answered: each once, and nothing besides.
    fn unlike_answers(&self, rows: &[Row]) -> Vec<String> {
        let mut by_key: HashMap<&str, Vec<&Row>> = HashMap::new();
        for row in rows {
            by_key.entry(row.client_key.as_deref().unwrap_or_default()).or_default().push(row);
        }
        let answered = self.answered.lock().unwrap();
        let mut wrong: Vec<String> = answered
            .iter()
            .filter_map(|answered| match by_key.get(answered.key.as_str()).map(Vec::as_slice) {
                Some([row]) if row.wire() == answered.message && row.number == answered.number => None,
                found => Some(format!("{} is there {} times", answered.key, found.map_or(0, <[&Row]>::len))),
            })
            .collect();
        let keys: BTreeSet<&str> = answered.iter().map(|answered| answered.key.as_str()).collect();
        let besides = by_key.keys().filter(|key| **key != "first" && !keys.contains(**key));
        wrong.extend(besides.map(|key| format!("{key} is there, and was not answered")));
        wrong
    }

    /// Whoever was told something else than the table has of their conversations.
    fn unlike_table(&self, told: &[Told], events: &[Event]) -> Vec<String> {
        let start = self.ground.start.position;
        let differs = |told: &Told| {
            let own: BTreeSet<&str> = match &told.talk {
                Some(talk) => BTreeSet::from([talk.as_str()]),
                None => self.ground.talks_of(told.number).map(|talk| talk.id.as_str()).collect(),
            };
            let is_own = |event: &&Event| event.position > start && own.contains(event.conversation.as_str());
            let wanted: Vec<(i64, &str)> =
                events.iter().filter(is_own).map(|event| (event.position, event.message.as_str())).collect();
            let found: Vec<(i64, &str)> = told.messages.iter().map(|(position, id)| (*position, id.as_str())).collect();
            if found == wanted {
                return None;
            }
            let (had, wants): (BTreeSet<_>, BTreeSet<_>) = (found.iter().collect(), wanted.iter().collect());
            let (missing, besides) = (wants.difference(&had).count(), had.difference(&wants).count());
            Some(format!(
                "subscriber {} was told {} of {}: {missing} are missing, {besides} are of nobody's",
                told.number,
                found.len(),
                wanted.len()
            ))
        };
        told.iter().filter_map(differs).collect()
    }
}

/// What the log has otherwise than the table.
fn unlike_log(rows: &[Row], events: &[Event]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut last: HashMap<&str, i64> = HashMap::new();
    let mut logged: BTreeMap<&str, (&str, i64)> = BTreeMap::new();
    for event in events {
        let before = last.insert(event.conversation.as_str(), event.number).unwrap_or(0);
        if event.number != before + 1 {
            wrong.push(format!("{} follows {before} in {}", event.number, event.conversation));
        }
        if logged.insert(event.message.as_str(), (event.conversation.as_str(), event.number)).is_some() {
            wrong.push(format!("{} is in the log twice", event.message));
        }
    }
    for row in rows {
        let (id, conversation) = (row.wire(), row.conversation());
        if logged.remove(id.as_str()) != Some((conversation.as_str(), row.number)) {
            wrong.push(format!("{id} is not in the log as number {} of {conversation}", row.number));
        }
    }
    wrong.extend(logged.keys().map(|id| format!("{id} is in the log, and not in the table")));
    wrong
}

/// Who was not told everything in time.
fn late(told: &[Told]) -> Vec<String> {
    let late = told.iter().filter(|told| !told.has_caught_up);
    late.map(|told| format!("subscriber {} was told {} messages", told.number, told.messages.len())).collect()
}
