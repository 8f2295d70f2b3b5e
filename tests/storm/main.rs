//! A storm: many buyers trade on two programs while these, their Postgres and their connections are killed.
//!
//! Whatever gets no answer is sent again with its key until it has one. A model in memory replays what was answered, and in
//! the end the market has to be what the model is: nothing that was answered is lost, and nothing happened twice.
//!
//! `cargo test --test storm -- --seconds 120 --seed 7 --capture at-shipment`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

mod buyer;
mod checks;
mod faults;
mod floors;
#[path = "../harness/mod.rs"]
mod harness;
mod market;
mod model;
mod payouts;
mod prices;
mod tally;
mod wire;

use std::{
    process::ExitCode,
    sync::{Arc, Mutex},
    time::Duration,
};

use clap::Parser;

use self::{
    buyer::Buyer,
    harness::{
        Client,
        trial::{self, course::Course, flags::Flags, verdict::Verdict},
    },
    market::Market,
    model::{Capture, Noted},
    tally::Tally,
};

/// Trades while everything is killed, and looks whether anything was lost.
#[derive(Parser)]
struct Args {
    /// For how long people trade, or up to a minute longer, until everything has happened that has to: access tokens are good for ten minutes
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=360))]
    seconds: u64,
    /// How many people buy
    #[arg(long, default_value_t = 64)]
    buyers: usize,
    /// When the market takes money
    #[arg(long, value_enum, default_value_t = Capture::AtPayment)]
    capture: Capture,
    #[command(flatten)]
    flags: Flags,
}

/// A market, and what is known of what happens to it.
struct Storm {
    market: Market,
    capture: Capture,
    seed: u64,
    course: Course,
    tally: Tally,
    deeds: Mutex<Vec<Noted>>,
    client: Client,
    pages: reqwest::Client,
}

/// For how much longer a storm goes on in which too little has happened.
const LONGER: Duration = Duration::from_mins(1);

impl Storm {
    /// Whether people still begin something, and things are still killed.
    fn goes_on(&self) -> bool {
        self.course.goes_on() || (self.course.goes_on_for(LONGER) && !self.missing().is_empty())
    }

    /// What has happened too seldom by now.
    fn missing(&self) -> Vec<String> {
        floors::missing(&self.tally, self.market.buyers.len(), self.capture)
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args.flags.ask_for("storm") { trial::run(run(&args)) } else { ExitCode::SUCCESS }
}

async fn run(args: &Args) -> Verdict {
    let Args { seconds, buyers, capture, flags: Flags { seed, .. } } = *args;
    println!("storm: {buyers} buyers for {seconds} s, --seed {seed} --capture {}", capture.name());
    let market = Market::open(buyers, capture).await;
    let storm = Arc::new(Storm {
        market,
        capture,
        seed,
        course: Course::begin(seconds),
        tally: Tally::default(),
        deeds: Mutex::default(),
        client: wire::client(),
        pages: reqwest::Client::new(),
    });
    let striking = tokio::spawn(faults::strike(Arc::clone(&storm)));
    let paying_out = tokio::spawn(payouts::pay_out(Arc::clone(&storm)));
    let living: Vec<_> =
        (0..buyers).map(|number| tokio::spawn(Buyer::new(Arc::clone(&storm), number).live())).collect();
    for life in living {
        life.await.unwrap();
    }
    striking.await.unwrap();
    paying_out.await.unwrap();
    storm.course.say("it is over");
    let verdict = storm.judge().await;
    storm.tally.print();
    let again = format!("storm -- --seconds {seconds} --seed {seed} --buyers {buyers} --capture {}", capture.name());
    verdict.explain(&again, &storm.market.programs);
    let storm = Arc::into_inner(storm).expect("nobody trades any more");
    tokio::task::spawn_blocking(|| storm.market.programs.close()).await.unwrap();
    verdict
}
