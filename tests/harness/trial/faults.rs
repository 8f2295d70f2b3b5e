//! What is done to programs and their Postgres while people go on, one thing after the other.

use std::{ops::Range, sync::Arc, thread, time::Duration};

use rand::{Rng, SeedableRng, rngs::StdRng};
use rustix::process::Signal;
use tokio::time::sleep;

use super::{
    course::Course,
    programs::{PROGRAMS, Programs},
};

/// For how long a program stays dead. One that stalls does so for three times as long.
const DEAD: Range<u64> = 50..800;

/// Something that happens. All of it is whole again soon.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// kill -9 of one program.
    Program,
    /// kill -9 of both programs.
    Programs,
    /// Postgres is told to end at once.
    Immediate,
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

impl Fault {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Program => "a program killed",
            Self::Programs => "both programs killed",
            Self::Immediate => "Postgres restarted at once",
            Self::Postgres => "Postgres killed",
            Self::Everything => "everything killed",
            Self::Sessions => "half of all sessions ended",
            Self::Stall => "a program stalled",
            Self::Restart => "a program restarted",
        }
    }

    /// Has it happen, and returns once all is whole: whether it hit anything.
    fn strike(self, programs: &Programs, rng: &mut StdRng) -> bool {
        let (one, dead) = (rng.random_range(0..PROGRAMS), Duration::from_millis(rng.random_range(DEAD)));
        let mut is_hit = true;
        match self {
            Self::Program => programs.kill(one),
            Self::Programs => (0..PROGRAMS).for_each(|place| programs.kill(place)),
            Self::Immediate => programs.end_postgres(Signal::QUIT, false),
            Self::Postgres => programs.end_postgres(Signal::KILL, rng.random()),
            Self::Everything => {
                (0..PROGRAMS).for_each(|place| programs.kill(place));
                programs.end_postgres(Signal::KILL, rng.random());
            }
            // Of all else there is always one to hit: else it panics.
            Self::Sessions => is_hit = programs.end_sessions() > 0,
            Self::Stall => programs.stall(one, 3 * dead),
            Self::Restart => programs.stop(one),
        }
        thread::sleep(dead);
        drop(programs.connect());
        match self {
            Self::Program | Self::Restart => programs.start(one),
            Self::Programs | Self::Everything => (0..PROGRAMS).for_each(|place| programs.start(place)),
            Self::Immediate | Self::Postgres | Self::Sessions | Self::Stall => {}
        }
        is_hit
    }
}

/// What happens when.
pub struct Turns {
    /// What is owed, the next one last: each until it has hit something.
    pub owed: Vec<Fault>,
    /// What happens once nothing is owed any more.
    pub any: fn(&mut StdRng) -> Fault,
    /// Between one fault and the next, in milliseconds.
    pub pause: Range<u64>,
    /// The same, for as long as any are owed.
    pub short_pause: Range<u64>,
}

/// To what faults happen.
pub trait Harmed: Send + Sync + 'static {
    fn programs(&self) -> &Programs;
    fn course(&self) -> &Course;
    /// Whether things are still killed.
    fn goes_on(&self) -> bool;
    /// Counts a fault that has hit something.
    fn was_hit(&self, by: Fault);
}

/// Has one thing happen after the other for as long as the trial goes on.
pub async fn strike<H: Harmed>(harmed: Arc<H>, mut turns: Turns, mut rng: StdRng) {
    loop {
        let pause = if turns.owed.is_empty() { turns.pause.clone() } else { turns.short_pause.clone() };
        sleep(Duration::from_millis(rng.random_range(pause))).await;
        if !harmed.goes_on() {
            return;
        }
        let (owed, any) = (turns.owed.pop(), (turns.any)(&mut rng));
        let fault = owed.unwrap_or(any);
        harmed.course().say(fault.name());
        let (struck, mut own) = (Arc::clone(&harmed), StdRng::from_rng(&mut rng));
        let striking = tokio::task::spawn_blocking(move || fault.strike(struck.programs(), &mut own));
        if striking.await.unwrap() {
            harmed.was_hit(fault);
        } else if owed.is_some() {
            turns.owed.insert(0, fault);
        }
    }
}
