//! Everything that a run found out, as a table and as JSON.

use std::fmt::Write;

use serde::Serialize;

use super::closed::Row;

#[derive(Debug, Default, Serialize)]
pub struct Results {
    pub scale: f64,
    pub closed: Vec<Row>,
    /// Memory of the server before anything was asked, in megabytes.
    pub idle_memory: f64,
    pub open: Vec<OpenRow>,
    pub flood: Option<Flood>,
    /// Bytes of memory for each idle subscription.
    pub subscription: Option<f64>,
    pub tenfold: Vec<Row>,
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
        Some((row.server_cpu + row.postgres_cpu) / (base.server_cpu + base.postgres_cpu))
    }

    /// The tables, in Markdown.
    pub fn table(&self) -> String {
        let mut text = rows(&self.closed);
        let _ = writeln!(text, "\nserver before the first request: {:.0} MB", self.idle_memory);
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
        if let Some(bytes) = self.subscription {
            let _ = writeln!(text, "\nan idle subscription: {:.1} KB", bytes / 1024.0);
        }
        if !self.tenfold.is_empty() {
            let _ = writeln!(text, "\nWith ten times the data:\n\n{}", rows(&self.tenfold));
            for row in &self.tenfold {
                if let Some(growth) = self.growth(row) {
                    let _ = writeln!(text, "- {}: {growth:.2} × the processor time of a request", row.title);
                }
            }
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
