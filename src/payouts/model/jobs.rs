//! What is done about payouts in the background.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Payout;
use crate::{
    kernel::{id::Id, money::CurrencyCode},
    platform::jobs::JobBody,
    shops::model::Shop,
    users::model::User,
};

/// Makes a payout of what a shop has earned in a currency, unless it had one today.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct MakePayout {
    pub shop: Id<Shop>,
    pub currency: CurrencyCode,
}

impl JobBody for MakePayout {
    const KIND: &'static str = "payouts.make_payout";
}

impl MakePayout {
    /// Within how long all payouts of an hour are made: at once they would be more than a provider answers.
    pub const SPREAD: TimeDelta = TimeDelta::minutes(50);

    /// While one is due, no second one is made.
    pub fn key(&self) -> String {
        format!("{} {} {}", Self::KIND, self.shop, self.currency)
    }
}

/// Has a provider send a payout.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct CarryOutPayout {
    pub payout: Id<Payout>,
    pub attempt: i32,
}

impl JobBody for CarryOutPayout {
    const KIND: &'static str = "payouts.carry_out_payout";
}

impl CarryOutPayout {
    /// While one is due, no second one is made.
    pub fn key(&self) -> String {
        format!("{} {} {}", Self::KIND, self.payout, self.attempt)
    }
}

/// Asks the provider how a shop's account stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct LookAtPayoutAccount {
    pub shop: Id<Shop>,
}

impl JobBody for LookAtPayoutAccount {
    const KIND: &'static str = "payouts.look_at_account";
}

impl LookAtPayoutAccount {
    /// While one is due, no second one is made.
    pub fn key(&self) -> String {
        format!("{} {}", Self::KIND, self.shop)
    }
}

/// Tells an owner of a shop that its money goes to another account.
#[derive(Debug, Serialize, Deserialize)]
pub struct PayoutAccountMail {
    pub shop: Id<Shop>,
    pub owner: Id<User>,
}

impl JobBody for PayoutAccountMail {
    const KIND: &'static str = "payouts.payout_account_mail";
}

/// Tells an owner of a shop that a payout has failed for good.
#[derive(Debug, Serialize, Deserialize)]
pub struct PayoutFailedMail {
    pub payout: Id<Payout>,
    pub owner: Id<User>,
}

impl JobBody for PayoutFailedMail {
    const KIND: &'static str = "payouts.payout_failed_mail";
}
