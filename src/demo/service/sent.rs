//! What became of one of the demo market's orders: it is on its way, and some of its money went back.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;

use crate::{
    demo::error::DemoError,
    kernel::{
        id::Id,
        money::{CurrencyCode, Money},
    },
    orders::{
        self,
        model::{Order, Tracking},
        service::{CreateShipment, RefundPart},
    },
    payments::{
        self,
        model::RefundProgress,
        service::test_memory::{self, Deed},
    },
    platform::{
        clock::{Clock, Generator, Time},
        db::Tx,
    },
    users::model::User,
};

/// Which of the orders, from 1: one of the shopper whom the examples sign in as.
pub(super) const NUMBER: u32 = 2;
/// For ids of its own, so that whatever comes after it is called as if it were not there.
const SEED: u64 = 2027;

/// Sends all of a paid order for its shop the day after, and gives some of its money back two days later.
pub(super) fn send(tx: &mut Tx<'_>, paid_at: Time, order: Id<Order>, seller: Id<User>) -> Result<(), DemoError> {
    let clock = Arc::new(Clock::Fixed(Mutex::new(paid_at + TimeDelta::hours(20))));
    tx.under(&clock, Generator::from_seed(SEED), |tx| -> Result<(), DemoError> {
        for part in orders::service::parts_of(tx.conn(), order)? {
            let tracking = Tracking {
                carrier: Some("Moor Mail".into()),
                number: Some("MM 2041 7732 9".into()),
                url: Some("https://moormail.example/MM204177329".into()),
            };
            let all = CreateShipment { part, pieces: None, is_shipped: true, tracking, reason: None };
            orders::service::ship(tx, &all, seller)?;
            clock.advance(TimeDelta::days(2));
            let amount = Some(Money::new(150, CurrencyCode::GBP));
            let some = RefundPart { part, amount, reason: "One of the hearts was scratched. We are sorry!".into() };
            for refund in orders::service::refund(tx, &some, seller)? {
                let Some(refund) = payments::service::refund(tx.conn(), refund)? else { continue };
                if let Some(payment) = payments::service::by_id(tx.conn(), refund.intent_id)? {
                    test_memory::note(tx, &Deed::refund(&payment, &refund))?;
                }
                let reference = format!("test_{}", refund.key());
                orders::service::note_refund(tx, &refund, &RefundProgress::Succeeded { reference })?;
            }
        }
        Ok(())
    })
}
