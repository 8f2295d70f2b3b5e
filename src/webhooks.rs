//! Commands about what payment providers have told.

use agora::{
    payments::service::{kept_events, replay_event},
    platform::{app::App, caller::Caller},
};
use clap::Subcommand;

use super::{AnyError, block_on};

#[derive(Subcommand)]
pub enum PaymentsCommand {
    /// Lists the newest 1,000 events of payment providers that are kept, the newest first
    Events {
        /// Only those that were not looked into yet
        #[arg(long)]
        unprocessed: bool,
    },
    /// Has an event be looked into once more: the provider is asked again, and nothing is booked twice
    Replay {
        /// The provider's name of it, as `events` tells it
        event: String,
    },
}

/// Events that a list tells.
const LISTED: i64 = 1_000;

impl PaymentsCommand {
    pub fn run(self, app: &App) -> Result<(), AnyError> {
        match self {
            Self::Events { unprocessed } => {
                for event in block_on(kept_events(app, unprocessed, LISTED))? {
                    let about = event.intent_id.map_or_else(|| "shops".into(), |payment| payment.to_string());
                    let done = event.processed_at.map_or_else(|| "not looked into".into(), |at| at.to_rfc3339());
                    let at = event.received_at.to_rfc3339();
                    println!("{} {} {about}, came {at}, {done}", event.provider, event.event_id);
                }
            }
            Self::Replay { event } => {
                if !block_on(replay_event(app, &Caller::system(), event.clone()))? {
                    return Err(format!("no event {event} is kept").into());
                }
                println!("{event} is looked into once more, by whichever process serves");
            }
        }
        Ok(())
    }
}
