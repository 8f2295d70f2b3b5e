//! Options: how long data of people is kept who do not want it to be.

use chrono::TimeDelta;
use clap::Args;

/// The options as they were given.
#[derive(Debug, Clone, Args)]
pub struct PrivacyArgs {
    /// Days in which who has asked for their account to be erased can think better of it, 1 to 90
    #[arg(long, env = "AGORA_DELETION_GRACE", global = true, default_value_t = 14, value_name = "DAYS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=90))]
    pub deletion_grace: u16,
    /// Years for which it is kept where orders of erased people went, as the law of many countries wants it, 1 to 30
    #[arg(long, env = "AGORA_KEEP_ORDERS", global = true, default_value_t = 10, value_name = "YEARS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=30))]
    pub keep_orders: u16,
}

/// How long data of people is kept who do not want it to be.
#[derive(Debug, Clone, Copy)]
pub struct PrivacySettings {
    pub deletion_grace: TimeDelta,
    pub orders_kept: TimeDelta,
}

impl PrivacyArgs {
    /// The settings.
    pub fn settings(&self) -> PrivacySettings {
        PrivacySettings {
            deletion_grace: TimeDelta::days(self.deletion_grace.into()),
            orders_kept: TimeDelta::days(i64::from(self.keep_orders) * 366),
        }
    }
}
