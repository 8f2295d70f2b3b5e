//! Gives committed events their dense positions. One process at a time does it: the one that holds the advisory lock,
//! on a connection of its own; when it dies, its connection goes, the lock with it, and another process takes over.

use tokio_postgres::{Client, Error};

/// `agora` in ASCII: the key of the advisory lock.
const LOCK: i64 = 0x61_67_6f_72_61;
/// Events that get their positions in one transaction.
const BATCH: i64 = 1_000;
/// Positions in one partition of the log; a power of ten, so that names and bounds are readable.
const PARTITION: i64 = 1_000_000;

/// Tries to become the sequencer. The lock stays with this connection until it closes.
pub(super) async fn acquire(client: &Client) -> Result<bool, Error> {
    client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await?.try_get(0)
}

/// Starts a new epoch if this is another database than the one in which the log was last written: it was restored, or a
/// standby was promoted. Cursors of the old epoch then lead to a gap instead of to other events.
pub(super) async fn adopt_cluster(client: &Client) -> Result<(), Error> {
    client
        .execute(
            "UPDATE event_log SET epoch = gen_random_uuid(), cluster = here.cluster \
             FROM (SELECT s.system_identifier || '/' || c.timeline_id || '/' || d.oid AS cluster \
                   FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d WHERE d.datname = current_database()) here \
             WHERE event_log.cluster <> here.cluster",
            &[],
        )
        .await?;
    Ok(())
}

/// Moves at most one batch from the outbox into the log. Returns the last position and whether more may be waiting.
pub(super) async fn sequence(client: &mut Client) -> Result<(i64, bool), Error> {
    let transaction = client.transaction().await?;
    let last: i64 = transaction.query_one("SELECT last_position FROM event_log FOR UPDATE", &[]).await?.try_get(0)?;
    let ceiling = (last / PARTITION + 1) * PARTITION;
    if ceiling - 1 - last < BATCH {
        // The next partition is made before the first event that falls into it.
        let create = format!(
            "CREATE TABLE IF NOT EXISTS events_p{} PARTITION OF events FOR VALUES FROM ({ceiling}) TO ({})",
            ceiling / PARTITION,
            ceiling + PARTITION
        );
        transaction.batch_execute(&create).await?;
    }
    let moved = transaction
        .execute(
            "WITH batch AS (SELECT id, row_number() OVER (ORDER BY id) AS step FROM (SELECT id FROM event_outbox ORDER BY id LIMIT $2) oldest), \
                  taken AS (DELETE FROM event_outbox o USING batch WHERE o.id = batch.id RETURNING batch.step, o.*) \
             INSERT INTO events (position, kind, payload, topics, actor_id, on_behalf_of, session_id, request_id, recorded_at) \
             SELECT $1 + step, kind, payload, topics, actor_id, on_behalf_of, session_id, request_id, recorded_at FROM taken",
            &[&last, &BATCH],
        )
        .await?;
    let moved = i64::try_from(moved).unwrap_or(0);
    if moved == 0 {
        return Ok((last, false));
    }
    transaction.execute("UPDATE event_log SET last_position = $1", &[&(last + moved)]).await?;
    transaction.commit().await?;
    Ok((last + moved, moved == BATCH))
}

/// Drops whole partitions whose events are all older than `days`, and moves the log's beginning up.
pub(super) async fn trim(client: &mut Client, days: i32) -> Result<(), Error> {
    let transaction = client.transaction().await?;
    let row = transaction.query_one("SELECT first_position, last_position FROM event_log FOR UPDATE", &[]).await?;
    let (first, last): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let mut beginning = first;
    let mut number = first / PARTITION;
    while (number + 1) * PARTITION <= last {
        let newest = (number + 1) * PARTITION - 1;
        let expired = transaction
            .query_one(
                "SELECT coalesce((SELECT recorded_at < now() - make_interval(days => $2) FROM events WHERE position = $1), true)",
                &[&newest, &days],
            )
            .await?;
        if !expired.try_get::<_, bool>(0)? {
            break;
        }
        transaction.batch_execute(&format!("DROP TABLE IF EXISTS events_p{number}")).await?;
        number += 1;
        beginning = number * PARTITION;
    }
    transaction.execute("UPDATE event_log SET first_position = $1 WHERE first_position < $1", &[&beginning]).await?;
    transaction.commit().await
}
