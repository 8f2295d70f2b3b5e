//! Options: what is held for whom while they order, what the market has of it, and when shops get theirs.

use chrono::TimeDelta;
use clap::{Args, ValueEnum};

use crate::kernel::rate::Rate;

/// When the money of an order is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CaptureTime {
    /// When it is paid
    AtPayment,
    /// When the first of it is sent. Until then its buyer's bank has promised the money
    AtShipment,
}

/// The options as they were given.
#[derive(Debug, Clone, Args)]
pub struct CheckoutArgs {
    /// Minutes for which what is in a cart is held while its owner is about to order it, 1 to 60
    #[arg(long, env = "AGORA_RESERVE_FOR", global = true, default_value_t = 10, value_name = "MINUTES")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=60))]
    pub reserve_for: u16,
    /// Minutes for which an order waits for its money before it is called off, 5 to 10080
    #[arg(long, env = "AGORA_PAYMENT_DUE", global = true, default_value_t = 30, value_name = "MINUTES")]
    #[arg(value_parser = clap::value_parser!(u16).range(5..=10_080))]
    pub payment_due: u16,
    /// When the money of an order is taken; what is paid by then is taken as it was begun
    #[arg(long, env = "AGORA_CAPTURE", global = true, default_value = "at-payment", value_name = "WHEN")]
    pub capture: CaptureTime,
    /// Orders of one buyer that may wait for their money at once, 1 to 10000
    #[arg(long, env = "AGORA_UNPAID_ORDERS", global = true, default_value_t = 20, value_name = "ORDERS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub unpaid_orders: u16,
    /// The market's share of what shops sell from now on, in percent with at most two decimals
    #[arg(long, env = "AGORA_COMMISSION", global = true, default_value = "0", value_name = "PERCENT")]
    pub commission: Rate,
    /// Days for which what has arrived can be sent back, 1 to 365
    #[arg(long, env = "AGORA_RETURN_DAYS", global = true, default_value_t = 30, value_name = "DAYS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=365))]
    pub return_days: u16,
    /// Days after which what a shop has earned is paid out to it, 0 to 90
    #[arg(long, env = "AGORA_PAYOUT_DELAY_DAYS", global = true, default_value_t = 7, value_name = "DAYS")]
    #[arg(value_parser = clap::value_parser!(u16).range(0..=90))]
    pub payout_delay_days: u16,
}

/// What is held for whom while they order, and what the market has of it.
#[derive(Debug, Clone, Copy)]
pub struct CheckoutSettings {
    pub reserved_for: TimeDelta,
    /// After how long an order is called off that nobody pays.
    pub payment_due: TimeDelta,
    /// When the money of an order is taken.
    pub capture: CaptureTime,
    /// How many orders of one buyer wait for their money at once at the most.
    pub unpaid_orders: u16,
    /// The market's share of what shops sell.
    pub commission: Rate,
    /// For how long what has arrived can be sent back.
    pub returnable_for: TimeDelta,
    /// For how long what a shop has earned is kept before it is paid out.
    pub payout_delay: TimeDelta,
}

impl CheckoutArgs {
    /// The settings.
    pub fn settings(&self) -> CheckoutSettings {
        CheckoutSettings {
            reserved_for: TimeDelta::minutes(self.reserve_for.into()),
            payment_due: TimeDelta::minutes(self.payment_due.into()),
            capture: self.capture,
            unpaid_orders: self.unpaid_orders,
            commission: self.commission,
            returnable_for: TimeDelta::days(self.return_days.into()),
            payout_delay: TimeDelta::days(self.payout_delay_days.into()),
        }
    }
}
