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
/// For how long a program stays dead.
const DEAD: std::ops::Range<u64> = 50..800;

/// Something that breaks. All of it is whole again soon.
#[derive(Clone, Copy)]
enum Fault {
    Program,
    Postgres,
    Programs,
    All,
    Sessions,
}

const FAULTS: [Fault; 7] =
    [Fault::Program, Fault::Program, Fault::Postgres, Fault::Postgres, Fault::Programs, Fault::All, Fault::Sessions];

impl Fault {
    const fn name(self) -> &'static str {
        match self {
            Self::Program => "a program killed",
            Self::Postgres => "Postgres killed",
            Self::Programs => "both programs killed",
            Self::All => "both programs and Postgres killed",
            Self::Sessions => "half of all sessions ended",
        }
    }

    /// Breaks it, and returns once it is whole.
    fn strike(self, market: &Market, rng: &mut StdRng) {
        let places = match self {
            Self::Program => {
                let place = rng.random_range(0..PROGRAMS);
                place..place + 1
            }
            Self::Programs | Self::All => 0..PROGRAMS,
            Self::Postgres | Self::Sessions => 0..0,
        };
        for place in places.clone() {
            market.kill_program(place);
        }
        match self {
            Self::Postgres | Self::All => market.kill_postgres(rng.random()),
            Self::Sessions => market.end_sessions(),
            Self::Program | Self::Programs => {}
        }
        if !places.is_empty() {
            thread::sleep(Duration::from_millis(rng.random_range(DEAD)));
        }
        drop(market.connect());
        for place in places {
            market.start_program(place);
        }
    }
}

/// Breaks one thing after the other for as long as the storm goes on: first a program, then Postgres, then anything.
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
