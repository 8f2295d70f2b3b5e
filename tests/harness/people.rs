//! Many people at once, made in the tables: they are signed in, without having signed up.

use agora::platform::{
    clock::Clock,
    crypto::{Keyring, MasterKey, SealedKey},
};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Binary, Text},
};
use uuid::Uuid;

use super::app::MASTER_KEY;

#[derive(QueryableByName)]
struct StoredKey {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Binary)]
    public_key: Vec<u8>,
    #[diesel(sql_type = Binary)]
    sealed_key: Vec<u8>,
}

/// The id of one of these people.
pub fn person(number: usize) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number as u128)
}

/// People with a session each, and their access tokens, good for ten minutes: by the key that the programs sign with.
pub fn tokens(url: &str, people: usize) -> Vec<String> {
    let mut connection = PgConnection::establish(url).unwrap();
    let keys: Vec<StoredKey> =
        sql_query("SELECT id, public_key, sealed_key FROM signing_keys ORDER BY created_at DESC")
            .load(&mut connection)
            .unwrap();
    let keys: Vec<_> = keys
        .into_iter()
        .map(|StoredKey { id, public_key, sealed_key }| SealedKey { id, public_key, sealed_key })
        .collect();
    let (master, keyring): (MasterKey, _) = (MASTER_KEY.parse().unwrap(), Keyring::default());
    keyring.load(&master, &keys).unwrap();
    let sql = |number: usize| {
        let id = person(number);
        format!(
            "INSERT INTO users (id, email, email_key, display_name, bio, created_at)
             VALUES ('{id}', 'p{number}@example.com', 'p{number}@example.com', 'Person {number}', '', now());
             INSERT INTO sessions (id, user_id, device, rotated_at, created_at, last_seen_at, expires_at)
             VALUES ('{id}', '{id}', 'test', now(), now(), now(), '2099-01-01');"
        )
    };
    // In one transaction: thousands would wait for the disk one after the other.
    connection.batch_execute(&(0..people).map(sql).collect::<String>()).unwrap();
    let token = |number: usize| {
        let id = person(number);
        keyring.sign(id, id, id, Clock::System.now()).unwrap()
    };
    (0..people).map(token).collect()
}
