//! Everything that a run found out, as a table and as JSON.

mod told;

use std::fmt::Write;

use serde::Serialize;

use super::closed::Row;

#[derive(Debug, Default, Serialize)]
pub struct Results {
    pub scale: f64,
    pub closed: Vec<Row>,
    /// Memory of the server before anything was asked, in megabytes.
    pub idle_memory: Option<f64>,
    pub open: Vec<OpenRow>,
    pub flood: Option<Flood>,
    pub delivery: Option<Delivery>,
    pub idle: Option<Idle>,
    pub messaging: Option<Messaging>,
    pub tenfold: Vec<Row>,
    pub learning: Option<Learning>,
}

/// Subscriptions on which nothing happens.
#[derive(Debug, Serialize)]
pub struct Idle {
    pub count: u32,
    /// Memory of the server for each.
    pub bytes: f64,
    /// Processor time while all of them wait, in that of one processor.
    pub server_cpu: f64,
    pub postgres_cpu: f64,
}

/// Messages at a fixed rate: milliseconds from the sending of the request to each socket that is told.
#[derive(Debug, Serialize)]
pub struct Delivery {
    pub receivers: i64,
    pub messages_per_second: u32,
    pub seconds: u32,
    /// How often somebody was to be told, and was.
    pub wanted: i64,
    pub heard: i64,
    /// Messages that were not taken.
    pub refused: u64,
    /// Whether a socket ended before its time.
    pub has_lost_sockets: bool,
    pub p50: f64,
    pub p99: f64,
    pub most: f64,
}

/// Readings of conversations over so many messages, and so many.
#[derive(Debug, Serialize)]
pub struct Messaging {
    pub few: i64,
    pub many: i64,
    /// What their databases take on disk.
    pub few_bytes: i64,
    pub many_bytes: i64,
    pub growth: Vec<Growth>,
}

/// One reading, over few messages and over many.
#[derive(Debug, Serialize)]
pub struct Growth {
    /// Statements that it may take.
    pub statements: f64,
    pub few: Row,
    pub many: Row,
}

/// What it took to learn what goes with what.
#[derive(Debug, Serialize)]
pub struct Learning {
    pub lines: i64,
    pub orders: i64,
    pub products: i64,
    /// Seconds until all orders were learned, and until all lists were made of that.
    pub learned_in: f64,
    pub seconds: f64,
    /// Processor time, in seconds.
    pub server_cpu: f64,
    pub postgres_cpu: f64,
    pub pairs: i64,
    /// Products that have neighbours, and all neighbours.
    pub lists: i64,
    pub neighbors: i64,
    /// Bytes of all that was learned, on disk.
    pub disk: i64,
    /// Bytes of memory at the most: the server's, those that each of Postgres' processes had of its own, and those that these share.
    pub server_memory: f64,
    pub postgres_memory: f64,
    pub shared_memory: f64,
    /// Seconds from the payment of a new order until the lists knew of it; none if they never did.
    pub renewed: Option<f64>,
}

impl Growth {
    /// What a reading costs over many messages, in what it costs over few: processor time, and time.
    pub fn ratios(&self) -> (f64, f64) {
        (self.many.cpu() / self.few.cpu(), self.many.p50 / self.few.p50)
    }
}

impl Learning {
    /// Bytes of memory of all processes together.
    pub fn memory(&self) -> f64 {
        self.server_memory + self.postgres_memory + self.shared_memory
    }
}

/// At 70 % of the peak: milliseconds from the moment at which a request was due.
#[derive(Debug, Serialize)]
pub struct OpenRow {
    pub operation: String,
    pub title: String,
    pub connections: u32,
    pub wanted_per_second: f64,
    pub requests_per_second: f64,
    pub p50: f64,
    pub p99: f64,
    /// Of empty requests at the same rate.
    pub p99_of_nothing: f64,
}

/// Reads at a tenth of their peak, without and with 200 sign-ins under way all the time: the 99th percentile in milliseconds.
#[derive(Debug, Serialize)]
pub struct Flood {
    pub title: String,
    /// Reads a second.
    pub rate: f64,
    pub quiet: f64,
    pub flooded: f64,
    /// Sign-ins that were carried out in all rounds, and those that were told to come again.
    pub signed_in: u64,
    pub refused: u64,
}

impl Results {
    /// The row of an operation at full speed.
    pub fn row(&self, operation: &str, connections: u32) -> Option<&Row> {
        find(&self.closed, operation, connections)
    }

    /// The processor time of a request with ten times the data, in that with the data as it is.
    pub fn growth(&self, row: &Row) -> Option<f64> {
        let base = self.row(&row.operation, row.connections)?;
        Some(row.cpu() / base.cpu())
    }

    /// The tables, in Markdown.
    pub fn table(&self) -> String {
        let mut text = if self.closed.is_empty() { String::new() } else { rows(&self.closed) };
        if let Some(megabytes) = self.idle_memory {
            let _ = writeln!(text, "\nserver before the first request: {megabytes:.0} MB");
        }
        if !self.open.is_empty() {
            text.push_str(
                "\n| at 70 % of the peak, 64 connections | wanted/s | requests/s | p50 ms | p99 ms | p99 ÷ p50 | p99 ms of nothing |\n",
            );
            text.push_str("|---|--:|--:|--:|--:|--:|--:|\n");
            for row in &self.open {
                let OpenRow { title, wanted_per_second, requests_per_second, p50, p99, p99_of_nothing, .. } = row;
                let _ = writeln!(
                    text,
                    "| {title} | {wanted_per_second:.0} | {requests_per_second:.0} | {p50:.2} | {p99:.2} | {:.1} | {p99_of_nothing:.2} |",
                    p99 / p50
                );
            }
        }
        if let Some(Flood { title, rate, quiet, flooded, signed_in, refused }) = &self.flood {
            let _ = writeln!(
                text,
                "\n{title} at {rate:.0}/s: p99 {quiet:.2} ms, beside 200 sign-ins at once {flooded:.2} ms ({:.2} ×; {signed_in} \
                 signed in, {refused} told to come again)",
                flooded / quiet
            );
        }
        if let Some(delivery) = &self.delivery {
            let _ = writeln!(text, "\n{}", delivery.line());
        }
        if let Some(idle) = &self.idle {
            let _ = writeln!(text, "\n{}", idle.line());
        }
        if let Some(messaging) = &self.messaging {
            let _ = writeln!(text, "\n{}", messaging.table());
        }
        if !self.tenfold.is_empty() {
            let _ = writeln!(text, "\nWith ten times the data:\n\n{}", rows(&self.tenfold));
            for row in &self.tenfold {
                if let Some(growth) = self.growth(row) {
                    let _ = writeln!(text, "- {}: {growth:.2} × the processor time of a request", row.title);
                }
            }
        }
        if let Some(learning) = &self.learning {
            let _ = writeln!(text, "\n{}", learning.lines());
        }
        text
    }
}

pub fn find<'a>(rows: &'a [Row], operation: &str, connections: u32) -> Option<&'a Row> {
    rows.iter().find(|row| row.operation == operation && row.connections == connections)
}

fn rows(rows: &[Row]) -> String {
    let mut text =
        "| operation | conn. | requests/s | p50 ms | p99 ms | server CPU ms | Postgres CPU ms | statements | MB \
                    | pgbench/s | its CPU ms | ratio |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
            .to_owned();
    for row in rows {
        let _ = write!(
            text,
            "| {} | {} | {:.0} | {:.2} | {:.2} | {:.3} | {:.3} | {:.1} | {:.0} |",
            row.title,
            row.connections,
            row.requests_per_second,
            row.p50,
            row.p99,
            row.server_cpu,
            row.postgres_cpu,
            row.statements,
            row.memory
        );
        let _ = match &row.pgbench {
            Some(with) => writeln!(
                text,
                " {:.0} | {:.3} | {:.2} ({:.2}–{:.2}) |",
                with.transactions_per_second, with.postgres_cpu, with.ratio, with.ratio_min, with.ratio_max
            ),
            None => writeln!(text, " | | |"),
        };
    }
    let failures: u64 = rows.iter().map(|row| row.failures).sum();
    let _ = writeln!(text, "\nrequests that failed or were refused: {failures}");
    for Row { title, connections, failures, .. } in rows.iter().filter(|row| row.failures > 0) {
        let _ = writeln!(text, "- {title}, {connections} connections: {failures}");
    }
    text
}
