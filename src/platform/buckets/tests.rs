use std::net::IpAddr;

use super::*;
use crate::platform::caller::{Request, Who};

const SIZE: BucketSize = BucketSize { limit: 1_000, restore_per_second: 1 };

fn payer(last: u8) -> Payer {
    Payer::Guest(IpAddr::from([192, 0, 2, last]))
}

fn account(last: u8) -> Arc<Account> {
    Arc::new(Account::new(payer(last), SIZE))
}

#[test]
fn who_comes_while_others_are_settled_with_waits_for_the_next_time() {
    let queue = Queue::default();
    // The second account of a payer, whose first was forgotten a moment ago, comes with a statement of its own.
    for known in [account(1), account(2), account(1)] {
        queue.push(&known);
    }
    let mut batches = Vec::new();
    for batch in queue.batches() {
        batches.push(batch.iter().map(|account| account.payer).collect::<Vec<_>>());
        queue.push(&account(3));
        assert!(batches.len() < 10, "it would never end");
    }
    assert_eq!(batches, [vec![payer(1), payer(2)], vec![payer(1), payer(3)]]);
    assert_eq!(queue.batches().map(|batch| batch.len()).sum::<usize>(), 1);
}

#[tokio::test]
async fn who_waits_in_vain_for_the_database_is_lent_what_this_process_has() {
    let sizes = BucketSizes { guest: SIZE, person: SIZE, key: SIZE };
    let buckets = Buckets::new(sizes, Arc::new(Clock::System), Arc::new(Metrics::new().unwrap()));
    let guest = Caller { who: Who::Guest, request: Arc::new(Request::default()) };
    // Nobody settles. All that is left after a lease of a hundred is asked for at once, and then more than comes back.
    let first = buckets.charge(&guest, 100).await;
    let rest = buckets.charge(&guest, 900).await;
    assert!(first.is_ok() && rest.is_ok());
    assert!(matches!(buckets.charge(&guest, 5).await, Err(Failure::RateLimited { .. })));
}
