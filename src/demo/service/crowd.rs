//! What many people have ordered in the demo market lately.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;

use super::{Shelf, people, placing};
use crate::{
    demo::{
        error::DemoError,
        model::{BASKETS, CROWD, DemoOrder, IsPaid},
    },
    platform::{
        clock::{Clock, Generator, Time},
        db::Tx,
    },
};

/// For ids of its own, so that everything else is called as if it were not there.
const SEED: u64 = 2028;
/// When the first of them orders, before the market is made.
const BEFORE: TimeDelta = TimeDelta::hours(40);
const BETWEEN: TimeDelta = TimeDelta::hours(2);

/// Has the crowd order in the last two days before a time: what is trending is of these days.
pub(super) fn order(tx: &mut Tx<'_>, until: Time, shelf: &Shelf<'_>) -> Result<(), DemoError> {
    let clock = Arc::new(Clock::Fixed(Mutex::new(until - BEFORE)));
    tx.under(&clock, Generator::from_seed(SEED), |tx| -> Result<(), DemoError> {
        let crowd = people(tx, &CROWD)?;
        let orders = BASKETS.iter().flat_map(|lines| CROWD.iter().map(move |person| (person.name, *lines)));
        for (number, (buyer, lines)) in (1..).zip(orders) {
            clock.advance(BETWEEN);
            let order = DemoOrder { buyer, lines, is_paid: IsPaid::No };
            placing::place(tx, &clock, &order, number, &crowd, shelf)?;
        }
        Ok(())
    })
}
