//! What the figures are held to.

use super::{
    operations::{Class, Operation},
    results::Results,
};

/// A figure, and what it must and should be.
struct Figure {
    what: String,
    value: f64,
    must: f64,
    aim: f64,
    better: Better,
}

#[derive(Clone, Copy, PartialEq)]
enum Better {
    More,
    Less,
}

/// A line for each figure that was measured.
pub fn lines(results: &Results, operations: &[Operation]) -> Vec<String> {
    let mut figures = Vec::new();
    let mut figure = |what: String, value, must, aim, better| figures.push(Figure { what, value, must, aim, better });
    for operation in operations {
        let Some(row) = results.row(operation.name, 16) else { continue };
        let Some(with) = &row.pgbench else { continue };
        match operation.class {
            Class::Page => {
                figure(format!("{}: ratio to pgbench", row.title), with.ratio, 0.40, 0.50, Better::More);
                let cpu = row.server_cpu / row.postgres_cpu;
                figure(format!("{}: server CPU in Postgres'", row.title), cpu, 1.6, 1.2, Better::Less);
            }
            Class::Row => figure(format!("{}: ratio to pgbench", row.title), with.ratio, 0.45, 0.45, Better::More),
            Class::Write | Class::Empty => {}
        }
    }
    for row in &results.open {
        // Behind the rate every request waits for those before it, and quantiles say nothing.
        let kept = row.requests_per_second / row.wanted_per_second;
        figure(format!("{}: rate kept at 70 %", row.title), kept, 0.99, 0.99, Better::More);
        figure(format!("{}: p99 in p50s at 70 %", row.title), row.p99 / row.p50, 5.0, 5.0, Better::Less);
    }
    let most = results.closed.iter().filter(|row| row.connections == 64).map(|row| row.memory).reduce(f64::max);
    if let Some(most) = most {
        figure("memory at 64 connections, MB".into(), most, 80.0, 80.0, Better::Less);
    }
    if let Some(flood) = &results.flood {
        // Where nobody gets in it is no flood.
        let growth = if flood.signed_in == 0 { f64::INFINITY } else { flood.flooded / flood.quiet };
        figure(format!("{}: p99 beside a flood of sign-ins", flood.title), growth, 2.0, 2.0, Better::Less);
    }
    if let Some(delivery) = &results.delivery {
        figure("message to subscriber: p99, ms".into(), delivery.p99, 150.0, 150.0, Better::Less);
        // What never comes takes no time, and what comes twice is in the way of the rest.
        let wrong = (delivery.heard - delivery.wanted).unsigned_abs() + delivery.refused;
        figure("message to subscriber: missed, twice or refused".into(), wrong as f64, 0.0, 0.0, Better::Less);
    }
    if let Some(idle) = &results.idle {
        figure("memory of an idle subscription, KB".into(), idle.bytes / 1024.0, 16.0, 12.0, Better::Less);
    }
    for growth in results.messaging.iter().flat_map(|messaging| &messaging.growth) {
        let (title, (cpu, _)) = (&growth.many.title, growth.ratios());
        // As the table has it: somebody's first request looks up their session, too.
        let statements = (growth.many.statements * 10.0).round() / 10.0;
        figure(format!("{title}: statements"), statements, growth.statements, growth.statements, Better::Less);
        figure(format!("{title}: CPU over a hundred times the messages"), cpu, 1.3, 1.3, Better::Less);
    }
    if let Some(learning) = &results.learning {
        figure("learning: memory of everything, MB".into(), learning.memory() / 1e6, 1_000.0, 1_000.0, Better::Less);
        let renewed = learning.renewed.unwrap_or(f64::INFINITY);
        figure("learning: a new order is known, s".into(), renewed, 60.0, 60.0, Better::Less);
    }
    for row in &results.tenfold {
        if let Some(growth) = results.growth(row) {
            figure(format!("{}: CPU with ten times the data", row.title), growth, 1.3, 1.3, Better::Less);
        }
    }
    figures.iter().map(Figure::line).collect()
}

impl Figure {
    fn line(&self) -> String {
        let Self { what, value, must, aim, better } = self;
        let reaches = |bound: f64| if *better == Better::More { *value >= bound } else { *value <= bound };
        let sign = if *better == Better::More { "≥" } else { "≤" };
        let verdict = match (reaches(*must), reaches(*aim)) {
            (true, true) => "met",
            (true, false) => "met, aim missed",
            (false, _) => "MISSED",
        };
        let aim = if (must - aim).abs() < f64::EPSILON { String::new() } else { format!(", aim {sign} {aim}") };
        format!("{verdict:>15}  {value:>7.2}  must {sign} {must}{aim}  {what}")
    }
}
