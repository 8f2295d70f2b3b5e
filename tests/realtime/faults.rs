//! What is done to programs and Postgres while people talk.

use std::{ops::Range, sync::Arc};

use rand::{SeedableRng, rngs::StdRng, seq::IndexedRandom};

use crate::{
    Trial,
    harness::trial::{
        course::Course,
        faults::{self, Fault, Harmed, Turns},
        programs::Programs,
    },
    tally::Kind,
};

/// Between one fault and the next, in milliseconds.
const PAUSE: Range<u64> = 800..2_000;
/// The pause is for so many people, who come back meanwhile, or most of them: it is so much longer for more.
const PEOPLE: u64 = 500;
/// What happens first, so that even a short run has some of each.
const FIRST: [Fault; 3] = [Fault::Program, Fault::Immediate, Fault::Postgres];
/// What happens then, each as often as it stands here.
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

impl Harmed for Trial {
    fn programs(&self) -> &Programs {
        &self.ground.programs
    }

    fn course(&self) -> &Course {
        &self.course
    }

    fn goes_on(&self) -> bool {
        self.goes_on()
    }

    fn was_hit(&self, by: Fault) {
        self.tally.count(Kind::Fault, by.name());
    }
}

fn any(rng: &mut StdRng) -> Fault {
    FAULTS.choose(rng).copied().unwrap_or(Fault::Program)
}

/// Has one thing happen after the other for as long as messages are sent.
pub async fn strike(trial: Arc<Trial>) {
    let rng = StdRng::seed_from_u64(trial.seed);
    let owed = FIRST.into_iter().rev().collect();
    let times = (trial.ground.people.len() as u64 / PEOPLE).max(1);
    let pause = PAUSE.start * times..PAUSE.end * times;
    let turns = Turns { owed, any, short_pause: pause.clone(), pause };
    faults::strike(trial, turns, rng).await;
}
