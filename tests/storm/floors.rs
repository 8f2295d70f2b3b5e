//! What has to have happened in a storm, lest it prove nothing.

use crate::{
    faults::{CUT, KINDS},
    model::Capture,
    tally::{Kind, Tally},
};

/// How often at the least, if so many buy.
const LEAST: &[(Kind, &str, u64)] = &[
    (Kind::Outcome, PAID, 32),
    (Kind::Outcome, PAYOUTS, 1),
    (Kind::Operation, "placeGuestOrder", 4),
    (Kind::Operation, "claimOrder", 2),
    (Kind::Operation, "reserveCart", 4),
    (Kind::Operation, "mergeCart", 4),
    (Kind::Operation, "editOrderPart", 4),
    (Kind::Operation, "cancelOrder", 8),
    (Kind::Operation, "cancelOrderPart", 4),
    (Kind::Operation, "createShipment", 16),
    (Kind::Operation, "receiveReturn", 2),
    (Kind::Operation, "refundOrderPart", 2),
    (Kind::Operation, "answerClaim", 1),
    (Kind::Operation, "approve", 4),
    (Kind::Operation, "dispute", 1),
    (Kind::Repeat, "at once", 32),
    (Kind::Repeat, "later", 32),
    (Kind::Repeat, "decided twice", 1),
    (Kind::Repeat, "overtaken", 1),
    (Kind::Repeat, "paid and called off", 1),
    (Kind::Fault, CUT, 16),
];

/// As often besides, where money is taken when something is sent.
const LEAST_AT_SHIPMENT: &[(Kind, &str, u64)] = &[(Kind::Outcome, TAKEN, 8)];

/// By so many.
const BUYERS: usize = 64;

/// Attempts to pay that brought money at once, or a promise of it.
pub const PAID: &str = "paid";
/// Orders of which the money was seen to be taken once something was sent.
pub const TAKEN: &str = "taken when sent";
/// Payouts that were begun.
pub const PAYOUTS: &str = "paid out";

/// What has happened too seldom by now, where so many buy. Each kind of fault has to have hit something.
pub fn missing(tally: &Tally, buyers: usize, capture: Capture) -> Vec<String> {
    let scaled = |least: u64| (least * u64::try_from(buyers).unwrap()).div_ceil(u64::try_from(BUYERS).unwrap());
    let more = if capture == Capture::AtShipment { LEAST_AT_SHIPMENT } else { &[] };
    let wanted = LEAST.iter().chain(more).map(|&(kind, what, least)| (kind, what, scaled(least)));
    let faults = KINDS.iter().map(|fault| (Kind::Fault, fault.name(), 1));
    tally.missing(wanted.chain(faults))
}
