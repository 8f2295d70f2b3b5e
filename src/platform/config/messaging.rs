//! Options: how much people may write, and for how long it is kept.

use chrono::TimeDelta;
use clap::Args;

/// The options as they were given.
#[derive(Debug, Clone, Args)]
pub struct MessagingArgs {
    /// Messages that one person may send in a minute, 1 to 1000000
    #[arg(long, env = "AGORA_MESSAGES_PER_MINUTE", global = true, default_value_t = 60, value_name = "MESSAGES")]
    #[arg(value_parser = clap::value_parser!(i32).range(1..=1_000_000))]
    pub messages_per_minute: i32,
    /// The same of who has had their account for less than a day, 1 to 1000000
    #[arg(long, env = "AGORA_NEW_MESSAGES_PER_MINUTE", global = true, default_value_t = 20, value_name = "MESSAGES")]
    #[arg(value_parser = clap::value_parser!(i32).range(1..=1_000_000))]
    pub new_messages_per_minute: i32,
    /// People and shops to whom one person may write for the first time in a day, 1 to 1000000
    #[arg(long, env = "AGORA_FIRST_CONTACTS_PER_DAY", global = true, default_value_t = 50, value_name = "CONTACTS")]
    #[arg(value_parser = clap::value_parser!(i32).range(1..=1_000_000))]
    pub first_contacts_per_day: i32,
    /// The same of who has had their account for less than a day, 1 to 1000000
    #[arg(
        long,
        env = "AGORA_NEW_FIRST_CONTACTS_PER_DAY",
        global = true,
        default_value_t = 15,
        value_name = "CONTACTS"
    )]
    #[arg(value_parser = clap::value_parser!(i32).range(1..=1_000_000))]
    pub new_first_contacts_per_day: i32,
    /// Days for which messages between two people are kept, 1 to 36500 [default: for ever]
    #[arg(long, env = "AGORA_MESSAGE_RETENTION_DAYS_DIRECT", global = true, value_name = "DAYS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=36_500))]
    pub message_retention_days_direct: Option<u16>,
    /// Days for which messages of groups are kept, 1 to 36500 [default: for ever]
    #[arg(long, env = "AGORA_MESSAGE_RETENTION_DAYS_GROUP", global = true, value_name = "DAYS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=36_500))]
    pub message_retention_days_group: Option<u16>,
    /// Days for which messages about orders are kept, 1 to 36500; those of open orders are [default: for ever]
    #[arg(long, env = "AGORA_MESSAGE_RETENTION_DAYS_ORDER", global = true, value_name = "DAYS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=36_500))]
    pub message_retention_days_order: Option<u16>,
    /// Days for which messages between people and shops are kept, 1 to 36500 [default: for ever]
    #[arg(long, env = "AGORA_MESSAGE_RETENTION_DAYS_SHOP", global = true, value_name = "DAYS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=36_500))]
    pub message_retention_days_shop: Option<u16>,
}

/// How much people may write, and for how long it is kept: for ever where there is no time.
#[derive(Debug, Clone, Copy)]
pub struct MessagingSettings {
    pub messages_per_minute: i32,
    pub new_messages_per_minute: i32,
    pub first_contacts_per_day: i32,
    pub new_first_contacts_per_day: i32,
    pub direct_kept: Option<TimeDelta>,
    pub groups_kept: Option<TimeDelta>,
    pub orders_kept: Option<TimeDelta>,
    pub shops_kept: Option<TimeDelta>,
}

impl MessagingSettings {
    /// Everything is kept, and nobody is held back before this number.
    pub const fn with_limits(limit: i32) -> Self {
        Self {
            messages_per_minute: limit,
            new_messages_per_minute: limit,
            first_contacts_per_day: limit,
            new_first_contacts_per_day: limit,
            direct_kept: None,
            groups_kept: None,
            orders_kept: None,
            shops_kept: None,
        }
    }
}

impl MessagingArgs {
    /// The settings.
    pub fn settings(&self) -> MessagingSettings {
        let days = |days: Option<u16>| days.map(|days| TimeDelta::days(days.into()));
        MessagingSettings {
            messages_per_minute: self.messages_per_minute,
            new_messages_per_minute: self.new_messages_per_minute,
            first_contacts_per_day: self.first_contacts_per_day,
            new_first_contacts_per_day: self.new_first_contacts_per_day,
            direct_kept: days(self.message_retention_days_direct),
            groups_kept: days(self.message_retention_days_group),
            orders_kept: days(self.message_retention_days_order),
            shops_kept: days(self.message_retention_days_shop),
        }
    }
}
