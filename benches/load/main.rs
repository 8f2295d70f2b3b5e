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
mod bulk;
mod capture;
mod carts;
mod chart;
mod closed;
mod delivery;
mod fill;
mod flood;
mod generators;
mod ground;
mod idle;
mod learning;
mod market;
mod operations;
mod processes;
mod results;
mod server;
mod socket;
mod statements;
mod talks;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Parser, ValueEnum};
use rustix::process::{Resource, getrlimit, setrlimit};

use closed::{Bench, Pace, Tools};
use delivery::Load;
use ground::{Contents, Ground};
use market::Size;
use operations::{Class, Operation};
use results::{OpenRow, Results};
use server::Server;

type AnyError = Box<dyn std::error::Error>;

/// Measures the server under load.
#[derive(Parser)]
struct Arguments {
    /// A smoke run of a few minutes: a small market, short runs. Its figures mean little
    #[arg(long)]
    quick: bool,
    /// How much data, in that of the full run [default: 1; with --quick 0.05]
    #[arg(long)]
    scale: Option<f64>,
    /// What to measure [default: all but learning; with --quick closed, idle and delivery]
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
    /// Idle subscriptions: each is a file here and another one in the server, see `ulimit -Hn` [default: 10000; with --quick 200]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    subscriptions: Option<u32>,
    /// Messages over which conversations are read, beside a hundredth of them [default: 10000000; with --quick 500000]
    #[arg(long, value_parser = clap::value_parser!(i64).range(10_000..=80_000_000))]
    messages: Option<i64>,
    /// Order lines of which recommendations are learned [default: 5000000; with --quick 20000]
    #[arg(long, value_parser = clap::value_parser!(i64).range(20_000..=80_000_000))]
    lines: Option<i64>,
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
    /// From a message to those who listen
    Delivery,
    /// Subscriptions on which nothing happens
    Idle,
    /// Beside a flood of sign-ins
    Flood,
    /// Conversations over a hundred times the messages
    Messages,
    /// With ten times the data
    Tenfold,
    /// Recommendations of millions of lines, which takes an hour or more
    Learning,
}

/// What the arguments come to.
struct Plan {
    is_smoke: bool,
    scale: f64,
    parts: Vec<Part>,
    operations: Vec<String>,
    connections: Vec<u32>,
    pace: Pace,
    subscriptions: u32,
    rest: Duration,
    load: Load,
    messages: i64,
    lines: i64,
}

/// The programs that make load, and where everything lies.
struct Programs {
    wrk: PathBuf,
    oha: Option<PathBuf>,
    folder: PathBuf,
}

impl Plan {
    fn has(&self, parts: &[Part]) -> bool {
        parts.iter().any(|part| self.parts.contains(part))
    }

    /// How the results stand to what is asked of them. A smoke run is asked for nothing.
    fn judged(&self, results: &Results, operations: &[Operation]) -> Vec<String> {
        if self.is_smoke { Vec::new() } else { aims::lines(results, operations) }
    }
}

impl Arguments {
    fn plan(&self) -> Plan {
        let or = |given: &[u32], default: &[u32]| if given.is_empty() { default.to_vec() } else { given.to_vec() };
        let (parts, connections, pace) = if self.quick {
            (vec![Part::Closed, Part::Delivery, Part::Idle], vec![1, 16], Pace { seconds: 1, rounds: 1 })
        } else {
            let of_market = [Part::Closed, Part::Open, Part::Flood, Part::Delivery, Part::Idle];
            let all = of_market.into_iter().chain([Part::Messages, Part::Tenfold]).collect();
            (all, vec![1, 16, 64], Pace { seconds: 4, rounds: 5 })
        };
        // Long enough for two heartbeats of each; a smoke run does not wait for one.
        let (subscriptions, rest, messages, lines) = if self.quick {
            (200, Duration::from_secs(2), 500_000, 20_000)
        } else {
            (10_000, Duration::from_secs(50), 10_000_000, 5_000_000)
        };
        let load = if self.quick {
            Load { receivers: 100, messages_per_second: 10, seconds: 5 }
        } else {
            Load { receivers: market::PERSONS, messages_per_second: 100, seconds: 30 }
        };
        Plan {
            is_smoke: self.quick,
            scale: self.scale.unwrap_or(if self.quick { 0.05 } else { 1.0 }),
            parts: if self.parts.is_empty() { parts } else { self.parts.clone() },
            operations: self.operations.clone(),
            connections: or(&self.connections, &connections),
            pace: Pace { seconds: self.seconds.unwrap_or(pace.seconds), rounds: self.rounds.unwrap_or(pace.rounds) },
            subscriptions: self.subscriptions.unwrap_or(subscriptions),
            rest,
            load,
            messages: self.messages.unwrap_or(messages),
            lines: self.lines.unwrap_or(lines),
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
    // Each socket is a file.
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    let _ = setrlimit(Resource::Nofile, files);
    let needs_oha = plan.has(&[Part::Open, Part::Flood]);
    let oha = if needs_oha { Some(generators::find_oha(&target.join("tools"))?) } else { None };
    let programs = Programs { wrk: generators::find_wrk()?, oha, folder };

    let mut results = Results { scale: plan.scale, ..Results::default() };
    let mut operations = Vec::new();
    if plan.has(&[Part::Closed, Part::Open, Part::Flood, Part::Delivery, Part::Idle]) {
        operations = on_the_market(&plan, &programs, &mut results).await?;
        conclude(&results, &programs.folder, &plan.judged(&results, &operations))?;
    }
    if plan.has(&[Part::Messages]) {
        let messaging = talks::measure(&programs.wrk, &programs.folder, plan.messages, plan.pace).await?;
        results.messaging = Some(messaging);
        conclude(&results, &programs.folder, &plan.judged(&results, &operations))?;
    }
    if plan.has(&[Part::Tenfold]) {
        let ground = Ground::open(&programs.folder, &Contents::market(Size::new(10.0 * plan.scale)))?;
        let tools = Tools::of(&programs.wrk, &ground, &programs.folder)?;
        let server = Server::start(&ground.fresh()?, &programs.folder)?;
        let operations = chosen(&plan, &ground, &server).await?;
        let mut bench = Bench { tools: &tools, ground: &ground, server: &server, runs: 0 };
        results.tenfold = closed(&mut bench, &operations, &[16], &plan).await?;
        conclude(&results, &programs.folder, &plan.judged(&results, &operations))?;
    }
    if plan.has(&[Part::Learning]) {
        results.learning = Some(learning::measure(&programs.folder, plan.lines).await?);
        conclude(&results, &programs.folder, &plan.judged(&results, &operations))?;
    }
    if arguments.publish {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.svg");
        fs::copy(programs.folder.join("load.svg"), docs)?;
    }
    Ok(())
}

/// What is measured on the market as it is. Returns the operations that were.
async fn on_the_market(plan: &Plan, programs: &Programs, results: &mut Results) -> Result<Vec<Operation>, AnyError> {
    let Programs { wrk, oha, folder } = programs;
    let ground = Ground::open(folder, &Contents::market(Size::new(plan.scale)))?;
    let mut operations = Vec::new();
    if plan.has(&[Part::Closed, Part::Open, Part::Flood]) {
        let tools = Tools::of(wrk, &ground, folder)?;
        let server = Server::start(&ground.fresh()?, folder)?;
        results.idle_memory = Some(processes::resident(server.pid())? / 1e6);
        operations = chosen(plan, &ground, &server).await?;
        if plan.has(&[Part::Closed]) {
            let mut bench = Bench { tools: &tools, ground: &ground, server: &server, runs: 0 };
            results.closed = closed(&mut bench, &operations, &plan.connections, plan).await?;
        }
        if let Some(oha) = oha.as_ref().filter(|_| plan.has(&[Part::Open])) {
            results.open = open((oha, folder), &ground, &server, &operations, plan.pace)?;
        }
        let read = operations.iter().find(|operation| operation.name == "Newest");
        if let (Some(oha), Some(read), true) = (oha, read, plan.has(&[Part::Flood])) {
            let pace = (plan.pace.seconds * 3, plan.pace.rounds);
            results.flood = Some(flood::measure((oha, folder), &ground, &server, read, pace).await?);
        }
    }
    // Servers of their own, so that neither memory nor work that earlier requests have left hides what these take.
    if plan.has(&[Part::Delivery]) {
        let server = Server::start(&ground.fresh()?, folder)?;
        results.delivery = Some(delivery::measure(&server, &ground, plan.load).await?);
    }
    if plan.has(&[Part::Idle]) {
        let server = Server::start(&ground.fresh()?, folder)?;
        results.idle = Some(idle::measure(&server, &ground, plan.subscriptions, plan.rest).await?);
    }
    Ok(operations)
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
            let script = (operation.class != Class::Empty).then_some(script);
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
    (oha, folder): (&Path, &Path),
    ground: &Ground,
    server: &Server,
    operations: &[Operation],
    pace: Pace,
) -> Result<Vec<OpenRow>, AnyError> {
    const CONNECTIONS: u32 = 64;
    let mut rows = Vec::new();
    for operation in operations.iter().filter(|operation| matches!(operation.class, Class::Page | Class::Row)) {
        if let Some(carts) = operation.carts {
            carts.fill(ground)?;
        }
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
