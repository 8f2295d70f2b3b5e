//! What is done to programs and Postgres while people talk.

use std::{sync::Arc, thread, time::Duration};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use rustix::process::Signal;
use tokio::time::sleep;

use crate::{
    Trial,
    ground::{Ground, PROGRAMS},
    tally::Kind,
};

/// Between one fault and the next, in milliseconds.
const PAUSE: std::ops::Range<u64> = 800..2_000;
/// For how long a program stays dead. One that stalls does so for three times as long.
const DEAD: std::ops::Range<u64> = 50..800;

/// Something that happens. All of it is whole again soon.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// kill -9 of one program.
    Program,
    /// kill -9 of both programs.
    Programs,
    /// Postgres is told to end at once.
    Immediate,
    /// kill -9 of Postgres, with or without all that serve its sessions.
    Postgres,
    /// Postgres ends half of all sessions.
    Sessions,
    /// One program does nothing for a while.
    Stall,
    /// One program is told to stop, and started again.
    Restart,
}

/// What happens first, so that even a short run has some of each.
const FIRST: [Fault; 3] = [Fault::Program, Fault::Immediate, Fault::Postgres];
const FAULTS: [Fault; 8] = [
    Fault::Program,
    Fault::Program,
    Fault::Programs,
    Fault::Immediate,
    Fault::Postgres,
    Fault::Sessions,
    Fault::Stall,
    Fault::Restart,
];

impl Fault {
    const fn name(self) -> &'static str {
        match self {
            Self::Program => "a program killed",
            Self::Programs => "both programs killed",
            Self::Immediate => "Postgres restarted at once",
            Self::Postgres => "Postgres killed",
            Self::Sessions => "half of all sessions ended",
            Self::Stall => "a program stalled",
            Self::Restart => "a program restarted",
        }
    }

    /// Has it happen, and returns once all is whole.
    fn strike(self, ground: &Ground, rng: &mut StdRng) {
        let (one, dead) = (rng.random_range(0..PROGRAMS), Duration::from_millis(rng.random_range(DEAD)));
        match self {
            Self::Program => ground.kill_program(one),
            Self::Programs => (0..PROGRAMS).for_each(|place| ground.kill_program(place)),
            Self::Immediate => ground.end_postgres(Signal::QUIT, false),
            Self::Postgres => ground.end_postgres(Signal::KILL, rng.random()),
            Self::Sessions => ground.end_sessions(),
            Self::Stall => ground.stall_program(one, 3 * dead),
            Self::Restart => ground.stop_program(one),
        }
        thread::sleep(dead);
        drop(ground.connect());
        match self {
            Self::Program | Self::Restart => ground.start_program(one),
            Self::Programs => (0..PROGRAMS).for_each(|place| ground.start_program(place)),
            Self::Immediate | Self::Postgres | Self::Sessions | Self::Stall => {}
        }
    }
}

/// Has one thing happen after the other for as long as messages are sent.
pub async fn strike(trial: Arc<Trial>) {
    let mut rng = StdRng::seed_from_u64(trial.seed);
    let mut first = FIRST.into_iter();
    loop {
        sleep(Duration::from_millis(rng.random_range(PAUSE))).await;
        if !trial.goes_on() {
            return;
        }
        let fault = first.next().or_else(|| FAULTS.choose(&mut rng).copied()).unwrap_or(Fault::Program);
        trial.tally.count(Kind::Fault, fault.name());
        println!("{:>5.1} s  {}", trial.begun.elapsed().as_secs_f64(), fault.name());
        let (harmed, mut own) = (Arc::clone(&trial), StdRng::from_rng(&mut rng));
        tokio::task::spawn_blocking(move || fault.strike(&harmed.ground, &mut own)).await.unwrap();
    }
}
