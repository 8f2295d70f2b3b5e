//! What is done to the market while people trade.

use std::sync::Arc;

use rand::{
    Rng, SeedableRng,
    rngs::StdRng,
    seq::{IndexedRandom, SliceRandom},
};

use crate::{
    Storm,
    harness::trial::{
        course::Course,
        faults::{self, Fault, Harmed, Turns},
        programs::Programs,
    },
    tally::Kind,
};

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

impl Harmed for Storm {
    fn programs(&self) -> &Programs {
        &self.market.programs
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
    let kinds = if rng.random_ratio(1, 5) { USUAL } else { KINDS };
    kinds.choose(rng).copied().unwrap_or(Fault::Program)
}

/// Has one thing happen after the other for as long as the storm goes on: first each kind of them, until it has hit something, then any.
pub async fn strike(storm: Arc<Storm>) {
    let mut rng = StdRng::seed_from_u64(storm.seed);
    let mut owed = KINDS.to_vec();
    owed.shuffle(&mut rng);
    let turns = Turns { owed, any, pause: 1_000..3_000, short_pause: 300..1_000 };
    faults::strike(storm, turns, rng).await;
}
