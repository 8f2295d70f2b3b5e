//! What processes use, as Linux tells it.

use std::fs;

use super::AnyError;

/// Linux counts processor time in hundredths of a second, whatever the kernel's own clock does.
const TICKS_PER_SECOND: f64 = 100.0;

/// The processor time of a process so far, in seconds: its own, and that of children that have ended.
fn cpu(pid: u32) -> Result<(f64, f64), AnyError> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold anything.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    Ok(((ticks(11) + ticks(12)) / TICKS_PER_SECOND, (ticks(13) + ticks(14)) / TICKS_PER_SECOND))
}

/// The processor time of one process, in seconds.
pub fn cpu_of(pid: u32) -> Result<f64, AnyError> {
    Ok(cpu(pid)?.0)
}

/// The processor time of a process and all of its children, living and dead, in seconds.
pub fn cpu_of_family(pid: u32) -> Result<f64, AnyError> {
    let (own, dead) = cpu(pid)?;
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    // One that ends just now is counted among the dead the next time.
    let living = children.split_whitespace().filter_map(|child| cpu_of(child.parse().ok()?).ok());
    Ok(own + dead + living.sum::<f64>())
}

/// What the status of a process says under a name that stands for memory, in bytes.
fn memory(pid: u32, name: &str) -> Result<f64, AnyError> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    Ok(line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or(0.0) * 1024.0)
}

/// The resident memory of a process, in bytes.
pub fn resident(pid: u32) -> Result<f64, AnyError> {
    memory(pid, "VmRSS:")
}

/// The most resident memory that a process has had, in bytes.
pub fn peak(pid: u32) -> Result<f64, AnyError> {
    memory(pid, "VmHWM:")
}

/// What a process and its children have in memory now, in bytes: what each has of its own, together, and of what they share as
/// much as the one that has touched most of it.
pub fn memory_of_family(pid: u32) -> Result<(f64, f64), AnyError> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    let (mut own, mut shared) = (memory(pid, "RssAnon:")?, memory(pid, "RssShmem:")?);
    for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
        // One that ends just now has nothing any more.
        own += memory(child, "RssAnon:").unwrap_or(0.0);
        shared = shared.max(memory(child, "RssShmem:").unwrap_or(0.0));
    }
    Ok((own, shared))
}
