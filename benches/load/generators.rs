//! The programs that make load: `wrk` and `pgbench` as many requests as they can, `oha` as many as it is told to.
//!
//! `wrk` sends another token, another body and another idempotency key each time, by a script; `oha` has one set of headers a
//! run, but keeps to a rate and does not forgive the server the requests that waited.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;
use serde_json::Value;

use super::{AnyError, operations::Plans, statements::Script};

/// A program in the first of these folders, or on PATH, or what to do about its absence.
fn find(name: &str, first: &[PathBuf], remedy: &str) -> Result<PathBuf, AnyError> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = first.iter().cloned().chain(env::split_paths(&path));
    let mut places = folders.map(|folder| folder.join(name));
    places.find(|place| place.is_file()).ok_or_else(|| format!("`{name}` is not on PATH: {remedy}").into())
}

pub fn find_wrk() -> Result<PathBuf, AnyError> {
    find("wrk", &[], "install the package wrk (`apt-get install wrk`)")
}

/// `oha`, installed into `folder` if it is nowhere else.
pub fn find_oha(folder: &Path) -> Result<PathBuf, AnyError> {
    let remedy = "install it with `cargo install oha --locked`";
    let here = [folder.join("bin")];
    if let Ok(found) = find("oha", &here, remedy) {
        return Ok(found);
    }
    eprintln!("installing oha into {}", folder.display());
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo).args(["install", "oha", "--locked", "--quiet", "--root"]).arg(folder).status()?;
    find("oha", &here, remedy)
}

/// The `pgbench` of the server with this process.
pub fn find_pgbench(postmaster: u32) -> Result<PathBuf, AnyError> {
    let server = fs::read_link(format!("/proc/{postmaster}/exe"))?;
    let beside: Vec<PathBuf> = server.parent().map(Path::to_owned).into_iter().collect();
    find("pgbench", &beside, "it comes with Postgres; name its folder in AGORA_PG_BIN")
}

/// What a run at full speed came to. Times are in milliseconds; what the market refuses has failed.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Closed {
    pub requests: u64,
    pub seconds: f64,
    pub p50: f64,
    pub p99: f64,
    pub failed: u64,
}

pub fn wrk(
    program: &Path,
    url: &str,
    lines: &Path,
    connections: u32,
    seconds: u32,
    run: u32,
) -> Result<Closed, AnyError> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/load/wrk.lua");
    let output = Command::new(program)
        .args(["-t1", "--latency", "--timeout", "30s", "-c", &connections.to_string(), "-d", &format!("{seconds}s")])
        .arg("-s")
        .arg(script)
        .arg(url)
        .arg("--")
        .arg(lines)
        .arg(run.to_string())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().rev().find(|line| line.starts_with('{'));
    let Some(last) = last else { return Err(format!("wrk: {text}{}", String::from_utf8_lossy(&output.stderr)).into()) };
    Ok(serde_json::from_str(last)?)
}

/// Transactions a second, and their number.
pub fn pgbench(
    program: &Path,
    database: &str,
    (script, file): (&Script, &Path),
    plans: Plans,
    (connections, seconds, run): (u32, u32, u32),
) -> Result<(f64, f64), AnyError> {
    script.write(file, run)?;
    let plans = match plans {
        Plans::Generic => "force_generic_plan",
        Plans::Custom => "force_custom_plan",
    };
    let mut command = Command::new(program);
    command.env("PGOPTIONS", format!("-c plan_cache_mode={plans} -c jit=off -c statement_timeout=15000"));
    command.args(["--no-vacuum", "--protocol=prepared", "--define=i=0"]);
    command.arg(format!("--define=clients={connections}"));
    command.arg(format!("--client={connections}")).arg(format!("--jobs={}", connections.min(2)));
    command.arg(format!("--time={seconds}")).arg("--file").arg(file);
    for (name, value) in &script.constants {
        command.arg(format!("--define={name}={value}"));
    }
    let output = command.arg(database).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let figure = |before: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(before))?;
        line.split([' ', '/']).next()?.parse::<f64>().ok()
    };
    match (output.status.success(), figure("tps = "), figure("number of transactions actually processed: ")) {
        (true, Some(rate), Some(count)) => Ok((rate, count)),
        _ => Err(format!("pgbench, {}: {}", file.display(), String::from_utf8_lossy(&output.stderr)).into()),
    }
}

/// What a run of `oha` came to. Times are in milliseconds, at a fixed rate from the moment at which each request was due.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    pub rate: f64,
    pub p50: f64,
    pub p99: f64,
}

/// Sends the bodies of a file at random, all with one token: at a fixed rate, or as many as get answered.
pub fn oha(
    program: &Path,
    url: &str,
    (token, bodies): (Option<&str>, &[String]),
    file: &Path,
    (rate, connections, seconds): (Option<f64>, u32, u32),
) -> Result<Open, AnyError> {
    fs::write(file, bodies.join("\n"))?;
    let mut command = Command::new(program);
    command.args(["--no-tui", "--output-format", "json", "-m", "POST"]);
    command.args(["-H", "content-type: application/json"]);
    if let Some(token) = token {
        command.args(["-H", &format!("authorization: Bearer {token}")]);
    }
    if let Some(rate) = rate {
        command.arg("--latency-correction").arg("-q").arg(format!("{}", rate.round().max(1.0)));
    }
    command.arg("-c").arg(connections.to_string()).arg("-z").arg(format!("{seconds}s")).arg("-Z").arg(file).arg(url);
    let output = command.output()?;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("oha: {}", String::from_utf8_lossy(&output.stderr)))?;
    let milliseconds =
        |percentile: &str| answer["latencyPercentiles"][percentile].as_f64().map(|seconds| seconds * 1e3);
    let (Some(p50), Some(p99)) = (milliseconds("p50"), milliseconds("p99")) else {
        return Err(format!("oha: {answer}").into());
    };
    Ok(Open { rate: answer["summary"]["requestsPerSec"].as_f64().unwrap_or(0.0), p50, p99 })
}
