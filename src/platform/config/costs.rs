//! Options: how much callers may ask for.

use clap::{Args, builder::RangedI64ValueParser, value_parser};

use crate::platform::buckets::{BucketSize, BucketSizes};

/// How much callers may ask for. The descriptions stand in `docs/operations.md` at more length.
#[derive(Debug, Clone, Args)]
pub struct CostArgs {
    /// Points in the cost bucket of a guest's address, at least what one operation may cost
    #[arg(long, env = "AGORA_COST_LIMIT_GUEST", global = true, default_value_t = 20_000, value_parser = limit(), value_name = "POINTS")]
    pub cost_limit_guest: u32,
    /// Points that come back to it in a second
    #[arg(long, env = "AGORA_COST_RESTORE_GUEST", global = true, default_value_t = 500, value_parser = restore(), value_name = "POINTS")]
    pub cost_restore_guest: u32,
    /// Points in the cost bucket of a person who is signed in
    #[arg(long, env = "AGORA_COST_LIMIT_PERSON", global = true, default_value_t = 20_000, value_parser = limit(), value_name = "POINTS")]
    pub cost_limit_person: u32,
    /// Points that come back to it in a second
    #[arg(long, env = "AGORA_COST_RESTORE_PERSON", global = true, default_value_t = 1_000, value_parser = restore(), value_name = "POINTS")]
    pub cost_restore_person: u32,
    /// Points in the cost bucket of an API key
    #[arg(long, env = "AGORA_COST_LIMIT_KEY", global = true, default_value_t = 100_000, value_parser = limit(), value_name = "POINTS")]
    pub cost_limit_key: u32,
    /// Points that come back to it in a second
    #[arg(long, env = "AGORA_COST_RESTORE_KEY", global = true, default_value_t = 5_000, value_parser = restore(), value_name = "POINTS")]
    pub cost_restore_key: u32,
}

impl CostArgs {
    pub(super) const fn sizes(&self) -> BucketSizes {
        const fn size(limit: u32, restore_per_second: u32) -> BucketSize {
            BucketSize { limit, restore_per_second }
        }
        BucketSizes {
            guest: size(self.cost_limit_guest, self.cost_restore_guest),
            person: size(self.cost_limit_person, self.cost_restore_person),
            key: size(self.cost_limit_key, self.cost_restore_key),
        }
    }
}

fn limit() -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=1_000_000_000)
}

fn restore() -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=1_000_000)
}
