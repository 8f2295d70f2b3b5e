//! Money that a provider sends to shops.

use uuid::Uuid;

use crate::{
    kernel::{id::Id, money::Money},
    platform::clock::Time,
    shops::model::Shop,
    text_enum,
    users::model::User,
};

text_enum! {
    /// Why a payout failed. New reasons may appear at any time.
    #[derive(async_graphql::Enum)]
    pub enum PayoutFailureReason {
        /// The provider or the account's bank said no.
        Declined = "DECLINED",
        /// The account is closed, or does not exist.
        AccountClosed = "ACCOUNT_CLOSED",
        /// It had not been sent yet when what it was made of went back to buyers, or was held for a claim, a return or a
        /// dispute, or when the account to which it was to go was no longer the one of the shop, or not ready any more.
        Withheld = "WITHHELD",
    }
}

/// Money that is to go to the account of a shop.
#[derive(Debug, Clone)]
pub struct Disbursement {
    /// Of what it pays out: the same for all attempts to send that.
    pub id: Uuid,
    /// The key under which a provider sends it once.
    pub key: String,
    /// What all attempts to send the same money bear: of them one is sent at the most.
    pub group: String,
    /// Which attempt it is, from 1 on; none is 0, of what is only asked about.
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
    Paid {
        reference: String,
    },
    /// Nothing was sent, for the provider has not got as much of the market's money at present. It is to be asked for under another key.
    Short,
    Failed {
        reason: PayoutFailureReason,
    },
    /// It was sent, and all of it has come back.
    CameBack {
        reason: PayoutFailureReason,
    },
}

/// What a provider has sent somewhere for a disbursement, less what has come back of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// The account, by the provider's name of it.
    pub destination: String,
    pub amount: Money,
}

/// Who is led to a provider's page, and says there where the money of a shop goes.
#[derive(Debug, Clone)]
pub struct Onboarding {
    pub shop: Id<Shop>,
    pub person: Id<User>,
    /// The account that the provider made for the shop, if it makes any.
    pub account: Option<String>,
    /// Where they are led back to.
    pub return_url: String,
}

/// How the account of a shop stands with the provider that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStanding {
    /// Money can go there.
    Ready,
    /// Its owner has not said all that the provider asks everybody.
    Unfinished,
    /// The provider wants to know more.
    Wanting,
    /// The provider looks into what it was told.
    InReview,
    /// The provider does not deal with the shop.
    Refused,
    /// The provider does not know the account, or not as one of the market's: it is deleted, or cut off, or was made by other keys.
    Unknown,
}

/// What an event about the money of shops is about, by its word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShopNews {
    /// An account, by the provider's name of it, and whose it is said to be.
    Account { shop: Id<Shop>, account: String },
    /// What was sent under a key.
    Sent { key: String },
}
