//! Money that a provider sends to shops.

use crate::{kernel::money::Money, platform::clock::Time, text_enum};

text_enum! {
    /// Why a payout failed. New reasons may appear at any time.
    #[derive(async_graphql::Enum)]
    pub enum PayoutFailureReason {
        /// The provider or the account's bank said no.
        Declined = "DECLINED",
        /// The account is closed, or does not exist.
        AccountClosed = "ACCOUNT_CLOSED",
    }
}

/// Money that is to go to the account of a shop.
#[derive(Debug, Clone)]
pub struct Disbursement {
    /// The key under which a provider sends it once.
    pub key: String,
    /// Which attempt it is, from 1 on.
    pub attempt: i32,
    /// The account, by the provider's name of it.
    pub destination: String,
    pub amount: Money,
    /// When it was decided.
    pub since: Time,
}

/// What has become of a disbursement, by the provider's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisbursementProgress {
    Paid { reference: String },
    Failed { reason: PayoutFailureReason },
}
