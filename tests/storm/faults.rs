//! What is done to the market while people trade.

use std::{sync::Arc, time::Duration};

use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::time::sleep;

use crate::{Storm, market::PROGRAMS, tally::Kind};

/// Between one fault and the next, in milliseconds.
const PAUSE: std::ops::Range<u64> = 1_500..3_500;
/// For how long a program stays dead.
const DEAD: std::ops::Range<u64> = 50..800;

/// Kills a program and Postgres in turn, for as long as the storm goes on. Everything runs again afterwards.
pub async fn strike(storm: Arc<Storm>) {
    let mut rng = StdRng::seed_from_u64(storm.seed);
    for is_program in [true, false].into_iter().cycle() {
        sleep(Duration::from_millis(rng.random_range(PAUSE))).await;
        if !storm.goes_on() {
            return;
        }
        let (place, dead) = (rng.random_range(0..PROGRAMS), Duration::from_millis(rng.random_range(DEAD)));
        let what = if is_program { "programs killed" } else { "Postgres killed" };
        storm.tally.count(Kind::Fault, what);
        println!("{:>5.1} s  {what}", storm.begun.elapsed().as_secs_f64());
        let harmed = Arc::clone(&storm);
        let harm = move || {
            if is_program {
                harmed.market.kill_program(place);
                std::thread::sleep(dead);
                harmed.market.start_program(place);
            } else {
                harmed.market.kill_postgres();
                drop(harmed.market.connect());
            }
        };
        tokio::task::spawn_blocking(harm).await.unwrap();
    }
}
