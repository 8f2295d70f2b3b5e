//! What is taken of what a buyer's bank has promised.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::PaymentIntent;
use crate::{
    kernel::id::{Entity, Id},
    platform::{clock::Time, jobs::JobBody},
    schema::captures,
    text_enum,
};

text_enum! {
    /// How far it has come with what was promised.
    pub enum CaptureStatus {
        /// The provider is at work, or has still to be asked.
        Processing = "PROCESSING",
        /// It was taken, or let go, as was decided.
        Succeeded = "SUCCEEDED",
        /// It became of it what nobody had decided: it had run out, or somebody else took it.
        Failed = "FAILED",
    }
}

/// What is decided about money that is authorised: how much of it is taken. Of nothing, all of it is let go; so is what is not taken.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Capture {
    pub id: Id<Capture>,
    pub intent_id: Id<PaymentIntent>,
    pub amount: i64,
    pub status: CaptureStatus,
    /// How often it was begun, but for those times at which nobody knew what had become of the one before.
    pub attempt: i32,
    pub created_at: Time,
}

impl Entity for Capture {
    const PREFIX: &'static str = "capture";
}

impl Capture {
    /// How long before a promise ends at the latest it is taken.
    pub const BEFORE_THE_END: TimeDelta = TimeDelta::hours(12);

    /// Whether nothing is taken.
    pub const fn is_void(&self) -> bool {
        self.amount == 0
    }

    /// The key under which a provider takes it once.
    pub fn key(&self) -> String {
        format!("{}-{}", self.id, self.attempt)
    }
}

/// What of a payment is under way, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnderWay {
    /// What is being taken of what is authorised.
    pub captured: i64,
    /// What goes back, and has not gone.
    pub refunded: i64,
}

/// Has a provider take what is authorised, or let it go. What it says is for the domain that knows what was paid.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct CarryOutCapture {
    pub capture: Id<Capture>,
    pub attempt: i32,
}

impl JobBody for CarryOutCapture {
    const KIND: &'static str = "orders.carry_out_capture";
}

impl CarryOutCapture {
    /// By what it is the only one about this attempt.
    pub fn key(&self) -> String {
        format!("{} {}-{}", Self::KIND, self.capture, self.attempt)
    }
}

/// Has what is authorised be taken before the promise ends, if nobody has decided about it until then.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct CaptureBeforeEnd {
    pub payment: Id<PaymentIntent>,
}

impl JobBody for CaptureBeforeEnd {
    const KIND: &'static str = "orders.capture_before_end";
}

impl CaptureBeforeEnd {
    /// By what it is the only one about this payment.
    pub fn key(&self) -> String {
        format!("{} {}", Self::KIND, self.payment)
    }
}
