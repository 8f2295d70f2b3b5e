//! Many people listen to their conversations over real sockets, while these, the programs and their Postgres are killed.
//!
//! Whoever is cut off comes again with their last cursor, and whatever gets no answer is sent again with its key. In the end
//! what each of them was told has to be what the table holds: each message once, in order, none missing.
//!
//! `cargo test --test realtime -- --subscribers 2000 --seconds 60 --seed 7`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets what it does not expect has failed"
)]

mod elsewhere;
mod faults;
mod ground;
#[path = "../harness/mod.rs"]
mod harness;
mod sender;
mod subscriber;
mod tally;
mod verdict;

use std::{
    process::ExitCode,
    sync::{Arc, Mutex},
    time::Duration,
};

use clap::Parser;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::sync::watch;

use self::{
    ground::Ground,
    harness::{
        Client,
        trial::{self, course::Course, flags::Flags, verdict::Verdict},
    },
    sender::{Answered, SENDERS, Sender},
    subscriber::Subscriber,
    tally::Tally,
};

/// Files of this process that are no subscriber's socket: those of who writes, of Postgres, and of logs.
const OTHER_FILES: u64 = 256;

/// Has people listen while everything is killed, and looks whether they were told everything.
#[derive(Parser)]
struct Args {
    /// For how long messages are sent: access tokens are good for ten minutes
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=300))]
    seconds: u64,
    /// How many people listen
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(4..=10_000))]
    subscribers: u32,
    /// In how many conversations; a tenth as many as people, 200 at the most, unless told otherwise
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..))]
    conversations: Option<u32>,
    /// How many messages a second; one for 40 people, 10 to 50, unless told otherwise
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    messages: Option<u32>,
    #[command(flatten)]
    flags: Flags,
}

/// What is tried out, and what is known of it.
struct Trial {
    ground: Ground,
    seed: u64,
    course: Course,
    tally: Tally,
    answered: Mutex<Vec<Answered>>,
    client: Client,
    /// Up to which place of the log everybody has to be told in the end, once that is known.
    goal: watch::Sender<Option<i64>>,
}

impl Trial {
    /// Whether messages are still sent, and things are still killed.
    fn goes_on(&self) -> bool {
        self.course.goes_on()
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if !args.flags.ask_for("realtime") {
        return ExitCode::SUCCESS;
    }
    // Each socket is a file. Programs are given what is allowed here, and raise it likewise.
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    let _ = setrlimit(Resource::Nofile, files);
    let needed = u64::from(args.subscribers) + OTHER_FILES;
    if let Some(allowed) = files.maximum.filter(|allowed| *allowed < needed) {
        println!("{needed} files would be open, and {allowed} are allowed: see ulimit -Hn");
        return ExitCode::FAILURE;
    }
    trial::run(run(&args))
}

async fn run(args: &Args) -> Verdict {
    let Args { seconds, subscribers, flags: Flags { seed, .. }, .. } = *args;
    let conversations = args.conversations.unwrap_or((subscribers / 10).clamp(2, 200)).min(subscribers);
    let rate = args.messages.unwrap_or((subscribers / 40).clamp(10, 50));
    println!(
        "realtime: {subscribers} subscribers, {conversations} conversations, {rate} messages/s for {seconds} s, --seed {seed}"
    );
    let people = usize::try_from(subscribers).unwrap();
    let ground = Ground::open(people, usize::try_from(conversations).unwrap(), seed).await;
    let trial = Arc::new(Trial {
        ground,
        seed,
        course: Course::begin(seconds),
        tally: Tally::default(),
        answered: Mutex::default(),
        client: Client::new(String::new()),
        goal: watch::Sender::new(None),
    });
    let elsewhere = elsewhere::hold(&trial.ground.programs);
    let striking = tokio::spawn(faults::strike(Arc::clone(&trial)));
    let listening: Vec<_> =
        (0..people).map(|number| tokio::spawn(Subscriber::new(Arc::clone(&trial), number).live())).collect();
    let every = Duration::from_secs(1) * u32::try_from(SENDERS).unwrap() / rate;
    let sending: Vec<_> =
        (0..SENDERS).map(|number| tokio::spawn(Sender::new(Arc::clone(&trial), number).live(every))).collect();
    for sender in sending {
        sender.await.unwrap();
    }
    striking.await.unwrap();
    trial.course.say("it is over");
    let verdict = trial.judge(listening, &elsewhere).await;
    trial.tally.print();
    let again = format!(
        "realtime -- --seconds {seconds} --seed {seed} --subscribers {subscribers} --conversations {conversations} \
         --messages {rate}"
    );
    verdict.explain(&again, &trial.ground.programs);
    let trial = Arc::into_inner(trial).expect("nobody listens any more");
    tokio::task::spawn_blocking(move || {
        elsewhere.end();
        trial.ground.programs.close();
    })
    .await
    .unwrap();
    verdict
}
