//! How many files, sockets among them, this process may have open at once.

use rustix::process::{Resource, getrlimit, setrlimit};

use super::config::CONNECTIONS;

/// Files that are no connections of clients: those to the database, the log, and what libraries open.
const OTHERS: u64 = 256;

/// Raises the limit as far as this process may, and says if it is too low for so many connections of clients: those
/// beyond it would wait in the system's queue, and whatever else wants to open a file then would fail. It is a warning only
/// where somebody asked for so many.
pub fn provide_for(connections: usize) {
    let is_asked_for = connections != CONNECTIONS;
    let needed = needed(u64::try_from(connections).unwrap_or(u64::MAX));
    let Some(allowed) = raise().filter(|allowed| *allowed < needed) else { return };
    if is_asked_for {
        tracing::warn!(allowed, needed, connections, "fewer files may be open than --connections needs (ulimit -Hn)");
    } else {
        tracing::info!(allowed, needed, connections, "fewer files may be open than --connections needs (ulimit -Hn)");
    }
}

/// The limit after it was raised; none if there is none.
fn raise() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let kept = limit.current;
    limit.current = limit.maximum;
    // Some systems allow less than they say.
    if setrlimit(Resource::Nofile, limit).is_ok() { limit.maximum } else { kept }
}

/// How many files there are with so many connections.
const fn needed(connections: u64) -> u64 {
    connections.saturating_add(OTHERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_to_the_highest() {
        let mut limit = getrlimit(Resource::Nofile);
        // By one: other tests run beside this one.
        limit.current = Some(limit.maximum.unwrap_or(1_000_000) - 1);
        setrlimit(Resource::Nofile, limit).unwrap();
        assert_eq!(raise(), limit.maximum);
        assert_eq!(getrlimit(Resource::Nofile).current, limit.maximum);
    }

    #[test]
    fn clients_leave_some_files_to_others() {
        assert_eq!(needed(1_000), 1_256);
        assert_eq!(needed(u64::MAX), u64::MAX);
    }
}
