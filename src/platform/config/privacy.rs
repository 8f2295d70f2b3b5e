//! Options: how long data of people is kept.

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
    /// Days for which it is kept what people have looked at and looked for, 1 to 400
    #[arg(long, env = "AGORA_KEEP_VIEWS", global = true, default_value_t = 90, value_name = "DAYS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=400))]
    pub keep_views: u16,
}

/// How long data of people is kept.
#[derive(Debug, Clone, Copy)]
pub struct PrivacySettings {
    pub deletion_grace: TimeDelta,
    pub orders_kept: TimeDelta,
    pub views_kept: TimeDelta,
}

impl PrivacyArgs {
    /// The settings.
    pub fn settings(&self) -> PrivacySettings {
        PrivacySettings {
            deletion_grace: TimeDelta::days(self.deletion_grace.into()),
            orders_kept: TimeDelta::days(i64::from(self.keep_orders) * 366),
            views_kept: TimeDelta::days(self.keep_views.into()),
        }
    }
}
