//! What shops have earned leaves for accounts of theirs, over and over, while all the rest goes on.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{Storm, floors::PAYOUTS, tally::Kind};

/// In production it is done once an hour.
const EVERY: Duration = Duration::from_secs(2);

/// Has what is payable paid out for as long as the storm goes on.
pub async fn pay_out(storm: Arc<Storm>) {
    while storm.goes_on() {
        let own = Arc::clone(&storm);
        let begun = tokio::task::spawn_blocking(move || own.market.hurry_payouts()).await.unwrap();
        // Postgres may be away.
        if let Some(begun) = begun {
            storm.tally.raise(Kind::Outcome, PAYOUTS, begun);
        }
        sleep(EVERY).await;
    }
}
