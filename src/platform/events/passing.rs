//! What is told to whoever listens just now, and to nobody later. It is in no table: NOTIFY carries it, from any process to all.

use std::time::Duration;

use diesel::{RunQueryDsl, sql_query, sql_types::Text};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::EventBody;
use crate::{kernel::error::Failure, platform::db::Conn};

/// By which it comes to the processes. NOTIFY in [`pass_on`] names it, too.
pub(super) const CHANNEL: &str = "agora_passing";
/// Bytes of one at the most: Postgres carries 7,999.
const MAXIMUM_BYTES: usize = 7_500;
/// Between two of the same person about the same thing. What comes sooner says nothing new.
const PAUSE: Duration = Duration::from_secs(3);
/// Between two of the same person about whatever it is. No human does more.
const BREATH: Duration = Duration::from_millis(300);
/// People and things of which a process remembers when they last came by.
const REMEMBERED: u64 = 100_000;

/// Something that has no place in the log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Passing {
    pub topic: Uuid,
    pub kind: String,
    pub payload: Value,
}

impl Passing {
    /// The body, if it is of this kind.
    ///
    /// # Errors
    /// If it is of this kind but does not have its form.
    pub fn body<B: EventBody>(&self) -> Option<Result<B, Failure>> {
        (self.kind == B::KIND).then(|| serde_json::from_value(self.payload.clone()).map_err(Failure::internal))
    }
}

/// Tells it to whoever listens to the topic just now, in any process. It is lost on whoever does not, and if it is too large on everybody.
///
/// Never called within a transaction that writes: the commits of those that notify wait for each other.
///
/// # Errors
/// If the database fails.
pub fn pass_on<B: EventBody>(conn: &mut Conn, body: &B, topic: Uuid) -> Result<(), Failure> {
    let payload = serde_json::to_value(body).map_err(Failure::internal)?;
    let passing = Passing { topic, kind: B::KIND.to_owned(), payload };
    let text = serde_json::to_string(&passing).map_err(Failure::internal)?;
    if text.len() > MAXIMUM_BYTES {
        return Ok(());
    }
    sql_query("SELECT pg_notify('agora_passing', $1)").bind::<Text, _>(text).execute(conn)?;
    Ok(())
}

/// Who said lately what need not be said again.
#[derive(Debug)]
pub(super) struct Recent {
    said: Cache<(Uuid, Uuid), ()>,
    people: Cache<Uuid, ()>,
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            said: Cache::builder().max_capacity(REMEMBERED).time_to_live(PAUSE).build(),
            people: Cache::builder().max_capacity(REMEMBERED).time_to_live(BREATH).build(),
        }
    }
}

impl Recent {
    /// Whether it is time to say it again. Of several at once one is told so.
    pub fn is_due(&self, topic: Uuid, person: Uuid) -> bool {
        // What comes too soon after something else is not held to have been said.
        self.people.entry(person).or_insert(()).is_fresh() && self.said.entry((topic, person)).or_insert(()).is_fresh()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn each_person_says_it_once_in_a_while_about_each_thing() {
        let recent = Recent::default();
        let [ada, bob, here, there] = [1, 2, 3, 4].map(Uuid::from_u128);
        assert!(recent.is_due(here, ada));
        assert!(!recent.is_due(here, ada));
        assert!(recent.is_due(here, bob));
        assert!(!recent.is_due(there, ada), "nobody is in two places at once");
        thread::sleep(BREATH + Duration::from_millis(50));
        assert!(recent.is_due(there, ada));
        assert!(!recent.is_due(here, ada));
    }
}
