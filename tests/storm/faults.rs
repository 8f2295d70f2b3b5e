//! What is done to the market while people trade.

use std::{sync::Arc, thread, time::Duration};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use tokio::time::sleep;

use crate::{
    Storm,
    market::{Market, PROGRAMS},
    tally::Kind,
};

/// Between one fault and the next, in milliseconds.
const PAUSE: std::ops::Range<u64> = 1_000..3_000;
/// For how long a program stays dead. One that stalls does so for three times as long.
const DEAD: std::ops::Range<u64> = 50..800;

/// Something that happens to the market. All of it is whole again soon.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// kill -9 of one program.
    Program,
    /// kill -9 of both programs.
    Programs,
    /// kill -9 of Postgres, with or without all that serve its sessions.
    Postgres,
    /// kill -9 of both programs, and then of Postgres.
    Everything,
    /// Postgres ends half of all sessions.
    Sessions,
    /// One program does nothing for a while.
    Stall,
    /// One program is told to stop, and started again.
    Restart,
}

const FAULTS: [Fault; 9] = [
    Fault::Program,
    Fault::Program,
    Fault::Postgres,
    Fault::Postgres,
    Fault::Programs,
    Fault::Everything,
    Fault::Sessions,
    Fault::Stall,
    Fault::Restart,
];

impl Fault {
    const fn name(self) -> &'static str {
        match self {
            Self::Program => "a program killed",
            Self::Programs => "both programs killed",
            Self::Postgres => "Postgres killed",
            Self::Everything => "everything killed",
            Self::Sessions => "half of all sessions ended",
            Self::Stall => "a program stalled",
            Self::Restart => "a program restarted",
        }
    }

    /// Has it happen, and returns once all is whole.
    fn strike(self, market: &Market, rng: &mut StdRng) {
        let (one, dead) = (rng.random_range(0..PROGRAMS), Duration::from_millis(rng.random_range(DEAD)));
        match self {
            Self::Program => market.kill_program(one),
            Self::Programs | Self::Everything => (0..PROGRAMS).for_each(|place| market.kill_program(place)),
            Self::Restart => market.stop_program(one),
            Self::Stall => market.stall_program(one, 3 * dead),
            Self::Sessions => market.end_sessions(),
            Self::Postgres => {}
        }
        if matches!(self, Self::Postgres | Self::Everything) {
            market.kill_postgres(rng.random());
        }
        thread::sleep(dead);
        drop(market.connect());
        match self {
            Self::Program | Self::Restart => market.start_program(one),
            Self::Programs | Self::Everything => (0..PROGRAMS).for_each(|place| market.start_program(place)),
            Self::Stall | Self::Sessions | Self::Postgres => {}
        }
    }
}

/// Has one thing happen after the other for as long as the storm goes on: first a program is killed, then Postgres, then anything.
pub async fn strike(storm: Arc<Storm>) {
    let mut rng = StdRng::seed_from_u64(storm.seed);
    let mut first = [Fault::Program, Fault::Postgres].into_iter();
    loop {
        sleep(Duration::from_millis(rng.random_range(PAUSE))).await;
        if !storm.goes_on() {
            return;
        }
        let fault = first.next().or_else(|| FAULTS.choose(&mut rng).copied()).unwrap_or(Fault::Program);
        storm.tally.count(Kind::Fault, fault.name());
        println!("{:>5.1} s  {}", storm.begun.elapsed().as_secs_f64(), fault.name());
        let (harmed, mut own) = (Arc::clone(&storm), StdRng::from_rng(&mut rng));
        tokio::task::spawn_blocking(move || fault.strike(&harmed.market, &mut own)).await.unwrap();
    }
}
