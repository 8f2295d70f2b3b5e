//! What is looked up when Prometheus asks.

use std::time::Duration;

use super::Metrics;
use crate::{
    kernel::error::Failure,
    platform::{app::App, db::Conn, events, jobs},
};

/// Rows are counted no further than this.
const COUNTED: i64 = 10_000;
/// A scrape does not wait longer for the database.
const PATIENCE: Duration = Duration::from_secs(2);

/// What only the tables know.
struct Tables {
    due: i64,
    dead: i64,
    outbox: i64,
    last_position: i64,
}

/// Looks everything up and writes all metrics down, in Prometheus' text format. Answers within two seconds and something,
/// also when the database does not.
///
/// # Errors
/// If a metric cannot be written, which a test excludes.
pub async fn scrape(app: &App) -> Result<String, Failure> {
    let metrics: &Metrics = app.db.metrics();
    let gauges = &metrics.gauges;
    for lane in app.db.lanes() {
        gauges.lane_queue.with_label_values(&[lane.name]).set(lane.queued.into());
        gauges.lane_connections.with_label_values(&[lane.name, "idle"]).set(lane.idle.into());
        gauges.lane_connections.with_label_values(&[lane.name, "busy"]).set(lane.busy.into());
    }
    gauges.buckets.set(i64::try_from(app.buckets.kept()).unwrap_or(i64::MAX));
    let now = app.now();
    let looking = app.db.read(move |conn: &mut Conn| {
        Ok::<_, Failure>(Tables {
            due: jobs::count_due(conn, now, COUNTED)?,
            dead: jobs::count_dead(conn, COUNTED)?,
            outbox: events::count_outbox(conn, COUNTED)?,
            last_position: events::log_state(conn)?.last_position,
        })
    });
    let found = tokio::time::timeout(PATIENCE, looking).await;
    gauges.database_up.set(i64::from(matches!(found, Ok(Ok(_)))));
    if let Ok(Ok(tables)) = found {
        gauges.jobs.with_label_values(&["due"]).set(tables.due);
        gauges.jobs.with_label_values(&["dead"]).set(tables.dead);
        gauges.outbox.set(tables.outbox);
        let read = app.hub.position().unwrap_or(0);
        gauges.log_lag.set(tables.last_position.saturating_sub(read).max(0));
    }
    metrics.text().map_err(Failure::internal)
}
