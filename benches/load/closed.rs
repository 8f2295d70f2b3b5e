//! At full speed: the server and pgbench in turns, so that both meet the same weather.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use serde::Serialize;

use super::{
    AnyError,
    generators::{self, Closed},
    ground::Ground,
    operations::Operation,
    processes::{cpu_of, cpu_of_family, resident},
    server::Server,
    statements::Script,
};

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub seconds: u32,
    pub rounds: u32,
}

/// The programs and folders of a run.
pub struct Tools {
    pub folder: PathBuf,
    pub wrk: PathBuf,
    pub pgbench: PathBuf,
}

impl Tools {
    pub fn of(wrk: &Path, ground: &Ground, folder: &Path) -> Result<Self, AnyError> {
        let pgbench = generators::find_pgbench(ground.postmaster()?)?;
        Ok(Self { folder: folder.to_owned(), wrk: wrk.to_owned(), pgbench })
    }
}

/// One line of the table: medians over the rounds. Times are in milliseconds, of one request.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub operation: String,
    pub title: String,
    pub connections: u32,
    pub requests_per_second: f64,
    pub p50: f64,
    pub p99: f64,
    pub server_cpu: f64,
    pub postgres_cpu: f64,
    pub statements: f64,
    /// The server's resident memory after the runs, in megabytes.
    pub memory: f64,
    pub failures: u64,
    pub pgbench: Option<Reference>,
}

impl Row {
    /// Processor time of server and Postgres together.
    pub fn cpu(&self) -> f64 {
        self.server_cpu + self.postgres_cpu
    }
}

/// The same statements without the server.
#[derive(Debug, Clone, Serialize)]
pub struct Reference {
    pub transactions_per_second: f64,
    pub postgres_cpu: f64,
    /// The server's throughput in pgbench's, of each pair: the median, the least, the most.
    pub ratio: f64,
    pub ratio_min: f64,
    pub ratio_max: f64,
}

/// One run against the server.
struct Served {
    closed: Closed,
    server_cpu: f64,
    postgres_cpu: f64,
    statements: f64,
    failures: u64,
}

pub struct Bench<'a> {
    pub tools: &'a Tools,
    pub ground: &'a Ground,
    pub server: &'a Server,
    /// Numbers the runs, so that no two make the same keys and ids.
    pub runs: u32,
}

impl Bench<'_> {
    /// Measures one operation over some connections, beside pgbench if there is a script for it.
    pub fn measure(
        &mut self,
        operation: &Operation,
        script: Option<&Script>,
        connections: u32,
        pace: Pace,
    ) -> Result<Row, AnyError> {
        // Caches and connections are warm in all rounds.
        self.serve(operation, connections, 1)?;
        if let Some(script) = script {
            self.reference(operation, script, connections, 1)?;
        }
        let (mut served, mut references) = (Vec::new(), Vec::new());
        for round in 0..pace.rounds {
            // Who goes first changes.
            if round % 2 == 0 {
                served.push(self.serve(operation, connections, pace.seconds)?);
            }
            if let Some(script) = script {
                references.push(self.reference(operation, script, connections, pace.seconds)?);
            }
            if round % 2 == 1 {
                served.push(self.serve(operation, connections, pace.seconds)?);
            }
        }
        let over = |figure: fn(&Served) -> f64| median(served.iter().map(figure));
        let rate = |served: &Served| served.closed.requests as f64 / served.closed.seconds;
        let ratios: Vec<f64> = served.iter().zip(&references).map(|(served, (tps, _))| rate(served) / tps).collect();
        let reference = script.map(|_| Reference {
            transactions_per_second: median(references.iter().map(|(tps, _)| *tps)),
            postgres_cpu: median(references.iter().map(|(_, cpu)| *cpu)),
            ratio: median(ratios.iter().copied()),
            ratio_min: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            ratio_max: ratios.iter().copied().fold(0.0, f64::max),
        });
        Ok(Row {
            operation: operation.name.to_owned(),
            title: operation.title.to_owned(),
            connections,
            requests_per_second: over(|served| served.closed.requests as f64 / served.closed.seconds),
            p50: over(|served| served.closed.p50),
            p99: over(|served| served.closed.p99),
            server_cpu: over(|served| served.server_cpu),
            postgres_cpu: over(|served| served.postgres_cpu),
            statements: over(|served| served.statements),
            memory: resident(self.server.pid())? / 1e6,
            failures: served.iter().map(|served| served.failures + served.closed.failed).sum(),
            pgbench: reference,
        })
    }

    /// Has those carts full that a run orders.
    fn fill_carts(&self, operation: &Operation, connections: u32) -> Result<(), AnyError> {
        let Some(carts) = operation.carts else { return Ok(()) };
        // What was under way when the last run ended may still order a cart, which must not be one of the new ones.
        thread::sleep(Duration::from_millis(20) * connections);
        carts.fill(self.ground)
    }

    fn serve(&mut self, operation: &Operation, connections: u32, seconds: u32) -> Result<Served, AnyError> {
        self.runs += 1;
        self.fill_carts(operation, connections)?;
        let file = self.tools.folder.join("requests.txt");
        fs::write(&file, operation.lines(self.server, 4_000, u64::from(self.runs))?.join("\n"))?;
        self.server.forget()?;
        let (pid, postmaster) = (self.server.pid(), self.ground.postmaster()?);
        let before = (cpu_of(pid)?, cpu_of_family(postmaster)?);
        let closed = generators::wrk(&self.tools.wrk, &self.server.url, &file, connections, seconds, self.runs)?;
        let after = (cpu_of(pid)?, cpu_of_family(postmaster)?);
        let answered = self.server.answered()?;
        let requests = closed.requests.max(1) as f64;
        Ok(Served {
            closed,
            server_cpu: (after.0 - before.0) * 1e3 / requests,
            postgres_cpu: (after.1 - before.1) * 1e3 / requests,
            statements: answered.statements as f64 / answered.count.max(1) as f64,
            failures: answered.failures,
        })
    }

    /// Transactions a second, and Postgres' processor time of one in milliseconds.
    fn reference(
        &mut self,
        operation: &Operation,
        script: &Script,
        connections: u32,
        seconds: u32,
    ) -> Result<(f64, f64), AnyError> {
        self.runs += 1;
        self.fill_carts(operation, connections)?;
        let file = self.tools.folder.join(format!("{}.sql", operation.name));
        let postmaster = self.ground.postmaster()?;
        let before = cpu_of_family(postmaster)?;
        let url = self.ground.url();
        let times = (connections, seconds, self.runs);
        let (tps, count) = generators::pgbench(&self.tools.pgbench, &url, (script, &file), operation.plans, times)?;
        Ok((tps, (cpu_of_family(postmaster)? - before) * 1e3 / count.max(1.0)))
    }
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.as_slice() {
        [] => 0.0,
        values => f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2]),
    }
}
