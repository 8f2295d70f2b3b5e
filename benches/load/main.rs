//! `cargo bench --bench load`: the real server over a filled market, beside pgbench with the same statements.
//!
//! See `docs/performance.md`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "figures are for reading, and a benchmark that meets what it does not expect may end"
)]

mod aims;
mod capture;
mod carts;
mod chart;
mod closed;
mod fill;
mod flood;
mod generators;
mod ground;
mod idle;
mod market;
mod operations;
mod processes;
mod results;
mod server;
mod statements;

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Parser, ValueEnum};

use closed::{Bench, Pace, Tools};
use ground::Ground;
use market::Size;
use operations::{Class, Operation};
use results::{OpenRow, Results};
use server::Server;

type AnyError = Box<dyn std::error::Error>;

/// Measures the server under load.
#[derive(Parser)]
struct Arguments {
    /// A smoke run of under two minutes: a small market, short runs. Its figures mean little
    #[arg(long)]
    quick: bool,
    /// How much data, in that of the full run [default: 1; with --quick 0.05]
    #[arg(long)]
    scale: Option<f64>,
    /// What to measure [default: all; with --quick closed and idle]
    #[arg(long, value_delimiter = ',')]
    parts: Vec<Part>,
    /// Only operations with these names, such as Newest [default: all]
    #[arg(long, value_delimiter = ',')]
    operations: Vec<String>,
    /// Over how many connections [default: 1,16,64; with --quick 1,16]
    #[arg(long, value_delimiter = ',')]
    connections: Vec<u32>,
    /// How long each run takes [default: 4; with --quick 1]
    #[arg(long)]
    seconds: Option<u32>,
    /// How many pairs of runs each figure comes from [default: 5; with --quick 1]
    #[arg(long)]
    rounds: Option<u32>,
    /// Puts the chart into docs/, too
    #[arg(long)]
    publish: bool,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// At full speed, beside pgbench
    Closed,
    /// At 70 % of the peak
    Open,
    /// Subscriptions on which nothing happens
    Idle,
    /// Beside a flood of sign-ins
    Flood,
    /// With ten times the data
    Tenfold,
}

/// What the arguments come to.
struct Plan {
    is_smoke: bool,
    scale: f64,
    parts: Vec<Part>,
    operations: Vec<String>,
    connections: Vec<u32>,
    pace: Pace,
    sockets: u32,
}

impl Plan {
    /// How the results stand to what is asked of them. A smoke run is asked for nothing.
    fn judged(&self, results: &Results, operations: &[Operation]) -> Vec<String> {
        if self.is_smoke { Vec::new() } else { aims::lines(results, operations) }
    }
}

impl Arguments {
    fn plan(&self) -> Plan {
        let or = |given: &[u32], default: &[u32]| if given.is_empty() { default.to_vec() } else { given.to_vec() };
        let (parts, connections, pace, sockets) = if self.quick {
            (vec![Part::Closed, Part::Idle], vec![1, 16], Pace { seconds: 1, rounds: 1 }, 200)
        } else {
            let all = vec![Part::Closed, Part::Open, Part::Idle, Part::Flood, Part::Tenfold];
            (all, vec![1, 16, 64], Pace { seconds: 4, rounds: 5 }, 5_000)
        };
        Plan {
            is_smoke: self.quick,
            scale: self.scale.unwrap_or(if self.quick { 0.05 } else { 1.0 }),
            parts: if self.parts.is_empty() { parts } else { self.parts.clone() },
            operations: self.operations.clone(),
            connections: or(&self.connections, &connections),
            pace: Pace { seconds: self.seconds.unwrap_or(pace.seconds), rounds: self.rounds.unwrap_or(pace.rounds) },
            sockets,
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let arguments = Arguments::parse();
    if !arguments.bench {
        println!("run it by `cargo bench --bench load`");
        return Ok(());
    }
    let plan = arguments.plan();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("no target folder")?.to_owned();
    let folder = target.join("bench");
    fs::create_dir_all(&folder)?;
    let wrk = generators::find_wrk()?;
    let needs_oha = plan.parts.iter().any(|part| matches!(part, Part::Open | Part::Flood));
    let oha = if needs_oha { Some(generators::find_oha(&target.join("tools"))?) } else { None };

    let mut results = Results { scale: plan.scale, ..Results::default() };
    {
        let ground = Ground::open(&folder, Size::new(plan.scale))?;
        let tools = Tools::of(&wrk, &ground, &folder)?;
        let server = Server::start(&ground.fresh()?, &folder)?;
        results.idle_memory = processes::resident(server.pid())? / 1e6;
        let operations = chosen(&plan, &ground, &server).await?;
        if plan.parts.contains(&Part::Closed) {
            let mut bench = Bench { tools: &tools, ground: &ground, server: &server, runs: 0 };
            results.closed = closed(&mut bench, &operations, &plan.connections, &plan).await?;
        }
        if let Some(oha) = oha {
            if plan.parts.contains(&Part::Open) {
                results.open = open(&oha, &folder, &server, &operations, plan.pace)?;
            }
            let read = operations.iter().find(|operation| operation.name == "Newest");
            if let Some(read) = read.filter(|_| plan.parts.contains(&Part::Flood)) {
                let pace = (plan.pace.seconds * 3, plan.pace.rounds);
                results.flood = Some(flood::measure((&oha, &folder), &ground, &server, read, pace).await?);
            }
        }
        if plan.parts.contains(&Part::Idle) {
            // A server of its own, so that memory of earlier requests does not hide that of sockets.
            drop(server);
            let server = Server::start(&ground.url(), &folder)?;
            results.subscription = Some(idle::bytes_each(&server, plan.sockets).await?);
        }
        conclude(&results, &folder, &plan.judged(&results, &operations))?;
    }
    if plan.parts.contains(&Part::Tenfold) {
        let ground = Ground::open(&folder, Size::new(10.0 * plan.scale))?;
        let tools = Tools::of(&wrk, &ground, &folder)?;
        let server = Server::start(&ground.fresh()?, &folder)?;
        let operations = chosen(&plan, &ground, &server).await?;
        let mut bench = Bench { tools: &tools, ground: &ground, server: &server, runs: 0 };
        results.tenfold = closed(&mut bench, &operations, &[16], &plan).await?;
        conclude(&results, &folder, &plan.judged(&results, &operations))?;
    }
    if arguments.publish {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.svg");
        fs::copy(folder.join("load.svg"), docs)?;
    }
    Ok(())
}

async fn chosen(plan: &Plan, ground: &Ground, server: &Server) -> Result<Vec<Operation>, AnyError> {
    let depths = capture::depths(server, &ground.size).await?;
    let mut operations = operations::all(ground.size, depths);
    operations
        .retain(|operation| plan.operations.is_empty() || plan.operations.iter().any(|name| name == operation.name));
    Ok(operations)
}

async fn closed(
    bench: &mut Bench<'_>,
    operations: &[Operation],
    connections: &[u32],
    plan: &Plan,
) -> Result<Vec<closed::Row>, AnyError> {
    let scripts = capture::scripts(bench.ground, bench.server, operations).await?;
    let mut rows = Vec::new();
    for (operation, script) in operations.iter().zip(&scripts) {
        // Over one connection no order waits for another one: a smoke run has no time for that.
        let is_left_out = |connections: u32| plan.is_smoke && operation.carts.is_some() && connections == 1;
        for connections in connections.iter().copied().filter(|&connections| !is_left_out(connections)) {
            let row = bench.measure(operation, script, connections, plan.pace)?;
            eprintln!(
                "{}, {connections}: {:.0}/s, CPU {:.3} + {:.3} ms, ratio {:.2}, {} failed",
                row.title,
                row.requests_per_second,
                row.server_cpu,
                row.postgres_cpu,
                row.pgbench.as_ref().map_or(f64::NAN, |with| with.ratio),
                row.failures
            );
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Reads at 70 % of their peak. `oha` has one token a run, and cannot make a key for each request, so there are no writes.
fn open(
    oha: &Path,
    folder: &Path,
    server: &Server,
    operations: &[Operation],
    pace: Pace,
) -> Result<Vec<OpenRow>, AnyError> {
    const CONNECTIONS: u32 = 64;
    let mut rows = Vec::new();
    for operation in operations.iter().filter(|operation| matches!(operation.class, Class::Page | Class::Row)) {
        let (token, bodies) = operation.of_one_person(server, 20_000)?;
        let file: PathBuf = folder.join("bodies.txt");
        let run = |rate, seconds| {
            let run = (rate, CONNECTIONS, seconds);
            generators::oha(oha, &server.url, (token.as_deref(), &bodies), &file, run)
        };
        // Its own peak: it shares the processors with the server, and takes more of them than `wrk`.
        let peak = run(None, pace.seconds)?.rate;
        let wanted = 0.7 * peak;
        let runs = (0..pace.rounds).map(|_| run(Some(wanted), pace.seconds * 3));
        let mut runs = runs.collect::<Result<Vec<_>, AnyError>>()?;
        // The run in the middle: a neighbour's hiccup of a tenth of a second is a hundredth of a run by itself.
        runs.sort_by(|one, other| (one.p99 / one.p50).total_cmp(&(other.p99 / other.p50)));
        let open = runs[runs.len() / 2];
        // What is late even if there is nothing to do is not the server's.
        let nothing = [r#"{"query": "{ __typename }"}"#.to_owned()];
        let nothing =
            generators::oha(oha, &server.url, (None, &nothing), &file, (Some(wanted), CONNECTIONS, pace.seconds * 3))?;
        rows.push(OpenRow {
            operation: operation.name.to_owned(),
            title: operation.title.to_owned(),
            connections: CONNECTIONS,
            wanted_per_second: wanted,
            requests_per_second: open.rate,
            p50: open.p50,
            p99: open.p99,
            p99_of_nothing: nothing.p99,
        });
    }
    Ok(rows)
}

/// Prints what is known so far, and writes it down.
fn conclude(results: &Results, folder: &Path, aims: &[String]) -> Result<(), AnyError> {
    let text = format!("{}\n{}\n", results.table(), aims.join("\n"));
    println!("{text}");
    fs::write(folder.join("load.md"), &text)?;
    fs::write(folder.join("load.json"), serde_json::to_string_pretty(results)?)?;
    fs::write(folder.join("load.svg"), chart::svg(&results.closed, 16))?;
    Ok(())
}
