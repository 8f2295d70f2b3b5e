//! What is done to the market while people trade.

use std::{sync::Arc, thread, time::Duration};

use rand::{
    Rng, SeedableRng,
    rngs::StdRng,
    seq::{IndexedRandom, SliceRandom},
};
use tokio::time::sleep;

use crate::{
    Storm,
    market::{Market, PROGRAMS},
    tally::Kind,
};

/// Between one fault and the next, in milliseconds.
const PAUSE: std::ops::Range<u64> = 1_000..3_000;
/// The same, until each kind of them has hit something.
const SHORT_PAUSE: std::ops::Range<u64> = 300..1_000;
/// For how long a program stays dead. One that stalls does so for three times as long.
const DEAD: std::ops::Range<u64> = 50..800;

/// Something that happens to the market. All of it is whole again soon.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
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

/// All that happens.
pub const KINDS: &[Fault] = &[
    Fault::Program,
    Fault::Programs,
    Fault::Postgres,
    Fault::Everything,
    Fault::Sessions,
    Fault::Stall,
    Fault::Restart,
];

/// What happens oftener than the rest.
const USUAL: &[Fault] = &[Fault::Program, Fault::Postgres];

/// What is done to connections, by those who use them.
pub const CUT: &str = "connections cut";

impl Fault {
    pub const fn name(self) -> &'static str {
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

    /// Has it happen, and returns once all is whole: whether it hit anything.
    fn strike(self, market: &Market, rng: &mut StdRng) -> bool {
        let (one, dead) = (rng.random_range(0..PROGRAMS), Duration::from_millis(rng.random_range(DEAD)));
        let is_hit = match self {
            Self::Sessions => market.end_sessions() > 0,
            // Of these there is always one to hit: else they panic.
            Self::Program => {
                market.kill_program(one);
                true
            }
            Self::Programs | Self::Everything => {
                (0..PROGRAMS).for_each(|place| market.kill_program(place));
                true
            }
            Self::Restart => {
                market.stop_program(one);
                true
            }
            Self::Stall => {
                market.stall_program(one, 3 * dead);
                true
            }
            Self::Postgres => true,
        };
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
        is_hit
    }
}

/// Has one thing happen after the other for as long as the storm goes on: first each kind of them, until it has hit something, then any.
pub async fn strike(storm: Arc<Storm>) {
    let mut rng = StdRng::seed_from_u64(storm.seed);
    let mut first = KINDS.to_vec();
    first.shuffle(&mut rng);
    loop {
        let pause = if first.is_empty() { PAUSE } else { SHORT_PAUSE };
        sleep(Duration::from_millis(rng.random_range(pause))).await;
        if !storm.goes_on() {
            return;
        }
        let owed = first.pop();
        let usual = if rng.random_ratio(1, 5) { USUAL } else { KINDS };
        let usual = usual.choose(&mut rng).copied();
        let fault = owed.or(usual).unwrap_or(Fault::Program);
        println!("{:>5.1} s  {}", storm.begun.elapsed().as_secs_f64(), fault.name());
        let (harmed, mut own) = (Arc::clone(&storm), StdRng::from_rng(&mut rng));
        let striking = tokio::task::spawn_blocking(move || fault.strike(&harmed.market, &mut own));
        if striking.await.unwrap() {
            storm.tally.count(Kind::Fault, fault.name());
        } else if owed.is_some() {
            first.insert(0, fault);
        }
    }
}
