//! The log, read for one person's topics.

use diesel::{ExpressionMethods, PgArrayExpressionMethods, QueryDsl, RunQueryDsl};
use serde_json::Value;
use uuid::Uuid;

use super::Recorded;
use crate::{
    kernel::error::Failure,
    platform::{clock::Time, counted::Counted, db::Conn},
    schema::{event_log, event_outbox, events},
};

/// Which log this is, and what it reaches from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogState {
    pub epoch: Uuid,
    pub first_position: i64,
    pub last_position: i64,
}

/// # Errors
/// If the database fails.
pub fn log_state(conn: &mut Conn) -> Result<LogState, Failure> {
    let columns = (event_log::epoch, event_log::first_position, event_log::last_position);
    let (epoch, first_position, last_position) = event_log::table.select(columns).first(conn)?;
    Ok(LogState { epoch, first_position, last_position })
}

/// How many committed events have no place in the log yet, counted up to `limit`.
///
/// # Errors
/// If the database fails.
pub fn count_outbox(conn: &mut Conn, limit: i64) -> Result<i64, Failure> {
    Ok(Counted(event_outbox::table.select(event_outbox::id).limit(limit)).get_result(conn)?)
}

/// At most `limit` events after `position` and up to `until` that concern one of the topics.
///
/// # Errors
/// If the database fails.
pub fn by_topics(
    conn: &mut Conn,
    topics: &[Uuid],
    position: i64,
    until: i64,
    limit: i64,
) -> Result<Vec<Recorded>, Failure> {
    let rows: Vec<(i64, String, Value, Vec<Uuid>, Time)> = events::table
        .filter(events::position.gt(position))
        .filter(events::position.le(until))
        .filter(events::topics.overlaps_with(topics))
        .order(events::position)
        .limit(limit)
        .select((events::position, events::kind, events::payload, events::topics, events::recorded_at))
        .load(conn)?;
    let recorded =
        |(position, kind, payload, topics, recorded_at)| Recorded { position, kind, payload, topics, recorded_at };
    Ok(rows.into_iter().map(recorded).collect())
}
